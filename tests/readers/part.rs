//! Kept parts of a run: finished jobs, and trainings that have begun.

use experiment::plan::{Arm, MethodName};
use experiment::results::trained::{Learned, Trained};
use experiment::run::curve::Curve;
use meta::LearnerState;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Reader, Use, VALUES, refused};

/// The reader of parts.
pub const READER: Reader = Reader { name: "part", accepted, pieces: VALUES, read };

const KEY: &str = "build plan seed";

fn accepted() -> Vec<Vec<u8>> {
    let arm = Arm::plain(MethodName::Meta);
    let mut trained = Trained::of(3, arm, Learned::Weights(vec![0.5, -1e-300, 2.0]));
    trained.curve = vec![(100, 0.7), (200, 0.6)];
    let finished = serde_json::to_vec(&[trained]).expect("JSON");
    let begun = br#"[{"iteration": 2, "learned": [4607182418800017408], "powers": [0.81, 0.998],
"moments": [[1], [2]], "absent": {"batches": 7, "absent": 0}},
{"tasks": 4.0, "iterations": 10, "stretch": 1, "done": 2, "sum": 0.5, "points": [[1, 0.5]]}]"#;
    let sealed = store::seal(KEY, &finished);
    vec![finished, begun.to_vec(), sealed]
}

/// Reads the bytes as a file, and as the value in a file whose checksum fits.
fn read(bytes: &[u8]) -> Option<Use> {
    let value = match store::unseal(KEY, bytes) {
        Ok(value) => {
            assert_eq!(store::seal(KEY, value), bytes);
            value
        }
        Err(error) => {
            drop(refused(&error, bytes));
            bytes
        }
    };
    again::<Vec<Trained>>(value).or_else(|| again::<(LearnerState, Curve)>(value))
}

/// A value that was read can be written, and read again.
fn again<T: DeserializeOwned + Serialize + Send + 'static>(bytes: &[u8]) -> Option<Use> {
    let value: T = serde_json::from_slice(bytes).ok()?;
    Some(Box::new(move || {
        let text = serde_json::to_vec(&value).expect("JSON");
        let sealed = store::seal(KEY, &text);
        assert_eq!(store::unseal(KEY, &sealed).expect("it was sealed"), text);
        let again: T = serde_json::from_slice(&text).expect("what was written can be read");
        assert_eq!(serde_json::to_vec(&again).expect("JSON"), text);
    }))
}
