//! What a run came to: the tables, the actions, what failed, and the manifest, in one folder.
//!
//! It reads the plan's outputs, emits and nodes, and knows no section of a policy by name.

mod action_id;
mod actions;
mod batches;
mod because;
mod build;
mod columns;
mod encode;
mod explain;
mod failures;
mod files;
mod folder;
mod format;
mod grid;
mod labels;
mod limited;
mod manifest;
mod proposed;
mod rejects;
pub mod schema;
mod shares;
mod since;
mod summary;
mod tables;
mod tally;
mod views;
mod vocabulary;
mod wide;

use std::io;
use std::path::Path;

use crate::engine::{Columns, Decided, Leg, Run, Setting, Unit};
use crate::plan::{Plan, RelationId};

pub use action_id::push_action_id;
pub use batches::{Block, Press, Ready, TableBlock, Writing};
pub use because::{Asked, Because, Hits};
pub use encode::Encoder;
pub use explain::{Focus, Misses, explain, explain_json};
pub use files::{Stored, Unfit};
pub use folder::{Folder, INDEX, MANIFEST, REPORT, REPORT_MARK, Refused, is_report};
pub use format::Format;
pub(crate) use grid::{Grid, thousands};
pub use labels::label;
pub(crate) use labels::{is_known, label_of, label_of_ladder, label_of_rung};
pub use proposed::Proposed;
pub use shares::{Broken, write_shares};
pub use since::{Extent, Why, write_since};
pub use summary::summary;
pub use tables::printed;
pub use tally::{Group, Tally};

use actions::Actions;
use columns::Prepared;
pub use failures::{Failure, Failures};
pub use manifest::manifest;
use tables::Table;

pub use crate::plan::ACTIONS;
/// The stream of what must not be.
pub const INVARIANTS: &str = "invariants";

/// What a run came to, beside the rows in its files.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How its tables are written.
    pub format: Format,
    /// Table and number of rows, in the order of the plan.
    pub tables: Vec<(String, usize)>,
    /// Tables the policy keeps back, and how many rows they would have.
    pub off: Vec<(String, usize)>,
    /// Counts and sums.
    pub tally: Tally,
    /// How many things are proposed.
    pub actions: usize,
    /// How many lines they have together.
    pub action_lines: usize,
    /// Actions by ladder and rung: how many and of what amount, in the order of the plan.
    pub by_rung: Vec<Group>,
    /// What could not be decided, sorted.
    pub failures: Vec<Failure>,
    /// How many rows and values of the book could not be read.
    pub rejects: usize,
}

impl Report {
    /// Whether everything was read and decided.
    pub fn is_whole(&self) -> bool {
        self.failures.is_empty() && self.rejects == 0
    }
}

/// How many rows of the subjects of output tables a run goes over: the length of its progress bar.
pub fn work(columns: &Columns<'_>) -> usize {
    let Setting { plan, book, .. } = columns.setting();
    let rows: usize = plan.outputs.iter().map(|output| book.count(output.subject)).sum();
    rows * columns.legs() as usize
}

/// The same by the row engine: what the columns are held to.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write_by_rows(run: &mut Run<'_>, dir: &Path, format: Format, step: &mut dyn FnMut(usize)) -> io::Result<Report> {
    let mut writing = Writing::begin(run.plan(), dir, format)?;
    let press = writing.press();
    let mut units = Units::new(run.plan(), &press);
    run.sweep(&mut |run, unit, leg| match leg {
        Leg::Last => {
            units.add(run, unit, step);
            match units.are_enough() {
                true => writing.append(press.ready(units.block()?)?),
                false => Ok(()),
            }
        }
        Leg::Before => {
            step(run.plan().outputs.iter().map(|output| run.rows_in(unit, output.subject).len()).sum());
            Ok(())
        }
    })?;
    writing.append(press.ready(units.block()?)?)?;
    end(writing, run.setting(), off(run.plan(), |relation| run.count(relation)), dir)
}

