//! What could not be used, and whose knowledge became incomplete by it.

use std::collections::HashSet;
use std::hash::Hash;
use std::sync::Arc;

use super::Reject;
use super::rows::TableRows;
use super::typed::Typed;

/// Collects the rejects of a book and the accounts they touch.
#[derive(Default)]
pub(crate) struct Ledger {
    /// In the order found.
    pub(crate) rejects: Vec<Reject>,
    /// Ids of the accounts, sorted.
    accounts: Vec<Arc<str>>,
    /// For each account.
    pub(crate) incomplete: Vec<bool>,
}

impl Ledger {
    /// From now on accounts are known by their place in this sorted list.
    pub(crate) fn open(&mut self, accounts: Vec<Arc<str>>) {
        self.incomplete = vec![false; accounts.len()];
        self.accounts = accounts;
    }

    /// The account with this id.
    pub(crate) fn account(&self, id: &str) -> Option<u32> {
        let at = self.accounts.binary_search_by(|known| known.as_ref().cmp(id)).ok()?;
        u32::try_from(at).ok()
    }

    /// Notes a row, or a cell of it, as rejected, and gives the number of the reject.
    pub(crate) fn reject(
        &mut self,
        rows: &TableRows,
        row: u32,
        column: Option<&str>,
        reason: String,
        account: Option<u32>,
    ) -> u32 {
        let at = column.and_then(|column| rows.column(column));
        let header = at.and_then(|at| rows.columns.get(at)).map(|(_, header)| header.as_str());
        if let Some(account) = account {
            self.touch(account);
        }
        self.rejects.push(Reject {
            file: rows.file(row).to_owned(),
            line: rows.line(row) as usize,
            column: header.or(column).unwrap_or("").to_owned(),
            value: at.map_or_else(String::new, |at| rows.cell(row, at).into_owned()),
            reason,
            account: account.and_then(|a| self.accounts.get(a as usize)).map(ToString::to_string),
        });
        u32::try_from(self.rejects.len() - 1).unwrap_or(u32::MAX)
    }

    /// Notes that something of an account could not be read.
    pub(crate) fn touch(&mut self, account: u32) {
        if let Some(incomplete) = self.incomplete.get_mut(account as usize) {
            *incomplete = true;
        }
    }
}

/// The rows of a table on their way into the book: which were refused, and whose they are.
pub(crate) struct Sift {
    /// For each row its first reject.
    refused: Vec<Option<u32>>,
    /// For each row its account, where it is known.
    pub(crate) accounts: Vec<Option<u32>>,
}

impl Sift {
    /// Refuses the rows that have a fault.
    pub(crate) fn strict(table: &Typed, ledger: &mut Ledger, account_of: impl Fn(u32) -> Option<u32>) -> Self {
        let mut sift = Self::open(table, account_of);
        for fault in &table.faults {
            sift.reject(ledger, table, fault.row, fault.column.as_deref(), fault.reason.clone());
        }
        sift
    }

    /// Refuses the rows without an id; of the others only the cells that cannot be read.
    pub(crate) fn lenient(table: &mut Typed, ledger: &mut Ledger, account_of: impl Fn(u32) -> Option<u32>) -> Self {
        let mut sift = Self::open(table, account_of);
        for fault in std::mem::take(&mut table.faults) {
            match fault.column.as_deref() {
                Some(column) if !["id", "valid_from"].contains(&column) => {
                    let account = sift.account(fault.row);
                    let number = ledger.reject(&table.rows, fault.row, Some(column), fault.reason, account);
                    table.mark(column, fault.row, number);
                }
                column => sift.reject(ledger, table, fault.row, column, fault.reason),
            }
        }
        sift
    }

    fn open(table: &Typed, account_of: impl Fn(u32) -> Option<u32>) -> Self {
        Self { refused: vec![None; table.len() as usize], accounts: (0..table.len()).map(account_of).collect() }
    }

    /// Refuses a row.
    pub(crate) fn reject(&mut self, ledger: &mut Ledger, table: &Typed, row: u32, column: Option<&str>, why: String) {
        let number = ledger.reject(&table.rows, row, column, why, self.account(row));
        if let Some(refused) = self.refused.get_mut(row as usize) {
            refused.get_or_insert(number);
        }
    }

    /// Refuses every row of a key that stands more than once; rows without a key are left alone.
    pub(crate) fn unique<K: Ord + Hash>(
        &mut self,
        ledger: &mut Ledger,
        table: &Typed,
        column: Option<&str>,
        key: impl Fn(u32) -> Option<K>,
    ) {
        let mut keyed: Vec<(K, u32)> = (0..table.len()).filter_map(|row| Some((key(row)?, row))).collect();
        let mut seen = HashSet::with_capacity(keyed.len());
        if keyed.iter().all(|(key, _)| seen.insert(key)) {
            return;
        }
        drop(seen);
        keyed.sort();
        for same in keyed.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1) {
            for (_, row) in same {
                let mut others: Vec<(&str, u32)> = (same.iter().map(|(_, other)| *other).filter(|other| other != row))
                    .map(|other| (table.rows.file(other), table.rows.line(other)))
                    .collect();
                others.sort_unstable();
                let here = table.rows.file(*row);
                let what = if column.is_some() { "this id also stands" } else { "the same is also said" };
                let places: Vec<String> = others
                    .chunk_by(|a, b| a.0 == b.0)
                    .map(|of_file| {
                        let lines: Vec<u32> = of_file.iter().map(|(_, line)| *line).collect();
                        match of_file.first() {
                            Some((file, _)) if *file != here => format!("`{file}` {}", words(&lines)),
                            _ => words(&lines),
                        }
                    })
                    .collect();
                self.reject(ledger, table, *row, column, format!("{what} in {}", places.join(" and in ")));
            }
        }
    }

    /// Whether a row was refused.
    pub(crate) fn is_refused(&self, row: u32) -> bool {
        self.refusal(row).is_some()
    }

    /// The first reject of a row.
    pub(crate) fn refusal(&self, row: u32) -> Option<u32> {
        self.refused.get(row as usize).copied().flatten()
    }

    /// The account of a row.
    pub(crate) fn account(&self, row: u32) -> Option<u32> {
        self.accounts.get(row as usize).copied().flatten()
    }

    /// The rows not refused.
    pub(crate) fn kept(&self) -> Vec<u32> {
        (0u32..).zip(&self.refused).filter(|(_, refused)| refused.is_none()).map(|(row, _)| row).collect()
    }
}

/// `line 3`, `lines 3 and 7`, `lines 3, 7, 9 and 4 more`
fn words(lines: &[u32]) -> String {
    match lines {
        [] => String::new(),
        [one] => format!("line {one}"),
        [one, two] => format!("lines {one} and {two}"),
        [one, two, three] => format!("lines {one}, {two} and {three}"),
        [one, two, three, rest @ ..] => format!("lines {one}, {two}, {three} and {} more", rest.len()),
    }
}
