use super::*;
use crate::plan::arm::{Arm, MethodName};
use crate::planted::{Cell, record};
use crate::results::compare::parity;
use crate::results::outcome::Adaptation;
use approx::assert_relative_eq;
use fairness::Notion;
use proptest::prelude::*;

#[test]
fn areas_by_hand() {
    assert_eq!(dominated(vec![]), 0.0);
    assert_eq!(dominated(vec![(0.4, 1.0)]), 0.0);
    assert_relative_eq!(dominated(vec![(0.75, 0.5)]), 0.125);
    // A point inside changes nothing; one that is fairer adds a strip.
    assert_relative_eq!(dominated(vec![(0.7, 0.4), (0.75, 0.5)]), 0.125);
    assert_relative_eq!(dominated(vec![(0.6, 0.9), (0.75, 0.5)]), 0.125 + 0.1 * 0.4);
    // The best possible point.
    assert_relative_eq!(dominated(vec![(0.6, 0.9), (1.0, 1.0)]), 0.5);
}

const META: MethodName = MethodName::Meta;
const SCRATCH: MethodName = MethodName::Scratch;

/// A method's record of a task of a run, at γ = 0 unless there is another. Half of the rows are
/// positive.
fn point(
    method: MethodName,
    gamma: f64,
    (seed, task): (u64, usize),
    accuracy: f64,
    ratio: Option<f64>,
) -> Record {
    let arm = Arm::regularized(method, Notion::DEMOGRAPHIC_PARITY, gamma);
    let cell = Cell { arm, adaptation: Adaptation::after(0.1, 1), seed, task, rows: 10 };
    record(cell, Some(accuracy), ratio)
}

/// The front of all records, one setting for each γ.
fn front(records: &[Record]) -> Front<'_> {
    let mut arms: Vec<Arm> = records.iter().map(Record::arm).collect();
    arms.dedup();
    let of = |arm| SettingRecords::of(records, arm, Adaptation::after(0.1, 1));
    arms.into_iter().map(of).collect()
}

/// Each run has its own front, from the means of that run.
#[test]
fn areas_are_of_each_run() {
    let ours = [(0, Some(0.5)), (1, Some(2.0)), (2, Some(1.0)), (3, None)]
        .map(|(seed, ratio)| point(META, 0.0, (seed, 0), 0.75, ratio));
    let theirs = [
        point(SCRATCH, 0.0, (0, 0), 0.75, Some(0.25)),
        point(SCRATCH, 0.0, (1, 0), 0.4, Some(1.0)),
        point(SCRATCH, 0.0, (3, 0), 0.9, Some(1.0)),
    ];
    let difference = front(&ours).area_minus(&front(&theirs), parity).unwrap();
    // Accuracy beyond 1/2 times closeness: 0.125 − 0.0625 and 0.125 − 0. Run 2 has no partner, run
    // 3 no ratio on one side.
    assert_eq!(difference.seeds, [0.0625, 0.125]);
    assert_eq!((difference.undefined, difference.tasks), (1, 3));
}

/// Settings of one run make one front, whose points are means over tasks.
#[test]
fn a_front_is_of_all_settings() {
    // Means (0.75, 0.5) and (0.6, 0.9).
    let all = [
        point(META, 0.0, (0, 0), 0.7, Some(0.4)),
        point(META, 0.0, (0, 1), 0.8, Some(0.6)),
        point(META, 1.0, (0, 0), 0.5, Some(0.8)),
        point(META, 1.0, (0, 1), 0.7, Some(1.0)),
    ];
    let beyond = front(&all).area_beyond_constants(parity);
    assert_relative_eq!(beyond.seeds[0], 0.125 + 0.1 * 0.4, epsilon = 1e-15);
}

/// Two runs hold out the same two states. The runs agree, but the states do not: without a state
/// the area is that of the other one. The half width is t(0.975, 1) √(1/2 · 2 · 0.01²) = 0.127.
#[test]
fn states_of_several_runs_widen_an_interval() {
    let all = |recurs: bool| -> Vec<Record> {
        let cells = [(0, 0, 0.76), (0, 1, 0.74), (1, 0, 0.76), (1, 1, 0.74)];
        let one = |(run, state, accuracy)| Record {
            task_recurs: recurs,
            ..point(META, 0.0, (run, state), accuracy, Some(1.0))
        };
        cells.map(one).into()
    };
    let beyond = |recurs| front(&all(recurs)).area_beyond_constants(parity).mean.unwrap();
    assert_relative_eq!(beyond(false).half_width().unwrap(), 0.0, epsilon = 1e-12);
    assert_relative_eq!(beyond(true).mean, 0.25, epsilon = 1e-12);
    assert_relative_eq!(beyond(true).half_width().unwrap(), 0.127062, max_relative = 1e-5);
    let worse: Vec<Record> =
        all(true).into_iter().map(|record| Record { accuracy: Some(0.5), ..record }).collect();
    let (ours, worse) = (all(true), front(&worse));
    let strongest = front(&ours).area_minus_strongest(&[worse], parity).unwrap();
    let half = strongest.difference.mean.unwrap().half_width().unwrap();
    assert_relative_eq!(half, 0.127062, max_relative = 1e-5);
}

