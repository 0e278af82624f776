//! The readings of the paper in the ablation, one change at a time, and those of the published
//! code.
//!
//! Each is a JSON merge patch (RFC 7396) of a plan, the change that a reader would make in a
//! manifest. The rows are those of docs/paper-decisions.md.

use serde_json::{Value, json};

use experiment::plan::arm::MethodName;
use experiment::plan::{Ablation, Companion, Reading};

/// The decision that a finding of the report compares.
pub const SECOND_DERIVATIVES: &str = "Second derivatives";

/// The settings of a companion that choose what is compared, and not how the method works.
pub const OF_THE_COMPARISON: [&str; 9] = [
    "methods",
    "algorithm",
    "sweeps",
    "gamma_shown",
    "fine_tuning_gammas",
    "laftr",
    "points",
    "iterations",
    "seeds",
];

/// A variant with the meta-iterations and seeds of a quick run.
pub fn quick(mut patch: Value) -> Value {
    json_patch::merge(&mut patch, &json!({ "iterations": 20, "seeds": 2 }));
    patch
}

/// A reading for MAML, Fair-MAML and the pre-trained network, unless the patch names other methods.
fn reading(decision: &str, reading: &str, patch: Value) -> Reading {
    let mut changes = json!({ "methods": ["meta", "pretrained"], "laftr": null });
    // Extended, not merged: merging would remove a null, but the null must stay in the patch.
    if let (Some(changes), Value::Object(patch)) = (changes.as_object_mut(), patch) {
        changes.extend(patch);
    }
    Reading { decision: decision.into(), reading: reading.into(), changes }
}

fn companion(method: MethodName, changes: Value) -> Companion {
    Companion { method, changes }
}

/// Training on the same meta-batches with the same optimizer but without an inner step, and then
/// the same adaptation step as Fair-MAML.
fn no_inner_step(rate: f64) -> Companion {
    let changes = json!({
        "methods": ["meta"],
        "inner": { "rate": 0.0 },
        "adaptation": { "rate": rate, "steps": 1 },
        "fine_tuning_gammas": [],
        "laftr": null,
        "points": [],
    });
    companion(MethodName::NoInnerStep, changes)
}

/// Further methods on the synthetic tasks.
pub fn companions() -> Vec<Companion> {
    vec![companion(MethodName::PublishedCode, published_code()), no_inner_step(0.3)]
}

/// Further methods on Communities and Crime, with the pre-trained network at Fair-MAML's rate.
pub fn companions_of_communities() -> Vec<Companion> {
    let other_rate = json!({
        "methods": ["pretrained"],
        "pretraining_rate": 1e-4,
        "laftr": null,
        "points": [],
    });
    vec![
        companion(MethodName::PublishedCode, published_code_of_communities()),
        no_inner_step(1e-2),
        companion(MethodName::PretrainedOther, other_rate),
    ]
}

/// The known differences of the published code on all tasks: first order, its regularizer, support
/// and query sets that may overlap, and random flips of the labels of a whole training episode. For
/// the synthetic tasks nothing else is known: sizes and rates are ours, and only γ = 0 is run.
fn published_code() -> Value {
    json!({
        "methods": ["meta"],
        "algorithm": "fomaml",
        "reading": "published-code",
        "queries": "independent",
        "labels": "randomly-flipped",
        "sweeps": [{ "notion": "demographic-parity", "gammas": [] }],
        "gamma_shown": 0.0,
        "fine_tuning_gammas": [],
        "laftr": null,
        "points": [],
    })
}

/// The published code's variant on Communities and Crime, with its network, K, γ, rates and steps.
fn published_code_of_communities() -> Value {
    let mut patch = json!({
        "network": { "layers": [95, 5, 5, 2], "activation": "relu" },
        "k": 15,
        "support_rows": 10,
        "inner": { "rate": 0.4, "steps": 2 },
        "adaptation": { "rate": 0.4, "steps": 5 },
        "meta_rate": 1e-3,
        "sweeps": [{ "notion": "demographic-parity", "gammas": [4.0, 5.0, 6.0] }],
        "gamma_shown": 4.0,
    });
    if let (Some(patch), Value::Object(known)) = (patch.as_object_mut(), published_code()) {
        let is_new = |(name, _): &(String, Value)| !patch.contains_key(name);
        let new: Vec<_> = known.into_iter().filter(is_new).collect();
        patch.extend(new);
    }
    patch
}

