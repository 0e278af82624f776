//! One job: the training of its arms, their adaptation, and the file in which it is kept.

use baselines::Pretraining;
use meta::sizes::{LearnerSize, NUMBER, NetworkSize, learned};

use super::PlanSize;
use super::results::Outcomes;
use crate::method::LANES;
use crate::plan::{Arm, MethodName};
use crate::run::job::Job;

/// The bytes of a learned number in the file of a training, and the copies of this text in memory:
/// the value, the value with its key, and the sealed file.
const NUMBER_AS_TEXT: f64 = 20.0 * COPIES;
/// The bytes of an outcome in such a file.
const OUTCOME_AS_TEXT: f64 = 400.0 * COPIES;
const COPIES: f64 = 3.0;
/// The bytes of a row with its score, and of the copies that are sorted.
const SCORED: f64 = 64.0;
/// The rows on which the thresholds of the Bayes decision are chosen.
const POPULATION: f64 = 20_000.0;
/// Trainings with more meta-iterations are kept along their way.
const KEPT_EVERY: u64 = 500;
/// The numbers that are kept for each learned one: itself and two moments.
const STATE: f64 = 3.0;

/// What a job takes.
#[derive(Clone, Copy, Debug)]
pub struct JobSize {
    /// What the memory is for.
    pub memory_is_for: &'static str,
    /// The memory in bytes.
    pub bytes: f64,
    /// What the work is for.
    pub work_is_for: &'static str,
    /// The work in multiply-adds.
    pub multiply_adds: f64,
}

impl JobSize {
    /// The size of a job whose worker has `threads` threads.
    pub fn of(size: PlanSize<'_>, outcomes: &Outcomes, job: &Job, threads: f64) -> Self {
        let data = size.data;
        let (own, arm) = (job.own() as f64, job.arms[0]);
        let training = training(size, arm, own, threads);
        let (judging, of_outcome) = judging(size, arm);
        let work = of_outcome * outcomes.of_arm(arm);
        let outcomes: f64 = job.arms.iter().map(|&arm| outcomes.of_arm(arm)).sum();
        let file = outcomes * OUTCOME_AS_TEXT + own * weights(size, arm) * NUMBER_AS_TEXT;
        let guests = job.arms.len() as f64 - own;
        let scored = if guests > 0.0 { data.training_tasks * data.rows * SCORED } else { 0.0 };
        // The file is written when the training is over.
        let bytes = training.bytes.max(judging + scored).max(file) + network_itself(size.network);
        let shifted = guests * scored + if guests > 0.0 { thresholds(size) } else { 0.0 };
        let multiply_adds = training.multiply_adds + own * work + shifted;
        JobSize { bytes, multiply_adds, ..training }
    }
}

/// How many numbers an arm learns.
pub fn weights(size: PlanSize<'_>, arm: Arm) -> f64 {
    use MethodName::*;
    let PlanSize { plan, network, .. } = size;
    match arm.method {
        Meta | PublishedCode | NoInnerStep => {
            network.parameters * learned(plan.algorithm_of(arm), plan.inner)
        }
        Pretrained | PretrainedOther | Scratch => network.parameters,
        Laftr => laftr_networks(size)[0].parameters,
        Majority | SharedThreshold | GroupThresholds | Coin | Labels | Line | Bayes
        | OwnNetwork | OwnLogistic => 0.0,
    }
}

/// The network in the plan and in a classifier, with its parameters.
fn network_itself(network: NetworkSize) -> f64 {
    2.0 * network.itself() + 3.0 * NUMBER * network.parameters
}

/// The training of `arms` arms of a method.
fn training(size: PlanSize<'_>, arm: Arm, arms: f64, threads: f64) -> JobSize {
    use MethodName::*;
    let PlanSize { plan, data, network } = size;
    let (tasks, k) = (plan.tasks_per_batch.get() as f64, data.k);
    let iterations = plan.iterations.get() as f64;
    let lanes = if arms > 1.0 { LANES as f64 } else { 1.0 };
    let (bytes, multiply_adds) = match arm.method {
        Meta | PublishedCode | NoInnerStep => {
            let (algorithm, inner) = (plan.algorithm_of(arm), plan.inner);
            let learner = LearnerSize { network, algorithm, inner, tasks, k, threads };
            let is_kept = plan.iterations.get() > KEPT_EVERY;
            let numbers = STATE * weights(size, arm);
            let state = if is_kept { numbers * (2.0 * NUMBER + NUMBER_AS_TEXT) } else { 0.0 };
            (learner.bytes() + state, iterations * learner.iteration())
        }
        Pretrained | PretrainedOther => {
            let (rows, copy) = match plan.pretraining {
                Pretraining::StepPerTask => (2.0 * k, 0.0),
                Pretraining::StepPerBatch => (2.0 * k * tasks, 0.0),
                Pretraining::MiniBatches => (2.0 * k, data.all_training_rows()),
            };
            let number = lanes * NUMBER;
            let vectors = 3.0 * number * network.parameters;
            let batch = 3.0 * rows * (NUMBER * data.features + 2.0);
            let steps = iterations * 2.0 * k * tasks / rows;
            let work = steps * lanes * network.gradient(rows);
            (vectors + network.recording(rows, 2.0, number) + batch + copy, work)
        }
        Laftr => laftr_training(size, lanes),
        Majority => (data.all_training_rows(), 0.0),
        Bayes => (POPULATION * 2.0 * SCORED + data.tests * arms * SCORED * 2.0, 0.0),
        Scratch | SharedThreshold | GroupThresholds | Coin | Labels | Line | OwnNetwork
        | OwnLogistic => (0.0, 0.0),
    };
    let (memory_is_for, work_is_for) = parts(arm.method);
    JobSize { memory_is_for, bytes, work_is_for, multiply_adds }
}

