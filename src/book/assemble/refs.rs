//! Finding what a row refers to, or saying why it cannot be found.

use super::Assembly;
use crate::book::ids;
use crate::book::rejects::Sift;
use crate::book::typed::Typed;
use crate::plan::RelationId;

impl Assembly<'_> {
    /// The row a reference means, or why there is none.
    pub(super) fn refer(&self, relation: RelationId, table: &str, id: &str) -> Result<u32, String> {
        if let Some(row) = self.book.find(relation, id) {
            return Ok(row);
        }
        // What is spread over several items has an id for each.
        let spread = format!("{id}#");
        let next = self.book.rows(relation).and_then(|rows| rows.first_from(&spread));
        if next.is_some_and(|known| known.starts_with(&spread)) {
            return Err("is over several instalments; give each a row of its own and name it".into());
        }
        let one = table.strip_suffix('s').unwrap_or(table).replace('_', " ");
        Err(match self.refused.get(table).and_then(|refused| refused.get(id)) {
            Some(_) => format!("the {one} with this id was refused itself"),
            None => format!("no {one} has this id"),
        })
    }

    /// The account that something lies under, refused or not.
    pub(super) fn account_of(&self, relation: RelationId, table: &str, id: &str) -> Option<u32> {
        match self.book.find(relation, id) {
            Some(row) => self.account_above(relation, row),
            None => self.refused.get(table)?.get(id).copied().flatten(),
        }
    }

    /// The account that a row lies under.
    pub(super) fn account_above(&self, relation: RelationId, row: u32) -> Option<u32> {
        let (account, mut at) = (self.relation("account")?, (relation, row));
        while at.0 != account {
            at = (self.schema.parent(at.0)?, self.book.parent(at.0, at.1)?);
        }
        Some(at.1)
    }

    /// Remembers the ids of the rows refused, so that what refers to them can say so.
    pub(super) fn remember_refused(&mut self, name: &'static str, table: &Typed, sift: &Sift) {
        let texts = table.strings("id");
        let known = self.refused.entry(name).or_default();
        for (id, account) in sift.refused().filter_map(|row| Some((ids::text(&texts, row)?, sift.account(row)))) {
            // Of two accounts, neither: whose it is does not depend on the order of the rows.
            let of_both = |known: &mut Option<u32>| *known = known.filter(|known| Some(*known) == account);
            known.entry(id.to_owned()).and_modify(of_both).or_insert(account);
        }
    }
}
