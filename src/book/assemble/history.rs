//! Actions done and proposed before, one row a line of a letter.

use super::Assembly;
use crate::book::draft::{Draft, Keeping};
use crate::book::ids::{self, NONE, take_texts};
use crate::book::rejects::Sift;
use crate::book::tables::Table;
use crate::book::{Data, Series};
use crate::diag::nearest;
use crate::plan::RelationId;

impl Assembly<'_> {
    /// Actions, each under its subject.
    pub(super) fn actions(&mut self) -> Option<()> {
        let Some(table) = self.table("actions") else { return Some(()) };
        let schema = self.schema;
        let subjects: Vec<(&str, RelationId, String)> =
            schema.climbed().map(|(id, name)| (name, id, table_of(name))).collect();
        let [written, of, texts, rungs] = ["subject", "subject_id", "id", "rung"].map(|column| table.strings(column));
        let subject = |row| {
            let written = ids::text(&written, row)?;
            subjects.iter().position(|(name, ..)| written == *name)
        };
        let account_of = |row| {
            let (_, relation, refused) = subjects.get(subject(row)?)?;
            self.account_of(*relation, refused, ids::text(&of, row)?)
        };
        let accounts = (0..table.len()).map(|row| account_of(row).unwrap_or(NONE)).collect();
        let mut sift = Sift::strict(&table, &mut self.ledger, accounts);
        let key = |row| Some((ids::text(&texts, row)?, ids::text(&of, row)?, ids::text(&rungs, row)?));
        sift.unique(&mut self.ledger, &table, None, key);
        let mut kept: Vec<Keeping> = subjects.iter().map(|_| Keeping::default()).collect();
        for row in sift.kept() {
            let Some((id, of, rung)) = key(row) else { continue };
            let Some((at, (_, relation, refused))) = subject(row).and_then(|at| Some((at, subjects.get(at)?))) else {
                let names = subjects.iter().map(|(name, ..)| *name);
                let near = ids::text(&written, row).and_then(|written| nearest(written, names));
                let such = near.map_or("such are `item`, `invoice`, `order` and `account`".into(), |near| {
                    format!("did you mean `{near}`")
                });
                let why = format!("is nothing that a ladder climbs; {such}");
                sift.reject(&mut self.ledger, &table, row, Some("subject"), why);
                continue;
            };
            match self.refer(*relation, refused, of) {
                Ok(parent) => kept.get_mut(at)?.push(&format!("{id}#{of}#{rung}"), parent, row),
                Err(why) => sift.reject(&mut self.ledger, &table, row, Some("subject_id"), why),
            }
        }
        let mut undated = Vec::new();
        let (done_on, status) = (table.values("done_on"), table.values("status"));
        for ((_, subject, _), kept) in subjects.iter().zip(kept).filter(|(_, kept)| !kept.rows.is_empty()) {
            let history = schema.get(schema.history(*subject)?)?;
            let mut draft = Draft::new(schema, &history.name)?;
            let counts = |row: &&u32| {
                !done_on.is_given(**row) && status.text(**row).is_some_and(|status| ["sent", "done"].contains(&status))
            };
            undated.extend(kept.rows.iter().filter(counts).copied());
            let ids = Series::new(Data::Utf8(take_texts(&texts, &kept.rows)));
            draft.append(&table, kept.done(), vec![("id", ids)]);
            self.put(draft);
        }
        self.undated("actions.done_on", &table, undated.into_iter());
        Some(())
    }
}

/// The table whose refused rows are remembered for a subject.
fn table_of(subject: &str) -> String {
    let table = Table::of_relation(subject).filter(|table| table.needs("id"));
    table.map_or_else(|| format!("{subject}s"), |table| table.name.into())
}
