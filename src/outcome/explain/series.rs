//! Columns that belong together: points, steps, parts of a sum. Their names differ in one part.

use crate::engine::Run;
use crate::lang::NodeRef;
use crate::plan::schema::fact_prefix;
use crate::plan::{Column, Form, Output, Plan};

use super::super::labels::{is_known, label, label_of};
use super::super::tables::place;
use super::entry::At;
use super::page::{padded, right};
use super::{Why, reads};

/// The longest formula of a step that is shown; of a longer one, what it reads.
const SHORT: usize = 40;

/// Columns that belong together.
pub(super) struct Series {
    /// What their names have in common: `limit.steps`.
    pub(super) name: String,
    /// In the order of the columns.
    pub(super) members: Vec<NodeRef>,
    /// The part of each name that is its own, and the header of its column.
    parts: Vec<(String, String)>,
    /// The column they explain: the one that reads them, or that has their name.
    pub(super) owner: Option<NodeRef>,
}

/// The series among the columns of a table.
pub(super) fn in_series(plan: &Plan, output: &Output) -> Vec<Series> {
    let names: Vec<(&Column, Vec<String>)> = output
        .columns
        .iter()
        .filter(|c| !c.with_rule)
        .map(|c| (c, plan.name(c.node).split('.').map(str::to_owned).collect()))
        .collect();
    let mut found: Vec<Series> = Vec::new();
    for (column, parts) in &names {
        if found.iter().any(|s| s.members.contains(&column.node)) || parts.len() < 2 {
            continue;
        }
        // The part that differs is sought from the end: `limit.steps.*` before `limit.*.house_cap`.
        for at in (1..parts.len()).rev() {
            let same = |other: &Vec<String>| {
                other.len() == parts.len() && other.iter().zip(parts).enumerate().all(|(n, (a, b))| n == at || a == b)
            };
            let members: Vec<_> = names.iter().filter(|(_, other)| same(other)).collect();
            let common = parts.get(..at).unwrap_or_default().join(".");
            if members.len() < 2 || is_subject(plan, &common) {
                continue;
            }
            let own = |(column, parts): &&(&Column, Vec<String>)| {
                (parts.get(at).cloned().unwrap_or_default(), column.header.clone())
            };
            let mut series = Series {
                name: common,
                parts: members.iter().map(own).collect(),
                members: members.iter().map(|(column, _)| column.node).collect(),
                owner: None,
            };
            series.owner = owner(plan, output, &series);
            found.push(series);
            break;
        }
    }
    // What explains itself by another series stands alone.
    let owners: Vec<NodeRef> = found.iter().filter_map(|s| s.owner).collect();
    found.retain(|s| !s.members.iter().any(|m| owners.contains(m)));
    found
}

fn is_subject(plan: &Plan, name: &str) -> bool {
    plan.schema.relations.iter().any(|r| r.name == name || fact_prefix(&r.name) == name)
}

/// The first column outside the series that reads one of its members, or the one they are named after.
fn owner(plan: &Plan, output: &Output, series: &Series) -> Option<NodeRef> {
    let others = || output.columns.iter().map(|c| c.node).filter(|n| !series.members.contains(n));
    let reads = |node: &NodeRef| match plan.node(plan.source(*node)).map(|n| &n.form) {
        Some(Form::Expr(expr)) => reads::read(expr).iter().any(|n| series.members.contains(n)),
        _ => false,
    };
    let first = series.name.split('.').next().unwrap_or_default();
    let named = |node: &NodeRef| plan.name(*node) == series.name || plan.name(*node) == first;
    others().find(reads).or_else(|| others().find(named))
}

impl Why<'_> {
    /// One line a member: its value, the rule or the step, and what it rests on.
    pub(super) fn series(&mut self, run: &mut Run<'_>, at: At, series: &Series) {
        let plan = run.plan();
        let mut lines: Vec<[String; 4]> = Vec::new();
        for (node, (part, header)) in series.members.iter().zip(&series.parts) {
            let Some(found) = plan.node(*node) else { continue };
            let Some(row) = run.above(at.subject, at.row, found.subject) else { continue };
            self.printed.push((*node, row));
            let value = self.value_of(run, *node, at.subject, at.row);
            let mut rests = Vec::new();
            if let Form::Choice(_) = found.form {
                rests.extend(Some(self.how(run, *node, row)).filter(|how| !how.is_empty()));
            }
            let mut applies = true;
            for read in self.reads(run, *node, row) {
                let name = plan.name(read);
                if let Some(own) = name.strip_prefix(&found.name).and_then(|rest| rest.strip_prefix('.')) {
                    match self.step(run, at, read) {
                        Some(with) => rests.push(format!("{} {with}", label(own, self.language))),
                        None => applies = false,
                    }
                } else if !name.starts_with(&format!("{}.", series.name)) && !reads::is_constant(plan, read) {
                    rests.push(format!("{name} = {}", self.value_of(run, read, at.subject, at.row)));
                }
            }
            if let Form::Aggregate(_) = found.form {
                let how = self.how(run, *node, row);
                rests.extend(how.split(", ").next().map(str::to_owned));
            }
            let rests = if applies { rests.join(", ") } else { label("not_applied", self.language) };
            let name = label_of(&found.label, if is_known(header) { header } else { part }, self.language);
            lines.push([name, value, rests, place(&found.place)]);
        }
        let width = |at: usize| {
            let of = |line: &[String; 4]| line.get(at).map_or(0, |t| unicode_width::UnicodeWidthStr::width(t.as_str()));
            lines.iter().map(of).max().unwrap_or(0)
        };
        let (names, values) = (width(0), width(1));
        for [name, value, rests, place] in &lines {
            let start = format!("{}  {}", padded(name, names), right(value, values));
            self.page.wrapped(4, &start, rests, place);
        }
        let headers = series.parts.iter().map(|(part, header)| if is_known(header) { header } else { part }.clone());
        let steps: Vec<(NodeRef, String)> = series.members.iter().copied().zip(headers).collect();
        let bounds = self.bounds(run, &steps, (at.subject, at.row));
        self.say_bounds(run, &bounds);
    }

    /// What a step works with, and what it says: `268,000.00 = previous.limit.amount`; `None` where it does not apply.
    fn step(&self, run: &mut Run<'_>, at: At, node: NodeRef) -> Option<String> {
        let plan = run.plan();
        let found = plan.node(node)?;
        let row = run.above(at.subject, at.row, found.subject)?;
        let outcome = run.outcome(node, row);
        if matches!(&outcome.value, Ok(value) if !value.is_given()) {
            return None;
        }
        let value = self.value_of(run, node, at.subject, at.row);
        let said = match &found.form {
            Form::Choice(choice) => {
                let rule = outcome.hits.first().and_then(|hit| choice.rows.get(usize::from(*hit)));
                rule.filter(|r| !reads::is_literal(&r.gives)).map(|r| plan.show(&r.gives))
            }
            _ => None,
        };
        if said.as_ref().is_some_and(|said| said.len() > SHORT) {
            let read = self.reads(run, node, row).into_iter();
            let saw: Vec<String> =
                read.map(|n| format!("{} = {}", plan.name(n), self.value_of(run, n, at.subject, at.row))).collect();
            return Some([value].into_iter().chain(saw).collect::<Vec<_>>().join(", "));
        }
        Some(said.map_or(value.clone(), |said| format!("{value} = {said}")))
    }
}
