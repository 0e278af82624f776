//! This module computes the meta-gradients of a case in JSON, for comparison with another
//! implementation.
//!
//! A case has these keys:
//!
//! - `layers`: the widths, input first. The last width is 2.
//! - `activation`: the activation of the hidden layers: `relu`, `leaky-relu`, `leaky-relu-0.2`,
//!   `tanh` or `sigmoid`.
//! - `regularizer`: `demographic_parity`, `equal_opportunity` or `none`.
//! - `algorithm`: the meta-learning algorithm, a name of [`crate::algorithm::ALL`]. The key is
//!   optional; without it, it is `fair-maml`.
//! - `inner_rate`, `inner_steps`: the inner rate α and the number of inner steps, at most 10,000.
//! - `rates`: the inner rate of each parameter, in the layout of `parameters`. `meta-sgd` needs it,
//!   and no other algorithm has it.
//! - `proximal`: the weight λ of the proximal term. `imaml` needs it, and no other algorithm has
//!   it.
//! - `parameters`: the flat arrays W1, b1, W2, b2, …. Each W is `(inputs, outputs)`, row-major.
//! - `vector`: the direction of the Hessian-vector product, in the layout of `parameters`. The key
//!   is optional. Without it, no such product is computed.
//! - `tasks[i]`: `gamma`, `support` and `query`. Each of the last two has `x` (rows), `y` and `a`
//!   (0 for protected).
//! - `expected`: the result that [`Case::compute`] should give. The key is optional, and so are its
//!   `support_gradient` and `first_order_meta_gradient`.
//!
//! Some editors write a byte order mark at the start of a file. It is skipped. A short case may
//! take many steps with many parameters; [`Case::estimate`] tells what it needs.

mod estimate;

use fairness::{Notion, Reading, Regularizer};
use mlp::{Activation, Network, NetworkError};
use serde::{Deserialize, Serialize};
use tape::{Objective, Tape};
use tasks::{Batch, Episode};

use crate::algorithm::{AnyAlgorithm, FAIR_MAML, FIRST_ORDER, InnerProblem, UnknownAlgorithm};
use crate::estimate::Estimate;
use crate::objective::FairLoss;
use crate::settings::{Implicit, InnerLoop, SettingsError};
use crate::workspace::{NotPositiveDefinite, Workspace};

/// The largest accepted difference from the expected numbers, relative to the norm of the array.
pub const TOLERANCE: f64 = 1e-9;

/// The largest number of inner steps of a case. Each step costs time, and memory for its iterate.
const MOST_STEPS: usize = 10_000;

/// The arrays that expected results may omit.
const MAY_BE_OMITTED: [&str; 2] = ["support_gradient", "first_order_meta_gradient"];

/// Explains why a text is not a case, or why a case cannot be computed.
#[derive(Debug, thiserror::Error)]
pub enum CaseError {
    /// The text is not JSON of this form. The message gives line and column.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The widths do not make a network.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// No algorithm has the name.
    #[error(transparent)]
    Algorithm(#[from] UnknownAlgorithm),
    /// The inner rate is out of range.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A loss or a gradient is not finite.
    #[error(
        "{arrays}: not finite (inner rate {inner_rate:?}, {inner_steps} inner step(s), gamma {gammas:?}); \
         use smaller parameters, a smaller rate or a smaller gamma"
    )]
    NotFinite {
        /// The names of the arrays of the outcome that are not finite.
        arrays: String,
        /// The inner rate α.
        inner_rate: f64,
        /// The number T of inner steps.
        inner_steps: usize,
        /// The weight γ of each task.
        gammas: Vec<f64>,
    },
    /// The linear system of `imaml` has a matrix that is not positive definite.
    #[error("tasks[{task}]: {source}")]
    NotPositiveDefinite {
        /// The index of the task.
        task: usize,
        /// The curvature that was found.
        source: NotPositiveDefinite,
    },
    /// A field has a value that is not accepted.
    #[error("{field}: expected {accepted}, got {found}")]
    Field {
        /// The name of the field.
        field: String,
        /// The value that was found.
        found: String,
        /// The values that are accepted.
        accepted: String,
    },
}

