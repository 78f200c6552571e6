//! The lines of orders. An order without lines has one, itself, of which nothing is invoiced.

use std::collections::HashSet;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::Assembly;
use crate::book::Cell;
use crate::book::draft::Draft;
use crate::book::tables::Table;
use crate::lang::Value;

impl Assembly<'_> {
    pub(super) fn order_lines(&mut self) -> Option<()> {
        let table = Table::named("order_lines")?;
        let mut draft = match self.table(table.name) {
            Some(typed) => {
                let invoiced = (0..typed.len()).filter(|row| typed.amount("invoiced", *row).is_some()).count();
                self.undated("order_lines.invoiced", invoiced);
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
        let amount = self.schema.fact(order, "amount")?;
        let mut has_lines = vec![false; self.book.count(order)];
        for parent in &draft.parents {
            if let Some(slot) = has_lines.get_mut(*parent as usize) {
                *slot = true;
            }
        }
        let rows = self.book.rows(order)?;
        let lines: HashSet<Arc<str>> = draft.ids.iter().cloned().collect();
        for (row, _) in (0u32..).zip(has_lines).filter(|(_, has)| !has) {
            let (Some(id), Some(place)) = (rows.ids.get(row as usize), rows.lines.get(row as usize)) else { continue };
            let Cell::Given(amount) = self.book.cell(order, amount, row, chrono::NaiveDate::MAX) else { continue };
            let id = if lines.contains(id) { format!("{id}#whole").into() } else { Arc::clone(id) };
            draft.push(id, row, *place, &[("amount", amount.clone()), ("invoiced", Value::Dec(Decimal::ZERO))]);
        }
        Some(())
    }
}
