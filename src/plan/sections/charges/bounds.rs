//! What a charge may come to at most.

use super::super::share;
use super::ITEM;
use super::base::base_on_first_day;
use super::written::Charge;
use crate::lang::{Base, Type};
use crate::plan::lower::{Lowerer, Subjects};
use crate::plan::node::Form;
use crate::policy::fields::Fields;
use crate::policy::tree::TreeKind;

/// `at_most: { share_of_base: 30% }` (of the base on the first day), or an amount.
pub(super) fn capped<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>, due: String) -> Option<String> {
    let Some(tree) = charge.at_most else { return Some(due) };
    let place = &charge.tree.place;
    let money = || Some(Type::of(Base::Money));
    let cap = charge.name("at_most");
    if let TreeKind::Map(_) = tree.kind {
        let mut fields = Fields::of(tree, "`at_most`", &mut low.sink)?;
        let share = fields.need("share_of_base", &mut low.sink);
        fields.finish(&mut low.sink);
        share::check(low, share?);
        let share = low.expr(share?, ITEM, Some(Type::of(Base::Number)))?.expr;
        let share_name = charge.name("share_of_base");
        low.add(&share_name, Subjects::ITEM, Type::of(Base::Number), &tree.place, Form::Expr(share));
        let first = charge.name("first_base");
        base_on_first_day(low, charge, &first)?;
        low.derive(&cap, ITEM, money(), &tree.place, &format!("({first} ?? 0) * {share_name}"))?;
    } else {
        let expr = low.expr(tree, ITEM, money())?.expr;
        low.add(&cap, Subjects::ITEM, Type::of(Base::Money), &tree.place, Form::Expr(expr));
    }
    let name = charge.name("capped");
    low.derive(&name, ITEM, money(), place, &format!("min({due}, {cap})"))?;
    Some(name)
}
