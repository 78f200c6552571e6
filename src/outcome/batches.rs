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

    /// Counts a block, and encodes it where the format is text.
    ///
    /// # Errors
    ///
    /// When a batch is not one of its table.
    pub fn ready(&self, block: Block) -> io::Result<Ready> {
        let (mut tally, mut proposed) = (self.tally.clone(), self.proposed.clone());
        let mut tables = Vec::with_capacity(block.tables.len());
        for (number, table) in block.tables.into_iter().enumerate() {
            tally.add(number, &table.rows, &table.failed, table.all);
            let encoder = self.encoders.as_ref().and_then(|(outputs, _)| outputs.get(number));
            tables.push(Rows::of(table.rows, encoder)?);
        }
        proposed.add(&self.schemas.actions, &block.actions);
        let actions = Rows::of(block.actions, self.encoders.as_ref().map(|(_, actions)| actions))?;
        Ok(Ready { tables, actions, tally, proposed, failures: block.failures })
    }
}

/// The files of a run while its blocks go by.
pub struct Writing {
    format: Format,
    press: Arc<Press>,
    tables: Vec<TableFile>,
    /// None where things to do are not put out.
    actions: Option<TableFile>,
    tally: Tally,
    proposed: Proposed,
    failures: Failures,
}

impl Writing {
    /// Begins the files.
    ///
    /// # Errors
    ///
    /// When one cannot be written.
    pub fn begin(plan: &Plan, dir: &Path, format: Format) -> io::Result<Self> {
        let press = Press::new(plan, format);
        let create = |schema: &Arc<TableSchema>| TableFile::create(dir, schema, format);
        Ok(Self {
            format,
            tables: press.schemas.outputs.iter().map(create).collect::<io::Result<_>>()?,
            actions: plan.actions.is_put_out.then(|| create(&press.schemas.actions)).transpose()?,
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
        for (file, rows) in self.tables.iter_mut().zip(&block.tables) {
            file.append(rows)?;
        }
        if let Some(actions) = &mut self.actions {
            actions.append(&block.actions)?;
        }
        self.tally.merge(block.tally);
        self.proposed.merge(block.proposed);
        self.failures.merge(block.failures);
        Ok(())
    }

    /// Ends the files, and writes what could not be decided and what could not be read of the book.
    ///
    /// # Errors
    ///
    /// When a file cannot be written.
    pub fn finish(self, rejected: &[Reject], dir: &Path) -> io::Result<Report> {
        for file in self.tables {
            file.finish()?;
        }
        if let Some(actions) = self.actions {
            actions.finish()?;
        }
        let failures = self.failures.sorted();
        failures::write(&failures, dir, self.format)?;
        rejects::write(rejected, dir, self.format)?;
        let count = |schema: &Arc<TableSchema>| (schema.table.clone(), self.tally.rows(&schema.table));
        Ok(Report {
            format: self.format,
            tables: self.press.schemas.outputs.iter().map(count).collect(),
            actions: self.proposed.count,
            action_lines: self.proposed.lines,
            by_rung: self.proposed.by_rung(),
            tally: self.tally,
            failures,
            rejects: rejected.len(),
        })
    }
}
