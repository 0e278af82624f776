//! How columns are told apart, and what their cells are.

use std::collections::BTreeSet;

use frame::{Cells, Frame, Kind, Levels, Options};

use crate::{read, texts};

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| name.to_string()).collect()
}

#[test]
fn numbers_and_levels() {
    let frame = read("n,c,m\n1,b,\n?,a,NA\n-2.5e1,b,nan\n,?,null\n").unwrap();
    let n = frame.column("n").unwrap();
    assert_eq!((n.kind(), n.missing()), (Some(Kind::Numeric), 2));
    let numbers: Vec<_> = (0..4).map(|row| n.number(row)).collect();
    assert_eq!(numbers, [Some(1.0), None, Some(-25.0), None]);
    assert_eq!((n.text(0), n.is_missing(0), n.is_missing(1)), (None, false, true));
    let c = frame.column("c").unwrap();
    let codes = vec![0, 1, 0, Levels::MISSING];
    assert_eq!(c.cells, Cells::Levels { codes, names: names(&["b", "a"]) });
    assert_eq!((c.kind(), c.missing()), (Some(Kind::Categorical), 1));
    assert_eq!((c.text(2), c.text(3), c.number(0)), (Some("b"), None, None));
    assert!(c.is_missing(3) && !c.is_missing(0));
    let m = frame.column("m").unwrap();
    assert_eq!((m.kind(), m.missing()), (Some(Kind::Numeric), 4));
}

#[test]
fn a_column_is_categorical_if_its_last_cell_is() {
    let frame = read("x,y\n1,1\n02,2\n2,3\n1.0,4\nz,5\n").unwrap();
    let expected = names(&["1", "02", "2", "1.0", "z"]);
    let cells = Cells::Levels { codes: vec![0, 1, 2, 3, 4], names: expected };
    assert_eq!(frame.column("x").unwrap().cells, cells);
    assert_eq!(frame.column("y").unwrap().kind(), Some(Kind::Numeric));
}

#[test]
fn numbers_that_are_not_finite_are_text() {
    for cell in ["1e400", "inf", "-inf"] {
        let frame = read(&format!("x\n1\n{cell}\n")).unwrap();
        assert_eq!(texts(&frame, "x"), ["1", cell]);
    }
    let narrow = Frame::<f32>::from_bytes(b"x\n1e39\n", "data.csv", &Options::default()).unwrap();
    assert_eq!(narrow.column("x").unwrap().kind(), Some(Kind::Categorical));
    assert_eq!(read("x\n1e39\n").unwrap().column("x").unwrap().number(0), Some(1e39));
}

#[test]
fn given_kinds() {
    let csv = b"id,code,x\n a b ,01,?\n?,1,2\n";
    let kinds = [("id", Kind::Text), ("code", Kind::Categorical), ("x", Kind::Categorical)];
    let kinds = kinds.map(|(name, kind)| (name.into(), kind)).into();
    let options = Options { kinds, ..Options::default() };
    let frame: Frame<f32> = Frame::from_bytes(csv, "data.csv", &options).unwrap();
    let id = frame.column("id").unwrap();
    assert_eq!(id.cells, Cells::Texts(vec!["a b".into(), "?".into()]));
    assert_eq!((id.missing(), id.is_missing(1), id.kind()), (0, false, Some(Kind::Text)));
    let code = Cells::Levels { codes: vec![0, 1], names: names(&["01", "1"]) };
    assert_eq!(frame.column("code").unwrap().cells, code);
    let x = Cells::Levels { codes: vec![Levels::MISSING, 0], names: names(&["2"]) };
    assert_eq!(frame.column("x").unwrap().cells, x);
}

#[test]
fn texts_that_mean_missing() {
    let csv = b"x,y\n-999,a\n1,-\n,b\n";
    let missing = names(&["-999", " - "]);
    let options = Options { missing, ..Options::default() };
    let frame: Frame<f64> = Frame::from_bytes(csv, "data.csv", &options).unwrap();
    // An empty cell is a text if it does not mean "missing".
    let x = Cells::Levels { codes: vec![Levels::MISSING, 0, 1], names: names(&["1", ""]) };
    assert_eq!(frame.column("x").unwrap().cells, x);
    let y = Cells::Levels { codes: vec![0, Levels::MISSING, 1], names: names(&["a", "b"]) };
    assert_eq!(frame.column("y").unwrap().cells, y);
}

#[test]
fn dropped_and_wanted() {
    let read = |wanted: Option<&[&str]>, dropped: &[&str]| {
        let set = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        let wanted: Option<BTreeSet<_>> = wanted.map(set);
        let options = Options { wanted, dropped: set(dropped), ..Options::default() };
        let frame = Frame::<f64>::from_bytes(b"a,b,c\n1,2,3\n4,5,6\n", "data.csv", &options);
        let frame = frame.unwrap();
        assert_eq!(frame.rows(), 2);
        frame.columns().iter().map(|column| column.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(read(None, &["b"]), ["a", "c"]);
    assert_eq!(read(Some(&["c", "b"]), &[]), ["b", "c"]);
    assert_eq!(read(Some(&["c", "b"]), &["b"]), ["c"]);
    assert_eq!(read(Some(&[]), &[]), [""; 0]);
}

#[test]
fn too_many_levels() {
    let csv = b"x,y,z\na,1,a\nb,2,b\na,3,c\n?,4,?\n";
    let options = Options { most_levels: 2, ..Options::default() };
    let frame: Frame<f32> = Frame::from_bytes(csv, "data.csv", &options).unwrap();
    assert_eq!(frame.column("x").unwrap().kind(), Some(Kind::Categorical));
    assert_eq!(frame.column("y").unwrap().kind(), Some(Kind::Numeric));
    let z = frame.column("z").unwrap();
    assert_eq!((z.kind(), &z.cells), (None, &Cells::TooMany));
    assert_eq!((z.text(0), z.number(0), z.is_missing(0), z.missing()), (None, None, false, 0));
    assert_eq!(
        frame.cell_error(1, "z", "fewer levels").to_string(),
        "data.csv, line 3, column `z`: found ``, expected fewer levels"
    );
}
