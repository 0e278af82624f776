//! This module stores a network and its parameters as a sealed file: JSON with a checksum.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use store::SealError;

use crate::Network;

/// The key of a sealed checkpoint, with the version of its format.
const KEY: &str = "checkpoint of a network, format 1";

/// Explains why a checkpoint could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file could not be written. An old file is as it was.
    #[error(transparent)]
    Write(#[from] store::Error),
    /// The file could not be read, is damaged, or is something else.
    #[error("{}: {source}", path.display())]
    Read {
        /// The path of the file.
        path: PathBuf,
        /// What is wrong with the file.
        source: SealError,
    },
    /// A parameter is NaN or infinite, which JSON cannot hold.
    #[error("{}: parameter {index} is {value}; a checkpoint has finite parameters", path.display())]
    NotFinite {
        /// The path of the file.
        path: PathBuf,
        /// The position in the flat parameter vector, counted from 0.
        index: usize,
        /// The parameter.
        value: f64,
    },
    /// The file is whole and does not hold a valid checkpoint.
    #[error("{}: {source}", path.display())]
    Format {
        /// The path of the file.
        path: PathBuf,
        /// The position and the cause of the error.
        source: serde_json::Error,
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

    /// Reads a checkpoint from a file that [`write`](Checkpoint::write) has written.
    ///
    /// # Errors
    /// Returns [`CheckpointError::Read`] if the file cannot be read, has changed since it was
    /// written or is something else, and [`CheckpointError::Format`] if what it holds is no
    /// checkpoint.
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        let text = store::read_sealed(path, KEY)
            .map_err(|source| CheckpointError::Read { path: path.into(), source })?;
        serde_json::from_slice(&text)
            .map_err(|source| CheckpointError::Format { path: path.into(), source })
    }

    /// Writes the checkpoint to a file, completely or not at all.
    ///
    /// # Errors
    /// Returns [`CheckpointError::NotFinite`] if a parameter is NaN or infinite, and
    /// [`CheckpointError::Write`] if the file cannot be written. In both cases, a file that is
    /// there already stays as it is.
    pub fn write(&self, path: &Path) -> Result<(), CheckpointError> {
        if let Some(index) = self.parameters.iter().position(|value| !value.is_finite()) {
            let value = self.parameters[index];
            return Err(CheckpointError::NotFinite { path: path.into(), index, value });
        }
        let text = serde_json::to_vec(self)
            .map_err(|source| CheckpointError::Format { path: path.into(), source })?;
        Ok(store::write_sealed(path, KEY, &text)?)
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
        let error = Checkpoint::read(&path).unwrap_err();
        assert!(matches!(error, CheckpointError::Read { source: SealError::Read(_), .. }));
    }

    /// Any changed byte, and any file that is cut off, is noticed.
    #[test]
    fn a_damaged_file_is_never_believed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("network.checkpoint");
        small().write(&path).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let refused = |bytes: &[u8]| {
            std::fs::write(&path, bytes).unwrap();
            let error = Checkpoint::read(&path).unwrap_err();
            assert!(matches!(error, CheckpointError::Read { .. }), "{error}");
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
            assert!(matches!(error, CheckpointError::NotFinite { index: 1, .. }), "{error}");
            assert!(error.to_string().contains(&format!("parameter 1 is {value}")), "{error}");
            assert_eq!(Checkpoint::read(&path).unwrap(), good);
        }
    }
}
