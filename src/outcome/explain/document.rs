//! An explanation for machines: decisions, the rules that made them, what did not happen and why.

use serde::Serialize;

use super::super::labels::label_of_family;
use super::super::tables::place;
use super::ladder::ladders;
use super::page::Page;
use super::why_not::{Bound, Missed, Misses, WhyNot};
use super::{Focus, Why};
use crate::engine::Run;
use crate::lang::NodeRef;
use crate::plan::{Form, Output, RelationId};

#[derive(Serialize)]
struct Document<'d> {
    customer: String,
    policy: &'d str,
    version: &'d str,
    as_of: String,
    currency: &'d str,
    /// Of labels, reasons and sentences.
    language: &'d str,
    rows: Vec<Row>,
}

/// A row of an output table, and its ladders.
#[derive(Serialize)]
struct Row {
    table: String,
    id: String,
    decisions: Vec<Decision>,
    /// Steps that hold an amount to a bound.
    bounds: Vec<Bound>,
    ladders: Vec<Climb>,
}

#[derive(Serialize)]
struct Decision {
    /// The node's name.
    name: String,
    label: String,
    /// None where it is missing or failed.
    value: Option<String>,
    failed: Option<String>,
    /// The rules that made it.
    rules: Vec<Rule>,
    /// None for what no rule decides.
    why_not: Option<WhyNot>,
}

#[derive(Serialize)]
struct Rule {
    id: String,
    place: String,
    reason: String,
}

#[derive(Serialize)]
struct Climb {
    ladder: String,
    label: String,
    rungs: Vec<Rung>,
}

#[derive(Serialize)]
struct Rung {
    rung: String,
    goes_out: bool,
    /// Whether it is behind: done, or a later one is.
    passed: bool,
    why_not: Option<Missed>,
}

/// Explains a customer as one JSON document, in a language (`en`, `zh`).
pub fn explain_json(
    run: &mut Run<'_>,
    account: (RelationId, u32),
    focus: Focus<'_>,
    language: &str,
) -> serde_json::Value {
    let why = Why { page: Page::new(0), language, misses: Misses::All, printed: Vec::new() };
    let plan = run.plan();
    let (subject, rows) = match focus {
        Focus::Account => (account.0, std::slice::from_ref(&account.1)),
        Focus::Rows(subject, rows) => (subject, rows),
    };
    let mut told = Vec::new();
    for row in rows {
        for output in plan.tables.iter().filter(|o| o.subject == subject) {
            told.push(why.row(run, output, *row));
        }
    }
    let document = Document {
        customer: run.book().id(account.0, account.1).into(),
        policy: &plan.header.policy,
        version: &plan.header.version,
        as_of: run.as_of().to_string(),
        currency: &plan.money.currency,
        language,
        rows: told,
    };
    // It holds nothing that JSON could not.
    serde_json::to_value(document).unwrap_or_default()
}

impl Why<'_> {
    fn row(&self, run: &mut Run<'_>, output: &Output, row: u32) -> Row {
        let columns: Vec<(NodeRef, String)> = output.columns.iter().map(|c| (c.node, c.header.clone())).collect();
        let mut decisions = Vec::new();
        for column in &output.columns {
            let node = if column.with_rule { run.plan().source(column.node) } else { column.node };
            let label = self.label_of(run, column.node, &column.header);
            decisions.extend(self.decision(run, node, label, (output.subject, row)));
        }
        Row {
            table: output.table.clone(),
            id: run.book().id(output.subject, row).into(),
            decisions,
            bounds: self.bounds(run, &columns, (output.subject, row)),
            ladders: self.climbs(run, output.subject, row),
        }
    }

    fn decision(
        &self,
        run: &mut Run<'_>,
        node: NodeRef,
        label: String,
        (subject, row): (RelationId, u32),
    ) -> Option<Decision> {
        let found = run.plan().node(node)?;
        let row = run.above(subject, row, found.subject)?;
        let outcome = run.outcome(node, row);
        let mut decision = Decision {
            name: found.name.clone(),
            label,
            value: outcome
                .value
                .as_ref()
                .ok()
                .filter(|v| v.is_given())
                .map(|_| super::super::tables::printed(run, &outcome, &found.ty)),
            failed: outcome.value.as_ref().err().map(|fault| fault.reason.clone()),
            rules: Vec::new(),
            why_not: None,
        };
        if let Form::Choice(choice) = &found.form {
            for rule in outcome.hits.iter().filter_map(|hit| choice.rows.get(usize::from(*hit))) {
                let reason = run.say(&rule.reason, self.language, found.subject, row);
                decision.rules.push(Rule { id: rule.id.clone(), place: place(&rule.place), reason });
            }
            decision.why_not = Some(self.why_not(run, choice, found, row, &outcome));
        }
        Some(decision)
    }

    fn climbs(&self, run: &mut Run<'_>, subject: RelationId, row: u32) -> Vec<Climb> {
        let plan = run.plan();
        let mut climbs = Vec::new();
        for ladder in ladders(plan, subject) {
            let rungs = self.rungs_told(run, &ladder, row).into_iter().map(|(node, passed, why_not)| {
                let name = plan.name(node);
                let rung = name.rsplit('.').next().unwrap_or(&name).to_owned();
                Rung { rung, goes_out: why_not.is_none(), passed, why_not }
            });
            climbs.push(Climb {
                rungs: rungs.collect(),
                label: label_of_family(plan, &ladder.name, self.language),
                ladder: ladder.name,
            });
        }
        climbs
    }
}
