//! Values of a column or a fact, read row by row.

use std::sync::Arc;

use arrow_array::{Array, ArrowPrimitiveType, PrimitiveArray, StringArray};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::typed::Typed;
use super::{Data, Series, texts};
use crate::lang::digits::push_day;
use crate::lang::{Value, day_of};

impl Typed {
    /// The texts of a column, one a row, blank where there is none.
    pub(crate) fn strings(&self, column: &str) -> StringArray {
        match self.series(column).map(Series::data) {
            Some(Data::Utf8(texts)) => texts.clone(),
            Some(Data::Text(codes, words)) => {
                let word = |code: Option<u32>| words.get(code? as usize).map(Arc::as_ref);
                codes.iter().map(word).collect()
            }
            Some(Data::Other(values)) => {
                let text = |value: &Value| if let Value::Text(text) = value { Some(Arc::clone(text)) } else { None };
                values.iter().map(text).collect()
            }
            _ => StringArray::new_null(self.len() as usize),
        }
    }

    /// The values of a column, to be read row by row.
    pub(crate) fn values(&self, column: &str) -> Values {
        Values::of(self.series(column))
    }
}

/// The value of a row of an array, where there is one.
fn given<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, row: u32) -> Option<T::Native> {
    let at = row as usize;
    (at < array.len() && array.is_valid(at)).then(|| array.values().get(at).copied()).flatten()
}

/// The values of a column, read row by row; without such a column every row is blank.
pub(crate) struct Values(Option<Series>);

impl Values {
    /// Of a fact of rows; none where the book does not have it.
    pub(crate) fn of(series: Option<&Series>) -> Self {
        Self(series.cloned())
    }

    /// Whether any row can have a value.
    pub(crate) fn are_there(&self) -> bool {
        self.0.as_ref().is_some_and(|series| !series.says_nothing())
    }

    /// The number of a day.
    pub(crate) fn day(&self, row: u32) -> Option<i32> {
        match self.0.as_ref()?.data() {
            Data::Date(days) => given(days, row),
            _ => None,
        }
    }

    /// A day.
    pub(crate) fn date(&self, row: u32) -> Option<NaiveDate> {
        self.day(row).and_then(day_of)
    }

    /// The rows whose day is before that of another column.
    pub(crate) fn days_before(&self, other: &Values) -> Vec<u32> {
        let (Some(Data::Date(days)), Some(Data::Date(others))) =
            (self.0.as_ref().map(Series::data), other.0.as_ref().map(Series::data))
        else {
            return Vec::new();
        };
        let before = (0u32..).zip(days.values().iter().zip(others.values())).filter(|(_, (day, other))| day < other);
        before.map(|(row, _)| row).filter(|row| self.is_given(*row) && other.is_given(*row)).collect()
    }

    /// An amount.
    pub(crate) fn amount(&self, row: u32) -> Option<Decimal> {
        match self.0.as_ref()?.data() {
            Data::Dec(units, scale) => given(units, row).map(|units| Decimal::new(units, *scale)),
            Data::Other(values) => match values.get(row as usize)? {
                Value::Dec(amount) => Some(*amount),
                _ => None,
            },
            _ => None,
        }
    }

    /// A text.
    pub(crate) fn text(&self, row: u32) -> Option<&str> {
        match self.0.as_ref()?.mark_of(row)? {
            Mark::Text(text) => Some(text),
            Mark::Number(_) | Mark::Shown(_) => None,
        }
    }

    /// A whole number.
    pub(crate) fn whole(&self, row: u32) -> Option<i64> {
        match self.0.as_ref()?.data() {
            Data::Int(numbers) => given(numbers, row),
            _ => None,
        }
    }

    /// What is true or false.
    pub(crate) fn flag(&self, row: u32) -> Option<bool> {
        match self.0.as_ref()?.data() {
            Data::Bool(flags) => {
                let at = row as usize;
                (at < flags.len() && flags.is_valid(at)).then(|| flags.value(at))
            }
            _ => None,
        }
    }

    /// Whether there is a value.
    pub(crate) fn is_given(&self, row: u32) -> bool {
        self.0.as_ref().is_some_and(|series| series.is_given(row))
    }
}

/// A value by which rows of one column are told apart.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Mark<'s> {
    Number(i64),
    Text(&'s str),
    /// In words.
    Shown(String),
}

impl Series {
    /// By what the value of a row is told from others.
    pub(crate) fn mark_of(&self, row: u32) -> Option<Mark<'_>> {
        match self.data() {
            Data::Int(numbers) => given(numbers, row).map(Mark::Number),
            Data::Date(days) => given(days, row).map(|day| Mark::Number(day.into())),
            Data::Dec(units, _) => given(units, row).map(Mark::Number),
            Data::Utf8(texts) => texts::text(texts, row).map(Mark::Text),
            Data::Text(codes, words) => words.get(given(codes, row)? as usize).map(|word| Mark::Text(word)),
            Data::Other(values) if let Some(Value::Text(text)) = values.get(row as usize) => Some(Mark::Text(text)),
            Data::Bool(_) | Data::Other(_) => self.value(row as usize).map(|value| Mark::Shown(value.to_string())),
        }
    }

    /// Appends what a row says, in words; `None` where it says nothing.
    pub(crate) fn push_shown(&self, row: u32, out: &mut Vec<u8>) -> Option<()> {
        match self.data() {
            Data::Date(days) => push_day(out, given(days, row)?),
            _ => match self.mark_of(row)? {
                Mark::Text(text) => out.extend_from_slice(text.as_bytes()),
                Mark::Number(_) | Mark::Shown(_) => {
                    out.extend_from_slice(self.value(row as usize)?.to_string().as_bytes())
                }
            },
        }
        Some(())
    }
}
