//! One column while it is read: the texts of cells go in, values of one type come out.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::{BooleanArray, Date32Array, Int64Array, UInt32Array};
use arrow_buffer::{BooleanBufferBuilder, NullBufferBuilder};

use super::cells::{CellReader, Format, Texts};
use super::dates::DateFormat;
use super::plain;
use super::series::Data;
use super::tables::Table;
use super::{Cell, Series};
use crate::lang::{Base, Value, day_number};

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

/// Reads a column.
pub(crate) struct ColumnReader {
    spec: Spec,
    values: Values,
    given: NullBufferBuilder,
    faults: Vec<(u32, String)>,
    emptied: Vec<u32>,
    rows: u32,
    texts: Texts,
}

/// What is known of a column before it is read.
struct Spec {
    base: Base,
    name: String,
    format: Format,
    not_negative: bool,
    /// Whether its dates are written in the standard form.
    iso: bool,
    /// The decimal mark.
    mark: u8,
}

enum Values {
    Bool(BooleanBufferBuilder),
    Int(Vec<i64>),
    Date(Vec<i32>),
    /// Units, and the places they have.
    Dec(Vec<i64>, u32),
    Text(Words),
    Utf8(StringBuilder),
    Other(Vec<Value>),
}

impl ColumnReader {
    /// Reads a column of a table that writes its values in this format.
    pub(crate) fn new(table: &Table, name: &str, base: &Base, format: &Format) -> Self {
        let values = match base {
            Base::Bool => Values::Bool(BooleanBufferBuilder::new(0)),
            Base::Int | Base::Days | Base::Months => Values::Int(Vec::new()),
            Base::Date => Values::Date(Vec::new()),
            Base::Number | Base::Money | Base::OwnMoney(_) => Values::Dec(Vec::new(), 0),
            Base::Text if name == "id" || table.keys.iter().any(|(key, _)| *key == name) => {
                Values::Utf8(StringBuilder::new())
            }
            Base::Text | Base::OneOf(_) => Values::Text(Words::default()),
            Base::List(_) => Values::Other(Vec::new()),
        };
        let spec = Spec {
            base: base.clone(),
            name: name.to_owned(),
            not_negative: table.not_negative.contains(&name),
            iso: *format.dates_of(name) == DateFormat::default(),
            // A mark that is not of one byte stands in no plain number.
            mark: u8::try_from(format.numbers.decimal).unwrap_or(0xFF),
            format: format.clone(),
        };
        let given = NullBufferBuilder::new(0);
        let (faults, emptied) = (Vec::new(), Vec::new());
        Self { spec, values, given, faults, emptied, rows: 0, texts: Texts::default() }
    }

    /// How its cells are read.
    pub(crate) fn reader(&self) -> CellReader<'_> {
        self.spec.reader()
    }

    /// Reads the cell of the next row, which has no spaces around it.
    pub(crate) fn push(&mut self, text: &str) {
        if text.is_empty() {
            self.gap();
        } else if self.values.plain(self.spec.meant(text), &self.spec) {
            self.given.append_non_null();
            self.rows += 1;
        } else {
            let read = self.spec.reader().read(text, &mut self.texts);
            self.take(read);
        }
    }

    /// Takes what the cell of the next row was read as.
    pub(crate) fn take(&mut self, read: Result<Cell, String>) {
        match read {
            Ok(Cell::Given(value)) => self.put(value),
            Ok(Cell::Blank | Cell::Unreadable(_)) => {
                self.emptied.push(self.rows);
                self.gap();
            }
            Err(why) => {
                self.faults.push((self.rows, why));
                self.gap();
            }
        }
    }

    /// Takes rows that were read elsewhere, of a column of the same type.
    pub(crate) fn append(&mut self, read: ReadColumn) {
        let first = self.rows;
        self.faults.extend(read.faults.into_iter().map(|(row, why)| (first + row, why)));
        self.emptied.extend(read.emptied.into_iter().map(|row| first + row));
        let series = Series::new(read.data);
        if self.values.append(series.data()) {
            match series.data().nulls() {
                Some(nulls) => nulls.iter().for_each(|given| self.given.append(given)),
                None => self.given.append_n_non_nulls(series.len()),
            }
            self.rows += u32::try_from(series.len()).unwrap_or(u32::MAX);
            return;
        }
        for row in 0..series.len() {
            match series.value(row) {
                Some(value) => self.put(value),
                None => self.gap(),
            }
        }
    }

    /// The same, where a cell without a text is read as something else than a blank.
    pub(crate) fn append_filling(&mut self, read: &ReadColumn, blank: &Result<Cell, String>) {
        let mut faults = read.faults.iter().peekable();
        let mut emptied = read.emptied.iter().peekable();
        let series = Series::new(read.data.clone());
        for (at, row) in (0_u32..).zip(0..series.len()) {
            if let Some(value) = series.value(row) {
                self.put(value);
            } else if let Some((_, why)) = faults.next_if(|(row, _)| *row == at) {
                self.take(Err(why.clone()));
            } else if emptied.next_if(|row| **row == at).is_some() {
                self.take(Ok(Cell::Blank));
            } else {
                self.take(blank.clone());
            }
        }
    }

    /// What was read.
    pub(crate) fn finish(self) -> ReadColumn {
        ReadColumn { data: self.values.finish(self.given), faults: self.faults, emptied: self.emptied }
    }

    fn gap(&mut self) {
        self.values.gap();
        self.given.append_null();
        self.rows += 1;
    }

    fn put(&mut self, value: Value) {
        if let Err(value) = self.values.put(value) {
            self.widen();
            // The general form holds every value.
            let _ = self.values.put(value);
        }
        self.given.append_non_null();
        self.rows += 1;
    }

    /// Goes over to the general form, which holds what the form of the type cannot.
    fn widen(&mut self) {
        let values = std::mem::replace(&mut self.values, Values::Other(Vec::new()));
        let given = std::mem::replace(&mut self.given, NullBufferBuilder::new(0));
        let series = Series::new(values.finish(given));
        for row in 0..series.len() {
            let value = series.value(row);
            self.given.append(value.is_some());
            let _ = self.values.put(value.unwrap_or(Value::Missing));
        }
    }
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

