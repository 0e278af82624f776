//! What every figure owes its readers: well-formed, nothing lost, nothing clipped, no number
//! that is none.

use proptest::prelude::*;
use roxmltree::{Document, Node};

use super::boundary::{self, Boundaries, Grid, Task};
use super::curve::{self, Curves, Sample, Scale, Series};
use super::style::Look;
use super::tradeoff::{self, Method, Setting, Tradeoff};
use super::{Estimate, FigureError, text};

fn within(mean: f64, half: f64) -> Estimate {
    Estimate { mean, interval: Some((mean - half, mean + half)) }
}

fn exact(mean: f64) -> Estimate {
    Estimate { mean, interval: None }
}

/// A front of accuracy against a ratio as γ grows, the third ratio of the baseline undefined.
fn tradeoff() -> Tradeoff {
    let front = [(0.0, 0.748, 0.533), (1.0, 0.694, 0.705), (2.0, 0.577, 0.933), (4.0, 0.53, 1.04)];
    let fair = front.map(|(gamma, accuracy, ratio)| Setting {
        value: Some(gamma),
        accuracy: within(accuracy, 0.02),
        fairness: Some(within(ratio, 0.05)),
    });
    let rates = [(1e-4, Some(0.52)), (1e-3, Some(0.521)), (0.1, None)];
    let baseline = rates.map(|(rate, ratio)| Setting {
        value: Some(rate),
        accuracy: within(0.74, 0.02),
        fairness: ratio.map(exact),
    });
    let maml =
        Setting { value: None, accuracy: within(0.746, 0.01), fairness: Some(within(0.53, 0.04)) };
    let method = |name: &str, look, varies: Option<&str>, settings: &[Setting]| Method {
        name: name.to_owned(),
        look,
        varies: varies.map(str::to_owned),
        settings: settings.to_vec(),
    };
    let panel = |name: &str| tradeoff::Panel {
        title: name.to_owned(),
        fairness: name.to_owned(),
        methods: vec![
            method("Fair-MAML", Look::FairMaml, Some("γ"), &fair),
            method("MAML", Look::Maml, None, &[maml]),
            method("Pre-trained network", Look::PreTrained, Some("fine-tuning rate"), &baseline),
        ],
        note: "Ratio undefined in 3 of 30 runs.".to_owned(),
    };
    Tradeoff {
        title: "Accuracy against fairness, 6 seeds, 95% intervals".to_owned(),
        panels: vec![panel("Demographic-parity"), panel("Equal-opportunity")],
    }
}

/// Long curves with a gap, and short ones on a logarithmic axis.
fn curves() -> Curves {
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
    let panel = |title: &str, x_scale, series| curve::Panel {
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
        series("MAML", Look::Maml, 90, 20.0, &[30, 31, 33]),
        series("Fair-MAML", Look::FairMaml, 90, 20.0, &[]),
    ];
    let short = vec![series("LAFTR", Look::Laftr, 6, 9.8, &[])];
    Curves {
        title: "Learning curves".to_owned(),
        panels: vec![panel("Long", Scale::Linear, long), panel("Short", Scale::Logarithmic, short)],
    }
}

/// Two tasks by two methods; one point of each task lies outside the frames.
fn boundaries() -> Boundaries {
    let point = |x, y, positive, protected| boundary::Point { x, y, positive, protected };
    let grid = |tilt: f64| {
        let sigmoid = |(x, y): &(f64, f64)| 1.0 / (1.0 + (-(x + tilt * y)).exp());
        Grid::sample((-4.0, 4.0), (-3.0, 3.0), (41, 31), |at| at.iter().map(sigmoid).collect())
    };
    let panel = |title: &str, tilt| boundary::Panel {
        title: title.to_owned(),
        subtitle: "accuracy 0.93, ratio n/a".to_owned(),
        grid: grid(tilt),
    };
    let task = |name: &str| Task {
        name: name.to_owned(),
        points: vec![
            point(-1.0, 0.5, false, true),
            point(1.5, -0.5, true, false),
            point(2.0, 1.0, true, true),
            point(-2.0, -1.0, false, false),
            point(0.0, 5.0, true, true),
        ],
        fine_tuning: vec![point(0.5, 0.5, true, true), point(1.0, 2.0, true, true)],
        panels: vec![panel("MAML", 0.3), panel("Fair-MAML (γ = 10)", -0.7)],
    };
    Boundaries {
        title: "Decision regions".to_owned(),
        axes: ("x₁".to_owned(), "x₂".to_owned()),
        tasks: vec![task("Task 1"), task("Task 2")],
    }
}

