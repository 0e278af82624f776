//! Every setting of an experiment: what the manifest holds, and all that results depend on.

use std::num::{NonZeroU64, NonZeroUsize};

use baselines::Pretraining;
use fairness::Regularizer;
use meta::{AbsentGroup, AnyAlgorithm, Gamma, InnerLoop, MetaOptions, MetaSettings, SettingsError};
use mlp::{Initialization, Network};
use serde::{Deserialize, Serialize};
use tasks::{EpisodeOptions, Labels, Queries, SupportDraw, Task};

use super::arm::{Arm, MethodName};
use super::laftr::LaftrPlan;
use super::numbers::Sweep;
use super::problem::Problem;
use super::variants::{Ablation, Companion};

/// One problem, and what is trained and compared on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// Where tasks come from.
    pub problem: Problem,
    /// Widths, input first, and activation.
    pub network: Network,
    /// Runs 0, 1, … of everything.
    pub seeds: NonZeroU64,
    /// Meta-iterations of each training.
    pub iterations: NonZeroU64,
    /// K: support rows, and as many query rows, of a task in training; support rows afterwards.
    pub k: NonZeroUsize,
    /// Episodes drawn once for each training task and kept; redrawn every time if null.
    pub episodes_per_task: Option<NonZeroUsize>,
    /// Meta-batches drawn once and used in turn; a new one for every meta-iteration if null.
    #[serde(default)]
    pub cached_batches: Option<NonZeroUsize>,
    /// Which rows of a training task may be support rows.
    #[serde(default)]
    pub training_support: SupportDraw,
    /// How the query rows of a task are drawn in training.
    #[serde(default)]
    pub queries: Queries,
    /// What the labels of an episode are in training.
    #[serde(default)]
    pub labels: Labels,
    /// Tasks in a meta-batch.
    pub tasks_per_batch: NonZeroUsize,
    /// The meta-learning algorithm, in training and afterwards.
    #[serde(default)]
    pub algorithm: AnyAlgorithm,
    /// α and the number of inner steps, in training and afterwards.
    pub inner: InnerLoop,
    /// β, Adam's rate.
    pub meta_rate: f64,
    /// How weights start.
    pub initialization: Initialization,
    /// How equations 3 and 4 are read.
    pub reading: fairness::Reading,
    /// What a batch without the regularizer's group does.
    pub absent_group: AbsentGroup,
    /// Which group is protected, in training and afterwards.
    #[serde(default)]
    pub protected_group: ProtectedGroup,
    /// What is regularized, and how much. Without regularizer (γ = 0) is always run.
    pub sweeps: Vec<Sweep>,
    /// Which rows a step of the pre-trained network is made on.
    #[serde(default)]
    pub pretraining: Pretraining,
    /// Adam's rate when the pre-trained network is trained.
    pub pretraining_rate: f64,
    /// How the pre-trained network is fine-tuned on the K rows.
    #[serde(default)]
    pub fine_tuning: FineTuning,
    /// Rates at which the pre-trained network is fine-tuned.
    pub fine_tuning_rates: Vec<f64>,
    /// The one of them that the paper names as the best; tables and figures show it.
    pub fine_tuning_shown: f64,
    /// Other γ of the step on the K rows than that of training: with each of them the first sweep's
    /// arms of Fair-MAML and of the pre-trained network are adapted as well.
    #[serde(default)]
    pub fine_tuning_gammas: Vec<f64>,
    /// The γ of the first sweep that is shown where there is room for one.
    pub gamma_shown: f64,
    /// Support rows of a task kept apart; as in training if null.
    pub support_rows: Option<NonZeroUsize>,
    /// How meta-learned weights adapt to a task kept apart; as in training if null.
    pub adaptation: Option<InnerLoop>,
    /// Over what the rates and ratios of a run are taken.
    #[serde(default)]
    pub judged: Judged,
    /// What is compared.
    pub methods: Vec<MethodName>,
    /// How a fresh network is trained on the K rows.
    pub scratch: Fit,
    /// LAFTR, where it is compared.
    pub laftr: Option<LaftrPlan>,
    /// Other numbers of support rows to adapt to, all judged on the same query rows.
    pub points: Vec<usize>,
    /// The least parities that thresholds are chosen for, where thresholds are compared.
    #[serde(default)]
    pub targets: Vec<f64>,
    /// The shares that a coin accepts, where it is compared.
    #[serde(default)]
    pub coin_shares: Vec<f64>,
    /// Methods that are trained under a plan of their own, and compared in the same tables.
    #[serde(default)]
    pub companions: Vec<Companion>,
    /// Readings of the paper, changed one at a time.
    pub ablation: Option<Ablation>,
}

