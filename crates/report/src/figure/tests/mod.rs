//! What every figure owes its readers: well-formed, nothing lost, nothing clipped, no number
//! that is none.

mod boundary;
mod curve;
mod strip;
mod support;
mod tradeoff;

use proptest::prelude::*;
use roxmltree::Document;

use self::boundary::boundaries;
use self::curve::curves;
use self::strip::strips;
use self::support::*;
use self::tradeoff::tradeoff;
use super::boundary::{Boundaries, Grid};
use super::curve::{Curves, Sample};
use super::strip::Strips;
use super::style::{Color, Dash, Look, Marker};
use super::tradeoff::{Mark, Place, Setting, Tradeoff};
use super::{Estimate, FigureError};

#[test]
fn every_figure_is_whole_and_repeats_itself() {
    for draw in [
        || tradeoff().svg().expect("drawn"),
        || curves().svg().expect("drawn"),
        || boundaries().svg().expect("drawn"),
        || strips().svg().expect("drawn"),
    ] {
        let svg = draw();
        inspect(&svg);
        assert_eq!(svg, draw());
    }
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

#[test]
fn nothing_to_draw_is_an_error() {
    let title = "empty".to_owned();
    let empty = [
        Tradeoff { title: title.clone(), panels: vec![] }.svg(),
        Curves { title: title.clone(), panels: vec![] }.svg(),
        Strips { title: title.clone(), x_label: String::new(), panels: vec![] }.svg(),
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
    let mut figure = tradeoff();
    figure.panels[0].methods[0].settings[0].seeds = vec![(0.5, f64::NAN)];
    assert!(message(figure.svg()).contains("\"Fair-MAML\""));
    let mut figure = tradeoff();
    let place = Place::Line(vec![(0.5, 0.5), (f64::INFINITY, 0.5)]);
    figure.panels[1].marks.push(Mark { name: "coin".into(), look: MAML, place });
    assert!(message(figure.svg()).contains("\"coin\" is inf"));
    let mut figure = strips();
    figure.panels[1].rows[1].values[3] = f64::NAN;
    assert!(message(figure.svg()).contains("\"LAFTR & <others>\""));
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
        mark in prop::collection::vec((any_number(), any_number()), 0..4),
        collapsed in any::<bool>(),
        name in "\\PC{0,12}",
    ) {
        let settings = settings.into_iter();
        let setting = |(value, accuracy, fairness)| {
            Setting { value, accuracy, fairness, collapsed, seeds: mark.clone() }
        };
        let mut figure = tradeoff();
        for place in [Place::Line(mark.clone()), Place::Ceiling(mark.clone())] {
            figure.panels[0].marks.push(Mark { name: name.clone(), look: MAML, place });
        }
        figure.panels[0].methods[0].settings = settings.map(setting).collect();
        figure.panels[0].methods[0].name = name;
        well_formed(&figure.svg().expect("drawn"));
    }

    #[test]
    fn any_finite_numbers_make_curves(
        samples in prop::collection::vec((any_number(), prop::option::of(any_estimate())), 1..40),
        color in prop::sample::select(Color::ALL.to_vec()),
        marker in prop::sample::select(Marker::ALL.to_vec()),
        dash in prop::sample::select(Dash::ALL.to_vec()),
    ) {
        let mut figure = curves();
        let series = &mut figure.panels[0].series[0];
        series.look = Look::new(color, marker, dash);
        series.samples = samples.into_iter().map(|(x, y)| Sample { x, y }).collect();
        well_formed(&figure.svg().expect("drawn"));
    }

    #[test]
    fn any_finite_numbers_make_strips(
        values in prop::collection::vec(any_number(), 0..40),
        mean in any_estimate(),
        range in prop::option::of((-2.0..0.0f64, 0.1..2.0f64)),
    ) {
        let mut figure = strips();
        figure.panels[0].rows[0].values = values;
        figure.panels[0].rows[0].mean = mean;
        figure.panels[0].range = range;
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
