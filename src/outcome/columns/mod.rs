//! What goes out of a block that was decided in columns.

mod actions;
mod arrays;
mod reasons;
mod tables;
mod texts;

use std::io;

use super::INVARIANTS;
use super::batches::Block;
use super::failures::Failures;
use super::schema::Schemas;
use crate::engine::{Answer, Decided, Subjects};
use crate::lang::NodeRef;
use crate::plan::{Emit, Form, Plan};
use actions::Actions;
use tables::Table;

/// What is looked up once a run, and shared by its threads.
pub(super) struct Prepared<'a> {
    tables: Vec<Table<'a>>,
    actions: Actions<'a>,
}

impl<'a> Prepared<'a> {
    pub(super) fn new(plan: &'a Plan, schemas: &Schemas) -> Self {
        let tables = plan.outputs.iter().zip(&schemas.outputs);
        Self {
            tables: tables.map(|(output, schema)| Table::new(plan, output, schema)).collect(),
            actions: Actions::new(plan, &schemas.actions),
        }
    }

    /// The rows of a block.
    ///
    /// # Errors
    ///
    /// When a value has no place in its column.
    pub(super) fn block(&self, decided: &mut Decided<'_, 'a>) -> io::Result<Block> {
        self.block_and_lines(decided).map(|(block, _)| block)
    }

    /// The same, and for each line of the action list the row of the credit group it is about.
    pub(super) fn block_and_lines(&self, decided: &mut Decided<'_, 'a>) -> io::Result<(Block, Vec<u32>)> {
        let mut failures = Failures::default();
        let tables = self.tables.iter().map(|table| table.block(decided, &mut failures)).collect::<io::Result<_>>()?;
        invariants(decided, &mut failures);
        let (actions, lines) = self.actions.batch(decided, &mut failures)?;
        Ok((Block { tables, actions, failures }, lines))
    }
}

/// The emits of a stream, in the order of the plan.
fn emits<'p>(plan: &'p Plan, stream: &str) -> impl Iterator<Item = (NodeRef, &'p Emit)> {
    let of_stream = move |(at, node): (NodeRef, &'p crate::plan::Node)| match &node.form {
        Form::Emit(emit) if &*emit.stream == stream => Some((at, emit)),
        _ => None,
    };
    (0u32..).map(NodeRef).zip(&plan.nodes).filter_map(of_stream)
}

/// What must not be, and is.
fn invariants(decided: &mut Decided<'_, '_>, failures: &mut Failures) {
    let plan = decided.plan();
    for (at, _) in emits(plan, INVARIANTS).collect::<Vec<_>>() {
        let Some(node) = plan.node(at) else { continue };
        let subjects = decided.subjects(node.subject);
        let answer = decided.node(&subjects, at);
        for lane in decided.holding(&subjects, &answer).iter() {
            if let Some(row) = subjects.rows.get(*lane as usize) {
                failures.of_invariant(decided.rows(), at, *row);
            }
        }
        note_failed(decided, failures, INVARIANTS, at, &subjects, &answer);
    }
}

/// Notes why a node about some rows cannot be computed for those of which it cannot.
fn note_failed(
    decided: &mut Decided<'_, '_>,
    failures: &mut Failures,
    table: &str,
    at: NodeRef,
    subjects: &Subjects,
    answer: &Answer,
) {
    if !answer.some_failed() {
        return;
    }
    for (_, row) in subjects.rows.iter().enumerate().filter(|(lane, _)| answer.has_failed(*lane)) {
        if let Some(fault) = decided.fault(at, *row) {
            failures.add(decided.rows(), table, at, (subjects.relation, *row), &fault);
        }
    }
}
