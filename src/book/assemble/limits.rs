//! Limits that people laid down, of customers and of groups.

use super::Assembly;
use crate::book::Series;
use crate::book::draft::{Draft, Kept};
use crate::book::ids::some;
use crate::book::rejects::Sift;
use crate::book::texts::take_texts;
use crate::book::typed::Typed;

impl Assembly<'_> {
    /// Limits by kind. Each is of one customer or of one group; a group's that is refused leaves its members incomplete.
    pub(super) fn credit_limits(&mut self) -> Option<()> {
        let Some(table) = self.table("credit_limits") else { return Some(()) };
        let group = self.relation("group")?;
        let accounts = self.ledger.accounts_of(&table.strings("customer"));
        let groups = self.book.rows(group)?.find_all(&table.strings("group"));
        let at = |rows: &[u32], row: u32| rows.get(row as usize).copied().and_then(some);
        let mut sift = Sift::strict(&table, &mut self.ledger, accounts.clone());
        let texts = table.strings("id");
        sift.unique_texts(&mut self.ledger, &table, "id", &texts);
        for row in (0..table.len()).filter(|row| !table.is_broken(*row)) {
            if let Some((column, why)) = trouble(&table, row, at(&accounts, row), at(&groups, row)) {
                sift.reject(&mut self.ledger, &table, row, Some(column), why.into());
            }
        }
        for row in sift.refused() {
            self.touch_members(at(&groups, row));
        }
        for (relation, parents) in [("credit_limit", &accounts), ("group_credit_limit", &groups)] {
            let mut rows = sift.kept();
            rows.retain(|row| at(parents, *row).is_some());
            // A blank is no permission.
            let unlimited = rows.iter().map(|row| table.flag("unlimited", *row).unwrap_or(false)).collect();
            let mut draft = Draft::new(self.schema, relation)?;
            let of = rows.iter().filter_map(|row| at(parents, *row)).collect();
            let kept = Kept { ids: take_texts(&texts, &rows), parents: of, rows };
            draft.append(&table, kept, vec![("unlimited", Series::flags(unlimited))]);
            self.put(draft);
        }
        let undated = sift.kept().into_iter().filter(|row| table.date("valid_from", *row).is_none());
        self.undated("credit_limits.valid_from", &table, undated);
        Some(())
    }

    /// Something of a group could not be read: its members are incomplete.
    fn touch_members(&mut self, group: Option<u32>) {
        let (Some(group), Some(account)) = (group, self.relation("account")) else { return };
        self.book.children(account, group).for_each(|account| self.ledger.touch(account));
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
