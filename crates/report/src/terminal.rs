//! What tables and texts are fitted to: the width of the terminal, and whether it shows colors.

use std::io::IsTerminal;

use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, Width};
use console::{Style, Term, measure_text_width};

/// The width where there is no terminal and nobody says another.
const WIDTH: usize = 100;
/// Nothing is made narrower than this.
const LEAST: usize = 30;
/// Longer lines of text are hard to read.
const LONGEST: usize = 114;

/// Where results are printed to.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// Columns.
    pub width: usize,
    colors: bool,
}

impl Terminal {
    /// Standard output.
    pub fn stdout() -> Self {
        let attended = std::io::stdout().is_terminal();
        let own = if attended { Term::stdout().size_checked() } else { None };
        let width = own.map(|(_, columns)| columns.into()).or_else(columns);
        Terminal { width: width.unwrap_or(WIDTH).max(LEAST), colors: colors(attended, variable) }
    }

    /// So wide, and without colors.
    pub fn plain(width: usize) -> Self {
        Terminal { width, colors: false }
    }

    /// The widest that text is set.
    pub fn text_width(&self) -> usize {
        self.width.min(LONGEST)
    }

    /// The text in a style, where colors are shown.
    pub fn paint(&self, text: &str, style: &Style) -> String {
        if self.colors && !text.is_empty() {
            style.clone().force_styling(true).apply_to(text).to_string()
        } else {
            text.into()
        }
    }

    /// The text in lines that fit, between words.
    pub fn wrap(&self, text: &str) -> String {
        wrap(text, self.text_width())
    }
}

/// A table of at most `width` columns of text: cells and heads that do not fit are broken between
/// words, but the names in the first column are not. Where even the words do not fit, there is less
/// room between columns. The cells from column `numeric_from` on stand on the
/// right.
pub fn table(head: &[String], rows: Vec<Vec<String>>, numeric_from: usize, width: usize) -> String {
    let longest_word = |text: &String| text.split_whitespace().map(measure_text_width).max();
    let least: Vec<usize> = (0..head.len())
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column)).chain(head.get(column));
            let width = |cell: &String| match column {
                0 => Some(measure_text_width(cell)),
                _ => longest_word(cell),
            };
            cells.filter_map(width).max().unwrap_or(0)
        })
        .collect();
    let is_tight = least.iter().sum::<usize>() + 2 * least.len() > width;
    let mut table = Table::new();
    table.load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()));
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table.set_header(head);
    table.add_rows(rows);
    for (place, (column, least)) in table.column_iter_mut().zip(least).enumerate() {
        let padding = match (is_tight, place) {
            (false, _) => (1, 1),
            (true, 0) => (0, 0),
            (true, _) => (1, 0),
        };
        column.set_padding(padding);
        column.set_constraint(match place {
            0 => ColumnConstraint::ContentWidth,
            _ => {
                let least = least + usize::from(padding.0 + padding.1);
                let least = u16::try_from(least).unwrap_or(u16::MAX);
                ColumnConstraint::LowerBoundary(Width::Fixed(least))
            }
        });
    }
    for column in numeric_from..head.len() {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.to_string()
}

/// The words of `text` in lines of at most `width`; only a word that is longer has a longer one.
pub fn wrap(text: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut at = 0;
    for word in text.split_whitespace() {
        let length = measure_text_width(word);
        if at > 0 {
            let fits = at + 1 + length <= width;
            lines.push(if fits { ' ' } else { '\n' });
            at = if fits { at + 1 } else { 0 };
        }
        lines.push_str(word);
        at += length;
    }
    lines
}

/// The text with nothing in it that a terminal would obey. A control character, such as the one
/// that begins an escape sequence, stands as its code, and so does one that turns the direction of
/// the text or breaks a line. For texts of others: names and cells of a file.
///
/// ```
/// use report::terminal::printable;
/// assert_eq!(printable("a\u{1b}[31mb\n"), r"a\u{1b}[31mb\n");
/// assert_eq!(printable("Zoë, 100 %"), "Zoë, 100 %");
/// ```
pub fn printable(text: &str) -> String {
    let obeyed = |c: char| {
        let turns = matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}');
        c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}')
    };
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match obeyed(c) {
            true => safe.extend(c.escape_default()),
            false => safe.push(c),
        }
    }
    safe
}

/// The width that the environment says, as many programs have it.
fn columns() -> Option<usize> {
    variable("COLUMNS")?.trim().parse().ok().filter(|&columns| columns > 0)
}

/// A variable of the environment, if it is set to anything.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Whether colors are shown: not if `NO_COLOR` is set; else if `CLICOLOR_FORCE` is, or if somebody
/// looks at a terminal that has any.
fn colors(attended: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let forced = variable("CLICOLOR_FORCE").is_some_and(|value| value != "0");
    let dumb = variable("TERM").is_some_and(|value| value == "dumb");
    variable("NO_COLOR").is_none() && (forced || (attended && !dumb))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_fits_and_keeps_its_names() {
        let head = ["method", "accuracy"].map(String::from);
        let rows = vec![vec!["a-long-name-of-a-method".into(), "0.5 (0.4 to 0.6)".into()]];
        let wide = table(&head, rows.clone(), 1, 80);
        assert!(wide.contains("0.5 (0.4 to 0.6)"), "{wide}");
        let narrow = table(&head, rows, 1, 40);
        assert!(narrow.lines().all(|line| measure_text_width(line) <= 40), "{narrow}");
        assert!(narrow.contains(" a-long-name-of-a-method "), "{narrow}");
    }

    /// The words of a head stay whole.
    #[test]
    fn heads_break_between_words() {
        let head = ["regularizer or rival", "runs", "accuracy", "minus the paper's term"];
        let head = [&head[..], &["minus thresholds"]].concat();
        let head: Vec<String> = head.into_iter().map(String::from).collect();
        let interval = || "-0.002 (-0.027 to +0.023)".to_owned();
        let name = "demographic-parity-gap".to_owned();
        let row = vec![name, "10 of 10".into(), interval(), interval(), interval()];
        for width in [60, 80, 100] {
            let text = table(&head, vec![row.clone()], 1, width);
            assert!(text.lines().all(|line| measure_text_width(line) <= width), "{text}");
            for word in head.iter().flat_map(|head| head.split_whitespace()) {
                assert!(text.split_whitespace().any(|other| other == word), "{word} in {text}");
            }
        }
    }

    #[test]
    fn lines_break_between_words() {
        assert_eq!(wrap("one two  three\nfour", 9), "one two\nthree\nfour");
        assert_eq!(wrap("a γ±1 b", 5), "a γ±1\nb");
        assert_eq!(wrap("unbreakable a", 4), "unbreakable\na");
        assert_eq!(wrap("", 4), "");
    }

    #[test]
    fn when_there_are_colors() {
        let with = |attended, variables: &[(&str, &str)]| {
            colors(attended, |name| {
                let found = variables.iter().find(|(other, _)| *other == name);
                found.map(|(_, value)| (*value).to_owned())
            })
        };
        assert!(with(true, &[]) && !with(false, &[]));
        assert!(!with(true, &[("NO_COLOR", "1")]) && !with(true, &[("TERM", "dumb")]));
        assert!(with(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!with(false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!with(false, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    }

    #[test]
    fn paint_is_only_for_terminals() {
        let red = Style::new().red();
        assert_eq!(Terminal::plain(80).paint("no", &red), "no");
        let painted = Terminal { width: 80, colors: true }.paint("no", &red);
        assert_eq!(painted, "\u{1b}[31mno\u{1b}[0m");
    }
}
