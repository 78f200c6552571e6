//! A relation while it is being filled; once finished its rows stand in the order of their ids.

use std::sync::Arc;

use super::typed::Typed;
use super::{Cell, Column, Rows, Series};
use crate::lang::Value;
use crate::plan::{RelationId, Schema};

/// A row of a table that goes into a relation.
pub(crate) struct Kept {
    /// Its id in the relation.
    pub(crate) id: Arc<str>,
    /// The row of the parent relation.
    pub(crate) parent: u32,
    /// The row of the table.
    pub(crate) row: u32,
}

/// Rows in any order.
pub(crate) struct Draft {
    /// The relation.
    pub(crate) relation: RelationId,
    facts: Vec<String>,
    /// Ids, not yet sorted.
    pub(crate) ids: Vec<Arc<str>>,
    /// Rows of the parent relation.
    pub(crate) parents: Vec<u32>,
    lines: Vec<(u32, u32)>,
    columns: Vec<Vec<Cell>>,
}

impl Draft {
    /// An empty relation of the schema.
    pub(crate) fn new(schema: &Schema, relation: &str) -> Option<Self> {
        let relation = schema.relation(relation)?;
        let facts: Vec<String> = schema.get(relation)?.facts.iter().map(|f| f.name.clone()).collect();
        let columns = vec![Vec::new(); facts.len()];
        Some(Self { relation, facts, ids: Vec::new(), parents: Vec::new(), lines: Vec::new(), columns })
    }

    /// Adds rows of a table: each fact from the column of its name, unless `own` has its cells.
    pub(crate) fn append(&mut self, table: &Typed, kept: &[Kept], mut own: Vec<(&str, Vec<Cell>)>) {
        for (fact, cells) in self.facts.iter().zip(&mut self.columns) {
            if let Some((_, given)) = own.iter_mut().find(|(name, _)| name == fact) {
                cells.append(given);
            } else if fact == "id" {
                cells.extend(kept.iter().map(|k| Cell::Given(Value::Text(Arc::clone(&k.id)))));
            } else if let Some(column) = table.column(fact) {
                cells.extend(kept.iter().map(|k| column.get(k.row as usize).cloned().unwrap_or(Cell::Blank)));
            }
            cells.resize(self.ids.len() + kept.len(), Cell::Blank);
        }
        self.ids.extend(kept.iter().map(|k| Arc::clone(&k.id)));
        self.parents.extend(kept.iter().map(|k| k.parent));
        self.lines.extend(kept.iter().map(|k| table.place(k.row)));
    }

    /// Adds one row with these values; the other facts are blank.
    pub(crate) fn push(&mut self, id: Arc<str>, parent: u32, place: (u32, u32), values: &[(&str, Value)]) {
        for (fact, cells) in self.facts.iter().zip(&mut self.columns) {
            cells.push(match values.iter().find(|(name, _)| name == fact) {
                Some((_, Value::Missing)) => Cell::Blank,
                Some((_, value)) => Cell::Given(value.clone()),
                None if fact == "id" => Cell::Given(Value::Text(Arc::clone(&id))),
                None => Cell::Blank,
            });
        }
        self.ids.push(id);
        self.parents.push(parent);
        self.lines.push(place);
    }

    /// Sorts the rows and indexes them by parent.
    pub(crate) fn finish(self, parent_count: usize) -> (RelationId, Rows) {
        let mut order: Vec<u32> = (0u32..).take(self.ids.len()).collect();
        order.sort_by(|a, b| self.ids.get(*a as usize).cmp(&self.ids.get(*b as usize)));
        let sorted = order.is_sorted();
        let columns = self.columns.into_iter().map(|mut cells| {
            if cells.iter().all(|cell| *cell == Cell::Blank) {
                return Column::Absent;
            }
            if !sorted {
                cells = permute(&mut cells, &order, Cell::Blank);
            }
            Column::Plain(Series::from_cells(&cells))
        });
        let mut rows = Rows { columns: columns.collect(), ..Rows::default() };
        let (mut ids, mut parents, mut lines) = (self.ids, self.parents, self.lines);
        rows.ids = if sorted { ids } else { permute(&mut ids, &order, Arc::from("")) };
        rows.parents = if sorted { parents } else { permute(&mut parents, &order, 0) };
        rows.lines = if sorted { lines } else { permute(&mut lines, &order, (0, 0)) };
        rows.index_children(parent_count);
        (self.relation, rows)
    }
}

fn permute<T: Clone>(values: &mut [T], order: &[u32], hole: T) -> Vec<T> {
    let take = |at: &u32| values.get_mut(*at as usize).map(|value| std::mem::replace(value, hole.clone()));
    order.iter().filter_map(take).collect()
}
