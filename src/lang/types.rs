//! The types and units of the language.

use std::fmt;
use std::sync::Arc;

/// What a value is, its unit included. Units do not mix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Base {
    /// true or false
    Bool,
    /// whole number, 64 bits
    Int,
    /// exact decimal, 28 digits, no unit (a share, a rate, a score, points)
    Number,
    /// exact decimal in the policy's currency
    Money,
    /// exact decimal in the currency of the document it belongs to: `invoice`, `order`, `customer` … as names begin; or in
    /// one currency, by its code. Amounts of one owner mix; with any other only what is converted does.
    OwnMoney(Arc<str>),
    /// whole days; what `date - date` gives
    Days,
    /// whole months
    Months,
    /// a day of the calendar
    Date,
    /// any text
    Text,
    /// one of a fixed list of texts, in the order declared
    OneOf(Arc<[Arc<str>]>),
    /// several values of one type
    List(Box<Base>),
}

/// A base type, and whether the value may be missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    /// What it is when it is there.
    pub base: Base,
    /// Whether it may be missing.
    pub optional: bool,
}

impl Type {
    /// A value that is always there.
    pub fn of(base: Base) -> Self {
        Self { base, optional: false }
    }

    /// A value that may be missing.
    pub fn maybe(base: Base) -> Self {
        Self { base, optional: true }
    }

    /// The `one_of` type with these values.
    pub fn one_of<S: AsRef<str>>(values: impl IntoIterator<Item = S>) -> Base {
        Base::OneOf(values.into_iter().map(|v| Arc::from(v.as_ref())).collect())
    }
}

impl Base {
    /// Held as an exact decimal at run time.
    pub fn is_decimal(&self) -> bool {
        matches!(self, Base::Number | Base::Money | Base::OwnMoney(_))
    }

    /// An amount of money, in whatever currency.
    pub fn is_amount(&self) -> bool {
        matches!(self, Base::Money | Base::OwnMoney(_))
    }

    /// Held as a 64-bit whole number at run time.
    pub fn is_whole(&self) -> bool {
        matches!(self, Base::Int | Base::Days | Base::Months)
    }

    /// Held as text at run time.
    pub fn is_text(&self) -> bool {
        matches!(self, Base::Text | Base::OneOf(_))
    }

    /// Has an order: `<` and `>` mean something.
    pub fn is_ordered(&self) -> bool {
        self.is_decimal() || self.is_whole() || matches!(self, Base::Date)
    }
}

/// Whether a text is written like a currency's code: three capital letters.
pub fn is_currency(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase())
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Base::Bool => f.write_str("bool"),
            Base::Int => f.write_str("int"),
            Base::Number => f.write_str("number"),
            Base::Money => f.write_str("money"),
            Base::OwnMoney(_) => f.write_str("own_money"),
            Base::Days => f.write_str("days"),
            Base::Months => f.write_str("months"),
            Base::Date => f.write_str("date"),
            Base::Text => f.write_str("text"),
            Base::OneOf(values) => write!(f, "one_of [{}]", values.join(", ")),
            Base::List(of) => write!(f, "list of {of}"),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.optional {
            f.write_str("optional ")?;
        }
        self.base.fmt(f)
    }
}
