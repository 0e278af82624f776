//! This module defines the shape of a network, its flat parameter vector and its forward pass.

use std::ops::Range;

use rand::Rng;
use rand_distr::{Distribution, Normal, Uniform};
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use tape::{Scalar, Tape, Var};

/// Selects the activation function of the hidden units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// The function is max(x, 0). Its derivative at 0 is 0.
    Relu,
    /// The function is x where x > 0, and x / 100 elsewhere. Its derivative at 0 is 1/100 (Maas,
    /// Hannun and Ng 2013).
    LeakyRelu,
    /// The function is x where x > 0, and x / 5 elsewhere. Its derivative at 0 is 1/5. This slope
    /// is the default of TensorFlow's `tf.nn.leaky_relu`.
    #[serde(rename = "leaky-relu-0.2")]
    LeakyRelu02,
    /// The function is the hyperbolic tangent.
    Tanh,
    /// The function is the logistic sigmoid 1 / (1 + e^−x).
    Sigmoid,
}

/// The slope of [`Activation::LeakyRelu`] below 0, as in the paper that introduced it.
const LEAK: f64 = 0.01;

/// The slope of [`Activation::LeakyRelu02`] below 0.
const WIDER_LEAK: f64 = 0.2;

impl Activation {
    /// Records the activation of `x`, element by element. The result has the shape of `x`.
    pub fn eval<S: Scalar>(self, tape: &mut Tape<S>, x: Var) -> Var {
        match self {
            Activation::Relu => tape.relu(x),
            Activation::LeakyRelu => tape.leaky_relu(x, LEAK),
            Activation::LeakyRelu02 => tape.leaky_relu(x, WIDER_LEAK),
            Activation::Tanh => tape.tanh(x),
            Activation::Sigmoid => tape.sigmoid(x),
        }
    }
}

/// Selects how the weights are initialized. Biases start at 0 unless a variant says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Initialization {
    /// Weights are normal with mean 0 and variance 2 / inputs (He et al. 2015). This choice suits
    /// relu.
    He,
    /// Weights are uniform on ±√(6 / (inputs + outputs)) (Glorot and Bengio 2010). This choice
    /// suits tanh and sigmoid.
    Glorot,
    /// Weights are as in [`Initialization::Glorot`], and the n biases of a layer are uniform on
    /// ±√(6 / (n + n)). TensorFlow's `xavier_initializer` gives such biases, because it counts n
    /// inputs and n outputs for a vector of length n.
    GlorotBiases,
}

/// The largest number of widths of a network. Each layer is described by some hundred bytes, and a
/// file can name one in two, so without a limit a file would take many times its size in memory.
pub const MOST_WIDTHS: usize = 100;

/// Explains why a network cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetworkError {
    /// There are fewer than two widths. The error holds their number.
    #[error("layers must have at least two widths, inputs and outputs, got {0}")]
    TooFewLayers(usize),
    /// There are more widths than [`MOST_WIDTHS`]. The error holds their number.
    #[error("layers must have at most {MOST_WIDTHS} widths, got {0}")]
    TooManyLayers(usize),
    /// A layer has no units. The error holds the index of the layer, counted from 0.
    #[error("layers: layer {0} has width 0; every layer must have at least one unit")]
    EmptyLayer(usize),
    /// The network has more parameters than can be counted. The error holds the widths.
    #[error("layers: the parameters of widths {0:?} cannot be counted")]
    TooLarge(Vec<usize>),
}

/// Describes one weight matrix or bias vector within the flat parameter vector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// The name: `W1`, `b1`, `W2`, …
    pub name: String,
    /// The offset of the first entry.
    pub start: usize,
    /// The number of inputs of the layer for a weight matrix, and 1 for a bias vector.
    pub rows: usize,
    /// The number of outputs of the layer.
    pub columns: usize,
}

impl Parameter {
    /// Returns the range of the entries in the flat vector.
    pub fn range(&self) -> Range<usize> {
        self.start..self.start + self.rows * self.columns
    }
}

/// Describes a dense network. Each hidden layer computes σ(h W + b) from its input h. The last
/// layer computes the logits h W + b.
///
/// The flat parameter vector holds W1, b1, W2, b2, …. Each W is row-major, `(inputs, outputs)`, and
/// each b is `(1, outputs)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Shape", into = "Shape")]
pub struct Network {
    widths: Vec<usize>,
    activation: Activation,
    parameters: Vec<Parameter>,
}

/// Holds the fields of a network that are serialized.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    #[serde(deserialize_with = "widths")]
    layers: Vec<usize>,
    activation: Activation,
}

