//! Exact decimals from text; nothing is ever a float.

use rust_decimal::Decimal;

/// How a file writes its numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NumberFormat {
    /// Between the whole part and the rest.
    pub(crate) decimal: char,
    /// Between groups of three digits, where there is one.
    pub(crate) thousands: Option<char>,
    /// Currency signs that may stand before or behind a number, the longest first.
    pub(crate) signs: Vec<String>,
}

impl Default for NumberFormat {
    fn default() -> Self {
        Self { decimal: '.', thousands: None, signs: Vec::new() }
    }
}

/// The number a text stands for, or why it is none.
pub(crate) fn read(text: &str, format: &NumberFormat) -> Result<Decimal, String> {
    let Some((negative, unsigned)) = bare(text, &format.signs) else { return Err("is not a number".into()) };
    let (whole, fraction) = unsigned.split_once(format.decimal).unwrap_or((unsigned, ""));
    let whole = match format.thousands {
        Some(' ') => ungrouped(&whole.replace(['\u{a0}', '\u{202f}'], " "), ' ')?,
        Some(mark) => ungrouped(whole, mark)?,
        None => whole.to_owned(),
    };
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if !digits(&whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return Err(why_not(text, format));
    }
    let sign = if negative { "-" } else { "" };
    let whole = if whole.is_empty() { "0" } else { &whole };
    let plain = if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") };
    let number = Decimal::from_str_exact(&plain).map_err(|_| "has more digits than the 28 that are held exactly")?;
    Ok(if number.is_zero() { Decimal::ZERO } else { number })
}

