//! What did not happen, and how far it was from happening: the rules that did not hit, the nearest first.
//!
//! Nearest is the rule with the fewest clauses that fail; of several, the first. Rules below the one that decided were
//! never asked, and nothing is said of them but that.

mod bounds;
mod gap;
mod page;
mod told;
mod words;

use serde::Serialize;

use crate::engine::{Finding, Outcome, Run};
use crate::lang::{NodeRef, Value};
use crate::plan::{Choice, ChoiceRow, Emit, Hit, Node, RelationId};

use super::super::tables::place;
use super::Why;
pub(super) use bounds::Bound;
use told::Told;

/// How much is said of what did not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misses {
    /// The nearest rule of each other result.
    Nearest,
    /// Every rule that was asked.
    All,
}

/// A rule that did not hit.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Missed {
    /// The rule's id.
    pub(super) rule: String,
    /// `file:line`
    pub(super) place: String,
    /// What it would have given.
    gives: Option<String>,
    /// Whether that is what came out anyway.
    pub(super) same: bool,
    /// How many clauses stand in its way.
    failing: usize,
    /// Its clauses, in the order written.
    clauses: Vec<Told>,
}

/// A rule that hit, and the ways in which it would not.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Lift {
    /// The rule's id.
    rule: String,
    /// `file:line`
    place: String,
    /// Any one of them is enough; the nearest first.
    ways: Vec<Vec<Told>>,
}

impl Missed {
    /// How many clauses stand in its way.
    pub(super) fn failing(&self) -> usize {
        self.failing
    }
}

/// What did not happen in a decision.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct WhyNot {
    /// The nearest rule that did not hit.
    nearest: Option<String>,
    /// Those that were asked and did not hit, the nearest first.
    pub(super) missed: Vec<Missed>,
    /// Those that were never asked: one above them decided.
    not_reached: Vec<String>,
    /// Those of a list of hits that hit, and what would have to change for each not to.
    pub(super) to_lift: Vec<Lift>,
}

impl Why<'_> {
    /// The rules of a table that did not hit for a row.
    pub(super) fn why_not(
        &self,
        run: &mut Run<'_>,
        choice: &Choice,
        node: &Node,
        row: u32,
        outcome: &Outcome,
    ) -> WhyNot {
        let plan = run.plan();
        let subject = node.subject;
        let mut found = WhyNot::default();
        for (number, rule) in (0u16..).zip(&choice.rows) {
            let hit = outcome.hits.contains(&number);
            if choice.hit == Hit::First && outcome.hits.first().is_some_and(|first| number > *first) {
                found.not_reached.push(rule.id.clone());
            } else if hit && choice.hit == Hit::List {
                found.to_lift.push(self.lift(run, rule, (subject, row)));
            } else if let (false, Some(clauses)) = (hit, plan.clauses_of_row(rule)) {
                let finding = run.judge(&clauses, subject, row);
                let mut missed = self.missed(run, rule, &finding, (subject, row));
                let gives = run.value_of(&rule.gives, subject, row);
                missed.same = gives.is_some() && gives.as_ref() == outcome.value.as_ref().ok();
                missed.gives = gives.map(|value| self.printed_value(run, &value, &rule.gives.ty));
                found.missed.push(missed);
            }
        }
        found.missed.sort_by_key(|missed| missed.failing);
        found.nearest = found.missed.first().map(|missed| missed.rule.clone());
        found
    }

    fn missed(&self, run: &mut Run<'_>, rule: &ChoiceRow, finding: &Finding<'_>, at: (RelationId, u32)) -> Missed {
        Missed {
            rule: rule.id.clone(),
            place: place(&rule.place),
            gives: None,
            same: false,
            failing: finding.failing(),
            clauses: self.told_all(run, &finding.clauses, at),
        }
    }

    fn lift(&self, run: &mut Run<'_>, rule: &ChoiceRow, at: (RelationId, u32)) -> Lift {
        let mut ways = Vec::new();
        for clauses in run.plan().clauses_against_row(rule) {
            let finding = run.judge(&clauses, at.0, at.1);
            ways.push((finding.rank(), self.told_all(run, &finding.clauses, at)));
        }
        ways.sort_by(|(a, a_told), (b, b_told)| a.cmp(b).then_with(|| told::nearer(a_told, b_told)));
        Lift {
            rule: rule.id.clone(),
            place: place(&rule.place),
            ways: ways.into_iter().map(|(_, told)| told).collect(),
        }
    }

    /// Why something is not proposed for a row; none where it is.
    pub(super) fn why_not_emitted(&self, run: &mut Run<'_>, node: NodeRef, emit: &Emit, row: u32) -> Option<Missed> {
        let plan = run.plan();
        let found = plan.node(node)?;
        if run.outcome(node, row).value == Ok(Value::Bool(true)) {
            return None;
        }
        let clauses = plan.split(&emit.when, true, &found.place.source);
        let finding = run.judge(&clauses, found.subject, row);
        Some(Missed {
            rule: found.name.rsplit('.').next().unwrap_or_default().into(),
            place: place(&found.place),
            gives: None,
            same: false,
            failing: finding.failing(),
            clauses: self.told_all(run, &finding.clauses, (found.subject, row)),
        })
    }
}
