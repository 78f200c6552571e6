//! The meaning of a typed expression.

use chrono::NaiveDate;

use super::calendar::Calendar;
use super::expr::{Expr, Function, FunctionRef, NodeRef};
use super::functions::Rounding;
use super::value::Value;
use crate::diag::Span;

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq)]
pub enum Stop {
    /// It met a missing value that nothing in it handles.
    Missing,
    /// It cannot be computed.
    Failed(Failure),
}

/// Why something cannot be computed.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// This expression cannot be.
    Here {
        /// In words: `division by zero`.
        reason: String,
        /// The part of the expression.
        span: Span,
    },
    /// It reads a node that failed.
    Because(NodeRef),
}

/// Where values come from.
pub trait Env {
    /// The value of a node.
    fn node(&mut self, node: NodeRef) -> Result<Value, Failure>;
    /// The date of the evaluation.
    fn as_of(&self) -> NaiveDate;
    /// Evaluates as of another date.
    fn as_at(&mut self, date: NaiveDate, expr: &Expr, locals: &mut Vec<Value>) -> Result<Value, Stop>;
    /// Working days.
    fn calendar(&self) -> &Calendar;
    /// How money is rounded.
    fn rounding(&self) -> Rounding;
    /// A function of the scripts.
    fn function(&self, function: FunctionRef) -> Option<&Function>;
}

/// The value of an expression.
pub fn evaluate(expr: &Expr, env: &mut dyn Env, locals: &mut Vec<Value>) -> Result<Value, Stop> {
    let _ = (expr, env, locals);
    Ok(Value::Missing)
}
