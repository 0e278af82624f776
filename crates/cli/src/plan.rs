//! Every setting of an experiment: what the manifest holds, and all that results depend on.

use std::num::{NonZeroU64, NonZeroUsize};

use baselines::Pretraining;
use fairness::{Notion, Regularizer};
use meta::{AbsentGroup, Gamma, InnerLoop, MetaOptions, MetaSettings, SettingsError};
use mlp::{Activation, Initialization, Network, NetworkError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tasks::communities::CommunitiesConfig;
use tasks::synthetic::{PositiveGaussian, SyntheticConfig, SyntheticSettings, TestLabels};
use tasks::{EpisodeOptions, Labels, Queries, SupportDraw, Task};

pub use ablation::{Ablation, Reading};
pub use laftr::LaftrPlan;

use crate::arm::{Algorithm, Arm};
use crate::outcome::Adaptation;
use crate::readings;

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
    pub methods: Vec<Algorithm>,
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

/// A method that differs from one of the plan's in settings alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Companion {
    /// What tables call it.
    pub method: Algorithm,
    /// What is different in its plan, as a JSON merge patch (RFC 7396); one method is left there.
    pub changes: Value,
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

/// Weights γ above 0 of one regularizer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sweep {
    /// Which regularizer.
    pub notion: Notion,
    /// In increasing order, without repetition.
    pub gammas: Vec<f64>,
}

/// A source of tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "snake_case", deny_unknown_fields)]
pub enum Problem {
    /// Section 6.1 of the paper.
    Synthetic {
        /// The generator.
        generator: SyntheticConfig,
        /// Tasks to train on, generated once for each seed.
        training_tasks: NonZeroU64,
        /// Tasks to judge on.
        test_tasks: NonZeroU64,
        /// Which rows of a test task may be support rows.
        support: SupportDraw,
    },
    /// Section 6.3.
    Communities {
        /// How states become tasks.
        config: CommunitiesConfig,
        /// A file other than the program's own copy.
        data: Option<Data>,
    },
}

/// A data file and the contents it had.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// As it was given.
    pub path: std::path::PathBuf,
    /// Of its contents, in hexadecimal.
    pub sha256: String,
}

impl Companion {
    fn quick(self) -> Self {
        Companion { changes: readings::quick(self.changes), ..self }
    }
}

impl Problem {
    /// What files and tables call it.
    pub fn name(&self) -> &'static str {
        match self {
            Problem::Synthetic { .. } => "synthetic",
            Problem::Communities { .. } => "communities",
        }
    }

    /// What titles call it.
    pub fn title(&self) -> &'static str {
        match self {
            Problem::Synthetic { support: SupportDraw::PositiveProtected, .. } => {
                "Synthetic tasks, biased fine-tuning"
            }
            Problem::Synthetic { support: SupportDraw::Random, .. } => {
                "Synthetic tasks, random fine-tuning"
            }
            Problem::Communities { .. } => "Communities and Crime, held-out states",
        }
    }
}

/// Whether finite numbers rise from one to the next, the first of them being good.
fn increasing(numbers: &[f64], good: impl Fn(f64) -> bool) -> bool {
    numbers.first().is_none_or(|&first| good(first))
        && numbers.windows(2).all(|pair| pair[0] < pair[1])
        && numbers.iter().all(|x| x.is_finite())
}

/// Whether nothing is there twice.
fn is_a_set<T: PartialEq>(items: &[T]) -> bool {
    items.iter().enumerate().all(|(i, item)| !items[..i].contains(item))
}

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).expect("a count above 0")
}

