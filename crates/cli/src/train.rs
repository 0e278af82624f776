//! One training, and how its weights fare on the tasks kept apart.

use std::borrow::Cow;

use baselines::Pretrained;
use indicatif::ProgressBar;
use meta::{AbsentCounts, InnerLoop, MetaLearner, adapt_to, decisions};
use tasks::{Batch, Episode};

use crate::error::{Error, Result};
use crate::plan::{Algorithm, Arm, FineTuning, Plan};
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
            let mut network =
                Pretrained::new(settings, plan.pretraining, network, pool, seed).map_err(named)?;
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
/// by one step on all K rows, or on each of them.
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
    let mut theta = theta.to_vec();
    for (done, episode) in (0..).zip(fine_tuning(plan, arm, &test.episode).as_ref()) {
        theta = adapt_to(&plan.network, regularizer, arm.gamma, inner, &theta, episode).map_err(
            |mut source| {
                source.steps += done * inner.steps();
                Error::Adaptation { run: run.into(), task: test.name.clone(), source }
            },
        )?;
    }
    Ok(theta)
}

/// What an arm adapts to, one after another: all support rows at once, or row by row.
fn fine_tuning<'e>(plan: &Plan, arm: Arm, episode: &'e Episode) -> Cow<'e, [Episode]> {
    let row_by_row =
        arm.algorithm == Algorithm::Pretrained && plan.fine_tuning == FineTuning::RowByRow;
    if !row_by_row {
        return Cow::Borrowed(std::slice::from_ref(episode));
    }
    let nobody: Batch = episode.query.select(&[]);
    let row = |row| Episode { support: episode.support.select(&[row]), query: nobody.clone() };
    (0..episode.support.rows()).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRETRAINED: Arm = Arm { algorithm: Algorithm::Pretrained, notion: None, gamma: 0.0 };

    /// Two support rows on a line, x = 2 positive and x = −1 negative.
    fn test() -> Test {
        let support = Batch::new(1, vec![2.0, -1.0], vec![true, false], vec![false, true]).unwrap();
        let query = support.clone();
        Test { name: "line".into(), episode: Episode { support, query } }
    }

    fn plan(fine_tuning: FineTuning) -> Plan {
        let network = mlp::Network::new(&[1, 2], mlp::Activation::Relu).unwrap();
        Plan { network, fine_tuning, ..Plan::synthetic() }
    }

    /// Logistic regression by hand. With a difference of logits d = w x + b, the loss of a positive
    /// row has the slope p − 1 in it, that of a negative row p, where p = 1 / (1 + e⁻ᵈ).
    #[test]
    fn rows_one_by_one_or_all_at_once() {
        let slope =
            |(w, b): (f64, f64), x: f64, label: f64| 1.0 / (1.0 + (-(w * x + b)).exp()) - label;
        // Both logits move, so their difference moves twice as far.
        let step = |(w, b): (f64, f64), (dw, db): (f64, f64)| (w - 0.2 * dw, b - 0.2 * db);
        let of = |at, x: f64, label| (slope(at, x, label) * x, slope(at, x, label));
        let (first, second) = (of((0.0, 0.0), 2.0, 1.0), of((0.0, 0.0), -1.0, 0.0));
        let mean = ((first.0 + second.0) / 2.0, (first.1 + second.1) / 2.0);
        let at_once = step((0.0, 0.0), mean);
        let after_first = step((0.0, 0.0), first);
        let one_by_one = step(after_first, of(after_first, -1.0, 0.0));

        for (fine_tuning, expected) in
            [(FineTuning::AllRows, at_once), (FineTuning::RowByRow, one_by_one)]
        {
            let plan = plan(fine_tuning);
            let theta = adapted(&plan, PRETRAINED, 0.1, &[0.0; 4], &test(), "run").unwrap();
            let found = (theta[1] - theta[0], theta[3] - theta[2]);
            let error = (found.0 - expected.0).abs().max((found.1 - expected.1).abs());
            assert!(error < 1e-14, "{fine_tuning:?}: {found:?}, expected {expected:?}");
        }
    }

    #[test]
    fn only_the_pretrained_network_goes_row_by_row() {
        let adapt = |fine_tuning, algorithm| {
            let arm = Arm { algorithm, ..PRETRAINED };
            adapted(&plan(fine_tuning), arm, 0.1, &[0.0; 4], &test(), "run").unwrap()
        };
        let [all, rows] = [FineTuning::AllRows, FineTuning::RowByRow];
        assert_eq!(adapt(all, Algorithm::Meta), adapt(rows, Algorithm::Meta));
        assert_ne!(adapt(all, Algorithm::Pretrained), adapt(rows, Algorithm::Pretrained));
    }

    #[test]
    fn an_overflow_says_after_how_many_rows() {
        let plan = plan(FineTuning::RowByRow);
        let test = {
            let x = vec![1.0, -1e200];
            let support = Batch::new(1, x, vec![true, false], vec![false, true]).unwrap();
            Test { episode: Episode { support, ..test().episode }, ..test() }
        };
        let error = adapted(&plan, PRETRAINED, 1e200, &[0.0; 4], &test, "run").unwrap_err();
        assert!(error.to_string().contains("after 2 step(s)"), "{error}");
    }
}
