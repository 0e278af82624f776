//! The paper's two problems at its settings, and a quick look at them.

use super::*;

impl Plan {
    /// Sections 4.1, 6.1 and 6.2.
    pub fn synthetic() -> Self {
        Plan {
            problem: Problem::Synthetic {
                generator: SyntheticConfig::default(),
                training_tasks: long_count(100),
                test_tasks: long_count(50),
                support: SupportDraw::PositiveProtected,
            },
            network: paper_network(2),
            seeds: long_count(20),
            iterations: long_count(5_000),
            k: count(5),
            episodes_per_task: None,
            cached_batches: None,
            training_support: SupportDraw::Random,
            queries: Queries::default(),
            labels: Labels::default(),
            tasks_per_batch: count(32),
            inner: InnerLoop::new(0.3, 1).expect("a rate of at least 0"),
            meta_rate: 1e-3,
            initialization: Initialization::He,
            reading: fairness::Reading::GroupMean,
            absent_group: AbsentGroup::Skip,
            protected_group: ProtectedGroup::default(),
            sweeps: vec![Sweep { notion: Notion::DemographicParity, gammas: vec![0.1, 1.0, 10.0] }],
            pretraining: Pretraining::default(),
            pretraining_rate: 1e-3,
            fine_tuning: FineTuning::default(),
            fine_tuning_rates: vec![0.01, 0.1, 0.2, 0.3],
            fine_tuning_shown: 0.3,
            fine_tuning_gammas: vec![0.0, 1.0, 10.0],
            gamma_shown: 10.0,
            support_rows: None,
            adaptation: None,
            judged: Judged::default(),
            methods: vec![
                Algorithm::Meta,
                Algorithm::Pretrained,
                Algorithm::Scratch,
                Algorithm::Majority,
                Algorithm::SharedThreshold,
                Algorithm::GroupThresholds,
                Algorithm::Coin,
                Algorithm::Labels,
                Algorithm::Line,
                Algorithm::Bayes,
            ],
            scratch: Fit { rate: 1e-3, epochs: long_count(500) },
            laftr: None,
            points: Vec::new(),
            targets: vec![0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0],
            coin_shares: vec![0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0],
            companions: readings::companions(),
            ablation: Some(readings::synthetic(false)),
        }
    }

    /// Sections 4.2 and 6.3.
    pub fn communities() -> Self {
        Plan {
            problem: Problem::Communities { config: CommunitiesConfig::default(), data: None },
            network: paper_network(95),
            seeds: long_count(10),
            iterations: long_count(2_000),
            k: count(10),
            episodes_per_task: None,
            cached_batches: Some(count(100)),
            tasks_per_batch: count(8),
            inner: InnerLoop::new(1e-2, 1).expect("a rate of at least 0"),
            meta_rate: 1e-4,
            sweeps: vec![
                Sweep {
                    notion: Notion::DemographicParity,
                    gammas: vec![0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0],
                },
                Sweep {
                    notion: Notion::EqualOpportunity,
                    gammas: vec![5.0, 10.0, 20.0, 30.0, 40.0, 60.0],
                },
            ],
            fine_tuning_rates: vec![1e-4, 1e-3, 1e-2, 1e-1],
            fine_tuning_shown: 1e-1,
            fine_tuning_gammas: Vec::new(),
            gamma_shown: 2.0,
            methods: vec![
                Algorithm::Meta,
                Algorithm::Pretrained,
                Algorithm::Laftr,
                Algorithm::Scratch,
                Algorithm::Majority,
                Algorithm::SharedThreshold,
                Algorithm::GroupThresholds,
                Algorithm::Coin,
                Algorithm::Labels,
                Algorithm::OwnNetwork,
                Algorithm::OwnLogistic,
            ],
            laftr: Some(LaftrPlan::paper()),
            points: vec![0, 5, 10, 20, 30, 50],
            companions: readings::companions_of_communities(),
            ablation: Some(readings::communities(false)),
            ..Plan::synthetic()
        }
    }

    /// The same plan with every reading of the paper, at all of the paper's iterations.
    pub fn with_all_readings(self) -> Self {
        let ablation = match self.problem {
            Problem::Synthetic { .. } => readings::synthetic(true),
            Problem::Communities { .. } => readings::communities(true),
        };
        Plan { ablation: Some(ablation), ..self }
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
            fine_tuning_gammas: Vec::new(),
            companions: self.companions.into_iter().map(Companion::quick).collect(),
            ablation: self.ablation.map(Ablation::quick),
            ..self
        }
    }
}

/// Two hidden layers of 20, relu.
fn paper_network(inputs: usize) -> Network {
    let network: Result<_, NetworkError> = Network::new(&[inputs, 20, 20, 2], Activation::Relu);
    network.expect("widths above 0")
}
