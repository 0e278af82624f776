//! What is a row, and what is a cell.

use frame::{Frame, Options};

use crate::{as_text, read, texts};

/// The cells of columns `a` and `b` as text.
fn cells(csv: &str) -> Vec<(String, String)> {
    let frame =
        Frame::from_bytes(csv.as_bytes(), "data.csv", &as_text(&["a", "b"])).expect("readable");
    texts(&frame, "a").into_iter().zip(texts(&frame, "b")).collect()
}

fn pairs(cells: &[(&str, &str)]) -> Vec<(String, String)> {
    cells.iter().map(|&(a, b)| (a.to_owned(), b.to_owned())).collect()
}

#[test]
fn spelling_that_makes_no_difference() {
    let plain = pairs(&[("x", "1"), ("y, z", "2")]);
    for csv in [
        "a,b\nx,1\n\"y, z\",2",
        "a,b\nx,1\n\"y, z\",2\n",
        "a,b\r\nx,1\r\n\"y, z\",2\r\n",
        "a,b\rx,1\r\"y, z\",2\r",
        "\u{feff}a,b\nx,1\n\"y, z\",2\n",
        "\u{feff}\"a\",b\nx,1\n\"y, z\",2\n",
        "\n\n a , b\n\n\tx , 1 \n\n  \"y, z\"  ,\t\"2\" \n\n",
        "\"a\",\"b\"\n\"x\",\"1\"\n \" y, z \",\"2\"\n",
    ] {
        assert_eq!(cells(csv), plain, "{csv:?}");
    }
}

#[test]
fn quotes() {
    for (cell, text) in [
        ("\"two\nlines\"", "two\nlines"),
        ("\"two\r\nlines\"", "two\r\nlines"),
        ("\"a \"\"b\"\" c\"", "a \"b\" c"),
        ("\"\"\"\"", "\""),
        ("\"\"", ""),
        ("5\" pipe", "5\" pipe"),
        ("x\"y\"", "x\"y\""),
        ("\"é, ü\"", "é, ü"),
    ] {
        assert_eq!(cells(&format!("a,b\n{cell},1\n")), pairs(&[(text, "1")]), "{cell}");
        assert_eq!(cells(&format!("a,b\n1,{cell}")), pairs(&[("1", text)]), "{cell}");
        assert_eq!(cells(&format!("b,a\r1, {cell}\r")), pairs(&[(text, "1")]), "{cell}");
    }
}

#[test]
fn the_line_is_the_one_an_editor_shows() {
    for (csv, lines) in [
        ("a,b\n1,1\n2,2\n", [2, 3]),
        ("a,b\r\n1,1\r\n\r\n2,2", [2, 4]),
        ("a,b\r1,1\r2,2\r", [2, 3]),
        ("a,b\r\r\n1,1\n\r2,2", [3, 5]),
        ("\n\na,b\n\"x\ny\",1\n2,2\n", [4, 6]),
        ("\"a\n\",b\n\"x\r\ny\rz\",1\n2,2\n", [3, 6]),
    ] {
        let frame = read(csv).unwrap();
        assert_eq!([frame.line(0), frame.line(1)], lines, "{csv:?}");
        assert!(frame.cell_error(1, "a", "x").to_string().contains(&format!("line {}", lines[1])));
    }
}

/// In a file with one column, an empty line is an empty cell, unless only empty lines follow.
#[test]
fn empty_lines_of_one_column() {
    let cells = |csv: &str, header: Option<Vec<String>>| {
        let options = Options { header, ..as_text(&["a"]) };
        let frame = Frame::<f64>::from_bytes(csv.as_bytes(), "data.csv", &options).unwrap();
        let lines = (0..frame.rows()).map(|row| frame.line(row));
        lines
            .zip(texts(&frame, "a"))
            .map(|(line, text)| format!("{line}{text}"))
            .collect::<Vec<_>>()
    };
    for (csv, rows) in [
        ("a\n1\n\n2\n", &["21", "3", "42"][..]),
        ("a\n\n\n1\n\n\n", &["2", "3", "41"]),
        ("\n\na\r\n\r\n1\r\n\r\n\r\n2", &["4", "51", "6", "7", "82"]),
        ("a\r1\r\r\"x\r\r\"\r\r\r", &["21", "3", "4x"]),
        ("a\n \n\n1\n \n", &["2", "3", "41", "5"]),
    ] {
        assert_eq!(cells(csv, None), rows, "{csv:?}");
    }
    assert_eq!(cells("1\n\n2\n\n", Some(vec!["a".into()])), ["11", "2", "32"]);
}

#[test]
fn other_delimiters_and_no_header() {
    for delimiter in [b';', b'\t', b'|', b' '] {
        let csv = "a,b\nx,\"1\"\n,\"2,\"\"\n".replace(',', &(delimiter as char).to_string());
        let csv = csv.replace("\"\"\n", "\"\n");
        let options = Options { delimiter, ..as_text(&["a", "b"]) };
        let frame: Frame<f64> = Frame::from_bytes(csv.as_bytes(), "data", &options).unwrap();
        assert_eq!(texts(&frame, "a"), ["x", ""]);
        let two = format!("2{}", delimiter as char);
        assert_eq!(texts(&frame, "b"), ["1", two.trim()], "{csv:?}");
    }
    let header = Some(vec!["a".into(), "b".into()]);
    let options = Options { header, ..as_text(&["a", "b"]) };
    let frame: Frame<f64> = Frame::from_bytes(b"\nx,1\n\ny,2\n", "data", &options).unwrap();
    assert_eq!(
        (texts(&frame, "a"), frame.line(0), frame.line(1)),
        (vec!["x".into(), "y".into()], 2, 4)
    );
    let read = Frame::<f64>::from_bytes(b"\nx,1,2\n", "data", &options);
    assert_eq!(
        read.unwrap_err().to_string(),
        "data, line 2: 3 fields, expected 2, one for each given name"
    );
}
