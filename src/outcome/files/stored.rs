//! Tables of typed columns, read back as the text that CSV has.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_ipc::reader::FileReader;
use arrow_schema::{ArrowError, DataType, Metadata, Schema};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use super::declared::LEAST;
use crate::outcome::Format;
use crate::outcome::encode::Encoder;
use crate::outcome::schema::{Head, Part, Shape, TableSchema};

/// A table of typed columns.
pub struct Stored {
    headers: Vec<String>,
    encoder: Encoder,
    batches: Box<dyn Iterator<Item = Result<RecordBatch, ArrowError>>>,
}

impl Stored {
    /// Opens the file of a table; none where a format has no typed columns.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, or no run wrote it.
    pub fn open(path: &Path, table: &str, format: Format) -> io::Result<Option<Self>> {
        let (schema, batches): (_, Box<dyn Iterator<Item = _>>) = match format {
            Format::Csv | Format::Jsonl => return Ok(None),
            Format::Parquet => {
                let file = ParquetRecordBatchReaderBuilder::try_new(File::open(path)?).map_err(io::Error::other)?;
                (Arc::clone(file.schema()), Box::new(file.build().map_err(io::Error::other)?))
            }
            Format::Arrow => {
                let file = BufReader::new(File::open(path)?);
                let file = FileReader::try_new(file, None).map_err(io::Error::other)?;
                (file.schema(), Box::new(file))
            }
        };
        let schema = Arc::new(of_file(table, &schema).ok_or_else(|| io::Error::other("no run writes such columns"))?);
        let headers = schema.heads.iter().map(|head| head.name.clone()).collect();
        Ok(Encoder::new(schema, Format::Csv).map(|encoder| Self { headers, encoder, batches }))
    }

    /// The names of its columns.
    pub fn headers(&self) -> &[String] {
        &self.headers
    }

    /// The next rows, without a header; none after the last.
    ///
    /// # Errors
    ///
    /// When they cannot be read.
    pub fn next_rows(&mut self) -> io::Result<Option<Vec<u8>>> {
        let Some(batch) = self.next_batch()? else { return Ok(None) };
        let mut out = Vec::new();
        self.encode(&batch, &mut out)?;
        Ok(Some(out))
    }

    /// The same as they are.
    pub(in crate::outcome) fn next_batch(&mut self) -> io::Result<Option<RecordBatch>> {
        self.batches.next().transpose().map_err(io::Error::other)
    }

    /// Appends rows of the table as CSV has them.
    pub(in crate::outcome) fn encode(&self, batch: &RecordBatch, out: &mut Vec<u8>) -> io::Result<()> {
        Ok(self.encoder.encode(batch, out)?)
    }
}

/// The columns of a file that a run wrote.
fn of_file(table: &str, schema: &Schema) -> Option<TableSchema> {
    let heads = schema.fields().iter().map(|field| {
        let shape = shape(field.data_type(), field.metadata())?;
        Some(Head { name: field.name().clone(), of: Part::Own, shape })
    });
    Some(TableSchema { table: table.into(), heads: heads.collect::<Option<_>>()? })
}

fn shape(ty: &DataType, metadata: &Metadata) -> Option<Shape> {
    Some(match ty {
        DataType::Boolean => Shape::Bool,
        DataType::Int64 => Shape::Whole,
        DataType::Date32 => Shape::Date,
        DataType::Decimal128(_, scale) => {
            let least = metadata.get(LEAST).and_then(|least| least.parse().ok()).unwrap_or(0);
            Shape::Decimal { least, scale: u8::try_from(*scale).ok()? }
        }
        DataType::Utf8 | DataType::Dictionary(..) => Shape::Text,
        DataType::List(_) => Shape::List,
        _ => return None,
    })
}
