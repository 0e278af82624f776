//! The same report as Markdown, for where pages are not shown: figures are links to their files.

mod plain;

use self::plain::{address, inline, paragraph, path};
use super::{Claim, Definition, Evidence, Finding, Report, Section, Source, Table, Term, verdict};
use crate::number::{UNDEFINED, decimal};

impl Report {
    /// The report as Markdown, with headings from level 2 on. Figures lie in `folder`, which is
    /// empty or ends with a slash.
    pub fn markdown(&self, folder: &str) -> String {
        let texts = |texts: &[String]| texts.iter().map(|text| paragraph(text)).collect::<Vec<_>>();
        let mut blocks = texts(&self.about);
        blocks.push(list(self.definitions.iter().map(definition)));
        blocks.push(list(self.sources.iter().map(source)));
        // A heading without anything below it is left out.
        let mut part = |heading: &str, found: Vec<String>| {
            if !found.is_empty() {
                blocks.push(format!("## {heading}"));
                blocks.extend(found);
            }
        };
        let under = self.under();
        let claims = (1..).zip(&self.claims);
        let in_full = claims.flat_map(|(number, claim)| in_full(number, claim, under.is_none()));
        if !self.claims.is_empty() {
            part("Claims", vec![self.glance()]);
        }
        part("How to read the evidence", texts(&self.reading));
        if !self.claims.is_empty() {
            let judged = under.map(|under| format!("All are judged under: {}.", inline(under)));
            part("The claims in full", judged.into_iter().chain(in_full).collect());
        }
        part("Findings", self.findings.iter().flat_map(found).collect());
        blocks.extend(self.sections.iter().flat_map(|section| chapter(section, folder, 2)));
        if !self.provenance.is_empty() {
            let rows = self.provenance.iter();
            let rows = rows.map(|(name, value)| vec![name.clone(), value.clone()]);
            blocks.push("## Provenance".into());
            blocks.push(table(&["", ""], rows, 2));
        }
        if !self.glossary.is_empty() {
            blocks.push("## Glossary".into());
            blocks.push(list(self.glossary.iter().map(term)));
        }
        blocks.retain(|block| !block.is_empty());
        blocks.join("\n\n") + "\n"
    }

    /// The claims in a table, or a sentence if none is judged.
    fn glance(&self) -> String {
        if let Some(sentence) = verdict::too_short(self.verdicts()) {
            return sentence;
        }
        let verdicts = (1..).zip(&self.claims).map(|(number, claim)| {
            let mut row: Vec<String> =
                vec![number.to_string(), claim.claim.clone(), claim.verdict.word().into()];
            let first = claim.evidence.first();
            row.extend(first.map_or_else(|| vec![String::new(); EVIDENCE.len()], cells));
            row
        });
        let head = ["", "claim", "verdict", "the first of its evidence"];
        table(&[&head[..], &EVIDENCE[1..]].concat(), verdicts, 6)
    }
}

fn definition(Definition { term, text, link }: &Definition) -> String {
    entry(term, text, link.as_deref())
}

fn term(Term { term, text, link, .. }: &Term) -> String {
    entry(term, text, link.as_deref())
}

fn entry(term: &str, text: &str, link: Option<&str>) -> String {
    let more = link.and_then(address).map_or(String::new(), |address| format!(" <{address}>"));
    format!("**{}**: {}{more}", inline(term), inline(text))
}

fn source(Source { name, role, link }: &Source) -> String {
    let name = inline(name);
    let linked = match address(link) {
        Some(address) => format!("[{name}]({address})"),
        None => name,
    };
    format!("{}: {linked}", inline(role))
}

fn in_full(number: usize, claim: &Claim, says_under: bool) -> [String; 5] {
    let under = match claim.under.as_str() {
        under if says_under && !under.is_empty() => format!("Judged under: {}", inline(under)),
        _ => String::new(),
    };
    let readings = claim.readings.iter().map(|other| {
        vec![other.decision.clone(), other.reading.clone(), other.verdict.word().into()]
    });
    let readings = match claim.readings.is_empty() {
        true => String::new(),
        false => table(&["open question", "read as", "the claim"], readings, 3),
    };
    [
        format!("### {number}. {}", inline(&claim.claim)),
        format!("**{}.** {}", capitalized(claim.verdict.word()), inline(&claim.because)),
        under,
        evidence_table(&claim.evidence),
        readings,
    ]
}

fn found(Finding { heading, text, evidence }: &Finding) -> [String; 3] {
    [format!("### {}", inline(heading)), paragraph(text), evidence_table(evidence)]
}

/// With its subsections one level deeper.
fn chapter(section: &Section, folder: &str, level: usize) -> Vec<String> {
    let mut blocks = vec![format!("{} {}", "#".repeat(level), inline(&section.heading))];
    blocks.extend(section.text.iter().map(|text| paragraph(text)));
    for Table { caption, head, rows, numeric_from } in &section.tables {
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        blocks.push(format!("{}:", paragraph(caption).trim_end_matches('.')));
        blocks.push(table(&head, rows.iter().cloned(), *numeric_from));
    }
    for figure in &section.figures {
        blocks.push(format!("![{}]({folder}{})", inline(&figure.description), path(&figure.file)));
        blocks.push(format!("*{}*", inline(&figure.caption)));
    }
    // Markdown has six levels.
    let deeper = (level + 1).min(6);
    blocks.extend(section.subsections.iter().flat_map(|section| chapter(section, folder, deeper)));
    blocks
}

