//! What is compared and is trained on no other task: chance, the labels, a line, the best decision
//! that the generator or the task's own labels allow.

use baselines::fit;
use fairness::metrics::GroupCounts;
use meta::probabilities;
use mlp::{Activation, Initialization, Network};
use rand::RngExt;
use rand::seq::SliceRandom;
use tasks::synthetic::{ClassDensities, LabelRule, SyntheticConfig, SyntheticSettings, TaskFacts};
use tasks::{Batch, Purpose, Task, stream};

use crate::error::{Error, Result};
use crate::plan::arm::{Algorithm, Arm};
use crate::plan::{Plan, Problem};
use crate::results::outcome::{Adaptation, Outcome};
use crate::results::trained::{Learned, Trained};
use crate::run::adapt::Run;
use crate::run::job::Job;
use crate::run::prepare::{Prepared, Test};
use crate::run::thresholds::{Scored, Thresholds};

/// The points of a large task on which thresholds of the Bayes decision are chosen.
const POPULATION: usize = 20_000;
/// The folds of cross-validation on a task's own labels.
const FOLDS: usize = 5;
/// The stream of weights of networks that are trained on a task's own labels, among those of
/// initial weights.
const OWN: u64 = 200;

/// Judges all arms of one such algorithm on the tasks kept apart.
pub fn judge(plan: &Plan, prepared: &Prepared, job: &Job) -> Result<Vec<Trained>> {
    let mut trained: Vec<Trained> =
        job.arms.iter().map(|&arm| Trained::of(prepared.seed, arm, Learned::Nothing)).collect();
    let mut known = Vec::new();
    for (index, test) in (0..).zip(&prepared.tests) {
        let rival = Rival { plan, seed: prepared.seed, index, test };
        let decide: Box<dyn Fn(Arm) -> GroupCounts> = match job.arms[0].algorithm {
            Algorithm::Coin => rival.coin(),
            Algorithm::Labels => rival.constant_rule(|_, positive| positive),
            Algorithm::Line => rival.constant_rule(|x, _| x[1] > 0.0),
            Algorithm::Bayes => rival.bayes(&mut known, &job.arms),
            algorithm => rival.own_labels(algorithm)?,
        };
        for run in &mut trained {
            let adaptation = plan.shown_adaptation(run.arm);
            run.outcomes.push(rival.outcome(adaptation, decide(run.arm)));
        }
    }
    Ok(trained)
}

/// A task kept apart, and how it is found again.
struct Rival<'a> {
    plan: &'a Plan,
    seed: u64,
    index: u64,
    test: &'a Test,
}

/// Thresholds of a task that were chosen before, an entry for each arm.
type Known = Vec<(TaskFacts, Vec<(Arm, Thresholds)>)>;

impl<'a> Rival<'a> {
    fn outcome(&self, adaptation: Adaptation, counts: GroupCounts) -> Outcome {
        let support_rows = self.test.episode.support.rows();
        Outcome { task: self.test.name.clone(), adaptation, support_rows, counts }
    }