/// A number without what stands around it: whether it is negative (`-5`, `5-`, `(5)`), and the rest. Each of sign and
/// currency sign may stand once.
fn bare<'t>(text: &'t str, signs: &[String]) -> Option<(bool, &'t str)> {
    let (mut rest, mut negative, mut signed) = (text.trim(), false, false);
    loop {
        let minus = (rest.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')))
            .or_else(|| rest.strip_prefix(['-', '\u{2212}']))
            .or_else(|| rest.strip_suffix('-'));
        let currency =
            || signs.iter().find_map(|s| rest.strip_prefix(s.as_str()).or_else(|| rest.strip_suffix(s.as_str())));
        let (found, seen) = match minus {
            Some(found) => (found, &mut negative),
            None => match currency() {
                Some(found) => (found, &mut signed),
                None => return Some((negative, rest)),
            },
        };
        if std::mem::replace(seen, true) {
            return None;
        }
        rest = found.trim();
    }
}

/// The whole number a text stands for, or why it is none.
pub(crate) fn read_whole(text: &str, format: &NumberFormat) -> Result<i64, String> {
    let number = read(text, format)?;
    if !number.fract().is_zero() {
        return Err("is not a whole number".into());
    }
    i64::try_from(number.trunc()).map_err(|_| "is too large".into())
}

fn ungrouped(whole: &str, mark: char) -> Result<String, String> {
    if !whole.contains(mark) {
        return Ok(whole.to_owned());
    }
    let groups: Vec<&str> = whole.split(mark).collect();
    let sizes_fit = groups.iter().skip(1).all(|g| g.chars().count() == 3)
        && groups.first().is_some_and(|g| (1..=3).contains(&g.chars().count()));
    if sizes_fit { Ok(groups.concat()) } else { Err(format!("has `{mark}` where no group of three digits begins")) }
}

fn why_not(text: &str, format: &NumberFormat) -> String {
    let looks_like_e = text.split_once(['e', 'E']).is_some_and(|(a, b)| {
        a.chars().any(|c| c.is_ascii_digit()) && b.chars().all(|c| c.is_ascii_digit() || "+-".contains(c))
    });
    if !text.chars().any(|c| c.is_ascii_digit()) {
        "is not a number".into()
    } else if let Some(sign) = currency_sign(text) {
        format!("has `{sign}`; declare `currency_sign: \"{sign}\"` for its table in book.yaml")
    } else if text.chars().any(char::is_alphabetic) && !looks_like_e {
        "is not a number alone; leave out units and words".into()
    } else if looks_like_e {
        "is written with an exponent; write all its digits".into()
    } else if text.contains('%') {
        "is a percentage; only shares and rates may be written so".into()
    } else if text.starts_with('+') {
        "is not a number as read here; write a positive number without a sign".into()
    } else if let Some(mark) = [',', '.', '\'', '’', ' ', '\u{a0}', '\u{202f}'].into_iter().find(|m| text.contains(*m))
    {
        let declare = "in book.yaml";
        if mark == format.decimal || Some(mark) == format.thousands {
            return "is not a number".into();
        }
        match mark {
            ',' | '.' => {
                format!(
                    "has `{mark}`; declare `thousands: \"{mark}\"` or `decimal: \"{mark}\"` for its table {declare}"
                )
            }
            _ => format!("has `{mark}` between digits; declare `thousands: \"{mark}\"` for its table {declare}"),
        }
    } else {
        "is not a number".into()
    }
}

/// The currency sign or code that stands before or behind the digits of a text.
pub(crate) fn currency_sign(text: &str) -> Option<&str> {
    const SIGNS: &[char] = &['$', '€', '£', '¥', '￥', '元', '₩', '₹', '₽', '฿'];
    let inner = text.trim_matches(|c: char| "()-\u{2212}".contains(c) || c.is_whitespace());
    let is_word = |word: &&str| {
        let code = word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase());
        code || word.ends_with(SIGNS) && word.chars().count() <= 3
            || word.starts_with(SIGNS) && word.chars().count() == 1
    };
    let edge = |c: char| c.is_ascii_digit() || c == '.' || c == '-' || c == '(' || c.is_whitespace();
    let first = inner.split(edge).next().map(str::trim);
    let last =
        inner.rsplit(|c: char| c.is_ascii_digit() || c == '.' || c == ')' || c.is_whitespace()).next().map(str::trim);
    first.filter(is_word).or_else(|| last.filter(is_word))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn numbers_are_read_exactly_or_not_at_all() {
        let plain = NumberFormat::default();
        let plain = &plain;
        let german = &NumberFormat { decimal: ',', thousands: Some('.'), ..NumberFormat::default() };
        let dollars =
            &NumberFormat { thousands: Some(','), signs: vec!["USD".into(), "$".into()], ..NumberFormat::default() };
        let french = &NumberFormat { decimal: ',', thousands: Some(' '), signs: vec!["€".into()] };
        for (text, format, exact) in [
            ("(5)", plain, "-5"),
            ("5.25-", plain, "-5.25"),
            ("1.234,56-", german, "-1234.56"),
            ("$1,234.50", dollars, "1234.50"),
            ("($1,234.50)", dollars, "-1234.50"),
            ("$ (1,234.50)", dollars, "-1234.50"),
            ("-$5", dollars, "-5"),
            ("$-5.00", dollars, "-5.00"),
            ("1,234.50 USD", dollars, "1234.50"),
            ("1\u{202f}234\u{a0}567,89 €", french, "1234567.89"),
            ("100.10", plain, "100.10"),
            ("-0.05", plain, "-0.05"),
            (".5", plain, "0.5"),
            ("-0", plain, "0"),
            ("0000123", plain, "123"),
            ("1.234.567,89", german, "1234567.89"),
            ("1234567,89", german, "1234567.89"),
            ("0.0000000000000000000000000001", plain, "0.0000000000000000000000000001"),
        ] {
            assert_eq!(read(text, format).map(|d| d.to_string()), Ok(exact.to_owned()), "{text}");
        }
        for (text, format, reason) in [
            ("1e5", plain, "exponent"),
            ("1,000", plain, "declare `thousands: \",\"`"),
            ("1 000", plain, "thousands: \" \""),
            ("$5", plain, "`currency_sign: \"$\"`"),
            ("5 USD", plain, "`currency_sign: \"USD\"`"),
            ("5 pieces", plain, "units and words"),
            ("(-5)", plain, "is not a number"),
            ("(5", plain, "is not a number"),
            ("+5", plain, "without a sign"),
            ("€5", dollars, "`currency_sign: \"€\"`"),
            ("$$5", dollars, "is not a number"),
            ("12.34.5", plain, "is not a number"),
            ("1.23,4", german, "no group of three"),
            ("n/a", plain, "is not a number"),
            ("-", plain, "is not a number"),
            ("0.00000000000000000000000000001", plain, "28"),
            ("99999999999999999999999999999999", plain, "28"),
        ] {
            assert!(read(text, format).unwrap_err().contains(reason), "{text}: {:?}", read(text, format));
        }
        assert_eq!(currency_sign("HK$1,234.50"), Some("HK$"));
        assert_eq!(currency_sign("（5）"), None);
        assert_eq!(read_whole("12.0", plain), Ok(12));
        assert!(read_whole("12.5", plain).is_err());
    }
}
