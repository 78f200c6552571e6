//! Reads the files of a book once, and puts every row aside with its credit group.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;
use std::path::Path;

use arrow_array::StringArray;

use super::kept::Rows;
use super::route::{LAST_LEVEL, NOBODIES, Router, Said, level};
use super::spill::Spill;
use super::witness::Witnesses;
use super::{Aside, Lot, Room, Shares};
use crate::book::assemble::{Derive, assemble};
use crate::book::columnar::Stop;
use crate::book::folder::{Folder, in_currency, one_currency};
use crate::book::manifest::Manifest;
use crate::book::rows::TableRows;
use crate::book::source::{OnDisk, Put, Source};
use crate::book::tables::{TABLES, Table};
use crate::book::{Book, Input};
use crate::book::{files, ids};
use crate::diag::{Code, Diagnostic, Severity};
use crate::plan::Schema;

/// How many lots of groups the rows are put aside in: a share reads whole lots.
const BUCKETS: u32 = 256;

/// About how many bytes of memory a byte put aside takes when it is read and decided on.
const GROWTH: u64 = 5;

/// What the program takes without any row.
const ALONE: u64 = 64 << 20;

/// About how many bytes a byte of a compressed file, or one of typed columns, is as text.
const PACKED: u64 = 8;

/// About how many bytes of memory a book takes as a whole.
pub(super) fn needed(path: &Path, schema: &Schema) -> u64 {
    let size = || {
        let folder = Folder::open(path, &mut Vec::new())?;
        let (manifest, _) = folder.manifest(schema, &mut Vec::new())?;
        let sources = folder.sources(&manifest, &mut Vec::new());
        let sizes = sources.iter().flat_map(|source| &source.files).map(|file| match files::size(&folder.dir, file) {
            (bytes, true) => bytes.saturating_mul(PACKED),
            (bytes, false) => bytes,
        });
        Some(sizes.sum::<u64>().saturating_mul(GROWTH).saturating_add(ALONE))
    };
    size().unwrap_or(0)
}

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

/// The files of a book, gone over table by table.
struct Files<'m> {
    folder: Folder,
    manifest: &'m Manifest,
    schema: &'m Schema,
    currency: &'m str,
    /// Each with the numbers of its files among the inputs, and what there is to say of it.
    sources: Vec<(Source<'m>, Vec<u32>, Vec<Diagnostic>)>,
    inputs: Vec<Input>,
    /// By the number of the input.
    unread: BTreeMap<u32, (String, Vec<String>)>,
    /// The tables that were met, without their rows.
    known: BTreeMap<&'static str, TableRows>,
    on_disk: OnDisk<'m>,
}

/// What takes rows of a table.
type PutRows<'p> = dyn FnMut(&TableRows, Rows) -> Result<(), Stop> + 'p;

impl<'m> Files<'m> {
    fn new(
        folder: Folder,
        manifest: &'m Manifest,
        sources: Vec<Source<'m>>,
        input: Option<Input>,
        (schema, currency): (&'m Schema, &'m str),
        on_disk: OnDisk<'m>,
    ) -> Self {
        let mut inputs: Vec<Input> = input.into_iter().collect();
        let mut numbered = Vec::new();
        for source in sources {
            let first = u32::try_from(inputs.len()).unwrap_or(u32::MAX);
            let numbers: Vec<u32> = (first..).take(source.files.len()).collect();
            inputs.extend(source.files.iter().map(|file| Input { file: file.clone(), ..Input::default() }));
            numbered.push((source, numbers, Vec::new()));
        }
        let (unread, known) = (BTreeMap::new(), BTreeMap::new());
        Self { folder, manifest, schema, currency, sources: numbered, inputs, unread, known, on_disk }
    }

