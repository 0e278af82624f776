//! Fronts.

use roxmltree::Document;

use super::super::style::{Color, Dash, Look, Marker};
use super::super::tradeoff::{Mark, Method, Panel, Place, Setting, Tradeoff};
use super::support::*;

/// A front of accuracy against a ratio as γ grows, the third ratio of the baseline undefined.
pub fn tradeoff() -> Tradeoff {
    let front = [(0.0, 0.748, 0.533), (1.0, 0.694, 0.705), (2.0, 0.577, 0.933), (4.0, 0.53, 1.04)];
    let fair = front.map(|(gamma, accuracy, ratio)| Setting {
        value: Some(gamma),
        accuracy: within(accuracy, 0.02),
        fairness: Some(within(ratio, 0.05)),
        collapsed: false,
        seeds: vec![],
    });
    let rates = [(1e-4, Some(0.52)), (1e-3, Some(0.60)), (0.1, None)];
    let baseline = rates.map(|(rate, ratio)| Setting {
        value: Some(rate),
        accuracy: within(0.74, 0.02),
        fairness: ratio.map(exact),
        collapsed: false,
        seeds: vec![],
    });
    let maml = Setting {
        value: None,
        accuracy: within(0.72, 0.01),
        fairness: Some(within(0.45, 0.04)),
        collapsed: false,
        seeds: vec![],
    };
    let method = |name: &str, look, varies: Option<&str>, settings: &[Setting]| Method {
        name: name.to_owned(),
        look,
        varies: varies.map(str::to_owned),
        settings: settings.to_vec(),
    };
    let panel = |name: &str| Panel {
        title: name.to_owned(),
        fairness: name.to_owned(),
        methods: vec![
            method("Fair-MAML", FAIR_MAML, Some("γ"), &fair),
            method("MAML", MAML, None, std::slice::from_ref(&maml)),
            method("Pre-trained network", PRE_TRAINED, Some("fine-tuning rate"), &baseline),
        ],
        marks: vec![],
        note: "Ratio undefined in 3 of 30 runs.".to_owned(),
    };
    Tradeoff {
        title: "Accuracy against fairness, 6 seeds, 95% intervals".to_owned(),
        panels: vec![panel("Demographic-parity"), panel("Equal-opportunity")],
    }
}

/// Long curves with a gap, and short ones on a logarithmic axis.
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

/// A panel of one method at the given (value, accuracy, fairness), without intervals.
fn of_points(points: &[(f64, f64, f64)]) -> Tradeoff {
    let mut figure = tradeoff();
    figure.panels.truncate(1);
    figure.panels[0].methods.truncate(1);
    let settings = points.iter().map(|&(value, accuracy, fairness)| Setting {
        value: Some(value),
        accuracy: exact(accuracy),
        fairness: Some(exact(fairness)),
        collapsed: false,
        seeds: vec![],
    });
    figure.panels[0].methods[0].settings = settings.collect();
    figure
}

/// The centers of the circles of this color in the panel, without the one in the legend.
fn circles(svg: &str, color: &str) -> Vec<(f64, f64)> {
    let document = Document::parse(svg).expect("well-formed");
    let circles = document
        .descendants()
        .filter(|node| node.has_tag_name("circle") && node.attribute("fill") == Some(color));
    let mut at: Vec<_> = circles.map(|node| (number(node, "cx"), number(node, "cy"))).collect();
    at.pop();
    at
}

/// Where the panel shows (accuracy, fairness), by the ticks of its axes.
fn place(svg: &str, (accuracy, fairness): (f64, f64), y: [&str; 2], x: [&str; 2]) -> (f64, f64) {
    let along = |anchor, axis, ticks: [&str; 2], value: f64| {
        let [from, to] = ticks.map(|text| tick(svg, anchor, axis, text));
        let [low, high] = ticks.map(|text| text.parse::<f64>().expect("a number"));
        from + (value - low) / (high - low) * (to - from)
    };
    (along("middle", "x", x, fairness), along("end", "y", y, accuracy))
}

