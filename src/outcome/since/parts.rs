//! What of a block is whose: the rows of every credit group in every table.

use std::collections::HashMap;
use std::io;

use arrow_array::cast::AsArray as _;

use super::index::{digits, push_line};
use crate::book::Book;
use crate::engine::{Decided, Units};
use crate::outcome::Failure;
use crate::outcome::batches::Block;
use crate::plan::{Plan, RelationId};

/// The credit groups of a block, with what is theirs.
pub(in crate::outcome) struct Parts<'a> {
    units: Vec<(RelationId, &'a str, u128)>,
    /// For each table, the action list last, how many rows of it each group has, and how many bytes they take.
    rows: Vec<Vec<usize>>,
    sizes: Vec<Vec<usize>>,
    /// How many rows it has with those that are not put out.
    all: Vec<Vec<usize>>,
    /// For each group what could not be decided.
    failures: Vec<Vec<Failure>>,
    /// Whether everything was some group's.
    are_all: bool,
}

impl<'a> Parts<'a> {
    /// Those of a block; `lines` are the groups of the lines of the action list, by their rows.
    pub(super) fn of(decided: &mut Decided<'_, 'a>, digests: &[u128], block: &Block, lines: &[u32]) -> Self {
        let (plan, book) = (decided.plan(), decided.book());
        let (relation, units) = decided.all_units().clone();
        let digest = |row: u32| digests.get(row as usize).copied().unwrap_or_default();
        let mut parts = Self {
            units: units.clone().map(|row| (relation, book.id(relation, row), digest(row))).collect(),
            rows: Vec::new(),
            sizes: vec![Vec::new(); block.tables.len() + 1],
            all: Vec::new(),
            failures: vec![Vec::new(); units.len()],
            are_all: true,
        };
        for (output, table) in plan.outputs.iter().zip(&block.tables) {
            let all = decided.subjects(output.subject).rows;
            let end = |unit: u32| book.below(&plan.schema, output.subject, relation, unit..unit + 1).end;
            let ids = table.rows.columns().first().and_then(|ids| ids.as_string_opt::<i32>());
            // Rows that are not put out are told by the ids of those that are.
            let mut put_out = ids.into_iter().flat_map(|ids| ids.iter()).peekable();
            let mut is_put_out =
                |row: u32| output.only.is_none() || put_out.next_if_eq(&Some(book.id(output.subject, row))).is_some();
            let mut rows = all.iter().peekable();
            let (mut counts, mut alls) = (Vec::with_capacity(units.len()), Vec::with_capacity(units.len()));
            for unit in units.clone() {
                let (end, mut all, mut count) = (end(unit), 0, 0);
                while let Some(row) = rows.next_if(|row| **row < end) {
                    all += 1;
                    count += usize::from(is_put_out(*row));
                }
                counts.push(count);
                alls.push(all);
            }
            parts.are_all &= alls.iter().sum::<usize>() == table.all;
            parts.all.push(alls);
            parts.put(counts, table.rows.num_rows());
        }
        let mut counts = vec![0; units.len()];
        for line in lines {
            let place = line.checked_sub(units.start);
            place.and_then(|place| counts.get_mut(place as usize)).into_iter().for_each(|count| *count += 1);
        }
        parts.put(counts, block.actions.num_rows());
        parts.take_failures(plan, book, &(relation, units), block);
        parts
    }

    /// Rows that are no group's are given to the first: nothing of them is taken over then.
    fn put(&mut self, mut counts: Vec<usize>, rows: usize) {
        if counts.iter().sum::<usize>() != rows {
            self.are_all = false;
            counts = std::iter::once(rows).chain(std::iter::repeat(0)).take(self.units.len()).collect();
        }
        self.rows.push(counts);
    }

    fn take_failures(&mut self, plan: &Plan, book: &Book, (relation, units): &Units, block: &Block) {
        for (failure, row) in block.failures.iter() {
            let unit = row.and_then(|(of, row)| book.unit(&plan.schema, of, row));
            let place = unit.filter(|(of, _)| of == relation).and_then(|(_, row)| row.checked_sub(units.start));
            match place.and_then(|place| self.failures.get_mut(place as usize)) {
                Some(failures) => failures.push(failure.clone()),
                None => self.are_all = false,
            }
        }
        self.failures.iter_mut().for_each(|failures| failures.sort());
    }

    /// How many rows of a table each group has.
    pub(in crate::outcome) fn rows(&self, table: usize) -> &[usize] {
        self.rows.get(table).map(Vec::as_slice).unwrap_or_default()
    }

    /// How many bytes they take.
    pub(in crate::outcome) fn take_sizes(&mut self, table: usize, sizes: Vec<usize>) {
        if let Some(slot) = self.sizes.get_mut(table) {
            *slot = sizes;
        }
    }

    /// Whether everything is some group's.
    pub(in crate::outcome) fn are_all(&self) -> bool {
        self.are_all
    }

    /// A line for each group.
    pub(in crate::outcome) fn lines(&self) -> io::Result<Vec<u8>> {
        let mut out = Vec::new();
        for (place, ((relation, id, digest), failures)) in self.units.iter().zip(&self.failures).enumerate() {
            let own = |of: &Vec<usize>| of.get(place).copied().unwrap_or(0);
            let size = |(table, (rows, sizes)): (usize, (&Vec<usize>, &Vec<usize>))| {
                (own(rows), own(sizes), self.all.get(table).map_or(0, own))
            };
            let sizes: Vec<(usize, usize, usize)> = self.rows.iter().zip(&self.sizes).enumerate().map(size).collect();
            // As an `Entry` is written.
            push_line(&mut out, &(relation.0, id, digits(*digest), sizes, failures))?;
        }
        Ok(out)
    }
}

/// For each decision of a table the rows that could not be decided, by their ids.
pub(super) fn undecided<'f>(failures: &'f [Failure], table: &str) -> HashMap<&'f str, Vec<&'f str>> {
    let mut undecided: HashMap<&str, Vec<&str>> = HashMap::new();
    for failure in failures.iter().filter(|failure| failure.table == table) {
        undecided.entry(&failure.decision).or_default().push(&failure.id);
    }
    undecided
}
