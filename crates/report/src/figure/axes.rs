//! Axes: from values to pixels, ticks at round numbers, and the frame of a panel.

use super::FigureError;
use super::canvas::{Anchor, Canvas, Point, Rect, Stroke, Type};
use super::style::{FINE_LINE, GRID, HAIR_LINE, QUIET, REFERENCE_DASH, SMALL_SIZE};
use super::text;

/// How values are spread along an axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// Equal differences take equal lengths.
    #[default]
    Linear,
    /// Equal quotients take equal lengths; positive values only.
    Logarithmic,
}

/// A scale with its ends, and the values that a quantity can have at all.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    scale: Scale,
    low: f64,
    high: f64,
    possible: (f64, f64),
}

impl Axis {
    /// The axis that shows all `values` with a little air at the ends. There are no ticks
    /// outside `possible`: an accuracy of 1.02 does not exist.
    pub fn covering(
        values: impl IntoIterator<Item = f64>,
        scale: Scale,
        possible: (f64, f64),
    ) -> Self {
        let (low, high) = values
            .into_iter()
            .map(|value| unspread(value, scale))
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
        let (low, high) = if low > high { (0.0, 1.0) } else { (low, high) };
        // The least span keeps ticks apart, and a constant off the frame.
        let span = (high - low).max(0.04 * low.abs().max(high.abs())).max(1e-3);
        let middle = low + (high - low) / 2.0;
        let half = 0.5 * span * 1.12;
        Self { scale, low: middle - half, high: middle + half, possible }
    }

    /// An axis from exactly `low` to `high`.
    pub fn exactly(low: f64, high: f64) -> Self {
        let possible = (low, high);
        Self { scale: Scale::Linear, low, high, possible }
    }

    /// Where a value stands: 0 at the low end, 1 at the high end.
    fn place(&self, value: f64) -> f64 {
        (unspread(value, self.scale) - self.low) / (self.high - self.low)
    }

    /// Round values along the axis, about `wanted` of them.
    pub fn ticks(&self, wanted: usize) -> Vec<f64> {
        let decades = self.high - self.low;
        let ticks = match self.scale {
            Scale::Logarithmic if decades > 1.0 => self.powers(wanted),
            Scale::Logarithmic => multiples(10f64.powf(self.low), 10f64.powf(self.high), wanted),
            Scale::Linear => multiples(self.low, self.high, wanted),
        };
        let slack = 1e-9 * (self.possible.1 - self.possible.0).abs().min(1.0);
        let shown = |tick: &f64| {
            (-1e-9..=1.0 + 1e-9).contains(&self.place(*tick))
                && *tick >= self.possible.0 - slack
                && *tick <= self.possible.1 + slack
        };
        ticks.into_iter().filter(shown).collect()
    }

    /// Powers of ten, on a short axis with 2 and 5 times each, on a long one every few.
    fn powers(&self, wanted: usize) -> Vec<f64> {
        let (first, last) = (self.low.floor() as i32, self.high.ceil() as i32);
        let steps: &[f64] = if self.high - self.low < 2.2 { &[1.0, 2.0, 5.0] } else { &[1.0] };
        let stride = ((self.high - self.low) / wanted as f64).ceil().max(1.0) as i32;
        (first..=last)
            .filter(|power| power.rem_euclid(stride) == 0)
            .flat_map(|power| steps.iter().map(move |step| step * 10f64.powi(power)))
            .collect()
    }
}

/// A value on the scale's own ruler.
fn unspread(value: f64, scale: Scale) -> f64 {
    match scale {
        Scale::Linear => value,
        Scale::Logarithmic => value.log10(),
    }
}

/// Multiples of 1, 2 or 5 times a power of ten in `low..=high`, about `wanted` of them.
fn multiples(low: f64, high: f64, wanted: usize) -> Vec<f64> {
    let span = high - low;
    let power = 10f64.powf((span / wanted as f64).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * power);
    let off = |step: &f64| (span / step - wanted as f64).abs();
    let step = steps.into_iter().min_by(|a, b| off(a).total_cmp(&off(b))).unwrap_or(power);
    let (first, last) = ((low / step).ceil(), (high / step).floor());
    // Counted, since first + 1 may be first itself where the numbers are huge.
    let count = (last - first).clamp(-1.0, 50.0) as i64 + 1;
    (0..count).map(|k| (first + k as f64) * step).collect()
}

