//! Types and units: from syntax to typed expressions.

mod adopt;
mod arith;
mod call;
mod cell;
mod checker;
mod choice;
mod compare;
mod convert;
mod name;
mod plain;
mod standalone;
mod template;
mod typed;

pub(crate) use call::counted;
pub(crate) use checker::{Checker, Local};
pub(crate) use typed::Raw;

use super::expr::{Expr, Kind, NodeRef};
use super::syntax::parse::Parser;
use super::syntax::token;
use super::types::Type;
use super::value::Value;
use crate::diag::{Diagnostic, SourceText, Span};

pub use cell::cell;
pub use plain::{plain_cell, plain_expression};
pub use template::template;

/// What a name stands for.
#[derive(Clone, Debug)]
pub enum Found {
    /// Another node of the plan.
    Node(NodeRef, Type),
    /// A constant.
    Constant(Value, Type),
    /// Something that is there but in error already: stay silent, the cause has been reported.
    Broken,
    /// Nothing.
    Nothing,
}

/// Where names come from. Resolving a name may itself lower what it stands for.
pub trait Names {
    /// What a whole dotted name stands for.
    fn find(&mut self, name: &str, at: Span) -> Found;
    /// What a name with arguments takes: `account.sales(n)`, `limit.exceeded_by(x)`, a script's function.
    fn signature(&mut self, name: &str) -> Option<Vec<Type>>;
    /// The expression such a call stands for; `None` when an error was reported.
    fn call(&mut self, name: &str, arguments: Vec<Expr>, at: Span) -> Option<Expr>;
    /// The known name nearest to what was written.
    fn nearest(&self, name: &str) -> Option<String>;
    /// The section that would make a decision of this name, where the policy lacks it.
    fn section_lacking(&self, _name: &str) -> Option<&'static str> {
        None
    }
    /// Whether thousandths are too small to be money.
    fn no_thousandths(&self) -> bool {
        false
    }
    /// Takes a finding.
    fn report(&mut self, diagnostic: Diagnostic);
}

/// What the place of an expression asks for.
#[derive(Clone, Debug)]
pub struct Expected<'e> {
    /// The type; a bare literal takes its unit. `None`: any type.
    pub ty: Option<Type>,
    /// What about values that may be missing.
    pub missing: Missing,
    /// Conditions that hold where the expression is evaluated: what they make sure of need not be handled again.
    pub given: &'e [Expr],
    /// Names of values that whoever evaluates the expression holds, in the first slots.
    pub locals: &'e [(String, Type)],
}

impl Expected<'_> {
    /// A value of a type, or of any, that is there; nothing is known of the place.
    pub fn of(ty: Option<Type>) -> Self {
        Self { ty, missing: Missing::Refused, given: &[], locals: &[] }
    }
}

/// What about values that may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// An optional operand must be handled by `??` or `is_given`; the result must be there (unless the expected type is optional).
    Refused,
    /// Optional operands may stand unhandled: the place says what then (`Kind::OnMissing` is put around the result).
    Met,
}

/// Reads and checks an expression. Where a number is asked for, a share standing alone may be written `5%`.
pub fn expression(text: &SourceText, expected: &Expected<'_>, names: &mut dyn Names) -> Option<Expr> {
    if let Some(share) = standalone::percent(text, expected, names) {
        return share;
    }
    let (tokens, found) = token::expression_tokens(text);
    let mut parser = Parser::new(text, tokens, found);
    let node = parser.whole();
    let found = parser.found;
    let mut checker = Checker::new(text, names, expected.missing, found);
    for condition in expected.given {
        made_sure(condition, &mut checker.sure);
    }
    for (name, ty) in expected.locals {
        checker.hold(name, ty);
    }
    let result = checker.top(&node, expected);
    checker.finish(result)
}

/// The nodes that are there wherever a condition holds.
fn made_sure(condition: &Expr, sure: &mut Vec<NodeRef>) {
    match &condition.kind {
        Kind::And(a, b) => {
            made_sure(a, sure);
            made_sure(b, sure);
        }
        Kind::IsGiven(of) => {
            if let Kind::Node(node) = of.kind {
                sure.push(node);
            }
        }
        _ => {}
    }
}
