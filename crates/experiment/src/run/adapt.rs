//! How what was learned becomes a classifier for a new task.

use baselines::{Encoder, fit};
use fairness::metrics::GroupCounts;
use meta::{InnerLoop, adapt_to, decisions, probabilities};
use mlp::Network;
use tasks::{Batch, Episode, Purpose, stream};

use crate::error::{Error, Result};
use crate::plan::arm::{Algorithm, Arm};
use crate::plan::{FineTuning, Plan};
use crate::results::outcome::{Adaptation, Stage};
use crate::results::trained::Learned;

/// The stream of a fresh network's weights on LAFTR's codes, among those of initial weights.
const TRANSFER: u64 = 100;

/// Decides about rows.
pub enum Classifier {
    /// A network on the features.
    Network(Network, Vec<f64>),
    /// A network on the code of the features.
    Coded(Encoder, Network, Vec<f64>),
    /// The same for everybody.
    Constant(bool),
}

impl Classifier {
    /// P(class 1) of each row; a constant decision is certain.
    pub fn scores(&self, rows: &Batch) -> Result<Vec<f64>> {
        Ok(match self {
            Classifier::Network(network, theta) => probabilities(network, theta, rows.x()),
            Classifier::Coded(encoder, network, theta) => {
                probabilities(network, theta, encoder.encode(rows)?.x())
            }
            Classifier::Constant(decision) => vec![f64::from(u8::from(*decision)); rows.rows()],
        })
    }

    /// Its decisions on the rows, counted by label and group.
    pub fn decide(&self, rows: &Batch) -> Result<GroupCounts> {
        Ok(match self {
            Classifier::Network(network, theta) => decisions(network, theta, rows),
            Classifier::Coded(encoder, network, theta) => {
                decisions(network, theta, &encoder.encode(rows)?)
            }
            Classifier::Constant(decision) => {
                let everybody = vec![*decision; rows.rows()];
                GroupCounts::tally(&everybody, rows.positive(), rows.protected())
            }
        })
    }
}

/// An arm of a plan, and which of its runs.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The arm.
    pub arm: Arm,
    /// The run.
    pub seed: u64,
}

