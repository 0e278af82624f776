//! Definitions, sources, the glossary and its links; subsections; runs that are too short.

use super::*;

fn check(report: &Report, test: impl Fn(&Document)) {
    with_page(report, test);
}

/// A report that says "parity" in headings, at a glance, in cells and in the text.
fn with_terms() -> Report {
    let claim = |because: &str| {
        Claim::new("More parity.", Verdict::Holds)
            .because(because)
            .evidence(vec![Evidence::difference("parity, a − b", mean(0.1, 0.1))])
    };
    Report {
        definitions: vec![Definition::new("MAML", "Learns initial weights.")],
        claims: vec![claim("Its parity is higher, by MAML."), claim("Again parity, disparity.")],
        sections: vec![Section {
            heading: "Fronts".into(),
            text: vec!["Two fronts of parity.".into()],
            ..Section::default()
        }],
        glossary: vec![
            Term::new("MAML", "A method."),
            Term::new("parity", "A fairness."),
            Term::new("front", "A line.").forms(["fronts"]),
        ],
        ..Report::default()
    }
}

#[test]
fn terms_are_linked_where_the_text_first_uses_them() {
    check(&with_terms(), |page| {
        let links = with_class(page, "term");
        let said: Vec<(String, &str)> =
            links.iter().map(|a| (text_of(*a), a.attribute("href").unwrap())).collect();
        assert_eq!(
            said,
            [
                ("parity".into(), "#term-2"),
                ("MAML".into(), "#term-1"),
                ("fronts".into(), "#term-3")
            ]
        );
        let paragraph = links[0].parent().unwrap();
        assert_eq!(text_of(paragraph), "Its parity is higher, by MAML.");
        for link in links {
            let inside = |n: Node| {
                ["a", "dt", "h1", "h2", "h3", "table", "nav"].contains(&n.tag_name().name())
            };
            assert!(!link.ancestors().skip(1).any(inside));
        }
    });
}

/// In this order: words, sources, verdicts; the glossary ends the page.
#[test]
fn the_page_opens_with_words_and_sources() {
    let page = example().html();
    let at = |part: &str| page.find(part).unwrap_or_else(|| panic!("{part}"));
    assert!(at("class=\"definitions\"") < at("class=\"sources\""));
    assert!(at("class=\"sources\"") < at("id=\"verdicts\""));
    assert!(at("id=\"verdicts\"") < at("id=\"claims\""));
    assert!(at("id=\"provenance\"") < at("id=\"glossary\""));
    for address in ["https://a.b/c", "https://a.b/d", "https://a.b/e"] {
        assert!(page.contains(&format!("href=\"{address}\"")), "{address}");
    }
}

#[test]
fn only_addresses_of_the_web_are_links() {
    let mut report = example();
    report.sources[0].link = "javascript:alert(1)".into();
    report.glossary[0].link = Some("data:text/html,x".into());
    report.definitions[0].link = Some("file:///etc/passwd".into());
    with_page(&report, |page| {
        let links = page.descendants().filter_map(|n| n.attribute("href"));
        assert!(links.clone().count() > 0);
        assert!(links.into_iter().all(|link| link.starts_with('#')));
    });
}

#[test]
fn subsections_are_in_the_contents_and_below_their_section() {
    check(&example(), |page| {
        let heading =
            page.descendants().find(|n| n.attribute("id") == Some("section-1-1")).unwrap();
        assert_eq!((heading.tag_name().name(), &*text_of(heading)), ("h3", "Every state"));
        let links = page.descendants().filter(|n| n.attribute("href") == Some("#section-1-1"));
        assert_eq!(links.count(), 2);
    });
}

/// Numbers run through the report, subsections included.
#[test]
fn tables_are_numbered_in_the_order_of_the_page() {
    let table = |caption: &str| Table { caption: caption.into(), ..Table::default() };
    let section = |caption: &str, subsections| Section {
        tables: vec![table(caption)],
        subsections,
        ..Section::default()
    };
    let report = Report {
        sections: vec![section("a", vec![section("b", Vec::new())]), section("c", Vec::new())],
        ..Report::default()
    };
    check(&report, |page| {
        let captions = page.descendants().filter(|n| n.has_tag_name("figcaption"));
        let captions: Vec<String> = captions.map(text_of).collect();
        assert_eq!(captions, ["Table 1. a", "Table 2. b", "Table 3. c"]);
    });
}

#[test]
fn a_run_too_short_has_no_table_of_verdicts() {
    let mut report = example();
    let tables = |report: &Report| {
        let mut count = 0;
        let xml = as_xml(&report.html());
        let page = Document::parse(&xml).unwrap();
        count += with_class(&page, "verdicts").len();
        count
    };
    assert_eq!(tables(&report), 1, "one claim of six is not enough");
    report.claims.iter_mut().for_each(|claim| claim.verdict = Verdict::TooShort);
    assert_eq!(tables(&report), 0);
    assert!(report.html().contains("this run is too short"));
}

#[test]
fn what_a_claim_was_judged_under_is_said() {
    check(&example(), |page| {
        let under: Vec<String> = with_class(page, "under").into_iter().map(text_of).collect();
        // Once, since it is the same of all.
        assert_eq!(under, ["All are judged under: K\u{a0}=\u{a0}5."]);
    });
}
