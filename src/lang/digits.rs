//! Numbers and days as text, appended to bytes: what files hold, without an allocation a value.

use super::day_of;

/// The most digits of a number of 128 bits.
const MOST: usize = 39;
/// What is split off a number of more than 64 bits at once, and its digits.
const CHUNK: u128 = 1_000_000_000_000_000_000;
const CHUNK_DIGITS: usize = 18;
/// The greatest mantissa of a decimal of ours.
const GREATEST: u128 = (1 << 96) - 1;

/// Appends a whole number.
pub fn push_whole(out: &mut Vec<u8>, number: i64) {
    if number < 0 {
        out.push(b'-');
    }
    let mut digits = Digits::default();
    digits.put_small(number.unsigned_abs(), 1);
    out.extend_from_slice(digits.all());
}

/// Appends a decimal of so many units of 10 to the minus `scale`: without zeros at its end, but with at least so many
/// places, as far as its digits can be held.
pub fn push_decimal(out: &mut Vec<u8>, units: i128, scale: u32, least: u32) {
    if units < 0 {
        out.push(b'-');
    }
    let magnitude = units.unsigned_abs();
    let mut digits = Digits::default();
    let places = match u64::try_from(magnitude).ok().and_then(|small| plain(small, scale, least)) {
        Some((small, places)) => {
            digits.put_small(small, places as usize + 1);
            places
        }
        None => {
            let (magnitude, places) = plain_of_large(magnitude, scale, least);
            digits.put(magnitude, places as usize + 1);
            places
        }
    };
    let digits = digits.all();
    let (whole, part) = digits.split_at_checked(digits.len().saturating_sub(places as usize)).unwrap_or((digits, &[]));
    out.extend_from_slice(whole);
    if !part.is_empty() {
        out.push(b'.');
        out.extend_from_slice(part);
    }
}

/// Appends a day, counted from 1970-01-01, as `2026-06-30`.
pub fn push_day(out: &mut Vec<u8>, number: i32) {
    match civil(number) {
        Some((year, month, day)) => {
            let digit = |number: u32| b'0' + (number % 10) as u8;
            out.extend_from_slice(&[
                digit(year / 1000),
                digit(year / 100),
                digit(year / 10),
                digit(year),
                b'-',
                digit(month / 10),
                digit(month),
                b'-',
                digit(day / 10),
                digit(day),
            ]);
        }
        None => out.extend_from_slice(day_of(number).map(|day| day.to_string()).unwrap_or_default().as_bytes()),
    }
}

/// Year, month and day of the years 0 to 9999. (H. Hinnant, "chrono-compatible low-level date algorithms".)
fn civil(number: i32) -> Option<(u32, u32, u32)> {
    // Days after 0000-03-01: leap days stand at the ends of years then.
    let days = u32::try_from(i64::from(number) + 719_468).ok()?;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = era * 400 + year_of_era + u32::from(month <= 2);
    (year <= 9999).then_some((year, month, day))
}

/// Zeros at the end dropped, and those that are wanted added; `None` where 64 bits do not hold them.
fn plain(mut units: u64, mut scale: u32, least: u32) -> Option<(u64, u32)> {
    while scale >= least.saturating_add(4) && units.is_multiple_of(10_000) {
        (units, scale) = (units / 10_000, scale - 4);
    }
    while scale > least && units.is_multiple_of(10) {
        (units, scale) = (units / 10, scale - 1);
    }
    match least.checked_sub(scale) {
        Some(0) | None => Some((units, scale)),
        Some(more) => Some((units.checked_mul(10u64.checked_pow(more)?)?, least)),
    }
}

fn plain_of_large(mut units: u128, mut scale: u32, least: u32) -> (u128, u32) {
    while scale >= least.saturating_add(CHUNK_DIGITS as u32) && units.is_multiple_of(CHUNK) {
        (units, scale) = (units / CHUNK, scale - CHUNK_DIGITS as u32);
    }
    while (scale > least || scale > 0 && units > GREATEST) && units.is_multiple_of(10) {
        (units, scale) = (units / 10, scale - 1);
    }
    while scale < least
        && let Some(more) = units.checked_mul(10).filter(|more| *more <= GREATEST)
    {
        (units, scale) = (more, scale + 1);
    }
    (units, scale)
}

/// Digits, filled in from the right.
struct Digits {
    bytes: [u8; MOST],
    free: usize,
}

