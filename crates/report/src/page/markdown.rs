//! The same report as Markdown, for where pages are not shown: figures are links to their files.

use super::{Claim, Evidence, Finding, Report, Section, Table};
use crate::number::{UNDEFINED, decimal};

impl Report {
    /// The report as Markdown, with headings from level 2 on. Figures lie in `folder`, which is
    /// empty or ends with a slash.
    pub fn markdown(&self, folder: &str) -> String {
        let mut blocks = self.about.clone();
        blocks.push("## Claims".into());
        let numbered = (1..).zip(&self.claims);
        let verdicts = numbered.clone().map(|(number, claim)| {
            let mut row =
                vec![number.to_string(), claim.claim.clone(), claim.verdict.word().into()];
            row.extend(claim.evidence.first().map_or_else(|| vec![String::new(); 5], cells));
            row
        });
        let head = ["", "claim", "verdict", "the first of its evidence"];
        blocks.push(table(&[&head[..], &EVIDENCE[1..]].concat(), verdicts, 4));
        blocks.push("## How to read the evidence".into());
        blocks.extend(self.reading.iter().cloned());
        blocks.push("## The claims in full".into());
        blocks.extend(numbered.flat_map(|(number, claim)| in_full(number, claim)));
        blocks.push("## Findings".into());
        blocks.extend(self.findings.iter().flat_map(found));
        blocks.extend(self.sections.iter().flat_map(|section| chapter(section, folder)));
        blocks.push("## Provenance".into());
        let rows = self.provenance.iter().map(|(name, value)| vec![name.clone(), value.clone()]);
        blocks.push(table(&["", ""], rows, 2));
        blocks.retain(|block| !block.is_empty());
        blocks.join("\n\n") + "\n"
    }
}

fn in_full(number: usize, Claim { claim, verdict, because, evidence }: &Claim) -> [String; 3] {
    [
        format!("### {number}. {claim}"),
        format!("**{}.** {because}", capitalized(verdict.word())),
        evidence_table(evidence),
    ]
}

fn found(Finding { heading, text, evidence }: &Finding) -> [String; 3] {
    [format!("### {heading}"), text.clone(), evidence_table(evidence)]
}

fn chapter(section: &Section, folder: &str) -> Vec<String> {
    let mut blocks = vec![format!("## {}", section.heading)];
    blocks.extend(section.text.iter().cloned());
    for Table { caption, head, rows, numeric_from } in &section.tables {
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        blocks.push(format!("{caption}:"));
        blocks.push(table(&head, rows.iter().cloned(), *numeric_from));
    }
    for figure in &section.figures {
        blocks.push(format!("![{}]({folder}{})", figure.description, figure.file));
        blocks.push(format!("*{}*", figure.caption));
    }
    blocks
}

/// Nothing without evidence.
fn evidence_table(evidence: &[Evidence]) -> String {
    if evidence.is_empty() {
        return String::new();
    }
    table(&EVIDENCE, evidence.iter().map(cells), 1)
}

/// The columns of evidence.
const EVIDENCE: [&str; 5] = ["quantity", "mean", "95% interval", "runs", "undefined"];

fn cells(Evidence { quantity, value, undefined, signed }: &Evidence) -> Vec<String> {
    let interval = value.and_then(|mean| mean.interval);
    vec![
        quantity.clone(),
        value.map_or(UNDEFINED.into(), |mean| decimal(mean.mean, *signed)),
        interval.map_or(UNDEFINED.into(), |(low, high)| {
            format!("{} to {}", decimal(low, *signed), decimal(high, *signed))
        }),
        value.map_or(0, |mean| mean.values).to_string(),
        undefined.map_or(String::new(), |(undefined, all)| format!("{undefined} of {all}")),
    ]
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>, numeric_from: usize) -> String {
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let rules = (0..head.len()).map(|column| if column < numeric_from { "---" } else { "---:" });
    let rows = rows.map(|row| line(row.iter().map(|cell| cell.replace('|', "\\|")).collect()));
    let head = line(head.iter().map(|cell| cell.to_string()).collect());
    [head, line(rules.map(String::from).collect())]
        .into_iter()
        .chain(rows)
        .collect::<Vec<_>>()
        .join("\n")
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mean::Mean;
    use crate::page::{Figure, Verdict};

    #[test]
    fn everything_is_said() {
        let value = Some(Mean::plus_minus(-0.25, 0.125, 3));
        let evidence = vec![
            Evidence { quantity: "a|b".into(), value, undefined: Some((7, 50)), signed: true },
            Evidence { quantity: "none".into(), value: None, undefined: None, signed: true },
        ];
        let report = Report {
            about: vec!["What this is.".into()],
            reading: vec!["By these rules.".into()],
            claims: vec![Claim {
                claim: "It works".into(),
                verdict: Verdict::DoesNotHold,
                because: "See below.".into(),
                evidence: evidence.clone(),
            }],
            findings: vec![Finding { heading: "Found".into(), text: "Text.".into(), evidence }],
            sections: vec![Section {
                heading: "Chapter".into(),
                text: vec!["Words.".into()],
                tables: Vec::new(),
                figures: vec![Figure {
                    file: "x.svg".into(),
                    caption: "Under it".into(),
                    svg: String::new(),
                    description: "A picture".into(),
                }],
            }],
            ..Report::default()
        };
        let text = report.markdown("pictures/");
        for part in [
            "What this is.\n\n## Claims",
            "| 1 | It works | does not hold | a\\|b | −0.250 | −0.375 to −0.125 | 3 | 7 of 50 |",
            "## How to read the evidence\n\nBy these rules.\n\n## The claims in full",
            "**Does not hold.** See below.",
            "| a\\|b | −0.250 | −0.375 to −0.125 | 3 | 7 of 50 |",
            "| none | n/a | n/a | 0 |  |",
            "![A picture](pictures/x.svg)",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }
}
