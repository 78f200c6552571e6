//! The values of one fact, one a row, as an Arrow array.

mod take;

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::BooleanBuilder;
use arrow_array::{Array, BooleanArray, Date32Array, Int64Array, StringArray, UInt32Array};
use arrow_buffer::{NullBuffer, ScalarBuffer};
use rust_decimal::Decimal;

use super::Cell;
use crate::lang::{Value, day_number, day_of};

pub(crate) use take::Builder;

/// The values of one fact, one a row. A row without a value is blank, or names the reject that says why it could not be
/// read.
#[derive(Clone, Debug)]
pub struct Series {
    data: Data,
    /// Rows that could not be read, with the numbers of their rejects, by row.
    unreadable: Vec<(u32, u32)>,
}

/// The values of a series; where there is none, the array says null.
#[derive(Clone, Debug)]
pub enum Data {
    /// `bool`
    Bool(BooleanArray),
    /// `int`, `days`, `months`
    Int(Int64Array),
    /// `date`
    Date(Date32Array),
    /// Decimals: whole numbers of units of 10 to the minus this scale.
    Dec(Int64Array, u32),
    /// Texts: each as its place in the list, which holds no text twice.
    Text(UInt32Array, Arc<[Arc<str>]>),
    /// Texts that differ from row to row: ids and references.
    Utf8(StringArray),
    /// What has none of these forms: lists, decimals too large for 64 bits; a gap is missing.
    Other(Arc<[Value]>),
}

impl Data {
    /// Which rows have a value; `None` where all have, or the values themselves say it.
    pub(crate) fn nulls(&self) -> Option<&NullBuffer> {
        match self {
            Self::Bool(array) => array.nulls(),
            Self::Int(array) | Self::Dec(array, _) => array.nulls(),
            Self::Date(array) => array.nulls(),
            Self::Text(array, _) => array.nulls(),
            Self::Utf8(array) => array.nulls(),
            Self::Other(_) => None,
        }
    }
}

impl Series {
    /// A series of values that were all read, or are blank where the array says null.
    pub fn new(data: Data) -> Self {
        Self { data, unreadable: Vec::new() }
    }

    /// A series of cells of one type.
    pub fn from_cells(cells: &[Cell]) -> Self {
        let unreadable = (0u32..).zip(cells).filter_map(|(row, cell)| match cell {
            Cell::Unreadable(reject) => Some((row, *reject)),
            _ => None,
        });
        let unreadable = unreadable.collect();
        let value = |cell: &Cell| match cell {
            Cell::Given(value) => value.clone(),
            Cell::Blank | Cell::Unreadable(_) => Value::Missing,
        };
        let first = cells.iter().map(value).find(Value::is_given);
        let data = match first {
            Some(Value::Bool(_)) => bools(cells),
            Some(Value::Date(_)) => Some(Data::Date(collect(cells, |v| match v {
                Value::Date(day) => Some(day_number(*day)),
                _ => None,
            }))),
            Some(Value::Int(_)) | None => Some(Data::Int(collect(cells, |v| match v {
                Value::Int(number) => Some(*number),
                _ => None,
            }))),
            Some(Value::Dec(_)) => decimals(cells),
            Some(Value::Text(_)) => Some(texts(cells)),
            Some(Value::List(_) | Value::Missing) => None,
        };
        let data = data.unwrap_or_else(|| Data::Other(cells.iter().map(value).collect()));
        Self { data, unreadable }
    }

