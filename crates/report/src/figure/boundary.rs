//! What classifiers say on the plane, with the data (the paper's Figures 1 and 3): P(class 1) as a
//! field of colors, the decision by the line at 0.5.

pub use super::contour::Grid;

use plotters::style::RGBColor;

use super::axes::{Axis, Frame};
use super::canvas::{Anchor, Canvas, Rect, Stroke, Type, render};
use super::legend::{Entry, Key, Legend, RING, point};
use super::sheet::{Heading, MARGIN, SMALL_LEADING};
use super::style::{
    FINE_LINE, LABEL_SIZE, Marker, PANEL_SIZE, PAPER, PROTECTED, QUIET, SMALL_SIZE, UNPROTECTED,
};
use super::{FigureError, field, finite, text};
use crate::number::counted;

/// A row of panels for each task, a column for each method.
#[derive(Clone, Debug, PartialEq)]
pub struct Boundaries {
    /// What is shown.
    pub title: String,
    /// Names of the two features.
    pub axes: (String, String),
    /// The rows; a single one for the paper's Figure 1.
    pub tasks: Vec<Task>,
}

/// One task, decided by each method: the same points in each panel.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Stands left of the row; may be empty.
    pub name: String,
    /// The points on which the methods are judged.
    pub points: Vec<Point>,
    /// The points given to the methods to adapt; drawn larger and ringed.
    pub fine_tuning: Vec<Point>,
    /// One for each method.
    pub panels: Vec<Panel>,
}

/// What one method says on a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// The method.
    pub title: String,
    /// In small type below: accuracy, ratio.
    pub subtitle: String,
    /// P(class 1); its extent is what the panel shows, at the same scale in x and y.
    pub grid: Grid,
}

/// A point of the data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// The first feature.
    pub x: f64,
    /// The second feature.
    pub y: f64,
    /// y = 1.
    pub positive: bool,
    /// Member of the protected group.
    pub protected: bool,
}

/// Least and greatest width of a figure.
const WIDTH: (f64, f64) = (320.0, 648.0);
/// The greatest width of a plot, and of a column of plots' heights.
const PLOT_WIDTH: f64 = 250.0;
const PLOTS_HEIGHT: f64 = 640.0;
/// A plot is at most so many times as high as it may be wide.
const TALLEST: f64 = 1.25;
/// Room for the y label and for a task's name, each.
const SIDE_ROOM: f64 = 17.0;
/// Room for the numbers left of and below a panel.
const NUMBER_ROOM: (f64, f64) = (27.0, 17.0);
/// Between panels, beyond the room for numbers.
const GAP: (f64, f64) = (10.0, 5.0);
const TITLE_ROOM: f64 = 15.0;

const POINT: f64 = 2.5;
const FINE_TUNING_POINT: f64 = 3.6;
const RING_RADIUS: f64 = 6.6;

impl Boundaries {
    /// The figure as SVG.
    ///
    /// # Errors
    /// [`FigureError::Empty`] without a panel, [`FigureError::Grid`] for a grid that its values
    /// do not fill, [`FigureError::Value`] for a coordinate that is not finite, an extent that
    /// is not increasing, or a probability outside [0, 1].
    pub fn svg(&self) -> Result<String, FigureError> {
        self.check()?;
        let layout = Layout::new(self);
        render(&self.title, layout.width, layout.height, |canvas| {
            layout.heading.draw(canvas)?;
            for cell in &layout.cells {
                self.draw_cell(canvas, cell)?;
            }
            self.draw_labels(canvas, &layout)?;
            let legend = Legend::new(&layout.legend, layout.width - 2.0 * MARGIN);
            let middle = layout.width / 2.0;
            field::draw_bar(canvas, (middle, layout.legend_top))?;
            legend.draw(canvas, (middle, layout.legend_top + field::BAR_HEIGHT))
        })
    }

    fn check(&self) -> Result<(), FigureError> {
        let panels = || self.tasks.iter().flat_map(|task| &task.panels);
        if panels().next().is_none() {
            let missing = "no task has a panel";
            return Err(FigureError::Empty { figure: self.title.clone(), missing });
        }
        for task in &self.tasks {
            let points = task.points.iter().chain(&task.fine_tuning);
            finite(&self.title, &task.name, points.flat_map(|p| [p.x, p.y]))?;
        }
        panels().try_for_each(|panel| self.check_grid(panel))
    }

