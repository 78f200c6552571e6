//! Running a test and comparing what comes out.

use super::actions::{self, Listed, Thing};
use super::case::Case;
use super::expect::{Asked, Named, Wanted};
use super::report::{MadeBy, Mismatch};
use crate::diag::{Code, Diagnostic};
use crate::engine::{Fault, Outcome, Run, print_value};
use crate::lang::Value;
use crate::plan::schema::fact_prefix;
use crate::plan::{Form, Node, Plan, RelationId};

/// What came out otherwise than expected; or why the test cannot be run.
pub(super) fn judge(case: &Case<'_>, plan: &Plan) -> Result<Vec<Mismatch>, Vec<Diagnostic>> {
    let book = case.tables.book(plan, &[]);
    if !book.rejects.is_empty() {
        return Err(book.rejects.iter().map(|reject| case.tables.refusal(reject, &case.place)).collect());
    }
    let mut run = Run::new(plan, &book, case.as_of);
    for (node, value) in &case.given {
        run.give(*node, value.clone());
    }
    let (mut mismatches, mut findings) = (Vec::new(), Vec::new());
    for asked in &case.expect.values {
        match row(asked, &run) {
            Ok(row) => mismatches.extend(compare(asked, row, &mut run)),
            Err(finding) => findings.push(*finding),
        }
    }
    for listed in &case.expect.lists {
        mismatches.extend(compare_list(listed, &mut run));
    }
    if !case.expect.lists.iter().any(|listed| listed.stream == "invariants") {
        mismatches.extend(invariants(case, &mut run));
    }
    if findings.is_empty() { Ok(mismatches) } else { Err(findings) }
}

/// The row a value is asked of.
fn row(asked: &Asked<'_>, run: &Run<'_>) -> Result<u32, Box<Diagnostic>> {
    let plan = run.plan();
    let Some(subject) = plan.node(asked.node).map(|node| node.subject) else { return Ok(0) };
    let rows = match &asked.row {
        None => run.rows(subject),
        Some(named) => {
            let row = named_row(named, run)?;
            if let Some(above) = run.above(named.subject, row, subject) {
                return Ok(above);
            }
            let below = |below: &u32| run.above(subject, *below, named.subject) == Some(row);
            run.rows(subject).into_iter().filter(below).collect()
        }
    };
    if let [only] = rows.as_slice() {
        return Ok(*only);
    }
    let called = called(subject, plan);
    let ids: Vec<&str> = rows.iter().map(|row| run.book().id(subject, *row)).collect();
    let message = match ids.len() {
        0 => format!("`{}` is about each {called}, and the test has none", asked.name),
        n => format!("`{}` is about each {called}, and the test has {n}", asked.name),
    };
    let finding = Diagnostic::error(Code::Test, message, asked.place.clone());
    Err(Box::new(match ids.first() {
        None => finding.help("write its rows into the test; rows dated after `as_of` do not count"),
        Some(id) => finding.help(format!(
            "say which: `{}: {{ {id}: {{ {}: … }} }}`; there are {}",
            plural(&called),
            asked.name,
            ids.join(", ")
        )),
    }))
}

fn named_row(named: &Named<'_>, run: &Run<'_>) -> Result<u32, Box<Diagnostic>> {
    let found = run.book().find(named.subject, named.id);
    let rows = run.rows(named.subject);
    if let Some(row) = found.filter(|row| rows.contains(row)) {
        return Ok(row);
    }
    let called = called(named.subject, run.plan());
    let ids: Vec<&str> = rows.iter().map(|row| run.book().id(named.subject, *row)).collect();
    let message = match found {
        Some(_) => format!("the {called} `{}` is dated after `as_of`", named.id),
        None => format!("the test has no {called} `{}`", named.id),
    };
    let finding = Diagnostic::error(Code::Test, message, named.place.clone());
    Err(Box::new(finding.help(if let Some(elsewhere) = elsewhere(named, run) {
        let called = self::called(elsewhere, run.plan());
        format!("`{}` is a row of another table: write `{}: {{ {}: … }}`", named.id, plural(&called), named.id)
    } else if ids.is_empty() {
        "write its row into the test".to_owned()
    } else {
        format!("there are {}", ids.join(", "))
    })))
}

/// Another subject that has a row of this id.
fn elsewhere(named: &Named<'_>, run: &Run<'_>) -> Option<RelationId> {
    let relations = &run.plan().schema.relations;
    let mut ids = relations.iter().filter_map(|relation| run.plan().schema.relation(&relation.name));
    ids.find(|subject| *subject != named.subject && run.book().find(*subject, named.id).is_some())
}

