//! The plain forms of values, read straight from the bytes: what nearly every cell of a book is written in. What has
//! another form is no error here: [`super::cells::CellReader`] reads it, or says why it cannot be read.

/// The day of `2026-06-30`, counted from 1970, where it is one of the years 1900 to 2200.
pub(crate) fn day(text: &[u8]) -> Option<i32> {
    let [a, b, c, d, b'-', e, f, b'-', g, h] = text else { return None };
    let (year, month, day) = (two(*a, *b)? * 100 + two(*c, *d)?, two(*e, *f)?, two(*g, *h)?);
    if !(1900..=2200).contains(&year) {
        return None;
    }
    // Of these years only 2000 is a leap year among the full centuries.
    let leap = year % 4 == 0 && !matches!(year, 1900 | 2100 | 2200);
    let (before, length) = *MONTHS.get(usize::try_from(month).ok()?)?;
    if day == 0 || day > length + i32::from(leap && month == 2) {
        return None;
    }
    let leap_days = (year - 1901) / 4 - i32::from(year > 2100) + i32::from(leap && month > 2);
    Some((year - 1900) * 365 + leap_days + before + day - 1 - DAYS_FROM_1900)
}

/// From 1 January 1900 to 1 January 1970.
const DAYS_FROM_1900: i32 = 25_567;

/// The days before each month of a year and in it; there is no month 0.
const MONTHS: [(i32, i32); 13] = [
    (0, 0),
    (0, 31),
    (31, 28),
    (59, 31),
    (90, 30),
    (120, 31),
    (151, 30),
    (181, 31),
    (212, 31),
    (243, 30),
    (273, 31),
    (304, 30),
    (334, 31),
];

fn two(tens: u8, ones: u8) -> Option<i32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens <= 9 && ones <= 9).then(|| i32::from(tens) * 10 + i32::from(ones))
}

/// The most digits of which every number fits 64 bits.
const DIGITS: u32 = 18;

/// `-1200` of at most 18 digits.
pub(crate) fn whole(text: &[u8]) -> Option<i64> {
    // A mark that is no character of a text.
    decimal(text, 0xFF).map(|(number, _)| number)
}

/// `-1200.50` of at most 18 digits, with this mark before the fraction: how many units, and how many places the
/// fraction has.
pub(crate) fn decimal(text: &[u8], mark: u8) -> Option<(i64, u32)> {
    let (negative, text) = match text {
        [b'-', text @ ..] => (true, text),
        text => (false, text),
    };
    let (mut units, mut digits, mut whole) = (0_i64, 0_u32, None);
    for byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit <= 9 {
            // Too many digits are refused below.
            units = units.wrapping_mul(10).wrapping_add(i64::from(digit));
            digits = digits.wrapping_add(1);
        } else if *byte == mark && whole.is_none() {
            whole = Some(digits);
        } else {
            return None;
        }
    }
    let places = whole.map_or(0, |whole| digits - whole);
    (1..=DIGITS).contains(&digits).then(|| (if negative { -units } else { units }, places))
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::lang::day_number;

    #[test]
    fn every_day_of_the_years_1900_to_2200_has_its_number() {
        for year in 1899..=2201 {
            for month in 0..=13 {
                for of_month in 0..=32 {
                    let text = format!("{year:04}-{month:02}-{of_month:02}");
                    let known = NaiveDate::from_ymd_opt(year, month, of_month).map(day_number);
                    let known = known.filter(|_| (1900..=2200).contains(&year));
                    assert_eq!(day(text.as_bytes()), known, "{text}");
                }
            }
        }
        for text in ["2026-6-30", "2026/06/30", "2026-06-30 ", "2026-06-3o", "20260630", ""] {
            assert_eq!(day(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn plain_numbers_are_digits_with_a_mark() {
        for (text, read) in [
            ("100.10", Some((10010, 2))),
            ("-0.05", Some((-5, 2))),
            (".5", Some((5, 1))),
            ("5.", Some((5, 0))),
            ("0000123", Some((123, 0))),
            ("999999999999999999", Some((999_999_999_999_999_999, 0))),
            ("9999999999999999.99", Some((999_999_999_999_999_999, 2))),
            ("1000000000000000000", None),
            ("-9223372036854775808", None),
            ("99999999999999999999999999999999999999999", None),
            ("", None),
            ("-", None),
            (".", None),
            ("--1", None),
            ("1.2.3", None),
            ("+1", None),
            ("1,5", None),
        ] {
            assert_eq!(decimal(text.as_bytes(), b'.'), read, "{text}");
        }
        assert_eq!(decimal(b"1,5", b','), Some((15, 1)));
        assert_eq!((whole(b"-12"), whole(b"1.0"), whole(b"")), (Some(-12), None, None));
    }
}
