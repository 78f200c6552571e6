//! Actions done and proposed before, one row a line of a letter.

use std::sync::Arc;

use super::Assembly;
use crate::book::Cell;
use crate::book::draft::{Draft, Kept};
use crate::book::rejects::Sift;
use crate::lang::Value;

/// What an action may be about: its name in the file, the relation of its subject, that of the action, and the table.
const SUBJECTS: &[(&str, &str, &str, &str)] = &[
    ("item", "item", "action", "items"),
    ("invoice", "invoice", "invoice_action", "invoices"),
    ("account", "account", "account_action", "customers"),
    ("order", "order", "order_action", "orders"),
];

impl Assembly<'_> {
    /// Actions, each under its subject.
    pub(super) fn actions(&mut self) -> Option<()> {
        let Some(table) = self.table("actions") else { return Some(()) };
        let subject =
            |row| SUBJECTS.iter().find(|(name, ..)| table.text("subject", row).is_some_and(|s| &**s == *name));
        let account_of = |row| {
            let (_, relation, _, refused) = subject(row)?;
            let (id, relation) = (table.text("subject_id", row)?, self.relation(relation)?);
            let mut at = (relation, self.book.find(relation, id));
            if at.1.is_none() {
                return self.account_of(relation, refused, id);
            }
            let account = self.relation("account")?;
            while at.0 != account {
                at = (self.schema.parent(at.0)?, self.book.parent(at.0, at.1?));
            }
            at.1
        };
        let accounts: Vec<_> = (0..table.len()).map(account_of).collect();
        let mut sift = Sift::strict(&table, &mut self.ledger, |row| accounts.get(row as usize).copied().flatten());
        let key = |row| Some((table.text("id", row)?, table.text("subject_id", row)?, table.text("rung", row)?));
        sift.unique(&mut self.ledger, &table, None, key);
        let mut kept: Vec<Vec<Kept>> = SUBJECTS.iter().map(|_| Vec::new()).collect();
        for row in sift.kept() {
            let (Some((id, of, rung)), Some(written)) = (key(row), table.text("subject", row)) else { continue };
            let Some((at, (_, relation, _, refused))) =
                SUBJECTS.iter().enumerate().find(|(_, (name, ..))| &**written == *name)
            else {
                let why = "is not one of `item`, `invoice`, `account`, `order`".into();
                sift.reject(&mut self.ledger, &table, row, Some("subject"), why);
                continue;
            };
            match self.refer(self.relation(relation)?, refused, of) {
                Ok(parent) => kept.get_mut(at)?.push(Kept { id: format!("{id}#{of}#{rung}").into(), parent, row }),
                Err(why) => sift.reject(&mut self.ledger, &table, row, Some("subject_id"), why),
            }
        }
        let mut undated = 0;
        for ((_, _, relation, _), kept) in SUBJECTS.iter().zip(&kept) {
            let mut draft = Draft::new(self.schema, relation)?;
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
