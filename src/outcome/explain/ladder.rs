//! Where a subject stands on its ladders: the days of the rungs, what was reached, done and proposed, and why not.

use crate::engine::Run;
use crate::lang::{Base, NodeRef, Value};
use crate::plan::{Form, Plan, RelationId};

use super::super::ACTIONS;
use super::super::labels::{label, label_of_family};
use super::why_not::{Missed, Misses};
use super::{Why, reads};

/// What a rung may have, in the order shown.
const PARTS: [&str; 5] = ["day", "reached", "done_on", "passed", "proposed"];

/// Emits whose names have all but the last part in common.
pub(super) struct Ladder {
    pub(super) name: String,
    rungs: Vec<NodeRef>,
}

pub(super) fn ladders(plan: &Plan, subject: RelationId) -> Vec<Ladder> {
    let mut found: Vec<Ladder> = Vec::new();
    for (number, node) in (0u32..).zip(&plan.nodes) {
        let Form::Emit(emit) = &node.form else { continue };
        if &*emit.stream != ACTIONS || node.subject != subject {
            continue;
        }
        let name = node.name.rsplit_once('.').map_or(node.name.as_str(), |(name, _)| name);
        match found.iter_mut().find(|l| l.name == name) {
            Some(ladder) => ladder.rungs.push(NodeRef(number)),
            None => found.push(Ladder { name: name.into(), rungs: vec![NodeRef(number)] }),
        }
    }
    found
}

impl Why<'_> {
    /// The ladders of a subject, for one of its rows.
    pub(super) fn ladders(&mut self, run: &mut Run<'_>, subject: RelationId, row: u32) {
        for ladder in ladders(run.plan(), subject) {
            let name = label_of_family(run.plan(), &ladder.name, self.language);
            self.page.heading(&format!("{} {name}", label("ladder", self.language)));
            self.state(run, &ladder, subject, row);
            self.rungs(run, &ladder, subject, row);
        }
    }

    /// What is true of the ladder as a whole, and what holds it.
    fn state(&mut self, run: &mut Run<'_>, ladder: &Ladder, subject: RelationId, row: u32) {
        let plan = run.plan();
        let emits: Vec<String> = ladder.rungs.iter().map(|n| plan.name(*n)).collect();
        let mut line = Vec::new();
        let mut held = Vec::new();
        for (number, node) in (0u32..).zip(&plan.nodes) {
            let Some(rest) = node.name.strip_prefix(&ladder.name).and_then(|r| r.strip_prefix('.')) else { continue };
            if emits.iter().any(|e| node.name == *e || node.name.starts_with(&format!("{e}."))) {
                continue;
            }
            let Some(at) = run.above(subject, row, node.subject) else { continue };
            let outcome = run.outcome(NodeRef(number), at).value;
            if !rest.contains('.') {
                if matches!(&outcome, Ok(value) if value.is_given()) {
                    let value = self.value_of(run, NodeRef(number), subject, row);
                    line.push(format!("{} {value}", label(rest, self.language)));
                }
            } else if node.ty.base == Base::Bool && outcome == Ok(Value::Bool(true)) {
                let saw: Vec<String> = match &node.form {
                    Form::Expr(expr) => reads::seen(plan, expr)
                        .into_iter()
                        .map(|n| format!("{} = {}", plan.name(n), self.value_of(run, n, subject, row)))
                        .collect(),
                    _ => Vec::new(),
                };
                held.push(format!(
                    "{} ({})",
                    label(rest.rsplit('.').next().unwrap_or(rest), self.language),
                    saw.join(", ")
                ));
            }
        }
        self.page.words(2, &line.join("; "));
        for reason in held {
            self.page.words(2, &format!("{} {reason}", label("held_by", self.language)));
        }
    }

    fn rungs(&mut self, run: &mut Run<'_>, ladder: &Ladder, subject: RelationId, row: u32) {
        let plan = run.plan();
        let find = |rung: &NodeRef, part: &str| plan.find(&format!("{}.{part}", plan.name(*rung)));
        let parts: Vec<&str> =
            PARTS.into_iter().filter(|part| ladder.rungs.iter().any(|r| find(r, part).is_some())).collect();
        let mut heads = vec![label("rung", self.language)];
        heads.extend(parts.iter().map(|part| label(part, self.language)));
        heads.push(label("goes_out", self.language));
        let mut rows = vec![heads];
        for rung in &ladder.rungs {
            let name = plan.name(*rung);
            let mut cells = vec![label(name.rsplit('.').next().unwrap_or(&name), self.language)];
            for part in &parts {
                cells.push(match find(rung, part) {
                    Some(node) => self.mark(run, node, subject, row),
                    None => String::new(),
                });
            }
            cells.push(self.mark(run, *rung, subject, row));
            rows.push(cells);
        }
        self.page.table(&rows);
        self.not_out(run, ladder, row);
    }

    /// Why a rung does not go out: the nearest of those still to come, or all.
    fn not_out(&mut self, run: &mut Run<'_>, ladder: &Ladder, row: u32) {
        let told = self.rungs_told(run, ladder, row).into_iter();
        let mut missed: Vec<(bool, Missed)> = told.filter_map(|(_, passed, missed)| Some((passed, missed?))).collect();
        missed.sort_by_key(|(_, missed)| missed.failing());
        if self.misses == Misses::Nearest {
            missed.retain(|(passed, _)| !passed);
            missed.truncate(1);
        }
        for (_, missed) in missed {
            self.say_missed(&missed, &label(&missed.rule, self.language), 2);
        }
    }

    /// The rungs in their order; with each whether it is passed, and why it does not go out.
    pub(super) fn rungs_told(
        &self,
        run: &mut Run<'_>,
        ladder: &Ladder,
        row: u32,
    ) -> Vec<(NodeRef, bool, Option<Missed>)> {
        let plan = run.plan();
        let mut told = Vec::new();
        for rung in &ladder.rungs {
            let Some(Form::Emit(emit)) = plan.node(*rung).map(|n| &n.form) else { continue };
            let passed = plan.find(&format!("{}.passed", plan.name(*rung)));
            let passed = passed.is_some_and(|node| run.outcome(node, row).value == Ok(Value::Bool(true)));
            told.push((*rung, passed, self.why_not_emitted(run, *rung, emit, row)));
        }
        told
    }

    /// A cell of the table of rungs: `yes`, a date, or nothing.
    fn mark(&self, run: &mut Run<'_>, node: NodeRef, subject: RelationId, row: u32) -> String {
        let plan = run.plan();
        let at = plan.node(node).and_then(|n| run.above(subject, row, n.subject));
        match at.map(|at| run.outcome(node, at).value) {
            Some(Ok(Value::Bool(false) | Value::Missing)) | None => "–".into(),
            _ => self.value_of(run, node, subject, row),
        }
    }
}
