//! A quantity against another: learning curves, accuracy and fairness against K.

pub use super::axes::Scale;

use super::axes::{Axis, Frame};
use super::canvas::{Canvas, Point, Stroke};
use super::legend::{Entry, Key};
use super::sheet::{self, Surround};
use super::style::{HAIR_LINE, LINE, Look};
use super::{Estimate, FigureError, finite};
use crate::number::counted;

/// A figure of panels of curves.
///
/// Panels of one `x_label` and scale share a range of x, and panels of one `y_label` a range of y:
/// what is measured alike can be compared, and what is not has a panel and a range of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// What is shown: problem, number of seeds, kind of interval.
    pub title: String,
    /// Two stand side by side.
    pub panels: Vec<Panel>,
}

/// Curves over a common x axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Stands above the panel.
    pub title: String,
    /// With its unit.
    pub x_label: String,
    /// What the panel's curves measure, all of them: with its unit and its direction, as in
    /// "Accuracy (higher is better)". Curves of different objectives need different panels.
    pub y_label: String,
    /// How x is spread.
    pub x_scale: Scale,
    /// The least and the greatest value that y can have; infinite where there is none.
    pub y_possible: (f64, f64),
    /// A dashed line across, with its name in the legend ("ratio 1 (fair)", "chance").
    pub reference: Option<(f64, String)>,
    /// The curves, in the order of the legend.
    pub series: Vec<Series>,
    /// Added to the note under the panel; may be empty.
    pub note: String,
}

/// One curve.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Named in the legend.
    pub name: String,
    /// The same in all figures.
    pub look: Look,
    /// In any order; joined in the order of x.
    pub samples: Vec<Sample>,
}

/// A point of a curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// Positive on a logarithmic axis.
    pub x: f64,
    /// `None` where undefined: the curve has a gap there, and the note counts it.
    pub y: Option<Estimate>,
}

/// Up to so many samples, each has a marker.
const ALL_MARKED: usize = 14;
/// On longer curves, about so many have one.
const SOME_MARKED: usize = 7;
/// How much a band covers what lies below.
const BAND: f64 = 0.1;

impl Curves {
    /// The figure as SVG.
    ///
    /// # Errors
    /// [`FigureError::Empty`] without a single sample, [`FigureError::Value`] for a value that
    /// is not finite, or not positive on a logarithmic axis.
    pub fn svg(&self) -> Result<String, FigureError> {
        self.check()?;
        let surrounds: Vec<_> = self
            .panels
            .iter()
            .map(|panel| {
                Surround::new(&panel.title, &panel.x_label, &panel.y_label, panel.full_note())
            })
            .collect();
        sheet::draw(&self.title, &surrounds, &self.legend(), |canvas, index, rect| {
            let panel = &self.panels[index];
            panel.draw(canvas, Frame { rect, x: self.x_axis(panel), y: self.y_axis(panel) })
        })
    }

    /// The range of x of all panels that have it in common with this one.
    fn x_axis(&self, panel: &Panel) -> Axis {
        let alike =
            |other: &&Panel| (&other.x_label, other.x_scale) == (&panel.x_label, panel.x_scale);
        let xs = self.panels.iter().filter(alike).flat_map(|p| &p.series).flat_map(Series::xs);
        Axis::covering(xs, panel.x_scale, (f64::NEG_INFINITY, f64::INFINITY))
    }

    /// The range of y, likewise.
    fn y_axis(&self, panel: &Panel) -> Axis {
        let alike = |other: &&Panel| other.y_label == panel.y_label;
        let ys = self.panels.iter().filter(alike).flat_map(Panel::ys);
        Axis::covering(ys, Scale::Linear, panel.y_possible)
    }

    fn check(&self) -> Result<(), FigureError> {
        let mut samples = 0;
        for panel in &self.panels {
            let reference = panel.reference.as_ref().map(|(y, _)| *y);
            finite(&self.title, &panel.title, reference)?;
            for series in &panel.series {
                samples += series.samples.len();
                let y = series.samples.iter().filter_map(|s| s.y).flat_map(Estimate::values);
                finite(&self.title, &series.name, series.xs().chain(y))?;
                let refused = match panel.x_scale {
                    Scale::Linear => None,
                    // The same bound as at the other end.
                    Scale::Logarithmic => series.xs().find(|x| *x < 1e-100),
                };
                if let Some(value) = refused {
                    let what = format!("x in \"{}\"", series.name);
                    let accepted = "only positive numbers (from 1e-100) on a logarithmic axis";
                    return Err(FigureError::Value {
                        figure: self.title.clone(),
                        what,
                        value,
                        accepted,
                    });
                }
            }
        }
        match samples {
            0 => Err(FigureError::Empty {
                figure: self.title.clone(),
                missing: "no curve has a sample",
            }),
            _ => Ok(()),
        }
    }

