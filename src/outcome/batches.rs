//! A run's tables, block by block: what an evaluator hands over of each block, made ready for the files on whatever thread
//! it was evaluated, and appended in the order of the blocks.

use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::BooleanBuffer;

use super::encode::Encoder;
use super::failures::{self, Failures};
use super::files::{Rows, TableFile};
use super::proposed::Proposed;
use super::rejects;
use super::schema::{Schemas, TableSchema};
use super::since::{IndexFile, Parts, Totals};
use super::tally::Tally;
use super::{Format, Report};
use crate::book::Reject;
use crate::plan::Plan;

/// What a contiguous run of units came to.
#[derive(Debug)]
pub struct Block {
    /// The output tables, in the order of the plan.
    pub tables: Vec<TableBlock>,
    /// The action list: by customer, id, subject, its id and rung within each unit, so that the lines of one thing stand
    /// together.
    pub actions: RecordBatch,
    /// What could not be decided.
    pub failures: Failures,
}

/// The rows of an output table.
#[derive(Debug)]
pub struct TableBlock {
    /// As [`TableSchema::batch`] makes them.
    pub rows: RecordBatch,
    /// For each column of the output, by its number, the rows whose decision failed; none where none did.
    pub failed: Vec<Option<BooleanBuffer>>,
    /// How many rows there would be if none were left out.
    pub all: usize,
}

/// A block as it goes into the files, counted.
#[derive(Debug)]
pub struct Ready {
    tables: Vec<Rows>,
    actions: Rows,
    tally: Tally,
    proposed: Proposed,
    failures: Failures,
    /// What a later run must know of its units, where one shall, and whether that is all there is to know.
    index: Vec<u8>,
    is_told: bool,
}

/// Makes blocks ready. It holds nothing that changes, so threads share one.
#[derive(Clone, Debug)]
pub struct Press {
    schemas: Schemas,
    /// Of the output tables and the action list, where the format is text.
    encoders: Option<(Vec<Encoder>, Encoder)>,
    /// Nothing counted.
    tally: Tally,
    proposed: Proposed,
}

impl Press {
    /// That of a plan's tables in a format.
    pub fn new(plan: &Plan, format: Format) -> Self {
        let schemas = Schemas::of(plan);
        let encoder = |schema: &Arc<TableSchema>| Encoder::new(Arc::clone(schema), format);
        let outputs: Option<Vec<Encoder>> = schemas.outputs.iter().map(encoder).collect();
        Self {
            encoders: outputs.zip(encoder(&schemas.actions)),
            tally: Tally::new(plan, &schemas.outputs),
            proposed: Proposed::new(plan),
            schemas,
        }
    }

    /// The columns of every table.
    pub fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// Nothing counted yet.
    pub(super) fn nothing(&self) -> (Tally, Proposed) {
        (self.tally.clone(), self.proposed.clone())
    }

    /// Counts a block, and encodes it where the format is text.
    ///
    /// # Errors
    ///
    /// When a batch is not one of its table.
    pub fn ready(&self, block: Block) -> io::Result<Ready> {
        self.make_ready(block, None)
    }

    /// The same, with what a later run must know of its units.
    pub(super) fn make_ready(&self, block: Block, mut parts: Option<Parts<'_>>) -> io::Result<Ready> {
        let (mut tally, mut proposed) = self.nothing();
        let mut tables = Vec::with_capacity(block.tables.len());
        let (keeps, mut is_told) = (parts.is_some(), true);
        let mut put = |rows: RecordBatch, encoder: Option<&Encoder>, table: usize| match &mut parts {
            None => Rows::of(rows, encoder),
            Some(parts) => {
                let (rows, sizes) = Rows::of_parts(rows, encoder, parts.rows(table))?;
                parts.take_sizes(table, sizes);
                Ok(rows)
            }
        };
        let encoders = self.encoders.as_ref();
        for (number, table) in block.tables.into_iter().enumerate() {
            tally.add(number, &table.rows, &table.failed, table.all);
            is_told &= !keeps || tally.reads_back(number, &table.rows);
            tables.push(put(table.rows, encoders.and_then(|(outputs, _)| outputs.get(number)), number)?);
        }
        proposed.add(&self.schemas.actions, &block.actions);
        let actions = put(block.actions, encoders.map(|(_, actions)| actions), tables.len())?;
        let index = parts.as_ref().map(Parts::lines).transpose()?.unwrap_or_default();
        is_told &= parts.is_none_or(|parts| parts.are_all());
        Ok(Ready { tables, actions, tally, proposed, failures: block.failures, index, is_told })
    }
}

