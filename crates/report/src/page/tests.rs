//! What the page owes its readers: well-formed, whole in itself, nothing lost, no number that is
//! none.

use proptest::prelude::*;
use roxmltree::{Document, Node};

use super::*;
use crate::mean::Mean;

mod rows;
mod words;

fn mean(mean: f64, half: f64) -> Option<Mean> {
    Some(Mean::plus_minus(mean, half, 10))
}

fn evidence(quantity: &str, value: Option<Mean>) -> Evidence {
    Evidence::difference(quantity, value)
}

/// A report with something of everything, every text of it passed through `text`.
fn report(text: impl Fn(&str) -> String) -> Report {
    let claim = |verdict: Verdict, evidence| {
        Claim::new(text("Fair-MAML is fairer."), verdict)
            .because(text("The intervals say so."))
            .under(text("K = 5"))
            .evidence(evidence)
    };
    let single = Some(Mean { mean: 0.5, interval: None, values: 1 });
    let undefined = evidence(&text("odds"), None).undefined(50, 50);
    let level = Evidence::level(text("ratio"), mean(0.744, 0.021)).undefined(7, 50);
    let tested = evidence(&text("accuracy"), mean(0.03, 0.01))
        .tested(Tested::NotMore, 0.05)
        .seeds([0.02, 0.03, 0.04]);
    Report {
        title: text("Fair-MAML, reproduced"),
        about: vec![text("What became of its claims.")],
        definitions: vec![Definition::new(text("γ"), text("A weight.")).link("https://a.b/c")],
        sources: vec![Source::new(text("The paper"), text("Some, 2019"), "https://a.b/d")],
        reading: vec![text("By these rules.")],
        claims: vec![
            claim(Verdict::Holds, vec![tested, level]),
            claim(Verdict::InPart, vec![evidence(&text("parity"), mean(-0.3046, 0.01)), undefined]),
            claim(Verdict::DoesNotHold, vec![evidence(&text("loss"), single)]),
            claim(Verdict::Undecided, Vec::new()),
            claim(Verdict::NotRun, Vec::new()),
            claim(Verdict::TooShort, Vec::new()),
        ],
        findings: vec![Finding {
            heading: text("The step does little"),
            text: text("Before and after are alike."),
            evidence: vec![evidence(&text("after − before"), mean(0.006, 0.011))],
        }],
        sections: vec![Section {
            heading: text("Communities and Crime"),
            text: vec![text("Five states were kept apart at every γ.")],
            tables: vec![Table {
                caption: text("All settings."),
                head: vec![text("method"), text("accuracy")],
                rows: vec![vec![text("MAML"), text("-0.2 ± 0.1")], vec![text("MAML"), text("n/a")]],
                numeric_from: 1,
            }],
            figures: vec![Figure {
                file: "figure.svg".into(),
                caption: text("The trade."),
                svg: format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{}</svg>", text("x")),
                description: text("Accuracy falls as the ratio rises."),
            }],
            subsections: vec![Section {
                heading: text("Every state"),
                text: vec![text("One by one.")],
                ..Section::default()
            }],
        }],
        glossary: vec![Term::new(text("γ"), text("The weight of fairness.")).link("https://a.b/e")],
        provenance: vec![(text("command"), text("fair-maml --quick"))],
    }
}

fn example() -> Report {
    report(str::to_owned)
}

/// The page as XML: its elements without content closed, its first line left out.
fn as_xml(page: &str) -> String {
    let mut xml = page.strip_prefix("<!DOCTYPE html>").expect("a document type").to_owned();
    for void in ["<meta ", "<img "] {
        let parts: Vec<String> = xml.split(void).map(str::to_owned).collect();
        xml = parts[0].clone();
        for part in &parts[1..] {
            xml += void;
            xml += &part.replacen('>', "/>", 1);
        }
    }
    xml
}

fn with_page(report: &Report, check: impl Fn(&Document)) {
    let xml = as_xml(&report.html());
    check(&Document::parse(&xml).expect("well-formed"));
}

fn text_of(node: Node) -> String {
    node.descendants().filter(|n| n.is_text()).filter_map(|n| n.text()).collect()
}

fn with_class<'a>(page: &'a Document, class: &str) -> Vec<Node<'a, 'a>> {
    page.descendants()
        .filter(|node| {
            node.attribute("class").is_some_and(|found| found.split(' ').any(|c| c == class))
        })
        .collect()
}

