//! From a table to decisions, as a program would use the library.

mod rows;
mod words;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use experiment::progress::Silent;
use experiment::run::data_file::identify;
use experiment::run::experiment::Experiment;
use experiment::run::parts::Parts;
use experiment::run::prepare::Source;
use experiment::run::table::TableSource;
use fairness::metrics::GroupCounts;
use model::{
    Columns, Decision, Description, Family, FileError, Keep, Model, Recipe, Shots, Written, adapt,
    card, front_figure, plan, predict, problem, select, train,
};
use proptest::prelude::*;
use safetensors::tensor::{SafeTensors, serialize};
use sha2::{Digest, Sha256};

/// Hospitals with their own thresholds. The label depends on x, and the protected group has lower
/// values of it.
fn table(hospitals: usize, rows: usize) -> String {
    let mut csv = String::from("id,hospital,x,color,group,outcome\n");
    let mut state = 1_u64;
    let mut random = || {
        // Numbers of a linear congruential generator are random enough for a table.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1u32 << 31)
    };
    for hospital in 0..hospitals {
        for row in 0..rows {
            let protected = random() < 0.4;
            let x = random() * 2.0 - if protected { 0.9 } else { 0.3 };
            let positive = x + 0.3 * random() > 0.4 + 0.1 * hospital as f64;
            let color = ["red", "green", ""][(3.0 * random()) as usize % 3];
            let (group, outcome) =
                (if protected { "b" } else { "a" }, if positive { "good" } else { "bad" });
            csv += &format!("p{hospital}-{row},h{hospital},{x:.4},{color},{group},{outcome}\n");
        }
    }
    csv
}

fn columns() -> Columns {
    Columns {
        task: "hospital".into(),
        label: "outcome".into(),
        positive: "good".into(),
        sensitive: "group".into(),
        protected: vec!["b".into()],
        drop: vec!["id".into()],
        numeric: Vec::new(),
        categorical: Vec::new(),
    }
}

fn recipe(data: PathBuf) -> Recipe {
    let mut recipe = Recipe::new(data, columns());
    recipe.training.iterations = 60.try_into().unwrap();
    recipe.training.shots = 6.try_into().unwrap();
    recipe.network.hidden = vec![5];
    recipe.fairness.gammas = vec![1.0, 8.0];
    recipe.fairness.folds = 3;
    recipe
}

struct Made {
    model: Model,
    folder: tempfile::TempDir,
}

fn made(change: impl Fn(&mut Recipe)) -> Made {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, table(6, 40)).unwrap();
    let mut recipe = recipe(path);
    change(&mut recipe);
    made_of(recipe, folder)
}

fn made_of(recipe: Recipe, folder: tempfile::TempDir) -> Made {
    let problem = problem(&recipe, identify(&recipe.data).unwrap());
    let source = TableSource::read(&problem, u64::MAX, &|_, _| {}).unwrap();
    let plan = plan(&recipe, problem, source.schema.width()).unwrap();
    let experiment = Experiment::on(&plan, Source::Table(source.clone())).unwrap();
    let parts = Parts::of(folder.path(), |_| {});
    let study = experiment.run(2, &Silent, &parts).unwrap();
    let (measure, least) = (recipe.fairness.measure, recipe.fairness.least);
    let selection = select(&experiment, &study, measure, least).unwrap();
    let negative = source.negative.clone();
    let model = train(&recipe, &plan, &source, negative, &selection, &parts, &Silent).unwrap();
    Made { model, folder }
}

fn shots(rows: usize) -> Shots {
    Shots { rows, task: Some("h2".into()), seed: 0 }
}

/// The lines of the predictions for a file.
fn predictions(model: &Model, path: &Path) -> Vec<csv::StringRecord> {
    let mut out = Vec::new();
    let summary = predict(model, path, Written::default(), &mut out).unwrap();
    let lines: Vec<_> = csv::Reader::from_reader(&out[..]).records().map(Result::unwrap).collect();
    assert_eq!(summary.rows as usize, lines.len());
    let positive = lines.iter().filter(|line| line.get(line.len() - 1) == Some("good")).count();
    assert_eq!(summary.positive as usize, positive);
    lines
}

