//! Dates as files write them: `YYYY-MM-DD`, or a pattern the book declares.

use chrono::{Datelike, NaiveDate};

/// How a file writes its dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DateFormat {
    /// As people write it.
    pattern: String,
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Year,
    /// Two digits, or one or two.
    Month {
        fixed: bool,
    },
    Day {
        fixed: bool,
    },
    Mark(char),
}

impl Default for DateFormat {
    fn default() -> Self {
        let dash = Part::Mark('-');
        let parts = vec![Part::Year, dash, Part::Month { fixed: true }, dash, Part::Day { fixed: true }];
        Self { pattern: "YYYY-MM-DD".into(), parts }
    }
}

impl DateFormat {
    /// From a pattern of `YYYY`, `MM` or `M`, `DD` or `D` and the marks between them; `iso` is `YYYY-MM-DD`.
    pub(crate) fn parse(pattern: &str) -> Result<Self, String> {
        if pattern == "iso" {
            return Ok(Self::default());
        }
        let mut parts = Vec::new();
        let mut rest = pattern;
        while let Some(first) = rest.chars().next() {
            let run = rest.chars().take_while(|c| *c == first).count();
            let part = match (first, run) {
                ('Y', 4) => Part::Year,
                ('M', 1 | 2) => Part::Month { fixed: run == 2 },
                ('D', 1 | 2) => Part::Day { fixed: run == 2 },
                ('Y', _) => return Err("a year needs its four digits: `YYYY`".into()),
                (mark, 1) if !mark.is_ascii_alphanumeric() => Part::Mark(mark),
                _ => return Err(format!("`{first}` means nothing in a date pattern")),
            };
            parts.push(part);
            rest = rest.split_at_checked(first.len_utf8() * run).map_or("", |(_, rest)| rest);
        }
        let once = |want: fn(&Part) -> bool| parts.iter().filter(|p| want(p)).count() == 1;
        let complete = once(|p| matches!(p, Part::Year))
            && once(|p| matches!(p, Part::Month { .. }))
            && once(|p| matches!(p, Part::Day { .. }));
        let is_open = |p: &Part| matches!(p, Part::Month { fixed: false } | Part::Day { fixed: false });
        let ambiguous = parts.windows(2).any(
            |pair| matches!(pair, [a, b] if (is_open(a) && !matches!(b, Part::Mark(_))) || (is_open(b) && !matches!(a, Part::Mark(_)))),
        );
        match (complete, ambiguous) {
            (false, _) => Err("a date pattern has a year, a month and a day, each once".into()),
            (_, true) => Err("`M` and `D` may have one digit or two, so a mark must stand beside them".into()),
            _ => Ok(Self { pattern: pattern.to_owned(), parts }),
        }
    }

    /// The date a text stands for, or why it is none.
    pub(crate) fn read(&self, text: &str) -> Result<NaiveDate, String> {
        let Some((year, month, day)) = self.split(text) else {
            let declare = "declare `dates:` for its table in book.yaml if the file writes them otherwise";
            return Err(format!("is not a date written `{}`; {declare}", self.pattern));
        };
        let date = NaiveDate::from_ymd_opt(year, month, day).ok_or("is no day of the calendar")?;
        match date.year() {
            ..1900 => Err("is before 1900".into()),
            2201.. => Err("is after 2200".into()),
            _ => Ok(date),
        }
    }

    fn split(&self, text: &str) -> Option<(i32, u32, u32)> {
        let (mut year, mut month, mut day) = (0, 0, 0);
        let mut rest = text;
        for part in &self.parts {
            let (value, after) = match part {
                Part::Mark(mark) => (0, rest.strip_prefix(*mark)?),
                Part::Year => digits(rest, 4, 4)?,
                Part::Month { fixed } | Part::Day { fixed } => digits(rest, if *fixed { 2 } else { 1 }, 2)?,
            };
            match part {
                Part::Mark(_) => {}
                Part::Year => year = i32::try_from(value).ok()?,
                Part::Month { .. } => month = value,
                Part::Day { .. } => day = value,
            }
            rest = after;
        }
        rest.is_empty().then_some((year, month, day))
    }
}

/// As many digits as stand there, between `least` and `most`.
fn digits(text: &str, least: usize, most: usize) -> Option<(u32, &str)> {
    let count = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at_checked(count)?;
    if count < least { None } else { Some((number.parse().ok()?, rest)) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn dates_are_read_by_their_pattern() {
        for (pattern, text, date) in [
            ("iso", "2026-02-28", "2026-02-28"),
            ("M/D/YYYY", "2/28/2026", "2026-02-28"),
            ("M/D/YYYY", "02/01/2026", "2026-02-01"),
            ("DD.MM.YYYY", "28.02.2026", "2026-02-28"),
            ("YYYYMMDD", "20260228", "2026-02-28"),
            ("YYYY年M月D日", "2026年2月28日", "2026-02-28"),
        ] {
            let read = DateFormat::parse(pattern).and_then(|f| f.read(text));
            assert_eq!(read.map(|d| d.to_string()).unwrap_or_default(), date, "{pattern} {text}");
        }
        for (pattern, text) in [
            ("iso", "2026-2-28"),
            ("iso", "2026-02-30"),
            ("iso", "2026-02-28T00:00"),
            ("iso", "1899-12-31"),
            ("iso", "2201-01-01"),
            ("DD.MM.YYYY", "1.2.2026"),
        ] {
            assert!(DateFormat::parse(pattern).unwrap().read(text).is_err(), "{pattern} {text}");
        }
        for pattern in ["YY-MM-DD", "MDYYYY", "YYYY-MM", "YYYY-MM-DD hh", "YYYY-MM-MM-DD", ""] {
            assert!(DateFormat::parse(pattern).is_err(), "{pattern}");
        }
    }
}
