//! On which days an expression may change its value: read off the plan.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use super::node::{Form, Over, Plan, Take};
use super::schema::{FactId, RelationId};
use crate::lang::expr::DatePart;
use crate::lang::{Base, Expr, Kind, NodeRef, Value};

/// When a value may change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// Only on, or the day after, these days.
    On(Days),
    /// On any day: it reads the as-of date in another way than to compare it with a known date.
    Daily,
}

/// Days on which a value may change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Days {
    /// The dates these facts hold.
    pub facts: BTreeSet<(RelationId, FactId)>,
    /// Days that the policy names.
    pub named: BTreeSet<NaiveDate>,
    /// The first day of every year.
    pub years: bool,
}

impl Changes {
    /// When one of some expressions, with all they read, may change.
    pub fn of<'e>(plan: &Plan, exprs: impl IntoIterator<Item = &'e Expr>) -> Self {
        let mut reading = Reading { plan, seen: BTreeSet::new(), days: Days::default(), daily: false };
        exprs.into_iter().for_each(|expr| reading.expr(expr));
        if reading.daily { Changes::Daily } else { Changes::On(reading.days) }
    }
}

struct Reading<'p> {
    plan: &'p Plan,
    seen: BTreeSet<NodeRef>,
    days: Days,
    daily: bool,
}

impl Reading<'_> {
    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            Kind::AsOf => self.daily = true,
            Kind::Part(DatePart::Year, of) if matches!(of.kind, Kind::AsOf) => self.days.years = true,
            Kind::Compare(_, a, b) if matches!(a.kind, Kind::AsOf) && self.is_known_date(b) => self.expr(b),
            Kind::Compare(_, a, b) if matches!(b.kind, Kind::AsOf) && self.is_known_date(a) => self.expr(a),
            Kind::Node(node) => self.node(*node),
            Kind::Lit(Value::Date(day)) => drop(self.days.named.insert(*day)),
            _ => expr.for_each_child(&mut |child| self.expr(child)),
        }
    }

    /// A date that the book or the policy holds.
    fn is_known_date(&self, expr: &Expr) -> bool {
        match &expr.kind {
            Kind::Lit(Value::Date(_)) => true,
            Kind::Node(node) => self.plan.node(*node).is_some_and(|n| {
                n.ty.base == Base::Date
                    && match &n.form {
                        Form::Fact(_) => true,
                        Form::Expr(expr) => matches!(expr.kind, Kind::Lit(_)),
                        _ => false,
                    }
            }),
            _ => false,
        }
    }

    fn node(&mut self, at: NodeRef) {
        if !self.seen.insert(at) {
            return;
        }
        let plan = self.plan;
        let Some(node) = plan.node(at) else { return };
        match &node.form {
            Form::Fact(fact) if node.ty.base == Base::Date => {
                self.days.facts.insert((node.subject, *fact));
            }
            Form::Fact(_) => {}
            Form::Aggregate(aggregate) => {
                let others = match &aggregate.take {
                    Take::Postpone { also, .. } => also.as_slice(),
                    _ => &[],
                };
                for of in others.iter().map(|other| other.of).chain([aggregate.of]) {
                    let since = plan.schema.get(of).and_then(|r| r.exists_from);
                    self.days.facts.extend(since.map(|fact| (of, fact)));
                }
                self.daily |= aggregate.window.is_some() || aggregate.as_at.is_some();
                node.form.for_each_expr(&mut |expr| self.expr(expr));
            }
            Form::Walk(walk) => {
                match walk.over {
                    Over::Rows { of, .. } => {
                        let since = plan.schema.get(of).and_then(|r| r.exists_from);
                        self.days.facts.extend(since.map(|fact| (of, fact)));
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
