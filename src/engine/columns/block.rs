//! The rows of some credit groups and of all that lies under them, each by its place in the block.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use arrow_array::Array as _;
use chrono::NaiveDate;

use super::decided::Units;
use crate::book::{Book, Cell, Column, Data};
use crate::lang::{Value, day_number};
use crate::plan::{PORTFOLIO, RelationId, Schema};

/// The rows of a relation that lie in the block; they follow one another in the book.
pub(super) struct Local {
    /// Their numbers in the book.
    pub(super) rows: Range<u32>,
    /// For each the place of the row it lies under, among the rows of its relation.
    pub(super) parents: Rc<[u32]>,
    /// For each row of the relation above, where what lies under it begins; one more at the end.
    starts: Rc<[u32]>,
    /// Since which day each exists; none where all have always existed.
    born: Option<Rc<[i32]>>,
    /// The latest of these days.
    latest: i32,
}

impl Local {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// The number in the book of the row at a place.
    pub(super) fn row(&self, place: u32) -> u32 {
        self.rows.start.saturating_add(place)
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

    /// What lies under some rows of the relation above that follow one another.
    pub(super) fn under(&self, parents: Range<u32>) -> Range<u32> {
        match (self.starts.get(parents.start as usize), self.starts.get(parents.end as usize)) {
            (Some(start), Some(end)) if parents.start < parents.end => *start..*end,
            _ => 0..0,
        }
    }
}

/// The rows of a block, relation by relation, as they are asked for.
pub(super) struct Block<'a> {
    schema: &'a Schema,
    book: &'a Book,
    units: Units,
    locals: HashMap<RelationId, Rc<Local>>,
}

impl<'a> Block<'a> {
    pub(super) fn new(schema: &'a Schema, book: &'a Book, units: Units) -> Self {
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
        let parent = self.schema.parent(relation);
        let (rows, parents, starts): (Range<u32>, Rc<[u32]>, Rc<[u32]>) = match parent {
            Some(PORTFOLIO) if relation == self.units.0 => {
                let rows = self.units.1.clone();
                let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
                (rows.clone(), vec![0; rows.len()].into(), [0, count].into())
            }
            Some(parent) if parent != PORTFOLIO => self.under(relation, parent),
            _ => (0..0, [].into(), [].into()),
        };
        let above = parent.filter(|parent| *parent != PORTFOLIO).map(|parent| self.local(parent));
        let born = self.born(relation, &rows, &parents, above.as_deref());
        let latest = born.iter().flat_map(|born| born.iter().copied()).fold(i32::MIN, i32::max);
        Local { rows, parents, starts, born, latest }
    }

    fn under(&mut self, relation: RelationId, parent: RelationId) -> (Range<u32>, Rc<[u32]>, Rc<[u32]>) {
        let above = self.local(parent);
        let Some(all) = self.book.rows(relation) else { return (0..0, [].into(), [].into()) };
        let rows = all.under(above.rows.clone());
        let own = all.parents.get(rows.start as usize..rows.end as usize).unwrap_or(&[]);
        let parents = own.iter().map(|parent| parent - above.rows.start).collect();
        let starts = all.child_starts.get(above.rows.start as usize..=above.rows.end as usize).unwrap_or(&[]);
        let starts = starts.iter().map(|start| start - rows.start).collect();
        (rows, parents, starts)
    }

    /// Its own day and its parents' latest.
    fn born(
        &self,
        relation: RelationId,
        rows: &Range<u32>,
        parents: &[u32],
        above: Option<&Local>,
    ) -> Option<Rc<[i32]>> {
        let fact = self.schema.get(relation).and_then(|r| r.exists_from);
        let column = fact.and_then(|fact| self.book.rows(relation)?.columns.get(usize::from(fact.0)));
        let above = above.and_then(|above| above.born.as_ref());
        let days = match column {
            Some(Column::Plain(series)) => match series.data() {
                Data::Date(days) => Some(days),
                _ => None,
            },
            _ => None,
        };
        let is_dated = matches!(column, Some(Column::Dated(_)));
        if above.is_none() && days.is_none() && !is_dated {
            return None;
        }
        let of_parent = |parent: u32| above.and_then(|born| born.get(parent as usize)).copied().unwrap_or(i32::MIN);
        let all_given = days.filter(|days| days.null_count() == 0);
        let all_given = all_given.and_then(|days| days.values().get(rows.start as usize..rows.end as usize));
        match (all_given, above) {
            (Some(days), None) => return Some(days.into()),
            (Some(days), Some(_)) => {
                return Some(days.iter().zip(parents).map(|(own, parent)| of_parent(*parent).max(*own)).collect());
            }
            (None, _) => {}
        }
        let own = |row: u32| match days {
            Some(days) => {
                let at = row as usize;
                let is_given = at < days.len() && days.is_valid(at);
                days.values().get(at).copied().filter(|_| is_given).unwrap_or(i32::MIN)
            }
            None if is_dated => match fact.map(|fact| self.book.cell(relation, fact, row, NaiveDate::MAX)) {
                Some(Cell::Given(Value::Date(day))) => day_number(day),
                _ => i32::MIN,
            },
            None => i32::MIN,
        };
        Some(rows.clone().zip(parents).map(|(row, parent)| own(row).max(of_parent(*parent))).collect())
    }
}
