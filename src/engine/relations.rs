//! Which rows lie where, and since when they exist.

use std::cmp::Ordering;
use std::ops::Range;
use std::rc::Rc;

use chrono::NaiveDate;

use crate::book::{Book, Cell, Column, Data, Rows};
use crate::lang::{Value, day_number, day_of};
use crate::plan::schema::EARLIEST;
use crate::plan::{PORTFOLIO, RelationId, Schema};

/// Before every day.
const ALWAYS: i32 = i32::MIN;

/// The book's rows, with what the engine asks of them again and again.
pub(super) struct Relations<'a> {
    schema: &'a Schema,
    book: &'a Book,
    /// For each relation, the number of the day since when each row exists: its own and its parents' latest. None where
    /// every row always existed.
    born: Vec<Option<Rc<[i32]>>>,
}

impl<'a> Relations<'a> {
    pub(super) fn new(schema: &'a Schema, book: &'a Book) -> Self {
        let mut born: Vec<Option<Rc<[i32]>>> = Vec::with_capacity(schema.relations.len());
        for (relation, rows) in schema.relations.iter().zip(&book.relations) {
            let own = relation.exists_from.and_then(|fact| own_days(rows, rows.columns.get(usize::from(fact.0))?));
            let above = relation.parent.and_then(|parent| born.get(usize::from(parent.0))?.clone());
            let of_parent = |above: &[i32], parent: &u32| above.get(*parent as usize).copied().unwrap_or(ALWAYS);
            born.push(match (own, above) {
                (Some(mut own), Some(above)) => {
                    for (day, parent) in own.iter_mut().zip(rows.parents.iter()) {
                        *day = (*day).max(of_parent(&above, parent));
                    }
                    Some(own.into())
                }
                (None, Some(above)) if stands_one_for_one(rows) => Some(above),
                (None, Some(above)) => Some(rows.parents.iter().map(|parent| of_parent(&above, parent)).collect()),
                (own, None) => own.map(Rc::from),
            });
        }
        Self { schema, book, born }
    }

    /// The rows directly under the portfolio, credit groups: what no row below them reads another one of.
    pub(super) fn units(&self) -> Vec<(RelationId, u32)> {
        let kinds = (0u16..).map(RelationId).zip(&self.schema.relations).filter(|(_, r)| r.parent == Some(PORTFOLIO));
        let rows = |relation| (0u32..).take(self.book.count(relation)).map(move |row| (relation, row));
        kinds.flat_map(|(relation, _)| rows(relation)).collect()
    }

    /// The unit that a row lies in.
    pub(super) fn unit(&self, relation: RelationId, row: u32) -> Option<(RelationId, u32)> {
        self.book.unit(self.schema, relation, row)
    }

    /// The rows of a relation by what they lie under, from the portfolio down, and by id.
    pub(super) fn in_order(&self, of: RelationId) -> Range<u32> {
        self.below(of, PORTFOLIO, 0)
    }

    /// Since when a row exists.
    pub(super) fn born(&self, relation: RelationId, row: u32) -> NaiveDate {
        day_of(self.born_on(relation, row)).unwrap_or(EARLIEST)
    }

    /// Whether a row exists on a day.
    pub(super) fn exists(&self, relation: RelationId, row: u32, day: NaiveDate) -> bool {
        self.born_on(relation, row) <= day_number(day)
    }

    fn born_on(&self, relation: RelationId, row: u32) -> i32 {
        let days = self.born.get(usize::from(relation.0)).and_then(Option::as_ref);
        days.and_then(|days| days.get(row as usize)).copied().unwrap_or(ALWAYS)
    }

    /// The row of `above` that a row of `relation` lies under.
    pub(super) fn climb(&self, relation: RelationId, row: u32, above: RelationId) -> Option<u32> {
        let (mut at, mut row) = (relation, row);
        while at != above {
            row = self.book.parent(at, row)?;
            at = self.schema.parent(at)?;
        }
        Some(row)
    }

    /// The rows of `of` that lie under a row of `above`, by parent and id; none where it cannot lie there.
    pub(super) fn below(&self, of: RelationId, above: RelationId, row: u32) -> Range<u32> {
        self.book.below(self.schema, of, above, row..row.saturating_add(1))
    }

    /// The order of two rows of a relation by their ids.
    pub(super) fn by_id(&self, relation: RelationId, a: u32, b: u32) -> Ordering {
        let id = |row| self.book.id(relation, row);
        id(a).cmp(id(b)).then(a.cmp(&b))
    }
}

/// The days since when rows say they exist.
fn own_days(rows: &Rows, column: &Column) -> Option<Vec<i32>> {
    match column {
        Column::Absent | Column::Ids => None,
        Column::Plain(series) => match series.data() {
            Data::Date(days) => Some(days.iter().map(|day| day.unwrap_or(ALWAYS)).collect()),
            _ => None,
        },
        Column::Dated(dated) => {
            let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
            let day = |row| match dated.cell(row, NaiveDate::MAX) {
                Cell::Given(Value::Date(day)) => day_number(day),
                _ => ALWAYS,
            };
            Some((0..count).map(day).collect())
        }
    }
}

/// Whether each row lies under the row of its own number.
fn stands_one_for_one(rows: &Rows) -> bool {
    (0u32..).zip(rows.parents.iter()).all(|(row, parent)| row == *parent)
}
