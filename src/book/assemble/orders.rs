//! The lines of orders. An order without lines has one, itself, of which nothing is invoiced.

use rust_decimal::Decimal;

use super::Assembly;
use crate::book::draft::{Draft, Made};
use crate::book::ids::Index;
use crate::book::tables::Table;
use crate::book::texts::{Texts, take_texts};
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
        let alone: Vec<u32> = (0u32..).zip(has_lines).filter(|(_, has)| !has).map(|(row, _)| row).collect();
        let ids = take_texts(&rows.ids, &alone);
        let index = Index::new(Texts::of(&ids));
        let mut is_line = vec![false; alone.len()];
        for at in draft.ids().filter_map(|id| index.find(Texts::of(&ids), id.as_bytes())) {
            is_line.get_mut(at as usize).into_iter().for_each(|is_line| *is_line = true);
        }
        let mut made = Made::new(&["amount", "invoiced"]);
        for ((row, id), is_line) in alone.into_iter().zip(&ids).zip(is_line) {
            let (Some(place), Some(amount), Some(id)) = (rows.origins.get(row), amount.amount(row), id) else {
                continue;
            };
            let id = if is_line { format!("{id}#whole") } else { id.to_owned() };
            made.push(&id, row, place, &[Value::Dec(amount), Value::Dec(Decimal::ZERO)]);
        }
        draft.add(made);
        Some(())
    }
}
