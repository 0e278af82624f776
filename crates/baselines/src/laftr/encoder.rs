//! A trained encoder.

use mlp::{Checkpoint, Network};
use serde::{Deserialize, Serialize};
use tape::Tape;
use tasks::Batch;

/// The encoder f of one arm of [`Laftr`](crate::Laftr), which replaces the features of a row by its
/// code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Encoder(Checkpoint);

impl Encoder {
    pub(super) fn new(network: Network, parameters: Vec<f64>) -> Self {
        Encoder(Checkpoint::new(network, parameters))
    }

    /// Its network and parameters.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.0
    }

    /// The same rows with their codes in place of their features: labels and groups stay as they
    /// are.
    ///
    /// # Errors
    /// `tasks::Error::NonFinite` if a code is not finite.
    ///
    /// # Panics
    /// If the rows do not have the features that the encoder was trained on.
    pub fn encode(&self, batch: &Batch) -> Result<Batch, tasks::Error> {
        let (network, parameters) = (self.0.network(), self.0.parameters());
        let mut tape = Tape::<f64>::new();
        let parameters = tape.constant_lanes(1, parameters.len(), |_| parameters);
        let x = tape.constant_lanes(batch.rows(), batch.features(), |_| batch.x());
        let code = network.logits(&mut tape, parameters, x);
        let code = tape.value(code).to_vec();
        Batch::new(network.outputs(), code, batch.positive().to_vec(), batch.protected().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use mlp::Activation;

    use super::*;

    #[test]
    fn by_hand() {
        let network = Network::new(&[2, 1, 2], Activation::LeakyRelu).unwrap();
        // h = leaky(x₁ − x₂), code = (2 h + 1, −h)
        let encoder = Encoder::new(network, vec![1.0, -1.0, 0.0, 2.0, -1.0, 1.0, 0.0]);
        let (positive, protected) = (vec![true, false], vec![false, true]);
        let batch = Batch::new(2, vec![3.0, 1.0, 1.0, 3.0], positive, protected).unwrap();
        let codes = encoder.encode(&batch).unwrap();
        assert_eq!(codes.x(), [5.0, -2.0, 0.96, 0.02]);
        assert_eq!(codes.positive(), batch.positive());
        assert_eq!(codes.protected(), batch.protected());
        assert_eq!(encoder.encode(&batch.select(&[])).unwrap().rows(), 0);

        let text = serde_json::to_string(&encoder).unwrap();
        assert_eq!(serde_json::from_str::<Encoder>(&text).unwrap(), encoder);

        let far = Batch::new(2, vec![1e308, -1e308], vec![true], vec![true]).unwrap();
        let error = encoder.encode(&far).unwrap_err().to_string();
        assert!(error.contains("row 0, feature 0"), "{error}");
    }
}
