//! Model files: as they are, and with a changed description whose checksum fits.

use std::sync::{Arc, LazyLock};

use experiment::progress::Silent;
use experiment::run::data_file::identify;
use experiment::run::experiment::Experiment;
use experiment::run::parts::Parts;
use experiment::run::prepare::Source;
use experiment::run::table::TableSource;
use frame::Frame;
use meta::probabilities;
use model::{Columns, Description, Model, Recipe, card, plan, problem, select, train};

use super::{Reader, Use, VALUES, refused};

/// The reader of models.
pub const READER: Reader = Reader { name: "model", accepted, pieces: VALUES, read };

/// A table with a number that is sometimes missing, and with texts.
fn table() -> String {
    let mut table = String::from("t,y,g,x,c\n");
    for row in 0..48 {
        let task = ["n", "s", "w"][row % 3];
        let label = if row % 5 < 2 { "good" } else { "bad" };
        let group = if row % 7 < 3 { "b" } else { "a" };
        let x = if row % 11 == 0 { String::new() } else { format!("{}.5", row % 13) };
        table += &format!("{task},{label},{group},{x},{}\n", ["red", "blue"][row / 24]);
    }
    table
}

/// A small model, trained for two iterations.
static SMALL: LazyLock<Arc<Model>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("t.csv");
    std::fs::write(&path, table()).expect("a table");
    let columns = Columns {
        task: "t".into(),
        label: "y".into(),
        positive: "good".into(),
        sensitive: "g".into(),
        protected: vec!["b".into()],
        drop: Vec::new(),
        numeric: Vec::new(),
        categorical: Vec::new(),
    };
    let mut recipe = Recipe::new(path, columns);
    recipe.training.iterations = 2.try_into().expect("above 0");
    recipe.training.shots = 3.try_into().expect("above 0");
    recipe.network.hidden = vec![2];
    recipe.fairness.gammas = vec![1.0];
    recipe.fairness.folds = 2;
    let problem = problem(&recipe, identify(&recipe.data).expect("a file"));
    let source = TableSource::read(&problem, u64::MAX, &|_, _| {}).expect("a table");
    let plan = plan(&recipe, problem, source.schema.width()).expect("a plan");
    let experiment = Experiment::on(&plan, Source::Table(source.clone())).expect("tasks");
    let parts = Parts::of(folder.path(), |_| {});
    let study = experiment.run(1, &Silent, &parts).expect("a study");
    let selection = select(&experiment, &study, recipe.fairness.measure, recipe.fairness.least);
    let (selection, negative) = (selection.expect("a choice"), source.negative.clone());
    let model = train(&recipe, &plan, &source, negative, &selection, &parts, &Silent);
    Arc::new(model.expect("a model"))
});

fn accepted() -> Vec<Vec<u8>> {
    let description = serde_json::to_vec(&SMALL.description).expect("JSON");
    vec![description, SMALL.to_bytes().expect("a file")]
}

/// Reads the bytes as a file, and as the description in a file whose checksum fits.
fn read(bytes: &[u8]) -> Option<Use> {
    let model = Model::from_bytes(bytes);
    // Read from the front, with nothing known of its length, it is the same.
    assert_eq!(Model::read(bytes).ok(), model.as_ref().ok().cloned());
    if let Ok(model) = model {
        return Some(Box::new(move || apply(&model)));
    }
    let description: Description = match serde_json::from_slice(bytes) {
        Ok(description) => description,
        Err(error) => return refused(&error, bytes),
    };
    Some(Box::new(move || {
        let resealed = Model { description, learned: SMALL.learned.clone() };
        let Ok(file) = resealed.to_bytes() else { return };
        if let Ok(model) = Model::from_bytes(&file) {
            apply(&model);
        }
    }))
}

/// Uses a model in every way that needs no file.
fn apply(model: &Model) {
    let again = model.to_bytes().expect("it was read");
    assert_eq!(Model::from_bytes(&again).expect("it was written"), *model);
    if let Ok(card) = card(model, "front.svg") {
        assert!(!card.title.is_empty());
    }
    let Description { schema, recipe, network, adapted, .. } = &model.description;
    let options = schema.kinds(recipe.options(), &[]);
    let Ok(frame) = Frame::<f32>::from_bytes(table().as_bytes(), "t.csv", &options) else { return };
    let rows: Vec<usize> = (0..frame.rows()).collect();
    let Ok(x) = schema.x(&frame, &rows) else { return };
    assert_eq!(x.len(), rows.len() * network.inputs());
    if adapted.is_some() {
        let theta = &model.learned[..network.parameter_count()];
        for p in probabilities(network, theta, &x).into_iter().flatten() {
            assert!((0.0..=1.0).contains(&p), "{p}");
        }
    }
}