#[test]
fn every_verdict_is_told_by_word_and_by_sign() {
    with_page(&example(), |page| {
        let words = with_class(page, "word");
        let said: Vec<String> = words.iter().map(|node| text_of(*node)).collect();
        // At a glance, and in full.
        assert_eq!(said, [Verdict::ALL.map(Verdict::word); 2].concat());
        let sign = |node: &Node| {
            let shapes = node.descendants().filter(|n| n.is_element()).skip(1);
            let shape = |n: Node| format!("{} {:?}", n.tag_name().name(), n.attribute("d"));
            shapes.map(shape).collect::<Vec<_>>().join(" ")
        };
        let signs: Vec<String> = words.iter().map(sign).collect();
        let half = Verdict::ALL.len();
        assert_eq!(signs[..half], signs[half..]);
        for (index, sign) in signs[..half].iter().enumerate() {
            assert!(sign.starts_with("svg "), "{sign}");
            assert!(!signs[..index].contains(sign), "{sign} twice");
        }
    });
}

/// The page opens with a table of them, each a link to the claim in full.
#[test]
fn claims_are_numbered_and_come_first() {
    with_page(&example(), |page| {
        assert_eq!(
            with_class(page, "number").into_iter().map(text_of).collect::<Vec<_>>(),
            ["1", "2", "3", "4", "5", "6"]
        );
        let first = page.descendants().find(|n| n.has_tag_name("table")).unwrap();
        assert_eq!(first.attribute("class"), Some("evidence verdicts"));
        let rows: Vec<Node> = first.descendants().filter(|n| n.has_tag_name("tr")).collect();
        assert_eq!(rows.len(), 1 + 6);
        let columns = |row: &Node| -> usize {
            let cells = row.children().filter(|n| n.is_element());
            cells.map(|n| n.attribute("colspan").map_or(1, |n| n.parse().unwrap())).sum()
        };
        assert!(rows.iter().all(|row| columns(row) == 5), "{rows:?}");
        for (number, row) in (1..).zip(&rows[1..]) {
            let link = row.descendants().find_map(|n| n.attribute("href")).unwrap();
            assert_eq!(link, format!("#claim-{number}"));
        }
    });
}

#[test]
fn numbers_and_what_stands_in_place_of_them() {
    with_page(&example(), |page| {
        let effects: Vec<String> = with_class(page, "effect").into_iter().map(text_of).collect();
        assert_eq!(
            effects,
            [
                // At a glance.
                "+0.030 ± 0.010+0.020 to +0.040",
                "−0.305 ± 0.010−0.315 to −0.295",
                "+0.500one run: no interval",
                // In full.
                "+0.030 ± 0.010+0.020 to +0.040",
                "0.744 ± 0.0210.723 to 0.765",
                "−0.305 ± 0.010−0.315 to −0.295",
                "n/aundefined",
                "+0.500one run: no interval",
                "+0.006 ± 0.011−0.005 to +0.017",
            ]
        );
        let cells = |class| with_class(page, class).into_iter().map(text_of).collect::<Vec<_>>();
        let glance = ["–"; 3];
        assert_eq!(cells("missing")[..3], glance);
        assert_eq!(cells("missing")[3..], ["–", "7 of 50", "–", "50 of 50", "–", "–"]);
        let tested = cells("tested");
        assert_eq!(tested, ["not more margin 0.050", "–", "–", "–", "–", "–"]);
        assert_eq!(cells("seeds"), ["10", "10", "10", "–", "1", "10"]);
        assert_eq!(cells("dot").len(), 5, "nothing is drawn for the undefined quantity");
        assert_eq!(cells("bar").len(), 4, "one run has no interval");
    });
}

#[test]
fn hyphens_of_numbers_in_tables_become_minus_signs() {
    let page = example().html();
    assert!(page.contains("−0.2 ± 0.1") && !page.contains("-0.2 ± 0.1"));
}

#[test]
fn a_number_that_is_none_is_not_shown() {
    let odd = [f64::NAN, f64::INFINITY, -f64::INFINITY, 1e300];
    for x in odd {
        for (mean, half) in [(x, 0.1), (0.1, x), (x, x)] {
            let value = Some(Mean::plus_minus(mean, half, 3));
            let mut report = example();
            report.claims[0].evidence.push(evidence("odd", value));
            with_page(&report, |_| ());
            let page = report.html().replace(SCRIPT, "");
            assert!(!page.contains("NaN") && !page.contains(">inf") && !page.contains("inf%"));
        }
    }
}

