//! How much work something is: whether to do it for all lanes rather than for some.

use super::frames::{FrameId, Lanes};
use super::nodes::Evaluation;
use crate::lang::expr::Body;
use crate::lang::functions::Builtin;
use crate::lang::{Expr, Kind, NodeRef};
use crate::plan::{Form, PORTFOLIO};

/// How many operations are less work than to split a frame.
const LIGHT: u32 = 24;

impl Evaluation<'_, '_> {
    /// Whether an expression is hardly any work for the lanes of a frame, counting what is known there already.
    pub(super) fn is_light(&self, frame: FrameId, expr: &Expr) -> bool {
        self.spend(frame, expr, &mut LIGHT.clone())
    }

    /// The same of a node.
    pub(super) fn is_near(&self, frame: FrameId, at: NodeRef) -> bool {
        self.spend_on(frame, at, &mut LIGHT.clone())
    }

    fn spend(&self, frame: FrameId, expr: &Expr, left: &mut u32) -> bool {
        let price = match &expr.kind {
            Kind::Call(
                Builtin::Min | Builtin::Max | Builtin::Abs | Builtin::ToNumber | Builtin::Round | Builtin::RoundMoney,
                _,
            ) => 2,
            Kind::Call(..) | Kind::Part(..) | Kind::List(_) => LIGHT,
            Kind::AsAt(..) => LIGHT,
            Kind::Function(function, _) => {
                match self.plan.functions.get(function.0 as usize).map(|function| &function.body) {
                    Some(Body::Lowered(body)) if self.spend(frame, body, left) => 1,
                    _ => LIGHT,
                }
            }
            Kind::Lit(_) | Kind::Local(_) => 0,
            _ => 1,
        };
        if *left <= price {
            return false;
        }
        *left -= price;
        if let Kind::Node(at) = &expr.kind {
            return self.spend_on(frame, *at, left);
        }
        let mut all = true;
        expr.for_each_child(&mut |child| all = all && self.spend(frame, child, left));
        all
    }

    fn spend_on(&self, frame: FrameId, at: NodeRef, left: &mut u32) -> bool {
        let (Some(here), Some(node)) = (self.frames.get(frame), self.plan.node(at)) else { return true };
        if node.subject == PORTFOLIO || here.known.contains_key(&at) {
            return true;
        }
        if let Lanes::Part(of, _) = &here.lanes
            && self.frames.get(*of).is_some_and(|of| of.known.contains_key(&at))
        {
            return true;
        }
        match &node.form {
            Form::Fact(_) => true,
            Form::Expr(expr) => self.spend(frame, expr, left),
            Form::Choice(choice) => {
                let mut rows = choice.rows.iter();
                rows.all(|row| row.when.iter().chain([&row.gives]).all(|expr| self.spend(frame, expr, left)))
            }
            Form::Aggregate(_) | Form::Segments(_) | Form::Walk(_) | Form::Emit(_) => false,
        }
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
