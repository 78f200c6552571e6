//! Where the rows of a table were read. Rows mostly stand in lines that follow each other, so only the breaks are kept.

use super::rows::TooLarge;

/// For each row its file and its line.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// The first row of a run, its file and its line; every row after it is one line further down.
    runs: Vec<(u32, u32, u32)>,
    rows: u32,
}

impl Places {
    /// How many rows.
    pub(crate) fn len(&self) -> u32 {
        self.rows
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, file: u32, line: u32) -> Result<(), TooLarge> {
        let follows = |(first, of, from): &(u32, u32, u32)| {
            *of == file && u64::from(*from) + u64::from(self.rows - first) == u64::from(line)
        };
        if !self.runs.last().is_some_and(follows) {
            self.runs.push((self.rows, file, line));
        }
        self.rows = self.rows.checked_add(1).ok_or(TooLarge)?;
        Ok(())
    }

    /// Adds the rows of others.
    pub(crate) fn append(&mut self, others: &Self) -> Result<(), TooLarge> {
        let rows = self.rows.checked_add(others.rows).ok_or(TooLarge)?;
        self.runs.extend(others.runs.iter().map(|(first, file, line)| (self.rows + first, *file, *line)));
        self.rows = rows;
        Ok(())
    }

    /// The file and the line of a row.
    pub(crate) fn get(&self, row: u32) -> (u32, u32) {
        let after = self.runs.partition_point(|(first, ..)| *first <= row);
        let run = after.checked_sub(1).and_then(|at| self.runs.get(at)).filter(|_| row < self.rows);
        run.map_or((0, 0), |(first, file, line)| (*file, line + (row - first)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_keeps_its_place() {
        let lines = [(0, 2), (0, 3), (0, 5), (0, 5), (0, 4), (1, 5), (1, 6)];
        let (mut all, mut first, mut second) = (Places::default(), Places::default(), Places::default());
        for (at, (file, line)) in lines.iter().enumerate() {
            let half = if at < 3 { &mut first } else { &mut second };
            assert_eq!((all.push(*file, *line), half.push(*file, *line)), (Ok(()), Ok(())));
        }
        assert_eq!(first.append(&second), Ok(()));
        for places in [all, first] {
            let back: Vec<_> = (0..places.len()).map(|row| places.get(row)).collect();
            assert_eq!(back, lines);
            assert_eq!(places.get(7), (0, 0));
        }
    }
}
