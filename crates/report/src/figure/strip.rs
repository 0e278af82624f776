//! The value of every single run, row by row: whether a mean stands for its runs, or for two heaps
//! of them with nothing in between.

use super::axes::{Axis, Frame, Scale};
use super::canvas::{Anchor, Canvas, Point, Rect, Stroke, Type};
use super::legend::{ANY, Entry, Key, REFERENCE_DASHES};
use super::sheet::{self, Surround};
use super::style::{FINE_LINE, GRID, HAIR_LINE, INK, Look, QUIET, SMALL_SIZE};
use super::{Estimate, FigureError, finite, text};
use crate::number::counted;

/// A figure of panels of rows of dots.
#[derive(Clone, Debug, PartialEq)]
pub struct Strips {
    /// What is shown: problem, number of seeds, kind of interval.
    pub title: String,
    /// What the dots measure, with its unit and direction.
    pub x_label: String,
    /// Two stand side by side.
    pub panels: Vec<Panel>,
}

/// Rows of dots over one axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Stands above the panel.
    pub title: String,
    /// From the top.
    pub rows: Vec<Row>,
    /// Dashed lines upwards, with their names in the legend; those of one name look alike
    /// ("margin" at −0.05 and at 0.05).
    pub references: Vec<(f64, String)>,
    /// The ends of the axis; what lies outside is counted in a note. Without them the axis shows
    /// every value of all the panels that state none.
    pub range: Option<(f64, f64)>,
}

/// The runs of one method at one setting.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Stands left of the row.
    pub name: String,
    /// The color and shape of the mean, the color of the dots.
    pub look: Look,
    /// One for each run; may be empty, the row then has no dots.
    pub values: Vec<f64>,
    /// Drawn below the dots.
    pub mean: Estimate,
}

/// A row's height.
const ROW: f64 = 31.0;
/// From a row's top to the line on which the dots stand, and to the mean.
const FLOOR: f64 = 20.0;
const MEAN: f64 = 25.5;
const RADIUS: f64 = 2.3;
/// Dots within so many pixels, from the left end of the axis, are stacked.
const BIN: f64 = 4.0;
/// From a dot to the next on its stack, where there is room.
const STEP: f64 = 3.4;
const OPACITY: f64 = 0.55;
/// The greatest width of a row's name, which is broken into at most [`NAME_LINES`] lines.
const NAME_ROOM: f64 = 96.0;
const NAME_LINES: usize = 3;
const NAME_LEADING: f64 = 10.0;
/// Between a name and its row.
const NAME_GAP: f64 = 6.0;

impl Strips {
    /// The figure as SVG.
    ///
    /// # Errors
    /// [`FigureError::Empty`] without a single row, [`FigureError::Value`] for a value that is not
    /// finite or a range that is not increasing.
    pub fn svg(&self) -> Result<String, FigureError> {
        self.check()?;
        let surrounds: Vec<_> = self
            .panels
            .iter()
            .map(|panel| Surround {
                plot_height: ROW * panel.rows.len() as f64,
                left_room: panel.names_width() + 2.0 * NAME_GAP,
                ..Surround::new(&panel.title, &self.x_label, "", panel.note())
            })
            .collect();
        sheet::draw(&self.title, &surrounds, &self.legend(), |canvas, index, rect| {
            let panel = &self.panels[index];
            panel.draw(canvas, rect, self.axis(panel), &self.reference_names())
        })
    }

    fn check(&self) -> Result<(), FigureError> {
        for panel in &self.panels {
            let references = panel.references.iter().map(|(x, _)| *x);
            let ends = panel.range.into_iter().flat_map(|(low, high)| [low, high]);
            finite(&self.title, &panel.title, references.chain(ends))?;
            for row in &panel.rows {
                finite(&self.title, &row.name, row.shown())?;
            }
            if let Some((low, high)) = panel.range
                // Compared with its position, so that the ticks of the axis differ.
                && high - low <= 1e-9 * low.abs().max(high.abs())
            {
                return Err(FigureError::Value {
                    figure: self.title.clone(),
                    what: format!("the end of the range of \"{}\"", panel.title),
                    value: high,
                    accepted: "an end beyond its beginning",
                });
            }
        }
        match self.panels.iter().any(|panel| !panel.rows.is_empty()) {
            true => Ok(()),
            false => Err(FigureError::Empty {
                figure: self.title.clone(),
                missing: "no panel has a row",
            }),
        }
    }

