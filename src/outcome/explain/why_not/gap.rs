//! How far a comparison is from holding, in the unit of what it compares.

use rust_decimal::Decimal;

use crate::engine::Run;
use crate::lang::expr::{ArithOp, CompareOp};
use crate::lang::functions::Builtin;
use crate::lang::{Base, Expr, Kind, Value};
use crate::plan::{Form, Plan, RelationId};

use super::super::reads;

/// What a distance is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Whole things: lawsuits, invoices.
    Count,
    /// A number without a unit: a score.
    Number,
    /// Hundredths of a share that the policy writes with `%`.
    Points,
    Money,
    Days,
    Months,
}

/// A comparison that does not hold, what was seen turned to the left.
#[derive(Clone, Debug)]
pub(super) struct Gap {
    pub(super) seen: Value,
    pub(super) op: CompareOp,
    pub(super) bound: Value,
    /// The type of both.
    pub(super) base: Base,
    /// The bound is the day of the evaluation.
    pub(super) today: bool,
    /// The least change of what was seen after which it holds; none where there is no such measure.
    pub(super) by: Option<Value>,
    pub(super) unit: Unit,
}

/// The sides of a comparison.
struct Sides<'e> {
    seen: &'e Expr,
    op: CompareOp,
    bound: &'e Expr,
}

/// The gap of a comparison for a row; none where a side has no value.
pub(super) fn of(run: &mut Run<'_>, expr: &Expr, at: (RelationId, u32), text: &str) -> Option<Gap> {
    let sides = sides(run, expr, at)?;
    let seen = run.value_of(sides.seen, at.0, at.1).filter(Value::is_given)?;
    let bound = run.value_of(sides.bound, at.0, at.1).filter(Value::is_given)?;
    let base = sides.seen.ty.base.clone();
    let unit = match base {
        Base::Int => Unit::Count,
        Base::Days | Base::Date => Unit::Days,
        Base::Months => Unit::Months,
        Base::Money => Unit::Money,
        Base::OwnMoney(_) => Unit::Number,
        _ if is_share(run.plan(), sides.bound, text) => Unit::Points,
        _ => Unit::Number,
    };
    let step = match unit {
        Unit::Count | Unit::Days | Unit::Months => Some(Value::Int(1)),
        Unit::Money => Some(Value::Dec(run.plan().money.rounding.unit)),
        Unit::Number | Unit::Points => None,
    };
    let by = distance(sides.op, &seen, &bound, step);
    let today = matches!(sides.bound.kind, Kind::AsOf);
    Some(Gap { seen, op: sides.op, bound, base, today, by, unit })
}

/// What is compared, the constant on the right; of a difference that is held against 0, its two terms.
fn sides<'e, 'a: 'e>(run: &mut Run<'a>, expr: &'e Expr, at: (RelationId, u32)) -> Option<Sides<'e>> {
    let Kind::Compare(op, a, b) = &expr.kind else { return None };
    let rank = |of: &Expr| match of.kind {
        Kind::AsOf => 1,
        _ if is_constant(run.plan(), of) => 2,
        _ => 0,
    };
    let sides = match rank(a) > rank(b) {
        true => Sides { seen: b, op: op.turned(), bound: a },
        false => Sides { seen: a, op: *op, bound: b },
    };
    if !matches!(zero(sides.bound), Some(true)) {
        return Some(sides);
    }
    Some(match difference(run, sides.seen, sides.op, at) {
        Some((seen, bound)) => Sides { seen, bound, ..sides },
        None => sides,
    })
}

/// The terms of `a - b`, or of `max(0, a - b)` where asking the one is asking the other.
fn difference<'e, 'a: 'e>(
    run: &mut Run<'a>,
    expr: &'e Expr,
    op: CompareOp,
    at: (RelationId, u32),
) -> Option<(&'e Expr, &'e Expr)> {
    match &expr.kind {
        Kind::Arith(ArithOp::Subtract, a, b) if a.ty.base == b.ty.base => Some((a, b)),
        Kind::Node(_) if matches!(op, CompareOp::Greater | CompareOp::LessOrEqual) => clamped(run, expr, at),
        _ => None,
    }
}

