//! Which rows lie where, and since when they exist.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use chrono::NaiveDate;

use crate::book::{Book, Cell};
use crate::lang::Value;
use crate::plan::schema::EARLIEST;
use crate::plan::{PORTFOLIO, RelationId, Schema};

/// For each row of a relation above, the rows of one below it.
struct Below {
    starts: Vec<u32>,
    rows: Vec<u32>,
}

/// The book's rows, with what the engine asks of them again and again.
pub(super) struct Relations<'a> {
    schema: &'a Schema,
    book: &'a Book,
    /// For each relation, the day since when each row exists: its own and its parents' latest.
    born: Vec<Vec<NaiveDate>>,
    below: RefCell<HashMap<(RelationId, RelationId), Rc<Below>>>,
}

impl<'a> Relations<'a> {
    pub(super) fn new(schema: &'a Schema, book: &'a Book) -> Self {
        let mut born: Vec<Vec<NaiveDate>> = Vec::with_capacity(schema.relations.len());
        for (number, relation) in (0u16..).zip(&schema.relations) {
            let id = RelationId(number);
            let since = |row: u32| {
                let own = match relation.exists_from.map(|fact| book.cell(id, fact, row, NaiveDate::MAX)) {
                    Some(Cell::Given(Value::Date(day))) => day,
                    _ => EARLIEST,
                };
                let above = relation.parent.and_then(|parent| {
                    let row = book.parent(id, row)?;
                    born.get(usize::from(parent.0))?.get(row as usize).copied()
                });
                own.max(above.unwrap_or(EARLIEST))
            };
            let count = u32::try_from(book.count(id)).unwrap_or(u32::MAX);
            let days = (0..count).map(since).collect();
            born.push(days);
        }
        Self { schema, book, born, below: RefCell::default() }
    }

    /// The rows directly under the portfolio, credit groups: what no row below them reads another one of.
    pub(super) fn units(&self) -> Vec<(RelationId, u32)> {
        let kinds = (0u16..).map(RelationId).zip(&self.schema.relations).filter(|(_, r)| r.parent == Some(PORTFOLIO));
        let rows = |relation| (0u32..).take(self.book.count(relation)).map(move |row| (relation, row));
        kinds.flat_map(|(relation, _)| rows(relation)).collect()
    }

    /// The unit that a row lies in.
    pub(super) fn unit(&self, relation: RelationId, row: u32) -> Option<(RelationId, u32)> {
        let (mut at, mut row) = (relation, row);
        while self.schema.parent(at)? != PORTFOLIO {
            row = self.book.parent(at, row)?;
            at = self.schema.parent(at)?;
        }
        Some((at, row))
    }

    /// The rows of a relation by what they lie under, from the portfolio down, and by id.
    pub(super) fn in_order(&self, of: RelationId) -> Vec<u32> {
        if of == PORTFOLIO {
            return vec![0];
        }
        self.units().into_iter().flat_map(|(unit, row)| self.below(of, unit, row)).collect()
    }

    /// Since when a row exists.
    pub(super) fn born(&self, relation: RelationId, row: u32) -> NaiveDate {
        let since = self.born.get(usize::from(relation.0)).and_then(|days| days.get(row as usize));
        since.copied().unwrap_or(EARLIEST)
    }

    /// Whether a row exists on a day.
    pub(super) fn exists(&self, relation: RelationId, row: u32, day: NaiveDate) -> bool {
        self.born(relation, row) <= day
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
    pub(super) fn below(&self, of: RelationId, above: RelationId, row: u32) -> Vec<u32> {
        if of == above {
            return vec![row];
        }
        if !self.schema.is_at_or_above(above, of) {
            return Vec::new();
        }
        if self.schema.parent(of) == Some(above) {
            return self.book.children(of, row).to_vec();
        }
        let index =
            Rc::clone(self.below.borrow_mut().entry((of, above)).or_insert_with(|| Rc::new(self.index(of, above))));
        let find = || {
            let start = *index.starts.get(row as usize)? as usize;
            let end = *index.starts.get(row as usize + 1)? as usize;
            index.rows.get(start..end).map(<[u32]>::to_vec)
        };
        find().unwrap_or_default()
    }

    fn index(&self, of: RelationId, above: RelationId) -> Below {
        let parents: Vec<u32> =
            (0u32..).take(self.book.count(of)).map(|row| self.climb(of, row, above).unwrap_or(u32::MAX)).collect();
        let mut rows = crate::book::Rows { parents, ..Default::default() };
        rows.index_children(self.book.count(above));
        Below { starts: rows.child_starts, rows: rows.child_rows }
    }
}
