//! Numbers, exact from their text: nothing passes through a float.

use rust_decimal::Decimal;

use super::super::tree::Tree;
use super::scalar;
use crate::diag::{Code, Diagnostic};

/// The most digits a number may have.
const MAX_DIGITS: usize = 28;

/// An exact number: `5`, `-0.25`, or a share as `5%` (which is 0.05).
pub fn decimal(tree: &Tree, sink: &mut Vec<Diagnostic>) -> Option<Decimal> {
    let scalar = scalar(tree, "a number", sink)?;
    let written = scalar.text.text.as_str();
    let read = parse_decimal(written);
    let (message, help) = match (read, scalar.quoted) {
        (Ok(number), false) => return Some(number),
        (Ok(_), true) => (format!("`{written}` in quotes is a text, not a number"), "take the quotes away".to_owned()),
        (Err((message, help)), _) => (message, help),
    };
    sink.push(Diagnostic::error(Code::BadNumber, message, tree.place.clone()).help(help));
    None
}

/// A whole number, without a decimal point or `%`.
pub fn whole(tree: &Tree, sink: &mut Vec<Diagnostic>) -> Option<i64> {
    let written = tree.text().unwrap_or("");
    if let Some(help) = counted(written)
        .map(|count| format!("write `{count}`: the key says the unit"))
        .or_else(|| written.starts_with(char::is_alphabetic).then(|| "write a whole number in digits: `10`".to_owned()))
    {
        let message = format!("`{written}` is not a whole number");
        sink.push(Diagnostic::error(Code::BadNumber, message, tree.place.clone()).help(help));
        return None;
    }
    let before = sink.len();
    let number = decimal(tree, sink);
    if let (Some(_), Ok(whole)) = (number, written.parse()) {
        return Some(whole);
    }
    if sink.len() == before {
        let message = format!("`{written}` is not a whole number");
        let help = "write digits only, up to 9223372036854775807";
        sink.push(Diagnostic::error(Code::BadNumber, message, tree.place.clone()).help(help));
    }
    None
}

/// The count of `10 days`, `3d` or `12个月`.
fn counted(written: &str) -> Option<&str> {
    const UNITS: [&str; 11] = ["d", "day", "days", "m", "month", "months", "天", "日", "月", "个月", "個月"];
    let end = written.find(|c: char| !c.is_ascii_digit() && c != '-')?;
    let (count, unit) = written.split_at_checked(end)?;
    let is_day_or_month = UNITS.iter().any(|known| unit.trim().eq_ignore_ascii_case(known));
    (count.parse::<i64>().is_ok() && is_day_or_month).then_some(count)
}

/// The number a text stands for; or a message and a help that say why it stands for none.
pub fn parse_decimal(written: &str) -> Result<Decimal, (String, String)> {
    let (digits, is_share) = match written.strip_suffix('%') {
        Some(digits) => (digits, true),
        None => (written, false),
    };
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    let (before, after) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(before) || !is_digits(after) {
        return Err(not_a_number(written));
    }
    let significant = unsigned.bytes().filter(u8::is_ascii_digit).skip_while(|b| *b == b'0').count();
    let scale = if unsigned.contains('.') { after.len() } else { 0 } + if is_share { 2 } else { 0 };
    let exact = Decimal::from_str_exact(digits).ok().filter(|_| significant <= MAX_DIGITS && scale <= MAX_DIGITS);
    let Some(mut number) = exact else {
        let message = format!("`{written}` has more digits than can be held exactly");
        return Err((message, format!("write at most {MAX_DIGITS} digits")));
    };
    if is_share && number.set_scale(number.scale() + 2).is_err() {
        return Err(not_a_number(written));
    }
    Ok(number)
}

fn not_a_number(written: &str) -> (String, String) {
    let without = |marks: &[char]| written.chars().filter(|c| !marks.contains(c)).collect::<String>();
    let plain =
        without(&[',', '_', ' ', '\u{a0}', '\u{202f}', '，', '\'', '¥', '￥', '$', '€', '£', '+']).replace('％', "%");
    let ascii = plain.chars().map(ascii_digit).collect::<String>();
    let ascii = if ascii.starts_with('.') { format!("0{ascii}") } else { ascii };
    let close = without(&[' ', '\u{a0}', '\u{202f}']).replace('％', "%");
    let (whole, rest) = close.split_once(',').unwrap_or((close.as_str(), ""));
    // `800,000` has its thousands apart; `0,04`, `12,5` and `3,375 %` have a comma for the point.
    let thousands = rest.len() == 3 && !rest.ends_with('%') && whole != "0";
    let is_decimal = !rest.contains(',') && !thousands;
    let pointed = close.replacen(',', ".", 1);
    let help = if written.to_ascii_lowercase().contains('e') && written.starts_with(|c: char| c.is_ascii_digit()) {
        "write the number out in digits, without `e`".to_owned()
    } else if is_decimal && !rest.is_empty() && parse_decimal(&pointed).is_ok() {
        format!("write `{pointed}`")
    } else if let Some(number) = in_ten_thousands(written) {
        format!("write `{number}`")
    } else if ascii != written && parse_decimal(&ascii).is_ok() {
        format!("write `{ascii}`")
    } else {
        "write digits, with `.` before the decimals: `1500`, `0.25`, `5%`".to_owned()
    };
    (format!("`{written}` is not a number"), help)
}

/// A full-width digit or point as its plain form.
fn ascii_digit(c: char) -> char {
    match c {
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10).unwrap_or(c),
        '．' => '.',
        '－' | '−' => '-',
        _ => c,
    }
}

/// `80万` and `1.5亿`, written out.
fn in_ten_thousands(written: &str) -> Option<Decimal> {
    let (digits, factor) = match written.strip_suffix('万') {
        Some(digits) => (digits, 10_000),
        None => (written.strip_suffix('亿')?, 100_000_000),
    };
    let number = parse_decimal(digits.trim_end()).ok()?.checked_mul(Decimal::from(factor))?;
    Some(number.normalize())
}
