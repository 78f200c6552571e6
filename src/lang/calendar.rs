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
    /// The years whose holidays it has, where it says so: of a day of another year nobody knows whether it is worked.
    pub covers: Option<BTreeSet<i32>>,
}

impl Calendar {
    /// Whether it can be said of a day that it is worked or not.
    pub fn knows(&self, day: NaiveDate) -> bool {
        self.covers.as_ref().is_none_or(|years| years.contains(&day.year()))
    }

    /// Whether the day is worked; of a day that is not known, by its weekday.
    pub fn is_business_day(&self, day: NaiveDate) -> bool {
        self.working.contains(&day) || !(self.weekend.contains(&day.weekday()) || self.holidays.contains(&day))
    }

    /// The day itself, or the first business day after it.
    ///
    /// # Errors
    ///
    /// When there is none within 366 days, or a day on the way is not known; the reason in words.
    pub fn on_or_after(&self, day: NaiveDate) -> Result<NaiveDate, String> {
        self.first_worked(day.iter_days())
    }

    /// The day itself, or the last business day before it.
    ///
    /// # Errors
    ///
    /// When there is none within 366 days, or a day on the way is not known; the reason in words.
    pub fn on_or_before(&self, day: NaiveDate) -> Result<NaiveDate, String> {
        self.first_worked(std::iter::successors(Some(day), NaiveDate::pred_opt))
    }

    /// Business days after `from` up to and including `to`; negative when `to` lies before `from`.
    ///
    /// # Errors
    ///
    /// When a day between them is not known; the reason in words.
    pub fn business_days_between(&self, from: NaiveDate, to: NaiveDate) -> Result<i64, String> {
        let (first, last) = if from <= to { (from, to) } else { (to, from) };
        let mut count: i64 = 0;
        for day in first.iter_days().skip(1).take_while(|day| *day <= last) {
            count += i64::from(self.is_known_business_day(day)?);
        }
        Ok(if from <= to { count } else { -count })
    }

    fn first_worked(&self, days: impl Iterator<Item = NaiveDate>) -> Result<NaiveDate, String> {
        for day in days.take(367) {
            if self.is_known_business_day(day)? {
                return Ok(day);
            }
        }
        Err("there is no business day within a year".into())
    }

    fn is_known_business_day(&self, day: NaiveDate) -> Result<bool, String> {
        if self.knows(day) {
            return Ok(self.is_business_day(day));
        }
        let year = day.year();
        Err(format!("the calendar has no holidays of {year}: add them, and {year} to its `covers`"))
    }
}