fn texts(svg: &str) -> Vec<String> {
    let document = Document::parse(svg).expect("well-formed");
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    texts.filter_map(|node| Some(node.text()?.trim().to_owned())).collect()
}

fn all_text(svg: &str) -> String {
    texts(svg).join(" ")
}

fn number(node: Node, name: &str) -> f64 {
    let value = node.attribute(name).unwrap_or_else(|| panic!("no {name} in {node:?}"));
    let value: f64 = value.parse().unwrap_or_else(|_| panic!("{name} is {value}"));
    assert!(value.is_finite());
    value
}

/// The box that a text takes by the estimate of its width: left, top, right, bottom.
fn text_box(node: Node) -> [f64; 4] {
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

/// Parses the picture; panics if anything lies outside it, or if two texts overlap.
fn inspect(svg: &str) {
    let document = Document::parse(svg).expect("well-formed");
    let root = document.root_element();
    let size: Vec<f64> = root
        .attribute("viewBox")
        .expect("a size")
        .split(' ')
        .map(|number| number.parse().expect("a number"))
        .collect();
    let inside = |x: f64, y: f64| (0.0..=size[2]).contains(&x) && (0.0..=size[3]).contains(&y);
    let mut boxes: Vec<([f64; 4], String)> = Vec::new();
    for node in root.descendants().filter(Node::is_element).skip(1) {
        match node.tag_name().name() {
            "text" => {
                let taken = text_box(node);
                let name = node.text().unwrap_or("").trim().to_owned();
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
fn count(svg: &str, tag: &str, attributes: &[(&str, &str)]) -> usize {
    let document = Document::parse(svg).expect("well-formed");
    let fits = |node: &Node| {
        node.has_tag_name(tag)
            && attributes.iter().all(|(name, value)| node.attribute(*name) == Some(*value))
    };
    document.descendants().filter(fits).count()
}

const BLUE: &str = "#0072B2";
const ORANGE: &str = "#E69F00";
const BLACK: &str = "#000000";
const VERMILLION: &str = "#D55E00";

#[test]
fn every_figure_is_whole_and_repeats_itself() {
    for draw in [
        || tradeoff().svg().expect("drawn"),
        || curves().svg().expect("drawn"),
        || boundaries().svg().expect("drawn"),
    ] {
        let svg = draw();
        inspect(&svg);
        assert_eq!(svg, draw());
    }
}

#[test]
fn a_tradeoff_shows_every_method_and_counts_what_is_undefined() {
    let svg = tradeoff().svg().expect("drawn");
    let all = all_text(&svg);
    for name in ["Fair-MAML", "MAML", "Pre-trained network", "1: fair"] {
        assert_eq!(texts(&svg).iter().filter(|text| *text == name).count(), 1, "{name}");
    }
    for label in ["(1 is fair)", "Accuracy (higher is better)", "γ (Fair-MAML)"] {
        assert!(all.contains(label), "{label}");
    }
    assert!(all.contains("Not shown, fairness undefined: Pre-trained network (1 point)."), "{all}");
    assert!(all.contains("Ratio undefined in 3 of 30 runs."));
    // Markers: the settings in both panels and one in the legend; the undefined one in none.
    assert_eq!(count(&svg, "circle", &[("fill", BLUE)]), 2 * 4 + 1);
    assert_eq!(count(&svg, "polygon", &[("fill", ORANGE)]), 2 + 1);
    assert_eq!(count(&svg, "polygon", &[("fill", BLACK)]), 2 * 2 + 1);
    for setting in ["0", "4", "0.0001", "0.001"] {
        assert!(texts(&svg).iter().filter(|text| *text == setting).count() >= 2, "{setting}");
    }
    assert!(!texts(&svg).contains(&"0.1".to_owned()));
}

#[test]
fn points_are_joined_in_the_order_of_the_setting() {
    let (figure, mut reversed) = (tradeoff(), tradeoff());
    for method in reversed.panels.iter_mut().flat_map(|panel| &mut panel.methods) {
        method.settings.reverse();
    }
    assert_eq!(figure.svg(), reversed.svg());
    let mut curve = curves();
    let drawn = curve.svg();
    for series in curve.panels.iter_mut().flat_map(|panel| &mut panel.series) {
        series.samples.reverse();
    }
    assert_eq!(drawn, curve.svg());
}

/// The coordinate `axis` of the tick labels set with this anchor, by their value.
fn tick(svg: &str, anchor: &str, axis: &str, value: &str) -> f64 {
    let document = Document::parse(svg).expect("well-formed");
    let tick = document.descendants().find(|node| {
        node.attribute("text-anchor") == Some(anchor)
            && node.text().is_some_and(|text| text.trim() == value)
    });
    number(tick.unwrap_or_else(|| panic!("a tick at {value}")), axis)
}

#[test]
fn points_stand_at_their_values() {
    let mut figure = tradeoff();
    figure.panels.truncate(1);
    figure.panels[0].methods.truncate(1);
    let settings = [(0.6, 0.5), (0.8, 1.0)].map(|(accuracy, ratio)| Setting {
        value: None,
        accuracy: exact(accuracy),
        fairness: Some(exact(ratio)),
    });
    figure.panels[0].methods[0].settings = settings.to_vec();
    let svg = figure.svg().expect("drawn");
    let document = Document::parse(&svg).expect("well-formed");
    let markers = document.descendants().filter(|node| node.attribute("fill") == Some(BLUE));
    let at: Vec<(f64, f64)> =
        markers.take(2).map(|node| (number(node, "cx"), number(node, "cy"))).collect();
    for (found, (ratio, accuracy)) in at.iter().zip([("0.5", "0.60"), ("1.0", "0.80")]) {
        assert!((found.0 - tick(&svg, "middle", "x", ratio)).abs() <= 1.0, "{at:?}");
        assert!((found.1 - tick(&svg, "end", "y", accuracy)).abs() <= 1.0, "{at:?}");
    }
    assert!(at[0].0 < at[1].0 && at[0].1 > at[1].1, "right is fairer, up is better: {at:?}");
}

#[test]
fn class_1_is_shaded_on_its_side() {
    let mut figure = boundaries();
    figure.tasks.truncate(1);
    figure.tasks[0].panels.truncate(1);
    // Class 1 is the upper half.
    let each = |at: &[(f64, f64)]| at.iter().map(|(_, y)| f64::from(u8::from(*y > 0.0))).collect();
    figure.tasks[0].panels[0].grid = Grid::sample((-4.0, 4.0), (-3.0, 3.0), (8, 6), each);
    let svg = figure.svg().expect("drawn");
    let document = Document::parse(&svg).expect("well-formed");
    let region = document
        .descendants()
        .find(|node| node.attribute("fill") == Some("#D3E3F1"))
        .and_then(|node| node.attribute("points"))
        .expect("a region");
    let below = tick(&svg, "end", "y", "−2");
    let middle = tick(&svg, "end", "y", "0");
    let ys = region.split_whitespace().filter_map(|pair| pair.split_once(',')?.1.parse().ok());
    let lowest = ys.fold(0.0, f64::max);
    assert!(lowest <= middle + 1.0 && middle < below, "{lowest} {middle} {below}");
}

#[test]
fn a_panel_without_a_defined_ratio_says_so() {
    let mut figure = tradeoff();
    for method in &mut figure.panels[0].methods {
        method.settings.iter_mut().for_each(|setting| setting.fairness = None);
    }
    let svg = figure.svg().expect("drawn");
    inspect(&svg);
    let text = all_text(&svg);
    assert!(text.contains("Fair-MAML (4 points), MAML (1 point), Pre-trained network (3 points)"));
}

#[test]
fn curves_break_where_undefined_and_count_it() {
    let figure = curves();
    let svg = figure.svg().expect("drawn");
    assert!(all_text(&svg).contains("Not shown, undefined: MAML (3 values)."));
    assert!(["MAML", "Fair-MAML", "LAFTR", "chance"].iter().all(|n| all_text(&svg).contains(n)));
    // A band for each unbroken piece, MAML's 0–29 and 34–89; its 32, alone, has a bar with caps.
    assert_eq!(count(&svg, "polygon", &[("fill", ORANGE), ("opacity", "0.15")]), 2);
    assert_eq!(count(&svg, "polyline", &[("stroke", ORANGE), ("opacity", "0.55")]), 3);
    assert_eq!(count(&svg, "polygon", &[("fill", BLUE), ("opacity", "0.15")]), 1);
}

/// Bars in place of bands, and beside one another, so that none covers another.
#[test]
fn few_samples_have_bars_side_by_side() {
    let mut figure = curves();
    let mut short = figure.panels[1].clone();
    short.series.push(Series { name: "MAML".into(), look: Look::Maml, ..short.series[0].clone() });
    figure.panels = vec![short];
    let svg = figure.svg().expect("drawn");
    inspect(&svg);
    assert_eq!(count(&svg, "polygon", &[("opacity", "0.15")]), 0);
    let document = Document::parse(&svg).expect("well-formed");
    let bars = |color| -> Vec<&str> {
        let is_bar = |node: &Node| {
            (node.attribute("stroke"), node.attribute("opacity")) == (Some(color), Some("0.55"))
        };
        document.descendants().filter(is_bar).filter_map(|node| node.attribute("points")).collect()
    };
    let (ours, theirs) = (bars(VERMILLION), bars(ORANGE));
    // Each with its caps.
    assert_eq!((ours.len(), theirs.len()), (6 * 3, 6 * 3));
    assert!(ours.iter().all(|bar| !theirs.contains(bar)), "{ours:?}");
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

#[test]
fn boundaries_show_every_point_region_and_ring() {
    let figure = boundaries();
    let svg = figure.svg().expect("drawn");
    // In each of four panels: one protected positive (another lies outside), the two ringed
    // fine-tuning points, one protected negative. One of each more in the legend.
    assert_eq!(count(&svg, "polygon", &[("fill", VERMILLION)]), 4 * (1 + 2) + 1);
    assert_eq!(count(&svg, "circle", &[("fill", VERMILLION)]), 4 + 1);
    let ring = [("fill", "none"), ("stroke", "#262626")];
    assert_eq!(count(&svg, "circle", &ring), 4 * 2 + 1);
    let region = [("fill", "#D3E3F1")];
    assert_eq!(count(&svg, "polygon", &region), 4 + 1);
    let all = all_text(&svg);
    assert!(all.contains("Not shown, outside the frame: 2 points."));
    for name in ["y = 1, protected", "y = 0, not protected", "fine-tuning point", "Task 2", "x₁"]
    {
        assert!(all.contains(name), "{name}");
    }
    // A column's title is not repeated, its subtitle is.
    let repeated = |name: &str| texts(&svg).iter().filter(|text| *text == name).count();
    assert_eq!(repeated("MAML"), 1);
    assert_eq!(repeated("accuracy 0.93, ratio n/a"), 4);
}

#[test]
fn a_panel_has_the_same_scale_in_x_and_y() {
    let svg = boundaries().svg().expect("drawn");
    let document = Document::parse(&svg).expect("well-formed");
    let frame = document
        .descendants()
        .filter(|node| node.attribute("stroke") == Some("#5A5A5A"))
        .find_map(|node| {
            let points: Vec<&str> = node.attribute("points")?.split_whitespace().collect();
            (points.len() == 5).then(|| (points[0].to_owned(), points[2].to_owned()))
        })
        .expect("a frame");
    let pair = |text: &str| -> (f64, f64) {
        let (x, y) = text.split_once(',').expect("a pair");
        (x.parse().expect("x"), y.parse().expect("y"))
    };
    let ((x0, y0), (x1, y1)) = (pair(&frame.0), pair(&frame.1));
    assert!(((x1 - x0) / (y1 - y0) - 8.0 / 6.0).abs() < 0.01);
}

#[test]
fn nothing_to_draw_is_an_error() {
    let title = "empty".to_owned();
    let empty = [
        Tradeoff { title: title.clone(), panels: vec![] }.svg(),
        Curves { title: title.clone(), panels: vec![] }.svg(),
        Boundaries { title, axes: Default::default(), tasks: vec![] }.svg(),
    ];
    for result in empty {
        assert!(matches!(result, Err(FigureError::Empty { .. })), "{result:?}");
    }
    let mut no_settings = tradeoff();
    no_settings.panels.iter_mut().flat_map(|p| &mut p.methods).for_each(|m| m.settings.clear());
    assert!(matches!(no_settings.svg(), Err(FigureError::Empty { .. })));
}

#[test]
fn values_that_cannot_be_drawn_are_named() {
    let message = |result: Result<String, FigureError>| result.expect_err("refused").to_string();
    for value in [f64::NAN, f64::INFINITY, -1e200] {
        let mut figure = tradeoff();
        figure.panels[1].methods[0].settings[2].fairness =
            Some(Estimate { mean: 1.0, interval: Some((value, 2.0)) });
        let message = message(figure.svg());
        assert!(message.contains("\"Fair-MAML\"") && message.contains("finite"), "{message}");
    }
    let mut figure = curves();
    figure.panels[1].series[0].samples[0].x = 0.0;
    assert!(message(figure.svg()).contains("x in \"LAFTR\" is 0"));
    let mut figure = boundaries();
    figure.tasks[1].panels[0].grid.probabilities[7] = 1.5;
    assert!(message(figure.svg()).contains("P(class 1) in \"MAML\" is 1.5"));
    let mut figure = boundaries();
    figure.tasks[1].panels[0].grid.probabilities.pop();
    assert!(message(figure.svg()).contains("1270 values for a grid of 41 × 31"));
    let mut figure = boundaries();
    figure.tasks[0].panels[1].grid.y = (2.0, 2.0);
    assert!(message(figure.svg()).contains("end of an extent"));
}

/// Sizes as they occur, and as they do not.
fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![4 => -2.0..2.0f64, 1 => -1e6..1e6f64, 1 => -1e99..1e99f64, 1 => Just(0.0)]
}

fn any_estimate() -> impl Strategy<Value = Estimate> {
    (any_number(), prop::option::of((any_number(), any_number())))
        .prop_map(|(mean, interval)| Estimate { mean, interval })
}

fn well_formed(svg: &str) {
    Document::parse(svg).expect("well-formed");
    assert!(!svg.contains("NaN") && !svg.contains("inf\""));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_finite_numbers_make_a_tradeoff(
        settings in prop::collection::vec(
            (prop::option::of(any_number()), any_estimate(), prop::option::of(any_estimate())),
            1..7,
        ),
        name in "\\PC{0,12}",
    ) {
        let settings = settings.into_iter();
        let setting = |(value, accuracy, fairness)| Setting { value, accuracy, fairness };
        let mut figure = tradeoff();
        figure.panels[0].methods[0].settings = settings.map(setting).collect();
        figure.panels[0].methods[0].name = name;
        well_formed(&figure.svg().expect("drawn"));
    }

    #[test]
    fn any_finite_numbers_make_curves(
        samples in prop::collection::vec((any_number(), prop::option::of(any_estimate())), 1..40),
        look in prop::sample::select(Look::ALL.to_vec()),
    ) {
        let mut figure = curves();
        let series = &mut figure.panels[0].series[0];
        series.look = look;
        series.samples = samples.into_iter().map(|(x, y)| Sample { x, y }).collect();
        well_formed(&figure.svg().expect("drawn"));
    }

    #[test]
    fn any_probabilities_make_boundaries(
        probabilities in prop::collection::vec(prop_oneof![0.0..=1.0f64, Just(0.5), Just(1.0)], 12),
        (low, span) in (-1e3..1e3f64, 1e-3..1e3f64),
    ) {
        let mut figure = boundaries();
        let (x, y) = ((low, low + span), (-1.0, 1.0));
        figure.tasks[0].panels[0].grid = Grid { x, y, columns: 4, rows: 3, probabilities };
        well_formed(&figure.svg().expect("drawn"));
    }
}
