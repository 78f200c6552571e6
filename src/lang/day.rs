//! Days as numbers, as columns hold them.

use chrono::{Datelike, NaiveDate};

/// The number of 1970-01-01 in chrono's count of days.
const EPOCH: i32 = 719_163;

/// Days after 1970-01-01, negative before it: what Arrow calls a Date32.
pub fn day_number(day: NaiveDate) -> i32 {
    day.num_days_from_ce() - EPOCH
}

/// The day of a number; `None` outside the calendar.
pub fn day_of(number: i32) -> Option<NaiveDate> {
    NaiveDate::from_num_days_from_ce_opt(number.checked_add(EPOCH)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_count_from_1970() {
        for (text, number) in [("1970-01-01", 0), ("1969-12-31", -1), ("2026-06-30", 20_634)] {
            let day: NaiveDate = text.parse().unwrap_or_default();
            assert_eq!(day_number(day), number, "{text}");
            assert_eq!(day_of(number), Some(day));
        }
        for day in [NaiveDate::MIN, NaiveDate::MAX] {
            assert_eq!(day_of(day_number(day)), Some(day));
        }
    }
}
