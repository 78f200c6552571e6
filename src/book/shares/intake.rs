//! Reads the files of a book once, and puts every row aside with its credit group.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use arrow_array::StringArray;

use super::cutting::Cutting;
use super::kept::Rows;
use super::passes::Files;
use super::route::{LAST_LEVEL, NOBODIES, Router, level};
use super::spill::Spill;
use super::witness::Witnesses;
use super::{Aside, Lot, Room, Shares};
use crate::book::Book;
use crate::book::assemble::Derive;
use crate::book::columnar::Stop;
use crate::book::folder::{Folder, one_currency};
use crate::book::rows::TableRows;
use crate::book::source::OnDisk;
use crate::diag::{Code, Diagnostic, Severity};
use crate::plan::Schema;

/// How many lots of groups the rows are put aside in: a share reads whole lots.
const BUCKETS: u32 = 256;

/// How many bytes of a text are read at once.
fn piece(room: Room) -> usize {
    match room {
        Room::Bytes(most) => usize::try_from(most / 64).unwrap_or(usize::MAX).clamp(1 << 18, 1 << 23),
        // Where shares are counted it is tried what many pieces come to.
        Room::Shares(_) => 1 << 9,
    }
}

/// Reads a book and puts its rows aside.
pub(super) fn read<'s>(
    path: &Path,
    schema: &'s Schema,
    currency: &str,
    (room, dir): (Room, &Path),
    on_file: &mut dyn FnMut(&str),
    sink: &mut Vec<Diagnostic>,
) -> Option<Shares<'s>> {
    let before = sink.len();
    let failed = |sink: &[Diagnostic]| sink.iter().skip(before).any(|d| d.severity == Severity::Error);
    let folder = Folder::open(path, sink)?;
    let (manifest, input) = folder.manifest(schema, sink)?;
    let sources = folder.sources(&manifest, sink);
    if !schema.has_own_currencies() {
        one_currency(&manifest, currency, sink);
    }
    sink.extend(derived_groups(&manifest.derive));
    if failed(sink) {
        return None;
    }
    let mut files =
        Files::new(folder, &manifest, sources, input, (schema, currency), OnDisk { aside: dir, piece: piece(room) });
    let parties = files.parties(on_file);
    if failed(files.tell(sink)) {
        return None;
    }
    let (book, rows_of_parties) = parties?;
    let mut intake = match Intake::new(schema, &book, files.tables(), dir) {
        Ok(intake) => intake,
        Err(error) => {
            let finding = Diagnostic::placeless(Code::UnreadableFile, format!("rows cannot be put aside: {error}"));
            sink.push(finding.help("name a folder on a disk with room with `--out`: rows are put aside beside it"));
            return None;
        }
    };
    for (name, rows) in rows_of_parties {
        let put = files.known.get(name).map_or(Ok(()), |table| intake.put(table, rows));
        sink.extend(put.err().map(|stop| stop.told(name)));
    }
    for level in 1..=LAST_LEVEL {
        files.pass(on_file, &|table| self::level(table) == level, &mut |table, rows| intake.put(table, rows));
        intake.router.settle();
    }
    files.tell(sink);
    if failed(sink) {
        return None;
    }
    on_file("");
    Some(intake.finish(files, &book, (room, currency), sink))
}

/// Customers that are made from invoices cannot say there which group they are in: whose an invoice is must be known
/// before it is read.
fn derived_groups(derive: &Derive) -> Option<Diagnostic> {
    let column = derive.columns.iter().find(|(name, _)| name == "group").map(|(_, (_, place))| place.clone());
    let is_filled = derive.fills.iter().any(|(name, _)| name == "group");
    if column.is_none() && !is_filled {
        return None;
    }
    let message = "with a limit of memory, customers that are derived cannot be in groups";
    let finding = Diagnostic { place: column, ..Diagnostic::placeless(Code::Book, message) };
    Some(finding.help("list the customers and their groups in `customers.csv`, or run without `--memory`"))
}

/// Rows on their way aside.
struct Intake<'s> {
    schema: &'s Schema,
    tables: Vec<&'static str>,
    router: Router,
    witnesses: Witnesses,
    aside: Aside,
    /// For each group how many bytes its rows take where they are put aside, and behind them those of nobody.
    weights: Vec<u64>,
}

