//! All settings of an experiment. The manifest contains them, and the results depend on nothing
//! else.

use std::num::{NonZeroU64, NonZeroUsize};

use baselines::Pretraining;
use fairness::{Notion, Regularizer};
use meta::{AbsentGroup, AnyAlgorithm, Gamma, InnerLoop, MetaOptions, MetaSettings, SettingsError};
use mlp::{Initialization, Network};
use serde::{Deserialize, Serialize};
use tasks::{EpisodeOptions, Labels, Queries, SupportDraw, Task};

use super::arm::{Arm, MethodName};
use super::laftr::LaftrPlan;
use super::numbers::Sweep;
use super::problem::Problem;
use super::variants::{Ablation, Companion};

/// The smallest number of query rows beside the largest support set of a held-out task.
pub const FEWEST_QUERIES: usize = 10;

/// One problem, and the methods and settings of an experiment on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// The source of the tasks.
    pub problem: Problem,
    /// The widths of the layers, input first, and the activation.
    pub network: Network,
    /// The number of runs; run n has seed n.
    pub seeds: NonZeroU64,
    /// Meta-iterations of each training.
    pub iterations: NonZeroU64,
    /// K, the number of support rows of a task. In training a task has also K query rows.
    pub k: NonZeroUsize,
    /// The number of episodes drawn once for each training task and reused; new ones every time if
    /// null.
    pub episodes_per_task: Option<NonZeroUsize>,
    /// The number of meta-batches drawn once and used in turn; a new one for every meta-iteration
    /// if null.
    #[serde(default)]
    pub cached_batches: Option<NonZeroUsize>,
    /// The rows of a training task that may be support rows.
    #[serde(default)]
    pub training_support: SupportDraw,
    /// The rule that draws the query rows of a task in training.
    #[serde(default)]
    pub queries: Queries,
    /// The labels of an episode in training.
    #[serde(default)]
    pub labels: Labels,
    /// Tasks in a meta-batch.
    pub tasks_per_batch: NonZeroUsize,
    /// The meta-learning algorithm, in training and in adaptation.
    #[serde(default)]
    pub algorithm: AnyAlgorithm,
    /// Further algorithms, compared with `algorithm` on the same tasks and episodes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub compared: Vec<AnyAlgorithm>,
    /// α and the number of inner steps, in training and in adaptation.
    pub inner: InnerLoop,
    /// β, Adam's rate.
    pub meta_rate: f64,
    /// The initialization of weights.
    pub initialization: Initialization,
    /// The reading of equations 3 and 4.
    pub reading: fairness::Reading,
    /// The rule for a batch without members of the regularized group.
    pub absent_group: AbsentGroup,
    /// The protected group, in training and in evaluation.
    #[serde(default)]
    pub protected_group: GroupChoice,
    /// The notions of fairness and their weights γ; γ = 0, without a regularizer, is always
    /// included.
    pub sweeps: Vec<Sweep>,
    /// The rows in one training step of the pre-trained network.
    #[serde(default)]
    pub pretraining: Pretraining,
    /// Adam's rate in the training of the pre-trained network.
    pub pretraining_rate: f64,
    /// The fine-tuning of the pre-trained network on the K rows.
    #[serde(default)]
    pub fine_tuning: FineTuning,
    /// The fine-tuning rates of the pre-trained network.
    pub fine_tuning_rates: Vec<f64>,
    /// The fine-tuning rate in tables and figures: the paper's best.
    pub fine_tuning_shown: f64,
    /// Values of γ for the step on the K rows. The first sweep's arms of Fair-MAML and of the
    /// pre-trained network are also adapted with each of them.
    #[serde(default)]
    pub fine_tuning_gammas: Vec<f64>,
    /// The γ of the first sweep in tables and figures with room for one only.
    pub gamma_shown: f64,
    /// The number of support rows of a held-out task; as in training if null.
    pub support_rows: Option<NonZeroUsize>,
    /// The adaptation of meta-learned weights to a held-out task; as in training if null.
    pub adaptation: Option<InnerLoop>,
    /// The rows over which the rates and ratios of a run are computed.
    #[serde(default)]
    pub judged: Judged,
    /// The compared methods.
    pub methods: Vec<MethodName>,
    /// The training of a fresh network on the K rows.
    pub scratch: Fit,
    /// The settings of LAFTR, if it is compared.
    pub laftr: Option<LaftrPlan>,
    /// Other numbers of support rows, all evaluated on the same query rows.
    pub points: Vec<usize>,
    /// The minimum parities of the references: the Bayes decision, and classifiers of a task's own
    /// labels. Thresholds of MAML and the coin have as many settings as the regularizers.
    #[serde(default)]
    pub targets: Vec<f64>,
    /// Methods with their own plan that appear in the same tables.
    #[serde(default)]
    pub companions: Vec<Companion>,
    /// Readings of the paper, changed one at a time.
    pub ablation: Option<Ablation>,
}

