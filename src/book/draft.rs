//! A relation while it is being filled; once finished its rows stand under what they lie under, by id.

use std::sync::Arc;

use arrow_array::StringArray;
use arrow_array::builder::StringBuilder;
use arrow_buffer::ScalarBuffer;
use rayon::prelude::*;

use super::order::{Order, after};
use super::origins::TableOrigins;
use super::series::Builder;
use super::texts::take_texts;
use super::typed::Typed;
use super::{Column, Data, Origins, Rows, Series};
use crate::lang::Value;
use crate::plan::{RelationId, Schema};

/// Rows of a table that go into a relation.
pub(crate) struct Kept {
    /// Their ids in the relation.
    pub(crate) ids: StringArray,
    /// The rows of the parent relation.
    pub(crate) parents: Vec<u32>,
    /// The rows of the table.
    pub(crate) rows: Vec<u32>,
}

/// The same, row by row.
#[derive(Default)]
pub(crate) struct Keeping {
    ids: StringBuilder,
    pub(crate) parents: Vec<u32>,
    pub(crate) rows: Vec<u32>,
}

impl Keeping {
    /// Keeps a row.
    pub(crate) fn push(&mut self, id: &str, parent: u32, row: u32) {
        self.ids.append_value(id);
        self.parents.push(parent);
        self.rows.push(row);
    }

    /// Keeps those that others keep, behind its own.
    pub(crate) fn join(mut self, mut others: Self) -> Self {
        let ids = others.ids.finish();
        ids.iter().flatten().for_each(|id| self.ids.append_value(id));
        self.parents.append(&mut others.parents);
        self.rows.append(&mut others.rows);
        self
    }

    /// The rows kept.
    pub(crate) fn done(mut self) -> Kept {
        Kept { ids: self.ids.finish(), parents: self.parents, rows: self.rows }
    }
}

/// Rows that no table has: made one by one.
pub(crate) struct Made {
    facts: Vec<&'static str>,
    ids: StringBuilder,
    parents: Vec<u32>,
    places: Vec<(u32, u32)>,
    columns: Vec<Builder>,
}

impl Made {
    /// None yet; each will have a value for these facts.
    pub(crate) fn new(facts: &[&'static str]) -> Self {
        let columns = facts.iter().map(|_| Builder::default()).collect();
        Self { facts: facts.to_vec(), ids: StringBuilder::new(), parents: Vec::new(), places: Vec::new(), columns }
    }

    /// Makes a row.
    pub(crate) fn push(&mut self, id: &str, parent: u32, place: (u32, u32), values: &[Value]) {
        self.ids.append_value(id);
        self.parents.push(parent);
        self.places.push(place);
        for (column, value) in self.columns.iter_mut().zip(values) {
            column.push(value);
        }
    }
}

/// Rows in any order.
pub(crate) struct Draft {
    /// The relation.
    pub(crate) relation: RelationId,
    facts: Vec<String>,
    parts: Vec<Part>,
}

/// Rows of one source.
struct Part {
    ids: StringArray,
    parents: Vec<u32>,
    read: Read,
    /// One a fact.
    columns: Vec<Values>,
}

/// Where the rows of a part were read.
enum Read {
    /// They are these rows of a table.
    Table(Vec<u32>, Arc<TableOrigins>),
    Own(Origins),
}

/// The values of one fact.
enum Values {
    Blank,
    /// The ids of the rows.
    Ids,
    /// One a row.
    Own(Series),
    /// One a row of the table.
    Table(Series),
}

/// A relation, filled.
pub(crate) struct Finished {
    /// The relation.
    pub(crate) relation: RelationId,
    /// Its rows.
    pub(crate) rows: Rows,
    /// For each the row of the table it is, where all are of one table.
    pub(crate) taken: ScalarBuffer<u32>,
}

impl Draft {
    /// An empty relation of the schema.
    pub(crate) fn new(schema: &Schema, relation: &str) -> Option<Self> {
        let relation = schema.relation(relation)?;
        let facts = schema.get(relation)?.facts.iter().map(|f| f.name.clone()).collect();
        Some(Self { relation, facts, parts: Vec::new() })
    }

    /// Adds rows of a table: each fact from the column of its name, unless `own` has its values, one a row kept.
    pub(crate) fn append(&mut self, table: &Typed, kept: Kept, mut own: Vec<(&str, Series)>) {
        if kept.rows.is_empty() {
            return;
        }
        let column = |fact: &String| {
            if let Some(at) = own.iter().position(|(name, _)| name == fact) {
                return Values::Own(own.swap_remove(at).1);
            }
            if fact == "id" {
                return Values::Ids;
            }
            table.series(fact).map_or(Values::Blank, |series| Values::Table(series.clone()))
        };
        let columns = self.facts.iter().map(column).collect();
        let read = Read::Table(kept.rows, Arc::new(table.rows.origins()));
        self.parts.push(Part { ids: kept.ids, parents: kept.parents, read, columns });
    }

