//! One job: the trainings of one seed that run together, and how they fare on the tasks kept apart.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use baselines::{AdversaryFairness, Laftr, LaftrArm, Pretrained};
use fairness::Measure;
use meta::{AbsentCounts, MetaLearner, initial_weights};
use tape::{Lanes, Scalar};
use tasks::Batch;

use crate::error::{Error, Result};
use crate::plan::Plan;
use crate::plan::arm::{Algorithm, Arm};
use crate::progress::Progress;
use crate::results::outcome::Outcome;
use crate::results::trained::{Learned, Trained};
use crate::run::adapt::Run;
use crate::run::job::{Job, LANES, work};
use crate::run::prepare::Prepared;
use crate::run::{key, rivals};

/// Points of a learning curve.
const CURVE: u64 = 50;

/// Does a job on the tasks of one seed. What another plan of this run has learned already, on the
/// same tasks and in the same way, is taken from `known`.
pub fn train(
    plan: &Plan,
    prepared: &Prepared,
    job: &Job,
    known: &Known,
    progress: &dyn Progress,
) -> Result<Vec<Trained>> {
    let arm = job.arms[0];
    let run = |arm: Arm| Run { plan, arm, seed: prepared.seed };
    progress.message(format!("seed {}, {} γ = {}", prepared.seed, arm.method(), arm.gamma));
    let one = |training: Training| Ok(vec![judged(run(arm), prepared, training)?]);
    match arm.algorithm {
        Algorithm::Meta | Algorithm::Pretrained | Algorithm::Laftr => {
            let trainings = known
                .get(plan, prepared.seed, job, progress, || learn(plan, prepared, job, progress))?;
            let (trained, shifted) = job.arms.split_at(trainings.len());
            let shifted = rivals::shifted(run(arm), prepared, &trainings[0].learned, shifted)?;
            let judge =
                |(&arm, training): (&Arm, &Training)| judged(run(arm), prepared, training.clone());
            let trained = trained.iter().zip(trainings.iter()).map(judge);
            trained.chain(shifted.into_iter().map(Ok)).collect()
        }
        Algorithm::Scratch => {
            let settings = plan.settings(arm)?;
            let (network, pool) = (&plan.network, &prepared.pool);
            let theta = initial_weights(&settings, network, pool, prepared.seed)?;
            one(Training::without(Learned::Weights(theta)))
        }
        Algorithm::Majority => one(Training::without(Learned::Decision(larger_class(prepared)))),
        _ => rivals::judge(plan, prepared, job),
    }
}

/// Trains what a job has to train.
fn learn(
    plan: &Plan,
    prepared: &Prepared,
    job: &Job,
    progress: &dyn Progress,
) -> Result<Vec<Training>> {
    let run = Run { plan, arm: job.arms[0], seed: prepared.seed };
    match (job.arms[0].algorithm, job.arms.len()) {
        (Algorithm::Laftr, 1) => laftr::<f64>(plan, prepared, job, progress),
        (Algorithm::Laftr, _) => laftr::<Lanes<f64, LANES>>(plan, prepared, job, progress),
        (Algorithm::Pretrained, 1) => pretrained::<f64>(plan, prepared, job, progress),
        (Algorithm::Pretrained, _) => {
            pretrained::<Lanes<f64, LANES>>(plan, prepared, job, progress)
        }
        _ => Ok(vec![meta(run, prepared, progress)?]),
    }
}

/// What was learned, and how it went.
#[derive(Clone)]
struct Training {
    learned: Learned,
    curve: Vec<(u64, f64)>,
    absent: Option<AbsentCounts>,
}

impl Training {
    /// Nothing was trained.
    fn without(learned: Learned) -> Self {
        Training { learned, curve: Vec::new(), absent: None }
    }
}

/// What was learned so far in this run. Plans that differ in how the tasks kept apart are made,
/// adapted to and judged learn the same.
#[derive(Default)]
pub struct Known(Mutex<HashMap<String, Arc<Vec<Training>>>>);

impl Known {
    /// What a job learned before, or learns now.
    fn get(
        &self,
        plan: &Plan,
        seed: u64,
        job: &Job,
        progress: &dyn Progress,
        learn: impl FnOnce() -> Result<Vec<Training>>,
    ) -> Result<Arc<Vec<Training>>> {
        let arms: Vec<Arm> = job.arms.iter().filter(|arm| arm.target.is_none()).copied().collect();
        let key = format!("{seed} {}", key::of_training(plan, &arms));
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&key) {
            progress.advance(work(plan, job));
            return Ok(known.clone());
        }
        let learned = Arc::new(learn()?);
        lock().insert(key, learned.clone());
        Ok(learned)
    }
}

