//! One job: the training of its arms, their adaptation, and the file in which it is kept.

use meta::sizes::{NUMBER, NetworkSize};

use super::results::Outcomes;
use crate::method::{Cost, NUMBER_AS_TEXT, Needs, TEXTS};
use crate::plan::Arm;
use crate::run::job::Job;
use crate::run::size::PlanSize;

/// The bytes of an outcome in the file of a training, in all copies of its text.
const OUTCOME_AS_TEXT: f64 = 400.0 * TEXTS;

/// What a job takes.
#[derive(Clone, Copy, Debug)]
pub struct JobSize {
    /// How many numbers each arm of the trained method learns.
    pub learned: f64,
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
        let arms = &job.arms[..job.own()];
        let Needs { learned, training, judging, memory_is_for, work_is_for } =
            needs(size, arms, threads);
        // Guests get their part one host after another, in one pass as the first of them makes it.
        let passes = job.guests().map(|(_, guests)| needs(size, guests, threads).training);
        let added = passes.fold(Cost::NONE, |all, pass| Cost {
            bytes: all.bytes.max(pass.bytes),
            multiply_adds: all.multiply_adds + pass.multiply_adds,
        });
        let own = arms.len() as f64;
        let judged = outcomes.of_arm(arms[0]) * judging.multiply_adds;
        let outcomes: f64 = job.arms.iter().map(|&arm| outcomes.of_arm(arm)).sum();
        let file = outcomes * OUTCOME_AS_TEXT + own * learned * NUMBER_AS_TEXT;
        // Guests adapt what is learned. The file is written when all this is over.
        let largest = training.bytes.max(judging.bytes + added.bytes).max(file);
        let bytes = largest + network_itself(size.network) + size.data.episode_bytes();
        let multiply_adds = training.multiply_adds + own * judged + added.multiply_adds;
        JobSize { learned, memory_is_for, bytes, work_is_for, multiply_adds }
    }
}

/// What arms of one method take.
fn needs(size: PlanSize<'_>, arms: &[Arm], threads: f64) -> Needs {
    arms[0].method.implementation().needs(size, arms, threads)
}

/// The network in the plan and in a classifier, with its parameters.
fn network_itself(network: NetworkSize) -> f64 {
    2.0 * network.itself() + 3.0 * NUMBER * network.parameters
}