/// Open questions about training, for both problems.
fn of_training() -> Vec<Reading> {
    vec![
        reading(SECOND_DERIVATIVES, "first order", json!({ "algorithm": "fomaml" })),
        reading(
            "Equations 3 and 4: the mean over whom?",
            "softmax twice, divided by the batch",
            json!({ "reading": "published-code" }),
        ),
        reading("Nobody of the group in a batch", "an error", json!({ "absent_group": "refuse" })),
        reading(
            "Mean of ratios, or ratio of pooled counts",
            "pooled counts",
            json!({ "judged": "together" }),
        ),
        reading(
            "Which group is protected",
            "the other, a = 1",
            json!({ "protected_group": "the-other" }),
        ),
        reading("How long the inner step is", "two steps", json!({ "inner": { "steps": 2 } })),
        reading(
            "Episodes drawn once and kept",
            "one kept a task",
            json!({ "episodes_per_task": 1, "cached_batches": null }),
        ),
        reading(INITIAL_WEIGHTS, "Glorot", json!({ "initialization": "glorot" })),
        reading(
            "Support and query rows",
            "drawn independently",
            json!({ "queries": "independent" }),
        ),
        reading("Labels", "flipped by a coin", json!({ "labels": "randomly-flipped" })),
        reading(
            PRETRAINING,
            "one step a batch of tasks",
            json!({ "pretraining": "step-per-batch" }),
        ),
        reading(PRETRAINING, "mini-batches of all rows", json!({ "pretraining": "mini-batches" })),
        reading(
            "\"One epoch\" of fine-tuning",
            "row by row",
            json!({ "fine_tuning": "row-by-row" }),
        ),
    ]
}

const INITIAL_WEIGHTS: &str = "Initial weights";
const PRETRAINING: &str = "How the pre-trained network is pre-trained";

/// The number of steps of the fresh network on the K rows.
fn from_scratch(name: &str, epochs: u64) -> Reading {
    let changes = json!({ "methods": ["scratch"], "scratch": { "epochs": epochs } });
    reading("From scratch", name, changes)
}

/// Open questions about the comparison with LAFTR.
fn of_laftr(name: &str, changes: Value) -> Reading {
    let changes = json!({ "methods": ["laftr"], "laftr": changes });
    Reading { decision: "LAFTR".into(), reading: name.into(), changes }
}

fn generator(decision: &str, to: &str, changes: Value) -> Reading {
    reading(decision, to, json!({ "problem": { "synthetic": { "generator": changes } } }))
}

/// A reading of the synthetic experiment with a front in the figures. It evaluates constants, the
/// labels, a line and the best possible decision again, because they change with the reading.
fn with_references(mut reading: Reading) -> Reading {
    reading.changes["methods"] = json!(COMPARED_ON_FRONTS);
    reading
}

const COMPARED_ON_FRONTS: [&str; 6] = ["meta", "pretrained", "majority", "labels", "line", "bayes"];

/// The positive Gaussian of a test task. These readings need no other training.
fn of_test_tasks() -> Vec<Reading> {
    let decision = "Which Gaussian is positive in the new task";
    [("the upper one", "upper"), ("drawn for each task", "drawn")]
        .map(|(to, name)| generator(decision, to, json!({ "positive_gaussian": name })))
        .map(with_references)
        .into()
}

/// The readings that change the synthetic experiment itself.
fn of_another_experiment() -> [Reading; 2] {
    let supports = reading(
        "Support rows in training",
        "positive and protected",
        json!({ "training_support": "positive-protected" }),
    );
    let group = generator(
        "Whose probability the ratio of densities is",
        "of not being protected",
        json!({ "sensitive": "non-protected-with-probability" }),
    );
    [supports, group].map(with_references)
}

/// Further open questions about the synthetic tasks.
fn of_synthetic_tasks() -> Vec<Reading> {
    vec![
        generator("φ in [2, 4, 8, 16]", "φ in radians", json!({ "angle": "radians" })),
        generator(
            "The direction of the rotation",
            "transposed",
            json!({ "rotation": "transposed" }),
        ),
        generator("p(x′|y) on tasks labeled by a line", "fitted", json!({ "densities": "fitted" })),
        generator("Points in a task", "1,000", json!({ "points": 1000 })),
        generator("How many from each Gaussian", "by a coin", json!({ "components": "coin" })),
        generator("The lines", "intercepts in [−5, 5]", json!({ "intercept": [-5.0, 5.0] })),
        generator("Which side is positive", "a coin decides", json!({ "positive_side": "coin" })),
        generator("Which side is positive", "below", json!({ "positive_side": "below" })),
        generator("Test tasks", "labeled by lines", json!({ "test_labels": "lines" })),
        reading(
            "Support rows of test tasks",
            "random",
            json!({ "problem": { "synthetic": { "support": "random" } } }),
        ),
    ]
}

/// Readings that need their own training, with fewer runs and fewer γ than the reference.
fn smaller(readings: Vec<Reading>, seeds: u64, gammas: &[f64]) -> impl Iterator<Item = Reading> {
    readings.into_iter().map(move |mut reading| {
        if let Some(changes) = reading.changes.as_object_mut() {
            changes.entry("seeds").or_insert(json!(seeds));
            let sweep = json!([{ "notion": "demographic-parity", "gammas": gammas }]);
            changes.entry("sweeps").or_insert(sweep);
            changes.entry("gamma_shown").or_insert(json!(gammas[0]));
        }
        reading
    })
}

