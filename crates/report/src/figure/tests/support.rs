//! Reading pictures.

use roxmltree::{Document, Node};

use super::super::style::{Color, Dash, Look, Marker};
use super::super::{Estimate, text};

pub const MAML: Look = Look::new(Color::Orange, Marker::Square, Dash::Long);
pub const FAIR_MAML: Look = Look::new(Color::Blue, Marker::Circle, Dash::Solid);
pub const PRE_TRAINED: Look = Look::new(Color::Black, Marker::TriangleUp, Dash::Dotted);
pub const LAFTR: Look = Look::new(Color::Vermillion, Marker::Diamond, Dash::DashDot);

pub const BLUE: &str = "#0072B2";
pub const ORANGE: &str = "#E69F00";
pub const BLACK: &str = "#000000";
pub const VERMILLION: &str = "#D55E00";

pub fn within(mean: f64, half: f64) -> Estimate {
    Estimate { mean, interval: Some((mean - half, mean + half)) }
}

pub fn exact(mean: f64) -> Estimate {
    Estimate { mean, interval: None }
}

pub fn texts(svg: &str) -> Vec<String> {
    let document = Document::parse(svg).expect("well-formed");
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    texts.filter_map(|node| Some(node.text()?.trim().to_owned())).collect()
}

/// The texts of the elements with these attributes.
pub fn text_nodes(svg: &str, attributes: &[(&str, &str)]) -> Vec<String> {
    let document = Document::parse(svg).expect("well-formed");
    let fits =
        |node: &Node| attributes.iter().all(|(name, value)| node.attribute(*name) == Some(*value));
    let texts = document.descendants().filter(|node| node.has_tag_name("text")).filter(fits);
    texts.filter_map(|node| Some(node.text()?.trim().to_owned())).collect()
}

/// The points of a line.
pub fn numbers(points: &str) -> Vec<(f64, f64)> {
    let pair = |pair: &str| {
        let (x, y) = pair.split_once(',').expect("a pair");
        (x.parse().expect("x"), y.parse().expect("y"))
    };
    points.split_whitespace().map(pair).collect()
}

pub fn all_text(svg: &str) -> String {
    texts(svg).join(" ")
}

pub fn number(node: Node, name: &str) -> f64 {
    let value = node.attribute(name).unwrap_or_else(|| panic!("no {name} in {node:?}"));
    let value: f64 = value.parse().unwrap_or_else(|_| panic!("{name} is {value}"));
    assert!(value.is_finite());
    value
}

/// The box that a text takes by the estimate of its width: left, top, right, bottom.
pub fn text_box(node: Node) -> [f64; 4] {
    let (x, y, size) = (number(node, "x"), number(node, "y"), number(node, "font-size"));
    let width = text::width(node.text().unwrap_or("").trim(), size);
    let (before, after) = match node.attribute("text-anchor") {
        Some("start") => (0.0, width),
        Some("end") => (width, 0.0),
        _ => (width / 2.0, width / 2.0),
    };
    let half = 0.36 * size;
    match node.attribute("transform") {
        None => [x - before, y - half, x + after, y + half],
        Some(_) => [x - half, y - after, x + half, y + before],
    }
}

/// Parses the picture; panics if anything lies outside it, if two texts overlap, or if a text is
/// too small to read in print.
pub fn inspect(svg: &str) {
    let document = Document::parse(svg).expect("well-formed");
    let root = document.root_element();
    let size: Vec<f64> = root
        .attribute("viewBox")
        .expect("a size")
        .split(' ')
        .map(|number| number.parse().expect("a number"))
        .collect();
    // Points of print in a unit, in a column of 3.25 inches or across a page of 6.75.
    let inches = if size[2] <= 3300.0 { 3.25 } else { 6.75 };
    let printed = (inches / size[2]).min(1.0 / 960.0) * 72.0;
    let inside = |x: f64, y: f64| (0.0..=size[2]).contains(&x) && (0.0..=size[3]).contains(&y);
    let mut boxes: Vec<([f64; 4], String)> = Vec::new();
    for node in root.descendants().filter(Node::is_element).skip(1) {
        match node.tag_name().name() {
            "text" => {
                let taken = text_box(node);
                let name = node.text().unwrap_or("").trim().to_owned();
                assert!(printed * number(node, "font-size") >= 6.0, "{name:?} is too small");
                assert!(inside(taken[0], taken[1]) && inside(taken[2], taken[3]), "{name:?}");
                for (other, other_name) in &boxes {
                    let apart = taken[2] <= other[0]
                        || other[2] <= taken[0]
                        || taken[3] <= other[1]
                        || other[3] <= taken[1];
                    assert!(apart, "{name:?} covers {other_name:?}");
                }
                boxes.push((taken, name));
            }
            "polyline" | "polygon" => {
                for pair in node.attribute("points").expect("points").split_whitespace() {
                    let (x, y) = pair.split_once(',').expect("a pair");
                    let (x, y) = (x.parse().expect("x"), y.parse().expect("y"));
                    assert!(inside(x, y), "{x}, {y} in a picture of {size:?}");
                }
            }
            "circle" => assert!(inside(number(node, "cx"), number(node, "cy"))),
            "rect" => {}
            other => panic!("unexpected <{other}>"),
        }
    }
}

/// The number of elements with this tag and attributes.
pub fn count(svg: &str, tag: &str, attributes: &[(&str, &str)]) -> usize {
    let document = Document::parse(svg).expect("well-formed");
    let fits = |node: &Node| {
        node.has_tag_name(tag)
            && attributes.iter().all(|(name, value)| node.attribute(*name) == Some(*value))
    };
    document.descendants().filter(fits).count()
}

/// The coordinate `axis` of the tick labels set with this anchor, by their value.
pub fn tick(svg: &str, anchor: &str, axis: &str, value: &str) -> f64 {
    let document = Document::parse(svg).expect("well-formed");
    let tick = document.descendants().find(|node| {
        node.attribute("text-anchor") == Some(anchor)
            && node.text().is_some_and(|text| text.trim() == value)
    });
    number(tick.unwrap_or_else(|| panic!("a tick at {value}")), axis)
}
