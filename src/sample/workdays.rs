//! The days no letter goes out, as in the pack's `calendars/cn.csv`.

use chrono::{Datelike, NaiveDate, Weekday};

use super::random::add;

/// Month, first day and last day of the public holidays of 2026.
const HOLIDAYS: [(u32, u32, u32); 7] =
    [(1, 1, 3), (2, 15, 23), (4, 4, 6), (5, 1, 5), (6, 19, 21), (9, 25, 27), (10, 1, 7)];
/// Weekend days of 2026 that are worked.
const WORKED: [(u32, u32); 6] = [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)];

fn is_worked(day: NaiveDate) -> bool {
    let (year, month, of_month) = (day.year(), day.month(), day.day());
    if year == 2026 {
        if WORKED.contains(&(month, of_month)) {
            return true;
        }
        if HOLIDAYS.iter().any(|(m, from, to)| *m == month && (*from..=*to).contains(&of_month)) {
            return false;
        }
    }
    !matches!(day.weekday(), Weekday::Sat | Weekday::Sun)
}

/// The day itself, or the first worked day after it.
pub(super) fn next_worked(day: NaiveDate) -> NaiveDate {
    (0..30).map(|n| add(day, n)).find(|d| is_worked(*d)).unwrap_or(day)
}
