//! Reads the columns of a table from the typed columns of a file.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arrow_array::builder::StringBuilder;
use arrow_array::{Array, StringArray};
use arrow_schema::DataType;
use rayon::prelude::*;

use super::arrays::{fill, is_text, text};
use super::cells::{Format, Texts};
use super::column::{ColumnReader, ReadColumn};
use super::columnar::{Columnar, Stop};
use super::parts::{Origin, Part, ReadRows};
use super::rows::Signed;
use super::tables::Table;
use crate::lang::{Base, Value};

/// Rows of a file on their way into the columns of a table.
pub(crate) struct ValueReading {
    columns: Vec<ValueColumn>,
    /// The texts of cells that have no value, by column and row.
    odd: BTreeMap<(usize, u32), String>,
    /// How the table writes numbers.
    format: Format,
}

struct ValueColumn {
    reader: Option<ColumnReader>,
    /// The texts, where the values do not show what stands in the file.
    shown: Option<StringBuilder>,
}

/// What the columns of a table come from in one batch of a file.
pub(crate) enum Given<'b> {
    /// An array, of which the chosen rows are read.
    Array(&'b dyn Array),
    /// For each chosen row, whether a condition holds.
    Holds(&'b [bool]),
}

impl ValueReading {
    /// Reads columns of these names and types; `of` are the types in the file, where they come from a column. There is
    /// room for so many rows.
    pub(crate) fn new(
        table: &Table,
        types: &[Option<(String, Base)>],
        of: &[Option<DataType>],
        signed: &[Signed],
        format: &Format,
        room: usize,
    ) -> Self {
        let plain = Format { values: format.values.clone(), ..Format::default() };
        let column = |at: usize, base: &Option<(String, Base)>, of: &Option<DataType>| {
            let in_texts = of.as_ref().is_some_and(is_text) || signed.iter().any(|signed| signed.column == at);
            let format = if in_texts { format } else { &plain };
            let mut reader = base.as_ref().map(|(name, base)| ColumnReader::new(table, name, base, format));
            reader.iter_mut().for_each(|reader| reader.reserve(room));
            let is_shown = base.as_ref().is_some_and(|(_, base)| *base == Base::Text || !in_texts);
            ValueColumn { reader, shown: (!is_shown).then(StringBuilder::new) }
        };
        let columns = types.iter().zip(of).enumerate().map(|(at, (base, of))| column(at, base, of)).collect();
        Self { columns, odd: BTreeMap::new(), format: format.clone() }
    }

    /// Reads the chosen rows of a batch, column by column.
    pub(crate) fn push(&mut self, given: &[Given<'_>], chosen: &[u32], signed: &[Signed]) {
        let format = &self.format;
        let of_column = |(at, column): (usize, &mut ValueColumn)| {
            let from = given.get(at)?;
            let signed = signed.iter().find(|signed| signed.column == at);
            Some((at, column.push(from, chosen, signed.map(|signed| (signed, given, format)))))
        };
        let odd: Vec<_> = self.columns.par_iter_mut().enumerate().filter_map(of_column).collect();
        for (at, odd) in odd {
            self.odd.extend(odd.into_iter().map(|(row, text)| ((at, row), text)));
        }
    }

    /// Reads every row of a file; `at` are the columns of the file in which those of the table stand. Each is read by
    /// itself, on whatever thread.
    pub(crate) fn whole(&mut self, file: &Columnar, at: &[usize], rows: usize) -> Result<(), Stop> {
        let of_column = |(column, at): (&mut ValueColumn, &usize)| -> Result<Vec<(u32, String)>, Stop> {
            let (mut odd, mut read) = (Vec::new(), 0);
            file.column(*at, &mut |array| {
                let all: Vec<u32> = (0u32..).take(array.len()).collect();
                odd.extend(column.push(&Given::Array(array), &all, None));
                read += array.len();
            })?;
            match read == rows {
                true => Ok(odd),
                false => Err(Stop::Unreadable("its columns have different numbers of rows".into())),
            }
        };
        let columns = self.columns.par_iter_mut().zip(at).with_max_len(1);
        let odd = columns.map(of_column).collect::<Result<Vec<_>, _>>()?;
        for (at, odd) in odd.into_iter().enumerate() {
            self.odd.extend(odd.into_iter().map(|(row, text)| ((at, row), text)));
        }
        Ok(())
    }

    /// The rows that were read.
    pub(crate) fn finish(self) -> Part {
        let mut columns = Vec::new();
        let mut shown = Vec::new();
        for column in self.columns {
            columns.push(column.reader.map(ColumnReader::finish));
            shown.push(column.shown.map(|mut shown| shown.finish()));
        }
        Part::Read(ReadRows { first: 0, columns, origin: Origin::Values(Shown { texts: shown, odd: self.odd }) })
    }
}

impl ValueColumn {
    /// Reads the chosen rows of a batch, `signed` where several of its columns make an amount. Gives the rows that have a
    /// text and no value.
    fn push(
        &mut self,
        from: &Given<'_>,
        chosen: &[u32],
        signed: Option<(&Signed, &[Given<'_>], &Format)>,
    ) -> Vec<(u32, String)> {
        let array = match from {
            Given::Array(array) => *array,
            Given::Holds(holds) => {
                let shown = self.shown.iter_mut();
                shown
                    .for_each(|shown| holds.iter().for_each(|holds| shown.append_value(if *holds { "-" } else { "" })));
                return Vec::new();
            }
        };
        if let Some(shown) = &mut self.shown {
            chosen.iter().for_each(|row| shown.append_option(text(array, *row as usize)));
        }
        let Some(reader) = &mut self.reader else { return Vec::new() };
        let first = reader.len();
        match signed {
            Some((signed, given, format)) => sign(reader, given, chosen, signed, format),
            None => fill(reader, array, chosen),
        }
        let odd = |row: u32| {
            let text = chosen.get((row - first) as usize).and_then(|row| text(array, *row as usize));
            (row, text.unwrap_or_default().trim().to_owned())
        };
        reader.odd(first).into_iter().map(odd).collect()
    }
}

/// Reads amounts made of several columns.
fn sign(reader: &mut ColumnReader, given: &[Given<'_>], chosen: &[u32], signed: &Signed, format: &Format) {
    let mut texts = Texts::default();
    for (at, row) in chosen.iter().enumerate() {
        let cell = |column: usize| match given.get(column) {
            Some(Given::Array(array)) => marked(*array, *row as usize, format),
            Some(Given::Holds(holds)) if holds.get(at) == Some(&true) => Cow::Borrowed("-"),
            _ => Cow::Borrowed(""),
        };
        let minus = signed.minus.map(cell);
        let minus = minus.as_ref().map(|text| ("", text.trim()));
        let flips = signed.flip.is_some_and(|at| !cell(at).is_empty());
        let negated = signed.negated != flips;
        let read = reader.reader().read_signed(cell(signed.column).trim(), minus, negated, &mut texts);
        reader.take(read);
    }
}

/// A value as its table would write it.
pub(crate) fn marked<'a>(array: &'a dyn Array, row: usize, format: &Format) -> Cow<'a, str> {
    let text = text(array, row).unwrap_or_default();
    let mark = format.numbers.decimal;
    if mark == '.' || is_text(array.data_type()) || !array.data_type().is_numeric() {
        return text;
    }
    Cow::Owned(text.replace('.', mark.encode_utf8(&mut [0; 4])))
}

/// What the cells of typed columns say in their file.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    texts: Vec<Option<StringArray>>,
    odd: BTreeMap<(usize, u32), String>,
}

impl Shown {
    /// The text of a cell.
    pub(crate) fn cell<'a>(&'a self, column: usize, read: Option<&ReadColumn>, row: u32) -> Cow<'a, str> {
        if let Some(odd) = self.odd.get(&(column, row)) {
            return Cow::Borrowed(odd);
        }
        if let Some(Some(texts)) = self.texts.get(column) {
            let given = (row as usize) < texts.len() && texts.is_valid(row as usize);
            return Cow::Borrowed(if given { texts.value(row as usize).trim() } else { "" });
        }
        match read.and_then(|read| read.value(row)) {
            Some(Value::Dec(number)) => Cow::Owned(number.to_string()),
            value => Cow::Owned(value.map(|value| value.to_string()).unwrap_or_default()),
        }
    }
}