#[test]
fn a_table_becomes_decisions() {
    let Made { model, folder } = made(|_| {});
    let validation = &model.description.validation;
    // Every task is held out once.
    for tried in &validation.tried {
        assert_eq!(tried.after.tasks, 6, "{}", tried.name);
    }
    assert_eq!(validation.kept, Family::Regularizer);
    assert_eq!(model.description.negative, "bad");
    assert_eq!(model.description.origin.rows, 240);
    assert_eq!(validation.regularizer.estimate.tasks, 6);

    let data = folder.path().join("t.csv");
    let adapted = adapt(&model, &data, &shots(6)).unwrap();
    assert_eq!((adapted.labeled, adapted.rows), (40, 40));
    let known = adapted.model.description.adapted.as_ref().unwrap();
    assert_eq!(known.lines.len(), 6);
    // The third hospital begins after the header and two others.
    assert!(known.lines.iter().all(|line| (82..122).contains(line)), "{:?}", known.lines);
    assert_eq!(known.audit.unwrap()[1].overall().total(), 34);

    // Predictions agree with the audit, on the rows that were not used.
    let lines = predictions(&adapted.model, &data);
    assert_eq!(lines.len(), 240);
    assert_eq!(lines[0].len(), 6);
    let judged = lines
        .iter()
        .enumerate()
        .filter(|(row, line)| line.get(1) == Some("h2") && !known.lines.contains(&(row + 2)));
    let flags: Vec<[bool; 3]> =
        judged.map(|(_, line)| [&line[5] == "good", &line[3] == "good", &line[2] == "b"]).collect();
    let column = |i: usize| flags.iter().map(|flags| flags[i]).collect::<Vec<_>>();
    let counts = GroupCounts::tally(&column(0), &column(1), &column(2));
    assert_eq!(counts, known.audit.unwrap()[1]);
    for line in &lines {
        let probability: f64 = line[4].parse().unwrap();
        assert_eq!(&line[5] == "good", probability > 0.5);
    }
    // The task of the adaptation is one of the training, and its rows are.
    let words = adapted.model.description.adaptation_words().join(" ");
    for part in ["rows of the task h2 are in lines ", "trained on the task h2 too. The rows that"] {
        assert!(words.contains(part), "no `{part}` in {words}");
    }
    let written = Written::default();
    let elsewhere = |model: &Model, path: &Path| {
        predict(model, path, written, &mut Vec::new()).unwrap().elsewhere
    };
    assert_eq!((elsewhere(&model, &data), elsewhere(&adapted.model, &data)), (0, 200));
    // A file with one task names it, and a new one was not seen.
    let other = folder.path().join("other.csv");
    let rows = "n,0.5,red,b,good\nn,0.1,green,a,bad\nn,0.2,red,a,bad\n";
    std::fs::write(&other, format!("hospital,x,color,group,outcome\n{rows}")).unwrap();
    let one = adapt(&model, &other, &Shots { rows: 1, task: None, seed: 0 }).unwrap().model;
    assert_eq!(one.description.adapted.as_ref().unwrap().task.as_deref(), Some("n"));
    let words = one.description.adaptation_words().join(" ");
    assert!(words.starts_with("The labeled row of the task n is in line "), "{words}");
    assert!(!words.contains("trained on"), "{words}");
    assert_eq!(elsewhere(&one, &other), 0);
    // The cards can be drawn.
    for model in [&model, &adapted.model] {
        let report = card(model, "front.svg").unwrap();
        assert!(report.html().contains("Limits") && report.markdown("").contains("## Limits"));
    }
    let again = adapt(&adapted.model, &data, &shots(6)).unwrap_err().to_string();
    assert!(again.contains("adapted already"), "{again}");
}

