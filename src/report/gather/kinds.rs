//! `failures` and `rejects`: how often each kind came, and the first of each.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::manifest::Manifest;
use super::super::read::Table;
use super::super::trouble::Trouble;
use super::agree::counted;

/// How many kinds are told apart; the rows of more are only counted.
const APART: usize = 1_000;
/// How many kinds the page lists.
pub(super) const LISTED: usize = 20;

/// What went wrong, by kind.
#[derive(Debug, Default)]
pub(in crate::report) struct Kinds {
    /// Rows.
    pub(in crate::report) count: u64,
    /// The most frequent first.
    pub(in crate::report) most: Vec<Kind>,
    /// How many rows are of kinds that are not listed.
    pub(in crate::report) rest: u64,
}

/// Rows of one kind.
#[derive(Debug)]
pub(in crate::report) struct Kind {
    pub(in crate::report) times: u64,
    /// What they have in common.
    pub(in crate::report) common: Vec<String>,
    /// What the first of them says besides.
    pub(in crate::report) first: Vec<String>,
}

impl Kinds {
    /// Reads a table; rows are of a kind where they have `common` in common.
    pub(super) fn read(
        dir: &Path,
        manifest: &Manifest,
        name: &str,
        common: &[&str],
        besides: &[&str],
    ) -> Result<Self, Trouble> {
        let mut table = Table::open(dir, manifest, name)?;
        let mut kinds: BTreeMap<Vec<String>, (u64, Vec<String>)> = BTreeMap::new();
        let mut count = 0;
        while let Some(row) = table.next()? {
            count += 1;
            let texts =
                |columns: &[&str]| columns.iter().map(|column| row.text(column).to_string()).collect::<Vec<_>>();
            let key = texts(common);
            if let Some((times, _)) = kinds.get_mut(&key) {
                *times += 1;
            } else if kinds.len() < APART {
                kinds.insert(key, (1, texts(besides)));
            }
        }
        counted(&table.file, "rows", count, manifest.count(name))?;
        let mut most: Vec<Kind> =
            kinds.into_iter().map(|(common, (times, first))| Kind { times, common, first }).collect();
        most.sort_by(|a, b| b.times.cmp(&a.times).then_with(|| a.common.cmp(&b.common)));
        most.truncate(LISTED);
        let listed: u64 = most.iter().map(|kind| kind.times).sum();
        Ok(Self { count, most, rest: count - listed })
    }
}
