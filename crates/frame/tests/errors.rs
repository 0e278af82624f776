//! What each mistake is answered with.

use std::path::Path;

use frame::{Error, Frame, Kind, Options};
use proptest::prelude::*;

use crate::read;

fn error(csv: impl AsRef<[u8]>) -> String {
    let read = Frame::<f64>::from_bytes(csv.as_ref(), "data.csv", &Options::default());
    read.unwrap_err().to_string()
}

#[test]
fn a_quote_that_is_never_closed_names_its_line() {
    let problem = "the quote that opens here is never closed";
    assert_eq!(
        error("x,y,a,t\n1,1,0,north\n2,0,1,\"south\n3,1,1,east\n4,0,0,west\n"),
        format!("data.csv, line 3: {problem}")
    );
    assert_eq!(error("x,\"y\n1,2\n"), format!("data.csv, line 1: {problem}"));
    assert_eq!(error("x\n\"a\nb\"\n\"c\n\"\"d\n"), format!("data.csv, line 4: {problem}"));
    assert_eq!(error("x\n\""), format!("data.csv, line 2: {problem}"));
}

#[test]
fn text_after_a_closing_quote() {
    let problem = "text follows the closing quote of a cell";
    assert_eq!(error("x,y\n1,\"a\" b\n"), format!("data.csv, line 2: {problem}"));
    // A quote that is not closed meets the next one.
    assert_eq!(
        error("x,t\n1,\"south\n2,\"east\"\n"),
        "data.csv, line 2: text follows the closing quote of the cell that opens here, 1 line \
         further down; is a quote not closed?"
    );
}

#[test]
fn files_that_are_no_table() {
    for csv in ["", "\n\r\n", "\u{feff}", "x,y", "x,y\n", "x,y\n\n\n"] {
        assert_eq!(error(csv), "data.csv: no rows of data", "{csv:?}");
    }
    let expected = "fields, expected 2 as in the first row";
    assert_eq!(error("x,y\n1,2\n\n1\n"), format!("data.csv, line 4: 1 {expected}"));
    assert_eq!(error("x,y\n1,2,3\n"), format!("data.csv, line 2: 3 {expected}"));
    assert_eq!(error("x,y\n1,2,\n"), format!("data.csv, line 2: 3 {expected}"));
    assert_eq!(error("x,y\n  \n"), format!("data.csv, line 2: 1 {expected}"));
}

/// Only a name that an option gives has to be that of one column.
#[test]
fn names_that_name_no_column() {
    let csv = "\n,x,y,x,\"\"\n1,2,3,4,5\n";
    let options = |name: &str| {
        let name = || name.to_owned();
        [
            Options { wanted: Some([name()].into()), ..Options::default() },
            Options { dropped: [name()].into(), ..Options::default() },
            Options { kinds: [(name(), Kind::Text)].into(), ..Options::default() },
        ]
    };
    let read = |options: &Options| Frame::<f64>::from_bytes(csv.as_bytes(), "data.csv", options);
    let twice = "2 columns are named `x`; say which one is meant: `x (1)`, `x (2)`";
    let unnamed = "2 columns have no name; say which one is meant: `unnamed (1)`, `unnamed (2)`";
    for (name, problem) in [("x", twice), ("", unnamed)] {
        for options in options(name) {
            let error = read(&options).unwrap_err().to_string();
            assert_eq!(error, format!("data.csv, line 2: {problem}"));
        }
    }
    // Each has a name by which it can be read, dropped, or given a kind.
    for (place, name) in ["unnamed (1)", "x (1)", "y", "x (2)", "unnamed (2)"].iter().enumerate() {
        let [wanted, dropped, as_text] = options(name).map(|options| read(&options).unwrap());
        assert_eq!(wanted.column(name).unwrap().number(0), Some(place as f64 + 1.0));
        assert!(wanted.columns().len() == 1 && dropped.columns().len() == 4);
        assert_eq!(as_text.column(name).unwrap().text(0), Some(&*(place + 1).to_string()));
        assert_eq!(wanted.notes().len(), usize::from(*name != "y"));
    }
    let all = read(&Options::default()).unwrap();
    assert_eq!(
        all.notes(),
        [
            "the header has a column without a name: column 1 is `unnamed (1)`, column 5 is \
             `unnamed (2)`",
            "the header has `x` 2 times: column 2 is `x (1)`, column 4 is `x (2)`"
        ]
    );
}

