//! From the settings and a table to an experiment.

use std::num::NonZeroU64;

use baselines::Pretraining;
use experiment::plan::{
    Data, FineTuning, Fit, GroupChoice, Judged, MethodName, Plan, Problem, Sweep, TableProblem,
};
use meta::{AbsentGroup, Implicit, InnerLoop};
use mlp::{Initialization, Network};
use tasks::{Labels, Queries, SupportDraw};

use crate::error::Result;
use crate::recipe::Recipe;

/// The source of the tasks.
pub fn problem(recipe: &Recipe, data: Data) -> TableProblem {
    TableProblem {
        data,
        reading: recipe.options(),
        roles: recipe.roles(),
        encoding: recipe.encoding,
        folds: recipe.fairness.folds,
    }
}

/// The experiment that chooses a setting: MAML with every regularizer and every γ, with each part
/// of the tasks held out once. `width` is the number of features.
///
/// # Errors
/// Returns an error if the network cannot be made, or if a setting is not accepted.
pub fn plan(recipe: &Recipe, problem: TableProblem, width: usize) -> Result<Plan> {
    let training = &recipe.training;
    let widths: Vec<usize> = [&[width], recipe.network.hidden.as_slice(), &[2]].concat();
    let gammas = recipe.gammas();
    let sweeps: Vec<Sweep> = recipe
        .regularizers()
        .into_iter()
        .map(|notion| Sweep { notion, gammas: gammas.clone() })
        .collect();
    let mut methods = vec![MethodName::Meta, MethodName::Majority];
    if recipe.fairness.compare {
        methods.extend([MethodName::Pretrained, MethodName::Scratch]);
    }
    let implicit = Implicit { proximal: training.proximal, ..Implicit::default() };
    let plan = Plan {
        network: Network::new(&widths, recipe.network.activation)?,
        seeds: NonZeroU64::new(problem.folds).unwrap_or(NonZeroU64::MIN),
        problem: Problem::Table(Box::new(problem)),
        iterations: training.iterations,
        k: training.shots,
        episodes_per_task: None,
        cached_batches: None,
        training_support: SupportDraw::Random,
        queries: Queries::default(),
        labels: Labels::default(),
        tasks_per_batch: training.tasks_per_batch,
        algorithm: training.algorithm,
        compared: Vec::new(),
        inner: InnerLoop::new(training.inner_rate, training.inner_steps)?
            .with_implicit(implicit)?,
        meta_rate: training.meta_rate,
        initialization: Initialization::He,
        reading: fairness::Reading::GroupMean,
        absent_group: AbsentGroup::Skip,
        protected_group: GroupChoice::default(),
        gamma_shown: gammas.first().copied().unwrap_or(0.0),
        sweeps,
        pretraining: Pretraining::default(),
        pretraining_rate: training.meta_rate,
        fine_tuning: FineTuning::default(),
        fine_tuning_rates: vec![training.inner_rate],
        fine_tuning_shown: training.inner_rate,
        fine_tuning_gammas: Vec::new(),
        support_rows: None,
        adaptation: None,
        judged: Judged::default(),
        methods,
        scratch: Fit { rate: 1e-3, epochs: NonZeroU64::new(500).expect("above 0") },
        laftr: None,
        points: Vec::new(),
        targets: Vec::new(),
        companions: Vec::new(),
        ablation: None,
    };
    let reason = |reason| experiment::error::Error::Variant { problem: "table", reason };
    plan.check().map_err(reason)?;
    Ok(plan)
}
