//! One column while it is read: the texts of cells go in, values of one type come out.

use std::iter::once;

use arrow_buffer::NullBufferBuilder;
use rust_decimal::Decimal;

use super::cells::{CellReader, Format, Texts};
use super::dates::DateFormat;
use super::growing::Values;
use super::grown::Grown;
use super::series::Data;
use super::tables::Table;
use super::{Cell, Series};
use crate::lang::digits::push_whole;
use crate::lang::{Base, Value, day_of};

/// A column that was read.
#[derive(Clone, Debug)]
pub(crate) struct ReadColumn {
    /// Its values; a row without one is blank, or has a fault.
    pub(crate) data: Data,
    /// Rows that could not be read, and why, by row.
    pub(crate) faults: Vec<(u32, String)>,
    /// Rows that have a text, one that stands for none.
    pub(crate) emptied: Vec<u32>,
}

impl ReadColumn {
    /// The value of a row, where it has one.
    pub(crate) fn value(&self, row: u32) -> Option<Value> {
        Series::new(self.data.clone()).value(row as usize)
    }
}

/// 1 January 1900, counted from 1970.
const FIRST_DAY: i32 = -25_567;
/// The day after 31 December 2200.
const LAST_DAY: i32 = 84_371;

/// Reads a column.
pub(crate) struct ColumnReader {
    spec: Spec,
    grown: Grown,
    faults: Vec<(u32, String)>,
    emptied: Vec<u32>,
    texts: Texts,
}

/// What is known of a column before it is read.
pub(crate) struct Spec {
    pub(crate) base: Base,
    pub(crate) name: String,
    pub(crate) format: Format,
    pub(crate) not_negative: bool,
    /// Whether its dates are written in the standard form.
    pub(crate) iso: bool,
    /// The decimal mark.
    pub(crate) mark: u8,
}

impl ColumnReader {
    /// Reads a column of a table that writes its values in this format.
    pub(crate) fn new(table: &Table, name: &str, base: &Base, format: &Format) -> Self {
        let is_key = name == "id" || table.keys.iter().any(|(key, _)| *key == name);
        let grown = Grown::of(Values::of(base, is_key));
        let spec = Spec {
            base: base.clone(),
            name: name.to_owned(),
            not_negative: table.not_negative.contains(&name),
            iso: *format.dates_of(name) == DateFormat::default(),
            // A mark that is not of one byte stands in no plain number.
            mark: u8::try_from(format.numbers.decimal).ok().filter(u8::is_ascii).unwrap_or(u8::MAX),
            format: format.clone(),
        };
        let (faults, emptied) = (Vec::new(), Vec::new());
        Self { spec, grown, faults, emptied, texts: Texts::default() }
    }

    /// Makes room for so many rows more.
    pub(crate) fn reserve(&mut self, rows: usize) {
        self.grown.reserve(rows);
    }

