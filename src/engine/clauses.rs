//! Which clauses of a condition hold for a row, and which stand in its way.

use std::collections::HashSet;

use super::run::Run;
use crate::lang::{Expr, Kind, NodeRef, Value};
use crate::plan::{Clause, Clauses, Form, Plan, RelationId};

/// What a clause came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// As wanted.
    Holds,
    /// Not as wanted.
    Fails,
    /// It needs a value that is missing.
    Missing,
    /// It cannot be computed: why.
    Failed(String),
}

/// A clause that was looked at.
#[derive(Clone, Debug)]
pub struct Judged<'c> {
    /// The clause.
    pub clause: &'c Clause,
    /// What it came to.
    pub verdict: Verdict,
    /// The facts that are missing where it fails for want of them.
    pub missing: Vec<NodeRef>,
    /// It fails only because another one does: it is not counted.
    pub follows: bool,
    /// For a condition with a name that does not hold: its clauses.
    pub because: Vec<Judged<'c>>,
}

impl Judged<'_> {
    /// Whether it stands in the way, on its own.
    pub fn counts(&self) -> bool {
        self.verdict != Verdict::Holds && !self.follows
    }
}

/// What a condition came to: its clauses, of alternatives those of the one that was taken or of the nearest.
#[derive(Clone, Debug)]
pub struct Finding<'c> {
    /// As the engine has it.
    pub verdict: Verdict,
    /// In the order written.
    pub clauses: Vec<Judged<'c>>,
    /// The conditions of a section's own that did not hold on the way.
    opened: Vec<NodeRef>,
}

impl Finding<'_> {
    /// How many clauses stand in the way.
    pub fn failing(&self) -> usize {
        self.clauses.iter().filter(|c| c.counts()).count()
    }

    /// How far an alternative is from holding: clauses that fail, those first that ask for no value to be taken away.
    pub fn rank(&self) -> (usize, usize) {
        let takes_away =
            |c: &&Judged<'_>| c.counts() && !c.clause.wanted && matches!(c.clause.expr.kind, Kind::IsGiven(_));
        (self.failing(), self.clauses.iter().filter(takes_away).count())
    }
}

