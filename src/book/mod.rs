//! The book: customers, invoices, payments and the rest, read once into typed columns.
//!
//! Rows stand in the order of their ids, so nothing that is computed from a book depends on the order of its files.

mod arrays;
mod aside;
mod assemble;
mod cells;
mod column;
mod columnar;
mod conditions;
mod cut;
mod dates;
mod delimited;
mod draft;
mod encodings;
mod feed;
mod files;
mod folder;
mod growing;
mod handles;
mod headers;
mod inspect;
mod json_lines;
mod layout;
mod manifest;
mod memory;
mod numbers;
mod parts;
mod places;
mod plain;
mod reading;
mod rejects;
mod review;
mod rows;
mod series;
mod sheet;
mod source;
mod tables;
mod typed;
mod unpack;
mod values;
mod ways;
mod words;

use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::lang::Value;
use crate::plan::schema::{FactId, RelationId, Schema};

pub use folder::{currency, read, read_telling};
pub use inspect::{Column as ColumnLook, FileLook, Inspection, Looks, inspect, inspection_json, show};
pub use memory::from_rows;
pub use review::{review, review_json};
pub use rows::{TableRows, TooLarge};
pub use series::{Data, Series};
pub use tables::{TABLES, Table};

/// What a book says for one fact of one row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A value.
    Given(Value),
    /// Nothing.
    Blank,
    /// Something that could not be read: the number of the reject that says what.
    Unreadable(u32),
}

/// A row, or a value of a row, that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reject {
    /// File, relative to the book.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column header; empty when the whole row is meant.
    pub column: String,
    /// The value as it stands in the file.
    pub value: String,
    /// Why, in words.
    pub reason: String,
    /// The account that became incomplete by it, where it is known.
    pub account: Option<String>,
}

/// A file that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Input {
    /// Relative to the book, `/` between parts.
    pub file: String,
    /// SHA-256 of its bytes, in hex.
    pub sha256: String,
    /// Rows read, rejects included.
    pub rows: usize,
    /// Rows without any text.
    pub blank: usize,
    /// Rows that are none of a table, or were left out because `book.yaml` says so: by reason.
    pub set_aside: Vec<SetAside>,
}

/// Rows of a file that were set aside for one reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SetAside {
    /// Why: `totals`, `` `Currency` is `EUR` ``.
    pub why: String,
    /// How many.
    pub rows: usize,
    /// The lines of the first few.
    pub lines: Vec<usize>,
    /// Their amounts by currency, where the rows have such; a currency is blank where they name none.
    pub sums: Vec<(String, Decimal)>,
    /// How many amounts could not be read, so that the sums lack them.
    pub unread_amounts: usize,
}

/// A customer of whom the rows of a book say different things, and which of them was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// The customer's id.
    pub customer: String,
    /// The column, as the book knows it.
    pub column: String,
    /// What the latest invoice says.
    pub taken: String,
    /// What else is said, sorted.
    pub others: Vec<String>,
}

/// The rows of one relation.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    /// Sorted; the number of a row is its place here.
    pub ids: Vec<Arc<str>>,
    /// For each row, the row of the parent relation it lies under.
    pub parents: Vec<u32>,
    /// One a fact of the schema, in its order.
    pub columns: Vec<Column>,
    /// Where each row was read: number of the input and line.
    pub lines: Vec<(u32, u32)>,
    /// For each parent row, where its children begin in `child_rows`; one more at the end.
    pub child_starts: Vec<u32>,
    /// Rows in the order of their parents, by id within a parent.
    pub child_rows: Vec<u32>,
}

/// The values of one fact.
#[derive(Clone, Debug)]
pub enum Column {
    /// The book has no such column: every row is blank.
    Absent,
    /// One value a row.
    Plain(Series),
    /// Values from dates on: for each row, sorted by date; `None` stands for no date.
    Dated(Vec<Vec<(Option<NaiveDate>, Cell)>>),
}

/// A book.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// The as-of date the book itself states.
    pub as_of: Option<NaiveDate>,
    /// Its files.
    pub inputs: Vec<Input>,
    /// What could not be read, sorted.
    pub rejects: Vec<Reject>,
    /// By the numbers of the schema.
    pub relations: Vec<Rows>,
    /// What has no date although it would need one to be replayed at an earlier date: table and column, and how many rows.
    pub undated: Vec<(String, usize)>,
    /// Columns of its files that nothing reads: file and headers.
    pub unread: Vec<(String, Vec<String>)>,
    /// Customers whose rows differ in what they say of them, by customer and column.
    pub differing: Vec<Differing>,
}

impl Book {
    /// How many rows a relation has.
    pub fn count(&self, relation: RelationId) -> usize {
        self.rows(relation).map_or(0, |r| r.ids.len())
    }

