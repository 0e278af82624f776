//! The audit for the terminal.

use console::{Style, measure_text_width, truncate_str};
use report::page::Table;
use report::terminal::{self, Terminal, printable};

use crate::result::Audit;
use crate::tables::{self, Origin};

/// More tasks make the table too long to be read.
const MOST_TASKS: usize = 20;
/// What a column takes beside its text.
const PADDING: usize = 2;
/// Names are cut to this many columns, or to this share of the terminal if that is more.
const NAME: usize = 12;
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
    parts.push(terminal.wrap(&tables::method(audit)));
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
    let repeats = numeric_from > 1;
    let mut last = None;
    for row in &mut rows {
        row[0] = truncate_str(&row[0], widest, "…").into_owned();
        let name = row[0].clone();
        if repeats && last.as_ref() == Some(&name) {
            row[0] = String::new();
        }
        last = Some(name);
    }
    let (head, rows, hidden) = fitted(head, rows, terminal.width);
    let mut text = terminal.wrap(&caption) + "\n";
    text += &terminal::table(&head, rows, numeric_from, terminal.width);
    if !hidden.is_empty() {
        let note = format!(
            "These columns do not fit here: {}. --json and --html have them.",
            hidden.join(", ")
        );
        text += &("\n".to_owned() + &terminal.wrap(&note));
    }
    text
}

/// The first columns that fit, each as wide as its widest word, and the names of the others.
fn fitted(
    mut head: Vec<String>,
    mut rows: Vec<Vec<String>>,
    width: usize,
) -> (Vec<String>, Vec<Vec<String>>, Vec<String>) {
    let word = |text: &String| text.split(' ').map(measure_text_width).max().unwrap_or(0);
    let column = |place: usize| {
        let cells = rows.iter().map(|row| match place {
            0 => measure_text_width(&row[0]),
            _ => word(&row[place]),
        });
        cells.fold(word(&head[place]), usize::max) + PADDING
    };
    let mut at = 0;
    let widths = (0..head.len()).map(column);
    let fits = widths.take_while(|wide| {
        at += wide;
        at <= width
    });
    let shown = fits.count().max(2).min(head.len());
    let hidden = head.split_off(shown);
    rows.iter_mut().for_each(|row| row.truncate(shown));
    (head, rows, hidden)
}
