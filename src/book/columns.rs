//! The columns of a table as arrays.

use arrow_array::builder::StringBuilder;
use arrow_array::{Array, StringArray};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::typed::Typed;
use super::{Data, Series};
use crate::lang::{Value, day_of};

impl Typed {
    /// The values of a column; none where the table has no such column.
    pub(crate) fn series(&self, column: &str) -> Option<Series> {
        self.column(column).map(Series::from_cells)
    }

    /// The texts of a column, one a row, blank where there is none.
    pub(crate) fn strings(&self, column: &str) -> StringArray {
        let texts = self.texts(column);
        let mut strings = StringBuilder::new();
        (0..self.len()).for_each(|row| strings.append_option(texts.get(row)));
        strings.finish()
    }

    /// The values of a column, to be read row by row.
    pub(crate) fn values(&self, column: &str) -> Values {
        Values(self.series(column))
    }
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
        let Data::Date(days) = self.0.as_ref()?.data() else { return None };
        let at = row as usize;
        (at < days.len() && days.is_valid(at)).then(|| days.values().get(at).copied()).flatten()
    }

    /// A day.
    pub(crate) fn date(&self, row: u32) -> Option<NaiveDate> {
        self.day(row).and_then(day_of)
    }

    /// An amount.
    pub(crate) fn amount(&self, row: u32) -> Option<Decimal> {
        match self.0.as_ref()?.value(row as usize)? {
            Value::Dec(amount) => Some(amount),
            _ => None,
        }
    }

    /// A whole number.
    pub(crate) fn whole(&self, row: u32) -> Option<i64> {
        match self.0.as_ref()?.value(row as usize)? {
            Value::Int(number) => Some(number),
            _ => None,
        }
    }

    /// What is true or false.
    pub(crate) fn flag(&self, row: u32) -> Option<bool> {
        match self.0.as_ref()?.value(row as usize)? {
            Value::Bool(flag) => Some(flag),
            _ => None,
        }
    }

    /// Whether there is a value.
    pub(crate) fn is_given(&self, row: u32) -> bool {
        self.0.as_ref().is_some_and(|series| series.is_given(row))
    }
}