/// Nothing without evidence.
fn evidence_table(evidence: &[Evidence]) -> String {
    if evidence.is_empty() {
        return String::new();
    }
    table(&EVIDENCE, evidence.iter().map(cells), 3)
}

/// The columns of evidence.
const EVIDENCE: [&str; 7] =
    ["quantity", "tested", "margin", "mean", "95% interval", "runs", "undefined"];

fn cells(row: &Evidence) -> Vec<String> {
    let interval = row.value.and_then(|mean| mean.interval);
    vec![
        row.quantity.clone(),
        row.tested.map_or(String::new(), |tested| match row.outcome {
            Some(outcome) => format!("{}: {}", tested.word(), outcome.word()),
            None => tested.word().into(),
        }),
        row.margin.map_or(String::new(), |margin| decimal(margin, false)),
        row.value.map_or(UNDEFINED.into(), |mean| decimal(mean.mean, row.signed)),
        interval.map_or(UNDEFINED.into(), |(low, high)| {
            format!("{} to {}", decimal(low, row.signed), decimal(high, row.signed))
        }),
        row.value.map_or(0, |mean| mean.values).to_string(),
        row.undefined.map_or(String::new(), |(undefined, all)| format!("{undefined} of {all}")),
    ]
}

fn list(entries: impl Iterator<Item = String>) -> String {
    entries.map(|entry| format!("- {entry}")).collect::<Vec<_>>().join("\n")
}

fn table(head: &[&str], rows: impl Iterator<Item = Vec<String>>, numeric_from: usize) -> String {
    let line = |cells: Vec<String>| format!("| {} |", cells.join(" | "));
    let rules = (0..head.len()).map(|column| if column < numeric_from { "---" } else { "---:" });
    let rows = rows.map(|row| line(row.iter().map(|cell| inline(cell)).collect()));
    let head = line(head.iter().map(|cell| inline(cell)).collect());
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
    use crate::page::{Figure, Tested, Verdict};

    fn report() -> Report {
        let value = Some(Mean::plus_minus(-0.25, 0.125, 3));
        let evidence = vec![
            Evidence::difference("a|b", value).tested(Tested::NotMore, 0.05).undefined(7, 50),
            Evidence::difference("none", None),
        ];
        let figure = Figure {
            file: "x.svg".into(),
            caption: "Under it".into(),
            svg: String::new(),
            description: "A picture".into(),
        };
        let deeper =
            Section { heading: "Deeper".into(), figures: vec![figure], ..Section::default() };
        Report {
            about: vec!["What this is.".into()],
            definitions: vec![Definition::new("K", "How many.").link("https://a.b")],
            sources: vec![Source::new("The paper", "Some, 2019", "https://c.d/e")],
            reading: vec!["By these rules.".into()],
            claims: vec![
                Claim::new("It works", Verdict::DoesNotHold)
                    .because("See below.")
                    .under("K = 5")
                    .evidence(evidence.clone()),
            ],
            findings: vec![Finding { heading: "Found".into(), text: "Text.".into(), evidence }],
            sections: vec![Section {
                heading: "Chapter".into(),
                text: vec!["Words.".into()],
                subsections: vec![deeper],
                ..Section::default()
            }],
            glossary: vec![Term::new("parity", "How fair.").link("javascript:alert(1)")],
            ..Report::default()
        }
    }

    #[test]
    fn everything_is_said() {
        let text = report().markdown("pictures/");
        for part in [
            "What this is.\n\n- **K**: How many. <https://a.b>\n\n",
            "- The paper: [Some, 2019](https://c.d/e)\n\n## Claims",
            "| 1 | It works | does not hold | a\\|b | not more | 0.050 | −0.250 | −0.375 to −0.125 | 3 | 7 of 50 |",
            "## How to read the evidence\n\nBy these rules.\n\n## The claims in full",
            "## The claims in full\n\nAll are judged under: K = 5.\n\n### 1.",
            "| a\\|b | not more | 0.050 | −0.250 | −0.375 to −0.125 | 3 | 7 of 50 |",
            "| none |  |  | n/a | n/a | 0 |  |",
            "## Chapter\n\nWords.\n\n### Deeper\n\n![A picture](pictures/x.svg)",
            "## Glossary\n\n- **parity**: How fair.\n",
        ] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let rows = text.lines().filter(|line| line.starts_with("| "));
        let columns = |line: &str| line.replace("\\|", "").matches('|').count() - 1;
        assert!(rows.clone().count() > 5);
        assert!(rows.map(columns).all(|columns| [2, 7, 10].contains(&columns)), "{text}");
    }

    #[test]
    fn a_run_too_short_has_a_sentence_for_a_table() {
        let mut report = report();
        report.claims[0].verdict = Verdict::TooShort;
        let text = report.markdown("");
        assert!(text.contains("## Claims\n\nNo claim of the paper"), "{text}");
        assert!(!text.contains("| 1 |"), "{text}");
    }

    #[test]
    fn data_is_only_text() {
        let hostile = "<b>[x](http://a.b)|`*\n# y";
        let report = Report {
            about: vec![hostile.into()],
            claims: vec![Claim::new(hostile, Verdict::Holds).because(hostile).under(hostile)],
            glossary: vec![Term::new(hostile, hostile)],
            ..report()
        };
        let text = report.markdown("");
        for sign in ["<b>", "](http://a", "http://a", "\n# y"] {
            assert!(!text.contains(sign), "{sign} in {text}");
        }
    }
}
