//! 1 − the mean probability of the positive class over a group, which equations 3 and 4 share.

use tape::{Recorder, Var};

use super::{Criterion, Reading, Rows};

/// R = 1 − (1/|G|) Σ_{i ∈ G} P(ŷᵢ = 1), with G the rows that `criterion` needs; 0 if there are none.
pub(super) fn one_minus_mean<'a>(
    criterion: &dyn Criterion,
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
    let group = tape.constant(batch, 2, &|i, class, lane| {
        f64::from(u8::from(class == 1 && criterion.needs(&rows(lane), i)))
    });
    // 1 / |G|, and whether there is anything to be fair to.
    let share = |lane: usize| match reading {
        Reading::PublishedCode => 1.0 / batch as f64,
        Reading::GroupMean => {
            let rows = rows(lane);
            match (0..batch).filter(|&i| criterion.needs(&rows, i)).count() {
                0 => 0.0,
                members => 1.0 / members as f64,
            }
        }
    };
    let present = |lane: usize| if share(lane) == 0.0 { 0.0 } else { 1.0 };
    let (share, present) = (
        tape.constant(1, 1, &|_, _, lane| share(lane)),
        tape.constant(1, 1, &|_, _, lane| present(lane)),
    );
    let total = tape.dot(probabilities, group);
    let mean = tape.mul(total, share);
    tape.sub(present, mean)
}
