//! One line of the results: the decisions of one classifier on one task, as rates.

use std::borrow::Cow;

use fairness::Notion;
use meta::AnyAlgorithm;
use serde::Serialize;

use crate::plan::arm::{Arm, MethodName};
use crate::plan::{Judged, Plan};
use crate::results::outcome::{Adaptation, Outcome, Stage};
use crate::results::trained::Trained;

/// Decisions on the query rows of one task. Undefined values are empty cells.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// The problem.
    pub problem: &'static str,
    /// The seed of the run.
    pub seed: u64,
    /// The name of the method in tables.
    #[serde(rename = "method")]
    pub label: Cow<'static, str>,
    /// The method.
    #[serde(skip)]
    pub method: MethodName,
    /// The meta-learning algorithm; that of the plan if `None`.
    #[serde(skip)]
    pub algorithm: Option<AnyAlgorithm>,
    /// The notion of the regularizer or of the thresholds.
    pub notion: Option<Notion>,
    /// γ
    pub gamma: f64,
    /// The target parity, or the share that a coin accepts.
    pub target: Option<f64>,
    /// Before or after adaptation.
    pub stage: Stage,
    /// The rate of the steps.
    pub rate: Option<f64>,
    /// Gradient steps, or epochs.
    pub steps: u64,
    /// The γ of the steps, if it differs from training.
    pub adaptation_gamma: Option<f64>,
    /// The task's name.
    pub task: String,
    /// Whether several runs may hold out this task, so that they are not independent.
    #[serde(skip)]
    pub task_recurs: bool,
    /// The number of support rows.
    pub support_rows: usize,
    /// The number of query rows.
    pub query_rows: u64,
    /// The number of positive query rows.
    pub query_positive: u64,
    /// The number of protected query rows.
    pub query_protected: u64,
    /// The number of positive, protected query rows.
    pub query_protected_positive: u64,
    /// The share of rows that are accepted.
    pub positive_rate: Option<f64>,
    /// Accuracy.
    pub accuracy: Option<f64>,
    /// Accuracy on protected rows.
    pub protected_accuracy: Option<f64>,
    /// Accuracy on the other rows.
    pub unprotected_accuracy: Option<f64>,
    /// The share of protected rows that are accepted.
    pub protected_positive_rate: Option<f64>,
    /// The share of other rows that are accepted.
    pub unprotected_positive_rate: Option<f64>,
    /// The share of positive protected rows that are accepted.
    pub protected_true_positive_rate: Option<f64>,
    /// The share of positive other rows that are accepted.
    pub unprotected_true_positive_rate: Option<f64>,
    /// The share of negative protected rows that are accepted.
    pub protected_false_positive_rate: Option<f64>,
    /// The share of negative other rows that are accepted.
    pub unprotected_false_positive_rate: Option<f64>,
    /// The parity ratio: the acceptance rate of protected rows divided by that of the other rows.
    pub demographic_parity_ratio: Option<f64>,
    /// The opportunity ratio: the same ratio among positive rows.
    pub equal_opportunity_ratio: Option<f64>,
    /// min(r, 1/r) of the parity ratio r.
    #[serde(rename = "parity")]
    pub demographic_parity_closeness: Option<f64>,
    /// min(r, 1/r) of the opportunity ratio r.
    #[serde(rename = "opportunity")]
    pub equal_opportunity_closeness: Option<f64>,
    /// The larger difference of the true and the false positive rates between the groups.
    pub equalized_odds_difference: Option<f64>,
}

impl Record {
    /// The record of one outcome of a training. Nothing is known of its task in other runs.
    pub(crate) fn new(
        problem: &'static str,
        label: Cow<'static, str>,
        run: &Trained,
        outcome: &Outcome,
    ) -> Self {
        let (arm, counts) = (run.arm, &outcome.counts);
        let metrics = counts.metrics();
        let (protected, others) = (metrics.protected, metrics.unprotected);
        let Adaptation { stage, rate, steps, gamma: adaptation_gamma } = outcome.adaptation;
        Record {
            problem,
            seed: run.seed,
            label,
            method: arm.method,
            algorithm: arm.algorithm,
            notion: arm.notion,
            gamma: arm.gamma,
            target: arm.target,
            stage,
            rate,
            steps,
            adaptation_gamma,
            task: outcome.task.clone(),
            task_recurs: false,
            support_rows: outcome.support_rows,
            query_rows: counts.overall().total(),
            query_positive: counts.overall().positives(),
            query_protected: counts.protected.total(),
            query_protected_positive: counts.protected.positives(),
            positive_rate: metrics.overall.positive_rate,
            accuracy: metrics.overall.accuracy,
            protected_accuracy: protected.accuracy,
            unprotected_accuracy: others.accuracy,
            protected_positive_rate: protected.positive_rate,
            unprotected_positive_rate: others.positive_rate,
            protected_true_positive_rate: protected.true_positive_rate,
            unprotected_true_positive_rate: others.true_positive_rate,
            protected_false_positive_rate: protected.false_positive_rate,
            unprotected_false_positive_rate: others.false_positive_rate,
            demographic_parity_ratio: metrics.demographic_parity_ratio,
            equal_opportunity_ratio: metrics.equal_opportunity_ratio,
            demographic_parity_closeness: metrics.demographic_parity_closeness,
            equal_opportunity_closeness: metrics.equal_opportunity_closeness,
            equalized_odds_difference: metrics.equalized_odds.largest_difference,
        }
    }
}

