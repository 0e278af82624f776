//! The legend: samples of what a figure shows, with their names, below all panels.

use plotters::style::RGBColor;

use super::canvas::{Anchor, Canvas, Point, Stroke, Type};
use super::style::{
    Color, Dash, FINE_LINE, INK, LEGEND_SIZE, LINE, Look, Marker, QUIET, REFERENCE_DASH,
};
use super::{FigureError, text};

/// The line at which a classifier is undecided.
pub(super) const CONTOUR: Stroke = Stroke { color: INK, opacity: 1.0, width: 1.3, dash: &[] };
/// The ring around a fine-tuning point.
pub(super) const RING: Stroke = Stroke { color: INK, opacity: 1.0, width: 1.4, dash: &[] };
/// The line of what is no method: thinner than theirs.
pub(super) const MARK_LINE: f64 = 1.2;
/// How strongly the region beyond a ceiling is shaded.
pub(super) const BEYOND: f64 = 0.10;
/// Half the width of the dot of a single run, and how much of it covers what lies below.
pub(super) const DOT: (f64, f64) = (1.7, 0.35);
/// Dashes of reference lines in turn, finer than those of any method.
pub(super) const REFERENCE_DASHES: [&[f64]; 4] = [REFERENCE_DASH, &[1.0, 2.0], &[], &[6.0, 2.0]];

/// The sample beside a legend's label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Key {
    /// A method's line with its marker.
    Method(Look),
    /// A marker without a line.
    Lone(Look),
    /// A thin line without markers.
    Line(Look),
    /// A thin line, shaded above.
    Ceiling(Look),
    /// A dashed reference line: which of [`REFERENCE_DASHES`].
    Reference(usize),
    /// An outline around a dot.
    Noted,
    /// The dots of single runs.
    Dots(Look),
    /// A point of the data, filled or hollow.
    Point { marker: Marker, color: RGBColor, filled: bool },
    /// The ring around a fine-tuning point.
    Ring,
    /// The line at which a classifier is undecided.
    Contour,
}

/// What stands for any method.
pub(super) const ANY: Look = Look::new(Color::Grey, Marker::Circle, Dash::Solid);

impl Key {
    fn width(self) -> f64 {
        match self {
            Key::Method(_) | Key::Reference(_) | Key::Line(_) | Key::Ceiling(_) => 30.0,
            Key::Contour => 22.0,
            Key::Point { .. } | Key::Ring | Key::Lone(_) | Key::Noted | Key::Dots(_) => 13.0,
        }
    }

    /// Draws the sample with its middle at `center`.
    fn draw(self, canvas: &Canvas, center: Point) -> Result<(), FigureError> {
        let (x, y) = center;
        let (left, right) = (x - self.width() / 2.0, x + self.width() / 2.0);
        let across = [(left, y), (right, y)];
        match self {
            Key::Method(look) => {
                canvas.line(&across, Stroke::dashed(look.color(), LINE, look.dash()))?;
                canvas.method(center, look, 1.0)
            }
            Key::Lone(look) => canvas.method(center, look, 1.0),
            Key::Line(look) => {
                canvas.line(&across, Stroke::dashed(look.color(), MARK_LINE, look.dash()))
            }
            Key::Ceiling(look) => {
                let across = across.map(|(x, y)| (x, y + 3.0));
                let above = across.iter().rev().map(|(x, y)| (*x, y - 8.0));
                let around: Vec<Point> = across.iter().copied().chain(above).collect();
                canvas.fill(&around, look.color(), 1.6 * BEYOND)?;
                canvas.line(&across, Stroke::dashed(look.color(), MARK_LINE, look.dash()))
            }
            Key::Reference(which) => {
                let dash = REFERENCE_DASHES[which % REFERENCE_DASHES.len()];
                canvas.line(&across, Stroke::dashed(QUIET, FINE_LINE, dash))
            }
            Key::Noted => canvas.noted(center, ANY, 1.0),
            Key::Dots(look) => [(-3.5, 1.5), (0.0, -2.0), (3.5, 1.0)]
                .iter()
                .try_for_each(|(dx, dy)| canvas.dot((x + dx, y + dy), DOT.0, look.color(), 0.6)),
            Key::Point { marker, color, filled } => {
                point(canvas, center, marker, color, filled, 3.4)
            }
            Key::Ring => canvas.ring(center, 5.2, RING),
            Key::Contour => canvas.line(&across, CONTOUR),
        }
    }
}

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

/// An entry of the legend.
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

    /// Each entry once, in the order of their first occurrence.
    pub fn unique(entries: impl IntoIterator<Item = Entry>) -> Vec<Entry> {
        let mut unique: Vec<Entry> = Vec::new();
        for entry in entries {
            if !unique.contains(&entry) {
                unique.push(entry);
            }
        }
        unique
    }
}

/// Entries in as many columns as there is room for, the whole centered.
pub(super) struct Legend<'a> {
    entries: &'a [Entry],
    /// Each entry's label in lines.
    labels: Vec<Vec<String>>,
    key_width: f64,
    columns: Vec<f64>,
    /// The entries of each row, in the columns from the first.
    rows: Vec<Vec<usize>>,
}

impl<'a> Legend<'a> {
    const LEADING: f64 = 12.0;
    const ROW_GAP: f64 = 4.0;
    const GAP: f64 = 14.0;

