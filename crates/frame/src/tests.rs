//! Tests that need what is private: the size of a block.

use proptest::prelude::*;

use crate::blocks::Blocks;
use crate::{Error, Frame, Kind, Options};

/// Reads a text in blocks of this many bytes.
fn read(csv: &[u8], options: &Options, block: usize) -> Result<Frame<f64>, String> {
    Frame::from_blocks(csv, "data.csv", options, block).map_err(|error| error.to_string())
}

/// Shows all of a frame, or the error. NaN is equal to NaN there.
fn shown(csv: &[u8], options: &Options, block: usize) -> String {
    format!("{:?}", read(csv, options, block))
}

/// CSV of cells that are likely to hurt, in rows of mostly the right length.
fn csv() -> impl Strategy<Value = Vec<u8>> {
    let cells = [
        "1",
        "2.5",
        "",
        "?",
        "a",
        "b",
        "\"a\"",
        " \"a,b\" ",
        "\"\"\"\"",
        "\"x\r\ny\"",
        "5\" x",
        "\"\n\r\n\"",
        "é",
    ];
    let wrong = ["\"", "\"a\"b", "a,b", "\u{0}"];
    let cell = || {
        prop_oneof![
            60 => prop::sample::select(cells.to_vec()),
            1 => prop::sample::select(wrong.to_vec()),
        ]
    };
    let end = prop::sample::select(vec!["\n", "\r\n", "\r", "\n\n", "\r\r\n"]);
    let row =
        (cell(), cell(), cell(), end.clone()).prop_map(|(a, b, c, e)| format!("{a},{b},{c}{e}"));
    let start = prop::sample::select(vec!["", "\u{feff}", "\n", "\r\n\r"]);
    let header = prop::sample::select(vec!["a,b,c", "\"a\",\"b\nb\", c"]);
    let tail = prop_oneof![9 => Just(vec![]), 1 => prop::collection::vec(any::<u8>(), 0..4)];
    (start, header, end, prop::collection::vec(row, 0..12), tail).prop_map(
        |(start, header, end, rows, tail)| {
            [start, header, end, &rows.concat()]
                .concat()
                .into_bytes()
                .into_iter()
                .chain(tail)
                .collect()
        },
    )
}

/// One column with many empty lines.
fn one_column() -> impl Strategy<Value = Vec<u8>> {
    let lines = ["1", "", "", "", " ", "a", "\"\"", "\"x\n\n\"", "?"];
    let ends = ["\n", "\r\n", "\r"];
    let line = (prop::sample::select(lines.to_vec()), prop::sample::select(ends.to_vec()));
    prop::collection::vec(line.prop_map(|(line, end)| format!("{line}{end}")), 1..20)
        .prop_map(|lines| format!("a\n{}", lines.concat()).into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    /// Each line of the file is a row, whatever the block, the number of rows at a time, and what
    /// is read in the cell; but not the empty ones at its end.
    #[test]
    fn one_column_has_a_row_for_each_line(
        csv in one_column(), block in 1_usize..40, rows in 1_usize..5
    ) {
        let kinds = [("a".into(), Kind::Categorical)].into();
        let options = Options { kinds, ..Options::default() };
        let whole = read(&csv, &options, 1 << 20);
        prop_assert_eq!(shown(&csv, &options, block), format!("{:?}", whole));
        let frames: Result<Vec<Frame<f64>>, Error> =
            Blocks::new(&csv[..], "data.csv", &options, rows, block).and_then(Iterator::collect);
        let (Ok(frames), Ok(whole)) = (frames, whole) else { return Ok(()) };
        let each = frames.iter().flat_map(|frame| {
            (0..frame.rows()).map(|row| (frame.line(row), frame.columns()[0].text(row)))
        });
        let all = (0..whole.rows()).map(|row| (whole.line(row), whole.columns()[0].text(row)));
        prop_assert_eq!(each.collect::<Vec<_>>(), all.collect::<Vec<_>>());
    }

    #[test]
    fn the_size_of_a_block_makes_no_difference(csv in csv(), block in 1_usize..40) {
        let options = Options { most_levels: 4, ..Options::default() };
        prop_assert_eq!(shown(&csv, &options, block), shown(&csv, &options, 1 << 20));
    }

    #[test]
    fn a_thread_more_makes_no_difference(csv in csv(), block in 1_usize..40, threads in 1_usize..4) {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let options = Options::default();
        let parallel = pool.install(|| shown(&csv, &options, block));
        prop_assert_eq!(parallel, shown(&csv, &options, 1 << 20));
    }

    #[test]
    fn frames_of_some_rows_are_the_rows_of_the_whole(
        csv in csv(), block in 1_usize..40, rows in 1_usize..5
    ) {
        let kinds = ["a", "b", "b\nb", "c"].map(|name| (name.into(), Kind::Categorical)).into();
        let options = Options { kinds, ..Options::default() };
        let frames: Result<Vec<Frame<f64>>, Error> =
            Blocks::new(&csv[..], "data.csv", &options, rows, block).and_then(Iterator::collect);
        match (frames, read(&csv, &options, 1 << 20)) {
            (Ok(frames), Ok(whole)) => {
                let mut row = 0;
                for frame in frames {
                    for local in 0..frame.rows() {
                        prop_assert_eq!(frame.line(local), whole.line(row));
                        for (one, other) in frame.columns().iter().zip(whole.columns()) {
                            prop_assert_eq!(one.text(local), other.text(row));
                        }
                        row += 1;
                    }
                }
                prop_assert_eq!(row, whole.rows());
            }
            (frames, whole) => {
                prop_assert_eq!(frames.err().map(|error| error.to_string()), whole.err());
            }
        }
    }
}