impl Record {
    /// The arm of the record.
    pub fn arm(&self) -> Arm {
        let Record { method, notion, gamma, target, algorithm, .. } = *self;
        Arm { method, notion, gamma, target, algorithm }
    }

    /// The adaptation of the classifier.
    pub fn adaptation(&self) -> Adaptation {
        let Record { stage, rate, steps, adaptation_gamma: gamma, .. } = *self;
        Adaptation { stage, rate, steps, gamma }
    }
}

/// The records of the chosen outcomes of every training under a plan or its companions.
pub fn records<'a>(
    plan: &Plan,
    trained: &'a [Trained],
    outcomes: impl Fn(&'a Trained) -> &'a [Outcome],
) -> Vec<Record> {
    let of_run = |run: &'a Trained| {
        let outcomes = match plan.judged {
            Judged::TaskByTask => Cow::from(outcomes(run)),
            Judged::Together => Cow::from(together(outcomes(run))),
        };
        let (problem, label) = (plan.problem.name(), plan.label(run.arm));
        // All tasks of a run together are no task of another run.
        let task_recurs = plan.problem.tasks_recur() && plan.judged == Judged::TaskByTask;
        let record =
            |outcome| Record { task_recurs, ..Record::new(problem, label.clone(), run, outcome) };
        outcomes.iter().map(record).collect::<Vec<_>>()
    };
    trained.iter().flat_map(of_run).collect()
}

