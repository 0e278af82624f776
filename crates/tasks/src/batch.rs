//! This module defines batches of rows, and the episodes that consist of batches.

use crate::Error;

/// Holds rows of a binary-classification problem. Each row has features, a label, and a flag that
/// tells whether the row belongs to the protected group.
///
/// The features are `x: (rows, features)`, row-major, and every value is finite. A batch may have
/// no rows, but it has at least one feature.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch {
    features: usize,
    x: Vec<f64>,
    positive: Vec<bool>,
    protected: Vec<bool>,
}

impl Batch {
    /// Makes a batch of `positive.len()` rows. `x` holds their features row after row:
    /// `(rows, features)`.
    ///
    /// # Errors
    /// Returns [`Error::BatchShape`] if `features` is 0 or if the lengths do not fit each other.
    /// Returns [`Error::NonFinite`] if a value is not finite.
    ///
    /// ```
    /// use tasks::Batch;
    /// let batch = Batch::new(2, vec![0.1, 0.2, 1.1, 1.2], vec![true, false], vec![false, true])?;
    /// assert_eq!((batch.rows(), batch.row(1)), (2, &[1.1, 1.2][..]));
    /// # Ok::<(), tasks::Error>(())
    /// ```
    pub fn new(
        features: usize,
        x: Vec<f64>,
        positive: Vec<bool>,
        protected: Vec<bool>,
    ) -> Result<Self, Error> {
        let (values, labels, memberships) = (x.len(), positive.len(), protected.len());
        if features == 0 || labels.checked_mul(features) != Some(values) || memberships != labels {
            return Err(Error::BatchShape {
                features,
                values,
                positive: labels,
                protected: memberships,
            });
        }
        if let Some(at) = x.iter().position(|value| !value.is_finite()) {
            return Err(Error::NonFinite {
                row: at / features,
                feature: at % features,
                value: x[at],
            });
        }
        Ok(Self { features, x, positive, protected })
    }

    /// Makes a batch of parts that fit each other. The caller must make sure that all values are
    /// finite.
    pub(crate) fn of_finite(
        features: usize,
        x: Vec<f64>,
        positive: Vec<bool>,
        protected: Vec<bool>,
    ) -> Self {
        Self { features, x, positive, protected }
    }

    /// Returns the number of rows.
    pub fn rows(&self) -> usize {
        self.positive.len()
    }

    /// Returns the number of features of a row.
    pub fn features(&self) -> usize {
        self.features
    }

    /// Returns the features, `(rows, features)`, row-major.
    pub fn x(&self) -> &[f64] {
        &self.x
    }

    /// Returns the features of one row, `(features)`.
    ///
    /// # Panics
    /// Panics if there is no such row.
    pub fn row(&self, row: usize) -> &[f64] {
        &self.x[row * self.features..][..self.features]
    }

    /// Returns the label of each row. It is `true` for the positive class (class 1).
    pub fn positive(&self) -> &[bool] {
        &self.positive
    }

    /// Returns the group of each row. It is `true` for a protected row (a = 0 in the paper's
    /// notation).
    pub fn protected(&self) -> &[bool] {
        &self.protected
    }

    /// Returns a batch of the given rows in the given order. An index may occur more than once.
    ///
    /// # Panics
    /// Panics if there is no such row.
    pub fn select(&self, rows: &[usize]) -> Self {
        let mut x = Vec::with_capacity(rows.len() * self.features);
        rows.iter().for_each(|&row| x.extend_from_slice(self.row(row)));
        Self {
            features: self.features,
            x,
            positive: rows.iter().map(|&row| self.positive[row]).collect(),
            protected: rows.iter().map(|&row| self.protected[row]).collect(),
        }
    }

