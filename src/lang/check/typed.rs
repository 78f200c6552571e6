//! What the checker knows of an expression besides its type.

use crate::lang::expr::Expr;
use crate::lang::types::Base;

/// How the value lies in Rhai. A bare `7` in a place that asks for a number is a decimal to us and a whole number to
/// Rhai; the two agree as long as Rhai neither divides two whole numbers nor passes 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raw {
    /// It may be a whole number, of at most this size.
    pub(crate) whole: Option<u128>,
    /// It may be a decimal.
    pub(crate) decimal: bool,
}

/// The largest size of a whole number.
pub(crate) const LARGEST: u128 = 1 << 63;

impl Raw {
    /// Neither: not a number at all, or a decimal for sure.
    pub(crate) const DECIMAL: Raw = Raw { whole: None, decimal: true };

    /// A whole number of this size.
    pub(crate) fn whole(size: u128) -> Raw {
        Raw { whole: Some(size.min(LARGEST)), decimal: false }
    }

    /// What a named value of the type is.
    pub(crate) fn of(base: &Base) -> Raw {
        if base.is_whole() { Raw::whole(LARGEST) } else { Raw::DECIMAL }
    }

    /// One or the other.
    pub(crate) fn or(self, other: Raw) -> Raw {
        let whole = match (self.whole, other.whole) {
            (Some(a), Some(b)) => Some(a.max(b)),
            (a, b) => a.or(b),
        };
        Raw { whole, decimal: self.decimal || other.decimal }
    }
}

/// What must be there when a condition holds, and when it does not.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) when_true: Vec<String>,
    pub(crate) when_false: Vec<String>,
}

impl Facts {
    /// What is known of the opposite.
    pub(crate) fn turned(self) -> Self {
        Self { when_true: self.when_false, when_false: self.when_true }
    }

    /// What is known of both together.
    pub(crate) fn and(&self, other: &Self) -> Self {
        Self {
            when_true: both(&self.when_true, &other.when_true),
            when_false: common(&self.when_false, &other.when_false),
        }
    }
}

/// A checked expression.
#[derive(Clone, Debug)]
pub(crate) struct Typed {
    pub(crate) expr: Expr,
    /// Made of literals only: takes the unit its place asks for.
    pub(crate) bare: bool,
    pub(crate) raw: Raw,
    pub(crate) facts: Facts,
    /// The name that `is_given` would speak of.
    pub(crate) key: Option<String>,
}

impl Typed {
    /// A value with nothing special about it.
    pub(crate) fn of(expr: Expr) -> Self {
        let raw = Raw::of(&expr.ty.base);
        Self { expr, bare: false, raw, facts: Facts::default(), key: None }
    }

    pub(crate) fn base(&self) -> &Base {
        &self.expr.ty.base
    }
}

/// Both lists.
pub(crate) fn both(a: &[String], b: &[String]) -> Vec<String> {
    a.iter().chain(b).cloned().collect()
}

/// What stands in both lists.
pub(crate) fn common(a: &[String], b: &[String]) -> Vec<String> {
    a.iter().filter(|k| b.contains(k)).cloned().collect()
}