fn meta(run: Run<'_>, prepared: &Prepared, progress: &dyn Progress) -> Result<Training> {
    let Run { plan, arm, seed } = run;
    let named = |source| Error::Learner { run: run.name(), source };
    let settings = plan.settings(arm)?;
    let mut learner =
        MetaLearner::<f64>::new(settings, &plan.network, &prepared.pool, seed).map_err(named)?;
    let mut curve = Curve::new(plan);
    let after = |_, loss| progress.advance(curve.add(loss));
    learner.train(plan.iterations.get(), after).map_err(named)?;
    let learned = Learned::Weights(learner.theta().to_vec());
    Ok(Training { learned, curve: curve.points, absent: Some(learner.absent()) })
}

/// Trains the pre-trained network's arms side by side.
fn pretrained<S: Scalar>(
    plan: &Plan,
    prepared: &Prepared,
    job: &Job,
    progress: &dyn Progress,
) -> Result<Vec<Training>> {
    let named = |source| Error::Learner { run: job.name(plan, prepared.seed), source };
    let settings = job.arms.iter().map(|&arm| plan.settings(arm));
    let settings = settings.collect::<std::result::Result<Vec<_>, _>>()?;
    let (network, pool) = (&plan.network, &prepared.pool);
    let mut networks =
        Pretrained::<S>::new(&settings, plan.pretraining, network, pool, prepared.seed)
            .map_err(named)?;
    let mut curves: Vec<Curve> = job.arms.iter().map(|_| Curve::new(plan)).collect();
    let cost = work(plan, job) / plan.iterations;
    for _ in 0..plan.iterations.get() {
        let losses = networks.step().map_err(named)?;
        let done = curves.iter_mut().zip(losses).map(|(curve, loss)| curve.add(loss)).max();
        progress.advance(cost * done.unwrap_or(0));
    }
    let training = |(lane, curve): (usize, Curve)| {
        let learned = Learned::Weights(networks.theta(lane));
        Training { curve: curve.points, ..Training::without(learned) }
    };
    Ok(curves.into_iter().enumerate().map(training).collect())
}

/// All rows of the training tasks.
fn all_rows(prepared: &Prepared) -> Batch {
    let rows: Vec<&Batch> = prepared.pool.tasks().iter().map(|task| &task.data).collect();
    Batch::concat(&rows)
}

/// Whether at least half of the training rows are positive.
fn larger_class(prepared: &Prepared) -> bool {
    let rows = all_rows(prepared);
    2 * rows.positive().iter().filter(|&&positive| positive).count() >= rows.rows()
}

/// Trains LAFTR's arms side by side. Not in single precision: where its losses run against 0 the
/// numbers become subnormal, and processors slow on them.
fn laftr<S: Scalar>(
    plan: &Plan,
    prepared: &Prepared,
    job: &Job,
    progress: &dyn Progress,
) -> Result<Vec<Training>> {
    let laftr = plan.laftr.as_ref().expect("a plan with LAFTR");
    let named = |source| Error::Laftr { run: job.name(plan, prepared.seed), source };
    let arms = job.arms.iter().map(|arm| {
        let fairness = match arm.notion.map(|notion| notion.measure()) {
            Some(Measure::Opportunity) => AdversaryFairness::EqualOpportunity,
            Some(Measure::Parity) | None => AdversaryFairness::DemographicParity,
        };
        LaftrArm::new(fairness, arm.gamma)
    });
    let arms = arms.collect::<std::result::Result<Vec<_>, _>>()?;
    let data = all_rows(prepared);
    let mut learner =
        Laftr::<S>::new(laftr.settings, &arms, &data, prepared.seed).map_err(named)?;
    let cost = work(plan, job) / laftr.settings.epochs.max(1);
    learner.train(|_, _| progress.advance(cost)).map_err(named)?;
    let codes = learner.encoders().into_iter();
    Ok(codes.map(|code| Training::without(Learned::Code(code))).collect())
}

/// Judges what was learned on every task kept apart.
fn judged(run: Run<'_>, prepared: &Prepared, training: Training) -> Result<Trained> {
    let Training { learned, curve, absent } = training;
    let judge = |task: &str, adaptation, episode| -> Result<Outcome> {
        let classifier = run.adapt(&learned, adaptation, (task, episode))?;
        let counts = classifier.decide(&episode.query)?;
        let support_rows = episode.support.rows();
        Ok(Outcome { task: task.into(), adaptation, support_rows, counts })
    };
    let mut outcomes = Vec::new();
    let mut points = Vec::new();
    for test in &prepared.tests {
        for adaptation in run.plan.adaptations(run.arm) {
            outcomes.push(judge(&test.name, adaptation, &test.episode)?);
        }
        if let (Algorithm::Laftr, Some(episode)) = (run.arm.algorithm, &test.laftr) {
            outcomes.push(judge(&test.name, run.plan.shown_adaptation(run.arm), episode)?);
        }
        if is_compared_over_points(run) {
            for episode in test.points.iter().filter(|episode| needs(run, episode.support.rows())) {
                points.push(judge(&test.name, run.plan.shown_adaptation(run.arm), episode)?);
            }
        }
    }
    Ok(Trained { seed: run.seed, arm: run.arm, learned, curve, absent, outcomes, points })
}

