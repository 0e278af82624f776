//! This module stores a network and its parameters as JSON.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Network;

/// Explains why a checkpoint could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// The file could not be opened, read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The error that the operating system reported.
        source: std::io::Error,
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
    /// The file does not hold a valid checkpoint.
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

    /// Reads a checkpoint from a JSON file.
    ///
    /// # Errors
    /// Returns [`CheckpointError::File`] if the file cannot be read, and
    /// [`CheckpointError::Format`] if it does not hold a checkpoint.
    pub fn read(path: &Path) -> Result<Self, CheckpointError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| CheckpointError::File { path: path.into(), source })?;
        serde_json::from_str(&text)
            .map_err(|source| CheckpointError::Format { path: path.into(), source })
    }

    /// Writes the checkpoint to a JSON file.
    ///
    /// # Errors
    /// Returns [`CheckpointError::NotFinite`] if a parameter is NaN or infinite, and
    /// [`CheckpointError::File`] if the file cannot be written. A file that is there already stays
    /// as it is if a parameter is not finite.
    pub fn write(&self, path: &Path) -> Result<(), CheckpointError> {
        if let Some(index) = self.parameters.iter().position(|value| !value.is_finite()) {
            let value = self.parameters[index];
            return Err(CheckpointError::NotFinite { path: path.into(), index, value });
        }
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
        assert!(error.contains("the 3 numbers of the network, got 1"), "{error}");
        std::fs::write(
            &path,
            r#"{"network": {"layers": [1, 1], "activation": "tanh"}, "parameters": [1, 2], "x": 1}"#,
        )
        .unwrap();
        let error = Checkpoint::read(&path).unwrap_err().to_string();
        assert!(error.contains("unknown field `x`"), "{error}");
        std::fs::remove_file(&path).unwrap();
        assert!(matches!(Checkpoint::read(&path), Err(CheckpointError::File { .. })));
    }

    #[test]
    fn parameters_that_are_not_finite_are_not_written() {
        let path = std::env::temp_dir().join(format!("not-finite-{}.json", std::process::id()));
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
        std::fs::remove_file(&path).unwrap();
    }
}