    /// Accepts a share q of the rows by chance: those whose number, uniform on [0, 1), is below q.
    fn coin(&self) -> Box<dyn Fn(Arm) -> GroupCounts + 'a> {
        let mut rng = stream(self.seed, Purpose::Coin, 0, self.index);
        let query = &self.test.episode.query;
        let numbers: Vec<f64> = (0..query.rows()).map(|_| rng.random()).collect();
        Box::new(move |arm| {
            let share = arm.target.unwrap_or(0.5);
            let accepted: Vec<bool> = numbers.iter().map(|&number| number < share).collect();
            GroupCounts::tally(&accepted, query.positive(), query.protected())
        })
    }

    /// Decides by a row's features and label, alike in every arm.
    fn constant_rule(
        &self,
        accept: fn(&[f64], bool) -> bool,
    ) -> Box<dyn Fn(Arm) -> GroupCounts + 'a> {
        let query = &self.test.episode.query;
        Box::new(move |_| {
            let accepted: Vec<bool> = (0..query.rows())
                .map(|row| accept(query.row(row), query.positive()[row]))
                .collect();
            GroupCounts::tally(&accepted, query.positive(), query.protected())
        })
    }

    /// Accepts by P(y = 1 | x), which the generator knows, a threshold for each group. The group of
    /// a point depends on the point alone, so it says nothing more about the label.
    fn bayes(&self, known: &mut Known, arms: &[Arm]) -> Box<dyn Fn(Arm) -> GroupCounts + 'a> {
        let facts = self.test.facts.expect("a generated task");
        if !known.iter().any(|(other, _)| *other == facts) {
            let population = population(self.plan, &facts);
            let rows = scored(&population, &scores(&population, &facts));
            let choose = |&arm: &Arm| (arm, by_group(&rows, arm));
            known.push((facts, arms.iter().map(choose).collect()));
        }
        let (_, thresholds) =
            known.iter().find(|(other, _)| *other == facts).expect("chosen just now");
        let (thresholds, query) = (thresholds.clone(), &self.test.episode.query);
        let rows = scored(query, &scores(query, &facts));
        Box::new(move |arm| {
            let of_arm = thresholds.iter().find(|(other, _)| *other == arm);
            of_arm.expect("an arm of the job").1.decide(&rows)
        })
    }

    /// Accepts by a network or a logistic regression that saw the labels of all other folds of the
    /// task. The thresholds are chosen on these same labels: no method that has to learn can hope
    /// for more from such data.
    fn own_labels(&self, algorithm: Algorithm) -> Result<Box<dyn Fn(Arm) -> GroupCounts + 'a>> {
        let episode = &self.test.episode;
        let all = Batch::concat(&[&episode.query, &episode.support]);
        let scores = self.out_of_fold(algorithm, &all)?;
        let (all, query) =
            (scored(&all, &scores), scored(&episode.query, &scores[..episode.query.rows()]));
        Ok(Box::new(move |arm| by_group(&all, arm).decide(&query)))
    }

    /// P(class 1) of each row, by a network that was trained on the other folds.
    fn out_of_fold(&self, algorithm: Algorithm, all: &Batch) -> Result<Vec<f64>> {
        let network = match algorithm {
            Algorithm::OwnLogistic => Network::new(&[all.features(), 2], Activation::Relu)?,
            _ => self.plan.network.clone(),
        };
        let mut order: Vec<usize> = (0..all.rows()).collect();
        order.shuffle(&mut stream(self.seed, Purpose::Folds, 0, self.index));
        let mut scores = vec![0.0; all.rows()];
        for fold in 0..FOLDS {
            let in_fold = |&(place, _): &(usize, &usize)| place % FOLDS == fold;
            let pick = |inside: bool| -> Vec<usize> {
                let places = order.iter().enumerate().filter(|place| in_fold(place) == inside);
                places.map(|(_, &row)| row).collect()
            };
            let (held_out, others) = (pick(true), pick(false));
            let mut rng = stream(self.seed, Purpose::Initialization, fold as u64, OWN);
            let theta = network.initialize(Initialization::He, &mut rng);
            let (rate, epochs) = (self.plan.scratch.rate, self.plan.scratch.epochs.get() as usize);
            let theta = fit(&network, None, 0.0, rate, epochs, &theta, &all.select(&others))
                .map_err(|source| {
                    let run = Run { plan: self.plan, arm: Arm::plain(algorithm), seed: self.seed };
                    Error::Fit { run: run.name(), task: self.test.name.clone(), source }
                })?;
            let rows = all.select(&held_out);
            for (row, score) in held_out.iter().zip(probabilities(&network, &theta, rows.x())) {
                scores[*row] = score;
            }
        }
        Ok(scores)
    }
}

/// MAML's weights with other thresholds, chosen on the training tasks after the same adaptation to
/// as many rows of the same kind.
pub fn shifted(
    run: Run<'_>,
    prepared: &Prepared,
    learned: &Learned,
    arms: &[Arm],
) -> Result<Vec<Trained>> {
    let mut trained: Vec<Trained> =
        arms.iter().map(|&arm| Trained::of(run.seed, arm, Learned::Nothing)).collect();
    let Some(first) = arms.first() else { return Ok(trained) };
    for adaptation in run.plan.adaptations(*first) {
        let score = |task: &str, episode: &tasks::Episode| -> Result<Vec<Scored>> {
            let classifier = run.adapt(learned, adaptation, (task, episode))?;
            Ok(scored(&episode.query, &classifier.scores(&episode.query)?))
        };
        let mut rows = Vec::new();
        for (index, task) in (0..).zip(prepared.pool.tasks()) {
            let rng = &mut stream(run.seed, Purpose::Support, 1, index);
            let k = run.plan.support_rows().get();
            // A task without enough rows of the kind says nothing about such an adaptation.
            if let Ok(episode) = task.split(k, run.plan.support_draw(), rng) {
                rows.extend(score(&task.name, &episode)?);
            }
        }
        let chosen: Vec<Thresholds> = arms
            .iter()
            .map(|&arm| match (arm.algorithm, arm.notion) {
                (Algorithm::SharedThreshold, Some(notion)) => {
                    Thresholds::shared(&rows, notion, arm.target.unwrap_or(0.0))
                }
                _ => by_group(&rows, arm),
            })
            .collect();
        for test in &prepared.tests {
            let rows = score(&test.name, &test.episode)?;
            for (run, thresholds) in trained.iter_mut().zip(&chosen) {
                let (task, support_rows) = (test.name.clone(), test.episode.support.rows());
                let counts = thresholds.decide(&rows);
                run.outcomes.push(Outcome { task, adaptation, support_rows, counts });
            }
        }
    }
    Ok(trained)
}

fn by_group(rows: &[Scored], arm: Arm) -> Thresholds {
    let notion = arm.notion.expect("thresholds are chosen for a notion");
    Thresholds::by_group(rows, notion, arm.target.unwrap_or(0.0))
}

fn scored(rows: &Batch, scores: &[f64]) -> Vec<Scored> {
    let labels = rows.positive().iter().zip(rows.protected());
    scores
        .iter()
        .zip(labels)
        .map(|(&score, (&positive, &protected))| Scored { score, positive, protected })
        .collect()
}

