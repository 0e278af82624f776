//! Where things stand in a figure: title above, panels in rows, notes under their panels, the
//! legend below all, where it cannot cover data.

use plotters::style::RGBColor;

use super::FigureError;
use super::axes::{BELOW_ROOM, LEFT_ROOM};
use super::canvas::{Anchor, Canvas, Point, Rect, Stroke, Type, render};
use super::style::{
    FINE_LINE, HAIR_LINE, INK, LEGEND_SIZE, LINE, Look, Marker, PANEL_SIZE, QUIET, REFERENCE_DASH,
    SMALL_SIZE, TITLE_SIZE,
};
use super::text;

/// Air around everything.
pub(super) const MARGIN: f64 = 8.0;
/// From one line of small text to the next.
pub(super) const SMALL_LEADING: f64 = 12.5;

/// A panel's width with its labels: a column of a two-column page.
const PANEL_WIDTH: f64 = 320.0;
const PANELS_IN_A_ROW: usize = 2;
const PLOT_HEIGHT: f64 = 196.0;
const PANEL_TITLE_ROOM: f64 = 21.0;
const GAP: f64 = 10.0;

/// What stands above and below a panel.
pub(super) struct Surround {
    pub title: String,
    /// Said in small type under the axis label; empty for nothing.
    pub note: String,
}

/// Draws a figure of panels, each filled by `panel` given its number and plot rectangle.
pub(super) fn draw(
    title: &str,
    surrounds: &[Surround],
    legend: &[Entry],
    panel: impl Fn(&Canvas, usize, Rect) -> Result<(), FigureError>,
) -> Result<String, FigureError> {
    let columns = surrounds.len().min(PANELS_IN_A_ROW);
    let width = columns as f64 * PANEL_WIDTH + MARGIN;
    let heading = Heading::new(title, width);
    let note_room = PANEL_WIDTH - LEFT_ROOM - GAP;
    let notes: Vec<_> =
        surrounds.iter().map(|s| text::wrap(&s.note, SMALL_SIZE, note_room)).collect();

    let mut rects = Vec::new();
    let mut top = heading.height;
    for row in notes.chunks(columns.max(1)) {
        for column in 0..row.len() {
            rects.push(Rect {
                left: column as f64 * PANEL_WIDTH + LEFT_ROOM + MARGIN / 2.0,
                top: top + PANEL_TITLE_ROOM,
                width: PANEL_WIDTH - LEFT_ROOM - GAP,
                height: PLOT_HEIGHT,
            });
        }
        let lines = row.iter().map(Vec::len).max().unwrap_or(0);
        top += PANEL_TITLE_ROOM + PLOT_HEIGHT + BELOW_ROOM + lines as f64 * SMALL_LEADING + GAP;
    }
    let legend = Legend::new(legend, width - 2.0 * MARGIN);
    render(title, width, top + legend.height() + MARGIN, |canvas| {
        heading.draw(canvas)?;
        for (index, (surround, rect)) in surrounds.iter().zip(&rects).enumerate() {
            let type_ = Type::new(PANEL_SIZE, Anchor::Left).bold();
            let type_ = type_.fitted(&surround.title, rect.width);
            canvas.text(&surround.title, (rect.left, rect.top - 11.0), type_)?;
            panel(canvas, index, *rect)?;
            for (line, note) in notes[index].iter().enumerate() {
                let below = rect.bottom() + BELOW_ROOM + (line as f64 + 0.5) * SMALL_LEADING;
                let type_ = Type::new(SMALL_SIZE, Anchor::Left).color(QUIET);
                canvas.text(note, (rect.left, below), type_)?;
            }
        }
        legend.draw(canvas, (width / 2.0, top))
    })
}

/// The figure's title, broken into as many lines as it needs.
pub(super) struct Heading {
    lines: Vec<String>,
    /// Down to where the panels may begin.
    pub height: f64,
}

impl Heading {
    const LEADING: f64 = 16.0;

    pub fn new(title: &str, width: f64) -> Self {
        let wrap = |room| text::wrap(title, TITLE_SIZE * text::BOLD, room);
        let room = width - 2.0 * MARGIN;
        let lines = wrap(room);
        // As narrow as the same number of lines can be: lines of like length.
        let narrower = (1..20).map(|k| wrap(room * (1.0 - 0.025 * f64::from(k))));
        let lines = narrower.take_while(|l| l.len() == lines.len()).last().unwrap_or(lines);
        let height = MARGIN + lines.len() as f64 * Self::LEADING + 6.0;
        Self { lines, height }
    }

    pub fn draw(&self, canvas: &Canvas) -> Result<(), FigureError> {
        for (index, line) in self.lines.iter().enumerate() {
            let at = (MARGIN, MARGIN + (index as f64 + 0.5) * Self::LEADING);
            canvas.text(line, at, Type::new(TITLE_SIZE, Anchor::Left).bold())?;
        }
        Ok(())
    }
}

