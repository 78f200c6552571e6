//! What a charge comes to at least and at most, and below which sum it is let go.

use super::super::share;
use super::ITEM;
use super::base::base_on_first_day;
use super::written::Charge;
use crate::diag::Code;
use crate::lang::{Base, Kind, Type, Value};
use crate::plan::lower::{Lowerer, Subjects, wrong};
use crate::plan::node::Form;
use crate::policy::fields::Fields;
use crate::policy::tree::{Tree, TreeKind};

/// The bounds of a charge, by the names of their nodes.
pub(super) struct Bounds {
    at_least: Option<String>,
    at_most: Option<String>,
    waive_below: Option<String>,
}

impl Bounds {
    /// Adds the nodes of the bounds that are written.
    pub(super) fn read<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>) -> Option<Self> {
        let at_most = match charge.at_most {
            Some(tree) => Some(most(low, charge, tree)?),
            None => None,
        };
        let at_least = match charge.at_least {
            Some(tree) => Some(amount(low, charge, "at_least", tree)?),
            None => None,
        };
        let waive_below = match charge.waive_below {
            Some(tree) => Some(amount(low, charge, "waive_below", tree)?),
            None => None,
        };
        if let (Some(least), Some(most), Some(tree)) = (&at_least, &at_most, charge.at_least)
            && constant(low, least).zip(constant(low, most)).is_some_and(|(least, most)| least > most)
        {
            let finding = wrong(tree, Code::OutOfBounds, "the least a charge comes to is above the most");
            low.report(finding.help("let `at_least` be no more than `at_most`"));
        }
        Some(Self { at_least, at_most, waive_below })
    }

    /// A formula for what is owed of a formula for what has come together, rounded.
    pub(super) fn applied(&self, due: &str) -> String {
        format!("round_money({})", self.bounded(due))
    }

    /// The same, not rounded.
    pub(super) fn bounded(&self, due: &str) -> String {
        let mut text = due.to_owned();
        if let Some(least) = &self.waive_below {
            text = format!("(if round_money({text}) < {least} {{ 0 }} else {{ {text} }})");
        }
        if let Some(least) = &self.at_least {
            text = format!("(if {text} > 0 {{ max({text}, {least}) }} else {{ {text} }})");
        }
        if let Some(most) = &self.at_most {
            text = format!("min({text}, {most})");
        }
        text
    }
}

fn amount<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>, part: &str, tree: &'t Tree) -> Option<String> {
    if let TreeKind::Map(_) = tree.kind {
        let message = format!("`{part}` is an amount");
        low.report(wrong(tree, Code::WrongShape, message).help(format!("as in `{part}: 5`")));
        return None;
    }
    if let Some(share) = tree.text().map(str::trim).filter(|text| text.ends_with('%')) {
        let message = format!("`{share}` is a share, and `{part}` is an amount");
        let help = match part {
            "at_most" => format!("write `at_most: {{ share_of_base: {share} }}` for a share of the base"),
            _ => format!("write an amount, as in `{part}: 5`"),
        };
        low.report(wrong(tree, Code::WrongType, message).help(help));
        return None;
    }
    let ty = Type::of(charge.due(low));
    let expr = low.expr(tree, ITEM, Some(ty.clone()))?.expr;
    let name = charge.name(part);
    low.add(&name, Subjects::ITEM, ty, &tree.place, Form::Expr(expr));
    Some(name)
}

/// `at_most: { share_of_base: 30% }` (of the base on the first day), or an amount.
fn most<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>, tree: &'t Tree) -> Option<String> {
    let TreeKind::Map(_) = tree.kind else { return amount(low, charge, "at_most", tree) };
    let mut fields = Fields::of(tree, "`at_most`", &mut low.sink)?;
    let share = fields.need("share_of_base", &mut low.sink);
    fields.finish(&mut low.sink);
    share::check(low, share?);
    let share = low.expr(share?, ITEM, Some(Type::of(Base::Number)))?.expr;
    let share_name = charge.name("share_of_base");
    low.add(&share_name, Subjects::ITEM, Type::of(Base::Number), &tree.place, Form::Expr(share));
    let first = charge.name("first_base");
    base_on_first_day(low, charge, &first)?;
    let cap = charge.name("at_most");
    let convert = if charge.fixed.is_some() { "convert" } else { "" };
    let text = format!("{convert}({first} ?? 0) * {share_name}");
    low.derive(&cap, ITEM, Some(Type::of(charge.due(low))), &tree.place, &text)?;
    Some(cap)
}

fn constant(low: &Lowerer<'_>, name: &str) -> Option<rust_decimal::Decimal> {
    let Form::Expr(expr) = &low.node(low.demand_known(name)?)?.form else { return None };
    let expr = if let Kind::ToDecimal(inner) = &expr.kind { inner } else { expr };
    match &expr.kind {
        Kind::Lit(Value::Dec(amount)) => Some(*amount),
        Kind::Lit(Value::Int(amount)) => Some((*amount).into()),
        _ => None,
    }
}
