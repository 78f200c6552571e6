//! Text → tokens. What cannot be read is reported and replaced by what was probably meant, so that reading goes on.

use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::ast::At;
use super::foreign;
use super::number::{self, Number, NumberError};
use crate::diag::{Code, Diagnostic, SourceText};

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Int(i64),
    Dec(Decimal),
    Text(Arc<str>),
    Date(NaiveDate),
    /// A name or a keyword.
    Word(String),
    /// An operator or a bracket.
    Sym(&'static str),
    /// Already reported; stands for a value.
    Broken,
    End,
}

/// A token and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Lexeme {
    pub(crate) token: Token,
    pub(crate) at: At,
}

/// Symbols of more than one sign, the longest first.
const LONGER: &[&str] = &[
    "===", "!==", "...", "..=", "**=", "<<=", ">>=", "&&", "||", "??", "==", "!=", "<=", ">=", "=>", "=<", "<>", "..",
    "**", "<<", ">>", "+=", "-=", "*=", "/=", "%=", "?.", "?[", "->", "::", "++", "--", "#{",
];

/// Symbols of one sign.
const SINGLE: &str = "+-*/%<>=!&|^~()[]{},;:.?";

/// The longest symbol that a text begins with.
fn symbol(text: &str) -> Option<&'static str> {
    let first = text.as_bytes().first();
    let goes_on = text.as_bytes().get(1).is_some_and(u8::is_ascii_punctuation);
    let begins = |symbol: &&&str| symbol.as_bytes().first() == first && text.starts_with(**symbol);
    let longer = if goes_on { LONGER.iter().find(begins) } else { None };
    longer.copied().or_else(|| {
        let at = SINGLE.find(text.chars().next()?)?;
        SINGLE.get(at..at + 1)
    })
}

/// Reads a text into tokens, the last of which is [`Token::End`].
pub(crate) struct Lexer<'a> {
    source: &'a SourceText,
    text: &'a str,
    at: usize,
    tokens: Vec<Lexeme>,
    found: Vec<Diagnostic>,
    /// Inside a cell a percentage and a date are values.
    cell: bool,
}

/// The tokens of an expression, and what is wrong with them.
pub(crate) fn expression_tokens(source: &SourceText) -> (Vec<Lexeme>, Vec<Diagnostic>) {
    Lexer::new(source, false).run()
}

/// The tokens of a cell, and what is wrong with them.
pub(crate) fn cell_tokens(source: &SourceText) -> (Vec<Lexeme>, Vec<Diagnostic>) {
    Lexer::new(source, true).run()
}

impl<'a> Lexer<'a> {
    fn new(source: &'a SourceText, cell: bool) -> Self {
        let text = source.text.as_str();
        Self { source, text, at: 0, tokens: Vec::with_capacity(text.len() / 2 + 2), found: Vec::new(), cell }
    }

    fn run(mut self) -> (Vec<Lexeme>, Vec<Diagnostic>) {
        while let Some(c) = self.peek() {
            self.token(c);
        }
        let end = self.text.len();
        self.tokens.push(Lexeme { token: Token::End, at: At { start: end, end } });
        (self.tokens, self.found)
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_while(&mut self, mut keep: impl FnMut(char) -> bool) {
        let rest = self.rest();
        self.at += rest.find(|c| !keep(c)).unwrap_or(rest.len());
    }

    fn slice(&self, start: usize) -> &'a str {
        self.text.get(start..self.at).unwrap_or("")
    }

    fn push(&mut self, token: Token, start: usize) {
        self.tokens.push(Lexeme { token, at: At { start, end: self.at } });
    }

    fn report(&mut self, code: Code, start: usize, message: impl Into<String>, help: impl Into<String>) {
        let place = self.source.place(start, self.at.max(start));
        self.found.push(Diagnostic::error(code, message, place).help(help));
    }