/// The outcomes of a run on all its tasks; outcomes with the same adaptation are added up.
fn together(outcomes: &[Outcome]) -> Vec<Outcome> {
    let mut pooled: Vec<Outcome> = Vec::new();
    for outcome in outcomes {
        let alike = |other: &&mut Outcome| {
            (other.adaptation, other.support_rows) == (outcome.adaptation, outcome.support_rows)
        };
        match pooled.iter_mut().find(alike) {
            Some(sum) => sum.counts = sum.counts + outcome.counts,
            None => pooled.push(Outcome { task: "all tasks".into(), ..outcome.clone() }),
        }
    }
    pooled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::trained;
    use crate::sample;
    use fairness::metrics::{Confusion, GroupCounts};

    fn outcome(protected: Confusion, unprotected: Confusion) -> Outcome {
        let counts = GroupCounts { protected, unprotected };
        Outcome {
            task: "Ohio".into(),
            adaptation: Adaptation::after(0.1, 2),
            support_rows: 7,
            counts,
        }
    }

    /// Of 10 protected rows 4 are positive, of 20 others 16.
    #[test]
    fn rates_by_hand() {
        let protected = Confusion {
            true_positives: 3,
            false_positives: 2,
            true_negatives: 4,
            false_negatives: 1,
        };
        let others = Confusion {
            true_positives: 12,
            false_positives: 3,
            true_negatives: 1,
            false_negatives: 4,
        };
        let arm = Arm::regularized(MethodName::Meta, Notion::EQUAL_OPPORTUNITY, 10.0);
        let runs = [trained(arm, 5, vec![outcome(protected, others)])];
        let records = records(&sample::communities(), &runs, |run| &run.outcomes);
        let [r] = &records[..] else { panic!("one record") };
        assert_eq!(
            (r.problem, r.seed, &*r.label, r.task.as_str()),
            ("communities", 5, "Fair-MAML", "Ohio")
        );
        assert_eq!((r.method, r.notion, r.gamma), (arm.method, arm.notion, 10.0));
        assert_eq!((r.stage, r.rate, r.steps, r.support_rows), (Stage::After, Some(0.1), 2, 7));
        assert_eq!((r.query_rows, r.query_positive), (30, 20));
        assert_eq!((r.query_protected, r.query_protected_positive), (10, 4));
        let half = Some(0.5);
        assert_eq!((r.accuracy, r.positive_rate), (Some(20.0 / 30.0), Some(20.0 / 30.0)));
        assert_eq!((r.protected_accuracy, r.unprotected_accuracy), (Some(0.7), Some(0.65)));
        assert_eq!((r.protected_positive_rate, r.unprotected_positive_rate), (half, Some(0.75)));
        let true_rates = (r.protected_true_positive_rate, r.unprotected_true_positive_rate);
        assert_eq!(true_rates, (Some(0.75), Some(0.75)));
        let false_rates = (r.protected_false_positive_rate, r.unprotected_false_positive_rate);
        assert_eq!(false_rates, (Some(2.0 / 6.0), Some(0.75)));
        assert_eq!(r.demographic_parity_ratio, Some(0.5 / 0.75));
        assert_eq!(r.equal_opportunity_ratio, Some(1.0));
        assert_eq!(r.equalized_odds_difference, Some(0.75 - 2.0 / 6.0));
    }

    #[test]
    fn without_protected_rows_there_are_no_ratios() {
        let others = Confusion { true_positives: 2, true_negatives: 2, ..Confusion::default() };
        let arm = Arm::plain(MethodName::Majority);
        let runs = [trained(arm, 0, vec![outcome(Confusion::default(), others)])];
        let record = &records(&sample::communities(), &runs, |run| &run.outcomes)[0];
        assert_eq!((record.query_protected, record.accuracy), (0, Some(1.0)));
        for value in [
            record.protected_accuracy,
            record.protected_positive_rate,
            record.demographic_parity_ratio,
            record.equal_opportunity_ratio,
            record.equalized_odds_difference,
        ] {
            assert_eq!(value, None);
        }
    }

    #[test]
    fn every_outcome_of_every_run_in_order() {
        let half = Confusion { true_positives: 1, ..Confusion::default() };
        let arm = Arm::plain(MethodName::Scratch);
        let runs = [3, 1].map(|seed| trained(arm, seed, vec![outcome(half, half); 2]));
        let seeds = |judged| {
            let records =
                records(&Plan { judged, ..sample::synthetic() }, &runs, |run| &run.outcomes);
            records.iter().map(|r| r.seed).collect::<Vec<_>>()
        };
        assert_eq!(seeds(Judged::TaskByTask), [3, 3, 1, 1]);
        assert_eq!(seeds(Judged::Together), [3, 1]);
        assert!(records(&sample::synthetic(), &runs, |run| &run.points).is_empty());
    }

    /// States are held out by several runs; synthetic tasks are made for one run, and all tasks of
    /// a run together belong to it.
    #[test]
    fn states_recur() {
        let half = Confusion { true_positives: 1, ..Confusion::default() };
        let run = [trained(Arm::plain(MethodName::Meta), 0, vec![outcome(half, half)])];
        let recurs = |plan: Plan| records(&plan, &run, |run| &run.outcomes)[0].task_recurs;
        assert!(recurs(sample::communities()));
        assert!(!recurs(sample::synthetic()));
        assert!(!recurs(Plan { judged: Judged::Together, ..sample::communities() }));
    }

    /// Rates of 1 in 4 against 2 in 2, and of 4 in 4 against 1 in 2: the ratios are 1/4 and 2, that
    /// of all together is (5/8) / (3/4). Outcomes with another adaptation are not added.
    #[test]
    fn a_ratio_of_pooled_counts_is_no_mean_of_ratios() {
        let accepted = |accepted, rejected| Confusion {
            true_positives: accepted,
            false_negatives: rejected,
            ..Confusion::default()
        };
        let first = outcome(accepted(1, 3), accepted(2, 0));
        let second = outcome(accepted(4, 0), accepted(1, 1));
        let before = Outcome { adaptation: Adaptation::BEFORE, ..first.clone() };
        let more_rows = Outcome { support_rows: 9, ..first.clone() };
        let arm = Arm::plain(MethodName::Meta);
        let runs = [trained(arm, 0, vec![first, before, second, more_rows])];
        let records =
            records(&Plan { judged: Judged::Together, ..sample::communities() }, &runs, |run| {
                &run.outcomes
            });
        let found: Vec<_> = records
            .iter()
            .map(|r| (r.task.as_str(), r.stage, r.query_rows, r.demographic_parity_ratio))
            .collect();
        let all = "all tasks";
        assert_eq!(
            found,
            [
                (all, Stage::After, 12, Some(0.625 / 0.75)),
                (all, Stage::Before, 6, Some(0.25)),
                (all, Stage::After, 6, Some(0.25)),
            ]
        );
    }
}
