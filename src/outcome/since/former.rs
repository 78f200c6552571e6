//! The tables of a former run, read from the first row to the last: rows are taken over, or counted and left behind.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray as _;
use arrow_buffer::BooleanBuffer;
use rayon::prelude::*;

use super::Why;
use super::index::{Entry, Head, Index};
use super::left::Left;
use super::parts::undecided;
use crate::outcome::batches::Writing;
use crate::outcome::encode::Encoder;
use crate::outcome::files::{Rows, Stored, Sum, file_name};
use crate::outcome::schema::{Schemas, TableSchema};
use crate::outcome::{Failure, Format};
use crate::plan::{Column, Plan};

/// How much is read at a time, and how much of what is left behind waits to be counted.
const CHUNK: usize = 1 << 20;

/// A former run.
pub(super) struct Former<'a> {
    plan: &'a Plan,
    schemas: Schemas,
    pub(super) index: Index,
    /// The output tables, and the action list last.
    tables: Vec<Table>,
    /// What is left behind of the output tables, and of the action list last.
    left: Vec<Left>,
    /// What could not be decided of what is left behind.
    undecided: Vec<Failure>,
}

/// One of its tables.
enum Table {
    Text(BufReader<File>),
    Typed {
        stored: Box<Stored>,
        batch: Option<RecordBatch>,
        /// How many rows of the batch have gone by.
        done: usize,
    },
}

impl<'a> Former<'a> {
    /// Opens the tables of a run made of the same as this one, credit groups apart. They are what that run wrote.
    pub(super) fn open(
        dir: &Path,
        head: &Head,
        (plan, schemas): (&'a Plan, &Schemas),
        format: Format,
    ) -> Result<Self, Why> {
        let index = Index::read(dir, head)?;
        let schemas = schemas.clone();
        let tables: Vec<(&Arc<TableSchema>, &Sum)> = schemas.put_out(plan).zip(&index.totals.files).collect();
        if tables.len() != schemas.put_out(plan).count() {
            return Err(Why::Damaged(crate::outcome::folder::INDEX.into()));
        }
        let damaged = |schema: &TableSchema| Why::Damaged(file_name(schema, format));
        let check = |(schema, sum): &(&Arc<TableSchema>, &Sum)| match Sum::of(&dir.join(file_name(schema, format))) {
            Ok(found) if found == **sum => Ok(()),
            _ => Err(damaged(schema)),
        };
        tables.par_iter().map(check).collect::<Vec<_>>().into_iter().collect::<Result<(), _>>()?;
        let open = |(schema, _): &(&Arc<TableSchema>, &Sum)| {
            Table::open(&dir.join(file_name(schema, format)), schema, format).map_err(|_| damaged(schema))
        };
        let tables = tables.iter().map(open).collect::<Result<_, _>>()?;
        let is_text = Encoder::new(Arc::clone(&schemas.actions), format).is_some();
        let own = if is_text { format } else { Format::Csv };
        let left = schemas.tables().map(|schema| Left::new(schema, own)).collect();
        Ok(Self { plan, schemas, index, tables, left, undecided: Vec::new() })
    }

    /// Takes over what is some groups'.
    pub(super) fn keep(&mut self, entries: Range<usize>, to: &mut Writing) -> io::Result<()> {
        let entries = self.index.entries.get(entries).unwrap_or(&[]);
        for ((number, table), file) in self.tables.iter_mut().enumerate().zip(&mut to.files) {
            table.pass(size(entries, number), &mut |rows, _| match rows {
                Rows::Text(bytes) => file.append_text(&bytes),
                batch => file.append(&batch),
            })?;
        }
        for entry in entries {
            entry.4.iter().for_each(|failure| to.failures.push(failure.clone()));
            if let Some(index) = &mut to.index {
                index.entry(entry)?;
            }
        }
        Ok(())
    }

    /// Leaves behind what is some groups': it counts no more.
    pub(super) fn leave(&mut self, entries: Range<usize>, to: &mut Writing) -> io::Result<()> {
        let entries = self.index.entries.get(entries).unwrap_or(&[]);
        for ((number, table), left) in self.tables.iter_mut().enumerate().zip(&mut self.left) {
            table.pass(size(entries, number), &mut |rows, stored| left.add(&rows, stored))?;
            left.count_all(entries.iter().filter_map(|entry| entry.3.get(number)).map(|(.., all)| all).sum());
        }
        self.undecided.extend(entries.iter().flat_map(|entry| entry.4.iter().cloned()));
        if self.left.iter().any(|left| left.len() >= CHUNK) {
            self.count(to)?;
        }
        Ok(())
    }

    /// Takes what was left behind out of what is counted.
    pub(super) fn count(&mut self, to: &mut Writing) -> io::Result<()> {
        let press = to.press();
        let (mut tally, mut proposed) = press.nothing();
        for (number, ((left, schema), output)) in
            self.left.iter_mut().zip(&self.schemas.outputs).zip(&self.plan.outputs).enumerate()
        {
            let all = left.take_all();
            let batch = left.batch(&self.plan.money)?;
            let undecided = undecided(&self.undecided, &schema.table);
            let ids = batch.columns().first().and_then(|ids| ids.as_string_opt::<i32>());
            let failed = |column: &Column| -> Option<BooleanBuffer> {
                let of = undecided.get(self.plan.name(column.node).as_str())?;
                Some(ids?.iter().map(|id| id.is_some_and(|id| of.contains(&id))).collect())
            };
            let failed: Vec<Option<BooleanBuffer>> = output.columns.iter().map(failed).collect();
            tally.add(number, &batch, &failed, all);
        }
        if let Some(actions) = self.left.last_mut() {
            proposed.add(&self.schemas.actions, &actions.batch(&self.plan.money)?);
        }
        self.undecided.clear();
        to.tally.less(tally);
        to.proposed.less(proposed);
        Ok(())
    }
}

impl Table {
    fn open(path: &Path, schema: &Arc<TableSchema>, format: Format) -> io::Result<Self> {
        if let Some(stored) = Stored::open(path, &schema.table, format)? {
            return Ok(Table::Typed { stored: Box::new(stored), batch: None, done: 0 });
        }
        let mut file = BufReader::new(File::open(path)?);
        let header = Encoder::new(Arc::clone(schema), format).map_or(0, |encoder| encoder.header().len());
        file.seek(SeekFrom::Start(header as u64))?;
        Ok(Table::Text(file))
    }

