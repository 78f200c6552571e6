//! The book: customers, invoices, payments and the rest, read once into typed columns.
//!
//! Rows stand under what they lie under and by id, so nothing that is computed from a book depends on the order of its
//! files, and all that lies under a row stands together.

mod arrays;
mod aside;
mod assemble;
mod cells;
mod column;
mod columnar;
mod conditions;
mod cut;
mod dated;
mod dates;
mod delimited;
mod draft;
mod encodings;
mod feed;
mod files;
mod folder;
mod from_arrays;
mod growing;
mod grown;
mod handles;
mod headers;
mod ids;
mod inspect;
mod json_lines;
mod layout;
mod manifest;
mod memory;
mod numbers;
mod order;
mod origins;
mod parts;
mod pieces;
mod places;
mod plain;
mod quotes;
mod reading;
mod rejects;
mod review;
mod rows;
mod series;
mod shares;
mod sheet;
mod source;
mod tables;
mod texts;
mod threads;
mod typed;
mod unpack;
mod values;
mod ways;
mod words;

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use arrow_array::{Array, StringArray};
use arrow_buffer::ScalarBuffer;
use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::lang::Value;
use crate::plan::schema::{FactId, PORTFOLIO, RelationId, Schema};
use ids::Index;
use texts::Texts;

pub use dated::Dated;
pub use folder::{currency, read, read_telling};
pub use inspect::{Column as ColumnLook, FileLook, Inspection, Looks, inspect, inspection_json, show};
pub use memory::from_rows;
pub use origins::Origins;
pub use review::{review, review_json};
pub use rows::{TableRows, TooLarge};
pub use series::{Data, Series};
pub use shares::{Room, Share, Shares};
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

/// The rows of one relation: under the rows of the relation above, in the order of those, by id within each. So what lies
/// under a row stands together.
#[derive(Clone, Debug)]
pub struct Rows {
    /// One a row.
    pub ids: StringArray,
    /// For each row, the row of the parent relation it lies under; ascending.
    pub parents: ScalarBuffer<u32>,
    /// One a fact of the schema, in its order.
    pub columns: Vec<Column>,
    /// Where each row was read.
    pub origins: Origins,
    /// For each parent row where its children begin, and where the last one's end.
    pub child_starts: ScalarBuffer<u32>,
    /// The rows by id, once somebody asks.
    by_id: OnceLock<Index>,
    /// Their numbers in the order of their ids, once somebody asks.
    sorted: OnceLock<Vec<u32>>,
}

/// The values of one fact.
#[derive(Clone, Debug)]
pub enum Column {
    /// The book has no such column: every row is blank.
    Absent,
    /// The ids of the rows.
    Ids,
    /// One value a row.
    Plain(Series),
    /// Values from dates on.
    Dated(Dated),
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
    /// What is known where this is a share of a larger book.
    share: OfShare,
}

