//! What spreadsheets make of cells that look like dates, numbers or formulas.

const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const ERRORS: &[&str] = &["#NAME?", "#VALUE!", "#REF!", "#N/A", "#DIV/0!", "#NUM!", "#NULL!", "#SPILL!"];

/// What a spreadsheet has probably done to a cell, in words; `None` for a cell as a person writes it.
///
/// ```
/// use usance::policy::table::mangled;
/// assert!(mangled("30-Jan").is_some_and(|what| what.contains("a date")));
/// assert!(mangled("1-30").is_none());
/// ```
pub fn mangled(cell: &str) -> Option<String> {
    // Every one of these has a mark in it that few cells have.
    if cell.bytes().all(|byte| byte.is_ascii() && !matches!(byte, b'#' | b'-' | b'+')) {
        return None;
    }
    let cell = cell.trim();
    if ERRORS.contains(&cell) {
        return Some(format!("`{cell}` is what is left of a text taken for a formula"));
    }
    if is_full(cell, '#') && cell.len() >= 3 {
        return Some(format!("`{cell}` is what a column too narrow shows"));
    }
    if is_month_and_number(cell) || is_chinese_date(cell) {
        return Some(format!("`{cell}` is a range or a code taken for a date"));
    }
    is_scientific(cell).then(|| format!("`{cell}` is a long number cut short"))
}

fn is_full(text: &str, mark: char) -> bool {
    text.chars().all(|c| c == mark)
}

fn is_number(text: &str) -> bool {
    (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// `Jan-30`, `30-Jan`.
fn is_month_and_number(cell: &str) -> bool {
    let is_month = |part: &str| MONTHS.contains(&part.to_ascii_lowercase().as_str());
    cell.split_once('-').is_some_and(|(a, b)| (is_month(a) && is_number(b)) || (is_number(a) && is_month(b)))
}

/// `1月30日`, `2026年1月`.
fn is_chinese_date(cell: &str) -> bool {
    let Some((before, after)) = cell.split_once('月') else { return false };
    let day_fits = after.is_empty() || after.strip_suffix('日').is_some_and(is_number);
    let month = before.split_once('年').map_or(before, |(year, month)| if is_number(year) { month } else { "" });
    day_fits && is_number(month) && (!after.is_empty() || before.contains('年'))
}

/// `1.2E+05`.
fn is_scientific(cell: &str) -> bool {
    let Some((before, after)) = cell.split_once("E+") else { return false };
    let before = before.strip_prefix('-').unwrap_or(before);
    is_number(after)
        && before.starts_with(|c: char| c.is_ascii_digit())
        && before.bytes().all(|b| b.is_ascii_digit() || b == b'.')
}
