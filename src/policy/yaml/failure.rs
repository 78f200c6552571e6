//! What to say when a text is not YAML: our own words, never those of the scanner.

use std::ops::Range;
use std::sync::Arc;

use super::hunt::hunt;
use super::slips::slips;
use super::trap::{Hit, Trap};
use crate::diag::{Code, Diagnostic, Place, Source, Span};

/// Explains why the scanner stopped at this byte: by the traps up to there and all others of the file, or else by the line.
pub(super) fn explain(source: &Arc<Source>, at: usize, scanner_says: &str, sink: &mut Vec<Diagnostic>) {
    if scanner_says.contains("recursion limit") {
        sink.push(unexplained(source, at, scanner_says));
        return;
    }
    let line = line_around(&source.text, at);
    let slips = slips(source);
    let mut hits = hunt(&source.text);
    if slips.iter().any(|(on, _)| on.start <= line.end) {
        // What else looks odd on those lines, or is left open by them, may come of the slip.
        let first = slips.first().map_or(0, |(on, _)| on.start);
        hits.retain(|hit| hit.bytes.start < first);
        sink.extend(hits.iter().map(|hit| hit.explain(source)));
        sink.extend(slips.into_iter().map(|(_, finding)| finding));
        return;
    }
    if hits.iter().any(|hit| hit.bytes.start <= line.end) {
        sink.extend(hits.iter().map(|hit| hit.explain(source)));
        return;
    }
    sink.push(unexplained(source, at, scanner_says));
}

/// Every `%YAML` or `%TAG` line before the content: a policy uses none, and the scanner counts wrongly after some.
pub(super) fn directives(source: &Arc<Source>) -> impl Iterator<Item = Diagnostic> {
    let lines = source.text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at + line.len() - line.trim_start_matches('\u{FEFF}').len();
        *at += line.len();
        Some((start, line.trim_start_matches('\u{FEFF}').trim_end()))
    });
    let before_content = lines.take_while(|(_, line)| {
        line.trim().is_empty() || line.starts_with(['#', '%', '.']) || line.trim().starts_with('#')
    });
    let directives = before_content.filter(|(_, line)| line.starts_with('%'));
    directives.map(|(start, line)| Hit::new(Trap::Mark, start..start + line.len()).explain(source))
}

fn unexplained(source: &Arc<Source>, at: usize, scanner_says: &str) -> Diagnostic {
    let text = &source.text;
    let says = |word: &str| scanner_says.contains(word);
    let here = line_around(text, at);
    let above = line_above(text, here.start);
    let (code, message, help, span) = if says("recursion limit") {
        (Code::TooLarge, "lists and mappings nest more than 64 levels deep here", "write it flatter", here)
    } else if says("unprintable") {
        (
            Code::Yaml,
            "a character that cannot be printed stands here",
            "take it out; it is often left by copying",
            at..at + 1,
        )
    } else if says("byte order mark") {
        (
            Code::Yaml,
            "an invisible byte order mark stands here",
            "take it out; files were probably put together",
            at..at + 3,
        )
    } else if says("expect ':'") {
        (Code::Yaml, "this line is neither `key: value` nor `- item`", "write a `:` and a space after the key", above)
    } else if says("multiline text") {
        (
            Code::Yaml,
            "a comment interrupts a text of several lines",
            "move the comment above the text, or quote the text",
            here,
        )
    } else if says("indentation")
        || says("not allowed")
        || says("expected key")
        || says("expected '-'")
        || says("simple key")
    {
        let help =
            "give it as many spaces as the lines it belongs to; below a key, write only `key: value` or only `- item`";
        (Code::Yaml, "this line does not fit under the lines above it", help, here)
    } else if says("tab") {
        (Code::YamlTrap, "a tab stands where only spaces may", "write spaces instead", here)
    } else {
        (Code::Yaml, "the text cannot be read from here on", "look at the quotes, brackets and indentation here", here)
    };
    Diagnostic::error(code, message, Place::new(source, Span::new(span.start, span.end.min(text.len())))).help(help)
}

/// The text of the line around a byte, without the space around it; at the end of the file, of the last line with text.
fn line_around(text: &str, at: usize) -> Range<usize> {
    let before = text.get(..at).unwrap_or(text);
    let rest = text.get(at..).unwrap_or("");
    let before = if rest.trim().is_empty() { before.trim_end() } else { before };
    let start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = text.get(start..).unwrap_or("").split('\n').next().unwrap_or("");
    let indent = line.len() - line.trim_start().len();
    start + indent..start + line.trim_end().len().max(indent)
}

/// The text of the nearest line above that holds any.
fn line_above(text: &str, start: usize) -> Range<usize> {
    let line_start = text.get(..start).and_then(|before| before.rfind('\n')).unwrap_or(0);
    let mut end = line_start;
    loop {
        let line = line_around(text, end);
        let written = text.get(line.clone()).unwrap_or("");
        let above = text.get(..line.start).and_then(|before| before.rfind('\n'));
        match above {
            Some(above) if written.is_empty() || written.starts_with('#') => end = above,
            _ => return line,
        }
    }
}
