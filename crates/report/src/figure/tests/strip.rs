//! Strips.

use roxmltree::Document;

use super::super::strip::{Panel, Row, Strips};
use super::super::{Estimate, FigureError};
use super::support::*;

/// Two heaps of runs in each of two rows, in two panels.
pub fn strips() -> Strips {
    let row = |name: &str, look, low: f64| Row {
        name: name.to_owned(),
        look,
        values: (0..8).map(|k| if k % 2 == 0 { low } else { low + 0.2 }).collect(),
        mean: within(low + 0.1, 0.08),
    };
    let panel = |title: &str, shift: f64| Panel {
        title: title.to_owned(),
        rows: vec![
            row("Fair-MAML, γ = 1", FAIR_MAML, -0.15 + shift),
            row("LAFTR & <others>", LAFTR, -0.1 + shift),
        ],
        references: vec![
            (-0.05, "margin".to_owned()),
            (0.0, "no difference".to_owned()),
            (0.05, "margin".to_owned()),
        ],
        range: None,
    };
    Strips {
        title: "Differences run by run".to_owned(),
        x_label: "Difference in accuracy".to_owned(),
        panels: vec![panel("Synthetic", 0.0), panel("Communities", 0.07)],
    }
}

/// The centers of the dots of a color.
fn dots(svg: &str, color: &str) -> Vec<(f64, f64)> {
    let document = Document::parse(svg).expect("well-formed");
    let dots = document.descendants().filter(|node| {
        node.has_tag_name("circle")
            && (node.attribute("fill"), node.attribute("opacity")) == (Some(color), Some("0.55"))
    });
    dots.map(|node| (number(node, "cx"), number(node, "cy"))).collect()
}

#[test]
fn every_run_is_a_dot_at_its_value() {
    let mut figure = strips();
    figure.panels.truncate(1);
    let svg = figure.svg().expect("drawn");
    inspect(&svg);
    let at = dots(&svg, BLUE);
    assert_eq!(at.len(), 8);
    let [low, high] = ["−0.1", "0.1"].map(|value| tick(&svg, "middle", "x", value));
    for (index, (x, _)) in at.iter().enumerate() {
        // Sorted: first the lower heap.
        let value = if index < 4 { -0.15 } else { 0.05 };
        let expected = low + (value + 0.1) / 0.2 * (high - low);
        assert!((x - expected).abs() <= 2.0, "{x} is not {expected}");
    }
    let stack: Vec<f64> = at[..4].iter().map(|(_, y)| *y).collect();
    assert!(stack.windows(2).all(|pair| pair[1] < pair[0] - 10.0), "upwards: {stack:?}");
}

#[test]
fn strips_name_rows_and_references() {
    let svg = strips().svg().expect("drawn");
    let found = |name: &str| texts(&svg).iter().filter(|text| *text == name).count();
    assert!(all_text(&svg).contains("LAFTR & <others>"), "{}", all_text(&svg));
    for name in ["margin", "no difference", "one run", "mean with its interval"] {
        assert_eq!(found(name), 1, "{name}");
    }
    // The panels share a range: the same numbers twice.
    assert_eq!(found("0.1"), 2);
    assert_eq!(found("−0.1"), 2);
}

#[test]
fn without_runs_the_legend_speaks_of_none() {
    let mut figure = strips();
    for row in figure.panels.iter_mut().flat_map(|panel| &mut panel.rows) {
        row.values.clear();
    }
    let found = texts(&figure.svg().expect("drawn"));
    let has = |name: &str| found.iter().any(|text| text == name);
    assert!(has("value with its interval") && !has("one run"), "{found:?}");
}

#[test]
fn what_lies_outside_a_range_is_counted() {
    let mut figure = strips();
    figure.panels[0].range = Some((-0.12, 0.12));
    let svg = figure.svg().expect("drawn");
    inspect(&svg);
    let all = all_text(&svg);
    assert!(all.contains("Not shown, outside the frame: Fair-MAML, γ = 1 (4 runs)."), "{all}");
    assert_eq!(dots(&svg, BLUE).len(), 4 + 8);
    figure.panels[0].rows[0].mean = Estimate { mean: 3.0, interval: Some((2.0, 4.0)) };
    let all = all_text(&figure.svg().expect("drawn"));
    assert!(all.contains("Fair-MAML, γ = 1 (4 runs and the mean)"), "{all}");
}

#[test]
fn a_range_that_does_not_increase_is_refused() {
    let mut figure = strips();
    figure.panels[1].range = Some((0.1, 0.1));
    let error = figure.svg().expect_err("refused");
    assert!(matches!(&error, FigureError::Value { what, .. } if what.contains("Communities")));
}