#[test]
fn points_stand_at_their_values() {
    let points = [(0.0, 0.6, 0.5), (1.0, 0.8, 1.0), (2.0, 0.653, 0.617), (3.0, 0.66, 0.64)];
    let svg = of_points(&points).svg().expect("drawn");
    let at = circles(&svg, BLUE);
    assert_eq!(at.len(), points.len());
    for (found, (_, accuracy, fairness)) in at.iter().zip(points) {
        let expected = place(&svg, (accuracy, fairness), ["0.60", "0.80"], ["0.5", "1.0"]);
        assert!((found.0 - expected.0).abs() <= 2.0, "{found:?} is not {expected:?}");
        assert!((found.1 - expected.1).abs() <= 2.0, "{found:?} is not {expected:?}");
    }
    assert!(at[0].0 < at[1].0 && at[0].1 > at[1].1, "right is fairer, up is better: {at:?}");
}

/// Five settings on one spot, as on the synthetic tasks.
const COLLAPSED: [(f64, f64, f64); 6] = [
    (0.0, 0.62, 0.45),
    (0.5, 0.4895, 0.979),
    (1.0, 0.49, 0.98),
    (2.0, 0.49, 0.981),
    (5.0, 0.491, 0.981),
    (10.0, 0.4905, 0.98),
];

#[test]
fn settings_on_one_spot_share_a_marker_and_a_label() {
    let svg = of_points(&COLLAPSED).svg().expect("drawn");
    inspect(&svg);
    let at = circles(&svg, BLUE);
    assert_eq!(at.len(), 2, "{at:?}");
    let (found, texts) = (at[1], texts(&svg));
    let expected = place(&svg, (0.4905, 0.98), ["0.50", "0.60"], ["0.6", "1.0"]);
    assert!((found.0 - expected.0).hypot(found.1 - expected.1) < 15.0, "{found:?} {expected:?}");
    assert!(texts.contains(&"γ = 0.5 to 10".to_owned()), "{texts:?}");
    assert!(texts.contains(&"0".to_owned()), "{texts:?}");
    assert!(!texts.contains(&"2".to_owned()), "{texts:?}");
}

#[test]
fn a_shared_label_leaves_out_a_setting_that_is_elsewhere() {
    let mut points = COLLAPSED;
    points[3] = (2.0, 0.7, 0.6);
    let svg = of_points(&points).svg().expect("drawn");
    assert!(texts(&svg).contains(&"γ = 0.5, 1, 5, 10".to_owned()), "{:?}", texts(&svg));
    assert!(texts(&svg).contains(&"2".to_owned()));
}

#[test]
fn methods_on_one_spot_are_nested_and_labeled_together() {
    let mut figure = of_points(&COLLAPSED);
    let other = Method {
        name: "Pre-trained network".into(),
        look: PRE_TRAINED,
        ..figure.panels[0].methods[0].clone()
    };
    figure.panels[0].methods.push(other);
    let svg = figure.svg().expect("drawn");
    inspect(&svg);
    // One line speaks of both, in the color of neither.
    assert_eq!(texts(&svg).iter().filter(|text| *text == "γ = 0.5 to 10").count(), 1);
    let document = Document::parse(&svg).expect("well-formed");
    let radii: Vec<f64> = document
        .descendants()
        .filter(|node| node.attribute("fill") == Some(BLUE) && node.has_tag_name("circle"))
        .map(|node| number(node, "r"))
        .collect();
    // The outer two in the panel, and the legend's.
    assert_eq!(radii.len(), 3, "{radii:?}");
    assert!(radii[..2].iter().all(|r| *r > radii[2]), "{radii:?}");
    assert_eq!(count(&svg, "polygon", &[("fill", BLACK)]), 3);
}

#[test]
fn collapsed_settings_look_so_and_share_no_marker_with_others() {
    let name = "decides most tasks by one class";
    let mut figure = of_points(&COLLAPSED);
    assert!(!all_text(&figure.svg().expect("drawn")).contains(name));
    for setting in &mut figure.panels[0].methods[0].settings[3..] {
        setting.collapsed = true;
    }
    let svg = figure.svg().expect("drawn");
    inspect(&svg);
    let texts = texts(&svg);
    for label in ["0.5, 1", "2 to 10"] {
        assert!(texts.iter().any(|text| text.ends_with(label)), "{label}: {texts:?}");
    }
    assert!(texts.contains(&name.to_owned()));
    let ring = [("fill", "none"), ("stroke", BLUE)];
    assert_eq!(count(&svg, "circle", &ring), 1);
}