#[test]
fn bytes_that_are_not_utf8() {
    assert_eq!(error(b"x\n1\nS\xe3o\n"), "data.csv, line 3: not UTF-8 text");
    assert_eq!(error(b"x\r1\r\rS\xe3o\r"), "data.csv, line 4: not UTF-8 text");
    assert_eq!(error(b"x\xff\n1\n"), "data.csv, line 1: not UTF-8 text");
    let utf16 =
        "data.csv, line 1: the file is UTF-16, as its byte order mark says; save it as UTF-8";
    assert_eq!(error(b"\xff\xfex\0\n\0"), utf16);
    assert_eq!(error(b"\xfe\xff\0x\0\n"), utf16);
    let byte = "a byte 0, which UTF-8 text does not have; is it UTF-16?";
    assert_eq!(error(b"x\0,\0y\0\n\0"), format!("data.csv, line 1: {byte}"));
    // An earlier mistake comes first.
    assert!(error(b"x,y\n1\nS\xe3o,1\n").starts_with("data.csv, line 2: 1 fields"));
}

#[test]
fn columns_that_are_not_there() {
    let frame = read("age,sex,state\n1,2,3\n").unwrap();
    assert_eq!(
        frame.column("States").unwrap_err().to_string(),
        "data.csv: no column `States`; the columns are `state`, `age`, `sex`"
    );
    let wanted = Some(["age".into(), "stat".into()].into());
    let dropped = ["stat".into()].into();
    for options in
        [Options { wanted, ..Options::default() }, Options { dropped, ..Options::default() }]
    {
        let read = Frame::<f32>::from_bytes(b"age,state\n1,2\n", "data.csv", &options);
        assert_eq!(
            read.unwrap_err().to_string(),
            "data.csv: no column `stat`; the columns are `state`, `age`"
        );
    }
    let names: Vec<_> = (0..15).map(|column| format!("c{column}")).collect();
    let csv = names.join(",") + "\n" + &["0"; 15].join(",");
    let error = read(&csv).unwrap().column("t").unwrap_err().to_string();
    assert!(error.ends_with("`c10`, `c11` and 3 more"), "{error}");
}

#[test]
fn options_that_cannot_be() {
    for delimiter in [b'"', b'\n', b'\r', 0, 0xe9] {
        let options = Options { delimiter, ..Options::default() };
        let error = Frame::<f32>::from_bytes(b"a\n1\n", "data.csv", &options).unwrap_err();
        assert!(error.to_string().starts_with("delimiter must be an ASCII character"), "{error}");
    }
    let options = Options { memory: Some(15), ..Options::default() };
    let error = Frame::<f64>::from_bytes(b"a,b\n1,2\n", "data.csv", &options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "data.csv: the values of its columns take about 16 bytes, and the limit is 15 bytes"
    );
    let options = Options { memory: Some(16), ..Options::default() };
    assert!(Frame::<f64>::from_bytes(b"a,b\n1,2\n", "data.csv", &options).is_ok());
}

#[test]
fn numbers_that_are_none_in_a_given_column() {
    let options = Options { kinds: [("x".into(), Kind::Numeric)].into(), ..Options::default() };
    let error = |cell: &str| {
        let csv = format!("t,x\nb,1\n\nc,{cell}\n");
        let read = Frame::<f64>::from_bytes(csv.as_bytes(), "data.csv", &options);
        read.unwrap_err().to_string()
    };
    for cell in ["1e400", "inf", "-infinity", "1 2", "0x10", "one", "1_000", "١"] {
        assert_eq!(
            error(cell),
            format!("data.csv, line 4, column `x`: found `{cell}`, expected a finite number")
        );
    }
    assert!(error("\"a\u{1b}[2J\nb\"").contains("found `a\\u{1b}[2J\\nb`"));
    // The number of cells comes first: it explains a cell in the wrong column.
    assert!(error("one,1").contains("3 fields, expected 2"));
}

#[test]
fn files_that_cannot_be_read() {
    let read = |path: &Path| Frame::<f64>::read(path, &Options::default(), &|_, _| ());
    let error = read(Path::new("no/such/file.csv")).unwrap_err();
    assert!(matches!(error, Error::Read { .. }));
    assert!(error.to_string().starts_with("cannot read no/such/file.csv: "), "{error}");
    assert!(read(&std::env::temp_dir()).is_err());
}

proptest! {
    #[test]
    fn errors_are_one_line(names in prop::collection::vec("\\PC{0,3}|[\\x01-\\x1f]", 1..4)) {
        let quoted: Vec<_> = names.iter().map(|name| format!("\"{name}\"")).collect();
        let frame = read(&format!("{}\n{}\n", quoted.join(","), quoted.join(",")));
        let error = frame.and_then(|frame| {
            let cell = frame.cell_error(0, &names[0], "x").to_string();
            assert!(!cell.contains(char::is_control), "{cell:?}");
            frame.column("none\n").map(|_| ())
        });
        let message = error.unwrap_err().to_string();
        prop_assert!(!message.contains(char::is_control), "{:?}", message);
    }
}
