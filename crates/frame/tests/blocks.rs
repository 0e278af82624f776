//! Reading in blocks.

use frame::{Error, Frame, Kind, Options, blocks};

fn options() -> Options {
    let kinds = [("id", Kind::Text), ("x", Kind::Numeric), ("c", Kind::Categorical)];
    let kinds = kinds.map(|(name, kind)| (name.into(), kind)).into();
    Options { kinds, ..Options::default() }
}

fn all(csv: &[u8], rows: usize) -> Result<Vec<Frame<f64>>, Error> {
    blocks(csv, "data.csv", &options(), rows)?.collect()
}

#[test]
fn blocks_are_the_rows_in_order() {
    let csv: String = (0..10).map(|row| format!("\"r\n{row}\",{row},{}\n\n", row % 3)).collect();
    let csv = "id,x,c\n".to_owned() + &csv;
    let whole: Frame<f64> = Frame::from_bytes(csv.as_bytes(), "data.csv", &options()).unwrap();
    for rows in 1..12 {
        let blocks = all(csv.as_bytes(), rows).unwrap();
        assert_eq!(blocks.len(), 10_usize.div_ceil(rows));
        let mut row = 0;
        for block in &blocks {
            assert!(block.rows() == rows || row + block.rows() == 10);
            for local in 0..block.rows() {
                assert_eq!(block.line(local), whole.line(row));
                for (column, other) in block.columns().iter().zip(whole.columns()) {
                    assert_eq!(column.name, other.name);
                    assert_eq!(column.number(local), other.number(row));
                    assert_eq!(column.text(local), other.text(row));
                }
                row += 1;
            }
        }
        assert_eq!(row, 10);
    }
}

#[test]
fn errors_of_blocks() {
    let error = |csv: &[u8]| all(csv, 2).unwrap_err().to_string();
    assert_eq!(error(b"id,x,c\n"), "data.csv: no rows of data");
    assert_eq!(error(b""), "data.csv: no rows of data");
    assert_eq!(
        error(b"id,x,c,d\n1,2,3,4\n"),
        "kinds must be given for each column that is read in blocks, got `d`"
    );
    assert_eq!(
        error(b"id,x,c\na,1,b\n\nb,2,c\nc,x,d\n"),
        "data.csv, line 5, column `x`: found `x`, expected a finite number"
    );
    assert!(blocks::<f32>(&b"x\n1\n"[..], "data.csv", &options(), 0).is_err());

    // Rows before a mistake arrive, and nothing follows it.
    let (csv, options) = (&b"id,x,c\na,1,b\nb,2,\xff\nc,3,d\n"[..], options());
    let mut frames = blocks::<f32>(csv, "data.csv", &options, 1).unwrap();
    assert_eq!(frames.next().unwrap().unwrap().column("x").unwrap().number(0), Some(1.0));
    let error = frames.next().unwrap().unwrap_err().to_string();
    assert_eq!(error, "data.csv, line 3: not UTF-8 text");
    assert!(frames.next().is_none());
}
