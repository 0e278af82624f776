//! The audit for the terminal.

use console::{Style, measure_text_width, truncate_str};
use report::page::Table;
use report::terminal::{self, Terminal, printable};

use crate::result::Audit;
use crate::tables::{self, Origin};

/// More tasks make the table too long to be read.
const MOST_TASKS: usize = 20;
/// What a column takes beside its text: a space on either side, and one to the next column.
const PADDING: usize = 3;
/// Names are cut to this many columns, or to this share of the terminal if that is more.
const NAME: usize = 20;
const SHARE_OF_NAME: usize = 3;

/// The audit as text: what was audited, the rates of each group, the metrics, pairs, tasks, and
/// warnings. Names from the file cannot move the cursor or change colors.
pub fn text(audit: &Audit, origin: &Origin, terminal: Terminal) -> String {
    let bold = |text: &str| terminal.paint(&terminal.wrap(text), &Style::new().bold());
    let mut parts = vec![
        bold(&format!("Fairness audit of {}", printable(&origin.file))),
        terminal.wrap(&tables::subject(audit, origin)),
        bold(&tables::headline(audit)),
        table(tables::groups(&audit.pooled), terminal),
        table(tables::metrics(audit), terminal),
    ];
    parts.extend(tables::pairs(audit).map(|pairs| table(pairs, terminal)));
    parts.extend(tables::means(audit).map(|means| table(means, terminal)));
    parts.extend(tables::tasks(audit, MOST_TASKS, false).map(|tasks| table(tasks, terminal)));
    parts.push(terminal.wrap(&tables::method()));
    let warnings = tables::warnings(audit);
    if !warnings.is_empty() {
        let lines = warnings.iter().map(|warning| {
            let word = terminal.paint("warning:", &Style::new().yellow().bold());
            terminal.wrap(&format!("warning: {warning}")).replacen("warning:", &word, 1)
        });
        parts.extend(lines);
        parts.push(terminal.wrap(&tables::rule()));
    }
    parts.join("\n\n")
}

/// The table below its caption. A name stands only where it differs from the one above.
fn table(table: Table, terminal: Terminal) -> String {
    let Table { caption, head, mut rows, numeric_from } = table;
    let widest = NAME.max(terminal.width / SHARE_OF_NAME);
    let mut above = Vec::new();
    for row in &mut rows {
        row[0] = truncate_str(&row[0], widest, "…").into_owned();
        let names = row[..numeric_from].to_vec();
        // The name of a row, as opposed to that of its group, stands always.
        for column in 0..numeric_from - 1 {
            if above.get(..=column) == Some(&names[..=column]) {
                row[column] = String::new();
            }
        }
        above = names;
    }
    let mut columns = Columns { head, rows };
    let hidden = columns.fit(terminal.width);
    let mut text = terminal.wrap(&caption) + "\n";
    text += &terminal::table(&columns.head, columns.rows, numeric_from, terminal.width);
    if !hidden.is_empty() {
        let note = format!(
            "These columns do not fit here: {}. --json and --html have them.",
            hidden.join(", ")
        );
        text += &("\n".to_owned() + &terminal.wrap(&note));
    }
    text
}

/// The cells of a table.
struct Columns {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Columns {
    /// Makes it fit: breaks the heads into two lines, then the cells of the widest columns, then
    /// leaves out the last columns. Returns the names of those.
    fn fit(&mut self, width: usize) -> Vec<String> {
        let mut hidden = Vec::new();
        if self.width() > width {
            self.head.iter_mut().for_each(break_once);
        }
        let mut whole: Vec<usize> = (0..self.head.len()).collect();
        while self.width() > width && self.head.len() > 1 {
            whole.retain(|&column| self.rows.iter().any(|row| row[column].contains(' ')));
            match whole.iter().copied().max_by_key(|&column| self.column(column)) {
                Some(widest) => {
                    self.rows.iter_mut().for_each(|row| break_once(&mut row[widest]));
                    whole.retain(|&column| column != widest);
                }
                None => {
                    hidden.extend(self.head.pop());
                    self.rows.iter_mut().for_each(|row| row.truncate(self.head.len()));
                }
            }
        }
        hidden.reverse();
        hidden.iter().map(|name: &String| name.replace('\n', " ")).collect()
    }

    fn width(&self) -> usize {
        (0..self.head.len()).map(|column| self.column(column) + PADDING).sum::<usize>() - 1
    }

    fn column(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| &row[column]).chain([&self.head[column]]);
        cells.flat_map(|cell| cell.lines()).map(measure_text_width).max().unwrap_or(0)
    }
}

/// Breaks a text into two lines at its last space.
fn break_once(text: &mut String) {
    if let Some(place) = text.rfind(' ') {
        text.replace_range(place..=place, "\n");
    }
}