/// Numbers of support rows are compared for whole fronts of Fair-MAML and LAFTR, and for the other
/// networks at γ = 0 and at the γ that is shown.
fn is_compared_over_points(Run { plan, arm, .. }: Run<'_>) -> bool {
    match arm.algorithm {
        Algorithm::Meta | Algorithm::Laftr => true,
        Algorithm::Pretrained | Algorithm::Scratch => {
            arm.notion.is_none() || arm == plan.shown(arm.algorithm)
        }
        _ => false,
    }
}

/// Whether there is anything to judge: fresh networks know nothing without support rows.
fn needs(run: Run<'_>, rows: usize) -> bool {
    rows > 0 || matches!(run.arm.algorithm, Algorithm::Meta | Algorithm::Pretrained)
}

/// A learning curve in the making: the mean loss of a task over each stretch of iterations.
struct Curve {
    tasks: f64,
    iterations: u64,
    stretch: u64,
    done: u64,
    /// Of the losses since the last point.
    sum: f64,
    points: Vec<(u64, f64)>,
}

impl Curve {
    fn new(plan: &Plan) -> Self {
        let iterations = plan.iterations.get();
        Curve {
            tasks: plan.tasks_per_batch.get() as f64,
            iterations,
            stretch: iterations.div_ceil(CURVE),
            done: 0,
            sum: 0.0,
            points: Vec::new(),
        }
    }

