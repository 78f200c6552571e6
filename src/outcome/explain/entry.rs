//! One decision: its value, the rules tried, and what the value rests on.

use std::collections::BTreeSet;

use crate::engine::Run;
use crate::lang::NodeRef;
use crate::plan::{Choice, Column, Form, Hit, Output, RelationId};

use super::super::labels::label;
use super::super::tables::place;
use super::page::padded;
use super::series::{Series, in_series};
use super::{Why, reads};

/// How deep the values behind a decision are followed.
const DEPTH: usize = 3;

/// A row of a table of which decisions are explained.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) subject: RelationId,
    pub(super) row: u32,
}

impl Why<'_> {
    /// Every column of an output table.
    pub(super) fn decisions(&mut self, run: &mut Run<'_>, output: &Output, row: u32) {
        let at = At { subject: output.subject, row };
        let all = in_series(run.plan(), output);
        let mut facts: Vec<&Column> = Vec::new();
        let mut columns = output.columns.iter().peekable();
        // What the book says, first and in one place.
        while let Some(column) = columns.next_if(|c| !c.with_rule && is_fact(run, c.node)) {
            facts.push(column);
        }
        for column in facts {
            let name = self.label_of(run, column.node, &column.header);
            let value = self.value_of(run, column.node, at.subject, row);
            self.page.line(&format!("{}  {value}", padded(&name, 24)));
        }
        let mut rules: Vec<BTreeSet<String>> = Vec::new();
        let mut done: Vec<NodeRef> = Vec::new();
        for column in columns {
            if done.contains(&column.node) {
                continue;
            }
            match all.iter().find(|s| s.members.contains(&column.node)) {
                // A series that nobody reads stands where its first column does.
                Some(series) if series.owner.is_none() => {
                    self.page.blank();
                    let name = series.name.rsplit('.').next().unwrap_or_default();
                    self.page.line(&label(name, self.language));
                    self.series(run, at, series);
                    done.extend(&series.members);
                }
                Some(_) => {}
                None => {
                    self.entry(run, at, column, &all, &mut rules);
                    let own = all.iter().filter(|s| s.owner == Some(column.node));
                    own.for_each(|series| self.series(run, at, series));
                }
            }
        }
    }

    fn entry(&mut self, run: &mut Run<'_>, at: At, column: &Column, all: &[Series], rules: &mut Vec<BTreeSet<String>>) {
        let plan = run.plan();
        let node = plan.source(column.node);
        let Some(found) = plan.node(node) else { return };
        let Some(row) = run.above(at.subject, at.row, found.subject) else { return };
        let name = padded(&self.label_of(run, column.node, &column.header), 24);
        let value = self.value_of(run, node, at.subject, at.row);
        let outcome = run.outcome(node, row);
        self.printed.push((node, row));
        let choice = match &found.form {
            Form::Choice(choice) if column.with_rule => Some(choice),
            _ => None,
        };
        let Some(choice) = choice else {
            let how = self.how(run, node, row);
            self.page.formula(0, &format!("{name}  {value}"), &how, &place(&found.place));
            let reads = self.reads(run, node, row);
            self.below(run, at, &reads, all, 4, 1);
            return;
        };
        self.page.blank();
        let first = outcome.hits.first().and_then(|hit| choice.rows.get(usize::from(*hit)));
        self.page.formula(0, &format!("{name}  {value}"), "", &place(first.map_or(&found.place, |rule| &rule.place)));
        for hit in outcome.hits.iter() {
            let Some(rule) = choice.rows.get(usize::from(*hit)) else { continue };
            let reason = run.say(&rule.reason, self.language, found.subject, row);
            if !reason.is_empty() {
                self.page.words(4, &reason);
            }
        }
        // Two columns of the same rules are explained once.
        let ids: BTreeSet<String> = choice.rows.iter().map(|r| r.id.clone()).collect();
        let shared = rules.iter().any(|known| known.is_superset(&ids));
        if !shared {
            rules.push(ids);
            self.rules(run, at, choice, node, row, &outcome.hits);
            let why_not = self.why_not(run, choice, found, row, &outcome);
            self.say_why_not(&why_not, choice.hit);
        } else if choice.hit == Hit::List {
            let why_not = self.why_not(run, choice, found, row, &outcome);
            self.say_to_lift(&why_not);
        }
        let reads = self.reads(run, node, row);
        self.below(run, at, &reads, all, 4, 1);
    }

    /// The rules in the order tried, with the values each saw, down to the one that decided.
    fn rules(&mut self, run: &mut Run<'_>, at: At, choice: &Choice, node: NodeRef, row: u32, hits: &[u16]) {
        let plan = run.plan();
        let wide = choice.rows.iter().map(|r| r.id.len()).max().unwrap_or(0).min(20);
        let list = choice.hit == Hit::List;
        let last = if list { None } else { hits.last().copied() };
        for (number, rule) in (0u16..).zip(&choice.rows) {
            let hit = hits.contains(&number);
            let mark = match &rule.when {
                _ if hit => "✓",
                Some(when) if reads::holds(run, node, when, row).is_none() => "?",
                _ => "·",
            };
            let nodes = rule.when.as_ref().map(|when| reads::seen(plan, when)).unwrap_or_default();
            let saw: Vec<String> = nodes
                .into_iter()
                .map(|n| format!("{} = {}", plan.name(n), self.value_of(run, n, at.subject, at.row)))
                .collect();
            self.page.wrapped(4, &format!("{mark} {}", padded(&rule.id, wide)), &saw.join(", "), &place(&rule.place));
            if last == Some(number) {
                break;
            }
        }
    }

    /// What a value rests on, each once, indented. What is a decision of its own is explained in its own place.
    fn below(&mut self, run: &mut Run<'_>, at: At, nodes: &[NodeRef], all: &[Series], indent: usize, depth: usize) {
        let plan = run.plan();
        for node in nodes {
            let node = plan.source(*node);
            let Some(found) = plan.node(node) else { continue };
            let mut columns = plan.tables.iter().flat_map(|o| &o.columns);
            let is_column = columns.any(|c| plan.source(c.node) == node);
            let in_series = all.iter().any(|s| found.name.starts_with(&format!("{}.", s.name)));
            let own = matches!(found.form, Form::Fact(_)) || reads::is_constant(plan, node);
            if is_column || in_series || own && depth == 1 {
                continue;
            }
            let Some(row) = run.above(at.subject, at.row, found.subject) else { continue };
            if self.printed.contains(&(node, row)) {
                continue;
            }
            self.printed.push((node, row));
            let value = self.value_of(run, node, at.subject, at.row);
            let how = self.how(run, node, row);
            let start = format!("{} = {value}", found.name);
            match &found.form {
                // What the book says stands in the book.
                Form::Fact(_) => self.page.formula(indent, &start, "", &how),
                _ => self.page.formula(indent, &start, &how, &place(&found.place)),
            }
            if depth < DEPTH {
                let reads = self.reads(run, node, row);
                self.below(run, at, &reads, all, indent + 2, depth + 1);
            }
        }
    }

    /// What a node reads to come to its value.
    pub(super) fn reads(&self, run: &mut Run<'_>, node: NodeRef, row: u32) -> Vec<NodeRef> {
        let plan = run.plan();
        let hits = run.outcome(node, row).hits;
        let Some(found) = plan.node(node) else { return Vec::new() };
        let direct = match &found.form {
            Form::Expr(expr) => reads::read(expr).into_iter().map(|n| plan.source(n)).collect(),
            Form::Choice(choice) => reads::of_choice(plan, choice, &hits),
            _ => Vec::new(),
        };
        reads::written(plan, found, direct)
    }

    /// How a value came about, in a line: the formula, the rule, where in the book.
    pub(super) fn how(&self, run: &mut Run<'_>, node: NodeRef, row: u32) -> String {
        let plan = run.plan();
        let Some(found) = plan.node(node) else { return String::new() };
        match &found.form {
            Form::Fact(_) => run.book().place(found.subject, row).unwrap_or_default(),
            Form::Expr(expr) if reads::is_literal(expr) => String::new(),
            Form::Expr(expr) => plan.show(expr),
            Form::Choice(choice) => {
                let hits = run.outcome(node, row).hits;
                let ids: Vec<&str> =
                    hits.iter().filter_map(|h| choice.rows.get(usize::from(*h))).map(|r| r.id.as_str()).collect();
                ids.join(", ")
            }
            Form::Aggregate(aggregate) => plan.show_aggregate(aggregate),
            Form::Walk(walk) => plan.show_walk(walk),
            Form::Segments(_) | Form::Emit(_) => String::new(),
        }
    }
}

fn is_fact(run: &Run<'_>, node: NodeRef) -> bool {
    matches!(run.plan().node(node).map(|n| &n.form), Some(Form::Fact(_)))
}