/// The sample beside a legend's label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Key {
    /// A method's line with its marker.
    Method(Look),
    /// A dashed reference line.
    Reference,
    /// A point of the data, filled or hollow.
    Point { marker: Marker, color: RGBColor, filled: bool },
    /// The ring around a fine-tuning point.
    Ring,
    /// A filled region.
    Region(RGBColor),
    /// The boundary of a region.
    Contour,
}

impl Key {
    fn width(self) -> f64 {
        match self {
            Key::Method(_) | Key::Reference => 30.0,
            Key::Contour => 22.0,
            Key::Region(_) => 16.0,
            Key::Point { .. } | Key::Ring => 11.0,
        }
    }

    /// Draws the sample with its left end at `at`.
    fn draw(self, canvas: &Canvas, (left, y): Point) -> Result<(), FigureError> {
        let (right, center) = (left + self.width(), (left + self.width() / 2.0, y));
        let across = [(left, y), (right, y)];
        match self {
            Key::Method(look) => {
                canvas.line(&across, Stroke::dashed(look.color(), LINE, look.dash()))?;
                canvas.method(center, look)
            }
            Key::Reference => {
                canvas.line(&across, Stroke::dashed(QUIET, FINE_LINE, REFERENCE_DASH))
            }
            Key::Point { marker, color, filled } => {
                point(canvas, center, marker, color, filled, 3.4)
            }
            Key::Ring => canvas.ring(center, 5.2, RING),
            Key::Region(color) => {
                let rect = Rect { left, top: y - 5.0, width: self.width(), height: 10.0 };
                canvas.fill(&rect.outline(), color, 1.0)?;
                canvas.line(&rect.outline(), Stroke::solid(QUIET, HAIR_LINE))
            }
            Key::Contour => canvas.line(&across, CONTOUR),
        }
    }
}

/// The line around a decision region.
pub(super) const CONTOUR: Stroke = Stroke { color: INK, opacity: 1.0, width: 1.3, dash: &[] };
/// The ring around a fine-tuning point.
pub(super) const RING: Stroke = Stroke { color: INK, opacity: 1.0, width: 1.4, dash: &[] };

/// A data point: filled or hollow.
pub(super) fn point(
    canvas: &Canvas,
    at: Point,
    marker: Marker,
    color: RGBColor,
    filled: bool,
    radius: f64,
) -> Result<(), FigureError> {
    match filled {
        true => canvas.marker(at, marker, radius, color),
        false => canvas.hollow_marker(at, marker, radius - 0.3, color),
    }
}

/// A line of the legend.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub key: Key,
    pub label: String,
}

impl Entry {
    pub fn new(key: Key, label: impl Into<String>) -> Self {
        let label = label.into();
        Self { key, label }
    }

    fn width(&self) -> f64 {
        self.key.width() + 5.0 + text::width(&self.label, LEGEND_SIZE)
    }
}

/// Entries in as many columns as there is room for, the whole centered.
pub(super) struct Legend<'a> {
    entries: &'a [Entry],
    columns: Vec<f64>,
}

impl<'a> Legend<'a> {
    const LEADING: f64 = 17.0;
    const GAP: f64 = 14.0;

    /// Spreads `entries`, read line by line, over `room` pixels.
    pub fn new(entries: &'a [Entry], room: f64) -> Self {
        let widths = |columns: usize| -> Vec<f64> {
            let widest = |column| {
                let entries = entries.iter().skip(column).step_by(columns);
                entries.map(Entry::width).fold(0.0, f64::max)
            };
            (0..columns).map(widest).collect()
        };
        // Rows of equal length look better than a full one and a rest.
        let even = |columns: usize| entries.len().div_ceil(entries.len().div_ceil(columns));
        let columns = (1..=entries.len())
            .rev()
            .map(even)
            .map(widths)
            .find(|widths| Self::width(widths) <= room)
            .unwrap_or_else(|| widths(1));
        Self { entries, columns }
    }

    fn width(columns: &[f64]) -> f64 {
        columns.iter().sum::<f64>() + Self::GAP * (columns.len() as f64 - 1.0)
    }

    pub fn height(&self) -> f64 {
        self.entries.len().div_ceil(self.columns.len()) as f64 * Self::LEADING
    }

    /// Draws below `top`, a point in the middle of the upper edge.
    pub fn draw(&self, canvas: &Canvas, top: Point) -> Result<(), FigureError> {
        for (index, row) in self.entries.chunks(self.columns.len()).enumerate() {
            let y = top.1 + (index as f64 + 0.5) * Self::LEADING;
            let mut left = top.0 - Self::width(&self.columns) / 2.0;
            for (entry, width) in row.iter().zip(&self.columns) {
                entry.key.draw(canvas, (left, y))?;
                let at = (left + entry.key.width() + 5.0, y);
                canvas.text(&entry.label, at, Type::new(LEGEND_SIZE, Anchor::Left))?;
                left += width + Self::GAP;
            }
        }
        Ok(())
    }
}
