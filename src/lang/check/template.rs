//! Text with `{expressions}` in it.

use std::sync::Arc;

use super::{Expected, Names, expression};
use crate::diag::{Code, Diagnostic, OffsetMap, SourceText};
use crate::lang::expr::{Template, TemplatePart};

/// Reads and checks a text with `{expressions}` in it; `{{` and `}}` stand for braces.
pub fn template(text: &SourceText, names: &mut dyn Names) -> Option<Template> {
    let mut parts = Vec::new();
    let mut plain = String::new();
    let mut failed = false;
    let mut rest = text.text.as_str();
    while let Some(at) = rest.find(['{', '}']) {
        let (before, after) = rest.split_at_checked(at)?;
        plain.push_str(before);
        let here = text.text.len() - after.len();
        let mut report = |end: usize, message: &str, help: &str| {
            names.report(Diagnostic::error(Code::Syntax, message, text.place(here, end)).help(help));
        };
        if let Some(next) = after.strip_prefix("{{") {
            plain.push('{');
            rest = next;
        } else if let Some(next) = after.strip_prefix("}}") {
            plain.push('}');
            rest = next;
        } else if let Some(next) = after.strip_prefix('}') {
            report(here + 1, "`}` closes nothing", "write `}}` for a brace");
            failed = true;
            rest = next;
        } else {
            let Some(length) = closing(after) else {
                report(text.text.len(), "`{` is never closed", "close it with `}`, or write `{{` for a brace");
                return None;
            };
            if !plain.is_empty() {
                parts.push(TemplatePart::Text(Arc::from(std::mem::take(&mut plain))));
            }
            let inside = part_of(text, here + 1, here + length);
            match expression(&inside, &Expected::of(None), names) {
                Some(expr) => parts.push(TemplatePart::Value(expr)),
                None => failed = true,
            }
            rest = after.get(length + 1..)?;
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() {
        parts.push(TemplatePart::Text(Arc::from(plain)));
    }
    (!failed).then_some(Template(parts))
}

/// Where the brace that closes the first one stands; braces inside texts do not count.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0usize;
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '{' if !quoted => open += 1,
            '}' if !quoted => {
                open -= 1;
                if open == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

/// A piece of a text with the way back to the file.
pub(crate) fn part_of(text: &SourceText, start: usize, end: usize) -> SourceText {
    let piece = text.text.get(start..end).unwrap_or("").to_owned();
    let map = match &text.map {
        OffsetMap::Straight(base) => OffsetMap::Straight(base.saturating_add(u32::try_from(start).unwrap_or(u32::MAX))),
        OffsetMap::Table(table) => OffsetMap::Table(table.get(start..).unwrap_or(&[]).into()),
        OffsetMap::Point(at) => OffsetMap::Point(*at),
    };
    SourceText { source: Arc::clone(&text.source), text: piece, map }
}
