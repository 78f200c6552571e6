//! A book larger than the memory it may take: its rows are put aside by credit group, and read back some groups at a time.
//!
//! A share is a book of its own, of groups that follow one another. What a book says of a group does not depend on rows of
//! others, unless they name one another: a payment set against an invoice of another group, an id that stands twice. Such
//! groups are *bound together*: each share has the rows of all that its own are bound to, as guests, of which another share
//! speaks. So every share reads its rows as the whole book would.

mod cutting;
mod intake;
mod kept;
mod links;
mod passes;
mod route;
pub(crate) mod spill;
mod witness;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::Range;
use std::path::Path;

use arrow_array::StringArray;
use chrono::NaiveDate;

use super::assemble::{Derive, assemble};
use super::columnar::Stop;
use super::rows::TableRows;
use super::{Book, Input, Reject};
use crate::diag::Diagnostic;
use crate::plan::Schema;
use kept::Rows;
use spill::{Extent, Spill};

/// How large a share may be.
#[derive(Clone, Copy, Debug)]
pub enum Room {
    /// So that the program takes about as many bytes of memory.
    Bytes(u64),
    /// However large: this is how many there are.
    Shares(usize),
}

/// A book, put aside.
pub struct Shares<'s> {
    schema: &'s Schema,
    currency: String,
    derive: Derive,
    as_of: Option<NaiveDate>,
    inputs: Vec<Input>,
    unread: Vec<(String, Vec<String>)>,
    /// Every table, without its rows.
    tables: Vec<TableRows>,
    aside: Aside,
    /// The ids of the credit groups, in their order.
    groups: StringArray,
    accounts: usize,
    /// Of each share the groups; behind them stand rows of nobody.
    shares: Vec<Range<u32>>,
    /// Groups that are bound together.
    bonds: Vec<Vec<u32>>,
    /// The shares that were read once.
    told: BTreeSet<usize>,
    rejects: Vec<Reject>,
    undated: BTreeMap<String, usize>,
}

/// Some credit groups of a book, as a book.
pub struct Share {
    /// Their rows, and those of groups that are bound to them.
    pub book: Book,
    /// Which of its groups they are.
    pub groups: Range<u32>,
}

/// The rows put aside.
struct Aside {
    spill: Spill,
    /// By bucket, in the order in which they were put there: the number of the table and where they lie.
    buckets: Vec<Vec<Lot>>,
    /// How many credit groups there are.
    groups: u32,
    /// Rows that every share needs and the first speaks of.
    everywhere: Vec<(usize, Rows)>,
    /// Rows that every share needs, of which the one of their group speaks.
    witnesses: Vec<(usize, u32, Rows)>,
}

/// Rows of one table and of some groups.
struct Lot {
    table: usize,
    typed: bool,
    extent: Extent,
}

impl Aside {
    /// Where the rows of a group lie.
    fn bucket(&self, group: u32) -> usize {
        let last = self.buckets.len().saturating_sub(1);
        if group >= self.groups {
            return last;
        }
        usize::try_from(u64::from(group) * last as u64 / u64::from(self.groups.max(1))).unwrap_or(last)
    }
}

impl<'s> Shares<'s> {
    /// Reads a book as [`read`](super::read) does and puts its rows aside in a file within a folder. What keeps it from being
    /// used goes to `sink`; `on_file` is told the name of each file before it is read.
    pub fn open(
        path: &Path,
        schema: &'s Schema,
        currency: &str,
        (room, dir): (Room, &Path),
        on_file: &mut dyn FnMut(&str),
        sink: &mut Vec<Diagnostic>,
    ) -> Option<Self> {
        intake::read(path, schema, currency, (room, dir), on_file, sink)
    }

    /// About how many bytes of memory a book takes as a whole, by the sizes of its files; 0 where it cannot be told.
    pub fn needed(path: &Path, schema: &Schema) -> u64 {
        cutting::needed(path, schema)
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.shares.len()
    }

    /// How many customers the book has.
    pub fn accounts(&self) -> usize {
        self.accounts
    }

    /// The as-of date the book itself states.
    pub fn as_of(&self) -> Option<NaiveDate> {
        self.as_of
    }

    /// What the book says of itself, without its rows; what could not be read, as far as its shares were.
    pub fn head(&self) -> Book {
        let mut rejects = self.rejects.clone();
        rejects.sort();
        Book {
            as_of: self.as_of,
            inputs: self.inputs.clone(),
            rejects,
            undated: self.undated.clone().into_iter().collect(),
            unread: self.unread.clone(),
            ..Book::default()
        }
    }

