//! Changes of a plan: readings of the paper, and methods under settings of their own.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::arm::MethodName;

/// A plan to compare with, and plans that differ from it in one setting each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ablation {
    /// What makes the reference of the problem's plan, as a JSON merge patch (RFC 7396).
    pub reference: Value,
    /// The readings tried.
    pub readings: Vec<Reading>,
}

/// One reading of the paper other than the default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// The row of docs/paper-decisions.md.
    pub decision: String,
    /// How it is read here.
    pub reading: String,
    /// What makes it of the reference, as a JSON merge patch.
    pub changes: Value,
}

/// A method that differs from one of the plan's in settings alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Companion {
    /// What tables call it.
    pub method: MethodName,
    /// What is different in its plan, as a JSON merge patch (RFC 7396); one method is left there.
    pub changes: Value,
}
