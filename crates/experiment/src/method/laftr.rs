//! LAFTR: a fair representation (code) learned on all tasks together, and a fresh network on the
//! codes of the support rows.

use std::borrow::Cow;

use std::num::NonZeroUsize;

use baselines::{AdversaryFairness, Laftr, LaftrArm, fit};
use fairness::Measure;
use meta::sizes::{NUMBER, NetworkSize};
use mlp::Network;
use tape::{Lanes, Scalar};
use tasks::{Episode, Purpose, stream};

use super::{
    Cost, HELD_OUT, LANES, Method, Needs, Reads, TRAINING_ROWS, Training, Work, lanes, swept,
};
use crate::error::{Error, Result};
use crate::plan::{Arm, LaftrPlan, MethodName, Plan};
use crate::results::outcome::Adaptation;
use crate::results::trained::Learned;
use crate::run::adapt::{Classifier, Run};
use crate::run::held_out::Test;
use crate::run::size::PlanSize;

/// The random stream for the weights of a fresh network on LAFTR's codes, among the streams of
/// initial weights.
const TRANSFER: u64 = 100;

pub(super) struct FairCode;

impl Method for FairCode {
    fn label(&self, _: &Plan, _: Arm) -> Cow<'static, str> {
        "LAFTR".into()
    }

    fn arms(&self, plan: &Plan, method: MethodName) -> Vec<Arm> {
        let sweeps = plan.laftr.as_ref().map_or(&[][..], |laftr| &laftr.sweeps);
        swept(method, sweeps)
    }

    fn adaptations(&self, plan: &Plan, _: Arm) -> Vec<Adaptation> {
        plan.laftr.iter().flat_map(LaftrPlan::adaptations).collect()
    }

    fn shown_adaptation(&self, plan: &Plan, _: Arm) -> Adaptation {
        settings(plan).shown()
    }

    fn shown_rows(&self, plan: &Plan) -> NonZeroUsize {
        plan.laftr.as_ref().map_or(plan.support_rows(), |laftr| laftr.support_rows)
    }

    fn shown(&self, plan: &Plan, method: MethodName) -> Arm {
        let (notion, gamma) =
            plan.laftr.as_ref().map_or((plan.sweeps[0].notion, plan.gamma_shown), |laftr| {
                (laftr.sweeps[0].notion, laftr.gamma_shown)
            });
        Arm::regularized(method, notion, gamma)
    }

    fn reads(&self) -> Reads {
        Reads {
            training: &[TRAINING_ROWS, &["laftr"]],
            regularized: &[],
            judging: &[HELD_OUT, &["laftr", "points"]],
        }
    }

    /// Arms see the same rows and differ only in numbers.
    fn groups(&self, arms: &[Arm]) -> Vec<Vec<Arm>> {
        arms.chunks(LANES).map(<[Arm]>::to_vec).collect()
    }

    fn work(&self, plan: &Plan, arms: usize) -> u64 {
        let epochs = plan.laftr.as_ref().map_or(0, |laftr| laftr.settings.epochs);
        (10 + 5 * arms as u64).saturating_mul(epochs)
    }

    fn needs(&self, size: PlanSize<'_>, arms: &[Arm], _: f64) -> Needs {
        // The check of a plan refuses LAFTR without its settings.
        let Some(laftr) = &size.plan.laftr else { return Needs::decisions(size) };
        let networks = networks(laftr, size);
        Needs {
            learned: networks[0].parameters,
            training: training(laftr, networks, size, lanes(arms)),
            judging: transfer(laftr, networks[0], size),
            memory_is_for: "LAFTR: units × rows of a mini-batch",
            work_is_for: "LAFTR: epochs × rows × seeds",
        }
    }

    fn learn(&self, work: Work<'_>) -> Result<Vec<Training>> {
        match work.arms.len() {
            1 => learn::<f64>(work),
            _ => learn::<Lanes<f64, LANES>>(work),
        }
    }

    /// A fresh network, trained on the codes of the support rows.
    fn adapt(
        &self,
        run: Run<'_>,
        learned: &Learned,
        adaptation: Adaptation,
        (task, episode): (&str, &Episode),
    ) -> Result<Classifier> {
        let Learned::Code(encoder) = learned else { unreachable!("LAFTR learns a code") };
        let laftr = settings(run.plan);
        let support = encoder.encode(&episode.support)?;
        let layers = [support.features(), laftr.hidden.get(), laftr.logits.outputs()];
        let network = Network::new(&layers, laftr.settings.activation)?;
        let mut rng = stream(run.seed, Purpose::Initialization, 0, TRANSFER);
        let theta = network.initialize(laftr.settings.initialization, &mut rng);
        let theta =
            fit(&network, None, 0.0, laftr.rate, adaptation.steps as usize, &theta, &support)
                .map_err(|source| Error::Fit { run: run.name(), task: task.into(), source })?;
        Ok(Classifier::Coded(encoder.clone(), network, theta))
    }

    fn is_compared_over_points(&self, _: &Plan, _: Arm) -> bool {
        true
    }

    fn other_episode(&self, test: &Test) -> Option<Episode> {
        test.laftr()
    }
}

