//! The rows of some credit groups and of all that lies under them, each by its place in the block.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use chrono::NaiveDate;

use crate::book::{Book, Cell, Column, Data};
use crate::lang::{Value, day_number};
use crate::plan::{PORTFOLIO, RelationId, Schema};

/// The rows of a relation that lie in the block: units in their order, and within each row what lies under it by id.
pub(super) struct Local {
    /// Their numbers in the book.
    pub(super) rows: Rc<[u32]>,
    /// Whether these are consecutive.
    pub(super) is_range: bool,
    /// For each the place of the row it lies under, among the rows of its relation.
    pub(super) parents: Rc<[u32]>,
    /// For each row of the relation above, where what lies under it begins; one more at the end.
    pub(super) starts: Rc<[u32]>,
    /// Since which day each exists; none where all have always existed.
    born: Option<Rc<[i32]>>,
    /// The latest of these days.
    latest: i32,
}

impl Local {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether a row exists on a day.
    pub(super) fn exists(&self, place: u32, day: i32) -> bool {
        self.latest <= day || self.born(place) <= day
    }

    /// Since when a row exists.
    pub(super) fn born(&self, place: u32) -> i32 {
        let born = self.born.as_ref().and_then(|born| born.get(place as usize));
        born.copied().unwrap_or(i32::MIN)
    }

    /// Whether every row exists on a day.
    pub(super) fn all_exist(&self, day: i32) -> bool {
        self.latest <= day
    }

    /// What lies under a row of the relation above.
    pub(super) fn under(&self, parent: u32) -> Range<u32> {
        let at = parent as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(start), Some(end)) => *start..*end,
            _ => 0..0,
        }
    }
}

/// The rows of a block, relation by relation, as they are asked for.
pub(super) struct Block<'a> {
    schema: &'a Schema,
    book: &'a Book,
    /// The relation directly under the portfolio, and which of its rows.
    units: (RelationId, Range<u32>),
    locals: HashMap<RelationId, Rc<Local>>,
}

impl<'a> Block<'a> {
    pub(super) fn new(schema: &'a Schema, book: &'a Book, units: (RelationId, Range<u32>)) -> Self {
        Self { schema, book, units, locals: HashMap::new() }
    }

    /// The rows of a relation; none of those that lie under another kind of unit.
    pub(super) fn local(&mut self, relation: RelationId) -> Rc<Local> {
        if let Some(known) = self.locals.get(&relation) {
            return Rc::clone(known);
        }
        let local = Rc::new(self.find(relation));
        self.locals.insert(relation, Rc::clone(&local));
        local
    }

    fn find(&mut self, relation: RelationId) -> Local {
        let nothing = || Local {
            rows: [].into(),
            is_range: true,
            parents: [].into(),
            starts: [].into(),
            born: None,
            latest: i32::MIN,
        };
        let Some(parent) = self.schema.parent(relation) else { return nothing() };
        let (rows, parents, starts): (Vec<u32>, Vec<u32>, Vec<u32>) = if parent == PORTFOLIO {
            if relation != self.units.0 {
                return nothing();
            }
            let rows: Vec<u32> = self.units.1.clone().collect();
            let (parents, end) = (vec![0; rows.len()], u32::try_from(rows.len()).unwrap_or(u32::MAX));
            (rows, parents, vec![0, end])
        } else {
            let above = self.local(parent);
            let (mut rows, mut parents, mut starts) = (Vec::new(), Vec::new(), vec![0]);
            for (place, row) in (0u32..).zip(above.rows.iter()) {
                rows.extend(self.book.children(relation, *row));
                parents.resize(rows.len(), place);
                starts.push(u32::try_from(rows.len()).unwrap_or(u32::MAX));
            }
            (rows, parents, starts)
        };
        let above = (parent != PORTFOLIO).then(|| self.local(parent));
        let born = self.born(relation, &rows, &parents, above.as_deref());
        let latest = born.as_ref().and_then(|born| born.iter().max().copied()).unwrap_or(i32::MIN);
        let is_range = rows.iter().zip(rows.iter().skip(1)).all(|(a, b)| a + 1 == *b);
        Local { rows: rows.into(), is_range, parents: parents.into(), starts: starts.into(), born, latest }
    }

    /// Its own day and its parents' latest.
    fn born(&self, relation: RelationId, rows: &[u32], parents: &[u32], above: Option<&Local>) -> Option<Rc<[i32]>> {
        let fact = self.schema.get(relation).and_then(|r| r.exists_from);
        let column = fact.and_then(|fact| self.book.rows(relation)?.columns.get(usize::from(fact.0)));
        let above = above.and_then(|above| above.born.as_ref());
        if above.is_none() && matches!(column, None | Some(Column::Absent)) {
            return None;
        }
        let own = |row: u32| match column {
            Some(Column::Plain(series)) => match series.data() {
                Data::Date(days) => {
                    use arrow_array::Array as _;
                    let at = row as usize;
                    let is_given = at < days.len() && days.is_valid(at);
                    days.values().get(at).copied().filter(|_| is_given).unwrap_or(i32::MIN)
                }
                _ => i32::MIN,
            },
            Some(Column::Dated(_)) => match fact.map(|fact| self.book.cell(relation, fact, row, NaiveDate::MAX)) {
                Some(Cell::Given(Value::Date(day))) => day_number(day),
                _ => i32::MIN,
            },
            Some(Column::Absent) | None => i32::MIN,
        };
        let of_parent = |parent: u32| above.and_then(|born| born.get(parent as usize)).copied().unwrap_or(i32::MIN);
        Some(rows.iter().zip(parents).map(|(row, parent)| own(*row).max(of_parent(*parent))).collect())
    }
}
