//! The line on which each row begins.

/// The lines of the rows, relative to a first line that is kept elsewhere. Most rows are on the
/// line after that of the row before, so only the others are stored.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Lines {
    /// A row and its line wherever the row is not on the line after that of the row before it.
    breaks: Vec<(u32, u32)>,
}

impl Lines {
    /// Adds the line of the row `row`, which is the row after the last one. Returns `false` if the
    /// numbers are too large.
    pub fn push(&mut self, row: usize, line: usize) -> bool {
        if row > 0 && self.get(row) == line {
            return true;
        }
        let (Ok(row), Ok(line)) = (u32::try_from(row), u32::try_from(line)) else { return false };
        self.breaks.push((row, line));
        true
    }

    /// Adds the lines of a part that follows `rows` rows and `lines` lines.
    pub fn append(&mut self, part: &Lines, rows: usize, lines: usize) -> bool {
        part.breaks.iter().all(|&(row, line)| self.push(rows + row as usize, lines + line as usize))
    }

    /// Returns the line of a row.
    pub fn get(&self, row: usize) -> usize {
        let after = self.breaks.partition_point(|&(first, _)| first as usize <= row);
        let (first, line) = self.breaks[after - 1];
        line as usize + (row - first as usize)
    }
}
