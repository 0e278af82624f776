//! A fairness audit of any classifier's decisions.
//!
//! It needs no model, only columns: for each row a label, a decision, a group and, if there is one,
//! a task. [`Tally`] counts them, and [`Audit::new`] computes everything from the counts: rates by
//! group, ratios and differences, each with a 95% interval, pooled and by task, and warnings where
//! a group is too small to say anything.
//!
//! ```
//! use audit::{Audit, Metric, Settings, Tally};
//!
//! let groups = ["women".to_owned(), "men".to_owned()];
//! let mut tally = Tally::new(&groups, None)?;
//! //                          group  label  decision
//! for (group, label, decision) in [
//!     (0, true, true), (0, true, false), (0, false, false), (0, false, false),
//!     (1, true, true), (1, true, true), (1, false, true), (1, false, false),
//! ] {
//!     tally.record(0, group, label, decision);
//! }
//! let settings = Settings { protected: vec!["women".into()], ..Settings::default() };
//! let audit = Audit::new(&tally.finish()?, &settings)?;
//!
//! // One woman in four is accepted, and three men in four.
//! assert_eq!(audit.pooled.metrics[Metric::DemographicParityRatio].value, Some(0.25 / 0.75));
//! assert_eq!(audit.pooled.metrics[Metric::DemographicParityDifference].value, Some(-0.5));
//! // Four rows of a group say nothing, and the audit warns of both.
//! assert_eq!(audit.pooled.warnings.len(), 2);
//! # Ok::<(), audit::Error>(())
//! ```
//!
//! | file | subject |
//! |---|---|
//! | `counts` | rows in, counts for each task and group out |
//! | `measure` | what is computed from counts: the rates of a group, the metrics of two sides |
//! | `interval` | the interval of each quantity |
//! | `warning` | where the data is too small, or one-sided |
//! | `result` | the audit: pooled, by task, by pairs of groups |
//! | `json` | the audit as JSON, with its keys |
//! | `tables` | the audit as tables of texts, which the two below share |
//! | `text`, `page` | the audit for the terminal, and as one HTML page |

mod counts;
mod interval;
mod json;
mod measure;
mod page;
mod result;
mod tables;
mod text;
mod warning;

pub use counts::{Counts, MOST_GROUPS, Tally};
pub use json::json;
pub use measure::{Measures, Metric, Quantity, Rate};
pub use page::page;
pub use result::{Audit, Estimate, Group, Pair, Part, Settings};
pub use tables::Origin;
pub use text::text;
pub use warning::{FEWEST_OF_LABEL, FEWEST_ROWS, Warning};

/// The largest number of names in an error.
const LISTED: usize = 12;

/// Names for an error, in backticks and without control characters.
fn listed(names: &[String]) -> String {
    let shown: Vec<String> =
        names.iter().take(LISTED).map(|name| format!("`{}`", name.escape_debug())).collect();
    let more = names.len().saturating_sub(LISTED);
    shown.join(", ") + &if more > 0 { format!(" and {more} more") } else { String::new() }
}

/// Why there is no audit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not one row.
    #[error("there are no rows to audit")]
    NoRows,
    /// The sensitive column is more likely a number or a name than a group.
    #[error(
        "{groups} groups; an audit compares at most {MOST_GROUPS}: give a column with few values, \
         such as age in ranges"
    )]
    TooManyGroups {
        /// The number of distinct groups.
        groups: usize,
    },
    /// No group is protected.
    #[error("no group is protected; name at least one of {}", listed(available))]
    NoneProtected {
        /// The groups that have rows.
        available: Vec<String>,
    },
    /// A name that is no group.
    #[error(
        "{role} `{}` is not a group of these rows; the groups are {}",
        name.escape_debug(), listed(available)
    )]
    UnknownGroup {
        /// What the group was given as.
        role: &'static str,
        /// The name.
        name: String,
        /// The groups that have rows.
        available: Vec<String>,
    },
    /// The reference group is a protected one.
    #[error(
        "the reference group `{}` is protected; choose one that is not, because ratios are \
         protected over unprotected", name.escape_debug()
    )]
    ReferenceProtected {
        /// The name.
        name: String,
    },
}
