//! One job: the trainings of one seed that run together, and their decisions on held-out tasks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tasks::{Purpose, stream};

use crate::error::Result;
use crate::method::{Shared, Training, Work};
use crate::plan::{Arm, Plan};
use crate::progress::Progress;
use crate::results::outcome::Outcome;
use crate::results::trained::{Learned, Trained};
use crate::run::adapt::Run;
use crate::run::begun::Begun;
use crate::run::job::Job;
use crate::run::key;
use crate::run::prepare::Prepared;
use crate::run::score::{Scored, Thresholds, scored};

/// Runs a job on the tasks of one seed. If another plan of this run has done the same training on
/// the same tasks, its result is taken from `known`.
///
/// # Errors
/// If a training fails or an adaptation overflows.
pub fn train(
    plan: &Plan,
    prepared: &Prepared,
    job: &Job,
    known: &Known<'_>,
    progress: &dyn Progress,
) -> Result<Vec<Trained>> {
    let (first, method) = (job.arms[0], job.arms[0].method.implementation());
    let label = plan.label(first);
    progress.message(format!("seed {}, {label} γ = {}", prepared.seed, first.gamma));
    let arms = &job.arms[..job.own()];
    let work = Work { plan, prepared, arms, progress, begun: known.begun };
    let trainings = match method.work(plan, arms.len()) {
        0 => Arc::new(method.learn(work)?),
        _ => known.get(work)?,
    };
    let mut trained = method.judge(work, &trainings)?;
    for (host, guests) in job.guests() {
        let place = arms.iter().position(|arm| *arm == host.arm).expect("a host is in its job");
        let learned = &trainings[place].learned;
        trained.extend(match host.shares {
            Shared::Scores => shifted(work.run(host.arm), prepared, learned, guests)?,
            Shared::Learned => {
                let training = Training::without(learned.clone());
                let work = Work { arms: guests, ..work };
                let judge = guests[0].method.implementation();
                judge.judge(work, &vec![training; guests.len()])?
            }
        });
    }
    Ok(trained)
}

/// The results of training so far in this run. Plans that differ only in the held-out tasks,
/// adaptation or evaluation share them.
#[derive(Default)]
pub struct Known<'a> {
    trainings: Mutex<HashMap<String, Arc<Vec<Training>>>>,
    /// Keeps trainings that have begun.
    begun: Option<&'a dyn Begun>,
}

impl<'a> Known<'a> {
    /// Nothing yet; trainings that have begun are kept in `begun`.
    pub fn keeping(begun: &'a dyn Begun) -> Self {
        Known { begun: Some(begun), ..Known::default() }
    }

    /// The results of training these arms, now or before.
    fn get(&self, work: Work<'_>) -> Result<Arc<Vec<Training>>> {
        let Work { plan, prepared, arms, progress, .. } = work;
        let method = arms[0].method.implementation();
        let key = format!("{} {}", prepared.seed, key::of_training(plan, arms));
        let lock = || self.trainings.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = lock().get(&key) {
            progress.advance(method.work(plan, arms.len()));
            return Ok(known.clone());
        }
        let learned = Arc::new(method.learn(work)?);
        lock().insert(key, learned.clone());
        Ok(learned)
    }
}

