//! What the rows of a decision table ask of single values.

use super::cuts::Cuts;
use super::spans::Spans;
use crate::lang::expr::CompareOp;
use crate::lang::{Base, Expr, Kind, NodeRef, Value};

/// What a row asks of one input.
pub(super) enum Asks {
    Compare(CompareOp, Value),
    OneOf(Vec<Value>),
    Is(bool),
    Given(bool),
    Or(Box<Asks>, Box<Asks>),
    And(Box<Asks>, Box<Asks>),
}

impl Asks {
    /// The values it names.
    pub(super) fn constants<'s>(&'s self, all: &mut Vec<&'s Value>) {
        match self {
            Asks::Compare(_, value) => all.push(value),
            Asks::OneOf(values) => all.extend(values),
            Asks::Is(_) | Asks::Given(_) => {}
            Asks::Or(a, b) | Asks::And(a, b) => {
                a.constants(all);
                b.constants(all);
            }
        }
    }

    /// The positions at which a value is what is asked for; `None` where that cannot be told.
    pub(super) fn spans(&self, cuts: &Cuts) -> Option<Spans> {
        let end = cuts.positions();
        Some(match self {
            Asks::Given(true) => Spans::of([(0, end)]),
            Asks::Given(false) => Spans::of([]),
            Asks::Is(wanted) => {
                let at = cuts.position(&Value::Bool(*wanted))?;
                Spans::of([(at, at + 1)])
            }
            Asks::OneOf(values) => {
                let at: Option<Vec<usize>> = values.iter().map(|value| cuts.position(value)).collect();
                Spans::of(at?.into_iter().map(|at| (at, at + 1)))
            }
            Asks::Compare(op, value) => {
                let cut = cuts.position(value)?;
                if !cuts.have_order() && !matches!(op, CompareOp::Equal | CompareOp::NotEqual) {
                    return None;
                }
                match op {
                    CompareOp::Equal => Spans::of([(cut, cut + 1)]),
                    CompareOp::NotEqual => Spans::of([(0, cut), (cut + 1, end)]),
                    CompareOp::Less => Spans::of([(0, cut)]),
                    CompareOp::LessOrEqual => Spans::of([(0, cut + 1)]),
                    CompareOp::Greater => Spans::of([(cut + 1, end)]),
                    CompareOp::GreaterOrEqual => Spans::of([(cut, end)]),
                }
            }
            Asks::Or(a, b) => a.spans(cuts)?.or(b.spans(cuts)?),
            Asks::And(a, b) => a.spans(cuts)?.and(&b.spans(cuts)?),
        })
    }

    /// Whether a missing value is what is asked for; `None` where a value is needed.
    pub(super) fn holds_of_nothing(&self) -> Option<bool> {
        match self {
            Asks::Given(given) => Some(!given),
            Asks::Compare(..) | Asks::OneOf(_) | Asks::Is(_) => None,
            Asks::Or(a, b) => Some(a.holds_of_nothing()? || b.holds_of_nothing()?),
            Asks::And(a, b) => Some(a.holds_of_nothing()? && b.holds_of_nothing()?),
        }
    }
}

/// What a condition asks one after the other.
pub(super) fn parts_of<'e>(expr: &'e Expr, parts: &mut Vec<&'e Expr>) {
    match &expr.kind {
        Kind::And(a, b) => {
            parts_of(a, parts);
            parts_of(b, parts);
        }
        Kind::Lit(Value::Bool(true)) => {}
        _ => parts.push(expr),
    }
}

/// What a part of a condition asks of a single value.
pub(super) fn ask(expr: &Expr) -> Option<(NodeRef, Base, Asks)> {
    let of = |expr: &Expr, asks| match &expr.kind {
        Kind::Node(node) => Some((*node, expr.ty.base.clone(), asks)),
        _ => None,
    };
    match &expr.kind {
        Kind::Compare(op, a, b) => match (constant(a), constant(b)) {
            (_, Some(value)) => of(a, Asks::Compare(*op, value)),
            (Some(value), _) => of(b, Asks::Compare(op.turned(), value)),
            (None, None) => None,
        },
        Kind::In(item, list) => {
            let values = match &list.kind {
                Kind::List(items) => items.iter().map(constant),
                _ => return None,
            };
            of(item, Asks::OneOf(values.collect::<Option<_>>()?))
        }
        Kind::IsGiven(inner) => of(inner, Asks::Given(true)),
        Kind::Not(inner) => match &inner.kind {
            Kind::IsGiven(inner) => of(inner, Asks::Given(false)),
            _ => of(inner, Asks::Is(false)),
        },
        Kind::Node(_) => of(expr, Asks::Is(true)),
        Kind::Or(a, b) | Kind::And(a, b) => {
            let ((node, base, a), (other, _, b)) = (ask(a)?, ask(b)?);
            let both = match &expr.kind {
                Kind::Or(..) => Asks::Or(Box::new(a), Box::new(b)),
                _ => Asks::And(Box::new(a), Box::new(b)),
            };
            (node == other).then_some((node, base, both))
        }
        _ => None,
    }
}

/// A value that is written; a whole number may be written for a decimal.
fn constant(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        Kind::Lit(value) if value.is_given() => Some(value.clone()),
        Kind::ToDecimal(inner) => match constant(inner)? {
            Value::Int(number) => Some(Value::Dec(number.into())),
            _ => None,
        },
        _ => None,
    }
}
