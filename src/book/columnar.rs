//! Files of typed columns: Parquet, and the file format of Arrow.

use std::fs::File;
use std::io::{Cursor, Read, Seek};
use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_ipc::reader::FileReader;
use arrow_schema::{DataType, Schema};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::ChunkReader;

use super::arrays::{is_readable, is_text};
use super::rows::TooLarge;
use super::sheet::header_name;
use crate::diag::{Code, Diagnostic, Place, Source, Span};

/// How many rows are handed over at once.
const BATCH: usize = 1 << 16;

/// A file of typed columns, its schema read.
pub(crate) struct Columnar {
    /// The names of its columns.
    pub(crate) header: Vec<String>,
    /// Their types.
    pub(crate) types: Vec<DataType>,
    form: Form,
    /// The names as a text, to point into, and where each stands.
    source: Arc<Source>,
    spans: Vec<Span>,
}

enum Form {
    Parquet(Bytes, ArrowReaderMetadata),
    Arrow(Bytes),
    /// Left on the disk: read by one thread.
    ParquetFile(File, ArrowReaderMetadata),
    ArrowFile(File),
}

/// Why the rows of a file could not be read to their end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// There are too many.
    TooLarge,
    /// Why the file cannot be read.
    Unreadable(String),
    /// The same, with what to do about it.
    Told(String, String),
}

impl Stop {
    /// As people are told.
    pub(crate) fn told(self, name: &str) -> Diagnostic {
        match self {
            Self::TooLarge => {
                let finding = Diagnostic::placeless(Code::TooLarge, format!("`{name}` is larger than 4 GiB"));
                finding.help("split the book by credit groups")
            }
            Self::Unreadable(why) => unreadable(name, &why, "it may be cut off; make it again"),
            Self::Told(message, help) => Diagnostic::placeless(Code::UnreadableFile, message).help(help),
        }
    }
}

/// A file that cannot be read.
fn unreadable(name: &str, why: &str, help: &str) -> Diagnostic {
    // Others end their messages as they like.
    let why = why.lines().next().unwrap_or("").trim_end_matches('.');
    Diagnostic::placeless(Code::UnreadableFile, format!("`{name}` cannot be read: {why}")).help(help)
}

impl From<TooLarge> for Stop {
    fn from(_: TooLarge) -> Self {
        Self::TooLarge
    }
}

/// Rows of a file that follow each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowGroup {
    /// Its number; `None` where a file has no groups.
    number: Option<usize>,
    /// The number of its first row, from 1.
    pub(crate) first: usize,
    /// How many rows it has, where that is known before it is read.
    pub(crate) rows: usize,
}

/// Whether these are the first bytes of a file of typed columns.
pub(crate) fn is_columnar(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PAR1") || bytes.starts_with(b"ARROW1") || bytes.starts_with(b"FEA1")
}

impl Columnar {
    /// Reads the schema.
    pub(crate) fn open(name: &str, bytes: Vec<u8>) -> Result<Self, Diagnostic> {
        is_known(name, &bytes)?;
        let bytes = Bytes::from(bytes);
        let broken = |error: &dyn std::error::Error| Stop::Unreadable(error.to_string()).told(name);
        let (form, schema) = if bytes.starts_with(b"PAR1") {
            let metadata = ArrowReaderMetadata::load(&bytes, ArrowReaderOptions::new()).map_err(|e| broken(&e))?;
            let schema = Arc::clone(metadata.schema());
            (Form::Parquet(bytes, metadata), schema)
        } else {
            let schema = FileReader::try_new(Cursor::new(bytes.clone()), None).map_err(|e| broken(&e))?.schema();
            (Form::Arrow(bytes), schema)
        };
        Ok(Self::of(name, &schema, form))
    }

