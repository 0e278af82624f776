//! The color, marker and dash of each method and each reference in all figures.
//!
//! Any two methods differ in color, marker and dash. A reference may share a color with a method if
//! its marker differs or its line is thin.

use report::figure::style::{Color, Dash, Look, Marker};

use experiment::plan::Plan;
use experiment::plan::arm::{Arm, MethodName};

pub const MAML: Look = Look::new(Color::Orange, Marker::Square, Dash::Long);
pub const FAIR_MAML: Look = Look::new(Color::Blue, Marker::Circle, Dash::Solid);
pub const PRE_TRAINED: Look = Look::new(Color::Black, Marker::TriangleUp, Dash::Dotted);
/// The same network, fine-tuned at another rate than in the tables.
pub const PRE_TRAINED_OTHERWISE: Look = Look::new(Color::Grey, Marker::TriangleRight, Dash::Dotted);
pub const LAFTR: Look = Look::new(Color::Vermillion, Marker::Diamond, Dash::DashDot);
pub const FROM_SCRATCH: Look = Look::new(Color::Green, Marker::TriangleDown, Dash::Short);
pub const MAJORITY_CLASS: Look = Look::new(Color::Grey, Marker::Cross, Dash::SparselyDotted);
pub const PUBLISHED_CODE: Look = Look::new(Color::Purple, Marker::Star, Dash::DashDotDot);
/// Meta-trained weights without a step (α = 0).
pub const UNADAPTED: Look = Look::new(Color::SkyBlue, Marker::Pentagon, Dash::VeryLong).hollow();
pub const ONE_THRESHOLD: Look = Look::new(Color::Olive, Marker::TriangleLeft, Dash::Short);
pub const GROUP_THRESHOLDS: Look = Look::new(Color::Olive, Marker::Plus, Dash::DashDot);
pub const NETWORK_CEILING: Look = Look::new(Color::Indigo, Marker::Diamond, Dash::Solid).hollow();
pub const LOGISTIC_CEILING: Look = Look::new(Color::Indigo, Marker::Square, Dash::Short).hollow();
pub const BAYES: Look = Look::new(Color::Wine, Marker::Pentagon, Dash::Solid);
pub const COIN: Look = Look::new(Color::Grey, Marker::Circle, Dash::Long).hollow();
pub const LABELS: Look = Look::new(Color::Wine, Marker::Plus, Dash::Dotted).hollow();
pub const HALF_PLANE: Look = Look::new(Color::Green, Marker::TriangleLeft, Dash::Dotted).hollow();

/// The looks of the compared algorithms, in the order of the plan.
const COMPARED: [Look; 5] = [
    Look::new(Color::Purple, Marker::TriangleUp, Dash::Solid).hollow(),
    Look::new(Color::Green, Marker::TriangleDown, Dash::Long).hollow(),
    Look::new(Color::SkyBlue, Marker::Star, Dash::DashDot).hollow(),
    Look::new(Color::Orange, Marker::TriangleRight, Dash::DashDotDot).hollow(),
    Look::new(Color::Wine, Marker::Cross, Dash::VeryLong).hollow(),
];

/// The look of a compared algorithm, by its place in the plan. With more than five, looks repeat.
pub fn of_compared(place: usize) -> Look {
    COMPARED[place % COMPARED.len()]
}

/// The look of an arm in the figures of a plan.
pub fn of_arm(plan: &Plan, arm: Arm) -> Look {
    let place = plan.compared.iter().position(|other| Some(*other) == arm.algorithm);
    place.map_or_else(|| of(arm), of_compared)
}

/// The look of an arm's method. A probe looks like what it probes: no figure has both.
pub fn of(arm: Arm) -> Look {
    match (arm.method, arm.notion) {
        (MethodName::Meta | MethodName::ProbeMeta, Some(_)) => FAIR_MAML,
        (MethodName::Meta | MethodName::ProbeMeta, None) => MAML,
        (MethodName::Pretrained | MethodName::ProbePretrained, _) => PRE_TRAINED,
        (MethodName::Laftr, _) => LAFTR,
        (MethodName::Scratch | MethodName::ProbeRandom, _) => FROM_SCRATCH,
        (MethodName::Majority, _) => MAJORITY_CLASS,
        (MethodName::PublishedCode, _) => PUBLISHED_CODE,
        (MethodName::NoInnerStep, _) => UNADAPTED,
        (MethodName::PretrainedOther, _) => PRE_TRAINED_OTHERWISE,
        (MethodName::SharedThreshold, _) => ONE_THRESHOLD,
        (MethodName::GroupThresholds, _) => GROUP_THRESHOLDS,
        (MethodName::Coin, _) => COIN,
        (MethodName::Labels, _) => LABELS,
        (MethodName::Line, _) => HALF_PLANE,
        (MethodName::Bayes, _) => BAYES,
        (MethodName::OwnNetwork, _) => NETWORK_CEILING,
        (MethodName::OwnLogistic | MethodName::ProbeFeatures, _) => LOGISTIC_CEILING,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: [Look; 9] = [
        MAML,
        FAIR_MAML,
        PRE_TRAINED,
        PRE_TRAINED_OTHERWISE,
        LAFTR,
        FROM_SCRATCH,
        PUBLISHED_CODE,
        UNADAPTED,
        ONE_THRESHOLD,
    ];
    const REFERENCES: [Look; 8] = [
        GROUP_THRESHOLDS,
        MAJORITY_CLASS,
        NETWORK_CEILING,
        LOGISTIC_CEILING,
        BAYES,
        COIN,
        LABELS,
        HALF_PLANE,
    ];

    #[test]
    fn methods_differ_in_color_and_marker() {
        for (index, a) in METHODS.iter().enumerate() {
            for b in &METHODS[..index] {
                assert_ne!(a.color, b.color, "{a:?} and {b:?}");
                assert_ne!(a.marker, b.marker, "{a:?} and {b:?}");
            }
        }
    }

    #[test]
    fn all_differ_as_points_and_as_lines() {
        let all: Vec<Look> = METHODS.into_iter().chain(REFERENCES).chain(COMPARED).collect();
        for (index, a) in all.iter().enumerate() {
            for b in &all[..index] {
                assert_ne!((a.marker, a.hollow, a.color), (b.marker, b.hollow, b.color));
                assert_ne!((a.marker, a.hollow), (b.marker, b.hollow), "{a:?} and {b:?}");
                assert_ne!((a.color, a.dash), (b.color, b.dash), "{a:?} and {b:?}");
            }
        }
    }
}
