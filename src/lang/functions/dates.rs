//! Months of the calendar.

use chrono::{Datelike, Months, NaiveDate};

/// The same day so many months later; the last day of that month where there is no such day.
pub(super) fn add_months(date: NaiveDate, months: i64) -> Option<NaiveDate> {
    let by = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    if months < 0 { date.checked_sub_months(by) } else { date.checked_add_months(by) }
}

/// The last day of the month.
pub(super) fn end_of_month(date: NaiveDate) -> Option<NaiveDate> {
    date.with_day(1)?.checked_add_months(Months::new(1))?.pred_opt()
}

/// The greatest `n` with `add_months(a, n) <= b`; for `b` before `a`, minus the months from `b` to `a`.
pub(super) fn months_between(a: NaiveDate, b: NaiveDate) -> Option<i64> {
    if b < a {
        return months_between(b, a).map(|n| -n);
    }
    let apart = i64::from(b.year() - a.year()) * 12 + i64::from(b.month()) - i64::from(a.month());
    Some(if add_months(a, apart)? <= b { apart } else { apart - 1 })
}

/// 366 in a leap year, else 365.
pub(super) fn days_in_year(date: NaiveDate) -> i64 {
    if date.leap_year() { 366 } else { 365 }
}

/// Days from one date to another when every month has 30 days: 30E/360.
pub(super) fn days_360(a: NaiveDate, b: NaiveDate) -> i64 {
    let number = |d: NaiveDate| i64::from(d.year()) * 360 + i64::from(d.month()) * 30 + i64::from(d.day().min(30));
    number(b) - number(a)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn months_are_clamped_to_the_end_of_the_month() {
        assert_eq!(add_months(day("2025-08-31"), 6), Some(day("2026-02-28")));
        assert_eq!(add_months(day("2024-03-31"), -1), Some(day("2024-02-29")));
        assert_eq!(months_between(day("2025-08-31"), day("2026-02-28")), Some(6));
        assert_eq!(months_between(day("2025-08-31"), day("2026-02-27")), Some(5));
        assert_eq!(months_between(day("2026-02-28"), day("2025-08-31")), Some(-6));
        assert_eq!(end_of_month(day("2024-02-03")), Some(day("2024-02-29")));
    }

    #[test]
    fn a_commercial_month_has_thirty_days() {
        assert_eq!(days_360(day("2024-01-31"), day("2024-02-29")), 29);
        assert_eq!(days_360(day("2024-02-29"), day("2024-03-31")), 31);
        assert_eq!(days_360(day("2024-01-15"), day("2025-01-15")), 360);
        assert_eq!(days_360(day("2024-03-01"), day("2024-02-29")), -2);
    }

    #[test]
    fn a_month_past_the_calendar_is_none() {
        assert_eq!(add_months(day("2024-01-31"), i64::MAX), None);
        assert_eq!(end_of_month(NaiveDate::MAX), None);
    }
}