impl Run<'_> {
    /// What errors call it.
    pub fn name(&self) -> String {
        let (problem, method) = (self.plan.problem.name(), self.arm.method());
        format!("{problem}, {method} with gamma {:?}, seed {}", self.arm.gamma, self.seed)
    }

    /// The classifier that `learned` becomes on the support rows of `episode`.
    pub fn adapt(
        &self,
        learned: &Learned,
        adaptation: Adaptation,
        (task, episode): (&str, &Episode),
    ) -> Result<Classifier> {
        let network = &self.plan.network;
        let theta = match learned {
            Learned::Decision(decision) => return Ok(Classifier::Constant(*decision)),
            Learned::Code(encoder) => return self.transfer(encoder, adaptation, (task, episode)),
            Learned::Weights(theta) => theta,
            Learned::Nothing => unreachable!("of such a method nothing is adapted"),
        };
        let adapted = match (adaptation.stage, adaptation.rate) {
            (Stage::Before, _) | (_, None) => theta.clone(),
            (Stage::After, Some(rate)) => {
                let gamma = adaptation.gamma.unwrap_or(self.arm.gamma);
                self.descend(theta, (rate, adaptation.steps), gamma, (task, episode))?
            }
        };
        Ok(Classifier::Network(network.clone(), adapted))
    }

    /// The plan's network from `theta`, after steps on the support rows, in which the regularizer
    /// has weight `gamma`.
    fn descend(
        &self,
        theta: &[f64],
        (rate, steps): (f64, u64),
        gamma: f64,
        (task, episode): (&str, &Episode),
    ) -> Result<Vec<f64>> {
        let network = &self.plan.network;
        let notion = self.arm.notion.unwrap_or(self.plan.sweeps[0].notion);
        let step = Arm::regularized(self.arm.algorithm, notion, gamma);
        let regularizer = self.plan.regularizer(step);
        if self.arm.algorithm == Algorithm::Scratch {
            return fit(network, regularizer, gamma, rate, steps as usize, theta, &episode.support)
                .map_err(|source| Error::Fit { run: self.name(), task: task.into(), source });
        }
        let inner = InnerLoop::new(rate, steps as usize)?;
        let step = |theta: &[f64], episode: &Episode, before: usize| {
            let adapted = adapt_to(network, regularizer, gamma, inner, theta, episode);
            adapted.map_err(|mut source| {
                source.steps += before;
                Error::Adaptation { run: self.name(), task: task.into(), source }
            })
        };
        match (self.arm.algorithm, self.plan.fine_tuning) {
            (Algorithm::Pretrained, FineTuning::RowByRow) => {
                let nobody = episode.query.select(&[]);
                (0..episode.support.rows()).try_fold(theta.to_vec(), |theta, row| {
                    let support = episode.support.select(&[row]);
                    step(&theta, &Episode { support, query: nobody.clone() }, row)
                })
            }
            _ => step(theta, episode, 0),
        }
    }

    /// A fresh network, trained on the coded support rows.
    fn transfer(
        &self,
        encoder: &Encoder,
        adaptation: Adaptation,
        (task, episode): (&str, &Episode),
    ) -> Result<Classifier> {
        let laftr = self.plan.laftr.as_ref().expect("the plan of a code");
        let support = encoder.encode(&episode.support)?;
        let layers = [support.features(), laftr.hidden.get(), 2];
        let network = Network::new(&layers, laftr.settings.activation)?;
        let mut rng = stream(self.seed, Purpose::Initialization, 0, TRANSFER);
        let theta = network.initialize(laftr.settings.initialization, &mut rng);
        let theta =
            fit(&network, None, 0.0, laftr.rate, adaptation.steps as usize, &theta, &support)
                .map_err(|source| Error::Fit { run: self.name(), task: task.into(), source })?;
        Ok(Classifier::Coded(encoder.clone(), network, theta))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use mlp::Activation;

    /// Two support rows on a line, x = 2 positive and x = −1 negative.
    fn line() -> Episode {
        let support = Batch::new(1, vec![2.0, -1.0], vec![true, false], vec![false, true]).unwrap();
        let query = support.clone();
        Episode { support, query }
    }

    /// The weights of a network without hidden layers after one step from 0.
    fn adapted(
        fine_tuning: FineTuning,
        algorithm: Algorithm,
        rate: f64,
        episode: &Episode,
    ) -> Result<Vec<f64>> {
        let network = Network::new(&[1, 2], Activation::Relu).unwrap();
        let plan = Plan { network, fine_tuning, ..sample::synthetic() };
        let run = Run { plan: &plan, arm: Arm::plain(algorithm), seed: 0 };
        run.descend(&[0.0; 4], (rate, 1), 0.0, ("line", episode))
    }

    /// Logistic regression by hand. With a difference of logits d = w x + b, the loss of a positive
    /// row has the slope p − 1 in it, that of a negative row p, where p = 1 / (1 + e⁻ᵈ).
    #[test]
    fn rows_one_by_one_or_all_at_once() {
        let slope =
            |(w, b): (f64, f64), x: f64, label: f64| 1.0 / (1.0 + (-(w * x + b)).exp()) - label;
        // Both logits move, so their difference moves twice as far.
        let step = |(w, b): (f64, f64), (dw, db): (f64, f64)| (w - 0.2 * dw, b - 0.2 * db);
        let of = |at, x: f64, label| (slope(at, x, label) * x, slope(at, x, label));
        let (first, second) = (of((0.0, 0.0), 2.0, 1.0), of((0.0, 0.0), -1.0, 0.0));
        let mean = ((first.0 + second.0) / 2.0, (first.1 + second.1) / 2.0);
        let at_once = step((0.0, 0.0), mean);
        let after_first = step((0.0, 0.0), first);
        let one_by_one = step(after_first, of(after_first, -1.0, 0.0));

        for (fine_tuning, expected) in
            [(FineTuning::AllRows, at_once), (FineTuning::RowByRow, one_by_one)]
        {
            let theta = adapted(fine_tuning, Algorithm::Pretrained, 0.1, &line()).unwrap();
            let found = (theta[1] - theta[0], theta[3] - theta[2]);
            let error = (found.0 - expected.0).abs().max((found.1 - expected.1).abs());
            assert!(error < 1e-14, "{fine_tuning:?}: {found:?}, expected {expected:?}");
        }
    }

    #[test]
    fn only_the_pretrained_network_goes_row_by_row() {
        let adapt = |fine_tuning, algorithm| adapted(fine_tuning, algorithm, 0.1, &line()).unwrap();
        let [all, rows] = [FineTuning::AllRows, FineTuning::RowByRow];
        assert_eq!(adapt(all, Algorithm::Meta), adapt(rows, Algorithm::Meta));
        assert_ne!(adapt(all, Algorithm::Pretrained), adapt(rows, Algorithm::Pretrained));
    }

    #[test]
    fn an_overflow_says_after_how_many_rows() {
        let x = vec![1.0, -1e200];
        let support = Batch::new(1, x, vec![true, false], vec![false, true]).unwrap();
        let episode = Episode { support, ..line() };
        let error = adapted(FineTuning::RowByRow, Algorithm::Pretrained, 1e200, &episode);
        let error = error.unwrap_err().to_string();
        assert!(error.contains("after 2 step(s)"), "{error}");
    }

    /// Every way to a classifier, by hand from the paper's settings.
    #[test]
    fn adaptations_of_each_method() {
        let plan = sample::communities();
        let of = |algorithm| Run { plan: &plan, arm: Arm::plain(algorithm), seed: 0 };
        let (before, after) = (Adaptation::BEFORE, Adaptation::after);
        let rates = [1e-4, 1e-3, 1e-2, 1e-1];
        let fine_tuned = rates.map(|rate| after(rate, 1));
        for (algorithm, ways, shown) in [
            (Algorithm::Meta, vec![before, after(0.01, 1)], after(0.01, 1)),
            (Algorithm::GroupThresholds, vec![before, after(0.01, 1)], after(0.01, 1)),
            (Algorithm::Pretrained, [vec![before], fine_tuned.into()].concat(), after(0.1, 1)),
            (
                Algorithm::Laftr,
                [1, 10, 100, 1_000].map(|epochs| after(1e-3, epochs)).into(),
                after(1e-3, 100),
            ),
            (Algorithm::Scratch, vec![after(1e-3, 500)], after(1e-3, 500)),
            (Algorithm::Majority, vec![before], before),
        ] {
            let Run { plan, arm, .. } = of(algorithm);
            assert_eq!((plan.adaptations(arm), plan.shown_adaptation(arm)), (ways, shown));
        }
        let (_, published) = plan.companions().unwrap().remove(0);
        assert_eq!(published.adaptations(Arm::plain(Algorithm::Meta)), [before, after(0.4, 5)]);
        // On the synthetic tasks the step's γ is varied as well.
        let grid = sample::synthetic();
        let fair = grid.shown(Algorithm::Meta);
        let step = after(0.3, 1);
        assert_eq!(grid.adaptations(fair), [before, step, step.at_gamma(0.0), step.at_gamma(1.0)]);
        assert_eq!(grid.shown_adaptation(fair), step);
        // The shown rate need not be the last.
        let plan = Plan { fine_tuning_shown: 1e-3, ..plan };
        assert_eq!(plan.shown_adaptation(Arm::plain(Algorithm::Pretrained)), after(1e-3, 1));
    }

    #[test]
    fn a_constant_decides_alike_about_everybody() {
        let plan = sample::synthetic();
        let run = Run { plan: &plan, arm: Arm::plain(Algorithm::Majority), seed: 0 };
        let episode = line();
        for decision in [true, false] {
            let learned = Learned::Decision(decision);
            let classifier = run.adapt(&learned, Adaptation::BEFORE, ("line", &episode)).unwrap();
            let counts = classifier.decide(&episode.query).unwrap();
            // One positive row, and a negative, protected one.
            let accepted = u64::from(decision);
            assert_eq!(
                (counts.unprotected.true_positives, counts.protected.false_positives),
                (accepted, accepted)
            );
            assert_eq!((counts.unprotected.total(), counts.protected.total()), (1, 1));
        }
    }

    /// Before there is no step, whatever is learned and on whatever rows.
    #[test]
    fn before_is_as_learned() {
        let network = Network::new(&[1, 2], Activation::Relu).unwrap();
        let plan = Plan { network, ..sample::synthetic() };
        // The logits are 0 and x − 1: above 1 is positive.
        let theta = vec![0.0, 1.0, 0.0, -1.0];
        for algorithm in [Algorithm::Meta, Algorithm::Pretrained] {
            let run = Run { plan: &plan, arm: Arm::plain(algorithm), seed: 0 };
            let learned = Learned::Weights(theta.clone());
            let decided = |adaptation| {
                let classifier = run.adapt(&learned, adaptation, ("line", &line())).unwrap();
                let Classifier::Network(_, weights) = &classifier else { panic!("a network") };
                (weights.clone(), classifier.decide(&line().query).unwrap().overall())
            };
            let (weights, counts) = decided(Adaptation::BEFORE);
            assert_eq!(weights, theta);
            assert_eq!((counts.true_positives, counts.true_negatives), (1, 1));
            assert_ne!(decided(Adaptation::after(0.1, 1)).0, theta);
            assert_eq!(decided(Adaptation::after(0.0, 1)).0, theta);
        }
    }

    /// A code of a few rows, and a network that learns to tell two of them apart.
    #[test]
    fn a_network_on_codes_learns_from_the_support_rows() {
        use baselines::{AdversaryFairness, Laftr, LaftrArm};
        let mut plan = sample::quick(sample::communities());
        let laftr = plan.laftr.as_mut().unwrap();
        laftr.rate = 0.05;
        let settings = laftr.settings;
        let arm = LaftrArm::new(AdversaryFairness::DemographicParity, 1.0).unwrap();
        let episode = line();
        let mut learner = Laftr::<f64>::new(settings, &[arm], &episode.support, 0).unwrap();
        learner.train(|_, _| {}).unwrap();
        let encoder = learner.encoders().remove(0);
        let run = Run { plan: &plan, arm: Arm::plain(Algorithm::Laftr), seed: 0 };
        let learned = Learned::Code(encoder.clone());
        let after = |epochs| {
            let adaptation = Adaptation::after(0.05, epochs);
            run.adapt(&learned, adaptation, ("line", &episode)).unwrap()
        };
        let classifier = after(300);
        let counts = classifier.decide(&episode.query).unwrap();
        assert_eq!((counts.overall().accuracy(), counts.overall().total()), (Some(1.0), 2));
        let weights = |classifier: Classifier| match classifier {
            Classifier::Coded(code, network, theta) => {
                assert_eq!(code, encoder);
                assert_eq!(theta.len(), network.parameter_count());
                theta
            }
            _ => panic!("a network on codes"),
        };
        // Fresh weights are the same in every arm and for every number of epochs.
        let (none, one) = (weights(after(0)), weights(after(1)));
        assert_ne!(none, one);
        // Adam's first step has the length of its rate.
        assert!(none.iter().zip(&one).all(|(a, b)| (a - b).abs() < 0.05 + 1e-12));
        assert_eq!(weights(after(300)), weights(classifier));
    }

    /// A step of its own γ is that of a network trained with this γ, from the same weights.
    #[test]
    fn the_step_may_have_another_gamma() {
        let network = Network::new(&[1, 2], Activation::Relu).unwrap();
        let plan = Plan { network, ..sample::synthetic() };
        let notion = fairness::Notion::DEMOGRAPHIC_PARITY;
        let plain = Arm::plain(Algorithm::Meta);
        let fair = Arm::regularized(Algorithm::Meta, notion, 10.0);
        let adapted = |arm, adaptation| {
            let run = Run { plan: &plan, arm, seed: 0 };
            let learned = Learned::Weights(vec![0.0; 4]);
            let classifier = run.adapt(&learned, adaptation, ("line", &line())).unwrap();
            let Classifier::Network(_, theta) = classifier else { panic!("a network") };
            theta
        };
        let step = Adaptation::after(0.1, 1);
        assert_eq!(adapted(plain, step.at_gamma(10.0)), adapted(fair, step));
        assert_eq!(adapted(fair, step.at_gamma(0.0)), adapted(plain, step));
        assert_ne!(adapted(fair, step), adapted(plain, step));
    }

    /// The regularizer pulls a fresh network, trained on rows where it has somebody to look at.
    #[test]
    fn from_scratch_is_regularized_too() {
        let network = Network::new(&[1, 2], Activation::Relu).unwrap();
        let plan = Plan { network, ..sample::synthetic() };
        let descended = |arm| {
            let run = Run { plan: &plan, arm, seed: 0 };
            run.descend(&[0.0; 4], (0.1, 5), arm.gamma, ("line", &line())).unwrap()
        };
        let notion = fairness::Notion::DEMOGRAPHIC_PARITY;
        let plain = descended(Arm::plain(Algorithm::Scratch));
        let fair = descended(Arm::regularized(Algorithm::Scratch, notion, 10.0));
        let logit = |theta: &[f64], x: f64| (theta[1] - theta[0]) * x + theta[3] - theta[2];
        // The protected row, x = −1, is negative; the regularizer wants it accepted.
        assert!(logit(&plain, -1.0) < 0.0 && logit(&fair, -1.0) > 0.0);
    }
}
