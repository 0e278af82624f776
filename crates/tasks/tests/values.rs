//! A value keeps its meaning however it is written, and whatever the other rows are.

use frame::{Frame, Options};
use tasks::schema::{Encoding, Note, Roles, Schema, Unfamiliar};

fn roles(positive: &str, protected: &str) -> Roles {
    Roles {
        task: "task".into(),
        label: "y".into(),
        positive: positive.into(),
        sensitive: "group".into(),
        protected: vec![protected.into()],
    }
}

/// A table of 40 rows; each cell is a function of the row.
fn table(cell: impl Fn(usize) -> [String; 4]) -> String {
    let rows = (0..40).map(|row| cell(row).join(",") + "\n");
    format!("x,task,y,group\n{}", rows.collect::<String>())
}

fn read(csv: &str, options: &Options) -> Frame<f32> {
    Frame::from_bytes(csv.as_bytes(), "t.csv", options).unwrap()
}

fn fit(csv: &str, roles: &Roles) -> Result<(Schema, Vec<Note>), tasks::Error> {
    let frame = read(csv, &roles.reading(Options::default()));
    Schema::fit(&frame, roles, &Encoding { frequent: 3, ..Encoding::default() })
}

/// Zones 1, 2 and a few others, tasks, labels and groups, with every number written in this way.
fn numbered(write: impl Fn(usize, usize) -> String) -> String {
    table(|row| {
        let zone = if row % 9 == 8 { format!("z{row}") } else { write(row, row % 2 + 1) };
        [zone, write(row, row % 4), write(row, row % 3 % 2), write(row, row / 3 % 2)]
    })
}

#[test]
fn numbers_compare_as_numbers() {
    let plain = numbered(|_, number| number.to_string());
    let mixed = numbered(|row, number| match row % 3 {
        0 => number.to_string(),
        1 => format!("{number}.0"),
        _ => format!("{number}e0"),
    });
    let (schema, _) = fit(&plain, &roles("1", "1")).unwrap();
    for csv in [&plain, &mixed] {
        for other in ["1", "1.0", "1.00"] {
            let (again, notes) = fit(csv, &roles(other, other)).unwrap();
            assert_eq!(again.width(), 3);
            assert!(!notes.iter().any(|note| matches!(note, Note::Negatives { .. })), "{notes:?}");
        }
        // A model of the one table reads the other.
        let frame = read(csv, &schema.kinds(Options::default(), &schema.roles.columns()));
        let all: Vec<usize> = (0..40).collect();
        let expected: Vec<f64> = (0..40)
            .flat_map(|row| match (row % 9, row % 2) {
                (8, _) => [0.0, 0.0, 1.0],
                (_, 0) => [1.0, 0.0, 0.0],
                _ => [0.0, 1.0, 0.0],
            })
            .collect();
        assert_eq!(schema.x(&frame, &all).unwrap(), expected);
        let labels: Vec<_> = (0..40).map(|row| Some(row % 3 % 2 == 1)).collect();
        assert_eq!(schema.labels(&frame).unwrap(), labels);
        let groups: Vec<_> = (0..40).map(|row| Some(row / 3 % 2 == 1)).collect();
        assert_eq!(schema.groups(&frame).unwrap(), groups);
        let tasks = schema.tasks(frame).unwrap().tasks;
        assert_eq!(tasks.iter().map(|task| task.data.rows()).collect::<Vec<_>>(), [10; 4]);
    }
    // Codes with a 0 in front are no numbers, and are named.
    let codes = table(|row| {
        let zone = ["01", "1", "x", "x"][row % 4];
        [zone, ["s", "t"][row / 2 % 2], ["a", "b"][row / 4 % 2], ["c", "d"][row % 2]]
            .map(String::from)
    });
    let (schema, notes) = fit(&codes, &roles("a", "c")).unwrap();
    assert_eq!(schema.width(), 4);
    assert!(notes.iter().any(|note| matches!(note, Note::Spellings { .. })), "{notes:?}");
}

