//! Values at run time.

use std::fmt;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

/// A value. Units live in the type, which the checker has settled before anything runs.
#[derive(Clone, Debug)]
pub enum Value {
    /// Not given.
    Missing,
    /// `bool`
    Bool(bool),
    /// `int`, `days`, `months`
    Int(i64),
    /// `number`, `money`
    Dec(Decimal),
    /// `date`
    Date(NaiveDate),
    /// `text`, `one_of`
    Text(Arc<str>),
    /// list
    List(Arc<[Value]>),
}

impl Value {
    /// A text value.
    pub fn text(text: impl AsRef<str>) -> Self {
        Value::Text(Arc::from(text.as_ref()))
    }

    /// Whether there is a value at all.
    pub fn is_given(&self) -> bool {
        !matches!(self, Value::Missing)
    }
}

/// Equal as the language sees it: a whole number equals the decimal of the same size, and scale is never seen.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Value::Missing, Value::Missing) => true,
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::Dec(a), Value::Dec(b)) => a == b,
            (Value::Int(a), Value::Dec(b)) | (Value::Dec(b), Value::Int(a)) => Decimal::from(*a) == *b,
            (Value::Date(a), Value::Date(b)) => a == b,
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::List(a), Value::List(b)) => a == b,
            _ => false,
        }
    }
}

/// The plain form: `450000`, `0.05`, `2026-06-01`, `A`, `a; b`; a missing value is empty. Money with its places is
/// printed by whoever knows the currency.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Missing => Ok(()),
            Value::Bool(b) => write!(f, "{b}"),
            Value::Int(n) => write!(f, "{n}"),
            Value::Dec(d) => write!(f, "{}", d.normalize()),
            Value::Date(d) => write!(f, "{d}"),
            Value::Text(t) => f.write_str(t),
            Value::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        f.write_str("; ")?;
                    }
                    item.fmt(f)?;
                }
                Ok(())
            }
        }
    }
}