    fn token(&mut self, c: char) {
        let start = self.at;
        if c.is_whitespace() || c == '\u{feff}' {
            self.at += c.len_utf8();
        } else if self.rest().starts_with("//") {
            self.skip_while(|c| c != '\n');
        } else if self.rest().starts_with("/*") {
            self.block_comment();
        } else if c.is_ascii_digit() {
            self.number();
        } else if c == '_' || c.is_alphabetic() && foreign::ascii(c).is_none() {
            self.word();
        } else if matches!(c, '"' | '\'' | '`') {
            self.text(c);
        } else if let Some(symbol) = symbol(self.rest()) {
            self.symbol(symbol);
        } else if let Some(operator) = foreign::operator(c) {
            self.at += c.len_utf8();
            self.report(Code::Syntax, start, format!("`{c}` is not an operator here"), format!("write `{operator}`"));
            self.push(Token::Sym(operator), start);
        } else if let Some(ascii) = foreign::ascii(c) {
            self.foreign(c, ascii);
        } else {
            self.at += c.len_utf8();
            let shown = if c.is_control() { c.escape_default().to_string() } else { c.to_string() };
            self.report(
                Code::Syntax,
                start,
                format!("`{shown}` means nothing in an expression"),
                "take it out, or put it into a text in double quotes",
            );
        }
    }

    fn symbol(&mut self, symbol: &'static str) {
        let start = self.at;
        self.at += symbol.len();
        let (meant, message, help) = match symbol {
            "===" => ("==", "`===` is not an operator", "write `==`"),
            "!==" => ("!=", "`!==` is not an operator", "write `!=`"),
            "<>" => ("!=", "`<>` is not an operator", "write `!=`"),
            "=<" => ("<=", "`=<` is not an operator", "write `<=`"),
            "?." => (".", "`?.` is not part of the policy language", "write `is_given(x) && …`, or `x ?? …`"),
            "!" if self.word_follows("in") => {
                self.at += 2;
                self.report(
                    Code::OutsideSubset,
                    start,
                    "`!in` is not part of the policy language",
                    "write `!(x in [...])`",
                );
                self.push(Token::Word("in".into()), start);
                return;
            }
            other => {
                self.push(Token::Sym(other), start);
                return;
            }
        };
        self.report(Code::Syntax, start, message, help);
        self.push(Token::Sym(meant), start);
    }

    fn word_follows(&self, word: &str) -> bool {
        self.rest().strip_prefix(word).is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    }

    /// A full-width or typographic character, read as its ASCII form.
    fn foreign(&mut self, c: char, ascii: char) {
        let start = self.at;
        if matches!(ascii, '"' | '\'') {
            self.foreign_text(c);
            return;
        }
        if ascii.is_ascii_alphanumeric() {
            self.skip_while(|c| foreign::ascii(c).is_some_and(|a| a.is_ascii_alphanumeric()));
            let plain: String = self.slice(start).chars().filter_map(foreign::ascii).collect();
            let message = format!("`{}` is in full-width characters", self.slice(start));
            self.report(Code::Syntax, start, message, format!("write `{plain}`"));
            let token = match number::number(&plain) {
                Ok(Number::Int(n)) => Token::Int(n),
                _ if ascii.is_ascii_alphabetic() => Token::Word(plain),
                _ => Token::Broken,
            };
            self.push(token, start);
            return;
        }
        self.skip_while(|c| foreign::ascii(c).is_some_and(|a| "<>=!&|?".contains(a)));
        if self.at == start {
            self.at += c.len_utf8();
        }
        let written = self.slice(start).to_owned();
        let plain: String = written.chars().filter_map(foreign::ascii).collect();
        let kind = if ('\u{ff01}'..='\u{ff5e}').contains(&c) || "，、。【】".contains(c) {
            "a full-width character"
        } else {
            "a typographic character"
        };
        self.report(Code::Syntax, start, format!("`{written}` is {kind}"), format!("write `{plain}`"));
        let token = symbol(&plain).map_or(Token::Broken, Token::Sym);
        self.push(token, start);
    }

