//! Where the data is too small, or one-sided, so that a number says less than it seems to.

use fairness::metrics::{Confusion, GroupCounts};
use report::number::{counted, decimal};
use serde::Serialize;

use crate::interval;
use crate::measure::{Quantity, Rate};

/// With fewer rows than this, a group's selection rate and accuracy say nothing. A rule of thumb:
/// with 30 rows, a rate of 1/2 has a 95% interval of ±0.18.
pub const FEWEST_ROWS: u64 = 30;
/// With fewer rows of a label than this, the group's rate among them says nothing. A rule of thumb:
/// with 10 rows, a rate of 1/2 has a 95% interval of ±0.31.
pub const FEWEST_OF_LABEL: u64 = 10;

/// Something to know before one believes a number.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Warning {
    /// A group has fewer than [`FEWEST_ROWS`] rows, or fewer than [`FEWEST_OF_LABEL`] with a
    /// positive or a negative label.
    SmallGroup {
        /// The group.
        group: String,
        /// Its rows.
        rows: u64,
        /// Those with a positive label.
        positives: u64,
        /// Those with a negative label.
        negatives: u64,
        /// The rates that say nothing, by their keys.
        rates: Vec<&'static str>,
    },
    /// A rate is exactly 0 or 1, in a group that is large enough. That does not make it certain.
    RateAtTheEnd {
        /// The group.
        group: String,
        /// The rate, by its key.
        rate: &'static str,
        /// 0 or 1.
        value: f64,
        /// The rows of which it is the rate.
        rows: u64,
    },
    /// No row is protected, or every row is.
    OneSide {
        /// Whether the rows are protected.
        protected: bool,
    },
    /// All labels are alike.
    OneLabel {
        /// Whether they are positive.
        positive: bool,
    },
    /// All decisions are alike.
    OneDecision {
        /// Whether every row is accepted.
        accepted: bool,
    },
}

impl Warning {
    /// All warnings about a set of rows: about all of it first, then group by group.
    pub(crate) fn all<'a>(
        sides: &GroupCounts,
        groups: impl Iterator<Item = (&'a str, &'a Confusion)>,
    ) -> Vec<Warning> {
        let whole = sides.overall();
        let mut warnings = Vec::new();
        if sides.protected.total() == 0 || sides.unprotected.total() == 0 {
            warnings.push(Warning::OneSide { protected: sides.protected.total() > 0 });
        }
        if whole.positives() == 0 || whole.negatives() == 0 {
            warnings.push(Warning::OneLabel { positive: whole.positives() > 0 });
        }
        let accepted = whole.predicted_positives();
        let decisions_alike = accepted == 0 || accepted == whole.total();
        if decisions_alike {
            warnings.push(Warning::OneDecision { accepted: accepted > 0 });
        }
        for (name, counts) in groups {
            warnings.extend(Warning::small(name, counts));
            if !decisions_alike {
                warnings.extend(Warning::at_the_end(name, counts));
            }
        }
        warnings
    }

    fn small(group: &str, counts: &Confusion) -> Option<Warning> {
        let (rows, positives, negatives) = (counts.total(), counts.positives(), counts.negatives());
        let too_few = |rate: &Rate| match rate {
            Rate::Selection | Rate::Accuracy => rows < FEWEST_ROWS,
            Rate::TruePositive => positives < FEWEST_OF_LABEL,
            Rate::FalsePositive => negatives < FEWEST_OF_LABEL,
        };
        let rates: Vec<&str> =
            Rate::ALL.iter().filter(|rate| too_few(rate)).map(|rate| rate.key()).collect();
        let group = group.to_owned();
        (!rates.is_empty()).then_some(Warning::SmallGroup {
            group,
            rows,
            positives,
            negatives,
            rates,
        })
    }

    fn at_the_end(group: &str, counts: &Confusion) -> impl Iterator<Item = Warning> {
        let of = [
            (Rate::Selection, counts.total(), FEWEST_ROWS),
            (Rate::TruePositive, counts.positives(), FEWEST_OF_LABEL),
            (Rate::FalsePositive, counts.negatives(), FEWEST_OF_LABEL),
        ];
        of.into_iter().filter_map(|(rate, rows, fewest)| {
            let value = rate.of(counts).filter(|value| [0.0, 1.0].contains(value))?;
            let (group, rate) = (group.to_owned(), rate.key());
            (rows >= fewest).then_some(Warning::RateAtTheEnd { group, rate, value, rows })
        })
    }

    /// In one sentence or a few.
    pub fn text(&self) -> String {
        match self {
            Warning::SmallGroup { group, rows, positives, negatives, rates } => format!(
                "\"{group}\" is too small to say anything of its {}: {} with {positives} positive \
                 and {negatives} negative labels.",
                listed(rates),
                counted(*rows as usize, "row"),
            ),
            Warning::RateAtTheEnd { group, rate, value, rows } => {
                let (_, most) = interval::rate((0, *rows)).unwrap_or((0.0, 1.0));
                let (side, bound) = match *value {
                    0.0 => ("up to", most),
                    _ => ("down to", 1.0 - most),
                };
                format!(
                    "The {} of \"{group}\" is exactly {value}, which is not certain: with {rows} \
                     rows, a true rate {side} {} fits as well.",
                    spaced(rate),
                    decimal(bound, false)
                )
            }
            Warning::OneSide { protected: true } => {
                "Every row is protected, so there is nothing to compare with.".into()
            }
            Warning::OneSide { protected: false } => {
                "No row is protected, so there is nothing to compare.".into()
            }
            Warning::OneLabel { positive } => {
                let (found, rate) = match positive {
                    true => ("positive", Rate::FalsePositive),
                    false => ("negative", Rate::TruePositive),
                };
                format!("Every label is {found}, so there is no {}.", spaced(rate.key()))
            }
            Warning::OneDecision { accepted: true } => {
                "Every row is accepted: all groups have the same rates, whatever the labels.".into()
            }
            Warning::OneDecision { accepted: false } => {
                "No row is accepted, so there are no ratios.".into()
            }
        }
    }
}

