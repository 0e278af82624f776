//! Plans as JSON, and the effect of patches on them.

use super::*;
use crate::defaults;

#[test]
fn a_plan_survives_json() {
    for plan in [defaults::synthetic(), defaults::quick(defaults::communities())] {
        let text = serde_json::to_string(&plan).unwrap();
        assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
    }
}

/// Settings that later versions added, with their defaults.
#[test]
fn a_plan_without_the_newer_settings_has_their_defaults() {
    let plan = defaults::synthetic();
    let mut json = serde_json::to_value(&plan).unwrap();
    let fields = json.as_object_mut().unwrap();
    for (name, default) in [
        ("queries", "disjoint"),
        ("labels", "as-they-are"),
        ("protected_group", "as-given"),
        ("judged", "task-by-task"),
        ("pretraining", "step-per-task"),
        ("fine_tuning", "all-rows"),
    ] {
        assert_eq!(fields.remove(name).unwrap(), default);
    }
    assert_eq!(serde_json::from_value::<Plan>(json).unwrap(), plan);
}

#[test]
fn the_other_readings_have_names() {
    let text = serde_json::to_string(&defaults::synthetic()).unwrap();
    let read = |from: &str, to: &str| {
        assert!(text.contains(from), "{text}");
        serde_json::from_str::<Plan>(&text.replacen(from, to, 1))
    };
    let plan = read("\"disjoint\"", "\"independent\"").unwrap();
    assert_eq!(plan.episodes().queries, Queries::Independent);
    let plan = read("\"as-they-are\"", "\"randomly-flipped\"").unwrap();
    assert_eq!(plan.episodes().labels, Labels::RandomlyFlipped);
    let plan = read("\"step-per-task\"", "\"step-per-batch\"").unwrap();
    assert_eq!(plan.pretraining, Pretraining::StepPerBatch);
    let plan = read("\"step-per-task\"", "\"mini-batches\"").unwrap();
    assert_eq!(plan.pretraining, Pretraining::MiniBatches);
    let plan = read("\"as-given\"", "\"the-other\"").unwrap();
    assert_eq!(plan.protected_group, GroupChoice::TheOther);
    let plan = read("\"task-by-task\"", "\"together\"").unwrap();
    assert_eq!(plan.judged, Judged::Together);
    let plan = read("\"all-rows\"", "\"row-by-row\"").unwrap();
    assert_eq!(plan.fine_tuning, FineTuning::RowByRow);
    let error = read("\"all-rows\"", "\"no-rows\"").unwrap_err().to_string();
    assert!(error.contains("no-rows") && error.contains("row-by-row"), "{error}");
}

