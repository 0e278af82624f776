//! Criteria of the form of equations 3 and 4: 1 − the mean probability of the positive class over a
//! group.

use tape::{Recorder, Var};

use super::{Criterion, Measure, Reading, Rows};

/// A group over which a criterion takes a mean.
pub(super) trait Group: Sync {
    const NAME: &'static str;
    const TITLE: &'static str;
    const MEASURE: Measure;

    /// Whether row `i` belongs to the group.
    fn is_member(rows: &Rows<'_>, i: usize) -> bool;
}

/// R = 1 − (1/|G|) Σ_{i ∈ G} P(ŷᵢ = 1) for the group G.
pub(super) struct GroupMean<G>(pub G);

impl<G: Group> Criterion for GroupMean<G> {
    fn name(&self) -> &'static str {
        G::NAME
    }

    fn title(&self) -> &'static str {
        G::TITLE
    }

    fn measure(&self) -> Measure {
        G::MEASURE
    }

    fn needs(&self, rows: &Rows<'_>, i: usize) -> bool {
        G::is_member(rows, i)
    }

    fn eval<'a>(
        &self,
        tape: &mut dyn Recorder,
        log_probabilities: Var,
        rows: &dyn Fn(usize) -> Rows<'a>,
        reading: Reading,
    ) -> Var {
        let (batch, _) = tape.shape(log_probabilities);
        let mut probabilities = tape.exp(log_probabilities);
        if reading == Reading::PublishedCode {
            let again = tape.log_softmax(probabilities);
            probabilities = tape.exp(again);
        }
        let group = tape.sparse_constant(batch, 2, &|lane, set| {
            let rows = rows(lane);
            for i in (0..batch).filter(|&i| G::is_member(&rows, i)) {
                set(2 * i + 1, 1.0);
            }
        });
        let members = |lane: usize| {
            let rows = rows(lane);
            (0..batch).filter(|&i| G::is_member(&rows, i)).count()
        };
        let share = tape.constant(1, 1, &|_, _, lane| match reading {
            Reading::PublishedCode => 1.0 / batch as f64,
            Reading::GroupMean => match members(lane) {
                0 => 0.0,
                members => 1.0 / members as f64,
            },
        });
        // Without any member the term is 0.
        let present = tape.constant(1, 1, &|_, _, lane| {
            let rows = rows(lane);
            let is_empty =
                reading == Reading::GroupMean && !(0..batch).any(|i| G::is_member(&rows, i));
            if is_empty { 0.0 } else { 1.0 }
        });
        let total = tape.dot(probabilities, group);
        let mean = tape.mul(total, share);
        tape.sub(present, mean)
    }
}
