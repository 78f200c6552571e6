//! A table whose cells have been read: columns of one type each, and what could not be read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use arrow_array::{Array, UInt32Array};
use chrono::NaiveDate;
use rayon::prelude::*;
use rust_decimal::Decimal;

use super::cells::{CellReader, Texts};
use super::column::{ColumnReader, ReadColumn};
use super::dates::DateFormat;
use super::handles::{Amounts, Dates, Flags, Strs, Wholes};
use super::parts::Part;
use super::rows::{Signed, TableRows};
use super::series::Data;
use super::{Cell, Series};
use crate::lang::{Base, Value};
use crate::plan::Schema;

/// A cell that could not be read, or a row that lacks what every row needs.
#[derive(Debug)]
pub(crate) struct Fault {
    /// The row.
    pub(crate) row: u32,
    /// The column by its name in the book; `None` for the whole row.
    pub(crate) column: Option<String>,
    /// Why, in words.
    pub(crate) reason: String,
}

/// The columns of a table by name, and its faults in the order of the rows.
pub(crate) struct Typed {
    /// The text they were read from.
    pub(crate) rows: TableRows,
    /// In no order that matters.
    columns: Vec<TypedColumn>,
    /// By row.
    pub(crate) faults: Vec<Fault>,
}

struct TypedColumn {
    name: String,
    series: Series,
    /// The same as shared texts, once somebody asks.
    texts: OnceLock<Vec<Option<Arc<str>>>>,
}

impl Typed {
    /// Reads every cell of a table by the type of its column.
    pub(crate) fn read(rows: TableRows, schema: &Schema) -> Self {
        let mut faults: Vec<Fault> = Vec::new();
        let mut columns = Vec::new();
        for (row, reason) in &rows.broken {
            faults.push(Fault { row: *row, column: None, reason: reason.clone() });
        }
        let fill = |name: &str| rows.fills.iter().find(|(column, _)| column == name).map(|(_, text)| text.as_str());
        let is_read = |name: &str| rows.column(name).is_some() || fill(name).is_some() || rows.table.needs(name);
        let wanted: Vec<(String, Base)> =
            rows.table.columns(schema).into_iter().filter(|(name, _)| is_read(name)).collect();
        let read: Vec<ReadColumn> =
            wanted.par_iter().map(|(name, base)| column(&rows, name, base, fill(name))).collect();
        for ((name, _), read) in wanted.into_iter().zip(read) {
            let required = rows.table.needs(&name);
            let unreadable: Vec<(u32, u32)> = read.faults.iter().map(|(row, _)| (*row, 0)).collect();
            let series = Series::with_unreadable(read.data, unreadable);
            let mut own = read.faults;
            if required {
                let blank = series.gaps().into_iter().filter(|row| series.is_blank(*row));
                own.extend(blank.map(|row| (row, "is blank, and every row needs it".to_owned())));
            }
            // A broken row has one fault, and not one more a cell.
            own.retain(|(row, _)| !rows.is_broken(*row));
            faults.extend(own.into_iter().map(|(row, reason)| Fault { row, column: Some(name.clone()), reason }));
            columns.push(TypedColumn { name, series, texts: OnceLock::new() });
        }
        faults.sort_by_key(|fault| fault.row);
        Self { rows, columns, faults }
    }

