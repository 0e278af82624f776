//! This module applies a trained encoder.

use mlp::{Checkpoint, Network};
use serde::{Deserialize, Serialize};
use tape::Tape;
use tasks::Batch;

/// Holds the encoder f that [`Laftr`](crate::Laftr) has trained for one setting. The encoder
/// replaces the features of a row by the code of the row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Encoder(Checkpoint);

impl Encoder {
    pub(super) fn new(network: Network, parameters: Vec<f64>) -> Self {
        Encoder(Checkpoint::new(network, parameters))
    }

    /// Returns the network and the parameters of the encoder.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.0
    }

    /// Returns the same rows with their codes, `(rows, code)`, in place of their features. Labels
    /// and groups stay the same.
    ///
    /// # Errors
    /// Returns `tasks::Error::NonFinite` if a code is not finite.
    ///
    /// # Panics
    /// Panics if the rows do not have the number of features on which the encoder was trained.
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
        // The network computes h = leaky(x₁ − x₂) and the code (2 h + 1, −h).
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
