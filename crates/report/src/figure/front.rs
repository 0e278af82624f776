//! What a front is made of: methods over their settings, and what they are compared with.

use super::Estimate;
use super::style::Look;

/// One method over its settings.
#[derive(Clone, Debug, PartialEq)]
pub struct Method {
    /// Named in the legend.
    pub name: String,
    /// The same in all figures.
    pub look: Look,
    /// What varies ("γ", "fine-tuning rate"): explains the numbers beside the points.
    pub varies: Option<String>,
    /// In any order; joined in the order of their values, those without a value first.
    pub settings: Vec<Setting>,
}

/// The results of a method at one setting.
///
/// Settings that differ by less than a marker share one marker and one label.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Written beside the point; `None` for a method that has nothing to vary.
    pub value: Option<f64>,
    /// In [0, 1].
    pub accuracy: Estimate,
    /// In [0, 1], 1 is fair; `None` where undefined: the point is then left out and counted.
    pub fairness: Option<Estimate>,
    /// Whether more than half of the tasks are decided by one class: the marker is an outline
    /// around a dot.
    pub collapsed: bool,
    /// (accuracy, fairness) of single runs, as small dots; may be empty.
    pub seeds: Vec<(f64, f64)>,
}

/// A reference that is no method: a constant decision, a coin, the best decision possible.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Named in the legend.
    pub name: String,
    /// Points have its marker, lines its dash.
    pub look: Look,
    /// Where it is.
    pub place: Place,
}

/// Where a mark is, as (accuracy, fairness).
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// A single decision.
    Point((f64, f64)),
    /// Decisions joined in this order by a thin line.
    Line(Vec<(f64, f64)>),
    /// The best accuracy at each fairness, joined in the order of fairness by a thin line. What
    /// lies above is shaded as out of reach, beyond the ends above their own accuracy: the first
    /// should be the best of all, whatever its fairness.
    Ceiling(Vec<(f64, f64)>),
}

impl Place {
    /// Its (accuracy, fairness) values.
    pub(super) fn values(&self) -> &[(f64, f64)] {
        match self {
            Place::Point(value) => std::slice::from_ref(value),
            Place::Line(values) | Place::Ceiling(values) => values,
        }
    }
}

impl Setting {
    /// Whether it has a place in the panel.
    pub(super) fn is_shown(&self) -> bool {
        self.fairness.is_some()
    }
}
