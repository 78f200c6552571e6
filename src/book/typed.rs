//! A table whose cells have been read: columns of typed cells, and what could not be read.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Cell;
use super::cells::{CellReader, Texts};
use super::dates::DateFormat;
use super::rows::{Signed, TableRows};
use crate::lang::{Base, Value};
use crate::plan::Schema;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// A cell that could not be read, or a row that lacks what every row needs.
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
    columns: Vec<(String, Vec<Cell>)>,
    /// By row.
    pub(crate) faults: Vec<Fault>,
}

impl Typed {
    /// Reads every cell of a table by the type of its column.
    pub(crate) fn read(rows: TableRows, schema: &Schema, texts: &mut Texts) -> Self {
        let mut faults: Vec<Fault> = Vec::new();
        let mut columns = Vec::new();
        for (row, reason) in &rows.broken {
            faults.push(Fault { row: *row, column: None, reason: reason.clone() });
        }
        for (name, base) in rows.table.columns(schema) {
            let at = rows.column(&name);
            let signed = at.and_then(|at| rows.signed.iter().find(|s| s.column == at));
            let fill = rows.fills.iter().find(|(column, _)| *column == name).map(|(_, text)| text.as_str());
            let required = rows.table.required.contains(&name.as_str());
            if at.is_none() && fill.is_none() && !required {
                continue;
            }
            let reader = CellReader {
                base: &base,
                column: &name,
                format: &rows.format,
                values: rows.format.values_of(&name),
                not_negative: rows.table.not_negative.contains(&name.as_str()),
            };
            let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            let mut cells = Vec::with_capacity(rows.len());
            let mut broken = rows.broken.iter().map(|(row, _)| *row).peekable();
            let mut turned = Turned::default();
            for row in 0..count {
                let text = at.map_or("", |at| rows.cell(row, at));
                let text = if text.is_empty() { fill.unwrap_or("") } else { text };
                // A broken row has one fault, and not one more a cell.
                let is_broken = broken.next_if_eq(&row).is_some();
                let mut fault = |reason: String| {
                    if !is_broken {
                        faults.push(Fault { row, column: Some(name.clone()), reason });
                    }
                };
                let read = match signed {
                    Some(signed) => signed_amount(&reader, &rows, row, signed, texts),
                    None => reader.read(text, texts),
                };
                cells.push(match read {
                    Ok(Cell::Blank) if required => {
                        fault("is blank, and every row needs it".into());
                        Cell::Blank
                    }
                    Ok(cell) => cell,
                    Err(reason) => {
                        fault(reason);
                        if base == Base::Date && !is_broken {
                            turned.note(reader.format.dates_of(&name), text, &rows, row);
                        }
                        Cell::Unreadable(0)
                    }
                });
            }
            if let Some(at) = at {
                for (row, reason) in turned.doubtful(rows.format.dates_of(&name), &rows, at) {
                    let cell = cells.get_mut(row as usize);
                    if let Some(cell) = cell.filter(|cell| matches!(cell, Cell::Given(_))) {
                        *cell = Cell::Unreadable(0);
                        faults.push(Fault { row, column: Some(name.clone()), reason });
                    }
                }
            }
            columns.push((name, cells));
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
        self.column(column).is_some()
    }

    /// Whether a row is no row of this table at all; then its cells may stand in the wrong columns.
    pub(crate) fn is_broken(&self, row: u32) -> bool {
        self.rows.broken.binary_search_by_key(&row, |(broken, _)| *broken).is_ok()
    }

    /// The cells of a column.
    pub(crate) fn column(&self, name: &str) -> Option<&[Cell]> {
        self.columns.iter().find(|(known, _)| known == name).map(|(_, cells)| cells.as_slice())
    }

    /// Names the reject that says why a cell could not be read.
    pub(crate) fn mark(&mut self, column: &str, row: u32, reject: u32) {
        let cells = self.columns.iter_mut().find(|(known, _)| known == column);
        if let Some(cell) = cells.and_then(|(_, cells)| cells.get_mut(row as usize)) {
            *cell = Cell::Unreadable(reject);
        }
    }

    /// Where a row was read: number of the input and line.
    pub(crate) fn place(&self, row: u32) -> (u32, u32) {
        self.rows.origin(row)
    }

    /// Reads texts of a column.
    pub(crate) fn texts(&self, column: &str) -> TextColumn<'_> {
        TextColumn(self.column(column).unwrap_or(&[]))
    }

    /// Reads dates of a column.
    pub(crate) fn date(&self, column: &str, row: u32) -> Option<NaiveDate> {
        match self.value(column, row)? {
            Value::Date(date) => Some(*date),
            _ => None,
        }
    }

    /// Reads amounts of a column.
    pub(crate) fn amount(&self, column: &str, row: u32) -> Option<Decimal> {
        match self.value(column, row)? {
            Value::Dec(amount) => Some(*amount),
            _ => None,
        }
    }

    /// Reads whole numbers of a column.
    pub(crate) fn whole(&self, column: &str, row: u32) -> Option<i64> {
        match self.value(column, row)? {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// Reads what is true or false.
    pub(crate) fn flag(&self, column: &str, row: u32) -> Option<bool> {
        match self.value(column, row)? {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// A text of a column.
    pub(crate) fn text(&self, column: &str, row: u32) -> Option<&Arc<str>> {
        self.texts(column).get(row)
    }

    /// A value as text.
    pub(crate) fn shown(&self, column: &str, row: u32) -> Option<String> {
        self.value(column, row).map(ToString::to_string)
    }

    fn value(&self, column: &str, row: u32) -> Option<&Value> {
        match self.column(column)?.get(row as usize)? {
            Cell::Given(value) => Some(value),
            Cell::Blank | Cell::Unreadable(_) => None,
        }
    }
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
    let flips = signed.flip.is_some_and(|at| !rows.cell(row, at).is_empty());
    reader.read_signed(rows.cell(row, signed.column), minus, signed.negated != flips, texts)
}

/// Files whose column of dates also has dates with day and month the other way round: then those that read either way
/// cannot be told apart.
#[derive(Default)]
struct Turned(BTreeMap<u32, u32>);

impl Turned {
    /// Notes a text that is a date only when day and month are exchanged.
    fn note(&mut self, dates: &DateFormat, text: &str, rows: &TableRows, row: u32) {
        if dates.swapped(text).is_some() {
            let (file, line) = rows.place(row);
            self.0.entry(file).or_insert(line);
        }
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
            let (one, other) = (dates.read(text).ok()?, dates.swapped(text)?);
            let why = || format!("is {one} or {other}: line {line} has day and month the other way round");
            (one != other).then(|| (row, why()))
        };
        (0..count).filter_map(doubt).collect()
    }
}

/// A column read as texts.
#[derive(Clone, Copy)]
pub(crate) struct TextColumn<'a>(&'a [Cell]);

impl<'a> TextColumn<'a> {
    /// The text of a row, where there is one.
    pub(crate) fn get(&self, row: u32) -> Option<&'a Arc<str>> {
        match self.0.get(row as usize)? {
            Cell::Given(Value::Text(text)) => Some(text),
            _ => None,
        }
    }
}