    fn check_grid(&self, panel: &Panel) -> Result<(), FigureError> {
        let Panel { title, grid, .. } = panel;
        let (columns, rows, found) = (grid.columns, grid.rows, grid.probabilities.len());
        if columns < 2 || rows < 2 || columns.checked_mul(rows) != Some(found) {
            let (figure, panel) = (self.title.clone(), title.clone());
            return Err(FigureError::Grid { figure, panel, found, columns, rows });
        }
        finite(&self.title, title, [grid.x.0, grid.x.1, grid.y.0, grid.y.1])?;
        let refuse = |what: &str, value, accepted| {
            let what = format!("{what} in \"{title}\"");
            Err(FigureError::Value { figure: self.title.clone(), what, value, accepted })
        };
        for (first, last) in [grid.x, grid.y] {
            // Compared with its position, so that the ticks of the axis differ.
            if last - first <= 1e-9 * first.abs().max(last.abs()) {
                return refuse("the end of an extent", last, "an end beyond its beginning");
            }
        }
        match grid.probabilities.iter().find(|p| !(0.0..=1.0).contains(*p)) {
            Some(p) => refuse("P(class 1)", *p, "a number in [0, 1]"),
            None => Ok(()),
        }
    }

    fn panel(&self, row: usize, column: usize) -> Option<&Panel> {
        self.tasks.get(row)?.panels.get(column)
    }

    /// Whether a panel's x and y ticks need numbers: not where the panel below, or the one to
    /// the left, has the same.
    fn numbered(&self, row: usize, column: usize) -> (bool, bool) {
        let grid = |row, column| self.panel(row, column).map(|panel| &panel.grid);
        let here = grid(row, column);
        let left = column.checked_sub(1).and_then(|column| grid(row, column));
        (
            grid(row + 1, column).map(|grid| grid.x) != here.map(|grid| grid.x),
            left.map(|grid| grid.y) != here.map(|grid| grid.y),
        )
    }

    fn draw_cell(&self, canvas: &Canvas, cell: &Cell) -> Result<(), FigureError> {
        let task = &self.tasks[cell.row];
        let panel = &task.panels[cell.column];
        let center = cell.frame.rect.left + cell.frame.rect.width / 2.0;
        let mut y = cell.frame.rect.top - 4.0 - SMALL_LEADING * cell.subtitle.len() as f64;
        if cell.titled {
            let type_ = Type::new(PANEL_SIZE, Anchor::Center).bold();
            let type_ = type_.fitted(&panel.title, cell.room);
            canvas.text(&panel.title, (center, y - 0.5 * TITLE_ROOM), type_)?;
        }
        for line in &cell.subtitle {
            let type_ = Type::new(SMALL_SIZE, Anchor::Center).color(QUIET);
            canvas.text(line, (center, y + 0.5 * SMALL_LEADING), type_)?;
            y += SMALL_LEADING;
        }
        field::draw(canvas, &panel.grid, &cell.frame)?;
        draw_frame(canvas, cell)?;
        draw_points(canvas, task, &panel.grid, &cell.frame)
    }

    /// Task names, axis labels and the note.
    fn draw_labels(&self, canvas: &Canvas, layout: &Layout) -> Result<(), FigureError> {
        for (row, task) in self.tasks.iter().enumerate() {
            let mut cells = layout.cells.iter().filter(|cell| cell.row == row);
            if let Some(cell) = cells.next()
                && !task.name.is_empty()
            {
                let at = (MARGIN + 0.5 * SIDE_ROOM, cell.frame.rect.middle().1);
                let type_ = Type::new(PANEL_SIZE, Anchor::Center).bold().upwards();
                let type_ = type_.fitted(&task.name, cell.frame.rect.height);
                canvas.text(&task.name, at, type_)?;
            }
        }
        let label = Type::new(LABEL_SIZE, Anchor::Center);
        let (x, y) = layout.plots.middle();
        let beside = layout.plots.left - 0.5 * SIDE_ROOM;
        canvas.text(&self.axes.1, (beside, y), label.upwards())?;
        canvas.text(&self.axes.0, (x, layout.plots.bottom() + 9.0), label)?;
        for (index, line) in layout.note.iter().enumerate() {
            let y = layout.note_top + (index as f64 + 0.5) * SMALL_LEADING;
            let type_ = Type::new(SMALL_SIZE, Anchor::Left).color(QUIET);
            canvas.text(line, (MARGIN, y), type_)?;
        }
        Ok(())
    }

    /// Counts the points that no frame, or not every frame, has room for.
    fn note(&self) -> String {
        let outside = |task: &Task| {
            let hidden = |p: &&Point| task.panels.iter().any(|panel| !panel.grid.covers(p.x, p.y));
            task.points.iter().chain(&task.fine_tuning).filter(hidden).count()
        };
        match self.tasks.iter().map(outside).sum() {
            0 => String::new(),
            count => format!("Not shown, outside the frame: {}.", counted(count, "point")),
        }
    }

