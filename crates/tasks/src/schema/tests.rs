use super::*;
use proptest::prelude::*;

fn roles() -> Roles {
    Roles {
        task: "task".into(),
        label: "y".into(),
        positive: "yes".into(),
        sensitive: "group".into(),
        protected: vec!["b".into(), "c".into()],
    }
}

fn read(csv: &str) -> Frame<f32> {
    let options = roles().reading(Options::default());
    Frame::from_bytes(csv.as_bytes(), "t.csv", &options).unwrap()
}

/// A table with these columns before the roles. Labels and groups alternate at different rates.
fn table(head: &str, cells: &[String]) -> Frame<f32> {
    let row = |(i, cells): (usize, &String)| {
        let label = if i % 2 == 0 { "yes" } else { "no" };
        let group = ["a", "b", "c"][i % 3];
        format!("{cells},t{},{label},{group}\n", i % 4)
    };
    let rows: String = cells.iter().enumerate().map(row).collect();
    read(&format!("{head},task,y,group\n{rows}"))
}

fn fit(frame: &Frame<f32>, encoding: Encoding) -> (Schema, Vec<Note>) {
    Schema::fit(frame, &roles(), &encoding).unwrap()
}

fn small() -> Encoding {
    Encoding { frequent: 2, ..Encoding::default() }
}

#[test]
fn labels_groups_and_tasks() {
    let csv = "x,task,y,group\n1,s,yes,a\n2,t,no,b\n3,s,maybe,c\n4,?,yes,a\n5,t,,a\n6,t,yes,?\n";
    let frame = read(csv);
    let (schema, _) = fit(&frame, small());
    assert_eq!(schema.labels(&frame).unwrap()[2..5], [Some(false), Some(true), None]);
    assert_eq!(schema.groups(&frame).unwrap()[1..3], [Some(true), Some(true)]);
    assert_eq!(schema.groups(&frame).unwrap()[5], None);
    // "maybe" and "no" occur once; the first of the alphabet counts.
    assert_eq!(schema.negative(&frame).unwrap(), "maybe");
    let found = schema.tasks(frame).unwrap();
    assert_eq!(found.left_out, 3);
    assert_eq!(found.tasks.iter().map(|task| task.data.rows()).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(found.tasks[0].data.positive(), [true, false]);
    assert_eq!(found.tasks[0].data.protected(), [false, true]);
}

/// A table of this many columns that become features: numbers and texts in turn, with missing
/// cells, and a constant column after each that does not.
fn mixed(columns: usize) -> Frame<f32> {
    let head: String = (0..columns).map(|c| format!("x{c},constant{c},")).collect();
    let rows = (0..60).map(|i| {
        let cell = |c: usize| {
            let mixed = i * (c + 3) * 5 + c;
            let cell = match c % 2 {
                _ if mixed % 7 == 3 => "?".into(),
                0 => (mixed * i % 17).to_string(),
                _ => ["red", "blue", "odd", "red"][mixed % 11 % 4].into(),
            };
            format!("{cell},1,")
        };
        let label = if i % 2 == 0 { "yes" } else { "no" };
        let cells: String = (0..columns).map(cell).collect();
        format!("{cells}s{},{label},{}\n", i % 3, ["a", "b", "c"][i % 5 / 2])
    });
    read(&format!("{head}task,y,group\n{}", rows.collect::<String>()))
}

/// Rows of a task have the features that the same rows of the table have, with every scaling, in
/// any order, for fewer and for more columns than lie together.
#[test]
fn rows_of_tasks_have_the_features_of_the_table() {
    let cases = (1..=9).flat_map(|columns| {
        [Scaling::None, Scaling::OverAllTasks, Scaling::WithinTask]
            .map(|scaling| (columns, scaling))
    });
    for (columns, scaling) in cases {
        let frame = mixed(columns);
        let (schema, _) = fit(&frame, Encoding { scaling, ..small() });
        assert_eq!(schema.features.len(), columns);
        let rows_of = |task: usize| (0..60).filter(|row| row % 3 == task).collect::<Vec<_>>();
        let expected = [0, 1, 2].map(|task| schema.x(&frame, &rows_of(task)).unwrap());
        let width = schema.width();
        for (task, expected) in schema.tasks(frame).unwrap().tasks.iter().zip(expected) {
            assert_eq!(task.data.all().x(), expected, "{columns} {scaling:?}");
            let few = task.data.select(&[7, 2, 7]);
            for (row, place) in [7, 2, 7].into_iter().enumerate() {
                assert_eq!(few.row(row), &expected[place * width..][..width], "{scaling:?}");
                assert_eq!(few.positive()[row], task.data.positive()[place]);
                assert_eq!(few.protected()[row], task.data.protected()[place]);
            }
            let exchanged = task.data.clone().with_groups_exchanged();
            assert_eq!(exchanged.all().x(), expected);
            assert!(exchanged.protected().iter().zip(task.data.protected()).all(|(a, b)| a != b));
        }
    }
}

/// A schema from a file may not fit itself, or not the table.
#[test]
fn a_schema_that_does_not_fit_is_refused() {
    let (schema, _) = fit(&mixed(2), small());
    let error = |change: &dyn Fn(&mut Schema)| {
        let mut changed = schema.clone();
        change(&mut changed);
        changed.tasks(mixed(2)).unwrap_err().to_string()
    };
    let twice = |schema: &mut Schema| schema.features.push(schema.features[0].clone());
    assert_eq!(
        error(&twice),
        "the column of a feature must be one that nothing else uses, got `x0`"
    );
    let named = |schema: &mut Schema, from: usize, to: &str| match &mut schema.features[from] {
        Feature::Numeric { column, .. } | Feature::Categorical { column, .. } => {
            *column = to.into()
        }
    };
    assert!(error(&|schema| named(schema, 1, "group")).contains("got `group`"));
    assert!(error(&|schema| named(schema, 0, "x9")).contains("no column `x9`"));
    let exchanged = |schema: &mut Schema| {
        named(schema, 0, "x1");
        named(schema, 1, "x0");
    };
    assert!(error(&exchanged).contains("got `x1` of another kind"));
    assert!(error(&|schema| schema.features.clear()).contains("the features must be"));
    let scaled = |schema: &mut Schema, to: f64| match &mut schema.features[0] {
        Feature::Numeric { scale, .. } => *scale = to,
        Feature::Categorical { .. } => unreachable!("x0 has numbers"),
    };
    for scale in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = error(&|schema| scaled(schema, scale));
        assert!(error.starts_with("center and scale must be"), "{error}");
    }
}

