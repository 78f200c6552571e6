//! What could not be used, and whose knowledge became incomplete by it.

use std::collections::BTreeMap;
use std::hash::Hash;

use arrow_array::{Array as _, StringArray};

use super::Reject;
use super::ids::{self, Index};
use super::rows::TableRows;
use super::texts::{self, Texts};
use super::typed::Typed;

/// Collects the rejects of a book and the accounts they touch.
pub(crate) struct Ledger {
    /// In the order found.
    pub(crate) rejects: Vec<Reject>,
    /// Those of them that another share of the book speaks of.
    pub(crate) elsewhere: Vec<u32>,
    /// The ids of the accounts.
    accounts: StringArray,
    index: Index,
    /// For each account.
    pub(crate) incomplete: Vec<bool>,
}

impl Default for Ledger {
    fn default() -> Self {
        let accounts = StringArray::new_null(0);
        let index = Index::new(Texts::of(&accounts));
        Self { rejects: Vec::new(), elsewhere: Vec::new(), accounts, index, incomplete: Vec::new() }
    }
}

impl Ledger {
    /// From now on accounts are known by their place among these ids.
    pub(crate) fn open(&mut self, accounts: StringArray, incomplete: Vec<bool>) {
        self.index = Index::new(Texts::of(&accounts));
        self.accounts = accounts;
        self.incomplete = incomplete;
    }

    /// The ids of the accounts.
    pub(crate) fn accounts(&self) -> &StringArray {
        &self.accounts
    }

    /// The accounts that references mean; [`ids::NONE`] where one is blank or there is no such account.
    pub(crate) fn accounts_of(&self, references: &StringArray) -> Vec<u32> {
        self.index.find_all(Texts::of(&self.accounts), references)
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
        let number = u32::try_from(self.rejects.len()).unwrap_or(u32::MAX);
        if rows.is_guest(row) {
            self.elsewhere.push(number);
        }
        self.rejects.push(Reject {
            file: rows.file(row).to_owned(),
            line: rows.line(row) as usize,
            column: header.or(column).unwrap_or("").to_owned(),
            value: at.map_or_else(String::new, |at| rows.cell(row, at).into_owned()),
            reason,
            account: account.and_then(|a| texts::text(&self.accounts, a)).map(str::to_owned),
        });
        number
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
    len: u32,
    /// The rows refused, each with its first reject.
    refused: BTreeMap<u32, u32>,
    /// For each row its account, [`ids::NONE`] where it is not known.
    pub(crate) accounts: Vec<u32>,
}

impl Sift {
    /// Refuses the rows that have a fault. `accounts` are those of the rows, [`ids::NONE`] where they are not known.
    pub(crate) fn strict(table: &Typed, ledger: &mut Ledger, accounts: Vec<u32>) -> Self {
        let mut sift = Self { len: table.len(), refused: BTreeMap::new(), accounts };
        for fault in &table.faults {
            sift.reject(ledger, table, fault.row, fault.column.as_deref(), fault.reason.clone());
        }
        sift
    }

    /// Refuses the rows without an id; of the others only the cells that cannot be read.
    pub(crate) fn lenient(table: &mut Typed, ledger: &mut Ledger, accounts: Vec<u32>) -> Self {
        let mut sift = Self { len: table.len(), refused: BTreeMap::new(), accounts };
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

    /// Refuses a row.
    pub(crate) fn reject(&mut self, ledger: &mut Ledger, table: &Typed, row: u32, column: Option<&str>, why: String) {
        let number = ledger.reject(&table.rows, row, column, why, self.account(row));
        self.refused.entry(row).or_insert(number);
    }

    /// Refuses every row of an id that stands more than once; rows without an id are left alone.
    pub(crate) fn unique_texts(&mut self, ledger: &mut Ledger, table: &Typed, column: &str, texts: &StringArray) {
        let all = Texts::of(texts);
        if !all.plainly_differ() && !Index::new(all).differ {
            self.unique(ledger, table, Some(column), |row| texts::text(texts, row));
        }
    }

    /// Refuses every row of a key that stands more than once; rows without a key are left alone.
    pub(crate) fn unique<K: Ord + Hash>(
        &mut self,
        ledger: &mut Ledger,
        table: &Typed,
        column: Option<&str>,
        key: impl Fn(u32) -> Option<K> + Sync,
    ) {
        if ids::differ(table.len(), &key) {
            return;
        }
        let mut keyed: Vec<(K, u32)> = (0..table.len()).filter_map(|row| Some((key(row)?, row))).collect();
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
        self.refused.contains_key(&row)
    }

    /// The first reject of a row.
    pub(crate) fn refusal(&self, row: u32) -> Option<u32> {
        self.refused.get(&row).copied()
    }

    /// The rows refused.
    pub(crate) fn refused(&self) -> impl Iterator<Item = u32> {
        self.refused.keys().copied()
    }

    /// The account of a row.
    pub(crate) fn account(&self, row: u32) -> Option<u32> {
        self.accounts.get(row as usize).copied().and_then(ids::some)
    }

    /// The rows not refused that have an id and an account, and these accounts.
    pub(crate) fn under_accounts(self, named: &StringArray) -> (Vec<u32>, Vec<u32>) {
        if self.refused.is_empty() && named.null_count() == 0 && !self.accounts.contains(&ids::NONE) {
            return ((0..self.len).collect(), self.accounts);
        }
        let of = |row| Some((row, self.account(row).filter(|_| texts::text(named, row).is_some())?));
        self.kept().into_iter().filter_map(of).unzip()
    }

    /// The rows not refused.
    pub(crate) fn kept(&self) -> Vec<u32> {
        if self.refused.is_empty() {
            return (0..self.len).collect();
        }
        let mut refused = self.refused.keys().peekable();
        (0..self.len).filter(|row| refused.next_if_eq(&row).is_none()).collect()
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