    /// Adds rows made one by one.
    pub(crate) fn add(&mut self, mut made: Made) {
        let columns = made.facts.into_iter().zip(made.columns.into_iter().map(Builder::finish)).collect();
        self.share(made.ids.finish(), made.parents, made.places.into_iter().collect(), columns);
    }

    /// Adds rows whose ids, origins and values are there already, one a row; facts not given are blank.
    pub(crate) fn share(
        &mut self,
        ids: StringArray,
        parents: Vec<u32>,
        origins: Origins,
        mut columns: Vec<(&str, Series)>,
    ) {
        if parents.is_empty() {
            return;
        }
        let column = |fact: &String| match columns.iter().position(|(name, _)| name == fact) {
            Some(at) => Values::Own(columns.swap_remove(at).1),
            None if fact == "id" => Values::Ids,
            None => Values::Blank,
        };
        let columns = self.facts.iter().map(column).collect();
        self.parts.push(Part { ids, parents, read: Read::Own(origins), columns });
    }

    /// The ids so far.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().flat_map(|part| part.ids.iter().flatten())
    }

    /// What the rows so far lie under.
    pub(crate) fn parents(&self) -> impl Iterator<Item = u32> {
        self.parts.iter().flat_map(|part| part.parents.iter().copied())
    }

    /// Brings the rows in order.
    pub(crate) fn finish(mut self, parent_count: usize) -> Finished {
        let part = match self.parts.len() {
            0 | 1 => self.parts.pop(),
            _ => Some(Part::joined(std::mem::take(&mut self.parts), self.facts.len())),
        };
        let Some(part) = part else {
            let columns = self.facts.iter().map(|_| Column::Absent).collect();
            let child_starts = ScalarBuffer::from(vec![0u32; parent_count + 1]);
            let rows = Rows { columns, child_starts, ..Rows::default() };
            return Finished { relation: self.relation, rows, taken: ScalarBuffer::default() };
        };
        let order = Order::of(&part.parents, parent_count, &part.ids);
        let ordered = order.rows.as_deref();
        let (taken, origins) = match part.read {
            Read::Table(rows, table) => {
                let taken = ScalarBuffer::from(if ordered.is_some() { after(&rows, ordered) } else { rows });
                (taken.clone(), Origins::of(taken, table))
            }
            Read::Own(origins) => (ScalarBuffer::default(), ordered.map_or(origins.clone(), |rows| origins.take(rows))),
        };
        let in_order = |series: Series| match ordered {
            Some(rows) => series.take(rows),
            None => series,
        };
        let column = |values: Values| {
            let series = match values {
                Values::Blank => return Column::Absent,
                Values::Ids => return Column::Ids,
                Values::Own(series) => in_order(series),
                Values::Table(series) => series.take(&taken),
            };
            if series.says_nothing() { Column::Absent } else { Column::Plain(series) }
        };
        let columns = || part.columns.into_par_iter().map(column).collect();
        let (columns, (ids, parents)) = rayon::join(columns, || match ordered {
            Some(rows) => (take_texts(&part.ids, rows), after(&part.parents, ordered)),
            None => (part.ids, part.parents),
        });
        let rows = Rows::new(ids, ScalarBuffer::from(parents), columns, origins, order.starts);
        Finished { relation: self.relation, rows, taken }
    }
}

impl Part {
    /// Several as one.
    fn joined(parts: Vec<Part>, facts: usize) -> Self {
        let mut columns: Vec<Vec<Values>> = (0..facts).map(|_| Vec::new()).collect();
        let lens: Vec<usize> = parts.iter().map(|part| part.parents.len()).collect();
        let all_ids = |columns: &[Values]| columns.iter().all(|values| matches!(values, Values::Ids));
        let (mut ids, mut parents, mut places) = (Vec::new(), Vec::new(), Vec::new());
        for part in parts {
            for (all, values) in columns.iter_mut().zip(part.columns) {
                all.push(match (values, &part.read) {
                    (Values::Table(series), Read::Table(rows, _)) => Values::Own(series.take(rows)),
                    (values, _) => values,
                });
            }
            parents.extend(part.parents);
            places.push(match part.read {
                Read::Table(rows, table) => Origins::of(ScalarBuffer::from(rows), table).all(),
                Read::Own(origins) => origins.all(),
            });
            ids.push(Series::new(Data::Utf8(part.ids)));
        }
        let column = |all: Vec<Values>| {
            if all_ids(&all) {
                return Values::Ids;
            }
            let parts = all.into_iter().zip(lens.iter().zip(&ids)).map(|(values, (len, ids))| match values {
                Values::Own(series) | Values::Table(series) => series,
                Values::Ids => ids.clone(),
                Values::Blank => Series::blank(*len),
            });
            Values::Own(Series::concat(&parts.collect::<Vec<_>>()))
        };
        let columns = || columns.into_par_iter().map(column).collect();
        let (columns, joined) = rayon::join(columns, || Series::concat(&ids).into_texts());
        let ids = joined.unwrap_or_else(|| StringArray::new_null(parents.len()));
        Self { ids, parents, read: Read::Own(places.concat().into_iter().collect()), columns }
    }
}
