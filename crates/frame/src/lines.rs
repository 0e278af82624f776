//! The line on which each row begins.

/// The lines of the rows, relative to a first line that is kept elsewhere. Rows at equal distances
/// are stored together, so that most files take a few bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Lines {
    runs: Vec<Run>,
}

/// Consecutive rows whose lines are `step` apart.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Run {
    row: u32,
    line: u32,
    step: u32,
}

impl Run {
    /// The line of a row of the run.
    fn line(&self, row: usize) -> usize {
        self.line as usize + self.step as usize * (row - self.row as usize)
    }
}

impl Lines {
    /// Adds the line of the row `row`, which is the row after the last one. Returns `false` if the
    /// numbers are too large.
    pub fn push(&mut self, row: usize, line: usize) -> bool {
        if let Some(run) = self.runs.last_mut() {
            if run.line(row) == line {
                return true;
            }
            if row - run.row as usize == 1 {
                let step = u32::try_from(line - run.line as usize);
                return step.map(|step| run.step = step).is_ok();
            }
        }
        let (Ok(row), Ok(line)) = (u32::try_from(row), u32::try_from(line)) else { return false };
        self.runs.push(Run { row, line, step: 1 });
        true
    }

    /// Adds the lines of a part of `more` rows that follows `rows` rows and `lines` lines.
    pub fn append(&mut self, part: &Lines, more: usize, rows: usize, lines: usize) -> bool {
        part.runs.iter().enumerate().all(|(place, run)| {
            let end = part.runs.get(place + 1).map_or(more, |next| next.row as usize);
            (run.row as usize..end).all(|row| self.push(rows + row, lines + run.line(row)))
        })
    }

    /// Returns the line of a row.
    pub fn get(&self, row: usize) -> usize {
        let after = self.runs.partition_point(|run| run.row as usize <= row);
        self.runs[after - 1].line(row)
    }
}
