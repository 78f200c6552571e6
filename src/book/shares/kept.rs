//! Rows of a table as they are put aside and come back: their cells as they stand in the file, and where that is.

use std::sync::Arc;

use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::UInt32Type;
use arrow_array::{Array, ArrayRef, RecordBatch, StringArray, UInt32Array};
use arrow_schema::{ArrowError, DataType};
use arrow_select::concat::concat_batches;
use arrow_select::take::take_record_batch;

use super::spill::batch;
use crate::book::arrays;
use crate::book::columnar::Stop;
use crate::book::feed::{Harvest, Kept};
use crate::book::from_arrays::{Given, ValueReading};
use crate::book::parts::Spelt;
use crate::book::places::Places;
use crate::book::rows::{TableRows, TooLarge};
use crate::lang::Base;
use crate::plan::Schema;

/// Rows of one table.
#[derive(Clone)]
pub(super) struct Rows {
    /// Whether the columns are typed in the file.
    pub(super) typed: bool,
    /// Where each stands, and why it is no row of the table, where it is none; then its cells.
    batch: RecordBatch,
}

/// The columns before the cells: file, line, why it is no row.
const BEFORE: usize = 3;

impl Rows {
    /// What a file gave to a table of so many columns.
    pub(super) fn of(harvest: Harvest) -> Result<Vec<Self>, Stop> {
        let Harvest { kept, places, broken } = harvest;
        let mut broken = broken.into_iter().peekable();
        let mut first = 0;
        let mut place = |typed: bool, cells: Vec<ArrayRef>, count: usize| -> Result<Self, Stop> {
            let rows = first..first + u32::try_from(count).map_err(|_| TooLarge)?;
            first = rows.end;
            let (files, lines): (Vec<u32>, Vec<u32>) = rows.clone().map(|row| places.get(row)).unzip();
            let why: StringArray = rows.map(|row| broken.next_if(|(of, _)| *of == row).map(|(_, why)| why)).collect();
            let mut columns: Vec<ArrayRef> =
                vec![Arc::new(UInt32Array::from(files)), Arc::new(UInt32Array::from(lines)), Arc::new(why)];
            columns.extend(cells);
            Ok(Self { typed, batch: batch(columns, count).map_err(|error| Stop::Unreadable(error.to_string()))? })
        };
        match kept {
            Kept::Spelt(spelt) => Ok(vec![place(false, texts(&spelt), spelt.len() as usize)?]),
            Kept::Arrays(batches) => batches
                .into_iter()
                .map(|batch| {
                    let count = batch.num_rows();
                    place(true, batch.columns().iter().map(plain).collect(), count)
                })
                .collect(),
            // Rows that stay as they stand are neither.
            Kept::Reading(_) | Kept::Values(_) => Ok(Vec::new()),
        }
    }

    /// As they are put aside, each with its group.
    pub(super) fn in_groups(&self, groups: &[u32]) -> Result<RecordBatch, Stop> {
        let mut columns = self.batch.columns().to_vec();
        columns.push(Arc::new(UInt32Array::from(groups.to_vec())));
        batch(columns, groups.len()).map_err(|error| Stop::Unreadable(error.to_string()))
    }

    /// As they were put aside: the group of each, and the rows.
    pub(super) fn placed(typed: bool, batch: &RecordBatch) -> Result<(Vec<u32>, Self), Stop> {
        let unreadable = |error: ArrowError| Stop::Unreadable(error.to_string());
        let last = batch.num_columns().saturating_sub(1);
        let groups = batch.columns().get(last).and_then(|groups| groups.as_primitive_opt::<UInt32Type>());
        let groups = groups.map(|groups| groups.values().to_vec()).unwrap_or_default();
        let rest: Vec<usize> = (0..last).collect();
        Ok((groups, Self { typed, batch: batch.project(&rest).map_err(unreadable)? }))
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.batch.num_rows()
    }

    /// Their cells, by the columns of the table.
    pub(super) fn cells(&self) -> Result<RecordBatch, Stop> {
        let cells: Vec<usize> = (BEFORE..self.batch.num_columns()).collect();
        self.batch.project(&cells).map_err(|error| Stop::Unreadable(error.to_string()))
    }

    /// The file and line of a row.
    pub(super) fn place(&self, row: usize) -> (u32, u32) {
        let at = |column: usize| {
            let array = self.batch.columns().get(column).and_then(|array| array.as_primitive_opt::<UInt32Type>());
            array.and_then(|array| array.values().get(row).copied()).unwrap_or_default()
        };
        (at(0), at(1))
    }

    /// Why a row is none of its table.
    pub(super) fn why_broken(&self, row: usize) -> Option<&str> {
        let why = self.batch.columns().get(2)?.as_string_opt::<i32>()?;
        (row < why.len() && why.is_valid(row)).then(|| why.value(row))
    }

    /// Some of them.
    pub(super) fn take(&self, rows: Vec<u32>) -> Result<Self, Stop> {
        let taken = take_record_batch(&self.batch, &UInt32Array::from(rows));
        Ok(Self { typed: self.typed, batch: taken.map_err(|error| Stop::Unreadable(error.to_string()))? })
    }

