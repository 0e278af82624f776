//! Checks the derivatives that a run uses: on its data, with its network, regularizer and
//! algorithm, at the weights that it passes through.
//!
//! | quantity | compared with differences of |
//! |---|---|
//! | gradient | S along each weight |
//! | Hessian-vector product | ∇S along a random direction |
//! | adaptation | Σ_t r S(θ_t + δ) by δ: what the inner steps subtract |
//! | meta-gradient | what the algorithm claims, see [`Claim`] |
//!
//! For an exact meta-gradient the function is Q after adaptation by the algorithm itself. For a
//! first-order one it is Q near the adapted weights. For Reptile it is that of adaptation. For
//! iMAML it is Q(φ + δ) − ⟨∇S(φ + δ), v⟩ / λ: its derivative by δ is v if v solves the system.

mod certificate;
mod estimate;
mod files;
mod of_plan;
#[cfg(any(test, feature = "planted"))]
pub mod planted;

use std::ops::Range;

use meta::Workspace;
use meta::algorithm::{Claim, Loss};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::{Deserialize, Serialize};

pub use self::certificate::{Certificate, certificate};
pub use self::estimate::estimate;
pub use self::files::{documents, table};
pub use self::of_plan::{Checked, check_plan};
use crate::differences::{Entry, Probe, Steps, Verdict, Watched, along, of_scalar};
use crate::subject::Subject;
use crate::vectors::{dot, largest, norm, plus};
use crate::{InnerPath, Local};

/// The settings of a check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckSettings {
    /// Steps and tolerance of the differences.
    pub steps: Steps,
    /// The largest number of entries of a layer that are compared. They are drawn at random.
    pub entries: usize,
    /// The seed of the draws and of random directions.
    pub seed: u64,
}

impl Default for CheckSettings {
    fn default() -> Self {
        CheckSettings { steps: Steps::default(), entries: 60, seed: 0 }
    }
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// ∇S
    Gradient,
    /// ∇²S v
    HessianVector,
    /// θ − θ_T
    Adaptation,
    /// The meta-gradient of the algorithm.
    MetaGradient,
}

impl Quantity {
    /// Its name in tables.
    pub fn title(self) -> &'static str {
        match self {
            Quantity::Gradient => "gradient",
            Quantity::HessianVector => "Hessian-vector product",
            Quantity::Adaptation => "adaptation",
            Quantity::MetaGradient => "meta-gradient",
        }
    }
}

/// The comparison of one quantity within one layer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Which weights: `initial`, `trained` or `adapted`.
    pub at: String,
    /// The quantity.
    pub quantity: Quantity,
    /// The weight matrix or bias vector, `W1`, `b1`, …, or `rates of W1`, ….
    pub layer: String,
    /// The number of compared entries.
    pub entries: usize,
    /// At each step, the number of entries whose difference crosses a kink.
    pub kinks: Vec<usize>,
    /// At each step, the largest error of the other entries, relative to the largest computed entry
    /// of the layer. `None` if all differences cross a kink.
    pub errors: Vec<Option<f64>>,
    /// The largest error over the entries, each by its nearest difference, relative to the same.
    /// `None` if no entry has a difference without a kink.
    pub best: Option<f64>,
    /// The number of entries about which nothing can be said.
    pub undecided: usize,
    /// The first entry that is wrong: its index in the layer, the computed number, and the
    /// difference that is nearest to it.
    pub mistake: Option<(usize, f64, f64)>,
    /// The verdict on all entries. It is right if some are, and none is wrong.
    pub verdict: Verdict,
}

/// Everything that a check found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckReport {
    /// The name of the algorithm.
    pub algorithm: String,
    /// The steps of the differences.
    pub steps: Vec<f64>,
    /// The comparisons.
    pub rows: Vec<Row>,
    /// How large second order is, at each of the weights.
    pub certificates: Vec<Certificate>,
}

impl CheckReport {
    /// Whether no derivative is wrong.
    pub fn passes(&self) -> bool {
        self.rows.iter().all(|row| row.verdict != Verdict::Wrong)
    }
}

/// Checks a task at several weights, each with its name. The weights are what the algorithm learns.
pub fn check(
    subject: &Subject<'_>,
    points: &[(&str, Vec<f64>)],
    settings: &CheckSettings,
) -> CheckReport {
    let check = |(at, learned): &(&str, Vec<f64>)| {
        let at = Check { subject, at, learned, settings };
        [at.gradient(), at.hessian_vector(), at.adaptation(), at.meta_gradient()].concat()
    };
    let certify = |(at, learned): &(&str, Vec<f64>)| {
        certificate(subject, at, learned, settings.steps.tolerance)
    };
    CheckReport {
        algorithm: subject.algorithm.name().into(),
        steps: settings.steps.sizes.clone(),
        rows: points.iter().flat_map(check).collect(),
        certificates: points.iter().map(certify).collect(),
    }
}

