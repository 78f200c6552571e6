//! Write-offs: what is owed no more although nobody paid it.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::Assembly;
use super::allocations::Set;
use super::items::{Items, spread};
use crate::book::draft::Draft;
use crate::lang::Value;

impl Assembly<'_> {
    /// Sets the write-offs against their items, the oldest first, each up to what payments and credit notes leave.
    pub(super) fn write_offs(&mut self, set: &mut HashMap<u32, Vec<Set>>, allocations: &mut Draft) -> Option<()> {
        let Some(table) = self.table("write_offs") else { return Some(()) };
        let (invoices, item_ids, items) = (self.relation("invoice")?, self.relation("item")?, Items::new(self)?);
        let mut sift = self.of_invoices(&table, |_| None)?;
        sift.unique(&mut self.ledger, &table, Some("id"), |row| table.text("id", row));
        let mut rows: Vec<u32> = sift.kept();
        rows.sort_by_key(|row| (table.date("on", *row), table.text("id", *row)));
        let mut undated = 0;
        for row in rows {
            let (Some(id), Some(amount)) = (table.text("id", row), table.amount("amount", row)) else { continue };
            let Some(invoice) = table.text("invoice", row).and_then(|of| self.book.find(invoices, of)) else {
                continue;
            };
            let covered = match self.covered(&items, invoice, table.whole("instalment", row)) {
                Ok(covered) => covered,
                Err(why) => {
                    sift.reject(&mut self.ledger, &table, row, Some("instalment"), why);
                    continue;
                }
            };
            let left = |item: &super::items::Item| {
                let gone = set.get(&item.row).into_iter().flatten().filter(|(_, _, returned)| returned.is_none());
                gone.fold(item.amount, |left, (_, amount, _)| left - amount)
            };
            let room: Decimal = covered.iter().map(|item| left(item).max(Decimal::ZERO)).sum();
            if amount > room {
                let why = format!("is more than the {} that is left of it", room.normalize());
                sift.reject(&mut self.ledger, &table, row, Some("amount"), why);
                continue;
            }
            let on = table.date("on", row);
            undated += usize::from(on.is_none());
            for (item, part) in spread(amount, &covered, left) {
                set.entry(item.row).or_default().push((on, part, None));
                let id = format!("{id}#{}#write_off", self.book.id(item_ids, item.row)).into();
                let values = [
                    ("on", on.map_or(Value::Missing, Value::Date)),
                    ("amount", Value::Dec(part)),
                    ("kind", Value::text("write_off")),
                ];
                allocations.push(id, item.row, table.place(row), &values);
            }
        }
        self.undated("write_offs.on", undated);
        Some(())
    }
}