/// The key under which a test says of which row it asks.
fn plural(called: &str) -> String {
    match called.strip_suffix('y') {
        Some(stem) => format!("{stem}ies"),
        None => format!("{called}s"),
    }
}

fn called(subject: RelationId, plan: &Plan) -> String {
    plan.schema.get(subject).map_or("row", |relation| fact_prefix(&relation.name)).to_owned()
}

fn compare(asked: &Asked<'_>, row: u32, run: &mut Run<'_>) -> Option<Mismatch> {
    let plan = run.plan();
    let node = plan.node(asked.node)?;
    let outcome = run.outcome(asked.node, row);
    let show = |value: &Value| if value.is_given() { print_value(value, &node.ty, &plan.money) } else { "null".into() };
    let (is_so, expected, got) = match (&asked.wanted, &outcome.value) {
        (Wanted::Failed, Err(_)) => (true, String::new(), String::new()),
        (Wanted::Failed, Ok(value)) => (false, "failed".to_owned(), show(value)),
        (Wanted::Value(wanted), Ok(value)) => (wanted == value, written(wanted), show(value)),
        (Wanted::Value(wanted), Err(fault)) => (false, written(wanted), why(fault)),
        (Wanted::Rules(_), Err(fault)) => (false, "a rule".to_owned(), why(fault)),
        (Wanted::Rules(rules), Ok(_)) => {
            let made = rule_ids(node, &outcome);
            (made == *rules, format!("[{}]", rules.join(", ")), format!("[{}]", made.join(", ")))
        }
    };
    let (name, place) = (asked.name.to_owned(), asked.place.clone());
    (!is_so).then(|| Mismatch { name, place, expected, got, made_by: made_by(node, &outcome) })
}

fn written(value: &Value) -> String {
    if value.is_given() { value.to_string() } else { "null".into() }
}

fn why(fault: &Fault) -> String {
    format!("failed: {}", fault.reason)
}

fn rule_ids(node: &Node, outcome: &Outcome) -> Vec<String> {
    let Form::Choice(choice) = &node.form else { return Vec::new() };
    outcome.hits.iter().filter_map(|hit| Some(choice.rows.get(usize::from(*hit))?.id.clone())).collect()
}

/// The row of the table that made a value, the place that failed, or where the value was written.
fn made_by(node: &Node, outcome: &Outcome) -> Option<MadeBy> {
    if let Err(fault) = &outcome.value {
        return Some(MadeBy { rule: "what failed".into(), place: fault.place.clone() });
    }
    if let Form::Choice(choice) = &node.form
        && let Some(row) = outcome.hits.first().and_then(|hit| choice.rows.get(usize::from(*hit)))
    {
        return Some(MadeBy { rule: format!("`{}`", row.id), place: row.place.clone() });
    }
    Some(MadeBy { rule: format!("`{}`", node.name), place: node.place.clone() })
}

fn compare_list(listed: &Listed<'_>, run: &mut Run<'_>) -> Option<Mismatch> {
    let (things, faults) = run.proposals(listed.stream);
    let (missed, left) = actions::differences(listed, &things, run);
    if missed.is_empty() && left.is_empty() && faults.is_empty() {
        return None;
    }
    let like = missed.first().copied().or(listed.entries.first());
    let expected: Vec<String> = listed.entries.iter().map(actions::written).collect();
    let mut got: Vec<String> = things.iter().map(|thing| Thing(thing).show(like, run)).collect();
    got.extend(faults.first().map(|unmade| why(&unmade.fault)));
    let node = left.first().and_then(|thing| thing.0.lines.first()).and_then(|line| run.plan().node(line.node));
    let made_by = match faults.first() {
        Some(fault) => Some(MadeBy { rule: "what failed".into(), place: fault.fault.place.clone() }),
        None => node.map(|node| MadeBy { rule: format!("`{}`", node.name), place: node.place.clone() }),
    };
    Some(Mismatch {
        name: listed.stream.to_owned(),
        place: listed.place.clone(),
        expected: format!("[{}]", expected.join(", ")),
        got: format!("[{}]", got.join(", ")),
        made_by,
    })
}

/// What must never be so is so: a mismatch in every test that does not expect it.
fn invariants(case: &Case<'_>, run: &mut Run<'_>) -> Option<Mismatch> {
    let (violated, _) = run.proposals("invariants");
    let first = violated.first()?.lines.first()?;
    let node = run.plan().node(first.node)?;
    Some(Mismatch {
        name: "invariants".into(),
        place: case.place.clone(),
        expected: "[]".into(),
        got: format!("[{}]", violated.iter().map(|thing| Thing(thing).show(None, run)).collect::<Vec<_>>().join(", ")),
        made_by: Some(MadeBy { rule: format!("`{}`", node.name), place: node.place.clone() }),
    })
}
