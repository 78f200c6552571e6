//! `approvals:` who must agree to a limit; the first row that hits.

use super::table;
use crate::lang::{Base, Type};
use crate::plan::lower::{Home, Lowerer, Subjects};
use crate::plan::node::Hit;
use crate::policy::tree::Entry;

const OUTPUTS: [&str; 2] = ["in_order", "distinct_people"];

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    low.head("approval.in_order", Type::maybe(Base::List(Box::new(Base::Text))));
    let names = ["approval", "approval.in_order", "approval.distinct_people"].map(String::from).to_vec();
    low.define(names, &section.key_place, move |low| {
        lower(low, section);
    });
}

fn lower<'t>(low: &mut Lowerer<'t>, section: &'t Entry) -> Option<()> {
    let place = &section.key_place;
    let subject = Subjects::ACCOUNT;
    let rows = table::rows(low, &section.value, &OUTPUTS, Home::At(subject));
    let approval = table::choice_of_row(low, "approval", place, subject, &rows, Hit::First, false);
    let roles = Base::List(Box::new(Base::Text));
    for (name, key, base) in
        [("approval.in_order", "in_order", roles), ("approval.distinct_people", "distinct_people", Base::Bool)]
    {
        table::output_of_row(low, name, approval, place, subject, base, &rows, |row| row.output(key).cloned());
    }
    Some(())
}
