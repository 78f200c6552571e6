//! The meaning of a typed expression.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use super::calendar::Calendar;
use super::expr::{ArithOp, Body, CompareOp, DatePart, Expr, Function, FunctionRef, Kind, NodeRef};
use super::functions::{self, Builtin, Rounding, add_days, apply};
use super::value::Value;
use crate::diag::{Place, Span};

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
    /// What one unit of a currency is in the policy's on the date; the error is the reason in words.
    fn fx_rate(&self, currency: &str) -> Result<Decimal, String>;
    /// A function of the scripts.
    fn function(&self, function: FunctionRef) -> Option<&Function>;
}

/// The value of an expression.
pub fn evaluate(expr: &Expr, env: &mut dyn Env, locals: &mut Vec<Value>) -> Result<Value, Stop> {
    match &expr.kind {
        Kind::Lit(value) => Ok(value.clone()),
        Kind::Node(node) => env.node(*node).map_err(Stop::Failed),
        Kind::Local(slot) => locals.get(*slot as usize).cloned().ok_or_else(|| fail(expr, "a name without a value")),
        Kind::AsOf => Ok(Value::Date(env.as_of())),
        Kind::Part(part, of) => match given(of, env, locals)? {
            Value::Date(date) => Ok(Value::Int(match part {
                DatePart::Year => i64::from(date.year()),
                DatePart::Month => i64::from(date.month()),
                DatePart::Day => i64::from(date.day()),
            })),
            _ => Err(unfit(expr)),
        },
        Kind::Not(of) => Ok(Value::Bool(!truth(of, env, locals)?)),
        Kind::Negate(of) => match given(of, env, locals)? {
            Value::Int(n) => n.checked_neg().map(Value::Int).ok_or_else(|| fail(expr, OVERFLOW)),
            Value::Dec(d) => Ok(Value::Dec(-d)),
            _ => Err(unfit(expr)),
        },
        Kind::Arith(op, a, b) => {
            let a = given(a, env, locals)?;
            let b = given(b, env, locals)?;
            arithmetic(*op, &a, &b).map_err(|reason| fail(expr, reason))
        }
        Kind::Compare(op, a, b) => {
            let a = given(a, env, locals)?;
            let b = given(b, env, locals)?;
            compare(*op, &a, &b).map(Value::Bool).ok_or_else(|| unfit(expr))
        }
        Kind::And(a, b) => Ok(Value::Bool(truth(a, env, locals)? && truth(b, env, locals)?)),
        Kind::Or(a, b) => Ok(Value::Bool(truth(a, env, locals)? || truth(b, env, locals)?)),
        Kind::Coalesce(a, b) => match evaluate(a, env, locals)? {
            Value::Missing => evaluate(b, env, locals),
            value => Ok(value),
        },
        Kind::In(item, list) => {
            let Value::List(items) = given(list, env, locals)? else { return Err(unfit(expr)) };
            let item = given(item, env, locals)?;
            Ok(Value::Bool(items.contains(&item)))
        }
        Kind::List(items) => {
            let values: Result<Vec<Value>, Stop> = items.iter().map(|item| given(item, env, locals)).collect();
            Ok(Value::List(values?.into()))
        }
        Kind::If(condition, a, b) => {
            let taken = if truth(condition, env, locals)? { a } else { b };
            evaluate(taken, env, locals)
        }
        Kind::Switch { subject, cases, default } => {
            let subject = given(subject, env, locals)?;
            let hit = cases.iter().find(|(values, _)| values.contains(&subject)).map(|(_, gives)| gives);
            match hit.or(default.as_deref()) {
                Some(gives) => evaluate(gives, env, locals),
                None => Err(fail(expr, "no case holds this value")),
            }
        }
        Kind::Let { slot, value, body } => {
            let value = evaluate(value, env, locals)?;
            let slot = *slot as usize;
            if locals.len() <= slot {
                locals.resize(slot + 1, Value::Missing);
            }
            if let Some(place) = locals.get_mut(slot) {
                *place = value;
            }
            evaluate(body, env, locals)
        }
        Kind::Call(builtin, arguments) => {
            let values: Result<Vec<Value>, Stop> = arguments.iter().map(|a| given(a, env, locals)).collect();
            builtin_call(expr, *builtin, &values?, env)
        }
        Kind::Function(function, arguments) => {
            let values: Result<Vec<Value>, Stop> = arguments.iter().map(|a| evaluate(a, env, locals)).collect();
            call(expr, *function, values?, env)
        }
        Kind::ToDecimal(of) => match evaluate(of, env, locals)? {
            Value::Int(n) => Ok(Value::Dec(Decimal::from(n))),
            value => Ok(value),
        },
        Kind::IsGiven(of) => Ok(Value::Bool(evaluate(of, env, locals)?.is_given())),
        Kind::OnMissing(a, b) => match evaluate(a, env, locals) {
            Ok(Value::Missing) | Err(Stop::Missing) => evaluate(b, env, locals),
            other => other,
        },
        Kind::AsAt(of, date) => match given(date, env, locals)? {
            Value::Date(date) => env.as_at(date, of, locals),
            _ => Err(unfit(expr)),
        },
    }
}