/// A text of the label or the group that may be the positive or the protected one is refused, with
/// the numbers of rows.
#[test]
fn near_spellings_of_labels_and_groups_are_refused() {
    let of = |label: [&'static str; 3], group: [&'static str; 3]| {
        table(|row| {
            let zone = if row % 2 == 0 { "a" } else { "b" };
            [zone, ["s", "t"][row / 2 % 2], label[row % 3], group[row / 3 % 3]].map(String::from)
        })
    };
    let fine = ["f", "m", "d"];
    for (positive, near) in [
        ("yes", "Yes"),
        ("yes", "y es"),
        ("1", "true"),
        ("True", "1.0"),
        ("yes", "1"),
        ("a b", "AB"),
    ] {
        let error = fit(&of([positive, near, "other"], fine), &roles(positive, "f"));
        let error = error.unwrap_err().to_string();
        for part in
            [&format!("`{near}` (13 rows"), &format!("`{positive}` (14 rows)"), "`y`", "line 3"]
        {
            assert!(error.contains(part), "no {part} in {error}");
        }
        let group = fit(&of(["v", "w", "w"], [positive, near, "c"]), &roles("v", positive));
        assert!(group.unwrap_err().to_string().contains("column `group`"));
    }
    // Other texts have the meaning that they had.
    for others in [["yes", "no", "No"], ["yes", "no", "0"], ["1", "0", "0.0"], ["t", "y", "n"]] {
        assert!(fit(&of(others, fine), &roles(others[0], "f")).is_ok(), "{others:?}");
    }
}

/// Near spellings in other columns of the training are named.
#[test]
fn near_spellings_of_features_and_tasks_are_named() {
    let csv = table(|row| {
        let zone = ["north", "North", "south", "south"][row % 4];
        [zone, ["S", "s", "t", "t"][row % 4], ["v", "w"][row / 4 % 2], ["c", "d"][row / 5 % 2]]
            .map(String::from)
    });
    let (_, notes) = fit(&csv, &roles("v", "c")).unwrap();
    let told: Vec<String> = notes.iter().map(Note::to_string).collect();
    for column in ["column `x` has texts", "column `task` has texts"] {
        assert!(told.iter().any(|note| note.starts_with(column)), "{told:?}");
    }
    assert!(told.iter().any(|note| note.contains("`North` (10 rows) and `north` (10 rows)")));
}

/// What training did not have is counted, also over several parts of a table.
#[test]
fn unfamiliar_texts_are_counted() {
    let csv = numbered(|_, number| format!("zone {number}"));
    let (schema, _) = fit(&csv, &roles("zone 1", "zone 1")).unwrap();
    let told = |csv: &str, parts: usize| {
        let frame = read(csv, &schema.kinds(Options::default(), &[]));
        let mut unfamiliar = Unfamiliar::default();
        let rows: Vec<usize> = (0..frame.rows()).collect();
        rows.chunks(rows.len().div_ceil(parts))
            .for_each(|rows| unfamiliar.count(&schema, &frame, rows).unwrap());
        unfamiliar.notes(&schema)
    };
    assert_eq!(told(&csv, 1), Vec::<String>::new());
    let near = csv.replace("zone 1", "Zone  1");
    for parts in [1, 3, 40] {
        let notes = told(&near, parts);
        assert!(notes[0].starts_with("column `x`: `Zone  1` (18 rows) for `zone 1`;"), "{notes:?}");
        assert!(!notes[0].contains("another column"), "{notes:?}");
    }
    let notes = told(&csv.replace("zone", "area"), 2);
    assert!(notes[0].starts_with("column `x`: 40 of 40 rows have texts without a"), "{notes:?}");
    let notes = told("x\n?\n?\nzone 1\n", 1);
    assert!(notes[0].contains("missing in 2 of 3 rows"), "{notes:?}");
}

/// A column may have any number of texts in rows that do not matter.
#[test]
fn the_number_of_texts_changes_nothing() {
    let csv = numbered(|_, number| format!("zone {number}"));
    let (schema, _) = fit(&csv, &roles("zone 1", "zone 1")).unwrap();
    let options = schema.kinds(Options::default(), &schema.roles.columns());
    let few = read(&csv, &options);
    let more: String = (0..70_000).map(|i| format!("x{i},t{i},y{i},g{i}\n")).collect();
    let many = read(&(csv + &more), &options);
    let rows: Vec<usize> = (0..40).collect();
    assert_eq!(schema.x(&few, &rows).unwrap(), schema.x(&many, &rows).unwrap());
    assert_eq!(schema.labels(&few).unwrap(), schema.labels(&many).unwrap()[..40]);
    assert_eq!(schema.groups(&few).unwrap(), schema.groups(&many).unwrap()[..40]);
    // A frame with another limit is refused, and not taken for one of other texts.
    let cut = read("x\na\nb\nc\n", &Options { most_levels: 2, ..options });
    let error = schema.x(&cut, &[0]).unwrap_err().to_string();
    assert!(error.contains("all of which are read"), "{error}");
}
