//! Tables whose rows lie directly under an account, an order or an invoice.

use std::collections::HashSet;
use std::sync::Arc;

use super::Assembly;
use crate::book::Cell;
use crate::book::draft::{Draft, Kept};
use crate::book::rejects::Sift;
use crate::book::typed::Typed;
use crate::lang::Value;
use rust_decimal::Decimal;

impl Assembly<'_> {
    /// Payments or credit notes.
    pub(super) fn money_in(&mut self, name: &'static str, relation: &str) -> Option<()> {
        let Some(table) = self.table(name) else { return Some(()) };
        let mut sift = self.of_customers(&table);
        sift.unique(&mut self.ledger, &table, Some("id"), |row| table.text("id", row));
        self.fill(name, relation, &table, sift, |row| table.text("id", row).cloned())
    }

    /// Orders and their lines. An order without lines has one, itself, of which nothing is invoiced.
    pub(super) fn orders(&mut self) -> Option<()> {
        self.money_in("orders", "order")?;
        let (order, mut draft) = (self.relation("order")?, Draft::new(self.schema, "order_line")?);
        let undated = self.blank_dates("order", "ordered_on");
        self.undated("orders.ordered_on", undated);
        if let Some(table) = self.table("order_lines") {
            let account_of = |row| self.account_of(order, "orders", table.text("order", row)?);
            let accounts: Vec<_> = (0..table.len()).map(account_of).collect();
            let mut sift = Sift::strict(&table, &mut self.ledger, |row| accounts.get(row as usize).copied().flatten());
            sift.unique(&mut self.ledger, &table, Some("id"), |row| table.text("id", row));
            let mut kept = Vec::new();
            for row in sift.kept() {
                let (Some(id), Some(of)) = (table.text("id", row), table.text("order", row)) else { continue };
                match self.refer(order, "orders", of) {
                    Ok(parent) => kept.push(Kept { id: Arc::clone(id), parent, row }),
                    Err(why) => sift.reject(&mut self.ledger, &table, row, Some("order"), why),
                }
            }
            let invoiced = (0..table.len()).filter(|row| table.amount("invoiced", *row).is_some()).count();
            self.undated("order_lines.invoiced", invoiced);
            draft.append(&table, &kept, Vec::new());
        }
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

    /// Covers of insurers.
    pub(super) fn covers(&mut self) -> Option<()> {
        self.money_in("covers", "cover")?;
        let undated = self.blank_dates("cover", "from");
        self.undated("covers.from", undated);
        Some(())
    }

    /// Decisions in force.
    pub(super) fn decisions(&mut self) -> Option<()> {
        let Some(table) = self.table("decisions") else { return Some(()) };
        let mut sift = self.of_customers(&table);
        let key = |row| Some((table.text("customer", row)?, table.date("decided_on", row)?));
        sift.unique(&mut self.ledger, &table, None, key);
        let id = |row| key(row).map(|(customer, on)| format!("{customer}#{on}").into());
        self.fill("decisions", "decision", &table, sift, id)
    }

    /// Contracts, delivery notes and the like.
    pub(super) fn evidence(&mut self) -> Option<()> {
        let Some(table) = self.table("evidence") else { return Some(()) };
        let invoice = self.relation("invoice")?;
        let mut sift = self.of_invoices(&table, |_| None)?;
        let key = |row| Some((table.text("invoice", row)?, table.text("kind", row)?, table.date("on", row)));
        sift.unique(&mut self.ledger, &table, None, key);
        let mut kept = Vec::new();
        for row in sift.kept() {
            let Some((of, kind, on)) = key(row) else { continue };
            let Some(parent) = self.book.find(invoice, of) else { continue };
            let on = on.map(|d| format!("#{d}")).unwrap_or_default();
            kept.push(Kept { id: format!("{of}#{kind}{on}").into(), parent, row });
        }
        let mut draft = Draft::new(self.schema, "evidence")?;
        draft.append(&table, &kept, Vec::new());
        self.put(draft);
        let undated = self.blank_dates("evidence", "on");
        self.undated("evidence.on", undated);
        Some(())
    }

    /// Refuses the rows with faults, of unknown customers, and in other currencies.
    pub(super) fn of_customers(&mut self, table: &Typed) -> Sift {
        let customers = table.texts("customer");
        let account = |row| self.ledger.account(customers.get(row)?);
        let accounts: Vec<_> = (0..table.len()).map(account).collect();
        let mut sift = Sift::strict(table, &mut self.ledger, |row| accounts.get(row as usize).copied().flatten());
        let currencies = table.texts("currency");
        for row in (0..table.len()).filter(|row| !table.is_broken(*row)) {
            if sift.account(row).is_none() && customers.get(row).is_some() {
                sift.reject(&mut self.ledger, table, row, Some("customer"), "no customer has this id".into());
            }
            if let Some(why) = currencies.get(row).and_then(|currency| self.refuses(currency)) {
                sift.reject(&mut self.ledger, table, row, Some("currency"), why);
            }
        }
        sift
    }

    /// Refuses the rows with faults and of unknown or refused invoices; where the invoice does not say whose a row
    /// is, `otherwise` may.
    pub(super) fn of_invoices(&mut self, table: &Typed, otherwise: impl Fn(u32) -> Option<u32>) -> Option<Sift> {
        let invoice = self.relation("invoice")?;
        let of_invoice = |row| self.account_of(invoice, "invoices", table.text("invoice", row)?);
        let account_of = |row| of_invoice(row).or_else(|| otherwise(row));
        let accounts: Vec<_> = (0..table.len()).map(account_of).collect();
        let mut sift = Sift::strict(table, &mut self.ledger, |row| accounts.get(row as usize).copied().flatten());
        for row in (0..table.len()).filter(|row| !table.is_broken(*row)) {
            if let Some(of) = table.text("invoice", row)
                && let Err(why) = self.refer(invoice, "invoices", of)
            {
                sift.reject(&mut self.ledger, table, row, Some("invoice"), why);
            }
        }
        Some(sift)
    }

    fn fill(
        &mut self,
        name: &'static str,
        relation: &str,
        table: &Typed,
        sift: Sift,
        id: impl Fn(u32) -> Option<Arc<str>>,
    ) -> Option<()> {
        self.remember_refused(name, table, &sift);
        let keep = |row| Some(Kept { id: id(row)?, parent: sift.account(row)?, row });
        let kept: Vec<Kept> = sift.kept().into_iter().filter_map(keep).collect();
        let mut draft = Draft::new(self.schema, relation)?;
        draft.append(table, &kept, Vec::new());
        self.put(draft);
        Some(())
    }

    /// How many rows of a relation do not say since when they exist.
    pub(super) fn blank_dates(&self, relation: &str, fact: &str) -> usize {
        let count = || {
            let relation = self.relation(relation)?;
            let fact = self.schema.fact(relation, fact)?;
            let rows = (0u32..).take(self.book.count(relation));
            let blank = |row: &u32| *self.book.cell(relation, fact, *row, chrono::NaiveDate::MAX) == Cell::Blank;
            Some(rows.filter(blank).count())
        };
        count().unwrap_or(0)
    }
}