    /// The file they stand in.
    pub(super) fn file(&self) -> u32 {
        self.place(0).0
    }

    /// Rows of one file as one, in the order of their lines, and for each whether it is a guest.
    pub(super) fn in_order(parts: Vec<(Self, bool)>) -> Result<(Self, Vec<bool>), Stop> {
        let unreadable = |error: ArrowError| Stop::Unreadable(error.to_string());
        let Some((first, _)) = parts.first() else {
            return Ok((Self { typed: false, batch: batch(Vec::new(), 0).map_err(unreadable)? }, Vec::new()));
        };
        let typed = first.typed;
        let all =
            concat_batches(&first.batch.schema(), parts.iter().map(|(rows, _)| &rows.batch)).map_err(unreadable)?;
        let guests = parts.iter().flat_map(|(rows, is_guest)| std::iter::repeat_n(*is_guest, rows.len()));
        let all = Self { typed, batch: all };
        let mut lines: Vec<(u32, u32, bool)> = (0..all.len())
            .zip(0u32..)
            .zip(guests)
            .map(|((row, at), is_guest)| (all.place(row).1, at, is_guest))
            .collect();
        drop(parts);
        if !lines.is_sorted() {
            lines.sort_unstable();
        }
        let guests = lines.iter().map(|(.., is_guest)| *is_guest).collect();
        let rows: Vec<u32> = lines.into_iter().map(|(_, row, _)| row).collect();
        let all = if rows.is_sorted() { all } else { all.take(rows)? };
        Ok((all, guests))
    }

    /// Adds them to their table; those that are guests as guests.
    pub(super) fn give(&self, to: &mut TableRows, schema: &Schema, guests: &[bool]) -> Result<(), Stop> {
        let first = u32::try_from(to.len()).map_err(|_| TooLarge)?;
        let broken = (0..self.len()).zip(first..).filter_map(|(row, at)| Some((at, self.why_broken(row)?.to_owned())));
        if self.typed {
            self.give_typed(to, schema, broken.map(|(at, why)| (at - first, why)).collect())?;
        } else {
            let cells = self.cells()?;
            let cells: Vec<&StringArray> = cells.columns().iter().filter_map(|cell| cell.as_string_opt()).collect();
            for row in 0..self.len() {
                to.push_at(self.place(row), cells.iter().map(|cell| cell.value(row)))?;
            }
            to.broken.extend(broken);
        }
        to.guests.extend((first..).zip(guests).filter(|(_, is_guest)| **is_guest).map(|(row, _)| row));
        Ok(())
    }

    fn give_typed(&self, to: &mut TableRows, schema: &Schema, broken: Vec<(u32, String)>) -> Result<(), Stop> {
        let known = to.table.columns(schema);
        let type_of = |name: &str| -> Option<(String, Base)> { known.iter().find(|(known, _)| known == name).cloned() };
        let types: Vec<Option<(String, Base)>> = to.columns.iter().map(|(name, _)| type_of(name)).collect();
        let cells = self.cells()?;
        let is_mark = |at: usize| to.signed.iter().any(|signed| signed.flip == Some(at));
        let of: Vec<Option<DataType>> = (cells.columns().iter().enumerate())
            .map(|(at, cell)| (!is_mark(at)).then(|| cell.data_type().clone()))
            .collect();
        let marks: Vec<Vec<bool>> = (cells.columns().iter().enumerate())
            .map(|(at, cell)| match cell.as_boolean_opt().filter(|_| is_mark(at)) {
                Some(marks) => marks.iter().map(|mark| mark == Some(true)).collect(),
                None => Vec::new(),
            })
            .collect();
        let given: Vec<Given<'_>> = (cells.columns().iter().zip(&marks).enumerate())
            .map(|(at, (cell, marks))| if is_mark(at) { Given::Holds(marks) } else { Given::Array(cell.as_ref()) })
            .collect();
        let mut reading = ValueReading::new(to.table, &types, &of, &to.signed, &to.format, 0);
        let all: Vec<u32> = (0u32..).take(self.len()).collect();
        reading.push(&given, &all, &to.signed);
        let mut places = Places::default();
        for row in 0..self.len() {
            let (file, line) = self.place(row);
            places.push(file, line)?;
        }
        Ok(to.add(reading.finish(), &places, broken)?)
    }
}

/// The cells of each column.
fn texts(spelt: &Spelt) -> Vec<ArrayRef> {
    let column = |at: usize| -> ArrayRef {
        let mut texts = StringBuilder::new();
        (0..spelt.len()).for_each(|row| texts.append_value(spelt.cell(row, at)));
        Arc::new(texts.finish())
    };
    (0..spelt.columns()).map(column).collect()
}

/// A column without a list of words that all of its rows share: every part of it would carry the whole list.
fn plain(array: &ArrayRef) -> ArrayRef {
    if !matches!(array.data_type(), DataType::Dictionary(..)) || !arrays::is_text(array.data_type()) {
        return Arc::clone(array);
    }
    Arc::new((0..array.len()).map(|row| arrays::text(array, row)).collect::<StringArray>())
}