    /// The names of the tables, in their order.
    fn tables(&self) -> Vec<&'static str> {
        let is_read =
            |table: &&Table| self.sources.iter().any(|(s, ..)| s.takers.iter().any(|t| t.table.name == table.name));
        TABLES.iter().filter(is_read).map(|table| table.name).collect()
    }

    /// Moves what there is to say of the files to where it is shown; gives all that is there.
    fn tell<'d>(&mut self, sink: &'d mut Vec<Diagnostic>) -> &'d [Diagnostic] {
        sink.extend(self.sources.iter_mut().flat_map(|(.., said)| std::mem::take(said)));
        sink
    }

    /// Goes over the files of the tables that are wanted.
    fn pass(&mut self, on_file: &mut dyn FnMut(&str), wanted: &dyn Fn(&Table) -> bool, put: &mut PutRows<'_>) {
        for (source, numbers, said) in &mut self.sources {
            if !source.takers.iter().any(|taker| wanted(taker.table)) {
                continue;
            }
            let is_first = source.takers.iter().all(|taker| taker.rows.is_none());
            let mut again = Vec::new();
            let sink = if is_first { said } else { &mut again };
            source.takers.iter_mut().for_each(|taker| taker.rows = None);
            let mut silent = vec![None; source.takers.len()];
            for (file, number) in source.files.clone().into_iter().zip(numbers) {
                on_file(&file);
                let mut wanted_rows = |table: &TableRows, harvest| match wanted(table.table) {
                    true => Rows::of(harvest)?.into_iter().try_for_each(|rows| put(table, rows)),
                    false => Ok(()),
                };
                let mut to = Put::AsItStands(self.on_disk, &mut wanted_rows);
                let taken = self.folder.file(source, &file, *number, &mut silent, self.schema, &mut to, sink);
                if let Some((input, of_no_use)) = taken.filter(|_| is_first) {
                    if !of_no_use.is_empty() {
                        self.unread.insert(*number, (input.file.clone(), of_no_use));
                    }
                    if let Some(slot) = self.inputs.get_mut(*number as usize) {
                        *slot = input;
                    }
                }
            }
            for (taker, silent) in source.takers.iter_mut().zip(silent) {
                if let Some(rows) = &mut taker.rows {
                    in_currency(rows, silent, self.manifest, self.currency, sink);
                    self.known.insert(taker.table.name, rows.clone());
                }
            }
        }
    }

    /// The customers and their groups as a book of their own, and their rows.
    fn parties(&mut self, on_file: &mut dyn FnMut(&str)) -> Option<(Book, Vec<(&'static str, Rows)>)> {
        let mut all = Vec::new();
        self.pass(on_file, &|table| level(table) == 0, &mut |table, rows| {
            all.push((table.table.name, rows));
            Ok(())
        });
        let mut tables: Vec<TableRows> =
            ["groups", "customers"].iter().filter_map(|name| self.known.get(name).cloned()).collect();
        for (name, rows) in &all {
            let to = tables.iter_mut().find(|table| table.table.name == *name)?;
            rows.give(to, self.schema, &[]).ok()?;
        }
        let derive = &self.manifest.derive;
        if derive.customers() {
            let mut names: HashSet<String> = HashSet::new();
            self.pass(on_file, &|table| derive.from.contains(&table.name), &mut |table, rows| {
                let cells = rows.cells()?;
                let customer = Said::of(table, &cells, "customer");
                for name in (0..rows.len()).filter_map(|row| customer.text(row)) {
                    if !names.contains(name.as_ref()) {
                        names.insert(name.into_owned());
                    }
                }
                Ok(())
            });
            let mut names: Vec<String> = names.into_iter().collect();
            names.sort_unstable();
            let mut customers = TableRows::new(Table::named("customers")?, "", ["id"]);
            names.iter().try_for_each(|name| customers.push(1, [name.as_str()])).ok()?;
            tables.push(customers);
        }
        let book = assemble(tables, self.inputs.clone(), self.schema, self.currency, Derive::default());
        Some((book, all))
    }
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
        let shares = match room {
            Room::Shares(count) => evenly(self.aside.groups, count),
            Room::Bytes(bytes) => {
                let most = bytes.saturating_sub(ALONE).max(bytes / 4) / GROWTH;
                let shares = by_weight(&self.weights, most.max(1));
                sink.extend(too_large(&shares, &bonds, &self.weights, most, &groups));
                sink.extend(too_small(bytes, self.router.bytes()));
                shares
            }
        };
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

/// So many shares of about as many groups; the rows of nobody are in the last.
fn evenly(groups: u32, count: usize) -> Vec<Range<u32>> {
    let count = u32::try_from(count).unwrap_or(u32::MAX).clamp(1, groups.max(1));
    let start = |at: u32| u32::try_from(u64::from(groups) * u64::from(at) / u64::from(count)).unwrap_or(groups);
    let end = |at: u32| if at + 1 == count { groups + NOBODIES } else { start(at + 1) };
    (0..count).map(|at| start(at)..end(at)).collect()
}

/// Shares of groups that weigh no more than this together, unless one alone does.
fn by_weight(weights: &[u64], most: u64) -> Vec<Range<u32>> {
    let mut shares = Vec::new();
    let (mut start, mut weight) = (0, 0);
    for (group, own) in (0u32..).zip(weights) {
        if weight + own > most && group > start {
            shares.push(start..group);
            (start, weight) = (group, 0);
        }
        weight += own;
    }
    shares.push(start..u32::try_from(weights.len()).unwrap_or(u32::MAX));
    shares
}

/// Says which groups cannot be read in the memory given, for what they are and for what they are bound to.
fn too_large(
    shares: &[Range<u32>],
    bonds: &[Vec<u32>],
    weights: &[u64],
    most: u64,
    groups: &StringArray,
) -> Option<Diagnostic> {
    let weight = |group: &u32| weights.get(*group as usize).copied().unwrap_or_default();
    let of_share = |share: &Range<u32>| -> u64 {
        let own: u64 = share.clone().map(|group| weight(&group)).sum();
        let bound = bonds.iter().filter(|bond| bond.iter().any(|group| share.contains(group))).flatten();
        own + bound.filter(|group| !share.contains(group)).map(weight).sum::<u64>()
    };
    let (share, largest) = shares.iter().map(|share| (share, of_share(share))).max_by_key(|(_, weight)| *weight)?;
    if largest <= most {
        return None;
    }
    let id = ids::text(groups, share.start).unwrap_or("rows of no customer");
    let needed = (largest * GROWTH + ALONE).div_ceil(1 << 20);
    let what = if share.len() == 1 { "credit group" } else { "credit groups from" };
    let finding = Diagnostic::placeless(
        Code::TooLarge,
        format!("the {what} `{id}`, with all that is bound to it, takes more memory than is given"),
    );
    Some(finding.as_warning().help(format!("it is read nevertheless; give `--memory {needed}M`")))
}

/// Says how much memory the ids of a book need, where that alone is more than is given.
fn too_small(given: u64, ids: u64) -> Option<Diagnostic> {
    let needed = ids + ALONE;
    if needed <= given {
        return None;
    }
    let finding = Diagnostic::placeless(
        Code::TooLarge,
        "the program and the ids of the book alone take more memory than is given",
    );
    let help = format!("they were read nevertheless; give `--memory {}M`", needed.div_ceil(1 << 20));
    Some(finding.as_warning().help(help))
}