    fn axis(&self, panel: &Panel) -> Axis {
        if let Some((low, high)) = panel.range {
            return Axis::exactly(low, high);
        }
        let free = || self.panels.iter().filter(|panel| panel.range.is_none());
        let values = free().flat_map(|panel| &panel.rows).flat_map(Row::shown);
        let references = free().flat_map(|panel| &panel.references).map(|(x, _)| *x);
        let any = (f64::NEG_INFINITY, f64::INFINITY);
        Axis::covering(values.chain(references), Scale::Linear, any)
    }

    /// The names of reference lines, each once: the order gives their dashes.
    fn reference_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for (_, name) in self.panels.iter().flat_map(|panel| &panel.references) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    fn legend(&self) -> Vec<Entry> {
        let rows = || self.panels.iter().flat_map(|panel| &panel.rows);
        let has_dots = rows().any(|row| !row.values.is_empty());
        let has_intervals = rows().any(|row| row.mean.interval.is_some());
        let mean = match (has_dots, has_intervals) {
            (true, true) => "mean with its interval",
            (true, false) => "mean",
            // Nothing that is drawn says that it is a mean.
            (false, true) => "value with its interval",
            (false, false) => "value",
        };
        let solid = Look { dash: super::style::Dash::Solid, ..ANY };
        let mut entries = Vec::new();
        entries.extend(has_dots.then(|| Entry::new(Key::Dots(ANY), "one run")));
        entries.push(Entry::new(Key::Method(solid), mean));
        let names = self.reference_names().into_iter().enumerate();
        entries.extend(names.map(|(index, name)| Entry::new(Key::Reference(index), name)));
        entries
    }
}

impl Row {
    /// All that is drawn of it.
    fn shown(&self) -> impl Iterator<Item = f64> {
        self.values.iter().copied().chain(self.mean.values())
    }

    fn name_lines(&self) -> Vec<String> {
        let mut lines = text::wrap(&self.name, SMALL_SIZE, NAME_ROOM);
        let rest = lines.split_off(lines.len().min(NAME_LINES)).join(" ");
        if let Some(last) = lines.last_mut().filter(|_| !rest.is_empty()) {
            last.push(' ');
            last.push_str(&rest);
        }
        lines
    }

    fn draw(&self, canvas: &Canvas, frame: &Frame, top: f64) -> Result<(), FigureError> {
        let lines = self.name_lines();
        let first = top + 0.5 * ROW - 0.5 * NAME_LEADING * (lines.len() as f64 - 1.0);
        for (index, line) in lines.iter().enumerate() {
            let at = (frame.rect.left - NAME_GAP, first + NAME_LEADING * index as f64);
            let type_ = Type::new(SMALL_SIZE, Anchor::Right).color(self.look.text_color());
            canvas.text(line, at, type_.fitted(line, NAME_ROOM))?;
        }
        let floor = top + FLOOR;
        let across = [(frame.rect.left, floor + RADIUS), (frame.rect.right(), floor + RADIUS)];
        canvas.line(&across, Stroke::solid(GRID, HAIR_LINE))?;
        for at in stacked(self.values.iter().copied(), frame, floor) {
            canvas.dot(at, RADIUS, self.look.color(), OPACITY)?;
        }
        self.draw_mean(canvas, frame, top + MEAN)
    }

    /// The interval as a line, cut at the frame, with the mean on it if it is in the frame.
    fn draw_mean(&self, canvas: &Canvas, frame: &Frame, y: f64) -> Result<(), FigureError> {
        let place = |x: f64| frame.at(x, 0.0).0;
        if let Some((low, high)) = self.mean.interval {
            let (left, right) = (frame.rect.left, frame.rect.right());
            let ends = [place(low), place(high)].map(|x| (x.clamp(left, right), y));
            if ends[0] != ends[1] {
                canvas.error_bar(ends, self.look.text_color(), 1.0)?;
            }
        }
        match frame.holds(self.mean.mean) {
            true => canvas.method((place(self.mean.mean), y), self.look, 0.75),
            false => Ok(()),
        }
    }
}

