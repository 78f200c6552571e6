//! Series made of others: chosen rows, one after another, value by value.

use std::sync::Arc;

use arrow_array::{Array, ArrowPrimitiveType, BooleanArray, Int64Array, PrimitiveArray, StringArray};
use arrow_buffer::{BooleanBuffer, ScalarBuffer};

use super::{Data, Series};
use crate::book::growing::Values;
use crate::book::grown::Grown;
use crate::book::texts::{take_texts, taken_nulls};
use crate::lang::Value;

impl Series {
    /// Rows without a value, none of which names a reject.
    pub(crate) fn blank(len: usize) -> Self {
        Self::new(Data::Int(Int64Array::new_null(len)))
    }

    /// The same value in every row.
    pub(crate) fn whole(number: i64, len: usize) -> Self {
        Self::new(Data::Int(Int64Array::from_value(number, len)))
    }

    /// What is true or false, one a row.
    pub(crate) fn flags(flags: Vec<bool>) -> Self {
        Self::new(Data::Bool(BooleanArray::from(flags)))
    }

    /// Whether no row has a value or names a reject.
    pub(crate) fn says_nothing(&self) -> bool {
        let nulls = match &self.data {
            Data::Bool(array) => array.null_count(),
            Data::Int(array) | Data::Dec(array, _) => array.null_count(),
            Data::Date(array) => array.null_count(),
            Data::Text(array, _) => array.null_count(),
            Data::Utf8(array) => array.null_count(),
            Data::Other(values) => values.iter().filter(|value| !value.is_given()).count(),
        };
        nulls == self.len() && self.unreadable.is_empty()
    }

    /// Whether a row has a value.
    pub(crate) fn is_given(&self, row: u32) -> bool {
        let at = row as usize;
        let valid = |array: &dyn Array| at < array.len() && array.is_valid(at);
        match &self.data {
            Data::Bool(array) => valid(array),
            Data::Int(array) | Data::Dec(array, _) => valid(array),
            Data::Date(array) => valid(array),
            Data::Text(array, _) => valid(array),
            Data::Utf8(array) => valid(array),
            Data::Other(values) => values.get(at).is_some_and(Value::is_given),
        }
    }

    /// The rows with these numbers, in this order; blank where there is no such row.
    pub(crate) fn take(&self, rows: &[u32]) -> Self {
        if rows.len() == self.len() && (0u32..).zip(rows).all(|(at, row)| at == *row) {
            return self.clone();
        }
        let data = match &self.data {
            Data::Bool(array) => {
                let values: BooleanBuffer =
                    rows.iter().map(|row| (*row as usize) < array.len() && array.value(*row as usize)).collect();
                Data::Bool(BooleanArray::new(values, taken_nulls(array, rows)))
            }
            Data::Int(array) => Data::Int(taken(array, rows)),
            Data::Date(array) => Data::Date(taken(array, rows)),
            Data::Dec(array, scale) => Data::Dec(taken(array, rows), *scale),
            Data::Text(array, words) => Data::Text(taken(array, rows), Arc::clone(words)),
            Data::Utf8(array) => Data::Utf8(take_texts(array, rows)),
            Data::Other(values) => Data::Other(
                rows.iter().map(|row| values.get(*row as usize).cloned().unwrap_or(Value::Missing)).collect(),
            ),
        };
        let unreadable = if self.unreadable.is_empty() {
            Vec::new()
        } else {
            let reject = |row: &u32| self.reject(*row);
            (0u32..).zip(rows).filter_map(|(at, row)| Some((at, reject(row)?))).collect()
        };
        Self { data, unreadable }
    }

    /// The reject that says why a row could not be read.
    fn reject(&self, row: u32) -> Option<u32> {
        let at = self.unreadable.binary_search_by_key(&row, |(known, _)| *known).ok()?;
        self.unreadable.get(at).map(|(_, reject)| *reject)
    }

    /// Rows that name rejects, whatever they said before; by row.
    pub(crate) fn refused(mut self, rejects: Vec<(u32, u32)>) -> Self {
        if rejects.is_empty() {
            return self;
        }
        let kept = |row: &u32| rejects.binary_search_by_key(row, |(refused, _)| *refused).is_err();
        let len = u32::try_from(self.len()).unwrap_or(u32::MAX);
        let rows: Vec<u32> = (0..len).map(|row| if kept(&row) { row } else { u32::MAX }).collect();
        self = self.take(&rows);
        self.unreadable.extend(rejects);
        self.unreadable.sort_unstable();
        self
    }

    /// The texts of a series of such.
    pub(crate) fn into_texts(self) -> Option<StringArray> {
        match self.data {
            Data::Utf8(texts) => Some(texts),
            _ => None,
        }
    }

    /// One series after another.
    pub(crate) fn concat(parts: &[Series]) -> Self {
        let parts: &[&Series] = &parts.iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        if let [one] = parts {
            return (*one).clone();
        }
        let mut unreadable = Vec::new();
        let mut first = 0u32;
        for part in parts {
            unreadable.extend(part.unreadable.iter().map(|(row, reject)| (first + row, *reject)));
            first += u32::try_from(part.len()).unwrap_or(u32::MAX);
        }
        let mut built = Builder::default();
        for part in parts {
            built.extend(part);
        }
        Self { unreadable, ..built.finish() }
    }
}

