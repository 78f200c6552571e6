//! Walking over the expressions of a node.

use super::node::{Form, Over, Take};
use crate::lang::expr::TemplatePart;
use crate::lang::{Expr, Words};

impl Form {
    /// Every expression of the form, in the order written, reasons left out.
    pub fn for_each_expr(&self, visit: &mut dyn FnMut(&Expr)) {
        match self {
            Form::Fact(_) => {}
            Form::Expr(expr) => visit(expr),
            Form::Choice(choice) => {
                for row in &choice.rows {
                    row.when.iter().for_each(&mut *visit);
                    visit(&row.gives);
                }
            }
            Form::Aggregate(a) => {
                [&a.value, &a.filter, &a.weight, &a.as_at].into_iter().flatten().for_each(&mut *visit);
                if let Some(window) = &a.window {
                    visit(&window.on);
                    visit(&window.after);
                    window.not_before.iter().for_each(&mut *visit);
                }
                match &a.take {
                    Take::Last(on) => visit(on),
                    Take::Postpone { start, until, also } => {
                        visit(start);
                        visit(until);
                        also.iter().flat_map(|other| [&other.first, &other.until]).for_each(&mut *visit);
                    }
                    Take::Count | Take::Sum | Take::Min | Take::Max | Take::Mean | Take::Any => {}
                }
            }
            Form::Segments(s) => {
                [&s.from, &s.until, &s.balance].into_iter().chain(&s.when_begun).chain(&s.on_the_day).for_each(visit);
            }
            Form::Walk(w) => {
                match &w.over {
                    Over::Rows { filter, order, .. } => {
                        filter.iter().for_each(&mut *visit);
                        order.iter().for_each(|key| visit(&key.by));
                    }
                    Over::Dates { first, next, while_ } => {
                        [first, next].into_iter().chain(while_).for_each(&mut *visit)
                    }
                }
                w.start.iter().chain(&w.step).chain([&w.gives]).for_each(visit);
            }
            Form::Emit(e) => {
                visit(&e.when);
                e.key.iter().for_each(&mut *visit);
                e.group.iter().flatten().for_each(&mut *visit);
                e.payload.iter().for_each(|(_, expr)| visit(expr));
            }
        }
    }

    /// Every expression that its reasons print.
    pub fn for_each_word(&self, visit: &mut dyn FnMut(&Expr)) {
        let mut words = |words: &Words| {
            for part in words.values().flat_map(|template| &template.0) {
                if let TemplatePart::Value(expr) = part {
                    visit(expr);
                }
            }
        };
        match self {
            Form::Choice(choice) => choice.rows.iter().for_each(|row| words(&row.reason)),
            Form::Emit(emit) => words(&emit.reason),
            Form::Fact(_) | Form::Expr(_) | Form::Aggregate(_) | Form::Segments(_) | Form::Walk(_) => {}
        }
    }
}
