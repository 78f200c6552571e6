//! Cells over text: plain values, without quotes where they are clear.

use std::borrow::Cow;

use super::{Asked, Test};
use crate::diag::{Code, Diagnostic, SourceText};
use crate::lang::check::adopt::not_a_member_help;
use crate::lang::check::template::part_of;
use crate::lang::check::{Expected, Found, Names, expression};
use crate::lang::expr::{Expr, Kind};
use crate::lang::syntax::is_identifier;
use crate::lang::types::{Base, Type};
use crate::lang::value::Value;

impl Asked<'_> {
    pub(super) fn read_text(&self, text: &SourceText, names: &mut dyn Names, depth: usize) -> Option<Test> {
        if self.is_member(&text.text) {
            return self.item(text, names).map(Test::Value);
        }
        if let Some(piece) = text.text.strip_prefix("==").or_else(|| text.text.strip_prefix("!=")) {
            let item = part_of(text, 2, 2 + piece.len());
            let item = super::trimmed(&item);
            let value = Test::Value(self.item(&item, names)?);
            return Some(if text.text.starts_with('!') { Test::Not(Box::new(value)) } else { value });
        }
        if self.trap(text, names) {
            return None;
        }
        let list = text.text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
        let inside = match list {
            Some(inner) => Cow::Owned(part_of(text, 1, 1 + inner.len())),
            None => Cow::Borrowed(text),
        };
        let pieces = split(&inside.text);
        if pieces.len() == 1 && list.is_none() {
            return self.item(text, names).map(Test::Value);
        }
        let mut all = Vec::new();
        let mut failed = false;
        for (start, end) in pieces {
            let piece = part_of(&inside, start, end);
            let piece = super::trimmed(&piece);
            let test = match piece.text.as_str() {
                "missing" | "any" => self.read(&piece, names, depth),
                _ => self.item(&piece, names).map(Test::Value),
            };
            match test {
                Some(test) => all.push(test),
                None => failed = true,
            }
        }
        (!failed).then_some(Test::AnyOf(all))
    }

    fn is_member(&self, text: &str) -> bool {
        matches!(self.base(), Base::OneOf(values) if values.iter().any(|v| v.as_ref() == text))
    }

    /// What a text can never be asked.
    fn trap(&self, text: &SourceText, names: &mut dyn Names) -> bool {
        // Most cells have none of the marks that any of these has.
        let is_mark = |byte: u8| !byte.is_ascii() || b"<>=&|[]\"'`".contains(&byte);
        if !text.text.bytes().any(is_mark) {
            return false;
        }
        let plain = unquoted(&text.text);
        let (message, help) = if plain.starts_with(['<', '>', '≥', '≤', '＞', '＜']) || plain.starts_with("=>") {
            (format!("text has no order: `{}`", text.text), "write the value itself, or a list of values".to_owned())
        } else if plain.starts_with(['=', '＝']) {
            ("a single `=` does not compare".to_owned(), "write the value alone, or `==`".to_owned())
        } else if let Some(c) = plain.chars().find(|c| matches!(c, '，' | '、' | '；' | '【' | '】' | '［' | '］'))
        {
            let ascii = match c {
                '【' | '［' => "[",
                '】' | '］' => "]",
                _ => ",",
            };
            (format!("`{c}` is a full-width character"), format!("write `{ascii}`"))
        } else if let Some(c) = plain.chars().find(|c| matches!(c, '“' | '”' | '‘' | '’' | '\'' | '`')) {
            (
                format!("`{c}` is not a quotation mark of the policy language"),
                "write `\"...\"`, or the plain value".to_owned(),
            )
        } else if plain.contains("||") || plain.contains("&&") {
            ("a cell cannot hold `&&` or `||`".to_owned(), "write a list `[a, b]`, or use `when:`".to_owned())
        } else if plain.starts_with('[') != plain.ends_with(']') {
            ("the list is not closed on both sides".to_owned(), "write `[a, b]`".to_owned())
        } else if plain.matches('"').count() % 2 == 1 {
            ("a text is never closed".to_owned(), "close it with `\"`".to_owned())
        } else {
            return false;
        };
        names.report(Diagnostic::error(Code::Syntax, message, text.place(0, text.text.len())).help(help));
        true
    }

    /// One value: a member, a quoted text, a name of the policy, or a plain text.
    fn item(&self, text: &SourceText, names: &mut dyn Names) -> Option<Expr> {
        let written = text.text.as_str();
        if self.is_member(written) {
            return Some(self.literal(text));
        }
        let dotted = written.contains('.') && written.split('.').all(is_identifier);
        let known = dotted && !matches!(names.find(written, text.span(0, written.len())), Found::Nothing);
        let is_expression = written.starts_with('"') || known || written.contains(['(', '"']);
        if is_expression {
            let ty = if known { None } else { Some(Type::of(self.base().clone())) };
            let expr = expression(text, &Expected::of(ty), names)?;
            if !expr.ty.base.is_text() {
                let message = format!("`{written}` is not a text");
                let help = "compare with a text, or use `when:`";
                names.report(Diagnostic::error(Code::WrongType, message, text.place(0, written.len())).help(help));
                return None;
            }
            return Some(expr);
        }
        let (code, message, help) = match self.base() {
            Base::OneOf(values) if !written.is_empty() => (
                Code::UnknownValue,
                format!("`{written}` is none of the values this can have"),
                not_a_member_help(written, values),
            ),
            Base::Text if !written.is_empty() && !written.contains(['<', '>', '=', '[', ']', '{', '}', '!']) => {
                return Some(self.literal(text));
            }
            _ if written.is_empty() => {
                (Code::Syntax, "a value is missing".to_owned(), "write a value, or take a comma out".to_owned())
            }
            _ => (Code::Syntax, format!("`{written}` is not a plain text"), format!("write `\"{written}\"`")),
        };
        names.report(Diagnostic::error(code, message, text.place(0, written.len())).help(help));
        None
    }

    fn literal(&self, text: &SourceText) -> Expr {
        let span = text.span(0, text.text.len());
        Expr { kind: Kind::Lit(Value::text(&text.text)), ty: Type::of(self.base().clone()), span }
    }
}

/// The text with what stands in double quotes blanked out.
fn unquoted(text: &str) -> String {
    let mut quoted = false;
    let blank = |c: char| {
        if c == '"' {
            quoted = !quoted;
            return c;
        }
        if quoted { ' ' } else { c }
    };
    text.chars().map(blank).collect()
}

/// The pieces between commas that stand outside quotes and parentheses.
fn split(text: &str) -> Vec<(usize, usize)> {
    let mut pieces = Vec::new();
    let (mut start, mut quoted, mut open) = (0, false, 0usize);
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '(' if !quoted => open += 1,
            ')' if !quoted => open = open.saturating_sub(1),
            ',' if !quoted && open == 0 => {
                pieces.push((start, at));
                start = at + 1;
            }
            _ => {}
        }
    }
    pieces.push((start, text.len()));
    pieces
}