#[test]
fn impossible_plans_are_refused() {
    let text = serde_json::to_string(&defaults::synthetic()).unwrap();
    for (from, to, message) in [
        ("\"rate\":0.3", "\"rate\":-1", "inner rate must be a finite number of at least 0, got -1"),
        ("\"k\":5", "\"k\":0", "nonzero"),
        ("\"points\":200", "\"points\":7", "points"),
        ("\"layers\":[2,20,20,2]", "\"layers\":[2]", "layers"),
        ("\"seeds\"", "\"sneeds\"", "sneeds"),
    ] {
        assert!(text.contains(from), "{text}");
        let error = serde_json::from_str::<Plan>(&text.replacen(from, to, 1)).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[test]
fn zero_is_run_once_and_gammas_are_sorted() {
    let plan = defaults::communities().with_gammas(&[3.0, 0.0, 1.0, 3.0]);
    let meta: Vec<_> =
        plan.arms().into_iter().filter(|arm| arm.method == MethodName::Meta).collect();
    let gammas: Vec<_> = meta.iter().map(|arm| arm.gamma).collect();
    assert_eq!(gammas, [0.0, 1.0, 3.0, 1.0, 3.0]);
    assert!(meta.iter().all(|arm| (arm.gamma == 0.0) == arm.notion.is_none()));
}

/// All plans of the program.
fn built_in() -> Vec<Plan> {
    let plans = [defaults::synthetic(), defaults::communities()];
    let quick = plans.clone().map(defaults::quick);
    let zero = plans.clone().map(|plan| plan.with_gammas(&[0.0]));
    [plans, quick, zero].concat()
}

#[test]
fn built_in_plans_are_valid() {
    for plan in built_in() {
        assert_eq!(plan.check(), Ok(()));
    }
}

/// A reading equal to the reference would falsely show that a decision does not matter.
#[test]
fn every_reading_is_another_plan() {
    let all = [defaults::synthetic(), defaults::communities()].map(defaults::with_all_readings);
    let ablations = built_in().into_iter().chain(all);
    let ablations = ablations.map(|plan| (plan.ablation.clone(), plan.ablation()));
    for (ablation, plans) in ablations {
        let Some(Ablation { readings, .. }) = ablation else { continue };
        let plans = plans.unwrap();
        assert_eq!(plans.len(), 1 + readings.len());
        let reference = &plans[0];
        for (reading, changed) in readings.iter().zip(&plans[1..]) {
            let name = &reading.reading;
            // A plan that only has fewer methods than the reference is no reading.
            let same_methods = Plan { methods: reference.methods.clone(), ..changed.clone() };
            assert_ne!(same_methods, *reference, "{name}");
            assert!(changed.methods.iter().all(|m| reference.methods.contains(m)), "{name}");
            // A reading can only be paired with arms of the reference.
            let arms = reference.arms();
            assert!(changed.arms().iter().all(|arm| arms.contains(arm)), "{name}");
        }
        for (i, changed) in plans.iter().enumerate() {
            assert!(!plans[..i].contains(changed), "reading {i} twice");
            assert_eq!(changed.clone().bare(), *changed);
        }
    }
}

#[test]
fn companions_are_other_plans() {
    for plan in built_in() {
        let companions = plan.companions().unwrap();
        let of = |method| companions.iter().find(|(name, _)| *name == method).map(|(_, plan)| plan);
        assert!(companions.iter().all(|(_, other)| other.problem == plan.problem));
        let published = of(MethodName::PublishedCode).unwrap();
        assert_eq!(published.algorithm, meta::algorithm::FIRST_ORDER);
        assert_eq!(published.reading, fairness::Reading::PublishedCode);
        assert_eq!(published.queries, Queries::Independent);
        assert_eq!(published.labels, Labels::RandomlyFlipped);
        let unlearned = of(MethodName::NoInnerStep).unwrap();
        assert_eq!((unlearned.inner.rate(), unlearned.adaptation()), (0.0, plan.inner));
        assert_eq!((unlearned.meta_rate, unlearned.k), (plan.meta_rate, plan.k));
        // Its sizes and rates are known only on Communities and Crime.
        match plan.problem {
            Problem::Synthetic { .. } => {
                assert_eq!((&published.network, published.k), (&plan.network, plan.k));
                assert_eq!(published.inner.rate(), plan.inner.rate());
            }
            Problem::Table(_) => unreachable!("the paper has two problems"),
            Problem::Communities { .. } => {
                assert_ne!(published.network, plan.network);
                assert_eq!((published.k.get(), published.support_rows().get()), (15, 10));
                assert_eq!((published.inner.steps(), published.adaptation().steps()), (2, 5));
                let other = of(MethodName::PretrainedOther).unwrap();
                assert_eq!((plan.pretraining_rate, other.pretraining_rate), (1e-3, plan.meta_rate));
            }
        }
    }
}

/// The settings in sections 4 and 6 of the paper, one by one.
#[test]
fn defaults_are_the_papers() {
    let plan = defaults::synthetic();
    let Problem::Synthetic { generator, training_tasks, support, .. } = &plan.problem else {
        panic!("synthetic tasks")
    };
    let settings = generator.settings();
    assert_eq!((settings.slope, settings.intercept), ([-5.0, 5.0], [0.0, 0.0]));
    assert_eq!(settings.phis, [2.0, 4.0, 8.0, 16.0]);
    assert_eq!((training_tasks.get(), *support), (100, SupportDraw::PositiveProtected));
    assert_eq!((plan.k.get(), plan.tasks_per_batch.get(), plan.iterations.get()), (5, 32, 5_000));
    assert_eq!((plan.inner.rate(), plan.inner.steps(), plan.meta_rate), (0.3, 1, 1e-3));
    assert_eq!(plan.fine_tuning_rates, [0.01, 0.1, 0.2, 0.3]);
    assert_eq!((plan.fine_tuning_shown, plan.sweeps[0].gammas.last()), (0.3, Some(&10.0)));
    let plan = defaults::communities();
    assert_eq!((plan.k.get(), plan.tasks_per_batch.get(), plan.iterations.get()), (10, 8, 2_000));
    assert_eq!(plan.cached_batches.map(NonZeroUsize::get), Some(100));
    assert_eq!((plan.inner.rate(), plan.inner.steps()), (1e-2, 1));
    assert_eq!((plan.meta_rate, plan.pretraining_rate), (1e-4, 1e-3));
    assert_eq!(plan.fine_tuning_rates, [1e-4, 1e-3, 1e-2, 1e-1]);
    for (sweep, gammas) in plan.sweeps.iter().zip([[1.0, 2.0, 3.0, 4.0], [10.0, 20.0, 30.0, 40.0]])
    {
        assert_eq!(sweep.gammas, gammas);
    }
    let laftr = plan.laftr.unwrap();
    for sweep in &laftr.sweeps {
        assert_eq!(sweep.gammas, [0.5, 1.0, 2.0, 4.0]);
    }
    assert_eq!((laftr.settings.epochs, laftr.hidden.get()), (1_000, 20));
    assert_eq!((laftr.support_rows.get(), laftr.epochs_shown.get()), (30, 100));
}

/// A report names the settings that differ from the paper's.
#[test]
fn changes_are_told() {
    for plan in [defaults::synthetic(), defaults::communities()] {
        assert_eq!(defaults::changes(&plan), [""; 0]);
        assert_eq!(defaults::changes(&plan.clone().bare()), [""; 0]);
    }
    let plan = Plan {
        seeds: long_count(3),
        reading: fairness::Reading::PublishedCode,
        ..defaults::communities()
    };
    assert_eq!(
        defaults::changes(&plan),
        ["communities: another reading", "communities: seeds 3 in place of 10"]
    );
}

#[test]
fn patches_never_raise_the_work() {
    let plan = Plan { seeds: long_count(3), iterations: long_count(50), ..defaults::communities() };
    let patched = |patch| {
        let plan = plan.patched(&patch).unwrap();
        (plan.seeds.get(), plan.iterations.get())
    };
    assert_eq!(patched(serde_json::json!({})), (3, 50));
    assert_eq!(patched(serde_json::json!({ "seeds": 4, "iterations": 51 })), (3, 50));
    assert_eq!(patched(serde_json::json!({ "seeds": 2, "iterations": 49 })), (2, 49));
    for plan in built_in() {
        for small in
            [plan.clone(), Plan { seeds: long_count(1), iterations: long_count(1), ..plan }]
        {
            let companions = small.companions().unwrap().into_iter().map(|(_, plan)| plan);
            for variant in small.ablation().unwrap().into_iter().chain(companions) {
                assert!(variant.seeds <= small.seeds && variant.iterations <= small.iterations);
            }
        }
    }
}

/// Merge patches (RFC 7396): objects are merged, all else is replaced, null removes.
#[test]
fn a_patch_changes_what_it_names() {
    let plan = defaults::communities();
    let bare = plan.clone().bare();
    assert_eq!(plan.patched(&serde_json::json!({})).unwrap(), bare);
    let patched = plan.patched(&serde_json::json!({ "inner": { "steps": 5 } })).unwrap();
    let inner = InnerLoop::new(plan.inner.rate(), 5).unwrap();
    assert_eq!(patched, Plan { inner, ..bare.clone() });
    let patched = plan.patched(&serde_json::json!({ "episodes_per_task": null })).unwrap();
    assert_eq!(patched, Plan { episodes_per_task: None, ..bare });
    for (patch, part) in [
        (serde_json::json!({ "inner": { "setps": 5 } }), "setps"),
        (serde_json::json!({ "k": null }), "missing field `k`"),
        (serde_json::json!({ "laftr": null }), "laftr"),
        (serde_json::json!({ "gamma_shown": 0.1 }), "gamma_shown must be one of"),
    ] {
        let reason = plan.patched(&patch).unwrap_err();
        assert!(reason.contains(part), "{reason}");
    }
}

#[test]
fn the_arms_of_each_method() {
    let plan = defaults::communities();
    let arms = plan.arms();
    let of = |method| arms.iter().filter(|arm| arm.method == method).count();
    // γ = 0, and the weights of each of two notions; a constant has no regularizer.
    let weights: usize = plan.sweeps.iter().map(|sweep| sweep.gammas.len()).sum();
    for method in [MethodName::Meta, MethodName::Pretrained, MethodName::Scratch] {
        assert_eq!(of(method), 1 + weights);
    }
    assert_eq!(of(MethodName::Laftr), 1 + 4 + 4);
    assert_eq!((of(MethodName::Majority), of(MethodName::PublishedCode)), (1, 0));
    assert_eq!(of(MethodName::OwnLogistic), 2 * plan.targets.len());
    // As many for each notion as there are γ, with γ = 0.
    assert_eq!(of(MethodName::GroupThresholds), 2 * 5);
    assert_eq!((of(MethodName::Coin), of(MethodName::Labels)), (5, 1));
    for method in &plan.methods {
        let shown = plan.shown(*method);
        // Arms with a target have no arm without one.
        let is_aimed = arms.iter().any(|arm| arm.method == *method && arm.target.is_some());
        assert!(is_aimed || arms.contains(&shown), "{shown:?}");
    }
    assert_eq!(plan.shown(MethodName::Laftr).gamma, 1.0);
    assert_eq!(plan.shown(MethodName::Meta).gamma, 2.0);
}

#[test]
fn algorithms_have_their_places() {
    let names = |algorithms: &str| -> (String, Vec<&str>) {
        let algorithms: Vec<AnyAlgorithm> =
            algorithms.split_whitespace().map(|name| name.parse().unwrap()).collect();
        let plan = comparing(defaults::synthetic(), &algorithms).unwrap();
        assert_eq!(plan.check(), Ok(()));
        (plan.algorithm.name().into(), plan.compared.iter().map(|other| other.name()).collect())
    };
    assert_eq!(names(""), ("fair-maml".into(), vec![]));
    assert_eq!(names("anil"), ("anil".into(), vec![]));
    assert_eq!(names("anil fomaml anil"), ("anil".into(), vec!["fomaml"]));
    assert_eq!(names("anil fair-maml"), ("fair-maml".into(), vec!["anil"]));
    assert_eq!(names("published-code anil"), ("published-code".into(), vec!["anil"]));
}

/// The published code has the arms of its companion, or those of the plan, but never both.
#[test]
fn the_published_code_has_one_place() {
    for plan in [defaults::synthetic(), defaults::communities()] {
        let beside = comparing(plan.clone(), &[FAIR_MAML, PUBLISHED_CODE]).unwrap();
        assert_eq!(beside.arms(), plan.arms());
        assert_eq!(beside.companions, plan.companions);
        let first = comparing(plan.clone(), &[PUBLISHED_CODE]).unwrap();
        assert_eq!(first.check(), Ok(()));
        assert_eq!(first.arms(), plan.arms());
        assert_eq!(first.companions.len(), plan.companions.len() - 1);
        assert_eq!(first.label(first.arms()[0]), "published-code");
        assert_eq!(first.reading, fairness::Reading::PublishedCode);
        assert_eq!((first.labels, first.queries), (Labels::RandomlyFlipped, Queries::Independent));
        assert_eq!(
            (first.seeds, first.iterations, first.sweeps),
            (plan.seeds, plan.iterations, plan.sweeps)
        );
    }
}

/// iMAML gets a λ at which it runs, and nothing else changes.
#[test]
fn imaml_has_a_weight_that_fits_the_problems() {
    let with = comparing(synthetic(), &[meta::algorithm::FAIR_MAML, meta::algorithm::IMAML]);
    let with = with.unwrap();
    assert_eq!(with.inner.implicit().proximal, PROXIMAL);
    assert_eq!((with.inner.rate(), with.inner.steps()), (0.3, 1));
    let without = comparing(synthetic(), &[meta::algorithm::FIRST_ORDER]).unwrap();
    assert_eq!(without.inner, synthetic().inner);
}

/// The paper's runs, with all readings or all algorithms, and a training on 10,000 tasks.
#[test]
fn runs_of_the_paper_are_below_the_limits() {
    use experiment::run::estimate::check;
    use meta::algorithm::ALL;
    use meta::estimate::Limits;
    let passes = |plan: Plan, threads| {
        let plans = std::slice::from_ref(&plan);
        check(plans, threads, Limits::default(), crate::plots::memory).unwrap();
    };
    for plan in [defaults::synthetic(), defaults::communities()] {
        for threads in [1, 128] {
            passes(defaults::with_all_readings(plan.clone()), threads);
            passes(defaults::quick(plan.clone()), threads);
            passes(defaults::comparing(plan.clone(), &ALL).unwrap(), threads);
            passes(plan.clone(), threads);
        }
    }
    let mut large = defaults::synthetic();
    if let Problem::Synthetic { training_tasks, .. } = &mut large.problem {
        *training_tasks = std::num::NonZeroU64::new(10_000).unwrap();
    }
    passes(defaults::with_all_readings(large), 2);
}
