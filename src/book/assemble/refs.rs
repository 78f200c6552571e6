//! Finding what a row refers to, or saying why it cannot be found.

use arrow_array::StringArray;
use rayon::prelude::*;

use super::{Assembly, PART};
use crate::book::ids::{NONE, some};
use crate::book::rejects::Sift;
use crate::book::texts;
use crate::book::typed::Typed;
use crate::plan::RelationId;

/// The rows that the references of a column mean.
pub(super) struct Found {
    relation: RelationId,
    /// The table of these rows.
    table: String,
    references: StringArray,
    /// [`NONE`] where a reference is blank or means none.
    pub(super) rows: Vec<u32>,
}

impl Found {
    /// What a row refers to, as it is written.
    pub(super) fn text(&self, row: u32) -> Option<&str> {
        texts::text(&self.references, row)
    }

    /// The row that a row refers to.
    pub(super) fn row(&self, row: u32) -> Option<u32> {
        self.rows.get(row as usize).copied().and_then(some)
    }
}

impl Assembly<'_> {
    /// The rows of a relation, and of its table, that references mean.
    pub(super) fn found(&self, relation: RelationId, table: &str, references: StringArray) -> Found {
        let rows = self.book.rows(relation).map(|rows| rows.find_all(&references)).unwrap_or_default();
        Found { relation, table: table.to_owned(), references, rows }
    }

    /// For each of them the account it lies under, refused or not; [`NONE`] where that is not known.
    pub(super) fn accounts_of(&self, found: &Found) -> Vec<u32> {
        let above = self.accounts_above(found.relation, &found.rows);
        let Some(refused) = self.refused.get(found.table.as_str()) else { return above };
        let of_refused = |row| refused.get(found.text(row)?).copied().flatten();
        let rows = (0u32..).zip(above);
        rows.map(|(row, above)| if above == NONE { of_refused(row).unwrap_or(NONE) } else { above }).collect()
    }

    /// The accounts that rows lie under; [`NONE`] where there is none.
    fn accounts_above(&self, relation: RelationId, rows: &[u32]) -> Vec<u32> {
        let mut above = rows.to_vec();
        let (account, mut at) = (self.relation("account"), relation);
        while Some(at) != account {
            let Some((parent, of)) = self.schema.parent(at).zip(self.book.rows(at)) else {
                return vec![NONE; rows.len()];
            };
            let up = |row: &mut u32| *row = of.parents.get(*row as usize).copied().unwrap_or(NONE);
            above.par_iter_mut().with_min_len(PART).for_each(up);
            at = parent;
        }
        above
    }

    /// Why no row is meant by what a row refers to.
    pub(super) fn why_unknown(&self, found: &Found, row: u32) -> String {
        self.why_none(found.relation, &found.table, found.text(row).unwrap_or_default())
    }

    fn why_none(&self, relation: RelationId, table: &str, id: &str) -> String {
        // What is spread over several items has an id for each.
        let spread = format!("{id}#");
        let next = self.book.rows(relation).and_then(|rows| rows.first_from(&spread));
        if next.is_some_and(|known| known.starts_with(&spread)) {
            return "is over several instalments; give each a row of its own and name it".into();
        }
        let one = table.strip_suffix('s').unwrap_or(table).replace('_', " ");
        match self.refused.get(table).and_then(|refused| refused.get(id)) {
            Some(_) => format!("the {one} with this id was refused itself"),
            None => format!("no {one} has this id"),
        }
    }

    /// Remembers the ids of the rows refused, so that what refers to them can say so.
    pub(super) fn remember_refused(&mut self, name: &'static str, table: &Typed, sift: &Sift) {
        let texts = table.strings("id");
        let known = self.refused.entry(name).or_default();
        for (id, account) in sift.refused().filter_map(|row| Some((texts::text(&texts, row)?, sift.account(row)))) {
            // Of two accounts, neither: whose it is does not depend on the order of the rows.
            let of_both = |known: &mut Option<u32>| *known = known.filter(|known| Some(*known) == account);
            known.entry(id.to_owned()).and_modify(of_both).or_insert(account);
        }
    }
}
