//! Quantities with their intervals, in numbers and drawn.
//!
//! The rows of one claim are drawn on one scale, which always has zero on it. So lengths can be
//! compared within a claim, and an interval that keeps clear of the zero line is seen to do so.
//! Positions are percentages of the cell's width: the picture fits any column without a
//! distorted dot.

use maud::{Markup, html};

use super::Evidence;
use super::prose::prose;
use crate::mean::Mean;
use crate::number::{UNDEFINED, decimal, set};

/// Columns of a quantity: name, picture, numbers, seeds, undefined.
const COLUMNS: usize = 5;
/// Numbers beyond are not drawn, so that differences of those that are stay finite.
const DRAWN: f64 = 1e100;

/// The cells of a row of the table.
struct Row {
    /// From the name to the undefined values.
    cells: Markup,
    /// Whether it only carries the numbers of the scale.
    axis: bool,
}

/// A table of quantities; `name` is said to those who do not see it.
pub(super) fn table(name: &str, evidence: &[Evidence]) -> Markup {
    html! {
        table.evidence aria-label=(name) {
            thead {
                tr {
                    th scope="col" { "Quantity" }
                    th scope="colgroup" colspan="2" { "Effect, 95% interval" }
                    th.numeric scope="col" { "Seeds" }
                    th.numeric scope="col" { "Undefined" }
                }
            }
            tbody {
                @for Row { cells, axis } in rows(evidence) {
                    // The scale says nothing to those who do not see the picture.
                    tr.axis[axis] aria-hidden=[axis.then_some("true")] { (cells) }
                }
            }
        }
    }
}

/// What the pictures mean.
pub(super) fn legend() -> Markup {
    html! {
        p.note {
            "A dot is the mean over seeds, a bar its 95% interval, the dark line zero; the rows of a \
             claim share one scale. A ring without a bar is a single run, which has no interval. \
             “Undefined” counts values that do not exist: they are in no mean."
        }
    }
}

/// At least one row; the last one carries the scale, if anything is drawn.
fn rows(evidence: &[Evidence]) -> Vec<Row> {
    if evidence.is_empty() {
        let cells = html! { td.none colspan=(COLUMNS) { "no evidence" } };
        return vec![Row { cells, axis: false }];
    }
    let scale = Scale::of(evidence);
    let mut rows: Vec<Row> =
        evidence.iter().map(|row| Row { cells: row.cells(scale.as_ref()), axis: false }).collect();
    if let Some(scale) = scale {
        let cells = html! {
            td.blank {}
            td.picture { (scale.labels()) }
            td.blank colspan=(COLUMNS - 2) {}
        };
        rows.push(Row { cells, axis: true });
    }
    rows
}

/// The mean, if it is a number that can be shown; an interval that cannot is none.
fn shown(evidence: &Evidence) -> Option<Mean> {
    let mean = evidence.value.filter(|value| value.mean.is_finite())?;
    Some(Mean { interval: mean.interval.filter(|(low, high)| (high - low).is_finite()), ..mean })
}

impl Evidence {
    fn cells(&self, scale: Option<&Scale>) -> Markup {
        html! {
            th.quantity scope="row" { (prose(&self.quantity)) }
            td.picture {
                @if let Some(scale) = scale { (scale.draw(shown(self))) }
            }
            td.effect { (self.effect()) }
            td.seeds.numeric data-label=[shown(self).map(|_| "seeds")] {
                @if let Some(mean) = shown(self) { (mean.values) } @else { "–" }
            }
            (self.missing())
        }
    }

    /// Name, numbers and undefined values, without a picture.
    pub(super) fn in_words(&self) -> Markup {
        html! {
            td.quantity { (prose(&self.quantity)) }
            td.effect { (self.effect()) }
            (self.missing())
        }
    }

    fn missing(&self) -> Markup {
        html! {
            td.missing.numeric data-label=[self.undefined.map(|_| "undefined")] {
                @if let Some((undefined, all)) = self.undefined {
                    (undefined) " of " (all)
                } @else {
                    "–"
                }
            }
        }
    }

    fn effect(&self) -> Markup {
        let Some(mean) = shown(self) else {
            return html! { span.undefined { (UNDEFINED) } small { "undefined" } };
        };
        let Some((low, high)) = mean.interval else {
            let reason = match mean.values {
                0 | 1 => "one run: no interval",
                _ => "no interval",
            };
            return html! { span { (decimal(mean.mean, self.signed)) } small { (reason) } };
        };
        let half = (high - low) / 2.0;
        html! {
            span { (decimal(mean.mean, self.signed)) " ± " (decimal(half, false)) }
            small { (decimal(low, self.signed)) " to " (decimal(high, self.signed)) }
        }
    }
}

