//! Cells of a table: DMN-like unary tests.

mod short;
mod text;
mod value;

use std::borrow::Cow;

use super::Names;
use super::template::part_of;
use crate::diag::{Code, Diagnostic, SourceText, Span};
use crate::lang::expr::{CompareOp, Expr, Kind};
use crate::lang::types::{Base, Type};
use crate::lang::value::Value;

/// What a cell asks.
enum Test {
    /// Nothing.
    Any,
    /// Whether the value is missing.
    Missing,
    /// The value is this.
    Value(Expr),
    /// A condition on the value.
    Holds(Expr),
    /// The contrary.
    Not(Box<Test>),
    /// One of several.
    AnyOf(Vec<Test>),
}

/// Reads and checks a cell of a table against the value it is asked of; gives a `bool`. A missing value meets only
/// `missing` and `any`.
pub fn cell(text: &SourceText, subject: &Expr, names: &mut dyn Names) -> Option<Expr> {
    let there = Expr { ty: Type::of(subject.ty.base.clone()), ..subject.clone() };
    let asked = Asked { subject, there, span: text.span(0, text.text.len()) };
    let test = asked.read(text, names, 0)?;
    Some(asked.build(test))
}

/// The value a cell is asked of.
struct Asked<'a> {
    subject: &'a Expr,
    /// The same, known to be there.
    there: Expr,
    span: Span,
}

impl Asked<'_> {
    fn base(&self) -> &Base {
        &self.there.ty.base
    }

    fn read(&self, text: &SourceText, names: &mut dyn Names, depth: usize) -> Option<Test> {
        let text = &*trimmed(text);
        let mut report = |code: Code, message: String, help: &str| {
            names.report(Diagnostic::error(code, message, text.place(0, text.text.len())).help(help));
        };
        match text.text.as_str() {
            "" => {
                report(Code::Syntax, "the cell is empty".to_owned(), "write `any`, or leave the column out of the row");
                return None;
            }
            "any" | "-" => return Some(Test::Any),
            "missing" if self.subject.ty.optional => return Some(Test::Missing),
            "missing" => {
                let message = "this value is never missing".to_owned();
                report(Code::WrongType, message, "take `missing` out, or declare the value `optional`");
                return None;
            }
            _ => {}
        }
        if let Base::List(_) = self.base() {
            let message = "a cell cannot ask a list".to_owned();
            report(Code::WrongType, message, "write `when: x in list` instead");
            return None;
        }
        if let Some(inner) = within_not(text) {
            if depth > 8 {
                report(Code::TooLarge, "more than 8 `not` inside each other".to_owned(), "write the value itself");
                return None;
            }
            return Some(Test::Not(Box::new(self.read(&inner, names, depth + 1)?)));
        }
        if self.base().is_text() { self.read_text(text, names, depth) } else { self.read_value(text, names) }
    }

    /// The condition, false for a missing value except where `missing` or `any` is asked.
    fn build(&self, test: Test) -> Expr {
        if !self.subject.ty.optional {
            return self.condition(test);
        }
        match test {
            Test::Any => self.constant(true),
            Test::Missing => self.not(self.is_given()),
            Test::Not(of) if matches!(*of, Test::Missing) => self.is_given(),
            Test::AnyOf(all) if all.iter().any(|t| matches!(t, Test::Missing)) => {
                let missing = self.not(self.is_given());
                let there = self.guarded(self.condition(Test::AnyOf(all)));
                self.bool(Kind::Or(Box::new(missing), Box::new(there)))
            }
            test => self.guarded(self.condition(test)),
        }
    }

    /// The condition on a value that is there.
    fn condition(&self, test: Test) -> Expr {
        match test {
            Test::Any => self.constant(true),
            Test::Missing => self.constant(false),
            Test::Value(value) => self.equal(value),
            Test::Holds(condition) => condition,
            Test::Not(of) => self.not(self.condition(*of)),
            Test::AnyOf(all) => {
                let (mut values, mut others) = (Vec::new(), Vec::new());
                for test in all {
                    match test {
                        Test::Value(value) => values.push(value),
                        Test::Missing => {}
                        other => others.push(other),
                    }
                }
                let listed = match values.len() {
                    0 | 1 => values.pop().map(|one| self.equal(one)),
                    _ => Some(self.listed(values)),
                };
                let all = listed.into_iter().chain(others.into_iter().map(|test| self.condition(test)));
                all.reduce(|a, b| self.bool(Kind::Or(Box::new(a), Box::new(b)))).unwrap_or_else(|| self.constant(false))
            }
        }
    }

    fn bool(&self, kind: Kind) -> Expr {
        Expr { kind, ty: Type::of(Base::Bool), span: self.span }
    }

    fn constant(&self, value: bool) -> Expr {
        self.bool(Kind::Lit(Value::Bool(value)))
    }

    fn not(&self, of: Expr) -> Expr {
        self.bool(Kind::Not(Box::new(of)))
    }

    fn is_given(&self) -> Expr {
        self.bool(Kind::IsGiven(Box::new(self.subject.clone())))
    }

    fn guarded(&self, condition: Expr) -> Expr {
        self.bool(Kind::And(Box::new(self.is_given()), Box::new(condition)))
    }

    fn equal(&self, value: Expr) -> Expr {
        self.bool(Kind::Compare(CompareOp::Equal, Box::new(self.there.clone()), Box::new(value)))
    }

    fn listed(&self, values: Vec<Expr>) -> Expr {
        let ty = Type::of(Base::List(Box::new(self.base().clone())));
        let list = Expr { kind: Kind::List(values), ty, span: self.span };
        self.bool(Kind::In(Box::new(self.there.clone()), Box::new(list)))
    }
}

/// The text without the space around it.
fn trimmed(text: &SourceText) -> Cow<'_, SourceText> {
    let plain = text.text.trim();
    if plain.len() == text.text.len() {
        return Cow::Borrowed(text);
    }
    let start = text.text.len() - text.text.trim_start().len();
    Cow::Owned(part_of(text, start, start + plain.len()))
}

/// What stands in `not(…)`, when that is the whole text.
fn within_not(text: &SourceText) -> Option<SourceText> {
    let rest = text.text.strip_prefix("not")?.trim_start();
    let inner = rest.strip_prefix('(')?.strip_suffix(')')?;
    let end = text.text.len() - 1;
    Some(part_of(text, end - inner.len(), end))
}
