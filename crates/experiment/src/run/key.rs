//! The settings that a job depends on.
//!
//! Each method names the settings that it reads. These settings form the key of a job, which
//! identifies finished parts and shared trainings. If a method read a setting without naming it, it
//! could reuse a training under another value. So a test changes every setting of a plan and
//! compares the results.

use serde_json::{Map, Value};

use crate::method::{FIRST_NOTION, Reads};
use crate::plan::{Arm, Plan};

/// Settings that no training reads: those of held-out tasks, and of LAFTR's network on their codes.
const OF_TESTS_ALONE: [&[&str]; 10] = [
    &["problem", "synthetic", "test_tasks"],
    &["problem", "synthetic", "support"],
    &["problem", "synthetic", "generator", "test_labels"],
    &["problem", "synthetic", "generator", "positive_gaussian"],
    &["laftr", "hidden"],
    &["laftr", "logits"],
    &["laftr", "rate"],
    &["laftr", "epochs"],
    &["laftr", "epochs_shown"],
    &["laftr", "support_rows"],
];

/// All settings, except the seed, that the results of a job depend on, as JSON.
pub fn of_job(plan: &Plan, arms: &[Arm]) -> String {
    let (all, mut settings) = (fields(plan), training(plan, arms));
    for arm in arms {
        let reads = arm.method.implementation().reads();
        // With the whole problem, because the held-out tasks are a part of it.
        settings.extend(picked(&all, reads.judging));
        if plan.adapts_with_gamma(*arm) {
            settings.extend(picked(&all, reads.regularized));
        }
    }
    text(&settings, arms)
}

/// All settings, except the seed, that the training of a job depends on, as JSON.
pub fn of_training(plan: &Plan, arms: &[Arm]) -> String {
    text(&training(plan, arms), arms)
}

fn training(plan: &Plan, arms: &[Arm]) -> Map<String, Value> {
    let (mut all, mut settings) = (fields(plan), Map::new());
    for path in OF_TESTS_ALONE {
        remove(&mut all, path);
    }
    for arm in arms {
        let Reads { training, regularized, .. } = arm.method.implementation().reads();
        settings.extend(picked(&all, training));
        if arm.notion.is_some() {
            settings.extend(picked(&all, regularized));
        }
    }
    settings
}

/// Removes the setting at a path of names, if it exists.
fn remove(settings: &mut Map<String, Value>, path: &[&str]) {
    match path {
        [] => {}
        [name] => drop(settings.remove(*name)),
        [first, rest @ ..] => {
            if let Some(Value::Object(inner)) = settings.get_mut(*first) {
                remove(inner, rest);
            }
        }
    }
}

fn fields(plan: &Plan) -> Map<String, Value> {
    let Ok(Value::Object(mut fields)) = serde_json::to_value(plan.clone().bare()) else {
        unreachable!("a plan is an object of JSON")
    };
    let notion = serde_json::to_value(plan.sweeps[0].notion).expect("a name");
    fields.insert(FIRST_NOTION.into(), notion);
    fields
}

fn picked<'a>(
    all: &'a Map<String, Value>,
    lists: &'a [&[&str]],
) -> impl Iterator<Item = (String, Value)> + 'a {
    lists.iter().copied().flatten().map(|name| {
        let value = all.get(*name).unwrap_or_else(|| panic!("a plan has no setting {name}"));
        ((*name).to_owned(), value.clone())
    })
}

