//! The ablation: a reference plan, and variants that each change one reading of the paper.

use crate::cell::{mean, undefined_of};
use experiment::plan::arm::Arm;
use experiment::plan::{Plan, Problem};
use experiment::results::compare::{accuracy, parity};
use experiment::results::study::Variant;
use report::page::{Section, Table};

/// The arms of a variant that have results or errors. Decisions with a target for parity appear
/// only in figures.
fn told(variant: &Variant) -> Vec<Arm> {
    let mut arms = variant.plan.arms();
    arms.retain(|arm| arm.target.is_none());
    arms.retain(|&arm| !variant.shown(arm).is_empty() || variant.stopped(arm).next().is_some());
    arms
}

/// The effect of each reading of a problem; the reference comes first.
pub fn section(variants: &[Variant]) -> Section {
    let reference = &variants[0];
    let plan = &reference.plan;
    let rows = variants
        .iter()
        .flat_map(|variant| told(variant).into_iter().map(move |arm| row(reference, variant, arm)));
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
    let about = format!(
        "Each row changes one reading of the reference, which has {} runs of {} \
         meta-iterations{}{}. Each change is paired with the reference by run and task. If a \
         reading changes the tasks themselves, the pairs have the same position in the run; \
         the change is n/a if fewer than half of the tasks have a partner. If all tasks of a \
         run are counted together, changes are paired by run. Parity is min(r, 1/r).",
        plan.seeds,
        plan.iterations,
        epochs_of(plan),
        support_of(plan)
    );
    Section {
        heading: format!("{}: other readings of the paper", plan.problem.title()),
        text: std::iter::once(about).chain(variants.iter().flat_map(ends)).collect(),
        tables: vec![Table {
            caption: "The effect of each reading".into(),
            head: head.map(String::from).into(),
            rows: rows.collect(),
            numeric_from: 3,
        }],
        figures: Vec::new(),
        subsections: Vec::new(),
    }
}

fn epochs_of(plan: &Plan) -> String {
    let laftr = plan.laftr.as_ref();
    laftr.map_or(String::new(), |laftr| format!(", {} epochs of LAFTR", laftr.settings.epochs))
}

fn support_of(plan: &Plan) -> &'static str {
    match &plan.problem {
        Problem::Synthetic { support: tasks::SupportDraw::Random, .. } => {
            " and random support rows"
        }
        _ => "",
    }
}

/// A sentence for each arm of a reading whose runs ended with an error.
pub fn ends(variant: &Variant) -> Vec<String> {
    let (decision, reading) = variant.names();
    let sentence = |arm: Arm| {
        let mut stopped = variant.stopped(arm);
        let first = stopped.next()?;
        Some(format!(
            "{decision}: {reading}. {} of {} runs of {} stopped. The first error was: {}.",
            1 + stopped.count(),
            variant.plan.seeds,
            variant.plan.label(arm),
            first.reason
        ))
    };
    variant.plan.arms().into_iter().filter_map(sentence).collect()
}

