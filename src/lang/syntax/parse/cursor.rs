//! Where the parser stands: tokens, spans, depth, findings.

use super::Parser;
use crate::diag::{Code, Diagnostic};
use crate::lang::syntax::MAX_DEPTH;
use crate::lang::syntax::ast::{Ast, At, Node};
use crate::lang::syntax::token::Token;

impl Parser<'_> {
    pub(crate) fn peek(&self) -> &Token {
        self.tokens.get(self.next).map_or(&Token::End, |l| &l.token)
    }

    pub(crate) fn peek_after(&self) -> &Token {
        self.tokens.get(self.next + 1).map_or(&Token::End, |l| &l.token)
    }

    pub(crate) fn at(&self) -> At {
        let end = self.source.text.len();
        self.tokens.get(self.next).map_or(At { start: end, end }, |l| l.at)
    }

    pub(super) fn before(&self) -> At {
        self.next.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(At { start: 0, end: 0 }, |l| l.at)
    }

    pub(crate) fn bump(&mut self) -> At {
        let at = self.at();
        if self.next < self.tokens.len() {
            self.next += 1;
        }
        at
    }

    pub(crate) fn is(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Sym(s) if *s == symbol)
    }

    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(w) if w == word)
    }

    pub(crate) fn eat(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        if found {
            self.bump();
        }
        found
    }

    pub(super) fn expect(&mut self, symbol: &'static str) -> Option<At> {
        if self.is(symbol) {
            return Some(self.bump());
        }
        if self.comma_in_number() {
            return None;
        }
        let at = self.at();
        let found = self.shown();
        self.error(
            Code::Syntax,
            at,
            format!("`{symbol}` is missing before {found}"),
            format!("put `{symbol}` where this expression should go on"),
        );
        None
    }

    /// The next token as people would name it.
    pub(super) fn shown(&self) -> String {
        let at = self.at();
        match self.source.text.get(at.start..at.end) {
            Some(text) if !text.is_empty() => format!("`{text}`"),
            _ => "the end".to_owned(),
        }
    }

    pub(crate) fn error(&mut self, code: Code, at: At, message: impl Into<String>, help: impl Into<String>) {
        // What is too deep is not read to its end: what is missing behind it is only unread.
        if self.too_deep && code != Code::TooLarge {
            return;
        }
        let place = self.source.place(at.start, at.end);
        if self.found.iter().any(|d| d.place.as_ref() == Some(&place)) {
            return;
        }
        self.found.push(Diagnostic::error(code, message, place).help(help));
    }

    pub(crate) fn broken(&self, at: At) -> Node {
        Node { ast: Ast::Broken, at, depth: 0 }
    }

    pub(super) fn node(&mut self, ast: Ast, at: At, below: impl IntoIterator<Item = usize>) -> Node {
        let depth = below.into_iter().max().map_or(0, |d| d + 1);
        if depth > MAX_DEPTH {
            self.deep(at);
            return self.broken(at);
        }
        Node { ast, at, depth }
    }

    pub(super) fn deep(&mut self, at: At) {
        if !self.too_deep {
            self.too_deep = true;
            self.error(
                Code::TooLarge,
                at,
                format!("the expression is more than {MAX_DEPTH} operators, parentheses or `else if` deep"),
                "give parts of it a name of their own, or make a table of it",
            );
        }
        self.next = self.tokens.len();
    }

    /// Where reading stands, to come back to.
    pub(crate) fn mark(&self) -> (usize, usize) {
        (self.next, self.found.len())
    }

    /// Back to a mark, as if nothing had been read since.
    pub(crate) fn reset(&mut self, (next, found): (usize, usize)) {
        self.next = next;
        self.found.truncate(found);
    }

    /// Leaves the rest unread.
    pub(crate) fn drain(&mut self) {
        self.next = self.tokens.len();
    }
}
