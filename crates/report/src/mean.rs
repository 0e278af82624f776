//! Means and their uncertainty.

use crate::number::decimal;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// A mean over independent runs and its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mean {
    /// The arithmetic mean.
    pub mean: f64,
    /// The two ends of the interval, the lower first; `None` for a single value.
    pub interval: Option<(f64, f64)>,
    /// How many values went into it.
    pub values: usize,
}

/// The values that a quantity can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// All numbers.
    Any,
    /// [0, 1]
    Rate,
    /// [−1, 1], the differences of two rates.
    Difference,
    /// [0, ∞)
    Ratio,
}

impl Range {
    fn ends(self) -> (f64, f64) {
        match self {
            Range::Any => (f64::NEG_INFINITY, f64::INFINITY),
            Range::Rate => (0.0, 1.0),
            Range::Difference => (-1.0, 1.0),
            Range::Ratio => (0.0, f64::INFINITY),
        }
    }
}

impl Mean {
    /// The mean of `values`, which are independent draws of one quantity; `None` if there is none.
    ///
    /// The interval is mean ± t s / √n of Student's t with n − 1 degrees of freedom.
    pub fn of(values: &[f64]) -> Option<Mean> {
        Mean::of_runs(values, &[], Range::Any)
    }

    /// The mean of `values`, each a rate in [0, 1]; `None` if there is none.
    ///
    /// The interval is that of Student's t on the scale of log-odds, which never leaves [0, 1]:
    /// with h the half width t s / √n of the mean m, ln(m / (1 − m)) ± h / (m (1 − m)). Where every
    /// value is 0, or every value is 1, it is that one point.
    ///
    /// ```
    /// use report::mean::Mean;
    ///
    /// let rates = [0.98, 1.0, 0.90, 1.0];
    /// assert!(Mean::of(&rates).unwrap().interval.unwrap().1 > 1.0);
    /// let (low, high) = Mean::of_rates(&rates).unwrap().interval.unwrap();
    /// assert!(0.5 < low && low < 0.97 && 0.97 < high && high < 1.0);
    /// ```
    ///
    /// # Panics
    /// If a value is not in [0, 1].
    pub fn of_rates(values: &[f64]) -> Option<Mean> {
        Mean::of_runs(values, &[], Range::Rate)
    }

    /// The mean of `values`, each a difference of two rates, in [−1, 1]; `None` if there is none.
    ///
    /// The interval is that of [`Mean::of`], as far as it is in [−1, 1]. With few values, the rest
    /// of it has no meaning; the truth is never there.
    ///
    /// ```
    /// use report::mean::Mean;
    ///
    /// let mean = Mean::of_differences(&[-0.9, 0.1]).unwrap();
    /// assert_eq!((mean.interval, mean.values), (Some((-1.0, 1.0)), 2));
    /// ```
    ///
    /// # Panics
    /// If a value is not in [−1, 1].
    pub fn of_differences(values: &[f64]) -> Option<Mean> {
        Mean::of_runs(values, &[], Range::Difference)
    }

    /// The mean of `values`, each a ratio in [0, ∞); `None` if there is none. The interval is that
    /// of [`Mean::of`], as far as it is in [0, ∞).
    ///
    /// # Panics
    /// If a value is negative or NaN.
    pub fn of_ratios(values: &[f64]) -> Option<Mean> {
        Mean::of_runs(values, &[], Range::Ratio)
    }

    /// The mean over runs that may test the same tasks; `None` if there is no run. `without` has
    /// the mean of all runs again, once without each task that may be in several runs.
    ///
    /// Runs that share tasks are not independent, so the interval is the wider of two: that over
    /// runs, as above, and that over tasks, by the jackknife: with the G means θ₁ … θ_G of
    /// `without`, t √((G − 1)/G Σ (θ_g − θ̄)²), and G − 1 degrees of freedom (Efron and Stein,
    /// 1981).
    ///
    /// ```
    /// use report::mean::{Mean, Range};
    ///
    /// // Two runs that agree, because both have the same two tasks, which do not agree.
    /// let mean = Mean::of_runs(&[0.5, 0.5], &[0.4, 0.6], Range::Any).unwrap();
    /// assert!(mean.half_width().unwrap() > 0.5);
    /// ```
    ///
    /// # Panics
    /// If a value is not in the range.
    pub fn of_runs(values: &[f64], without: &[f64], range: Range) -> Option<Mean> {
        let (least, most) = range.ends();
        let possible = |value: f64| range == Range::Any || (least <= value && value <= most);
        if let Some(value) = values.iter().find(|value| !possible(**value)) {
            panic!("a value is in [{least}, {most}], got {value}");
        }
        let (mean, half) = moments(values, without)?;
        let interval = half.map(|half| match range {
            Range::Rate => on_log_odds(mean, half),
            _ => ((mean - half).max(least), (mean + half).min(most)),
        });
        Some(Mean { mean, interval, values: values.len() })
    }

    /// A mean whose interval reaches `half` to either side.
    pub fn plus_minus(mean: f64, half: f64, values: usize) -> Mean {
        Mean { mean, interval: Some((mean - half, mean + half)), values }
    }

    /// The mean with its interval, as in "0.545 (0.512 to 0.577)"; with signs for a difference.
    pub fn text(&self, signed: bool) -> String {
        let mean = decimal(self.mean, signed);
        self.interval.map_or(mean.clone(), |(low, high)| {
            format!("{mean} ({} to {})", decimal(low, signed), decimal(high, signed))
        })
    }

