//! Labels beside points, placed so that they cover as little as possible.

use super::canvas::{Point, Rect};

/// What labels should keep clear of.
#[derive(Clone, Debug, Default)]
pub(super) struct Obstacles {
    /// Markers: their centers and half widths.
    pub markers: Vec<(Point, f64)>,
    /// Pieces of lines and error bars.
    pub segments: Vec<(Point, Point)>,
    /// Small things that had better not be covered.
    pub dots: Vec<Point>,
}

/// A label to be placed: its point, and the width and height of its text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Label {
    pub anchor: Point,
    /// How far the marker reaches around its point.
    pub reach: f64,
    pub size: (f64, f64),
}

/// Distances from a marker to the nearest edge of its label, the best first.
const DISTANCES: [f64; 8] = [1.5, 4.5, 8.5, 13.5, 19.5, 26.5, 36.0, 48.0];
/// From here on a line leads from the label to its marker.
const FAR: f64 = 4.0;
const DIRECTIONS: usize = 16;

/// The rectangle of each label's text. Labels are set one by one where they do least harm, then
/// each is reconsidered with all the others in place until none moves.
pub(super) fn place(labels: &[Label], obstacles: &Obstacles, bounds: Rect) -> Vec<Rect> {
    let mut boxes: Vec<Option<Rect>> = vec![None; labels.len()];
    for _ in 0..6 {
        let before = boxes.clone();
        for (index, label) in labels.iter().enumerate() {
            boxes[index] = None;
            let harm = |candidate: &(Rect, f64)| {
                let (rect, displacement) = candidate;
                let others = labels.iter().zip(&boxes);
                let others: Vec<_> = others.filter_map(|(l, b)| Some((l, (*b)?))).collect();
                harm(rect, label, obstacles, &others, bounds) + displacement
            };
            let best = candidates(label).min_by(|a, b| harm(a).total_cmp(&harm(b)));
            boxes[index] = best.map(|(rect, _)| rect);
        }
        if boxes == before {
            break;
        }
    }
    boxes.into_iter().flatten().collect()
}

/// The line from a label far from its point to the point.
pub(super) fn leader(anchor: Point, reach: f64, rect: &Rect) -> Option<[Point; 2]> {
    let near = (anchor.0.clamp(rect.left, rect.right()), anchor.1.clamp(rect.top, rect.bottom()));
    (distance(rect, anchor) > reach + FAR).then_some([anchor, near])
}

/// Places around the label's point, each with the harm of being far or at an awkward side.
fn candidates(label: &Label) -> impl Iterator<Item = (Rect, f64)> {
    let Label { anchor, reach, size: (width, height) } = *label;
    DISTANCES.into_iter().enumerate().flat_map(move |(ring, distance)| {
        (0..DIRECTIONS).map(move |k| {
            // The first direction is up and right, where readers look first.
            let turn = (k as f64 / DIRECTIONS as f64 + 0.125) * std::f64::consts::TAU;
            let (across, up) = (turn.cos(), turn.sin());
            let away = reach + distance;
            let middle =
                (anchor.0 + across * (away + width / 2.0), anchor.1 - up * (away + height / 2.0));
            let rect =
                Rect { left: middle.0 - width / 2.0, top: middle.1 - height / 2.0, width, height };
            let side = k.min(DIRECTIONS - k) as f64;
            (rect, 10.0 * ring as f64 + 0.5 * side)
        })
    })
}

/// How much a label at `rect` covers, roughly in pixels of area.
fn harm(
    rect: &Rect,
    label: &Label,
    obstacles: &Obstacles,
    others: &[(&Label, Rect)],
    bounds: Rect,
) -> f64 {
    let outside = rect.width * rect.height - overlap(rect, &bounds);
    let crossed_by = |rect: &Rect, line: Option<[Point; 2]>| {
        line.map_or(0.0, |[from, to]| length_within(rect, from, to))
    };
    let own_leader = leader(label.anchor, label.reach, rect);
    let markers: f64 = obstacles
        .markers
        .iter()
        .map(|&((x, y), half)| {
            let marker =
                Rect { left: x - half, top: y - half, width: 2.0 * half, height: 2.0 * half };
            let foreign = (x, y) != label.anchor;
            // A label nearer to another point than to its own misleads.
            let gap = distance(rect, (x, y)) - distance(rect, label.anchor);
            let misleading = if foreign && gap < 2.0 { 25.0 * (2.0 - gap).min(4.0) } else { 0.0 };
            let led_across =
                if foreign { crossed_by(&grown(&marker, 3.0), own_leader) } else { 0.0 };
            3.0 * overlap(rect, &marker) + misleading + 4.0 * led_across
        })
        .sum();
    let labels: f64 = others
        .iter()
        .map(|(label, other)| {
            let theirs = leader(label.anchor, label.reach, other);
            let leaders = crossed_by(rect, theirs) + crossed_by(other, own_leader);
            6.0 * overlap(&grown(rect, 1.5), other) + 12.0 * leaders
        })
        .sum();
    let crossed: f64 =
        obstacles.segments.iter().map(|&(from, to)| length_within(rect, from, to)).sum();
    let dots = obstacles.dots.iter().filter(|dot| distance(rect, **dot) < 1.0).count() as f64;
    40.0 * outside + labels + markers + 2.0 * crossed + 4.0 * dots
}