    /// How many rows.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.rows.len()).unwrap_or(u32::MAX)
    }

    /// Whether the table has this column.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.find(column).is_some()
    }

    /// Whether a row is no row of this table at all; then its cells may stand in the wrong columns.
    pub(crate) fn is_broken(&self, row: u32) -> bool {
        self.rows.is_broken(row)
    }

    /// The values of a column.
    pub(crate) fn series(&self, name: &str) -> Option<&Series> {
        self.find(name).map(|column| &column.series)
    }

    /// Names the reject that says why a cell could not be read.
    pub(crate) fn mark(&mut self, column: &str, row: u32, reject: u32) {
        if let Some(column) = self.columns.iter_mut().find(|known| known.name == column) {
            column.series.mark(row, reject);
        }
    }

    /// Where a row was read: number of the input and line.
    pub(crate) fn place(&self, row: u32) -> (u32, u32) {
        self.rows.origin(row)
    }

    /// The dates of a column.
    pub(crate) fn dates(&self, column: &str) -> Dates<'_> {
        Dates::of(self.data(column))
    }

    /// The amounts of a column.
    pub(crate) fn amounts(&self, column: &str) -> Amounts<'_> {
        Amounts::of(self.data(column))
    }

    /// The whole numbers of a column.
    pub(crate) fn wholes(&self, column: &str) -> Wholes<'_> {
        Wholes::of(self.data(column))
    }

    /// What a column says is true or false.
    pub(crate) fn flags(&self, column: &str) -> Flags<'_> {
        Flags::of(self.data(column))
    }

    /// The texts of a column.
    pub(crate) fn strs(&self, column: &str) -> Strs<'_> {
        Strs::of(self.data(column))
    }

    /// The texts of a column, shared.
    pub(crate) fn texts(&self, column: &str) -> TextColumn<'_> {
        let Some(column) = self.find(column) else { return TextColumn::Each(&[]) };
        if let Data::Text(codes, words) = column.series.data() {
            return TextColumn::Words(codes, words);
        }
        let each = |row: u32| match column.series.value(row as usize) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        };
        TextColumn::Each(column.texts.get_or_init(|| (0..self.len()).map(each).collect()))
    }

    /// The date of a row.
    pub(crate) fn date(&self, column: &str, row: u32) -> Option<NaiveDate> {
        self.dates(column).get(row)
    }

    /// The amount of a row.
    pub(crate) fn amount(&self, column: &str, row: u32) -> Option<Decimal> {
        self.amounts(column).get(row)
    }

    /// The whole number of a row.
    pub(crate) fn whole(&self, column: &str, row: u32) -> Option<i64> {
        self.wholes(column).get(row)
    }

    /// Whether a row says that something is so.
    pub(crate) fn flag(&self, column: &str, row: u32) -> Option<bool> {
        self.flags(column).get(row)
    }

    /// The text of a row.
    pub(crate) fn text(&self, column: &str, row: u32) -> Option<&Arc<str>> {
        self.texts(column).get(row)
    }

    fn find(&self, name: &str) -> Option<&TypedColumn> {
        self.columns.iter().find(|known| known.name == name)
    }

    fn data(&self, name: &str) -> Option<&Data> {
        self.series(name).map(Series::data)
    }
}

/// Reads a column.
fn column(rows: &TableRows, name: &str, base: &Base, fill: Option<&str>) -> ReadColumn {
    let texts = &mut Texts::default();
    let mut column = ColumnReader::new(rows.table, name, base, &rows.format);
    let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    let blank = column.reader().read(fill.unwrap_or(""), texts);
    let Some(at) = rows.column(name) else {
        column.take_for(&blank, count);
        return column.finish();
    };
    let signed = rows.signed.iter().find(|signed| signed.column == at);
    // An amount of several cells is blank where all of them are.
    let blank = if signed.is_some() { Ok(Cell::Blank) } else { blank };
    let read = match (rows.parts.as_slice(), &blank) {
        ([Part::Read(read)], Ok(Cell::Blank)) => read.columns.get(at).cloned().flatten(),
        _ => None,
    };
    let read = read.unwrap_or_else(|| {
        column.reserve(rows.len());
        for part in &rows.parts {
            match (part, signed) {
                (Part::Spelt(spelt), Some(signed)) => {
                    for row in part.first()..part.first() + spelt.len() {
                        let read = signed_amount(&column.reader(), rows, row, signed, texts);
                        column.take(read);
                    }
                }
                _ => part.read(at, &blank, &mut column),
            }
        }
        column.finish()
    });
    if *base != Base::Date {
        return read;
    }
    let dates = rows.format.dates_of(name);
    let turned = Turned::of(&read, dates, rows, |row| match rows.cell(row, at) {
        text if text.is_empty() => Cow::Borrowed(fill.unwrap_or("")),
        text => text,
    });
    let doubtful = turned.doubtful(dates, rows, at);
    if doubtful.is_empty() {
        return read;
    }
    let mut faults = read.faults.iter().peekable();
    let mut doubtful = doubtful.into_iter().peekable();
    let series = Series::new(read.data);
    let mut column = ColumnReader::new(rows.table, name, base, &rows.format);
    for row in 0..count {
        let fault = faults.next_if(|(at, _)| *at == row).map(|(_, why)| why.clone());
        let doubt = doubtful.next_if(|(at, _)| *at == row).map(|(_, why)| why);
        let value = series.value(row as usize);
        column.take(match (fault, doubt, value) {
            (Some(why), ..) | (None, Some(why), Some(_)) => Err(why),
            (None, _, value) => Ok(value.map_or(Cell::Blank, Cell::Given)),
        });
    }
    column.finish()
}