impl Default for Digits {
    fn default() -> Self {
        Self { bytes: [b'0'; MOST], free: MOST }
    }
}

impl Digits {
    fn all(&self) -> &[u8] {
        self.bytes.get(self.free..).unwrap_or_default()
    }

    /// Puts a number before what stands there, with zeros before it up to so many digits.
    fn put_small(&mut self, mut number: u64, least: usize) {
        let mut put = 0;
        for slot in self.bytes.iter_mut().take(self.free).rev() {
            if number == 0 && put >= least {
                break;
            }
            *slot = b'0' + (number % 10) as u8;
            number /= 10;
            put += 1;
        }
        self.free -= put;
    }

    fn put(&mut self, mut number: u128, mut least: usize) {
        while let Err(_) | Ok(CHUNK_LIMIT..) = u64::try_from(number) {
            self.put_small((number % CHUNK) as u64, CHUNK_DIGITS);
            number /= CHUNK;
            least = least.saturating_sub(CHUNK_DIGITS);
        }
        self.put_small(u64::try_from(number).unwrap_or(u64::MAX), least);
    }
}

/// From here on a number is split.
const CHUNK_LIMIT: u64 = 1_000_000_000_000_000_000;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::lang::day_number;
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    fn text(push: impl Fn(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        push(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_are_written_as_people_write_them() {
        let decimal = |units, scale, least| text(|out| push_decimal(out, units, scale, least));
        assert_eq!(decimal(125_000, 2, 2), "1250.00");
        assert_eq!(decimal(125, 0, 2), "125.00");
        assert_eq!(decimal(-5, 2, 2), "-0.05");
        assert_eq!(decimal(0, 10, 2), "0.00");
        assert_eq!(decimal(0, 28, 0), "0");
        assert_eq!(decimal(12_345_600, 5, 2), "123.456");
        assert_eq!(decimal(30, 2, 0), "0.3");
        assert_eq!(decimal(-1_000, 3, 0), "-1");
        assert_eq!(decimal(i128::from(u64::MAX), 0, 2), "18446744073709551615.00");
        assert_eq!(decimal(3_333_333_333_333_333_333_333_333_333, 28, 2), "0.3333333333333333333333333333");
        assert_eq!(decimal(5 * 10i128.pow(27), 28, 0), "0.5");
        assert_eq!(decimal(10i128.pow(37), 28, 2), "1000000000.00");
        let whole = |number| text(|out| push_whole(out, number));
        assert_eq!([0, -7, 10, i64::MAX, i64::MIN].map(whole).join(" "), format!("0 -7 10 {} {}", i64::MAX, i64::MIN));
        // What has no room for more places has none: all 96 bits are taken.
        assert_eq!(decimal(79_228_162_514_264_337_593_543_950_335, 0, 2), "79228162514264337593543950335");
        assert_eq!(decimal(792_281_625_142_643_375_935_439_503_35, 0, 0), "79228162514264337593543950335");
    }

    /// Money as the rest of the program prints it.
    fn by_hand(amount: Decimal, least: u32) -> String {
        let mut amount = amount.normalize();
        if amount.scale() < least {
            amount.rescale(least);
        }
        amount.to_string()
    }

    proptest! {
        #[test]
        fn a_decimal_is_printed_as_decimals_are(
            units in prop_oneof![any::<i64>().prop_map(i128::from), -((1i128 << 96) - 1)..(1i128 << 96)],
            scale in 0u32..=28,
            least in 0u32..=6,
            zeros in 0u32..=10,
        ) {
            let units = units / 10i128.pow(zeros) * 10i128.pow(zeros);
            let amount = Decimal::from_i128_with_scale(units, scale);
            prop_assert_eq!(text(|out| push_decimal(out, units, scale, least)), by_hand(amount, least));
            // The same at any other scale that holds it.
            let small = amount.normalize();
            if let Some(up) = small.mantissa().checked_mul(10i128.pow(28 - small.scale())) {
                prop_assert_eq!(text(|out| push_decimal(out, up, 28, least)), by_hand(amount, least));
            }
        }

        #[test]
        fn a_day_is_printed_as_days_are(number in -800_000i32..4_000_000) {
            let day = day_of(number).unwrap();
            prop_assert_eq!(text(|out| push_day(out, number)), day.to_string());
            prop_assert_eq!(day_number(day), number);
        }
    }
}
