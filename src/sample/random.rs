//! A small generator of numbers that look random: splitmix64, the same on every machine.

use chrono::{Days, NaiveDate};

/// A stream of numbers that depends on nothing but its two seeds.
pub(super) struct Random(u64);

impl Random {
    /// The stream of one subject: equal seeds give equal streams, different ones have nothing in common.
    pub(super) fn new(seed: u64, subject: u64) -> Self {
        Random(scramble(seed ^ 0x5bf0_3635_d1c9_a7e1).wrapping_add(scramble(subject)))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        scramble(self.0)
    }

    /// A number from `low` to `high`, both possible; `low` when `high` lies before it.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = u128::from(high.saturating_sub(low).max(0).unsigned_abs()) + 1;
        let offset = (u128::from(self.next()) * span) >> 64;
        low.saturating_add(i64::try_from(offset).unwrap_or(0))
    }

    /// True this many times in a hundred.
    pub(super) fn percent(&mut self, chance: i64) -> bool {
        self.between(1, 100) <= chance
    }

    /// One of the words.
    pub(super) fn pick(&mut self, words: &[&'static str]) -> &'static str {
        let last = i64::try_from(words.len()).unwrap_or(1) - 1;
        let at = usize::try_from(self.between(0, last)).unwrap_or(0);
        words.get(at).copied().unwrap_or("")
    }
}

/// The finisher of splitmix64.
fn scramble(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The date so many days later, or earlier when negative; the date itself at the end of the calendar.
pub(super) fn add(date: NaiveDate, days: i64) -> NaiveDate {
    let moved = if days < 0 {
        date.checked_sub_days(Days::new(days.unsigned_abs()))
    } else {
        date.checked_add_days(Days::new(days.unsigned_abs()))
    };
    moved.unwrap_or(date)
}