    /// How its cells are read.
    pub(crate) fn reader(&self) -> CellReader<'_> {
        self.spec.reader()
    }

    /// Reads the cell of the next row, which has no spaces around it.
    pub(crate) fn push(&mut self, text: &str) {
        let Grown { values, given } = &mut self.grown;
        let meant = self.spec.meant(text);
        if text.is_empty() {
            self.grown.gap();
        } else if meant.is_empty() || values.plain(&mut once(meant), &self.spec, given).is_some() {
            self.read(text);
        }
    }

    /// The same of the cells of several rows.
    pub(crate) fn push_all<'t>(&mut self, mut texts: impl Iterator<Item = &'t str>) {
        if !self.takes_values() {
            return texts.for_each(|text| self.push(text));
        }
        while let Some(odd) = self.grown.values.plain(&mut texts, &self.spec, &mut self.grown.given) {
            self.read(odd);
        }
    }

    /// Reads a cell that may have any form.
    fn read(&mut self, text: &str) {
        let read = self.spec.reader().read(text, &mut self.texts);
        self.take(read);
    }

    /// Takes what the cell of the next row was read as.
    pub(crate) fn take(&mut self, read: Result<Cell, String>) {
        match read {
            Ok(Cell::Given(value)) => self.grown.put(value),
            Ok(Cell::Blank | Cell::Unreadable(_)) => {
                self.emptied.push(self.len());
                self.grown.gap();
            }
            Err(why) => {
                self.faults.push((self.len(), why));
                self.grown.gap();
            }
        }
    }

    /// What it holds.
    pub(crate) fn base(&self) -> &Base {
        &self.spec.base
    }

    /// Whether a value is what it is, and stands for no other.
    pub(crate) fn takes_values(&self) -> bool {
        self.spec.format.values_of(&self.spec.name).is_empty()
    }

    /// The rows from this one on that have a text and no value.
    pub(crate) fn odd(&self, from: u32) -> Vec<u32> {
        let faults = self.faults.iter().rev().map(|(row, _)| *row).take_while(|row| *row >= from);
        faults.chain(self.emptied.iter().rev().copied().take_while(|row| *row >= from)).collect()
    }

    /// How many rows.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.grown.len()).unwrap_or(u32::MAX)
    }

    /// Takes days, counted from 1970.
    pub(crate) fn days(&mut self, mut days: impl Iterator<Item = Option<i32>>) {
        let is_within = |day: &i32| (FIRST_DAY..LAST_DAY).contains(day);
        while let Some(odd) = match &mut self.grown.values {
            Values::Date(all) => extend(all, &mut self.grown.given, &mut days, |day| Some(day).filter(is_within)),
            _ => days.next(),
        } {
            match odd {
                None => self.grown.gap(),
                Some(..FIRST_DAY) => self.take(Err("is before 1900".into())),
                Some(LAST_DAY..) => self.take(Err("is after 2200".into())),
                Some(day) => self.take(Ok(day_of(day).map_or(Cell::Blank, |day| Cell::Given(Value::Date(day))))),
            }
        }
    }

    /// Takes decimals of so many units of 10 to the minus this scale.
    pub(crate) fn units(&mut self, mut units: impl Iterator<Item = Option<i128>>, scale: i8) {
        let not_negative = self.spec.not_negative;
        let small = |units: i128| i64::try_from(units).ok().filter(|units| *units >= 0 || !not_negative);
        while let Some(odd) = match &mut self.grown.values {
            Values::Dec(all, places) if i64::from(*places) == i64::from(scale) => {
                extend(all, &mut self.grown.given, &mut units, small)
            }
            _ => units.next(),
        } {
            let Some(units) = odd else {
                self.grown.gap();
                continue;
            };
            let number = match u32::try_from(scale) {
                Ok(scale) => Decimal::try_from_i128_with_scale(units, scale).ok(),
                Err(_) => (10_i128.checked_pow(u32::from(scale.unsigned_abs())))
                    .and_then(|up| units.checked_mul(up))
                    .and_then(|units| Decimal::try_from_i128_with_scale(units, 0).ok()),
            };
            self.take(match number {
                _ if units < 0 && not_negative => Err("is less than 0".into()),
                Some(number) => Ok(Cell::Given(Value::Dec(number))),
                None => Err("has more digits than the 28 that are held exactly".into()),
            });
        }
    }

    /// Takes whole numbers.
    pub(crate) fn whole(&mut self, mut numbers: impl Iterator<Item = Option<i64>>) {
        while let Some(odd) = match &mut self.grown.values {
            Values::Int(all) => extend(all, &mut self.grown.given, &mut numbers, Some),
            _ => numbers.next(),
        } {
            match odd {
                Some(number) => self.take(Ok(Cell::Given(Value::Int(number)))),
                None => self.grown.gap(),
            }
        }
    }

    /// Takes whole numbers as the texts they are written as.
    pub(crate) fn digits(&mut self, numbers: impl Iterator<Item = Option<i64>>) {
        for number in numbers {
            let Some(number) = number else {
                self.grown.gap();
                continue;
            };
            let is_put = match &mut self.grown.values {
                Values::Utf8(texts) => texts.push_with(|bytes| push_whole(bytes, number)),
                _ => false,
            };
            if is_put {
                self.grown.given.append_non_null();
            } else {
                self.push(&number.to_string());
            }
        }
    }

    /// Takes what is true or false.
    pub(crate) fn flags(&mut self, flags: impl Iterator<Item = Option<bool>>) {
        for flag in flags {
            match (&mut self.grown.values, flag) {
                (_, None) => self.grown.gap(),
                (Values::Bool(all), Some(flag)) => {
                    all.append(flag);
                    self.grown.given.append_non_null();
                }
                (_, Some(flag)) => self.take(Ok(Cell::Given(Value::Bool(flag)))),
            }
        }
    }

    /// Takes rows that were read elsewhere, of a column of the same type.
    pub(crate) fn append(&mut self, read: ReadColumn) {
        let first = self.len();
        self.faults.extend(read.faults.into_iter().map(|(row, why)| (first + row, why)));
        self.emptied.extend(read.emptied.into_iter().map(|row| first + row));
        self.grown.append(&Series::new(read.data));
    }

    /// The same, where a cell without a text is read as something else than a blank.
    pub(crate) fn append_filling(&mut self, read: &ReadColumn, blank: &Result<Cell, String>) {
        let mut faults = read.faults.iter().peekable();
        let mut emptied = read.emptied.iter().peekable();
        let series = Series::new(read.data.clone());
        for (at, row) in (0_u32..).zip(0..series.len()) {
            if let Some(value) = series.value(row) {
                self.grown.put(value);
            } else if let Some((_, why)) = faults.next_if(|(row, _)| *row == at) {
                self.take(Err(why.clone()));
            } else if emptied.next_if(|row| **row == at).is_some() {
                self.take(Ok(Cell::Blank));
            } else {
                self.take(blank.clone());
            }
        }
    }

    /// Takes the same for so many rows.
    pub(crate) fn take_for(&mut self, read: &Result<Cell, String>, rows: u32) {
        let Some(more) = rows.checked_sub(1) else { return };
        self.take(read.clone());
        if matches!(read, Ok(Cell::Given(_))) && self.grown.values.repeat(more as usize) {
            self.grown.given.append_n_non_nulls(more as usize);
            return;
        }
        (0..more).for_each(|_| self.take(read.clone()));
    }

    /// What was read.
    pub(crate) fn finish(self) -> ReadColumn {
        ReadColumn { data: self.grown.finish(), faults: self.faults, emptied: self.emptied }
    }
}