    /// Half the width of the interval.
    pub fn half_width(&self) -> Option<f64> {
        self.interval.map(|(low, high)| (high - low) / 2.0)
    }
}

/// The interval of a rate with this half width, on the scale of log-odds.
fn on_log_odds(mean: f64, half: f64) -> (f64, f64) {
    let variance = mean * (1.0 - mean);
    if half == 0.0 || variance == 0.0 {
        return (mean, mean);
    }
    let (log_odds, half) = ((mean / (1.0 - mean)).ln(), half / variance);
    let rate = |log_odds: f64| 1.0 / (1.0 + (-log_odds).exp());
    (rate(log_odds - half), rate(log_odds + half))
}

/// The mean, and the half width of its interval where there is more than one value.
fn moments(values: &[f64], without: &[f64]) -> Option<(f64, Option<f64>)> {
    let mean = average(values)?;
    let over_values = (values.len() > 1).then(|| {
        let n = values.len() as f64;
        student(values.len()) * (squares(values) / (n - 1.0) / n).sqrt()
    });
    let over_tasks = (without.len() > 1).then(|| {
        let tasks = without.len() as f64;
        student(without.len()) * ((tasks - 1.0) / tasks * squares(without)).sqrt()
    });
    Some((mean, over_values.map(|half| half.max(over_tasks.unwrap_or(0.0)))))
}

fn average(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The sum of squared deviations from the mean.
fn squares(values: &[f64]) -> f64 {
    let mean = average(values).unwrap_or(0.0);
    values.iter().map(|x| (x - mean) * (x - mean)).sum()
}

/// The 97.5% quantile of Student's t for `n` values, at least two.
fn student(n: usize) -> f64 {
    let student = StudentsT::new(0.0, 1.0, (n - 1) as f64).expect("at least one degree of freedom");
    student.inverse_cdf(0.975)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    #[test]
    fn against_a_table() {
        // Mean 3, s² = 2.5, t(0.975, 4) = 2.776445.
        let mean = Mean::of(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        assert_eq!(mean.mean, 3.0);
        assert_relative_eq!(
            mean.half_width().unwrap(),
            2.776445 * 0.5f64.sqrt(),
            max_relative = 1e-6
        );
    }

    /// If each run has a task of its own, the jackknife over tasks is the interval over runs.
    #[test]
    fn tasks_of_one_run_each_widen_nothing() {
        let values = [0.1, 0.4, 0.3, 0.9];
        let sum: f64 = values.iter().sum();
        let without = values.map(|value| (sum - value) / 3.0);
        let both = Mean::of_runs(&values, &without, Range::Any);
        let over_runs = Mean::of(&values);
        let [over_runs, both] = [over_runs, both].map(|mean| mean.unwrap().half_width().unwrap());
        assert_relative_eq!(over_runs, both, max_relative = 1e-12);
    }

    #[test]
    fn one_value_has_no_interval_and_none_no_mean() {
        let one = Some(Mean { mean: 0.5, interval: None, values: 1 });
        assert_eq!((Mean::of(&[0.5]), Mean::of_rates(&[0.5])), (one, one));
        assert_eq!((Mean::of(&[]), Mean::of_rates(&[])), (None, None));
    }

    /// Around 1/2 the two agree; the log-odds of 1/2 ± d are ± 4 d in first order.
    #[test]
    fn in_the_middle_both_intervals_are_alike() {
        let values = [0.49, 0.5, 0.51, 0.5];
        let (plain, rates) = (Mean::of(&values).unwrap(), Mean::of_rates(&values).unwrap());
        assert_relative_eq!(
            plain.half_width().unwrap(),
            rates.half_width().unwrap(),
            max_relative = 1e-3
        );
    }

    #[test]
    fn rates_that_are_all_alike_are_certain() {
        for rate in [0.0, 0.25, 1.0] {
            let mean = Mean::of_rates(&[rate; 3]).unwrap();
            assert_eq!(mean.interval, Some((rate, rate)));
        }
    }

    #[test]
    #[should_panic(expected = "in [0, 1], got 1.5")]
    fn a_ratio_is_no_rate() {
        let _ = Mean::of_rates(&[0.5, 1.5]);
    }

    proptest! {
        /// Where the interval of a mean is inside the range, it stays as it is.
        #[test]
        fn an_interval_of_differences_is_one_of_differences(
            values in prop::collection::vec(-1.0..=1.0f64, 2..9)
        ) {
            let (low, high) = Mean::of_differences(&values).unwrap().interval.unwrap();
            prop_assert!(-1.0 <= low && low <= high && high <= 1.0);
            let plain = Mean::of(&values).unwrap().interval.unwrap();
            prop_assert!(low == plain.0 || plain.0 < -1.0);
            prop_assert!(high == plain.1 || plain.1 > 1.0);
        }

        #[test]
        fn an_interval_of_rates_is_one_of_rates(values in prop::collection::vec(0.0..=1.0f64, 2..9)) {
            let mean = Mean::of_rates(&values).unwrap();
            let (low, high) = mean.interval.unwrap();
            prop_assert!(0.0 <= low && low <= mean.mean + 1e-12);
            prop_assert!(mean.mean <= high + 1e-12 && high <= 1.0);
        }
    }
}
