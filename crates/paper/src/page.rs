//! The report of a run: claims, findings, tables, figures, and the settings that repeat the run.

use crate::ablation;
use crate::cell::{bounded, mean, undefined_of};
use crate::claims::{Results, WORTH, biased_fine_tuning, claims, grid, judged_again};
use crate::comparison;
use crate::data;
use crate::defaults;
use crate::error::Result;
use crate::findings::findings;
use crate::plots::Plot;
use crate::tables;
use crate::words;
use experiment::plan::Judged;
use experiment::plan::arm::{Arm, MethodName};
use experiment::results::compare::{SettingRecords, accuracy, beyond_constant, one_class, parity};
use experiment::results::study::Study;
use experiment::results::study::Variant;
use meta::AnyAlgorithm;
use report::page::{Figure, Report, Section, Table};

/// The report on all problems of a run.
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
        title: "Fair-MAML: the paper's claims and our results".into(),
        about: std::iter::once(
            "This report reproduces Slack, Friedler and Givental, Fair Meta-Learning: Learning \
             How to Learn Fairly (2019), with exact second-order meta-gradients."
                .into(),
        )
        .chain(not_the_defaults(studies))
        .collect(),
        definitions: words::definitions(),
        sources: words::sources(),
        reading: vec![
            format!(
                "Differences between methods are paired: both methods use the same tasks, support \
                 rows and query rows in the same run. A mean is taken over the tasks of a run, \
                 and then over the runs. Intervals are 95% intervals by Student's t over the \
                 runs. Intervals of rates are computed on the scale of log-odds, so that they \
                 stay between 0 and 1. On Communities and Crime all runs draw their held-out \
                 states from the same few states, so an interval is the wider of two: over runs, \
                 and over states by the jackknife. Some \
                 values do not exist, for example the ratio of two groups if one is empty or \
                 nobody is accepted. Such values are left out and counted. A difference below \
                 {WORTH} in accuracy or fairness is too small to matter. For areas the limit \
                 is half of that."
            ),
            "Each claim has parts. A part is refuted if the interval excludes every effect that is \
             large enough to matter. Otherwise it is borne out if the whole interval is on the \
             claimed side of zero. It is open if neither is so. A claim holds if all its parts are \
             borne out. It holds in part if some are. It does not hold if none is borne out and one \
             is refuted, or if a necessary part is refuted."
                .into(),
        ],
        claims: claims(studies).into_iter().map(|claim| claim.under(under(studies))).collect(),
        findings: findings(studies),
        sections,
        glossary: words::glossary(),
        provenance: provenance(studies),
    })
}

/// One phrase for the settings of the run.
fn under(studies: &[Study]) -> String {
    match studies.iter().any(|study| !defaults::changes(&study.plan).is_empty()) {
        true => "the settings of this run, which differ from the paper's".into(),
        false => "the paper's settings, with each open question read literally".into(),
    }
}

/// A warning if the settings differ from the defaults, which are the paper's.
pub fn not_the_defaults(studies: &[Study]) -> Option<String> {
    let changed: Vec<String> =
        studies.iter().flat_map(|study| defaults::changes(&study.plan)).collect();
    let mut used = studies.iter().map(|study| study.plan.algorithm);
    let replaced = used.find(|algorithm| *algorithm != AnyAlgorithm::default());
    let stands = replaced.map_or(String::new(), |algorithm| {
        let [plain, fair] = [false, true].map(|is_regularized| algorithm.title(is_regularized));
        format!(
            " Where a claim or a finding says MAML or Fair-MAML, it is about {plain} or {fair}."
        )
    });
    (!changed.is_empty()).then(|| {
        format!(
            "The default settings are the paper's. This run differs from them in: {}. Its verdicts \
             are about the settings of this run only.{stands}",
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
    let (head, rows) = tables::cells(&study.plan, &study.summary, bounded);
    let figure = |plot: &Plot| Figure {
        file: plot.file.clone(),
        caption: plot.caption.clone(),
        svg: plot.svg.clone(),
        description: plot.caption.clone(),
    };
    Section {
        heading: study.plan.problem.title().into(),
        text: std::iter::once(tables::note(&study.plan)).chain(comparison::ends(study)).collect(),
        tables: std::iter::once(Table {
            caption: "Every method after adaptation to K rows".into(),
            head,
            rows,
            numeric_from: 2,
        })
        .chain(comparison::table(study))
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
    arms.extend(
        plan.compared
            .iter()
            .flat_map(|&algorithm| {
                let by = |arm| Arm { algorithm: Some(algorithm), ..arm };
                [by(arms[0]), by(arms[1])]
            })
            .collect::<Vec<_>>(),
    );
    arms.extend([Arm::plain(MethodName::Pretrained), Arm::plain(MethodName::Scratch)]);
    if plan.laftr.is_some() {
        arms.extend([Arm::plain(MethodName::Laftr), plan.shown(MethodName::Laftr)]);
    }
    let row = |arm: Arm, rows: usize| {
        let adaptation = plan.shown_adaptation(arm);
        let side = SettingRecords::of(records, arm, adaptation).with_support(rows);
        let (accuracy, parity) = (side.mean(accuracy), side.mean(parity));
        (!side.is_empty()).then(|| {
            vec![
                plan.label(arm).into_owned(),
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
        heading: format!("{}: the number of support rows", plan.problem.title()),
        text: vec![format!(
            "This table uses the held-out states with at least {} communities. Each support set of \
             a state contains the smaller ones. All are judged on the rows outside the largest \
             one. Parity is min(r, 1/r).",
            most + experiment::plan::FEWEST_QUERIES
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

/// The claims about biased fine-tuning under other readings.
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
            "Each row changes one reading. All rows use the paper's {} meta-iterations and biased \
             support rows. Each row compares Fair-MAML with the pre-trained network at the \
             same γ, fine-tuned at {}, and with the better constant decision under the same \
             reading. \"One class\" is the share of tasks in which Fair-MAML gives every row \
             the same decision.",
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
    // If all tasks of a run are counted together, the share of single tasks is unknown.
    let alike = match variant.plan.judged {
        Judged::TaskByTask => mean(ours.mean(one_class), false),
        Judged::Together => report::number::UNDEFINED.into(),
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
            "{} − pre-trained network (fine-tuned at {}), by both γ",
            study.plan.algorithm.title(true),
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

    /// One row for each arm and number of support rows.
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
