//! Disputes, promises and payment plans: of one instalment, or of every item of an invoice.

use std::sync::Arc;

use rust_decimal::Decimal;

use super::Assembly;
use super::items::{Item, Items, spread};
use crate::book::Cell;
use crate::book::draft::{Draft, Kept};
use crate::lang::Value;

impl Assembly<'_> {
    /// Disputes, the invoices' own included, promises and payment plans.
    pub(super) fn claims(&mut self) -> Option<()> {
        let mut disputes = self.over_items("disputes", "dispute")?;
        self.flagged(&mut disputes)?;
        self.put(disputes);
        let promises = self.over_items("promises", "promise")?;
        self.put(promises);
        let plans = self.over_items("payment_plans", "payment_plan")?;
        self.put(plans);
        Some(())
    }

    fn over_items(&mut self, name: &'static str, relation: &str) -> Option<Draft> {
        let mut draft = Draft::new(self.schema, relation)?;
        let Some(table) = self.table(name) else { return Some(draft) };
        let (invoices, item_ids, items) = (self.relation("invoice")?, self.relation("item")?, Items::new(self)?);
        let mut sift = self.of_invoices(&table, |_| None)?;
        sift.unique(&mut self.ledger, &table, Some("id"), |row| table.text("id", row));
        let (mut kept, mut amounts) = (Vec::new(), Vec::new());
        for row in sift.kept() {
            let (Some(id), Some(of)) = (table.text("id", row), table.text("invoice", row)) else { continue };
            let Some(invoice) = self.book.find(invoices, of) else { continue };
            let mut covered = items.of(self, invoice);
            if let Some(no) = table.whole("instalment", row) {
                covered.retain(|item| item.no == no);
            }
            if covered.is_empty() {
                let why = "the invoice has no instalment of this number".into();
                sift.reject(&mut self.ledger, &table, row, Some("instalment"), why);
                continue;
            }
            let alone = covered.len() == 1;
            for (item, amount) in parts(table.amount("amount", row), &covered) {
                let id =
                    if alone { Arc::clone(id) } else { format!("{id}#{}", self.book.id(item_ids, item.row)).into() };
                kept.push(Kept { id, parent: item.row, row });
                amounts.push(amount.map_or(Cell::Blank, |amount| Cell::Given(Value::Dec(amount))));
            }
        }
        let mut own = vec![("amount", amounts)];
        if relation == "promise" {
            // A promise that names no tolerance has none.
            let tolerance = |k: &Kept| Cell::Given(Value::Int(table.whole("tolerance", k.row).unwrap_or(0)));
            own.push(("tolerance", kept.iter().map(tolerance).collect()));
        }
        draft.append(&table, &kept, own);
        let since = match relation {
            "dispute" => "opened_on",
            "promise" => "created_on",
            _ => "from",
        };
        let undated = sift.kept().iter().filter(|row| table.date(since, **row).is_none()).count();
        self.undated(&format!("{name}.{since}"), undated);
        Some(draft)
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

/// The parts of an amount by item; without an amount the whole of each.
fn parts(amount: Option<Decimal>, items: &[Item]) -> Vec<(Item, Option<Decimal>)> {
    match amount {
        None => items.iter().map(|item| (*item, None)).collect(),
        Some(amount) => spread(amount, items, |item| item.amount).into_iter().map(|(i, a)| (i, Some(a))).collect(),
    }
}