#[test]
fn the_page_needs_nothing_but_itself() {
    with_page(&example(), |page| {
        for node in page.descendants().filter(|n| n.is_element()) {
            let name = node.tag_name().name();
            assert!(!["link", "iframe", "object", "base"].contains(&name), "{name}");
            for attribute in node.attributes() {
                let value = attribute.value();
                match attribute.name() {
                    "src" => assert!(value.starts_with("data:image/svg+xml;base64,"), "{value}"),
                    // Links wait for a click; only readers load what is behind them.
                    "href" if name == "a" => {
                        assert!(value.starts_with('#') || value.starts_with("https://a.b/"))
                    }
                    "href" => panic!("{name} loads {value}"),
                    name => assert!(!name.starts_with("on") && name != "style", "{name}"),
                }
            }
        }
    });
    for loads in ["fetch", "import", "XMLHttpRequest", "http", "eval", "innerHTML"] {
        assert!(!SCRIPT.contains(loads), "{loads}");
    }
    assert!(!SCRIPT.contains(['<', '&']));
    assert!(!STYLE.contains("url(") && !STYLE.contains("@import") && !STYLE.contains('<'));
}

#[test]
fn every_link_has_its_target_and_every_name_is_given_once() {
    with_page(&example(), |page| {
        let all = |name: &'static str| -> Vec<&str> {
            page.descendants().filter_map(|n| n.attribute(name)).collect()
        };
        let ids = all("id");
        for (index, id) in ids.iter().enumerate() {
            assert!(!ids[..index].contains(id), "{id} twice");
        }
        let references = all("href").into_iter().filter_map(|href| href.strip_prefix('#'));
        for target in references.clone().chain(all("aria-labelledby")) {
            assert!(ids.contains(&target), "{target}");
        }
        // Claims at a glance, two lists of contents, a term.
        assert_eq!(references.count(), 6 + 2 * (8 + 6) + 1);
    });
}

#[test]
fn a_figure_is_its_own_document_with_words_in_its_place() {
    with_page(&example(), |page| {
        let image = page.descendants().find(|n| n.has_tag_name("img")).unwrap();
        let source = image.attribute("src").unwrap().split_once(',').unwrap().1;
        let svg = STANDARD.decode(source).unwrap();
        assert_eq!(String::from_utf8(svg).unwrap(), example().sections[0].figures[0].svg);
        assert_eq!(image.attribute("alt"), Some("Accuracy falls as the ratio rises."));
    });
}

#[test]
fn hostile_text_is_only_text() {
    let hostile = "</style></title><script>alert('\"')</script> & <img src=x onerror=alert(1)>";
    let harmless = example().html();
    let page = report(|_| hostile.to_owned()).html();
    assert_eq!(page.matches("<script").count(), 1);
    let elements = |page: &str| {
        let xml = as_xml(page);
        let page = Document::parse(&xml).expect("well-formed");
        // Compounds are kept whole by elements of their own, terms are linked by others, and a wide
        // table has a hint.
        let whole = |n: &Node| matches!(n.attribute("class"), Some("whole" | "term" | "hint"));
        page.descendants().filter(|n| n.is_element() && !whole(n)).count()
    };
    assert_eq!(elements(&page), elements(&harmless));
    with_page(&report(|_| hostile.to_owned()), |page| {
        let origin = with_class(page, "provenance")[0];
        let value = origin.descendants().find(|n| n.has_tag_name("dd")).unwrap();
        assert_eq!(text_of(value), hostile);
    });
}

#[test]
fn an_empty_report_is_a_page() {
    with_page(&Report::default(), |page| {
        assert!(page.descendants().all(|n| !n.has_tag_name("section")));
    });
    let mut bare = example();
    bare.claims[0].evidence.clear();
    bare.sections[0].tables[0].rows.push(Vec::new());
    bare.sections[0].tables[0].head.clear();
    bare.sections.push(Section::default());
    with_page(&bare, |_| ());
}

#[test]
fn the_same_data_gives_the_same_bytes() {
    assert_eq!(example().html(), example().html());
}

proptest! {
    #[test]
    fn any_text_and_any_numbers_make_a_page(
        any_text in "[^\\p{Cc}\u{fffe}\u{ffff}]{0,20}",
        values in prop::collection::vec((any::<f64>(), prop::option::of(0.0..1e9)), 0..4),
        margin in any::<f64>(),
    ) {
        let mut report = report(|_| any_text.clone());
        report.claims[0].evidence = values
            .iter()
            .map(|&(mean, half)| {
                let interval = half.map(|half: f64| (mean - half, mean + half));
                evidence("x", Some(Mean { mean, interval, values: 2 })).margin(margin).seeds([mean])
            })
            .collect();
        with_page(&report, |page| {
            for node in page.descendants().filter(|n| n.is_element()) {
                for name in ["x", "x1", "x2", "cx", "width"] {
                    let Some(place) = node.attribute(name).and_then(|x| x.strip_suffix('%')) else {
                        continue;
                    };
                    let place: f64 = place.parse().unwrap();
                    assert!((0.0..=100.0).contains(&place), "{place}");
                }
            }
        });
    }
}