/// What is no reason is not named as one.
#[test]
fn no_feature_is_left() {
    let error = |csv: &str| Schema::fit(&read(csv), &roles(), &small()).unwrap_err().to_string();
    let bare = error("task,y,group\ns,yes,a\nt,no,b\ns,maybe,c\n");
    assert!(bare.ends_with("got no other column"), "{bare}");
    let constant = error("x,task,y,group\n1,s,yes,a\n1,t,no,b\n1,s,maybe,c\n");
    assert!(constant.contains("same number") && !constant.contains("negative"), "{constant}");
}

#[test]
fn texts_become_slots() {
    let cells = ["red", "blue", "red", "?", "blue", "odd", "red", "blue"].map(String::from);
    let frame = table("color", &cells);
    let (schema, notes) = fit(&frame, small());
    assert!(notes.is_empty(), "{notes:?}");
    let names = ["color = blue", "color = red", "color is another", "color is missing"];
    assert_eq!(schema.feature_names(), names);
    let x = schema.x(&frame, &(0..8).collect::<Vec<_>>()).unwrap();
    let rows: Vec<&[f64]> = x.chunks(4).collect();
    assert_eq!(rows[0], [0.0, 1.0, 0.0, 0.0]);
    assert_eq!(rows[3], [0.0, 0.0, 0.0, 1.0]);
    assert_eq!(rows[5], [0.0, 0.0, 1.0, 0.0]);
    // A text that the table does not have.
    let later = table("color", &["green".into()]);
    assert_eq!(schema.x(&later, &[0]).unwrap(), [0.0, 0.0, 1.0, 0.0]);
}

#[test]
fn only_the_most_frequent_texts_have_a_slot() {
    let cells: Vec<String> = "aaaabbbccd".chars().map(String::from).collect();
    let frame = table("letter", &cells);
    let (schema, _) = fit(&frame, Encoding { most_levels: 2, ..small() });
    let names = ["letter = a", "letter = b", "letter is another"];
    assert_eq!(schema.feature_names(), names);
    let (_, notes) = fit(
        &table(
            "letter,x",
            &cells
                .iter()
                .map(|c| format!("{c},{}", c.len() as f64 / 3.0 + c.as_bytes()[0] as f64))
                .collect::<Vec<_>>(),
        ),
        Encoding { frequent: 5, ..small() },
    );
    assert_eq!(notes, [Note::NoneFrequent { column: "letter".into(), frequent: 5 }]);
}

