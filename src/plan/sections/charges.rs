//! `late_charge:` a sum over the pieces of an item's life: balance × rate × days.
//!
//! A day bears the charge on what was open when it began; days run from the day after due to the as-of date or the day
//! of settlement, both counted.

mod accrued;
mod base;
mod bounds;
mod fixed_sum;
mod pieces;
mod rate;
mod written;

use crate::lang::{Base, Type};
use crate::plan::lower::{Home, Lowerer, Subjects, Tally};
use crate::plan::node::Take;
use crate::policy::read;
use crate::policy::tree::Entry;

use rate::Bands;
use written::Charge;

const ITEM: Home = Home::At(Subjects::ITEM);

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let mut names = Vec::new();
    for tree in read::list(&section.value, &mut low.sink).unwrap_or(&[]) {
        let Some(charge) = written::read_charge(low, tree) else { continue };
        let name = format!("late_charge.{}", charge.id);
        names.push(name.clone());
        low.define(vec![name], &tree.place, move |low| {
            lower(low, &charge);
        });
    }
    let place = &section.key_place;
    let totals = ["item.late_charges", "account.late_charges", "portfolio.late_charges"].map(String::from).to_vec();
    low.define(totals, place, move |low| {
        let sum = if names.is_empty() { "0".into() } else { names.join(" + ") };
        if low.derive("item.late_charges", ITEM, Some(Type::of(Base::Money)), place, &sum).is_none() {
            return;
        }
        for (name, subject) in
            [("account.late_charges", Subjects::ACCOUNT), ("portfolio.late_charges", Subjects::PORTFOLIO)]
        {
            let value = Some("item.late_charges");
            low.tally(name, subject, place, Tally { of: Subjects::ITEM, take: Take::Sum, value, filter: None });
        }
    });
}

fn lower<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>) -> Option<()> {
    let place = &charge.tree.place;
    let money = || Some(Type::of(Base::Money));
    base::base_and_from(low, charge)?;
    let bands = charge.rate.map(|rate| Bands::read(low, charge, rate));
    let bands = match bands {
        Some(bands) => Some(bands?),
        None => None,
    };
    let relation = pieces::cut(low, charge, bands.as_ref().map(|b| b.edges.clone()).unwrap_or_default())?;
    let due = match (&bands, charge.fixed) {
        (Some(bands), _) => accrued::accrued(low, charge, bands, relation)?,
        (None, Some(fixed)) => fixed_sum::fixed_sum(low, charge, fixed)?,
        (None, None) => return None,
    };
    let due = bounds::capped(low, charge, due)?;
    let name = format!("late_charge.{}", charge.id);
    let node = low.derive(&name, ITEM, money(), place, &format!("round_money({due})"));
    low.label(node, charge.label);
    Some(())
}
