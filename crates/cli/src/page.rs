//! The report of a run: claims, findings, tables, figures, and what is needed to repeat it.

use crate::arm::{Algorithm, Arm};
use crate::claims::{WORTH, claims};
use crate::compare::{Compared, Side, accuracy, parity};
use crate::experiment::{Study, Variant};
use crate::findings::findings;
use crate::plan::Plan;
use crate::plots::Plot;
use crate::report::number::decimal;
use crate::report::{Figure, Report, Section, Table};
use crate::table;

/// The report on everything that was run.
pub fn report(studies: &[Study], figures: &[Vec<Plot>]) -> Report {
    let mut sections: Vec<Section> =
        studies.iter().zip(figures).map(|(study, figures)| problem(study, figures)).collect();
    sections.extend(studies.iter().filter(|study| !study.points.is_empty()).map(points));
    sections.extend(studies.iter().filter(|study| study.variants.len() > 1).map(ablation));
    Report {
        title: "Fair-MAML: what the paper claims, and what was found here".into(),
        lead: vec![
            "Slack, Friedler and Givental, Fair Meta-Learning: Learning How to Learn Fairly (2019), \
             reproduced with exact second-order meta-gradients."
                .into(),
            format!(
                "Differences between methods are paired: the same tasks, the same support rows, the \
                 same query rows, in the same run. Means are over the tasks of a run, then over runs; \
                 intervals are 95% by Student's t over runs. Runs draw their held-out states from the \
                 same few, so that intervals on Communities and Crime are somewhat too narrow. A value \
                 that does not exist, a ratio over an empty group, is left out and counted. A \
                 difference below {WORTH} in accuracy or in fairness is taken for one that is not worth \
                 having; half of that for areas."
            ),
            "A part of a claim is borne out if its whole interval lies on the claimed side, refuted if \
             it excludes any effect worth having, and open otherwise. A claim holds if all its parts \
             are borne out, in part if some are, and does not hold if none is and one is refuted, or if a \
             part is refuted without which the others say nothing."
                .into(),
        ],
        claims: claims(studies),
        findings: findings(studies),
        sections,
        provenance: provenance(studies),
    }
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
    let (head, rows) = table::cells(&study.plan, &study.summary);
    let figure = |plot: &Plot| Figure {
        file: plot.file.clone(),
        caption: plot.caption.clone(),
        svg: plot.svg.clone(),
        description: plot.caption.clone(),
    };
    Section {
        heading: study.plan.problem.title().into(),
        text: vec![table::note(&study.plan)],
        tables: vec![Table {
            caption: "Every method after adaptation to K rows".into(),
            head,
            rows,
            numeric_from: 2,
        }],
        figures: figures.iter().map(figure).collect(),
    }
}

/// "0.744 ± 0.021", with a sign where it is a difference.
fn number(compared: Compared, signed: bool) -> String {
    let Some(mean) = compared.mean else { return table::UNDEFINED.into() };
    let value = decimal(mean.mean, signed);
    mean.half_width.map_or(value.clone(), |half| format!("{value} ± {half:.3}"))
}

/// Undefined of all.
fn undefined(compared: Compared) -> String {
    format!("{} of {}", compared.undefined, compared.tasks)
}

