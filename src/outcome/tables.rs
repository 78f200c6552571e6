//! The rows of an output table: the subject's id, how it went, and a column a decision.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use super::records::{Field, Format, Records};
use crate::book::Cell;
use crate::engine::{Outcome, Run, Unit, print_value};
use crate::lang::{Base, Kind, NodeRef, Type, Value};
use crate::plan::{Choice, FactId, Form, MoneyRule, Output, PORTFOLIO, Plan, RelationId};

/// The languages in which reasons are written.
pub(super) const LANGUAGES: [&str; 2] = ["en", "zh"];

/// Called with each row once its values are known.
pub(super) type Seen<'s, 'a> = dyn FnMut(&mut Run<'a>, u32, &[Outcome]) + 's;

/// An output table on its way into its file.
pub(super) struct Table<'a> {
    /// What it shows.
    pub(super) output: &'a Output,
    /// How many rows it has so far.
    pub(super) rows: usize,
    columns: Vec<Shown<'a>>,
    whole: Wholeness,
    records: Records,
}

impl<'a> Table<'a> {
    /// Begins its file.
    pub(super) fn create(plan: &'a Plan, output: &'a Output, dir: &Path, format: Format) -> io::Result<Self> {
        Ok(Self {
            output,
            rows: 0,
            columns: output.columns.iter().map(|c| Shown::new(plan, c.node, c.with_rule)).collect(),
            whole: Wholeness::of(plan),
            records: Records::create(dir, &output.table, format, headers(output))?,
        })
    }

    /// Writes the rows of a unit.
    pub(super) fn write(&mut self, run: &mut Run<'a>, unit: Unit, seen: &mut Seen<'_, 'a>) -> io::Result<()> {
        let subject = self.output.subject;
        for row in run.rows_in(unit, subject) {
            let outcomes: Vec<Outcome> = self.columns.iter().map(|shown| shown.outcome(run, subject, row)).collect();
            let failed = outcomes.iter().any(|outcome| outcome.value.is_err());
            let status = if failed {
                "failed"
            } else if self.whole.is_incomplete(run, subject, row) {
                "incomplete"
            } else {
                "ok"
            };
            let mut fields = vec![Field::text(run.book().id(subject, row)), Field::text(status)];
            for (shown, outcome) in self.columns.iter().zip(&outcomes) {
                fields.push(field(run, outcome, shown.ty));
                if shown.with_rule {
                    fields.extend(shown.because(run, subject, row, &outcome.hits).into_iter().map(Field::text));
                }
            }
            self.records.write(&fields)?;
            self.rows += 1;
            seen(run, row, &outcomes);
        }
        Ok(())
    }

    /// Ends its file.
    pub(super) fn finish(self) -> io::Result<()> {
        self.records.finish()
    }
}

fn headers(output: &Output) -> Vec<String> {
    let mut headers = vec!["id".to_string(), "status".to_string()];
    for column in &output.columns {
        headers.push(column.header.clone());
        if column.with_rule {
            headers.extend(["rule", "place"].map(|part| format!("{}_{part}", column.header)));
            headers.extend(LANGUAGES.map(|language| format!("{}_reason_{language}", column.header)));
        }
    }
    headers
}

/// A value as CSV shows it; empty where it failed.
pub fn printed(run: &Run<'_>, outcome: &Outcome, ty: &Type) -> String {
    outcome.value.as_ref().map(|value| print_value(value, ty, &run.plan().money)).unwrap_or_default()
}

/// A value on its way into a file; blank where it failed.
pub(super) fn field(run: &Run<'_>, outcome: &Outcome, ty: &Type) -> Field {
    outcome.value.as_ref().map_or(Field::Nothing, |value| field_of(value, ty, &run.plan().money))
}

/// A value on its way into a file.
pub(super) fn field_of(value: &Value, ty: &Type, money: &MoneyRule) -> Field {
    match (value, &ty.base) {
        (Value::Missing, _) => Field::Nothing,
        (Value::Int(_) | Value::Bool(_), _) => Field::Bare(value.to_string()),
        (Value::List(items), Base::List(of)) => {
            let of = Type::of((**of).clone());
            Field::List(items.iter().map(|item| print_value(item, &of, money)).collect())
        }
        _ => Field::text(print_value(value, ty, money)),
    }
}

/// A column made ready: what is looked up once, not once a row.
struct Shown<'a> {
    node: NodeRef,
    subject: RelationId,
    ty: &'a Type,
    with_rule: bool,
    choice: Option<&'a Choice>,
    /// `file:line` of each row of the choice.
    places: Vec<String>,
}

impl<'a> Shown<'a> {
    fn new(plan: &'a Plan, node: NodeRef, with_rule: bool) -> Self {
        static NOTHING: Type = Type { base: crate::lang::Base::Text, optional: true };
        let node = if with_rule { source(plan, node) } else { node };
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
        let mut fields = vec![String::new(); 2 + LANGUAGES.len()];
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
            for (at, language) in (2..).zip(LANGUAGES) {
                add(at, &run.say(&rule.reason, language, subject, row));
            }
        }
        fields
    }
}

/// Where a node only hands on another, that other one.
pub(super) fn source(plan: &Plan, mut node: NodeRef) -> NodeRef {
    while let Some(Form::Expr(expr)) = plan.node(node).map(|n| &n.form) {
        match expr.kind {
            Kind::Node(next) if next < node => node = next,
            _ => break,
        }
    }
    node
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
            Some(run.book().cell(account, fact, row, run.as_of()) == Cell::Given(Value::Bool(true)))
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
