//! What becomes of a row depends on no other row outside its task, and on no size of a block.

use std::path::Path;

use model::{Adapted, Keep, Model, Written, adapt, predict};
use proptest::prelude::*;
use proptest::sample::Index;
use tasks::Scaling;

use super::{Made, made, shots};

const HEAD: &str = "id,hospital,x,color,group,outcome";

/// The lines of the third hospital of the table.
fn own_rows(folder: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(folder.join("t.csv")).unwrap();
    text.lines().filter(|line| line.contains(",h2,")).map(String::from).collect()
}

fn write(path: &Path, rows: &[String]) {
    std::fs::write(path, format!("{HEAD}\n{}\n", rows.join("\n"))).unwrap();
}

/// What an adaptation finds, but for the names and places of the file.
fn found(adapted: &Adapted) -> impl PartialEq + std::fmt::Debug + use<> {
    let Model { description, learned } = &adapted.model;
    let audit = description.adapted.as_ref().unwrap().audit;
    let bits: Vec<u64> = learned.iter().map(|x| x.to_bits()).collect();
    let schema = serde_json::to_string(&description.schema).unwrap();
    (bits, schema, audit, adapted.labeled, adapted.rows, adapted.unfamiliar.clone())
}

/// The lines of the predictions, with logits, and what is said about them.
fn lines(model: &Model, path: &Path, block: usize) -> (Vec<String>, Vec<String>) {
    let mut out = Vec::new();
    let written = Written { logits: true, block, ..Written::default() };
    let summary = predict(model, path, written, &mut out).unwrap();
    (String::from_utf8(out).unwrap().lines().map(String::from).collect(), summary.unfamiliar)
}

/// Models that scale over all tasks and within each, with and without thresholds.
fn models() -> Vec<Made> {
    let scalings = [Scaling::OverAllTasks, Scaling::WithinTask, Scaling::None];
    let keeps = [Keep::Regularizer, Keep::Thresholds, Keep::Regularizer];
    let of = |(scaling, keep)| {
        made(|recipe| {
            (recipe.encoding.scaling, recipe.fairness.keep) = (scaling, keep);
            recipe.training.iterations = 5.try_into().unwrap();
        })
    };
    scalings.into_iter().zip(keeps).map(of).collect()
}

/// A row of another task.
fn other() -> impl Strategy<Value = String> {
    let number = prop_oneof![Just(String::new()), (-1e6..1e6).prop_map(|x: f64| x.to_string())];
    let color = prop_oneof!["red|green|Red|re d|1|1[.]0|NA", "[a-z]{0,3}"];
    (number, color, "a|b", "good|bad|", "h1|h3|H2|h2[.]0|n[0-9]").prop_map(
        |(x, color, group, outcome, task)| format!("q,{task},{x},{color},{group},{outcome}"),
    )
}

#[test]
fn other_rows_and_blocks_change_nothing() {
    let models = models();
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(12));
    for Made { model, folder } in &models {
        let own = own_rows(folder.path());
        let [alone, among] = ["alone.csv", "among.csv"].map(|name| folder.path().join(name));
        write(&alone, &own);
        let adapted = adapt(model, &alone, &shots(6)).unwrap();
        let expected = lines(&adapted.model, &alone, 10_000).0;
        let run = runner.run(
            &(prop::collection::vec((any::<Index>(), other()), 0..60), 1..80_usize),
            |(others, block)| {
                let mut rows = own.clone();
                for (place, row) in &others {
                    rows.insert(place.index(rows.len() + 1), row.clone());
                }
                write(&among, &rows);
                let mut again = adapt(model, &among, &shots(6)).unwrap();
                // A note about tasks with nearly the same name is about other rows.
                again.unfamiliar.retain(|note| !note.contains("are not of the task"));
                prop_assert_eq!(found(&again), found(&adapted));
                let all = lines(&adapted.model, &among, 10_000);
                prop_assert_eq!(&lines(&adapted.model, &among, block), &all);
                let is_own = |line: &&String| line.starts_with("id,") || line.contains(",h2,");
                let of_own: Vec<&String> = all.0.iter().filter(is_own).collect();
                prop_assert_eq!(of_own, expected.iter().collect::<Vec<_>>());
                Ok(())
            },
        );
        run.unwrap();
    }
}

/// More texts than a column of a table may have in memory at first, all in rows of other tasks.
#[test]
fn many_texts_of_other_tasks_change_nothing() {
    let Made { model, folder } = made(|recipe| recipe.training.iterations = 5.try_into().unwrap());
    let own = own_rows(folder.path());
    let [alone, among] = ["alone.csv", "among.csv"].map(|name| folder.path().join(name));
    write(&alone, &own);
    let others = (0..66_000).map(|i| format!("q,n{i},0,c{i},g{i},o{i}"));
    write(&among, &others.chain(own).collect::<Vec<_>>());
    let [one, other] = [&alone, &among].map(|path| adapt(&model, path, &shots(6)).unwrap());
    assert_eq!(found(&one), found(&other));
    assert_eq!(
        lines(&one.model, &alone, 10_000).0[1..],
        lines(&other.model, &among, 10_000).0[66_001..]
    );
    let said = lines(&other.model, &among, 10_000).1;
    assert!(said[0].starts_with("column `color`: 66000 of 66"), "{said:?}");
}
