//! Tables from CSV: what is read, and what each mistake is answered with.

use proptest::prelude::*;
use tasks::communities;
use tasks::table::{Table, TableSpec};

fn spec(task: &str, label: &str, sensitive: &str) -> TableSpec {
    TableSpec { task: task.into(), label: label.into(), sensitive: sensitive.into() }
}

fn usual() -> TableSpec {
    spec("t", "y", "a")
}

fn table(csv: &str) -> Result<Table, tasks::Error> {
    Table::from_reader(csv.as_bytes(), "data.csv")
}

fn error(csv: &str) -> String {
    table(csv).and_then(|table| table.tasks(&usual())).unwrap_err().to_string()
}

#[test]
fn tasks_in_order_of_appearance_features_in_order_of_columns() {
    let csv = "x1,y,t,x2,a\n1,1,b,2,0\n3,0,a,4,1\n5.5,1.0,b,-6e1,1\n";
    let tasks = table(csv).unwrap().tasks(&usual()).unwrap();
    assert_eq!(tasks.iter().map(|task| task.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(tasks[0].data.all().x(), [1.0, 2.0, 5.5, -60.0]);
    assert_eq!(tasks[0].data.positive(), [true, true]);
    assert_eq!(tasks[0].data.protected(), [true, false]);
    assert_eq!(
        (tasks[1].data.all().x(), tasks[1].data.positive()),
        (&[3.0, 4.0][..], &[false][..])
    );
}

#[test]
fn spelling_that_makes_no_difference() {
    let plain = table("t,y,a,x\nb,1,0,2\nc,0,1,3\n").unwrap().tasks(&usual()).unwrap();
    for csv in [
        "t,y,a,x\nb,1,0,2\nc,0,1,3",
        "t,y,a,x\r\nb,1,0,2\r\nc,0,1,3\r\n",
        "\u{feff}t,y,a,x\nb,1,0,2\nc,0,1,3\n",
        "\n t , y,a ,x\n\n b, 1,0 ,2.0\n\nc,0,1,3\n\n",
        "\"t\",\"y\",\"a\",\"x\"\n\"b\",\"1\",0,2\nc,0,1,\"3\"\n",
    ] {
        assert_eq!(table(csv).unwrap().tasks(&usual()).unwrap(), plain, "{csv:?}");
    }
}

#[test]
fn cells_that_do_not_fit_their_column() {
    let not = |line, column, value, expected| {
        format!("data.csv, line {line}, column `{column}`: found `{value}`, expected {expected}")
    };
    assert_eq!(error("t,y,a,x\nb,1,0,2\nb,2,1,3\n"), not(3, "y", "2", "0 or 1"));
    assert_eq!(error("t,y,a,x\nb,yes,0,2\n"), not(2, "y", "yes", "0 or 1"));
    assert_eq!(error("t,y,a,x\nb,1,-1,2\n"), not(2, "a", "-1", "0 or 1"));
    assert_eq!(error("t,y,a,x\nb,1,0.5,2\n"), not(2, "a", "0.5", "0 or 1"));
    assert_eq!(error("t,y,a,x\nb,1,0,\n"), not(2, "x", "", "a finite number"));
    for value in ["nan", "inf", "-infinity", "1e999", "1,5", "?", "0x10"] {
        assert_eq!(
            error(&format!("t,y,a,x\nb,1,0,2\nc,1,0,\"{value}\"\n")),
            not(3, "x", value, "a finite number")
        );
    }
    assert_eq!(error("t,y,a,x\n ,1,0,2\n"), not(2, "t", "", "the name of a task"));
}

#[test]
fn the_line_is_the_one_an_editor_shows() {
    for csv in [
        "t,y,a,x\r\nb,1,0,2\r\n\r\nb,1,0,z\r\n",
        "t,y,a,x\nb,1,0,2\n\nb,1,0,z\n",
        "\n\nt,y,a,x\nb,1,0,z\n",
    ] {
        assert!(
            error(csv).starts_with("data.csv, line 4, column `x`: found `z`"),
            "{}",
            error(csv)
        );
    }
    let quoted = "t,y,a,x\n\"two\nlines\",1,0,2\nb,1,0,z\n";
    assert!(
        error(quoted).starts_with("data.csv, line 4, column `x`: found `z`"),
        "{}",
        error(quoted)
    );
}

#[test]
fn files_that_are_no_table() {
    assert_eq!(error(""), "data.csv: no rows of data");
    assert_eq!(error("\n\n"), "data.csv: no rows of data");
    assert_eq!(error("t,y,a,x\n"), "data.csv: no rows of data");
    assert_eq!(
        error("t,y,a,x\nb,1,0,2\nb,1,0\n"),
        "data.csv, line 3: 3 fields, expected 4 as in the first row"
    );
    assert_eq!(
        error("t,y,a,x\nb,1,0,2,3\n"),
        "data.csv, line 2: 5 fields, expected 4 as in the first row"
    );
    let columns = "the columns are `y (1)`, `y (2)`, `t`, `a`";
    assert_eq!(error("t,y,a,y\nb,1,0,2\n"), format!("data.csv: no column `y`; {columns}"));
    let columns = "the columns are `t`, `y`, `unnamed (1)`, `x`";
    assert_eq!(error("t,y,,x\nb,1,0,2\n"), format!("data.csv: no column `a`; {columns}"));
    let latin1 =
        Table::from_reader(&b"t,y,a,x\nb,1,0,2\nS\xe3o,1,0,2\n"[..], "data.csv").unwrap_err();
    assert_eq!(latin1.to_string(), "data.csv, line 3: not UTF-8 text");
    let nowhere = Table::read("no/such/file.csv").unwrap_err().to_string();
    assert!(nowhere.starts_with("cannot read no/such/file.csv: "), "{nowhere}");
}

#[test]
fn a_quote_that_is_never_closed_names_its_line() {
    let csv = "x,y,a,t\n1,1,0,north\n2,0,1,\"south\n3,1,1,east\n4,0,0,west\n";
    assert_eq!(error(csv), "data.csv, line 3: the quote that opens here is never closed");
}

#[test]
fn lines_that_end_with_a_carriage_return_are_counted() {
    assert_eq!(
        error("t,y,a,x\rb,1,0,2\r\rb,1,0,z\r"),
        "data.csv, line 4, column `x`: found `z`, expected a finite number"
    );
}

#[test]
fn spaces_before_a_quoted_cell() {
    let spaced = "t,y,a,x\n  \"b, c\" , \"1\",0, \"2\"\n";
    let tasks = table(spaced).unwrap().tasks(&usual()).unwrap();
    assert_eq!((tasks[0].name.as_str(), tasks[0].data.all().x()), ("b, c", &[2.0][..]));
}

#[test]
fn all_columns_that_do_not_fit_are_in_one_error() {
    assert_eq!(
        error("t,y,x,a,z\nb,1,2,0,3\n,yes,?,0,4\nc,no,5,2,inf\n"),
        "data.csv: 5 columns do not fit: line 3, column `t`: found ``, expected the name of a \
         task; line 3, column `y`: found `yes`, expected 0 or 1; line 3, column `x`: found `?`, \
         expected a finite number; line 4, column `a`: found `2`, expected 0 or 1; line 4, column \
         `z`: found `inf`, expected a finite number"
    );
    let names: Vec<String> = (0..20).map(|column| format!("x{column}")).collect();
    let many = error(&format!("t,y,a,{}\nb,1,0{}\n", names.join(","), ",z".repeat(20)));
    assert!(many.starts_with("data.csv: 20 columns do not fit: line 2, column `x0`: "), "{many}");
    assert!(many.ends_with("; and 8 more"), "{many}");
}

#[test]
fn names_of_tasks_are_texts_even_if_they_are_numbers() {
    let tasks = table("t,y,a,x\n1,1,0,2\n01,1,0,2\n1,0,1,3\n").unwrap().tasks(&usual()).unwrap();
    let found: Vec<_> = tasks.iter().map(|task| (task.name.as_str(), task.data.rows())).collect();
    assert_eq!(found, [("1", 2), ("01", 1)]);
}

#[test]
fn columns_that_are_not_there() {
    let table = table("t,y,a,x\nb,1,0,2\n").unwrap();
    let error = |spec: TableSpec| table.tasks(&spec).unwrap_err().to_string();
    assert_eq!(
        error(spec("t", "label", "a")),
        "data.csv: no column `label`; the columns are `t`, `y`, `a`, `x`"
    );
    assert_eq!(
        error(spec("t", "y", "y")),
        "task, label and sensitive column must be three different columns, got `t`, `y`, `y`"
    );
    let narrow = Table::from_reader(&b"t,y,a\nb,1,0\n"[..], "data.csv").unwrap();
    let no_features = "features must be at least one more column of the table, got none";
    assert_eq!(narrow.tasks(&usual()).unwrap_err().to_string(), no_features);
    let header: Vec<String> = (0..15).map(|column| format!("c{column}")).collect();
    let wide = format!("{}\n{}\n", header.join(","), ["0"; 15].join(","));
    let wide = Table::from_reader(wide.as_bytes(), "data.csv")
        .unwrap()
        .tasks(&usual())
        .unwrap_err()
        .to_string();
    assert!(wide.starts_with("data.csv: no column `t`; the columns are `c0`, `c1`"), "{wide}");
    assert!(wide.ends_with("`c11` and 3 more"), "{wide}");
}

/// CSV of cells that are likely to hurt, in rows of mostly the right length.
fn hostile_csv() -> impl Strategy<Value = Vec<u8>> {
    let cells = [
        "t",
        "y",
        "a",
        "x",
        "state",
        "fold",
        "0",
        "1",
        "",
        "?",
        "\"two\nlines\"",
        "\"",
        "é",
        "1e999",
    ];
    let row = prop_oneof![
        4 => Just(vec!["t", "y", "a", "x"]),
        4 => Just(vec!["b", "1", "0", "0.5"]),
        4 => prop::collection::vec(prop::sample::select(cells.to_vec()), 4),
        1 => prop::collection::vec(prop::sample::select(cells.to_vec()), 0..6),
    ];
    let text =
        (prop::collection::vec(row, 0..5), prop::sample::select(vec!["\n", "\r\n", "\n\n", "\r"]))
            .prop_map(|(rows, end)| rows.iter().map(|row| row.join(",") + end).collect::<String>());
    let start = prop::sample::select(vec!["", "\u{feff}", "t,y,a,x\n", "\n"]);
    let tail = prop_oneof![3 => Just(vec![]), 1 => prop::collection::vec(any::<u8>(), 0..6)];
    (start, text, tail)
        .prop_map(|(start, text, tail)| [start.as_bytes(), text.as_bytes(), &tail].concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn whatever_is_read_is_a_table_or_an_error_of_one_line(csv in hostile_csv()) {
        let table = Table::from_reader(&csv[..], "data.csv").and_then(|table| table.tasks(&usual()));
        let communities = communities::from_reader(&csv[..], "data.csv").map(|_| ());
        for error in [table.err(), communities.err()].into_iter().flatten() {
            let message = error.to_string();
            prop_assert!(message.starts_with("data.csv") || message.starts_with("setting"), "{}", message);
            prop_assert!(!message.contains(['\r', '\n']), "{:?}", message);
        }
    }
}
