//! On which days an expression may change its value: read off the plan.

use std::collections::BTreeSet;

use super::node::{Form, Over, Plan, Take};
use super::schema::{FactId, RelationId};
use crate::lang::{Base, Expr, Kind, NodeRef};

/// When a value may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// Only on, or the day after, the dates these facts hold.
    On(BTreeSet<(RelationId, FactId)>),
    /// On any day: it reads the as-of date in another way than to compare a fact's date with it.
    Daily,
}

impl Changes {
    /// When an expression, with all it reads, may change.
    pub fn of(plan: &Plan, expr: &Expr) -> Self {
        let mut reading = Reading { plan, seen: BTreeSet::new(), dates: BTreeSet::new(), daily: false };
        reading.expr(expr);
        if reading.daily { Changes::Daily } else { Changes::On(reading.dates) }
    }
}

struct Reading<'p> {
    plan: &'p Plan,
    seen: BTreeSet<NodeRef>,
    dates: BTreeSet<(RelationId, FactId)>,
    daily: bool,
}

impl Reading<'_> {
    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            Kind::AsOf => self.daily = true,
            Kind::Compare(_, a, b) if self.is_date_against_as_of(a, b) || self.is_date_against_as_of(b, a) => {
                for side in [a, b] {
                    if let Kind::Node(node) = side.kind {
                        self.node(node);
                    }
                }
            }
            Kind::Node(node) => self.node(*node),
            _ => expr.for_each_child(&mut |child| self.expr(child)),
        }
    }

    fn is_date_against_as_of(&self, fact: &Expr, as_of: &Expr) -> bool {
        let Kind::Node(node) = fact.kind else { return false };
        let is_date = |n: &super::node::Node| matches!(n.form, Form::Fact(_)) && n.ty.base == Base::Date;
        matches!(as_of.kind, Kind::AsOf) && self.plan.node(node).is_some_and(is_date)
    }

    fn node(&mut self, at: NodeRef) {
        if !self.seen.insert(at) {
            return;
        }
        let plan = self.plan;
        let Some(node) = plan.node(at) else { return };
        match &node.form {
            Form::Fact(fact) if node.ty.base == Base::Date => {
                self.dates.insert((node.subject, *fact));
            }
            Form::Fact(_) => {}
            Form::Aggregate(aggregate) => {
                let others = match &aggregate.take {
                    Take::Postpone { also, .. } => also.as_slice(),
                    _ => &[],
                };
                for of in others.iter().map(|other| other.of).chain([aggregate.of]) {
                    let since = plan.schema.get(of).and_then(|r| r.exists_from);
                    self.dates.extend(since.map(|fact| (of, fact)));
                }
                self.daily |= aggregate.window.is_some() || aggregate.as_at.is_some();
                node.form.for_each_expr(&mut |expr| self.expr(expr));
            }
            Form::Walk(walk) => {
                match walk.over {
                    Over::Rows { of, .. } => {
                        let since = plan.schema.get(of).and_then(|r| r.exists_from);
                        self.dates.extend(since.map(|fact| (of, fact)));
                    }
                    Over::Dates { .. } => self.daily = true,
                }
                node.form.for_each_expr(&mut |expr| self.expr(expr));
            }
            Form::Segments(_) => self.daily = true,
            _ => node.form.for_each_expr(&mut |expr| self.expr(expr)),
        }
    }
}