fn field(field: impl Into<String>, found: String, accepted: impl Into<String>) -> CaseError {
    CaseError::Field { field: field.into(), found, accepted: accepted.into() }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(deserialize_with = "mlp::widths")]
    layers: Vec<usize>,
    activation: Activation,
    regularizer: String,
    algorithm: Option<String>,
    inner_rate: f64,
    inner_steps: usize,
    parameters: Vec<Vec<f64>>,
    vector: Option<Vec<Vec<f64>>>,
    rates: Option<Vec<Vec<f64>>>,
    proximal: Option<f64>,
    tasks: Vec<FileTask>,
    expected: Option<CaseResult>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTask {
    gamma: f64,
    support: FileBatch,
    query: FileBatch,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileBatch {
    x: Vec<Vec<f64>>,
    y: Vec<f64>,
    a: Vec<f64>,
}

/// Holds the results of a case. Gradients have the layout of its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseResult {
    /// The loss L + γ R of each task's support batch at θ.
    pub support_loss: Vec<f64>,
    /// The gradient of the first task's support objective at θ. Expected results may omit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub support_gradient: Option<Vec<Vec<f64>>>,
    /// The Hessian of the same objective times `vector`. `None` for a case without a vector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hessian_vector_product: Option<Vec<Vec<f64>>>,
    /// The loss L + γ R of each task's query batch at its adapted weights.
    pub query_loss: Vec<f64>,
    /// The sum of the query losses.
    pub meta_loss: f64,
    /// The sum of the algorithm's meta-gradients, as far as they concern θ.
    pub meta_gradient: Vec<Vec<f64>>,
    /// The gradient with respect to the inner rates, for `meta-sgd`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rates_gradient: Option<Vec<Vec<f64>>>,
    /// The meta-gradient without second derivatives (first-order MAML), for `fair-maml`. Expected
    /// results may omit it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_order_meta_gradient: Option<Vec<Vec<f64>>>,
    /// The relative residual of the linear system of each task, for `imaml`. It is an error and not
    /// a result, so it is never compared with an expected one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub residual: Vec<f64>,
}

impl CaseResult {
    /// Returns the names of the arrays whose distance from `expected` exceeds [`TOLERANCE`]. Arrays
    /// of different sizes also differ, and so does an array that only one of the two has, unless
    /// expected results may omit it.
    pub fn differences(&self, expected: &CaseResult) -> Vec<&'static str> {
        let (ours, theirs) = (self.arrays(), expected.arrays());
        let all = ours
            .iter()
            .chain(theirs.iter().filter(|(name, _)| !ours.iter().any(|(other, _)| other == name)));
        let differs = |name: &&'static str| {
            let find = |(other, _): &&(&'static str, Vec<&[f64]>)| other == name;
            match (ours.iter().find(find), theirs.iter().find(find)) {
                (Some((_, ours)), Some((_, theirs))) => !close(ours, theirs),
                (Some(_), None) => !MAY_BE_OMITTED.contains(name),
                _ => true,
            }
        };
        all.map(|(name, _)| *name).filter(differs).collect()
    }

    fn arrays(&self) -> Vec<(&'static str, Vec<&[f64]>)> {
        fn nested(arrays: &[Vec<f64>]) -> Vec<&[f64]> {
            arrays.iter().map(Vec::as_slice).collect()
        }
        let arrays = [
            ("support_loss", Some(vec![&self.support_loss[..]])),
            ("support_gradient", self.support_gradient.as_deref().map(nested)),
            ("hessian_vector_product", self.hessian_vector_product.as_deref().map(nested)),
            ("query_loss", Some(vec![&self.query_loss[..]])),
            ("meta_loss", Some(vec![std::slice::from_ref(&self.meta_loss)])),
            ("meta_gradient", Some(nested(&self.meta_gradient))),
            ("rates_gradient", self.rates_gradient.as_deref().map(nested)),
            ("first_order_meta_gradient", self.first_order_meta_gradient.as_deref().map(nested)),
        ];
        let present = arrays.into_iter().filter_map(|(name, array)| Some((name, array?)));
        present.collect()
    }
}