/// Adds what values are held as, a gap where there is none, up to the first that is not held so: it is given back.
fn extend<T, V: Default>(
    all: &mut Vec<V>,
    given: &mut NullBufferBuilder,
    values: &mut impl Iterator<Item = Option<T>>,
    held: impl Fn(T) -> Option<V>,
) -> Option<Option<T>>
where
    T: Copy,
{
    for value in values {
        match value.map(&held) {
            Some(Some(value)) => {
                all.push(value);
                given.append_non_null();
            }
            Some(None) => return Some(value),
            None => {
                all.push(V::default());
                given.append_null();
            }
        }
    }
    None
}

impl Spec {
    fn reader(&self) -> CellReader<'_> {
        CellReader {
            base: &self.base,
            column: &self.name,
            format: &self.format,
            values: self.format.values_of(&self.name),
            not_negative: self.not_negative,
        }
    }

    /// What a text stands for.
    fn meant<'t>(&'t self, text: &'t str) -> &'t str {
        if self.format.values.is_empty() {
            return text;
        }
        let values = self.format.values_of(&self.name);
        values.iter().find(|(from, _)| from == text).map_or(text, |(_, to)| to)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::book::numbers::NumberFormat;
    use crate::book::plain;

    fn formats() -> Vec<Format> {
        let german = NumberFormat { decimal: ',', thousands: Some('.'), signs: vec!["€".into()] };
        let stars = NumberFormat { decimal: '·', ..NumberFormat::default() };
        let values = vec![
            ("a".to_owned(), "true".to_owned()),
            ("0".to_owned(), String::new()),
            ("b".to_owned(), "2026-01-31".to_owned()),
        ];
        let dates = DateFormat::parse("D.M.YYYY").unwrap();
        vec![
            Format::default(),
            Format { dates: dates.clone(), numbers: german, ..Format::default() },
            Format { dates_of: vec![("c".into(), dates)], values: vec![("c".into(), values)], ..Format::default() },
            Format { numbers: stars, ..Format::default() },
        ]
    }

    fn bases() -> Vec<Base> {
        vec![
            Base::Bool,
            Base::Int,
            Base::Number,
            Base::Money,
            Base::Date,
            Base::Text,
            Base::OneOf(["A", "b", "true"].map(Arc::from).into()),
            Base::List(Box::new(Base::Int)),
        ]
    }

    fn texts() -> impl Strategy<Value = Vec<String>> {
        let one = prop_oneof![
            4 => "-?[0-9]{1,12}\\.[0-9]{2}",
            2 => "-?[0-9]{1,20}",
            1 => "-?[0-9]{0,12}[.,·][0-9]{0,12}",
            1 => "-?[0-9]{15,20}[.,][0-9]{0,14}",
            3 => "(19|20|21|22)[0-9]{2}-[01][0-9]-[0-3][0-9]",
            1 => "[0-3]?[0-9]\\.[01]?[0-9]\\.20[0-9]{2}",
            2 => "true|false|A|a|b|0|",
            2 => "[-+0-9.,%()€; abAB·']{0,12}",
        ];
        proptest::collection::vec(one.prop_map(|text| text.trim().to_owned()), 0..40)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

        /// A column is read as each of its cells is read by itself, whatever stands in the others.
        #[test]
        fn a_column_is_read_as_its_cells_are(texts in texts(), name in prop_oneof![Just("c"), Just("id")]) {
            for (base, format) in bases().iter().flat_map(|base| formats().into_iter().map(move |f| (base, f))) {
                for table in ["customers", "invoices"] {
                    let table = Table::named(table).unwrap();
                    let name = if name == "c" && table.name == "invoices" { "amount" } else { name };
                    let mut column = ColumnReader::new(table, name, base, &format);
                    texts.iter().for_each(|text| column.push(text));
                    let reader = ColumnReader::new(table, name, base, &format);
                    let read = column.finish();
                    let series = Series::new(read.data);
                    prop_assert_eq!(series.len(), texts.len());
                    let mut faults = read.faults.into_iter().peekable();
                    for (row, text) in (0_u32..).zip(&texts) {
                        let fault = faults.next_if(|(at, _)| *at == row).map(|(_, why)| why);
                        let expected = match text.as_str() {
                            "" => Ok(Cell::Blank),
                            text => reader.reader().read(text, &mut Texts::default()),
                        };
                        match expected {
                            Ok(cell) => prop_assert_eq!((series.cell(row), fault), (cell, None), "{} {:?}", text, base),
                            Err(why) => {
                                prop_assert_eq!((series.cell(row), fault), (Cell::Blank, Some(why)), "{} {:?}", text, base)
                            }
                        }
                    }
                    prop_assert!(faults.next().is_none());
                }
            }
        }
    }

    #[test]
    fn the_days_that_are_read_end_where_they_end_as_texts() {
        assert_eq!((plain::day(b"1900-01-01"), plain::day(b"2200-12-31")), (Some(FIRST_DAY), Some(LAST_DAY - 1)));
    }

    #[test]
    fn texts_that_differ_from_row_to_row_become_no_list_of_words() {
        let mut column = ColumnReader::new(Table::named("customers").unwrap(), "name", &Base::Text, &Format::default());
        column.push("");
        for row in 0..10_000 {
            column.push(&format!("customer {}", row / 2 * 2));
        }
        for row in 0..10_000 {
            column.push(&format!("firm {row}"));
        }
        let data = column.finish().data;
        assert!(matches!(data, Data::Utf8(_)));
        let series = Series::new(data);
        assert_eq!(series.cell(0), Cell::Blank);
        assert_eq!(series.cell(10_000), Cell::Given(Value::text("customer 9998")));
        assert_eq!(series.cell(20_000), Cell::Given(Value::text("firm 9999")));
    }

    #[test]
    fn stretches_of_texts_held_in_different_ways_make_one_column() {
        let table = Table::named("customers").unwrap();
        let column = || ColumnReader::new(table, "name", &Base::Text, &Format::default());
        let few: Vec<String> = (0..100).map(|row| format!("word {}", row % 3)).collect();
        let many: Vec<String> = (0..10_000).map(|row| format!("firm {row}")).collect();
        let none = vec![String::new(); 5];
        for stretches in [[&few, &many, &none], [&many, &none, &few], [&none, &few, &many], [&few, &few, &few]] {
            let mut all = column();
            for stretch in stretches {
                let mut read = column();
                stretch.iter().for_each(|text| read.push(text));
                all.append(read.finish());
            }
            let series = Series::new(all.finish().data);
            let texts = stretches.into_iter().flatten();
            let expected = texts.map(|text| Some(Value::text(text)).filter(|_| !text.is_empty()));
            assert!((0..series.len()).map(|row| series.value(row)).eq(expected));
        }
    }
}