fn signed_amount(
    reader: &CellReader<'_>,
    rows: &TableRows,
    row: u32,
    signed: &Signed,
    texts: &mut Texts,
) -> Result<Cell, String> {
    let header = |at: usize| rows.columns.get(at).map_or("", |(_, header)| header.as_str());
    let minus = signed.minus.map(|at| (header(at), rows.cell(row, at)));
    let minus = minus.as_ref().map(|(header, text)| (*header, text.as_ref()));
    let flips = signed.flip.is_some_and(|at| !rows.cell(row, at).is_empty());
    reader.read_signed(&rows.cell(row, signed.column), minus, signed.negated != flips, texts)
}

/// Files whose column of dates also has dates with day and month the other way round: then those that read either way
/// cannot be told apart.
struct Turned(BTreeMap<u32, u32>);

impl Turned {
    /// Looks for texts that are dates only when day and month are exchanged.
    fn of<'t>(read: &ReadColumn, dates: &DateFormat, rows: &TableRows, text: impl Fn(u32) -> Cow<'t, str>) -> Self {
        let mut lines = BTreeMap::new();
        for (row, _) in read.faults.iter().filter(|(row, _)| !rows.is_broken(*row)) {
            if dates.swapped(&text(*row)).is_some() {
                let (file, line) = rows.place(*row);
                lines.entry(file).or_insert(line);
            }
        }
        Self(lines)
    }

    /// The rows that could be two days, and why.
    fn doubtful(&self, dates: &DateFormat, rows: &TableRows, at: usize) -> Vec<(u32, String)> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let doubt = |row: u32| {
            let line = self.0.get(&rows.place(row).0)?;
            let text = rows.cell(row, at);
            let (one, other) = (dates.read(&text).ok()?, dates.swapped(&text)?);
            let why = || format!("is {one} or {other}: line {line} has day and month the other way round");
            (one != other).then(|| (row, why()))
        };
        (0..count).filter_map(doubt).collect()
    }
}

/// A column read as shared texts.
#[derive(Clone, Copy)]
pub(crate) enum TextColumn<'a> {
    /// Each as its place in the list.
    Words(&'a UInt32Array, &'a [Arc<str>]),
    /// Each by itself.
    Each(&'a [Option<Arc<str>>]),
}

impl<'a> TextColumn<'a> {
    /// The text of a row, where there is one.
    pub(crate) fn get(&self, row: u32) -> Option<&'a Arc<str>> {
        match self {
            Self::Words(codes, words) => {
                let given = (row as usize) < codes.len() && codes.is_valid(row as usize);
                words.get(*codes.values().get(row as usize).filter(|_| given)? as usize)
            }
            Self::Each(texts) => texts.get(row as usize)?.as_ref(),
        }
    }
}