/// A method must not gain from being undefined on hard tasks: a task that is undefined at one
/// setting of either method is left out of all.
#[test]
fn fronts_are_of_the_same_tasks() {
    let of = |method, second| {
        [point(method, 0.0, (0, 0), 0.75, Some(0.8)), point(method, 0.0, (0, 1), 0.75, second)]
    };
    let (ours, theirs) = (of(META, Some(0.2)), of(SCRATCH, None));
    let (ours, theirs) = (front(&ours), front(&theirs));
    for difference in [ours.area_minus(&theirs, parity), theirs.area_minus(&ours, parity)] {
        let difference = difference.unwrap();
        assert_eq!(difference.mean.unwrap().mean, 0.0);
        assert_eq!((difference.undefined, difference.tasks), (1, 2));
    }
}

/// An area only grows with more settings, so a method with more of them cannot be compared.
#[test]
fn unequal_grids_are_not_compared() {
    let one = [point(META, 0.0, (0, 0), 0.7, Some(0.4))];
    let two =
        [point(SCRATCH, 0.0, (0, 0), 0.7, Some(0.4)), point(SCRATCH, 1.0, (0, 0), 0.6, Some(0.9))];
    let (one, two) = (front(&one), front(&two));
    assert_eq!(one.area_minus(&two, parity), Err(UnequalGrids { ours: 1, theirs: 2 }));
    assert_eq!(two.area_minus(&one, parity), Err(UnequalGrids { ours: 2, theirs: 1 }));
    assert!(one.area_minus_strongest(&[one.clone(), two], parity).is_err());
    assert!(one.area_minus(&one, parity).is_ok());
}

/// Accepting everybody is a setting of every front: where most rows are positive, it has an area.
/// Rejecting everybody is one too.
#[test]
fn constant_decisions_belong_to_every_front() {
    for positive in [28, 12] {
        let of = |method, accuracy, ratio| {
            [Record { query_positive: positive, ..point(method, 0.0, (0, 0), accuracy, ratio) }]
        };
        // The better constant has an accuracy of 0.7: its area is 0.2.
        let (ours, theirs) = (of(META, 0.75, Some(0.5)), of(SCRATCH, 0.6, Some(0.9)));
        let (ours, theirs) = (front(&ours), front(&theirs));
        let difference = ours.area_minus(&theirs, parity).unwrap();
        assert_relative_eq!(difference.seeds[0], 0.05 * 0.5, epsilon = 1e-15);
        assert_relative_eq!(
            ours.area_beyond_constants(parity).seeds[0],
            0.05 * 0.5,
            epsilon = 1e-15
        );
        assert_relative_eq!(theirs.area_beyond_constants(parity).seeds[0], 0.0, epsilon = 1e-15);
    }
}

/// Rival 1 is stronger in runs 0 and 1, rival 0 in run 2. Each run is judged against the rival that
/// is stronger in the other runs.
#[test]
fn the_strongest_rival_is_chosen_on_other_runs() {
    let of = |accuracies: [f64; 3]| -> Vec<Record> {
        let run = |(seed, accuracy): (usize, f64)| {
            point(META, 0.0, (seed as u64, 0), accuracy, Some(1.0))
        };
        accuracies.into_iter().enumerate().map(run).collect()
    };
    let all = [of([0.75; 3]), of([0.5, 0.5, 1.0]), of([0.875, 0.875, 0.5])];
    let [ours, first, second] = [0, 1, 2].map(|place| front(&all[place]));
    let found = ours.area_minus_strongest(&[first, second], parity).unwrap();
    // Run 0: areas elsewhere are 0 + 0.5 and 0.375 + 0; run 2: 0 + 0 and 0.375 + 0.375.
    assert_eq!(found.strongest, [0, 0, 1]);
    assert_eq!(found.difference.seeds, [0.25, 0.25, 0.25]);
    // One run has no other runs.
    let single = of([0.75; 3]);
    let single = front(&single[..1]);
    let alone = single.area_minus_strongest(std::slice::from_ref(&single), parity).unwrap();
    assert_eq!(alone.difference.mean, None);
}

proptest! {
    /// A further setting never makes an area smaller: this is why grids must be equal.
    #[test]
    fn an_area_grows_with_settings(
        points in prop::collection::vec((0.0..1.0f64, 0.0..1.0f64), 1..8),
        more in (0.0..1.0f64, 0.0..1.0f64),
    ) {
        let larger = [&points[..], &[more]].concat();
        prop_assert!(dominated(larger) >= dominated(points) - 1e-12);
    }
}
