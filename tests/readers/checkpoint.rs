//! Checkpoints of networks.

use mlp::{Activation, Checkpoint, Network};

use super::{Reader, Use, VALUES};

/// The reader of checkpoints.
pub const READER: Reader = Reader { name: "checkpoint", accepted, pieces: VALUES, read };

fn accepted() -> Vec<Vec<u8>> {
    let network = Network::new(&[2, 3, 2], Activation::Relu).expect("a network");
    let parameters = (0..network.parameter_count()).map(|i| 1.0 / (i as f64 + 1.0)).collect();
    let checkpoint = Checkpoint::new(network, parameters);
    vec![serde_json::to_vec(&checkpoint).expect("JSON"), checkpoint.to_bytes().expect("finite")]
}

/// Reads the bytes as a file, and as the JSON in a file whose checksum fits.
fn read(bytes: &[u8]) -> Option<Use> {
    let whole = Checkpoint::from_bytes(bytes).ok();
    let inner = serde_json::from_slice::<Checkpoint>(bytes).ok();
    let checkpoint = whole.or(inner)?;
    Some(Box::new(move || {
        assert_eq!(checkpoint.parameters().len(), checkpoint.network().parameter_count());
        if let Ok(written) = checkpoint.to_bytes() {
            assert_eq!(Checkpoint::from_bytes(&written).expect("it was written"), checkpoint);
        }
    }))
}