    /// Joins the rows of all batches, one batch after another.
    ///
    /// # Panics
    /// Panics if `batches` is empty, or if the batches differ in their number of features.
    pub fn concat(batches: &[&Self]) -> Self {
        let features = batches.first().expect("concat needs at least one batch").features;
        for batch in batches {
            assert_eq!(
                features, batch.features,
                "concat of batches with {features} and {} features",
                batch.features
            );
        }
        let flags = |of: fn(&Self) -> &[bool]| -> Vec<bool> {
            batches.iter().map(|batch| of(batch)).collect::<Vec<_>>().concat()
        };
        Self {
            features,
            x: batches.iter().map(|batch| batch.x()).collect::<Vec<_>>().concat(),
            positive: flags(Self::positive),
            protected: flags(Self::protected),
        }
    }

    /// Returns the same rows with the two groups exchanged. Each protected row becomes unprotected,
    /// and each unprotected row becomes protected.
    ///
    /// ```
    /// use tasks::Batch;
    /// let batch = Batch::new(1, vec![0.1, 0.2], vec![true, false], vec![false, true])?;
    /// assert_eq!(batch.with_groups_exchanged().protected(), [true, false]);
    /// # Ok::<(), tasks::Error>(())
    /// ```
    pub fn with_groups_exchanged(self) -> Self {
        Self { protected: self.protected.iter().map(|protected| !protected).collect(), ..self }
    }

    /// Flips every label. Positive rows become negative, and negative rows become positive.
    pub(crate) fn flip_labels(&mut self) {
        self.positive.iter_mut().for_each(|positive| *positive = !*positive);
    }

    /// Returns the same rows with other features. The caller must make sure that all values are
    /// finite.
    pub(crate) fn with_x(&self, x: Vec<f64>) -> Self {
        assert_eq!(x.len(), self.x.len(), "{} values for a batch of {}", x.len(), self.x.len());
        Self { x, ..self.clone() }
    }
}

/// Holds two sets of rows of one task. They share no row unless the query set is drawn with
/// [`Queries::Independent`](crate::Queries::Independent).
#[derive(Clone, Debug, PartialEq)]
pub struct Episode {
    /// The rows on which a learner adapts.
    pub support: Batch,
    /// The rows on which the adapted learner is evaluated.
    pub query: Batch,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(features: usize, x: &[f64], positive: usize, protected: usize) -> String {
        Batch::new(features, x.to_vec(), vec![true; positive], vec![false; protected])
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn parts_must_fit() {
        let needs = "features needs as many values per row, labels and memberships: got";
        assert_eq!(
            error(2, &[1.0; 3], 2, 2),
            format!("a batch of 2 {needs} 3 values, 2 labels, 2 memberships")
        );
        assert_eq!(
            error(2, &[1.0; 4], 2, 1),
            format!("a batch of 2 {needs} 4 values, 2 labels, 1 memberships")
        );
        assert_eq!(
            error(0, &[], 0, 0),
            format!("a batch of 0 {needs} 0 values, 0 labels, 0 memberships")
        );
        assert!(error(usize::MAX, &[1.0; 2], 2, 2).starts_with("a batch of"));
    }

    #[test]
    fn values_must_be_finite() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let expected =
                format!("row 1, feature 0 of a batch is {value}; features must be finite");
            assert_eq!(error(2, &[1.0, 1.0, value, 1.0], 2, 2), expected);
        }
    }

    #[test]
    fn select_and_concat() {
        let batch = Batch::new(
            2,
            vec![0.0, 1.0, 2.0, 3.0, 4.0, 5.0],
            vec![true, false, true],
            vec![false, true, true],
        )
        .unwrap();
        let picked = batch.select(&[2, 0, 2]);
        assert_eq!(picked.x(), [4.0, 5.0, 0.0, 1.0, 4.0, 5.0]);
        assert_eq!(picked.positive(), [true; 3]);
        assert_eq!(picked.protected(), [true, false, true]);
        assert_eq!(
            Batch::concat(&[&batch.select(&[0]), &batch.select(&[]), &batch.select(&[1, 2])]),
            batch
        );
    }

    #[test]
    #[should_panic(expected = "concat of batches with 2 and 1 features")]
    fn concat_of_unequal_batches() {
        let of = |features| Batch::new(features, vec![], vec![], vec![]).unwrap();
        Batch::concat(&[&of(2), &of(1)]);
    }
}
