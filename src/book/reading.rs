//! Reads the columns of a table while the rows of a file are cut: no cell becomes a text of its own.

use std::sync::Arc;

use super::cells::Format;
use super::column::ColumnReader;
use super::parts::{InText, Origin, Part, ReadRows};
use super::rows::TooLarge;
use super::sheet::{Bound, Record};
use super::tables::Table;
use crate::lang::Base;

/// How many cells wait until they are read, column by column.
const BLOCK: usize = 8192;

/// The text of a file and what separates its cells.
#[derive(Clone, Debug)]
pub(crate) struct FileText {
    pub(crate) text: Arc<String>,
    pub(crate) delimiter: u8,
}

/// Rows of a file on their way into the columns of a table.
pub(crate) struct Reading {
    rows: InText,
    /// By the columns of the table, those it reads.
    readers: Vec<Option<ColumnReader>>,
    /// Cells of whole rows.
    block: Vec<Bound>,
}

impl Reading {
    /// Reads rows whose columns stand at these places of the file and, where the table reads them, have these names
    /// and types; there is room for so many.
    pub(crate) fn new(
        table: &Table,
        file: &FileText,
        at_of: &[usize],
        types: &[Option<(String, Base)>],
        format: &Format,
        room: usize,
    ) -> Self {
        let reader = |of: &Option<(String, Base)>| {
            let (name, base) = of.as_ref()?;
            let mut reader = ColumnReader::new(table, name, base, format);
            reader.reserve(room);
            Some(reader)
        };
        let rows = InText {
            text: Arc::clone(&file.text),
            delimiter: file.delimiter,
            starts: Vec::with_capacity(room),
            at_of: at_of.to_vec(),
        };
        Self { rows, readers: types.iter().map(reader).collect(), block: Vec::with_capacity(BLOCK + types.len()) }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, record: &Record<'_>) -> Result<(), TooLarge> {
        self.rows.starts.push(u32::try_from(record.start).map_err(|_| TooLarge)?);
        if record.in_text {
            let bounds = self.rows.at_of.iter().map(|at| record.cells.bounds.get(*at).copied().unwrap_or_default());
            self.block.extend(bounds);
            if self.block.len() >= BLOCK {
                self.flush();
            }
            return Ok(());
        }
        self.flush();
        for (reader, at) in self.readers.iter_mut().zip(&self.rows.at_of) {
            if let Some(reader) = reader {
                reader.push(record.cells.get(*at).unwrap_or("").trim());
            }
        }
        Ok(())
    }

    /// The rows that were read.
    pub(crate) fn finish(mut self) -> Part {
        self.flush();
        let columns = self.readers.into_iter().map(|reader| reader.map(ColumnReader::finish));
        Part::Read(ReadRows { first: 0, columns: columns.collect(), origin: Origin::Text(self.rows) })
    }

    fn flush(&mut self) {
        let width = self.readers.len().max(1);
        let text = &self.rows.text;
        for (column, reader) in self.readers.iter_mut().enumerate() {
            if let Some(reader) = reader {
                let cells = self.block.chunks_exact(width).filter_map(|row| row.get(column));
                reader.push_all(cells.map(|bound| trimmed(bound.of(text))));
            }
        }
        self.block.clear();
    }
}

/// A text without spaces around it.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [one] if one.is_ascii_graphic() => text,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}