fn close(ours: &[&[f64]], theirs: &[&[f64]]) -> bool {
    let same_shape = ours.iter().map(|a| a.len()).eq(theirs.iter().map(|a| a.len()));
    let (ours, theirs) = (ours.concat(), theirs.concat());
    // The arrays are divided by their largest magnitude, so that no square overflows and the
    // largest does not vanish.
    let unit = ours.iter().chain(&theirs).fold(0.0, |unit: f64, x| unit.max(x.abs()));
    if !same_shape || unit == 0.0 {
        return same_shape;
    }
    let norm = |x: &mut dyn Iterator<Item = f64>| x.map(|x| x * x).sum::<f64>().sqrt();
    let distance = norm(&mut ours.iter().zip(&theirs).map(|(a, b)| a / unit - b / unit));
    distance <= TOLERANCE * norm(&mut theirs.iter().map(|x| x / unit))
}

/// Holds a checked case: a network at given weights, and tasks with their γ.
#[derive(Debug)]
pub struct Case {
    network: Network,
    regularizer: Option<Regularizer>,
    algorithm: AnyAlgorithm,
    inner: InnerLoop,
    /// θ, and the rates of `meta-sgd` after it.
    learned: Vec<f64>,
    vector: Option<Vec<f64>>,
    tasks: Vec<(f64, Episode)>,
    /// The results of another implementation, if the file contains them.
    pub expected: Option<CaseResult>,
}

impl Case {
    /// Estimates the memory that [`parse`](Case::parse) takes for a text, from its lists and the
    /// numbers in them. Nothing is read yet.
    pub fn estimate_of_reading(text: &str) -> Estimate {
        // A list of its own with room for four numbers, in a list that has grown to twice its size.
        const LIST: f64 = 96.0;
        // A number in such a list, and once more where lists are joined to one.
        const NUMBER: f64 = 24.0;
        let count = |byte| text.bytes().filter(|&found| found == byte).count() as f64;
        let mut estimate = Estimate::default();
        estimate.memory("the text of the file", text.len() as f64);
        estimate.memory("the lists in the file", count(b'[') * LIST + count(b',') * NUMBER);
        estimate
    }

