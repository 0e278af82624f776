//! The claims as JSON, for programs that read a verdict.

use serde::Serialize;
use serde_json::Value;

use super::{Claim, Evidence, EvidenceOutcome, Tested, UnderReading, Unit, Verdict};

/// A claim under its number.
#[derive(Serialize)]
struct Numbered<'a> {
    number: usize,
    claim: &'a str,
    verdict: Verdict,
    because: &'a str,
    under: &'a str,
    parts: Vec<Part<'a>>,
    readings: &'a [UnderReading],
}

/// One row of its evidence; what does not exist is null.
#[derive(Serialize)]
struct Part<'a> {
    quantity: &'a str,
    unit: Unit,
    effect: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    runs: usize,
    margin: Option<f64>,
    tested: Option<Tested>,
    verdict: Option<EvidenceOutcome>,
    undefined: Option<usize>,
    tasks: Option<usize>,
}

impl<'a> From<&'a Evidence> for Part<'a> {
    fn from(row: &'a Evidence) -> Self {
        let interval = row.value.and_then(|mean| mean.interval);
        Part {
            quantity: &row.quantity,
            unit: row.unit,
            effect: row.value.map(|mean| mean.mean),
            low: interval.map(|(low, _)| low),
            high: interval.map(|(_, high)| high),
            runs: row.value.map_or(0, |mean| mean.values),
            margin: row.margin,
            tested: row.tested,
            verdict: row.outcome,
            undefined: row.undefined.map(|(undefined, _)| undefined),
            tasks: row.undefined.map(|(_, tasks)| tasks),
        }
    }
}

/// An array with an object for each claim: `number` (from 1), `claim`, `verdict`, `because`,
/// `under`, and `parts`, one for each row of its evidence. A part has `quantity`, `unit`, `effect`
/// with its interval from `low` to `high`, `runs`, `margin`, `tested`, `verdict` (null for what is
/// only shown for comparison), and of how many `tasks` the quantity is `undefined`. `readings` has
/// the verdict under each other reading of the paper. What does not exist is null, numbers that are
/// not finite among it.
pub fn claims_json(claims: &[Claim]) -> Value {
    let numbered = (1..).zip(claims).map(|(number, claim)| Numbered {
        number,
        claim: &claim.claim,
        verdict: claim.verdict,
        because: &claim.because,
        under: &claim.under,
        parts: claim.evidence.iter().map(Part::from).collect(),
        readings: &claim.readings,
    });
    let value = serde_json::to_value(numbered.collect::<Vec<_>>());
    value.expect("only texts, numbers and words, with names as keys")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::mean::Mean;

    #[test]
    fn everything_that_decides_is_there() {
        let value = Some(Mean::plus_minus(0.25, 0.125, 5));
        let row = Evidence::difference("parity, a − b", value)
            .unit(Unit::Fairness)
            .tested(Tested::NotMore, 0.05)
            .undefined(7, 50);
        let one = Some(Mean { mean: f64::NAN, interval: None, values: 1 });
        let row = Evidence { outcome: Some(EvidenceOutcome::Open), ..row };
        let under =
            UnderReading { decision: "d".into(), reading: "r".into(), verdict: Verdict::Holds };
        let claims = [
            Claim {
                readings: vec![under],
                ..Claim::new("It is fairer.", Verdict::InPart)
                    .because("So it is.")
                    .under("K = 5")
                    .evidence(vec![row])
            },
            Claim::new("It is quick.", Verdict::TooShort)
                .evidence(vec![Evidence::level("share", one)]),
        ];
        let part = json!({
            "quantity": "parity, a − b", "unit": "fairness", "effect": 0.25, "low": 0.125,
            "high": 0.375, "runs": 5, "margin": 0.05, "tested": "not-more", "verdict": "open",
            "undefined": 7, "tasks": 50,
        });
        let bare = json!({
            "quantity": "share", "unit": "accuracy", "effect": null, "low": null, "high": null,
            "runs": 1, "margin": null, "tested": null, "verdict": null, "undefined": null,
            "tasks": null,
        });
        assert_eq!(
            claims_json(&claims),
            json!([
                {
                    "number": 1, "claim": "It is fairer.", "verdict": "in-part",
                    "because": "So it is.", "under": "K = 5", "parts": [part],
                    "readings": [{ "decision": "d", "reading": "r", "verdict": "holds" }],
                },
                {
                    "number": 2, "claim": "It is quick.", "verdict": "too-short", "because": "",
                    "under": "", "parts": [bare], "readings": [],
                },
            ])
        );
    }

    #[test]
    fn verdicts_are_words_with_hyphens() {
        let words = Verdict::ALL.map(|verdict| serde_json::to_value(verdict).unwrap());
        assert_eq!(
            words,
            ["holds", "in-part", "does-not-hold", "undecided", "not-run", "too-short"]
                .map(|word| json!(word))
        );
    }
}
