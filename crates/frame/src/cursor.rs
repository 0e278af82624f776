//! Rows and cells of text: where they begin and end, and what is quoted.

/// What is wrong with a text, and on which of its lines. The first line of a text is 0.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Fault {
    pub line: usize,
    pub problem: Problem,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Problem {
    /// A problem of the text itself.
    Text(String),
    /// A cell that its column, counted from 0, does not accept.
    Cell { column: usize, value: String },
}

impl Fault {
    pub fn text(line: usize, problem: impl Into<String>) -> Self {
        Self { line, problem: Problem::Text(problem.into()) }
    }
}

/// Reads a text cell by cell. The text begins at the start of a row.
pub(crate) struct Cursor<'t> {
    text: &'t str,
    at: usize,
    delimiter: u8,
    /// The line of the position, counted from 0.
    line: usize,
    /// Where the empty lines at the end of the text begin.
    end: usize,
}

impl<'t> Cursor<'t> {
    pub fn new(text: &'t str, delimiter: u8) -> Self {
        Self { text, at: 0, delimiter, line: 0, end: before_line_ends(text.as_bytes()) }
    }

    /// Returns the number of bytes that were read.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Returns the line of the position, counted from 0.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Skips empty lines. Returns whether a row follows. With `empty_is_row`, only the empty lines
    /// at the end of the text are skipped, and each other one is a row of one empty cell.
    pub fn row(&mut self, empty_is_row: bool) -> bool {
        while !(empty_is_row && self.at < self.end) && self.line_end() {}
        self.at < self.text.len()
    }

    /// Reads the next cell of a row, without the spaces around it. The `bool` tells whether it is
    /// the last cell of the row. A quoted cell that has quotes in it is put together in `scratch`.
    pub fn cell<'c>(&mut self, scratch: &'c mut String) -> Result<(&'c str, bool), Fault>
    where
        't: 'c,
    {
        let bytes = self.text.as_bytes();
        let is_end = |byte: u8| byte == self.delimiter || byte == b'\n' || byte == b'\r';
        let rest = &bytes[self.at..];
        let spaces = rest.iter().take_while(|&&byte| is_space(byte) && byte != self.delimiter);
        let start = self.at + spaces.count();
        if bytes.get(start) == Some(&b'"') {
            self.at = start;
            return self.quoted(scratch);
        }
        let length = bytes[start..].iter().position(|&byte| is_end(byte));
        let end = length.map_or(bytes.len(), |length| start + length);
        self.at = end;
        let last = self.cell_end();
        Ok((trimmed(&self.text[start..end]), last))
    }

    /// Reads a quoted cell. The position is at its opening quote.
    fn quoted<'c>(&mut self, scratch: &'c mut String) -> Result<(&'c str, bool), Fault>
    where
        't: 'c,
    {
        let (text, bytes) = (self.text, self.text.as_bytes());
        let opened = self.line;
        let mut start = self.at + 1;
        let mut doubled = false;
        let content = loop {
            let Some(close) = memchr::memchr(b'"', &bytes[start..]).map(|after| start + after)
            else {
                return Err(Fault::text(opened, "the quote that opens here is never closed"));
            };
            let again = bytes.get(close + 1) == Some(&b'"');
            if again || doubled {
                if !doubled {
                    scratch.clear();
                }
                scratch.push_str(&text[start..close + usize::from(again)]);
                doubled = true;
            }
            if !again {
                self.line += line_ends(&bytes[self.at..close]);
                self.at = close + 1;
                break if doubled { scratch.as_str() } else { &text[start..close] };
            }
            start = close + 2;
        };
        while let Some(&byte) = bytes.get(self.at) {
            if byte == self.delimiter || !is_space(byte) {
                break;
            }
            self.at += 1;
        }
        if bytes.get(self.at).is_some_and(|&b| b != self.delimiter && b != b'\n' && b != b'\r') {
            let problem = if self.line == opened {
                "text follows the closing quote of a cell".into()
            } else {
                let closed = self.line - opened;
                let lines = if closed == 1 { "line" } else { "lines" };
                format!(
                    "text follows the closing quote of the cell that opens here, {closed} {lines} \
                     further down; is a quote not closed?"
                )
            };
            return Err(Fault::text(opened, problem));
        }
        let last = self.cell_end();
        Ok((trimmed(content), last))
    }

    /// Goes past the delimiter or the line end after a cell. Returns whether the row ends here.
    fn cell_end(&mut self) -> bool {
        if self.text.as_bytes().get(self.at) == Some(&self.delimiter) {
            self.at += 1;
            return false;
        }
        self.line_end();
        true
    }

    /// Goes past a line end, if there is one.
    fn line_end(&mut self) -> bool {
        let bytes = self.text.as_bytes();
        let length = match (bytes.get(self.at), bytes.get(self.at + 1)) {
            (Some(b'\r'), Some(b'\n')) => 2,
            (Some(b'\r' | b'\n'), _) => 1,
            _ => return false,
        };
        self.at += length;
        self.line += 1;
        true
    }
}