/// Reads the widths of a network for `serde`, of which there are at most [`MOST_WIDTHS`]. A longer
/// list is refused before it takes memory.
///
/// # Errors
/// Returns an error for a longer list and for anything else than a list of integers.
pub fn widths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<usize>, D::Error> {
    struct Widths;

    impl<'de> Visitor<'de> for Widths {
        type Value = Vec<usize>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a sequence")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<usize>, A::Error> {
            let mut widths = Vec::new();
            while let Some(width) = list.next_element()? {
                if widths.len() == MOST_WIDTHS {
                    let most = format!("layers must have at most {MOST_WIDTHS} widths");
                    return Err(A::Error::custom(most));
                }
                widths.push(width);
            }
            Ok(widths)
        }
    }

    deserializer.deserialize_seq(Widths)
}

impl TryFrom<Shape> for Network {
    type Error = NetworkError;
    fn try_from(shape: Shape) -> Result<Self, NetworkError> {
        Network::new(&shape.layers, shape.activation)
    }
}

impl From<Network> for Shape {
    fn from(network: Network) -> Self {
        Shape { layers: network.widths, activation: network.activation }
    }
}

impl Network {
    /// Makes a network with the given widths. The first width is the number of features, and the
    /// last one is the number of logits.
    ///
    /// # Errors
    /// Returns an error if there are fewer than two widths or more than [`MOST_WIDTHS`], if a width
    /// is 0, or if there are too many parameters to count.
    pub fn new(widths: &[usize], activation: Activation) -> Result<Self, NetworkError> {
        if widths.len() < 2 {
            return Err(NetworkError::TooFewLayers(widths.len()));
        }
        if widths.len() > MOST_WIDTHS {
            return Err(NetworkError::TooManyLayers(widths.len()));
        }
        if let Some(layer) = widths.iter().position(|&width| width == 0) {
            return Err(NetworkError::EmptyLayer(layer));
        }
        let too_large = || NetworkError::TooLarge(widths.to_vec());
        let mut parameters = Vec::new();
        let mut start = 0usize;
        for (layer, pair) in (1..).zip(widths.windows(2)) {
            for (kind, rows) in [("W", pair[0]), ("b", 1)] {
                let (name, columns) = (format!("{kind}{layer}"), pair[1]);
                parameters.push(Parameter { name, start, rows, columns });
                let entries = rows.checked_mul(columns).ok_or_else(too_large)?;
                start = start.checked_add(entries).ok_or_else(too_large)?;
            }
        }
        Ok(Network { widths: widths.to_vec(), activation, parameters })
    }

    /// Returns the widths of the layers, input first.
    pub fn widths(&self) -> &[usize] {
        &self.widths
    }

    /// Returns the number of features.
    pub fn inputs(&self) -> usize {
        self.widths[0]
    }

    /// Returns the number of logits.
    pub fn outputs(&self) -> usize {
        self.widths[self.widths.len() - 1]
    }

    /// Returns the activation of the hidden layers.
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// Returns the parts of the flat parameter vector, in order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Returns the length of the flat parameter vector.
    pub fn parameter_count(&self) -> usize {
        self.parameters.last().map_or(0, |last| last.range().end)
    }

    /// Returns the entries of the flat parameter vector that belong to the last layer: its weights
    /// and its biases.
    pub fn last_layer(&self) -> Range<usize> {
        let weights = self.parameters.len().saturating_sub(2);
        self.parameters.get(weights).map_or(0, |weights| weights.start)..self.parameter_count()
    }

    /// Draws initial parameters from `rng`, in the order of the flat vector.
    pub fn initialize(&self, initialization: Initialization, rng: &mut impl Rng) -> Vec<f64> {
        let mut theta = vec![0.0; self.parameter_count()];
        for pair in self.parameters.chunks_exact(2) {
            let (inputs, outputs) = (pair[0].rows as f64, pair[0].columns as f64);
            let [weights, biases] = [&pair[0], &pair[1]].map(Parameter::range);
            match initialization {
                Initialization::He => {
                    let normal = Normal::new(0.0, (2.0 / inputs).sqrt()).expect("a finite width");
                    theta[weights].fill_with(|| normal.sample(rng));
                }
                Initialization::Glorot => glorot(&mut theta[weights], inputs + outputs, rng),
                Initialization::GlorotBiases => {
                    glorot(&mut theta[weights], inputs + outputs, rng);
                    glorot(&mut theta[biases], outputs + outputs, rng);
                }
            }
        }
        theta
    }