fn taken<T: ArrowPrimitiveType>(array: &PrimitiveArray<T>, rows: &[u32]) -> PrimitiveArray<T> {
    let values = array.values();
    let values: Vec<T::Native> =
        rows.iter().map(|row| values.get(*row as usize).copied().unwrap_or_default()).collect();
    PrimitiveArray::new(ScalarBuffer::from(values), taken_nulls(array, rows))
}

/// A series while it is being made, of a type that its first value tells.
#[derive(Default)]
pub(crate) struct Builder {
    grown: Option<Grown>,
    /// Rows before the first value.
    blanks: usize,
}

impl Builder {
    /// Adds a row.
    pub(crate) fn push(&mut self, value: &Value) {
        if !value.is_given() {
            return self.skip(1);
        }
        let grown = self.begun(|| Values::like(value));
        grown.put(match (value, &grown.values) {
            (Value::Dec(number), Values::Dec(_, places)) if number.scale() > *places => Value::Dec(number.normalize()),
            (value, _) => value.clone(),
        });
    }

    /// Adds the values of a series.
    fn extend(&mut self, part: &Series) {
        if part.data.nulls().is_some_and(|nulls| nulls.null_count() == part.len()) {
            return self.skip(part.len());
        }
        self.begun(|| Values::as_in(&part.data)).append(part);
    }

    /// The series.
    pub(crate) fn finish(self) -> Series {
        self.grown.map_or_else(|| Series::blank(self.blanks), |grown| Series::new(grown.finish()))
    }

    fn skip(&mut self, rows: usize) {
        match &mut self.grown {
            Some(grown) => (0..rows).for_each(|_| grown.gap()),
            None => self.blanks += rows,
        }
    }

    fn begun(&mut self, values: impl FnOnce() -> Values) -> &mut Grown {
        let blanks = self.blanks;
        self.grown.get_or_insert_with(|| {
            let mut grown = Grown::of(values());
            (0..blanks).for_each(|_| grown.gap());
            grown
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    use super::*;
    use crate::book::Cell;

    /// Cells of one type, some of them blank or unreadable.
    fn column() -> impl Strategy<Value = Vec<Cell>> {
        let dec = || (any::<i64>(), 0u32..6).prop_map(|(units, scale)| Value::Dec(Decimal::new(units / 1000, scale)));
        let day = (0i32..40_000).prop_filter_map("a day", |day| crate::lang::day_of(day).map(Value::Date));
        let kinds: Vec<BoxedStrategy<Value>> = vec![
            any::<i64>().prop_map(Value::Int).boxed(),
            any::<bool>().prop_map(Value::Bool).boxed(),
            "[a-c]{0,2}".prop_map(Value::text).boxed(),
            day.boxed(),
            dec().boxed(),
            prop_oneof![9 => dec(), 1 => Just(Value::Dec(Decimal::MAX))].boxed(),
        ];
        proptest::sample::select(kinds).prop_flat_map(|kind| {
            let cell = prop_oneof![
                6 => kind.prop_map(Cell::Given),
                1 => Just(Cell::Blank),
                1 => (0u32..9).prop_map(Cell::Unreadable),
            ];
            proptest::collection::vec(cell, 0..20)
        })
    }

    fn cells(series: &Series) -> Vec<Cell> {
        (0u32..).take(series.len()).map(|row| series.cell(row)).collect()
    }

    proptest! {
        #[test]
        fn rows_taken_say_what_they_said(column in column(), rows in proptest::collection::vec(0u32..25, 0..30)) {
            let taken: Vec<Cell> =
                rows.iter().map(|row| column.get(*row as usize).cloned().unwrap_or(Cell::Blank)).collect();
            prop_assert_eq!(cells(&Series::from_cells(&column).take(&rows)), taken);
        }

        #[test]
        fn series_one_after_another_say_what_they_said(column in column(), cut in 0usize..20) {
            let (one, other) = column.split_at(cut.min(column.len()));
            let joined = Series::concat(&[Series::from_cells(one), Series::blank(2), Series::from_cells(other)]);
            prop_assert_eq!(cells(&joined), [one, &[Cell::Blank, Cell::Blank], other].concat());
        }

        #[test]
        fn values_added_one_by_one_are_there(column in column()) {
            let mut built = Builder::default();
            for cell in &column {
                built.push(if let Cell::Given(value) = cell { value } else { &Value::Missing });
            }
            let given = |cell: &Cell| if matches!(cell, Cell::Given(_)) { cell.clone() } else { Cell::Blank };
            prop_assert_eq!(cells(&built.finish()), column.iter().map(given).collect::<Vec<_>>());
        }

        #[test]
        fn refused_rows_name_their_rejects(column in column()) {
            let refused: Vec<(u32, u32)> = (0u32..).take(column.len()).step_by(3).map(|row| (row, 70 + row)).collect();
            let says = |(row, cell): (u32, &Cell)| if row % 3 == 0 { Cell::Unreadable(70 + row) } else { cell.clone() };
            let expected: Vec<Cell> = (0u32..).zip(&column).map(says).collect();
            prop_assert_eq!(cells(&Series::from_cells(&column).refused(refused)), expected);
        }
    }
}