/// What the memory of a job is for, and what its work is for.
fn parts(method: MethodName) -> (&'static str, &'static str) {
    use MethodName::*;
    match method {
        Meta | PublishedCode | NoInnerStep => (
            "meta-learning: parameters × (inner steps + tasks of a batch)",
            "meta-learning: iterations × tasks of a batch × seeds",
        ),
        Pretrained | PretrainedOther => (
            "the pre-trained network: parameters × lanes",
            "the pre-trained network: iterations × rows × seeds",
        ),
        Laftr => ("LAFTR: units × rows of a mini-batch", "LAFTR: epochs × rows × seeds"),
        Scratch | OwnNetwork | OwnLogistic => {
            ("fresh networks: parameters", "fresh networks: epochs × held-out tasks × seeds")
        }
        _ => ("decisions without a network: rows", "decisions without a network: rows × seeds"),
    }
}

/// The encoder, the classifier, the adversary and the decoder, the last one without parameters if
/// there is none.
fn laftr_networks(size: PlanSize<'_>) -> [NetworkSize; 4] {
    let PlanSize { plan, data, .. } = size;
    let settings = plan.laftr.as_ref().map(|laftr| &laftr.settings);
    let (hidden, code) = settings.map_or((1, 1), |of| (of.hidden.get(), of.code.get()));
    let features = data.features as usize;
    let has_decoder = settings.is_some_and(|of| of.beta > 0.0);
    let decoder = [code.saturating_add(1), hidden, features];
    let decoder = if has_decoder { &decoder[..] } else { &[] };
    let other = NetworkSize::of(&[code, hidden, 1]);
    [NetworkSize::of(&[features, hidden, code]), other, other, NetworkSize::of(decoder)]
}

/// The training of LAFTR: weights, moments and gradients of all players, two tapes on a
/// mini-batch, and all training rows.
fn laftr_training(size: PlanSize<'_>, lanes: f64) -> (f64, f64) {
    let PlanSize { plan, data, .. } = size;
    let settings = plan.laftr.as_ref().map(|laftr| *laftr.settings);
    let all = data.training_tasks * data.rows;
    let rows = settings.map_or(0.0, |of| of.batch.get() as f64).min(all);
    let number = lanes * NUMBER;
    let networks = laftr_networks(size);
    let of_network = |network: &NetworkSize| {
        4.0 * number * network.parameters + 1.5 * network.recording(rows, 2.0, number)
    };
    let epochs = settings.map_or(0.0, |of| of.epochs as f64);
    let work: f64 = networks.iter().map(|network| 2.0 * network.gradient(all)).sum();
    let code = settings.map_or(0.0, |of| of.code.get() as f64);
    let identity = number * code * (code + 1.0);
    let bytes = networks.iter().map(of_network).sum::<f64>() + identity;
    (bytes + data.all_training_rows(), epochs * lanes * work)
}

/// The memory and the work of an arm's adaptation to one held-out task and its decisions.
fn judging(size: PlanSize<'_>, arm: Arm) -> (f64, f64) {
    use MethodName::*;
    let PlanSize { plan, data, network } = size;
    let support = plan.support_rows().get().max(plan.points.last().copied().unwrap_or(0)) as f64;
    let support = support.min(data.most_rows);
    let of = |network: NetworkSize, rows: f64, steps: f64| {
        let tape = network.recording(rows, 2.0, NUMBER);
        let decisions = network.recording(data.most_rows, 1.0, NUMBER);
        let work = steps * network.gradient(rows) + network.values(data.rows);
        (tape.max(decisions) + 4.0 * NUMBER * network.parameters, work)
    };
    match arm.method {
        Meta | PublishedCode | NoInnerStep => {
            of(network, support, plan.adaptation().steps() as f64)
        }
        Pretrained | PretrainedOther => of(network, support, 1.0),
        Scratch => of(network, support, plan.scratch.epochs.get() as f64),
        OwnNetwork | OwnLogistic => {
            of(network, data.most_rows, 5.0 * plan.scratch.epochs.get() as f64)
        }
        Laftr => {
            let [encoder, ..] = laftr_networks(size);
            let laftr = plan.laftr.as_ref();
            let rows = laftr.map_or(0.0, |laftr| laftr.support_rows.get() as f64);
            let epochs =
                laftr.and_then(|laftr| laftr.epochs.last()).map_or(0.0, |n| n.get() as f64);
            let hidden = laftr.map_or(1, |laftr| laftr.hidden.get());
            let fresh = NetworkSize::of(&[encoder.outputs as usize, hidden, 2]);
            let (fresh, work) = of(fresh, rows.min(data.most_rows), epochs);
            let (encoded, of_rows) = of(encoder, 1.0, 0.0);
            (fresh + encoded, work + of_rows)
        }
        Majority | SharedThreshold | GroupThresholds | Coin | Labels | Line | Bayes => {
            (data.most_rows * SCORED, data.rows)
        }
    }
}

/// The work of choosing thresholds: the adaptation to every training task.
fn thresholds(size: PlanSize<'_>) -> f64 {
    let PlanSize { plan, data, network } = size;
    let (rows, steps) = (plan.support_rows().get() as f64, plan.adaptation().steps() as f64);
    let one = steps * network.gradient(rows.min(data.most_rows)) + network.values(data.rows);
    data.training_tasks * (2.0 + plan.fine_tuning_gammas.len() as f64) * one
}
