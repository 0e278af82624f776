//! A network and its parameters, as JSON.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Network;

/// Why a checkpoint could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file could not be opened, read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not a checkpoint.
    #[error("{}: {source}", path.display())]
    Format {
        /// Which file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
}

/// A trained network.
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
struct Unchecked {
    network: Network,
    parameters: Vec<f64>,
}

impl TryFrom<Unchecked> for Checkpoint {
    type Error = String;
    fn try_from(Unchecked { network, parameters }: Unchecked) -> Result<Self, String> {
        let count = network.parameter_count();
        if parameters.len() != count {
            return Err(format!("parameters: {} given, the network has {count}", parameters.len()));
        }
        Ok(Checkpoint { network, parameters })
    }
}

impl Checkpoint {
    /// A checkpoint of `network` at `parameters`.
    ///
    /// # Panics
    /// If there are not as many parameters as the network has.
    pub fn new(network: Network, parameters: Vec<f64>) -> Self {
        assert_eq!(parameters.len(), network.parameter_count(), "parameters of the network");
        Checkpoint { network, parameters }
    }

    /// The network.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Its flat parameter vector.
    pub fn parameters(&self) -> &[f64] {
        &self.parameters
    }

    /// Reads a checkpoint.
    ///
    /// # Errors
    /// If the file cannot be read or does not hold a checkpoint.
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| CheckpointError::File { path: path.into(), source })?;
        serde_json::from_str(&text)
            .map_err(|source| CheckpointError::Format { path: path.into(), source })
    }

    /// Writes the checkpoint.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), CheckpointError> {
        let text = serde_json::to_string(self)
            .map_err(|source| CheckpointError::Format { path: path.into(), source })?;
        std::fs::write(path, text)
            .map_err(|source| CheckpointError::File { path: path.into(), source })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Activation;

    #[test]
    fn a_file_and_back() {
        let path = std::env::temp_dir().join(format!("checkpoint-{}.json", std::process::id()));
        let network = Network::new(&[2, 1], Activation::Tanh).unwrap();
        let checkpoint = Checkpoint::new(network, vec![1.5, -0.1, f64::MIN_POSITIVE]);
        checkpoint.write(&path).unwrap();
        assert_eq!(Checkpoint::read(&path).unwrap(), checkpoint);
        std::fs::write(
            &path,
            r#"{"network": {"layers": [2, 1], "activation": "tanh"}, "parameters": [1]}"#,
        )
        .unwrap();
        let error = Checkpoint::read(&path).unwrap_err().to_string();
        assert!(error.contains("1 given, the network has 3"), "{error}");
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(Checkpoint::read(&path), Err(CheckpointError::File { .. })));
    }
}
