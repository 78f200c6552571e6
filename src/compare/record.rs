//! What a run decided: the columns that have few values or are money, the actions, and what could not be decided.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::engine::{Emitted, Leg, Run, Unit};
use crate::lang::{Base, NodeRef, Value};
use crate::outcome::{ACTIONS, INVARIANTS};
use crate::plan::{Column, Form, MoneyRule, Plan};

/// What a run decided, small enough to keep until the next.
#[derive(Clone, Debug)]
pub struct Record {
    /// The name of what the policy means.
    pub digest: String,
    /// The day decided for.
    pub as_of: NaiveDate,
    pub(super) money: MoneyRule,
    pub(super) tables: Vec<TableRecord>,
    pub(super) actions: BTreeMap<ActionKey, Action>,
    /// Ladders and their rungs, in the order of the plan.
    pub(super) rungs: Vec<(String, String)>,
    /// How often each decision could not be made: table and the decision it began with.
    pub(super) failures: BTreeMap<(String, String), usize>,
}

/// An output table.
#[derive(Clone, Debug)]
pub(super) struct TableRecord {
    pub(super) table: String,
    /// What a row is about: `account`, `item`.
    pub(super) subject: String,
    pub(super) columns: Vec<ColumnRecord>,
    /// For each id, a cell a column.
    pub(super) rows: BTreeMap<Arc<str>, Box<[Cell]>>,
}

/// A column worth comparing.
#[derive(Clone, Debug)]
pub(super) struct ColumnRecord {
    pub(super) header: String,
    /// What the policy calls it, by language.
    pub(super) label: BTreeMap<String, String>,
    /// Its values where it has few of them; none: it is money.
    pub(super) values: Option<Vec<String>>,
    /// One of the decisions themselves, not a step on the way to one.
    pub(super) main: bool,
    node: NodeRef,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Money(Decimal),
    /// One of the column's values, by number.
    Choice(u16),
    Missing,
    Failed,
}

/// What tells one line of an action from every other: ladder, what it is about, and what the policy makes its id of.
pub(super) type ActionKey = Vec<String>;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Action {
    pub(super) ladder: String,
    pub(super) rung: String,
    pub(super) amount: Option<Decimal>,
}

impl Record {
    /// Decides on the whole book, unit by unit.
    pub fn of(run: &mut Run<'_>) -> Self {
        let plan = run.plan();
        let mut record = Self {
            digest: plan.digest(),
            as_of: run.as_of(),
            money: plan.money.clone(),
            tables: plan.tables.iter().map(|output| TableRecord::new(plan, output)).collect(),
            actions: BTreeMap::new(),
            rungs: Vec::new(),
            failures: BTreeMap::new(),
        };
        let Ok(()) = run.sweep::<Infallible>(&mut |run, unit, leg| {
            if leg == Leg::Last {
                record.take(run, unit);
            }
            Ok(())
        });
        record.rungs = rungs(plan);
        record
    }

    fn take(&mut self, run: &mut Run<'_>, unit: Unit) {
        let plan = run.plan();
        for (output, table) in plan.tables.iter().zip(&mut self.tables) {
            for row in run.rows_in(unit, output.subject) {
                let mut cells = Vec::with_capacity(table.columns.len());
                for column in &table.columns {
                    let of = plan.node(column.node).map_or(output.subject, |node| node.subject);
                    let value = run.above(output.subject, row, of).map(|row| run.outcome(column.node, row).value);
                    cells.push(match value {
                        Some(Ok(value)) => column.cell(&value),
                        Some(Err(fault)) => {
                            *self.failures.entry((table.table.clone(), plan.name(fault.node))).or_default() += 1;
                            Cell::Failed
                        }
                        None => Cell::Missing,
                    });
                }
                let id = Arc::from(run.book().id(output.subject, row));
                table.rows.insert(id, cells.into());
            }
        }
        let (lines, unmade) = run.emitted_in(unit, ACTIONS);
        for line in lines {
            let (key, action) = action(run, &line);
            self.actions.insert(key, action);
        }
        for unmade in unmade {
            *self.failures.entry((ACTIONS.into(), plan.name(unmade.fault.node))).or_default() += 1;
        }
        let (broken, unmade) = run.emitted_in(unit, INVARIANTS);
        let nodes = broken.iter().map(|line| line.node).chain(unmade.iter().map(|unmade| unmade.fault.node));
        for node in nodes {
            *self.failures.entry((INVARIANTS.into(), plan.name(node))).or_default() += 1;
        }
    }