    fn foreign_text(&mut self, open: char) {
        let start = self.at;
        self.at += open.len_utf8();
        self.skip_while(|c| !foreign::closes(open, c) && c != '\n' && c != '"');
        let inside = self.slice(start).get(open.len_utf8()..).unwrap_or("").to_owned();
        if let Some(close) = self.peek().filter(|c| *c != '\n') {
            self.at += close.len_utf8();
        }
        self.report(
            Code::Syntax,
            start,
            format!("`{open}` is not a quotation mark of the policy language"),
            format!("write `\"{inside}\"`"),
        );
        self.push(Token::Text(inside.into()), start);
    }

    fn block_comment(&mut self) {
        let start = self.at;
        let mut level = 0usize;
        loop {
            if self.rest().starts_with("/*") {
                level += 1;
                self.at += 2;
            } else if self.rest().starts_with("*/") {
                level = level.saturating_sub(1);
                self.at += 2;
                if level == 0 {
                    return;
                }
            } else if let Some(c) = self.peek() {
                self.at += c.len_utf8();
            } else {
                self.report(Code::Syntax, start, "a comment opened with `/*` is never closed", "close it with `*/`");
                return;
            }
        }
    }

    fn word(&mut self) {
        let start = self.at;
        self.skip_while(|c| c == '_' || c.is_alphanumeric());
        let word = self.slice(start);
        let symbol = match word {
            "and" | "AND" | "And" | "且" | "并且" | "而且" => "&&",
            "or" | "OR" | "Or" | "或" | "或者" => "||",
            "not" | "NOT" | "Not" | "非" | "不" => "!",
            _ if !word.is_ascii() => {
                self.report(
                    Code::Syntax,
                    start,
                    format!("`{word}` is not a name: names are ASCII letters, digits and `_`"),
                    format!("write `\"{word}\"` if it is a text; a name in another script belongs into `label:`"),
                );
                self.push(Token::Broken, start);
                return;
            }
            _ => {
                self.push(Token::Word(word.to_owned()), start);
                return;
            }
        };
        let after_dot = matches!(self.tokens.last(), Some(Lexeme { token: Token::Sym("."), .. }));
        if after_dot {
            self.push(Token::Word(word.to_owned()), start);
            return;
        }
        self.report(Code::Syntax, start, format!("`{word}` is not an operator"), format!("write `{symbol}`"));
        self.push(Token::Sym(symbol), start);
    }

    fn number(&mut self) {
        let start = self.at;
        if let Some(date) = self.date() {
            if !self.cell {
                let written = self.slice(start).to_owned();
                let message = format!("`{written}` would be a subtraction, not a date");
                self.report(Code::Syntax, start, message, format!("write `date(\"{written}\")`"));
            }
            self.push(date.map_or(Token::Broken, Token::Date), start);
            return;
        }
        if self.radix() {
            return;
        }
        self.skip_while(|c| c.is_ascii_digit() || c == '_');
        let mut after = self.rest().chars();
        if let (Some('.'), next) = (after.next(), after.next()) {
            match next {
                Some('0'..='9') => {
                    self.at += 1;
                    self.skip_while(|c| c.is_ascii_digit() || c == '_');
                }
                Some('.') => {}
                Some(c) if c.is_alphabetic() || c == '_' => {}
                _ => {
                    let whole = self.slice(start).to_owned();
                    self.at += 1;
                    self.report(
                        Code::Syntax,
                        start,
                        format!("`{whole}.` has no digits after its point"),
                        format!("write `{whole}.0`"),
                    );
                }
            }
        }
        let digits = self.slice(start).trim_end_matches('.');
        if self.exponent(start, digits) {
            return;
        }
        if self.rest().starts_with('%') && !self.operand_follows() {
            self.percent(start, digits);
            return;
        }
        let token = match number::number(digits) {
            Ok(Number::Int(n)) => Token::Int(n),
            Ok(Number::Dec(d)) => Token::Dec(d),
            Err(error) => {
                self.bad_number(start, digits, error);
                Token::Broken
            }
        };
        self.push(token, start);
        self.unit_glued();
    }

