//! A drawing surface in pixels, over plotters' SVG backend.
//!
//! The backend draws at whole numbers only, which would show as jitter in curves. So a pixel is
//! [`UNITS`] of its units, and the size that the document states is divided by as much: the
//! picture is the same, its points stand on tenths of a pixel.

use std::fmt::Display;

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color, FontDesc, FontFamily, FontStyle, FontTransform, RGBColor, ShapeStyle, TextStyle,
};

use super::FigureError;
use super::style::{FINE_LINE, INK, Look, MARKER, Marker, PAPER};
use super::text::{self, BOLD};

/// How much larger outlines are than filled markers, so as to be seen around them.
pub(super) const HOLLOW: f64 = 1.45;

/// Backend units in a pixel.
const UNITS: f64 = 10.0;

/// plotters sets SVG text smaller than asked for by this factor.
const FONT_SCALE: f64 = 1.24;

/// Looked for by the viewer in this order.
const FONTS: &str = "Helvetica, Arial, Liberation Sans, sans-serif";

/// Pixels from the left and from the top.
pub(super) type Point = (f64, f64);

/// A rectangle in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

impl Rect {
    pub fn right(&self) -> f64 {
        self.left + self.width
    }

    pub fn bottom(&self) -> f64 {
        self.top + self.height
    }

    pub fn middle(&self) -> Point {
        (self.left + self.width / 2.0, self.top + self.height / 2.0)
    }

    /// The corners in turn, the first one again at the end.
    pub fn outline(&self) -> [Point; 5] {
        let (right, bottom) = (self.right(), self.bottom());
        [
            (self.left, self.top),
            (right, self.top),
            (right, bottom),
            (self.left, bottom),
            (self.left, self.top),
        ]
    }
}

/// How a line is drawn.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stroke {
    pub color: RGBColor,
    pub opacity: f64,
    pub width: f64,
    /// Strokes and gaps in turn; none for a solid line.
    pub dash: &'static [f64],
}

impl Stroke {
    pub fn solid(color: RGBColor, width: f64) -> Self {
        Self { color, opacity: 1.0, width, dash: &[] }
    }

    pub fn dashed(color: RGBColor, width: f64, dash: &'static [f64]) -> Self {
        Self { dash, ..Self::solid(color, width) }
    }

    /// The same in plotters' words, but for the dash.
    fn style(self) -> ShapeStyle {
        ShapeStyle {
            color: self.color.mix(self.opacity),
            filled: false,
            stroke_width: (self.width * UNITS).round() as u32,
        }
    }
}

/// What stands at the point that a text is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Left,
    Center,
    Right,
}

/// How a text is set; its given point is half way up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type {
    pub size: f64,
    pub color: RGBColor,
    pub bold: bool,
    pub anchor: Anchor,
    /// Whether it runs upwards.
    pub upwards: bool,
}

impl Type {
    pub fn new(size: f64, anchor: Anchor) -> Self {
        Self { size, color: INK, bold: false, anchor, upwards: false }
    }

    pub fn color(self, color: RGBColor) -> Self {
        Self { color, ..self }
    }

    pub fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub fn upwards(self) -> Self {
        Self { upwards: true, ..self }
    }

    /// Smaller, if `text` would not fit into `room` pixels otherwise.
    pub fn fitted(self, text: &str, room: f64) -> Self {
        // Bold is wider than the estimate for regular type.
        let size = self.size * if self.bold { BOLD } else { 1.0 };
        let size = self.size * (room / text::width(text, size)).min(1.0);
        Self { size, ..self }
    }
}

/// The surface that a figure is drawn on.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// Draws on a canvas of `width` × `height` pixels and gives the SVG text. `title` is what a
/// screen reader says of the picture.
pub(super) fn render(
    title: &str,
    width: f64,
    height: f64,
    draw: impl FnOnce(&Canvas) -> Result<(), FigureError>,
) -> Result<String, FigureError> {
    let (width, height) = (width.ceil(), height.ceil());
    let size = ((width * UNITS) as u32, (height * UNITS) as u32);
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
    area.fill(&PAPER).map_err(backend)?;
    let canvas = Canvas { area };
    draw(&canvas)?;
    canvas.area.present().map_err(backend)?;
    drop(canvas);
    let stated = format!("<svg width=\"{}\" height=\"{}\"", size.0, size.1);
    let meant = format!(
        "<svg width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{}\" stroke-linejoin=\"round\"",
        escape(title)
    );
    // Opaque is what everything is unless said otherwise; saying so takes a tenth of a file. Within
    // text a quotation mark is escaped.
    Ok(svg.replacen(&stated, &meant, 1).replace(" opacity=\"1\"", ""))
}

