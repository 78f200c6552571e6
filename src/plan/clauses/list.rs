//! One value asked for one of several: a cell that lists them says so in one clause.

use crate::lang::expr::CompareOp;
use crate::lang::{Base, Expr, Kind, Type};

/// `x == a || x == b` as `x in [a, b]`, the test that `x` is there kept before it; `None` for anything else.
pub(super) fn of(expr: &Expr) -> Option<Expr> {
    let mut members = Vec::new();
    collect(expr, &mut members)?;
    let (guard, first, _) = members.first()?;
    if members.iter().any(|(other, item, _)| item.kind != first.kind || kind(*other) != kind(*guard)) {
        return None;
    }
    let ty = Type::of(Base::List(Box::new(first.ty.base.clone())));
    let values = members.iter().map(|(_, _, value)| (*value).clone()).collect();
    let list = Expr { kind: Kind::List(values), ty, span: expr.span };
    let truth = |kind| Expr { kind, ty: Type::of(Base::Bool), span: expr.span };
    let within = truth(Kind::In(Box::new((*first).clone()), Box::new(list)));
    Some(match guard {
        Some(guard) => truth(Kind::And(Box::new((*guard).clone()), Box::new(within))),
        None => within,
    })
}

fn kind(guard: Option<&Expr>) -> Option<&Kind> {
    guard.map(|guard| &guard.kind)
}

type Member<'e> = (Option<&'e Expr>, &'e Expr, &'e Expr);

fn collect<'e>(expr: &'e Expr, members: &mut Vec<Member<'e>>) -> Option<()> {
    match &expr.kind {
        Kind::Or(a, b) => {
            collect(a, members)?;
            collect(b, members)
        }
        Kind::And(guard, test) if matches!(guard.kind, Kind::IsGiven(_)) => {
            members.push(equal(test).map(|(item, value)| (Some(&**guard), item, value))?);
            Some(())
        }
        _ => {
            members.push(equal(expr).map(|(item, value)| (None, item, value))?);
            Some(())
        }
    }
}

fn equal(expr: &Expr) -> Option<(&Expr, &Expr)> {
    match &expr.kind {
        Kind::Compare(CompareOp::Equal, item, value) if matches!(value.kind, Kind::Lit(_)) => Some((item, value)),
        _ => None,
    }
}
