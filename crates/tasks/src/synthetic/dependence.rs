//! How strongly the group of a generated task depends on its label.

use super::{LabelRule, SyntheticConfig, SyntheticSettings, TaskFacts};
use crate::{Batch, Error};

/// How strongly being protected and being positive go together in some rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dependence {
    /// Pearson's correlation of being protected with being positive, the phi coefficient: −1 to 1,
    /// 0 where neither tells of the other. `None` if all rows, or none, are protected or positive.
    pub correlation: Option<f64>,
    /// P(positive | protected) / P(positive | not protected): the parity ratio of a classifier that
    /// makes no mistake. `None` if either group is empty or no row outside the protected group is
    /// positive.
    pub parity_ratio: Option<f64>,
    /// The share of rows that are protected; `None` if there is no row.
    pub protected_share: Option<f64>,
}

impl Dependence {
    /// The dependence in these rows.
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
        // Of the protected rows and of the others: how many are positive, how many negative.
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
    /// The dependence of group and label at one φ, in one generated task of so many points.
    ///
    /// It is test task 0 of `seed`, but with this φ, this many points and, if one is given, this
    /// rule. Without a rule it has that of test task 0 as configured. The mistake of each number is
    /// that of a sample: with 1,000,000 points under the default settings, a standard error of about
    /// 0.001 of the correlation and 0.02 of the parity ratio.
    ///
    /// # Errors
    /// [`Error::Setting`] for a φ or a number of points that the settings could not have.
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
        // The facts come from the unchanged settings, so that Lines and coins fall as in the task.
        let (facts, mut rng) = self.test(seed, 0);
        let facts = TaskFacts { phi, rule: rule.unwrap_or(facts.rule) };
        Ok(Dependence::of(&sized.generate(&facts, &mut rng)))
    }
}
