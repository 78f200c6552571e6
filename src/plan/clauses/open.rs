//! What lies behind a condition: the rows of a table that decides yes or no, the named conditions a formula rests on.

use super::{At, Clauses, DEEPEST, Splitter};
use crate::diag::Span;
use crate::lang::{Base, Expr, Kind, NodeRef, Type, Value};
use crate::plan::node::{Choice, ChoiceRow, Form, Hit};

/// How many nodes are looked through for the conditions that a formula rests on.
const FARTHEST: usize = 40;

/// Whether somebody wrote it: what sections make of their own points at a place and covers nothing of it.
pub(super) fn is_written(span: Span) -> bool {
    span.end > span.start
}

impl Splitter<'_> {
    /// The ways in which a table of the first hit comes to `wanted`; none where a row gives no constant.
    pub(super) fn choice(&mut self, choice: &Choice, wanted: bool, at: At<'_>) -> Option<Clauses> {
        if choice.hit != Hit::First || at.depth >= DEEPEST {
            return None;
        }
        let mut ways = Vec::new();
        let mut others = Vec::new();
        for row in &choice.rows {
            let Kind::Lit(Value::Bool(gives)) = row.gives.kind else { return None };
            let at = At { source: &row.place.source, whole: None, ..at };
            if gives == wanted {
                let mut way: Vec<Clauses> = others.clone();
                way.extend(row.when.as_ref().map(|when| self.split(when, true, at)));
                ways.push(Clauses::All(way));
            } else {
                others.push(match &row.when {
                    Some(when) => self.split(when, false, at),
                    None => Clauses::Any(Vec::new()),
                });
            }
        }
        Some(Clauses::Any(ways))
    }

    /// The conditions with a name that a table of a section's own rests on, none of which may hold for it to be as it
    /// would be without them.
    pub(super) fn conditions_behind(&mut self, expr: &Expr, at: At<'_>) -> Option<Clauses> {
        let plan = self.plan;
        let made = |row: &ChoiceRow| row.when.as_ref().is_some_and(|when| !is_written(when.span));
        let mut open: Vec<NodeRef> = Vec::new();
        expr.for_each_node(&mut |node| match plan.node(node).map(|n| &n.form) {
            Some(Form::Choice(choice)) if choice.rows.iter().all(made) => open.push(node),
            _ => {}
        });
        let mut seen = open.clone();
        let mut found = Vec::new();
        while let Some(node) = open.pop() {
            let Some(there) = plan.node(node).filter(|_| seen.len() < FARTHEST) else { continue };
            match &there.form {
                Form::Expr(inner) if there.ty.base == Base::Bool && !matches!(inner.kind, Kind::Lit(_)) => {
                    found.push((node, there));
                    continue;
                }
                Form::Expr(_) => {}
                Form::Choice(choice) if choice.rows.iter().all(made) => {}
                _ => continue,
            }
            there.form.for_each_expr(&mut |part| {
                part.for_each_node(&mut |next| {
                    if !seen.contains(&next) {
                        seen.push(next);
                        open.push(next);
                    }
                });
            });
        }
        found.sort_by_key(|(node, _)| *node);
        let inside = |source| At { source, depth: at.depth + 1, whole: None };
        let conditions = found.into_iter().map(|(node, there)| {
            let read = Expr { kind: Kind::Node(node), ty: Type::of(Base::Bool), span: there.place.span };
            self.split(&read, false, inside(&there.place.source))
        });
        let conditions: Vec<Clauses> = conditions.collect();
        (!conditions.is_empty()).then_some(Clauses::All(conditions))
    }
}