fn grown(rect: &Rect, by: f64) -> Rect {
    Rect {
        left: rect.left - by,
        top: rect.top - by,
        width: rect.width + 2.0 * by,
        height: rect.height + 2.0 * by,
    }
}

/// The area that two rectangles share.
fn overlap(a: &Rect, b: &Rect) -> f64 {
    let width = a.right().min(b.right()) - a.left.max(b.left);
    let height = a.bottom().min(b.bottom()) - a.top.max(b.top);
    width.max(0.0) * height.max(0.0)
}

/// From a rectangle's edge to a point outside it; 0 inside.
fn distance(rect: &Rect, (x, y): Point) -> f64 {
    let across = (rect.left - x).max(x - rect.right()).max(0.0);
    let down = (rect.top - y).max(y - rect.bottom()).max(0.0);
    across.hypot(down)
}

/// How much of a segment runs through a rectangle (Liang and Barsky's clipping).
fn length_within(rect: &Rect, from: Point, to: Point) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    for (step, room) in [
        (-dx, from.0 - rect.left),
        (dx, rect.right() - from.0),
        (-dy, from.1 - rect.top),
        (dy, rect.bottom() - from.1),
    ] {
        if step < 0.0 {
            enter = enter.max(room / step);
        } else if step > 0.0 {
            leave = leave.min(room / step);
        } else if room < 0.0 {
            return 0.0;
        }
    }
    (leave - enter).max(0.0) * dx.hypot(dy)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Rect = Rect { left: 0.0, top: 0.0, width: 200.0, height: 200.0 };
    const SIZE: (f64, f64) = (14.0, 10.0);

    fn boxes(labels: &[Label], obstacles: &Obstacles) -> Vec<Rect> {
        place(labels, obstacles, BOUNDS)
    }

    #[test]
    fn a_lone_label_stands_up_and_right() {
        let label = Label { anchor: (100.0, 100.0), reach: 4.0, size: SIZE };
        let middle = boxes(&[label], &Obstacles::default())[0].middle();
        assert!(middle.0 > 100.0 && middle.1 < 100.0);
    }

    #[test]
    fn labels_of_a_cluster_cover_neither_each_other_nor_the_points() {
        let anchors = [(100.0, 100.0), (108.0, 101.0), (101.0, 109.0), (115.0, 112.0)];
        let labels = anchors.map(|anchor| Label { anchor, reach: 4.0, size: SIZE });
        let markers = anchors.map(|anchor| (anchor, 4.0)).to_vec();
        let obstacles = Obstacles { markers, ..Obstacles::default() };
        let boxes = boxes(&labels, &obstacles);
        for (index, rect) in boxes.iter().enumerate() {
            for other in &boxes[..index] {
                assert_eq!(overlap(rect, other), 0.0);
            }
            for &(x, y) in &anchors {
                assert!(distance(rect, (x, y)) > 3.0);
            }
        }
    }

    #[test]
    fn labels_keep_off_lines_and_inside_the_frame() {
        let label = Label { anchor: (198.0, 2.0), reach: 4.0, size: SIZE };
        let segments = vec![((0.0, 2.0), (198.0, 2.0)), ((198.0, 2.0), (198.0, 200.0))];
        let obstacles = Obstacles { segments: segments.clone(), ..Obstacles::default() };
        let rect = boxes(&[label], &obstacles)[0];
        assert!((overlap(&rect, &BOUNDS) - SIZE.0 * SIZE.1).abs() < 1e-9);
        for (from, to) in segments {
            assert_eq!(length_within(&rect, from, to), 0.0);
        }
    }

    #[test]
    fn length_within_a_rectangle() {
        let rect = Rect { left: 10.0, top: 10.0, width: 10.0, height: 10.0 };
        assert_eq!(length_within(&rect, (0.0, 15.0), (40.0, 15.0)), 10.0);
        assert_eq!(length_within(&rect, (15.0, 15.0), (15.0, 40.0)), 5.0);
        assert_eq!(length_within(&rect, (0.0, 5.0), (40.0, 5.0)), 0.0);
        assert_eq!(length_within(&rect, (12.0, 12.0), (12.0, 12.0)), 0.0);
    }
}