impl Canvas<'_> {
    /// A line through `points`.
    pub fn line(&self, points: &[Point], stroke: Stroke) -> Result<(), FigureError> {
        let pieces = match stroke.dash {
            [] => vec![points.to_vec()],
            dash => dashes(points, dash),
        };
        for piece in pieces {
            let path: Vec<_> = piece.into_iter().map(units).collect();
            self.area.draw(&PathElement::new(path, stroke.style())).map_err(backend)?;
        }
        Ok(())
    }

    /// The inside of `points`, filled.
    pub fn fill(&self, points: &[Point], color: RGBColor, opacity: f64) -> Result<(), FigureError> {
        let path: Vec<_> = points.iter().copied().map(units).collect();
        let style = color.mix(opacity).filled();
        self.area.draw(&Polygon::new(path, style)).map_err(backend)
    }

    /// A filled marker, set off from what lies below by a thin white edge.
    pub fn marker(
        &self,
        at: Point,
        marker: Marker,
        radius: f64,
        color: RGBColor,
    ) -> Result<(), FigureError> {
        match placed(marker, radius, at) {
            None => {
                self.disc(at, radius + FINE_LINE, PAPER)?;
                self.disc(at, radius, color)
            }
            Some(outline) => {
                self.line(&outline, Stroke::solid(PAPER, 2.0 * FINE_LINE))?;
                self.fill(&outline, color, 1.0)
            }
        }
    }

    /// An error bar from one end to the other, with small caps, paler than the points.
    pub fn error_bar(
        &self,
        ends: [Point; 2],
        color: RGBColor,
        opacity: f64,
    ) -> Result<(), FigureError> {
        const CAP: f64 = 2.0;
        let stroke = Stroke { opacity, ..Stroke::solid(color, FINE_LINE) };
        self.line(&ends, stroke)?;
        let upright = ends[0].0 == ends[1].0;
        let (dx, dy) = if upright { (CAP, 0.0) } else { (0.0, CAP) };
        ends.iter().try_for_each(|(x, y)| self.line(&[(x - dx, y - dy), (x + dx, y + dy)], stroke))
    }

    /// The marker of a look, `scale` times as large as usual.
    pub fn method(&self, at: Point, look: Look, scale: f64) -> Result<(), FigureError> {
        let radius = scale * MARKER;
        match look.hollow {
            true => self.hollow_marker(at, look.marker, HOLLOW * radius, look.text_color()),
            false => self.marker(at, look.marker, radius, look.color()),
        }
    }

    /// The marker of a look of which something is to be said: its outline around a dot.
    pub fn noted(&self, at: Point, look: Look, scale: f64) -> Result<(), FigureError> {
        let size = if look.hollow { HOLLOW } else { 1.12 };
        let stroke = Stroke::solid(look.color(), 1.4 * FINE_LINE);
        self.outlined(at, look.marker, size * scale * MARKER, stroke)?;
        self.disc(at, 0.38 * scale * MARKER, look.color())
    }

    /// A translucent dot: many on one place are darker than one.
    pub fn dot(
        &self,
        at: Point,
        radius: f64,
        color: RGBColor,
        opacity: f64,
    ) -> Result<(), FigureError> {
        let radius = (radius * UNITS).round() as i32;
        let style = color.mix(opacity).filled();
        self.area.draw(&Circle::new(units(at), radius, style)).map_err(backend)
    }

    /// A hollow marker.
    pub fn hollow_marker(
        &self,
        at: Point,
        marker: Marker,
        radius: f64,
        color: RGBColor,
    ) -> Result<(), FigureError> {
        self.outlined(at, marker, radius, Stroke::solid(color, FINE_LINE))
    }

    fn outlined(
        &self,
        at: Point,
        marker: Marker,
        radius: f64,
        stroke: Stroke,
    ) -> Result<(), FigureError> {
        match placed(marker, radius, at) {
            None => {
                self.disc(at, radius, PAPER)?;
                self.ring(at, radius, stroke)
            }
            Some(outline) => {
                self.fill(&outline, PAPER, 1.0)?;
                self.line(&outline, stroke)
            }
        }
    }

    /// A circle around `at`, not filled.
    pub fn ring(&self, at: Point, radius: f64, stroke: Stroke) -> Result<(), FigureError> {
        let radius = (radius * UNITS).round() as i32;
        self.area.draw(&Circle::new(units(at), radius, stroke.style())).map_err(backend)
    }

    fn disc(&self, at: Point, radius: f64, color: RGBColor) -> Result<(), FigureError> {
        self.dot(at, radius, color, 1.0)
    }

    /// One line of text at `at`.
    pub fn text(&self, text: &str, at: Point, type_: Type) -> Result<(), FigureError> {
        let style = if type_.bold { FontStyle::Bold } else { FontStyle::Normal };
        let font = FontDesc::new(FontFamily::Name(FONTS), type_.size * UNITS * FONT_SCALE, style);
        let horizontal = match type_.anchor {
            Anchor::Left => HPos::Left,
            Anchor::Center => HPos::Center,
            Anchor::Right => HPos::Right,
        };
        let transform = if type_.upwards { FontTransform::Rotate270 } else { FontTransform::None };
        let style = TextStyle::from(font)
            .color(&type_.color)
            .pos(Pos::new(horizontal, VPos::Center))
            .transform(transform);
        let text: String = text.chars().map(printable).collect();
        self.area.draw_text(&text, &style, units(at)).map_err(backend)
    }
}