/// The results of one arm under one variant.
fn row(reference: &Variant, variant: &Variant, arm: Arm) -> Vec<String> {
    let ours = variant.shown(arm);
    let (decision, reading) = variant.names();
    let change = |quantity| match variant.reading {
        None => String::new(),
        Some(_) => mean(variant.change_from(reference, arm, quantity), true),
    };
    vec![
        decision.into(),
        reading.into(),
        reference.plan.label(arm).into_owned(),
        arm.gamma.to_string(),
        mean(ours.mean(accuracy), false),
        change(accuracy),
        mean(ours.mean(parity), false),
        change(parity),
        undefined_of(ours.mean(parity)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::csv::{ablation_lines, csv};
    use crate::defaults;
    use experiment::plan::Judged;
    use experiment::plan::Reading;
    use experiment::plan::arm::MethodName;
    use experiment::planted;
    use experiment::results::compare::Compared;
    use experiment::results::study::Stopped;
    use experiment::results::study::Study;

    /// A variant of a plan with the same accuracy and ratio in every record.
    fn variant(plan: &Plan, reading: Option<&str>, values: (f64, f64)) -> Variant {
        let reading = reading.map(|name| Reading {
            decision: "a decision".into(),
            reading: name.into(),
            changes: serde_json::json!({}),
        });
        let records = planted::study(plan.clone(), |_| values).records;
        Variant { reading, plan: plan.clone(), records, stopped: Vec::new() }
    }

    fn plan() -> Plan {
        let seeds = std::num::NonZeroU64::new(10).unwrap();
        Plan { methods: vec![MethodName::Meta], seeds, ..defaults::synthetic() }
    }

    /// A study with one reading that raises accuracy by 0.1 and lowers parity by 0.3.
    fn study() -> Study {
        let variants = [(None, (0.6, 0.9)), (Some("another"), (0.7, 0.6))]
            .map(|(reading, values)| variant(&plan(), reading, values));
        Study { variants: variants.into(), ..planted::study(plan(), |_| (0.5, 1.0)) }
    }

    /// In the report and in the file, a change is the reading's value minus the reference's.
    #[test]
    fn changes_have_their_signs() {
        let study = study();
        let table = &section(&study.variants).tables[0];
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
        let text = csv("ablation", ablation_lines(&study.variants)).unwrap();
        let changes: Vec<f64> = text
            .lines()
            .filter(|line| line.contains(",another,"))
            .map(|line| line.split(',').nth(8).unwrap().parse().unwrap())
            .collect();
        assert_eq!(changes.len(), 3 * arms);
        for three in changes.chunks(3) {
            for (found, expected) in three.iter().zip([0.1, -0.3, -0.3]) {
                assert!((found - expected).abs() < 1e-12, "{three:?}");
            }
        }
    }

    /// If all tasks of a run are counted together, changes are paired by run, not by task.
    #[test]
    fn what_is_judged_together_is_paired_by_run() {
        let reference = variant(&plan(), None, (0.6, 0.9));
        let mut together = variant(&plan(), Some("together"), (0.8, 0.5));
        together.records.retain(|record| record.task == "task 0");
        together.records.iter_mut().for_each(|record| record.task = "all tasks".into());
        let arm = Arm::plain(MethodName::Meta);
        assert_eq!(together.change_from(&reference, arm, accuracy), Compared::default());
        together.plan.judged = Judged::Together;
        let change = together.change_from(&reference, arm, accuracy);
        assert!((change.mean.unwrap().mean - 0.2).abs() < 1e-12);
        assert_eq!((change.undefined, change.tasks), (0, 10));
        // An undefined ratio in one run removes one pair.
        for record in together.records.iter_mut().filter(|record| record.seed == 3) {
            record.demographic_parity_closeness = None;
        }
        let change = together.change_from(&reference, arm, parity);
        assert!((change.mean.unwrap().mean + 0.4).abs() < 1e-12);
        assert_eq!((change.undefined, change.tasks), (1, 10));
        // The pairing also works in the other direction.
        let back = reference.change_from(&together, arm, accuracy);
        assert!((back.mean.unwrap().mean + 0.2).abs() < 1e-12);
        assert_eq!(back.tasks, 10);
    }

    /// A reading that ends with an error has a row without values, and a sentence.
    #[test]
    fn what_stopped_is_told() {
        let arm = plan().shown(MethodName::Meta);
        let mut refusing = variant(&plan(), Some("refuse"), (0.6, 0.9));
        refusing.records.retain(|record| record.notion.is_none());
        let stop = |seed| Stopped { arms: vec![arm], reason: format!("seed {seed}: nobody") };
        refusing.stopped = (0..7).map(stop).collect();
        let study = Study {
            variants: vec![variant(&plan(), None, (0.6, 0.9)), refusing],
            ..planted::study(plan(), |_| (0.5, 1.0))
        };
        let section = section(&study.variants);
        let rows = section.tables[0].rows.iter().filter(|row| row[1] == "refuse");
        let rows: Vec<String> = rows.map(|row| row[2..].join(" | ")).collect();
        assert_eq!(
            rows,
            [
                "MAML | 0 | 0.600 ± 0.000 | 0.000 ± 0.000 | 0.900 ± 0.000 | 0.000 ± 0.000 | 0 of 20",
                "Fair-MAML | 10 | n/a | n/a | n/a | n/a | 0 of 0",
            ]
        );
        let [_, said] = &section.text[..] else { panic!("two paragraphs") };
        for part in ["a decision: refuse", "7 of 10 runs of Fair-MAML", "seed 0: nobody"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        let text = csv("ablation", ablation_lines(&study.variants)).unwrap();
        let lines: Vec<&str> = text.lines().filter(|line| line.contains(",refuse,")).collect();
        let stopped = lines.iter().filter(|line| line.ends_with(",,,,,0,0,0,7")).count();
        assert_eq!(stopped, 3, "{lines:?}");
    }
}
