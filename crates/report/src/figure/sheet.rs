//! Where things stand in a figure: title above, panels in rows, notes under their panels, the
//! legend below all, where it cannot cover data.

use super::axes::{BELOW_ROOM, LEFT_ROOM};
use super::canvas::{Anchor, Canvas, Rect, Type, render};
use super::legend::{Entry, Legend};
use super::style::{LABEL_SIZE, PANEL_SIZE, QUIET, SMALL_SIZE, TITLE_SIZE};
use super::{FigureError, text};

/// Air around everything.
pub(super) const MARGIN: f64 = 8.0;
/// From one line of small text to the next.
pub(super) const SMALL_LEADING: f64 = 12.5;

/// A panel's width with its labels: a column of a two-column page.
const PANEL_WIDTH: f64 = 320.0;
/// Panels in a row of a figure of more than three; fewer stand below one another, so that the
/// figure is legible in one column of a page.
const PANELS_IN_A_ROW: usize = 2;
const IN_ONE_COLUMN: usize = 3;
const PLOT_HEIGHT: f64 = 196.0;
const PANEL_TITLE_ROOM: f64 = 21.0;
/// From one line of a panel's title to the next.
const TITLE_LEADING: f64 = 14.0;
const GAP: f64 = 10.0;

/// What stands around a panel.
pub(super) struct Surround {
    pub title: String,
    pub x_label: String,
    /// Empty where the rows have names.
    pub y_label: String,
    /// Said in small type under the axis label; empty for nothing.
    pub note: String,
    pub plot_height: f64,
    /// Left of the plot, for ticks or for the names of rows.
    pub left_room: f64,
}

impl Surround {
    /// Around a plot with numbers at both axes.
    pub fn new(title: &str, x_label: &str, y_label: &str, note: String) -> Self {
        Self {
            title: title.to_owned(),
            x_label: x_label.to_owned(),
            y_label: y_label.to_owned(),
            note,
            plot_height: PLOT_HEIGHT,
            left_room: LEFT_ROOM,
        }
    }
}

/// A label in one line or, rather than too small to read, in several.
struct Lines {
    lines: Vec<String>,
    size: f64,
}

impl Lines {
    fn new(label: &str, room: f64) -> Self {
        let whole = text::width(label, SMALL_SIZE) <= room;
        let size = Type::new(LABEL_SIZE, Anchor::Center).fitted(label, room).size;
        match whole {
            true if label.is_empty() => Self { lines: Vec::new(), size: LABEL_SIZE },
            true => Self { lines: vec![label.to_owned()], size },
            false => Self { lines: text::wrap_evenly(label, SMALL_SIZE, room), size: SMALL_SIZE },
        }
    }

    /// The room that the lines after the first take.
    fn more(&self) -> f64 {
        SMALL_LEADING * self.lines.len().saturating_sub(1) as f64
    }
}

/// A panel in its place, with what stands around it in lines.
struct Placed<'a> {
    rect: Rect,
    title: &'a [String],
    x_label: &'a Lines,
    y_label: &'a Lines,
    note: &'a [String],
}

impl Placed<'_> {
    fn draw(&self, canvas: &Canvas) -> Result<(), FigureError> {
        let rect = &self.rect;
        for (index, line) in self.title.iter().rev().enumerate() {
            let at = (rect.left, rect.top - 11.0 - TITLE_LEADING * index as f64);
            let type_ = Type::new(PANEL_SIZE, Anchor::Left).bold();
            canvas.text(line, at, type_.fitted(line, rect.width))?;
        }
        let (across, down) = rect.middle();
        for (index, line) in self.x_label.lines.iter().enumerate() {
            let y = rect.bottom() + 28.0 + SMALL_LEADING * index as f64;
            let type_ = Type::new(self.x_label.size, Anchor::Center);
            canvas.text(line, (across, y), type_.fitted(line, rect.width))?;
        }
        for (index, line) in self.y_label.lines.iter().rev().enumerate() {
            let x = rect.left - 42.0 - SMALL_LEADING * index as f64;
            let type_ = Type::new(self.y_label.size, Anchor::Center).upwards();
            canvas.text(line, (x, down), type_.fitted(line, rect.height))?;
        }
        let below = rect.bottom() + BELOW_ROOM + self.x_label.more();
        for (index, line) in self.note.iter().enumerate() {
            let at = (rect.left, below + (index as f64 + 0.5) * SMALL_LEADING);
            let type_ = Type::new(SMALL_SIZE, Anchor::Left).color(QUIET);
            canvas.text(line, at, type_.fitted(line, rect.width))?;
        }
        Ok(())
    }

    /// Down to where the next row may begin.
    fn bottom(&self) -> f64 {
        let note = self.note.len() as f64 * SMALL_LEADING;
        self.rect.bottom() + BELOW_ROOM + self.x_label.more() + note + GAP
    }
}

/// Draws a figure of panels, each filled by `panel` given its number and plot rectangle.
pub(super) fn draw(
    title: &str,
    surrounds: &[Surround],
    legend: &[Entry],
    panel: impl Fn(&Canvas, usize, Rect) -> Result<(), FigureError>,
) -> Result<String, FigureError> {
    let columns = if surrounds.len() <= IN_ONE_COLUMN { 1 } else { PANELS_IN_A_ROW };
    let width = columns as f64 * PANEL_WIDTH + MARGIN;
    let heading = Heading::new(title, width);
    let y_labels: Vec<_> =
        surrounds.iter().map(|s| Lines::new(&s.y_label, s.plot_height)).collect();
    let left_rooms = surrounds.iter().zip(&y_labels).map(|(s, label)| s.left_room + label.more());
    let left_room = left_rooms.fold(0.0, f64::max);
    let room = PANEL_WIDTH - left_room - GAP;
    let titles: Vec<_> =
        surrounds.iter().map(|s| text::wrap(&s.title, PANEL_SIZE * text::BOLD, room)).collect();
    let x_labels: Vec<_> = surrounds.iter().map(|s| Lines::new(&s.x_label, room)).collect();
    let notes: Vec<_> = surrounds.iter().map(|s| text::wrap(&s.note, SMALL_SIZE, room)).collect();

    let mut placed: Vec<Placed> = Vec::new();
    let mut top = heading.height;
    for first in (0..surrounds.len()).step_by(columns.max(1)) {
        let row = first..surrounds.len().min(first + columns);
        let titles_room = row.clone().map(|index| titles[index].len()).max().unwrap_or(1);
        let titles_room = TITLE_LEADING * titles_room.saturating_sub(1) as f64;
        placed.extend(row.map(|index| Placed {
            rect: Rect {
                left: (index - first) as f64 * PANEL_WIDTH + left_room + MARGIN / 2.0,
                top: top + PANEL_TITLE_ROOM + titles_room,
                width: room,
                height: surrounds[index].plot_height,
            },
            title: &titles[index],
            x_label: &x_labels[index],
            y_label: &y_labels[index],
            note: &notes[index],
        }));
        top = placed[first..].iter().map(Placed::bottom).fold(top, f64::max);
    }
    let legend = Legend::new(legend, width - 2.0 * MARGIN);
    render(title, width, top + legend.height() + MARGIN, |canvas| {
        heading.draw(canvas)?;
        for (index, place) in placed.iter().enumerate() {
            place.draw(canvas)?;
            panel(canvas, index, place.rect)?;
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
        let lines = text::wrap_evenly(title, TITLE_SIZE * text::BOLD, width - 2.0 * MARGIN);
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