/// Accuracy and parity by the number of support rows.
fn points(study: &Study) -> Section {
    let Study { plan, points: records, .. } = study;
    let mut arms = vec![Arm::plain(Algorithm::Meta), plan.shown(Algorithm::Meta)];
    arms.extend([Arm::plain(Algorithm::Pretrained), Arm::plain(Algorithm::Scratch)]);
    if plan.laftr.is_some() {
        arms.extend([Arm::plain(Algorithm::Laftr), plan.shown(Algorithm::Laftr)]);
    }
    let row = |arm: Arm, rows: usize| {
        let adaptation = plan.shown_adaptation(arm);
        let side = Side::of(records, arm, adaptation).with_support(rows);
        let (accuracy, parity) = (side.mean(accuracy), side.mean(parity));
        (!side.is_empty()).then(|| {
            vec![
                arm.method().into(),
                arm.gamma.to_string(),
                rows.to_string(),
                number(accuracy, false),
                number(parity, false),
                undefined(parity),
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
            most + crate::prepare::FEWEST_QUERIES
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
    }
}

/// What each reading changes.
fn ablation(study: &Study) -> Section {
    let (reference, readings) = study.variants.split_first().expect("a reference");
    let plan = &reference.plan;
    let mut rows: Vec<Vec<String>> =
        plan.arms().iter().flat_map(|&arm| changed(reference, reference, arm)).collect();
    for variant in readings {
        rows.extend(variant.plan.arms().iter().flat_map(|&arm| changed(reference, variant, arm)));
    }
    let head = [
        "decision",
        "reading",
        "method",
        "γ",
        "accuracy",
        "change",
        "parity",
        "change",
        "undefined",
    ];
    Section {
        heading: format!("{}: other readings of the paper", study.plan.problem.title()),
        text: vec![format!(
            "One reading changed at a time from the reference, which has {} runs of {} meta-iterations{}. \
             Changes are paired with the reference by run and task; where a reading changes the tasks \
             themselves, by the task's place in the run, and there is no change (n/a) if fewer than half \
             of the tasks have a partner. Parity is min(r, 1/r).",
            plan.seeds,
            plan.iterations,
            support_of(plan)
        )],
        tables: vec![Table {
            caption: "What each reading changes".into(),
            head: head.map(String::from).into(),
            rows,
            numeric_from: 3,
        }],
        figures: Vec::new(),
    }
}

fn support_of(plan: &Plan) -> &'static str {
    match &plan.problem {
        crate::plan::Problem::Synthetic { support: tasks::SupportDraw::Random, .. } => {
            " and random support rows"
        }
        _ => "",
    }
}

/// One row of the ablation; none where the variant has not run the arm.
fn changed(reference: &Variant, variant: &Variant, arm: Arm) -> Option<Vec<String>> {
    let (ours, theirs) = (variant.shown(arm), reference.shown(arm));
    let (decision, reading) = match &variant.reading {
        None => ("reference".into(), "default".into()),
        Some(reading) => (reading.decision.clone(), reading.reading.clone()),
    };
    let change = |quantity| match variant.reading {
        None => String::new(),
        Some(_) => match ours.minus(&theirs, quantity) {
            change if 2 * change.tasks < ours.mean(quantity).tasks => table::UNDEFINED.into(),
            change => number(change, true),
        },
    };
    (!ours.is_empty()).then(|| {
        vec![
            decision,
            reading,
            arm.method().into(),
            arm.gamma.to_string(),
            number(ours.mean(accuracy), false),
            change(accuracy),
            number(ours.mean(parity), false),
            change(parity),
            undefined(ours.mean(parity)),
        ]
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::{ablation_lines, csv};
    use crate::plan::Reading;
    use crate::planted;

    /// A study whose one reading makes accuracy 0.1 better, and parity 0.3 worse.
    fn study() -> Study {
        let plan = Plan { methods: vec![Algorithm::Meta], ..Plan::synthetic() };
        let variant = |reading: Option<&str>, value| {
            let reading = reading.map(|name| Reading {
                decision: "a decision".into(),
                reading: name.into(),
                changes: serde_json::json!({}),
            });
            let records = planted::study(plan.clone(), |_| value).records;
            Variant { reading, plan: plan.clone(), records }
        };
        let variants = vec![variant(None, (0.6, 0.9)), variant(Some("another"), (0.7, 0.6))];
        Study { variants, ..planted::study(plan.clone(), |_| (0.5, 1.0)) }
    }

    /// In the report and in the file alike, a change is the reading's value less the reference's.
    #[test]
    fn changes_have_their_signs() {
        let study = study();
        let table = &ablation(&study).tables[0];
        let arms = study.plan.arms().len();
        assert_eq!(table.rows.len(), 2 * arms);
        for (i, row) in table.rows.iter().enumerate() {
            let cells: Vec<&str> = row.iter().map(String::as_str).collect();
            let expected = match i < arms {
                true => ["0.600 ± 0.000", "", "0.900 ± 0.000", ""],
                false => ["0.700 ± 0.000", "+0.100 ± 0.000", "0.600 ± 0.000", "−0.300 ± 0.000"],
            };
            assert_eq!(cells[4..8], expected);
            assert_eq!(cells[1], if i < arms { "default" } else { "another" });
        }
        let text = csv("ablation", ablation_lines(&study)).unwrap();
        let changes: Vec<f64> = text
            .lines()
            .filter(|line| line.contains(",another,"))
            .map(|line| line.split(',').nth(7).unwrap().parse().unwrap())
            .collect();
        assert_eq!(changes.len(), 3 * arms);
        for three in changes.chunks(3) {
            for (found, expected) in three.iter().zip([0.1, -0.3, -0.3]) {
                assert!((found - expected).abs() < 1e-12, "{three:?}");
            }
        }
    }

    /// A row for each arm and number of rows that was judged.
    #[test]
    fn points_by_their_numbers() {
        let study = planted::study(Plan::communities(), |cell| (cell.rows as f64 / 100.0, 1.0));
        for row in &points(&study).tables[0].rows {
            let rows: f64 = row[2].parse().unwrap();
            assert_eq!(row[3], format!("{:.3} ± 0.000", rows / 100.0));
        }
        // MAML, Fair-MAML, the pre-trained and the fresh network, LAFTR with and without adversary.
        assert_eq!(points(&study).tables[0].rows.len(), 6 * study.plan.points.len());
    }
}
