//! The report of a run: claims, findings, tables, figures, and what is needed to repeat it.

use crate::ablation;
use crate::claims::{Results, WORTH, biased_fine_tuning, claims, grid, judged_again};
use crate::data;
use crate::defaults;
use crate::error::Result;
use crate::findings::findings;
use crate::plots::Plot;
use crate::tables::{self, mean, undefined_of};
use crate::words;
use experiment::plan::Judged;
use experiment::plan::arm::{Arm, MethodName};
use experiment::results::compare::{Side, accuracy, beyond_constant, one_class, parity};
use experiment::results::study::Study;
use experiment::results::study::Variant;
use report::page::{Figure, Report, Section, Table};

/// The report on everything that was run.
pub fn report(studies: &[Study], figures: &[Vec<Plot>]) -> Result<Report> {
    let mut sections: Vec<Section> = studies.iter().map(data::section).collect::<Result<_>>()?;
    sections.extend(studies.iter().zip(figures).map(|(study, figures)| problem(study, figures)));
    sections.extend(studies.iter().filter(|study| !study.points.is_empty()).map(points));
    let is_synthetic =
        |study: &&Study| matches!(study.plan.problem, experiment::plan::Problem::Synthetic { .. });
    let again = studies.iter().filter(is_synthetic);
    let again = again.filter(|study| judged_again(&study.variants).next().is_some());
    sections.extend(again.map(claims_under));
    let ablations = studies.iter().filter(|study| study.variants.len() > 1);
    sections.extend(ablations.map(|study| ablation::section(&study.variants)));
    Ok(Report {
        title: "Fair-MAML: what the paper claims, and what was found here".into(),
        about: std::iter::once(
            "Slack, Friedler and Givental, Fair Meta-Learning: Learning How to Learn Fairly (2019), \
             reproduced with exact second-order meta-gradients."
                .into(),
        )
        .chain(not_the_defaults(studies))
        .collect(),
        definitions: words::definitions(),
        sources: words::sources(),
        reading: vec![
            format!(
                "Differences between methods are paired: the same tasks, the same support rows, the \
                 same query rows, in the same run. Means are over the tasks of a run, then over runs; \
                 intervals are 95% by Student's t over runs, of rates on the scale of log-odds, so that they stay \
                 between 0 and 1. Runs draw their held-out states from the \
                 same few, so that intervals on Communities and Crime are somewhat too narrow. A value \
                 that does not exist, as the ratio of a group that is empty or where nobody is \
                 accepted, is left out and counted. A \
                 difference below {WORTH} in accuracy or in fairness is taken for one that is not worth \
                 having; half of that for areas."
            ),
            "A part of a claim is refuted if its interval excludes any effect worth having, borne out if \
             the whole interval lies on the claimed side and its mean is worth having, and open \
             otherwise. A claim holds if all its parts \
             are borne out, in part if some are, and does not hold if none is and one is refuted, or if a \
             part is refuted without which the others say nothing."
                .into(),
        ],
        claims: claims(studies).into_iter().map(|claim| claim.under(under(studies))).collect(),
        findings: findings(studies),
        sections,
        glossary: words::glossary(),
        provenance: provenance(studies),
    })
}

/// The settings that claims are judged under, in a few words.
fn under(studies: &[Study]) -> String {
    match studies.iter().any(|study| !defaults::changes(&study.plan).is_empty()) {
        true => "the settings of this run, which are not all the paper's".into(),
        false => "the paper's settings, each open question read literally".into(),
    }
}

/// A warning, if a problem was not run at the default settings: these are the paper's.
pub fn not_the_defaults(studies: &[Study]) -> Option<String> {
    let changed: Vec<String> =
        studies.iter().flat_map(|study| defaults::changes(&study.plan)).collect();
    (!changed.is_empty()).then(|| {
        format!(
            "This run departs from the default settings, which are the paper's, in: {}. Its verdicts are \
             about the settings of this run alone.",
            changed.join("; ")
        )
    })
}

fn provenance(studies: &[Study]) -> Vec<(String, String)> {
    let mut rows = vec![
        ("program".into(), format!("fair-maml {}", env!("CARGO_PKG_VERSION"))),
        ("repeated by".into(), "fair-maml reproduce --manifest manifest.json".into()),
    ];
    for Study { plan, .. } in studies {
        let settings = format!(
            "{} runs (seeds 0 to {}), {} meta-iterations of {} tasks, K = {}, inner rate {}, meta \
             rate {}",
            plan.seeds,
            plan.seeds.get() - 1,
            plan.iterations,
            plan.tasks_per_batch,
            plan.k,
            plan.inner.rate(),
            plan.meta_rate
        );
        rows.push((plan.problem.name().into(), settings));
    }
    rows
}

fn problem(study: &Study, figures: &[Plot]) -> Section {
    let (head, rows) = tables::cells(&study.plan, &study.summary, tables::bounded);
    let figure = |plot: &Plot| Figure {
        file: plot.file.clone(),
        caption: plot.caption.clone(),
        svg: plot.svg.clone(),
        description: plot.caption.clone(),
    };
    Section {
        heading: study.plan.problem.title().into(),
        text: vec![tables::note(&study.plan)],
        tables: std::iter::once(Table {
            caption: "Every method after adaptation to K rows".into(),
            head,
            rows,
            numeric_from: 2,
        })
        .chain(gamma_grid(study))
        .collect(),
        figures: figures.iter().map(figure).collect(),
        subsections: Vec::new(),
    }
}