    /// The values.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// Rows that could not be read, with the numbers of their rejects, by row.
    pub fn unreadable(&self) -> &[(u32, u32)] {
        &self.unreadable
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        match &self.data {
            Data::Bool(array) => array.len(),
            Data::Int(array) | Data::Dec(array, _) => array.len(),
            Data::Date(array) => array.len(),
            Data::Text(array, _) => array.len(),
            Data::Utf8(array) => array.len(),
            Data::Other(values) => values.len(),
        }
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What stands in a row.
    pub fn cell(&self, row: u32) -> Cell {
        match self.value(row as usize) {
            Some(value) => Cell::Given(value),
            None => match self.unreadable.binary_search_by_key(&row, |(at, _)| *at) {
                Ok(at) => self.unreadable.get(at).map_or(Cell::Blank, |(_, reject)| Cell::Unreadable(*reject)),
                Err(_) => Cell::Blank,
            },
        }
    }

    /// The value of a row, where there is one.
    pub fn value(&self, row: usize) -> Option<Value> {
        match &self.data {
            Data::Bool(array) => (row < array.len() && array.is_valid(row)).then(|| Value::Bool(array.value(row))),
            Data::Int(array) => whole(array, row).map(Value::Int),
            Data::Dec(array, scale) => whole(array, row).map(|units| Value::Dec(Decimal::new(units, *scale))),
            Data::Date(array) => (row < array.len() && array.is_valid(row))
                .then(|| array.values().get(row).and_then(|number| day_of(*number)).map(Value::Date))
                .flatten(),
            Data::Text(array, words) => {
                let code = (row < array.len() && array.is_valid(row)).then(|| array.values().get(row)).flatten()?;
                words.get(*code as usize).map(|word| Value::Text(Arc::clone(word)))
            }
            Data::Utf8(array) => text(array, row).map(Value::text),
            Data::Other(values) => values.get(row).filter(|value| value.is_given()).cloned(),
        }
    }

    /// The rows that have no value.
    pub(crate) fn gaps(&self) -> Vec<u32> {
        if let Data::Other(values) = &self.data {
            return (0u32..).zip(values.iter()).filter(|(_, value)| !value.is_given()).map(|(row, _)| row).collect();
        }
        let given = self.data.nulls().into_iter().flat_map(NullBuffer::iter);
        (0u32..).zip(given).filter(|(_, given)| !given).map(|(row, _)| row).collect()
    }

    /// Whether a row that has no value could be read.
    pub(crate) fn is_blank(&self, row: u32) -> bool {
        self.unreadable.binary_search_by_key(&row, |(at, _)| *at).is_err()
    }

    /// A series of values of which some rows could not be read: those rows, sorted, with the numbers of their rejects.
    pub(crate) fn with_unreadable(data: Data, unreadable: Vec<(u32, u32)>) -> Self {
        Self { data, unreadable }
    }

    /// Names the reject that says why a row, which has no value, could not be read.
    pub(crate) fn mark(&mut self, row: u32, reject: u32) {
        match self.unreadable.binary_search_by_key(&row, |(at, _)| *at) {
            Ok(at) => self.unreadable.get_mut(at).map_or((), |(_, known)| *known = reject),
            Err(at) => self.unreadable.insert(at, (row, reject)),
        }
    }

    /// Changes the numbers of the rejects that its rows name.
    pub fn renumber(&mut self, now: impl Fn(u32) -> u32) {
        self.unreadable.iter_mut().for_each(|(_, reject)| *reject = now(*reject));
    }
}

fn text(array: &StringArray, row: usize) -> Option<&str> {
    (row < array.len() && array.is_valid(row)).then(|| array.value(row))
}

fn whole(array: &Int64Array, row: usize) -> Option<i64> {
    (row < array.len() && array.is_valid(row)).then(|| array.values().get(row).copied()).flatten()
}

fn bools(cells: &[Cell]) -> Option<Data> {
    let mut builder = BooleanBuilder::with_capacity(cells.len());
    for cell in cells {
        match cell {
            Cell::Given(Value::Bool(value)) => builder.append_value(*value),
            Cell::Given(_) => return None,
            _ => builder.append_null(),
        }
    }
    Some(Data::Bool(builder.finish()))
}

/// Values of one native type; what is none of it is a gap.
fn collect<T: arrow_array::ArrowPrimitiveType>(
    cells: &[Cell],
    native: impl Fn(&Value) -> Option<T::Native>,
) -> arrow_array::PrimitiveArray<T> {
    let of = |cell: &Cell| match cell {
        Cell::Given(value) => native(value),
        _ => None,
    };
    cells.iter().map(of).collect()
}

/// Decimals at the least scale that holds them all; `None` where one does not fit 64 bits then.
fn decimals(cells: &[Cell]) -> Option<Data> {
    let of = |cell: &Cell| match cell {
        Cell::Given(Value::Dec(number)) => Some(number.normalize()),
        _ => None,
    };
    let scale = cells.iter().filter_map(of).map(|number| number.scale()).max().unwrap_or(0);
    let mut units = Vec::with_capacity(cells.len());
    let mut given = Vec::with_capacity(cells.len());
    for cell in cells {
        given.push(of(cell).is_some());
        units.push(match of(cell) {
            Some(number) => {
                let up = 10i128.checked_pow(scale - number.scale())?;
                i64::try_from(number.mantissa().checked_mul(up)?).ok()?
            }
            None => 0,
        });
    }
    let nulls = given.contains(&false).then(|| NullBuffer::from(given));
    Some(Data::Dec(Int64Array::new(ScalarBuffer::from(units), nulls), scale))
}

fn texts(cells: &[Cell]) -> Data {
    let mut known: HashMap<Arc<str>, u32> = HashMap::new();
    let mut words: Vec<Arc<str>> = Vec::new();
    let codes = cells.iter().map(|cell| match cell {
        Cell::Given(Value::Text(text)) => Some(*known.entry(Arc::clone(text)).or_insert_with(|| {
            words.push(Arc::clone(text));
            u32::try_from(words.len() - 1).unwrap_or(u32::MAX)
        })),
        _ => None,
    });
    let codes: UInt32Array = codes.collect();
    Data::Text(codes, words.into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;

    fn round_trip(cells: Vec<Cell>) {
        let series = Series::from_cells(&cells);
        let back: Vec<Cell> = (0u32..).take(series.len()).map(|row| series.cell(row)).collect();
        assert_eq!(back, cells);
    }

    #[test]
    fn cells_come_back_as_they_went_in() {
        let dec = |units, scale| Cell::Given(Value::Dec(Decimal::new(units, scale)));
        let day = chrono::NaiveDate::from_ymd_opt(2026, 6, 30).map_or(Cell::Blank, |d| Cell::Given(Value::Date(d)));
        round_trip(vec![Cell::Given(Value::Bool(true)), Cell::Blank, Cell::Given(Value::Bool(false))]);
        round_trip(vec![Cell::Unreadable(7), Cell::Given(Value::Int(-3)), Cell::Blank, Cell::Unreadable(2)]);
        round_trip(vec![dec(1250, 2), Cell::Blank, dec(-1, 5), dec(i64::MAX, 0)]);
        round_trip(vec![Cell::Given(Value::Dec(Decimal::MAX)), Cell::Blank, dec(1, 28)]);
        round_trip(vec![day, Cell::Blank]);
        round_trip(vec![Cell::Given(Value::text("a")), Cell::Given(Value::text("b")), Cell::Given(Value::text("a"))]);
        round_trip(vec![Cell::Given(Value::List([Value::text("a")].into())), Cell::Blank]);
        round_trip(vec![Cell::Blank, Cell::Unreadable(1)]);
    }

    #[test]
    fn decimals_of_several_scales_stand_at_one() {
        let dec = |units, scale| Cell::Given(Value::Dec(Decimal::new(units, scale)));
        let series = Series::from_cells(&[dec(1250, 2), dec(5, 1), dec(3, 0)]);
        let Data::Dec(units, scale) = series.data() else { panic!("{series:?}") };
        assert_eq!((units.values().to_vec(), *scale), (vec![125, 5, 30], 1));
    }
}