impl<'s> Intake<'s> {
    fn new(schema: &'s Schema, parties: &Book, tables: Vec<&'static str>, dir: &Path) -> std::io::Result<Self> {
        let count = |name| schema.relation(name).map_or(0, |relation| parties.count(relation));
        let groups = u32::try_from(count("group")).unwrap_or(u32::MAX);
        let mut router = Router::new(groups);
        if let (Some(group), Some(account)) = (schema.relation("group"), schema.relation("account")) {
            for of in 0..groups {
                router.know("groups", parties.id(group, of), of);
                for row in parties.children(account, of) {
                    router.know("customers", parties.id(account, row), of);
                }
            }
        }
        router.settle();
        let buckets = (0..=BUCKETS.min(groups.max(1))).map(|_| Vec::new()).collect();
        let spill = Spill::new(dir)?;
        let aside = Aside { spill, buckets, groups, everywhere: Vec::new(), witnesses: Vec::new() };
        let weights = vec![0; count("group") + NOBODIES as usize];
        Ok(Self { schema, tables, router, witnesses: Witnesses::default(), aside, weights })
    }

    /// Puts rows of a table aside.
    fn put(&mut self, table: &TableRows, rows: Rows) -> Result<(), Stop> {
        let unwritable = |error: std::io::Error| Stop::Unreadable(error.to_string());
        let Some(number) = self.tables.iter().position(|name| *name == table.table.name) else { return Ok(()) };
        if rows.len() == 0 {
            return Ok(());
        }
        if table.table.name == "fx_rates" {
            self.aside.everywhere.push((number, rows));
            return Ok(());
        }
        let cells = rows.cells()?;
        let groups = self.router.place(table, &cells);
        let witnesses = self.witnesses.among(table, &rows, self.schema)?;
        for row in &witnesses {
            let group = groups.get(*row as usize).copied().unwrap_or_default();
            self.aside.witnesses.push((number, group, rows.take(vec![*row])?));
        }
        let mut by_bucket: BTreeMap<usize, Vec<u32>> = BTreeMap::new();
        for (row, group) in (0u32..).zip(&groups) {
            if witnesses.binary_search(&row).is_err() {
                by_bucket.entry(self.aside.bucket(*group)).or_default().push(row);
            }
        }
        for (bucket, chosen) in by_bucket {
            let of: Vec<u32> = chosen.iter().filter_map(|row| groups.get(*row as usize).copied()).collect();
            let batch = rows.take(chosen)?.in_groups(&of)?;
            let extent = self.aside.spill.write(&batch).map_err(unwritable)?;
            let each = extent.len / of.len().max(1) as u64;
            for group in of {
                if let Some(weight) = self.weights.get_mut(group as usize) {
                    *weight += each;
                }
            }
            if let Some(lots) = self.aside.buckets.get_mut(bucket) {
                lots.push(Lot { table: number, typed: rows.typed, extent });
            }
        }
        Ok(())
    }

    fn finish(
        mut self,
        files: Files<'_>,
        parties: &Book,
        (room, currency): (Room, &str),
        sink: &mut Vec<Diagnostic>,
    ) -> Shares<'s> {
        let relation = |name| self.schema.relation(name);
        let groups = relation("group").and_then(|group| parties.rows(group)).map(|rows| rows.ids.clone());
        let groups = groups.unwrap_or_else(|| StringArray::new_null(0));
        let accounts = relation("account").map_or(0, |account| parties.count(account));
        let bonds: Vec<Vec<u32>> = self.router.links.bonds().into_values().collect();
        let cutting = Cutting { groups: &groups, bonds: &bonds, weights: &self.weights };
        let shares = cutting.shares(room, self.router.bytes(), sink);
        Shares {
            schema: self.schema,
            currency: currency.to_owned(),
            derive: files.manifest.derive.clone(),
            as_of: files.manifest.as_of,
            inputs: files.inputs,
            unread: files.unread.into_values().collect(),
            tables: self.tables.iter().filter_map(|name| files.known.get(name).cloned()).collect(),
            aside: self.aside,
            groups,
            accounts,
            shares,
            bonds,
            told: BTreeSet::new(),
            rejects: Vec::new(),
            undated: BTreeMap::new(),
        }
    }
}
