//! The same work by usance, phase by phase.

use std::path::Path;

use rayon::ThreadPoolBuilder;
use usance::book::{self, Book};
use usance::diag::{Diagnostic, Style, render_all};
use usance::engine::{Columns, Decided, Leg, Pace, Run, Setting};
use usance::outcome::{self, Format};
use usance::plan::{self, Plan};
use usance::policy::folder::Folder;

use super::data::as_of;

/// Reads and lowers the policy.
pub(crate) fn load(policy: &Path) -> Plan {
    let mut found = Vec::new();
    let folder = Folder::load_beside(policy, policy.parent(), &mut found);
    let plan = folder.and_then(|folder| plan::compile(&folder, &mut found));
    plan.unwrap_or_else(|| panic!("{}", render_all(&found, Style::Plain)))
}

/// Reads the book on so many threads.
pub(crate) fn read(plan: &Plan, manifest: &Path, threads: usize) -> Book {
    let mut found = Vec::new();
    let pool = ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let book = pool.install(|| counted(plan, manifest, &mut found));
    let book = book.unwrap_or_else(|| panic!("{}", render_all(&found, Style::Plain)));
    assert!(book.rejects.is_empty(), "{:?}", book.rejects.first());
    book
}

/// Reads where a counter of instructions can see it begin and end: on a thread of its own.
#[inline(never)]
fn counted(plan: &Plan, manifest: &Path, found: &mut Vec<Diagnostic>) -> Option<Book> {
    book::read(manifest, &plan.schema, &plan.money.currency, found)
}

/// Every value that is put out, row by row.
pub(crate) fn rows(plan: &Plan, book: &Book) -> usize {
    let mut run = Run::new(plan, book, as_of());
    let mut given = 0;
    for output in &plan.outputs {
        for row in run.rows(output.subject) {
            for column in &output.columns {
                let subject = plan.node(column.node).map_or(output.subject, |node| node.subject);
                let Some(row) = run.above(output.subject, row, subject) else { continue };
                given += usize::from(run.outcome(column.node, row).value.is_ok());
            }
        }
    }
    given
}

/// Every value that is put out, by columns on so many threads.
pub(crate) fn columns(plan: &Plan, book: &Book, threads: usize) -> usize {
    let columns = by_columns(plan, book, threads);
    let of_block = |decided: &mut Decided<'_, '_>, leg: Leg| {
        let mut given = 0;
        for output in plan.outputs.iter().filter(|_| leg == Leg::Last) {
            let subjects = decided.subjects(output.subject);
            for column in &output.columns {
                let answer = decided.node(&subjects, column.node);
                given += if answer.some_failed() { 0 } else { subjects.rows.len() };
            }
        }
        given
    };
    let mut given = 0;
    let _: Result<(), ()> = columns.sweep(&of_block, &mut |more| {
        given += more;
        Ok(())
    });
    given
}

fn by_columns<'a>(plan: &'a Plan, book: &'a Book, threads: usize) -> Columns<'a> {
    Columns::new(Setting { plan, book, as_of: as_of() }, Pace { threads, ..Pace::default() })
}

/// Evaluates and writes everything, by columns on so many threads.
pub(crate) fn write(plan: &Plan, book: &Book, out: &Path, threads: usize) {
    let report = outcome::write(&by_columns(plan, book, threads), out, Format::Csv, &mut |_| {}).unwrap();
    assert!(report.is_whole(), "{:?}", report.failures.first());
}