fn long_count(n: u64) -> NonZeroU64 {
    NonZeroU64::new(n).expect("a count above 0")
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

    /// The same plan under a JSON merge patch, without variants of its own, and with no more seeds,
    /// iterations and epochs of LAFTR than it has.
    ///
    /// # Errors
    /// If the outcome is no plan, or one that cannot be.
    pub fn patched(&self, patch: &Value) -> Result<Self, String> {
        let mut value =
            serde_json::to_value(self.clone().bare()).map_err(|error| error.to_string())?;
        json_patch::merge(&mut value, patch);
        let mut plan: Plan = serde_json::from_value(value).map_err(|error| error.to_string())?;
        plan.seeds = plan.seeds.min(self.seeds);
        plan.iterations = plan.iterations.min(self.iterations);
        if let (Some(laftr), Some(most)) = (&mut plan.laftr, &self.laftr) {
            laftr.cap(most.settings.epochs);
        }
        plan.check()?;
        if plan.problem.name() != self.problem.name() {
            let (ours, theirs) = (self.problem.name(), plan.problem.name());
            return Err(format!("problem: {theirs} given, {ours} as in the plan needed"));
        }
        Ok(plan)
    }

    /// In words, which settings are not the defaults of its problem; variants aside.
    pub fn changes(&self) -> Vec<String> {
        let default = match self.problem {
            Problem::Synthetic { .. } => Plan::synthetic(),
            Problem::Communities { .. } => Plan::communities(),
        };
        let fields = |mut plan: Plan| {
            // Another file is told by its name in the manifest.
            if let Problem::Communities { data, .. } = &mut plan.problem {
                *data = None;
            }
            match serde_json::to_value(plan.bare()) {
                Ok(Value::Object(fields)) => fields,
                _ => unreachable!("a plan is an object of JSON"),
            }
        };
        let (ours, theirs) = (fields(self.clone()), fields(default));
        let name = self.problem.name();
        let tell = |(field, value): (&String, &Value)| {
            let other = theirs.get(field)?;
            let told = match (value, other) {
                _ if value == other => return None,
                (Value::Number(value), Value::Number(other)) => {
                    format!("{name}: {field} {value} in place of {other}")
                }
                _ => format!("{name}: another {field}"),
            };
            Some(told)
        };
        ours.iter().filter_map(tell).collect()
    }

    /// The same plan without variants.
    pub fn bare(self) -> Self {
        Plan { companions: Vec::new(), ablation: None, ..self }
    }

    /// The plan of some arms that are trained together, all that makes no difference to what they
    /// learn and decide, such as settings of other methods, being that of a plan of its own.
    pub fn as_far_as_it_matters_to(&self, arms: &[Arm]) -> Self {
        let (mut plan, other) = (self.clone().bare(), Plan::synthetic());
        (plan.seeds, plan.judged) = (NonZeroU64::MIN, Judged::default());
        let mut algorithms: Vec<Algorithm> = arms.iter().map(|arm| arm.algorithm).collect();
        algorithms.dedup();
        let has = |any: &[Algorithm]| algorithms.iter().any(|algorithm| any.contains(algorithm));
        if !has(&[Algorithm::Laftr]) {
            plan.laftr = None;
        }
        if !has(&[Algorithm::Pretrained]) {
            (plan.pretraining, plan.fine_tuning) = (other.pretraining, other.fine_tuning);
            plan.pretraining_rate = other.pretraining_rate;
            plan.fine_tuning_rates = other.fine_tuning_rates;
            plan.fine_tuning_shown = other.fine_tuning_shown;
        }
        if !has(&[Algorithm::Meta]) {
            (plan.inner, plan.adaptation) = (other.inner, None);
        }
        if !has(&[Algorithm::Meta, Algorithm::Pretrained]) {
            plan.fine_tuning_gammas = other.fine_tuning_gammas;
        }
        if !has(&[Algorithm::Scratch, Algorithm::OwnNetwork, Algorithm::OwnLogistic]) {
            plan.scratch = other.scratch;
        }
        let is_regularized = |arm: &Arm| arm.notion.is_some() || self.adapts_with_gamma(*arm);
        if !arms.iter().any(is_regularized) {
            (plan.reading, plan.absent_group) = (other.reading, other.absent_group);
        }
        Plan { methods: algorithms, ..plan }
    }

    /// The same of what these arms learn alone: how the tasks kept apart are made, adapted to and
    /// judged is that of a plan of its own.
    pub fn as_far_as_it_matters_to_training(&self, arms: &[Arm]) -> Self {
        let (mut plan, other) = (self.as_far_as_it_matters_to(arms), Plan::synthetic());
        if let Problem::Synthetic { generator, test_tasks, support, .. } = &mut plan.problem {
            let settings = SyntheticSettings {
                test_labels: TestLabels::default(),
                positive_gaussian: PositiveGaussian::default(),
                ..generator.settings().clone()
            };
            *generator = SyntheticConfig::new(settings).expect("of valid settings");
            (*test_tasks, *support) = (NonZeroU64::MIN, SupportDraw::default());
        }
        if let (Some(laftr), Some(paper)) = (&mut plan.laftr, Plan::communities().laftr) {
            *laftr = LaftrPlan { settings: laftr.settings, ..paper };
        }
        (plan.fine_tuning, plan.scratch) = (other.fine_tuning, other.scratch);
        plan.fine_tuning_rates = other.fine_tuning_rates;
        plan.fine_tuning_shown = other.fine_tuning_shown;
        plan.fine_tuning_gammas = other.fine_tuning_gammas;
        (plan.adaptation, plan.support_rows) = (None, None);
        (plan.points, plan.targets, plan.coin_shares) = (Vec::new(), Vec::new(), Vec::new());
        (plan.sweeps, plan.gamma_shown) = (other.sweeps, other.gamma_shown);
        if arms.iter().all(|arm| arm.notion.is_none()) {
            (plan.reading, plan.absent_group) = (other.reading, other.absent_group);
        }
        plan
    }

    /// The companions, each with its plan.
    ///
    /// # Errors
    /// If one of them is no plan, or one that cannot be.
    pub fn companions(&self) -> Result<Vec<(Algorithm, Self)>, String> {
        let plan = |companion: &Companion| {
            let plan = self.patched(&companion.changes)?;
            match plan.methods[..] {
                [Algorithm::Meta | Algorithm::Pretrained] => Ok((companion.method, plan)),
                _ => {
                    let given = &plan.methods;
                    Err(format!("methods: {given:?} given, [Meta] or [Pretrained] needed"))
                }
            }
        };
        let named = |companion: &Companion| {
            let name = Arm::plain(companion.method).method();
            plan(companion).map_err(|reason| format!("companions: {name}: {reason}"))
        };
        self.companions.iter().map(named).collect()
    }

    /// The reference of the ablation, and the plan of each reading.
    ///
    /// # Errors
    /// If one of them is no plan, or one that cannot be.
    pub fn ablation(&self) -> Result<Vec<Self>, String> {
        self.ablation.as_ref().map_or(Ok(Vec::new()), |them| them.plans(self, "ablation"))
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
            inner: self.inner,
            meta_rate: match arm.algorithm {
                Algorithm::Pretrained | Algorithm::PretrainedOther => self.pretraining_rate,
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

mod ablation;
mod arms;
mod check;
mod defaults;
mod laftr;
#[cfg(test)]
mod tests;
