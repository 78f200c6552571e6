//! What a run came to: the tables, the actions, what failed, and the manifest, in one folder.
//!
//! It reads the plan's outputs, emits and nodes, and knows no section of a policy by name.

mod actions;
mod explain;
mod failures;
mod folder;
mod labels;
mod manifest;
mod rejects;
mod summary;
mod tables;
mod tally;

use std::io;
use std::path::Path;

use crate::engine::Run;

pub use explain::{Focus, Misses, explain, explain_json};
pub use folder::{Folder, Refused};
pub use labels::label;
pub use summary::summary;
pub use tables::printed;
pub use tally::{Group, Tally};

use actions::Actions;
pub use failures::Failure;
use failures::Failures;

/// The stream of things to do.
pub const ACTIONS: &str = "actions";
/// The stream of what must not be.
pub const INVARIANTS: &str = "invariants";

/// What a run came to, beside the rows in its files.
#[derive(Clone, Debug, Default)]
pub struct Report {
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

/// How many rows of output tables a run has to make: the length of its progress bar.
pub fn work(run: &Run<'_>) -> usize {
    run.plan().outputs.iter().map(|output| run.rows(output.subject).len()).sum()
}

/// Computes everything a run puts out and writes it into a folder; `step` is called once a row of an output table.
///
/// # Errors
///
/// When a file cannot be written.
pub fn write(run: &mut Run<'_>, dir: &Path, step: &mut dyn FnMut()) -> io::Result<Report> {
    let plan = run.plan();
    let mut report = Report { tally: Tally::new(plan), ..Report::default() };
    let mut failures = Failures::default();
    for output in &plan.outputs {
        let mut rows = 0;
        let mut out = csv::Writer::from_path(dir.join(format!("{}.csv", output.table)))?;
        tables::write(run, output, &mut out, &mut |run, row, outcomes| {
            rows += 1;
            report.tally.add(output, outcomes);
            failures.of_row(run, output, row, outcomes);
            step();
        })?;
        finish(out)?;
        report.tables.push((output.table.clone(), rows));
    }

    let actions = Actions::of(run, &mut failures);
    failures.of_invariants(run, INVARIANTS);
    let mut out = csv::Writer::from_path(dir.join("actions.csv"))?;
    actions.write(&mut out)?;
    finish(out)?;
    report.actions = actions.count();
    report.action_lines = actions.lines.len();
    report.by_rung = actions.by_rung(plan);

    report.failures = failures.sorted();
    let mut out = csv::Writer::from_path(dir.join("failures.csv"))?;
    failures::write(&report.failures, &mut out)?;
    finish(out)?;

    report.rejects = run.book().rejects.len();
    let mut out = csv::Writer::from_path(dir.join("rejects.csv"))?;
    rejects::write(&run.book().rejects, &mut out)?;
    finish(out)?;

    std::fs::write(dir.join(folder::MANIFEST), manifest::manifest(run, &report))?;
    Ok(report)
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

fn finish(out: csv::Writer<std::fs::File>) -> io::Result<()> {
    let file = out.into_inner().map_err(|error| io::Error::other(error.error().to_string()))?;
    file.sync_all()
}
