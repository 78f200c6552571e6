//! Texts that need nobody to ask: a long column of them can be read side by side.

use super::{Expected, Found, Names, cell, expression};
use crate::diag::{Diagnostic, SourceText, Span};
use crate::lang::expr::Expr;
use crate::lang::types::Type;

/// A cell that reads no name and of which nothing is to be told; `None` for any other.
pub fn plain_cell(text: &SourceText, subject: &Expr, no_thousandths: bool) -> Option<Expr> {
    let mut nobody = Nobody::of(text, no_thousandths)?;
    cell(text, subject, &mut nobody).filter(|_| !nobody.asked)
}

/// An expression that reads no name and of which nothing is to be told; `None` for any other.
pub fn plain_expression(text: &SourceText, expected: &Expected<'_>, no_thousandths: bool) -> Option<Expr> {
    let mut nobody = Nobody::of(text, no_thousandths)?;
    expression(text, expected, &mut nobody).filter(|_| !nobody.asked)
}

/// Knows no names, and remembers whether it was asked for one, or told of a finding.
struct Nobody {
    asked: bool,
    no_thousandths: bool,
}

/// The longest text, in bytes, that is read so: what is longer may nest deeper than any thread's stack should hold.
const LONGEST: usize = 100;

impl Nobody {
    fn of(text: &SourceText, no_thousandths: bool) -> Option<Self> {
        (text.text.len() <= LONGEST).then_some(Self { asked: false, no_thousandths })
    }
}

impl Names for Nobody {
    fn find(&mut self, _: &str, _: Span) -> Found {
        self.asked = true;
        Found::Nothing
    }

    fn signature(&mut self, _: &str) -> Option<Vec<Type>> {
        self.asked = true;
        None
    }

    fn call(&mut self, _: &str, _: Vec<Expr>, _: Span) -> Option<Expr> {
        self.asked = true;
        None
    }

    fn nearest(&self, _: &str) -> Option<String> {
        None
    }

    fn no_thousandths(&self) -> bool {
        self.no_thousandths
    }

    fn report(&mut self, _: Diagnostic) {
        self.asked = true;
    }
}