/// One set of weights under check.
struct Check<'a> {
    subject: &'a Subject<'a>,
    at: &'a str,
    learned: &'a [f64],
    settings: &'a CheckSettings,
}

impl Check<'_> {
    fn theta(&self) -> &[f64] {
        self.subject.weights(self.learned)
    }

    fn gradient(&self) -> Vec<Row> {
        let support = self.subject.support();
        let watched = Watched::new(&support);
        let f = |x: &[f64]| value(&watched, x);
        let computed = Local::at(&support, self.theta()).gradient().to_vec();
        self.by_coordinate(Quantity::Gradient, &f, self.theta(), &computed, 0.0)
    }

    fn hessian_vector(&self) -> Vec<Row> {
        let support = self.subject.support();
        let watched = Watched::new(&support);
        let mut rng = ChaCha8Rng::seed_from_u64(self.settings.seed);
        let v: Vec<f64> = self.theta().iter().map(|_| rng.random_range(-1.0..1.0)).collect();
        let f = |x: &[f64]| {
            let local = Local::at(&watched, x);
            let probe = watched.probe(local.gradient().to_vec());
            Probe { size: local.largest(), ..probe }
        };
        let computed = Local::at(&support, self.theta()).hessian_vector(&v);
        let layers = self.layers(self.theta().len());
        let scale = |index: usize| {
            let layer = layers.iter().find(|(_, range)| range.contains(&index));
            layer.map_or(0.0, |(_, range)| largest(&computed[range.clone()]))
        };
        let steps = &self.settings.steps;
        let entries = along(&f, self.theta(), &v, &computed, &scale, steps);
        let row = |(layer, range): (String, Range<usize>)| {
            self.row(Quantity::HessianVector, layer, range.start, &entries[range])
        };
        layers.clone().into_iter().map(row).collect()
    }

    /// What adaptation subtracts, where it is gradient descent.
    fn adaptation(&self) -> Vec<Row> {
        let support = self.subject.support();
        let problem = self.subject.inner_problem(&support);
        let Some(path) = self.subject.path(self.learned) else { return Vec::new() };
        let adapted = self.subject.algorithm.adapt(&problem, self.learned);
        let computed = plus(self.theta(), -1.0, &adapted);
        let rates = self.subject.algorithm.step_rates(&problem, self.learned);
        let rates = rates.unwrap_or_default();
        self.displacement(Quantity::Adaptation, &path, &rates, &computed)
    }

    /// Compares `computed` with Σ_t r ∘ ∇S(θ_t), by differences.
    fn displacement(
        &self,
        quantity: Quantity,
        path: &InnerPath,
        rates: &[f64],
        computed: &[f64],
    ) -> Vec<Row> {
        let support = self.subject.support();
        let watched = Watched::new(&support);
        let f = |moved: &[f64]| {
            let sum =
                path.iterates().map(|theta| Local::at(&watched, &plus(theta, 1.0, moved)).value());
            let sum = sum.sum();
            watched.probe(vec![sum])
        };
        // The differences are those of the sum of S, so the rates divide what is compared. A weight
        // with the rate 0 must not move, whatever the slope of S is.
        let moves = |i: usize| rates[i] != 0.0;
        let slope = |(i, &c): (usize, &f64)| if moves(i) { c / rates[i] } else { c };
        let slopes: Vec<f64> = computed.iter().enumerate().map(slope).collect();
        let zero = vec![0.0; slopes.len()];
        let g = |moved: &[f64]| {
            let masked = moved.iter().enumerate();
            f(&masked.map(|(i, &x)| if moves(i) { x } else { 0.0 }).collect::<Vec<_>>())
        };
        self.by_coordinate(quantity, &g, &zero, &slopes, 0.0)
    }

    fn meta_gradient(&self) -> Vec<Row> {
        let Subject { algorithm, .. } = *self.subject;
        let (support, query) = (self.subject.support(), self.subject.query());
        let problem = self.subject.inner_problem(&support);
        let mut workspace = Workspace::new();
        let found = algorithm.meta_gradient(&problem, &query, self.learned, &mut workspace);
        let (solve, computed) = (found.solve(), found.to_vec());
        let quantity = Quantity::MetaGradient;
        let adapted = algorithm.adapt(&problem, self.learned);
        let (inner, outer) = (Watched::new(&support), Watched::new(&query));
        let probe = |value: f64| outer.probe(vec![value]).and(inner.probe(Vec::new()));
        match algorithm.claim() {
            Claim::Exact => {
                let f = |x: &[f64]| {
                    let adapted = algorithm.adapt(&self.subject.inner_problem(&inner), x);
                    probe(Local::at(&outer, &adapted).value())
                };
                self.by_coordinate(quantity, &f, self.learned, &computed, 0.0)
            }
            Claim::AtAdapted => {
                self.by_coordinate(quantity, &|x| value(&outer, x), &adapted, &computed, 0.0)
            }
            Claim::Displacement => match self.subject.path(self.learned) {
                None => Vec::new(),
                Some(path) => {
                    let rates = algorithm.step_rates(&problem, self.learned).unwrap_or_default();
                    self.displacement(quantity, &path, &rates, &computed)
                }
            },
            Claim::Implicit => {
                let proximal = self.subject.inner.implicit().proximal;
                let f = |x: &[f64]| {
                    let slope = dot(Local::at(&inner, x).gradient(), &computed);
                    probe(Local::at(&outer, x).value() - slope / proximal)
                };
                let right = norm(Local::at(&query, &adapted).gradient());
                let slack = solve.map_or(0.0, |solve| solve.residual * right);
                self.by_coordinate(quantity, &f, &adapted, &computed, slack)
            }
        }
    }

    fn by_coordinate(
        &self,
        quantity: Quantity,
        f: &dyn Fn(&[f64]) -> Probe,
        at: &[f64],
        computed: &[f64],
        slack: f64,
    ) -> Vec<Row> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.settings.seed);
        let row = |(layer, range): (String, Range<usize>)| {
            let start = range.start;
            let entries = sample(range, computed, self.settings.entries, &mut rng);
            let found = of_scalar(f, at, computed, &entries, slack, &self.settings.steps);
            self.row(quantity, layer, start, &found)
        };
        self.layers(computed.len()).into_iter().map(row).collect()
    }

    /// The weight matrices and bias vectors, and their rates if there are more entries.
    fn layers(&self, entries: usize) -> Vec<(String, Range<usize>)> {
        let n = self.theta().len();
        let weights = self.subject.network.parameters().iter();
        let weights = weights.map(|parameter| (parameter.name.clone(), parameter.range()));
        let mut layers: Vec<_> = weights.collect();
        if entries == 2 * n {
            let rates = |(name, range): &(String, Range<usize>)| {
                (format!("rates of {name}"), range.start + n..range.end + n)
            };
            let rates: Vec<_> = layers.iter().map(rates).collect();
            layers.extend(rates);
        } else if entries > n {
            layers.push(("others".into(), n..entries));
        }
        layers
    }

    fn row(&self, quantity: Quantity, layer: String, start: usize, entries: &[Entry]) -> Row {
        let computed: Vec<f64> = entries.iter().map(|entry| entry.computed).collect();
        let scale = largest(&computed);
        // Without a size there is nothing to be relative to.
        let relative = |error: f64| if scale > 0.0 { error / scale } else { error };
        let steps = 0..self.settings.steps.sizes.len();
        let errors = |step: usize| entries.iter().map(move |entry| entry.errors()[step]);
        let worst = |errors: &mut dyn Iterator<Item = Option<f64>>| {
            errors.flatten().reduce(f64::max).map(relative)
        };
        let count = |verdict| entries.iter().filter(|entry| entry.verdict == verdict).count();
        let wrong = entries.iter().find(|entry| entry.verdict == Verdict::Wrong);
        Row {
            at: self.at.into(),
            quantity,
            layer,
            entries: entries.len(),
            kinks: steps.clone().map(|step| errors(step).filter(Option::is_none).count()).collect(),
            errors: steps.map(|step| worst(&mut errors(step))).collect(),
            best: worst(&mut entries.iter().map(Entry::best)),
            undecided: count(Verdict::Undecided),
            mistake: wrong.map(|entry| {
                (entry.index - start, entry.computed, entry.nearest().unwrap_or(f64::NAN))
            }),
            verdict: match (wrong, count(Verdict::Right)) {
                (Some(_), _) => Verdict::Wrong,
                (None, 0) => Verdict::Undecided,
                (None, _) => Verdict::Right,
            },
        }
    }
}

fn value(watched: &Watched<'_>, x: &[f64]) -> Probe {
    watched.probe(vec![Local::at(watched as &dyn Loss<f64>, x).value()])
}

/// At most `most` indices of a range, drawn without repetition, in their order. The largest entry
/// of `computed` in the range is among them, because errors are relative to it.
fn sample(range: Range<usize>, computed: &[f64], most: usize, rng: &mut ChaCha8Rng) -> Vec<usize> {
    let mut indices: Vec<usize> = range.collect();
    let size = |index: &usize| computed[*index].abs();
    let most_important = indices.iter().copied().max_by(|a, b| size(a).total_cmp(&size(b)));
    while indices.len() > most.max(1) {
        let drawn = rng.random_range(0..indices.len());
        if Some(indices[drawn]) != most_important {
            indices.swap_remove(drawn);
        }
    }
    indices.sort_unstable();
    indices
}

#[cfg(test)]
mod tests;
