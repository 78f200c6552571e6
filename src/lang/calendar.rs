//! Working days.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, Weekday};

/// Which days are not worked. Without weekend and holidays every day is a business day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// Days of the week.
    pub weekend: Vec<Weekday>,
    /// Dates.
    pub holidays: BTreeSet<NaiveDate>,
    /// Dates worked although they fall on a weekend (as Chinese calendars declare before long holidays).
    pub working: BTreeSet<NaiveDate>,
}

impl Calendar {
    /// Whether the day is worked.
    pub fn is_business_day(&self, day: NaiveDate) -> bool {
        self.working.contains(&day) || !(self.weekend.contains(&day.weekday()) || self.holidays.contains(&day))
    }

    /// The day itself, or the first business day after it; `None` when there is none within 366 days.
    pub fn on_or_after(&self, day: NaiveDate) -> Option<NaiveDate> {
        day.iter_days().take(367).find(|d| self.is_business_day(*d))
    }

    /// The day itself, or the last business day before it; `None` when there is none within 366 days.
    pub fn on_or_before(&self, day: NaiveDate) -> Option<NaiveDate> {
        std::iter::successors(Some(day), NaiveDate::pred_opt).take(367).find(|d| self.is_business_day(*d))
    }

    /// Business days after `from` up to and including `to`; negative when `to` lies before `from`.
    pub fn business_days_between(&self, from: NaiveDate, to: NaiveDate) -> i64 {
        let count = |a: NaiveDate, b: NaiveDate| {
            a.iter_days().skip(1).take_while(|d| *d <= b).filter(|d| self.is_business_day(*d)).count()
        };
        let signed = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        if to >= from { signed(count(from, to)) } else { -signed(count(to, from)) }
    }
}
