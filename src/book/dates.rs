//! Dates as files write them: `YYYY-MM-DD`, or the patterns the book declares. A time that a pattern names is cut off.

use std::fmt::Write as _;

use chrono::{Datelike, Days, NaiveDate};

/// How a column writes its dates: in one pattern, or in several that never read one text as two days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DateFormat {
    patterns: Vec<Pattern>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    /// As people write it.
    written: String,
    form: Form,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Form {
    Parts(Vec<Part>),
    /// Days counted by a spreadsheet; its 1904 system counts from 1904-01-01.
    Serial {
        from_1904: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Year,
    /// Two digits, or one or two.
    Month {
        fixed: bool,
    },
    /// `Jan`, `Feb` …
    MonthName,
    Day {
        fixed: bool,
    },
    /// Of 24, or of 12 with AM and PM.
    Hour {
        fixed: bool,
        of: u32,
    },
    /// Minutes or seconds.
    Sixtieth,
    /// Digits of a second.
    Fraction,
    HalfDay,
    Mark(char),
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// What a text is to one pattern.
enum Reading {
    Day(NaiveDate),
    /// It has the form, and is no day.
    NoDay(String),
    OtherForm,
}

impl Default for DateFormat {
    fn default() -> Self {
        let dash = Part::Mark('-');
        let parts = vec![Part::Year, dash, Part::Month { fixed: true }, dash, Part::Day { fixed: true }];
        Self { patterns: vec![Pattern { written: "YYYY-MM-DD".into(), form: Form::Parts(parts) }] }
    }
}

impl DateFormat {
    /// From a pattern of `YYYY`, `MM` or `M`, `DD` or `D` and the marks between them, with or without a time; `iso` is
    /// `YYYY-MM-DD`, and `excel` and `excel-1904` are the day numbers of spreadsheets.
    pub(crate) fn parse(written: &str) -> Result<Self, String> {
        let form = match written {
            "iso" => return Ok(Self::default()),
            "excel" => Form::Serial { from_1904: false },
            "excel-1904" => Form::Serial { from_1904: true },
            _ => Form::Parts(parts(written)?),
        };
        Ok(Self { patterns: vec![Pattern { written: written.to_owned(), form }] })
    }

    /// Takes in the patterns of another.
    pub(crate) fn or(&mut self, other: Self) {
        self.patterns.extend(other.patterns);
    }

    /// The date a text stands for, or why it is none.
    pub(crate) fn read(&self, text: &str) -> Result<NaiveDate, String> {
        let (mut found, mut no_day): (Vec<(NaiveDate, &str)>, Option<String>) = (Vec::new(), None);
        for pattern in &self.patterns {
            match pattern.read(text) {
                Reading::Day(day) if found.iter().all(|(known, _)| *known != day) => {
                    found.push((day, &pattern.written))
                }
                Reading::Day(_) | Reading::OtherForm => {}
                Reading::NoDay(why) => no_day = no_day.or(Some(why)),
            }
        }
        let date = match (found.as_slice(), no_day) {
            ([(date, _)], _) => *date,
            ([], Some(why)) => return Err(why),
            ([], None) => return Err(self.other_form(text)),
            ([(one, by), (other, by_other), ..], _) => {
                return Err(format!("is {one} by `{by}` and {other} by `{by_other}`, and both patterns are declared"));
            }
        };
        match date.year() {
            ..1900 => Err("is before 1900".into()),
            2201.. => Err("is after 2200".into()),
            _ => Ok(date),
        }
    }

    /// The day a text would be if day and month stood the other way round, where a file could mean that.
    pub(crate) fn swapped(&self, text: &str) -> Option<NaiveDate> {
        let [Pattern { form: Form::Parts(parts), .. }] = self.patterns.as_slice() else { return None };
        let first_of = parts.iter().find(|p| !matches!(p, Part::Mark(_)))?;
        if !matches!(first_of, Part::Month { .. } | Part::Day { .. }) || parts.contains(&Part::MonthName) {
            return None;
        }
        let (year, month, day) = split(parts, text)?;
        NaiveDate::from_ymd_opt(year, day, month)
    }

    fn other_form(&self, text: &str) -> String {
        let mut all = String::new();
        for (at, pattern) in self.patterns.iter().enumerate() {
            let _ = write!(all, "{}`{}`", if at == 0 { "" } else { " or " }, pattern.written);
        }
        let day = text.split([' ', 'T']).next().filter(|day| *day != text);
        if day.is_some_and(|day| self.read(day).is_ok()) && text.contains(':') {
            return format!(
                "has a time behind its day; declare it for its table in book.yaml: `dates: \"{} HH:mm\"`",
                self.patterns.first().map_or("", |p| p.written.as_str())
            );
        }
        format!(
            "is not a date written {all}; declare `dates:` for its table in book.yaml if the file writes them otherwise"
        )
    }
}

impl Pattern {
    fn read(&self, text: &str) -> Reading {
        match &self.form {
            Form::Serial { from_1904 } => serial(text, *from_1904),
            Form::Parts(parts) => match split(parts, text) {
                None => Reading::OtherForm,
                Some((year, month, day)) => NaiveDate::from_ymd_opt(year, month, day)
                    .map_or_else(|| Reading::NoDay("is no day of the calendar".into()), Reading::Day),
            },
        }
    }
}

/// The day of a spreadsheet's number; the part behind the point is the time of day, and cut off.
fn serial(text: &str, from_1904: bool) -> Reading {
    let (days, time) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(days) || !is_digits(time) || days.len() > 6 {
        return Reading::OtherForm;
    }
    let Ok(days) = days.parse::<u64>() else { return Reading::OtherForm };
    let (from, days) = match (from_1904, days) {
        (true, _) => (NaiveDate::from_ymd_opt(1904, 1, 1), days),
        (false, 60) => return Reading::NoDay("is 29 February 1900 to a spreadsheet, a day that never was".into()),
        // The spreadsheet believes in that day, so that what follows it is one further.
        (false, 61..) => (NaiveDate::from_ymd_opt(1899, 12, 30), days),
        (false, _) => (NaiveDate::from_ymd_opt(1899, 12, 31), days),
    };
    from.and_then(|from| from.checked_add_days(Days::new(days))).map_or(Reading::OtherForm, Reading::Day)
}

fn parts(pattern: &str) -> Result<Vec<Part>, String> {
    let mut parts = Vec::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        let run = rest.chars().take_while(|c| *c == first).count();
        let fixed = run == 2;
        let (part, length) = match (first, run) {
            ('A', 1) if rest.starts_with("AM") => (Part::HalfDay, 2),
            ('Y', 4) => (Part::Year, 4),
            ('M', 1 | 2) => (Part::Month { fixed }, run),
            ('M', 3) => (Part::MonthName, 3),
            ('D', 1 | 2) => (Part::Day { fixed }, run),
            ('H', 1 | 2) => (Part::Hour { fixed, of: 24 }, run),
            ('h', 1 | 2) => (Part::Hour { fixed, of: 12 }, run),
            ('m' | 's', 2) => (Part::Sixtieth, 2),
            ('f', _) => (Part::Fraction, run),
            ('Y', _) => return Err("a year needs its four digits: `YYYY`".into()),
            ('T' | 'Z', 1) => (Part::Mark(first), 1),
            (mark, 1) if !mark.is_ascii_alphanumeric() => (Part::Mark(mark), mark.len_utf8()),
            _ => return Err(format!("`{first}` means nothing in a date pattern")),
        };
        parts.push(part);
        rest = rest.split_at_checked(length).map_or("", |(_, rest)| rest);
    }
    let once = |want: fn(&Part) -> bool| parts.iter().filter(|p| want(p)).count() == 1;
    let complete = once(|p| matches!(p, Part::Year))
        && once(|p| matches!(p, Part::Month { .. } | Part::MonthName))
        && once(|p| matches!(p, Part::Day { .. }));
    let is_open = |p: &Part| {
        matches!(p, Part::Month { fixed: false } | Part::Day { fixed: false } | Part::Hour { fixed: false, .. })
            || *p == Part::Fraction
    };
    let digits = |p: &Part| !matches!(p, Part::Mark(_) | Part::MonthName | Part::HalfDay);
    let ambiguous =
        parts.windows(2).any(|pair| matches!(pair, [a, b] if (is_open(a) && digits(b)) || (is_open(b) && digits(a))));
    let twelve = parts.iter().any(|p| matches!(p, Part::Hour { of: 12, .. }));
    match (complete, ambiguous) {
        (false, _) => Err("a date pattern has a year, a month and a day, each once".into()),
        (_, true) => Err("`M` and `D` may have one digit or two, so a mark must stand beside them".into()),
        _ if twelve != parts.contains(&Part::HalfDay) => {
            Err("an hour of twelve, `h`, and `AM` go together; an hour of the day is `HH`".into())
        }
        _ => Ok(parts),
    }
}

fn split(parts: &[Part], text: &str) -> Option<(i32, u32, u32)> {
    let (mut year, mut month, mut day) = (0, 0, 0);
    let mut rest = text;
    for part in parts {
        let width = |fixed: bool| if fixed { 2 } else { 1 };
        let (value, after) = match part {
            Part::Mark(mark) => (0, rest.strip_prefix(*mark)?),
            Part::MonthName => {
                let (name, after) = rest.split_at_checked(3)?;
                let at = MONTHS.iter().position(|known| name.eq_ignore_ascii_case(known))?;
                (u32::try_from(at).ok()? + 1, after)
            }
            Part::HalfDay => {
                let (half, after) = rest.split_at_checked(2)?;
                (0, Some(after).filter(|_| half.eq_ignore_ascii_case("am") || half.eq_ignore_ascii_case("pm"))?)
            }
            Part::Year => digits(rest, 4, 4)?,
            Part::Month { fixed } | Part::Day { fixed } | Part::Hour { fixed, .. } => digits(rest, width(*fixed), 2)?,
            Part::Sixtieth => digits(rest, 2, 2)?,
            Part::Fraction => digits(rest, 1, 9)?,
        };
        match part {
            Part::Year => year = i32::try_from(value).ok()?,
            Part::Month { .. } | Part::MonthName => month = value,
            Part::Day { .. } => day = value,
            Part::Hour { of: 24, .. } if value > 23 => return None,
            Part::Hour { of: 12, .. } if !(1..=12).contains(&value) => return None,
            Part::Sixtieth if value > 59 => return None,
            _ => {}
        }
        rest = after;
    }
    rest.is_empty().then_some((year, month, day))
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

    fn format(patterns: &str) -> DateFormat {
        let mut all = patterns.split(" | ").map(|p| DateFormat::parse(p).unwrap());
        let mut format = all.next().unwrap();
        all.for_each(|other| format.or(other));
        format
    }

    #[test]
    fn dates_are_read_by_their_pattern() {
        for (pattern, text, date) in [
            ("iso", "2026-02-28", "2026-02-28"),
            ("M/D/YYYY", "2/28/2026", "2026-02-28"),
            ("M/D/YYYY", "02/01/2026", "2026-02-01"),
            ("DD.MM.YYYY", "28.02.2026", "2026-02-28"),
            ("YYYYMMDD", "20260228", "2026-02-28"),
            ("YYYY年M月D日", "2026年2月28日", "2026-02-28"),
            ("D-MMM-YYYY", "3-feb-2026", "2026-02-03"),
            ("M/D/YYYY h:mm:ss AM", "12/31/2025 12:00:00 AM", "2025-12-31"),
            ("YYYY-MM-DD HH:mm:ss", "2025-12-31 23:59:59", "2025-12-31"),
            ("YYYY-MM-DDTHH:mm:ss.fffZ", "2025-12-31T00:00:00.0Z", "2025-12-31"),
            ("excel", "45657", "2024-12-31"),
            ("excel", "45657.75", "2024-12-31"),
            ("excel", "59", "1900-02-28"),
            ("excel", "61", "1900-03-01"),
            ("excel-1904", "44195", "2024-12-31"),
            ("iso | excel", "45657", "2024-12-31"),
            ("M/D/YYYY | D/M/YYYY", "13/2/2026", "2026-02-13"),
            ("M/D/YYYY | D/M/YYYY", "2/2/2026", "2026-02-02"),
        ] {
            assert_eq!(format(pattern).read(text).map(|d| d.to_string()).unwrap_or_default(), date, "{pattern} {text}");
        }
        for (pattern, text) in [
            ("iso", "2026-2-28"),
            ("iso", "2026-02-30"),
            ("iso", "2026-02-28T00:00"),
            ("iso", "1899-12-31"),
            ("iso", "2201-01-01"),
            ("DD.MM.YYYY", "1.2.2026"),
            ("YYYY-MM-DD HH:mm", "2026-02-28 24:00"),
            ("M/D/YYYY h:mm AM", "2/28/2026 0:30 AM"),
            ("excel", "60"),
            ("excel", "20260228"),
            ("excel", "-5"),
            ("M/D/YYYY | D/M/YYYY", "3/4/2026"),
        ] {
            assert!(format(pattern).read(text).is_err(), "{pattern} {text}");
        }
        for pattern in ["YY-MM-DD", "MDYYYY", "YYYY-MM", "YYYY-MM-DD hh", "YYYY-MM-MM-DD", "YYYY-MM-DD h:mm", ""] {
            assert!(DateFormat::parse(pattern).is_err(), "{pattern}");
        }
    }
}