    /// The rows of a relation.
    pub fn rows(&self, relation: RelationId) -> Option<&Rows> {
        self.relations.get(usize::from(relation.0))
    }

    /// The id of a row.
    pub fn id(&self, relation: RelationId, row: u32) -> &str {
        self.rows(relation).and_then(|r| r.ids.get(row as usize)).map_or("", |id| id)
    }

    /// The row with this id.
    pub fn find(&self, relation: RelationId, id: &str) -> Option<u32> {
        let at = self.rows(relation)?.ids.binary_search_by(|known| (**known).cmp(id)).ok()?;
        u32::try_from(at).ok()
    }

    /// The parent's row.
    pub fn parent(&self, relation: RelationId, row: u32) -> Option<u32> {
        self.rows(relation)?.parents.get(row as usize).copied()
    }

    /// The rows directly under a row of the parent relation, by id.
    pub fn children(&self, relation: RelationId, parent_row: u32) -> &[u32] {
        let find = || {
            let rows = self.rows(relation)?;
            let start = *rows.child_starts.get(parent_row as usize)? as usize;
            let end = *rows.child_starts.get(parent_row as usize + 1)? as usize;
            rows.child_rows.get(start..end)
        };
        find().unwrap_or(&[])
    }

    /// What the book says, as of a date.
    pub fn cell(&self, relation: RelationId, fact: FactId, row: u32, as_of: NaiveDate) -> Cell {
        let column = self.rows(relation).and_then(|r| r.columns.get(usize::from(fact.0)));
        match column {
            Some(Column::Plain(series)) => series.cell(row),
            Some(Column::Dated(rows)) => {
                let history = rows.get(row as usize).map_or(&[][..], Vec::as_slice);
                let in_force = history.iter().rev().find(|(from, _)| from.is_none_or(|d| d <= as_of));
                in_force.map_or(Cell::Blank, |(_, cell)| cell.clone())
            }
            Some(Column::Absent) | None => Cell::Blank,
        }
    }

    /// What one unit of a currency is in the policy's, as of a date; the error is the reason in words.
    ///
    /// # Errors
    ///
    /// When no rate is in force on the date, or the one that is could not be read.
    pub fn fx_rate(&self, schema: &Schema, currency: &str, date: NaiveDate) -> Result<Decimal, String> {
        let none = || format!("no rate for `{currency}` is in force on {date}: complete `fx_rates` of the book");
        let relation = schema.relation("fx_rate").ok_or_else(none)?;
        let ids = self.rows(relation).map_or(&[][..], |rows| rows.ids.as_slice());
        // Ids are the currency and the day, so the last one up to the day asked for is in force.
        let last = format!("{currency}#{date}");
        let at = ids.partition_point(|id| **id <= *last).checked_sub(1).ok_or_else(none)?;
        let is_its = ids.get(at).and_then(|id| id.split_once('#')).is_some_and(|(of, _)| of == currency);
        let rate = schema.fact(relation, "rate").filter(|_| is_its).ok_or_else(none)?;
        match self.cell(relation, rate, u32::try_from(at).unwrap_or(u32::MAX), date) {
            Cell::Given(Value::Dec(rate)) => Ok(rate),
            Cell::Unreadable(number) => Err(match self.rejects.get(number as usize) {
                Some(r) => {
                    format!("the rate for `{currency}` of {date} could not be read: line {} of `{}`", r.line, r.file)
                }
                None => format!("the rate for `{currency}` of {date} could not be read"),
            }),
            _ => Err(none()),
        }
    }

    /// Where a row was read: `customers.csv:12`.
    pub fn place(&self, relation: RelationId, row: u32) -> Option<String> {
        let (input, line) = *self.rows(relation)?.lines.get(row as usize)?;
        Some(format!("{}:{line}", self.inputs.get(input as usize)?.file))
    }
}

impl Rows {
    /// Fills the child index from `parents`; `parent_count` is the number of rows of the parent relation.
    pub fn index_children(&mut self, parent_count: usize) {
        let mut starts = vec![0u32; parent_count + 1];
        for parent in &self.parents {
            if let Some(slot) = starts.get_mut(*parent as usize + 1) {
                *slot += 1;
            }
        }
        let mut total = 0;
        for slot in &mut starts {
            total += *slot;
            *slot = total;
        }
        let mut next = starts.clone();
        let mut rows = vec![0u32; self.parents.len()];
        for (row, parent) in (0u32..).zip(&self.parents) {
            if let Some(at) = next.get_mut(*parent as usize) {
                if let Some(slot) = rows.get_mut(*at as usize) {
                    *slot = row;
                }
                *at += 1;
            }
        }
        self.child_starts = starts;
        self.child_rows = rows;
    }
}
