//! What a method takes in memory and work, for the estimate of a run.

use meta::sizes::{NUMBER, NetworkSize};

use crate::run::size::PlanSize;

/// The copies of a kept file's text in memory: the value, the value with its key, and the sealed
/// file.
pub const TEXTS: f64 = 3.0;
/// The bytes of a learned number in all these copies.
pub const NUMBER_AS_TEXT: f64 = 20.0 * TEXTS;
/// The bytes of a row with its score, and of the copies that are sorted.
pub const SCORED: f64 = 64.0;

/// What arms that are trained together take. All numbers are at least 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Needs {
    /// How many numbers each arm learns.
    pub learned: f64,
    /// The training of all arms. For a method with a host it follows the host's training.
    pub training: Cost,
    /// The adaptation of one arm to one held-out task, and its decisions.
    pub judging: Cost,
    /// What the memory is for, as in the error of a run that is too large: a method and the sizes
    /// that matter most.
    pub memory_is_for: &'static str,
    /// What the work is for.
    pub work_is_for: &'static str,
}

impl Needs {
    /// Those of a method that decides about each row without a network, and without training.
    pub fn decisions(size: PlanSize<'_>) -> Self {
        let data = size.data;
        Needs {
            learned: 0.0,
            training: Cost::NONE,
            judging: Cost { bytes: data.most_rows * SCORED, multiply_adds: data.rows },
            memory_is_for: "decisions without a network: rows",
            work_is_for: "decisions without a network: rows × seeds",
        }
    }

    /// Those of a fresh network for each held-out task. `fitted` says what it takes to train it and
    /// to decide.
    pub fn fresh_networks(learned: f64, fitted: Cost) -> Self {
        Needs {
            learned,
            training: Cost::NONE,
            judging: fitted,
            memory_is_for: "fresh networks: parameters",
            work_is_for: "fresh networks: epochs × held-out tasks × seeds",
        }
    }
}

/// What a computation takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// The memory in bytes, when it is largest.
    pub bytes: f64,
    /// The work in multiply-adds.
    pub multiply_adds: f64,
}

impl Cost {
    /// Next to nothing.
    pub const NONE: Cost = Cost { bytes: 0.0, multiply_adds: 0.0 };

    /// The adaptation of a network to a held-out task by this number of gradients on `rows` rows,
    /// and the decisions about all rows of the task.
    pub fn of_adaptation(
        size: PlanSize<'_>,
        network: NetworkSize,
        rows: f64,
        gradients: f64,
    ) -> Self {
        let tape = network.recording(rows, 2.0, NUMBER);
        let decisions = network.recording(size.data.most_rows, 1.0, NUMBER);
        Cost {
            bytes: tape.max(decisions) + 4.0 * NUMBER * network.parameters,
            multiply_adds: gradients * network.gradient(rows) + network.values(size.data.rows),
        }
    }
}