#[test]
fn thresholds_and_scaling_within_tasks() {
    let Made { model, folder } = made(|recipe| {
        recipe.fairness.keep = Keep::Thresholds;
        recipe.encoding.scaling = tasks::Scaling::WithinTask;
    });
    let data = folder.path().join("t.csv");
    let Decision::ByGroup { protected, unprotected } = model.description.decision else {
        panic!("{:?}", model.description.decision)
    };
    assert_eq!(model.description.gamma, 0.0);
    let unadapted =
        predict(&model, &data, Written::default(), &mut Vec::new()).unwrap_err().to_string();
    assert!(unadapted.contains("has to be adapted"), "{unadapted}");
    let adapted = adapt(&model, &data, &shots(6)).unwrap().model;
    for line in predictions(&adapted, &data) {
        let threshold = if &line[2] == "b" { protected } else { unprotected };
        let probability: f64 = line[4].parse().unwrap();
        assert_eq!(&line[5] == "good", probability > threshold);
    }
    let shown = card(&adapted, "front.svg").unwrap().markdown("");
    for part in
        ["another row if it is above", "| thresholds |", "(protected), ", "SHA-256 of the file"]
    {
        assert!(shown.contains(part), "no `{part}` in {shown}");
    }
    // The group is needed.
    let text = std::fs::read_to_string(&data).unwrap().replacen(",b,", ",?,", 1);
    std::fs::write(&data, text).unwrap();
    let error =
        predict(&adapted, &data, Written::default(), &mut Vec::new()).unwrap_err().to_string();
    assert!(error.contains("`group`") && error.contains("a group"), "{error}");
}

#[test]
fn what_adaptation_refuses() {
    let Made { model, folder } = made(|_| {});
    let path = folder.path().join("new.csv");
    let refused = |text: &str, task: Option<&str>| {
        std::fs::write(&path, text).unwrap();
        let shots = Shots { rows: 4, task: task.map(String::from), seed: 0 };
        adapt(&model, &path, &shots).map(|adapted| adapted.labeled).map_err(|e| e.to_string())
    };
    let head = "hospital,x,color,group,outcome\n";
    let rows = "n,0.5,red,b,good\nn,0.1,green,a,bad\n";
    assert_eq!(refused(&format!("{head}{rows}"), None), Ok(2));
    // No task column is needed, nor a label in every row.
    let bare = "x,color,group,outcome\n0.5,red,b,good\n0.1,green,a,?\n";
    assert_eq!(refused(bare, None), Ok(1));
    let several = format!("{head}{rows}m,0.5,red,b,good\n");
    let error = refused(&several, None).unwrap_err();
    assert!(error.contains("2 tasks") && error.contains("`m`, `n`"), "{error}");
    assert_eq!(refused(&several, Some("m")), Ok(1));
    let error = refused(&several, Some("o")).unwrap_err();
    assert!(error.contains("no row belongs to the task `o`"), "{error}");
    let error = refused("x,color,group,outcome\n0.5,red,b,\n", None).unwrap_err();
    assert!(error.contains("no row has a label"), "{error}");
    let error = refused("x,group,outcome\n0.5,b,good\n", None).unwrap_err();
    assert!(error.contains("`color`"), "{error}");
    let error = refused("x,color,group,outcome\nlow,red,b,good\n", None).unwrap_err();
    assert!(error.contains("line 2") && error.contains("`x`"), "{error}");
}

/// The file of the table, with another text in its first rows.
fn with(folder: &Path, from: &str, to: &str) -> PathBuf {
    let text = std::fs::read_to_string(folder.join("t.csv")).unwrap();
    let path = folder.join("changed.csv");
    assert!(text.contains(from));
    std::fs::write(&path, text.replacen(from, to, 500)).unwrap();
    path
}

#[test]
fn misspelled_labels_and_groups() {
    let Made { mut model, folder } = made(|recipe| recipe.fairness.keep = Keep::Thresholds);
    let here = folder.path();
    let seen = &model.description.origin.seen;
    assert_eq!((seen.labels.len(), seen.groups.len(), seen.tasks.len()), (2, 2, 6));
    let labels = with(here, ",good\n", ",fine\n");
    let error = adapt(&model, &labels, &shots(6)).unwrap_err().to_string();
    for part in ["changed.csv", "line ", "`outcome`", "fine", "`bad`, `good`"] {
        assert!(error.contains(part), "no `{part}` in {error}");
    }
    // One that is written almost like a known one may be that one, also a group.
    for (from, to, near) in [(",good\n", ",Good\n", "like `good`"), (",b,", ",B,", "like `b`")] {
        let path = with(here, from, to);
        let error = adapt(&model, &path, &shots(6)).unwrap_err().to_string();
        assert!(error.contains(near) && error.contains(" rows, the first in line "), "{error}");
    }
    // With thresholds, an unknown group is refused.
    let groups = with(here, ",b,", ",C,");
    let all = |model: &Model| {
        predict(model, &groups, Written::default(), &mut Vec::new()).map_err(|e| e.to_string())
    };
    for error in
        [all(&model).unwrap_err(), adapt(&model, &groups, &shots(6)).unwrap_err().to_string()]
    {
        for part in ["changed.csv", "line ", "`group`", "C", "`a`, `b`"] {
            assert!(error.contains(part), "no `{part}` in {error}");
        }
    }
    // Without, it is named.
    model.description.decision = Decision::Half;
    assert_eq!(all(&model).unwrap().rows, 240);
    assert_eq!(adapt(&model, &groups, &shots(6)).unwrap().new_groups, ["C"]);
}

