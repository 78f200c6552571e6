//! The rows of an output table: the subject's id, how it went, and a column a decision.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::BooleanBufferBuilder;

use super::batches::TableBlock;
use super::build::{Cell, Rows};
use super::schema::{LANGUAGES, Misshapen, STATUS, TableSchema};
use crate::book;
use crate::engine::{Fault, Outcome, Run, Unit, print_value};
use crate::lang::{NodeRef, Type, Value};
use crate::plan::{Choice, Column, FactId, Form, Output, PORTFOLIO, Plan, RelationId};

/// Called with each row once its values are known: why it is not known whether the row is to be put out, where it is not,
/// and what its columns came to; nothing, where the row is left out.
pub(super) type Seen<'s, 'a> = dyn FnMut(&mut Run<'a>, u32, Option<&Fault>, &[Outcome]) + 's;

/// The rows of an output table while the units of a block go by.
pub(super) struct Table<'a> {
    /// What it shows.
    pub(super) output: &'a Output,
    columns: Vec<Shown<'a>>,
    whole: Wholeness,
    rows: Rows,
    /// How many rows there would be if none were left out.
    all: usize,
    /// For each column of the output, the rows whose decision failed.
    failed: Vec<BooleanBufferBuilder>,
}

impl<'a> Table<'a> {
    /// No rows yet.
    pub(super) fn new(plan: &'a Plan, output: &'a Output, schema: &Arc<TableSchema>) -> Self {
        Self {
            output,
            columns: output.columns.iter().map(|column| Shown::new(plan, column)).collect(),
            whole: Wholeness::of(plan),
            all: 0,
            rows: Rows::new(Arc::clone(schema)),
            failed: output.columns.iter().map(|_| BooleanBufferBuilder::new(0)).collect(),
        }
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Adds the rows of a unit.
    pub(super) fn add(&mut self, run: &mut Run<'a>, unit: Unit, seen: &mut Seen<'_, 'a>) {
        let subject = self.output.subject;
        let [ok, incomplete, failed] = STATUS;
        for row in run.rows_in(unit, subject) {
            self.all += 1;
            let only = self.output.only.map(|only| run.outcome(only, row).value);
            if only.as_ref().is_some_and(|only| matches!(only, Ok(holds) if *holds != Value::Bool(true))) {
                seen(run, row, None, &[]);
                continue;
            }
            let unknown = only.and_then(Result::err);
            let outcomes: Vec<Outcome> = self.columns.iter().map(|shown| shown.outcome(run, subject, row)).collect();
            let reasons: Vec<Vec<String>> = self
                .columns
                .iter()
                .zip(&outcomes)
                .filter(|(shown, _)| shown.with_rule)
                .map(|(shown, outcome)| shown.because(run, subject, row, &outcome.hits))
                .collect();
            let status = if unknown.is_some() || outcomes.iter().any(|outcome| outcome.value.is_err()) {
                failed
            } else if self.whole.is_incomplete(run, subject, row) {
                incomplete
            } else {
                ok
            };
            let mut cells = vec![Cell::Text(run.book().id(subject, row)), Cell::Text(status)];
            let (mut reasons, money) = (reasons.iter(), &run.plan().money);
            for (shown, outcome) in self.columns.iter().zip(&outcomes) {
                cells.push(outcome.value.as_ref().map_or(Cell::Blank, |value| Cell::Value(value, shown.ty, money)));
                if shown.with_rule {
                    cells.extend(reasons.next().into_iter().flatten().map(|text| Cell::Text(text)));
                }
            }
            self.rows.push(cells);
            for (failed, outcome) in self.failed.iter_mut().zip(&outcomes) {
                failed.append(outcome.value.is_err());
            }
            seen(run, row, unknown.as_ref(), &outcomes);
        }
    }

    /// The rows so far; there are none then.
    pub(super) fn block(&mut self) -> Result<TableBlock, Misshapen> {
        let failed = self.failed.iter_mut().map(|of| Some(of.finish()).filter(|of| of.count_set_bits() > 0));
        Ok(TableBlock { failed: failed.collect(), rows: self.rows.batch()?, all: std::mem::take(&mut self.all) })
    }
}

/// A value as CSV shows it; empty where it failed.
pub fn printed(run: &Run<'_>, outcome: &Outcome, ty: &Type) -> String {
    outcome.value.as_ref().map(|value| print_value(value, ty, &run.plan().money)).unwrap_or_default()
}

/// A column made ready: what is looked up once, not once a row.
struct Shown<'a> {
    node: NodeRef,
    subject: RelationId,
    ty: &'a Type,
    with_rule: bool,
    with_reasons: bool,
    choice: Option<&'a Choice>,
    /// `file:line` of each row of the choice.
    places: Vec<String>,
}

