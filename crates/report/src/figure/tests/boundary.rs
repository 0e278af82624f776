//! Boundaries.

use roxmltree::{Document, Node};

use super::super::boundary::{Boundaries, Grid, Panel, Point, Task};
use super::support::*;

/// P(class 1) up to 0.1, and from 0.9.
const SAND: &str = "#E7CD8E";
const BLUISH: &str = "#90BCE0";

/// Two tasks by two methods; one point of each task lies outside the frames.
pub fn boundaries() -> Boundaries {
    let point = |x, y, positive, protected| Point { x, y, positive, protected };
    let grid = |tilt: f64| {
        let sigmoid = |(x, y): &(f64, f64)| 1.0 / (1.0 + (-(x + tilt * y)).exp());
        Grid::sample((-4.0, 4.0), (-3.0, 3.0), (41, 31), |at| at.iter().map(sigmoid).collect())
    };
    let panel = |title: &str, tilt| Panel {
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

/// The fields of color in a picture, with their corners.
fn fields(svg: &str) -> Vec<(String, Vec<(f64, f64)>)> {
    let document = Document::parse(svg).expect("well-formed");
    let polygons = document.descendants().filter(|node| node.has_tag_name("polygon"));
    let field = |node: Node| {
        let points = numbers(node.attribute("points")?);
        Some((node.attribute("fill")?.to_owned(), points))
    };
    polygons.filter_map(field).collect()
}

fn one_panel(probability: impl Fn(f64, f64) -> f64) -> Boundaries {
    let mut figure = boundaries();
    figure.tasks.truncate(1);
    figure.tasks[0].panels.truncate(1);
    let each = |at: &[(f64, f64)]| at.iter().map(|(x, y)| probability(*x, *y)).collect();
    figure.tasks[0].panels[0].grid = Grid::sample((-4.0, 4.0), (-3.0, 3.0), (9, 7), each);
    figure
}

#[test]
fn probabilities_have_their_colors_at_their_places() {
    // From 0.05 at the lower edge to 0.95 at the upper.
    let svg = one_panel(|_, y| 0.5 + 0.15 * y).svg().expect("drawn");
    let bar = [SAND, BLUISH].map(|color| fields(&svg).iter().filter(|(c, _)| c == color).count());
    // Each in the panel and in the bar.
    assert_eq!(bar, [2, 2]);
    let lowest = |color: &str| {
        let field = fields(&svg).into_iter().find(|(c, _)| c == color).expect("a field");
        field.1.iter().map(|(_, y)| *y).fold(0.0, f64::max)
    };
    let ticks = ["−2", "0", "2"].map(|value| tick(&svg, "end", "y", value));
    let per_unit = (ticks[0] - ticks[2]) / 4.0;
    // 0.9 is passed at 2.67; cells are 1 wide, and log-odds interpolated within.
    let expected = ticks[1] - 2.667 * per_unit;
    assert!((lowest(BLUISH) - expected).abs() < 0.15 * per_unit, "{} {expected}", lowest(BLUISH));
    assert!(lowest(SAND) > ticks[0] + 0.9 * per_unit);
}

#[test]
fn one_probability_everywhere_is_one_color_without_a_line() {
    let svg = one_panel(|_, _| 0.97).svg().expect("drawn");
    let colored = |color: &str| fields(&svg).iter().filter(|(c, _)| c == color).count();
    assert_eq!((colored(SAND), colored(BLUISH)), (1, 2));
    let contour = [("stroke", "#262626"), ("stroke-width", "13")];
    // One in the legend, one across the bar.
    assert_eq!(count(&svg, "polyline", &contour), 2);
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
    let contour = [("stroke", "#262626"), ("stroke-width", "13")];
    assert_eq!(count(&svg, "polyline", &contour), 4 + 2, "also in the legend and the bar");
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
            let points = numbers(node.attribute("points")?);
            (points.len() == 5).then(|| (points[0], points[2]))
        })
        .expect("a frame");
    let ((x0, y0), (x1, y1)) = frame;
    assert!(((x1 - x0) / (y1 - y0) - 8.0 / 6.0).abs() < 0.01);
}
