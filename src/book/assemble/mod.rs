//! From tables to relations: one way for every source.

mod allocations;
mod currencies;
mod derived;
mod disputes;
mod history;
mod invoices;
mod items;
mod limits;
mod orders;
mod parties;
mod refs;
mod stages;
mod under;
mod write_offs;

use std::collections::{BTreeMap, HashMap};

use arrow_buffer::ScalarBuffer;

use super::cells::{Format, Texts};
use super::draft::Draft;
use super::manifest::Written;
use super::rejects::Ledger;
use super::rows::TableRows;
use super::tables::TABLES;
use super::typed::Typed;
use super::{Book, Column, Input, Rows, Series};
use crate::plan::{RelationId, Schema};

/// How many rows a thread takes in one go.
const PART: usize = 1 << 14;

/// Where customers come from when there is no table of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Derive {
    /// The tables whose customers are all there are; empty where customers are read.
    pub(crate) from: Vec<&'static str>,
    /// What the invoices say of their customers: column and header.
    pub(crate) columns: Vec<(String, Written)>,
    /// How those columns write their values.
    pub(crate) format: Format,
    /// A customer's `since` is the issue date of its first invoice.
    pub(crate) since_first_invoice: bool,
    /// What holds of every one of them.
    pub(crate) fills: Vec<(String, String)>,
}

impl Derive {
    /// Whether customers are derived.
    pub(crate) fn customers(&self) -> bool {
        !self.from.is_empty()
    }

    /// The column of the invoices that holds what is said of the customer.
    pub(crate) fn column(name: &str) -> String {
        format!("customers.{name}")
    }
}

/// Makes the book of all tables.
pub(crate) fn assemble(
    tables: Vec<TableRows>,
    inputs: Vec<Input>,
    schema: &Schema,
    currency: &str,
    derive: Derive,
) -> Book {
    let mut assembly = Assembly {
        schema,
        has_own_currencies: schema.has_own_currencies(),
        currency,
        derive,
        book: Book { inputs, relations: vec![Rows::default(); schema.relations.len()], ..Book::default() },
        ledger: Ledger::default(),
        texts: Texts::default(),
        tables: Vec::new(),
        refused: HashMap::new(),
        undated: BTreeMap::new(),
        said: None,
    };
    assembly.take(tables);
    // Every relation is there: the standard schema has them all.
    let _ = assembly.all();
    assembly.finish()
}

/// A book being made.
struct Assembly<'a> {
    schema: &'a Schema,
    has_own_currencies: bool,
    currency: &'a str,
    derive: Derive,
    book: Book,
    ledger: Ledger,
    texts: Texts,
    /// Not yet read.
    tables: Vec<TableRows>,
    /// Rows refused, by table and id, with their accounts.
    refused: HashMap<&'static str, HashMap<String, Option<u32>>>,
    undated: BTreeMap<String, usize>,
    /// What the invoices say of their own settlement and disputes.
    said: Option<invoices::Said>,
}

impl Assembly<'_> {
    fn take(&mut self, mut tables: Vec<TableRows>) {
        let rank = |rows: &TableRows| TABLES.iter().position(|t| t.name == rows.table.name);
        tables.sort_by_key(rank);
        for rows in &mut tables {
            let count = rows.len();
            for file in rows.files.iter_mut().filter(|file| file.input.is_none()) {
                file.input = u32::try_from(self.book.inputs.len()).ok();
                self.book.inputs.push(Input { file: file.name.clone(), rows: count, ..Input::default() });
            }
        }
        self.tables = tables;
    }

    fn all(&mut self) -> Option<()> {
        let invoices = self.table("invoices");
        self.parties(invoices.as_ref())?;
        self.fx_rates()?;
        // Orders come first: a part of an invoice may wait for one.
        self.plain("orders")?;
        if let Some(invoices) = invoices {
            self.invoices(invoices)?;
        }
        self.order_lines()?;
        self.plain("payments")?;
        self.plain("credit_notes")?;
        self.allocations()?;
        self.disputes()?;
        for table in TABLES.iter().filter(|table| table.plain) {
            self.plain(table.name)?;
        }
        self.credit_limits()?;
        self.actions()
    }

    /// The cells of a table, read; `None` when the book has no such table, or it was taken before.
    fn table(&mut self, name: &str) -> Option<Typed> {
        let at = self.tables.iter().position(|rows| rows.table.name == name)?;
        let rows = self.tables.remove(at);
        Some(Typed::read(rows, self.schema))
    }

    fn relation(&self, name: &str) -> Option<RelationId> {
        self.schema.relation(name)
    }

    /// Puts a relation into the book. Gives for each of its rows the row of the table it is, where all are of one table.
    fn put(&mut self, draft: Draft) -> ScalarBuffer<u32> {
        let parents = self.schema.parent(draft.relation).map_or(0, |parent| self.book.count(parent));
        let finished = draft.finish(parents);
        self.set(finished.relation, finished.rows);
        finished.taken
    }

    fn set(&mut self, relation: RelationId, rows: Rows) {
        if let Some(slot) = self.book.relations.get_mut(usize::from(relation.0)) {
            *slot = rows;
        }
    }

    /// Counts rows of a table that have no date although a replay at an earlier date would need one.
    fn undated(&mut self, what: &str, table: &Typed, rows: impl Iterator<Item = u32>) {
        let count = rows.filter(|row| !table.rows.is_guest(*row)).count();
        if count > 0 {
            *self.undated.entry(what.to_owned()).or_default() += count;
        }
    }

    fn finish(mut self) -> Book {
        let incomplete = std::mem::take(&mut self.ledger.incomplete);
        self.set_account_fact("incomplete", Series::flags(incomplete));
        self.sort_rejects();
        self.book.undated = self.undated.into_iter().collect();
        self.book
    }

    fn set_account_fact(&mut self, fact: &str, values: Series) -> Option<()> {
        let account = self.relation("account")?;
        let fact = self.schema.fact(account, fact)?;
        let rows = self.book.relations.get_mut(usize::from(account.0))?;
        *rows.columns.get_mut(usize::from(fact.0))? = Column::Plain(values);
        Some(())
    }

    /// Puts the rejects in order and follows them in the cells that name them.
    fn sort_rejects(&mut self) {
        let rejects = std::mem::take(&mut self.ledger.rejects);
        let mut order: Vec<u32> = (0u32..).take(rejects.len()).collect();
        order.sort_by(|a, b| rejects.get(*a as usize).cmp(&rejects.get(*b as usize)));
        let mut now_at = vec![0u32; rejects.len()];
        for (new, old) in (0u32..).zip(&order) {
            if let Some(slot) = now_at.get_mut(*old as usize) {
                *slot = new;
            }
        }
        let mut sorted = rejects;
        sorted.sort();
        self.book.rejects = sorted;
        let now = |number: u32| now_at.get(number as usize).copied().unwrap_or(number);
        let elsewhere = self.ledger.elsewhere.iter().map(|number| now(*number)).collect();
        self.book.share.elsewhere = elsewhere;
        for name in ["group", "account", "fx_rate"] {
            let Some(relation) = self.schema.relation(name) else { continue };
            let Some(rows) = self.book.relations.get_mut(usize::from(relation.0)) else { continue };
            for column in &mut rows.columns {
                match column {
                    Column::Absent | Column::Ids => {}
                    Column::Plain(series) => series.renumber(now),
                    Column::Dated(dated) => dated.values.renumber(now),
                }
            }
        }
    }
}
