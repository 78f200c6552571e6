//! Batches as text: each block of a table by itself, on whatever thread, so that they need only be put one behind another.

mod cells;
mod csv;
mod jsonl;

use std::sync::Arc;

use arrow_array::RecordBatch;

use super::Format;
use super::schema::{Misshapen, TableSchema};
use cells::Cells;
use csv::Csv;
use jsonl::Jsonl;

/// About how many bytes a cell takes.
const CELL: usize = 12;

/// A way of writing rows as text.
trait Dialect {
    /// What stands for no value.
    const NULL: &'static [u8];
    /// What stands around decimals and dates.
    const QUOTE: &'static [u8];
    /// What ends a row.
    const END: &'static [u8];

    /// What stands before the first row.
    fn header(schema: &TableSchema) -> Vec<u8>;

    /// What leads up to the value of each column.
    fn leads(schema: &TableSchema) -> Vec<Vec<u8>>;

    /// Appends a text that is not empty.
    fn text(out: &mut Vec<u8>, text: &[u8]);

    /// Appends several texts.
    fn list<'t>(out: &mut Vec<u8>, texts: impl Iterator<Item = &'t [u8]>);
}

/// Writes batches of a table as text.
#[derive(Clone, Debug)]
pub struct Encoder {
    schema: Arc<TableSchema>,
    as_json: bool,
    header: Vec<u8>,
    leads: Vec<Vec<u8>>,
}

impl Encoder {
    /// That of a table in a format; none where the format is no text.
    pub fn new(schema: Arc<TableSchema>, format: Format) -> Option<Self> {
        let (header, leads) = match format {
            Format::Csv => (Csv::header(&schema), Csv::leads(&schema)),
            Format::Jsonl => (Jsonl::header(&schema), Jsonl::leads(&schema)),
            Format::Parquet | Format::Arrow => return None,
        };
        Some(Self { schema, as_json: format == Format::Jsonl, header, leads })
    }

    /// What stands before the first row.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// Appends the rows of a batch.
    ///
    /// # Errors
    ///
    /// When it is no batch of the table.
    pub fn encode(&self, batch: &RecordBatch, out: &mut Vec<u8>) -> Result<(), Misshapen> {
        self.encode_parts(batch, &[batch.num_rows()], out).map(|_| ())
    }

    /// The same; how many bytes each of the parts takes, that follow one another and have so many rows.
    ///
    /// # Errors
    ///
    /// When it is no batch of the table, or these are not its rows.
    pub(super) fn encode_parts(
        &self,
        batch: &RecordBatch,
        parts: &[usize],
        out: &mut Vec<u8>,
    ) -> Result<Vec<usize>, Misshapen> {
        if parts.iter().sum::<usize>() != batch.num_rows() {
            return Err(self.schema.misshapen(format!("its parts are not its {} rows", batch.num_rows())));
        }
        match self.as_json {
            true => self.rows::<Jsonl>(batch, parts, out),
            false => self.rows::<Csv>(batch, parts, out),
        }
    }

    fn rows<D: Dialect>(
        &self,
        batch: &RecordBatch,
        parts: &[usize],
        out: &mut Vec<u8>,
    ) -> Result<Vec<usize>, Misshapen> {
        if batch.num_columns() != self.schema.heads.len() {
            return Err(self.schema.misshapen(format!("a batch has {} columns", batch.num_columns())));
        }
        let mut columns = Vec::with_capacity(self.leads.len());
        for ((head, lead), array) in self.schema.heads.iter().zip(&self.leads).zip(batch.columns()) {
            let cells = Cells::of::<D>(&head.shape, array);
            let wrong = || self.schema.misshapen(format!("`{}` cannot be {}", head.name, array.data_type()));
            columns.push((lead.as_slice(), cells.ok_or_else(wrong)?));
        }
        out.reserve(batch.num_rows() * columns.len() * CELL);
        let mut sizes = Vec::with_capacity(parts.len());
        for rows in parts {
            let before = out.len();
            for _ in 0..*rows {
                for (lead, cells) in &mut columns {
                    match lead {
                        [byte] => out.push(*byte),
                        lead => out.extend_from_slice(lead),
                    }
                    cells.next::<D>(out);
                }
                out.extend_from_slice(D::END);
            }
            sizes.push(out.len() - before);
        }
        Ok(sizes)
    }
}
