//! A model as a file in the format safetensors.
//!
//! The tensors are the network's weights and biases, `W1: (features, width)`, `b1: (1, width)` and
//! so on, in double precision, as [`mlp::Network::parameters`] names them. With Meta-SGD there are
//! as many inner rates, `rates.W1` and so on. The logits of a row x are h Wₙ + bₙ, where h is the
//! activation of the layer before. The file's metadata has one entry, `fair_maml`, which is JSON:
//!
//! - `format`: the version of this format;
//! - `sha256`: the checksum of what follows, see below;
//! - `model`: the [`Description`], as text that is JSON again.
//!
//! The checksum is that of the text of `model` and the bytes of all numbers, in the order of the
//! flat parameter vector. So a file in which a bit has changed is refused.

use std::collections::HashMap;
use std::io::Read;

use mlp::Network;
use safetensors::tensor::{Dtype, Metadata, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::trained_model::{Description, MOST_PARAMETERS, Model};
use crate::unique::doubled;

/// The version of the format.
const FORMAT: u32 = 1;
/// The entry of the metadata.
const ENTRY: &str = "fair_maml";
/// The bytes of a file that say how long its header is.
const LENGTH: usize = 8;
/// The bytes of the longest header. A header takes many times its size in memory, because it may
/// hold very many short texts.
const LARGEST_HEADER: u64 = 50_000_000;
/// Before the name of a parameter, for its inner rate.
const RATE: &str = "rates.";

/// Reports a file that is no usable model.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file could not be read or written.
    #[error(transparent)]
    System(#[from] std::io::Error),
    /// The file is not in the format safetensors, or it is cut off.
    #[error("this is no safetensors file, or it is cut off or damaged ({0})")]
    NoSafetensors(String),
    /// The file is from another program.
    #[error("this is a safetensors file, but no model of fair-maml (it has no `{ENTRY}`)")]
    Foreign,
    /// The model is from another version of the program.
    #[error(
        "the model has format {found}, this program reads format {FORMAT}; use the version \
             that wrote it"
    )]
    Version {
        /// The version of the file's format.
        found: u32,
    },
    /// The file has changed since it was written.
    #[error("the file is damaged: its checksum does not fit; use a copy")]
    Damaged,
    /// The description is too long.
    #[error("the description of the model has more than {} MB", LARGEST_HEADER / 1_000_000)]
    LargeHeader,
    /// The file fits its checksum, and still is no valid model.
    #[error("the file is no valid model: {0}")]
    Invalid(String),
    /// A number that was learned is not finite.
    #[error("the model is not written, because one of its numbers is not finite")]
    NotFinite,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    format: u32,
    sha256: String,
    model: String,
}

/// The beginning of an entry, which every version has.
#[derive(Deserialize)]
struct AnyEntry {
    format: u32,
}

/// The part of a description that tells the order of the numbers.
#[derive(Deserialize)]
struct AnyDescription {
    network: Network,
}

impl Model {
    /// The file of the model. The same model gives the same bytes.
    ///
    /// # Errors
    /// Returns an error if a number is not finite.
    pub fn to_bytes(&self) -> Result<Vec<u8>, FileError> {
        if !self.learned.iter().all(|x| x.is_finite()) {
            return Err(FileError::NotFinite);
        }
        let invalid = |error: &dyn std::fmt::Display| FileError::Invalid(error.to_string());
        let model = serde_json::to_string(&self.description).map_err(|error| invalid(&error))?;
        let numbers: Vec<u8> = self.learned.iter().flat_map(|x| x.to_le_bytes()).collect();
        let entry = Entry { format: FORMAT, sha256: checksum(&model, &numbers), model };
        let entry = serde_json::to_string(&entry).map_err(|error| invalid(&error))?;
        let tensors = parts(&self.description.network, self.learned.len())
            .map(|(name, shape, range)| {
                let view = TensorView::new(Dtype::F64, shape, &numbers[range])?;
                Ok((name, view))
            })
            .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()
            .map_err(|error| invalid(&error))?;
        let metadata = HashMap::from([(ENTRY.to_owned(), entry)]);
        let bytes = serialize(tensors, Some(metadata)).map_err(|error| invalid(&error))?;
        match bytes.first_chunk().map(|first| u64::from_le_bytes(*first)) {
            Some(length) if length > LARGEST_HEADER => Err(FileError::LargeHeader),
            _ => Ok(bytes),
        }
    }

    /// Reads a model from a source that may have no end. The header comes first; what follows is
    /// read only if the header is that of a model, which then says how long it is.
    ///
    /// # Errors
    /// Returns the errors of [`from_bytes`](Model::from_bytes), and those of the source.
    pub fn read(mut from: impl Read) -> Result<Self, FileError> {
        let mut bytes = Vec::new();
        from.by_ref().take(LENGTH as u64 + 1).read_to_end(&mut bytes)?;
        let length = bytes.first_chunk().map_or(0, |first| u64::from_le_bytes(*first));
        if !(1..=LARGEST_HEADER).contains(&length) || bytes.get(LENGTH) != Some(&b'{') {
            return Err(FileError::NoSafetensors("it has no header".into()));
        }
        from.by_ref().take(length - 1).read_to_end(&mut bytes)?;
        let header: Metadata = serde_json::from_slice(&bytes[LENGTH..])
            .map_err(|error| FileError::NoSafetensors(error.to_string()))?;
        let entry = entry(&header)?;
        let network = network(&entry)?;
        // With Meta-SGD there are as many rates.
        let most = network.parameter_count().saturating_mul(2 * size_of::<f64>());
        let data = header.data_len();
        if data > most || network.parameter_count() > MOST_PARAMETERS {
            return Err(FileError::Damaged);
        }
        from.take(data as u64 + 1).read_to_end(&mut bytes)?;
        Self::from_bytes(&bytes)
    }

