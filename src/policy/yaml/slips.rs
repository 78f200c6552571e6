//! Slips that the scanner stumbles over only later, or elsewhere: full-width signs that open, close or comment, and a key
//! without its colon.

use std::ops::Range;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Place, Source, Span};

/// The full-width signs that mean something in YAML when they are plain.
const SIGNS: [(char, &str, &str); 6] = [
    ('｛', "full-width bracket", "{"),
    ('｝', "full-width bracket", "}"),
    ('［', "full-width bracket", "["),
    ('］', "full-width bracket", "]"),
    ('＃', "full-width number sign", "#"),
    ('　', "full-width space", "a plain space"),
];

/// The slips of a text that is not YAML, line by line, with the line each stands on.
pub(super) fn slips(source: &Arc<Source>) -> Vec<(Range<usize>, Diagnostic)> {
    let mut found = Vec::new();
    let mut start = 0;
    for line in source.text.split_inclusive('\n') {
        let whole = start..start + line.len();
        if let Some(finding) = without_colon(source, line, start).or_else(|| full_width(source, line, start)) {
            found.push((whole.clone(), finding));
        }
        start = whole.end;
    }
    found
}

/// The first full-width sign outside quotes and comments.
fn full_width(source: &Arc<Source>, line: &str, start: usize) -> Option<Diagnostic> {
    let (mut quote, mut before) = (None, ' ');
    for (at, c) in line.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => {}
            None if c == '#' && before.is_whitespace() => return None,
            None if matches!(c, '"' | '\'') && !before.is_alphanumeric() => quote = Some(c),
            None => {
                let sign = SIGNS.iter().find(|(sign, ..)| *sign == c);
                let opens = c != '　' || line.get(..at).is_some_and(|before| before.trim().is_empty());
                if let Some((_, name, plain)) = sign.filter(|_| opens) {
                    let place = Place::new(source, Span::new(start + at, start + at + c.len_utf8()));
                    let help = if c == '　' { format!("write {plain}") } else { format!("write `{plain}`") };
                    return Some(Diagnostic::error(Code::YamlTrap, format!("`{c}` is a {name}"), place).help(help));
                }
            }
        }
        before = c;
    }
    None
}

/// `house_cap { value: 1 }`
fn without_colon(source: &Arc<Source>, line: &str, start: usize) -> Option<Diagnostic> {
    let written = line.trim_start().trim_start_matches("- ");
    let key = written.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))).next()?;
    let rest = written.strip_prefix(key)?;
    if key.is_empty() || !rest.starts_with(' ') || !rest.trim_start().starts_with(['{', '[']) {
        return None;
    }
    let at = start + line.len() - written.len();
    let place = Place::new(source, Span::new(at, at + key.len()));
    let finding = Diagnostic::error(Code::Yaml, format!("the `:` after `{key}` is missing"), place);
    Some(finding.help(format!("write `{key}:` and a space")))
}
