//! A column that grows, value by value or many at once, in the form of its type as long as that holds all of them.

use arrow_buffer::NullBufferBuilder;

use super::Series;
use super::growing::Values;
use super::series::Data;
use crate::lang::Value;

/// The values so far, and which rows have one.
pub(crate) struct Grown {
    pub(crate) values: Values,
    pub(crate) given: NullBufferBuilder,
}

impl Grown {
    /// No values yet, to be held so.
    pub(crate) fn of(values: Values) -> Self {
        Self { values, given: NullBufferBuilder::new(0) }
    }

    /// Makes room for so many rows more.
    pub(crate) fn reserve(&mut self, rows: usize) {
        self.values.reserve(rows);
    }

    /// How many rows.
    pub(crate) fn len(&self) -> usize {
        self.given.len()
    }

    /// Adds a row without a value.
    pub(crate) fn gap(&mut self) {
        self.values.gap();
        self.given.append_null();
    }

    /// Adds a row with a value.
    pub(crate) fn put(&mut self, value: Value) {
        if let Err(value) = self.values.put(value) {
            self.widen();
            // The general form holds every value.
            let _ = self.values.put(value);
        }
        self.given.append_non_null();
    }

    /// Adds the rows of a series, without its rejects.
    pub(crate) fn append(&mut self, series: &Series) {
        if self.values.append(series.data()) {
            match series.data().nulls() {
                Some(nulls) => nulls.iter().for_each(|given| self.given.append(given)),
                None => self.given.append_n_non_nulls(series.len()),
            }
            return;
        }
        for row in 0..series.len() {
            match series.value(row) {
                Some(value) => self.put(value),
                None => self.gap(),
            }
        }
    }

    /// What it holds.
    pub(crate) fn finish(self) -> Data {
        self.values.finish(self.given)
    }

    /// Goes over to the general form, which holds what the form of the type cannot.
    fn widen(&mut self) {
        let before = std::mem::replace(self, Self::of(Values::Other(Vec::new())));
        let series = Series::new(before.finish());
        for row in 0..series.len() {
            let value = series.value(row);
            self.given.append(value.is_some());
            let _ = self.values.put(value.unwrap_or(Value::Missing));
        }
    }
}
