//! How much work something is: whether to do it for all lanes rather than for some.

use std::collections::HashMap;

use super::frames::{FrameId, Lanes};
use super::nodes::Evaluation;
use crate::lang::expr::Body;
use crate::lang::functions::Builtin;
use crate::lang::{Expr, Kind, NodeRef};
use crate::plan::{Form, PORTFOLIO, Plan};

/// How many operations are less work than to split a frame.
const LIGHT: u32 = 24;

/// What is to be said of how much work something is, whatever is known.
#[derive(Clone, Copy)]
enum Weight {
    Light,
    Heavy,
    /// It depends on which nodes are known already.
    Depends,
}

/// The weights of what was asked about so far; expressions go by where they lie in the plan.
#[derive(Default)]
pub(super) struct Weights {
    exprs: HashMap<usize, Weight>,
    nodes: HashMap<NodeRef, Weight>,
}

impl Weight {
    fn of(is_light: impl Fn(&dyn Fn(NodeRef) -> bool) -> bool) -> Self {
        match (is_light(&|_| false), is_light(&|_| true)) {
            (true, _) => Weight::Light,
            (_, false) => Weight::Heavy,
            (false, true) => Weight::Depends,
        }
    }
}

impl Evaluation<'_, '_> {
    /// Whether an expression is hardly any work for the lanes of a frame, counting what is known there already.
    pub(super) fn is_light(&mut self, frame: FrameId, expr: &Expr) -> bool {
        let plan = self.plan;
        let is_light = |known: &dyn Fn(NodeRef) -> bool| Budget { plan, left: LIGHT, known }.covers(expr);
        let place = std::ptr::from_ref(expr) as usize;
        match *self.weights.exprs.entry(place).or_insert_with(|| Weight::of(is_light)) {
            Weight::Light => true,
            Weight::Heavy => false,
            Weight::Depends => is_light(&|at| self.is_known(frame, at)),
        }
    }

    /// The same of a node.
    pub(super) fn is_near(&mut self, frame: FrameId, at: NodeRef) -> bool {
        let plan = self.plan;
        let is_near = |known: &dyn Fn(NodeRef) -> bool| Budget { plan, left: LIGHT, known }.covers_node(at);
        match *self.weights.nodes.entry(at).or_insert_with(|| Weight::of(is_near)) {
            Weight::Light => true,
            Weight::Heavy => false,
            Weight::Depends => is_near(&|at| self.is_known(frame, at)),
        }
    }

    fn is_known(&self, frame: FrameId, at: NodeRef) -> bool {
        let Some(here) = self.frames.get(frame) else { return true };
        let of = match &here.lanes {
            Lanes::Part(of, _) => self.frames.get(*of),
            _ => None,
        };
        here.known.contains_key(&at) || of.is_some_and(|of| of.known.contains_key(&at))
    }

    /// Whether a node of the portfolio comes to the same on every day.
    pub(super) fn is_timeless(&self, at: NodeRef) -> bool {
        fn timeless(evaluation: &Evaluation<'_, '_>, expr: &Expr) -> bool {
            match &expr.kind {
                Kind::AsOf | Kind::AsAt(..) | Kind::Call(Builtin::FxRate, _) => false,
                Kind::Node(at) => evaluation.is_timeless(*at),
                _ => {
                    let mut all = true;
                    expr.for_each_child(&mut |child| all = all && timeless(evaluation, child));
                    all
                }
            }
        }
        match self.plan.node(at).map(|node| &node.form) {
            Some(form @ (Form::Expr(_) | Form::Choice(_))) => {
                let mut all = true;
                form.for_each_expr(&mut |expr| all = all && timeless(self, expr));
                all
            }
            _ => false,
        }
    }
}

/// About how many plain operations an expression is by itself; what it reads is not counted.
pub(super) fn price(kind: &Kind) -> u32 {
    match kind {
        Kind::Call(
            Builtin::Min | Builtin::Max | Builtin::Abs | Builtin::ToNumber | Builtin::Round | Builtin::RoundMoney,
            _,
        ) => 2,
        Kind::Call(..) | Kind::Part(..) | Kind::List(_) | Kind::AsAt(..) | Kind::Function(..) => LIGHT,
        Kind::Lit(_) | Kind::Local(_) => 0,
        _ => 1,
    }
}

/// How many operations may still be spent.
struct Budget<'k> {
    plan: &'k Plan,
    left: u32,
    /// Which nodes cost nothing.
    known: &'k dyn Fn(NodeRef) -> bool,
}

impl Budget<'_> {
    fn covers(&mut self, expr: &Expr) -> bool {
        let price = match &expr.kind {
            Kind::Function(function, _) => {
                match self.plan.functions.get(function.0 as usize).map(|function| &function.body) {
                    Some(Body::Lowered(body)) if self.covers(body) => 1,
                    _ => LIGHT,
                }
            }
            kind => price(kind),
        };
        if self.left <= price {
            return false;
        }
        self.left -= price;
        if let Kind::Node(at) = &expr.kind {
            return self.covers_node(*at);
        }
        let mut all = true;
        expr.for_each_child(&mut |child| all = all && self.covers(child));
        all
    }

    fn covers_node(&mut self, at: NodeRef) -> bool {
        let Some(node) = self.plan.node(at) else { return true };
        if node.subject == PORTFOLIO || (self.known)(at) {
            return true;
        }
        match &node.form {
            Form::Fact(_) => true,
            Form::Expr(expr) => self.covers(expr),
            Form::Choice(choice) => {
                let mut rows = choice.rows.iter();
                rows.all(|row| row.when.iter().chain([&row.gives]).all(|expr| self.covers(expr)))
            }
            Form::Aggregate(_) | Form::Segments(_) | Form::Walk(_) | Form::Emit(_) => false,
        }
    }
}
