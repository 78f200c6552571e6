//! Dates that intervals move, as disputes do those of reminders.

use chrono::{Days, NaiveDate};

/// The start date, moved by the days of the intervals it meets (both ends counted), as it is known on a day; days that
/// several intervals share count once. `None` while an interval that moves it still runs: nobody knows the day then. The
/// error is the reason in words.
pub(super) fn postponed(
    start: NaiveDate,
    today: NaiveDate,
    mut intervals: Vec<(NaiveDate, NaiveDate)>,
) -> Result<Option<NaiveDate>, &'static str> {
    intervals.sort_unstable();
    let day = moved(start, &intervals).ok_or("the date is too late to hold")?;
    let runs = |(first, last): &(NaiveDate, NaiveDate)| *first <= day && *last >= today;
    Ok((day <= today || !intervals.iter().any(runs)).then_some(day))
}

/// A date past the days of the intervals, sorted by their first day, that begin on or before it.
fn moved(start: NaiveDate, intervals: &[(NaiveDate, NaiveDate)]) -> Option<NaiveDate> {
    let mut day = start;
    let mut counted_to: Option<NaiveDate> = None;
    for (first, last) in intervals {
        let first = match counted_to {
            Some(done) if done >= *first => done.succ_opt()?,
            _ => *first,
        };
        if first > day {
            break;
        }
        if first > *last {
            continue;
        }
        let days = u64::try_from((*last - first).num_days() + 1).ok()?;
        day = day.checked_add_days(Days::new(days))?;
        counted_to = Some(*last);
    }
    Some(day)
}
