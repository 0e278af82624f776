//! One training, and how its weights fare on the tasks kept apart.

use baselines::Pretrained;
use indicatif::ProgressBar;
use meta::{AbsentCounts, InnerLoop, MetaLearner, adapt_to, decisions};

use crate::error::{Error, Result};
use crate::plan::{Algorithm, Arm, Plan};
use crate::prepare::{Prepared, Test};
use crate::record::{Record, Stage};

/// Points of a learning curve.
const CURVE: u64 = 50;

/// What a training leaves behind.
pub struct Trained {
    /// Which run of the plan.
    pub seed: u64,
    /// Which training.
    pub arm: Arm,
    /// The learned weights.
    pub theta: Vec<f64>,
    /// (iteration, mean loss of a task since the last point).
    pub curve: Vec<(u64, f64)>,
    /// How often the regularizer had nobody to look at; only the meta-learner counts it.
    pub absent: AbsentCounts,
    /// Decisions on the tasks kept apart.
    pub records: Vec<Record>,
}

/// Trains one arm on the tasks of one seed and evaluates it.
pub fn train(
    plan: &Plan,
    prepared: &Prepared,
    arm: Arm,
    progress: &ProgressBar,
) -> Result<Trained> {
    let run = format!(
        "{}, {} with gamma {:?}, seed {}",
        plan.problem.name(),
        arm.method(),
        arm.gamma,
        prepared.seed
    );
    let named = |source| Error::Learner { run: run.clone(), source };
    let settings = plan.settings(arm)?;
    let (network, pool, seed) = (&plan.network, &prepared.pool, prepared.seed);
    progress.set_message(format!("seed {seed}, {} γ = {}", arm.method(), arm.gamma));
    let (theta, curve, absent) = match arm.algorithm {
        Algorithm::Meta => {
            let mut learner =
                MetaLearner::<f64>::new(settings, network, pool, seed).map_err(named)?;
            let mut curve = Curve::new(plan, progress);
            learner.train(plan.iterations.get(), |_, loss| curve.add(loss)).map_err(named)?;
            (learner.theta().to_vec(), curve.points, learner.absent())
        }
        Algorithm::Pretrained => {
            let mut network = Pretrained::new(settings, network, pool, seed).map_err(named)?;
            let mut curve = Curve::new(plan, progress);
            for _ in 0..plan.iterations.get() {
                curve.add(network.step().map_err(named)?);
            }
            (network.theta().to_vec(), curve.points, AbsentCounts::default())
        }
    };
    let records = evaluate(plan, prepared, arm, &theta, &run)?;
    Ok(Trained { seed, arm, theta, curve, absent, records })
}

/// A learning curve in the making: the mean loss of a task over each stretch of iterations.
struct Curve<'a> {
    progress: &'a ProgressBar,
    tasks: f64,
    iterations: u64,
    stretch: u64,
    done: u64,
    /// Of the losses since the last point.
    sum: f64,
    points: Vec<(u64, f64)>,
}

impl<'a> Curve<'a> {
    fn new(plan: &Plan, progress: &'a ProgressBar) -> Self {
        let iterations = plan.iterations.get();
        Curve {
            progress,
            tasks: plan.tasks_per_batch.get() as f64,
            iterations,
            stretch: iterations.div_ceil(CURVE),
            done: 0,
            sum: 0.0,
            points: Vec::new(),
        }
    }

    /// The loss of one more iteration, summed over its tasks.
    fn add(&mut self, loss: f64) {
        self.sum += loss;
        self.done += 1;
        if self.done.is_multiple_of(self.stretch) || self.done == self.iterations {
            let since = self.done - self.points.last().map_or(0, |&(last, _)| last);
            self.points.push((self.done, self.sum / self.tasks / since as f64));
            self.progress.inc(since);
            self.sum = 0.0;
        }
    }
}

/// The rates at which the weights of an arm are adapted to a new task.
fn rates(plan: &Plan, arm: Arm) -> Vec<f64> {
    match arm.algorithm {
        Algorithm::Meta => vec![plan.inner.rate()],
        Algorithm::Pretrained => plan.fine_tuning_rates.clone(),
    }
}

/// How an arm adapts to a new task: the meta-learner as it was trained to, the pre-trained network
/// by one step on all K rows.
pub fn adaptation(plan: &Plan, arm: Arm, rate: f64) -> Result<InnerLoop> {
    let steps = match arm.algorithm {
        Algorithm::Meta => plan.inner.steps(),
        Algorithm::Pretrained => 1,
    };
    Ok(InnerLoop::new(rate, steps)?)
}

fn evaluate(
    plan: &Plan,
    prepared: &Prepared,
    arm: Arm,
    theta: &[f64],
    run: &str,
) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for test in &prepared.tests {
        let record = |stage, rate, theta: &[f64]| {
            let counts = decisions(&plan.network, theta, &test.episode.query);
            Record::new(plan.problem.name(), prepared.seed, arm, stage, rate, test, &counts)
        };
        records.push(record(Stage::Before, None, theta));
        for rate in rates(plan, arm) {
            let adapted = adapted(plan, arm, rate, theta, test, run)?;
            records.push(record(Stage::After, Some(rate), &adapted));
        }
    }
    Ok(records)
}

/// The weights after adaptation to the support rows of `test`.
pub fn adapted(
    plan: &Plan,
    arm: Arm,
    rate: f64,
    theta: &[f64],
    test: &Test,
    run: &str,
) -> Result<Vec<f64>> {
    let inner = adaptation(plan, arm, rate)?;
    let regularizer = plan.regularizer(arm);
    adapt_to(&plan.network, regularizer, arm.gamma, inner, theta, &test.episode)
        .map_err(|source| Error::Adaptation { run: run.into(), task: test.name.clone(), source })
}
