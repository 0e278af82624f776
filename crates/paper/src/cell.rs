//! How one cell of a table is written.

use experiment::results::compare::Compared;
use fairness::Notion;
use report::mean::Mean;
use report::number::{UNDEFINED, decimal};

/// "parity, 10", or "none". The paper's regularizers have the names of what they are about. Others
/// are about the same, so they have names of their own: "demographic-parity-gap, 10".
pub fn regularizer(of: Option<Notion>, gamma: f64) -> String {
    const OF_THE_PAPER: [Notion; 2] = [Notion::DEMOGRAPHIC_PARITY, Notion::EQUAL_OPPORTUNITY];
    let name = |of: Notion| if OF_THE_PAPER.contains(&of) { notion(of) } else { of.name() };
    of.map_or("none".into(), |of| format!("{}, {gamma}", name(of)))
}

/// "0.744 ± 0.021", with a sign for a difference; "0.993 −0.042 +0.006" for a rate if ± would leave
/// [0, 1].
pub fn mean(compared: Compared, signed: bool) -> String {
    compared.mean.map_or(UNDEFINED.into(), |mean| match signed {
        true => format!("{}{}", decimal(mean.mean, true), half(mean)),
        false => bounded(mean),
    })
}

/// A rate with its interval; with both lengths if ± would leave [0, 1].
pub fn bounded(mean: Mean) -> String {
    let value = decimal(mean.mean, false);
    let (Some(half), Some((low, high))) = (mean.half_width(), mean.interval) else { return value };
    match mean.mean - half < 0.0 || mean.mean + half > 1.0 {
        true => format!("{value} −{:.3} +{:.3}", mean.mean - low, high - mean.mean),
        false => halved(mean),
    }
}

/// A rate and ± half of the length of its interval.
pub fn halved(mean: Mean) -> String {
    decimal(mean.mean, false) + &half(mean)
}

/// " ± 0.021"
fn half(mean: Mean) -> String {
    mean.half_width().map_or(String::new(), |half| format!(" ± {half:.3}"))
}

/// "3 of 50": undefined values, and all values.
pub fn undefined_of(compared: Compared) -> String {
    format!("{} of {}", compared.undefined, compared.tasks)
}

/// The name of what a regularizer is about, in tables and figures.
pub fn notion(notion: Notion) -> &'static str {
    notion.measure().name()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// No two regularizers share a name in a table.
    #[test]
    fn regularizers_are_told_apart() {
        let names: BTreeSet<String> =
            Notion::ALL.iter().map(|&notion| regularizer(Some(notion), 1.0)).collect();
        assert_eq!(names.len(), Notion::ALL.len(), "{names:?}");
        assert!(names.contains("parity, 1") && names.contains("equal-opportunity-gap, 1"));
    }
}