/// The most important readings of the synthetic experiment, or all. For Fair-MAML and the
/// pre-trained network the reference is the plan itself, with the paper's support rows and all of
/// its meta-iterations.
pub fn synthetic(all: bool) -> Ablation {
    // At γ = 10 nearly everybody is accepted under any reading.
    let (seeds, gammas) = if all { (10, &[1.0, 10.0][..]) } else { (5, &[1.0][..]) };
    let mut of_training = of_training();
    let mut readings = of_test_tasks();
    let [supports, group] = of_another_experiment();
    readings.extend(smaller(vec![supports], seeds, gammas));
    if all {
        readings.extend(smaller(vec![group], seeds, gammas));
        readings.extend(smaller(of_training, seeds, gammas));
        readings.extend(smaller(of_synthetic_tasks(), seeds, gammas));
        readings.extend(smaller(vec![from_scratch("100 steps", 100)], seeds, gammas));
    } else {
        // These two change MAML's accuracy most.
        let matters = [SECOND_DERIVATIVES, INITIAL_WEIGHTS];
        of_training.retain(|reading| matters.contains(&&*reading.decision));
        readings.extend(smaller(of_training, seeds, gammas));
    }
    let mut methods = COMPARED_ON_FRONTS.to_vec();
    if all {
        methods.push("scratch");
    }
    let reference = json!({
        "methods": methods,
        "fine_tuning_gammas": [],
        "sweeps": [{ "notion": "demographic-parity", "gammas": [0.1, 1.0, 10.0] }],
        "gamma_shown": 10.0,
    });
    Ablation { reference, readings }
}

const POSITIVE_CLASS: &str = "The positive class";

/// The most important readings of Communities and Crime.
fn of_states() -> Vec<Reading> {
    vec![
        config(POSITIVE_CLASS, "high crime", json!({ "positive": "high-crime" })),
        reading("How long the inner step is", "α = 0.1", json!({ "inner": { "rate": 0.1 } })),
        reading("Episodes drawn once and kept", "drawn anew", json!({ "cached_batches": null })),
        config("Who is protected", "largest", json!({ "protected": "largest" })),
        config("Scaling", "over all states", json!({ "scaling": "over-all-tasks" })),
    ]
}

fn config(decision: &str, to: &str, changes: Value) -> Reading {
    reading(decision, to, json!({ "problem": { "communities": { "config": changes } } }))
}

/// The other readings of Communities and Crime.
fn of_all_states() -> Vec<Reading> {
    vec![
        reading(
            "Episodes drawn once and kept",
            "32 kept a state",
            json!({ "episodes_per_task": 32, "cached_batches": null }),
        ),
        config(
            "Who is protected",
            "largest or second, strictly",
            json!({ "protected": "largest-or-second-strictly" }),
        ),
        reading(
            "Racial percentages as features",
            "kept",
            json!({
                "problem": { "communities": { "config": { "racial_percentages": "kept" } } },
                "network": { "layers": [99, 20, 20, 2] },
            }),
        ),
        config("Scaling", "none", json!({ "scaling": "none" })),
        config("States and held-out states", "at least 40 communities", json!({ "min_rows": 40 })),
        from_scratch("100 steps", 100),
        from_scratch("2,000 steps", 2000),
        of_laftr("with a decoder, β = 1", json!({ "settings": { "beta": 1.0 } })),
        of_laftr("He weights", json!({ "settings": { "initialization": "he" } })),
        of_laftr("cross-entropy", json!({ "settings": { "classification": "cross-entropy" } })),
        of_laftr(
            "rows weighted by group",
            json!({ "settings": { "class_weights": "equal-groups" } }),
        ),
        of_laftr("groups of a mini-batch", json!({ "settings": { "group_sizes": "mini-batch" } })),
        of_laftr("relu", json!({ "settings": { "activation": "relu" } })),
        of_laftr("network on the codes: Adam at 0.01", json!({ "rate": 0.01 })),
        of_laftr("network on the codes: Adam at 0.1", json!({ "rate": 0.1 })),
        of_laftr("network on the codes: one logit", json!({ "logits": "one" })),
        of_laftr(
            "network on the codes: one logit, Adam at 0.01",
            json!({ "logits": "one", "rate": 0.01 }),
        ),
    ]
}

/// The most important readings of Communities and Crime, or all, including LAFTR's.
pub fn communities(all: bool) -> Ablation {
    let mut reference = json!({
        "methods": ["meta", "pretrained"],
        "laftr": null,
        "seeds": 5,
        "sweeps": [{ "notion": "demographic-parity", "gammas": [2.0] }],
        "gamma_shown": 2.0,
        "points": [],
    });
    let mut readings: Vec<Reading> = of_training().into_iter().take(1).collect();
    readings.extend(of_states());
    if !all {
        // The pre-trained network takes most of the time and tells little about most of these.
        for reading in readings.iter_mut().filter(|reading| reading.decision != POSITIVE_CLASS) {
            reading.changes["methods"] = json!(["meta"]);
        }
    }
    if all {
        readings.extend(of_training().into_iter().skip(1));
        readings.extend(of_all_states());
        reference["seeds"] = json!(10);
        reference["methods"] = json!(["meta", "pretrained", "laftr", "scratch"]);
        reference["laftr"] = json!({
            "sweeps": [{ "notion": "demographic-parity", "gammas": [1.0] }],
            "gamma_shown": 1.0,
        });
    }
    Ablation { reference, readings }
}
