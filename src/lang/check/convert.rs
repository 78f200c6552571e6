//! `convert(x)`: an amount in the policy's currency.

use super::call::Argument;
use super::checker::Checker;
use super::name::Resolved;
use super::typed::{Raw, Typed};
use crate::lang::expr::{ArithOp, Expr, Kind};
use crate::lang::functions::Builtin;
use crate::lang::syntax::ast::At;
use crate::lang::types::{Base, Type, is_currency};
use crate::lang::value::Value;

impl Checker<'_> {
    /// The amount times the rate of its currency in force, rounded to the policy's unit; missing where it is missing. An
    /// amount in the policy's currency is what it is.
    pub(super) fn convert(&mut self, all: Vec<Argument>, at: At) -> Option<Typed> {
        let (typed, place) = all.into_iter().next()?;
        let typed = if typed.bare { self.coerce(typed, &Base::Money, place)? } else { typed };
        let owner = match typed.base() {
            Base::Money => return Some(typed),
            Base::OwnMoney(owner) => owner.clone(),
            _ => {
                self.cannot_take(Builtin::Convert, &typed, place);
                return None;
            }
        };
        let own = typed.expr;
        let rate = if is_currency(&owner) {
            let code = self.expr(Kind::Lit(Value::Text(owner)), Type::of(Base::Text), at);
            self.expr(Kind::Call(Builtin::FxRate, vec![code]), Type::of(Base::Number), at)
        } else {
            match self.resolve(&format!("{owner}.fx_rate"), at) {
                Resolved::Is(rate) => rate.expr,
                _ => return None,
            }
        };
        let there = Expr { ty: Type::of(own.ty.base.clone()), ..own.clone() };
        let money = Type::of(Base::Money);
        let product = Kind::Arith(ArithOp::Multiply, Box::new(there), Box::new(rate));
        let product = self.expr(product, money.clone(), at);
        let converted = self.expr(Kind::Call(Builtin::RoundMoney, vec![product]), money, at);
        if !own.ty.optional {
            return Some(Typed::of(converted));
        }
        let nothing = Expr::missing(Base::Money, self.text.span(at.start, at.end));
        let given = self.expr(Kind::IsGiven(Box::new(own)), Type::of(Base::Bool), at);
        let kind = Kind::If(Box::new(given), Box::new(converted), Box::new(nothing));
        let expr = self.expr(kind, Type::maybe(Base::Money), at);
        Some(Typed { raw: Raw::DECIMAL, ..Typed::of(expr) })
    }
}
