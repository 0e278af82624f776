//! Criteria that compare both groups: squared gaps of the groups' mean probabilities.

use tape::{Recorder, Var};

use super::{Criterion, Measure, Reading, Rows};

/// Which rows a gap is about.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Stratum {
    /// All rows.
    All,
    /// The rows with this label.
    Label(bool),
}

impl Stratum {
    fn has(self, rows: &Rows<'_>, i: usize) -> bool {
        match self {
            Stratum::All => true,
            Stratum::Label(positive) => rows.positive[i] == positive,
        }
    }

    /// The number of its rows in a group.
    fn members(self, rows: &Rows<'_>, protected: bool) -> usize {
        let is_member = |&i: &usize| rows.protected[i] == protected && self.has(rows, i);
        (0..rows.protected.len()).filter(is_member).count()
    }

    /// Whether both groups have a row in it.
    fn has_both(self, rows: &Rows<'_>) -> bool {
        self.members(rows, true) > 0 && self.members(rows, false) > 0
    }
}

/// R = Σ over the strata of (mean of p over protected rows − mean of p over the other rows)², with
/// p = P(ŷ = 1). A stratum in which a group has no row adds 0, without a gradient.
pub(super) struct SquaredGaps {
    pub name: &'static str,
    pub title: &'static str,
    pub measure: Measure,
    pub strata: &'static [Stratum],
}

impl Criterion for SquaredGaps {
    fn name(&self) -> &'static str {
        self.name
    }

    fn title(&self) -> &'static str {
        self.title
    }

    fn measure(&self) -> Measure {
        self.measure
    }

    /// A row counts where the other group has a row in the same stratum.
    fn needs(&self, rows: &Rows<'_>, i: usize) -> bool {
        self.strata.iter().any(|stratum| stratum.has(rows, i) && stratum.has_both(rows))
    }

    /// The equation has one reading.
    fn eval<'a>(
        &self,
        tape: &mut dyn Recorder,
        log_probabilities: Var,
        rows: &dyn Fn(usize) -> Rows<'a>,
        _: Reading,
    ) -> Var {
        let (batch, _) = tape.shape(log_probabilities);
        let probabilities = tape.exp(log_probabilities);
        let mut squares = self.strata.iter().map(|stratum| {
            // The weights of the difference of means: 1/n for protected rows, −1/m for the others.
            let weights = tape.sparse_constant(batch, 2, &|lane, set| {
                let rows = rows(lane);
                if !stratum.has_both(&rows) {
                    return;
                }
                let [n, m] = [true, false].map(|group| stratum.members(&rows, group) as f64);
                for i in (0..batch).filter(|&i| stratum.has(&rows, i)) {
                    set(2 * i + 1, if rows.protected[i] { 1.0 / n } else { -1.0 / m });
                }
            });
            let gap = tape.dot(probabilities, weights);
            tape.powi(gap, 2)
        });
        let squares: Vec<Var> = squares.by_ref().collect();
        squares.into_iter().reduce(|sum, square| tape.add(sum, square)).expect("a stratum")
    }
}
