//! Numbers and days as text, appended to bytes: what files hold, without an allocation a value.

use super::day_of;

/// What is split off a number at once, and its digits.
const CHUNK: u64 = 10_000_000_000_000_000;
const CHUNK_DIGITS: u32 = 16;
/// Numbers below it have at most eight digits.
const HALF_CHUNK: u64 = 100_000_000;
/// The greatest mantissa of a decimal of ours.
const GREATEST: u128 = (1 << 96) - 1;

/// Appends a whole number.
pub fn push_whole(out: &mut Vec<u8>, number: i64) {
    if number < 0 {
        out.push(b'-');
    }
    match number.unsigned_abs() {
        magnitude @ ..HALF_CHUNK => push_shorter(out, magnitude as u32),
        magnitude @ ..CHUNK => push_short(out, magnitude, 0),
        magnitude => push_long(out, u128::from(magnitude), 0),
    }
}

/// Appends a decimal of so many units of 10 to the minus `scale`: without zeros at its end, but with at least so many
/// places, as far as its digits can be held.
pub fn push_decimal(out: &mut Vec<u8>, units: i128, scale: u32, least: u32) {
    if units < 0 {
        out.push(b'-');
    }
    let magnitude = units.unsigned_abs();
    match u64::try_from(magnitude).ok().and_then(|small| plain(small, scale, least)) {
        Some((small, places)) if small < CHUNK / 10 && places < CHUNK_DIGITS - 1 => push_short(out, small, places),
        Some((small, places)) => push_long(out, u128::from(small), places),
        None => {
            let (magnitude, places) = plain_of_large(magnitude, scale, least);
            push_long(out, magnitude, places);
        }
    }
}

/// Appends a day, counted from 1970-01-01, as `2026-06-30`.
pub fn push_day(out: &mut Vec<u8>, number: i32) {
    let Some((year, month, day)) = civil(number) else {
        out.extend_from_slice(day_of(number).map(|day| day.to_string()).unwrap_or_default().as_bytes());
        return;
    };
    let digits = u128::from(eight(year * 10_000 + month * 100 + day) | ZEROS as u64);
    let (year, month, day) = (digits >> 32, digits >> 16 & 0xffff, digits & 0xffff);
    let dash = u128::from(b'-');
    let text = year << 48 | dash << 40 | month << 24 | dash << 16 | day;
    push_left(out, text, 10);
}

/// The digit 0 in each of 16 bytes.
const ZEROS: u128 = 0x3030_3030_3030_3030_3030_3030_3030_3030;

/// Appends a number of which the point leaves 15 digits at most, 16 where there is none.
fn push_short(out: &mut Vec<u8>, number: u64, places: u32) {
    let digits = sixteen(number);
    let length = (16 - digits.leading_zeros() / 8).max(places + 1);
    let digits = digits | ZEROS;
    match places {
        0 => push_left(out, digits, length),
        places => {
            let after = 8 * places;
            let (whole, part) = (digits >> after, digits & ((1 << after) - 1));
            push_left(out, whole << 8 << after | u128::from(b'.') << after | part, length + 1);
        }
    }
}

/// Appends a number of at most eight digits, as [`push_left`] does those of 16.
fn push_shorter(out: &mut Vec<u8>, number: u32) {
    let digits = eight(number);
    let spare = (digits.leading_zeros() / 8).min(7);
    out.extend_from_slice(&((digits | ZEROS as u64) << (8 * spare)).to_be_bytes());
    out.truncate(out.len() - spare as usize);
}

/// Appends the last so many of 16 bytes: all 16 from the first of them on, and then drops the rest, which takes fewer
/// steps than to copy so many.
fn push_left(out: &mut Vec<u8>, text: u128, length: u32) {
    let spare = 16 - length.min(16);
    out.extend_from_slice(&(text << (8 * spare)).to_be_bytes());
    out.truncate(out.len() - spare as usize);
}

/// Appends any number.
fn push_long(out: &mut Vec<u8>, number: u128, places: u32) {
    let chunk = u128::from(CHUNK);
    let mut digits = [0; 48];
    let chunks = [number / chunk / chunk, number / chunk % chunk, number % chunk];
    for (to, chunk) in digits.chunks_exact_mut(16).zip(chunks) {
        to.copy_from_slice(&(sixteen(u64::try_from(chunk).unwrap_or(0)) | ZEROS).to_be_bytes());
    }
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    let point = digits.len() - (places as usize).min(digits.len() - 1);
    let first = zeros.min(point - 1);
    out.extend_from_slice(digits.get(first..point).unwrap_or_default());
    if places > 0 {
        out.push(b'.');
        out.extend_from_slice(digits.get(point..).unwrap_or_default());
    }
}

/// The digits of a number below 10 to the 16, one a byte, the first in the highest.
fn sixteen(number: u64) -> u128 {
    let (high, low) = (number / HALF_CHUNK, number % HALF_CHUNK);
    u128::from(eight(high as u32)) << 64 | u128::from(eight(low as u32))
}

/// The digits of a number below 10 to the 8, likewise: halves, quarters and digits are split off in all lanes at once.
/// (P. Khuong, "How to print integers really fast".)
fn eight(number: u32) -> u64 {
    let number = u64::from(number);
    let halves = ((number / 10_000) << 32) | (number % 10_000);
    // 10486 over 2 to the 20 is a hundredth, and 103 over 2 to the 10 a tenth, close enough for four and two digits.
    let hundreds = halves.wrapping_mul(10_486) >> 20 & 0x0000_007f_0000_007f;
    let quarters = (hundreds << 16).wrapping_add(halves.wrapping_sub(hundreds.wrapping_mul(100)));
    let tens = quarters.wrapping_mul(103) >> 10 & 0x000f_000f_000f_000f;
    (tens << 8).wrapping_add(quarters.wrapping_sub(tens.wrapping_mul(10)))
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
    while scale >= least.saturating_add(CHUNK_DIGITS) && units.is_multiple_of(u128::from(CHUNK)) {
        (units, scale) = (units / u128::from(CHUNK), scale - CHUNK_DIGITS);
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
        assert_eq!(decimal(79_228_162_514_264_337_593_543_950_335, 0, 0), "79228162514264337593543950335");
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