    fn legend(&self) -> Vec<Entry> {
        let methods = self.panels.iter().flat_map(|panel| &panel.series);
        let methods = methods.map(|series| Entry::new(Key::Method(series.look), &series.name));
        let references = self.panels.iter().filter_map(|panel| panel.reference.as_ref());
        let references = references.map(|(_, name)| Entry::new(Key::Reference(0), name));
        Entry::unique(methods.chain(references))
    }
}

impl Series {
    fn xs(&self) -> impl Iterator<Item = f64> {
        self.samples.iter().map(|sample| sample.x)
    }

    /// The unbroken pieces of the curve, in the order of x.
    fn pieces(&self) -> Vec<Vec<(f64, Estimate)>> {
        let mut samples = self.samples.clone();
        samples.sort_by(|a, b| a.x.total_cmp(&b.x));
        samples
            .split(|sample| sample.y.is_none())
            .map(|piece| piece.iter().filter_map(|s| Some((s.x, s.y?))).collect::<Vec<_>>())
            .filter(|piece| !piece.is_empty())
            .collect()
    }

    /// The intervals as translucent bands with edges in the dash of the curve, so that where
    /// several lie on one another each can still be followed.
    fn draw_intervals(&self, canvas: &Canvas, frame: &Frame) -> Result<(), FigureError> {
        let (color, dash) = (self.look.color(), self.look.dash());
        for piece in self.pieces() {
            for run in piece.chunk_by(|a, b| a.1.interval.is_some() == b.1.interval.is_some()) {
                let end = |pick: fn((f64, f64)) -> f64| -> Vec<Point> {
                    let at = |(x, y): &(f64, Estimate)| Some(frame.at(*x, pick(y.interval?)));
                    run.iter().filter_map(at).collect()
                };
                let (low, high) = (end(|ends| ends.0), end(|ends| ends.1));
                // A lone sample's band has no width: a bar stands for it.
                if low.len() < 2 {
                    let mut bars = low.into_iter().zip(high).map(|(low, high)| [low, high]);
                    bars.try_for_each(|bar| canvas.error_bar(bar, color, 0.55))?;
                    continue;
                }
                let around: Vec<Point> = low.iter().chain(high.iter().rev()).copied().collect();
                canvas.fill(&around, color, BAND)?;
                let edge = Stroke { opacity: 0.5, ..Stroke::dashed(color, HAIR_LINE, dash) };
                canvas.line(&low, edge)?;
                canvas.line(&high, edge)?;
            }
        }
        Ok(())
    }

    /// The line with its markers; on a long curve only at some samples, at others for each
    /// `index` of `count` curves.
    fn draw_line(
        &self,
        canvas: &Canvas,
        frame: &Frame,
        (index, count): (usize, usize),
    ) -> Result<(), FigureError> {
        let stroke = Stroke::dashed(self.look.color(), LINE, self.look.dash());
        let stride = match self.samples.len() {
            0..=ALL_MARKED => 1,
            long => long / SOME_MARKED,
        };
        let offset = stride * (2 * index + 1) / (2 * count);
        let mut marked = Vec::new();
        let mut passed = 0;
        for piece in self.pieces() {
            let path: Vec<Point> = piece.iter().map(|(x, y)| frame.at(*x, y.mean)).collect();
            canvas.line(&path, stroke)?;
            for &at in &path {
                // Without neighbors there is no line, and only the marker shows the sample.
                if path.len() == 1 || passed % stride == offset {
                    marked.push(at);
                }
                passed += 1;
            }
        }
        marked.into_iter().try_for_each(|at| canvas.method(at, self.look, 1.0))
    }
}

impl Panel {
    /// Counts the samples that are not shown, then says what the caller has to say.
    fn full_note(&self) -> String {
        let missing = |series: &Series| {
            let undefined = series.samples.iter().filter(|s| s.y.is_none()).count();
            (undefined > 0).then(|| format!("{} ({})", series.name, counted(undefined, "value")))
        };
        let missing: Vec<String> = self.series.iter().filter_map(missing).collect();
        match missing.is_empty() {
            true => self.note.clone(),
            false => format!("Not shown, undefined: {}. {}", missing.join(", "), self.note),
        }
    }

    /// All values of y, the reference among them.
    fn ys(&self) -> impl Iterator<Item = f64> {
        let samples = self.series.iter().flat_map(|series| &series.samples);
        let reference = self.reference.as_ref().map(|(y, _)| *y);
        samples.filter_map(|s| s.y).flat_map(Estimate::values).chain(reference)
    }

    fn draw(&self, canvas: &Canvas, frame: Frame) -> Result<(), FigureError> {
        frame.draw(canvas)?;
        if let Some((y, _)) = self.reference {
            frame.horizontal_reference(canvas, y)?;
        }
        for series in &self.series {
            series.draw_intervals(canvas, &frame)?;
        }
        let count = self.series.len();
        for (index, series) in self.series.iter().enumerate() {
            series.draw_line(canvas, &frame, (index, count))?;
        }
        Ok(())
    }
}
