//! Tokens → syntax tree, with Rhai's own precedence. All errors are found: what cannot be read becomes [`Ast::Broken`].

mod choice;
mod cursor;
mod operands;
mod operators;
mod statements;
mod trouble;

use super::ast::{Fun, Node};
use super::token::{Lexeme, Token};
use crate::diag::{Code, Diagnostic, SourceText};

/// Reads tokens.
pub(crate) struct Parser<'a> {
    source: &'a SourceText,
    tokens: Vec<Lexeme>,
    next: usize,
    nesting: usize,
    too_deep: bool,
    pub(crate) found: Vec<Diagnostic>,
}

/// How strongly an operator binds, as in Rhai; all bind to the left.
fn strength(symbol: &str) -> Option<u8> {
    Some(match symbol {
        "||" | "|" | "^" => 30,
        "&&" | "&" => 60,
        "==" | "!=" | "=" => 90,
        "<" | "<=" | ">" | ">=" | "=>" => 130,
        "??" => 135,
        "+" | "-" => 150,
        "*" | "/" | "%" => 180,
        "**" => 190,
        "<<" | ">>" => 210,
        _ => return None,
    })
}

const IN: u8 = 110;

impl<'a> Parser<'a> {
    pub(crate) fn new(source: &'a SourceText, tokens: Vec<Lexeme>, found: Vec<Diagnostic>) -> Self {
        Self { source, tokens, next: 0, nesting: 0, too_deep: false, found }
    }

    /// A whole text as one expression.
    pub(crate) fn whole(&mut self) -> Node {
        let start = self.at();
        if matches!(self.peek(), Token::End) {
            if self.found.is_empty() {
                self.error(Code::Syntax, start, "an expression is missing", "write a value, a name or a comparison");
            }
            return self.broken(start);
        }
        let node = self.statements(start, false);
        self.end();
        node
    }

    /// `fn name(a, b) { … }`
    pub(crate) fn function(&mut self) -> Option<Fun> {
        self.bump();
        let name = self.name("a function")?;
        self.expect("(")?;
        let mut parameters = Vec::new();
        while !self.is("}") && !self.eat(")") {
            parameters.push(self.name("a parameter")?);
            if !self.eat(",") && !self.is(")") {
                self.expect(")")?;
            }
        }
        if !self.is("{") {
            self.expect("{")?;
        }
        let body = self.block();
        Some(Fun { name, parameters, body })
    }
}

impl Node {
    fn with_depth(mut self, depth: usize) -> Self {
        self.depth = self.depth.max(depth);
        self
    }
}

/// Words of Rhai that begin what an expression cannot do, and what to do instead.
fn outside(word: &str) -> Option<&'static str> {
    Some(match word {
        "for" | "while" | "loop" | "do" | "until" | "break" | "continue" => {
            "count and sum with a measure; a loop belongs into a script's function"
        }
        "return" => "end with the value itself: `let x = a; x + 1`",
        "throw" | "try" | "catch" => "say what holds instead with `if c { a } else { b }`",
        "const" => "write `let`",
        "fn" | "Fn" | "private" => "write the function in a script and name it under `functions:`",
        "import" | "export" | "eval" | "print" | "debug" => "an expression sees only facts, parameters and functions",
        "null" | "nil" | "void" => "ask `is_given(x)`, or give a value for a missing one with `x ?? y`",
        _ => return None,
    })
}
