//! Answers in words that follow from the numbers of a study by written rules.

use report::mean::Mean;
use report::number::UNDEFINED;

use super::run::StudyResults;
use super::spectra::{Matrix, SpectrumRecord};
use super::training::{TrainingPoint, TrainingRecord};

/// Second order changes the meta-gradient if its part has at least this share of the whole.
pub const SHARE: f64 = 0.1;
/// A difference in accuracy, parity or opportunity matters from here on, as in the reproduction.
pub const MARGIN: f64 = 0.05;
/// Adaptation moves a direction if its singular value of J − I is at least this.
pub const MOVED: f64 = 0.01;
/// Two meta-losses are the same within this share of that of the exact algorithm.
pub const SAME_LOSS: f64 = 0.05;

/// A question and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The question.
    pub question: String,
    /// The answer in a few words.
    pub short: String,
    /// The numbers behind it.
    pub because: String,
    /// The rule by which the answer follows from them.
    pub rule: String,
}

/// A measure of a held-out result.
pub type Measure = fn(&TrainingPoint) -> Option<f64>;

/// Accuracy, parity and loss, with their names.
pub const MEASURES: [(&str, Measure); 3] = [
    ("accuracy", |point| point.accuracy),
    ("parity", |point| point.parity),
    ("meta-loss", |point| point.loss),
];

impl StudyResults {
    /// The trainings of one algorithm that reached the end.
    pub fn finished(&self, algorithm: &str) -> impl Iterator<Item = &TrainingRecord> {
        let all = self.trainings.iter().filter(move |record| record.algorithm == algorithm);
        all.filter(|record| record.failed.is_none())
    }

