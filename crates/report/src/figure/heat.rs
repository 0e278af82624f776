//! A quantity over two settings: a colored cell for each pair, with its number.

use plotters::style::RGBColor;

use super::axes::LEFT_ROOM;
use super::canvas::{Anchor, Canvas, Rect, Stroke, Type};
use super::sheet::{self, Surround};
use super::style::{HAIR_LINE, INK, PAPER, QUIET, SMALL_SIZE};
use super::{FigureError, finite};

/// A figure of maps.
#[derive(Clone, Debug, PartialEq)]
pub struct Maps {
    /// What is shown.
    pub title: String,
    /// The maps.
    pub maps: Vec<HeatMap>,
}

/// Cells over two settings. Blue is below 0, sand is above it, and the strength of the color
/// follows the logarithm of the size up to ten times the median.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// Stands above the map.
    pub title: String,
    /// The setting of the columns, and their values.
    pub columns: (String, Vec<String>),
    /// The setting of the rows, and their values, the top one first.
    pub rows: (String, Vec<String>),
    /// A cell for each row and column, row by row.
    pub cells: Vec<Option<HeatCell>>,
    /// Added under the map; may be empty.
    pub note: String,
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatCell {
    /// The value, which gives the color.
    pub value: f64,
    /// The text in it.
    pub text: String,
    /// Whether the value is certain to have its sign. An uncertain one is paler, and its text is
    /// not bold.
    pub certain: bool,
}

/// The colors of the largest values on either side of 0.
const BELOW: RGBColor = RGBColor(0x56, 0x9B, 0xD0);
const ABOVE: RGBColor = RGBColor(0xDB, 0xA8, 0x3D);
/// How strong the color of an uncertain value is.
const PALE: f64 = 0.35;
/// The height of a row.
const ROW: f64 = 30.0;

impl Maps {
    /// The figure as SVG. All maps share one scale of colors.
    ///
    /// # Errors
    /// [`FigureError::Empty`] without a single value, [`FigureError::Value`] for a value that is
    /// not finite, [`FigureError::Grid`] if the cells do not fill a map.
    pub fn svg(&self) -> Result<String, FigureError> {
        let cells = || self.maps.iter().flat_map(|map| &map.cells).flatten();
        for map in &self.maps {
            finite(&self.title, &map.title, map.cells.iter().flatten().map(|cell| cell.value))?;
            let (columns, rows) = (map.columns.1.len(), map.rows.1.len());
            if map.cells.len() != columns * rows {
                return Err(FigureError::Grid {
                    figure: self.title.clone(),
                    panel: map.title.clone(),
                    found: map.cells.len(),
                    columns,
                    rows,
                });
            }
        }
        if cells().next().is_none() {
            let missing = "no cell has a value";
            return Err(FigureError::Empty { figure: self.title.clone(), missing });
        }
        let ruler = Ruler::of(cells().map(|cell| cell.value));
        let surround = |map: &HeatMap| Surround {
            plot_height: ROW * map.rows.1.len() as f64,
            left_room: LEFT_ROOM,
            ..Surround::new(&map.title, &map.columns.0, &map.rows.0, map.note.clone())
        };
        let surrounds: Vec<_> = self.maps.iter().map(surround).collect();
        sheet::draw(&self.title, &surrounds, &[], |canvas, index, rect| {
            self.maps[index].draw(canvas, rect, &ruler)
        })
    }
}

/// How strong a color is: by the logarithm of the size beyond the median size, up to [`FULL`] times
/// the median. So one very large value does not leave all others white.
struct Ruler {
    median: f64,
    largest: f64,
}

/// From so many times the median on, a size has the full color.
const FULL: f64 = 10.0;

impl Ruler {
    fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut sizes: Vec<f64> = values.map(f64::abs).filter(|size| *size > 0.0).collect();
        sizes.sort_by(f64::total_cmp);
        let median = sizes.get(sizes.len() / 2).copied().unwrap_or(1.0);
        Ruler { median, largest: sizes.last().map_or(0.0, |largest| largest.min(FULL * median)) }
    }

    /// From 0 to 1, rising with the size of the value.
    fn strength(&self, value: f64) -> f64 {
        let log = |x: f64| (x.abs() / self.median).ln_1p();
        if self.largest > 0.0 { (log(value) / log(self.largest)).min(1.0) } else { 0.0 }
    }
}