    /// How many customers it decided on.
    pub fn customers(&self) -> usize {
        self.tables.iter().find(|table| table.subject == "account").map_or(0, |table| table.rows.len())
    }
}

impl TableRecord {
    fn new(plan: &Plan, output: &crate::plan::Output) -> Self {
        Self {
            table: output.table.clone(),
            subject: plan.schema.get(output.subject).map(|of| of.name.clone()).unwrap_or_default(),
            columns: output.columns.iter().filter_map(|column| ColumnRecord::new(plan, column)).collect(),
            rows: BTreeMap::new(),
        }
    }

    pub(super) fn position(&self, header: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.header == header)
    }
}

impl ColumnRecord {
    fn new(plan: &Plan, column: &Column) -> Option<Self> {
        let node = plan.node(column.node)?;
        let values = match &node.ty.base {
            base if base.is_amount() => None,
            Base::OneOf(values) => Some(values.iter().map(ToString::to_string).collect()),
            Base::Bool => Some(vec!["no".to_owned(), "yes".to_owned()]),
            _ => return None,
        };
        // A fact of the book is no decision.
        if matches!(node.form, Form::Fact(_)) {
            return None;
        }
        let main = crate::outcome::is_known(&column.header) || node.name == column.header;
        Some(Self { header: column.header.clone(), label: node.label.clone(), values, main, node: column.node })
    }

    fn cell(&self, value: &Value) -> Cell {
        match (value, &self.values) {
            (Value::Dec(amount), _) => Cell::Money(amount.normalize()),
            (Value::Bool(yes), _) => Cell::Choice(u16::from(*yes)),
            (Value::Text(text), Some(values)) => {
                let at = values.iter().position(|value| **value == **text);
                at.and_then(|at| u16::try_from(at).ok()).map_or(Cell::Missing, Cell::Choice)
            }
            _ => Cell::Missing,
        }
    }

    /// What a cell says; empty where it says nothing, `failed` where it could not be decided.
    pub(super) fn printed(&self, cell: Cell) -> &str {
        match (cell, &self.values) {
            (Cell::Choice(at), Some(values)) => values.get(usize::from(at)).map_or("", String::as_str),
            (Cell::Failed, _) => "failed",
            _ => "",
        }
    }
}

fn action(run: &Run<'_>, line: &Emitted) -> (ActionKey, Action) {
    let payload = |name: &str| line.payload.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    let text = |name: &str| payload(name).map(ToString::to_string).unwrap_or_default();
    let subject = run.plan().schema.get(line.subject).map(|of| of.name.clone()).unwrap_or_default();
    let mut key = vec![subject, run.book().id(line.subject, line.row).to_owned(), run.plan().name(line.node)];
    key.extend(line.key.iter().map(ToString::to_string));
    let amount = match payload("amount") {
        Some(Value::Dec(amount)) => Some(amount.normalize()),
        _ => None,
    };
    (key, Action { ladder: text("ladder"), rung: text("rung"), amount })
}

fn rungs(plan: &Plan) -> Vec<(String, String)> {
    let emits = plan.nodes.iter().filter_map(|node| match &node.form {
        Form::Emit(emit) if &*emit.stream == ACTIONS => Some(emit),
        _ => None,
    });
    let constant = |emit: &crate::plan::Emit, name: &str| {
        let found = emit.payload.iter().find(|(known, _)| known == name);
        match found.map(|(_, expr)| &expr.kind) {
            Some(crate::lang::Kind::Lit(value)) => value.to_string(),
            _ => String::new(),
        }
    };
    emits.map(|emit| (constant(emit, "ladder"), constant(emit, "rung"))).collect()
}