    /// Reads a case.
    ///
    /// # Errors
    /// Returns an error if the text is not JSON of this form, or if its parts do not fit each
    /// other.
    pub fn parse(text: &str) -> Result<Case, CaseError> {
        let file: File = serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text))?;
        let network = Network::new(&file.layers, file.activation)?;
        if network.outputs() != 2 {
            return Err(field("layers", network.outputs().to_string(), "2 outputs"));
        }
        let theta = flat(&network, "parameters", &file.parameters)?;
        let vector = file.vector.map(|vector| flat(&network, "vector", &vector)).transpose()?;
        let rates = file.rates.map(|rates| flat(&network, "rates", &rates)).transpose()?;
        let algorithm = algorithm_of(file.algorithm.as_deref(), rates.is_some(), file.proximal)?;
        if let Some(expected) = &file.expected {
            let product = expected.hessian_vector_product.is_some();
            as_computed("hessian_vector_product", "vector", vector.is_some(), product)?;
            let gradient = expected.rates_gradient.is_some();
            as_computed("rates_gradient", "rates", rates.is_some(), gradient)?;
        }
        if file.inner_steps > MOST_STEPS {
            let accepted = format!("at most {MOST_STEPS}");
            return Err(field("inner_steps", file.inner_steps.to_string(), accepted));
        }
        if file.tasks.is_empty() {
            return Err(field("tasks", "none".into(), "at least one"));
        }
        let tasks = file
            .tasks
            .iter()
            .enumerate()
            .map(|(i, task)| checked(&network, i, task))
            .collect::<Result<_, _>>()?;
        let notion = named(&file.regularizer)?;
        let proximal = file.proximal.unwrap_or(Implicit::default().proximal);
        let implicit = Implicit { proximal, conjugate_gradient_steps: Implicit::MOST_STEPS };
        Ok(Case {
            regularizer: notion.map(|notion| Regularizer { notion, reading: Reading::GroupMean }),
            algorithm,
            inner: InnerLoop::new(file.inner_rate, file.inner_steps)?.with_implicit(implicit)?,
            learned: [theta, rates.unwrap_or_default()].concat(),
            network,
            vector,
            tasks,
            expected: file.expected,
        })
    }

    /// Computes every number of the case in `f64`.
    ///
    /// # Errors
    /// Returns [`CaseError::NotFinite`] if a number is not finite, and
    /// [`CaseError::NotPositiveDefinite`] if the linear system of `imaml` cannot be solved.
    pub fn compute(&self) -> Result<CaseResult, CaseError> {
        let support = self.objective(0, |episode| &episode.support);
        let (gradient, product) = match &self.vector {
            Some(vector) => {
                let first = tape::hvp(&support, self.theta(), vector);
                (first.gradient, Some(first.product))
            }
            None => (tape::gradient(&support, self.theta()).1, None),
        };
        let support_loss = (0..self.tasks.len())
            .map(|i| tape::gradient(&self.objective(i, |episode| &episode.support), self.theta()).0)
            .collect();
        let all = self.meta_gradient(self.algorithm, &self.learned)?;
        let (by_theta, by_rates) = all.gradient.split_at(self.theta().len());
        let first_order = match self.algorithm == FAIR_MAML {
            true => Some(self.meta_gradient(FIRST_ORDER, self.theta())?.gradient),
            false => None,
        };
        let outcome = CaseResult {
            support_loss,
            support_gradient: Some(self.nested(&gradient)),
            hessian_vector_product: product.map(|product| self.nested(&product)),
            meta_loss: all.query_loss.iter().sum(),
            query_loss: all.query_loss,
            meta_gradient: self.nested(by_theta),
            rates_gradient: (!by_rates.is_empty()).then(|| self.nested(by_rates)),
            first_order_meta_gradient: first_order.map(|gradient| self.nested(&gradient)),
            residual: all.residual,
        };
        let is_finite = |array: &[&[f64]]| array.iter().copied().flatten().all(|x| x.is_finite());
        let arrays = outcome.arrays().into_iter().filter(|(_, array)| !is_finite(array));
        let arrays: Vec<&str> = arrays.map(|(name, _)| name).collect();
        if arrays.is_empty() {
            return Ok(outcome);
        }
        Err(CaseError::NotFinite {
            arrays: arrays.join(", "),
            inner_rate: self.inner.rate(),
            inner_steps: self.inner.steps(),
            gammas: self.tasks.iter().map(|(gamma, _)| *gamma).collect(),
        })
    }

    /// Records the support objective of the first task at θ, with its gradient and, if there is a
    /// `vector`, with the tangents along it.
    pub fn tape(&self) -> Tape<f64> {
        let mut tape = Tape::new();
        let parameters = tape.variable(1, self.theta().len(), self.theta());
        let loss = self.objective(0, |episode| &episode.support).eval(&mut tape, parameters);
        tape.backward(loss);
        if let Some(vector) = &self.vector {
            tape.forward_tangents(parameters, vector);
            tape.backward_tangents(loss);
        }
        tape
    }

    fn objective(&self, task: usize, part: fn(&Episode) -> &Batch) -> impl Objective + '_ {
        let (gamma, episode) = &self.tasks[task];
        let batch = move |_lane| (part(episode), *gamma);
        FairLoss { network: &self.network, regularizer: self.regularizer, batch }
    }

    /// Returns the weights.
    fn theta(&self) -> &[f64] {
        &self.learned[..self.network.parameter_count()]
    }

    fn meta_gradient(
        &self,
        algorithm: AnyAlgorithm,
        learned: &[f64],
    ) -> Result<OfTasks, CaseError> {
        let mut workspace = Workspace::new();
        let gradient = vec![0.0; learned.len()];
        let mut all = OfTasks { query_loss: Vec::new(), gradient, residual: Vec::new() };
        for task in 0..self.tasks.len() {
            let support = self.objective(task, |episode| &episode.support);
            let query = self.objective(task, |episode| &episode.query);
            let last_layer = self.network.last_layer();
            let inner = InnerProblem { inner: self.inner, support: &support, last_layer };
            let gradient =
                algorithm.on::<f64>().meta_gradient(&inner, &query, learned, &mut workspace);
            if let Some(solve) = gradient.solve() {
                let fail = |source| CaseError::NotPositiveDefinite { task, source };
                solve.definite(self.inner).map_err(fail)?;
                all.residual.push(solve.residual);
            }
            all.query_loss.push(gradient.losses().query);
            all.gradient.iter_mut().zip(gradient.to_vec()).for_each(|(sum, g)| *sum += g);
        }
        Ok(all)
    }

    fn nested(&self, flat: &[f64]) -> Vec<Vec<f64>> {
        self.network.parameters().iter().map(|p| flat[p.range()].to_vec()).collect()
    }
}