fn spaced(key: &str) -> String {
    key.replace('_', " ")
}

/// "a, b and c".
fn listed(keys: &[&str]) -> String {
    let words: Vec<String> = keys.iter().map(|key| spaced(key)).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn confusion(tp: u64, fp: u64, tn: u64, fn_: u64) -> Confusion {
        Confusion {
            true_positives: tp,
            false_positives: fp,
            true_negatives: tn,
            false_negatives: fn_,
        }
    }

    /// The warnings about a group beside a large one.
    fn about(group: Confusion) -> Vec<Warning> {
        let sides = GroupCounts { protected: group, unprotected: confusion(50, 50, 50, 50) };
        Warning::all(&sides, [("g", &group)].into_iter())
    }

    #[test]
    fn the_limits_are_30_rows_and_10_of_a_label() {
        assert_eq!(about(confusion(5, 10, 10, 5)), []);
        for (counts, expected) in [
            (confusion(5, 10, 9, 5), &["selection_rate", "accuracy"][..]),
            (confusion(4, 11, 10, 5), &["true_positive_rate"]),
            (confusion(11, 5, 4, 10), &["false_positive_rate"]),
        ] {
            let [Warning::SmallGroup { rates, .. }] = &about(counts)[..] else {
                panic!("{:?}", about(counts))
            };
            assert_eq!(rates, expected);
        }
        let text = about(confusion(1, 0, 0, 0))[0].text();
        assert_eq!(
            text,
            "\"g\" is too small to say anything of its selection rate, true positive rate, false \
             positive rate and accuracy: 1 row with 1 positive and 0 negative labels."
        );
    }

    #[test]
    fn a_rate_of_0_or_1_is_not_certain() {
        let warnings = about(confusion(20, 0, 30, 10));
        let rate = "false_positive_rate";
        let expected = Warning::RateAtTheEnd { group: "g".into(), rate, value: 0.0, rows: 30 };
        assert_eq!(warnings, [expected]);
        assert!(warnings[0].text().contains("a true rate up to 0.114 fits"));
        let all_found = about(confusion(30, 10, 20, 0));
        assert!(all_found[0].text().contains("a true rate down to 0.886 fits"), "{all_found:?}");
        // Where the group is small, one warning is enough.
        assert_eq!(about(confusion(4, 0, 4, 4)).len(), 1);
    }

    #[test]
    fn one_sided_data() {
        let some = confusion(10, 10, 10, 10);
        let none = Confusion::default();
        let about = |protected, unprotected| {
            Warning::all(&GroupCounts { protected, unprotected }, std::iter::empty())
        };
        assert_eq!(about(some, some), []);
        assert_eq!(about(some, none), [Warning::OneSide { protected: true }]);
        assert_eq!(about(none, some), [Warning::OneSide { protected: false }]);
        let positives = confusion(10, 0, 0, 10);
        assert_eq!(about(positives, positives), [Warning::OneLabel { positive: true }]);
        let accepted = confusion(10, 10, 0, 0);
        assert_eq!(about(accepted, accepted), [Warning::OneDecision { accepted: true }]);
        let rejected = confusion(0, 0, 10, 10);
        assert_eq!(about(rejected, rejected), [Warning::OneDecision { accepted: false }]);
    }
}