/// Where dots stand: at their values, each above those before it that are in its bin, closer
/// together where the stack would leave the row. What is outside the frame is left out.
fn stacked(values: impl Iterator<Item = f64>, frame: &Frame, floor: f64) -> Vec<Point> {
    let mut xs: Vec<f64> = values.filter(|x| frame.holds(*x)).map(|x| frame.at(x, 0.0).0).collect();
    xs.sort_by(f64::total_cmp);
    let bin = |x: &f64| ((x - frame.rect.left) / BIN).floor();
    xs.chunk_by(|a, b| bin(a) == bin(b))
        .flat_map(|stack| {
            let room = FLOOR - RADIUS - 1.0;
            let step = STEP.min(room / (stack.len().max(2) - 1) as f64);
            let place = move |(index, x): (usize, &f64)| (*x, floor - step * index as f64);
            stack.iter().enumerate().map(place).collect::<Vec<_>>()
        })
        .collect()
}

impl Panel {
    /// The width that the names of the rows take.
    fn names_width(&self) -> f64 {
        let lines = self.rows.iter().flat_map(Row::name_lines);
        lines.map(|line| text::width(&line, SMALL_SIZE).min(NAME_ROOM)).fold(0.0, f64::max)
    }

    /// Counts what lies outside the range.
    fn note(&self) -> String {
        let Some((low, high)) = self.range else { return String::new() };
        let outside = |row: &Row| {
            let out = |x: &&f64| !(low..=high).contains(*x);
            let values = row.values.iter().filter(out).count();
            let mean = !(low..=high).contains(&row.mean.mean);
            let what = match (values, mean) {
                (0, false) => return None,
                (0, true) => "the mean".to_owned(),
                (_, false) => counted(values, "run"),
                (_, true) => format!("{} and the mean", counted(values, "run")),
            };
            Some(format!("{} ({what})", row.name))
        };
        let outside: Vec<String> = self.rows.iter().filter_map(outside).collect();
        match outside.is_empty() {
            true => String::new(),
            false => format!("Not shown, outside the frame: {}.", outside.join(", ")),
        }
    }

    fn draw(
        &self,
        canvas: &Canvas,
        rect: Rect,
        axis: Axis,
        reference_names: &[&str],
    ) -> Result<(), FigureError> {
        let frame = Frame { rect, x: axis, y: Axis::exactly(0.0, 1.0) };
        frame.draw_x(canvas, 4)?;
        for (x, name) in self.references.iter().filter(|(x, _)| frame.holds(*x)) {
            let which = reference_names.iter().position(|other| other == name).unwrap_or(0);
            let dash = REFERENCE_DASHES[which % REFERENCE_DASHES.len()];
            let x = frame.at(*x, 0.0).0;
            let stroke = Stroke::dashed(QUIET, FINE_LINE, dash);
            canvas.line(&[(x, rect.top), (x, rect.bottom())], stroke)?;
        }
        for (index, row) in self.rows.iter().enumerate() {
            let top = rect.top + ROW * index as f64;
            row.draw(canvas, &frame, top)?;
            if index > 0 {
                let across = [(rect.left, top), (rect.right(), top)];
                canvas.line(&across, Stroke { opacity: 0.25, ..Stroke::solid(INK, HAIR_LINE) })?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_stay_in_their_row_and_at_their_values() {
        let rect = Rect { left: 10.0, top: 0.0, width: 100.0, height: ROW };
        let frame = Frame { rect, x: Axis::exactly(0.0, 1.0), y: Axis::exactly(0.0, 1.0) };
        for count in [1, 2, 5, 60] {
            let values = (0..count).map(|k| 0.5 + 1e-4 * f64::from(k));
            let at = stacked(values.clone().chain([7.0]), &frame, FLOOR);
            assert_eq!(at.len(), count as usize, "one outside the frame");
            for (value, (x, y)) in values.zip(&at) {
                assert!((x - (10.0 + 100.0 * value)).abs() < 1e-9);
                assert!((RADIUS..=FLOOR).contains(y), "{y} of {count}");
            }
            assert!(at.windows(2).all(|pair| pair[0].1 > pair[1].1), "one above the other");
        }
    }
}
