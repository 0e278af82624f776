//! Settings of `fair-maml train`.

use model::{Columns, Recipe};

use super::{Reader, Use, VALUES, refused};

/// The reader of settings.
pub const READER: Reader = Reader { name: "config", accepted, pieces: VALUES, read };

/// The settings that a run writes: all of them.
fn accepted() -> Vec<Vec<u8>> {
    let columns = Columns {
        task: "state".into(),
        label: "hired".into(),
        positive: "yes".into(),
        sensitive: "sex".into(),
        protected: vec!["female".into()],
        drop: vec!["id".into()],
        numeric: vec!["age".into()],
        categorical: vec!["code".into()],
    };
    vec![Recipe::new("data.csv".into(), columns).to_string().into_bytes()]
}

fn read(bytes: &[u8]) -> Option<Use> {
    let Ok(text) = std::str::from_utf8(bytes) else { return None };
    let recipe: Recipe = match text.parse() {
        Ok(recipe) => recipe,
        Err(error) => return refused(&error, bytes),
    };
    Some(Box::new(move || {
        let again: Recipe = recipe.to_string().parse().expect("what was written can be read");
        assert_eq!(again, recipe);
    }))
}
