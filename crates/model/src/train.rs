//! The last training, on all tasks.

use std::sync::Arc;

use experiment::method::Work;
use experiment::plan::{Arm, MethodName, Plan};
use experiment::progress::Progress;
use experiment::run::parts::Parts;
use experiment::run::prepare::Prepared;
use experiment::run::table::TableSource;
use fairness::Regularizer;
use fairness::metrics::GroupCounts;
use mlp::Network;
use tasks::{EpisodePool, Task};

use crate::candidate::Candidate;
use crate::error::Result;
use crate::recipe::{Keep, Recipe};
use crate::seen::Seen;
use crate::selection::Selection;
use crate::trained_model::{Decision, Description, Model, Origin};
use crate::validation::{Better, Chosen, Family, Found, Tried, Validation};

/// Trains the chosen setting on all tasks of the table, and makes the model. The seed of this
/// training is the number of the folds, so it shares no random number with theirs. A training that
/// an interrupted run has begun is in `parts`, and goes on from there.
///
/// # Errors
/// Returns an error if the training fails, or if too few tasks have enough rows.
pub fn train(
    recipe: &Recipe,
    plan: &Plan,
    source: &TableSource,
    negative: String,
    selection: &Selection,
    parts: &Parts,
    progress: &dyn Progress,
) -> Result<Model> {
    let folds = recipe.fairness.folds;
    let usable = source.usable(plan.k.get(), folds)?;
    let validation = validation(selection, recipe.fairness.keep);
    let candidate = selection.chosen(validation.kept);
    let (regularizer, gamma) = regularization(plan, candidate);
    let notion = regularizer.map_or(plan.sweeps[0].notion, |regularizer| regularizer.notion);
    let arm = Arm::regularized(MethodName::Meta, notion, gamma);
    let pool = EpisodePool::sharing(usable.clone(), plan.episodes(), folds)?;
    let prepared = Prepared { seed: folds, pool, tests: Vec::new(), skipped_tasks: 0 };
    let work = Work { plan, prepared: &prepared, arms: &[arm], progress, begun: Some(parts) };
    let trained = MethodName::Meta.implementation().learn(work)?;
    let mut learned = trained[0].learned.weights().to_vec();
    forget_unseen(&plan.network, &mut learned, &usable);
    let [protected, unprotected] = selection.chosen_thresholds;
    let decision = match validation.kept {
        Family::Thresholds => Decision::ByGroup { protected, unprotected },
        Family::Regularizer | Family::Other => Decision::Half,
    };
    let description = Description {
        version: env!("CARGO_PKG_VERSION").into(),
        schema: source.schema.clone(),
        negative,
        network: plan.network.clone(),
        algorithm: plan.algorithm,
        inner: plan.inner,
        regularizer,
        gamma,
        decision,
        origin: origin(recipe, plan, source, &usable),
        validation,
        recipe: recipe.clone(),
        adapted: None,
    };
    Ok(Model { description, learned })
}

/// Sets the weights of a feature to 0 if the feature is 0 in every row of the training. They have
/// learned nothing, so a row that has the feature later would be decided by chance.
fn forget_unseen(network: &Network, learned: &mut [f64], tasks: &[Arc<Task>]) {
    let mut seen = vec![false; network.inputs()];
    for task in tasks {
        for row in task.data.all().x().chunks(seen.len()) {
            seen.iter_mut().zip(row).for_each(|(seen, x)| *seen |= *x != 0.0);
        }
    }
    let first = &network.parameters()[0];
    let weights = &mut learned[first.range()];
    for (weights, _) in weights.chunks_mut(first.columns).zip(seen).filter(|(_, seen)| !seen) {
        weights.fill(0.0);
    }
}

fn origin(recipe: &Recipe, plan: &Plan, source: &TableSource, usable: &[Arc<Task>]) -> Origin {
    let sha256 = match &plan.problem {
        experiment::plan::Problem::Table(problem) => problem.data.sha256.clone(),
        _ => String::new(),
    };
    // A decision that is the label counts the labels.
    let labels = usable.iter().fold(GroupCounts::default(), |sum, task| {
        let positive = task.data.positive();
        sum + GroupCounts::tally(positive, positive, task.data.protected())
    });
    Origin {
        file: recipe.data.display().to_string(),
        sha256,
        rows: usable.iter().map(|task| task.data.rows()).sum(),
        left_out: source.left_out,
        tasks: usable.len(),
        small: source.tasks.len() - usable.len(),
        labels,
        notes: source.notes.iter().map(ToString::to_string).collect(),
        seen: Seen::of(source, usable),
    }
}

/// The numbers of a selection, with the rival that is kept.
fn validation(selection: &Selection, keep: Keep) -> Validation {
    let measure = selection.measure;
    let tried = |candidate: &Candidate| Tried {
        family: candidate.family,
        name: candidate.name.clone(),
        strength: candidate.strength,
        is_constant: candidate.arm.method == MethodName::Majority,
        before: Found::from(&candidate.before(measure.measure())),
        after: Found::from(&candidate.after(measure.measure())),
    };
    let chosen = |family: Family| {
        let choice = selection.choice(family);
        let estimate = Found::from(&choice.estimate);
        Chosen { place: choice.candidate, reaches: choice.reaches, estimate }
    };
    let (better, ground) = selection.verdict();
    let kept = match keep {
        Keep::Thresholds => Family::Thresholds,
        Keep::Better if better == Better::Thresholds => Family::Thresholds,
        Keep::Regularizer | Keep::Better => Family::Regularizer,
    };
    let judged = || selection.chosen(kept).judged.iter();
    let nobody = GroupCounts::default();
    let audit = [
        judged().filter_map(|judged| judged.before).fold(nobody, |sum, counts| sum + counts),
        judged().map(|judged| judged.after).fold(nobody, |sum, counts| sum + counts),
    ];
    Validation {
        measure,
        least: selection.least,
        tried: selection.candidates.iter().map(tried).collect(),
        regularizer: chosen(Family::Regularizer),
        thresholds: chosen(Family::Thresholds),
        difference: selection.difference(),
        fairness_difference: selection.fairness_difference(),
        better,
        ground,
        kept,
        audit,
    }
}

/// The regularizer and γ of a setting of a plan.
fn regularization(plan: &Plan, candidate: &Candidate) -> (Option<Regularizer>, f64) {
    match candidate.family {
        Family::Regularizer => (plan.regularizer(candidate.arm), candidate.arm.gamma),
        Family::Thresholds | Family::Other => (None, 0.0),
    }
}