/// What is known of a book that is a share of a larger one.
#[derive(Clone, Debug, Default)]
struct OfShare {
    /// The numbers of the rejects that another share speaks of.
    elsewhere: Vec<u32>,
    /// Whether something was asked that only the whole book knows.
    asked: Arc<AtomicBool>,
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
        self.rows(relation).and_then(|rows| texts::text(&rows.ids, row)).unwrap_or("")
    }

    /// The row with this id.
    pub fn find(&self, relation: RelationId, id: &str) -> Option<u32> {
        self.rows(relation)?.find(id)
    }

    /// The parent's row.
    pub fn parent(&self, relation: RelationId, row: u32) -> Option<u32> {
        self.rows(relation)?.parents.get(row as usize).copied()
    }

    /// The rows directly under a row of the parent relation, by id.
    pub fn children(&self, relation: RelationId, parent_row: u32) -> Range<u32> {
        self.rows(relation).map_or(0..0, |rows| rows.under(parent_row..parent_row.saturating_add(1)))
    }

    /// The rows of `of` that lie under rows of `above` that stand together, by parent and id; none where they cannot.
    pub fn below(&self, schema: &Schema, of: RelationId, above: RelationId, rows: Range<u32>) -> Range<u32> {
        if of == above {
            return rows;
        }
        let parent = schema.parent(of).filter(|parent| schema.is_at_or_above(above, *parent));
        let Some(parent) = parent else { return 0..0 };
        let parents = self.below(schema, parent, above, rows);
        self.rows(of).map_or(0..0, |rows| rows.under(parents))
    }

    /// The row directly under the portfolio that a row lies in: its credit group.
    pub fn unit(&self, schema: &Schema, relation: RelationId, row: u32) -> Option<(RelationId, u32)> {
        let (mut at, mut row) = (relation, row);
        while schema.parent(at)? != PORTFOLIO {
            row = self.parent(at, row)?;
            at = schema.parent(at)?;
        }
        Some((at, row))
    }

    /// What the book says, as of a date.
    pub fn cell(&self, relation: RelationId, fact: FactId, row: u32, as_of: NaiveDate) -> Cell {
        let column = self.rows(relation).and_then(|r| r.columns.get(usize::from(fact.0)));
        match column {
            Some(Column::Plain(series)) => series.cell(row),
            Some(Column::Dated(dated)) => dated.cell(row, as_of),
            Some(Column::Ids) => Cell::Given(Value::text(self.id(relation, row))),
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
        // All lie under the portfolio, so they stand by id. Ids are the currency and the day, so the last one up to the day
        // asked for is in force.
        let last = format!("{currency}#{date}");
        let (mut at, mut after) = (0, u32::try_from(self.count(relation)).unwrap_or(u32::MAX));
        while at < after {
            let middle = at + (after - at) / 2;
            if self.id(relation, middle) <= last.as_str() { at = middle + 1 } else { after = middle }
        }
        let at = at.checked_sub(1).ok_or_else(none)?;
        let is_its = self.id(relation, at).split_once('#').is_some_and(|(of, _)| of == currency);
        let rate = schema.fact(relation, "rate").filter(|_| is_its).ok_or_else(none)?;
        match self.cell(relation, rate, at, date) {
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

    /// Notes that something looks at all rows of the book, which a share of one does not have.
    pub(crate) fn ask_for_the_whole(&self) {
        self.share.asked.store(true, Ordering::Relaxed);
    }

    /// Whether something was asked of this share that only the whole book knows.
    pub(crate) fn was_asked_for_the_whole(&self) -> bool {
        self.share.asked.load(Ordering::Relaxed)
    }

    /// Where a row was read: `customers.csv:12`.
    pub fn place(&self, relation: RelationId, row: u32) -> Option<String> {
        let (input, line) = self.rows(relation)?.origins.get(row)?;
        Some(format!("{}:{line}", self.inputs.get(input as usize)?.file))
    }
}

impl Default for Rows {
    fn default() -> Self {
        let none = ScalarBuffer::default();
        Self::new(StringArray::new_null(0), none.clone(), Vec::new(), Origins::default(), none)
    }
}

impl Rows {
    /// Rows that stand in their order.
    pub(crate) fn new(
        ids: StringArray,
        parents: ScalarBuffer<u32>,
        columns: Vec<Column>,
        origins: Origins,
        child_starts: ScalarBuffer<u32>,
    ) -> Self {
        Self { ids, parents, columns, origins, child_starts, by_id: OnceLock::new(), sorted: OnceLock::new() }
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The rows directly under rows of the parent relation that stand together.
    pub fn under(&self, parents: Range<u32>) -> Range<u32> {
        let start = |at: u32| self.child_starts.get(at as usize).copied();
        match (start(parents.start), start(parents.end)) {
            (Some(first), Some(end)) => first..end,
            _ => 0..0,
        }
    }

    /// The row with this id.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.index().find(Texts::of(&self.ids), id.as_bytes())
    }

    /// The rows that references mean, [`ids::NONE`] where one is blank or means none.
    pub(crate) fn find_all(&self, references: &StringArray) -> Vec<u32> {
        self.index().find_all(Texts::of(&self.ids), references)
    }

    /// The least id that does not come before a text.
    pub(crate) fn first_from(&self, text: &str) -> Option<&str> {
        let sorted = self.sorted();
        let at = sorted.partition_point(|row| texts::text(&self.ids, *row) < Some(text));
        texts::text(&self.ids, *sorted.get(at)?)
    }

    fn sorted(&self) -> &[u32] {
        self.sorted.get_or_init(|| order::by_text(Texts::of(&self.ids)))
    }

    fn index(&self) -> &Index {
        self.by_id.get_or_init(|| Index::new(Texts::of(&self.ids)))
    }
}