/// The closed outline of a marker around `at`, unless it is a circle.
fn placed(marker: Marker, radius: f64, at: Point) -> Option<Vec<Point>> {
    let corners = marker.corners(radius)?;
    let closed = corners.iter().chain(corners.first());
    Some(closed.map(|(x, y)| (at.0 + x, at.1 + y)).collect())
}

/// Cuts the line through `points` into the strokes of a dash pattern.
fn dashes(points: &[Point], pattern: &[f64]) -> Vec<Vec<Point>> {
    let mut pieces = Vec::new();
    let (mut index, mut left) = (0, pattern[0]);
    let mut piece: Vec<Point> = points.first().copied().into_iter().collect();
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let length = (x1 - x0).hypot(y1 - y0);
        let mut done = 0.0;
        while length - done > left {
            done += left;
            let at = (x0 + (x1 - x0) * done / length, y0 + (y1 - y0) * done / length);
            if index % 2 == 0 {
                piece.push(at);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![at];
            }
            index = (index + 1) % pattern.len();
            left = pattern[index];
        }
        left -= length - done;
        if index % 2 == 0 {
            piece.push((x1, y1));
        }
    }
    if piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

/// A point on the backend's grid.
fn units((x, y): Point) -> (i32, i32) {
    ((x * UNITS).round() as i32, (y * UNITS).round() as i32)
}

/// XML knows no control characters, and they may come with the names in a user's file.
fn printable(c: char) -> char {
    let unknown_to_xml = c.is_control() || matches!(c, '\u{FFFE}' | '\u{FFFF}');
    if unknown_to_xml { ' ' } else { c }
}

/// Text as the value of an XML attribute.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars().map(printable) {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn backend(error: impl Display) -> FigureError {
    FigureError::Backend(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_follow_the_pattern_around_corners() {
        let corner = [(0.0, 0.0), (5.0, 0.0), (5.0, 5.0)];
        let pieces = dashes(&corner, &[4.0, 0.5]);
        let expected = [
            vec![(0.0, 0.0), (4.0, 0.0)],
            vec![(4.5, 0.0), (5.0, 0.0), (5.0, 3.5)],
            vec![(5.0, 4.0), (5.0, 5.0)],
        ];
        assert_eq!(pieces, expected);
    }

    #[test]
    fn dashes_of_a_point_are_no_dashes() {
        assert!(dashes(&[(1.0, 1.0)], &[2.0, 1.0]).is_empty());
        assert!(dashes(&[], &[2.0, 1.0]).is_empty());
        assert!(dashes(&[(1.0, 1.0), (1.0, 1.0)], &[2.0, 1.0]).len() <= 1);
    }

    #[test]
    fn any_text_stays_well_formed() {
        let nasty = "a<b> & \"c\" 'd' \u{0} \u{7} γ → ŷ \u{FFFF}";
        let svg = render(nasty, 100.0, 50.0, |canvas| {
            canvas.text(nasty, (5.0, 5.0), Type::new(10.0, Anchor::Left))
        })
        .expect("drawn");
        let document = roxmltree::Document::parse(&svg).expect("well-formed");
        let root = document.root_element();
        assert_eq!(root.attribute("width"), Some("100"));
        assert_eq!(root.attribute("viewBox"), Some("0 0 1000 500"));
        assert!(root.attribute("aria-label").is_some_and(|label| label.starts_with("a<b> &")));
        assert!(root.descendants().any(|n| n.text().is_some_and(|t| t.contains("γ → ŷ"))));
    }
}
