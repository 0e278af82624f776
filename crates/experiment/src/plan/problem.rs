//! The source of tasks.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};
use tasks::SupportDraw;
use tasks::communities::CommunitiesConfig;
use tasks::schema::{Encoding, Roles};
use tasks::synthetic::SyntheticConfig;

/// A source of tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "snake_case", deny_unknown_fields)]
pub enum Problem {
    /// Section 6.1 of the paper.
    Synthetic {
        /// The generator.
        generator: SyntheticConfig,
        /// Tasks to train on, generated once for each seed.
        training_tasks: NonZeroU64,
        /// Tasks to evaluate on.
        test_tasks: NonZeroU64,
        /// The rows of a test task that may be support rows.
        support: SupportDraw,
    },
    /// Section 6.3.
    Communities {
        /// The rules that turn states into tasks.
        config: CommunitiesConfig,
        /// A file instead of the copy in the program.
        data: Option<Data>,
    },
    /// The tasks of a file of the user.
    Table(Box<TableProblem>),
}

/// A CSV file, what its columns mean, and the division of its tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableProblem {
    /// The file.
    pub data: Data,
    /// How its text is read.
    pub reading: frame::Options,
    /// The columns that are no features.
    pub roles: Roles,
    /// The rules by which the other columns become features.
    pub encoding: Encoding,
    /// The number of parts into which the tasks are divided. Run n holds out the tasks of part n.
    pub folds: u64,
}

/// A data file and the checksum of its contents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// The path as given.
    pub path: std::path::PathBuf,
    /// The SHA-256 checksum in hexadecimal.
    pub sha256: String,
}

impl Problem {
    /// Its name in files and tables.
    pub fn name(&self) -> &'static str {
        match self {
            Problem::Synthetic { .. } => "synthetic",
            Problem::Communities { .. } => "communities",
            Problem::Table(_) => "table",
        }
    }

    /// Whether several runs may hold out the same task. Synthetic tasks are generated for one run,
    /// and each task of a table is held out once.
    pub fn tasks_recur(&self) -> bool {
        matches!(self, Problem::Communities { .. })
    }

    /// Its name in titles.
    pub fn title(&self) -> &'static str {
        match self {
            Problem::Synthetic { support: SupportDraw::PositiveProtected, .. } => {
                "Synthetic tasks, biased fine-tuning"
            }
            Problem::Synthetic { support: SupportDraw::Random, .. } => {
                "Synthetic tasks, random fine-tuning"
            }
            Problem::Communities { .. } => "Communities and Crime, held-out states",
            Problem::Table(_) => "Held-out tasks of the table",
        }
    }
}
