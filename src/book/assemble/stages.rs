//! Parts of an invoice that wait for an event: what each waits for, and when that came.

use std::collections::HashMap;

use arrow_array::StringArray;
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::Assembly;
use crate::book::ids::{NONE, some};
use crate::book::rejects::Sift;
use crate::book::texts;
use crate::book::typed::Typed;

/// A part that still waits.
pub(super) struct Waiting {
    pub(super) no: i64,
    pub(super) amount: Decimal,
}

/// What the row of an instalment says of its event.
pub(super) struct Wait {
    pub(super) plus_days: i64,
    /// When the event came.
    pub(super) reached_on: Option<NaiveDate>,
    /// So many days after it.
    pub(super) due_date: Option<NaiveDate>,
}

/// A milestone, by whose it is and its id.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Milestone {
    OfInvoice(String, String),
    OfOrder(String, String),
}

/// The milestones of a book, with the days on which they were reached.
#[derive(Default)]
pub(super) struct Milestones(HashMap<Milestone, Option<NaiveDate>>);

/// A column and why what stands there cannot be.
type Fault = (&'static str, String);

impl Assembly<'_> {
    /// The parts of an invoice whose event has not come.
    pub(super) fn waiting(&self, invoice: u32) -> Vec<Waiting> {
        let Some(stages) = self.relation("stage").filter(|stages| self.book.count(*stages) > 0) else {
            return Vec::new();
        };
        let fact = |name| self.fact(stages, name);
        let (no, amount, reached_on) = (fact("no"), fact("amount"), fact("reached_on"));
        let waiting = |row| match (no.whole(row), amount.amount(row), reached_on.day(row)) {
            (Some(no), Some(amount), None) => Some(Waiting { no, amount }),
            _ => None,
        };
        self.book.children(stages, invoice).filter_map(waiting).collect()
    }

    /// The milestones of invoices and orders.
    pub(super) fn milestones(&mut self, invoices: &Typed) -> Milestones {
        let Some(table) = self.table("milestones") else { return Milestones::default() };
        let invoice_ids = invoices.strings("id");
        let owners = self.owners(invoices, &invoice_ids);
        let Some(orders) = self.relation("order") else { return Milestones::default() };
        let orders = self.found(orders, "orders", table.strings("order"));
        let of_orders = self.accounts_of(&orders);
        let account_of = |row| match table.text("invoice", row) {
            Some(invoice) => owners.get(invoice.as_ref()).copied().flatten(),
            None => of_orders.get(row as usize).copied(),
        };
        let accounts = (0..table.len()).map(|row| account_of(row).unwrap_or(NONE)).collect();
        let mut sift = Sift::strict(&table, &mut self.ledger, accounts);
        let key = |row| {
            let id = table.text("id", row)?.to_string();
            match (table.text("invoice", row), table.text("order", row)) {
                (Some(invoice), None) => Some(Milestone::OfInvoice(invoice.to_string(), id)),
                (None, Some(order)) => Some(Milestone::OfOrder(order.to_string(), id)),
                _ => None,
            }
        };
        for row in (0..table.len()).filter(|row| !table.is_broken(*row)) {
            let (column, why) = match (table.text("invoice", row), table.text("order", row)) {
                (Some(_), Some(_)) => {
                    ("order", "stands beside an invoice; a milestone is of the one or the other".into())
                }
                (None, None) => ("invoice", "names no invoice or order".into()),
                (Some(invoice), None) if !owners.contains_key(invoice.as_ref()) => {
                    ("invoice", "no invoice has this id".into())
                }
                (None, Some(_)) if orders.row(row).is_none() => ("order", self.why_unknown(&orders, row)),
                _ => continue,
            };
            sift.reject(&mut self.ledger, &table, row, Some(column), why);
        }
        sift.unique(&mut self.ledger, &table, Some("id"), key);
        let kept = sift.kept().into_iter();
        Milestones(kept.filter_map(|row| Some((key(row)?, table.date("reached_on", row)))).collect())
    }

    /// The accounts of the invoices of a table, by id.
    fn owners<'i>(&self, invoices: &Typed, texts: &'i StringArray) -> HashMap<&'i str, Option<u32>> {
        let accounts = self.ledger.accounts_of(&invoices.strings("customer"));
        let owners = (0u32..).zip(accounts);
        owners.filter_map(|(row, account)| Some((texts::text(texts, row)?, some(account)))).collect()
    }

    /// What an instalment waits for; `None` when it falls due on a day of its own.
    pub(super) fn wait(
        &self,
        (invoices, invoice): (&Typed, u32),
        (table, row): (&Typed, u32),
        milestones: &Milestones,
    ) -> Result<Option<Wait>, Fault> {
        let milestone = table.text("milestone", row);
        let plus_days = table.whole("plus_days", row);
        let Some(at) = table.text("at", row) else {
            return match (plus_days, milestone) {
                (Some(_), _) => Err(("plus_days", "stands without an event to count from; name it under `at`".into())),
                (None, Some(_)) => Err(("milestone", "stands without `at`; write `milestone` there".into())),
                (None, None) => Ok(None),
            };
        };
        if table.date("due_date", row).is_some() {
            return Err(("at", "stands beside a due date; a part falls due on a day, or after an event".into()));
        }
        let plus_days = plus_days.unwrap_or(0);
        if plus_days < 0 {
            return Err(("plus_days", "is less than 0".into()));
        }
        let reached_on = match (&**at, milestone) {
            ("milestone", None) => return Err(("milestone", "is blank, and the part waits for a milestone".into())),
            ("milestone", Some(id)) => self.reached((invoices, invoice), id, milestones),
            (_, Some(_)) => return Err(("milestone", format!("stands beside `{at}`; a part waits for one event"))),
            ("order", None) => Some(self.ordered_on(invoices, invoice)?),
            ("delivery", None) => invoices.date("delivery_date", invoice),
            ("acceptance", None) => invoices.date("acceptance_date", invoice),
            _ => invoices.date("issue_date", invoice),
        };
        let days = Days::new(plus_days.unsigned_abs());
        let due_date = match reached_on {
            Some(day) => {
                let due = day.checked_add_days(days).ok_or(("plus_days", "is too many to be a day".to_owned()))?;
                Some(due)
            }
            None => None,
        };
        Ok(Some(Wait { plus_days, reached_on, due_date }))
    }

    fn reached(
        &self,
        (invoices, invoice): (&Typed, u32),
        id: &str,
        Milestones(milestones): &Milestones,
    ) -> Option<NaiveDate> {
        let own = Milestone::OfInvoice(invoices.text("id", invoice)?.to_string(), id.to_owned());
        if let Some(reached) = milestones.get(&own) {
            return *reached;
        }
        let of_order = Milestone::OfOrder(invoices.text("order", invoice)?.to_string(), id.to_owned());
        milestones.get(&of_order).copied().flatten()
    }

    /// The day of the order that an invoice names.
    fn ordered_on(&self, invoices: &Typed, invoice: u32) -> Result<NaiveDate, Fault> {
        let fault = |why: String| ("at", why);
        let orders = self.relation("order").ok_or_else(|| fault("there are no orders".into()))?;
        let named = invoices.text("order", invoice);
        let id = named.ok_or_else(|| fault("waits for the order, and its invoice names none".into()))?;
        let row = self.book.find(orders, id.as_ref());
        let row = row.ok_or_else(|| fault(format!("waits for the order `{id}`, which is not in the book")))?;
        let day = self.date(orders, "ordered_on", row);
        day.ok_or_else(|| fault(format!("waits for the order `{id}`, which has no `ordered_on`")))
    }
}
