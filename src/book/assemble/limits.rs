//! Limits that people laid down, of customers and of groups.

use std::sync::Arc;

use super::Assembly;
use crate::book::Cell;
use crate::book::draft::{Draft, Kept};
use crate::book::rejects::Sift;
use crate::book::typed::Typed;
use crate::lang::Value;

impl Assembly<'_> {
    /// Limits by kind. Each is of one customer or of one group; a group's that is refused leaves its members incomplete.
    pub(super) fn credit_limits(&mut self) -> Option<()> {
        let Some(table) = self.table("credit_limits") else { return Some(()) };
        let group = self.relation("group")?;
        let accounts: Vec<Option<u32>> =
            (0..table.len()).map(|row| self.ledger.account(table.text("customer", row)?)).collect();
        let groups: Vec<Option<u32>> =
            (0..table.len()).map(|row| self.book.find(group, table.text("group", row)?)).collect();
        let at = |rows: &[Option<u32>], row: u32| rows.get(row as usize).copied().flatten();
        let mut sift = Sift::strict(&table, &mut self.ledger, |row| at(&accounts, row));
        sift.unique(&mut self.ledger, &table, Some("id"), |row| table.text("id", row));
        for row in (0..table.len()).filter(|row| !table.is_broken(*row)) {
            if let Some((column, why)) = trouble(&table, row, at(&accounts, row), at(&groups, row)) {
                sift.reject(&mut self.ledger, &table, row, Some(column), why.into());
            }
        }
        for row in (0..table.len()).filter(|row| sift.is_refused(*row)) {
            self.touch_members(at(&groups, row));
        }
        for (relation, parents) in [("credit_limit", &accounts), ("group_credit_limit", &groups)] {
            let mut kept = Vec::new();
            for row in sift.kept() {
                if let (Some(id), Some(parent)) = (table.text("id", row), at(parents, row)) {
                    kept.push(Kept { id: Arc::clone(id), parent, row });
                }
            }
            // A blank is no permission.
            let unlimited = |k: &Kept| Cell::Given(Value::Bool(table.flag("unlimited", k.row).unwrap_or(false)));
            let unlimited = kept.iter().map(unlimited).collect();
            let mut draft = Draft::new(self.schema, relation)?;
            draft.append(&table, &kept, vec![("unlimited", unlimited)]);
            self.put(draft);
        }
        let undated = sift.kept().iter().filter(|row| table.date("valid_from", **row).is_none()).count();
        self.undated("credit_limits.valid_from", undated);
        Some(())
    }

    /// Something of a group could not be read: its members are incomplete.
    fn touch_members(&mut self, group: Option<u32>) {
        let (Some(group), Some(account)) = (group, self.relation("account")) else { return };
        let Some(rows) = self.book.rows(account) else { return };
        let members: Vec<u32> =
            (0u32..).zip(&rows.parents).filter(|(_, of)| **of == group).map(|(account, _)| account).collect();
        members.into_iter().for_each(|account| self.ledger.touch(account));
    }
}

/// What keeps a limit from being one: the column and why.
fn trouble(table: &Typed, row: u32, account: Option<u32>, group: Option<u32>) -> Option<(&'static str, &'static str)> {
    let says = |column: &str| table.text(column, row).is_some();
    match (says("customer"), says("group")) {
        (true, true) => return Some(("group", "stands beside a customer; a limit is of a customer or of a group")),
        (false, false) => return Some(("customer", "is blank, and so is the group; a limit is of one of them")),
        (true, false) if account.is_none() => return Some(("customer", "no customer has this id")),
        (false, true) if group.is_none() => return Some(("group", "no group has this id")),
        _ => {}
    }
    let both = table.flag("unlimited", row) == Some(true) && table.amount("amount", row).is_some();
    both.then_some(("unlimited", "stands beside an amount; a limit has an amount or is unlimited"))
}
