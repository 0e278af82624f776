//! Curves.

use roxmltree::{Document, Node};

use super::super::curve::{Curves, Panel, Sample, Scale, Series};
use super::support::*;

pub fn curves() -> Curves {
    let series = |name: &str, look, count: usize, step: f64, undefined: &[usize]| Series {
        name: name.to_owned(),
        look,
        samples: (0..count)
            .map(|k| Sample {
                x: 1.0 + step * k as f64,
                y: (!undefined.contains(&k))
                    .then(|| within(0.75 - 0.25 * (-(k as f64) / 9.0).exp(), 0.02)),
            })
            .collect(),
    };
    let panel = |title: &str, x_scale, series| Panel {
        title: title.to_owned(),
        x_label: "Iteration".to_owned(),
        y_label: "Accuracy (higher is better)".to_owned(),
        x_scale,
        y_possible: (0.0, 1.0),
        reference: Some((0.5, "chance".to_owned())),
        series,
        note: String::new(),
    };
    let long = vec![
        series("MAML", MAML, 90, 20.0, &[30, 31, 33]),
        series("Fair-MAML", FAIR_MAML, 90, 20.0, &[]),
    ];
    let short = vec![series("LAFTR", LAFTR, 6, 9.8, &[])];
    Curves {
        title: "Learning curves".to_owned(),
        panels: vec![panel("Long", Scale::Linear, long), panel("Short", Scale::Logarithmic, short)],
    }
}

#[test]
fn curves_break_where_undefined_and_count_it() {
    let figure = curves();
    let svg = figure.svg().expect("drawn");
    assert!(all_text(&svg).contains("Not shown, undefined: MAML (3 values)."));
    assert!(["MAML", "Fair-MAML", "LAFTR", "chance"].iter().all(|n| all_text(&svg).contains(n)));
    // A band for each unbroken piece, MAML's 0–29 and 34–89; its 32, alone, has a bar with caps.
    assert_eq!(count(&svg, "polygon", &[("fill", ORANGE), ("opacity", "0.1")]), 2);
    assert_eq!(count(&svg, "polyline", &[("stroke", ORANGE), ("opacity", "0.55")]), 3);
    assert_eq!(count(&svg, "polygon", &[("fill", BLUE), ("opacity", "0.1")]), 1);
}

/// Along a numeric axis nothing is moved aside, whatever it covers.
#[test]
fn curves_at_the_same_values_stand_at_the_same_place() {
    let mut figure = curves();
    let mut short = figure.panels[1].clone();
    short.series.push(Series { name: "Fair".into(), look: FAIR_MAML, ..short.series[0].clone() });
    figure.panels = vec![short];
    let svg = figure.svg().expect("drawn");
    inspect(&svg);
    let document = Document::parse(&svg).expect("well-formed");
    let band = |color| {
        let is_band = |node: &Node| {
            node.has_tag_name("polygon")
                && (node.attribute("fill"), node.attribute("opacity")) == (Some(color), Some("0.1"))
        };
        let band = document.descendants().find(is_band);
        band.and_then(|node| node.attribute("points").map(numbers)).expect("a band")
    };
    assert_eq!(band(VERMILLION), band(BLUE));
    assert_eq!(band(BLUE).len(), 2 * 6);
    let circles = document
        .descendants()
        .filter(|node| node.has_tag_name("circle") && node.attribute("fill") == Some(BLUE));
    let xs: Vec<f64> = circles.take(6).map(|node| number(node, "cx")).collect();
    let low: Vec<f64> = band(BLUE)[..6].iter().map(|(x, _)| *x).collect();
    assert_eq!(xs, low);
    let ticks = ["1", "10", "50"].map(|value| tick(&svg, "middle", "x", value));
    assert!((xs[0] - ticks[0]).abs() <= 1.0 && (xs[5] - ticks[2]).abs() <= 1.0, "{xs:?} {ticks:?}");
}

/// Numbers at the ticks of y, of all panels.
fn y_numbers(figure: &Curves) -> Vec<String> {
    text_nodes(&figure.svg().expect("drawn"), &[("text-anchor", "end")])
}

#[test]
fn panels_of_one_unit_share_a_range() {
    let mut figure = curves();
    figure.panels.truncate(1);
    figure.panels.push(figure.panels[0].clone());
    for sample in figure.panels[1].series.iter_mut().flat_map(|series| &mut series.samples) {
        sample.y = sample.y.map(|y| exact(y.mean - 0.4));
    }
    let shared = y_numbers(&figure);
    let (left, right) = shared.split_at(shared.len() / 2);
    assert_eq!(left, right);
    figure.panels[1].y_label = "Loss (lower is better)".into();
    let own = y_numbers(&figure);
    let (left, right) = own.split_at(own.len() / 2);
    assert_ne!(left, right);
}

#[test]
fn panels_share_the_range_of_x() {
    let mut figure = curves();
    figure.panels.truncate(1);
    figure.panels.push(figure.panels[0].clone());
    figure.panels[1].series[0].samples.truncate(20);
    figure.panels[1].series[1].samples.truncate(20);
    let numbers = |figure: &Curves| {
        text_nodes(&figure.svg().expect("drawn"), &[("text-anchor", "middle")])
            .into_iter()
            .filter(|text| text == "1500")
            .count()
    };
    assert_eq!(numbers(&figure), 2);
    figure.panels[1].x_label = "Rows".into();
    assert_eq!(numbers(&figure), 1);
}

#[test]
fn a_sample_without_neighbors_still_shows() {
    let mut figure = curves();
    let samples = &mut figure.panels[0].series[1].samples;
    for sample in samples.iter_mut().filter(|sample| sample.x != 801.0) {
        sample.y = None;
    }
    let svg = figure.svg().expect("drawn");
    assert!(all_text(&svg).contains("Fair-MAML (89 values)"));
    assert_eq!(count(&svg, "circle", &[("fill", BLUE)]), 1 + 1, "its marker and the legend's");
}