    /// Spreads `entries`, read line by line, over `room` pixels.
    pub fn new(entries: &'a [Entry], room: f64) -> Self {
        let key_width = 5.0 + entries.iter().map(|e| e.key.width()).fold(0.0, f64::max);
        let wrap = |entry: &Entry| text::wrap(&entry.label, LEGEND_SIZE, room - key_width);
        let labels: Vec<Vec<String>> = entries.iter().map(wrap).collect();
        let width = |lines: &Vec<String>| {
            let widths = lines.iter().map(|line| text::width(line, LEGEND_SIZE));
            key_width + widths.fold(0.0, f64::max)
        };
        let all: Vec<f64> = labels.iter().map(width).collect();
        let widths = |columns: usize| -> Vec<f64> {
            let column = |column| all.iter().skip(column).step_by(columns);
            (0..columns).map(|k| column(k).copied().fold(0.0, f64::max)).collect()
        };
        // Rows of equal length look better than a full one and a rest.
        let even = |columns: usize| entries.len().div_ceil(entries.len().div_ceil(columns));
        let fitting = (2..=entries.len())
            .rev()
            .map(even)
            .map(widths)
            .find(|widths| widths.len() > 1 && Self::width(widths) <= room);
        let (columns, rows) = match fitting {
            Some(columns) => {
                let indices: Vec<usize> = (0..entries.len()).collect();
                let rows = indices.chunks(columns.len()).map(<[usize]>::to_vec).collect();
                (columns, rows)
            }
            None => Self::halves(&all, room),
        };
        Self { entries, labels, key_width, columns, rows }
    }

    /// Two columns for the entries that fit into half the room, the others in rows of their own.
    /// A short entry left over is joined by the next short one.
    fn halves(widths: &[f64], room: f64) -> (Vec<f64>, Vec<Vec<usize>>) {
        let half = (room - Self::GAP) / 2.0;
        let is_short = |index: usize| widths[index] <= half;
        let mut rows: Vec<Vec<usize>> = Vec::new();
        for index in 0..widths.len() {
            let open = rows.iter_mut().find(|row| row.len() == 1 && is_short(row[0]));
            match open {
                Some(row) if is_short(index) => row.push(index),
                _ => rows.push(vec![index]),
            }
        }
        if rows.iter().all(|row| row.len() == 1) {
            return (vec![widths.iter().copied().fold(0.0, f64::max)], rows);
        }
        let widest = |column: usize| {
            let short = rows.iter().filter_map(|row| row.get(column).copied());
            short.filter(|&index| is_short(index)).map(|index| widths[index]).fold(0.0, f64::max)
        };
        // Not narrower than the entries in rows of their own.
        let first = widest(0);
        let longest = widths.iter().copied().fold(0.0, f64::max);
        (vec![first, widest(1).max(longest - first - Self::GAP)], rows)
    }

    fn width(columns: &[f64]) -> f64 {
        columns.iter().sum::<f64>() + Self::GAP * (columns.len() as f64 - 1.0)
    }

    fn row_height(&self, row: &[usize]) -> f64 {
        let lines = row.iter().map(|&index| self.labels[index].len()).max().unwrap_or(0);
        lines.max(1) as f64 * Self::LEADING + Self::ROW_GAP
    }

    pub fn height(&self) -> f64 {
        self.rows.iter().map(|row| self.row_height(row)).sum()
    }

    /// Draws below `top`, a point in the middle of the upper edge.
    pub fn draw(&self, canvas: &Canvas, top: Point) -> Result<(), FigureError> {
        let mut above = top.1;
        for row in &self.rows {
            let y = above + 0.5 * (Self::LEADING + Self::ROW_GAP);
            let mut left = top.0 - Self::width(&self.columns) / 2.0;
            for (&index, width) in row.iter().zip(&self.columns) {
                let key = self.entries[index].key;
                key.draw(canvas, (left + (self.key_width - 5.0) / 2.0, y))?;
                for (line, label) in self.labels[index].iter().enumerate() {
                    let at = (left + self.key_width, y + line as f64 * Self::LEADING);
                    canvas.text(label, at, Type::new(LEGEND_SIZE, Anchor::Left))?;
                }
                left += width + Self::GAP;
            }
            above += self.row_height(row);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(labels: &[&str]) -> Vec<Entry> {
        labels.iter().map(|label| Entry::new(Key::Reference(0), *label)).collect()
    }

    #[test]
    fn a_long_name_is_broken_rather_than_cut_off() {
        let name = "thresholds chosen for each group after training, of a network on all rows";
        let entries = entries(&["a", name]);
        let legend = Legend::new(&entries, 200.0);
        assert_eq!(legend.columns.len(), 1);
        assert!(legend.columns[0] <= 200.0, "{:?}", legend.columns);
        assert!(legend.labels[1].len() > 1);
        assert_eq!(legend.labels[1].join(" "), name);
    }

    #[test]
    fn short_names_share_rows_beside_long_ones() {
        let long = "one name that takes more than half of the room";
        let entries = entries(&["a", long, "b", "c"]);
        let legend = Legend::new(&entries, 300.0);
        assert_eq!(legend.rows, [vec![0, 2], vec![1], vec![3]]);
        assert!(Legend::width(&legend.columns) <= 300.0, "{:?}", legend.columns);
    }

    #[test]
    fn short_names_share_rows() {
        let entries = entries(&["a", "b", "c", "d"]);
        assert_eq!(Legend::new(&entries, 400.0).columns.len(), 4);
        assert_eq!(Legend::new(&entries, 120.0).columns.len(), 2);
    }
}
