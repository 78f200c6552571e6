//! What bears a charge, and from which day.

use super::written::Charge;
use super::{ITEM, own};
use crate::lang::{Base, Expr, Kind, Type, Words};
use crate::plan::lower::{Lowerer, Subjects};
use crate::plan::node::{ChoiceRow, Form, Hit};

/// Adds `base` (what bears the charge, never below zero, nothing once the item is settled), `from` (its first day).
pub(super) fn base_and_from<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>) -> Option<()> {
    let place = &charge.tree.place;
    let amount = own(low);
    let written = match charge.base {
        Some(tree) => low.expr(tree, ITEM, Some(amount.clone()))?.expr,
        None => low.text("item.own_undisputed_open", place, ITEM, None)?.expr,
    };
    low.add(&charge.name("written_base"), Subjects::ITEM, amount.clone(), place, Form::Expr(written));
    let mut text = format!("max(0, {})", charge.name("written_base"));
    if charge.base.is_some() {
        text = format!("if item.own_open > 0 {{ {text} }} else {{ 0 }}");
    }
    low.derive(&charge.name("base"), ITEM, Some(amount), place, &text)?;
    let from = match charge.from {
        Some(tree) => low.expr(tree, ITEM, Some(Type::maybe(Base::Date)))?.expr,
        None => low.text("item.first_late_day", place, ITEM, None)?.expr,
    };
    let from = match charge.when {
        Some(tree) => {
            let when = low.condition(tree, ITEM)?.expr;
            let (span, ty) = (from.span, Type::maybe(Base::Date));
            let missing = Expr::missing(Base::Date, span);
            Expr { kind: Kind::If(Box::new(when), Box::new(from), Box::new(missing)), ty, span }
        }
        None => from,
    };
    low.add(&charge.name("from"), Subjects::ITEM, Type::maybe(Base::Date), place, Form::Expr(from));
    Some(())
}

/// The base with which the first day began; missing where no day bears the charge yet.
pub(super) fn base_on_first_day<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>, name: &str) -> Option<()> {
    let place = &charge.tree.place;
    let from = charge.name("from");
    let when = low.text(&format!("is_given({from}) && {from} <= as_of"), place, ITEM, None)?.expr;
    let given = std::slice::from_ref(&when);
    let date = low.text_given(&format!("{from} + (-1)"), place, ITEM, Some(Type::of(Base::Date)), given)?.expr;
    let base = low.text(&charge.name("base"), place, ITEM, None)?.expr;
    let (ty, span) = (base.ty.clone(), place.span);
    let gives = Expr { kind: Kind::AsAt(Box::new(base), Box::new(date)), ty, span };
    let row = ChoiceRow { id: "given".into(), place: place.clone(), when: Some(when), gives, reason: Words::new() };
    low.choose(name, Subjects::ITEM, Type::maybe(own(low).base), place, Hit::First, vec![row]);
    Some(())
}