    /// The model of a file.
    ///
    /// # Errors
    /// Returns an error that tells whether the file is of another kind, of another version, damaged
    /// or invalid.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FileError> {
        let no = |error: safetensors::SafeTensorError| FileError::NoSafetensors(error.to_string());
        let (length, header) = SafeTensors::read_metadata(bytes).map_err(no)?;
        if length as u64 > LARGEST_HEADER {
            return Err(FileError::LargeHeader);
        }
        let tensors = SafeTensors::deserialize(bytes).map_err(no)?;
        if header.metadata().as_ref().is_some_and(|entries| entries.contains_key(ENTRY)) {
            check_names("the header", header_of(bytes))?;
        }
        let entry = entry(&header)?;
        // The checksum comes first. Only the network is read before it, for the order of the
        // numbers.
        let numbers = numbers(&tensors, &network(&entry)?).ok_or(FileError::Damaged)?;
        if checksum(&entry.model, &numbers) != entry.sha256 {
            return Err(FileError::Damaged);
        }
        check_names("the model", entry.model.as_bytes())?;
        let invalid = |error: serde_json::Error| FileError::Invalid(error.to_string());
        let description: Description = serde_json::from_str(&entry.model).map_err(invalid)?;
        description.check().map_err(FileError::Invalid)?;
        let learned: Vec<f64> =
            numbers.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect();
        if learned.len() != description.learned_count() {
            let (found, expected) = (learned.len(), description.learned_count());
            return Err(FileError::Invalid(format!("{found} numbers, expected {expected}")));
        }
        if !learned.iter().all(|x| x.is_finite()) {
            return Err(FileError::Invalid("a number that is not finite".into()));
        }
        Ok(Model { description, learned })
    }
}

/// The header of a file in the format safetensors, which is JSON: its length stands before it.
fn header_of(bytes: &[u8]) -> &[u8] {
    let Some((length, rest)) = bytes.split_first_chunk() else { return &[] };
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
    &rest[..length.min(rest.len())]
}

/// Refuses a JSON text with a name that occurs twice in one object.
fn check_names(place: &str, json: &[u8]) -> Result<(), FileError> {
    match doubled(json) {
        Some(name) => {
            let name = name.escape_debug();
            Err(FileError::Invalid(format!("{place} has two entries `{name}`")))
        }
        None => Ok(()),
    }
}

/// The entry of a header.
fn entry(header: &Metadata) -> Result<Entry, FileError> {
    let entry = header.metadata().as_ref().and_then(|entries| entries.get(ENTRY));
    let entry = entry.ok_or(FileError::Foreign)?;
    check_names(ENTRY, entry.as_bytes())?;
    let any: AnyEntry = serde_json::from_str(entry).map_err(|_| FileError::Damaged)?;
    if any.format != FORMAT {
        return Err(FileError::Version { found: any.format });
    }
    serde_json::from_str(entry).map_err(|_| FileError::Damaged)
}

/// The network of an entry whose checksum may not fit.
fn network(entry: &Entry) -> Result<Network, FileError> {
    let any: AnyDescription = serde_json::from_str(&entry.model).map_err(|_| FileError::Damaged)?;
    Ok(any.network)
}

/// Name, shape and bytes of each tensor, in the order of the flat vectors.
fn parts(
    network: &Network,
    count: usize,
) -> impl Iterator<Item = (String, Vec<usize>, std::ops::Range<usize>)> {
    let theta = network.parameter_count();
    let copies = count.checked_div(theta).unwrap_or(0);
    (0..copies).flat_map(move |copy| {
        network.parameters().iter().map(move |parameter| {
            let prefix = if copy == 0 { "" } else { RATE };
            let shape = vec![parameter.rows, parameter.columns];
            let range = parameter.range();
            let bytes = (copy * theta + range.start) * 8..(copy * theta + range.end) * 8;
            (format!("{prefix}{}", parameter.name), shape, bytes)
        })
    })
}

/// The bytes of all tensors, in the order of the flat vectors. `None` if they are not those of the
/// network.
fn numbers(tensors: &SafeTensors<'_>, network: &Network) -> Option<Vec<u8>> {
    let count = tensors.iter().map(|(_, tensor)| tensor.data().len() / 8).sum();
    let mut numbers = Vec::with_capacity(count * 8);
    let mut found = 0;
    for (name, shape, _) in parts(network, count) {
        let tensor = tensors.tensor(&name).ok()?;
        if tensor.dtype() != Dtype::F64 || tensor.shape() != shape {
            return None;
        }
        numbers.extend_from_slice(tensor.data());
        found += 1;
    }
    (found == tensors.len() && numbers.len() == count * 8).then_some(numbers)
}

fn checksum(model: &str, numbers: &[u8]) -> String {
    let mut hash = Sha256::new();
    hash.update(model.len().to_le_bytes());
    hash.update(model);
    hash.update(numbers);
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
