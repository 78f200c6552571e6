//! Files, and what each of their tables takes of them.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::Input;
use super::arrays::refusal;
use super::aside::Sums;
use super::assemble::Derive;
use super::columnar::{Columnar, Stop};
use super::conditions::{Bound, Condition};
use super::feed::{Feed, Harvest};
use super::files::Loaded;
use super::headers;
use super::layout::Layout;
use super::manifest::{TableEntry, Written};
use super::pieces::Piece;
use super::reading::FileText;
use super::rows::{FileOf, Signed, TableRows};
use super::sheet::Sheet;
use super::tables::Table;
use super::ways::{Cut, From, Ways};
use crate::diag::{Code, Diagnostic, Severity};
use crate::lang::Base;
use crate::plan::Schema;

/// Files and the tables whose rows stand in them.
pub(crate) struct Source<'m> {
    /// How the files are written.
    pub(crate) layout: Layout,
    /// The paths.
    pub(crate) files: Vec<String>,
    /// The tables; the first is the one that names the files.
    pub(crate) takers: Vec<Taker<'m>>,
}

/// Where the rows of files go.
pub(crate) enum Put<'p> {
    /// Into their tables, read.
    Tables,
    /// Elsewhere, as they stand: each table without rows, and those it takes.
    AsItStands(OnDisk<'p>, &'p mut dyn FnMut(&TableRows, Harvest) -> Result<(), Stop>),
}

/// How files are read that are not held in memory.
#[derive(Clone, Copy)]
pub(crate) struct OnDisk<'p> {
    /// Where they are unpacked.
    pub(crate) aside: &'p Path,
    /// About how many bytes of a text are read at once.
    pub(crate) piece: usize,
}

/// What gives the further pieces of a file.
pub(crate) type More<'p> = dyn FnMut() -> Result<Option<Piece>, Stop> + 'p;

impl Put<'_> {
    /// How the files are read, where they are left on the disk.
    pub(crate) fn on_disk(&self) -> Option<OnDisk<'_>> {
        match self {
            Self::Tables => None,
            Self::AsItStands(on_disk, _) => Some(*on_disk),
        }
    }

    fn rows(&mut self, rows: &mut TableRows, harvest: Harvest) -> Result<(), Stop> {
        match self {
            Self::AsItStands(_, put) => put(rows, harvest),
            Self::Tables => match harvest.kept.finish() {
                Some(part) => Ok(rows.add(part, &harvest.places, harvest.broken)?),
                None => Ok(()),
            },
        }
    }
}

/// A table that takes rows.
pub(crate) struct Taker<'m> {
    pub(crate) table: &'static Table,
    pub(crate) entry: Option<&'m TableEntry>,
    /// Columns that are of its customers.
    pub(crate) of_customers: &'m [(String, Written)],
    /// Its rows; `None` before the first file.
    pub(crate) rows: Option<TableRows>,
}