impl Values {
    /// Adds the value of a text in plain form; false where it has none.
    fn plain(&mut self, text: &str, spec: &Spec) -> bool {
        match self {
            Self::Bool(flags) => match text {
                "true" => flags.append(true),
                "false" => flags.append(false),
                _ => return false,
            },
            Self::Int(numbers) => match plain::whole(text.as_bytes()) {
                Some(number) => numbers.push(number),
                None => return false,
            },
            Self::Date(days) if spec.iso => match plain::day(text.as_bytes()) {
                Some(day) => days.push(day),
                None => return false,
            },
            Self::Dec(units, scale) => match plain::decimal(text.as_bytes(), spec.mark) {
                Some((number, places)) if number >= 0 || !spec.not_negative => {
                    return add(units, scale, number, places).is_some();
                }
                _ => return false,
            },
            Self::Text(words) => match words.code(text) {
                Some(code) => words.codes.push(code),
                None if spec.base == Base::Text && !text.is_empty() => {
                    words.add(Arc::from(text));
                    if words.differ()
                        && let Some(texts) = words.spelt()
                    {
                        *self = Self::Utf8(texts);
                    }
                }
                None => return false,
            },
            Self::Utf8(texts) if !text.is_empty() && fits(texts, text.len()) => texts.append_value(text),
            Self::Date(_) | Self::Utf8(_) | Self::Other(_) => return false,
        }
        true
    }

    /// Adds a value, or gives it back where this form does not hold it.
    fn put(&mut self, value: Value) -> Result<(), Value> {
        match (self, value) {
            (Self::Bool(flags), Value::Bool(flag)) => flags.append(flag),
            (Self::Int(numbers), Value::Int(number)) => numbers.push(number),
            (Self::Date(days), Value::Date(day)) => days.push(day_number(day)),
            (Self::Dec(units, scale), Value::Dec(number)) => {
                let added = i64::try_from(number.mantissa()).ok();
                return added.and_then(|added| add(units, scale, added, number.scale())).ok_or(Value::Dec(number));
            }
            (Self::Text(words), Value::Text(text)) => match words.code(&text) {
                Some(code) => words.codes.push(code),
                None => words.add(text),
            },
            (Self::Utf8(texts), Value::Text(text)) if fits(texts, text.len()) => texts.append_value(text),
            (Self::Other(values), value) => values.push(value),
            (_, value) => return Err(value),
        }
        Ok(())
    }

    /// Adds values of the same form; false where they have another.
    fn append(&mut self, data: &Data) -> bool {
        match (self, data) {
            (Self::Bool(flags), Data::Bool(array)) => array.values().iter().for_each(|flag| flags.append(flag)),
            (Self::Int(numbers), Data::Int(array)) => numbers.extend_from_slice(array.values()),
            (Self::Date(days), Data::Date(array)) => days.extend_from_slice(array.values()),
            (Self::Dec(units, scale), Data::Dec(array, of)) if *scale == *of || units.is_empty() => {
                units.extend_from_slice(array.values());
                *scale = *of;
            }
            (Self::Text(words), Data::Text(codes, texts)) => words.append(codes, texts),
            (Self::Utf8(texts), Data::Utf8(array)) if fits(texts, array.values().len()) => {
                return texts.append_array(array).is_ok();
            }
            _ => return false,
        }
        true
    }