/// A panel's rectangle with its two axes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub rect: Rect,
    pub x: Axis,
    pub y: Axis,
}

/// Room left of a frame for tick labels and the axis label.
pub(super) const LEFT_ROOM: f64 = 52.0;
/// Room below a frame for the same.
pub(super) const BELOW_ROOM: f64 = 38.0;

impl Frame {
    /// The pixel of a value pair.
    pub fn at(&self, x: f64, y: f64) -> Point {
        (self.x_pixel(x), self.y_pixel(y))
    }

    fn x_pixel(&self, x: f64) -> f64 {
        self.rect.left + self.x.place(x) * self.rect.width
    }

    fn y_pixel(&self, y: f64) -> f64 {
        self.rect.bottom() - self.y.place(y) * self.rect.height
    }

    /// Grid, ticks, tick labels and the two axis lines.
    pub fn draw(&self, canvas: &Canvas) -> Result<(), FigureError> {
        let Rect { left, top, .. } = self.rect;
        let right = self.rect.right();
        let (grid, axis) = (Stroke::solid(GRID, HAIR_LINE), Stroke::solid(QUIET, FINE_LINE));
        self.draw_x(canvas, 5)?;
        for (y, number) in self.y_ticks(5) {
            canvas.line(&[(left, y), (right, y)], grid)?;
            canvas.line(&[(left - 4.0, y), (left, y)], axis)?;
            let type_ = Type::new(SMALL_SIZE, Anchor::Right).color(QUIET);
            canvas.text(&number, (left - 6.5, y), type_)?;
        }
        canvas.line(&[(left, top), (left, self.rect.bottom())], axis)
    }

    /// The same of x alone, about `wanted` ticks.
    pub fn draw_x(&self, canvas: &Canvas, wanted: usize) -> Result<(), FigureError> {
        let (left, top) = (self.rect.left, self.rect.top);
        let (right, bottom) = (self.rect.right(), self.rect.bottom());
        let (grid, axis) = (Stroke::solid(GRID, HAIR_LINE), Stroke::solid(QUIET, FINE_LINE));
        for (x, number) in self.x_ticks(wanted) {
            canvas.line(&[(x, top), (x, bottom)], grid)?;
            canvas.line(&[(x, bottom), (x, bottom + 4.0)], axis)?;
            let type_ = Type::new(SMALL_SIZE, Anchor::Center).color(QUIET);
            canvas.text(&number, (x, bottom + 11.0), type_)?;
        }
        canvas.line(&[(left, bottom), (right, bottom)], axis)
    }

    /// Whether a value of x is in the frame.
    pub fn holds(&self, x: f64) -> bool {
        (-1e-9..=1.0 + 1e-9).contains(&self.x.place(x))
    }

    /// Ticks of x: pixel and number.
    pub fn x_ticks(&self, wanted: usize) -> Vec<(f64, String)> {
        let ticks = self.x.ticks(wanted);
        let pixels = ticks.iter().map(|x| self.x_pixel(*x));
        pixels.zip(numbers(&ticks, self.x.scale)).collect()
    }

    /// Ticks of y: pixel and number.
    pub fn y_ticks(&self, wanted: usize) -> Vec<(f64, String)> {
        let ticks = self.y.ticks(wanted);
        let pixels = ticks.iter().map(|y| self.y_pixel(*y));
        pixels.zip(numbers(&ticks, self.y.scale)).collect()
    }

    /// A dashed line upwards at `x`.
    pub fn vertical_reference(&self, canvas: &Canvas, x: f64) -> Result<(), FigureError> {
        let x = self.x_pixel(x);
        let ends = [(x, self.rect.top), (x, self.rect.bottom())];
        canvas.line(&ends, Stroke::dashed(QUIET, FINE_LINE, REFERENCE_DASH))
    }

