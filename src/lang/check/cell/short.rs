//! Cells of plain numbers, which most cells of a long table are: read at a glance, to what their tokens would be read to.

use super::value::{OPERATORS, Read};
use crate::lang::syntax::ast::{Ast, At, Node};
use crate::lang::syntax::number::{Number, number};

/// More digits than any number of a table has; what has more is read by its tokens.
const DIGITS: usize = 15;

/// `7`, `>= 7`, `[7..9.5)`; `None` for whatever else.
pub(super) fn read(text: &str) -> Option<Read> {
    let whole = At { start: 0, end: text.len() };
    if let Some(inside) = text.strip_prefix(['[', '(']) {
        let inside = inside.strip_suffix([']', ')'])?;
        let (least, most) = inside.split_once("..")?;
        let lower = (plain(least, 1)?, text.starts_with('['));
        let upper = (plain(most, text.len() - 1 - most.len())?, text.ends_with(']'));
        return Some(Read::Interval(lower, upper, whole));
    }
    for (symbol, op) in OPERATORS {
        if let Some(rest) = text.strip_prefix(symbol) {
            let written = rest.trim_start_matches(' ');
            return Some(Read::Compare(op, plain(written, text.len() - written.len())?, whole));
        }
    }
    plain(text, 0).map(Read::Is)
}

/// A number of digits, with a point among them or none, that begins at a place.
fn plain(text: &str, start: usize) -> Option<Node> {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = match text.split_once('.') {
        Some((before, after)) => is_digits(before) && is_digits(after),
        None => is_digits(text),
    };
    if !is_number || text.len() > DIGITS {
        return None;
    }
    let ast = match number(text).ok()? {
        Number::Int(n) => Ast::Int(n),
        Number::Dec(d) => Ast::Dec(d),
    };
    Some(Node { ast, at: At { start, end: start + text.len() }, depth: 0 })
}

#[cfg(test)]
mod tests {
    use super::super::value::tokens;
    use super::*;
    use crate::diag::{Source, SourceText};

    /// Whatever is read at a glance is what its tokens are read to, and nothing is wrong with it.
    #[test]
    fn a_glance_sees_what_the_tokens_say() {
        let numbers =
            ["0", "7", "007", "12.50", "0.001", "123456789012345", "1_000", "1,000", "-5", "5%", "1e3", "0x1f", "7d"];
        let others =
            ["", ".", "1.", ".5", "..", "2026-01-31", "1..", "1.2.3", "a", "any", "1 .. 2", "999999999999999999999"];
        let all = || numbers.iter().chain(&others);
        let mut texts: Vec<String> = all().map(ToString::to_string).collect();
        for symbol in ["==", "!=", "<=", ">=", "<", ">", "=", "=>", "<>", ">==", "!", "not"] {
            texts
                .extend(all().flat_map(|number| ["", " ", "  ", "\t"].map(|space| format!("{symbol}{space}{number}"))));
        }
        for (open, close) in [("[", "]"), ("[", ")"), ("(", "]"), ("(", ")"), ("]", "["), ("[", "")] {
            for least in all() {
                texts.extend(all().flat_map(|most| {
                    ["..", "...", "..=", ", ", " .. "].map(|dots| format!("{open}{least}{dots}{most}{close}"))
                }));
            }
        }
        let mut seen = 0;
        for text in texts {
            let Some(short) = read(&text) else { continue };
            seen += 1;
            let (long, found) = tokens(&SourceText::whole(&Source::new("t.csv", text.clone())));
            assert!(found.is_empty(), "`{text}`: {found:?}");
            assert_eq!(format!("{short:?}"), format!("{long:?}"), "`{text}`");
        }
        assert!(seen > 200, "only {seen} texts are read at a glance");
    }
}
