//! This module stores a network and its parameters as a sealed file: JSON with a checksum.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use store::SealError;

use crate::Network;

/// The key of a sealed checkpoint, with the version of its format.
const KEY: &str = "checkpoint of a network, format 1";

/// The bytes of the largest file.
const LARGEST: u64 = 1_000_000_000;

/// Explains what is wrong with the bytes or the numbers of a checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum InvalidCheckpoint {
    /// The file could not be read, has changed since it was written, or is something else.
    #[error(transparent)]
    Sealed(#[from] SealError),
    /// The file is as it was written, and does not hold a valid checkpoint.
    #[error(transparent)]
    Format(#[from] serde_json::Error),
    /// A parameter is NaN or infinite, which JSON cannot hold.
    #[error("parameter {index} is {value}; a checkpoint has finite parameters")]
    NotFinite {
        /// The position in the flat parameter vector, counted from 0.
        index: usize,
        /// The parameter.
        value: f64,
    },
}

/// Explains why a file with a checkpoint could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file could not be written. An old file is as it was.
    #[error(transparent)]
    Write(#[from] store::Error),
    /// The checkpoint is not valid.
    #[error("{}: {source}", path.display())]
    Invalid {
        /// The path of the file.
        path: PathBuf,
        /// What is wrong.
        source: InvalidCheckpoint,
    },
}

/// Holds a trained network: its shape and its parameters.
///
/// ```
/// use mlp::{Activation, Checkpoint, Network};
/// let network = Network::new(&[1, 2], Activation::Relu).unwrap();
/// let checkpoint = Checkpoint::new(network, vec![0.1, 1.0 / 3.0, -1e-300, 2.0]);
/// let text = serde_json::to_string(&checkpoint).unwrap();
/// assert_eq!(serde_json::from_str::<Checkpoint>(&text).unwrap(), checkpoint); // to the last bit
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Checkpoint {
    network: Network,
    parameters: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    network: Network,
    parameters: Vec<f64>,
}

impl TryFrom<Unchecked> for Checkpoint {
    type Error = String;
    fn try_from(Unchecked { network, parameters }: Unchecked) -> Result<Self, String> {
        let count = network.parameter_count();
        if parameters.len() != count {
            return Err(format!(
                "parameters must be the {count} numbers of the network, got {}",
                parameters.len()
            ));
        }
        Ok(Checkpoint { network, parameters })
    }
}

impl Checkpoint {
    /// Makes a checkpoint of `network` with the flat parameter vector `parameters`.
    ///
    /// # Panics
    /// Panics if the number of parameters is not that of the network.
    pub fn new(network: Network, parameters: Vec<f64>) -> Self {
        assert_eq!(parameters.len(), network.parameter_count(), "parameters of the network");
        Checkpoint { network, parameters }
    }

    /// Returns the shape of the network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Returns the flat parameter vector of the network.
    pub fn parameters(&self) -> &[f64] {
        &self.parameters
    }

    /// Returns the contents of a file with the checkpoint: JSON with a checksum.
    ///
    /// # Errors
    /// Returns [`InvalidCheckpoint::NotFinite`] if a parameter is NaN or infinite.
    pub fn to_bytes(&self) -> Result<Vec<u8>, InvalidCheckpoint> {
        if let Some(index) = self.parameters.iter().position(|value| !value.is_finite()) {
            let value = self.parameters[index];
            return Err(InvalidCheckpoint::NotFinite { index, value });
        }
        Ok(store::seal(KEY, &serde_json::to_vec(self)?))
    }

    /// Returns the checkpoint whose [`to_bytes`](Checkpoint::to_bytes) these bytes are.
    ///
    /// # Errors
    /// Returns an error that tells whether a byte has changed, the bytes are something else, or
    /// what they hold is no checkpoint.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, InvalidCheckpoint> {
        Ok(serde_json::from_slice(store::unseal(KEY, bytes)?)?)
    }

    /// Reads a checkpoint from a file.
    ///
    /// # Errors
    /// Returns an error if the file cannot be read, is no regular file or has more than 1 GB, and
    /// the errors of
    /// [`from_bytes`](Checkpoint::from_bytes).
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        store::read_sealed(path, KEY, LARGEST)
            .map_err(InvalidCheckpoint::from)
            .and_then(|value| Ok(serde_json::from_slice(&value)?))
            .map_err(|source| CheckpointError::Invalid { path: path.into(), source })
    }

    /// Writes the checkpoint to a file, completely or not at all.
    ///
    /// # Errors
    /// Returns an error if a parameter is NaN or infinite, or if the file cannot be written. In
    /// both cases, a file that is there already stays as it is.
    pub fn write(&self, path: &Path) -> Result<(), CheckpointError> {
        let bytes = self.to_bytes();
        let bytes =
            bytes.map_err(|source| CheckpointError::Invalid { path: path.into(), source })?;
        Ok(store::write(path, &bytes)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Activation;

    fn small() -> Checkpoint {
        let network = Network::new(&[2, 1], Activation::Tanh).unwrap();
        Checkpoint::new(network, vec![1.5, -0.1, f64::MIN_POSITIVE])
    }

    #[test]
    fn a_file_and_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("network.checkpoint");
        small().write(&path).unwrap();
        assert_eq!(Checkpoint::read(&path).unwrap(), small());
        let refused = |text: &str| {
            store::write_sealed(&path, KEY, text.as_bytes()).unwrap();
            Checkpoint::read(&path).unwrap_err().to_string()
        };
        let network = r#""network": {"layers": [2, 1], "activation": "tanh"}"#;
        let error = refused(&format!(r#"{{{network}, "parameters": [1]}}"#));
        assert!(error.contains("the 3 numbers of the network, got 1"), "{error}");
        let error = refused(&format!(r#"{{{network}, "parameters": [1, 2, 3], "x": 1}}"#));
        assert!(error.contains("unknown field `x`"), "{error}");
        std::fs::remove_file(&path).unwrap();
        let error = Checkpoint::read(&path).unwrap_err().to_string();
        assert!(error.contains("network.checkpoint: it cannot be read"), "{error}");
    }

    /// Any changed byte, and any file that is cut off, is noticed.
    #[test]
    fn a_damaged_file_is_never_believed() {
        let whole = small().to_bytes().unwrap();
        let refused = |bytes: &[u8]| {
            let error = Checkpoint::from_bytes(bytes).unwrap_err();
            assert!(matches!(error, InvalidCheckpoint::Sealed(_)), "{error}");
        };
        for place in 0..whole.len() {
            refused(&whole[..place]);
            let mut spoiled = whole.clone();
            spoiled[place] ^= 1 << (place % 8);
            refused(&spoiled);
        }
    }

    #[test]
    fn parameters_that_are_not_finite_are_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("network.checkpoint");
        let network = Network::new(&[1, 1], Activation::Tanh).unwrap();
        let good = Checkpoint::new(network.clone(), vec![1.0, 2.0]);
        good.write(&path).unwrap();
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let error = Checkpoint::new(network.clone(), vec![1.0, value]).write(&path);
            let error = error.unwrap_err();
            assert!(error.to_string().contains(&format!("parameter 1 is {value}")), "{error}");
            assert_eq!(Checkpoint::read(&path).unwrap(), good);
        }
    }
}
