//! Columns of a table by what they hold, found once and read row by row.

use std::sync::Arc;

use arrow_array::{Array, BooleanArray, Date32Array, Int64Array, StringArray, UInt32Array};
use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::series::Data;
use crate::lang::{Value, day_of};

/// A column of dates.
#[derive(Clone, Copy)]
pub(crate) struct Dates<'a>(Option<&'a Date32Array>);

/// A column of amounts or other decimals.
#[derive(Clone, Copy)]
pub(crate) enum Amounts<'a> {
    /// Units, and the places they have.
    Units(&'a Int64Array, u32),
    /// Of many digits.
    Values(&'a [Value]),
    /// There is none.
    None,
}

/// A column of whole numbers.
#[derive(Clone, Copy)]
pub(crate) struct Wholes<'a>(Option<&'a Int64Array>);

/// A column of what is true or false.
#[derive(Clone, Copy)]
pub(crate) struct Flags<'a>(Option<&'a BooleanArray>);

/// A column of texts.
#[derive(Clone, Copy)]
pub(crate) enum Strs<'a> {
    /// Each as its place in the list.
    Words(&'a UInt32Array, &'a [Arc<str>]),
    /// Each by itself.
    Each(&'a StringArray),
    /// Too long for an array.
    Values(&'a [Value]),
    /// There is none.
    None,
}

impl<'a> Dates<'a> {
    pub(super) fn of(data: Option<&'a Data>) -> Self {
        Self(if let Some(Data::Date(array)) = data { Some(array) } else { None })
    }

    /// The date of a row, where there is one.
    pub(crate) fn get(&self, row: u32) -> Option<NaiveDate> {
        self.number(row).and_then(day_of)
    }

    /// The same, counted from 1970.
    pub(crate) fn number(&self, row: u32) -> Option<i32> {
        let array = self.0.filter(|array| is_given(*array, row))?;
        array.values().get(row as usize).copied()
    }
}

impl<'a> Amounts<'a> {
    pub(super) fn of(data: Option<&'a Data>) -> Self {
        match data {
            Some(Data::Dec(units, scale)) => Self::Units(units, *scale),
            Some(Data::Other(values)) => Self::Values(values),
            _ => Self::None,
        }
    }

    /// The amount of a row, where there is one.
    pub(crate) fn get(&self, row: u32) -> Option<Decimal> {
        match self {
            Self::Units(array, scale) => whole(array, row).map(|units| Decimal::new(units, *scale)),
            Self::Values(values) => match values.get(row as usize)? {
                Value::Dec(amount) => Some(*amount),
                _ => None,
            },
            Self::None => None,
        }
    }
}

impl<'a> Wholes<'a> {
    pub(super) fn of(data: Option<&'a Data>) -> Self {
        Self(if let Some(Data::Int(array)) = data { Some(array) } else { None })
    }

    /// The number of a row, where there is one.
    pub(crate) fn get(&self, row: u32) -> Option<i64> {
        whole(self.0?, row)
    }
}

impl<'a> Flags<'a> {
    pub(super) fn of(data: Option<&'a Data>) -> Self {
        Self(if let Some(Data::Bool(array)) = data { Some(array) } else { None })
    }

    /// What stands in a row, where it says anything.
    pub(crate) fn get(&self, row: u32) -> Option<bool> {
        self.0.filter(|array| is_given(*array, row)).map(|array| array.value(row as usize))
    }
}

impl<'a> Strs<'a> {
    pub(super) fn of(data: Option<&'a Data>) -> Self {
        match data {
            Some(Data::Text(codes, words)) => Self::Words(codes, words),
            Some(Data::Utf8(array)) => Self::Each(array),
            Some(Data::Other(values)) => Self::Values(values),
            _ => Self::None,
        }
    }

    /// The text of a row, where there is one.
    pub(crate) fn get(&self, row: u32) -> Option<&'a str> {
        match self {
            Self::Words(codes, words) => {
                let code = codes.values().get(row as usize).filter(|_| is_given(*codes, row))?;
                words.get(*code as usize).map(AsRef::as_ref)
            }
            Self::Each(array) => is_given(*array, row).then(|| array.value(row as usize)),
            Self::Values(values) => match values.get(row as usize)? {
                Value::Text(text) => Some(text),
                _ => None,
            },
            Self::None => None,
        }
    }
}

fn is_given(array: &dyn Array, row: u32) -> bool {
    (row as usize) < array.len() && array.is_valid(row as usize)
}

fn whole(array: &Int64Array, row: u32) -> Option<i64> {
    array.values().get(row as usize).copied().filter(|_| is_given(array, row))
}