/// One text keeps a column from being numbers: it is named. A column of texts with a few numbers is
/// one of texts.
#[test]
fn a_column_of_almost_numbers_is_told() {
    let of = |cells: [&str; 6]| {
        let rows: Vec<String> = (0..).zip(cells).map(|(i, cell)| format!("{cell},{i}")).collect();
        fit(&table("x,z", &rows), small()).1
    };
    let told = Note::AlmostNumbers { column: "x".into(), text: "inf".into(), others: 2, rows: 5 };
    assert!(of(["1", "inf", "2", "90+", "?", "3"]).contains(&told));
    for cells in [["1", "2", "3", "4", "?", "5"], ["1", "2", "a", "a", "?", "b"]] {
        assert!(!of(cells).iter().any(|note| matches!(note, Note::AlmostNumbers { .. })));
    }
}

/// A decimal comma is named, where a column has only such numbers and where it has others too.
#[test]
fn decimal_commas_are_told() {
    let of = |cells: [&str; 6]| {
        let rows: Vec<String> =
            (0..).zip(cells).map(|(i, cell)| format!("\"{cell}\",{i}")).collect();
        fit(&table("x,z", &rows), small()).1
    };
    let told = Note::Commas { column: "x".into() };
    for cells in [["1,5"; 6], ["1", "2,5", "3", "a", "?", "4"]] {
        assert!(of(cells).contains(&told), "{cells:?}");
    }
    for cells in [["a, b"; 6], ["1", "2", "3", "a", "?", "4"], ["1,5", "a", "b", "c", "d", "e"]] {
        assert!(!of(cells).contains(&told), "{cells:?}");
    }
}

#[test]
fn numbers_are_scaled_and_imputed() {
    let cells = ["1", "3", "?", "5", "7"].map(String::from);
    let frame = table("x", &cells);
    let rows: Vec<usize> = (0..5).collect();
    let (schema, _) = fit(&frame, small());
    assert_eq!(schema.feature_names(), ["x", "x is missing"]);
    let x = schema.x(&frame, &rows).unwrap();
    let deviation = 5f64.sqrt();
    assert_eq!(x[..4], [-3.0 / deviation, 0.0, -1.0 / deviation, 0.0]);
    assert_eq!(x[4..6], [0.0, 1.0]);
    // Within the rows that are given.
    let (within, _) = fit(&frame, Encoding { scaling: Scaling::WithinTask, ..small() });
    assert_eq!(within.x(&frame, &[0, 1]).unwrap(), [-1.0, 0.0, 1.0, 0.0]);
    let fixed = within.for_task(&frame, &[0, 1]).unwrap();
    assert_eq!(fixed.x(&frame, &[3]).unwrap(), [3.0, 0.0]);
    // As they are, but for what is missing.
    let (plain, _) = fit(&frame, Encoding { scaling: Scaling::None, ..small() });
    assert_eq!(plain.x(&frame, &[2, 3]).unwrap(), [4.0, 1.0, 5.0, 0.0]);
}

#[test]
fn what_is_missing_can_be_refused() {
    let frame = table("x", &["1", "2", "", "4"].map(String::from));
    let refused = Encoding { missing: Missing::Refuse, ..small() };
    let error = Schema::fit(&frame, &roles(), &refused).unwrap_err().to_string();
    assert!(error.contains("line 4") && error.contains("`x`"), "{error}");
}

#[test]
fn useless_columns_are_named() {
    let rows: Vec<String> = (0..4).map(|i| format!("{i},7,,same")).collect();
    let (schema, notes) = fit(&table("x,seven,empty,word", &rows), small());
    assert_eq!(schema.feature_names(), ["x"]);
    let named: Vec<String> = notes.iter().map(Note::to_string).collect();
    assert_eq!(
        named,
        [
            "column `seven` is left out: it has the same number, in single precision, in every row",
            "column `empty` is left out: it has no values",
            "column `word` is left out: it has the same value in every row",
        ]
    );
    let none = table("seven", &["7", "7", "7"].map(String::from));
    let error = Schema::fit(&none, &roles(), &small()).unwrap_err().to_string();
    assert!(error.contains("at least one column") && error.contains("`seven`"), "{error}");
}

