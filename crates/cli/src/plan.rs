//! Every setting of an experiment: what the manifest holds, and all that results depend on.

use std::num::{NonZeroU64, NonZeroUsize};

use baselines::Pretraining;
use fairness::{Notion, Reading, Regularizer};
use meta::{AbsentGroup, Gamma, InnerLoop, MetaOptions, MetaSettings, SettingsError};
use mlp::{Activation, Initialization, Network, NetworkError};
use serde::{Deserialize, Serialize};
use tasks::communities::CommunitiesConfig;
use tasks::synthetic::SyntheticConfig;
use tasks::{EpisodeOptions, Labels, Queries, SupportDraw};

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
    pub reading: Reading,
    /// What a batch without the regularizer's group does.
    pub absent_group: AbsentGroup,
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
            Problem::Synthetic { .. } => "Synthetic tasks, biased fine-tuning",
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
            reading: Reading::GroupMean,
            absent_group: AbsentGroup::Skip,
            sweeps: vec![Sweep { notion: Notion::DemographicParity, gammas: vec![10.0] }],
            pretraining: Pretraining::default(),
            fine_tuning: FineTuning::default(),
            fine_tuning_rates: vec![0.01, 0.1, 0.2, 0.3],
            fine_tuning_shown: 0.3,
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
            sweeps: self.sweeps.into_iter().map(first).collect(),
            ..self
        }
    }

    /// The same plan with these weights in every sweep; 0 is run anyway.
    pub fn with_gammas(mut self, gammas: &[f64]) -> Self {
        let mut gammas: Vec<f64> = gammas.iter().copied().filter(|&gamma| gamma > 0.0).collect();
        gammas.sort_by(f64::total_cmp);
        gammas.dedup();
        self.sweeps.iter_mut().for_each(|sweep| sweep.gammas.clone_from(&gammas));
        self
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
        at_most("network: parameters", self.network.parameter_count() as u64, 10_000_000)?;
        match &self.problem {
            Problem::Synthetic { training_tasks, test_tasks, .. } => {
                at_most("problem: training_tasks", training_tasks.get(), 100_000)?;
                at_most("problem: test_tasks", test_tasks.get(), 100_000)?;
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
        Ok(())
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

    /// Every training of one seed.
    pub fn arms(&self) -> Vec<Arm> {
        let mut regularized = vec![(None, 0.0)];
        for sweep in &self.sweeps {
            regularized.extend(sweep.gammas.iter().map(|&gamma| (Some(sweep.notion), gamma)));
        }
        [Algorithm::Meta, Algorithm::Pretrained]
            .into_iter()
            .flat_map(|algorithm| {
                let arm = move |&(notion, gamma): &(_, f64)| Arm { algorithm, notion, gamma };
                regularized.iter().map(arm).collect::<Vec<_>>()
            })
            .collect()
    }
}

/// Two hidden layers of 20, relu.
fn paper_network(inputs: usize) -> Network {
    let network: Result<_, NetworkError> = Network::new(&[inputs, 20, 20, 2], Activation::Relu);
    network.expect("widths above 0")
}

/// How weights are learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// Through the inner step.
    Meta,
    /// On all tasks together.
    Pretrained,
}

/// One training: an algorithm and its regularization.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arm {
    /// How weights are learned.
    pub algorithm: Algorithm,
    /// What is regularized; `None` exactly when γ is 0.
    pub notion: Option<Notion>,
    /// γ
    pub gamma: f64,
}

impl Arm {
    /// What tables and figures call it.
    pub fn method(&self) -> &'static str {
        match (self.algorithm, self.notion) {
            (Algorithm::Meta, None) => "MAML",
            (Algorithm::Meta, Some(_)) => "Fair-MAML",
            (Algorithm::Pretrained, _) => "pre-trained",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_survives_json() {
        for plan in [Plan::synthetic(), Plan::communities().quick()] {
            let text = serde_json::to_string(&plan).unwrap();
            assert_eq!(serde_json::from_str::<Plan>(&text).unwrap(), plan);
        }
    }

    /// The readings of the paper that later versions made settings, at their defaults.
    #[test]
    fn a_plan_without_the_newer_settings_has_their_defaults() {
        let plan = Plan::synthetic();
        let mut json = serde_json::to_value(&plan).unwrap();
        let fields = json.as_object_mut().unwrap();
        for (name, default) in [
            ("queries", "disjoint"),
            ("labels", "as-they-are"),
            ("pretraining", "step-per-task"),
            ("fine_tuning", "all-rows"),
        ] {
            assert_eq!(fields.remove(name).unwrap(), default);
        }
        assert_eq!(serde_json::from_value::<Plan>(json).unwrap(), plan);
    }

    #[test]
    fn the_other_readings_have_names() {
        let text = serde_json::to_string(&Plan::synthetic()).unwrap();
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
        let plan = read("\"all-rows\"", "\"row-by-row\"").unwrap();
        assert_eq!(plan.fine_tuning, FineTuning::RowByRow);
        let error = read("\"all-rows\"", "\"no-rows\"").unwrap_err().to_string();
        assert!(error.contains("no-rows") && error.contains("row-by-row"), "{error}");
    }

    #[test]
    fn impossible_plans_are_refused() {
        let text = serde_json::to_string(&Plan::synthetic()).unwrap();
        for (from, to, message) in [
            ("\"rate\":0.3", "\"rate\":-1", "inner rate: -1 given"),
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
        let plan = Plan::communities().with_gammas(&[3.0, 0.0, 1.0, 3.0]);
        let meta: Vec<_> =
            plan.arms().into_iter().filter(|arm| arm.algorithm == Algorithm::Meta).collect();
        let gammas: Vec<_> = meta.iter().map(|arm| arm.gamma).collect();
        assert_eq!(gammas, [0.0, 1.0, 3.0, 1.0, 3.0]);
        assert!(meta.iter().all(|arm| (arm.gamma == 0.0) == arm.notion.is_none()));
    }
}
