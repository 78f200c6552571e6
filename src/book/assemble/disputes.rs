//! Disputes: those of their own table and those the invoices' own rows speak of.

use super::Assembly;
use super::items::{Items, parts};
use crate::book::draft::{Draft, Made};
use crate::book::tables::Table;
use crate::lang::Value;

impl Assembly<'_> {
    pub(super) fn disputes(&mut self) -> Option<()> {
        let table = Table::named("disputes")?;
        let mut disputes = match self.table(table.name) {
            Some(typed) => self.rows_under(table, &typed)?,
            None => Draft::new(self.schema, "dispute")?,
        };
        self.flagged(&mut disputes)?;
        self.put(disputes);
        Some(())
    }

    /// What the invoices' own rows dispute: while open, since a date nobody says.
    fn flagged(&mut self, disputes: &mut Draft) -> Option<()> {
        let Some(said) = self.said.take() else { return Some(()) };
        let (table, items, item_ids) = (&said.table, Items::new(self)?, self.relation("item")?);
        let (disputed, amount) = (table.values("disputed"), table.values("disputed_amount"));
        if !disputed.are_there() && !amount.are_there() {
            return Some(());
        }
        let settled_on = table.values("settled_on");
        let mut made = Made::new(&["closed_on", "amount"]);
        let mut undated = Vec::new();
        for (invoice, row) in (0u32..).zip(said.rows.iter().copied()) {
            let amount = amount.amount(row);
            if !disputed.flag(row).unwrap_or(amount.is_some_and(|a| !a.is_zero())) {
                continue;
            }
            undated.push(row);
            let closed_on = settled_on.date(row).map_or(Value::Missing, Value::Date);
            for (item, amount) in parts(amount, &items.of(invoice)) {
                let id = format!("{}#disputed", self.book.id(item_ids, item.row));
                let amount = amount.map_or(Value::Missing, Value::Dec);
                made.push(&id, item.row, table.place(row), &[closed_on.clone(), amount]);
            }
        }
        disputes.add(made);
        self.undated("invoices.disputed", table, undated.into_iter());
        Some(())
    }
}
