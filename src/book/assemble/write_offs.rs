//! Write-offs: what is owed no more although nobody paid it.

use rust_decimal::Decimal;

use super::Assembly;
use super::allocations::Sets;
use super::items::{Items, spread};
use crate::book::draft::{Draft, Made};
use crate::lang::Value;

impl Assembly<'_> {
    /// Sets the write-offs against their items, the oldest first, each up to what payments and credit notes leave.
    pub(super) fn write_offs(&mut self, sets: &mut Sets, allocations: &mut Draft) -> Option<()> {
        let Some(table) = self.table("write_offs") else { return Some(()) };
        let (item_ids, items) = (self.relation("item")?, Items::new(self)?);
        let mut named = self.of_invoices(&table, |_| None)?;
        named.sift.unique_texts(&mut self.ledger, &table, "id", &table.strings("id"));
        let mut rows: Vec<u32> = named.sift.kept();
        rows.sort_by_key(|row| (table.date("on", *row), table.text("id", *row)));
        let mut made = Made::new(&["on", "amount", "kind"]);
        let mut undated = Vec::new();
        for row in rows {
            let (Some(id), Some(amount)) = (table.text("id", row), table.amount("amount", row)) else { continue };
            let Some(invoice) = named.row(row) else { continue };
            let covered = match self.covered(&items, invoice, table.whole("instalment", row)) {
                Ok(covered) => covered,
                Err(why) => {
                    named.sift.reject(&mut self.ledger, &table, row, Some("instalment"), why);
                    continue;
                }
            };
            let left = |item: &super::items::Item| {
                let gone = sets.of(item.row).filter(|(_, _, returned)| returned.is_none());
                gone.fold(item.amount, |left, (_, amount, _)| left - amount)
            };
            let room: Decimal = covered.iter().map(|item| left(item).max(Decimal::ZERO)).sum();
            if amount > room {
                let why = format!("is more than the {} that is left of it", room.normalize());
                named.sift.reject(&mut self.ledger, &table, row, Some("amount"), why);
                continue;
            }
            let on = table.date("on", row);
            undated.extend(on.is_none().then_some(row));
            for (item, part) in spread(amount, &covered, left) {
                sets.push(item.row, (on, part, None));
                let id = format!("{id}#{}#write_off", self.book.id(item_ids, item.row));
                let values = [on.map_or(Value::Missing, Value::Date), Value::Dec(part), Value::text("write_off")];
                made.push(&id, item.row, table.place(row), &values);
            }
        }
        allocations.add(made);
        self.undated("write_offs.on", &table, undated.into_iter());
        Some(())
    }
}
