//! Steps that hold an amount to a bound: whether they did, and by how much.

use serde::Serialize;

use crate::engine::Run;
use crate::lang::functions::Builtin;
use crate::lang::{Base, Expr, Kind, NodeRef, Value};
use crate::plan::{Form, RelationId};

use super::super::super::labels::label_of;
use super::super::super::tables::place;
use super::super::Why;
use super::gap::Unit;
use super::told::unit_name;
use super::words::say;

/// A step that takes the lesser or the greater of the amount before it and a bound.
#[derive(Clone, Debug, Serialize)]
pub(in super::super) struct Bound {
    /// The step.
    step: String,
    /// `file:line`
    place: String,
    /// `at_most`, `at_least`
    keeps: &'static str,
    before: String,
    bound: String,
    /// Whether it changed the amount.
    binds: bool,
    /// Between the two, exact.
    distance: String,
    /// The currency.
    unit: String,
    #[serde(skip)]
    by: Value,
    #[serde(skip)]
    shown: String,
    #[serde(skip)]
    shown_before: String,
}

impl Why<'_> {
    /// The bounds among the steps of an amount, in their order.
    pub(in super::super) fn bounds(
        &self,
        run: &mut Run<'_>,
        steps: &[(NodeRef, String)],
        at: (RelationId, u32),
    ) -> Vec<Bound> {
        steps.iter().filter_map(|(node, header)| self.bound(run, *node, header, at)).collect()
    }

    fn bound(
        &self,
        run: &mut Run<'_>,
        node: NodeRef,
        header: &str,
        (subject, row): (RelationId, u32),
    ) -> Option<Bound> {
        let found = run.plan().node(node)?;
        let Form::Expr(expr) = &found.form else { return None };
        if found.ty.base != Base::Money {
            return None;
        }
        let row = run.above(subject, row, found.subject)?;
        let (keeps, before, bound) = kept(run, expr, (found.subject, row))?;
        let (Value::Dec(a), Value::Dec(b)) = (&before, &bound) else { return None };
        let binds = if keeps == Builtin::Min { b < a } else { b > a };
        let by = Value::Dec(a.checked_sub(*b)?.abs());
        Some(Bound {
            step: found.name.clone(),
            place: place(&found.place),
            keeps: if keeps == Builtin::Min { "at_most" } else { "at_least" },
            binds,
            distance: by.to_string(),
            unit: unit_name(run, Unit::Money),
            shown: label_of(&found.label, header, self.language),
            shown_before: self.printed_value(run, &before, &found.ty),
            before: before.to_string(),
            bound: bound.to_string(),
            by,
        })
    }

    /// What bound an amount, and of what did not, the nearest.
    pub(in super::super) fn say_bounds(&mut self, run: &Run<'_>, bounds: &[Bound]) {
        let nearest = bounds.iter().filter(|b| !b.binds).min_by(|a, b| match (&a.by, &b.by) {
            (Value::Dec(a), Value::Dec(b)) => a.cmp(b),
            _ => std::cmp::Ordering::Equal,
        });
        for bound in bounds.iter().filter(|b| b.binds).chain(nearest) {
            let name = match (bound.binds, bound.keeps) {
                (false, _) => "away",
                (true, "at_most") => "binds_most",
                (true, _) => "binds_least",
            };
            let by = self.distance(run, &bound.by, Unit::Money);
            let values = [("step", bound.shown.as_str()), ("by", &by), ("before", &bound.shown_before)];
            let line = say(name, self.language, &values);
            self.page.words(4, &line);
        }
    }
}

/// The lesser or greater of two that an expression takes for a row, and the two.
fn kept(run: &mut Run<'_>, expr: &Expr, at: (RelationId, u32)) -> Option<(Builtin, Value, Value)> {
    match &expr.kind {
        Kind::If(condition, a, b) => match run.value_of(condition, at.0, at.1)? {
            Value::Bool(true) => kept(run, a, at),
            Value::Bool(false) => kept(run, b, at),
            _ => None,
        },
        Kind::Call(builtin @ (Builtin::Min | Builtin::Max), arguments) => match arguments.as_slice() {
            [before, bound] => Some((*builtin, run.value_of(before, at.0, at.1)?, run.value_of(bound, at.0, at.1)?)),
            _ => None,
        },
        _ => None,
    }
}