/// The log-odds of y = 1 for each row: of the two Gaussians, of which each has half of the points,
/// or how far it lies on the positive side of the line.
fn scores(rows: &Batch, facts: &TaskFacts) -> Vec<f64> {
    let point = |row: usize| [rows.row(row)[0], rows.row(row)[1]];
    let score = |x: [f64; 2]| match facts.rule {
        LabelRule::Component { .. } => ClassDensities::generating(facts).log_odds(x),
        LabelRule::Line { slope, intercept, positive_above } => {
            let above = x[1] - slope * x[0] - intercept;
            if positive_above { above } else { -above }
        }
    };
    (0..rows.rows()).map(point).map(score).collect()
}

/// A large task with these facts.
fn population(plan: &Plan, facts: &TaskFacts) -> Batch {
    let Problem::Synthetic { generator, .. } = &plan.problem else {
        unreachable!("only generated tasks have facts")
    };
    let settings = SyntheticSettings { points: POPULATION, ..generator.settings().clone() };
    let generator = SyntheticConfig::new(settings).expect("more points of valid settings");
    let phis = &generator.settings().phis;
    let place = phis.iter().position(|phi| *phi == facts.phi).unwrap_or(0) as u64;
    let data = generator.generate(facts, &mut stream(0, Purpose::Population, 0, place));
    plan.protected_group.of(Task { name: "population".into(), data }).data
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::prepare::Source;
    use crate::sample;

    fn judged(plan: &Plan, algorithm: Algorithm) -> Vec<Trained> {
        let prepared = Source::open(plan).unwrap().prepare(plan, 0).unwrap();
        let arms = plan.arms().into_iter().filter(|arm| arm.algorithm == algorithm).collect();
        judge(plan, &prepared, &Job { arms }).unwrap()
    }

    fn mean(run: &Trained, quantity: fn(&GroupCounts) -> Option<f64>) -> f64 {
        let values: Vec<f64> = run.outcomes.iter().filter_map(|o| quantity(&o.counts)).collect();
        assert!(!values.is_empty());
        values.iter().sum::<f64>() / values.len() as f64
    }

    fn accuracy(counts: &GroupCounts) -> Option<f64> {
        counts.overall().accuracy()
    }

    /// 95 of 195 query rows are positive.
    #[test]
    fn a_coin_is_right_half_of_the_time_and_fair() {
        let plan = sample::synthetic();
        for run in judged(&plan, Algorithm::Coin) {
            let share = run.arm.target.unwrap();
            let expected = share * 95.0 / 195.0 + (1.0 - share) * 100.0 / 195.0;
            assert!((mean(&run, accuracy) - expected).abs() < 0.03, "{share}");
            let accepted = mean(&run, |counts| counts.overall().positive_rate());
            assert!((accepted - share).abs() < 0.03, "{accepted} for {share}");
        }
    }

    #[test]
    fn labels_make_no_mistake() {
        for plan in [sample::synthetic(), sample::communities()] {
            let [run] = &judged(&plan, Algorithm::Labels)[..] else { panic!("one arm") };
            assert_eq!(mean(run, accuracy), 1.0);
        }
    }

    /// Above y = 0 lies most of the first Gaussian, which is negative by default.
    #[test]
    fn the_line_is_as_wrong_as_the_lower_gaussian_is_positive() {
        let [run] = &judged(&sample::synthetic(), Algorithm::Line)[..] else { panic!("one arm") };
        // P(y > 0): Φ(2/√5) = 0.814 of the first, 1 − Φ(2/√3) = 0.124 of the second.
        let right = (95.0 * 0.124 + 100.0 * (1.0 - 0.814)) / 195.0;
        assert!((mean(run, accuracy) - right).abs() < 0.03, "{}", mean(run, accuracy));
    }

    /// Nobody is more accurate than the Bayes decision without a target, and fairer ones cost.
    #[test]
    fn the_bayes_front_falls() {
        let plan = sample::synthetic();
        let front = judged(&plan, Algorithm::Bayes);
        let points: Vec<(f64, f64)> = front
            .iter()
            .map(|run| (mean(run, accuracy), mean(run, GroupCounts::demographic_parity_closeness)))
            .collect();
        assert_eq!(front.len(), plan.targets.len());
        assert!(points[0].0 > 0.85, "{points:?}");
        assert!(points.windows(2).all(|pair| pair[1].0 < pair[0].0 + 0.01), "{points:?}");
        let [first, .., last] = &points[..] else { panic!("a front") };
        assert!(last.0 < first.0 - 0.05 && last.1 > first.1 + 0.3, "{points:?}");
    }

    /// A task's own labels tell more than ten rows; there is more to learn than the larger class.
    #[test]
    fn own_labels_beat_a_constant() {
        let plan = sample::communities();
        for algorithm in [Algorithm::OwnNetwork, Algorithm::OwnLogistic] {
            let runs = judged(&plan, algorithm);
            assert_eq!(runs.len(), 2 * plan.targets.len());
            assert!(mean(&runs[0], accuracy) > 0.65, "{algorithm:?}");
        }
    }
}