impl<'a> Shown<'a> {
    fn new(plan: &'a Plan, column: &Column) -> Self {
        static NOTHING: Type = Type { base: crate::lang::Base::Text, optional: true };
        let Column { node, with_rule, with_reasons, .. } = *column;
        let node = if with_rule { plan.source(node) } else { node };
        let found = plan.node(node);
        let choice = match found.map(|n| &n.form) {
            Some(Form::Choice(choice)) => Some(choice),
            _ => None,
        };
        let rows = choice.filter(|_| with_rule).map_or(&[][..], |choice| &choice.rows);
        let places = rows.iter().map(|row| place(&row.place)).collect();
        Self {
            node,
            subject: found.map_or(PORTFOLIO, |n| n.subject),
            ty: found.map_or(&NOTHING, |n| &n.ty),
            with_rule,
            with_reasons,
            choice,
            places,
        }
    }

    fn outcome(&self, run: &mut Run<'a>, subject: RelationId, row: u32) -> Outcome {
        match run.above(subject, row, self.subject) {
            Some(row) => run.outcome(self.node, row),
            None => Outcome { value: Ok(Value::Missing), hits: [].into() },
        }
    }

    /// Rule, place and reasons; several are put apart by `; `.
    fn because(&self, run: &mut Run<'a>, subject: RelationId, row: u32, hits: &[u16]) -> Vec<String> {
        let languages = LANGUAGES.iter().filter(|_| self.with_reasons);
        let mut fields = vec![String::new(); 2 + languages.clone().count()];
        let Some(choice) = self.choice else { return fields };
        let mut add = |at: usize, text: &str| {
            if let Some(field) = fields.get_mut(at).filter(|_| !text.is_empty()) {
                if !field.is_empty() {
                    field.push_str("; ");
                }
                field.push_str(text);
            }
        };
        for hit in hits {
            let Some(rule) = choice.rows.get(usize::from(*hit)) else { continue };
            add(0, &rule.id);
            add(1, self.places.get(usize::from(*hit)).map_or("", String::as_str));
            for (at, language) in (2..).zip(languages.clone()) {
                add(at, &run.say(&rule.reason, language, subject, row));
            }
        }
        fields
    }
}

/// `file:line`, as an editor opens it.
pub(super) fn place(place: &crate::diag::Place) -> String {
    format!("{}:{}", place.source.name, place.line_column().0)
}

/// Which rows lie under an account of which something could not be read.
struct Wholeness {
    account: Option<(RelationId, FactId)>,
}

impl Wholeness {
    fn of(plan: &Plan) -> Self {
        let find = || {
            let account = plan.schema.relation("account")?;
            Some((account, plan.schema.fact(account, "incomplete")?))
        };
        Self { account: find() }
    }

    fn is_incomplete(&self, run: &Run<'_>, subject: RelationId, row: u32) -> bool {
        let find = || {
            let (account, fact) = self.account?;
            let row = run.above(subject, row, account)?;
            Some(run.book().cell(account, fact, row, run.as_of()) == book::Cell::Given(Value::Bool(true)))
        };
        find().unwrap_or(false)
    }
}

/// `file:line` of nodes, worked out once each.
#[derive(Default)]
pub(super) struct Places(BTreeMap<NodeRef, String>);

impl Places {
    /// The place of a node.
    pub(super) fn of(&mut self, plan: &Plan, node: NodeRef) -> String {
        self.0.entry(node).or_insert_with(|| plan.node(node).map(|n| place(&n.place)).unwrap_or_default()).clone()
    }
}