fn text(settings: &Map<String, Value>, arms: &[Arm]) -> String {
    serde_json::to_string(&(settings, arms)).expect("JSON as text")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{MethodName, Plan, Problem};
    use crate::progress::Silent;
    use crate::results::trained::Trained;
    use crate::run::job::{Job, jobs};
    use crate::run::prepare::Source;
    use crate::run::train::{Known, train};
    use crate::sample;
    use serde_json::json;
    use std::num::NonZeroU64;

    /// All methods, with very little training on few tasks.
    fn tiny(plan: Plan) -> Plan {
        let mut plan = sample::quick(plan);
        plan.seeds = NonZeroU64::MIN;
        plan.fine_tuning_gammas = vec![2.0];
        plan.iterations = NonZeroU64::new(2).unwrap();
        plan.scratch.epochs = NonZeroU64::new(3).unwrap();
        if let Problem::Synthetic { training_tasks, test_tasks, .. } = &mut plan.problem {
            (*training_tasks, *test_tasks) = (NonZeroU64::new(8).unwrap(), NonZeroU64::MIN);
        }
        plan
    }

    /// The result of a job of a plan; an error is also a result.
    fn result(plan: &Plan, arms: &[Arm]) -> Result<Vec<Trained>, String> {
        let source = Source::open(plan).map_err(|error| error.to_string())?;
        let prepared = source.prepare(plan, 0).map_err(|error| error.to_string())?;
        let job = Job { arms: arms.to_vec() };
        train(plan, &prepared, &job, &Known::default(), &Silent).map_err(|error| error.to_string())
    }

    /// Other values of settings, as patches. Every setting of a plan is in one of them.
    fn changes(problem: &Problem) -> Vec<Value> {
        let mut changes = vec![
            json!({ "iterations": 3 }),
            json!({ "k": 4 }),
            json!({ "episodes_per_task": 1, "cached_batches": null }),
            json!({ "cached_batches": 1 }),
            json!({ "queries": "independent" }),
            json!({ "labels": "randomly-flipped" }),
            json!({ "tasks_per_batch": 2 }),
            json!({ "inner": { "rate": 0.7 } }),
            json!({ "inner": { "steps": 2 } }),
            json!({ "meta_rate": 0.05 }),
            json!({ "algorithm": "fomaml" }),
            json!({ "initialization": "glorot" }),
            json!({ "network": { "activation": "tanh" } }),
            json!({ "reading": "published-code" }),
            json!({ "absent_group": "refuse" }),
            json!({ "protected_group": "the-other" }),
            json!({ "pretraining": "step-per-batch" }),
            json!({ "pretraining_rate": 0.05 }),
            json!({ "fine_tuning": "row-by-row" }),
            json!({ "fine_tuning_rates": [0.05, 0.1, 0.3], "fine_tuning_shown": 0.1 }),
            json!({ "fine_tuning_gammas": [0.5, 3.0] }),
            json!({ "support_rows": 3 }),
            json!({ "adaptation": { "rate": 0.9, "steps": 2 } }),
            json!({ "scratch": { "rate": 0.05 } }),
            json!({ "points": [0, 3] }),
            json!({ "sweeps": [{ "notion": "equal-opportunity", "gammas": [1.0] }], "gamma_shown": 1.0 }),
            json!({ "judged": "together" }),
            json!({ "seeds": 2 }),
        ];
        match problem {
            Problem::Synthetic { .. } => {
                changes.push(json!({ "training_support": "positive-protected" }));
                let all = [
                    json!({ "training_tasks": 7 }),
                    json!({ "test_tasks": 2 }),
                    json!({ "support": "random" }),
                    json!({ "generator": { "points": 150 } }),
                    json!({ "generator": { "slope": [-1.0, 1.0] } }),
                    json!({ "generator": { "intercept": [-1.0, 1.0] } }),
                    json!({ "generator": { "positive_side": "below" } }),
                    json!({ "generator": { "positive_gaussian": "upper" } }),
                    json!({ "generator": { "test_labels": "lines" } }),
                    json!({ "generator": { "angle": "radians" } }),
                    json!({ "generator": { "components": "coin" } }),
                ];
                changes.extend(all.map(|change| json!({ "problem": { "synthetic": change } })));
            }
            Problem::Table(_) => unreachable!("the samples are the paper's problems"),
            Problem::Communities { .. } => {
                let all = [
                    json!({ "positive": "high-crime" }),
                    json!({ "protected": "largest" }),
                    json!({ "scaling": "none" }),
                    json!({ "min_rows": 40 }),
                    json!({ "held_out": 4 }),
                ];
                let of_config =
                    |change| json!({ "problem": { "communities": { "config": change } } });
                changes.extend(all.map(of_config));
                changes.extend([
                    json!({ "laftr": { "rate": 0.1 } }),
                    json!({ "laftr": { "hidden": 5 } }),
                    json!({ "laftr": { "logits": "one" } }),
                    json!({ "laftr": { "epochs": [2, 100] } }),
                    json!({ "laftr": { "settings": { "beta": 1.0 } } }),
                    json!({ "laftr": { "support_rows": 20 } }),
                ]);
            }
        }
        changes
    }

    /// Two jobs with the same key have the same result, and two with the same key of training have
    /// learned the same. Otherwise a run could use a part of another plan.
    #[test]
    fn what_changes_a_result_changes_the_key() {
        for plan in [sample::synthetic(), sample::communities()].map(tiny) {
            let plan = sample::with_probes(plan);
            let jobs = jobs(&plan);
            let reference: Vec<_> = jobs.iter().map(|job| result(&plan, &job.arms)).collect();
            assert!(reference.iter().all(Result::is_ok));
            for change in changes(&plan.problem) {
                let mut value = serde_json::to_value(&plan).unwrap();
                json_patch::merge(&mut value, &change);
                let other: Plan = serde_json::from_value(value).unwrap();
                assert!(other != plan, "{change} changes nothing");
                for (job, reference) in jobs.iter().zip(&reference) {
                    let own = &job.arms[..job.own()];
                    if of_training(&plan, own) != of_training(&other, own) {
                        continue;
                    }
                    let found = result(&other, &job.arms);
                    if of_job(&plan, &job.arms) == of_job(&other, &job.arms) {
                        assert!(found == *reference, "{change}: {:?}", job.arms[0]);
                    }
                    // A step may overflow after a shared training.
                    if let (Ok(found), Ok(reference)) = (&found, reference) {
                        let learned = |runs: &[Trained]| -> Vec<_> {
                            runs[..own.len()].iter().map(|run| run.learned.clone()).collect()
                        };
                        let same = learned(found) == learned(reference);
                        assert!(same, "{change}: what {:?} has learned", job.arms[0]);
                    }
                }
            }
        }
    }

    /// Settings that a method does not read are not in its key, so plans that differ only in them
    /// share a job. (A problem is in the key as a whole, so a key may change with a part that makes
    /// no difference.)
    #[test]
    fn a_key_changes_with_what_a_method_reads_alone() {
        use MethodName::*;
        let plan = tiny(sample::communities());
        let all = [Meta, Pretrained, Scratch, Laftr, Majority, Labels, OwnNetwork, ProbeRandom];
        let meta_learned = vec![Meta, Pretrained];
        let of_training_rows = vec![Meta, Pretrained, Laftr, Majority];
        for (change, readers) in [
            (json!({ "iterations": 3 }), meta_learned.clone()),
            (json!({ "k": 4 }), all.to_vec()),
            (json!({ "support_rows": 3 }), all.to_vec()),
            (json!({ "protected_group": "the-other" }), all.to_vec()),
            (json!({ "episodes_per_task": 1 }), meta_learned.clone()),
            (json!({ "cached_batches": 1 }), meta_learned.clone()),
            (json!({ "labels": "randomly-flipped" }), meta_learned.clone()),
            (json!({ "tasks_per_batch": 2 }), meta_learned.clone()),
            (json!({ "queries": "independent" }), of_training_rows.clone()),
            (json!({ "training_support": "positive-protected" }), of_training_rows),
            (json!({ "inner": { "rate": 0.7 } }), vec![Meta]),
            (json!({ "meta_rate": 0.05 }), vec![Meta]),
            (json!({ "algorithm": "fomaml" }), vec![Meta]),
            (json!({ "adaptation": { "rate": 0.9, "steps": 2 } }), vec![Meta]),
            (json!({ "initialization": "glorot" }), vec![Meta, Pretrained, Scratch, ProbeRandom]),
            (
                json!({ "network": { "activation": "tanh" } }),
                vec![Meta, Pretrained, Scratch, OwnNetwork, ProbeRandom],
            ),
            // Without a regularizer in training, the step has one if its γ varies.
            (json!({ "reading": "published-code" }), meta_learned.clone()),
            (json!({ "fine_tuning_gammas": [0.5, 3.0] }), meta_learned),
            (json!({ "pretraining": "step-per-batch" }), vec![Pretrained]),
            (json!({ "pretraining_rate": 0.05 }), vec![Pretrained]),
            (json!({ "fine_tuning": "row-by-row" }), vec![Pretrained]),
            (json!({ "fine_tuning_shown": 1e-3 }), vec![Pretrained]),
            (json!({ "scratch": { "rate": 0.05 } }), vec![Scratch, OwnNetwork]),
            (json!({ "laftr": { "rate": 0.1 } }), vec![Laftr]),
            (json!({ "laftr": { "logits": "one" } }), vec![Laftr]),
            (json!({ "points": [0, 3] }), vec![Meta, Pretrained, Scratch, Laftr, ProbeRandom]),
            (json!({ "seeds": 9 }), vec![]),
            (json!({ "judged": "together" }), vec![]),
            (json!({ "methods": ["meta"] }), vec![]),
        ] {
            let mut value = serde_json::to_value(&plan).unwrap();
            json_patch::merge(&mut value, &change);
            let other: Plan = serde_json::from_value(value).unwrap();
            for method in all {
                let arms = [Arm::plain(method)];
                let changed = of_job(&plan, &arms) != of_job(&other, &arms);
                assert_eq!(changed, readers.contains(&method), "{change}, {method:?}");
            }
        }
    }
}
