//! The paper's two problems at the paper's settings, and small versions for a quick run.

use std::num::{NonZeroU64, NonZeroUsize};

use baselines::{LaftrOptions, LaftrSettings, Pretraining};
use experiment::error::{Error, Result};
use experiment::plan::{
    Ablation, Companion, FineTuning, Fit, GroupChoice, Judged, LaftrPlan, Logits, MethodName, Plan,
    Problem, Sweep,
};
use fairness::Notion;
use meta::algorithm::{FAIR_MAML, IMAML, PUBLISHED_CODE};
use meta::{AbsentGroup, AnyAlgorithm, Implicit, InnerLoop};
use mlp::{Activation, Initialization, Network, NetworkError};
use serde_json::Value;
use tasks::communities::CommunitiesConfig;
use tasks::synthetic::SyntheticConfig;
use tasks::{Labels, Queries, SupportDraw};

use crate::readings;

/// The defaults of a problem.
pub fn of(problem: &Problem) -> Plan {
    match problem {
        Problem::Synthetic { .. } => synthetic(),
        Problem::Communities { .. } => communities(),
        Problem::Table(_) => unreachable!("the paper has two problems"),
    }
}

/// Sections 4.1, 6.1 and 6.2.
pub fn synthetic() -> Plan {
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
        algorithm: FAIR_MAML,
        compared: Vec::new(),
        inner: InnerLoop::new(0.3, 1).expect("a rate of at least 0"),
        meta_rate: 1e-3,
        initialization: Initialization::He,
        reading: fairness::Reading::GroupMean,
        absent_group: AbsentGroup::Skip,
        protected_group: GroupChoice::default(),
        sweeps: vec![Sweep { notion: Notion::DEMOGRAPHIC_PARITY, gammas: vec![0.1, 1.0, 10.0] }],
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
            MethodName::Meta,
            MethodName::Pretrained,
            MethodName::Scratch,
            MethodName::Majority,
            MethodName::SharedThreshold,
            MethodName::GroupThresholds,
            MethodName::Coin,
            MethodName::Labels,
            MethodName::Line,
            MethodName::Bayes,
            MethodName::ProbeMeta,
            MethodName::ProbePretrained,
            MethodName::ProbeRandom,
            MethodName::ProbeFeatures,
        ],
        scratch: Fit { rate: 1e-3, epochs: long_count(500) },
        laftr: None,
        points: Vec::new(),
        targets: vec![0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0],
        companions: readings::companions(),
        ablation: Some(readings::synthetic(false)),
    }
}

/// Sections 4.2 and 6.3.
pub fn communities() -> Plan {
    Plan {
        problem: Problem::Communities { config: CommunitiesConfig::default(), data: None },
        network: paper_network(95),
        seeds: long_count(10),
        iterations: long_count(2_000),
        k: count(10),
        episodes_per_task: None,
        cached_batches: Some(count(100)),
        tasks_per_batch: count(8),
        algorithm: FAIR_MAML,
        inner: InnerLoop::new(1e-2, 1).expect("a rate of at least 0"),
        meta_rate: 1e-4,
        sweeps: vec![
            Sweep { notion: Notion::DEMOGRAPHIC_PARITY, gammas: vec![1.0, 2.0, 3.0, 4.0] },
            Sweep { notion: Notion::EQUAL_OPPORTUNITY, gammas: vec![10.0, 20.0, 30.0, 40.0] },
        ],
        fine_tuning_rates: vec![1e-4, 1e-3, 1e-2, 1e-1],
        fine_tuning_shown: 1e-1,
        fine_tuning_gammas: Vec::new(),
        gamma_shown: 2.0,
        methods: vec![
            MethodName::Meta,
            MethodName::Pretrained,
            MethodName::Laftr,
            MethodName::Scratch,
            MethodName::Majority,
            MethodName::SharedThreshold,
            MethodName::GroupThresholds,
            MethodName::Coin,
            MethodName::Labels,
            MethodName::OwnNetwork,
            MethodName::OwnLogistic,
            MethodName::ProbeMeta,
            MethodName::ProbePretrained,
            MethodName::ProbeRandom,
            MethodName::ProbeFeatures,
        ],
        laftr: Some(laftr()),
        points: vec![0, 5, 10, 20, 30, 50],
        companions: readings::companions_of_communities(),
        ablation: Some(readings::communities(false)),
        ..synthetic()
    }
}

/// The plan with every reading of the paper, at all of the paper's iterations.
pub fn with_all_readings(plan: Plan) -> Plan {
    let ablation = match plan.problem {
        Problem::Synthetic { .. } => readings::synthetic(true),
        Problem::Communities { .. } => readings::communities(true),
        Problem::Table(_) => unreachable!("the paper has two problems"),
    };
    Plan { ablation: Some(ablation), ..plan }
}

/// The plan, small enough to run in seconds.
pub fn quick(plan: Plan) -> Plan {
    let problem = match plan.problem {
        Problem::Synthetic { generator, training_tasks, support, .. } => {
            Problem::Synthetic { generator, training_tasks, test_tasks: long_count(20), support }
        }
        communities => communities,
    };
    let first: fn(Sweep) -> Sweep = |sweep| Sweep { gammas: sweep.gammas[..1].to_vec(), ..sweep };
    Plan {
        problem,
        seeds: long_count(2),
        iterations: long_count(300),
        gamma_shown: plan.sweeps[0].gammas[0],
        sweeps: plan.sweeps.into_iter().map(first).collect(),
        scratch: Fit { epochs: long_count(50), ..plan.scratch },
        laftr: plan.laftr.map(|laftr| quick_laftr(laftr, first)),
        fine_tuning_gammas: Vec::new(),
        companions: plan.companions.into_iter().map(quick_companion).collect(),
        ablation: plan.ablation.map(quick_ablation),
        ..plan
    }
}

