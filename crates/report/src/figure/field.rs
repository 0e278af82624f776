//! P(class 1) as a field of colors, in bands with a contour between each two.

use plotters::style::RGBColor;

use super::FigureError;
use super::axes::Frame;
use super::canvas::{Anchor, Canvas, Point, Rect, Stroke, Type};
use super::contour::{self, Grid};
use super::legend::CONTOUR;
use super::style::{FINE_LINE, HAIR_LINE, INK, LEGEND_SIZE, QUIET, SMALL_SIZE};
use super::text;

/// From P(class 1) of 0 to 0.1 up to 0.9 to 1: sand, white in the middle, blue. Blue and yellow
/// are the two hues that color-blind readers tell apart best; all are light enough for points in
/// vermillion and black.
const BANDS: [RGBColor; 10] = [
    RGBColor(0xE7, 0xCD, 0x8E),
    RGBColor(0xED, 0xD8, 0xA6),
    RGBColor(0xF2, 0xE3, 0xBF),
    RGBColor(0xF7, 0xED, 0xD6),
    RGBColor(0xFB, 0xF7, 0xEC),
    RGBColor(0xEE, 0xF4, 0xFA),
    RGBColor(0xD8, 0xE7, 0xF4),
    RGBColor(0xC0, 0xD9, 0xED),
    RGBColor(0xA8, 0xCB, 0xE7),
    RGBColor(0x90, 0xBC, 0xE0),
];

/// Curves are drawn within so many pixels of their true place: less than can be seen, and less
/// than half the points.
const TOLERANCE: f64 = 0.12;

/// The bands, then the line at 0.5.
pub(super) fn draw(canvas: &Canvas, grid: &Grid, frame: &Frame) -> Result<(), FigureError> {
    let least = grid.probabilities.iter().copied().fold(1.0, f64::min);
    let lowest = level(least);
    canvas.fill(&frame.rect.outline(), BANDS[lowest], 1.0)?;
    for (band, color) in BANDS.into_iter().enumerate().skip(lowest + 1) {
        let loops = contour::loops(grid, band as f64 / BANDS.len() as f64);
        let outlines = loops.iter().map(|region| {
            let points = region.points.iter().chain(region.points.first());
            let outline: Vec<Point> = points.map(|((x, y), _)| frame.at(*x, *y)).collect();
            simplified(&outline)
        });
        let outlines: Vec<Vec<Point>> = outlines.filter(|outline| outline.len() > 3).collect();
        if !outlines.is_empty() {
            canvas.fill(&joined(&outlines), color, 1.0)?;
        }
    }
    let loops = contour::loops(grid, 0.5);
    for boundary in loops.iter().flat_map(contour::Loop::boundaries) {
        let line: Vec<_> = boundary.into_iter().map(|(x, y)| frame.at(x, y)).collect();
        canvas.line(&simplified(&line), CONTOUR)?;
    }
    Ok(())
}

/// The band of a probability. As for the decision, one on a level belongs below it.
fn level(p: f64) -> usize {
    let bands = BANDS.len() as f64;
    ((p * bands).ceil() as usize).saturating_sub(1).min(BANDS.len() - 1)
}

/// Closed outlines as one, which encloses each point as often as all of them together do: from the
/// first to each of the others in turn and back the same way, which encloses nothing.
fn joined(outlines: &[Vec<Point>]) -> Vec<Point> {
    let back = outlines.iter().rev().skip(1).filter_map(|outline| outline.first());
    outlines.iter().flatten().chain(back).copied().collect()
}

/// The line through `points` by as few of them as keep it within [`TOLERANCE`] (Douglas and
/// Peucker's selection).
fn simplified(points: &[Point]) -> Vec<Point> {
    let mut kept = vec![false; points.len()];
    let mut pieces = Vec::new();
    if let Some(last) = points.len().checked_sub(1) {
        (kept[0], kept[last]) = (true, true);
        pieces.push((0, last));
    }
    while let Some((first, last)) = pieces.pop() {
        let off = |index: &usize| distance(points[*index], points[first], points[last]);
        let farthest = (first + 1..last).max_by(|a, b| off(a).total_cmp(&off(b)));
        if let Some(index) = farthest.filter(|index| off(index) > TOLERANCE) {
            kept[index] = true;
            pieces.extend([(first, index), (index, last)]);
        }
    }
    points.iter().zip(kept).filter(|(_, kept)| *kept).map(|(at, _)| *at).collect()
}

