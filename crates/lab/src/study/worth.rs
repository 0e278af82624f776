//! When the exact meta-gradient is better, and when it is worth its cost: the answer of the map.

use report::mean::Mean;
use report::number::counted;

use super::answers::{Answer, Measure, above, below};
use super::map::{Cell, CellRecord};
use super::plan::StudyPlan;
use super::run::StudyResults;
use super::training::TrainingPoint;

/// At which point of training the two algorithms of a cell are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// After as many meta-iterations.
    EqualIterations,
    /// After as much counted work.
    EqualWork,
}

impl At {
    /// Both of them.
    pub const ALL: [At; 2] = [At::EqualIterations, At::EqualWork];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            At::EqualIterations => "equal iterations",
            At::EqualWork => "equal work",
        }
    }

    /// The exact algorithm at this point.
    fn exact(self, record: &CellRecord) -> Option<&TrainingPoint> {
        match self {
            At::EqualIterations => record.exact.as_ref(),
            At::EqualWork => record.exact_at_equal_work.as_ref(),
        }
    }
}

/// The cells in which one of the two is certainly better.
struct Tally {
    /// The names of the cells in which the exact one is better.
    better: Vec<String>,
    worse: usize,
    undecided: usize,
}

impl Tally {
    fn of(cells: &[Vec<&CellRecord>], at: At) -> Self {
        let with = |test: fn(&Mean) -> bool| {
            cells.iter().filter(move |cell| cell_loss(cell, at).as_ref().is_some_and(test))
        };
        let better: Vec<String> = with(below).map(|cell| name(cell[0].cell)).collect();
        let worse = with(above).count();
        let undecided = cells.len() - better.len() - worse;
        Tally { better, worse, undecided }
    }

    fn said(&self, at: At) -> String {
        let settings = match self.better.is_empty() {
            true => "nowhere".into(),
            false => format!("at {}", self.better.join("; ")),
        };
        format!(
            "At {} the exact one is better {settings}; the first-order one is better in {}, and {} \
             not decided.",
            at.name(),
            counted(self.worse, "cell"),
            match self.undecided {
                1 => "1 is".into(),
                n => format!("{n} are"),
            }
        )
    }
}

impl StudyResults {
    /// The answer of the map.
    pub(super) fn when(&self) -> Answer {
        let cells = self.distinct_cells();
        let n = cells.len();
        let tallies = At::ALL.map(|at| (at, Tally::of(&cells, at)));
        let better = tallies.each_ref().map(|(_, tally)| tally.better.len());
        let is_open = tallies.iter().all(|(_, tally)| tally.undecided == n);
        let short = match (n, is_open, better) {
            (0, ..) => "Not measured".into(),
            (_, true, _) => "Not decided: no cell of the map decides".into(),
            (_, _, [0, 0]) => "Nowhere on the map, neither at equal iterations nor work".into(),
            (_, _, [iterations, work]) => format!(
                "In {iterations} of {n} cells at equal iterations, and in {work} at equal work"
            ),
        };
        let found: Vec<String> = tallies.iter().map(|(at, tally)| tally.said(*at)).collect();
        Answer {
            question: "When is the exact meta-gradient better, and when is it worth its cost?".into(),
            short,
            because: found.join(" "),
            rule: "A cell counts if the 95% interval of the difference in meta-loss on held-out \
                   tasks, paired over seeds, excludes 0. One cell in 40 does so by chance on either \
                   side. At equal iterations both train for as many meta-iterations. At equal work \
                   the exact one has fewer, so that the counted multiply-adds are the same. It is \
                   worth its cost where it is better at equal work. A setting in both maps counts \
                   once."
                .into(),
        }
    }

    /// The records of the cells, each setting once: one may be in both maps.
    pub(super) fn distinct_cells(&self) -> Vec<Vec<&CellRecord>> {
        let StudyPlan { plan, gamma, .. } = &self.study;
        let settings = |cell: Cell| match cell {
            Cell::Inner { steps, rate } => (steps, rate, *gamma, plan.k.get()),
            Cell::Loss { gamma, rows } => (plan.inner.steps(), plan.inner.rate(), gamma, rows),
        };
        let mut cells = self.by_cell();
        let mut met = Vec::new();
        cells.retain(|cell| {
            let settings = settings(cell[0].cell);
            let is_new = !met.contains(&settings);
            met.push(settings);
            is_new
        });
        cells
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

/// The difference in meta-loss of one cell, exact minus first order.
pub fn cell_loss(cell: &[&CellRecord], at: At) -> Option<Mean> {
    cell_difference(cell, at, |point| point.loss)
}

/// The difference of a measure in one cell, exact minus first order, paired over seeds.
pub fn cell_difference(cell: &[&CellRecord], at: At, measure: Measure) -> Option<Mean> {
    let of_seed =
        |record: &&CellRecord| Some(measure(at.exact(record)?)? - measure(record.first.as_ref()?)?);
    Mean::of(&cell.iter().filter_map(of_seed).collect::<Vec<_>>())
}

/// The settings of a cell in words.
pub fn name(cell: Cell) -> String {
    match cell {
        Cell::Inner { steps: 1, rate } => format!("1 step, α = {rate}"),
        Cell::Inner { steps, rate } => format!("{steps} steps, α = {rate}"),
        Cell::Loss { gamma, rows } => format!("γ = {gamma}, K = {rows}"),
    }
}
