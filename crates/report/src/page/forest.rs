//! Intervals drawn beside their numbers, as in a forest plot: a dot for the mean, a bar for the
//! interval, small dots for the seeds, and a band for the differences that do not count.
//!
//! Positions are percentages of the cell's width: the picture fits any column without a distorted
//! dot.

use maud::{Markup, html};

use super::{Evidence, Unit};
use crate::mean::Mean;
use crate::number::set;

/// The mean, if it is a number that can be shown; an interval that cannot is none.
pub(super) fn shown(evidence: &Evidence) -> Option<Mean> {
    let mean = evidence.value.filter(|value| value.mean.is_finite())?;
    Some(Mean { interval: mean.interval.filter(|(low, high)| (high - low).is_finite()), ..mean })
}

/// Rows that can be compared by length: of one unit, and either all of them differences or none.
pub(super) struct Group<'a> {
    unit: Unit,
    signed: bool,
    pub(super) rows: Vec<&'a Evidence>,
}

impl<'a> Group<'a> {
    /// The rows by what they measure, in the order in which that first comes up.
    pub(super) fn all(evidence: &'a [Evidence]) -> Vec<Group<'a>> {
        let mut groups: Vec<Group<'a>> = Vec::new();
        for row in evidence {
            let same = |group: &&mut Group| (group.unit, group.signed) == (row.unit, row.signed);
            match groups.iter_mut().find(same) {
                Some(group) => group.rows.push(row),
                None => {
                    let (unit, signed) = (row.unit, row.signed);
                    groups.push(Group { unit, signed, rows: vec![row] });
                }
            }
        }
        groups
    }

    /// Names its axis.
    pub(super) fn name(&self) -> String {
        match self.signed && self.unit != Unit::Correlation {
            true => format!("difference in {}", self.unit.word()),
            false => self.unit.word().to_owned(),
        }
    }

    /// `None` if there is nothing to draw.
    pub(super) fn scale(&self) -> Option<Scale> {
        // No share is above 1, whatever an interval says, and no two are further apart than 1.
        let least = if self.signed { -1.0 } else { 0.0 };
        let measured = |row: &&Evidence| {
            let mean = shown(row);
            let interval = mean.and_then(|mean| mean.interval);
            let ends = interval.into_iter().flat_map(|(low, high)| [low, high]);
            let values = ends.chain(mean.map(|mean| mean.mean)).chain(row.seeds.iter().copied());
            values.filter(|x| x.is_finite()).map(|x| x.clamp(least, 1.0)).collect::<Vec<_>>()
        };
        let mut values: Vec<f64> = self.rows.iter().flat_map(measured).collect();
        if values.is_empty() {
            return None;
        }
        let margins = self.rows.iter().filter_map(|row| margin(row));
        // A little more than the margins, so that both ends of a band are seen to be ends.
        let around = |margin: f64| [-1.2 * margin, 1.2 * margin].map(|x| x.clamp(least, 1.0));
        values.extend(margins.flat_map(around));
        let low = values.iter().copied().fold(0.0, f64::min);
        let high = values.iter().copied().fold(0.0, f64::max);
        // Numbers that show as zero are drawn at zero, not blown up.
        let (low, high) = if high - low < 0.0005 { (0.0, 1.0) } else { (low, high) };
        Some(Scale { low, high, step: round_step((high - low) / 2.0) })
    }
}

/// The margin, if it is a number that can be drawn.
pub(super) fn margin(row: &Evidence) -> Option<f64> {
    row.margin.filter(|margin| margin.is_finite() && *margin > 0.0)
}

/// The range of numbers that a picture spans, zero among them.
pub(super) struct Scale {
    low: f64,
    high: f64,
    /// Between two labels.
    step: f64,
}

impl Scale {
    fn share(&self, x: f64) -> f64 {
        4.0 + 92.0 * (x - self.low) / (self.high - self.low)
    }

    /// Where `x` lies in the cell.
    fn place(&self, x: f64) -> String {
        format!("{:.2}%", self.share(x))
    }

    fn has(&self, x: f64) -> bool {
        (self.low..=self.high).contains(&x)
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        let first = (self.low / self.step).ceil() as i64;
        let last = (self.high / self.step).floor() as i64;
        (first..=last).map(|k| k as f64 * self.step)
    }