/// The files of a run while its blocks go by.
pub struct Writing {
    format: Format,
    press: Arc<Press>,
    /// The output tables, and the action list last where it is put out.
    pub(super) files: Vec<TableFile>,
    pub(super) tally: Tally,
    pub(super) proposed: Proposed,
    pub(super) failures: Failures,
    pub(super) index: Option<IndexFile>,
}

impl Writing {
    /// Begins the files.
    ///
    /// # Errors
    ///
    /// When one cannot be written.
    pub fn begin(plan: &Plan, dir: &Path, format: Format) -> io::Result<Self> {
        Self::begin_with(plan, dir, format, None)
    }

    /// The same, with what a later run must know beside them.
    pub(super) fn begin_with(plan: &Plan, dir: &Path, format: Format, index: Option<IndexFile>) -> io::Result<Self> {
        let press = Press::new(plan, format);
        let create = |schema: &Arc<TableSchema>| TableFile::create(dir, schema, format, index.is_some());
        Ok(Self {
            format,
            files: press.schemas.put_out(plan).map(create).collect::<io::Result<_>>()?,
            index,
            tally: press.tally.clone(),
            proposed: press.proposed.clone(),
            failures: Failures::default(),
            press: Arc::new(press),
        })
    }

    /// What makes blocks ready.
    pub fn press(&self) -> Arc<Press> {
        Arc::clone(&self.press)
    }

    /// Appends a block; the order of blocks is that of their units.
    ///
    /// # Errors
    ///
    /// When a file cannot be written, or cannot hold a value: see [`Unfit`](super::Unfit).
    pub fn append(&mut self, block: Ready) -> io::Result<()> {
        for (file, rows) in self.files.iter_mut().zip(block.tables.iter().chain([&block.actions])) {
            file.append(rows)?;
        }
        if let Some(index) = &mut self.index {
            index.append(&block.index, block.is_told)?;
        }
        self.tally.merge(block.tally);
        self.proposed.merge(block.proposed);
        self.failures.merge(block.failures);
        Ok(())
    }

    /// Says that all units were appended, and the portfolio comes next.
    pub(super) fn end_units(&mut self) {
        if let Some(index) = &mut self.index {
            index.end(Totals::of(&mut self.tally, &self.proposed));
        }
    }

    /// Ends the files, and writes what could not be decided and what could not be read of the book. `off` says how many rows
    /// the tables that do not leave would have.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn finish(self, rejected: &[Reject], off: Vec<(String, usize)>, dir: &Path) -> io::Result<Report> {
        let sums = self.files.into_iter().map(TableFile::finish).collect::<io::Result<Vec<_>>>()?;
        if let Some(index) = self.index {
            index.finish(sums.into_iter().flatten().collect())?;
        }
        let failures = self.failures.sorted();
        failures::write(&failures, dir, self.format)?;
        rejects::write(rejected, dir, self.format)?;
        let count = |schema: &Arc<TableSchema>| (schema.table.clone(), self.tally.rows(&schema.table));
        Ok(Report {
            format: self.format,
            tables: self.press.schemas.outputs.iter().map(count).collect(),
            off,
            actions: self.proposed.count,
            action_lines: self.proposed.lines,
            by_rung: self.proposed.by_rung(),
            tally: self.tally,
            failures,
            rejects: rejected.len(),
        })
    }
}