/// A text that the training table does not have has no weights that chance has made.
#[test]
fn a_new_text_decides_nothing() {
    let Made { model, .. } = made(|_| {});
    let Description { schema, network, .. } = &model.description;
    let first = &network.parameters()[0];
    let weights = &model.learned[first.range()];
    for (name, weights) in schema.feature_names().iter().zip(weights.chunks(first.columns)) {
        let is_new = name == "color is another";
        assert_eq!(weights.iter().all(|weight| *weight == 0.0), is_new, "{name}");
    }
}

/// Without a fairness in any held-out task, a training ends with a model, and the card says why it
/// has no figure.
#[test]
fn no_fairness_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    // A hospital has people of one group only.
    let rows = table(6, 40).replace(",b,", ",a,");
    let of_one = |line: &str| match line.chars().nth(1) {
        Some('1' | '3' | '5') if line.starts_with('p') => line.replace(",a,", ",b,"),
        _ => line.to_owned(),
    };
    std::fs::write(&path, rows.lines().map(of_one).collect::<Vec<_>>().join("\n")).unwrap();
    let Made { model, .. } = made_of(recipe(path), folder);
    assert!(front_figure(&model.description.validation).unwrap().is_none());
    let card = card(&model, "front.svg").unwrap().markdown("");
    assert!(card.contains("no held-out task has a parity") && !card.contains("front.svg"));
}

#[test]
fn several_negative_labels_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, table(6, 40).replacen(",bad\n", ",awful\n", 9)).unwrap();
    let Made { model, .. } = made(|recipe| recipe.data = path.clone());
    let notes = &model.description.origin.notes;
    assert!(
        notes.iter().any(|note| note.ends_with("count as negative: `awful`, `bad`")),
        "{notes:?}"
    );
    // Another label is negative too.
    let data = with(folder.path(), ",bad\n", ",poor\n");
    assert!(adapt(&model, &data, &shots(6)).is_ok());
}

#[test]
fn the_same_settings_give_the_same_bytes() {
    let one = made(|_| {});
    let mut other = made(|_| {}).model;
    // Only the folder of the data differs.
    other.description.recipe.data = one.model.description.recipe.data.clone();
    other.description.origin.file = one.model.description.origin.file.clone();
    assert_eq!(one.model.to_bytes().unwrap(), other.to_bytes().unwrap());
}

#[test]
fn every_spoiled_byte_is_noticed() {
    let model = made(|recipe| recipe.network.hidden = vec![1]).model;
    let bytes = model.to_bytes().unwrap();
    assert_eq!(Model::from_bytes(&bytes).unwrap(), model);
    for place in 0..bytes.len() {
        let mut spoiled = bytes.clone();
        spoiled[place] ^= 1 << (place % 8);
        // A space for another in the header changes nothing.
        if let Ok(read) = Model::from_bytes(&spoiled) {
            assert_eq!(read, model, "byte {place}");
        }
    }
    for length in 0..bytes.len() {
        let error = Model::from_bytes(&bytes[..length]).unwrap_err();
        assert!(matches!(error, FileError::NoSafetensors(_)), "{length}: {error}");
    }
    let find = |text: &[u8]| bytes.windows(text.len()).position(|part| part == text).unwrap();
    let at = find(b"fair_maml");
    let mut foreign = bytes.clone();
    foreign[at] = b'F';
    assert!(matches!(Model::from_bytes(&foreign), Err(FileError::Foreign)));
    let at = find(b"format\\\":1") + 9;
    let mut newer = bytes.clone();
    newer[at] = b'2';
    assert!(matches!(Model::from_bytes(&newer), Err(FileError::Version { found: 2 })));
}