/// Training of a fresh network on few rows: Adam on all of them at once.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fit {
    /// Adam's rate.
    pub rate: f64,
    /// Steps.
    pub epochs: NonZeroU64,
}

/// "One epoch" of fine-tuning the pre-trained network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FineTuning {
    /// One gradient step on all K support rows.
    #[default]
    AllRows,
    /// K gradient steps, one on each support row by itself, in their order. The regularizer sees
    /// that one row, and nobody if the row is not of its group.
    RowByRow,
}

/// Which of the two groups of the data is the protected one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProtectedGroup {
    /// The one that the tasks call so, a = 0.
    #[default]
    AsGiven,
    /// The other, a = 1.
    TheOther,
}

impl ProtectedGroup {
    /// A task of which this group is protected.
    pub fn of(self, task: Task) -> Task {
        match self {
            ProtectedGroup::AsGiven => task,
            ProtectedGroup::TheOther => Task { data: task.data.with_groups_exchanged(), ..task },
        }
    }
}

/// Over what a rate or a ratio is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judged {
    /// The decisions on one test task; a run has the mean over its tasks.
    #[default]
    TaskByTask,
    /// The decisions on all test tasks of a run, counted together.
    Together,
}

impl Plan {
    /// The same plan with these weights in every sweep; 0 is run anyway.
    pub fn with_gammas(mut self, gammas: &[f64]) -> Self {
        let mut gammas: Vec<f64> = gammas.iter().copied().filter(|&gamma| gamma > 0.0).collect();
        gammas.sort_by(f64::total_cmp);
        gammas.dedup();
        self.sweeps.iter_mut().for_each(|sweep| sweep.gammas.clone_from(&gammas));
        if !gammas.contains(&self.gamma_shown) {
            self.gamma_shown = gammas.last().copied().unwrap_or(0.0);
        }
        self
    }

    /// The same plan without variants.
    pub fn bare(self) -> Self {
        Plan { companions: Vec::new(), ablation: None, ..self }
    }

    /// What the episodes of training are.
    pub fn episodes(&self) -> EpisodeOptions {
        let Plan { k, episodes_per_task, cached_batches, queries, labels, .. } = *self;
        let support = self.training_support;
        EpisodeOptions { k, episodes_per_task, cached_batches, support, queries, labels }
    }

    /// The settings of one training.
    pub fn settings(&self, arm: Arm) -> Result<MetaSettings, SettingsError> {
        MetaSettings::try_from(MetaOptions {
            algorithm: self.algorithm,
            inner: self.inner,
            meta_rate: match arm.method {
                MethodName::Pretrained | MethodName::PretrainedOther => self.pretraining_rate,
                _ => self.meta_rate,
            },
            tasks_per_batch: self.tasks_per_batch,
            initialization: self.initialization,
            regularizer: self.regularizer(arm),
            gamma: Gamma::Shared(arm.gamma),
            absent_group: self.absent_group,
        })
    }

    /// The regularizer of one training; none at γ = 0.
    pub fn regularizer(&self, arm: Arm) -> Option<Regularizer> {
        arm.notion.map(|notion| Regularizer { notion, reading: self.reading })
    }

    /// How meta-learned weights adapt to a task kept apart.
    pub fn adaptation(&self) -> InnerLoop {
        self.adaptation.unwrap_or(self.inner)
    }

    /// Which rows of a task kept apart may be support rows.
    pub fn support_draw(&self) -> SupportDraw {
        match &self.problem {
            Problem::Synthetic { support, .. } => *support,
            Problem::Communities { .. } => SupportDraw::Random,
        }
    }

    /// Support rows of a task kept apart.
    pub fn support_rows(&self) -> NonZeroUsize {
        self.support_rows.unwrap_or(self.k)
    }
}