#[test]
fn single_runs_are_dots_of_the_methods_color() {
    let mut figure = of_points(&COLLAPSED[..2]);
    assert!(!all_text(&figure.svg().expect("drawn")).contains("single runs"));
    figure.panels[0].methods[0].settings[0].seeds = vec![(0.58, 0.4), (0.66, 0.5), (0.3, 0.2)];
    let svg = figure.svg().expect("drawn");
    inspect(&svg);
    assert!(all_text(&svg).contains("single runs"));
    assert_eq!(count(&svg, "circle", &[("fill", BLUE), ("opacity", "0.35")]), 3);
}

#[test]
fn marks_are_drawn_and_named() {
    let look = |color| Look::new(color, Marker::Star, Dash::Solid);
    let mut figure = of_points(&[(0.0, 0.6, 0.5), (1.0, 0.7, 0.6)]);
    let mark = |name: &str, look, place| Mark { name: name.to_owned(), look, place };
    figure.panels[0].marks = vec![
        mark("all & <none>", look(Color::Wine), Place::Point((0.5, 1.0))),
        mark("coin", look(Color::Olive), Place::Line(vec![(0.5, 1.0), (0.55, 0.9), (0.6, 0.8)])),
        mark("best", look(Color::Purple), Place::Ceiling(vec![(0.7, 1.0), (0.86, 0.25)])),
    ];
    let svg = figure.svg().expect("drawn");
    inspect(&svg);
    for name in ["all & <none>", "coin", "best"] {
        assert_eq!(texts(&svg).iter().filter(|text| *text == name).count(), 1, "{name}");
    }
    // Each in the panel and in the legend; a ceiling is shaded as well.
    assert_eq!(count(&svg, "polygon", &[("fill", "#882255")]), 2);
    assert_eq!(count(&svg, "polyline", &[("stroke", "#999933")]), 2);
    assert_eq!(count(&svg, "polyline", &[("stroke", "#CC79A7")]), 2);
    assert_eq!(count(&svg, "polygon", &[("fill", "#CC79A7")]), 2);
    // The shading begins at the upper left and ends at the upper right.
    let document = Document::parse(&svg).expect("well-formed");
    let shading = document
        .descendants()
        .find(|node| node.has_tag_name("polygon") && node.attribute("fill") == Some("#CC79A7"))
        .expect("shading");
    let ys: Vec<f64> =
        numbers(shading.attribute("points").expect("points")).into_iter().map(|(_, y)| y).collect();
    let [top, low, high] = [0.86, 0.7, 0.86]
        .map(|accuracy| place(&svg, (accuracy, 0.5), ["0.6", "0.7"], ["0.4", "0.6"]).1);
    assert!(ys[0] < top && ys[0] == ys[ys.len() - 1], "{ys:?}");
    assert!((ys[1] - high).abs() < 3.0 && (ys[ys.len() - 2] - low).abs() < 3.0, "{ys:?}");
}

#[test]
fn panels_share_their_ranges() {
    let mut figure = of_points(&[(0.0, 0.6, 0.5), (1.0, 0.8, 0.9)]);
    let (alone, other) = (figure.svg().expect("drawn"), of_points(&[(0.0, 0.35, 0.2)]));
    figure.panels.extend(other.panels);
    let both = figure.svg().expect("drawn");
    inspect(&both);
    for number in ["0.2", "0.4", "0.6", "0.8", "1.0"] {
        let ticks = [("text-anchor", "middle")];
        let found = text_nodes(&both, &ticks).into_iter().filter(|text| text == number).count();
        assert_eq!(found, 2, "{number}");
    }
    assert!(!texts(&alone).contains(&"0.2".to_owned()));
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