    /// Goes over the next rows, that take so many bytes where the table is text, and hands them over.
    fn pass(
        &mut self,
        (mut rows, mut bytes): (usize, usize),
        take: &mut dyn FnMut(Rows, Option<&Stored>) -> io::Result<()>,
    ) -> io::Result<()> {
        match self {
            Table::Text(file) => {
                while bytes > 0 {
                    let mut chunk = vec![0; bytes.min(CHUNK)];
                    file.read_exact(&mut chunk)?;
                    bytes -= chunk.len();
                    take(Rows::Text(chunk), None)?;
                }
            }
            Table::Typed { stored, batch, done } => {
                while rows > 0 {
                    let more = match batch {
                        Some(batch) if *done < batch.num_rows() => rows.min(batch.num_rows() - *done),
                        _ => {
                            *batch = stored.next_batch()?;
                            *done = 0;
                            match batch {
                                Some(_) => continue,
                                None => return Err(io::Error::other("a table of the former run ends too early")),
                            }
                        }
                    };
                    if let Some(batch) = batch {
                        take(Rows::Batch(batch.slice(*done, more)), Some(stored))?;
                    }
                    *done += more;
                    rows -= more;
                }
            }
        }
        Ok(())
    }
}

/// How many rows and bytes of a table are some groups'.
fn size(entries: &[Entry], table: usize) -> (usize, usize) {
    let of = entries.iter().filter_map(|entry| entry.3.get(table));
    of.fold((0, 0), |(rows, bytes), (more, longer, _)| (rows + more, bytes + longer))
}