/// The training of a fresh network on few rows: Adam, with all rows in every step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fit {
    /// Adam's rate.
    pub rate: f64,
    /// The number of steps.
    pub epochs: NonZeroU64,
}

/// "One epoch" of fine-tuning the pre-trained network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FineTuning {
    /// One gradient step on all K support rows.
    #[default]
    AllRows,
    /// K gradient steps, one on each support row, in their order. The regularizer sees this row
    /// only, and no member of its group if the row is in the other group.
    RowByRow,
}

/// The choice of the protected group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GroupChoice {
    /// The protected group of the tasks, a = 0.
    #[default]
    AsGiven,
    /// The other group, a = 1.
    TheOther,
}

impl GroupChoice {
    /// The task with this group as the protected one.
    pub fn of(self, task: Task) -> Task {
        match self {
            GroupChoice::AsGiven => task,
            GroupChoice::TheOther => Task { data: task.data.with_groups_exchanged(), ..task },
        }
    }
}

/// The rows over which a rate or a ratio is computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Judged {
    /// The query rows of one test task. A run has the mean over its tasks.
    #[default]
    TaskByTask,
    /// The query rows of all test tasks of a run, counted together.
    Together,
}

impl Plan {
    /// The plan with these weights in every sweep; 0 is always included.
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

    /// The same plan with these regularizers. Each has the weights of the sweep with the same
    /// notion, else of the first one with the same measure, else of the first one.
    pub fn with_notions(mut self, notions: &[Notion]) -> Self {
        let of = |&notion: &Notion| {
            let same = self.sweeps.iter().find(|sweep| sweep.notion == notion);
            let alike = || self.sweeps.iter().find(|s| s.notion.measure() == notion.measure());
            let sweep = same.or_else(alike).or(self.sweeps.first());
            Sweep { notion, gammas: sweep.map_or(Vec::new(), |sweep| sweep.gammas.clone()) }
        };
        let mut sweeps: Vec<Sweep> = Vec::new();
        for sweep in notions.iter().map(of) {
            if sweeps.iter().all(|other| other.notion != sweep.notion) {
                sweeps.push(sweep);
            }
        }
        if let Some(first) =
            sweeps.first().filter(|first| !first.gammas.contains(&self.gamma_shown))
        {
            self.gamma_shown = first.gammas.last().copied().unwrap_or(0.0);
        }
        self.sweeps = sweeps;
        self
    }

    /// The same plan without variants and further algorithms.
    pub fn bare(self) -> Self {
        Plan { compared: Vec::new(), companions: Vec::new(), ablation: None, ..self }
    }

    /// The meta-learning algorithm of an arm.
    pub fn algorithm_of(&self, arm: Arm) -> AnyAlgorithm {
        arm.algorithm.unwrap_or(self.algorithm)
    }

    /// The rules for training episodes.
    pub fn episodes(&self) -> EpisodeOptions {
        let Plan { k, episodes_per_task, cached_batches, queries, labels, .. } = *self;
        let support = self.training_support;
        EpisodeOptions { k, episodes_per_task, cached_batches, support, queries, labels }
    }

    /// The settings of one training.
    pub fn settings(&self, arm: Arm) -> Result<MetaSettings, SettingsError> {
        MetaSettings::try_from(MetaOptions {
            algorithm: self.algorithm_of(arm),
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

    /// The adaptation of meta-learned weights to a held-out task.
    pub fn adaptation(&self) -> InnerLoop {
        self.adaptation.unwrap_or(self.inner)
    }

    /// The rows of a held-out task that may be support rows.
    pub fn support_draw(&self) -> SupportDraw {
        match &self.problem {
            Problem::Synthetic { support, .. } => *support,
            Problem::Communities { .. } | Problem::Table(_) => SupportDraw::Random,
        }
    }

    /// The number of support rows of a held-out task.
    pub fn support_rows(&self) -> NonZeroUsize {
        self.support_rows.unwrap_or(self.k)
    }
}