/// From a point to the segment between two others.
fn distance(at: Point, from: Point, to: Point) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let (x, y) = (at.0 - from.0, at.1 - from.1);
    let length = dx * dx + dy * dy;
    let along = if length > 0.0 { ((x * dx + y * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
    (x - along * dx).hypot(y - along * dy)
}

/// The bar that explains the colors, and its room.
pub(super) const BAR_HEIGHT: f64 = 34.0;

/// Draws the bar below `top`, a point in the middle of the upper edge.
pub(super) fn draw_bar(canvas: &Canvas, top: Point) -> Result<(), FigureError> {
    const SWATCH: (f64, f64) = (15.0, 10.0);
    const NAME: &str = "P(class 1)";
    let width = SWATCH.0 * BANDS.len() as f64;
    let name_width = text::width(NAME, LEGEND_SIZE) + 8.0;
    let left = top.0 - (width + name_width) / 2.0 + name_width;
    let bar = Rect { left, top: top.1 + 4.0, width, height: SWATCH.1 };
    let name = Type::new(LEGEND_SIZE, Anchor::Right);
    canvas.text(NAME, (left - 8.0, bar.middle().1), name)?;
    for (index, color) in BANDS.into_iter().enumerate() {
        let left = left + SWATCH.0 * index as f64;
        canvas.fill(&Rect { left, width: SWATCH.0, ..bar }.outline(), color, 1.0)?;
    }
    canvas.line(&bar.outline(), Stroke::solid(QUIET, HAIR_LINE))?;
    for (at, number) in [(0.0, "0"), (0.5, "0.5"), (1.0, "1")] {
        let x = left + width * at;
        let stroke = if at == 0.5 { CONTOUR } else { Stroke::solid(QUIET, FINE_LINE) };
        let begin = if at == 0.5 { bar.top } else { bar.bottom() };
        canvas.line(&[(x, begin), (x, bar.bottom() + 3.0)], stroke)?;
        let type_ = Type::new(SMALL_SIZE, Anchor::Center).color(INK);
        canvas.text(number, (x, bar.bottom() + 10.0), type_)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_light_and_differ() {
        for (index, RGBColor(r, g, b)) in BANDS.into_iter().enumerate() {
            assert!(u32::from(r) + u32::from(g) + u32::from(b) > 3 * 170, "band {index}");
            assert!(!BANDS[..index].contains(&RGBColor(r, g, b)), "band {index}");
        }
    }

    #[test]
    fn a_probability_has_its_band() {
        let bands = [0.0, 0.05, 0.1, 0.11, 0.5, 0.51, 0.95, 1.0].map(level);
        assert_eq!(bands, [0, 0, 0, 1, 4, 5, 9, 9]);
    }

    #[test]
    fn a_simpler_line_keeps_its_corners_and_ends() {
        let corner = [(0.0, 0.0), (5.0, 0.05), (10.0, 0.0), (10.0, 4.0), (10.0, 10.0)];
        assert_eq!(simplified(&corner), [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)]);
        assert_eq!(simplified(&[]), []);
        assert_eq!(simplified(&corner[..1]), corner[..1]);
        let closed = [(0.0, 0.0), (9.0, 0.0), (9.0, 9.0), (0.0, 0.0)];
        assert_eq!(simplified(&closed), closed);
    }

    #[test]
    fn joined_outlines_enclose_as_much_as_each_alone() {
        let square = |left: f64, side: f64| {
            vec![(left, 0.0), (left + side, 0.0), (left + side, side), (left, side), (left, 0.0)]
        };
        let area = |points: &[Point]| -> f64 {
            let next = points.iter().cycle().skip(1);
            points.iter().zip(next).map(|(a, b)| 0.5 * (a.0 * b.1 - b.0 * a.1)).sum()
        };
        let outlines = [square(0.0, 4.0), square(10.0, 2.0), square(20.0, 1.0)];
        assert!((area(&joined(&outlines)) - 21.0).abs() < 1e-12);
    }
}
