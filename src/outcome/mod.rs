//! What a run came to: the tables, the actions, what failed, and the manifest, in one folder.
//!
//! It reads the plan's outputs, emits and nodes, and knows no section of a policy by name.

mod actions;
mod explain;
mod failures;
mod folder;
mod grid;
mod labels;
mod manifest;
mod records;
mod rejects;
mod summary;
mod tables;
mod tally;
mod views;
mod vocabulary;

use std::io;
use std::path::Path;

use crate::engine::{Leg, Run, Unit};
use crate::plan::Plan;

pub use explain::{Focus, Misses, explain, explain_json};
pub use folder::{Folder, MANIFEST, REPORT, REPORT_MARK, Refused, is_report};
pub(crate) use grid::{Grid, thousands};
pub use labels::label;
pub(crate) use labels::{is_known, label_of, label_of_ladder, label_of_rung};
pub use records::Format;
pub use summary::summary;
pub use tables::printed;
pub use tally::{Group, Tally};

use actions::Actions;
pub use failures::Failure;
use failures::Failures;
pub use manifest::manifest;
use tables::Table;

/// The stream of things to do.
pub const ACTIONS: &str = "actions";
/// The stream of what must not be.
pub const INVARIANTS: &str = "invariants";

/// What a run came to, beside the rows in its files.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// How its tables are written.
    pub format: Format,
    /// Table and number of rows, in the order of the plan.
    pub tables: Vec<(String, usize)>,
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

/// How many rows of output tables a run goes over: the length of its progress bar.
pub fn work(run: &Run<'_>) -> usize {
    let rows: usize = run.plan().outputs.iter().map(|output| run.count(output.subject)).sum();
    rows * run.legs() as usize
}

/// Computes everything a run puts out and writes it into a folder; `step` is told of rows gone over.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write(run: &mut Run<'_>, dir: &Path, format: Format, step: &mut dyn FnMut(usize)) -> io::Result<Report> {
    let mut writing = Writing::begin(run.plan(), dir, format)?;
    run.sweep(&mut |run, unit, leg| match leg {
        Leg::Last => writing.unit(run, unit, step),
        Leg::Before => {
            step(run.plan().outputs.iter().map(|output| run.rows_in(unit, output.subject).len()).sum());
            Ok(())
        }
    })?;
    let report = writing.finish(run, dir, format)?;
    std::fs::write(dir.join(folder::MANIFEST), manifest(run, &report))?;
    Ok(report)
}

/// The files of a run while the units go by.
struct Writing<'a> {
    tables: Vec<Table<'a>>,
    actions: Actions,
    failures: Failures,
    tally: Tally,
}

impl<'a> Writing<'a> {
    fn begin(plan: &'a Plan, dir: &Path, format: Format) -> io::Result<Self> {
        let tables = plan.outputs.iter().map(|output| Table::create(plan, output, dir, format));
        Ok(Self {
            tables: tables.collect::<io::Result<_>>()?,
            actions: Actions::create(plan, dir, format)?,
            failures: Failures::default(),
            tally: Tally::new(plan),
        })
    }

    fn unit(&mut self, run: &mut Run<'a>, unit: Unit, step: &mut dyn FnMut(usize)) -> io::Result<()> {
        for table in &mut self.tables {
            let output = table.output;
            table.write(run, unit, &mut |run, row, outcomes| {
                self.tally.add(output, outcomes);
                self.failures.of_row(run, output, row, outcomes);
                step(1);
            })?;
        }
        self.failures.of_invariants(run, unit, INVARIANTS);
        self.actions.write(run, unit, &mut self.failures)
    }

    fn finish(self, run: &Run<'_>, dir: &Path, format: Format) -> io::Result<Report> {
        let mut report = Report { format, tally: self.tally, rejects: run.book().rejects.len(), ..Report::default() };
        for table in self.tables {
            report.tables.push((table.output.table.clone(), table.rows));
            table.finish()?;
        }
        report.actions = self.actions.count;
        report.action_lines = self.actions.lines;
        report.by_rung = self.actions.by_rung();
        self.actions.finish()?;
        report.failures = self.failures.sorted();
        failures::write(&report.failures, dir, format)?;
        rejects::write(&run.book().rejects, dir, format)?;
        Ok(report)
    }
}

/// How the run ended, in a word: `done`, `done_with_failures`.
fn exit_name(report: &Report) -> &'static str {
    if report.is_whole() { "done" } else { "done_with_failures" }
}

/// What has no date in the book although it would need one, where a run looks back before the book's own date: columns
/// and how many rows.
pub fn hindsight(run: &Run<'_>) -> Vec<(String, usize)> {
    let back = run.book().as_of.is_some_and(|of_book| run.as_of() < of_book);
    if back { run.book().undated.clone() } else { Vec::new() }
}
