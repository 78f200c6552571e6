//! Dates that intervals move.

use chrono::NaiveDate;

use super::{Rows, change, fail_owners};
use crate::engine::columns::frames::FrameId;
use crate::engine::columns::marks::{FAILED, GIVEN, MISSING, Mark, Marks};
use crate::engine::columns::nodes::Evaluation;
use crate::engine::columns::vector::{Chosen, Data, Vector};
use crate::engine::postpone::postponed;
use crate::lang::{Expr, day_number, day_of};
use crate::plan::{Aggregate, Take};

impl<'a> Evaluation<'_, 'a> {
    /// For each lane the days of its rows' intervals.
    pub(super) fn intervals(
        &mut self,
        at: FrameId,
        aggregate: &'a Aggregate,
        rows: &Rows,
        first: &Vector,
        marks: &mut [Mark],
    ) -> Vec<Vec<(NaiveDate, NaiveDate)>> {
        let mut intervals: Vec<Vec<(NaiveDate, NaiveDate)>> = vec![Vec::new(); marks.len()];
        let Take::Postpone { until, also, .. } = &aggregate.take else { return intervals };
        self.add_intervals(at, rows, first, until, &mut intervals, marks);
        for other in also {
            let (frame, owners) = self.below(at, other.of);
            let mut others = Rows { frame, chosen: Chosen::All, len: owners.len(), owners };
            others.keep_known(marks);
            let first = self.at_rows(&others, &other.first);
            fail_owners(&first, &others, marks);
            self.add_intervals(at, &others, &first, &other.until, &mut intervals, marks);
        }
        intervals
    }

    pub(super) fn postponed(
        &mut self,
        at: FrameId,
        aggregate: &'a Aggregate,
        start: &Expr,
        rows: &Rows,
        first: &Vector,
        marks: &mut [Mark],
    ) -> Vector {
        let intervals = self.intervals(at, aggregate, rows, first, marks);
        let start = self.settled(at, start);
        if intervals.iter().all(Vec::is_empty) {
            return start;
        }
        let days = self.frames.days(at);
        let (mut moved, mut moved_marks) = (Vec::with_capacity(intervals.len()), Vec::with_capacity(intervals.len()));
        for ((lane, at), intervals) in (0u32..).zip(0..).zip(intervals) {
            let (day, mark) = match start.day(at) {
                Some(day) if intervals.is_empty() => (day, GIVEN),
                Some(day) => match (day_of(day), day_of(days.of(lane))) {
                    (Some(day), Some(today)) => match postponed(day, today, intervals) {
                        Ok(Some(day)) => (day_number(day), GIVEN),
                        Ok(None) => (0, MISSING),
                        Err(_) => (0, FAILED),
                    },
                    _ => (0, FAILED),
                },
                None if start.marks().of(at) == GIVEN => (0, MISSING),
                None => (0, start.marks().of(at)),
            };
            moved.push(day);
            moved_marks.push(mark);
        }
        let len = moved.len();
        Vector::new(Data::Date(moved.into()), Marks::each(moved_marks), len)
    }

    /// Adds the days of the rows' intervals, as far as they are past.
    fn add_intervals(
        &mut self,
        at: FrameId,
        rows: &Rows,
        first: &Vector,
        until: &Expr,
        intervals: &mut [Vec<(NaiveDate, NaiveDate)>],
        marks: &mut [Mark],
    ) {
        let mut begun = rows.clone();
        let first = begun.keep_given(first.clone());
        let until = self.at_rows(&begun, until);
        fail_owners(&until, &begun, marks);
        let days = self.frames.days(at);
        for (lane, owner) in begun.owners.iter().enumerate() {
            let today = days.of(*owner);
            let Some(first) = first.day(lane) else { continue };
            let last = until.day(lane).map_or(today, |last| last.min(today));
            if let (true, Some(first), Some(last)) = (first <= last, day_of(first), day_of(last)) {
                change(intervals, *owner, |intervals| intervals.push((first, last)));
            }
        }
    }
}
