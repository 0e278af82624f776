//! Changes of a plan: readings of the paper, and methods with their own settings.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::arm::MethodName;

/// A reference plan, and plans that differ from it in one setting each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ablation {
    /// The JSON merge patch (RFC 7396) that turns the problem's plan into the reference.
    pub reference: Value,
    /// The readings.
    pub readings: Vec<Reading>,
}

/// One reading of the paper other than the default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// The row of docs/paper-decisions.md.
    pub decision: String,
    /// The reading.
    pub reading: String,
    /// The JSON merge patch of the reference.
    pub changes: Value,
}

/// A method that differs from one of the plan's methods only in settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Companion {
    /// Its name in tables.
    pub method: MethodName,
    /// The JSON merge patch (RFC 7396) of the plan; it leaves one method.
    pub changes: Value,
}
