//! Calendar dates.

use chrono::NaiveDate;

use super::super::tree::Tree;
use super::scalar;
use crate::diag::{Code, Diagnostic};

/// A date written `YYYY-MM-DD`.
pub fn date(tree: &Tree, sink: &mut Vec<Diagnostic>) -> Option<NaiveDate> {
    let written = scalar(tree, "a date", sink)?.text.text.as_str();
    let (message, help) = match split(written) {
        Ok((year, month, day)) => match NaiveDate::from_ymd_opt(year, month, day) {
            Some(date) => return Some(date),
            None => impossible(written, year, month),
        },
        Err(help) => (format!("`{written}` is not a date written YYYY-MM-DD"), help),
    };
    sink.push(Diagnostic::error(Code::BadDate, message, tree.place.clone()).help(help));
    None
}

fn impossible(written: &str, year: i32, month: u32) -> (String, String) {
    let message = format!("`{written}` does not exist");
    let first = NaiveDate::from_ymd_opt(year, month, 1);
    let last =
        first.and_then(|first| first.checked_add_months(chrono::Months::new(1))).and_then(|next| next.pred_opt());
    let help = match last {
        Some(last) => format!("the last day of that month is {last}"),
        None => "months run from 01 to 12".to_owned(),
    };
    (message, help)
}

/// Year, month and day; or how to write what was probably meant.
fn split(written: &str) -> Result<(i32, u32, u32), String> {
    let plain = "write year, month and day: `2026-01-31`";
    let parts: Vec<&str> = written.split(['-', '/', '.', '年', '月']).map(|part| part.trim_end_matches('日')).collect();
    let numbers: Vec<u32> =
        parts.iter().filter(|part| is_short_number(part)).filter_map(|part| part.parse().ok()).collect();
    let ([year, month, day], [_, _, _]) = (numbers.as_slice(), parts.as_slice()) else { return Err(plain.to_owned()) };
    let as_it_should = format!("{year:04}-{month:02}-{day:02}");
    match i32::try_from(*year) {
        Ok(year) if as_it_should == written => Ok((year, *month, *day)),
        _ if *year >= 1000 => Err(format!("write `{as_it_should}`")),
        _ => Err(plain.to_owned()),
    }
}

fn is_short_number(part: &str) -> bool {
    (1..=4).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
}
