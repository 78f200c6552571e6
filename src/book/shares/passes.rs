//! The files of a book, gone over table by table as often as is needed.

use std::collections::{BTreeMap, HashSet};

use super::kept::Rows;
use super::route::{Said, level};
use crate::book::assemble::{Derive, assemble};
use crate::book::columnar::Stop;
use crate::book::folder::{Folder, in_currency};
use crate::book::manifest::Manifest;
use crate::book::rows::TableRows;
use crate::book::source::{OnDisk, Put, Source};
use crate::book::tables::{TABLES, Table};
use crate::book::{Book, Input};
use crate::diag::Diagnostic;
use crate::plan::Schema;

/// The files of a book, gone over table by table.
pub(super) struct Files<'m> {
    folder: Folder,
    pub(super) manifest: &'m Manifest,
    schema: &'m Schema,
    currency: &'m str,
    /// Each with the numbers of its files among the inputs, and what there is to say of it.
    sources: Vec<(Source<'m>, Vec<u32>, Vec<Diagnostic>)>,
    pub(super) inputs: Vec<Input>,
    /// By the number of the input.
    pub(super) unread: BTreeMap<u32, (String, Vec<String>)>,
    /// The tables that were met, without their rows.
    pub(super) known: BTreeMap<&'static str, TableRows>,
    on_disk: OnDisk<'m>,
}

/// What takes rows of a table.
pub(super) type PutRows<'p> = dyn FnMut(&TableRows, Rows) -> Result<(), Stop> + 'p;

impl<'m> Files<'m> {
    pub(super) fn new(
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
    pub(super) fn tables(&self) -> Vec<&'static str> {
        let is_read =
            |table: &&Table| self.sources.iter().any(|(s, ..)| s.takers.iter().any(|t| t.table.name == table.name));
        TABLES.iter().filter(is_read).map(|table| table.name).collect()
    }

    /// Moves what there is to say of the files to where it is shown; gives all that is there.
    pub(super) fn tell<'d>(&mut self, sink: &'d mut Vec<Diagnostic>) -> &'d [Diagnostic] {
        sink.extend(self.sources.iter_mut().flat_map(|(.., said)| std::mem::take(said)));
        sink
    }

    /// Goes over the files of the tables that are wanted.
    pub(super) fn pass(
        &mut self,
        on_file: &mut dyn FnMut(&str),
        wanted: &dyn Fn(&Table) -> bool,
        put: &mut PutRows<'_>,
    ) {
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
    pub(super) fn parties(&mut self, on_file: &mut dyn FnMut(&str)) -> Option<(Book, Vec<(&'static str, Rows)>)> {
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