    fn bad_number(&mut self, start: usize, digits: &str, error: NumberError) {
        match error {
            NumberError::TooLarge => self.report(
                Code::BadNumber,
                start,
                format!("`{digits}` is beyond the whole numbers of 64 bits"),
                format!("write `{digits}.0` if a decimal is meant"),
            ),
            NumberError::TooManyDigits => self.report(
                Code::BadNumber,
                start,
                format!("`{digits}` has more than 28 digits and would be rounded silently"),
                "write at most 28 digits",
            ),
        }
    }

    /// Letters right behind a number: `30d`, `5k`.
    fn unit_glued(&mut self) {
        let start = self.at;
        if !self.peek().is_some_and(char::is_alphabetic) {
            return;
        }
        self.skip_while(|c| c.is_alphanumeric() || c == '_');
        let unit = self.slice(start).to_owned();
        self.report(
            Code::Syntax,
            start,
            format!("`{unit}` stands right behind a number"),
            "write the plain number: it takes the unit its place asks for",
        );
    }

    /// `1e2` in all its forms.
    fn exponent(&mut self, start: usize, digits: &str) -> bool {
        if !self.rest().starts_with(['e', 'E']) {
            return false;
        }
        let tail: String = self.rest().chars().take(24).collect();
        let Some(power) = tail.strip_prefix(['e', 'E']) else { return false };
        let power: String = power
            .chars()
            .enumerate()
            .take_while(|(i, c)| c.is_ascii_digit() || *i == 0 && "+-".contains(*c))
            .map(|(_, c)| c)
            .collect();
        let Ok(by) = power.trim_start_matches('+').parse::<i32>() else { return false };
        self.at += 1 + power.len();
        let written = self.slice(start).to_owned();
        let plain = plain_form(digits, by);
        let help = plain.as_ref().map_or_else(|| "write all its digits".to_owned(), |plain| format!("write `{plain}`"));
        self.report(Code::Syntax, start, format!("`{written}` is not a way to write a number here"), help);
        let token = match plain.map(|p| number::number(&p)) {
            Some(Ok(Number::Int(n))) => Token::Int(n),
            Some(Ok(Number::Dec(d))) => Token::Dec(d),
            _ => Token::Broken,
        };
        self.push(token, start);
        true
    }

    /// `0xFF`, `0b1`, `0o7`
    fn radix(&mut self) -> bool {
        let start = self.at;
        let mut chars = self.rest().chars();
        if chars.next() != Some('0') || !chars.next().is_some_and(|c| "xXbBoO".contains(c)) {
            return false;
        }
        if !chars.next().is_some_and(|c| c.is_ascii_hexdigit()) {
            return false;
        }
        self.skip_while(|c| c.is_alphanumeric() || c == '_');
        let written = self.slice(start).to_owned();
        self.report(
            Code::Syntax,
            start,
            format!("`{written}` is not a way to write a number here"),
            "write it in decimal digits",
        );
        self.push(Token::Broken, start);
        true
    }

    /// `2026-01-31`; the inner option is empty when there is no such day.
    fn date(&mut self) -> Option<Option<NaiveDate>> {
        let written = self.rest().get(..10)?;
        let shape =
            written.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
        let more = self.rest().as_bytes().get(10).is_some_and(u8::is_ascii_alphanumeric);
        if !shape || more {
            return None;
        }
        let date = NaiveDate::parse_from_str(written, "%Y-%m-%d").ok();
        let written = written.to_owned();
        let start = self.at;
        self.at += 10;
        if date.is_none() && self.cell {
            let help = "write a day of the calendar as YYYY-MM-DD";
            self.report(Code::BadDate, start, format!("`{written}` is not a day of the calendar"), help);
        }
        Some(date)
    }

    /// Whether `%` is followed by something it could divide by.
    fn operand_follows(&self) -> bool {
        let after = self.rest().get(1..).unwrap_or("").trim_start();
        after.starts_with(|c: char| c.is_alphanumeric() || c == '(' || c == '_' || c == '.')
            && !["and", "or"]
                .iter()
                .any(|w| after.starts_with(w) && after.get(w.len()..).is_some_and(|r| r.starts_with(' ')))
            && !self.cell
    }

