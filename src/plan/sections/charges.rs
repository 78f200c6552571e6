//! `late_charge:` a sum over the pieces of an item's life: balance × rate × days.
//!
//! A day bears the charge on what was open when it began; days run from the day after due to the as-of date or the day
//! of settlement, both counted.

mod accrued;
mod base;
mod bounds;
mod cover;
mod day_count;
mod fixed_on;
mod fixed_sum;
mod pieces;
mod rate;
mod written;

use crate::lang::{Base, Type};
use crate::plan::lower::{Home, Lowerer, Subjects, Tally};
use crate::plan::node::Take;
use crate::policy::read;
use crate::policy::tree::Entry;

use bounds::Bounds;
use cover::Cover;
use rate::Rate;
use written::Charge;

const ITEM: Home = Home::At(Subjects::ITEM);

/// An amount in the currency of an item's invoice.
fn own(low: &Lowerer<'_>) -> Type {
    Type::of(low.plan.schema.amount(Subjects::ITEM))
}

/// What an item bears in its own currency.
const OWN_CHARGES: &str = "item.own_late_charges";

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let mut charges = Vec::new();
    for tree in read::list(&section.value, &mut low.sink).unwrap_or(&[]) {
        charges.extend(written::read_charge(low, tree));
    }
    let names = |wanted: &dyn Fn(&Charge<'t>) -> bool| -> Vec<String> {
        charges.iter().filter(|charge| charge.claimed && wanted(charge)).map(Charge::whole).collect()
    };
    let (claimed, costs) = (names(&|_| true), names(&|charge| charge.fixed.is_some()));
    // A fixed sum is in the policy's currency, and no part of what an item bears in its own.
    let in_own = low.plan.money.converts && !claimed.is_empty() && costs.is_empty();
    for charge in charges {
        let costs = costs.clone();
        let mut made = vec![charge.whole()];
        if charge.payments_cover.is_some() {
            made.extend(cover::MADE.map(|part| charge.name(part)));
        }
        low.define(made, &charge.tree.place, move |low| {
            lower(low, &charge, &costs);
        });
    }
    let place = &section.key_place;
    if in_own {
        let sum = claimed.join(" + ");
        low.define(vec![OWN_CHARGES.into()], place, move |low| {
            low.derive(OWN_CHARGES, ITEM, Some(own(low)), place, &sum);
        });
    }
    let totals = ["item.late_charges", "item.claim", "account.late_charges", "portfolio.late_charges"];
    low.define(totals.map(String::from).to_vec(), place, move |low| {
        let claimed: Vec<String> = claimed.iter().map(|name| format!("convert({name})")).collect();
        let sum = if claimed.is_empty() { "0".into() } else { claimed.join(" + ") };
        let money = || Some(Type::of(Base::Money));
        if low.derive("item.late_charges", ITEM, money(), place, &sum).is_none() {
            return;
        }
        low.derive("item.claim", ITEM, money(), place, "item.open + item.late_charges");
        for (name, subject) in
            [("account.late_charges", Subjects::ACCOUNT), ("portfolio.late_charges", Subjects::PORTFOLIO)]
        {
            let value = Some("item.late_charges");
            low.tally(name, subject, place, Tally { of: Subjects::ITEM, take: Take::Sum, value, filter: None });
        }
    });
}

fn lower<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>, costs: &[String]) -> Option<()> {
    let place = &charge.tree.place;
    base::base_and_from(low, charge)?;
    let rate = match charge.rate {
        Some(tree) => Some(Rate::read(low, charge, tree)?),
        None => None,
    };
    let cover = match (charge.payments_cover, &rate) {
        (Some(tree), Some(rate)) => Some(Cover::read(low, charge, rate, tree, costs)?),
        _ => None,
    };
    let relation = pieces::cut(low, charge, rate.as_ref(), cover.as_ref())?;
    let bounds = Bounds::read(low, charge)?;
    let due = match (&rate, charge.fixed) {
        (Some(rate), _) => {
            accrued::rate_and_time(low, charge, rate, relation)?;
            match &cover {
                Some(cover) => cover.accrued(low, charge, rate, relation, &bounds)?,
                None => accrued::accrued(low, charge, rate, relation)?,
            }
        }
        (None, Some(fixed)) => fixed_sum::fixed_sum(low, charge, fixed)?,
        (None, None) => return None,
    };
    let node = low.derive(&charge.whole(), ITEM, Some(Type::of(charge.due(low))), place, &bounds.applied(&due));
    low.label(node, charge.label);
    if let Some(cover) = &cover {
        cover.open(low, charge)?;
    }
    Some(())
}
