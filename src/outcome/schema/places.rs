//! How many places after the point the values of a node can have, as far as the plan says.

use crate::lang::expr::{ArithOp, Body};
use crate::lang::functions::Builtin;
use crate::lang::{Base, Expr, Kind, NodeRef, Value};
use crate::plan::{Aggregate, Form, Plan, RelationId, Take};

/// The most places; none where nothing bounds them: a quotient, a mean, a rate or a number of the book.
pub(super) type Bound = Option<u32>;

/// Places that amounts of the book are taken to have at most.
const OF_THE_BOOK: u32 = 6;
/// The scale of what is exact without a division.
const WIDE: u8 = 10;
/// The scale of everything else: that of the longest decimal.
const WIDEST: u8 = 28;
/// How deep functions may call one another.
const DEPTH: usize = 32;

/// The scale at which a file of one scale holds values of so many places: that of the unit where they are rounded to it.
pub(super) fn scale(places: Bound, unit: u32) -> u8 {
    match places {
        Some(places) if places <= unit => u8::try_from(unit).unwrap_or(WIDEST).min(WIDEST),
        Some(places) if places <= u32::from(WIDE) => WIDE,
        _ => WIDEST,
    }
}

/// The bounds of every node of a plan.
pub(super) struct Places<'p> {
    plan: &'p Plan,
    known: Vec<Bound>,
}

impl<'p> Places<'p> {
    /// Those of a plan, whose nodes read only nodes before them.
    pub(super) fn of(plan: &'p Plan) -> Self {
        let mut places = Self { plan, known: Vec::with_capacity(plan.nodes.len()) };
        for node in &plan.nodes {
            let bound = places.of_form(&node.form, &node.ty.base, node.subject);
            places.known.push(bound);
        }
        places
    }

    /// The bound of a node.
    pub(super) fn of_node(&self, node: NodeRef) -> Bound {
        self.known.get(node.0 as usize).copied().flatten()
    }

    /// The bound of an expression.
    pub(super) fn of_expr(&self, expr: &Expr) -> Bound {
        self.expr(expr, &mut Vec::new(), 0)
    }

    fn of_form(&self, form: &Form, ty: &Base, subject: RelationId) -> Bound {
        match form {
            Form::Fact(_) => self.of_fact(ty, subject),
            Form::Expr(expr) => self.of_expr(expr),
            Form::Choice(choice) => greatest(choice.rows.iter().map(|row| self.of_expr(&row.gives))),
            Form::Aggregate(aggregate) => self.of_aggregate(aggregate),
            Form::Walk(walk) => self.of_expr(&walk.gives),
            Form::Segments(_) | Form::Emit(_) => Some(0),
        }
    }

    fn of_fact(&self, ty: &Base, subject: RelationId) -> Bound {
        let cut = self.plan.nodes.iter().find_map(|node| match &node.form {
            Form::Segments(segments) if segments.relation == subject => Some(segments),
            _ => None,
        });
        match (ty, cut) {
            (Base::Money | Base::OwnMoney(_), Some(segments)) => self.of_expr(&segments.balance),
            (Base::Money | Base::OwnMoney(_), None) => Some(OF_THE_BOOK),
            (Base::Number, _) => None,
            _ => Some(0),
        }
    }

    fn of_aggregate(&self, aggregate: &Aggregate) -> Bound {
        match &aggregate.take {
            Take::Sum | Take::Min | Take::Max | Take::Last(_) => self.of_expr(aggregate.value.as_ref()?),
            Take::Mean => None,
            Take::Count | Take::Any | Take::Postpone { .. } => Some(0),
        }
    }

    fn expr(&self, expr: &Expr, locals: &mut Vec<(u32, Bound)>, depth: usize) -> Bound {
        if !expr.ty.base.is_decimal() {
            return Some(0);
        }
        let mut of = |expr: &Expr| self.expr(expr, locals, depth);
        match &expr.kind {
            Kind::Lit(Value::Dec(number)) => Some(number.normalize().scale()),
            Kind::Lit(_) => Some(0),
            Kind::Node(node) => self.of_node(*node),
            Kind::Local(slot) => locals.iter().rev().find(|(known, _)| known == slot).and_then(|(_, bound)| *bound),
            Kind::Negate(inner) | Kind::ToDecimal(inner) | Kind::AsAt(inner, _) => of(inner),
            Kind::Arith(ArithOp::Add | ArithOp::Subtract, a, b) | Kind::Coalesce(a, b) | Kind::OnMissing(a, b) => {
                Some(of(a)?.max(of(b)?))
            }
            Kind::Arith(ArithOp::Multiply, a, b) => Some(of(a)?.saturating_add(of(b)?)),
            Kind::If(_, a, b) => Some(of(a)?.max(of(b)?)),
            Kind::Switch { cases, default, .. } => {
                greatest(cases.iter().map(|(_, gives)| gives).chain(default.as_deref()).map(of))
            }
            Kind::Let { slot, value, body } => {
                let bound = of(value);
                locals.push((*slot, bound));
                let bound = self.expr(body, locals, depth);
                locals.pop();
                bound
            }
            Kind::Call(builtin, args) => self.call(*builtin, args, locals, depth),
            Kind::Function(function, args) => {
                let bounds: Vec<Bound> = args.iter().map(of).collect();
                let function = self.plan.functions.get(function.0 as usize).filter(|_| depth < DEPTH)?;
                let Body::Lowered(body) = &function.body else { return None };
                let mut parameters = (0u32..).zip(bounds).collect();
                self.expr(body, &mut parameters, depth + 1)
            }
            _ => None,
        }
    }

    fn call(&self, builtin: Builtin, args: &[Expr], locals: &mut Vec<(u32, Bound)>, depth: usize) -> Bound {
        let unit = self.plan.money.rounding.places();
        let first = args.first().and_then(|arg| self.expr(arg, locals, depth));
        match builtin {
            Builtin::Min | Builtin::Max => greatest(args.iter().map(|arg| self.expr(arg, locals, depth))),
            Builtin::Abs => first,
            Builtin::Round => match args.get(1).map(|places| &places.kind) {
                None => Some(0),
                Some(Kind::Lit(Value::Int(places))) => {
                    let places = u32::try_from(*places).ok();
                    first.map_or(places, |first| places.map(|places| places.min(first)))
                }
                Some(_) => first,
            },
            Builtin::RoundMoney => Some(unit),
            Builtin::Convert => Some(first?.max(unit)),
            Builtin::Floor | Builtin::Ceil | Builtin::ToNumber => Some(0),
            _ => None,
        }
    }
}

fn greatest(mut bounds: impl Iterator<Item = Bound>) -> Bound {
    bounds.try_fold(0, |most, bound| Some(most.max(bound?)))
}
