//! The files of a run's tables.

mod checked;
mod declared;
mod stored;
mod typed;
mod unfit;

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;

use super::Format;
use super::build::{Cell, Rows as Building};
use super::encode::Encoder;
use super::schema::TableSchema;
use checked::Checked;
pub(super) use checked::{Sum, Summing};
pub use stored::Stored;
use typed::Typed;
pub use unfit::Unfit;

/// How much is gathered before it goes to the disk.
const BUFFER: usize = 1 << 18;

/// A table on its way into its file.
pub(super) struct TableFile(To);

enum To {
    Text(BufWriter<Checked>),
    Typed(Box<Typed>),
}

/// Rows as a file takes them.
#[derive(Debug)]
pub(super) enum Rows {
    /// Encoded already.
    Text(Vec<u8>),
    /// In columns.
    Batch(RecordBatch),
}

impl TableFile {
    /// Begins the file `NAME.csv`, or with the ending of another format.
    pub(super) fn create(dir: &Path, schema: &Arc<TableSchema>, format: Format, with_sum: bool) -> io::Result<Self> {
        let file = Checked::new(File::create(dir.join(file_name(schema, format)))?, with_sum);
        Ok(Self(match Encoder::new(Arc::clone(schema), format) {
            Some(encoder) => {
                let mut out = BufWriter::with_capacity(BUFFER, file);
                out.write_all(encoder.header())?;
                To::Text(out)
            }
            None => To::Typed(Box::new(Typed::create(file, Arc::clone(schema), format)?)),
        }))
    }

    /// Appends rows.
    pub(super) fn append(&mut self, rows: &Rows) -> io::Result<()> {
        match (&mut self.0, rows) {
            (To::Text(_), Rows::Text(bytes)) => self.append_text(bytes),
            (To::Typed(out), Rows::Batch(batch)) => out.append(batch),
            (To::Text(_), Rows::Batch(_)) | (To::Typed(_), Rows::Text(_)) => {
                Err(io::Error::other("rows were encoded for another format than the file's"))
            }
        }
    }

    /// Appends rows that were encoded for a file like this one.
    pub(super) fn append_text(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.0 {
            To::Text(out) => out.write_all(bytes),
            To::Typed(_) => Err(io::Error::other("a file of typed columns takes no text")),
        }
    }

    /// Ends the file; it is on the disk then. What was written comes back where it was asked for.
    pub(super) fn finish(self) -> io::Result<Option<Sum>> {
        let file = match self.0 {
            To::Text(out) => out.into_inner().map_err(|error| io::Error::other(error.error().to_string()))?,
            To::Typed(out) => out.finish()?,
        };
        file.finish()
    }
}

/// The name of a table's file.
pub(super) fn file_name(schema: &TableSchema, format: Format) -> String {
    format!("{}.{}", schema.table, format.name())
}

/// How many rows go into a batch of a table that is written whole.
const BATCH: usize = 1 << 13;

/// Writes a table whole.
pub(super) fn write<'c, const N: usize>(
    dir: &Path,
    schema: TableSchema,
    format: Format,
    rows: impl Iterator<Item = [Cell<'c>; N]>,
) -> io::Result<()> {
    let schema = Arc::new(schema);
    let mut file = TableFile::create(dir, &schema, format, false)?;
    let encoder = Encoder::new(Arc::clone(&schema), format);
    let mut building = Building::new(schema);
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        rows.by_ref().take(BATCH).for_each(|cells| building.push(cells));
        file.append(&Rows::of(building.batch()?, encoder.as_ref())?)?;
    }
    file.finish().map(|_| ())
}

impl Rows {
    /// Those of a batch, encoded where the file is text.
    pub(super) fn of(batch: RecordBatch, encoder: Option<&Encoder>) -> io::Result<Self> {
        let all = [batch.num_rows()];
        Ok(Self::of_parts(batch, encoder, &all)?.0)
    }

    /// The same, and of parts of so many rows that follow one another how many bytes they take; none where the file is no
    /// text.
    pub(super) fn of_parts(
        batch: RecordBatch,
        encoder: Option<&Encoder>,
        parts: &[usize],
    ) -> io::Result<(Self, Vec<usize>)> {
        let Some(encoder) = encoder else { return Ok((Rows::Batch(batch), vec![0; parts.len()])) };
        let mut bytes = Vec::new();
        let sizes = encoder.encode_parts(&batch, parts, &mut bytes)?;
        Ok((Rows::Text(bytes), sizes))
    }
}
