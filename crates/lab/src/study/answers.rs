//! Answers in words that follow from the numbers of a study by written rules.

use report::mean::Mean;
use report::number::UNDEFINED;

use super::map::{Cell, CellRecord};
use super::run::StudyResults;
use super::spectra::Matrix;
use super::training::{TrainingPoint, TrainingRecord};

/// Second order changes the meta-gradient if its part has at least this share of the whole.
pub const SHARE: f64 = 0.1;
/// A difference in accuracy, parity or opportunity matters from here on, as in the reproduction.
pub const MARGIN: f64 = 0.05;
/// Adaptation moves a direction if its singular value differs from 1 by at least this.
pub const MOVED: f64 = 0.01;

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
                 runs and checkpoints, and {largest:.3} at the checkpoint with the largest mean."
            ),
            rule: format!(
                "\"Yes\" if the average is at least {SHARE}, \"at times\" if only the largest is."
            ),
        }
    }

    fn result(&self) -> Answer {
        let of =
            |(name, measure): (&str, Measure)| (name.to_owned(), self.advantage(FIRST, measure));
        let found: Vec<(String, Option<Mean>)> = MEASURES.map(of).to_vec();
        let judged = found[..2].iter().map(|(_, mean)| judge(mean.as_ref()));
        let judged: Vec<Effect> = judged.collect();
        let short = if judged.contains(&Effect::Matters) {
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
            because: format!("Exact minus first order after training: {}.", said.join(", ")),
            rule: format!(
                "\"Yes\" if a 95% interval of accuracy or parity excludes 0 and its mean is at least \
                 {MARGIN}; \"no\" if both intervals lie within ±{MARGIN}; else \"not decided\"."
            ),
        }
    }

    fn when(&self) -> Answer {
        let better = |cell: &Vec<&CellRecord>| matches!(cell_loss(cell), Some(m) if below(&m));
        let worse = |cell: &Vec<&CellRecord>| matches!(cell_loss(cell), Some(m) if above(&m));
        let cells = self.by_cell();
        let named: Vec<String> =
            cells.iter().filter(|cell| better(cell)).map(|cell| name(cell[0].cell)).collect();
        let lost = cells.iter().filter(|cell| worse(cell)).count();
        let undecided = cells.len() - named.len() - lost;
        let settings = match named.len() {
            0 => String::new(),
            _ => format!("It is better at {}. ", named.join("; ")),
        };
        Answer {
            question: "When is the exact meta-gradient better?".into(),
            short: match named.len() {
                0 => "Nowhere on the map".into(),
                n => format!("In {n} of {} cells", cells.len()),
            },
            because: format!(
                "{settings}The first-order one is better in {lost} cells, and {undecided} cells \
                 do not decide."
            ),
            rule: "A cell counts if the 95% interval of the difference in meta-loss on held-out \
                   tasks, paired over seeds, excludes 0. One cell in 40 does so by chance on either \
                   side."
                .into(),
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
        let (work, time) = (ratio(&counted), ratio(&seconds));
        let told = |x: Option<f64>| x.map_or("n/a".into(), |x| format!("{x:.2}"));
        Answer {
            question: "What does it cost?".into(),
            short: match work {
                None => "First order was not run".into(),
                Some(work) => format!("{work:.2} times the work of first order"),
            },
            because: format!(
                "A meta-iteration takes {} times the counted multiply-adds of first order, and {} \
                 times its time in this run.",
                told(work),
                told(time)
            ),
            rule: "The tape counts multiply-adds. Times are of this machine, with other trainings \
                   beside them."
                .into(),
        }
    }

    fn directions(&self) -> Answer {
        let trained = self.spectra.spectra.iter();
        let trained = trained.filter(|s| s.matrix == Matrix::InnerSteps && s.at == "trained");
        // Only what is certain counts: the bound of the error is subtracted.
        let moves = |(value, bound): (&f64, &f64)| (value - 1.0).abs() - bound >= MOVED;
        let counts: Vec<f64> = trained
            .clone()
            .map(|s| s.values.iter().zip(&s.bounds).filter(|&pair| moves(pair)).count() as f64)
            .collect();
        let all = trained.flat_map(|s| s.values.iter().copied());
        let (low, high) =
            all.fold((f64::INFINITY, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
        let mean = Mean::of(&counts).map(|mean| mean.mean);
        let n = self.spectra.weights;
        Answer {
            question: "Which directions does adaptation move?".into(),
            short: match mean {
                None => "Not measured".into(),
                Some(mean) => format!("{mean:.0} of {n}, or more"),
            },
            because: match mean {
                None => "The algorithm does not adapt by gradient descent.".into(),
                Some(_) => format!(
                    "After training the inner steps stretch a change of the initial weights by \
                     {low:.3} to {high:.3}. Where the factor is 1, the first-order meta-gradient \
                     is exact."
                ),
            },
            rule: format!(
                "A direction counts if its singular value differs from 1 by at least {MOVED} and the \
                 bound of its error. Lanczos finds both ends of the spectrum; others may follow."
            ),
        }
    }

    fn alike(&self) -> Answer {
        let others = self.study.algorithms[1..].iter().map(|algorithm| algorithm.name());
        let loss = MEASURES[2].1;
        let (mut told, mut alike) = (Vec::new(), Vec::new());
        for name in others {
            let advantage = self.advantage(name, loss);
            told.push(format!("{name} {}", interval(advantage.as_ref())));
            if advantage
                .is_some_and(|mean| mean.interval.is_some() && !below(&mean) && !above(&mean))
            {
                alike.push(name);
            }
        }
        let stopped = self.stopped();
        let stopped = match stopped.is_empty() {
            true => String::new(),
            false => format!(" Stopped early: {}.", stopped.join("; ")),
        };
        let (short, differences) = match (told.is_empty(), alike.is_empty()) {
            (true, _) => ("None was run".into(), "There is nothing to compare".into()),
            (false, none) => {
                let short = if none { "None".into() } else { alike.join(", ") };
                (short, format!("The exact one minus each: {}", told.join(", ")))
            }
        };
        Answer {
            question: "Which other algorithms end at the same meta-loss?".into(),
            short,
            because: format!("{differences}.{stopped}"),
            rule: "The 95% interval of the paired difference contains 0. A wide interval does so \
                   too."
                .into(),
        }
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

    /// The records of the map, those of one cell together.
    pub fn by_cell(&self) -> Vec<Vec<&CellRecord>> {
        let mut cells: Vec<Vec<&CellRecord>> = Vec::new();
        for record in &self.cells {
            match cells.last_mut().filter(|cell| cell[0].cell == record.cell) {
                Some(cell) => cell.push(record),
                None => cells.push(vec![record]),
            }
        }
        cells
    }
}

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

/// The difference in meta-loss of one cell, exact minus first order.
pub fn cell_loss(cell: &[&CellRecord]) -> Option<Mean> {
    cell_difference(cell, |point| point.loss)
}

/// The difference of a measure in one cell, exact minus first order, paired over seeds.
pub fn cell_difference(cell: &[&CellRecord], measure: Measure) -> Option<Mean> {
    let of_seed = |record: &&CellRecord| {
        Some(measure(record.exact.as_ref()?)? - measure(record.first.as_ref()?)?)
    };
    Mean::of(&cell.iter().filter_map(of_seed).collect::<Vec<_>>())
}

/// Whether the whole interval is below 0.
pub fn below(mean: &Mean) -> bool {
    mean.interval.is_some_and(|(_, high)| high < 0.0)
}

/// Whether the whole interval is above 0.
pub fn above(mean: &Mean) -> bool {
    mean.interval.is_some_and(|(low, _)| low > 0.0)
}

/// The settings of a cell in words.
pub fn name(cell: Cell) -> String {
    match cell {
        Cell::Inner { steps: 1, rate } => format!("1 step, α = {rate}"),
        Cell::Inner { steps, rate } => format!("{steps} steps, α = {rate}"),
        Cell::Loss { gamma, rows } => format!("γ = {gamma}, K = {rows}"),
    }
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
    use crate::study::spectra::{SpectraRecord, SpectrumRecord};
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
            first: Some(point(0.5, first)),
            work: 2.0,
        };
        let mut results = results(&[0.5]);
        results.cells = vec![record(0, 1.0, 1.2), record(1, 1.1, 1.31), record(2, 0.9, 1.12)];
        assert_eq!(short(&results, "When"), "In 1 of 1 cells");
        results.cells[1].exact = Some(point(0.5, 2.0));
        assert_eq!(short(&results, "When"), "Nowhere on the map");
        results.cells.iter_mut().for_each(|cell| cell.exact = None);
        assert_eq!(short(&results, "When"), "Nowhere on the map");
    }

    /// An uncertain singular value does not count.
    #[test]
    fn only_certain_directions_count() {
        let mut results = results(&[0.5]);
        results.spectra = SpectraRecord {
            spectra: vec![SpectrumRecord {
                at: "trained".into(),
                task: "here".into(),
                matrix: Matrix::InnerSteps,
                values: vec![3.0, 1.5, 1.005, 0.2],
                bounds: vec![0.0, 1.0, 0.0, 0.1],
            }],
            lines: Vec::new(),
            weights: 10,
        };
        assert_eq!(short(&results, "directions"), "2 of 10, or more");
    }
}