    /// Reads a share back.
    ///
    /// # Errors
    ///
    /// When the rows put aside cannot be read.
    pub fn share(&mut self, at: usize) -> io::Result<Share> {
        let own = self.shares.get(at).cloned().unwrap_or_default();
        let tables = self.tables(at, &own)?;
        let mut book = assemble(tables, self.inputs.clone(), self.schema, &self.currency, self.derive.clone());
        book.as_of = self.as_of;
        if self.told.insert(at) {
            let elsewhere: BTreeSet<u32> = book.share.elsewhere.iter().copied().collect();
            let own = (0u32..).zip(&book.rejects).filter(|(number, _)| !elsewhere.contains(number));
            self.rejects.extend(own.map(|(_, reject)| reject.clone()));
            for (what, rows) in &book.undated {
                *self.undated.entry(what.clone()).or_default() += rows;
            }
        }
        let groups = self.groups_in(&book, &own);
        Ok(Share { book, groups })
    }

    /// The tables of a share, which has these groups of its own. Their rows stand in the order of their files, as those of the
    /// whole book would.
    fn tables(&mut self, at: usize, own: &Range<u32>) -> io::Result<Vec<TableRows>> {
        let is_own = |group: &u32| own.contains(group);
        let bound = self.bonds.iter().filter(|bond| bond.iter().any(is_own)).flatten();
        let guests: BTreeSet<u32> = bound.filter(|group| !is_own(group)).copied().collect();
        let first = self.aside.bucket(own.start);
        let last = self.aside.bucket(own.end.saturating_sub(1));
        let of_guests = guests.iter().map(|group| self.aside.bucket(*group));
        let buckets: BTreeSet<usize> = (first..=last).chain(of_guests).collect();
        let mut tables = self.tables.clone();
        for (number, table) in tables.iter_mut().enumerate() {
            // By file: all rows of one have columns of the same types.
            let mut parts: BTreeMap<u32, Vec<(Rows, bool)>> = BTreeMap::new();
            let Aside { everywhere, witnesses, .. } = &self.aside;
            for (_, rows) in everywhere.iter().filter(|(of, _)| *of == number) {
                parts.entry(rows.file()).or_default().push((rows.clone(), at > 0));
            }
            for (_, group, rows) in witnesses.iter().filter(|(of, ..)| *of == number) {
                parts.entry(rows.file()).or_default().push((rows.clone(), !is_own(group)));
            }
            let lots = buckets.iter().filter_map(|bucket| self.aside.buckets.get(*bucket)).flatten();
            for lot in lots.filter(|lot| lot.table == number) {
                let (groups, rows) =
                    Rows::placed(lot.typed, &self.aside.spill.read(lot.extent)?).map_err(unreadable)?;
                for is_guest in [false, true] {
                    let wanted = |group: &u32| if is_guest { guests.contains(group) } else { is_own(group) };
                    let chosen = (0u32..).zip(&groups).filter(|(_, group)| wanted(group));
                    let chosen: Vec<u32> = chosen.map(|(row, _)| row).collect();
                    if !chosen.is_empty() {
                        let rows = rows.take(chosen).map_err(unreadable)?;
                        parts.entry(rows.file()).or_default().push((rows, is_guest));
                    }
                }
            }
            for parts in parts.into_values() {
                let (rows, guests) = Rows::in_order(parts).map_err(unreadable)?;
                rows.give(table, self.schema, &guests).map_err(unreadable)?;
            }
        }
        Ok(tables)
    }

    /// Which groups of a share's book are its own: guests stand before them and behind them.
    fn groups_in(&self, book: &Book, own: &Range<u32>) -> Range<u32> {
        let last = own.end.min(self.aside.groups);
        let Some(relation) = self.schema.relation("group").filter(|_| own.start < last) else { return 0..0 };
        let id = |at: u32| super::texts::text(&self.groups, at).unwrap_or_default();
        let (first, last) = (id(own.start), id(last - 1));
        let ids = book.rows(relation).map(|rows| rows.ids.iter().flatten().collect::<Vec<_>>()).unwrap_or_default();
        let at = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        at(ids.partition_point(|id| *id < first))..at(ids.partition_point(|id| *id <= last))
    }
}

fn unreadable(stop: Stop) -> io::Error {
    io::Error::other(match stop {
        Stop::TooLarge => "a credit group has more rows than can be read at once".to_owned(),
        Stop::Unreadable(why) | Stop::Told(why, _) => why,
    })
}
