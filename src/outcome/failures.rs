//! What could not be decided, and what must not be.

use std::io;
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Format;
use super::build::Cell;
use super::files;
use super::schema::TableSchema;
use super::tables::place;
use crate::engine::{Fault, Outcome, Run, Unit};
use crate::lang::{NodeRef, Value};
use crate::plan::{Form, Output, RelationId};

/// A decision that failed, or an invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Failure {
    /// The table it is missing from: an output table, `actions` or `invariants`.
    pub table: String,
    /// What it is about.
    pub subject: String,
    /// The subject's id.
    pub id: String,
    /// The decision without a value.
    pub decision: String,
    /// The decision that could not run; the same, or one that it reads.
    pub root: String,
    /// What that one is about.
    pub root_subject: String,
    /// Its id.
    pub root_id: String,
    /// Why, in words.
    pub reason: String,
    /// `file:line` of the policy.
    pub place: String,
}

const HEADERS: [&str; 9] = ["table", "subject", "id", "decision", "root", "root_subject", "root_id", "reason", "place"];

/// Failures on their way into the file.
#[derive(Clone, Debug, Default)]
pub struct Failures(Vec<(Failure, Option<Row>)>);

/// The row of the book that a failure is about.
type Row = (RelationId, u32);

impl Failures {
    /// Notes one.
    pub fn push(&mut self, failure: Failure) {
        self.0.push((failure, None));
    }

    /// Every one, with the row of the book that it is about where that is known.
    pub(super) fn iter(&self) -> impl Iterator<Item = &(Failure, Option<Row>)> {
        self.0.iter()
    }

    /// Adds those noted elsewhere.
    pub fn merge(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Notes what failed in a row of an output table; `unknown` says why it is not known whether it is to be put out.
    pub(super) fn of_row(
        &mut self,
        run: &Run<'_>,
        output: &Output,
        row: u32,
        unknown: Option<&Fault>,
        outcomes: &[Outcome],
    ) {
        if let Some((only, fault)) = output.only.zip(unknown) {
            self.add(run, &output.table, only, (output.subject, row), fault);
        }
        for (column, outcome) in output.columns.iter().zip(outcomes) {
            if let Err(fault) = &outcome.value {
                self.add(run, &output.table, column.node, (output.subject, row), fault);
            }
        }
    }

    /// Notes a node that failed.
    pub(super) fn add(
        &mut self,
        run: &Run<'_>,
        table: &str,
        node: NodeRef,
        (subject, row): (RelationId, u32),
        fault: &Fault,
    ) {
        let plan = run.plan();
        let root_subject = plan.node(fault.node).map(|n| n.subject).unwrap_or(subject);
        let failure = Failure {
            table: table.into(),
            subject: subject_name(run, subject),
            id: run.book().id(subject, row).into(),
            decision: plan.name(node),
            root: plan.name(fault.node),
            root_subject: subject_name(run, root_subject),
            root_id: fault.elsewhere.clone().unwrap_or_else(|| run.book().id(root_subject, fault.row).into()),
            reason: fault.reason.clone(),
            place: place(&fault.place),
        };
        self.0.push((failure, Some((subject, row))));
    }

    /// Notes what a stream says must not be in a unit.
    pub(super) fn of_invariants(&mut self, run: &mut Run<'_>, unit: Unit, stream: &str) {
        let plan = run.plan();
        for (number, node) in (0u32..).zip(&plan.nodes) {
            let Form::Emit(emit) = &node.form else { continue };
            if &*emit.stream != stream {
                continue;
            }
            let (at, subject) = (NodeRef(number), node.subject);
            for row in run.rows_in(unit, subject) {
                match run.outcome(at, row).value {
                    Ok(Value::Bool(true)) => self.of_invariant(run, at, row),
                    Ok(_) => {}
                    Err(fault) => self.add(run, stream, at, (subject, row), &fault),
                }
            }
        }
    }

    /// Notes that an invariant does not hold for a row.
    pub(super) fn of_invariant(&mut self, run: &mut Run<'_>, at: NodeRef, row: u32) {
        let plan = run.plan();
        let Some((node, Form::Emit(emit))) = plan.node(at).map(|node| (node, &node.form)) else { return };
        let said = run.say(&emit.reason, "en", node.subject, row);
        let (subject, id) = (subject_name(run, node.subject), run.book().id(node.subject, row).to_string());
        let failure = Failure {
            table: emit.stream.to_string(),
            subject: subject.clone(),
            id: id.clone(),
            decision: node.name.clone(),
            root: node.name.clone(),
            root_subject: subject,
            root_id: id,
            reason: if said.is_empty() { "does not hold".into() } else { said },
            place: place(&node.place),
        };
        self.0.push((failure, Some((node.subject, row))));
    }

    /// All of them, sorted.
    pub(super) fn sorted(self) -> Vec<Failure> {
        let mut failures: Vec<Failure> = self.0.into_iter().map(|(failure, _)| failure).collect();
        // Equal ones cannot be told apart.
        failures.par_sort_unstable();
        failures
    }
}

/// A subject as people call it.
pub(super) fn subject_name(run: &Run<'_>, subject: RelationId) -> String {
    run.plan().schema.get(subject).map(|r| r.name.clone()).unwrap_or_default()
}

/// Writes the file.
pub(super) fn write(failures: &[Failure], dir: &Path, format: Format) -> io::Result<()> {
    let rows = failures.iter().map(|f| {
        [&f.table, &f.subject, &f.id, &f.decision, &f.root, &f.root_subject, &f.root_id, &f.reason, &f.place]
            .map(|text| Cell::Text(text))
    });
    files::write(dir, TableSchema::of_texts("failures", HEADERS, &[]), format, rows)
}
