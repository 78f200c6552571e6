//! Actions done and proposed before, one row a line of a letter.

use std::sync::Arc;

use super::Assembly;
use crate::book::Cell;
use crate::book::draft::{Draft, Kept};
use crate::book::rejects::Sift;
use crate::book::tables::Table;
use crate::diag::nearest;
use crate::lang::Value;
use crate::plan::RelationId;

impl Assembly<'_> {
    /// Actions, each under its subject.
    pub(super) fn actions(&mut self) -> Option<()> {
        let Some(table) = self.table("actions") else { return Some(()) };
        let schema = self.schema;
        let subjects: Vec<(&str, RelationId, String)> =
            schema.climbed().map(|(id, name)| (name, id, table_of(name))).collect();
        let subject = |row| {
            let written = table.text("subject", row)?;
            subjects.iter().position(|(name, ..)| &**written == *name)
        };
        let account_of = |row| {
            let (_, relation, refused) = subjects.get(subject(row)?)?;
            self.account_of(*relation, refused, table.text("subject_id", row)?)
        };
        let accounts: Vec<_> = (0..table.len()).map(account_of).collect();
        let mut sift = Sift::strict(&table, &mut self.ledger, |row| accounts.get(row as usize).copied().flatten());
        let key = |row| Some((table.text("id", row)?, table.text("subject_id", row)?, table.text("rung", row)?));
        sift.unique(&mut self.ledger, &table, None, key);
        let mut kept: Vec<Vec<Kept>> = subjects.iter().map(|_| Vec::new()).collect();
        for row in sift.kept() {
            let Some((id, of, rung)) = key(row) else { continue };
            let Some((at, (_, relation, refused))) = subject(row).and_then(|at| Some((at, subjects.get(at)?))) else {
                let names = subjects.iter().map(|(name, ..)| *name);
                let near = table.text("subject", row).and_then(|written| nearest(written, names));
                let such = near.map_or("such are `item`, `invoice`, `order` and `account`".into(), |near| {
                    format!("did you mean `{near}`")
                });
                let why = format!("is nothing that a ladder climbs; {such}");
                sift.reject(&mut self.ledger, &table, row, Some("subject"), why);
                continue;
            };
            match self.refer(*relation, refused, of) {
                Ok(parent) => kept.get_mut(at)?.push(Kept { id: format!("{id}#{of}#{rung}").into(), parent, row }),
                Err(why) => sift.reject(&mut self.ledger, &table, row, Some("subject_id"), why),
            }
        }
        let mut undated = 0;
        for ((_, subject, _), kept) in subjects.iter().zip(&kept).filter(|(_, kept)| !kept.is_empty()) {
            let history = schema.get(schema.history(*subject)?)?;
            let mut draft = Draft::new(schema, &history.name)?;
            let id =
                |k: &Kept| table.text("id", k.row).map_or(Cell::Blank, |id| Cell::Given(Value::Text(Arc::clone(id))));
            draft.append(&table, kept, vec![("id", kept.iter().map(id).collect())]);
            self.put(draft);
            let counts = |k: &&Kept| {
                table.date("done_on", k.row).is_none()
                    && table.text("status", k.row).is_some_and(|s| ["sent", "done"].contains(&&**s))
            };
            undated += kept.iter().filter(counts).count();
        }
        self.undated("actions.done_on", undated);
        Some(())
    }
}

/// The table whose refused rows are remembered for a subject.
fn table_of(subject: &str) -> String {
    let table = Table::of_relation(subject).filter(|table| table.needs("id"));
    table.map_or_else(|| format!("{subject}s"), |table| table.name.into())
}