    fn percent(&mut self, start: usize, digits: &str) {
        self.at += 1;
        let share = number::percent(digits);
        if let Err(error) = share {
            self.bad_number(start, digits, error);
        } else if !self.cell {
            let written = self.slice(start).to_owned();
            let plain = share.map(|s| s.normalize().to_string()).unwrap_or_default();
            self.report(
                Code::Syntax,
                start,
                format!("`{written}` cannot stand inside an expression"),
                format!("write `{plain}`"),
            );
        }
        self.push(share.map_or(Token::Broken, Token::Dec), start);
    }

    fn text(&mut self, quote: char) {
        let start = self.at;
        if quote != '"' {
            self.other_quotes(quote);
            return;
        }
        self.at += 1;
        let mut text = String::new();
        loop {
            let here = self.at;
            let Some(c) = self.peek().filter(|c| *c != '\n') else {
                self.report(Code::Syntax, start, "a text is never closed", "close it with `\"`");
                break;
            };
            self.at += c.len_utf8();
            match c {
                '"' if self.peek() == Some('"') => {
                    self.at += 1;
                    text.push('"');
                }
                '"' => break,
                '\\' => match self.escape() {
                    Some(c) => text.push(c),
                    None => {
                        let written = self.slice(here).to_owned();
                        self.report(
                            Code::Syntax,
                            here,
                            format!("`{written}` is not an escape of a text"),
                            "the escapes are `\\\"`, `\\\\`, `\\n`, `\\r`, `\\t`, `\\x41`, `\\u4e2d` and `\\U0001f600`",
                        );
                    }
                },
                c => text.push(c),
            }
        }
        self.push(Token::Text(text.into()), start);
    }

    fn escape(&mut self) -> Option<char> {
        let c = self.peek().filter(|c| *c != '\n')?;
        self.at += c.len_utf8();
        let length = match c {
            '"' | '\\' => return Some(c),
            'n' => return Some('\n'),
            'r' => return Some('\r'),
            't' => return Some('\t'),
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => return None,
        };
        let digits = self.rest().get(..length).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        let code = u32::from_str_radix(digits, 16).ok()?;
        self.at += length;
        char::from_u32(code)
    }

    fn other_quotes(&mut self, quote: char) {
        let start = self.at;
        self.at += 1;
        self.skip_while(|c| c != quote && c != '\n');
        let inside = self.slice(start).get(1..).unwrap_or("").to_owned();
        if self.peek() == Some(quote) {
            self.at += 1;
        }
        let help = format!("write `\"{inside}\"`");
        if quote == '`' {
            self.report(
                Code::OutsideSubset,
                start,
                "a text in backticks is not part of the policy language",
                format!("{help}; text with values in it belongs into a reason: `Exposure {{account.exposure}}`"),
            );
        } else if inside.chars().count() == 1 {
            let message = format!("`'{inside}'` is a single character to Rhai, and never equal to a text");
            self.report(Code::Syntax, start, message, help);
        } else {
            self.report(Code::Syntax, start, "a text stands in double quotes", help);
        }
        self.push(Token::Broken, start);
    }
}

/// The digits with the point moved, where that stays short.
fn plain_form(digits: &str, by: i32) -> Option<String> {
    let plain: String = digits.chars().filter(|c| *c != '_').collect();
    let (whole, part) = plain.split_once('.').unwrap_or((&plain, ""));
    let all = format!("{whole}{part}");
    let point = i32::try_from(whole.len()).ok()?.checked_add(by)?;
    if point.unsigned_abs() > 60 {
        return None;
    }
    let length = i32::try_from(all.len()).ok()?;
    let moved = if point <= 0 {
        format!("0.{}{all}", "0".repeat(usize::try_from(-point).ok()?))
    } else if point >= length {
        format!("{all}{}", "0".repeat(usize::try_from(point - length).ok()?))
    } else {
        let (before, after) = all.split_at_checked(usize::try_from(point).ok()?)?;
        format!("{before}.{after}")
    };
    let trimmed = moved.trim_start_matches('0');
    Some(if trimmed.is_empty() || trimmed.starts_with('.') { format!("0{trimmed}") } else { trimmed.to_owned() })
}
