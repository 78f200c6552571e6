//! The rows that one file gave to a table, kept as texts or read at once.

use std::borrow::Cow;
use std::sync::Arc;

use super::Cell;
use super::column::{ColumnReader, ReadColumn};
use super::cut::Cutter;
use super::from_arrays::Shown;
use super::rows::TooLarge;

/// Rows that follow each other in a table.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// Cells that are texts of their own.
    Spelt(Spelt),
    /// Cells that were read while their rows were cut.
    Read(ReadRows),
}

/// Cells as texts.
#[derive(Clone, Debug)]
pub(crate) struct Spelt {
    first: u32,
    columns: usize,
    /// All cells, one after the other.
    text: String,
    /// Where each cell ends in `text`.
    ends: Vec<u32>,
}

/// Columns that were read, and where their cells stand.
#[derive(Clone, Debug)]
pub(crate) struct ReadRows {
    /// The first of them in the table.
    pub(crate) first: u32,
    /// By the columns of the table, those that it reads.
    pub(crate) columns: Vec<Option<ReadColumn>>,
    /// Where they come from.
    pub(crate) origin: Origin,
}

/// Where rows come from, to show what stands there.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// A text.
    Text(InText),
    /// Typed columns.
    Values(Shown),
}

/// Rows that stand in a text.
#[derive(Clone, Debug)]
pub(crate) struct InText {
    /// The text of the file.
    pub(crate) text: Arc<String>,
    /// What separates its cells.
    pub(crate) delimiter: u8,
    /// Where each row begins in the text.
    pub(crate) starts: Vec<u32>,
    /// For each column of the table its place in the file.
    pub(crate) at_of: Vec<usize>,
}

impl Part {
    /// The first of these rows in the table.
    pub(crate) fn first(&self) -> u32 {
        match self {
            Self::Spelt(spelt) => spelt.first,
            Self::Read(read) => read.first,
        }
    }

    /// The same rows further down in the table.
    pub(crate) fn beginning_at(mut self, row: u32) -> Self {
        match &mut self {
            Self::Spelt(spelt) => spelt.first = row,
            Self::Read(read) => read.first = row,
        }
        self
    }

    /// The text of a cell, without spaces around it; rows count from the first.
    pub(crate) fn cell(&self, row: u32, column: usize) -> Cow<'_, str> {
        match self {
            Self::Spelt(spelt) => Cow::Borrowed(spelt.cell(row, column)),
            Self::Read(read) => match &read.origin {
                Origin::Text(text) => text.cell(row, column),
                Origin::Values(shown) => shown.cell(column, read.columns.get(column).and_then(Option::as_ref), row),
            },
        }
    }
}

impl Part {
    /// Adds the cells of a column to what reads it; `blank` is what a cell without a text is read as.
    pub(crate) fn read(&self, at: usize, blank: &Result<Cell, String>, column: &mut ColumnReader) {
        match self {
            Self::Spelt(spelt) => {
                for row in 0..spelt.len() {
                    match (spelt.cell(row, at), blank) {
                        ("", Ok(Cell::Blank)) => column.push(""),
                        ("", read) => column.take(read.clone()),
                        (text, _) => column.push(text),
                    }
                }
            }
            Self::Read(read) => {
                let Some(read) = read.columns.get(at).and_then(Option::as_ref) else { return };
                match blank {
                    Ok(Cell::Blank) => column.append(read.clone()),
                    blank => column.append_filling(read, blank),
                }
            }
        }
    }
}

impl Spelt {
    /// No rows yet.
    pub(crate) fn new(first: u32, columns: usize) -> Self {
        Self { first, columns, text: String::new(), ends: Vec::new() }
    }

    /// Adds a row; cells not given are blank.
    pub(crate) fn push<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> Result<(), TooLarge> {
        let mut cells = cells.into_iter();
        for _ in 0..self.columns {
            self.text.push_str(cells.next().unwrap_or("").trim());
            self.ends.push(u32::try_from(self.text.len()).map_err(|_| TooLarge)?);
        }
        Ok(())
    }

    /// How many rows.
    pub(crate) fn len(&self) -> u32 {
        u32::try_from(self.ends.len() / self.columns.max(1)).unwrap_or(u32::MAX)
    }

    /// How many columns.
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }

    /// The text of a cell.
    pub(crate) fn cell(&self, row: u32, column: usize) -> &str {
        let at = row as usize * self.columns + column;
        let end = self.ends.get(at).map_or(0, |e| *e as usize);
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |e| *e as usize);
        self.text.get(start..end).unwrap_or("")
    }
}

impl InText {
    /// The text of a cell: its row is cut once more, which is asked of few rows.
    fn cell(&self, row: u32, column: usize) -> Cow<'_, str> {
        let cut = || {
            let (start, at) = (*self.starts.get(row as usize)?, *self.at_of.get(column)?);
            let mut cutter = Cutter::new(&self.text, self.delimiter, start as usize, 1);
            let row = cutter.next()?;
            let bound = *cutter.cells(&row).bounds.get(at)?;
            Some(if row.in_text {
                Cow::Borrowed(bound.of(&self.text).trim())
            } else {
                Cow::Owned(bound.of(cutter.cells(&row).text).trim().to_owned())
            })
        };
        cut().unwrap_or_default()
    }
}
