//! `actions`: what is proposed, by rung, by whose work it is, and for the customers that are listed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::super::manifest::Manifest;
use super::super::read::{Row, Table};
use super::super::trouble::Trouble;
use super::{Sum, agree::counted};

/// What is proposed.
#[derive(Debug, Default)]
pub(in crate::report) struct Actions {
    /// By ladder and rung of the whole.
    pub(in crate::report) rungs: BTreeMap<(String, String), Work>,
    /// By owner and by who must approve.
    pub(in crate::report) owners: BTreeMap<(String, String), Work>,
    pub(in crate::report) all: Work,
    /// For each listed customer the next thing to do.
    pub(in crate::report) next: BTreeMap<String, Next>,
}

/// Things to do: how many, and the amounts they are about.
#[derive(Debug, Default)]
pub(in crate::report) struct Work {
    pub(in crate::report) count: u64,
    pub(in crate::report) amount: Sum,
}

/// The next thing to do for a customer: the furthest rung of the first ladder.
#[derive(Debug)]
pub(in crate::report) struct Next {
    pub(in crate::report) ladder: String,
    pub(in crate::report) rung: String,
    rank: (usize, std::cmp::Reverse<usize>),
    /// How many things are proposed for this customer.
    pub(in crate::report) count: u64,
}

/// A thing to do whose lines are still coming.
struct Open {
    id: String,
    customer: String,
    rung: (String, String),
    owner: String,
    approval: String,
    amount: Sum,
}

impl Open {
    fn of(row: Row<'_>) -> Self {
        Self {
            id: row.text("id").into(),
            customer: row.text("customer").into(),
            rung: (row.text("ladder").into(), row.text("level").into()),
            owner: String::new(),
            approval: String::new(),
            amount: Sum::default(),
        }
    }

    /// A line of it. Who does it and who approves is what its own rung says, before what lesser lines say.
    fn line(&mut self, row: Row<'_>) -> Result<(), Trouble> {
        // In the policy's currency, where amounts are in several.
        self.amount.add(row.number("converted_amount")?.or(row.number("amount")?));
        let own = row.text("rung") == self.rung.1;
        for (kept, said) in [(&mut self.owner, row.text("owner")), (&mut self.approval, row.text("approval"))] {
            if !said.is_empty() && (own || kept.is_empty()) {
                *kept = said.into();
            }
        }
        Ok(())
    }
}

impl Actions {
    /// Reads the table; `listed` are the customers whose next thing to do is wanted.
    pub(super) fn read(dir: &Path, manifest: &Manifest, listed: BTreeSet<String>) -> Result<Self, Trouble> {
        let mut table = Table::open(dir, manifest, "actions")?;
        let mut all = Self::default();
        let mut open: Option<Open> = None;
        let mut lines = 0;
        while let Some(row) = table.next()? {
            lines += 1;
            // The lines of one thing stand together.
            if open.as_ref().is_none_or(|open| open.id != row.text("id")) {
                let before = open.replace(Open::of(row));
                all.close(before, manifest, &listed);
            }
            if let Some(open) = &mut open {
                open.line(row)?;
            }
        }
        all.close(open, manifest, &listed);
        counted(&table.file, "lines", lines, manifest.count("action_lines"))?;
        counted(&table.file, "actions", all.all.count, manifest.count("actions"))?;
        Ok(all)
    }

    fn close(&mut self, done: Option<Open>, manifest: &Manifest, listed: &BTreeSet<String>) {
        let Some(done) = done else { return };
        let amount = done.amount.total();
        let rung = self.rungs.entry(done.rung.clone()).or_default();
        let owner = self.owners.entry((done.owner, done.approval)).or_default();
        for work in [rung, owner, &mut self.all] {
            work.count += 1;
            work.amount.add(amount);
        }
        if !listed.contains(&done.customer) {
            return;
        }
        let (ladder, rung) = done.rung;
        let place = manifest.order("rung", &format!("{ladder}.{rung}"));
        let rank = (manifest.order("ladder", &ladder), std::cmp::Reverse(place));
        let count = self.next.get(&done.customer).map_or(0, |next| next.count) + 1;
        match self.next.get_mut(&done.customer) {
            Some(next) if next.rank <= rank => next.count = count,
            _ => {
                self.next.insert(done.customer, Next { ladder, rung, rank, count });
            }
        }
    }
}