    /// Adds a row without a value.
    fn gap(&mut self) {
        match self {
            Self::Bool(flags) => flags.append(false),
            Self::Int(numbers) | Self::Dec(numbers, _) => numbers.push(0),
            Self::Date(days) => days.push(0),
            Self::Text(words) => words.codes.push(Words::NONE),
            Self::Utf8(texts) => texts.append_null(),
            Self::Other(values) => values.push(Value::Missing),
        }
    }

    fn finish(self, mut given: NullBufferBuilder) -> Data {
        let nulls = given.finish();
        match self {
            Self::Bool(mut flags) => Data::Bool(BooleanArray::new(flags.finish(), nulls)),
            Self::Int(numbers) => Data::Int(Int64Array::new(numbers.into(), nulls)),
            Self::Date(days) => Data::Date(Date32Array::new(days.into(), nulls)),
            Self::Dec(units, scale) => Data::Dec(Int64Array::new(units.into(), nulls), scale),
            Self::Text(mut words) => {
                words.codes.iter_mut().filter(|code| **code == Words::NONE).for_each(|code| *code = 0);
                Data::Text(UInt32Array::new(words.codes.into(), nulls), words.words.into())
            }
            Self::Utf8(mut texts) => Data::Utf8(texts.finish()),
            Self::Other(values) => Data::Other(values.into()),
        }
    }
}

/// Adds a decimal at the scale of all; `None` where 64 bits do not hold it, or the others at its scale.
fn add(units: &mut Vec<i64>, scale: &mut u32, number: i64, places: u32) -> Option<()> {
    if places > *scale {
        let up = 10_i64.checked_pow(places - *scale)?;
        if units.iter().any(|known| known.checked_mul(up).is_none()) {
            return None;
        }
        units.iter_mut().for_each(|known| *known *= up);
        *scale = places;
    }
    let number = if places == *scale { number } else { number.checked_mul(10_i64.checked_pow(*scale - places)?)? };
    units.push(number);
    Some(())
}

/// Whether the offsets of an array reach to the end of so many more bytes.
fn fits(texts: &StringBuilder, more: usize) -> bool {
    i32::try_from(texts.values_slice().len() + more).is_ok()
}

/// Texts, each of which stands in many rows.
#[derive(Default)]
struct Words {
    codes: Vec<u32>,
    words: Vec<Arc<str>>,
    code_of: HashMap<Arc<str>, u32>,
    /// What was found last stands most likely in the next row too.
    last: u32,
}

impl Words {
    /// The code of a row without a text.
    const NONE: u32 = u32::MAX;
    /// Up to so many are compared one by one.
    const FEW: usize = 8;
    /// Up to so many are never too many.
    const MANY: usize = 4096;

    fn code(&mut self, text: &str) -> Option<u32> {
        if self.words.get(self.last as usize).is_some_and(|last| **last == *text) {
            return Some(self.last);
        }
        let found = if self.words.len() <= Self::FEW {
            (0..).zip(&self.words).find(|(_, word)| ***word == *text).map(|(code, _)| code)
        } else {
            self.code_of.get(text).copied()
        };
        self.last = found.unwrap_or(self.last);
        found
    }

    /// Adds a row with a text that none had so far.
    fn add(&mut self, text: Arc<str>) {
        let code = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.code_of.insert(Arc::clone(&text), code);
        self.words.push(text);
        self.codes.push(code);
        self.last = code;
    }

    /// Adds rows that have other codes.
    fn append(&mut self, codes: &UInt32Array, texts: &[Arc<str>]) {
        let mut code = |text: &Arc<str>| match self.code(text) {
            Some(code) => code,
            None => {
                self.add(Arc::clone(text));
                self.codes.pop();
                self.last
            }
        };
        let now: Vec<u32> = texts.iter().map(&mut code).collect();
        let here = |code: Option<u32>| code.and_then(|code| now.get(code as usize).copied()).unwrap_or(Self::NONE);
        self.codes.extend(codes.iter().map(here));
    }

    /// Whether most rows have a text of their own.
    fn differ(&self) -> bool {
        self.words.len() > Self::MANY && self.words.len() > self.codes.len() / 2
    }

    /// The text of every row; `None` where they are too long for one array.
    fn spelt(&self) -> Option<StringBuilder> {
        let mut texts = StringBuilder::with_capacity(self.codes.len(), 0);
        for code in &self.codes {
            match self.words.get(*code as usize) {
                Some(word) if fits(&texts, word.len()) => texts.append_value(word),
                Some(_) => return None,
                None => texts.append_null(),
            }
        }
        Some(texts)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;
    use crate::book::numbers::NumberFormat;

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
}
