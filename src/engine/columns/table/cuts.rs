//! The values that a table names, in order: they cut what an input can be into positions.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use rust_decimal::Decimal;

use crate::lang::{Base, Value, day_number};

/// The cut points of an input. Of so many that have an order, the positions are before the first, on it, after it, on the
/// second, and so on.
pub(super) enum Cuts {
    Whole(Vec<i64>),
    Days(Vec<i64>),
    /// With the greatest scale among them.
    Decimals(Vec<Decimal>, u32),
    /// Texts have no order: each stands for itself, and for all others the last position.
    Texts(HashMap<Arc<str>, usize>),
    Bools,
}

impl Cuts {
    /// Those of some constants; `None` where they are of no type that can be looked up.
    pub(super) fn of(base: &Base, constants: &[&Value]) -> Option<Self> {
        Some(match base {
            Base::Bool => Cuts::Bools,
            base if base.is_whole() => Cuts::Whole(sorted(constants, |value| match value {
                Value::Int(number) => Some(*number),
                _ => None,
            })?),
            Base::Date => Cuts::Days(sorted(constants, |value| match value {
                Value::Date(day) => Some(day_number(*day).into()),
                _ => None,
            })?),
            base if base.is_decimal() => {
                let cuts = sorted(constants, |value| match value {
                    Value::Dec(number) => Some(number.normalize()),
                    _ => None,
                })?;
                let deepest = cuts.iter().map(Decimal::scale).max().unwrap_or(0);
                Cuts::Decimals(cuts, deepest)
            }
            base if base.is_text() => {
                let mut words = HashMap::new();
                for value in constants {
                    let Value::Text(word) = value else { return None };
                    let next = words.len();
                    words.entry(Arc::clone(word)).or_insert(next);
                }
                Cuts::Texts(words)
            }
            _ => return None,
        })
    }

    /// How many positions there are.
    pub(super) fn positions(&self) -> usize {
        match self {
            Cuts::Whole(cuts) | Cuts::Days(cuts) => 2 * cuts.len() + 1,
            Cuts::Decimals(cuts, _) => 2 * cuts.len() + 1,
            Cuts::Texts(words) => words.len() + 1,
            Cuts::Bools => 2,
        }
    }

    /// Where a value stands.
    pub(super) fn position(&self, value: &Value) -> Option<usize> {
        Some(match (self, value) {
            (Cuts::Whole(cuts), Value::Int(number)) => place(cuts, number),
            (Cuts::Days(cuts), Value::Date(day)) => place(cuts, &day_number(*day).into()),
            (Cuts::Decimals(cuts, _), Value::Dec(number)) => place(cuts, number),
            (Cuts::Texts(words), Value::Text(word)) => words.get(word).copied().unwrap_or(words.len()),
            (Cuts::Bools, Value::Bool(value)) => usize::from(*value),
            _ => return None,
        })
    }

    /// Whether one position lies before another.
    pub(super) fn have_order(&self) -> bool {
        !matches!(self, Cuts::Texts(_) | Cuts::Bools)
    }
}

/// Between two cut points, or on one.
fn place<T: Ord>(cuts: &[T], value: &T) -> usize {
    match cuts.binary_search(value) {
        Ok(at) => 2 * at + 1,
        Err(at) => 2 * at,
    }
}

fn sorted<T: Ord>(constants: &[&Value], of: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    let all: BTreeSet<T> = constants.iter().map(|value| of(value)).collect::<Option<_>>()?;
    Some(all.into_iter().collect())
}
