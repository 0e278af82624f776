//! Where tasks come from.

use std::num::NonZeroU64;

use serde::{Deserialize, Serialize};
use tasks::SupportDraw;
use tasks::communities::CommunitiesConfig;
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
        /// Tasks to judge on.
        test_tasks: NonZeroU64,
        /// Which rows of a test task may be support rows.
        support: SupportDraw,
    },
    /// Section 6.3.
    Communities {
        /// How states become tasks.
        config: CommunitiesConfig,
        /// A file other than the program's own copy.
        data: Option<Data>,
    },
}

/// A data file and the contents it had.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    /// As it was given.
    pub path: std::path::PathBuf,
    /// Of its contents, in hexadecimal.
    pub sha256: String,
}

impl Problem {
    /// What files and tables call it.
    pub fn name(&self) -> &'static str {
        match self {
            Problem::Synthetic { .. } => "synthetic",
            Problem::Communities { .. } => "communities",
        }
    }

    /// What titles call it.
    pub fn title(&self) -> &'static str {
        match self {
            Problem::Synthetic { support: SupportDraw::PositiveProtected, .. } => {
                "Synthetic tasks, biased fine-tuning"
            }
            Problem::Synthetic { support: SupportDraw::Random, .. } => {
                "Synthetic tasks, random fine-tuning"
            }
            Problem::Communities { .. } => "Communities and Crime, held-out states",
        }
    }
}
