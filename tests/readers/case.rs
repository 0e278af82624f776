//! Cases of `fair-maml meta-grad`.

use meta::case::{Case, CaseError};

use super::{Reader, Use, VALUES, refused};

/// The reader of cases.
pub const READER: Reader = Reader { name: "case", accepted, pieces: VALUES, read };

/// A small case of each algorithm, with a vector or with rates.
fn accepted() -> Vec<Vec<u8>> {
    let case = |more: &str| {
        format!(
            r#"{{"layers": [1, 2], "activation": "tanh", "regularizer": "demographic_parity",
"inner_rate": 0.5, "inner_steps": 2, "parameters": [[0.1, -0.2], [0.3, 0.0]],
"tasks": [{{"gamma": 1.5,
"support": {{"x": [[1.0], [-2.0]], "y": [0, 1], "a": [1, 0]}},
"query": {{"x": [[0.5], [3.0]], "y": [1, 0], "a": [0, 0]}}}}]{more}}}"#
        )
        .into_bytes()
    };
    let nested = "[[0.1, 0.2], [0.3, 0.4]]";
    let mut cases = vec![case(""), case(&format!(r#", "vector": {nested}"#))];
    for name in ["fomaml", "reptile", "anil"] {
        cases.push(case(&format!(r#", "algorithm": "{name}""#)));
    }
    cases.push(case(r#", "algorithm": "imaml", "proximal": 2.0"#));
    cases.push(case(&format!(r#", "algorithm": "meta-sgd", "rates": {nested}"#)));
    cases
}

fn read(bytes: &[u8]) -> Option<Use> {
    let Ok(text) = std::str::from_utf8(bytes) else { return None };
    let case = match Case::parse(text) {
        Ok(case) => case,
        Err(error) => return refused(&error, bytes),
    };
    Some(Box::new(move || match case.compute() {
        Ok(result) => {
            assert!(result.meta_loss.is_finite());
            assert!(result.differences(&result).is_empty(), "a result differs from itself");
        }
        Err(error) => {
            let expected = matches!(
                error,
                CaseError::NotFinite { .. } | CaseError::NotPositiveDefinite { .. }
            );
            assert!(expected, "{error}");
        }
    }))
}