#[test]
fn roles_must_fit() {
    let frame = table("x", &["1", "2", "3"].map(String::from));
    let refused = |change: &dyn Fn(&mut Roles)| {
        let mut roles = roles();
        change(&mut roles);
        Schema::fit(&frame, &roles, &small()).unwrap_err().to_string()
    };
    let error = refused(&|roles| roles.positive = "Yes".into());
    assert!(
        error.contains("`no`, `yes`") && error.ends_with("got `Yes`; the nearest is `yes`"),
        "{error}"
    );
    let error = refused(&|roles| roles.protected = vec!["b".into(), "d".into()]);
    assert!(error.contains("protected values") && error.contains("`d`"), "{error}");
    let error = refused(&|roles| roles.protected = ["a", "b", "c"].map(String::from).to_vec());
    assert!(error.contains("absent from some rows of column `group`"), "{error}");
    let error = refused(&|roles| roles.task = "y".into());
    assert!(error.contains("three different columns"), "{error}");
    let error = refused(&|roles| roles.label = "z".into());
    assert!(error.contains("`z`"), "{error}");
}

/// A copy of the label, a code of it, a threshold on a number, a number that is missing; and an
/// innocent number.
#[test]
fn leaks_are_named() {
    let rows: Vec<String> = (0..60)
        .map(|i| {
            let yes = i % 2 == 0;
            let copy = if yes { "granted" } else { "refused" };
            let score = if yes { 50 + i } else { 40 - i };
            let paid = if yes { i.to_string() } else { String::new() };
            format!("{copy},{},{score},{paid},{}", 4 - i % 2, i * 37 % 11)
        })
        .collect();
    let (_, notes) = fit(&table("copy,code,score,paid,innocent", &rows), small());
    let leaking: Vec<&str> = notes
        .iter()
        .map(|note| match note {
            Note::Leak { column, wrong: 0, rows: 60, within: false } => column.as_str(),
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(leaking, ["copy", "code", "score", "paid"]);
}

proptest! {
    /// Features are finite for any table, and a row has the same ones alone and among others. The
    /// features of a text sum to 1.
    #[test]
    fn any_table_has_finite_features(
        rows in prop::collection::vec((prop::num::f32::ANY, 0..6_usize, any::<bool>()), 4..60),
    ) {
        let cells: Vec<String> = rows
            .iter()
            .map(|(number, word, missing)| {
                let finite = if number.is_finite() { *number } else { 1.0 };
                let number = if *missing { String::new() } else { finite.to_string() };
                let word = ["", "a", "b", "c", "d", "é"][*word];
                format!("{number},{word}")
            })
            .collect();
        let frame = table("x,word", &cells);
        let all: Vec<usize> = (0..frame.rows()).collect();
        if let Ok((schema, _)) = Schema::fit(&frame, &roles(), &small()) {
            let x = schema.x(&frame, &all).unwrap();
            prop_assert!(x.iter().all(|x| x.is_finite()));
            let width = schema.width();
            prop_assert_eq!(schema.feature_names().len(), width);
            for row in [0, all.len() - 1] {
                prop_assert_eq!(&schema.x(&frame, &[row]).unwrap(), &x[row * width..][..width]);
            }
            if let Some(Feature::Categorical { .. }) = schema.features.last() {
                let slots = schema.features.last().unwrap().width();
                for row in x.chunks(width) {
                    prop_assert_eq!(row[width - slots..].iter().sum::<f64>(), 1.0);
                }
            }
            let text = serde_json::to_string(&schema).unwrap();
            prop_assert_eq!(serde_json::from_str::<Schema>(&text).unwrap(), schema);
        }
    }
}

/// Milliseconds of a few minutes lie within a few units of rounding of single precision.
#[test]
fn numbers_that_single_precision_cannot_tell_apart_are_left_out() {
    let cells = (0..40).map(|row| format!("{},{}", 1_700_000_000_000_u64 + 5_000 * row, row % 7));
    let frame = table("ms,x", &cells.collect::<Vec<_>>());
    let (schema, notes) = Schema::fit(&frame, &roles(), &small()).unwrap();
    assert_eq!(schema.feature_names(), ["x"]);
    let said: Vec<String> = notes.iter().map(ToString::to_string).collect();
    let about = said.iter().find(|note| note.starts_with("column `ms`")).unwrap();
    assert!(about.contains("single precision hardly tells its large values apart"), "{about}");
}