/// The range of numbers that a picture spans, zero among them.
struct Scale {
    low: f64,
    high: f64,
    /// Between two labels.
    step: f64,
}

impl Scale {
    /// The range of all means and intervals; `None` if there is nothing to draw.
    fn of(evidence: &[Evidence]) -> Option<Scale> {
        let ends = |mean: Mean| mean.interval.unwrap_or((mean.mean, mean.mean));
        let drawn = |&(low, high): &(f64, f64)| low >= -DRAWN && high <= DRAWN;
        let (low, high) = evidence
            .iter()
            .filter_map(shown)
            .map(ends)
            .filter(drawn)
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))?;
        let (low, high) = (low.min(0.0), high.max(0.0));
        // Numbers that show as zero are drawn at zero, not blown up.
        let (low, high) = if high - low < 0.0005 { (0.0, 1.0) } else { (low, high) };
        Some(Scale { low, high, step: round_step(high.max(-low)) })
    }

    /// Where `x` lies in the cell.
    fn place(&self, x: f64) -> String {
        format!("{:.2}%", 6.0 + 88.0 * (x - self.low) / (self.high - self.low))
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        let first = (self.low / self.step).ceil() as i64;
        let last = (self.high / self.step).floor() as i64;
        (first..=last).map(|k| k as f64 * self.step)
    }

    /// Dot and bar over the lines of the scale.
    fn draw(&self, mean: Option<Mean>) -> Markup {
        let drawn = |x: f64| (-DRAWN..=DRAWN).contains(&x);
        html! {
            svg aria-hidden="true" {
                @for tick in self.ticks() {
                    line.tick.zero[tick == 0.0] x1=(self.place(tick)) x2=(self.place(tick)) y1="0"
                        y2="100%" {}
                }
                @if let Some(mean) = mean.filter(|mean| drawn(mean.mean)) {
                    @if let Some((low, high)) = mean.interval.filter(|i| drawn(i.0) && drawn(i.1)) {
                        line.bar x1=(self.place(low)) x2=(self.place(high)) y1="50%" y2="50%" {}
                    }
                    circle.dot.single[mean.interval.is_none()] cx=(self.place(mean.mean))
                        cy="50%" r="4" {}
                }
            }
        }
    }

    fn labels(&self) -> Markup {
        let decimals = (-self.step.log10().floor()).max(0.0) as usize;
        let label = |tick: f64| match tick {
            0.0 => "0".to_owned(),
            tick => set(tick, decimals, false),
        };
        html! {
            svg aria-hidden="true" {
                @for tick in self.ticks() {
                    text x=(self.place(tick)) y="1em" { (label(tick)) }
                }
            }
        }
    }
}

/// The greatest of 1, 2, 5, 10, … times a power of ten that is not above `x`.
fn round_step(x: f64) -> f64 {
    let power = 10f64.powf(x.log10().floor());
    let factor = [5.0, 2.0].into_iter().find(|factor| factor * power <= x);
    factor.unwrap_or(1.0) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(mean: f64, half: f64) -> Scale {
        let value = Some(Mean::plus_minus(mean, half, 3));
        Scale::of(&[Evidence { quantity: String::new(), value, undefined: None, signed: true }])
            .unwrap()
    }

    #[test]
    fn zero_is_on_every_scale_and_another_number_beside_it() {
        for exponent in [-3, 0, 5, 60] {
            for k in 1..100 {
                let (mean, half) = (f64::from(k - 50), f64::from(k % 7) + 0.3);
                let unit = 10f64.powi(exponent);
                let ticks: Vec<f64> = scale(mean * unit, half * unit).ticks().collect();
                assert!(ticks.contains(&0.0), "{mean} ± {half}: {ticks:?}");
                assert!((2..=6).contains(&ticks.len()), "{mean} ± {half}: {ticks:?}");
            }
        }
    }

    #[test]
    fn ends_of_the_range_have_fixed_places() {
        let scale = scale(0.125, 0.375);
        assert_eq!((scale.low, scale.step), (-0.25, 0.5));
        assert_eq!([scale.place(-0.25), scale.place(0.5)], ["6.00%", "94.00%"]);
    }
}
