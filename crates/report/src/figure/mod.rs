//! The figures, as SVG text: plain data in, a picture that can stand in a paper out.
//!
//! [`tradeoff`] draws accuracy against fairness (the paper's Figure 2), [`boundary`] what a
//! classifier says on the plane (Figures 1 and 3), [`curve`] a quantity against iterations or
//! points, [`strip`] the values of single runs, [`heat`] a quantity over two settings. Below them:
//! [`style`] is the visual language that all share, `sheet` places title, panels, notes and
//! `legend`, `axes` draws scales, `canvas` is the drawing surface.
//!
//! Nothing is drawn that was not given: a value that is undefined is left out, and a note under
//! its axis counts what is missing. Sizes are in pixels of 1/96 inch; a panel is as wide as a
//! column of a two-column page, a figure at most as wide as the page.

mod axes;
pub mod boundary;
mod canvas;
mod contour;
pub mod curve;
mod field;
mod front;
pub mod heat;
mod labels;
mod legend;
mod marks;
mod sheet;
mod spots;
pub mod strip;
pub mod style;
mod text;
pub mod tradeoff;

/// Why a figure could not be drawn.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FigureError {
    /// There is not one value to draw.
    #[error("figure \"{figure}\": nothing to draw: {missing}")]
    Empty {
        /// The figure's title.
        figure: String,
        /// What was expected.
        missing: &'static str,
    },
    /// A value has no place on its axis.
    #[error("figure \"{figure}\": {what} is {value}; {accepted} can be drawn")]
    Value {
        /// The figure's title.
        figure: String,
        /// Whose value it is.
        what: String,
        /// The value.
        value: f64,
        /// What would have been accepted.
        accepted: &'static str,
    },
    /// A grid's values do not fill the grid.
    #[error(
        "figure \"{figure}\": panel \"{panel}\" has {found} values for a grid of {columns} × {rows} (at least 2 × 2)"
    )]
    Grid {
        /// The figure's title.
        figure: String,
        /// The panel's title.
        panel: String,
        /// Number of values.
        found: usize,
        /// Points along x.
        columns: usize,
        /// Points along y.
        rows: usize,
    },
    /// The SVG backend failed.
    #[error("the SVG backend failed: {0}")]
    Backend(String),
}

/// A mean and, where there is one, the interval around it that is drawn as a bar or a band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// The two ends of the interval, the lower first.
    pub interval: Option<(f64, f64)>,
}

impl Estimate {
    /// The mean and, if given, the two ends.
    fn values(self) -> impl Iterator<Item = f64> {
        let ends = self.interval.into_iter().flat_map(|(low, high)| [low, high]);
        std::iter::once(self.mean).chain(ends)
    }
}

/// Checks that `values`, the numbers of `what` (a series, a panel), can be drawn.
fn finite(
    figure: &str,
    what: &str,
    values: impl IntoIterator<Item = f64>,
) -> Result<(), FigureError> {
    // The bound keeps differences, squares and sums finite as well.
    match values.into_iter().find(|v| !(-1e100..=1e100).contains(v)) {
        None => Ok(()),
        Some(value) => Err(FigureError::Value {
            figure: figure.to_owned(),
            what: format!("a value of \"{what}\""),
            value,
            accepted: "only finite numbers up to 1e100",
        }),
    }
}

#[cfg(test)]
mod tests;
