//! What a run proposes.

use std::collections::BTreeMap;
use std::convert::Infallible;

use super::fault::Fault;
use super::run::{Run, Unit};
use super::sweep::Leg;
use crate::lang::{NodeRef, Value};
use crate::plan::{Emit, Form, RelationId};

/// One line of something proposed.
#[derive(Clone, Debug)]
pub struct Emitted {
    /// The node that emitted it.
    pub node: NodeRef,
    /// Its subject.
    pub subject: RelationId,
    /// The row of the subject.
    pub row: u32,
    /// What its id is made of besides the policy and the subject's id.
    pub key: Vec<Value>,
    /// Lines with equal groups are one thing; none: it stands alone.
    pub group: Option<Vec<Value>>,
    /// Among the lines of a group the greatest names the whole.
    pub rank: i64,
    /// Named values, in the order of the plan.
    pub payload: Vec<(String, Value)>,
}

/// Something of which it could not be decided whether or how it goes out.
#[derive(Clone, Debug)]
pub struct Unmade {
    /// The node that would emit it.
    pub node: NodeRef,
    /// The row of its subject.
    pub row: u32,
    /// Why not.
    pub fault: Fault,
}

/// One thing proposed: a line alone, or the lines of a letter.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// Never empty; in plan order and by id.
    pub lines: Vec<Emitted>,
}

impl Proposal {
    /// The line that names the whole: the first of the highest rank.
    pub fn naming(&self) -> Option<&Emitted> {
        let highest = self.lines.iter().map(|line| line.rank).max()?;
        self.lines.iter().find(|line| line.rank == highest)
    }
}

impl<'a> Run<'a> {
    /// What a stream proposes, unit by unit, lines of one group together; and what could not be decided.
    pub fn proposals(&mut self, stream: &str) -> (Vec<Proposal>, Vec<Unmade>) {
        self.over_units(|run, unit| run.proposals_in(unit, stream))
    }

    /// What a stream proposes for a unit: things of one line in plan order and by id, then those of several.
    pub fn proposals_in(&mut self, unit: Unit, stream: &str) -> (Vec<Proposal>, Vec<Unmade>) {
        let (lines, unmade) = self.emitted_in(unit, stream);
        let mut proposals = Vec::new();
        let mut together: BTreeMap<Vec<String>, Vec<Emitted>> = BTreeMap::new();
        for line in lines {
            match &line.group {
                Some(group) => {
                    let key = group.iter().map(ToString::to_string).collect();
                    together.entry(key).or_default().push(line);
                }
                None => proposals.push(Proposal { lines: vec![line] }),
            }
        }
        proposals.extend(together.into_values().map(|lines| Proposal { lines }));
        (proposals, unmade)
    }

    /// Everything a stream emits for the rows that exist, unit by unit; what failed to be decided stands in the second
    /// list.
    pub fn emitted(&mut self, stream: &str) -> (Vec<Emitted>, Vec<Unmade>) {
        self.over_units(|run, unit| run.emitted_in(unit, stream))
    }

    /// Everything a stream emits for the rows of a unit that exist, in plan order and by id.
    pub fn emitted_in(&mut self, unit: Unit, stream: &str) -> (Vec<Emitted>, Vec<Unmade>) {
        let plan = self.plan;
        let (mut lines, mut faults) = (Vec::new(), Vec::new());
        for (number, node) in (0u32..).zip(&plan.nodes) {
            let Form::Emit(emit) = &node.form else { continue };
            if &*emit.stream != stream {
                continue;
            }
            for row in self.rows_in(unit, node.subject) {
                match self.line(NodeRef(number), emit, node.subject, row) {
                    Ok(Some(line)) => lines.push(line),
                    Ok(None) => {}
                    Err(fault) => faults.push(Unmade { node: NodeRef(number), row, fault }),
                }
            }
        }
        (lines, faults)
    }

    fn over_units<T, U>(&mut self, mut of: impl FnMut(&mut Self, Unit) -> (Vec<T>, Vec<U>)) -> (Vec<T>, Vec<U>) {
        let (mut all, mut others) = (Vec::new(), Vec::new());
        let Ok(()) = self.sweep::<Infallible>(&mut |run, unit, leg| {
            if leg == Leg::Last {
                let (some, more) = of(run, unit);
                all.extend(some);
                others.extend(more);
            }
            Ok(())
        });
        (all, others)
    }

    fn line(&mut self, node: NodeRef, emit: &'a Emit, subject: RelationId, row: u32) -> Result<Option<Emitted>, Fault> {
        if self.outcome(node, row).value? != Value::Bool(true) {
            return Ok(None);
        }
        let mut all = |exprs: &'a [crate::lang::Expr]| {
            exprs.iter().map(|expr| self.demand(node, expr, row)).collect::<Result<Vec<_>, _>>()
        };
        let key = all(&emit.key)?;
        let group = emit.group.as_deref().map(&mut all).transpose()?;
        let mut payload = Vec::with_capacity(emit.payload.len());
        for (name, expr) in &emit.payload {
            payload.push((name.clone(), self.demand(node, expr, row)?));
        }
        Ok(Some(Emitted { node, subject, row, key, group, rank: emit.rank, payload }))
    }
}