fn settings(plan: &Plan) -> &LaftrPlan {
    plan.laftr.as_ref().expect("a plan with LAFTR")
}

/// The encoder, the classifier, the adversary and the decoder, the last one without parameters if
/// there is none.
fn networks(laftr: &LaftrPlan, size: PlanSize<'_>) -> [NetworkSize; 4] {
    let (hidden, code) = (laftr.settings.hidden.get(), laftr.settings.code.get());
    let features = size.data.features as usize;
    let decoder = [code.saturating_add(1), hidden, features];
    let decoder = if laftr.settings.beta > 0.0 { &decoder[..] } else { &[] };
    let other = NetworkSize::of(&[code, hidden, 1]);
    [NetworkSize::of(&[features, hidden, code]), other, other, NetworkSize::of(decoder)]
}

/// What training takes: weights, moments and gradients of all players, two tapes on a mini-batch,
/// and all training rows.
fn training(laftr: &LaftrPlan, networks: [NetworkSize; 4], size: PlanSize<'_>, lanes: f64) -> Cost {
    let data = size.data;
    let all = data.training_tasks * data.rows;
    let rows = (laftr.settings.batch.get() as f64).min(all);
    let number = lanes * NUMBER;
    let of_network = |network: &NetworkSize| {
        4.0 * number * network.parameters + 1.5 * network.recording(rows, 2.0, number)
    };
    let work: f64 = networks.iter().map(|network| 2.0 * network.gradient(all)).sum();
    let code = laftr.settings.code.get() as f64;
    let identity = number * code * (code + 1.0);
    let bytes = networks.iter().map(of_network).sum::<f64>() + identity;
    Cost {
        bytes: bytes + data.all_training_rows(),
        multiply_adds: laftr.settings.epochs as f64 * lanes * work,
    }
}

/// What the fresh network on the codes of a held-out task takes, with the codes.
fn transfer(laftr: &LaftrPlan, encoder: NetworkSize, size: PlanSize<'_>) -> Cost {
    let rows = (laftr.support_rows.get() as f64).min(size.data.most_rows);
    let epochs = laftr.epochs.last().map_or(0.0, |epochs| epochs.get() as f64);
    let layers = [encoder.outputs as usize, laftr.hidden.get(), laftr.logits.outputs()];
    let fresh = NetworkSize::of(&layers);
    let fresh = Cost::of_adaptation(size, fresh, rows, epochs);
    let encoded = Cost::of_adaptation(size, encoder, 1.0, 0.0);
    Cost {
        bytes: fresh.bytes + encoded.bytes,
        multiply_adds: fresh.multiply_adds + encoded.multiply_adds,
    }
}

/// Trains arms in lanes, in double precision. In single precision, numbers become subnormal when
/// LAFTR's losses approach 0, and processors slow down on them.
fn learn<S: Scalar>(work: Work<'_>) -> Result<Vec<Training>> {
    let Work { plan, prepared, arms, progress, .. } = work;
    let named = |source| Error::Laftr { run: work.name(), source };
    let count = arms.len();
    let arms = arms.iter().map(|arm| {
        let fairness = match arm.notion.map(|notion| notion.measure()) {
            Some(Measure::Opportunity) => AdversaryFairness::EqualOpportunity,
            Some(Measure::EqualizedOdds) => AdversaryFairness::EqualizedOdds,
            Some(Measure::Parity) | None => AdversaryFairness::DemographicParity,
        };
        LaftrArm::new(fairness, arm.gamma)
    });
    let arms = arms.collect::<std::result::Result<Vec<_>, _>>()?;
    let (laftr, data) = (settings(plan), prepared.pool.all_rows());
    let mut learner =
        Laftr::<S>::new(laftr.settings, &arms, &data, prepared.seed).map_err(named)?;
    let cost = FairCode.work(plan, count) / laftr.settings.epochs.max(1);
    for _ in 0..laftr.settings.epochs {
        learner.epoch().map_err(named)?;
        progress.advance(cost);
        progress.go_on()?;
    }
    let codes = learner.encoders().into_iter();
    Ok(codes.map(|code| Training::without(Learned::Code(code))).collect())
}