    /// Records the logits, `(batch, outputs)`, of the rows `x: (batch, inputs)` under
    /// `parameters: (1, parameter_count)`.
    ///
    /// # Panics
    /// Panics if `x` does not have `inputs` columns, or if `parameters` has fewer than
    /// `parameter_count` entries. Panics if `parameters` is the result of an operation: it must be
    /// a leaf of the tape or a window on a leaf.
    pub fn logits<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var, x: Var) -> Var {
        let h = self.last_hidden(tape, parameters, x);
        self.layer(self.widths.len() - 2, tape, parameters, h)
    }

    /// Records the activations of the last hidden layer, `(batch, hidden units)`, which are the
    /// inputs of the last layer. They are `x` itself if the network has no hidden layer.
    ///
    /// # Panics
    /// Panics under the same conditions as [`Network::logits`].
    pub fn last_hidden<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var, x: Var) -> Var {
        (0..self.widths.len() - 2).fold(x, |h, layer| {
            let sums = self.layer(layer, tape, parameters, h);
            self.activation.eval(tape, sums)
        })
    }

    /// Records h W + b of a layer, counted from 0.
    fn layer<S: Scalar>(&self, layer: usize, tape: &mut Tape<S>, parameters: Var, h: Var) -> Var {
        let [w, b] = [2 * layer, 2 * layer + 1].map(|place| {
            let p = &self.parameters[place];
            tape.window(parameters, p.start, p.rows, p.columns)
        });
        tape.affine(h, w, b)
    }
}