/// What an algorithm computes of all tasks.
struct OfTasks {
    query_loss: Vec<f64>,
    /// The sum of the meta-gradients.
    gradient: Vec<f64>,
    /// The residual of each task's linear system, if the algorithm solves one.
    residual: Vec<f64>,
}

/// Checks that expected results have `array` if and only if the case has `key`.
fn as_computed(array: &str, key: &str, has_key: bool, has_array: bool) -> Result<(), CaseError> {
    let name = format!("expected.{array}");
    match (has_key, has_array) {
        (true, false) => Err(field(name, "nothing".into(), format!("the array for `{key}`"))),
        (false, true) => {
            let accepted = format!("both `{key}` and this array, or neither");
            Err(field(name, format!("an array without `{key}`"), accepted))
        }
        _ => Ok(()),
    }
}

/// Returns the algorithm with this name, if the case has the keys that it needs.
fn algorithm_of(
    name: Option<&str>,
    has_rates: bool,
    proximal: Option<f64>,
) -> Result<AnyAlgorithm, CaseError> {
    let name = name.unwrap_or(FAIR_MAML.name());
    let algorithm = name.parse()?;
    for (key, of, is_given) in
        [("rates", "meta-sgd", has_rates), ("proximal", "imaml", proximal.is_some())]
    {
        if is_given != (name == of) {
            let (found, accepted) = match is_given {
                true => (format!("a value for {name}"), format!("a value for {of} alone")),
                false => ("nothing".into(), format!("a value for {of}")),
            };
            return Err(field(key, found, accepted));
        }
    }
    Ok(algorithm)
}

/// Returns the criterion with this name, in which underscores replace hyphens. `none` gives `None`.
fn named(name: &str) -> Result<Option<Notion>, CaseError> {
    let found = Notion::named(&name.replace('_', "-"));
    if name == "none" || found.is_some() {
        return Ok(found);
    }
    let names = Notion::ALL.iter().map(|notion| notion.name().replace('-', "_"));
    let names = names.chain(["none".into()]).collect::<Vec<_>>().join(", ");
    let accepted = format!("one of {names}");
    Err(field("regularizer", name.into(), accepted))
}

/// Joins the arrays W1, b1, W2, b2, … into one flat vector.
fn flat(network: &Network, name: &str, arrays: &[Vec<f64>]) -> Result<Vec<f64>, CaseError> {
    let expected = network.parameters();
    if arrays.len() != expected.len() {
        let accepted = format!("{} (a W and a b for each layer)", expected.len());
        return Err(field(name, format!("{} arrays", arrays.len()), accepted));
    }
    for (i, (array, parameter)) in arrays.iter().zip(expected).enumerate() {
        let (found, needed) = (array.len(), parameter.range().len());
        if found != needed {
            let accepted = format!("{needed} for {}", parameter.name);
            return Err(field(format!("{name}[{i}]"), format!("{found} numbers"), accepted));
        }
    }
    Ok(arrays.concat())
}

fn checked(network: &Network, i: usize, task: &FileTask) -> Result<(f64, Episode), CaseError> {
    if task.gamma < 0.0 {
        return Err(field(format!("tasks[{i}].gamma"), task.gamma.to_string(), "at least 0"));
    }
    let part = |name: &str, batch: &FileBatch| {
        checked_batch(network.inputs(), &format!("tasks[{i}].{name}"), batch)
    };
    Ok((
        task.gamma,
        Episode { support: part("support", &task.support)?, query: part("query", &task.query)? },
    ))
}