fn clamped<'e, 'a: 'e>(run: &mut Run<'a>, expr: &'e Expr, at: (RelationId, u32)) -> Option<(&'e Expr, &'e Expr)> {
    match &expr.kind {
        Kind::Node(node) => match &run.plan().node(*node)?.form {
            Form::Expr(inner) => clamped(run, inner, at),
            _ => None,
        },
        Kind::If(condition, a, b) => match run.value_of(condition, at.0, at.1)? {
            Value::Bool(true) => clamped(run, a, at),
            Value::Bool(false) => clamped(run, b, at),
            _ => None,
        },
        Kind::Call(Builtin::Max, arguments) => match arguments.as_slice() {
            [least, Expr { kind: Kind::Arith(ArithOp::Subtract, a, b), .. }] if zero(least) == Some(true) => {
                Some((a, b))
            }
            _ => None,
        },
        _ => None,
    }
}

/// Whether a constant is 0.
fn zero(expr: &Expr) -> Option<bool> {
    match &expr.kind {
        Kind::Lit(Value::Dec(d)) => Some(d.is_zero()),
        Kind::Lit(Value::Int(n)) => Some(*n == 0),
        Kind::ToDecimal(of) => zero(of),
        _ => None,
    }
}

/// Whether it is the same for every row: a number of the policy.
fn is_constant(plan: &Plan, expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Lit(_) => true,
        Kind::ToDecimal(of) | Kind::Negate(of) => is_constant(plan, of),
        Kind::Node(node) => reads::is_constant(plan, *node),
        _ => false,
    }
}

/// Whether the policy writes a number with `%`.
fn is_share(plan: &Plan, bound: &Expr, text: &str) -> bool {
    let percent = |text: &str, expr: &Expr| {
        let from = text.get(expr.span.start as usize..).unwrap_or_default();
        let number = from.trim_start_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '_' | '-'));
        number.len() < from.len() && number.trim_start().starts_with('%')
    };
    match &bound.kind {
        Kind::Lit(_) => percent(text, bound),
        Kind::Node(node) => match plan.node(*node).map(|n| (&n.form, &n.place)) {
            Some((Form::Expr(inner), place)) => is_share(plan, inner, &place.source.text),
            _ => false,
        },
        _ => false,
    }
}

/// The least change after which the comparison holds. Where equal is not enough, one smallest unit more; what has no
/// smallest unit has the difference itself, which is then just not enough.
fn distance(op: CompareOp, seen: &Value, bound: &Value, step: Option<Value>) -> Option<Value> {
    let (from, to, strict) = match op {
        CompareOp::GreaterOrEqual => (seen, bound, false),
        CompareOp::Greater => (seen, bound, true),
        CompareOp::LessOrEqual => (bound, seen, false),
        CompareOp::Less => (bound, seen, true),
        CompareOp::Equal => (seen, bound, false),
        CompareOp::NotEqual => return None,
    };
    let more = |by: Value| match (by, step) {
        (Value::Int(n), Some(Value::Int(step))) if strict => n.checked_add(step).map(Value::Int),
        (Value::Dec(d), Some(Value::Dec(step))) if strict => d.checked_add(step).map(Value::Dec),
        (by, _) => Some(by),
    };
    let between = match (from, to) {
        (Value::Int(a), Value::Int(b)) => Value::Int(b.checked_sub(*a)?),
        (Value::Date(a), Value::Date(b)) => Value::Int(b.signed_duration_since(*a).num_days()),
        (a, b) => Value::Dec(decimal(b)?.checked_sub(decimal(a)?)?),
    };
    let between = match (op, between) {
        (CompareOp::Equal, Value::Int(n)) => Value::Int(n.checked_abs()?),
        (CompareOp::Equal, Value::Dec(d)) => Value::Dec(d.abs()),
        (_, between) => between,
    };
    more(between)
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Dec(d) => Some(*d),
        Value::Int(n) => Some(Decimal::from(*n)),
        _ => None,
    }
}