/// Draws every entry uniformly from ±√(6 / fans).
fn glorot(entries: &mut [f64], fans: f64, rng: &mut impl Rng) {
    let limit = (6.0 / fans).sqrt();
    let uniform = Uniform::new_inclusive(-limit, limit).expect("a finite width");
    entries.fill_with(|| uniform.sample(rng));
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use proptest::prelude::*;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::SeedableRng;
    use tape::check::{Settings, check};
    use tape::{Matrix, Objective};

    struct Logits(Network, Matrix<f64>);

    impl Objective for Logits {
        fn eval<S: Scalar>(&self, tape: &mut Tape<S>, parameters: Var) -> Var {
            let (rows, columns) = self.1.shape();
            let x = tape.constant_from(rows, columns, |r, c, _| self.1[(r, c)]);
            self.0.logits(tape, parameters, x)
        }
    }

    #[test]
    fn a_network_by_hand() {
        // The network computes h = relu([x, y] W1 + b1) and the logits h W2 + b2.
        let network = Network::new(&[2, 2, 1], Activation::Relu).unwrap();
        let names: Vec<_> = network.parameters().iter().map(|p| p.name.as_str()).collect();
        assert_eq!(names, ["W1", "b1", "W2", "b2"]);
        let theta = [1.0, -1.0, 2.0, 1.0, 0.5, 0.25, 3.0, 10.0, -1.0];
        let mut tape = Tape::new();
        let parameters = tape.variable(1, 9, &theta);
        let x = tape.constant(&Matrix::from_rows(&[[1.0, 1.0], [2.0, -3.0]]));
        let logits = network.logits(&mut tape, parameters, x);
        // In row 1, h = relu(3.5, 0.25) = (3.5, 0.25). In row 2, h = relu(−3.5, −4.75) = (0, 0).
        assert_eq!(tape.value(logits), [12.0, -1.0]);
        let hidden = network.last_hidden(&mut tape, parameters, x);
        assert_eq!(tape.value(hidden), [3.5, 0.25, 0.0, 0.0]);
    }

    #[test]
    fn without_a_hidden_layer_the_last_one_sees_the_features() {
        let network = Network::new(&[2, 1], Activation::Relu).unwrap();
        let mut tape = Tape::new();
        let parameters = tape.variable(1, 3, &[1.0, 1.0, 0.0]);
        let x = tape.constant(&Matrix::from_rows(&[[1.0, -2.0]]));
        assert_eq!(network.last_hidden(&mut tape, parameters, x), x);
    }

    /// The network is the same, but its hidden units multiply a negative input by 1/100 or by 1/5.
    #[test]
    fn leaky_networks_by_hand() {
        for (activation, name, slope) in
            [(Activation::LeakyRelu, "leaky-relu", 0.01), (Activation::LeakyRelu02, NAME_02, 0.2)]
        {
            let network = Network::new(&[2, 2, 1], activation).unwrap();
            let theta = [1.0, -1.0, 2.0, 1.0, 0.5, 0.25, 3.0, 10.0, -1.0];
            let mut tape = Tape::new();
            let parameters = tape.variable(1, 9, &theta);
            let x = tape.constant(&Matrix::from_rows(&[[1.0, 1.0], [2.0, -3.0]]));
            let logits = network.logits(&mut tape, parameters, x);
            // In row 2, h is (−3.5, −4.75) times the slope.
            let second = 3.0 * -3.5 * slope + 10.0 * -4.75 * slope - 1.0;
            assert_eq!(tape.value(logits)[0], 12.0);
            assert_relative_eq!(tape.value(logits)[1], second, max_relative = 1e-15);
            let text = format!(r#"{{"layers": [2, 2, 1], "activation": "{name}"}}"#);
            assert_eq!(serde_json::from_str::<Network>(&text).unwrap(), network);
            assert!(serde_json::to_string(&network).unwrap().contains(&format!("\"{name}\"")));
        }
    }

    const NAME_02: &str = "leaky-relu-0.2";

    /// The slope is 1 above 0, and it is 1/5 below 0 and at 0.
    #[test]
    fn the_slopes_of_the_wider_leak() {
        let mut tape = Tape::new();
        let x = tape.variable(1, 4, &[2.0, -2.0, 0.0, -0.0]);
        let y = Activation::LeakyRelu02.eval(&mut tape, x);
        let sum = tape.sum(y);
        tape.backward(sum);
        assert_eq!(tape.value(y), [2.0, -0.4, 0.0, 0.0]);
        assert_eq!(tape.adjoint(x), [1.0, 0.2, 0.2, 0.2]);
    }

    #[test]
    fn impossible_shapes_are_refused() {
        assert_eq!(Network::new(&[3], Activation::Tanh), Err(NetworkError::TooFewLayers(1)));
        assert_eq!(Network::new(&[3, 0, 2], Activation::Tanh), Err(NetworkError::EmptyLayer(1)));
        let huge = [usize::MAX, usize::MAX];
        assert_eq!(
            Network::new(&huge, Activation::Tanh),
            Err(NetworkError::TooLarge(huge.to_vec()))
        );
        let text = r#"{"layers": [2, 0], "activation": "relu"}"#;
        let error = serde_json::from_str::<Network>(text).unwrap_err();
        assert!(error.to_string().contains("layer 1 has width 0"), "{error}");
    }

    #[test]
    fn initial_weights_have_the_variance_they_should() {
        let network = Network::new(&[100, 300, 50], Activation::Relu).unwrap();
        for (kind, variances) in [
            (Initialization::He, [2.0 / 100.0, 2.0 / 300.0]),
            (Initialization::Glorot, [2.0 / 400.0, 2.0 / 350.0]),
            (Initialization::GlorotBiases, [2.0 / 400.0, 2.0 / 350.0]),
        ] {
            let theta = network.initialize(kind, &mut ChaCha8Rng::seed_from_u64(5));
            let [w1, b1, w2, b2] = [0, 1, 2, 3].map(|i| &theta[network.parameters()[i].range()]);
            for (w, variance) in [w1, w2].into_iter().zip(variances) {
                let n = w.len() as f64;
                let mean = w.iter().sum::<f64>() / n;
                let spread = w.iter().map(|x| x * x).sum::<f64>() / n;
                assert!(mean.abs() < 4.0 * (variance / n).sqrt(), "{kind:?}: mean {mean}");
                assert!((spread / variance - 1.0).abs() < 0.05, "{kind:?}: variance {spread}");
            }
            for b in [b1, b2] {
                let limit =
                    if kind == Initialization::GlorotBiases { 3.0 / b.len() as f64 } else { 0.0 };
                let largest = b.iter().map(|b| b * b).fold(0.0, f64::max);
                assert!(largest <= limit && largest >= 0.8 * limit, "{kind:?}: {largest}");
            }
        }
    }

    #[test]
    fn initialization_is_stable() {
        let network = Network::new(&[2, 2, 2], Activation::Relu).unwrap();
        let first =
            |kind| network.initialize(kind, &mut ChaCha8Rng::seed_from_u64(0))[..3].to_vec();
        assert_eq!(first(Initialization::He), HE);
        assert_eq!(first(Initialization::Glorot), GLOROT);
        assert_eq!(first(Initialization::GlorotBiases), GLOROT);
        let text = serde_json::to_string(&Initialization::GlorotBiases).unwrap();
        assert_eq!(text, "\"glorot-biases\"");
    }

    const HE: [f64; 3] = [0.6999607946268154, -0.14406163542784764, 0.30288628024558556];
    const GLOROT: [f64; 3] = [0.512128085555495, -0.08347439170331628, 0.4877993302763368];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn derivatives_of_any_network(
            seed in 0u64..1000,
            widths in proptest::collection::vec(1usize..6, 2..5),
            rows in 1usize..5,
            smooth in prop_oneof![Just(Activation::Tanh), Just(Activation::Sigmoid)],
        ) {
            let network = Network::new(&widths, smooth).unwrap();
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let theta = network.initialize(Initialization::Glorot, &mut rng);
            let normal = Normal::new(0.0, 1.0).unwrap();
            let x = Matrix::from_fn(rows, widths[0], |_, _| normal.sample(&mut rng));
            let settings = Settings { seed, ..Settings::default() };
            check(&Logits(network, x), &theta, settings)?;
        }
    }
}
