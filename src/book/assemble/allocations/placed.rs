//! The parts of allocations as they go to items.

use arrow_array::Array as _;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::parts::{AllocationRows, Part, by_row};
use crate::book::assemble::items::{Item, Items, spread};
use crate::book::ids::NONE;

/// A part of a row that goes to an item.
pub(super) struct Placed<'p> {
    pub(super) part: &'p Part,
    /// The row of the item.
    pub(super) item: u32,
    pub(super) amount: Decimal,
    /// What it takes of the payment or credit note.
    pub(super) taken: Decimal,
}

/// Money set against an item: on which date (none when it is not known), how much, and when it was returned.
pub(in crate::book::assemble) type Set = (Option<NaiveDate>, Decimal, Option<NaiveDate>);

/// The money set against items.
#[derive(Default)]
pub(in crate::book::assemble) struct Sets {
    /// For each item the number of the last one; [`NONE`] where there is none.
    last: Vec<u32>,
    /// Each with the number of the one before it, of the same item.
    sets: Vec<(Set, u32)>,
}

impl Sets {
    /// Notes money set against an item.
    pub(in crate::book::assemble) fn push(&mut self, item: u32, set: Set) {
        let at = item as usize;
        if self.last.len() <= at {
            self.last.resize(at + 1, NONE);
        }
        if let Some(last) = self.last.get_mut(at) {
            self.sets.push((set, *last));
            *last = u32::try_from(self.sets.len() - 1).unwrap_or(NONE);
        }
    }

    /// What was set against an item.
    pub(in crate::book::assemble) fn of(&self, item: u32) -> impl Iterator<Item = &Set> {
        let mut next = self.last.get(item as usize).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            let (set, before) = self.sets.get(next as usize)?;
            next = *before;
            Some(set)
        })
    }

    /// Whether nothing was set against anything.
    pub(super) fn are_none(&self) -> bool {
        self.sets.is_empty()
    }
}

impl AllocationRows<'_> {
    /// Which items the parts go to: first what names an instalment, then the rest, the oldest due first.
    pub(super) fn place<'p>(&self, parts: &'p [Part]) -> Vec<Placed<'p>> {
        let first = |part: &Part| (part.instalment.is_none(), part.on);
        let order = |a: &Part, b: &Part| first(a).cmp(&first(b)).then_with(|| self.order(a, b));
        by_row(parts, self.invoice_ids.len(), |part| part.invoice, order, |parts| place(parts, &self.items))
    }
}

/// Which items of one invoice the parts set against it go to.
fn place<'p>(parts: &[&'p Part], items: &Items) -> Vec<Placed<'p>> {
    let mut left = parts.first().map_or_else(Vec::new, |part| items.of(part.invoice));
    let mut placed = Vec::with_capacity(parts.len());
    for part in parts {
        let is_named = |item: &&Item| part.instalment.is_none_or(|no| item.no == no);
        let of: Vec<Item> = left.iter().filter(is_named).copied().collect();
        let mut left_of = (part.amount, part.taken);
        for (item, amount) in spread(part.amount, &of, |item| item.amount) {
            // What was returned leaves its room to others.
            if part.returned_on.is_none() {
                let item = left.iter_mut().find(|left| left.row == item.row);
                item.into_iter().for_each(|item| item.amount = item.amount.saturating_sub(amount));
            }
            placed.push(Placed { part, item: item.row, amount, taken: share(&mut left_of, amount) });
        }
    }
    placed
}

/// The share of what is taken that falls to a part of the amount; the last part takes the rest.
fn share((amount_left, taken_left): &mut (Decimal, Decimal), amount: Decimal) -> Decimal {
    let share = match taken_left.checked_mul(amount).and_then(|product| product.checked_div(*amount_left)) {
        _ if *taken_left == *amount_left => amount,
        Some(share) if amount != *amount_left => share.round_dp(taken_left.scale().max(amount.scale())),
        _ => *taken_left,
    };
    *amount_left -= amount;
    *taken_left -= share;
    share
}
