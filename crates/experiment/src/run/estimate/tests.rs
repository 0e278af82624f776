use super::*;
use crate::plan::{Ablation, MethodName, Reading, Sweep};
use crate::sample;
use serde_json::{Value, json};
use std::num::{NonZeroU64, NonZeroUsize};

fn estimate(plan: &Plan) -> Estimate {
    let all = Limits { memory: u64::MAX, work: f64::MAX };
    of_plan(plan, None, 2, all, 0.0).unwrap()
}

/// The plan after a patch, without the checks of a plan.
fn with(plan: &Plan, path: &str, to: Value) -> Plan {
    let mut value = serde_json::to_value(plan).unwrap();
    *value.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = to;
    serde_json::from_value(value).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_record_is_below_the_limits() {
    for plan in [sample::synthetic(), sample::communities()] {
        for threads in [1, 2, 64] {
            check(std::slice::from_ref(&plan), threads, Limits::default(), |_| 0.0).unwrap();
        }
        assert!(estimate(&plan).bytes() < 2e9, "{:?}", estimate(&plan));
    }
}

/// Memory and work grow with every size, up to the largest that a manifest can have.
#[test]
fn it_grows_with_each_size_and_stays_finite() {
    let mut plan = Plan { points: vec![5, 10], ..sample::synthetic().bare() };
    plan.laftr = sample::communities().laftr;
    plan.methods = vec![MethodName::Meta, MethodName::Pretrained, MethodName::Laftr];
    plan.methods.extend([MethodName::Scratch, MethodName::GroupThresholds]);
    plan.targets = vec![0.5];
    let plan = sample::with_probes(plan);
    let sizes = [3u64, 100, 100_000, 1 << 40, 1 << 53, u64::MAX];
    let of_tasks = "/problem/synthetic";
    for (path, memory, work) in [
        ("/seeds", true, true),
        ("/iterations", false, true),
        ("/k", false, false),
        ("/tasks_per_batch", true, true),
        ("/episodes_per_task", true, true),
        ("/inner/steps", true, true),
        ("/support_rows", false, false),
        ("/scratch/epochs", false, true),
        ("/laftr/settings/hidden", true, true),
        ("/laftr/settings/code", true, true),
        ("/laftr/settings/batch", false, false),
        ("/laftr/settings/epochs", false, true),
        (&format!("{of_tasks}/training_tasks"), true, true),
        (&format!("{of_tasks}/test_tasks"), true, true),
    ] {
        // More seeds are above every limit before their jobs are listed, and inner steps are
        // counted as integers. A plan has at most 10,000 of each.
        let is_counted = ["/seeds", "/inner/steps"].contains(&path);
        let sizes = if is_counted { &sizes[..4] } else { &sizes[..] };
        let estimates: Vec<Estimate> =
            sizes.iter().map(|&size| estimate(&with(&plan, path, json!(size)))).collect();
        for pair in estimates.windows(2) {
            let (less, more) = (&pair[0], &pair[1]);
            assert!(more.bytes().is_finite() && more.multiply_adds().is_finite(), "{path}");
            assert!(less.bytes() <= more.bytes(), "{path}: {less:?} {more:?}");
            assert!(less.multiply_adds() <= more.multiply_adds(), "{path}: {less:?} {more:?}");
        }
        let (first, last) = (&estimates[0], &estimates[estimates.len() - 1]);
        assert!(!memory || last.bytes() > 2.0 * first.bytes(), "{path}");
        assert!(!work || last.multiply_adds() > 2.0 * first.multiply_adds(), "{path}");
    }
}

/// Sizes that are all accepted one by one are refused as a product, with their names.
#[test]
fn a_product_of_accepted_sizes_is_refused() {
    let plan = sample::quick(sample::synthetic());
    let many = |n| NonZeroU64::new(n).unwrap();
    let rows = |n| NonZeroUsize::new(n).unwrap();
    let (problem, generator) = ("/problem/synthetic", "/problem/synthetic/generator/points");
    let large = with(&plan, generator, json!(1_000_000));
    let large = with(&large, &format!("{problem}/training_tasks"), json!(100));
    let large = with(&large, &format!("{problem}/test_tasks"), json!(100));
    let gammas: Vec<f64> = (1..5_000).map(f64::from).collect();
    let sweeps = vec![Sweep { gammas, ..plan.sweeps[0].clone() }];
    let points = (1..1_000).collect();
    let network = json!([2, 3_000, 3_000, 2]);
    for (refused, named) in [
        (Plan { points, ..large }, "tasks × rows"),
        (Plan { seeds: many(10_000), sweeps, gamma_shown: 1.0, ..plan.clone() }, "seeds"),
        (Plan { episodes_per_task: Some(rows(10_000)), k: rows(100), ..plan.clone() }, "tasks"),
        (
            Plan {
                tasks_per_batch: rows(10_000),
                ..with(&plan, "/network/layers", network.clone())
            },
            "meta-learning",
        ),
        (
            with(&with(&plan, "/network/layers", network), "/inner/steps", json!(10_000)),
            "meta-learning",
        ),
    ] {
        assert_eq!(refused.check(), Ok(()), "{named}");
        let error = check(&[refused], 2, Limits::default(), |_| 0.0).unwrap_err().to_string();
        assert!(error.starts_with("the run on synthetic tasks needs about"), "{error}");
        assert!(error.contains(&format!("are for {named}")), "{error}");
        assert!(error.contains("more than the 8.0 GB of --memory"), "{error}");
    }
    let long = Plan { iterations: many(1_000_000_000), seeds: many(10_000), ..plan };
    let limits = Limits { memory: u64::MAX, ..Limits::default() };
    let error = check(&[long], 2, limits, |_| 0.0).unwrap_err().to_string();
    assert!(error.contains("more than the 1.0e18 of --work"), "{error}");
}

/// The results of the first problem are still there while the second one runs.
#[test]
fn results_of_problems_add_up() {
    let plans = [sample::synthetic(), sample::communities()];
    let [first, second] = plans.each_ref().map(estimate);
    let needed = (second.bytes() + first.kept()).max(first.bytes());
    let limit = |bytes: f64| Limits { memory: bytes as u64, ..Limits::default() };
    check(&plans, 2, limit(needed + 1e3), |_| 0.0).unwrap();
    let error = check(&plans, 2, limit(needed - 1e3), |_| 0.0).unwrap_err().to_string();
    assert!(error.contains("needs about"), "{error}");
}

/// A short patch makes a whole plan, so many of them are refused before they are made.
#[test]
fn variants_are_bounded_together() {
    let reading = Reading { decision: String::new(), reading: String::new(), changes: json!({}) };
    let with = |readings: usize, rates: usize| {
        let mut plan = sample::quick(sample::synthetic());
        plan.fine_tuning_rates = (0..rates).map(|i| i as f64).collect();
        plan.fine_tuning_shown = 0.0;
        let readings = vec![reading.clone(); readings];
        plan.ablation = Some(Ablation { reference: json!({}), readings });
        plan.check()
    };
    assert_eq!(with(20, 100), Ok(()));
    let error = with(2_000, 9_000).unwrap_err();
    assert!(error.starts_with("companions and ablation must have at most"), "{error}");
    let error = with(1, 10_001).unwrap_err();
    assert!(error.starts_with("fine_tuning_rates must have at most 10000 values"), "{error}");
}

/// The tasks of one seed are counted, and those of a table are counted with the table.
#[test]
fn tasks_are_counted_where_they_are() {
    assert!(of_tasks(&sample::communities().bare()) > 1e6);
    let plan = sample::of_table();
    let of = |[tasks, rows, most_rows]: [usize; 3]| {
        let all = Limits { memory: u64::MAX, work: f64::MAX };
        let table = TableSize { tasks, rows, most_rows };
        of_plan(&plan, Some(table), 2, all, 0.0).unwrap()
    };
    let base = of([100, 10_000, 200]);
    // Outcomes grow with the tasks, and what is judged at once with the largest task.
    for larger in [[100_000, 10_000_000, 200], [100, 10_000, 9_000_000]] {
        assert!(of(larger).bytes() > 2.0 * base.bytes(), "{larger:?}");
    }
    // More rows are more work. The table itself is counted by the one who reads it.
    let more = of([100, 1_000_000, 200]);
    assert!(more.multiply_adds() > base.multiply_adds());
    assert_eq!(more.bytes(), base.bytes());
}