fn checked_batch(features: usize, name: &str, batch: &FileBatch) -> Result<Batch, CaseError> {
    let rows = batch.x.len();
    if rows == 0 {
        return Err(field(format!("{name}.x"), "no rows".into(), "at least one"));
    }
    for (r, row) in batch.x.iter().enumerate() {
        if row.len() != features {
            let accepted = format!("{features} (the first of layers)");
            return Err(field(
                format!("{name}.x[{r}]"),
                format!("{} numbers", row.len()),
                accepted,
            ));
        }
    }
    let labels = |key: &str, labels: &[f64]| {
        if labels.len() != rows {
            let accepted = format!("{rows}, one for each row of x");
            return Err(field(
                format!("{name}.{key}"),
                format!("{} labels", labels.len()),
                accepted,
            ));
        }
        match labels.iter().position(|&label| label != 0.0 && label != 1.0) {
            Some(r) => Err(field(format!("{name}.{key}[{r}]"), labels[r].to_string(), "0 or 1")),
            None => Ok(labels.iter().map(|&label| label == 1.0).collect::<Vec<_>>()),
        }
    };
    let positive = labels("y", &batch.y)?;
    let protected = labels("a", &batch.a)?.into_iter().map(|other| !other).collect();
    Batch::new(features, batch.x.concat(), positive, protected)
        .map_err(|error| field(name, error.to_string(), "finite numbers"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = r#"{
        "layers": [1, 2], "activation": "relu", "regularizer": "none",
        "inner_rate": 0.5, "inner_steps": 1,
        "parameters": [[0, 0], [0, 0]], "vector": [[1, 0], [0, 0]],
        "tasks": [{"gamma": 0,
            "support": {"x": [[2]], "y": [1], "a": [0]},
            "query": {"x": [[2]], "y": [1], "a": [1]}}]
    }"#;

    #[test]
    fn by_hand() {
        let outcome = Case::parse(CASE).unwrap().compute().unwrap();
        assert_eq!(outcome.support_loss, [2f64.ln()]);
        // Here p = (½, ½), so ∂L/∂logits = (½, −½) and ∂L/∂W = 2 (½, −½).
        assert_eq!(outcome.support_gradient.unwrap(), [[1.0, -1.0], [0.5, -0.5]]);
        // The Hessian with respect to the logits is p₁ p₂ (1, −1; −1, 1) = ¼ (…). The vector moves
        // the logits by (2, 0).
        assert_eq!(outcome.hessian_vector_product.unwrap(), [[1.0, -1.0], [0.5, -0.5]]);
        // The step gives W = (−½, ½) and b = (−¼, ¼), so the logits are (−1¼, 1¼).
        let loss = (-2.5f64).exp().ln_1p();
        assert!((outcome.meta_loss - loss).abs() < 1e-15);
        // The step moves logit i by its gradient times −α (4 + 1). The correction is 2.5 times ¼
        // (v₁ − v₂).
        let g = outcome.first_order_meta_gradient.unwrap()[1][0];
        let exact = g - 2.5 * 0.25 * (2.0 * g);
        assert!((outcome.meta_gradient[1][0] - exact).abs() < 1e-15);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let error = |from: &str, to: &str| {
            assert!(CASE.contains(from), "{from}");
            Case::parse(&CASE.replacen(from, to, 1)).unwrap_err().to_string()
        };
        for (from, to, message) in [
            ("[1, 2]", "[1, 3]", "layers: expected 2 outputs, got 3"),
            ("[1, 2]", "[1, 0]", "layer 1 has width 0"),
            (
                "[[0, 0], [0, 0]]",
                "[[0, 0]]",
                "parameters: expected 2 (a W and a b for each layer), got 1 arrays",
            ),
            ("[[1, 0], [0, 0]]", "[[1], [0, 0]]", "vector[0]: expected 2 for W1, got 1 numbers"),
            ("0.5", "-0.5", "inner rate must be a finite number of at least 0, got -0.5"),
            ("\"y\": [1]", "\"y\": [2]", "tasks[0].support.y[0]: expected 0 or 1, got 2"),
            (
                "\"a\": [1]",
                "\"a\": [1, 0]",
                "tasks[0].query.a: expected 1, one for each row of x, got 2 labels",
            ),
            (
                "[[2]]",
                "[[2, 3]]",
                "tasks[0].support.x[0]: expected 1 (the first of layers), got 2 numbers",
            ),
            ("[[2]]", "[]", "tasks[0].support.x: expected at least one, got no rows"),
            ("\"gamma\": 0", "\"gamma\": -1", "tasks[0].gamma: expected at least 0, got -1"),
            ("\"none\"", "\"both\"", "covariance, none, got both"),
            ("0.5", "1e999", "number out of range at line 3"),
            (
                "\"inner_steps\": 1",
                "\"inner_steps\": 18446744073709551615",
                "inner_steps: expected at most 10000, got 18446744073709551615",
            ),
        ] {
            let error = error(from, to);
            assert!(error.contains(message), "{error}");
        }
    }

    /// Without a vector there is no product, and all other results stay the same.
    #[test]
    fn a_vector_is_optional() {
        let vector = r#" "vector": [[1, 0], [0, 0]],"#;
        assert!(CASE.contains(vector));
        let without = CASE.replace(vector, "");
        let outcome = Case::parse(&without).unwrap().compute().unwrap();
        let whole = Case::parse(CASE).unwrap().compute().unwrap();
        assert_eq!(outcome.hessian_vector_product, None);
        assert_eq!(CaseResult { hessian_vector_product: None, ..whole.clone() }, outcome);
        assert!(!serde_json::to_string(&outcome).unwrap().contains("hessian_vector_product"));
        // The expected results must fit the case.
        let expecting = |case: &str, expected: &CaseResult| {
            let mut case: serde_json::Value = serde_json::from_str(case).unwrap();
            case["expected"] = serde_json::to_value(expected).unwrap();
            Case::parse(&case.to_string())
        };
        assert!(expecting(&without, &outcome).is_ok() && expecting(CASE, &whole).is_ok());
        for (case, expected, said) in
            [(&*without, &whole, "an array without `vector`"), (CASE, &outcome, "got nothing")]
        {
            let error = expecting(case, expected).unwrap_err().to_string();
            assert!(error.starts_with("expected.hessian_vector_product: "), "{error}");
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped() {
        let with = Case::parse(&format!("\u{feff}{CASE}")).unwrap().compute().unwrap();
        assert_eq!(with, Case::parse(CASE).unwrap().compute().unwrap());
        assert!(Case::parse(&format!("\u{feff}\u{feff}{CASE}")).is_err());
    }

    #[test]
    fn an_overflow_is_named() {
        let case = Case::parse(&CASE.replace("[[2]]", "[[1e200]]")).unwrap();
        let error = case.compute().unwrap_err().to_string();
        assert!(error.starts_with("hessian_vector_product"), "{error}");
        assert!(error.contains("inner rate 0.5, 1 inner step(s), gamma [0.0]"), "{error}");
    }

    #[test]
    fn differences_are_named() {
        let ours = Case::parse(CASE).unwrap().compute().unwrap();
        let mut theirs = ours.clone();
        assert!(ours.differences(&theirs).is_empty());
        theirs.meta_gradient[1][0] *= 1.0 + 1e-8;
        theirs.query_loss.push(0.0);
        assert_eq!(ours.differences(&theirs), ["query_loss", "meta_gradient"]);
        let without = CaseResult { hessian_vector_product: None, ..ours.clone() };
        assert_eq!(ours.differences(&without), ["hessian_vector_product"]);
        assert_eq!(without.differences(&ours), ["hessian_vector_product"]);
        for number in [1e300, -1e-300, 0.0] {
            let theirs = CaseResult { meta_loss: number, ..ours.clone() };
            assert_eq!(ours.differences(&theirs), ["meta_loss"], "{number}");
            let ours = CaseResult { meta_loss: number * (1.0 + 1e-12), ..ours.clone() };
            assert!(ours.differences(&theirs).is_empty(), "{number}");
        }
    }
}