impl Source<'_> {
    /// Takes the rows of a file, of which `put` gets each table's; gives the file as an input, and its headers that nothing
    /// reads. What keeps it from being read goes to `sink`, and then there is none.
    #[expect(clippy::too_many_arguments, reason = "one file of one book, with all that it adds to")]
    pub(crate) fn take(
        &mut self,
        loaded: &Loaded,
        (sheet, text): (&Sheet<'_>, &Arc<String>),
        more: &mut More<'_>,
        number: u32,
        schema: &Schema,
        put: &mut Put<'_>,
        sink: &mut Vec<Diagnostic>,
    ) -> Option<(Input, Vec<String>)> {
        let before = sink.len();
        let layout = self.layout.clone();
        let bind = |conditions: &'_ [Condition]| -> Vec<Vec<usize>> {
            conditions.iter().map(|c| c.bind(sheet, &mut Vec::new()).columns().collect()).collect()
        };
        let mut used: Vec<usize> = bind(&layout.totals).into_iter().chain(bind(&layout.set_aside)).flatten().collect();
        let fill_down: Vec<usize> = layout.fill_down.iter().filter_map(|header| sheet.find(header, sink)).collect();
        used.extend(&fill_down);
        let find = |header: &Written| sheet.find(header, &mut Vec::new());
        for taker in &self.takers {
            used.extend(taker.of_customers.iter().filter_map(|(_, header)| find(header)));
            if let Some(entry) = taker.entry {
                used.extend(bind(&entry.only).into_iter().flatten());
                for (_, sign) in &entry.signs {
                    used.extend(sign.minus.iter().filter_map(find));
                    used.extend(bind(&sign.minus_where).into_iter().flatten());
                }
            }
        }
        if self.takers.len() > 1 {
            // What one table reads is not unread because another of the same file does not.
            let mapped = self.takers.iter().filter_map(|t| t.entry).flat_map(|e| &e.columns);
            used.extend(mapped.filter_map(|(_, header)| find(header)));
        }
        let mut unread: Option<Vec<String>> = None;
        let mut cuts = Vec::new();
        for taker in &mut self.takers {
            let headers = headers::resolve(taker.table, sheet, taker.entry, &used, schema, sink);
            cuts.push(cut(taker, &headers.columns, sheet, &loaded.name, schema, sink));
            unread = Some(match unread {
                None => headers.unread,
                Some(known) => known.into_iter().filter(|header| headers.unread.contains(header)).collect(),
            });
        }
        let totals: Vec<Bound<'_>> = layout.totals.iter().map(|c| c.bind(sheet, sink)).collect();
        let aside: Vec<Bound<'_>> = layout.set_aside.iter().map(|c| c.bind(sheet, sink)).collect();
        if let Sheet::Columnar(file) = sheet {
            refused(&cuts, &layout, file, &loaded.name, sink);
        }
        if sink.iter().skip(before).any(|d| d.severity == Severity::Error) {
            return None;
        }
        let ways = Ways {
            header: sheet.header(),
            types: if let Sheet::Columnar(file) = sheet { &file.types } else { &[] },
            text: match sheet {
                Sheet::Delimited(sheet) => Some(FileText { text: Arc::clone(text), delimiter: sheet.delimiter() }),
                Sheet::JsonLines(_) | Sheet::Columnar(_) => None,
            },
            fill_down,
            totals,
            aside,
            why_aside: layout.set_aside.iter().map(ToString::to_string).collect(),
            cuts,
            unread: matches!(put, Put::AsItStands(..)),
        };
        let mut rows: Vec<&mut TableRows> = self.takers.iter_mut().filter_map(|t| t.rows.as_mut()).collect();
        for rows in &mut rows {
            rows.files.push(FileOf { name: loaded.name.clone(), input: Some(number) });
        }
        let mut input = Input { file: loaded.name.clone(), ..Input::default() };
        let mut aside_of: BTreeMap<String, Sums> = BTreeMap::new();
        let mut take = |fed: Feed<'_, '_>| {
            input.rows += fed.rows;
            input.blank += fed.blank;
            for (why, sums) in fed.aside_of {
                aside_of.entry(why).or_default().merge(sums);
            }
            rows.iter_mut().zip(fed.harvests).try_for_each(|(rows, harvest)| put.rows(rows, harvest))
        };
        let mut feed = || {
            let mut above = BTreeMap::new();
            ways.feed(sheet, &mut above, &mut take)?;
            while let Some(piece) = more()? {
                if let Some(sheet) = sheet.piece(&piece.text, piece.line) {
                    ways.feed(&sheet, &mut above, &mut take)?;
                }
            }
            Ok(())
        };
        if let Err(stop) = feed() {
            let stop: Stop = stop;
            sink.push(stop.told(&loaded.name));
            return None;
        }
        input.set_aside = aside_of.into_iter().map(|(why, sums)| sums.finish(why)).collect();
        if input.rows == 0 {
            let message = format!("`{}` has a header and no rows", loaded.name);
            let finding = Diagnostic::error(Code::Nothing, message, sheet.header_place());
            sink.push(finding.as_warning().help("remove the file if there is nothing to say"));
        }
        Some((input, unread.unwrap_or_default()))
    }
}