/// The weights of `run` with other thresholds. The thresholds are chosen on the training tasks,
/// after the same adaptation to as many rows of the same kind.
fn shifted(
    run: Run<'_>,
    prepared: &Prepared,
    learned: &Learned,
    arms: &[Arm],
) -> Result<Vec<Trained>> {
    let method = run.arm.method.implementation();
    let mut trained: Vec<Trained> =
        arms.iter().map(|&arm| Trained::of(run.seed, arm, Learned::Nothing)).collect();
    for adaptation in run.plan.adaptations(arms[0]) {
        let score = |task: &str, episode: &tasks::Episode| -> Result<Vec<Scored>> {
            let classifier = method.adapt(run, learned, adaptation, (task, episode))?;
            let scores = classifier.scores(&episode.query);
            Ok(scored(&episode.query, &scores.map_err(|error| run.at(task, error))?))
        };
        let mut rows = Vec::new();
        for (index, task) in (0..).zip(prepared.pool.tasks()) {
            let rng = &mut stream(run.seed, Purpose::Support, 1, index);
            let k = run.plan.support_rows().get();
            // A task without enough rows of the kind does not allow this adaptation.
            if let Ok(episode) = task.split(k, run.plan.support_draw(), rng) {
                rows.extend(score(&task.name, &episode)?);
            }
        }
        let chosen: Vec<Option<Thresholds>> = arms
            .iter()
            .map(|arm| {
                let target = arm.target.unwrap_or(0.0);
                arm.method.implementation().thresholds(&rows, arm.notion?, target)
            })
            .collect();
        for test in &prepared.tests {
            let episode = test.episode();
            let rows = score(test.name(), &episode)?;
            for (run, thresholds) in trained.iter_mut().zip(&chosen) {
                let Some(thresholds) = thresholds else { continue };
                let (task, support_rows) = (test.name().into(), episode.support.rows());
                let counts = thresholds.decide(&rows);
                run.outcomes.push(Outcome { task, adaptation, support_rows, counts });
            }
        }
    }
    Ok(trained)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::MethodName;
    use crate::progress::Silent;
    use crate::run::job::jobs;
    use crate::run::prepare::Source;
    use crate::sample;
    use fairness::Notion;
    use std::num::NonZeroUsize;
    use tasks::Batch;

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

    /// A result of training in lanes does not depend on the other lanes. Alone it differs only by
    /// rounding, because sums have another order.
    #[test]
    fn laftr_in_lanes_is_laftr_alone() {
        let plan = sample::with_laftr(vec![0.5, 1.0, 2.0]);
        let prepared = Source::open(&plan).unwrap().prepare(&plan, 0).unwrap();
        let train = |arms: &[Arm]| {
            let job = Job { arms: arms.to_vec() };
            train(&plan, &prepared, &job, &Known::default(), &Silent).unwrap()
        };
        let arms: Vec<Arm> =
            plan.arms().into_iter().filter(|arm| arm.method == MethodName::Laftr).collect();
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
        // The adversary's weight has a much larger effect.
        for pair in together.windows(2) {
            let (a, b) = (weights(&pair[0]), weights(&pair[1]));
            assert!(a.iter().zip(&b).any(|(a, b)| (a - b).abs() > 1e-3));
        }
    }

    /// All adaptations on all tasks; other numbers of support rows if they are compared.
    #[test]
    fn outcomes_are_whole() {
        let plan = Plan { points: vec![0, 5, 10], ..sample::with_probes(sample::tiny()) };
        let prepared = Source::open(&plan).unwrap().prepare(&plan, 0).unwrap();
        assert!(prepared.tests.iter().all(|test| test.points().count() == 3));
        let progress = Silent;
        let tasks = prepared.tests.len();
        for job in jobs(&plan) {
            let expected: Vec<usize> = job
                .arms
                .iter()
                .map(|arm| match arm.method {
                    MethodName::Pretrained if arm.notion == Some(Notion::EQUAL_OPPORTUNITY) => 0,
                    MethodName::Meta | MethodName::Pretrained => 3,
                    // A fresh network has learned nothing without rows.
                    MethodName::Scratch if arm.notion == Some(Notion::EQUAL_OPPORTUNITY) => 0,
                    MethodName::Scratch | MethodName::Laftr => 2,
                    method if method.name().starts_with("probe") => 2,
                    _ => 0,
                })
                .collect();
            let trained = train(&plan, &prepared, &job, &Known::default(), &progress).unwrap();
            for ((run, arm), points) in trained.iter().zip(&job.arms).zip(expected) {
                assert_eq!(run.arm, *arm);
                let ways = plan.adaptations(*arm);
                // LAFTR with more rows is evaluated if the task has them.
                let on_k_rows = |o: &&Outcome| o.support_rows == plan.k.get();
                let outcomes: Vec<&Outcome> = run.outcomes.iter().filter(on_k_rows).collect();
                let more = prepared.tests.iter().filter(|test| test.laftr().is_some()).count();
                let more = if arm.method == MethodName::Laftr { more } else { 0 };
                assert_eq!(run.outcomes.len() - outcomes.len(), more, "{arm:?}");
                assert_eq!(outcomes.len(), tasks * ways.len(), "{arm:?}");
                if arm.target.is_some() {
                    // Thresholds are chosen for all tasks after each adaptation.
                    continue;
                }
                for (outcomes, test) in outcomes.chunks(ways.len()).zip(&prepared.tests) {
                    for (outcome, way) in outcomes.iter().zip(&ways) {
                        assert_eq!((&*outcome.task, outcome.adaptation), (test.name(), *way));
                        let rows = outcome.counts.overall().total();
                        assert_eq!(rows, test.episode().query.rows() as u64);
                    }
                }
                assert_eq!(run.points.len(), tasks * points, "{arm:?}");
                // Without rows, a step changes nothing. With K rows, it is the same step.
                let rows: Vec<usize> =
                    run.points.iter().map(|p| p.support_rows).take(points).collect();
                assert_eq!(rows, [0, 5, 10][3 - points..]);
            }
        }
    }

    #[test]
    fn the_larger_class() {
        let mut plan = sample::tiny();
        let mut decided = |positive: bool| {
            let x = vec![0.0; 40];
            let labels: Vec<bool> = (0..40).map(|row| (row < 21) == positive).collect();
            let task =
                tasks::Task::new("made up", Batch::new(1, x, labels, vec![false; 40]).unwrap());
            plan.episodes_per_task = NonZeroUsize::new(1);
            let pool = tasks::EpisodePool::new(vec![task], plan.episodes(), 0).unwrap();
            let prepared = Prepared { seed: 0, pool, tests: Vec::new(), skipped_tasks: 0 };
            let job = Job { arms: vec![Arm::plain(MethodName::Majority)] };
            let trained = train(&plan, &prepared, &job, &Known::default(), &Silent).unwrap();
            trained[0].learned == Learned::Decision(true)
        };
        assert!(decided(true));
        assert!(!decided(false));
    }
}