    /// The loss of one more iteration, summed over its tasks. Returns how many iterations a point
    /// that is complete with this one stands for, else 0.
    fn add(&mut self, loss: f64) -> u64 {
        self.sum += loss;
        self.done += 1;
        if !self.done.is_multiple_of(self.stretch) && self.done != self.iterations {
            return 0;
        }
        let since = self.done - self.points.last().map_or(0, |&(last, _)| last);
        self.points.push((self.done, self.sum / self.tasks / since as f64));
        self.sum = 0.0;
        since
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Sweep;
    use crate::progress::Silent;
    use crate::run::job::jobs;
    use crate::run::prepare::Source;
    use crate::sample;
    use fairness::Notion;
    use std::num::{NonZeroU64, NonZeroUsize};

    /// Communities and Crime, with next to no training.
    fn tiny() -> Plan {
        let plan = sample::quick(sample::communities());
        Plan { iterations: NonZeroU64::new(2).unwrap(), ..plan }
    }

    fn with_laftr(gammas: Vec<f64>) -> Plan {
        let mut plan = tiny();
        let laftr = plan.laftr.as_mut().unwrap();
        laftr.gamma_shown = gammas[0];
        laftr.sweeps = vec![Sweep { notion: Notion::DEMOGRAPHIC_PARITY, gammas }];
        plan
    }

    /// All numbers of a code.
    fn weights(trained: &Trained) -> Vec<f64> {
        fn numbers(value: &serde_json::Value) -> Vec<f64> {
            match value {
                serde_json::Value::Array(items) => items.iter().flat_map(numbers).collect(),
                serde_json::Value::Object(items) => items.values().flat_map(numbers).collect(),
                value => value.as_f64().into_iter().collect(),
            }
        }
        numbers(&serde_json::to_value(&trained.learned).unwrap())
    }

    /// What is learned in lanes does not depend on the company. Alone it is the same but for
    /// rounding: sums are made in another order.
    #[test]
    fn laftr_in_lanes_is_laftr_alone() {
        let plan = with_laftr(vec![0.5, 1.0, 2.0]);
        let prepared = Source::open(&plan).unwrap().prepare(&plan, 0).unwrap();
        let train = |arms: &[Arm]| {
            let job = Job { arms: arms.to_vec() };
            train(&plan, &prepared, &job, &Known::default(), &Silent).unwrap()
        };
        let arms: Vec<Arm> =
            plan.arms().into_iter().filter(|arm| arm.algorithm == Algorithm::Laftr).collect();
        assert_eq!(arms.len(), 4);
        let together = train(&arms);
        assert!(together.iter().map(|run| run.arm).eq(arms.iter().copied()));
        assert!(train(&arms[1..3]) == together[1..3]);
        for (arm, lane) in arms.iter().zip(&together) {
            let alone = train(&[*arm]).remove(0);
            assert_eq!(alone.arm, *arm);
            let (alone, lane) = (weights(&alone), weights(lane));
            assert!(alone.len() == lane.len() && alone.len() > 2000);
            let most = alone.iter().zip(&lane).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(most < 1e-9, "{arm:?}: {most:e}");
        }
        // The adversary's weight does far more.
        for pair in together.windows(2) {
            let (a, b) = (weights(&pair[0]), weights(&pair[1]));
            assert!(a.iter().zip(&b).any(|(a, b)| (a - b).abs() > 1e-3));
        }
    }

    /// Every way of adapting, on every task; other numbers of rows where they are compared.
    #[test]
    fn outcomes_are_whole() {
        let plan = Plan { points: vec![0, 5, 10], ..tiny() };
        let prepared = Source::open(&plan).unwrap().prepare(&plan, 0).unwrap();
        assert!(prepared.tests.iter().all(|test| test.points.len() == 3));
        let progress = Silent;
        let tasks = prepared.tests.len();
        for job in jobs(&plan) {
            let expected: Vec<usize> = job
                .arms
                .iter()
                .map(|arm| match arm.algorithm {
                    Algorithm::Pretrained if arm.notion == Some(Notion::EQUAL_OPPORTUNITY) => 0,
                    Algorithm::Meta | Algorithm::Pretrained => 3,
                    // Fresh networks know nothing without rows.
                    Algorithm::Scratch if arm.notion == Some(Notion::EQUAL_OPPORTUNITY) => 0,
                    Algorithm::Scratch | Algorithm::Laftr => 2,
                    _ => 0,
                })
                .collect();
            let trained = train(&plan, &prepared, &job, &Known::default(), &progress).unwrap();
            for ((run, arm), points) in trained.iter().zip(&job.arms).zip(expected) {
                assert_eq!(run.arm, *arm);
                let ways = plan.adaptations(*arm);
                // LAFTR with more rows is judged where the task has them.
                let on_k_rows = |o: &&Outcome| o.support_rows == plan.k.get();
                let outcomes: Vec<&Outcome> = run.outcomes.iter().filter(on_k_rows).collect();
                let more = prepared.tests.iter().filter(|test| test.laftr.is_some()).count();
                let more = if arm.algorithm == Algorithm::Laftr { more } else { 0 };
                assert_eq!(run.outcomes.len() - outcomes.len(), more, "{arm:?}");
                assert_eq!(outcomes.len(), tasks * ways.len(), "{arm:?}");
                if arm.target.is_some() {
                    // Thresholds are chosen for all tasks after each way of adapting.
                    continue;
                }
                for (outcomes, test) in outcomes.chunks(ways.len()).zip(&prepared.tests) {
                    for (outcome, way) in outcomes.iter().zip(&ways) {
                        assert_eq!((&outcome.task, outcome.adaptation), (&test.name, *way));
                        let rows = outcome.counts.overall().total();
                        assert_eq!(rows, test.episode.query.rows() as u64);
                    }
                }
                assert_eq!(run.points.len(), tasks * points, "{arm:?}");
                // After no rows at all, a step goes nowhere; after K rows, it is the same step.
                let rows: Vec<usize> =
                    run.points.iter().map(|p| p.support_rows).take(points).collect();
                assert_eq!(rows, [0, 5, 10][3 - points..]);
            }
        }
    }

    #[test]
    fn the_larger_class() {
        let mut plan = tiny();
        let mut decided = |positive: bool| {
            let x = vec![0.0; 40];
            let labels: Vec<bool> = (0..40).map(|row| (row < 21) == positive).collect();
            let task = tasks::Task {
                name: "made up".into(),
                data: Batch::new(1, x, labels, vec![false; 40]).unwrap(),
            };
            plan.episodes_per_task = NonZeroUsize::new(1);
            let pool = tasks::EpisodePool::new(vec![task], plan.episodes(), 0).unwrap();
            larger_class(&Prepared { seed: 0, pool, tests: Vec::new(), passed_over: 0 })
        };
        assert!(decided(true));
        assert!(!decided(false));
    }

    /// Means over stretches, and the rest of them at the end.
    #[test]
    fn a_curve_by_hand() {
        let plan = Plan {
            iterations: NonZeroU64::new(101).unwrap(),
            tasks_per_batch: NonZeroUsize::new(2).unwrap(),
            ..tiny()
        };
        let mut curve = Curve::new(&plan);
        let done: u64 = (1..=101).map(|i| curve.add(f64::from(i))).sum();
        // Stretches of 3 iterations; the last has the iterations 100 and 101.
        assert_eq!(curve.points.len(), 34);
        assert_eq!(curve.points[0], (3, 1.0));
        assert_eq!(curve.points[33], (101, 50.25));
        assert_eq!(done, 101);
    }
}
