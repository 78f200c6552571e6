//! How far a value was meant to go, where YAML would cut it.

/// Whether parentheses or quotes are left open or closed too often.
pub(super) fn is_unbalanced(text: &str) -> bool {
    let mut depth = 0_i32;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') if depth == 0 => return true,
            (None, ')') => depth -= 1,
            _ => {}
        }
    }
    depth != 0 || quote.is_some()
}

/// Whether a text is a number with a comma in it: between thousands, or for the decimal point.
pub(super) fn has_comma(text: &str) -> bool {
    let digits = |part: &str| part.starts_with(|c: char| c.is_ascii_digit()) && part.chars().all(is_digit_or_point);
    let mut parts = text.trim_end_matches('%').split(',');
    parts.next().is_some_and(|first| digits(first.trim_start_matches('-'))) && text.contains(',') && parts.all(digits)
}

fn is_digit_or_point(c: char) -> bool {
    c.is_ascii_digit() || c == '.'
}

/// The length of an interval such as `[60..80)` at the beginning of a text.
pub(super) fn interval(text: &str) -> Option<usize> {
    let inside = text.strip_prefix(['[', '('])?;
    let length = inside.find([']', ')', '[', '{', '}', ',', '\n', '\r', '"', '\''])?;
    let bounds = inside.get(..length)?;
    let closed = inside.get(length..)?.starts_with([']', ')']);
    (closed && bounds.contains("..") && !bounds.contains(": ")).then_some(length + 2)
}

/// The length of an unquoted value inside brackets as it was meant: commas within parentheses do not end it.
pub(super) fn flow_value(text: &str) -> usize {
    let text = near(text);
    let first_cut = text.find([',', '}', ']', '\n', '\r']).unwrap_or(text.len());
    let mut depth = 0_usize;
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '\n' | '\r' => break,
            '"' => quoted = !quoted,
            _ if quoted => {}
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' | '}' | ']' if depth == 0 => return at,
            _ => {}
        }
    }
    if depth == 0 && !quoted { text.len().min(text.find(['\n', '\r']).unwrap_or(text.len())) } else { first_cut }
}

/// The longest text, in bytes, that is looked at as one value.
pub(super) const FAR: usize = 1000;

fn near(text: &str) -> &str {
    let mut end = text.len().min(FAR);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or(text)
}

/// The rest of the line, without a comment and the space before it.
pub(super) fn line(text: &str) -> &str {
    let line = text.split(['\n', '\r']).next().unwrap_or("");
    let comment = [" #", "\t#"].iter().filter_map(|mark| line.find(mark)).min().unwrap_or(line.len());
    line.get(..comment).unwrap_or(line).trim_end()
}
