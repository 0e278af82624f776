//! Evidence as it is drawn, tables as they are folded.

use super::*;

/// The claims in full of a page whose only claim has this evidence.
fn drawn(evidence: Vec<Evidence>) -> String {
    Report {
        claims: vec![Claim::new("It is so.", Verdict::Holds).evidence(evidence)],
        ..Report::default()
    }
    .html()
}

fn check(page: &str, check: impl Fn(&Document)) {
    check(&Document::parse(&as_xml(page)).expect("well-formed"));
}

fn place(node: &Node, name: &str) -> f64 {
    node.attribute(name).unwrap().strip_suffix('%').unwrap().parse().unwrap()
}

/// Of accuracies and of areas, in turn, with their differences and without.
#[test]
fn each_unit_has_its_own_scale() {
    let rows = |unit: Unit, size: f64| Evidence::difference("x", mean(size, size / 2.0)).unit(unit);
    let page = drawn(vec![
        rows(Unit::Accuracy, 0.4),
        rows(Unit::Area, 0.02),
        rows(Unit::Accuracy, 0.2),
        Evidence::level("x", mean(0.5, 0.1)),
    ]);
    check(&page, |page| {
        let axes: Vec<String> = with_class(page, "axis").into_iter().map(text_of).collect();
        assert_eq!(axes.len(), 3, "{axes:?}");
        for (axis, name) in
            axes.iter().zip(["difference in accuracy", "difference in area", "accuracy"])
        {
            assert!(axis.starts_with(name), "{axis}");
        }
        // Twenty times as small, and as far to the right: 0.4 of 0.6 like 0.02 of 0.03.
        let dots: Vec<f64> = with_class(page, "dot").iter().map(|dot| place(dot, "cx")).collect();
        assert_eq!(dots.len(), 4);
        assert_eq!(dots[0], dots[2], "{dots:?}");
        assert!(dots[1] < dots[0], "{dots:?}");
    });
    check(&drawn(vec![rows(Unit::Share, 0.1), rows(Unit::Share, 0.2)]), |page| {
        assert_eq!(with_class(page, "axis").len(), 1);
    });
    check(&drawn(vec![Evidence::correlation("x", mean(-0.4, 0.3))]), |page| {
        let axis = text_of(with_class(page, "axis")[0]);
        assert!(axis.starts_with("correlation"), "{axis}");
    });
}

#[test]
fn every_seed_is_a_dot_at_its_value() {
    let seeds = [0.1, 0.1, 0.5, f64::NAN];
    let page = drawn(vec![Evidence::level("x", mean(0.3, 0.2)).seeds(seeds)]);
    check(&page, |page| {
        let dots: Vec<f64> = with_class(page, "seed").iter().map(|dot| place(dot, "cx")).collect();
        // From 4% at 0 to 96% at 0.5.
        assert_eq!(dots, [22.4, 22.4, 96.0]);
    });
}

#[test]
fn the_margin_is_a_band_around_zero_in_its_row() {
    let page = drawn(vec![
        Evidence::difference("x", mean(0.3, 0.2)).tested(Tested::Alike, 0.125),
        Evidence::difference("x", mean(0.3, 0.2)),
    ]);
    check(&page, |page| {
        let [band] = with_class(page, "band")[..] else { panic!("one row has a margin") };
        let zero = with_class(page, "zero")[0];
        let middle = place(&band, "x") + place(&band, "width") / 2.0;
        assert!((middle - place(&zero, "x1")).abs() < 0.02);
        let edges: Vec<f64> = with_class(page, "edge").iter().map(|e| place(e, "x1")).collect();
        assert_eq!(edges[0], place(&band, "x"));
        assert_eq!(edges.len(), 2);
    });
}

/// A claim on a share: the interval by Student's t reaches beyond 1, the picture does not.
#[test]
fn a_share_is_drawn_up_to_one() {
    let page = drawn(vec![Evidence::level("x", mean(0.95, 0.2)).unit(Unit::Share)]);
    check(&page, |page| {
        let [bar] = with_class(page, "bar")[..] else { panic!("one bar") };
        assert_eq!((place(&bar, "x1"), place(&bar, "x2")), (73.0, 96.0));
        let axis = text_of(with_class(page, "axis")[0]);
        assert!(axis.ends_with("0.51.0"), "{axis}");
    });
}

#[test]
fn only_even_intervals_have_one_half_width() {
    let lopsided = Some(Mean { mean: 0.95, interval: Some((0.7, 0.99)), values: 5 });
    check(&drawn(vec![Evidence::level("x", lopsided)]), |page| {
        let effects: Vec<String> = with_class(page, "effect").into_iter().map(text_of).collect();
        assert_eq!(effects, ["0.9500.700 to 0.990"; 2]);
    });
}

/// With what is inside on the line that is seen.
#[test]
fn long_tables_are_folded_and_short_ones_are_not() {
    let with_rows = |rows: usize| {
        let table = Table {
            caption: "All.".into(),
            head: vec!["method".into(), "accuracy".into()],
            rows: vec![vec!["MAML".into(), "0.5".into()]; rows],
            numeric_from: 1,
        };
        let evidence = vec![Evidence::difference("x", mean(0.1, 0.1)); rows];
        let section = Section { tables: vec![table], ..Section::default() };
        let finding = Finding { evidence, ..Finding::default() };
        Report { sections: vec![section], findings: vec![finding], ..Report::default() }.html()
    };
    check(&with_rows(12), |page| assert!(with_class(page, "long").is_empty()));
    check(&with_rows(13), |page| {
        let folded = with_class(page, "long");
        let summaries: Vec<String> =
            folded.iter().map(|folded| text_of(folded.first_element_child().unwrap())).collect();
        assert_eq!(summaries, ["13 measured quantities", "13 rows: method, accuracy"]);
        for folded in &folded {
            assert!(folded.has_tag_name("details") && !folded.has_attribute("open"));
            assert!(folded.descendants().any(|n| n.has_tag_name("table")));
        }
    });
}

/// Without a script there is nothing to click that does nothing.
#[test]
fn buttons_come_with_the_script_which_the_page_allows_by_its_hash() {
    with_page(&example(), |page| {
        assert!(page.descendants().all(|n| !n.has_tag_name("button")));
        let scripts: Vec<Node> = page.descendants().filter(|n| n.has_tag_name("script")).collect();
        let [script] = scripts[..] else { panic!("one script") };
        let hash = STANDARD.encode(Sha256::digest(text_of(script)));
        let policy =
            page.descendants().find_map(|n| n.attribute("content").filter(|c| c.contains("src")));
        assert!(policy.unwrap().contains(&format!("script-src 'sha256-{hash}';")), "{policy:?}");
        let tables = page.descendants().filter(|n| n.has_tag_name("table"));
        let sortable = |n: &Node| n.attribute("class").is_some_and(|c| c.contains("sortable"));
        assert_eq!(tables.filter(sortable).count(), 1);
    });
}