    /// The name of the reference.
    pub fn reference(&self) -> &'static str {
        self.study.algorithms[0].name()
    }

    /// The reference minus another algorithm at the end of training, paired over the seeds in which
    /// both are defined. `None` if there is no such seed.
    pub fn advantage(&self, other: &str, measure: Measure) -> Option<Mean> {
        let last = |record: &TrainingRecord| record.points.last().and_then(measure);
        let of_seed = |record: &TrainingRecord| {
            let other = self.finished(other).find(|other| other.seed == record.seed)?;
            Some(last(record)? - last(other)?)
        };
        let differences: Vec<f64> = self.finished(self.reference()).filter_map(of_seed).collect();
        Mean::of(&differences)
    }

    /// The ratio of second order to the whole meta-gradient at one checkpoint, over seeds.
    pub fn share(&self, checkpoint: usize) -> Option<Mean> {
        let of_seed = |record: &TrainingRecord| {
            let sizes = record.splits.get(checkpoint)?.sizes;
            (sizes.whole > 0.0).then(|| sizes.second / sizes.whole)
        };
        let shares: Vec<f64> = self.finished(self.reference()).filter_map(of_seed).collect();
        Mean::of(&shares)
    }

    /// All answers, in the order of the page.
    pub fn answers(&self) -> Vec<Answer> {
        vec![
            self.gradient(),
            self.result(),
            self.when(),
            self.cost(),
            self.directions(),
            self.alike(),
        ]
    }

    fn gradient(&self) -> Answer {
        let points = self.study.checkpoints.get() as usize;
        let shares: Vec<f64> =
            (0..=points).filter_map(|k| self.share(k)).map(|mean| mean.mean).collect();
        let mean = shares.iter().sum::<f64>() / shares.len().max(1) as f64;
        let largest = shares.iter().copied().fold(0.0, f64::max);
        let short = match (shares.is_empty(), mean >= SHARE, largest >= SHARE) {
            (true, ..) => "Not measured",
            (_, true, _) => "Yes",
            (_, false, true) => "At times",
            _ => "Hardly",
        };
        Answer {
            question: "Does second order change the meta-gradient?".into(),
            short: short.into(),
            because: format!(
                "Its part has {mean:.3} of the length of the exact meta-gradient on average over \
                 runs and checkpoints. The largest mean of a checkpoint over the runs is \
                 {largest:.3}; a single run may have more."
            ),
            rule: format!(
                "\"Yes\" if the average is at least {SHARE}, \"at times\" if only the largest mean \
                 of a checkpoint is."
            ),
        }
    }

    fn result(&self) -> Answer {
        let of =
            |(name, measure): (&str, Measure)| (name.to_owned(), self.advantage(FIRST, measure));
        let found: Vec<(String, Option<Mean>)> = MEASURES.map(of).to_vec();
        let judged = found[..2].iter().map(|(_, mean)| judge(mean.as_ref()));
        let judged: Vec<Effect> = judged.collect();
        let short = if !self.has_first_order() {
            NOT_RUN
        } else if judged.contains(&Effect::Matters) {
            "Yes"
        } else if judged.iter().all(|effect| *effect == Effect::TooSmall) {
            "No"
        } else {
            "Not decided"
        };
        let said: Vec<String> = found
            .iter()
            .map(|(name, mean)| format!("{name} {}", interval(mean.as_ref())))
            .collect();
        Answer {
            question: "Does it change the result on new tasks?".into(),
            short: short.into(),
            because: match self.has_first_order() {
                true => format!("Exact minus first order after training: {}.", said.join(", ")),
                false => "There is nothing to compare the exact one with.".into(),
            },
            rule: format!(
                "\"Yes\" if a 95% interval of accuracy or parity excludes 0 and its mean is at least \
                 {MARGIN}; \"no\" if both intervals lie within ±{MARGIN}; else \"not decided\"."
            ),
        }
    }

    fn cost(&self) -> Answer {
        let counted = |name: &str| {
            let points = self.finished(name).next()?.points.last()?;
            Some(points.gradients)
        };
        let seconds = |name: &str| {
            let all: Vec<f64> =
                self.finished(name).filter_map(|record| record.seconds.last().copied()).collect();
            Mean::of(&all).map(|mean| mean.mean)
        };
        let ratio = |of: &dyn Fn(&str) -> Option<f64>| Some(of(self.reference())? / of(FIRST)?);
        let (short, because) = match (ratio(&counted), ratio(&seconds)) {
            (Some(work), Some(time)) => (
                format!("{work:.2} times the work of first order"),
                format!(
                    "A meta-iteration takes {work:.2} times the counted multiply-adds of first \
                     order, and {time:.2} times its time in this run."
                ),
            ),
            _ if self.has_first_order() => {
                ("Not measured".into(), "No run of first order reached the end.".into())
            }
            _ => (NOT_RUN.into(), "There is nothing to compare the exact one with.".into()),
        };
        Answer {
            question: "What does it cost?".into(),
            short,
            because,
            rule: "The tape counts multiply-adds. Times are of this machine, with other trainings \
                   beside them."
                .into(),
        }
    }

    fn directions(&self) -> Answer {
        let trained = |matrix| {
            let all = self.spectra.spectra.iter();
            all.filter(move |s| s.matrix == matrix && s.at == "trained")
        };
        // Only what is certain counts: the bound of the error is subtracted.
        let moves = |&(value, bound): &(&f64, &f64)| *value - *bound >= MOVED;
        let count = |s: &SpectrumRecord| s.values.iter().zip(&s.bounds).filter(moves).count();
        let counts: Vec<usize> = trained(Matrix::Change).map(count).collect();
        let known = |ends: fn(&SpectrumRecord) -> Option<(f64, f64)>, pick: fn(f64, f64) -> f64| {
            let of = |s: &SpectrumRecord| {
                ends(s).filter(|&(_, bound)| s.is_known(bound)).map(|(value, _)| value)
            };
            let all: Option<Vec<f64>> = trained(Matrix::InnerSteps).map(of).collect();
            let end = all.and_then(|all| all.into_iter().reduce(pick));
            end.map_or("a number that is not known".into(), |x| format!("{x:.3}"))
        };
        let (low, high) =
            (known(SpectrumRecord::bottom, f64::min), known(SpectrumRecord::top, f64::max));
        let n = self.spectra.weights;
        let (short, because) = match (counts.iter().min(), counts.len()) {
            (None, _) if self.finished(self.reference()).next().is_none() => {
                ("Not measured".into(), "No run reached the end.".into())
            }
            (None, _) => (
                "Not measured".into(),
                "No task of the first meta-batch has the regularizer's group.".into(),
            ),
            (Some(least), tasks) => {
                let mean = counts.iter().sum::<usize>() as f64 / tasks as f64;
                let certain = match tasks {
                    1 => "So many are certain in the task that was looked at.".into(),
                    _ => format!(
                        "So many are certain in each of {tasks} tasks, and {mean:.1} on average."
                    ),
                };
                let because = format!(
                    "{certain} After training the inner steps stretch a change of the initial \
                     weights by {low} to {high}."
                );
                (format!("At least {least} of {n}"), because)
            }
        };
        Answer {
            question: "How many directions does adaptation move?".into(),
            short,
            because,
            rule: format!(
                "With the Jacobian J of the inner steps, a direction counts if its singular value \
                 of J − I, less the bound of its error, is at least {MOVED}. J − I is what makes \
                 exact and first order differ; a factor of −1 counts too. Lanczos finds the largest \
                 values, so more may follow."
            ),
        }
    }

    fn alike(&self) -> Answer {
        let others = self.study.algorithms[1..].iter().map(|algorithm| algorithm.name());
        let measure = MEASURES[2].1;
        let losses: Vec<f64> = self
            .finished(self.reference())
            .filter_map(|record| record.points.last().and_then(measure))
            .collect();
        let margin = Mean::of(&losses).map_or(0.0, |mean| SAME_LOSS * mean.mean.abs());
        let mut told = Vec::new();
        let mut groups: Vec<(Likeness, Vec<&str>)> =
            Likeness::ALL.map(|likeness| (likeness, Vec::new())).to_vec();
        for name in others {
            let advantage = self.advantage(name, measure);
            told.push(format!("{name} {}", interval(advantage.as_ref())));
            let likeness = Likeness::of(advantage.as_ref(), margin);
            let group = groups.iter_mut().find(|(other, _)| *other == likeness);
            group.expect("every likeness has a group").1.push(name);
        }
        let stopped = self.stopped();
        let stopped = match stopped.is_empty() {
            true => String::new(),
            false => format!(" Stopped early: {}.", stopped.join("; ")),
        };
        let of = |likeness| &groups.iter().find(|(other, _)| *other == likeness).expect("all").1;
        let undecided = of(Likeness::Unknown).len();
        let short = if told.is_empty() {
            "No other was run".into()
        } else if undecided == told.len() {
            "This cannot be decided".into()
        } else if of(Likeness::Same).is_empty() {
            "None for certain".into()
        } else {
            of(Likeness::Same).join(", ")
        };
        let named = groups.iter().filter(|(_, names)| !names.is_empty());
        let named: Vec<String> = named
            .map(|(likeness, names)| format!("{}: {}", likeness.words(), names.join(", ")))
            .collect();
        let because = match told.is_empty() {
            true => "There is nothing to compare.".into(),
            false => format!(
                "{}. The exact one minus each: {}.",
                capitalized(&named.join("; ")),
                told.join(", ")
            ),
        };
        Answer {
            question: "Which other algorithms end at the same meta-loss?".into(),
            short,
            because: because + &stopped,
            rule: format!(
                "\"The same\" if the 95% interval of the paired difference lies within ±{} of the \
                 exact one's meta-loss, here ±{margin:.3}. \"Different\" if it excludes 0. \"Not \
                 told apart\" if it contains 0 and is wider than that. Without an interval nothing \
                 is decided.",
                format_args!("{:.0}%", 100.0 * SAME_LOSS)
            ),
        }
    }

    /// Whether the first-order algorithm was asked for.
    fn has_first_order(&self) -> bool {
        self.study.algorithms.iter().any(|algorithm| algorithm.name() == FIRST)
    }

    /// Algorithms with trainings that stopped early, and the first reason.
    pub fn stopped(&self) -> Vec<String> {
        let mut told = Vec::new();
        for algorithm in &self.study.algorithms {
            let of = self.trainings.iter().filter(|record| record.algorithm == algorithm.name());
            let reasons: Vec<&String> = of.filter_map(|record| record.failed.as_ref()).collect();
            if let Some(first) = reasons.first() {
                let (name, n) = (algorithm.name(), reasons.len());
                told.push(format!("{name} in {n} of {} runs ({first})", self.study.plan.seeds));
            }
        }
        told
    }
}