/// A model whose description was changed, with a checksum that fits.
fn changed(model: &Model, place: &str, value: serde_json::Value) -> Result<Model, String> {
    let mut json = serde_json::to_value(&model.description).unwrap();
    *json.pointer_mut(place).unwrap() = value;
    let description = serde_json::from_value(json).map_err(|error| error.to_string())?;
    let model = Model { description, learned: model.learned.clone() };
    Model::from_bytes(&model.to_bytes().unwrap()).map_err(|error| error.to_string())
}

/// The file of a model with another text of its description, and a checksum that fits.
fn resealed(model: &Model, from: &str, to: &str) -> Vec<u8> {
    let text = serde_json::to_string(&model.description).unwrap();
    assert!(text.contains(from), "no {from} in {text}");
    let text = text.replacen(from, to, 1);
    let numbers: Vec<u8> = model.learned.iter().flat_map(|x| x.to_le_bytes()).collect();
    let mut hash = Sha256::new();
    hash.update(text.len().to_le_bytes());
    hash.update(&text);
    hash.update(&numbers);
    let sha256: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let entry = serde_json::json!({ "format": 1, "sha256": sha256, "model": text }).to_string();
    let bytes = model.to_bytes().unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let metadata = HashMap::from([("fair_maml".to_owned(), entry)]);
    serialize(tensors.tensors(), Some(metadata)).unwrap()
}

/// A description that does not fit is told apart from a file that has changed.
#[test]
fn a_fitting_checksum_does_not_make_a_model() {
    let Made { model, .. } = made(|_| {});
    let same = resealed(&model, "\"gamma\"", "\"gamma\"");
    assert_eq!(Model::from_bytes(&same).unwrap(), model);
    let error = |from: &str, to: &str| match Model::from_bytes(&resealed(&model, from, to)) {
        Err(FileError::Invalid(reason)) => reason,
        other => panic!("{from}: {other:?}"),
    };
    assert!(error("\"gamma\"", "\"future\":1,\"gamma\"").contains("unknown field `future`"));
    assert!(error("\"ground\"", "\"reason\"").contains("unknown field `reason`"));
    let sensitive = error("\"column\":\"x\"", "\"column\":\"group\"");
    assert!(
        sensitive.contains("the column of a feature must be one that nothing else uses"),
        "{sensitive}"
    );
}

/// A name that occurs twice in the header, in our entry or in the model has no single meaning.
#[test]
fn a_name_that_occurs_twice_is_refused() {
    let Made { model, .. } = made(|recipe| recipe.training.iterations = 1.try_into().unwrap());
    let bytes = model.to_bytes().unwrap();
    let length = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
    let header = std::str::from_utf8(&bytes[8..8 + length]).unwrap().trim_end();
    let refused = |header: String, name: &str| {
        let length = (header.len() as u64).to_le_bytes();
        let file =
            [&length[..], header.as_bytes(), &bytes[bytes.len() - numbers(&bytes)..]].concat();
        match Model::from_bytes(&file) {
            Err(FileError::Invalid(reason)) => assert!(reason.contains(name), "{reason}"),
            other => panic!("{name}: {other:?}"),
        }
    };
    let tensor = |name: &str| {
        let at = header.find(&format!("\"{name}\":")).unwrap();
        header[at..=at + header[at..].find('}').unwrap()].to_owned()
    };
    refused(
        header.replacen('{', &format!("{{{},", tensor("b1")), 1),
        "the header has two entries `b1`",
    );
    refused(
        header.replacen("{\"__metadata__\":{", "{\"__metadata__\":{\"fair_maml\":\"{}\",", 1),
        "the header has two entries `fair_maml`",
    );
    refused(
        header.replacen("\\\"format\\\":1", "\\\"format\\\":1,\\\"format\\\":1", 1),
        "fair_maml has two entries `format`",
    );
    let doubled = resealed(&model, "\"gamma\":", "\"gamma\":0.5,\"gamma\":");
    match Model::from_bytes(&doubled) {
        Err(FileError::Invalid(reason)) => {
            assert!(reason.contains("two entries `gamma`"), "{reason}")
        }
        other => panic!("{other:?}"),
    }
}

