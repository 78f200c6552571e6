//! What several places of a plan say in the same words: it is computed once for a frame.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::mem::{Discriminant, discriminant};

use super::expr::Scope;
use super::frames::Lanes;
use super::nodes::Evaluation;
use super::vector::Vector;
use super::weight::price;
use crate::lang::expr::{ArithOp, CompareOp, DatePart};
use crate::lang::functions::Builtin;
use crate::lang::{Expr, FunctionRef, Kind, NodeRef, Value};
use crate::plan::{Form, Plan};

/// A table of more rows is looked up: what it asks is not computed.
const MOST_ROWS: usize = 64;

/// Of fewer plain operations the second time costs less than it does to keep what the first came to.
const WORTH: u32 = 3;

/// An expression that stands in several places.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct CommonId(u32);

/// The expressions of a plan that stand in several places, by where each of these lies in the plan.
pub(super) struct Common {
    places: HashMap<usize, CommonId>,
}

impl Common {
    /// Of the nodes that are put out or read for what is.
    pub(super) fn of(plan: &Plan) -> Self {
        let mut met = Met::default();
        for (node, is_read) in plan.nodes.iter().zip(plan.put_out()) {
            let is_looked_up = matches!(&node.form, Form::Choice(choice) if choice.rows.len() > MOST_ROWS);
            if is_read && !is_looked_up {
                node.form.for_each_expr(&mut |expr| met.ask(expr));
                node.form.for_each_word(&mut |expr| met.ask(expr));
            }
        }
        let Met { asked, places, .. } = met;
        let is_common = |id: u32| asked.get(id as usize).is_some_and(|asked| *asked > 1);
        let common = places.into_iter().filter(|(_, id)| is_common(*id));
        Self { places: common.map(|(place, id)| (place, CommonId(id))).collect() }
    }

    fn at(&self, expr: &Expr) -> Option<CommonId> {
        self.places.get(&place_of(expr)).copied()
    }
}

fn place_of(expr: &Expr) -> usize {
    std::ptr::from_ref(expr) as usize
}

/// The expressions met so far; those that differ only in where they stand have one number.
#[derive(Default)]
struct Met {
    known: HashMap<(Head, Vec<u32>), u32>,
    /// How often each is asked for, by nodes and by expressions that differ.
    asked: Vec<u32>,
    /// Where those stand that could be computed once.
    places: Vec<(usize, u32)>,
}

/// What an expression does, its parts left out.
#[derive(PartialEq, Eq, Hash)]
enum Head {
    Literal(String),
    Node(NodeRef),
    Local(u32),
    Part(DatePart),
    Arith(ArithOp),
    Compare(CompareOp),
    Call(Builtin),
    Function(FunctionRef),
    /// How many values each case has, and all of them.
    Switch(Vec<usize>, Vec<String>),
    Let(u32),
    Other(Discriminant<Kind>),
}

/// What was found of an expression.
#[derive(Clone, Copy)]
struct Found {
    id: u32,
    /// Whether it reads what is bound outside it.
    is_open: bool,
    /// About how many plain operations it takes.
    work: u32,
}

impl Met {
    fn ask(&mut self, expr: &Expr) {
        let found = self.find(expr);
        self.count(found.id);
    }

    fn count(&mut self, id: u32) {
        self.asked.get_mut(id as usize).into_iter().for_each(|asked| *asked += 1);
    }

    fn find(&mut self, expr: &Expr) -> Found {
        let (mut parts, mut is_open) = (Vec::new(), matches!(expr.kind, Kind::Local(_)));
        let mut work = 0u32;
        expr.for_each_child(&mut |part| {
            let found = self.find(part);
            parts.push(found.id);
            is_open |= found.is_open;
            work = work.saturating_add(found.work);
        });
        work = work.saturating_add(match &expr.kind {
            _ if parts.is_empty() => 0,
            // Quotients are decimals one by one.
            Kind::Arith(ArithOp::Divide, ..) => WORTH,
            kind => price(kind),
        });
        let next = u32::try_from(self.asked.len()).unwrap_or(u32::MAX);
        let id = match self.known.entry((head(&expr.kind), parts)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(vacant) => {
                let parts = vacant.key().1.clone();
                vacant.insert(next);
                self.asked.push(0);
                parts.into_iter().for_each(|part| self.count(part));
                next
            }
        };
        if work >= WORTH && !is_open {
            self.places.push((place_of(expr), id));
        }
        Found { id, is_open, work }
    }
}

fn head(kind: &Kind) -> Head {
    let literal = |value: &Value| format!("{value:?}");
    match kind {
        Kind::Lit(value) => Head::Literal(literal(value)),
        Kind::Node(node) => Head::Node(*node),
        Kind::Local(slot) => Head::Local(*slot),
        Kind::Part(part, _) => Head::Part(*part),
        Kind::Arith(op, ..) => Head::Arith(*op),
        Kind::Compare(op, ..) => Head::Compare(*op),
        Kind::Call(builtin, _) => Head::Call(*builtin),
        Kind::Function(function, _) => Head::Function(*function),
        Kind::Switch { cases, .. } => Head::Switch(
            cases.iter().map(|(values, _)| values.len()).collect(),
            cases.iter().flat_map(|(values, _)| values).map(literal).collect(),
        ),
        Kind::Let { slot, .. } => Head::Let(*slot),
        Kind::AsOf
        | Kind::Not(_)
        | Kind::Negate(_)
        | Kind::And(..)
        | Kind::Or(..)
        | Kind::Coalesce(..)
        | Kind::In(..)
        | Kind::List(_)
        | Kind::If(..)
        | Kind::ToDecimal(_)
        | Kind::IsGiven(_)
        | Kind::OnMissing(..)
        | Kind::AsAt(..) => Head::Other(discriminant(kind)),
    }
}

impl Evaluation<'_, '_> {
    /// The values of an expression; marks say where there is none. What stands in several places is known to its frame.
    pub(super) fn eval(&mut self, scope: &Scope, expr: &Expr) -> Vector {
        let Some(id) = self.common.at(expr) else { return self.compute_expr(scope, expr) };
        let Some(here) = self.frames.get(scope.frame) else { return self.compute_expr(scope, expr) };
        if let Some(known) = here.common.get(&id) {
            return known.clone();
        }
        let of_whole = match &here.lanes {
            Lanes::Part(of, lanes) => self.frames.get(*of).and_then(|of| of.common.get(&id)).map(|v| v.take(lanes)),
            Lanes::Root(_) | Lanes::Dated(..) | Lanes::Pieces { .. } => None,
        };
        let vector = of_whole.unwrap_or_else(|| self.compute_expr(scope, expr));
        if let Some(here) = self.frames.get_mut(scope.frame) {
            here.common.insert(id, vector.clone());
        }
        vector
    }
}
