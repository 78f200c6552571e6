//! `exposure:` parts that cannot overlap; each shows in the explanation.

use crate::lang::{Base, Type};
use crate::plan::lower::{Home, Lowerer, Subjects, Tally};
use crate::plan::node::{Aggregate, Form, Take};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree};

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let Some(parts) = read::list(&section.value, &mut low.sink) else { return };
    let mut names = Vec::new();
    for part in parts {
        names.extend(declare_part(low, part));
    }
    let place = &section.key_place;
    low.define(vec!["account.exposure".into()], place, move |low| {
        let sum = if names.is_empty() { "0".into() } else { names.join(" + ") };
        low.derive("account.exposure", Home::At(Subjects::ACCOUNT), Some(Type::of(Base::Money)), place, &sum);
    });
    for (name, above) in [("group.exposure", "group"), ("portfolio.exposure", "portfolio")] {
        low.define(vec![name.into()], place, move |low| {
            let Some(subject) = low.subject_named(above) else { return };
            let of = Subjects::ACCOUNT;
            low.tally(
                name,
                subject,
                place,
                Tally { of, take: Take::Sum, value: Some("account.exposure"), filter: None },
            );
        });
    }
}

fn declare_part<'t>(low: &mut Lowerer<'t>, part: &'t Tree) -> Option<String> {
    let mut fields = Fields::of(part, "a part of the exposure", &mut low.sink)?;
    let id = fields.need("id", &mut low.sink).and_then(|t| read::id(t, &mut low.sink));
    let of = fields.need("for", &mut low.sink);
    let amount = fields.need("amount", &mut low.sink);
    let filter = fields.take("where", &mut low.sink);
    fields.finish(&mut low.sink);
    let name = format!("exposure.{}", id?);
    let (of, amount) = (of?, amount?);
    low.define(vec![name.clone()], &part.place, {
        let name = name.clone();
        move |low| {
            let Some(of) = low.relation_below(of, Some(Subjects::ACCOUNT)) else { return };
            let row = Home::At(of);
            let filter = match filter {
                Some(tree) => match low.condition(tree, row) {
                    Some(when) => Some(when.expr),
                    None => return,
                },
                None => None,
            };
            let given: Vec<_> = filter.iter().cloned().collect();
            let Some(amount) = low.expr_given(amount, row, Some(Type::of(Base::Money)), &given) else { return };
            let (value, take) = (Some(amount.expr), Take::Sum);
            let aggregate = Aggregate { of, take, value, filter, weight: None, window: None, as_at: None };
            let form = Form::Aggregate(Box::new(aggregate));
            low.add(&name, Subjects::ACCOUNT, Type::of(Base::Money), &part.place, form);
        }
    });
    Some(name)
}