    /// What occurs in the figure.
    fn legend(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (positive, class) in [(true, "y = 1"), (false, "y = 0")] {
            for (protected, group) in [(true, "protected"), (false, "not protected")] {
                let alike = |p: &Point| p.positive == positive && p.protected == protected;
                let mut points =
                    self.tasks.iter().flat_map(|t| t.points.iter().chain(&t.fine_tuning));
                if points.any(alike) {
                    let (marker, color) = appearance(positive, protected);
                    let key = Key::Point { marker, color, filled: protected };
                    entries.push(Entry::new(key, format!("{class}, {group}")));
                }
            }
        }
        if self.tasks.iter().any(|task| !task.fine_tuning.is_empty()) {
            entries.push(Entry::new(Key::Ring, "fine-tuning point"));
        }
        entries.push(Entry::new(Key::Contour, "P(class 1) = 0.5"));
        entries
    }
}

/// A panel in its place.
struct Cell {
    row: usize,
    column: usize,
    frame: Frame,
    /// The column's width.
    room: f64,
    titled: bool,
    subtitle: Vec<String>,
    /// Whether x and y ticks have their numbers, or share a neighbor's.
    numbered: (bool, bool),
}

/// Where everything stands.
struct Layout {
    width: f64,
    height: f64,
    heading: Heading,
    cells: Vec<Cell>,
    /// Around all panels with their tick labels.
    plots: Rect,
    note: Vec<String>,
    note_top: f64,
    legend: Vec<Entry>,
    legend_top: f64,
}

impl Layout {
    fn new(figure: &Boundaries) -> Self {
        let named = figure.tasks.iter().any(|task| !task.name.trim().is_empty());
        let side = MARGIN + SIDE_ROOM * if named { 2.0 } else { 1.0 };
        let columns = Columns::new(figure, side);
        let width = (columns.right() + MARGIN).max(WIDTH.0);
        let heading = Heading::new(&figure.title, width);
        let mut cells = Vec::new();
        let mut top = heading.height;
        for row in 0..figure.tasks.len() {
            let row_cells = columns.row_cells(figure, row, top);
            let bottom = |cell: &Cell| {
                let room = if cell.numbered.0 { NUMBER_ROOM.1 } else { 0.0 };
                cell.frame.rect.bottom() + room
            };
            top = row_cells.iter().map(bottom).fold(top, f64::max) + GAP.1;
            cells.extend(row_cells);
        }
        let plots = Rect {
            left: side,
            top: heading.height,
            width: columns.right() - side,
            height: top - GAP.1 - heading.height,
        };
        let note = text::wrap(&figure.note(), SMALL_SIZE, width - 2.0 * MARGIN);
        let note_top = plots.bottom() + 20.0;
        let legend = figure.legend();
        let legend_top = note_top + note.len() as f64 * SMALL_LEADING + 5.0;
        let legend_height = Legend::new(&legend, width - 2.0 * MARGIN).height();
        let height = legend_top + field::BAR_HEIGHT + legend_height + MARGIN;
        Self { width, height, heading, cells, plots, note, note_top, legend, legend_top }
    }
}

/// The columns of plots.
struct Columns {
    /// Where each column's plots begin.
    lefts: Vec<f64>,
    plot_width: f64,
}

impl Columns {
    /// From `side` on, as wide as the page and the number of rows allow.
    fn new(figure: &Boundaries, side: f64) -> Self {
        let count = figure.tasks.iter().map(|task| task.panels.len()).max().unwrap_or(0);
        let number_room = |column: usize| {
            let numbered = (0..figure.tasks.len())
                .any(|row| figure.panel(row, column).is_some() && figure.numbered(row, column).1);
            if numbered { NUMBER_ROOM.0 } else { 0.0 }
        };
        let taken: f64 = (0..count).map(|column| number_room(column) + GAP.0).sum();
        let plot_width = ((WIDTH.1 - MARGIN - side - taken) / count as f64)
            .min(PLOTS_HEIGHT / figure.tasks.len() as f64)
            .clamp(MARGIN, PLOT_WIDTH);
        let mut lefts = Vec::new();
        let mut left = side;
        for column in 0..count {
            left += number_room(column);
            lefts.push(left);
            left += plot_width + GAP.0;
        }
        Self { lefts, plot_width }
    }

    /// Where the last column ends.
    fn right(&self) -> f64 {
        self.lefts.last().map_or(0.0, |left| left + self.plot_width)
    }