    /// A row's picture over the lines of the scale.
    pub(super) fn draw(&self, row: &Evidence) -> Markup {
        let mean = shown(row);
        html! {
            svg aria-hidden="true" {
                @if let Some(margin) = margin(row) { (self.band(margin)) }
                @for tick in self.ticks() {
                    line.tick.zero[tick == 0.0] x1=(self.place(tick)) x2=(self.place(tick)) y1="0"
                        y2="100%" {}
                }
                @if let Some(margin) = margin(row) { (self.edges(margin)) }
                @for &seed in row.seeds.iter().filter(|&&seed| self.has(seed)) {
                    circle.seed cx=(self.place(seed)) cy="72%" r="3" {}
                }
                // Above the seeds' dots, where there are any.
                @let middle = if row.seeds.is_empty() { "50%" } else { "38%" };
                @if let Some((low, high)) = mean.and_then(|mean| self.bar(mean)) {
                    line.bar x1=(self.place(low)) x2=(self.place(high)) y1=(middle) y2=(middle) {}
                }
                @if let Some(mean) = mean.filter(|mean| self.has(mean.mean)) {
                    circle.dot.single[mean.interval.is_none()] cx=(self.place(mean.mean))
                        cy=(middle) r="4" {}
                }
            }
        }
    }

    /// What lies too close to zero to count.
    fn band(&self, margin: f64) -> Markup {
        let (low, high) = ((-margin).max(self.low), margin.min(self.high));
        let width = format!("{:.2}%", self.share(high) - self.share(low));
        html! {
            rect.band x=(self.place(low)) y="0" width=(width) height="100%" {}
        }
    }

    /// Where a difference begins to count.
    fn edges(&self, margin: f64) -> Markup {
        html! {
            @for edge in [-margin, margin].into_iter().filter(|edge| self.has(*edge)) {
                line.edge x1=(self.place(edge)) x2=(self.place(edge)) y1="0" y2="100%" {}
            }
        }
    }

    /// The part of an interval that is on the scale.
    fn bar(&self, mean: Mean) -> Option<(f64, f64)> {
        let (low, high) = mean.interval?;
        let (low, high) = (low.max(self.low), high.min(self.high));
        (low <= high).then_some((low, high))
    }

    pub(super) fn labels(&self) -> Markup {
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

    fn scale_of(evidence: Evidence) -> Scale {
        Group::all(&[evidence])[0].scale().unwrap()
    }

    fn difference(mean: f64, half: f64) -> Evidence {
        Evidence::difference("", Some(Mean::plus_minus(mean, half, 3)))
    }

    #[test]
    fn zero_is_on_every_scale_and_another_number_beside_it() {
        for exponent in [-4, -3, -2] {
            for k in 1..100 {
                let (mean, half) = (f64::from(k - 50), f64::from(k % 7) + 0.3);
                let unit = 10f64.powi(exponent);
                let scale = scale_of(difference(mean * unit, half * unit));
                let ticks: Vec<f64> = scale.ticks().collect();
                assert!(ticks.contains(&0.0), "{mean} ± {half}: {ticks:?}");
                assert!((2..=6).contains(&ticks.len()), "{mean} ± {half}: {ticks:?}");
            }
        }
    }

    #[test]
    fn ends_of_the_range_have_fixed_places() {
        let scale = scale_of(difference(0.125, 0.375));
        assert_eq!((scale.low, scale.step), (-0.25, 0.2));
        assert_eq!([scale.place(-0.25), scale.place(0.5)], ["4.00%", "96.00%"]);
    }

    /// An interval may reach beyond what a share can be.
    #[test]
    fn no_share_is_drawn_above_one_or_below_zero() {
        let level = scale_of(Evidence::level("", Some(Mean::plus_minus(0.9, 0.4, 3))));
        assert_eq!((level.low, level.high), (0.0, 1.0));
        let low = scale_of(Evidence::level("", Some(Mean::plus_minus(0.1, 0.4, 3))));
        assert_eq!((low.low, low.high), (0.0, 0.5));
        let differ = scale_of(difference(0.2, 3.0));
        assert_eq!((differ.low, differ.high), (-1.0, 1.0));
    }

    #[test]
    fn margins_and_seeds_are_on_the_scale() {
        let scale = scale_of(difference(0.2, 0.1).margin(0.05).seeds([0.75, -0.25, f64::NAN]));
        assert_eq!((scale.low, scale.high), (-0.25, 0.75));
        let scale = scale_of(difference(0.25, 0.25).margin(0.05));
        assert_eq!((scale.low, scale.high), (-0.06, 0.5));
        assert!(Group::all(&[Evidence::difference("", None).margin(0.05)])[0].scale().is_none());
    }

    #[test]
    fn rows_are_grouped_by_what_they_measure() {
        let row = |unit, name: &str| Evidence::difference(name, None).unit(unit);
        let rows = [
            row(Unit::Accuracy, "a"),
            row(Unit::Fairness, "b"),
            row(Unit::Accuracy, "c"),
            Evidence::level("d", None),
        ];
        let groups = Group::all(&rows);
        let names = |group: &Group| {
            group.rows.iter().map(|row| row.quantity.clone()).collect::<Vec<_>>().concat()
        };
        assert_eq!(groups.iter().map(names).collect::<Vec<_>>(), ["ac", "b", "d"]);
        let name = groups.iter().map(Group::name).collect::<Vec<_>>();
        assert_eq!(name, ["difference in accuracy", "difference in fairness", "accuracy"]);
    }
}