/// Returns whether a byte may stand between a delimiter and a quote.
fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

fn trimmed(text: &str) -> &str {
    let bytes = text.as_bytes();
    let plain = |byte: Option<&u8>| byte.is_none_or(u8::is_ascii_graphic);
    if plain(bytes.first()) && plain(bytes.last()) { text } else { text.trim() }
}

/// Returns the number of bytes before the line ends at the end of a text.
fn before_line_ends(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1)
}

/// Returns the position after the last row of a text of whole rows, before the empty lines that
/// follow it; 0 if all its lines are empty.
pub(crate) fn last_row_end(bytes: &[u8]) -> usize {
    let end = before_line_ends(bytes);
    let line_end = usize::from(bytes[end..].starts_with(b"\r\n")) + 1;
    if end == 0 { 0 } else { bytes.len().min(end + line_end) }
}

/// Counts the line ends in a text: LF, CR and CR LF.
pub(crate) fn line_ends(bytes: &[u8]) -> usize {
    let ends = memchr::memchr2_iter(b'\n', b'\r', bytes);
    ends.filter(|&at| bytes[at] == b'\r' || at == 0 || bytes[at - 1] != b'\r').count()
}

/// Which of the line ends outside quotes is searched for.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Which {
    /// That of the first row that is not empty, in a text of whole rows.
    First,
    /// The last one. A CR at the end is left out, because it may be the first half of a CR LF.
    Last,
}

/// Returns the position after a line end that ends a row, or 0 if there is none. `bytes` begins at
/// the start of a row.
pub(crate) fn row_end(bytes: &[u8], delimiter: u8, which: Which) -> usize {
    let start = match which {
        Which::First => bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count(),
        Which::Last => 0,
    };
    let (mut at, mut last) = (start, 0);
    loop {
        let quote = memchr::memchr(b'"', &bytes[at..]).map(|after| at + after);
        let plain = &bytes[at..quote.unwrap_or(bytes.len())];
        let open = which == Which::Last && quote.is_none() && plain.last() == Some(&b'\r');
        let plain = &plain[..plain.len() - usize::from(open)];
        if which == Which::First {
            if let Some(end) = memchr::memchr2(b'\n', b'\r', plain).map(|end| at + end) {
                let two = bytes[end] == b'\r' && bytes.get(end + 1) == Some(&b'\n');
                return end + 1 + usize::from(two);
            }
        } else if let Some(end) = memchr::memrchr2(b'\n', b'\r', plain) {
            last = at + end + 1;
        }
        let Some(quote) = quote else { return last };
        at = quote + 1;
        if opens(&bytes[..quote], delimiter) {
            let Some(end) = closing(bytes, at) else { return last };
            at = end;
        }
    }
}

/// Returns the position after the quote that closes a cell whose content begins at `at`. Returns
/// `None` if no byte follows it, because that byte may be a second quote.
fn closing(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr::memchr(b'"', &bytes[at..])? + 1;
        match bytes.get(at)? {
            b'"' => at += 1,
            _ => return Some(at),
        }
    }
}

/// Returns whether a quote after these bytes is the first character of a cell.
fn opens(before: &[u8], delimiter: u8) -> bool {
    match before.iter().rev().find(|&&byte| byte == delimiter || !is_space(byte)) {
        None => true,
        Some(&byte) => byte == delimiter || byte == b'\n' || byte == b'\r',
    }
}
