//! Every setting of an experiment: what the manifest holds, and all that results depend on.

use std::num::{NonZeroU64, NonZeroUsize};

use baselines::Pretraining;
use fairness::{Notion, Regularizer};
use meta::{AbsentGroup, Gamma, InnerLoop, MetaOptions, MetaSettings, SettingsError};
use mlp::{Activation, Initialization, Network, NetworkError};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tasks::communities::CommunitiesConfig;
use tasks::synthetic::SyntheticConfig;
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
    /// How the pre-trained network is fine-tuned on the K rows.
    #[serde(default)]
    pub fine_tuning: FineTuning,
    /// Rates at which the pre-trained network is fine-tuned.
    pub fine_tuning_rates: Vec<f64>,
    /// The one of them that the paper names as the best; tables and figures show it.
    pub fine_tuning_shown: f64,
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
    /// The published code's variant: what is different there, as a JSON merge patch of this plan.
    pub published_code: Option<Value>,
    /// Readings of the paper, changed one at a time.
    pub ablation: Option<Ablation>,
    /// Readings under which claims about the problem are judged again.
    #[serde(default)]
    pub claims_under: Option<Ablation>,
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
    /// Sections 4.1, 6.1 and 6.2.
    pub fn synthetic() -> Self {
        Plan {
            problem: Problem::Synthetic {
                generator: SyntheticConfig::default(),
                training_tasks: long_count(100),
                test_tasks: long_count(100),
                support: SupportDraw::PositiveProtected,
            },
            network: paper_network(2),
            seeds: long_count(10),
            iterations: long_count(5_000),
            k: count(5),
            episodes_per_task: None,
            queries: Queries::default(),
            labels: Labels::default(),
            tasks_per_batch: count(32),
            inner: InnerLoop::new(0.3, 1).expect("a rate of at least 0"),
            meta_rate: 1e-3,
            initialization: Initialization::He,
            reading: fairness::Reading::GroupMean,
            absent_group: AbsentGroup::Skip,
            protected_group: ProtectedGroup::default(),
            sweeps: vec![Sweep { notion: Notion::DemographicParity, gammas: vec![2.0, 5.0, 10.0] }],
            pretraining: Pretraining::default(),
            fine_tuning: FineTuning::default(),
            fine_tuning_rates: vec![0.01, 0.1, 0.2, 0.3],
            fine_tuning_shown: 0.3,
            gamma_shown: 10.0,
            support_rows: None,
            adaptation: None,
            judged: Judged::default(),
            methods: vec![
                Algorithm::Meta,
                Algorithm::Pretrained,
                Algorithm::Scratch,
                Algorithm::Majority,
            ],
            scratch: Fit { rate: 1e-3, epochs: long_count(500) },
            laftr: None,
            points: Vec::new(),
            published_code: Some(readings::published_code()),
            ablation: Some(readings::synthetic()),
            claims_under: Some(readings::biased()),
        }
    }

    /// Sections 4.2 and 6.3.
    pub fn communities() -> Self {
        Plan {
            problem: Problem::Communities { config: CommunitiesConfig::default(), data: None },
            network: paper_network(95),
            iterations: long_count(2_000),
            k: count(10),
            episodes_per_task: Some(count(32)),
            tasks_per_batch: count(8),
            inner: InnerLoop::new(1e-2, 1).expect("a rate of at least 0"),
            meta_rate: 1e-4,
            sweeps: vec![
                Sweep { notion: Notion::DemographicParity, gammas: vec![1.0, 2.0, 3.0, 4.0] },
                Sweep { notion: Notion::EqualOpportunity, gammas: vec![10.0, 20.0, 30.0, 40.0] },
            ],
            fine_tuning_rates: vec![1e-4, 1e-3, 1e-2, 1e-1],
            fine_tuning_shown: 1e-1,
            gamma_shown: 2.0,
            methods: vec![
                Algorithm::Meta,
                Algorithm::Pretrained,
                Algorithm::Laftr,
                Algorithm::Scratch,
                Algorithm::Majority,
            ],
            laftr: Some(LaftrPlan::paper()),
            points: vec![0, 5, 10, 20, 30, 50],
            published_code: Some(readings::published_code_of_communities()),
            ablation: Some(readings::communities()),
            claims_under: None,
            ..Plan::synthetic()
        }
    }

    /// The same plan, small enough to run in seconds.
    pub fn quick(self) -> Self {
        let problem = match self.problem {
            Problem::Synthetic { generator, training_tasks, support, .. } => Problem::Synthetic {
                generator,
                training_tasks,
                test_tasks: long_count(20),
                support,
            },
            communities => communities,
        };
        let first = |sweep: Sweep| Sweep { gammas: sweep.gammas[..1].to_vec(), ..sweep };
        Plan {
            problem,
            seeds: long_count(2),
            iterations: long_count(300),
            gamma_shown: self.sweeps[0].gammas[0],
            sweeps: self.sweeps.into_iter().map(first).collect(),
            scratch: Fit { epochs: long_count(50), ..self.scratch },
            laftr: self.laftr.map(LaftrPlan::quick),
            published_code: self.published_code.map(readings::quick),
            ablation: self.ablation.map(Ablation::quick),
            claims_under: self.claims_under.map(Ablation::quick),
            ..self
        }
    }

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
        Plan { published_code: None, ablation: None, claims_under: None, ..self }
    }

    /// The plan of some arms that are trained together, all that makes no difference to what they
    /// learn and decide, such as settings of other methods, being that of a plan of its own.
    pub fn as_far_as_it_matters_to(&self, arms: &[Arm]) -> Self {
        let (mut plan, other) = (self.clone().bare(), Plan::synthetic());
        (plan.seeds, plan.judged) = (NonZeroU64::MIN, Judged::default());
        let mut algorithms: Vec<Algorithm> = arms.iter().map(|arm| arm.algorithm).collect();
        algorithms.dedup();
        if !algorithms.contains(&Algorithm::Laftr) {
            plan.laftr = None;
        }
        if !algorithms.contains(&Algorithm::Pretrained) {
            (plan.pretraining, plan.fine_tuning) = (other.pretraining, other.fine_tuning);
            plan.fine_tuning_rates = other.fine_tuning_rates;
            plan.fine_tuning_shown = other.fine_tuning_shown;
        }
        if !algorithms.contains(&Algorithm::Meta) {
            (plan.inner, plan.adaptation) = (other.inner, None);
        }
        if !algorithms.contains(&Algorithm::Scratch) {
            plan.scratch = other.scratch;
        }
        if arms.iter().all(|arm| arm.notion.is_none()) {
            (plan.reading, plan.absent_group) = (other.reading, other.absent_group);
        }
        Plan { methods: algorithms, ..plan }
    }

    /// The published code's variant, if it is run.
    ///
    /// # Errors
    /// If it is no plan, or one that cannot be.
    pub fn published_code(&self) -> Result<Option<Self>, String> {
        let patched = |patch| match self.patched(patch)? {
            plan if plan.methods == [Algorithm::Meta] => Ok(plan),
            plan => {
                let given = plan.methods;
                Err(format!("methods: {given:?} given, meta alone needed, which is what it is of"))
            }
        };
        let plan = self.published_code.as_ref().map(patched);
        plan.transpose().map_err(|reason| format!("published_code: {reason}"))
    }

    /// The reference of the ablation, and the plan of each reading.
    ///
    /// # Errors
    /// If one of them is no plan, or one that cannot be.
    pub fn ablation(&self) -> Result<Vec<Self>, String> {
        self.ablation.as_ref().map_or(Ok(Vec::new()), |them| them.plans(self, "ablation"))
    }

    /// The plans under which claims are judged again, the one without another reading first.
    ///
    /// # Errors
    /// If one of them is no plan, or one that cannot be.
    pub fn claims_under(&self) -> Result<Vec<Self>, String> {
        self.claims_under.as_ref().map_or(Ok(Vec::new()), |them| them.plans(self, "claims_under"))
    }

    /// Looks for what would fail, or never end, after hours of work.
    ///
    /// # Errors
    /// The setting, its value and what would be accepted.
    pub fn check(&self) -> Result<(), String> {
        let at_most = |name: &str, value: u64, most: u64| match value <= most {
            true => Ok(()),
            false => Err(format!("{name}: {value} given, at most {most} needed")),
        };
        at_most("seeds", self.seeds.get(), 10_000)?;
        at_most("iterations", self.iterations.get(), 1_000_000_000)?;
        at_most("tasks_per_batch", self.tasks_per_batch.get() as u64, 10_000)?;
        at_most("episodes_per_task", self.episodes_per_task.map_or(0, |n| n.get() as u64), 10_000)?;
        at_most("inner: steps", self.inner.steps() as u64, 10_000)?;
        at_most("adaptation: steps", self.adaptation().steps() as u64, 10_000)?;
        at_most("network: parameters", self.network.parameter_count() as u64, 10_000_000)?;
        match &self.problem {
            Problem::Synthetic { generator, training_tasks, test_tasks, .. } => {
                at_most("problem: training_tasks", training_tasks.get(), 100_000)?;
                at_most("problem: test_tasks", test_tasks.get(), 100_000)?;
                let points = generator.settings().points as u64;
                let tasks = training_tasks.max(test_tasks).get();
                at_most("problem: points in all tasks", points.saturating_mul(tasks), 100_000_000)?;
            }
            Problem::Communities { config, .. } if config.settings().held_out == 0 => {
                return Err("problem: held_out: 0 given, at least 1 needed".into());
            }
            Problem::Communities { .. } => {}
        }
        let refuse = |name: &str, value: &dyn std::fmt::Debug, accepted: &str| {
            Err(format!("{name}: {value:?} given, {accepted} needed"))
        };
        if !(self.meta_rate.is_finite() && self.meta_rate > 0.0) {
            return refuse("meta_rate", &self.meta_rate, "a finite number above 0");
        }
        for (i, sweep) in self.sweeps.iter().enumerate() {
            if self.sweeps[..i].iter().any(|other| other.notion == sweep.notion) {
                return refuse("sweeps", &sweep.notion, "each notion at most once");
            }
            if !increasing(&sweep.gammas, |gamma| gamma > 0.0) {
                return refuse("sweeps: gammas", &sweep.gammas, "increasing numbers above 0");
            }
        }
        if self.sweeps.is_empty() {
            return refuse("sweeps", &self.sweeps, "at least one");
        }
        let rates = &self.fine_tuning_rates;
        if !increasing(rates, |rate| rate >= 0.0) {
            return refuse("fine_tuning_rates", rates, "increasing numbers of at least 0");
        }
        if !rates.contains(&self.fine_tuning_shown) {
            let accepted = "one of fine_tuning_rates";
            return refuse("fine_tuning_shown", &self.fine_tuning_shown, accepted);
        }
        let first = &self.sweeps[0].gammas;
        let shown = first.contains(&self.gamma_shown);
        if !(shown || first.is_empty() && self.gamma_shown == 0.0) {
            return refuse("gamma_shown", &self.gamma_shown, "one of the first sweep's gammas");
        }
        if !(self.scratch.rate.is_finite() && self.scratch.rate > 0.0) {
            return refuse("scratch: rate", &self.scratch.rate, "a finite number above 0");
        }
        at_most("scratch: epochs", self.scratch.epochs.get(), 1_000_000)?;
        if !self.points.windows(2).all(|pair| pair[0] < pair[1]) {
            return refuse("points", &self.points, "increasing numbers");
        }
        if !is_a_set(&self.methods) || self.methods.is_empty() {
            return refuse("methods", &self.methods, "at least one, and each at most once,");
        }
        if self.methods.contains(&Algorithm::PublishedCode) {
            return refuse("methods", &"published-code", "published_code, a patch,");
        }
        if self.methods.contains(&Algorithm::Laftr) != self.laftr.is_some() {
            return refuse(
                "laftr",
                &self.laftr.is_some(),
                "settings if and only if methods has laftr",
            );
        }
        self.laftr.as_ref().map_or(Ok(()), LaftrPlan::check)?;
        self.published_code()?;
        self.ablation()?;
        self.claims_under().map(drop)
    }

    /// What the episodes of training are.
    pub fn episodes(&self) -> EpisodeOptions {
        let Plan { k, episodes_per_task, queries, labels, .. } = *self;
        EpisodeOptions { k, episodes_per_task, queries, labels }
    }

    /// The settings of one training.
    pub fn settings(&self, arm: Arm) -> Result<MetaSettings, SettingsError> {
        MetaSettings::try_from(MetaOptions {
            inner: self.inner,
            meta_rate: self.meta_rate,
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

    /// Support rows of a task kept apart.
    pub fn support_rows(&self) -> NonZeroUsize {
        self.support_rows.unwrap_or(self.k)
    }

    /// Every arm of one seed, in the order of tables.
    pub fn arms(&self) -> Vec<Arm> {
        self.methods.iter().flat_map(|&algorithm| self.arms_of(algorithm)).collect()
    }

    fn arms_of(&self, algorithm: Algorithm) -> Vec<Arm> {
        let sweeps = match algorithm {
            Algorithm::Majority => &[][..],
            Algorithm::Laftr => self.laftr.as_ref().map_or(&[][..], |laftr| &laftr.sweeps),
            _ => &self.sweeps,
        };
        let regularized = sweeps.iter().flat_map(|sweep| {
            let arm = |&gamma| Arm::regularized(algorithm, sweep.notion, gamma);
            sweep.gammas.iter().map(arm)
        });
        std::iter::once(Arm::plain(algorithm)).chain(regularized).collect()
    }

    /// Every way in which an arm is adapted to a task kept apart.
    pub fn adaptations(&self, arm: Arm) -> Vec<Adaptation> {
        match arm.algorithm {
            Algorithm::Meta | Algorithm::PublishedCode => {
                let inner = self.adaptation();
                vec![Adaptation::BEFORE, Adaptation::after(inner.rate(), inner.steps() as u64)]
            }
            Algorithm::Pretrained => {
                let fine_tuning = |&rate: &f64| Adaptation::after(rate, 1);
                let rates = self.fine_tuning_rates.iter().map(fine_tuning);
                std::iter::once(Adaptation::BEFORE).chain(rates).collect()
            }
            Algorithm::Laftr => self.laftr.iter().flat_map(LaftrPlan::adaptations).collect(),
            Algorithm::Scratch => {
                vec![Adaptation::after(self.scratch.rate, self.scratch.epochs.get())]
            }
            Algorithm::Majority => vec![Adaptation::BEFORE],
        }
    }

    /// The way of them that tables and figures show.
    ///
    /// # Panics
    /// If the arm is LAFTR's and the plan has none.
    pub fn shown_adaptation(&self, arm: Arm) -> Adaptation {
        match arm.algorithm {
            Algorithm::Pretrained => Adaptation::after(self.fine_tuning_shown, 1),
            _ => *self.adaptations(arm).last().expect("an arm of the plan"),
        }
    }

    /// The arm of an algorithm at the γ that is shown.
    pub fn shown(&self, algorithm: Algorithm) -> Arm {
        let (notion, gamma) = match (algorithm, &self.laftr) {
            (Algorithm::Laftr, Some(laftr)) => (laftr.sweeps[0].notion, laftr.gamma_shown),
            _ => (self.sweeps[0].notion, self.gamma_shown),
        };
        Arm::regularized(algorithm, notion, gamma)
    }
}

/// Two hidden layers of 20, relu.
fn paper_network(inputs: usize) -> Network {
    let network: Result<_, NetworkError> = Network::new(&[inputs, 20, 20, 2], Activation::Relu);
    network.expect("widths above 0")
}

mod ablation;
mod laftr;
#[cfg(test)]
mod tests;
