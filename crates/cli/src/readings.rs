//! The readings of the paper that the ablation tries, one at a time, and the published code's.
//!
//! Each is a JSON merge patch (RFC 7396) of a plan, the same change that a reader would make in a
//! manifest. The rows are those of docs/paper-decisions.md.

use serde_json::{Value, json};

use crate::arm::Algorithm;
use crate::plan::{Ablation, Companion, Reading};

/// The decision whose other reading a finding is about.
pub const SECOND_DERIVATIVES: &str = "Second derivatives";

/// Meta-iterations and seeds of a quick look at a variant.
pub fn quick(mut patch: Value) -> Value {
    json_patch::merge(&mut patch, &json!({ "iterations": 20, "seeds": 2 }));
    patch
}

/// A reading, tried on MAML and Fair-MAML unless it is one of another method.
fn reading(decision: &str, reading: &str, patch: Value) -> Reading {
    let mut changes = json!({ "methods": ["meta"], "laftr": null });
    // Not merged: that would take out a null, which is to stay as a part of the patch.
    if let (Some(changes), Value::Object(patch)) = (changes.as_object_mut(), patch) {
        changes.extend(patch);
    }
    Reading { decision: decision.into(), reading: reading.into(), changes }
}

fn companion(method: Algorithm, changes: Value) -> Companion {
    Companion { method, changes }
}

/// The same meta-batches and optimizer without any meta-learning, adapted by the same step as
/// Fair-MAML.
fn no_inner_step(rate: f64) -> Companion {
    let changes = json!({
        "methods": ["meta"],
        "inner": { "rate": 0.0 },
        "adaptation": { "rate": rate, "steps": 1, "order": "exact" },
        "fine_tuning_gammas": [],
        "laftr": null,
        "points": [],
    });
    companion(Algorithm::NoInnerStep, changes)
}

/// What is compared beside the methods on the synthetic tasks.
pub fn companions() -> Vec<Companion> {
    vec![companion(Algorithm::PublishedCode, published_code()), no_inner_step(0.3)]
}

/// What is compared beside the methods on Communities and Crime: the pre-trained network also at
/// Fair-MAML's rate.
pub fn companions_of_communities() -> Vec<Companion> {
    let other_rate = json!({
        "methods": ["pretrained"],
        "pretraining_rate": 1e-4,
        "laftr": null,
        "points": [],
    });
    vec![
        companion(Algorithm::PublishedCode, published_code_of_communities()),
        no_inner_step(1e-2),
        companion(Algorithm::PretrainedOther, other_rate),
    ]
}

