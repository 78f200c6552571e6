//! Payments and credit notes, and the parts of them set against items.

mod parts;
mod placed;
mod writer;

use chrono::NaiveDate;
use rayon::prelude::*;
use rust_decimal::Decimal;

use self::parts::{AllocationRows, From};
use self::placed::{Placed, Set};
use self::writer::Writer;
use super::Assembly;
use super::items::{Item, Items, spread};
use super::refs::Found;
use crate::book::Cell;
use crate::book::draft::{Draft, Made};
use crate::book::ids::{NONE, some};
use crate::book::typed::Typed;
use crate::lang::Value;
use crate::plan::RelationId;

pub(super) use self::placed::Sets;

impl Assembly<'_> {
    /// What was set against items: parts of payments and credit notes, write-offs, and what the invoices' own rows say
    /// was settled.
    pub(super) fn allocations(&mut self) -> Option<()> {
        let mut allocations = Draft::new(self.schema, "allocation")?;
        let mut applications =
            [Draft::new(self.schema, "application")?, Draft::new(self.schema, "credit_application")?];
        let mut sets = Sets::default();
        if let Some(table) = self.table("allocations") {
            let named_sources = self.sources(&table)?;
            let mut named = self.of_invoices(&table, self.payers(&named_sources))?;
            let rows = AllocationRows::of(self, &table, &named_sources)?;
            let parts = self.parts(&table, &rows, &mut named);
            let placed = rows.place(&parts);
            for Placed { part, item, amount, .. } in &placed {
                sets.push(*item, (part.on, *amount, part.returned_on));
            }
            let item_ids = &self.book.rows(self.relation("item")?)?.ids;
            let writer = Writer { table: &table, rows: &rows, item_ids };
            let share = placed.len().div_ceil(rayon::current_num_threads()).max(1);
            let written: Vec<[Made; 3]> = placed.par_chunks(share).map(|placed| writer.write(placed)).collect();
            for [made, of_payments, of_credit_notes] in written {
                allocations.add(made);
                for (draft, made) in applications.iter_mut().zip([of_payments, of_credit_notes]) {
                    draft.add(made);
                }
            }
        }
        self.write_offs(&mut sets, &mut allocations)?;
        self.settled(&sets, &mut allocations)?;
        self.put(allocations);
        for draft in applications {
            self.put(draft);
        }
        Some(())
    }

    /// The payments and the credit notes that rows name.
    fn sources(&self, table: &Typed) -> Option<[Found; 2]> {
        let [payments, credit_notes] = From::BOTH.map(|from| {
            let relation = self.relation(from.name())?;
            Some(self.found(relation, from.table(), table.strings(from.name())))
        });
        Some([payments?, credit_notes?])
    }

    /// For each row the account its money comes from.
    fn payers(&self, sources: &[Found; 2]) -> impl Fn(u32) -> Option<u32> + use<> {
        let [payments, credit_notes] = sources;
        let [of_payments, of_credit_notes] = [payments, credit_notes].map(|found| self.accounts_of(found));
        let names = |found: &Found, row| found.text(row).is_some();
        let payer = |(row, (of_payment, of_credit_note))| match (names(payments, row), names(credit_notes, row)) {
            (true, false) => of_payment,
            (false, true) => of_credit_note,
            _ => NONE,
        };
        let payers: Vec<u32> = (0u32..).zip(of_payments.into_iter().zip(of_credit_notes)).map(payer).collect();
        move |row| payers.get(row as usize).copied().and_then(some)
    }

    /// What the invoices' own rows say: settled on a date, or so much open as the book is dated.
    fn settled(&mut self, sets: &Sets, allocations: &mut Draft) -> Option<()> {
        let Some(said) = self.said.take() else { return Some(()) };
        let (table, items, item_ids) = (&said.table, Items::new(self)?, self.relation("item")?);
        let (invoices, stages) = (self.relation("invoice")?, self.relation("stage")?);
        let some_wait = self.book.count(stages) > 0;
        let (settled, opens) = (table.values("settled_on"), table.values("open"));
        let kind = Value::Text(self.texts.share("payment"));
        let mut made = Made::new(&["on", "amount", "kind"]);
        let mut undated = Vec::new();
        let mut id = String::new();
        for (invoice, row) in (0u32..).zip(said.rows.iter().copied()) {
            let (settled_on, open) = (settled.date(row), opens.amount(row));
            if settled_on.is_none() && open.is_none() {
                continue;
            }
            let only = items.only(invoice);
            let several = if only.is_none() { items.of(invoice) } else { Vec::new() };
            let of = only.as_ref().map_or(several.as_slice(), std::slice::from_ref);
            let left = |item: &Item| {
                if sets.are_none() {
                    return item.amount;
                }
                let counts = |(on, _, returned): &&Set| match settled_on {
                    Some(day) => on.is_none_or(|on| on <= day) && returned.is_none_or(|back| back > day),
                    None => returned.is_none(),
                };
                sets.of(item.row).filter(counts).fold(item.amount, |left, (_, amount, _)| left - amount)
            };
            let parts: Vec<(Item, Decimal)> = match (settled_on, open) {
                (Some(_), _) => of.iter().map(|item| (*item, left(item))).collect(),
                (None, Some(open)) => {
                    undated.push(row);
                    // What still waits for its event is open too.
                    let mut left_of_all = of.iter().map(left).sum::<Decimal>();
                    if some_wait {
                        left_of_all += self.waiting(invoice).iter().map(|stage| stage.amount).sum::<Decimal>();
                    }
                    let paid = left_of_all - open;
                    if paid.is_zero() {
                        continue;
                    }
                    let why = if paid.is_sign_negative() {
                        let most = left_of_all.normalize();
                        Some(format!("is more than the {most} that its amount and its allocations leave"))
                    } else {
                        of.is_empty().then(|| "is less than its amount, and nothing of it is due yet".into())
                    };
                    if let Some(why) = why {
                        let account = self.book.parent(invoices, invoice);
                        self.ledger.reject(&table.rows, row, Some("open"), why, account);
                        continue;
                    }
                    spread(paid, of, left)
                }
                (None, None) => Vec::new(),
            };
            for (item, amount) in parts.iter().filter(|(_, amount)| amount.is_sign_positive() && !amount.is_zero()) {
                id.clear();
                id.push_str(self.book.id(item_ids, item.row));
                id.push_str(if settled_on.is_some() { "#settled" } else { "#open" });
                let on = settled_on.map_or(Value::Missing, Value::Date);
                made.push(&id, item.row, table.place(row), &[on, Value::Dec(*amount), kind.clone()]);
            }
        }
        allocations.add(made);
        self.undated("invoices.open", &said.table, undated.into_iter());
        self.said = Some(said);
        Some(())
    }

    pub(super) fn date(&self, relation: RelationId, fact: &str, row: u32) -> Option<NaiveDate> {
        match self.book.cell(relation, self.schema.fact(relation, fact)?, row, NaiveDate::MAX) {
            Cell::Given(Value::Date(date)) => Some(date),
            _ => None,
        }
    }
}
