//! Values that hold from a date on.

use arrow_buffer::ScalarBuffer;
use chrono::NaiveDate;

use super::{Cell, Series};
use crate::lang::{day_number, day_of};

/// The values of a fact, each from a date on.
#[derive(Clone, Debug)]
pub struct Dated {
    /// For each row where its values begin, and where the last one's end.
    pub starts: ScalarBuffer<u32>,
    /// Since when each value holds, ascending within a row: a day's number, [`Dated::ALWAYS`] where no date stands.
    pub from: ScalarBuffer<i32>,
    /// The values, row by row.
    pub values: Series,
}

impl Dated {
    /// Before every day.
    pub const ALWAYS: i32 = i32::MIN;

    /// The number of a day, or of none.
    pub(crate) fn number(from: Option<NaiveDate>) -> i32 {
        from.map_or(Self::ALWAYS, day_number)
    }

    /// What holds of a row on a day.
    pub fn cell(&self, row: u32, day: NaiveDate) -> Cell {
        let day = day_number(day);
        let (first, from) = self.range(row);
        let begun = u32::try_from(from.partition_point(|from| *from <= day)).unwrap_or(0);
        begun.checked_sub(1).map_or(Cell::Blank, |last| self.values.cell(first + last))
    }

    /// All that is said of a row, with the dates since when.
    pub fn of(&self, row: u32) -> impl Iterator<Item = (Option<NaiveDate>, Cell)> {
        let (first, from) = self.range(row);
        (first..).zip(from).map(|(at, from)| (day_of(*from), self.values.cell(at)))
    }

    fn range(&self, row: u32) -> (u32, &[i32]) {
        let at = row as usize;
        let find = || {
            let (start, end) = (*self.starts.get(at)?, *self.starts.get(at + 1)?);
            Some((start, self.from.get(start as usize..end as usize)?))
        };
        find().unwrap_or((0, &[]))
    }
}
