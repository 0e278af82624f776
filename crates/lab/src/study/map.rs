//! Where the exact meta-gradient is worth its cost: the exact and the first-order algorithm at many
//! settings, on the same tasks.

use experiment::error::{Error, Result};
use experiment::plan::Plan;
use experiment::progress::Progress;
use experiment::run::prepare::Source;
use meta::algorithm::{FAIR_MAML, FIRST_ORDER};
use serde::{Deserialize, Serialize};

use super::plan::{MapPlan, StudyPlan};
use super::training::{TrainingPoint, train, work};

/// The settings of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Cell {
    /// Inner steps by inner rate.
    Inner {
        /// T
        steps: usize,
        /// α
        rate: f64,
    },
    /// γ by K.
    Loss {
        /// γ
        gamma: f64,
        /// K
        rows: usize,
    },
}

/// Both algorithms in one cell, with one seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellRecord {
    /// The settings.
    pub cell: Cell,
    /// The seed.
    pub seed: u64,
    /// The exact algorithm at the end of training. `None` if it stopped early.
    pub exact: Option<TrainingPoint>,
    /// The exact algorithm after as much counted work as the first-order one has at the end.
    pub exact_at_equal_work: Option<TrainingPoint>,
    /// The first-order algorithm, likewise.
    pub first: Option<TrainingPoint>,
    /// The counted work of the exact meta-gradient, relative to the first-order one.
    pub work: f64,
}

/// The cells of inner steps by inner rates, row by row.
pub fn inner_cells(map: &MapPlan) -> impl Iterator<Item = Cell> {
    let row = |&steps: &usize| map.rates.iter().map(move |&rate| Cell::Inner { steps, rate });
    map.inner_steps.iter().flat_map(row)
}

/// The cells of γ by K, row by row.
pub fn loss_cells(map: &MapPlan) -> impl Iterator<Item = Cell> {
    let row =
        |&gamma: &f64| map.rows.iter().map(move |rows| Cell::Loss { gamma, rows: rows.get() });
    map.gammas.iter().flat_map(row)
}

/// Trains both algorithms in a cell.
///
/// # Errors
/// Returns an error if the tasks cannot be made with the cell's settings, or if `progress` stops
/// the run.
pub fn run(
    study: &StudyPlan,
    source: &Source,
    cell: Cell,
    seed: u64,
    progress: &dyn Progress,
) -> Result<CellRecord> {
    let study = match cell {
        Cell::Inner { steps, rate } => study.with_inner(rate, steps)?,
        Cell::Loss { gamma, rows } => {
            let rows = std::num::NonZeroUsize::new(rows).unwrap_or(study.plan.k);
            study.with_gamma_and_rows(gamma, rows)
        }
    };
    let plan = Plan { iterations: study.map.iterations, ..study.plan.clone() };
    let study = StudyPlan { plan, ..study };
    let prepared = source.prepare(&study.plan, seed)?;
    let ratio = work(&study, &prepared, FAIR_MAML) / work(&study, &prepared, FIRST_ORDER);
    let all = study.map.iterations.get();
    let fewer = at_equal_work(all, ratio);
    let points = |algorithm, at: &[u64]| {
        let record = train(&study, &prepared, algorithm, at, false, progress)?;
        let found = |&iteration: &u64| {
            record.points.iter().find(|point| point.iteration == iteration).copied()
        };
        Ok::<_, Error>(at.iter().map(found).collect::<Vec<_>>())
    };
    let (exact, first) = (points(FAIR_MAML, &[fewer, all])?, points(FIRST_ORDER, &[all])?);
    Ok(CellRecord {
        cell,
        seed,
        exact_at_equal_work: exact[0],
        exact: exact[1],
        first: first[0],
        work: ratio,
    })
}

/// The number of exact meta-iterations that cost as much as `iterations` of first order, if one
/// costs `ratio` times as much.
fn at_equal_work(iterations: u64, ratio: f64) -> u64 {
    ((iterations as f64 / ratio).round() as u64).clamp(1, iterations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use experiment::progress::Silent;
    use paper::defaults;

    #[test]
    fn equal_work_is_fewer_iterations() {
        assert_eq!(at_equal_work(300, 2.0), 150);
        assert_eq!(at_equal_work(300, 1.63), 184);
        // Without inner steps both cost the same.
        assert_eq!(at_equal_work(300, 1.0), 300);
        assert_eq!(at_equal_work(1, 3.0), 1);
    }

    /// The point at equal work is one of the same training, with as much work as first order has.
    #[test]
    fn a_cell_compares_at_equal_work_too() {
        let study = StudyPlan::new(defaults::quick(defaults::synthetic())).quick();
        let source = Source::open(&study.plan).unwrap();
        let record = run(&study, &source, Cell::Inner { steps: 2, rate: 0.1 }, 0, &Silent).unwrap();
        let points = [record.exact_at_equal_work, record.exact, record.first].map(Option::unwrap);
        let [early, exact, first] = points;
        assert_eq!((exact.iteration, first.iteration), (50, 50));
        assert!(early.iteration < 40, "{early:?}");
        assert!((early.gradients / first.gradients - 1.0).abs() < 0.02, "{early:?} {first:?}");
        assert!((exact.gradients / first.gradients / record.work - 1.0).abs() < 1e-12);
    }
}