/// What typed columns cannot be read as goes to `sink`.
fn refused(cuts: &[Cut<'_>], layout: &Layout, file: &Columnar, name: &str, sink: &mut Vec<Diagnostic>) {
    for (header, place) in &layout.fill_down {
        let message = format!("`{header}` is filled down, and the columns of `{name}` are read one by one");
        let finding = Diagnostic::error(Code::WrongShape, message, place.clone());
        sink.push(finding.help("fill the column before the file is written"));
    }
    for cut in cuts {
        for (from, of) in cut.cells.iter().zip(&cut.types) {
            let Some((at, data_type)) = from.column().and_then(|at| Some((at, file.types.get(at)?))) else { continue };
            let base = of.as_ref().map_or(&Base::Text, |(_, base)| base);
            if let Some((why, help)) = refusal(data_type, base) {
                let header = file.header.get(at).map_or("", String::as_str);
                let message = format!("the column `{header}` {why}");
                sink.push(Diagnostic::error(Code::WrongShape, message, file.place(at)).help(help));
            }
        }
    }
}

/// Prepares a table for the rows of a file: its columns are those of the first.
fn cut<'c>(
    taker: &mut Taker<'c>,
    found: &[(String, String, usize)],
    sheet: &Sheet<'_>,
    file: &str,
    schema: &Schema,
    sink: &mut Vec<Diagnostic>,
) -> Cut<'c> {
    let mut columns: Vec<(String, String)> =
        found.iter().map(|(name, header, _)| (name.clone(), header.clone())).collect();
    let mut cells: Vec<From<'c>> = found.iter().map(|(.., at)| From::Column(*at)).collect();
    let mut signed = Vec::new();
    for (name, sign) in taker.entry.iter().flat_map(|entry| &entry.signs) {
        let Some(column) = columns.iter().position(|(known, _)| known == name) else { continue };
        let mut own = Signed { column, minus: None, flip: None, negated: sign.negated };
        if let Some(header) = &sign.minus
            && let Some(at) = sheet.find(header, sink)
        {
            own.minus = Some(cells.len());
            columns.push((format!("{name}.minus"), header.0.clone()));
            cells.push(From::Column(at));
        }
        if !sign.minus_where.is_empty() {
            own.flip = Some(cells.len());
            columns.push((format!("{name}.minus_where"), String::new()));
            cells.push(From::Where(sign.minus_where.iter().map(|c| c.bind(sheet, sink)).collect()));
        }
        signed.push(own);
    }
    for (name, header) in taker.of_customers {
        let is_invoices = taker.table.name == "invoices";
        let at = if is_invoices { sheet.find(header, sink) } else { sheet.find(header, &mut Vec::new()) };
        if let Some(at) = at {
            columns.push((Derive::column(name), header.0.clone()));
            cells.push(From::Column(at));
        }
    }
    let cell = |name: &str| columns.iter().position(|(known, _)| known == name);
    let position = |name: &str| found.iter().find(|(known, ..)| known == name).map(|(.., at)| *at);
    let known = taker.table.columns(schema);
    let of_type = |(name, _): &(String, String)| known.iter().find(|(known, _)| known == name).cloned();
    let cut = Cut {
        table: taker.table,
        types: columns.iter().map(of_type).collect(),
        format: taker.entry.map(|entry| entry.format.clone()).unwrap_or_default(),
        signed: signed.clone(),
        file: taker.rows.as_ref().and_then(|rows| u32::try_from(rows.files.len()).ok()).unwrap_or(0),
        only: taker.entry.iter().flat_map(|entry| &entry.only).map(|c| c.bind(sheet, sink)).collect(),
        needed: taker
            .table
            .required
            .iter()
            .filter(|name| **name != "currency")
            .filter_map(|name| position(name))
            .collect(),
        amount: cell("amount"),
        currency: position("currency"),
        cells,
    };
    match &taker.rows {
        None => {
            let mut rows = TableRows::new(taker.table, "", columns.iter().map(|(name, _)| name));
            rows.columns = columns;
            rows.files.clear();
            rows.signed = signed;
            if let Some(entry) = taker.entry {
                rows.format = entry.format.clone();
                rows.fills.clone_from(&entry.fills);
            }
            taker.rows = Some(rows);
        }
        Some(rows) => {
            let names = |columns: &[(String, String)]| columns.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
            let (first, here) = (names(&rows.columns), names(&columns));
            let only = |a: &[String], b: &[String]| {
                a.iter().filter(|n| !b.contains(n)).map(|n| format!("`{n}`")).collect::<Vec<_>>()
            };
            let (lacks, has) = (only(&first, &here), only(&here, &first));
            if lacks.is_empty() && has.is_empty() {
                return reordered(cut, &first, &here, &rows.signed);
            }
            let other = rows.files.first().map_or("", |file| file.name.as_str());
            let what = if lacks.is_empty() {
                format!("has {} and", has.join(", "))
            } else {
                format!("lacks {}, which", lacks.join(", "))
            };
            let tail = if lacks.is_empty() { format!("`{other}` has not") } else { format!("`{other}` has") };
            let message = format!("`{file}` {what} {tail}");
            let finding = Diagnostic::error(Code::MissingKey, message, sheet.header_place());
            sink.push(
                finding.help("the files of one table have the same columns; put the column under `ignore`, or add it"),
            );
        }
    }
    cut
}

/// The cells in the order of the first file's columns.
fn reordered<'c>(mut cut: Cut<'c>, first: &[String], here: &[String], signed: &Vec<Signed>) -> Cut<'c> {
    let mut cells: Vec<Option<From<'c>>> = cut.cells.into_iter().map(Some).collect();
    let place = |name: &String| here.iter().position(|known| known == name);
    cut.cells = first.iter().filter_map(|name| cells.get_mut(place(name)?)?.take()).collect();
    cut.types = first.iter().filter_map(|name| cut.types.get(place(name)?).cloned()).collect();
    cut.amount = first.iter().position(|name| name == "amount");
    cut.signed.clone_from(signed);
    cut
}
