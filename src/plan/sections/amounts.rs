//! `amounts:` the same steps for any other sum of money, or its parts.

use super::split;
use super::steps::{self, Amount, Steps};
use crate::lang::{Base, Type};
use crate::plan::lower::{Home, Lowerer, Subjects};
use crate::plan::node::Form;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree};

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    for tree in read::list(&section.value, &mut low.sink).unwrap_or(&[]) {
        declare(low, tree);
    }
}

fn declare<'t>(low: &mut Lowerer<'t>, tree: &'t Tree) -> Option<()> {
    let mut fields = Fields::of(tree, "an amount", &mut low.sink)?;
    let id = fields.need("id", &mut low.sink).and_then(|t| read::id(t, &mut low.sink));
    let subject = fields.take("for", &mut low.sink);
    if fields.has("split") {
        return split::declare(low, tree, fields, id, subject);
    }
    let start = fields.need("start", &mut low.sink);
    let list = fields.take("steps", &mut low.sink);
    let label = fields.take("label", &mut low.sink);
    fields.finish(&mut low.sink);
    let (id, start) = (id?, start?);
    let subject = match subject {
        Some(tree) => low.subject_written(tree)?,
        None => Subjects::ACCOUNT,
    };
    let name = id.to_string();
    let mut names = vec![name.clone()];
    names.extend(steps::names(&name, list));
    low.head(&name, Type::of(Base::Money));
    low.define(names, &tree.place, move |low| {
        lower(low, tree, &name, subject, start, list);
        low.label(low.demand_known(&name), label);
    });
    Some(())
}

fn lower<'t>(
    low: &mut Lowerer<'t>,
    tree: &'t Tree,
    name: &str,
    subject: crate::plan::RelationId,
    start: &'t Tree,
    list: Option<&'t Tree>,
) -> Option<()> {
    let home = Home::At(subject);
    let first = format!("{name}.start");
    let money = Type::of(Base::Money);
    let expr = low.expr(start, home, Some(money.clone()))?.expr;
    low.add(&first, subject, money.clone(), &start.place, Form::Expr(expr));
    let mut amount = Amount { state: None, value: first };
    if let Some(list) = list {
        amount = steps::lower(low, &Steps { prefix: name, subject }, list, amount)?;
    }
    low.derive(name, home, Some(money), &tree.place, &format!("round_money({})", amount.value))?;
    low.result(subject, name, false);
    Some(())
}