    /// Its bytes, where they are not left on the disk.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        match &self.form {
            Form::Parquet(bytes, _) | Form::Arrow(bytes) => Some(bytes),
            Form::ParquetFile(..) | Form::ArrowFile(_) => None,
        }
    }

    /// The same of a file that is left on the disk and begins with these bytes.
    pub(crate) fn on_disk(name: &str, file: File, head: &[u8]) -> Result<Self, Diagnostic> {
        is_known(name, head)?;
        let broken = |error: &dyn std::error::Error| Stop::Unreadable(error.to_string()).told(name);
        let (form, schema) = if head.starts_with(b"PAR1") {
            let metadata = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(|e| broken(&e))?;
            let schema = Arc::clone(metadata.schema());
            (Form::ParquetFile(file, metadata), schema)
        } else {
            let read = file.try_clone().map_err(|e| broken(&e))?;
            let schema = FileReader::try_new(read, None).map_err(|e| broken(&e))?.schema();
            (Form::ArrowFile(file), schema)
        };
        Ok(Self::of(name, &schema, form))
    }

    fn of(name: &str, schema: &Schema, form: Form) -> Self {
        let (header, types) = columns(schema);
        let (mut text, mut spans) = (String::new(), Vec::new());
        for name in &header {
            text.push_str(if text.is_empty() { "" } else { ", " });
            spans.push(Span::new(text.len(), text.len() + name.len()));
            text.push_str(name);
        }
        Self { header, types, form, source: Source::new(name, text), spans }
    }

    /// What people call its form.
    pub(crate) fn form(&self) -> &'static str {
        match self.form {
            Form::Parquet(..) | Form::ParquetFile(..) => "Parquet",
            Form::Arrow(_) | Form::ArrowFile(_) => "Arrow",
        }
    }

    /// Whether the values of a column are cells.
    pub(crate) fn is_readable(&self, column: usize) -> bool {
        self.types.get(column).is_some_and(is_readable)
    }

    /// Where a header stands.
    pub(crate) fn place(&self, column: usize) -> Place {
        self.spans.get(column).map_or_else(|| self.header_place(), |span| Place::new(&self.source, *span))
    }

    /// The whole header.
    pub(crate) fn header_place(&self) -> Place {
        Place::new(&self.source, Span::new(0, self.source.text.len()))
    }

    /// Its groups of rows, in order.
    pub(crate) fn groups(&self) -> Vec<RowGroup> {
        match &self.form {
            Form::Arrow(_) | Form::ArrowFile(_) => vec![RowGroup { number: None, first: 1, rows: 0 }],
            Form::Parquet(_, metadata) | Form::ParquetFile(_, metadata) => {
                let mut first = 1;
                let mut groups = Vec::new();
                for (number, group) in metadata.metadata().row_groups().iter().enumerate() {
                    let rows = usize::try_from(group.num_rows()).unwrap_or(0);
                    groups.push(RowGroup { number: Some(number), first, rows });
                    first += rows;
                }
                groups
            }
        }
    }

    /// How many rows it has, where its columns can be read each by itself, and one of these is known to have a value in
    /// every row.
    pub(crate) fn rows_apart(&self, columns: &[usize]) -> Option<usize> {
        let Form::Parquet(_, metadata) = &self.form else { return None };
        let groups = metadata.metadata().row_groups();
        let has_no_gap = |at: &usize| {
            let gaps = |group: &RowGroupMetaData| group.columns().get(*at)?.statistics()?.null_count_opt();
            self.types.get(*at).is_some_and(|of| !is_text(of)) && groups.iter().all(|group| gaps(group) == Some(0))
        };
        let is_flat = metadata.metadata().file_metadata().schema_descr().num_columns() == self.types.len();
        let rows = groups.iter().map(|group| usize::try_from(group.num_rows()).ok()).sum::<Option<usize>>()?;
        (is_flat && columns.iter().any(has_no_gap)).then_some(rows)
    }

    /// Hands over a column by itself.
    pub(crate) fn column(&self, at: usize, take: &mut dyn FnMut(&dyn Array)) -> Result<(), Stop> {
        let Form::Parquet(bytes, metadata) = &self.form else { return Ok(()) };
        let groups = (0..metadata.metadata().num_row_groups()).collect();
        for batch in batches(bytes.clone(), metadata, groups, &[at])? {
            let batch = batch.map_err(|error| Stop::Unreadable(error.to_string()))?;
            batch.columns().iter().for_each(|array| take(array.as_ref()));
        }
        Ok(())
    }

    /// Hands over the rows of a group, of these columns alone.
    pub(crate) fn each(
        &self,
        group: RowGroup,
        columns: &[usize],
        take: &mut dyn FnMut(&RecordBatch) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let unreadable = |error: &dyn std::error::Error| Stop::Unreadable(error.to_string());
        match &self.form {
            Form::Parquet(bytes, metadata) => parquet(bytes.clone(), metadata, group, columns, take),
            Form::Arrow(bytes) => arrow(Cursor::new(bytes.clone()), columns, take),
            Form::ParquetFile(file, metadata) => {
                parquet(file.try_clone().map_err(|e| unreadable(&e))?, metadata, group, columns, take)
            }
            Form::ArrowFile(file) => arrow(file.try_clone().map_err(|e| unreadable(&e))?, columns, take),
        }
    }
}

type Take<'t> = dyn FnMut(&RecordBatch) -> Result<(), Stop> + 't;

fn parquet<R: ChunkReader + 'static>(
    from: R,
    metadata: &ArrowReaderMetadata,
    group: RowGroup,
    columns: &[usize],
    take: &mut Take<'_>,
) -> Result<(), Stop> {
    for batch in batches(from, metadata, group.number.into_iter().collect(), columns)? {
        take(&batch.map_err(|error| Stop::Unreadable(error.to_string()))?)?;
    }
    Ok(())
}

fn batches<R: ChunkReader + 'static>(
    from: R,
    metadata: &ArrowReaderMetadata,
    groups: Vec<usize>,
    columns: &[usize],
) -> Result<ParquetRecordBatchReader, Stop> {
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(from, metadata.clone());
    let mask = ProjectionMask::roots(builder.parquet_schema(), columns.iter().copied());
    let builder = builder.with_projection(mask).with_batch_size(BATCH);
    let builder = builder.with_row_groups(groups);
    builder.build().map_err(|error| Stop::Unreadable(error.to_string()))
}

fn arrow(from: impl Read + Seek, columns: &[usize], take: &mut Take<'_>) -> Result<(), Stop> {
    let mut wanted = columns.to_vec();
    wanted.sort_unstable();
    let reader = FileReader::try_new(from, Some(wanted));
    for batch in reader.map_err(|error| Stop::Unreadable(error.to_string()))? {
        take(&batch.map_err(|error| Stop::Unreadable(error.to_string()))?)?;
    }
    Ok(())
}

/// Refuses bytes that no file of typed columns begins with.
fn is_known(name: &str, head: &[u8]) -> Result<(), Diagnostic> {
    if head.starts_with(b"FEA1") {
        return Err(unreadable(name, "it is a Feather file of the first version", "write version 2, or Parquet"));
    }
    if !is_columnar(head) {
        let help = "the stream format of Arrow is not read: write a file, or Parquet";
        return Err(unreadable(name, "it is neither Parquet nor an Arrow file", help));
    }
    Ok(())
}

fn columns(schema: &Schema) -> (Vec<String>, Vec<DataType>) {
    let named = schema.fields().iter().enumerate();
    named.map(|(at, field)| (header_name(at, field.name()), field.data_type().clone())).unzip()
}