    /// The panels of one task from `top` on.
    fn row_cells(&self, figure: &Boundaries, row: usize, top: f64) -> Vec<Cell> {
        let panels = &figure.tasks[row].panels;
        let wrapped = |panel: &Panel| text::wrap(&panel.subtitle, SMALL_SIZE, self.plot_width);
        let subtitles: Vec<_> = panels.iter().map(wrapped).collect();
        let above = |column| row.checked_sub(1).and_then(|row| figure.panel(row, column));
        let titled = |column: usize, panel: &Panel| {
            above(column).is_none_or(|above| above.title != panel.title)
        };
        let any_titled = panels.iter().enumerate().any(|(column, panel)| titled(column, panel));
        let title_room = if any_titled { TITLE_ROOM } else { 0.0 };
        let lines = subtitles.iter().map(Vec::len).max().unwrap_or(0);
        let plot_top = top + title_room + lines as f64 * SMALL_LEADING + 4.0;
        let cell = |(column, (panel, subtitle)): (usize, (&Panel, Vec<String>))| Cell {
            row,
            column,
            frame: self.frame(&panel.grid, self.lefts[column], plot_top),
            room: self.plot_width,
            titled: titled(column, panel),
            subtitle,
            numbered: figure.numbered(row, column),
        };
        panels.iter().zip(subtitles).enumerate().map(cell).collect()
    }

    /// The frame of a plot, at the same scale in x and y.
    fn frame(&self, grid: &Grid, left: f64, top: f64) -> Frame {
        let (dx, dy) = (grid.x.1 - grid.x.0, grid.y.1 - grid.y.0);
        let scale = (self.plot_width / dx).min(TALLEST * self.plot_width / dy);
        let (width, height) = (dx * scale, dy * scale);
        let rect = Rect { left: left + 0.5 * (self.plot_width - width), top, width, height };
        let (x, y) = (Axis::exactly(grid.x.0, grid.x.1), Axis::exactly(grid.y.0, grid.y.1));
        Frame { rect, x, y }
    }
}

fn draw_frame(canvas: &Canvas, cell: &Cell) -> Result<(), FigureError> {
    let rect = cell.frame.rect;
    let stroke = Stroke::solid(QUIET, FINE_LINE);
    canvas.line(&rect.outline(), stroke)?;
    for (x, number) in cell.frame.x_ticks(4) {
        canvas.line(&[(x, rect.bottom()), (x, rect.bottom() + 3.0)], stroke)?;
        if cell.numbered.0 {
            let type_ = Type::new(SMALL_SIZE, Anchor::Center).color(QUIET);
            canvas.text(&number, (x, rect.bottom() + 10.0), type_)?;
        }
    }
    for (y, number) in cell.frame.y_ticks(4) {
        canvas.line(&[(rect.left - 3.0, y), (rect.left, y)], stroke)?;
        if cell.numbered.1 {
            let type_ = Type::new(SMALL_SIZE, Anchor::Right).color(QUIET);
            canvas.text(&number, (rect.left - 5.5, y), type_)?;
        }
    }
    Ok(())
}

/// The points, the fine-tuning ones on top.
fn draw_points(
    canvas: &Canvas,
    task: &Task,
    grid: &Grid,
    frame: &Frame,
) -> Result<(), FigureError> {
    let drawn = |p: &&Point| grid.covers(p.x, p.y);
    for p in task.points.iter().filter(drawn) {
        let (marker, color) = appearance(p.positive, p.protected);
        point(canvas, frame.at(p.x, p.y), marker, color, p.protected, POINT)?;
    }
    for p in task.fine_tuning.iter().filter(drawn) {
        // All before the rings themselves, so that close rings both stay whole.
        canvas.ring(frame.at(p.x, p.y), RING_RADIUS, Stroke::solid(PAPER, 2.0 * RING.width))?;
    }
    for p in task.fine_tuning.iter().filter(drawn) {
        let (marker, color) = appearance(p.positive, p.protected);
        point(canvas, frame.at(p.x, p.y), marker, color, p.protected, FINE_TUNING_POINT)?;
    }
    task.fine_tuning
        .iter()
        .filter(drawn)
        .try_for_each(|p| canvas.ring(frame.at(p.x, p.y), RING_RADIUS, RING))
}

/// The class is told by the shape, the group by color and by filling.
fn appearance(positive: bool, protected: bool) -> (Marker, RGBColor) {
    let marker = if positive { Marker::TriangleUp } else { Marker::Circle };
    let color = if protected { PROTECTED } else { UNPROTECTED };
    (marker, color)
}