/// How the meta-loss of another algorithm compares with that of the exact one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likeness {
    Same,
    Open,
    Different,
    Unknown,
}

impl Likeness {
    const ALL: [Likeness; 4] =
        [Likeness::Same, Likeness::Open, Likeness::Different, Likeness::Unknown];

    fn of(difference: Option<&Mean>, margin: f64) -> Self {
        match difference.and_then(|mean| mean.interval) {
            None => Likeness::Unknown,
            Some((low, high)) if low > -margin && high < margin => Likeness::Same,
            Some((low, high)) if low > 0.0 || high < 0.0 => Likeness::Different,
            Some(_) => Likeness::Open,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Likeness::Same => "the same within the margin",
            Likeness::Open => "not told apart",
            Likeness::Different => "different",
            Likeness::Unknown => "not decided, because there is no interval",
        }
    }
}

/// The answer where the first-order algorithm was not asked for.
const NOT_RUN: &str = "First order was not run";

/// The first-order algorithm, with which the reference is compared.
pub const FIRST: &str = "fomaml";

/// What an interval says of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Matters,
    TooSmall,
    Open,
}

fn judge(mean: Option<&Mean>) -> Effect {
    let Some((mean, (low, high))) = mean.and_then(|m| Some((m.mean, m.interval?))) else {
        return Effect::Open;
    };
    if (low > 0.0 || high < 0.0) && mean.abs() >= MARGIN {
        Effect::Matters
    } else if low > -MARGIN && high < MARGIN {
        Effect::TooSmall
    } else {
        Effect::Open
    }
}

