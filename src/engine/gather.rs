//! Rows taken together one after another: what an aggregate needs to remember of those gone by.

use std::cmp::Ordering;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::lang::Value;
use crate::lang::sum::ExactSum;
use crate::plan::Take;

/// What the rows so far come to. The order in which rows come does not show in it.
pub(super) enum Gathered {
    Count(i64),
    Any(bool),
    Sum(ExactSum),
    Extreme(Ordering, Value),
    Mean {
        top: ExactSum,
        bottom: ExactSum,
    },
    /// With the row, which settles ties.
    Last(Option<(NaiveDate, u32, Value)>),
    Intervals(Vec<(NaiveDate, NaiveDate)>),
}

impl Gathered {
    /// Nothing gathered yet.
    pub(super) fn new(take: &Take) -> Self {
        match take {
            Take::Count => Gathered::Count(0),
            Take::Any => Gathered::Any(false),
            Take::Sum => Gathered::Sum(ExactSum::default()),
            Take::Min => Gathered::Extreme(Ordering::Less, Value::Missing),
            Take::Max => Gathered::Extreme(Ordering::Greater, Value::Missing),
            Take::Mean => Gathered::Mean { top: ExactSum::default(), bottom: ExactSum::default() },
            Take::Last(_) => Gathered::Last(None),
            Take::Postpone { .. } => Gathered::Intervals(Vec::new()),
        }
    }
}

/// What the rows of one book come to, or of several.
pub(super) struct Total {
    pub(super) gathered: Gathered,
    /// The id of the row that counts, where one row does.
    pub(super) last: String,
}

impl Total {
    /// Takes in what another book came to.
    pub(super) fn merge(&mut self, other: Total) {
        match (&mut self.gathered, other.gathered) {
            (Gathered::Last(latest), Gathered::Last(Some((on, row, value)))) => {
                let is_later = |best| on > best || on == best && other.last >= self.last;
                if latest.as_ref().is_none_or(|(best, ..)| is_later(*best)) {
                    *latest = Some((on, row, value));
                    self.last = other.last;
                }
            }
            (gathered, other) => gathered.merge(other, |_, _| false),
        }
    }
}

impl Gathered {
    /// Takes in what other rows came to; of two rows of one day the one whose id comes later counts.
    pub(super) fn merge(&mut self, other: Gathered, comes_later: impl Fn(u32, u32) -> bool) {
        match (self, other) {
            (Gathered::Count(count), Gathered::Count(more)) => *count += more,
            (Gathered::Any(any), Gathered::Any(more)) => *any |= more,
            (Gathered::Sum(sum), Gathered::Sum(more)) => sum.merge(more),
            (Gathered::Extreme(wanted, best), Gathered::Extreme(_, other)) if other.is_given() => {
                better(best, other, *wanted);
            }
            (Gathered::Mean { top, bottom }, Gathered::Mean { top: above, bottom: below }) => {
                top.merge(above);
                bottom.merge(below);
            }
            (Gathered::Last(latest), Gathered::Last(Some((on, row, value)))) => {
                let is_later = |best, known| on > best || on == best && comes_later(row, known);
                if latest.as_ref().is_none_or(|(best, known, _)| is_later(*best, *known)) {
                    *latest = Some((on, row, value));
                }
            }
            (Gathered::Intervals(all), Gathered::Intervals(more)) => all.extend(more),
            _ => {}
        }
    }
}

/// Adds a number to a sum; anything else has no part in it.
pub(super) fn add(sum: &mut ExactSum, value: &Value) {
    if let Some(number) = decimal(value) {
        sum.add(number);
    }
}

/// An exact sum as a value, whole or a decimal; `None` where it is too large to hold.
pub(super) fn total(sum: &ExactSum, whole: bool) -> Option<Value> {
    let total = sum.total()?;
    if whole { i64::try_from(total).ok().map(Value::Int) } else { Some(Value::Dec(total)) }
}

/// The mean of a sum over another, missing over nothing; the error is the reason in words.
pub(super) fn mean(top: &ExactSum, bottom: &ExactSum) -> Result<Value, &'static str> {
    let (Some(top), Some(bottom)) = (top.total(), bottom.total()) else { return Err(TOO_LARGE) };
    quotient(top, bottom)
}

/// A sum by another, missing by nothing; the error is the reason in words.
pub(super) fn quotient(top: Decimal, bottom: Decimal) -> Result<Value, &'static str> {
    if bottom.is_zero() {
        return Ok(Value::Missing);
    }
    top.checked_div(bottom).map(Value::Dec).ok_or("the mean is too large to hold")
}

pub(super) const TOO_LARGE: &str = "the sum is too large to hold";

pub(super) fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Dec(d) => Some(*d),
        Value::Int(n) => Some(Decimal::from(*n)),
        _ => None,
    }
}

/// The least or greatest of values of one ordered type; missing when there is none.
pub(super) fn extreme(values: Vec<Value>, wanted: Ordering) -> Value {
    let mut best = Value::Missing;
    values.into_iter().for_each(|value| better(&mut best, value, wanted));
    best
}

/// Takes a value for the best when it is.
pub(super) fn better(best: &mut Value, value: Value, wanted: Ordering) {
    if !best.is_given() || order(&value, best) == wanted {
        *best = value;
    }
}

fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Text(a), Value::Text(b)) => a.cmp(b),
        _ => decimal(a).cmp(&decimal(b)),
    }
}

/// The order of two values, a missing one last whichever way.
pub(super) fn in_turn(a: &Value, b: &Value, descending: bool) -> Ordering {
    match (a.is_given(), b.is_given()) {
        (true, true) if descending => order(b, a),
        (true, true) => order(a, b),
        (a, b) => b.cmp(&a),
    }
}