/// What the published code does otherwise on any tasks, as far as we know it: first order, its
/// regularizer, support and query sets that may overlap, and labels that a coin flips for a whole
/// training episode. On the synthetic tasks that is all we know: sizes, rates and γ are ours.
fn published_code() -> Value {
    json!({
        "methods": ["meta"],
        "inner": { "order": "first" },
        "reading": "published-code",
        "queries": "independent",
        "labels": "randomly-flipped",
        "sweeps": [{ "notion": "demographic-parity", "gammas": [10.0] }],
        "gamma_shown": 10.0,
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
        "inner": { "rate": 0.4, "steps": 2, "order": "first" },
        "adaptation": { "rate": 0.4, "steps": 5, "order": "first" },
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

/// What both problems' training leaves open.
fn of_training() -> Vec<Reading> {
    vec![
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
        reading(SECOND_DERIVATIVES, "first order", json!({ "inner": { "order": "first" } })),
        reading("How long the inner step is", "two steps", json!({ "inner": { "steps": 2 } })),
        reading(
            "Episodes drawn once and kept",
            "one kept a task",
            json!({ "episodes_per_task": 1 }),
        ),
        reading("Initial weights", "Glorot", json!({ "initialization": "glorot" })),
        reading(
            "Support and query rows",
            "drawn independently",
            json!({ "queries": "independent" }),
        ),
        reading("Labels", "flipped by a coin", json!({ "labels": "randomly-flipped" })),
        reading(
            "How the pre-trained network is pre-trained",
            "one step a batch of tasks",
            json!({ "methods": ["pretrained"], "pretraining": "step-per-batch" }),
        ),
        reading(
            "How the pre-trained network is pre-trained",
            "mini-batches of all rows",
            json!({ "methods": ["pretrained"], "pretraining": "mini-batches" }),
        ),
        reading(
            "\"One epoch\" of fine-tuning",
            "row by row",
            json!({ "methods": ["pretrained"], "fine_tuning": "row-by-row" }),
        ),
        from_scratch("100 steps", 100),
    ]
}

/// How long the fresh network is trained on the K rows.
fn from_scratch(name: &str, epochs: u64) -> Reading {
    let changes = json!({ "methods": ["scratch"], "scratch": { "epochs": epochs } });
    reading("From scratch", name, changes)
}

/// What LAFTR's comparison leaves open.
fn of_laftr(name: &str, changes: Value) -> Reading {
    let changes = json!({ "methods": ["laftr"], "laftr": changes });
    Reading { decision: "LAFTR".into(), reading: name.into(), changes }
}

/// What is left open about the synthetic tasks.
fn of_synthetic_tasks() -> Vec<Reading> {
    let generator = |decision, to, changes| {
        reading(decision, to, json!({ "problem": { "synthetic": { "generator": changes } } }))
    };
    vec![
        generator("φ in [2, 4, 8, 16]", "φ in radians", json!({ "angle": "radians" })),
        generator(
            "The direction of the rotation",
            "transposed",
            json!({ "rotation": "transposed" }),
        ),
        generator(
            "Whose probability the ratio of densities is",
            "of being protected",
            json!({ "sensitive": "protected-with-probability" }),
        ),
        generator("p(x′|y) on tasks labeled by a line", "fitted", json!({ "densities": "fitted" })),
        generator("Points in a task", "1,000", json!({ "points": 1000 })),
        generator("How many from each Gaussian", "by a coin", json!({ "components": "coin" })),
        generator(
            "The lines",
            "slopes and intercepts in [−1, 1]",
            json!({ "slope": [-1.0, 1.0], "intercept": [-1.0, 1.0] }),
        ),
        generator("Test tasks", "labeled by lines", json!({ "test_labels": "lines" })),
    ]
}

/// The ablation on the synthetic tasks: random support rows and fewer iterations, since with biased
/// support nearly everything collapses to one class and no reading would show.
pub fn synthetic() -> Ablation {
    let mut readings = of_training();
    readings.extend(of_synthetic_tasks());
    readings.push(reading(
        "Support rows of test tasks",
        "positive and protected",
        json!({ "problem": { "synthetic": { "support": "positive-protected" } } }),
    ));
    let reference = json!({
        "methods": ["meta", "pretrained", "scratch"],
        "problem": { "synthetic": { "support": "random" } },
        "iterations": 1000,
        "seeds": 5,
        "sweeps": [{ "notion": "demographic-parity", "gammas": [10.0] }],
        "gamma_shown": 10.0,
    });
    Ablation { reference, readings }
}

/// What the claims about biased fine-tuning are judged by again: the readings that could make
/// another world of it, with the support rows that the claims are about.
pub fn biased() -> Ablation {
    let methods = json!(["meta", "pretrained"]);
    let of_the_learner = [SECOND_DERIVATIVES, "How long the inner step is", "Initial weights"];
    let of_training = of_training().into_iter();
    let of_the_learner =
        of_training.filter(|reading| of_the_learner.contains(&reading.decision.as_str()));
    let readings = of_synthetic_tasks().into_iter().chain(of_the_learner).map(|mut reading| {
        reading.changes["methods"] = methods.clone();
        reading
    });
    let reference = json!({
        "methods": methods,
        "iterations": 300,
        "seeds": 5,
        "sweeps": [{ "notion": "demographic-parity", "gammas": [10.0] }],
        "gamma_shown": 10.0,
    });
    Ablation { reference, readings: readings.collect() }
}

/// The ablation on Communities and Crime.
pub fn communities() -> Ablation {
    let config = |decision, to, changes| {
        reading(decision, to, json!({ "problem": { "communities": { "config": changes } } }))
    };
    let mut readings = of_training();
    readings.extend([
        reading("How long the inner step is", "α = 0.1", json!({ "inner": { "rate": 0.1 } })),
        reading("Episodes drawn once and kept", "drawn anew", json!({ "episodes_per_task": null })),
        config("The positive class", "high crime", json!({ "positive": "high-crime" })),
        config(
            "Who is protected",
            "largest or second, strictly",
            json!({ "protected": "largest-or-second-strictly" }),
        ),
        config("Who is protected", "largest", json!({ "protected": "largest" })),
        reading(
            "Racial percentages as features",
            "kept",
            json!({
                "problem": { "communities": { "config": { "racial_percentages": "kept" } } },
                "network": { "layers": [99, 20, 20, 2] },
            }),
        ),
        config("Scaling", "over all states", json!({ "scaling": "over-all-tasks" })),
        config("Scaling", "none", json!({ "scaling": "none" })),
        config("States and held-out states", "at least 40 communities", json!({ "min_rows": 40 })),
        from_scratch("2,000 steps", 2000),
        of_laftr("with a decoder, β = 1", json!({ "settings": { "beta": 1.0 } })),
        of_laftr("He weights", json!({ "settings": { "initialization": "he" } })),
        of_laftr("network on the codes: Adam at 0.01", json!({ "rate": 0.01 })),
    ]);
    let reference = json!({
        "methods": ["meta", "pretrained", "laftr", "scratch"],
        "laftr": {
            "settings": { "epochs": 100 },
            "sweeps": [{ "notion": "demographic-parity", "gammas": [1.0] }],
            "gamma_shown": 1.0,
        },
        "seeds": 5,
        "sweeps": [{ "notion": "demographic-parity", "gammas": [2.0] }],
        "gamma_shown": 2.0,
        "points": [],
    });
    Ablation { reference, readings }
}
