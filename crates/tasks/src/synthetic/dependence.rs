//! This module measures how strongly the group of a generated task depends on the label.

use super::{LabelRule, SyntheticConfig, SyntheticSettings, TaskFacts};
use crate::{Batch, Error};

/// Measures how strongly the group and the label of some rows depend on each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dependence {
    /// Pearson's correlation between being protected and being positive (the phi coefficient). It
    /// lies between −1 and 1. It is 0 if group and label are independent. `None` if all rows or no
    /// rows are protected, or if all rows or no rows are positive.
    pub correlation: Option<f64>,
    /// P(positive | protected) / P(positive | not protected). This is the parity ratio of a
    /// classifier that makes no mistake. `None` if a group is empty, or if no row outside the
    /// protected group is positive.
    pub parity_ratio: Option<f64>,
    /// The share of the rows that are protected, between 0 and 1. `None` if there are no rows.
    pub protected_share: Option<f64>,
}

impl Dependence {
    /// Measures the dependence in these rows.
    ///
    /// ```
    /// use tasks::{Batch, synthetic::Dependence};
    ///
    /// // Of two protected rows both are positive, of two others one is.
    /// let (positive, protected) = (vec![true, true, true, false], vec![true, true, false, false]);
    /// let found = Dependence::of(&Batch::new(1, vec![0.0; 4], positive, protected)?);
    /// assert_eq!((found.parity_ratio, found.protected_share), (Some(2.0), Some(0.5)));
    /// // (2 · 1 − 0 · 1) / √(3 · 1 · 2 · 2)
    /// assert_eq!(found.correlation, Some(2.0 / 12.0_f64.sqrt()));
    /// # Ok::<(), tasks::Error>(())
    /// ```
    pub fn of(rows: &Batch) -> Self {
        let count = |label, group| {
            let pairs = rows.positive().iter().zip(rows.protected());
            pairs.filter(|&(&positive, &protected)| (positive, protected) == (label, group)).count()
                as f64
        };
        // The counts a and b are those of the positive and the negative protected rows. The counts
        // c and d are those of the other rows.
        let [[a, b], [c, d]] = [true, false].map(|group| [count(true, group), count(false, group)]);
        let quotient = |over: f64, under: f64| (under > 0.0).then(|| over / under);
        let margins = (a + b) * (c + d) * (a + c) * (b + d);
        let rates = quotient(a, a + b).zip(quotient(c, c + d));
        Self {
            correlation: quotient(a * d - b * c, margins.sqrt()),
            parity_ratio: rates.and_then(|(protected, others)| quotient(protected, others)),
            protected_share: quotient(a + b, a + b + c + d),
        }
    }
}

impl SyntheticConfig {
    /// Measures the dependence of group and label at one φ, in one generated task with `points`
    /// points.
    ///
    /// The task is test task 0 of `seed`, but with this φ, this number of points and, if one is
    /// given, this rule. Without a rule it has the rule of the configured test task 0. Each number
    /// has a sampling error. With 1,000,000 points and the default settings, the standard error is
    /// about 0.001 for the correlation and 0.02 for the parity ratio.
    ///
    /// # Errors
    /// Returns [`Error::Setting`] if the settings do not accept this φ or this number of points.
    ///
    /// ```
    /// use tasks::synthetic::SyntheticConfig;
    ///
    /// let config = SyntheticConfig::default();
    /// let weak = config.dependence(2.0, None, 10_000, 0)?;
    /// let strong = config.dependence(16.0, None, 10_000, 0)?;
    /// assert!(weak.correlation.unwrap() < 0.3 && strong.correlation.unwrap() > 0.6);
    /// # Ok::<(), tasks::Error>(())
    /// ```
    pub fn dependence(
        &self,
        phi: f64,
        rule: Option<LabelRule>,
        points: usize,
        seed: u64,
    ) -> Result<Dependence, Error> {
        let settings = SyntheticSettings { points, phis: vec![phi], ..self.0.clone() };
        let sized = Self::new(settings)?;
        // The facts are drawn with the unchanged settings. Lines and coins are then those of the
        // configured task.
        let (facts, mut rng) = self.test(seed, 0);
        let facts = TaskFacts { phi, rule: rule.unwrap_or(facts.rule) };
        Ok(Dependence::of(&sized.generate(&facts, &mut rng)))
    }
}