impl HeatMap {
    fn draw(&self, canvas: &Canvas, rect: Rect, ruler: &Ruler) -> Result<(), FigureError> {
        let (columns, rows) = (self.columns.1.len(), self.rows.1.len());
        let (width, height) = (rect.width / columns as f64, rect.height / rows as f64);
        for (index, cell) in self.cells.iter().enumerate() {
            let (row, column) = (index / columns, index % columns);
            let left = rect.left + width * column as f64;
            let area = Rect { left, top: rect.top + height * row as f64, width, height };
            if let Some(cell) = cell {
                cell.draw(canvas, area, ruler)?;
            } else {
                let type_ = Type::new(SMALL_SIZE, Anchor::Center).color(QUIET);
                canvas.text(crate::number::UNDEFINED, area.middle(), type_)?;
            }
            canvas.line(&area.outline(), Stroke::solid(PAPER, 2.0 * HAIR_LINE))?;
        }
        canvas.line(&rect.outline(), Stroke::solid(QUIET, HAIR_LINE))?;
        let small = |anchor| Type::new(SMALL_SIZE, anchor).color(QUIET);
        for (index, name) in self.columns.1.iter().enumerate() {
            let x = rect.left + width * (index as f64 + 0.5);
            let type_ = small(Anchor::Center).fitted(name, width - 4.0);
            canvas.text(name, (x, rect.bottom() + 9.0), type_)?;
        }
        for (index, name) in self.rows.1.iter().enumerate() {
            let y = rect.top + height * (index as f64 + 0.5);
            canvas.text(name, (rect.left - 5.0, y), small(Anchor::Right))?;
        }
        Ok(())
    }
}

impl HeatCell {
    fn draw(&self, canvas: &Canvas, area: Rect, ruler: &Ruler) -> Result<(), FigureError> {
        let color = if self.value < 0.0 { BELOW } else { ABOVE };
        let strength = ruler.strength(self.value) * if self.certain { 1.0 } else { PALE };
        canvas.fill(&area.outline(), color, strength)?;
        let type_ = Type::new(SMALL_SIZE, Anchor::Center).color(INK);
        let type_ = if self.certain { type_.bold() } else { type_ };
        canvas.text(&self.text, area.middle(), type_.fitted(&self.text, area.width - 4.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(cells: Vec<Option<f64>>) -> Maps {
        let cell = |value: f64| HeatCell { value, text: format!("{value}"), certain: value < 0.0 };
        let names = |names: [&str; 2]| names.map(String::from).to_vec();
        let map = HeatMap {
            title: "A map".into(),
            columns: ("α".into(), names(["0.1", "0.3"])),
            rows: ("T".into(), names(["1", "5"])),
            cells: cells.into_iter().map(|value| value.map(cell)).collect(),
            note: String::new(),
        };
        Maps { title: "Maps".into(), maps: vec![map] }
    }

    #[test]
    fn every_cell_shows_its_number() {
        let svg = map(vec![Some(-0.25), None, Some(0.125), Some(0.0)]).svg().unwrap();
        for text in ["-0.25", "0.125", "n/a", "A map", "α"] {
            assert!(svg.contains(text), "{text} in {svg}");
        }
    }

    /// One huge value leaves the others their color.
    #[test]
    fn colors_follow_the_logarithm() {
        let ruler = Ruler::of([-0.02, 0.0, 0.05, 0.03, 983.0].into_iter());
        assert_eq!((ruler.strength(983.0), ruler.strength(0.0)), (1.0, 0.0));
        assert!(ruler.strength(-0.02) > 0.1 && ruler.strength(0.05) > ruler.strength(-0.02));
        assert_eq!(ruler.strength(0.6), 1.0);
        assert_eq!(Ruler::of([0.0].into_iter()).strength(0.0), 0.0);
    }

    #[test]
    fn wrong_maps_are_refused() {
        assert!(matches!(map(vec![None; 4]).svg(), Err(FigureError::Empty { .. })));
        assert!(matches!(map(vec![Some(1.0)]).svg(), Err(FigureError::Grid { found: 1, .. })));
        let infinite = map(vec![Some(f64::INFINITY), None, None, None]).svg();
        assert!(matches!(infinite, Err(FigureError::Value { .. })));
    }
}
