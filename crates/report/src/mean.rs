//! Means and their uncertainty.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// A mean over independent runs and its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Mean {
    /// The arithmetic mean.
    pub mean: f64,
    /// Half the width of the interval mean ± t s / √n of Student's t; `None` for a single value.
    pub half_width: Option<f64>,
    /// How many values went into it.
    pub values: usize,
}

impl Mean {
    /// The mean of `values`, which are independent draws of one quantity; `None` if there is none.
    pub fn of(values: &[f64]) -> Option<Mean> {
        let n = values.len();
        if n == 0 {
            return None;
        }
        let mean = values.iter().sum::<f64>() / n as f64;
        let half_width = (n > 1).then(|| {
            let squares = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>();
            let freedom = (n - 1) as f64;
            let student =
                StudentsT::new(0.0, 1.0, freedom).expect("at least one degree of freedom");
            student.inverse_cdf(0.975) * (squares / freedom / n as f64).sqrt()
        });
        Some(Mean { mean, half_width, values: n })
    }

    /// The two ends of the interval.
    pub fn interval(&self) -> Option<(f64, f64)> {
        self.half_width.map(|half| (self.mean - half, self.mean + half))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn against_a_table() {
        // Mean 3, s² = 2.5, t(0.975, 4) = 2.776445.
        let mean = Mean::of(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        assert_eq!(mean.mean, 3.0);
        assert_relative_eq!(
            mean.half_width.unwrap(),
            2.776445 * 0.5f64.sqrt(),
            max_relative = 1e-6
        );
    }

    #[test]
    fn one_value_has_no_interval_and_none_no_mean() {
        assert_eq!(Mean::of(&[2.0]), Some(Mean { mean: 2.0, half_width: None, values: 1 }));
        assert_eq!(Mean::of(&[]), None);
    }
}
