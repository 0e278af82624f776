//! 1 − the mean probability of the positive class over a group, which equations 3 and 4 share.

use tape::{Recorder, Var};

use super::{Reading, Rows};

/// R = 1 − (1/|G|) Σ_{i ∈ G} P(ŷᵢ = 1), with G the rows that `is_member` names; 0 if there are none.
pub(super) fn one_minus_mean<'a>(
    is_member: impl Fn(&Rows<'_>, usize) -> bool,
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
        for i in (0..batch).filter(|&i| is_member(&rows, i)) {
            set(2 * i + 1, 1.0);
        }
    });
    let members = |lane: usize| {
        let rows = rows(lane);
        (0..batch).filter(|&i| is_member(&rows, i)).count()
    };
    let share = tape.constant(1, 1, &|_, _, lane| match reading {
        Reading::PublishedCode => 1.0 / batch as f64,
        Reading::GroupMean => match members(lane) {
            0 => 0.0,
            members => 1.0 / members as f64,
        },
    });
    // Without any member there is nothing to be fair to.
    let present = tape.constant(1, 1, &|_, _, lane| {
        let rows = rows(lane);
        let is_empty = reading == Reading::GroupMean && !(0..batch).any(|i| is_member(&rows, i));
        if is_empty { 0.0 } else { 1.0 }
    });
    let total = tape.dot(probabilities, group);
    let mean = tape.mul(total, share);
    tape.sub(present, mean)
}
