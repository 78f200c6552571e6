//! Disputes: those of their own table and those the invoices' own rows speak of.

use super::Assembly;
use super::items::{Items, parts};
use crate::book::draft::Draft;
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
        let mut undated = 0;
        for (invoice, row) in &said.rows {
            let amount = table.amount("disputed_amount", *row);
            let disputed = table.flag("disputed", *row).unwrap_or(amount.is_some_and(|a| !a.is_zero()));
            if !disputed {
                continue;
            }
            undated += 1;
            let closed_on = table.date("settled_on", *row).map_or(Value::Missing, Value::Date);
            for (item, amount) in parts(amount, &items.of(self, *invoice)) {
                let id = format!("{}#disputed", self.book.id(item_ids, item.row)).into();
                let amount = amount.map_or(Value::Missing, Value::Dec);
                let values = [("closed_on", closed_on.clone()), ("amount", amount)];
                disputes.push(id, item.row, table.place(*row), &values);
            }
        }
        self.undated("invoices.disputed", undated);
        Some(())
    }
}