const OVERFLOW: &str = "the result is too large to hold";

/// What a built-in function gives; a rate is the book's.
fn builtin_call(expr: &Expr, builtin: Builtin, values: &[Value], env: &dyn Env) -> Result<Value, Stop> {
    let result = match (builtin, values) {
        (Builtin::FxRate, [Value::Text(currency)]) => env.fx_rate(currency).map(Value::Dec),
        _ => apply(builtin, values, env.calendar(), &env.rounding()),
    };
    result.map_err(|reason| fail(expr, reason))
}

/// A failure inside a function shows at the call, and says where in the script it came from.
fn call(expr: &Expr, function: FunctionRef, mut values: Vec<Value>, env: &mut dyn Env) -> Result<Value, Stop> {
    let Some(function) = env.function(function) else { return Err(fail(expr, "a function that is not there")) };
    let (body, source) = (function.body.clone(), Arc::clone(&function.source));
    let result = match body {
        Body::Lowered(body) => evaluate(&body, env, &mut values),
        Body::Script(script) => script.call(&values).map_err(Stop::Failed),
    };
    result.map_err(|stop| match stop {
        Stop::Failed(Failure::Here { reason, span }) => fail(expr, format!("{reason} ({})", Place::new(&source, span))),
        other => other,
    })
}

fn fail(expr: &Expr, reason: impl Into<String>) -> Stop {
    Stop::Failed(Failure::Here { reason: reason.into(), span: expr.span })
}

/// A value of another type than the checker settled: the environment did not give what it declared.
fn unfit(expr: &Expr) -> Stop {
    fail(expr, "a value of another type than declared")
}

/// A value that must be there.
fn given(expr: &Expr, env: &mut dyn Env, locals: &mut Vec<Value>) -> Result<Value, Stop> {
    match evaluate(expr, env, locals)? {
        Value::Missing => Err(Stop::Missing),
        value => Ok(value),
    }
}

fn truth(expr: &Expr, env: &mut dyn Env, locals: &mut Vec<Value>) -> Result<bool, Stop> {
    match given(expr, env, locals)? {
        Value::Bool(b) => Ok(b),
        _ => Err(unfit(expr)),
    }
}

/// `+ - * /` on two values that are there; the error is the reason in words.
pub fn arithmetic(op: ArithOp, a: &Value, b: &Value) -> Result<Value, String> {
    use Value::{Date, Dec, Int};
    let whole = |n: Option<i64>| n.map(Int).ok_or_else(|| OVERFLOW.to_owned());
    let decimal = |d: Option<Decimal>| d.map(Dec).ok_or_else(|| OVERFLOW.to_owned());
    match (op, a, b) {
        (ArithOp::Add, Int(a), Int(b)) => whole(a.checked_add(*b)),
        (ArithOp::Subtract, Int(a), Int(b)) => whole(a.checked_sub(*b)),
        (ArithOp::Multiply, Int(a), Int(b)) => whole(a.checked_mul(*b)),
        (ArithOp::Add, Dec(a), Dec(b)) => decimal(a.checked_add(*b)),
        (ArithOp::Subtract, Dec(a), Dec(b)) => decimal(a.checked_sub(*b)),
        (ArithOp::Multiply, Dec(a), Dec(b)) => decimal(a.checked_mul(*b)),
        (ArithOp::Divide, Dec(_), Dec(b)) if b.is_zero() => Err("division by zero".to_owned()),
        (ArithOp::Divide, Dec(a), Dec(b)) => decimal(a.checked_div(*b)),
        (ArithOp::Subtract, Date(a), Date(b)) => Ok(Int(a.signed_duration_since(*b).num_days())),
        (ArithOp::Add | ArithOp::Subtract, Date(day), Int(n)) => {
            let by = if op == ArithOp::Add { Some(*n) } else { n.checked_neg() };
            by.and_then(|n| add_days(*day, n)).map(Date).ok_or_else(|| "the day lies outside the calendar".to_owned())
        }
        _ => Err("a value of another type than declared".to_owned()),
    }
}

/// A comparison of two values that are there; none where they have no order.
pub fn compare(op: CompareOp, a: &Value, b: &Value) -> Option<bool> {
    Some(match op {
        CompareOp::Equal => a == b,
        CompareOp::NotEqual => a != b,
        CompareOp::Less => functions::compare(a, b)?.is_lt(),
        CompareOp::LessOrEqual => functions::compare(a, b)?.is_le(),
        CompareOp::Greater => functions::compare(a, b)?.is_gt(),
        CompareOp::GreaterOrEqual => functions::compare(a, b)?.is_ge(),
    })
}
