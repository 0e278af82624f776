//! Text is wrapped: comments have at most 100 columns, and a line of Markdown is one sentence or
//! has at most 100 columns.

use super::{files, prose};

/// The most columns of a comment, and of a line of Markdown that is not one whole sentence.
const COLUMNS: usize = 100;

/// Whether the line ends a sentence before its end.
fn holds_two_sentences(line: &str) -> bool {
    // A code span or a link may contain anything.
    let mut code = false;
    let line: String = line
        .chars()
        .map(|c| {
            code ^= c == '`';
            if code { 'x' } else { c }
        })
        .collect();
    let ends = |word: &str| {
        let word = word.trim_end_matches([')', '*', '"', '_']);
        let known = ["e.g.", "i.e.", "al.", "eq.", "vs.", "St."].iter().any(|k| word.ends_with(k));
        word.ends_with(['.', '?', '!']) && word.trim_end_matches('.').len() > 1 && !known
    };
    let number =
        |word: &&str| word.ends_with('.') && word.starts_with(|c: char| c.is_ascii_digit());
    // An item of a list may begin with its number.
    let words: Vec<&str> = line.split_whitespace().skip_while(number).collect();
    words.windows(2).any(|pair| ends(pair[0]) && !pair[1].starts_with(char::is_lowercase))
}

fn is_whole_sentence(line: &str) -> bool {
    let end = line.trim_end().trim_end_matches([')', '*', '"', ']', '_']);
    end.ends_with(['.', '?', '!', ':', ';']) && !holds_two_sentences(line)
}

#[test]
fn a_line_of_markdown_is_one_sentence_or_short() {
    assert!(is_whole_sentence("- **It holds**, see `a. B` and Madras et al. (2018)."));
    assert!(!is_whole_sentence("One. Two."));
    assert!(!is_whole_sentence("It is not"));
    let mut long = Vec::new();
    // The program writes the record.
    for file in files().iter().filter(|f| f.is("md") && f.path != "docs/reproduction.md") {
        for (number, line) in prose(&file.text) {
            let free = line.starts_with(['|', '$'])
                || line.starts_with("    ")
                || line.chars().count() <= COLUMNS;
            if !free && !is_whole_sentence(line) {
                long.push(format!("{}:{number}: {line}", file.path));
            }
        }
    }
    assert!(long.is_empty(), "over {COLUMNS} columns and not one sentence:\n{}", long.join("\n"));
}

#[test]
fn comments_are_short() {
    let mut long = Vec::new();
    for file in files() {
        let mark = match file.path.rsplit(['.', '/']).next().unwrap() {
            "rs" => "//",
            "toml" | "py" | "yml" | "run" => "#",
            _ => continue,
        };
        for (number, line) in (1..).zip(file.text.lines()) {
            if line.trim_start().starts_with(mark) && line.chars().count() > COLUMNS {
                long.push(format!("{}:{number}", file.path));
            }
        }
    }
    assert!(long.is_empty(), "comments of over {COLUMNS} columns:\n{}", long.join("\n"));
}
