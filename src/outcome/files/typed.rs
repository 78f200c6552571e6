//! Parquet and Arrow IPC: typed columns, of which one scale and one list of words hold for the whole file.

use std::io::{self, BufWriter};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::writer::FileWriter;
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::{EnabledStatistics, WriterProperties};

use super::checked::Checked;
use super::declared::Declared;
use crate::outcome::Format;
use crate::outcome::schema::TableSchema;

/// Rows are handed on so many at a time, and so many make a group of a Parquet file: whatever blocks they came in, the
/// bytes are the same.
const ROWS: usize = 1 << 14;
const GROUP: usize = 1 << 17;

/// A table on its way into a file of typed columns.
pub(super) struct Typed {
    rows: Declared,
    to: To,
}

enum To {
    Parquet(Box<ArrowWriter<Checked>>),
    Arrow(Box<FileWriter<BufWriter<Checked>>>),
}

impl Typed {
    /// Begins it.
    pub(super) fn create(file: Checked, schema: Arc<TableSchema>, format: Format) -> io::Result<Self> {
        let rows = Declared::new(schema);
        let to = match format {
            Format::Parquet => To::Parquet(Box::new(parquet(file, rows.schema())?)),
            _ => {
                let file = BufWriter::with_capacity(super::BUFFER, file);
                To::Arrow(Box::new(FileWriter::try_new(file, &rows.schema()).map_err(io::Error::other)?))
            }
        };
        Ok(Self { rows, to })
    }

    /// Appends a block's rows.
    pub(super) fn append(&mut self, batch: &RecordBatch) -> io::Result<()> {
        let mut done = 0;
        while done < batch.num_rows() {
            let more = (ROWS - self.rows.len()).min(batch.num_rows() - done);
            self.rows.append(&batch.slice(done, more))?;
            done += more;
            if self.rows.len() == ROWS {
                self.hand_on()?;
            }
        }
        Ok(())
    }

    fn hand_on(&mut self) -> io::Result<()> {
        let batch = self.rows.batch()?;
        match &mut self.to {
            To::Parquet(out) => out.write(&batch).map_err(io::Error::other),
            To::Arrow(out) => out.write(&batch).map_err(io::Error::other),
        }
    }

    /// Ends it.
    pub(super) fn finish(mut self) -> io::Result<Checked> {
        if self.rows.len() > 0 {
            self.hand_on()?;
        }
        match self.to {
            To::Parquet(out) => out.into_inner().map_err(io::Error::other),
            To::Arrow(mut out) => {
                out.finish().map_err(io::Error::other)?;
                let out = out.into_inner().map_err(io::Error::other)?;
                out.into_inner().map_err(|error| io::Error::other(error.error().to_string()))
            }
        }
    }
}

fn parquet(file: Checked, schema: SchemaRef) -> io::Result<ArrowWriter<Checked>> {
    let properties = WriterProperties::builder()
        .set_created_by(concat!("usance ", env!("CARGO_PKG_VERSION")).into())
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(GROUP))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .build();
    ArrowWriter::try_new(file, schema, Some(properties)).map_err(io::Error::other)
}
