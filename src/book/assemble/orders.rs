//! The lines of orders. An order without lines has one, itself, of which nothing is invoiced.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::Assembly;
use crate::book::draft::{Draft, Made};
use crate::book::tables::Table;
use crate::lang::Value;

impl Assembly<'_> {
    pub(super) fn order_lines(&mut self) -> Option<()> {
        let table = Table::named("order_lines")?;
        let mut draft = match self.table(table.name) {
            Some(typed) => {
                let invoiced = typed.values("invoiced");
                let invoiced = (0..typed.len()).filter(|row| invoiced.is_given(*row));
                self.undated("order_lines.invoiced", &typed, invoiced);
                self.rows_under(table, &typed)?
            }
            None => Draft::new(self.schema, "order_line")?,
        };
        self.whole_orders(&mut draft)?;
        self.put(draft);
        Some(())
    }

    fn whole_orders(&self, draft: &mut Draft) -> Option<()> {
        let order = self.relation("order")?;
        let amount = self.fact(order, "amount");
        let mut has_lines = vec![false; self.book.count(order)];
        for parent in draft.parents() {
            if let Some(slot) = has_lines.get_mut(parent as usize) {
                *slot = true;
            }
        }
        let rows = self.book.rows(order)?;
        let mut made = Made::new(&["amount", "invoiced"]);
        {
            let lines: HashSet<&str> = draft.ids().collect();
            for (row, _) in (0u32..).zip(has_lines).filter(|(_, has)| !has) {
                let (Some(place), Some(amount)) = (rows.origins.get(row), amount.amount(row)) else { continue };
                let id = self.book.id(order, row);
                let id = if lines.contains(id) { format!("{id}#whole") } else { id.to_owned() };
                made.push(&id, row, place, &[Value::Dec(amount), Value::Dec(Decimal::ZERO)]);
            }
        }
        draft.add(made);
        Some(())
    }
}