/// The tables that do not leave, and how many rows each would have.
fn off(plan: &Plan, mut count: impl FnMut(RelationId) -> usize) -> Vec<(String, usize)> {
    plan.off().map(|table| (table.table.clone(), count(table.subject))).collect()
}

/// Ends the files of a run, its manifest last.
fn end(writing: Writing, of: Setting<'_>, off: Vec<(String, usize)>, dir: &Path) -> io::Result<Report> {
    let report = writing.finish(&of.book.rejects, off, dir)?;
    std::fs::write(dir.join(folder::MANIFEST), manifest(of, &report))?;
    Ok(report)
}

/// Computes everything a run puts out and writes it into a folder; `step` is told of rows gone over.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write<'a>(columns: &Columns<'a>, dir: &Path, format: Format, step: &mut dyn FnMut(usize)) -> io::Result<Report> {
    let Setting { plan, .. } = columns.setting();
    let mut writing = Writing::begin(plan, dir, format)?;
    let press = writing.press();
    let prepared = Prepared::new(plan, press.schemas());
    columns.sweep(&|decided: &mut Decided<'_, 'a>, leg| made(plan, &press, &prepared, decided, leg), &mut |(
        rows,
        ready,
    )| {
        step(rows);
        ready?.map_or(Ok(()), |block| writing.append(block))
    })?;
    end(writing, columns.setting(), off(plan, |relation| columns.count(relation)), dir)
}

/// How many rows of the output tables' subjects a block has, and on the last leg the block itself, ready for the files.
fn made<'a>(
    plan: &Plan,
    press: &Press,
    prepared: &Prepared<'a>,
    decided: &mut Decided<'_, 'a>,
    leg: Leg,
) -> (usize, io::Result<Option<Ready>>) {
    let rows = plan.outputs.iter().map(|output| decided.count(output.subject)).sum();
    let ready = (leg == Leg::Last).then(|| press.ready(prepared.block(decided)?));
    (rows, ready.transpose())
}

/// How many rows of a table make a block.
const BLOCK: usize = 1 << 12;

/// Units decided on row by row, on their way into a block.
struct Units<'a> {
    tables: Vec<Table<'a>>,
    actions: Actions,
    failures: Failures,
}

impl<'a> Units<'a> {
    fn new(plan: &'a Plan, press: &Press) -> Self {
        let schemas = press.schemas();
        let tables = plan.outputs.iter().zip(&schemas.outputs);
        Self {
            tables: tables.map(|(output, schema)| Table::new(plan, output, schema)).collect(),
            actions: Actions::new(plan, &schemas.actions),
            failures: Failures::default(),
        }
    }

    fn add(&mut self, run: &mut Run<'a>, unit: Unit, step: &mut dyn FnMut(usize)) {
        for table in &mut self.tables {
            let output = table.output;
            table.add(run, unit, &mut |run, row, unknown, outcomes| {
                self.failures.of_row(run, output, row, unknown, outcomes);
                step(1);
            });
        }
        self.failures.of_invariants(run, unit, INVARIANTS);
        self.actions.add(run, unit, &mut self.failures);
    }

    fn are_enough(&self) -> bool {
        self.actions.len() >= BLOCK || self.tables.iter().any(|table| table.len() >= BLOCK)
    }

    /// What the units since the last block came to.
    fn block(&mut self) -> io::Result<Block> {
        Ok(Block {
            tables: self.tables.iter_mut().map(Table::block).collect::<Result<_, _>>()?,
            actions: self.actions.batch()?,
            failures: std::mem::take(&mut self.failures),
        })
    }
}

/// How the run ended, in a word: `done`, `done_with_failures`.
fn exit_name(report: &Report) -> &'static str {
    if report.is_whole() { "done" } else { "done_with_failures" }
}

/// What has no date in the book although it would need one, where a run looks back before the book's own date: columns
/// and how many rows.
pub fn hindsight(of: Setting<'_>) -> Vec<(String, usize)> {
    let back = of.book.as_of.is_some_and(|of_book| of.as_of < of_book);
    if back { of.book.undated.clone() } else { Vec::new() }
}
