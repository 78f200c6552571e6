//! Rows under what they name: one way for every table.

use std::sync::Arc;

use super::Assembly;
use super::items::{Items, parts};
use crate::book::Cell;
use crate::book::draft::{Draft, Kept};
use crate::book::rejects::Sift;
use crate::book::tables::Table;
use crate::book::typed::Typed;
use crate::lang::Value;
use crate::plan::RelationId;

/// Facts that are 0 where a book says nothing of them.
const ZERO_WHEN_BLANK: [(&str, &str); 1] = [("promise", "tolerance")];

impl Assembly<'_> {
    /// The rows of a table become those of its relation; nothing where the book has no such table, or it was taken before.
    pub(super) fn plain(&mut self, name: &str) -> Option<()> {
        let table = Table::named(name)?;
        let Some(typed) = self.table(table.name) else { return Some(()) };
        let draft = self.rows_under(table, &typed)?;
        self.put(draft);
        Some(())
    }

    /// The rows of a table, each under what it names, unless they are refused.
    pub(super) fn rows_under(&mut self, table: &'static Table, typed: &Typed) -> Option<Draft> {
        let name = *table.relations.first()?;
        let mut draft = Draft::new(self.schema, name)?;
        let (parent, since) = {
            let relation = self.schema.get(draft.relation)?;
            let since = relation.exists_from.and_then(|fact| relation.facts.get(usize::from(fact.0)));
            (relation.parent?, since.map(|fact| fact.name.clone()))
        };
        let mut sift = self.of_parents(typed, parent)?;
        if table.needs("id") {
            sift.unique(&mut self.ledger, typed, Some("id"), |row| typed.text("id", row));
        } else {
            sift.unique(&mut self.ledger, typed, None, |row| said(table, since.as_deref(), typed, row));
        }
        self.remember_refused(table.name, typed, &sift);
        let id = |row| match table.needs("id") {
            true => typed.text("id", row).cloned(),
            false => said(table, since.as_deref(), typed, row).map(|said| said.join("#").into()),
        };
        let (mut kept, mut amounts) = (Vec::new(), Vec::new());
        for row in sift.kept() {
            let Some(id) = id(row) else { continue };
            if self.parent_is(parent, "item") {
                self.over_items(typed, &mut sift, row, &id, &mut kept, &mut amounts)?;
            } else if let Some(parent) = self.parent_row(typed, parent, &sift, row) {
                kept.push(Kept { id, parent, row });
            }
        }
        let mut own = Vec::new();
        if self.parent_is(parent, "item") {
            own.push(("amount", amounts));
        }
        for (_, fact) in ZERO_WHEN_BLANK.iter().filter(|(relation, _)| *relation == name) {
            let cell = |k: &Kept| Cell::Given(Value::Int(typed.whole(fact, k.row).unwrap_or(0)));
            own.push((*fact, kept.iter().map(cell).collect()));
        }
        draft.append(typed, &kept, own);
        if let Some(since) = since {
            let undated = sift.kept().iter().filter(|row| typed.date(&since, **row).is_none()).count();
            self.undated(&format!("{}.{since}", table.name), undated);
        }
        Some(draft)
    }

    fn parent_is(&self, parent: RelationId, name: &str) -> bool {
        self.schema.get(parent).is_some_and(|p| p.name == name)
    }

    fn parent_row(&self, typed: &Typed, parent: RelationId, sift: &Sift, row: u32) -> Option<u32> {
        match self.schema.get(parent)?.name.as_str() {
            "account" => sift.account(row),
            column => self.book.find(parent, typed.text(column, row)?),
        }
    }

    /// A row of an invoice is of the instalment it names, or of each; its amount is spread over them.
    fn over_items(
        &mut self,
        typed: &Typed,
        sift: &mut Sift,
        row: u32,
        id: &Arc<str>,
        kept: &mut Vec<Kept>,
        amounts: &mut Vec<Cell>,
    ) -> Option<()> {
        let (invoices, item_ids, items) = (self.relation("invoice")?, self.relation("item")?, Items::new(self)?);
        let Some(invoice) = typed.text("invoice", row).and_then(|of| self.book.find(invoices, of)) else {
            return Some(());
        };
        let covered = match self.covered(&items, invoice, typed.whole("instalment", row)) {
            Ok(covered) => covered,
            Err(why) => {
                sift.reject(&mut self.ledger, typed, row, Some("instalment"), why);
                return Some(());
            }
        };
        let alone = covered.len() == 1;
        for (item, amount) in parts(typed.amount("amount", row), &covered) {
            let id = if alone { Arc::clone(id) } else { format!("{id}#{}", self.book.id(item_ids, item.row)).into() };
            kept.push(Kept { id, parent: item.row, row });
            amounts.push(amount.map_or(Cell::Blank, |amount| Cell::Given(Value::Dec(amount))));
        }
        Some(())
    }

    /// Refuses the rows with faults and those whose parent is not there.
    fn of_parents(&mut self, typed: &Typed, parent: RelationId) -> Option<Sift> {
        let relation = self.schema.get(parent)?;
        match relation.name.as_str() {
            "account" => Some(self.of_customers(typed)),
            "item" => self.of_invoices(typed, |_| None),
            name => {
                let name = name.to_owned();
                self.of_rows(typed, parent, &name, |_| None)
            }
        }
    }

    /// Refuses the rows with faults, of unknown customers, and in other currencies.
    pub(super) fn of_customers(&mut self, table: &Typed) -> Sift {
        let customers = table.texts("customer");
        let account = |row| self.ledger.account(customers.get(row)?);
        let accounts: Vec<_> = (0..table.len()).map(account).collect();
        let mut sift = Sift::strict(table, &mut self.ledger, |row| accounts.get(row as usize).copied().flatten());
        let currencies = table.strs("currency");
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
        self.of_rows(table, self.relation("invoice")?, "invoice", otherwise)
    }

    fn of_rows(
        &mut self,
        table: &Typed,
        parent: RelationId,
        column: &str,
        otherwise: impl Fn(u32) -> Option<u32>,
    ) -> Option<Sift> {
        let of = Table::of_relation(column)?.name;
        let of_parent = |row| self.account_of(parent, of, table.text(column, row)?);
        let account_of = |row| of_parent(row).or_else(|| otherwise(row));
        let accounts: Vec<_> = (0..table.len()).map(account_of).collect();
        let mut sift = Sift::strict(table, &mut self.ledger, |row| accounts.get(row as usize).copied().flatten());
        for row in (0..table.len()).filter(|row| !table.is_broken(*row)) {
            if let Some(id) = table.text(column, row)
                && let Err(why) = self.refer(parent, of, id)
            {
                sift.reject(&mut self.ledger, table, row, Some(column), why);
            }
        }
        Some(sift)
    }
}

/// What a row without an id of its own is known by: what it must say, and since when.
fn said(table: &Table, since: Option<&str>, typed: &Typed, row: u32) -> Option<Vec<String>> {
    let must: Option<Vec<String>> = table.required.iter().map(|column| typed.shown(column, row)).collect();
    let since = since.filter(|since| !table.needs(since)).and_then(|since| typed.shown(since, row));
    must.map(|must| must.into_iter().chain(since).collect())
}
