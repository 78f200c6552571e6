//! The files of a run's tables.

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
pub use stored::Stored;
use typed::Typed;
pub use unfit::Unfit;

/// How much is gathered before it goes to the disk.
const BUFFER: usize = 1 << 18;

/// A table on its way into its file.
pub(super) struct TableFile(To);

enum To {
    Text(BufWriter<File>),
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
    pub(super) fn create(dir: &Path, schema: &Arc<TableSchema>, format: Format) -> io::Result<Self> {
        let file = File::create(dir.join(format!("{}.{}", schema.table, format.name())))?;
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
            (To::Text(out), Rows::Text(bytes)) => out.write_all(bytes),
            (To::Typed(out), Rows::Batch(batch)) => out.append(batch),
            (To::Text(_), Rows::Batch(_)) | (To::Typed(_), Rows::Text(_)) => {
                Err(io::Error::other("rows were encoded for another format than the file's"))
            }
        }
    }

    /// Ends the file; it is on the disk then.
    pub(super) fn finish(self) -> io::Result<()> {
        let file = match self.0 {
            To::Text(out) => out.into_inner().map_err(|error| io::Error::other(error.error().to_string()))?,
            To::Typed(out) => out.finish()?,
        };
        file.sync_all()
    }
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
    let mut file = TableFile::create(dir, &schema, format)?;
    let encoder = Encoder::new(Arc::clone(&schema), format);
    let mut building = Building::new(schema);
    let mut rows = rows.peekable();
    while rows.peek().is_some() {
        rows.by_ref().take(BATCH).for_each(|cells| building.push(cells));
        file.append(&Rows::of(building.batch()?, encoder.as_ref())?)?;
    }
    file.finish()
}

impl Rows {
    /// Those of a batch, encoded where the file is text.
    pub(super) fn of(batch: RecordBatch, encoder: Option<&Encoder>) -> io::Result<Self> {
        match encoder {
            Some(encoder) => {
                let mut bytes = Vec::new();
                encoder.encode(&batch, &mut bytes)?;
                Ok(Rows::Text(bytes))
            }
            None => Ok(Rows::Batch(batch)),
        }
    }
}