/// Accuracy and parity by the number of support rows.
fn points(study: &Study) -> Section {
    let Study { plan, points: records, .. } = study;
    let mut arms = vec![Arm::plain(MethodName::Meta), plan.shown(MethodName::Meta)];
    arms.extend([Arm::plain(MethodName::Pretrained), Arm::plain(MethodName::Scratch)]);
    if plan.laftr.is_some() {
        arms.extend([Arm::plain(MethodName::Laftr), plan.shown(MethodName::Laftr)]);
    }
    let row = |arm: Arm, rows: usize| {
        let adaptation = plan.shown_adaptation(arm);
        let side = Side::of(records, arm, adaptation).with_support(rows);
        let (accuracy, parity) = (side.mean(accuracy), side.mean(parity));
        (!side.is_empty()).then(|| {
            vec![
                arm.label().into(),
                arm.gamma.to_string(),
                rows.to_string(),
                mean(accuracy, false),
                mean(parity.clone(), false),
                undefined_of(parity),
            ]
        })
    };
    let rows =
        arms.iter().flat_map(|&arm| plan.points.iter().filter_map(move |&rows| row(arm, rows)));
    let most = plan.points.last().copied().unwrap_or(0);
    Section {
        heading: format!("{}: how many rows to adapt to", plan.problem.title()),
        text: vec![format!(
            "On held-out states with at least {} communities. The support sets of a state nest, and \
             all are judged on the rows outside the largest. Parity is min(r, 1/r).",
            most + experiment::run::prepare::FEWEST_QUERIES
        )],
        tables: vec![Table {
            caption: "Accuracy and parity by the number of support rows".into(),
            head: ["method", "γ", "rows", "accuracy", "parity", "undefined"]
                .map(String::from)
                .into(),
            rows: rows.collect(),
            numeric_from: 1,
        }],
        figures: Vec::new(),
        subsections: Vec::new(),
    }
}

/// What becomes of the claims about biased fine-tuning under other readings.
fn claims_under(study: &Study) -> Section {
    let rows = judged_again(&study.variants).flat_map(|variant| {
        let results = Results::from(variant);
        let [first, second] = biased_fine_tuning(Some(results));
        let words = [first.verdict.word(), second.verdict.word()];
        results.gammas().into_iter().map(move |gamma| claims_under_row(variant, gamma, words))
    });
    let head = [
        "decision",
        "reading",
        "claim 1",
        "claim 2",
        "γ",
        "accuracy",
        "− pre-trained",
        "− constant",
        "parity",
        "− pre-trained",
        "one class",
    ];
    Section {
        heading: format!("{}: claims 1 and 2 under other readings", study.plan.problem.title()),
        text: std::iter::once(format!(
            "One reading changed at a time, with the paper's {} meta-iterations and biased support \
             rows. Each row compares Fair-MAML with the pre-trained network at the same γ, \
             fine-tuned at {}, and with the better constant decision, all under the same reading. \
             \"One class\" is the share of tasks that Fair-MAML decides by one class.",
            study.plan.iterations, study.plan.fine_tuning_shown
        ))
        .chain(judged_again(&study.variants).flat_map(ablation::ends))
        .collect(),
        tables: vec![Table {
            caption: "Claims 1 and 2 under other readings".into(),
            head: head.map(String::from).into(),
            rows: rows.collect(),
            numeric_from: 4,
        }],
        figures: Vec::new(),
        subsections: Vec::new(),
    }
}

fn claims_under_row(variant: &Variant, gamma: f64, [first, second]: [&str; 2]) -> Vec<String> {
    let notion = variant.plan.sweeps[0].notion;
    let side = |method| variant.shown(Arm::regularized(method, notion, gamma));
    let (ours, theirs) = (side(MethodName::Meta), side(MethodName::Pretrained));
    let (decision, reading) = variant.names();
    // All tasks of a run together are never decided by one class where single tasks are.
    let alike = match variant.plan.judged {
        Judged::TaskByTask => mean(ours.mean(one_class), false),
        Judged::Together => tables::UNDEFINED.into(),
    };
    vec![
        decision.into(),
        reading.into(),
        first.into(),
        second.into(),
        gamma.to_string(),
        mean(ours.mean(accuracy), false),
        mean(ours.minus(&theirs, accuracy), true),
        mean(ours.mean_difference(beyond_constant), true),
        mean(ours.mean(parity), false),
        mean(ours.minus(&theirs, parity), true),
        alike,
    ]
}

/// Every γ in training with every γ in fine-tuning.
fn gamma_grid(study: &Study) -> Option<Table> {
    let rows: Vec<Vec<String>> = grid(Results::from(study))
        .into_iter()
        .map(|(trained, tuned, accuracy, fairness)| {
            vec![trained.to_string(), tuned.to_string(), mean(accuracy, true), mean(fairness, true)]
        })
        .collect();
    (!rows.is_empty()).then(|| Table {
        caption: format!(
            "Fair-MAML − the pre-trained network (fine-tuned at {}) over the two γ",
            study.plan.fine_tuning_shown
        ),
        head: ["γ in training", "γ in fine-tuning", "accuracy", "parity"].map(String::from).into(),
        rows,
        numeric_from: 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use experiment::planted;

    /// A row for each arm and number of rows that was judged.
    #[test]
    fn points_by_their_numbers() {
        let study = planted::study(defaults::communities(), |cell| (cell.rows as f64 / 100.0, 1.0));
        for row in &points(&study).tables[0].rows {
            let rows: f64 = row[2].parse().unwrap();
            assert_eq!(row[3], format!("{:.3} ± 0.000", rows / 100.0));
        }
        // MAML, Fair-MAML, the pre-trained and the fresh network, LAFTR with and without adversary.
        assert_eq!(points(&study).tables[0].rows.len(), 6 * study.plan.points.len());
    }
}