/// Whether the whole interval is below 0.
pub fn below(mean: &Mean) -> bool {
    mean.interval.is_some_and(|(_, high)| high < 0.0)
}

/// Whether the whole interval is above 0.
pub fn above(mean: &Mean) -> bool {
    mean.interval.is_some_and(|(low, _)| low > 0.0)
}

/// A sentence with a capital at the beginning.
fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().collect::<String>())
        + letters.as_str()
}

/// A difference with its interval in words.
pub fn interval(mean: Option<&Mean>) -> String {
    mean.map_or(UNDEFINED.into(), |mean| mean.text(true))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::StudyPlan;
    use crate::study::engine::EngineRecord;
    use crate::study::map::{Cell, CellRecord};
    use crate::study::spectra::SpectraRecord;
    use paper::defaults;

    fn point(accuracy: f64, loss: f64) -> TrainingPoint {
        TrainingPoint {
            iteration: 10,
            gradients: 100.0,
            loss: Some(loss),
            accuracy: Some(accuracy),
            parity: Some(0.5),
            opportunity: None,
            tasks: 3,
            undefined_parities: 0,
            undefined_opportunities: 3,
            residual: None,
        }
    }

    fn training(algorithm: &str, seed: u64, accuracy: f64) -> TrainingRecord {
        TrainingRecord {
            seed,
            algorithm: algorithm.into(),
            failed: None,
            points: vec![point(accuracy, 1.0)],
            splits: Vec::new(),
            seconds: vec![2.0],
        }
    }

    /// The exact algorithm has these accuracies, and first order has 0.5 in every run.
    fn results(exact: &[f64]) -> StudyResults {
        let pair = |(seed, &accuracy): (u64, &f64)| {
            [training("fair-maml", seed, accuracy), training(FIRST, seed, 0.5)]
        };
        StudyResults {
            study: StudyPlan::new(defaults::synthetic()),
            trainings: (0..).zip(exact).flat_map(pair).collect(),
            spectra: SpectraRecord::default(),
            cells: Vec::new(),
            engine: EngineRecord { products: Vec::new(), steps: Vec::new() },
        }
    }

    fn short(results: &StudyResults, question: &str) -> String {
        let answers = results.answers();
        answers.iter().find(|answer| answer.question.contains(question)).unwrap().short.clone()
    }

    #[test]
    fn a_result_follows_from_its_interval() {
        let result = |exact: &[f64]| short(&results(exact), "result on new tasks");
        assert_eq!(result(&[0.61, 0.60, 0.62]), "Yes");
        assert_eq!(result(&[0.40, 0.39, 0.41]), "Yes");
        assert_eq!(result(&[0.501, 0.50, 0.499]), "No");
        // Certain but too small to matter, and large but uncertain.
        assert_eq!(result(&[0.52, 0.521, 0.519]), "No");
        assert_eq!(result(&[0.9, 0.5, 0.3]), "Not decided");
        assert_eq!(result(&[0.9]), "Not decided");
        assert_eq!(result(&[]), "Not decided");
    }

    /// A training that stopped early is in no mean, and is told.
    #[test]
    fn stopped_trainings_are_told() {
        let mut results = results(&[0.61, 0.60, 0.62]);
        results.trainings[1].failed = Some("no reason".into());
        assert_eq!(results.advantage(FIRST, MEASURES[0].1).unwrap().values, 2);
        let stopped = results.stopped();
        assert_eq!(stopped.len(), 1);
        assert!(stopped[0].starts_with("fomaml in 1 of 10 runs (no reason)"), "{stopped:?}");
    }

    #[test]
    fn a_cell_counts_if_its_interval_excludes_zero() {
        let cell = Cell::Inner { steps: 2, rate: 0.1 };
        let record = |seed, exact, first| CellRecord {
            cell,
            seed,
            exact: Some(point(0.5, exact)),
            exact_at_equal_work: Some(point(0.5, exact + 0.5)),
            first: Some(point(0.5, first)),
            work: 2.0,
        };
        let mut results = results(&[0.5]);
        results.cells = vec![record(0, 1.0, 1.2), record(1, 1.1, 1.31), record(2, 0.9, 1.12)];
        let found = "In 1 of 1 cells at equal iterations, and in 0 at equal work";
        assert_eq!(short(&results, "When"), found);
        let because = results.answers()[2].because.clone();
        assert!(because.contains("At equal work the exact one is better nowhere; the first-order one is better in 1 cell, and 0 are not decided."), "{because}");
        results.cells[1].exact = Some(point(0.5, 2.0));
        results.cells[1].exact_at_equal_work = Some(point(0.5, 0.2));
        let open = "Not decided: no cell of the map decides";
        assert_eq!(short(&results, "When"), open);
        results.cells.iter_mut().for_each(|cell| cell.exact = None);
        assert_eq!(short(&results, "When"), open);
        results.cells.clear();
        assert_eq!(short(&results, "When"), "Not measured");
    }

    /// The plan's own setting is in both maps.
    #[test]
    fn a_setting_in_both_maps_counts_once() {
        let mut results = results(&[0.5]);
        let plan = &results.study.plan;
        let (steps, rate, rows) = (plan.inner.steps(), plan.inner.rate(), plan.k.get());
        let gamma = results.study.gamma;
        let record = |cell| CellRecord {
            cell,
            seed: 0,
            exact: None,
            exact_at_equal_work: None,
            first: None,
            work: 2.0,
        };
        let (inner, loss) = (Cell::Inner { steps, rate }, Cell::Loss { gamma, rows });
        let other = Cell::Loss { gamma: gamma + 1.0, rows };
        results.cells = [inner, loss, other].map(record).to_vec();
        assert_eq!((results.by_cell().len(), results.distinct_cells().len()), (3, 2));
    }

    /// An interval that contains 0 and is wide does not make two algorithms the same.
    #[test]
    fn a_wide_interval_is_no_likeness() {
        let alike = |losses: &[f64]| {
            let mut results = results(&vec![0.5; losses.len()]);
            let others = results.trainings.iter_mut().filter(|record| record.algorithm == FIRST);
            others.zip(losses).for_each(|(record, &loss)| record.points[0].loss = Some(loss));
            let answer = results.answers().pop().unwrap();
            (answer.short, answer.because)
        };
        assert_eq!(alike(&[1.001, 0.999, 1.0]).0, FIRST);
        let (short, because) = alike(&[1.5, 0.5, 1.0]);
        assert_eq!(short, "None for certain");
        assert!(because.starts_with("Not told apart: fomaml;"), "{because}");
        let (short, because) = alike(&[2.0, 2.1, 1.9]);
        assert_eq!(short, "None for certain");
        assert!(because.contains("ifferent: fomaml"), "{because}");
        assert_eq!(alike(&[1.0]).0, "This cannot be decided");
    }

    #[test]
    fn what_was_not_run_is_told() {
        let mut results = results(&[0.5, 0.6]);
        results.trainings.retain(|record| record.algorithm != FIRST);
        results.study.algorithms.truncate(1);
        assert_eq!(short(&results, "result on new tasks"), NOT_RUN);
        assert_eq!(short(&results, "does it cost"), NOT_RUN);
        assert_eq!(short(&results, "same meta-loss"), "No other was run");
        assert!(results.answers().iter().all(|answer| !answer.because.contains("n/a")));
    }

    /// An uncertain singular value does not count.
    #[test]
    fn only_certain_directions_count() {
        let mut results = results(&[0.5]);
        results.spectra = SpectraRecord {
            spectra: vec![SpectrumRecord {
                at: "trained".into(),
                task: "here".into(),
                matrix: Matrix::Change,
                values: vec![2.0, 0.5, 0.005, 0.3],
                bounds: vec![0.0, 0.6, 0.0, 0.1],
            }],
            lines: Vec::new(),
            weights: 10,
        };
        assert_eq!(short(&results, "directions"), "At least 2 of 10");
        // An end that Lanczos does not know is not told as a number.
        let spectrum = results.spectra.spectra[0].clone();
        let (values, bounds) = (vec![3.0, 0.4], vec![0.0, 0.2]);
        let matrix = Matrix::InnerSteps;
        results.spectra.spectra.push(SpectrumRecord { matrix, values, bounds, ..spectrum });
        let because = results.answers()[4].because.clone();
        assert!(because.contains("by a number that is not known to 3.000"), "{because}");
    }
}