    /// A dashed line across at `y`.
    pub fn horizontal_reference(&self, canvas: &Canvas, y: f64) -> Result<(), FigureError> {
        let y = self.y_pixel(y);
        let ends = [(self.rect.left, y), (self.rect.right(), y)];
        canvas.line(&ends, Stroke::dashed(QUIET, FINE_LINE, REFERENCE_DASH))
    }
}

/// The ticks of one axis, on a linear one all with the same number of decimals.
fn numbers(ticks: &[f64], scale: Scale) -> Vec<String> {
    let texts: Vec<String> = ticks.iter().map(|tick| text::number(*tick)).collect();
    let decimals = |text: &String| text.split_once('.').map_or(0, |(_, digits)| digits.len());
    let most = texts.iter().map(decimals).max().unwrap_or(0);
    let plain = texts.iter().all(|text| !text.contains("10⁻") && !text.contains('·'));
    match (scale, plain) {
        (Scale::Linear, true) => {
            ticks.iter().map(|tick| format!("{tick:.most$}").replace('-', "−")).collect()
        }
        _ => texts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_of_a_linear_axis_have_as_many_decimals() {
        let linear = |ticks: &[f64]| numbers(ticks, Scale::Linear);
        assert_eq!(linear(&[0.5, 0.75, 1.0]), ["0.50", "0.75", "1.00"]);
        assert_eq!(linear(&[-5.0, 0.0, 5.0]), ["−5", "0", "5"]);
        assert_eq!(linear(&[0.0, 1e-5, 2e-5]), ["0", "10⁻⁵", "2·10⁻⁵"]);
        assert_eq!(numbers(&[0.1, 1.0, 10.0], Scale::Logarithmic), ["0.1", "1", "10"]);
    }
    use proptest::prelude::*;

    const ANYTHING: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

    fn close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len(), "{found:?} is not {expected:?}");
        for (f, e) in found.iter().zip(expected) {
            assert!((f - e).abs() < 1e-9 * e.abs().max(1.0), "{found:?} is not {expected:?}");
        }
    }

    #[test]
    fn ticks_are_round() {
        let axis = Axis::covering([0.52, 0.78], Scale::Linear, (0.0, 1.0));
        close(&axis.ticks(5), &[0.55, 0.6, 0.65, 0.7, 0.75]);
        let axis = Axis::covering([0.0, 2000.0], Scale::Linear, ANYTHING);
        close(&axis.ticks(5), &[0.0, 500.0, 1000.0, 1500.0, 2000.0]);
        let axis = Axis::covering([1.0, 50.0], Scale::Logarithmic, ANYTHING);
        close(&axis.ticks(5), &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0]);
        let axis = Axis::covering([1e-4, 1.0], Scale::Logarithmic, ANYTHING);
        close(&axis.ticks(5), &[1e-4, 1e-3, 1e-2, 0.1, 1.0]);
    }

    #[test]
    fn no_tick_says_what_cannot_be() {
        let axis = Axis::covering([0.97, 1.0], Scale::Linear, (0.0, 1.0));
        assert!(axis.ticks(5).iter().all(|t| *t <= 1.0 + 1e-9));
        assert!(axis.ticks(5).iter().any(|t| (*t - 1.0).abs() < 1e-9));
    }

    proptest! {
        #[test]
        fn every_value_has_a_place_inside(
            values in prop::collection::vec(-1e100..1e100f64, 1..6),
            shrink in -90..0i32,
        ) {
            let values: Vec<f64> = values.iter().map(|v| v * 10f64.powi(shrink)).collect();
            let axis = Axis::covering(values.iter().copied(), Scale::Linear, ANYTHING);
            for &value in &values {
                prop_assert!((0.0..=1.0).contains(&axis.place(value)));
            }
            prop_assert!(axis.ticks(5).len() <= 12);
        }

        #[test]
        fn logarithmic_axes_show_any_positive_value(values in prop::collection::vec(-90.0..90.0f64, 1..6)) {
            let values: Vec<f64> = values.iter().map(|v| 10f64.powf(*v)).collect();
            let axis = Axis::covering(values.iter().copied(), Scale::Logarithmic, ANYTHING);
            for &value in &values {
                prop_assert!((0.0..=1.0).contains(&axis.place(value)));
            }
            prop_assert!(axis.ticks(5).len() <= 12);
        }
    }
}