impl Run<'_> {
    /// Judges the clauses of a condition for a row of a subject, as of the run's date.
    pub fn judge<'c>(&mut self, clauses: &'c Clauses, subject: RelationId, row: u32) -> Finding<'c> {
        let mut finding = self.look(clauses, (subject, row));
        self.mark_what_follows(&mut finding);
        finding
    }

    fn look<'c>(&mut self, clauses: &'c Clauses, at: (RelationId, u32)) -> Finding<'c> {
        match clauses {
            Clauses::One(clause) => {
                let judged = self.clause(clause, at);
                Finding { verdict: judged.verdict.clone(), clauses: vec![judged], opened: Vec::new() }
            }
            Clauses::All(parts) => {
                let mut all = Finding { verdict: Verdict::Holds, clauses: Vec::new(), opened: Vec::new() };
                for part in parts {
                    let found = self.look(part, at);
                    // The first that does not hold decides; the engine asks no further.
                    if all.verdict == Verdict::Holds {
                        all.verdict = found.verdict;
                    }
                    all.clauses.extend(found.clauses);
                    all.opened.extend(found.opened);
                }
                all
            }
            Clauses::Any(parts) => {
                let mut nearest: Option<Finding<'c>> = None;
                for part in parts {
                    let mut found = self.look(part, at);
                    if found.verdict != Verdict::Fails {
                        return found;
                    }
                    self.mark_what_follows(&mut found);
                    if nearest.as_ref().is_none_or(|before| found.rank() < before.rank()) {
                        nearest = Some(found);
                    }
                }
                nearest.unwrap_or(Finding { verdict: Verdict::Fails, clauses: Vec::new(), opened: Vec::new() })
            }
            Clauses::OnMissing(of, otherwise) => {
                let found = self.look(of, at);
                match found.verdict {
                    Verdict::Missing if *otherwise => {
                        Finding { verdict: Verdict::Holds, clauses: Vec::new(), opened: Vec::new() }
                    }
                    Verdict::Missing => Finding { verdict: Verdict::Fails, ..found },
                    _ => found,
                }
            }
            Clauses::Opened(node, of) => {
                let mut found = self.look(of, at);
                if found.verdict != Verdict::Holds {
                    found.opened.push(*node);
                }
                found
            }
            Clauses::Meant { made, written } => {
                let made = self.look(made, at);
                if made.verdict == Verdict::Holds {
                    return made;
                }
                let written = self.look(written, at);
                let told = if written.verdict == Verdict::Holds { made.clauses } else { written.clauses };
                Finding { verdict: made.verdict, clauses: told, opened: made.opened }
            }
        }
    }

    fn clause<'c>(&mut self, clause: &'c Clause, at: (RelationId, u32)) -> Judged<'c> {
        let (subject, row) = at;
        let verdict = match self.value_of(&clause.expr, subject, row) {
            Some(Value::Bool(value)) if value == clause.wanted => Verdict::Holds,
            Some(Value::Missing) => Verdict::Missing,
            Some(_) => Verdict::Fails,
            None => Verdict::Failed(self.why_failed(&clause.expr, at)),
        };
        let because = match &clause.because {
            Some(inside) if verdict == Verdict::Fails => {
                let mut found = self.look(inside, at);
                self.mark_what_follows(&mut found);
                found.clauses.into_iter().filter(Judged::counts).collect()
            }
            _ => Vec::new(),
        };
        let missing = match (&clause.expr.kind, &verdict) {
            (Kind::IsGiven(of), Verdict::Fails) if clause.wanted => self.missing_in(of, at),
            (_, Verdict::Missing) => self.missing_in(&clause.expr, at),
            _ => Vec::new(),
        };
        Judged { clause, verdict, missing, follows: false, because }
    }

    fn why_failed(&mut self, expr: &Expr, (subject, row): (RelationId, u32)) -> String {
        let mut nodes = Vec::new();
        expr.for_each_node(&mut |node| nodes.push(node));
        let faults = nodes.into_iter().find_map(|node| {
            let at = self.above(subject, row, self.plan.node(node)?.subject)?;
            self.outcome(node, at).value.err()
        });
        match faults {
            Some(fault) => fault.reason.clone(),
            None => {
                let here = (0u32..).zip(&self.plan.nodes).find(|(_, n)| n.subject == subject);
                let asked = here.and_then(|(node, _)| self.demand(NodeRef(node), expr, row).err());
                asked.map(|fault| fault.reason.clone()).unwrap_or_default()
            }
        }
    }

    /// The facts that are missing where an expression has no value; where none is, what it reads that has none.
    fn missing_in(&mut self, expr: &Expr, at: (RelationId, u32)) -> Vec<NodeRef> {
        let mut direct = Vec::new();
        expr.for_each_node(&mut |node| direct.push(node));
        direct.retain(|node| self.is_missing(*node, at));
        let mut facts = Vec::new();
        let mut seen: HashSet<NodeRef> = direct.iter().copied().collect();
        let mut open: Vec<NodeRef> = direct.iter().rev().copied().collect();
        while let Some(node) = open.pop() {
            let Some(found) = self.plan.node(node) else { continue };
            match &found.form {
                Form::Fact(_) => facts.push(node),
                Form::Expr(_) | Form::Choice(_) => {
                    let mut next = Vec::new();
                    found.form.for_each_expr(&mut |part| part.for_each_node(&mut |n| next.push(n)));
                    next.retain(|n| self.is_missing(*n, at) && seen.insert(*n));
                    open.extend(next.into_iter().rev());
                }
                _ => {}
            }
        }
        let mut told = if facts.is_empty() { direct } else { facts };
        let mut known = HashSet::new();
        told.retain(|node| known.insert(*node));
        told
    }

    fn is_missing(&mut self, node: NodeRef, (subject, row): (RelationId, u32)) -> bool {
        let above = self.plan.node(node).and_then(|n| self.above(subject, row, n.subject));
        above.is_some_and(|row| self.outcome(node, row).value == Ok(Value::Missing))
    }

    /// A clause that needs what another clause of the same condition already says is missing, or that is about what
    /// those before it decide, falls with them.
    fn mark_what_follows(&self, finding: &mut Finding<'_>) {
        let mut absent: Vec<NodeRef> = Vec::new();
        for judged in &mut finding.clauses {
            judged.follows |= match &judged.verdict {
                Verdict::Holds => false,
                Verdict::Missing if judged.missing.iter().any(|fact| absent.contains(fact)) => true,
                _ => depends(self.plan, &judged.clause.expr, &finding.opened),
            };
            if judged.verdict == Verdict::Fails {
                absent.extend(&judged.missing);
            }
        }
        // Where all follow one another, the first is to be told.
        if !finding.clauses.iter().any(Judged::counts)
            && let Some(first) = finding.clauses.iter_mut().find(|c| c.verdict != Verdict::Holds)
        {
            first.follows = false;
        }
    }
}

/// Whether an expression reads one of these, however far down.
fn depends(plan: &Plan, expr: &Expr, on: &[NodeRef]) -> bool {
    let Some(least) = on.iter().min() else { return false };
    let mut seen: HashSet<NodeRef> = HashSet::new();
    let mut open: Vec<NodeRef> = Vec::new();
    expr.for_each_node(&mut |node| open.push(node));
    while let Some(node) = open.pop() {
        if on.contains(&node) {
            return true;
        }
        // What lies before the first of them reads none of them.
        if node < *least || !seen.insert(node) {
            continue;
        }
        if let Some(found) = plan.node(node) {
            found.form.for_each_expr(&mut |part| part.for_each_node(&mut |next| open.push(next)));
        }
    }
    false
}