/// The plan with these algorithms: the first in place of Fair-MAML, and the others beside it.
/// Fair-MAML itself is the first wherever it stands, because the claims are about it. An algorithm
/// that is named twice counts once. With iMAML, λ is large enough for the paper's problems. If the
/// published code is the first, its settings replace those of the plan; otherwise it runs as a
/// companion, under its own settings.
///
/// # Errors
/// If the settings of the published code do not fit the plan.
pub fn comparing(plan: Plan, algorithms: &[AnyAlgorithm]) -> Result<Plan> {
    let fair = algorithms.iter().find(|algorithm| **algorithm == FAIR_MAML);
    let Some(&first) = fair.or(algorithms.first()) else { return Ok(plan) };
    let mut compared: Vec<AnyAlgorithm> = Vec::new();
    for &algorithm in algorithms {
        if algorithm != first && !compared.contains(&algorithm) {
            compared.push(algorithm);
        }
    }
    let mut plan = if first == PUBLISHED_CODE { as_published_code(plan)? } else { plan };
    if algorithms.contains(&IMAML) {
        // At the default λ every run of these problems stops (docs/derivations.md).
        let implicit = Implicit { proximal: PROXIMAL, ..plan.inner.implicit() };
        plan.inner = plan.inner.with_implicit(implicit).expect("a weight above 0");
    }
    Ok(Plan { algorithm: first, compared, ..plan })
}

/// The weight λ of iMAML on the paper's problems: the smallest power of 4 at which no run stopped.
const PROXIMAL: f64 = 16_384.0;

/// The plan under the published code's settings of the method: those of its companion, which then
/// would be the same method again.
fn as_published_code(plan: Plan) -> Result<Plan> {
    let is_it = |companion: &Companion| companion.method == MethodName::PublishedCode;
    let (it, companions): (Vec<_>, Vec<_>) = plan.companions.iter().cloned().partition(is_it);
    let mut of_method = serde_json::Map::new();
    for Companion { changes, .. } in it {
        let all = changes.as_object().cloned().unwrap_or_default().into_iter();
        of_method.extend(all.filter(|(name, _)| !readings::OF_THE_COMPARISON.contains(&&**name)));
    }
    let problem = plan.problem.name();
    let fail = |reason| Error::Variant { problem, reason };
    let patched = plan.patched(&Value::Object(of_method)).map_err(fail)?;
    Ok(Plan { companions, ablation: plan.ablation, ..patched })
}

/// LAFTR, which the paper compares with Fair-MAML.
fn laftr() -> LaftrPlan {
    // With γ = 0 as many as the paper's γ of Fair-MAML.
    let sweep = |notion| Sweep { notion, gammas: vec![0.5, 1.0, 2.0, 4.0] };
    LaftrPlan {
        settings: LaftrSettings::try_from(LaftrOptions::default()).expect("valid defaults"),
        sweeps: [Notion::DEMOGRAPHIC_PARITY, Notion::EQUAL_OPPORTUNITY].map(sweep).into(),
        gamma_shown: 1.0,
        hidden: count(20),
        logits: Logits::Two,
        rate: 1e-3,
        epochs: [1, 10, 100, 1_000].map(long_count).into(),
        epochs_shown: long_count(100),
        support_rows: count(30),
    }
}

/// The settings, without variants, that differ from the defaults of the problem, in words.
pub fn changes(plan: &Plan) -> Vec<String> {
    let default = of(&plan.problem);
    let fields = |mut plan: Plan| {
        // The manifest names another file.
        if let Problem::Communities { data, .. } = &mut plan.problem {
            *data = None;
        }
        match serde_json::to_value(plan.bare()) {
            Ok(Value::Object(fields)) => fields,
            _ => unreachable!("a plan is an object of JSON"),
        }
    };
    let (ours, theirs) = (fields(plan.clone()), fields(default));
    let name = plan.problem.name();
    let tell = |(field, value): (&String, &Value)| {
        let other = theirs.get(field)?;
        let told = match (value, other) {
            _ if value == other => return None,
            (Value::Number(value), Value::Number(other)) => {
                format!("{name}: {field} {value} in place of {other}")
            }
            (Value::String(value), Value::String(other)) if field == "algorithm" => {
                format!("{name}: {field} {value} in place of {other}")
            }
            _ => format!("{name}: another {field}"),
        };
        Some(told)
    };
    ours.iter().filter_map(tell).collect()
}

/// Two hidden layers of 20, relu.
fn paper_network(inputs: usize) -> Network {
    let network: std::result::Result<_, NetworkError> =
        Network::new(&[inputs, 20, 20, 2], Activation::Relu);
    network.expect("widths above 0")
}

fn quick_companion(companion: Companion) -> Companion {
    Companion { changes: readings::quick(companion.changes), ..companion }
}

fn quick_ablation(ablation: Ablation) -> Ablation {
    Ablation { reference: readings::quick(ablation.reference), ..ablation }
}

fn quick_laftr(mut laftr: LaftrPlan, first: fn(Sweep) -> Sweep) -> LaftrPlan {
    laftr.cap(5);
    let sweeps: Vec<Sweep> = laftr.sweeps.into_iter().map(first).collect();
    LaftrPlan { gamma_shown: sweeps[0].gammas[0], sweeps, ..laftr }
}

fn count(n: usize) -> NonZeroUsize {
    NonZeroUsize::new(n).expect("a count above 0")
}

fn long_count(n: u64) -> NonZeroU64 {
    NonZeroU64::new(n).expect("a count above 0")
}

#[cfg(test)]
mod tests;
