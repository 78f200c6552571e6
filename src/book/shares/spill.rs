//! Rows put aside on the disk, in a file that has no name and is gone when the program ends, however that is.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, Field, Schema};

/// A file of batches.
pub(super) struct Spill {
    file: File,
    end: u64,
}

/// Where a batch lies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    at: u64,
    pub(super) len: u64,
}

impl Spill {
    /// A file in a folder.
    pub(super) fn new(dir: &Path) -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile_in(dir)?, end: 0 })
    }

    /// Puts a batch aside.
    pub(super) fn write(&mut self, batch: &RecordBatch) -> io::Result<Extent> {
        let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).map_err(io::Error::other)?;
        writer.write(batch).map_err(io::Error::other)?;
        let bytes = writer.into_inner().map_err(io::Error::other)?;
        let extent = Extent { at: self.end, len: bytes.len() as u64 };
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(&bytes)?;
        self.end += extent.len;
        Ok(extent)
    }

    /// Reads a batch back.
    pub(super) fn read(&mut self, extent: Extent) -> io::Result<RecordBatch> {
        self.file.seek(SeekFrom::Start(extent.at))?;
        let mut bytes = Vec::new();
        (&mut self.file).take(extent.len).read_to_end(&mut bytes)?;
        let mut reader = StreamReader::try_new(bytes.as_slice(), None).map_err(io::Error::other)?;
        let batch = reader.next().ok_or(io::ErrorKind::UnexpectedEof)?;
        batch.map_err(io::Error::other)
    }
}

/// Columns side by side, named by their places.
pub(crate) fn batch(columns: Vec<ArrayRef>, rows: usize) -> Result<RecordBatch, ArrowError> {
    let field = |(at, column): (usize, &ArrayRef)| Field::new(at.to_string(), column.data_type().clone(), true);
    let fields: Vec<Field> = columns.iter().enumerate().map(field).collect();
    let options = RecordBatchOptions::new().with_row_count(Some(rows));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options)
}