/// The bytes of the numbers of a file.
fn numbers(file: &[u8]) -> usize {
    let tensors = SafeTensors::deserialize(file).unwrap();
    tensors.iter().map(|(_, tensor)| tensor.data().len()).sum()
}

/// The weight of iMAML's proximal term goes from the settings to the model.
#[test]
fn imaml_has_its_proximal_weight() {
    let imaml = |proximal: f64, steps: usize| {
        move |recipe: &mut Recipe| {
            recipe.training.algorithm = meta::algorithm::IMAML;
            (recipe.training.proximal, recipe.training.inner_steps) = (proximal, steps);
        }
    };
    let Made { model, .. } = made(imaml(2_000.0, 1));
    assert_eq!(model.description.inner.implicit().proximal, 2_000.0);
    let mut recipe = recipe("t.csv".into());
    imaml(2_000.0, 2)(&mut recipe);
    let error = recipe.check().unwrap_err().to_string();
    assert!(error.contains("training.inner_rate") && error.contains("imaml"), "{error}");
    recipe.training.inner_rate = 1e-3;
    recipe.check().unwrap();
    // The settings of the published code are those of the paper's problems.
    recipe.training.algorithm = meta::algorithm::PUBLISHED_CODE;
    assert!(recipe.check().unwrap_err().to_string().contains("it is fomaml"));
}

#[test]
fn texts_of_a_stranger_are_not_obeyed() {
    let Made { model, folder } = made(|_| {});
    let model = adapt(&model, &folder.path().join("t.csv"), &shots(6)).unwrap().model;
    let evil = "x\u{1b}[31my\u{202e}z";
    let places = [
        "/version",
        "/negative",
        "/origin/file",
        "/origin/sha256",
        "/adapted/file",
        "/adapted/sha256",
        "/adapted/task",
        "/recipe/columns/task",
        "/recipe/columns/positive",
        "/validation/tried/0/name",
        "/schema/features/0/numeric/column",
        "/schema/roles/positive",
        "/schema/roles/protected/0",
        "/origin/seen/tasks/0",
    ];
    for place in places {
        let model = changed(&model, place, evil.into()).unwrap();
        let report = card(&model, "front.svg").unwrap();
        let terminal = report::terminal::Terminal::stdout();
        let shown = [report.html(), report.markdown(""), model.description.inspection(terminal)];
        for shown in shown {
            assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{place}");
        }
    }
}

#[test]
fn a_model_that_never_ends_is_refused() {
    let Made { model, .. } = made(|_| {});
    assert!(changed(&model, "/inner/steps", 10_000.into()).is_ok());
    let error = changed(&model, "/inner/steps", 10_001.into()).unwrap_err();
    assert!(error.contains("10001 inner steps, more than 10000"), "{error}");
    assert!(changed(&model, "/inner/steps", u64::MAX.into()).is_err());
}

#[test]
fn a_number_that_is_none_is_not_written() {
    let mut model = made(|_| {}).model;
    model.learned[3] = f64::NAN;
    assert!(matches!(model.to_bytes(), Err(FileError::NotFinite)));
}

#[test]
fn settings_that_are_refused() {
    let text = recipe("t.csv".into()).to_string();
    let refused = |from: &str, to: &str| {
        assert!(text.contains(from), "{from} in {text}");
        text.replacen(from, to, 1).parse::<Recipe>().unwrap_err().to_string()
    };
    assert!(refused("least = 0.8", "least = 1.5").contains("fairness.least"));
    assert!(refused("folds = 3", "folds = 1").contains("fairness.folds must be from 2 to 100"));
    assert!(refused("delimiter = \",\"", "delimiter = \"é\"").contains("reading.delimiter"));
    let error = refused("folds = 3", "fold = 3");
    assert!(error.starts_with("line ") && error.contains("`fold`"), "{error}");
    let error = refused("drop = [\"id\"]", "drop = [\"group\"]");
    assert!(error.contains("`group` twice"), "{error}");
    assert!(refused("    1.0,", "    -1.0,").contains("fairness.gammas"));
}

proptest! {
    /// Any bytes are refused without a panic.
    #[test]
    fn no_bytes_are_a_model(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Model::from_bytes(&bytes).is_err());
    }
}
