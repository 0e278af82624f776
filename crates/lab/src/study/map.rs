//! Where the exact meta-gradient is worth its cost: the exact and the first-order algorithm at many
//! settings, on the same tasks.

use std::num::NonZeroU64;

use experiment::error::Result;
use experiment::plan::Plan;
use experiment::progress::Progress;
use experiment::run::prepare::Source;
use meta::algorithm::{FAIR_MAML, FIRST_ORDER};
use serde::{Deserialize, Serialize};

use super::plan::{MapPlan, StudyPlan};
use super::training::{TrainingPoint, in_gradients, train, work};

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
    let study = StudyPlan { plan, checkpoints: NonZeroU64::MIN, ..study };
    let prepared = source.prepare(&study.plan, seed)?;
    let last = |algorithm| {
        let record = train(&study, &prepared, algorithm, false, progress)?;
        Ok::<_, experiment::error::Error>(
            record.points.last().copied().filter(|_| record.failed.is_none()),
        )
    };
    let (exact, first) = (last(FAIR_MAML)?, last(FIRST_ORDER)?);
    let counted = work(&study, &prepared);
    let cost =
        |algorithm: meta::AnyAlgorithm| in_gradients(algorithm.cost(study.plan.inner), counted);
    Ok(CellRecord { cell, seed, exact, first, work: cost(FAIR_MAML) / cost(FIRST_ORDER) })
}
