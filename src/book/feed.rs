//! From the rows of files to the rows of tables: each row goes where `book.yaml` sends it, and none is lost on the way.

use std::collections::BTreeMap;

use super::assemble::Derive;
use super::cells::{CellReader, Texts};
use super::conditions::{Bound, Condition};
use super::files::Loaded;
use super::headers;
use super::layout::Layout;
use super::manifest::{TableEntry, Written};
use super::rows::{FileOf, Signed, TableRows, TooLarge};
use super::sheet::{Record, Sheet};
use super::tables::Table;
use super::{Cell, Input, SetAside};
use crate::diag::{Code, Diagnostic, Severity};
use crate::lang::sum::ExactSum;
use crate::lang::{Base, Value};
use crate::plan::Schema;

/// How many lines a note names.
const NAMED: usize = 5;

/// Files and the tables whose rows stand in them.
pub(crate) struct Source<'m> {
    /// How the files are written.
    pub(crate) layout: Layout,
    /// The paths.
    pub(crate) files: Vec<String>,
    /// The tables; the first is the one that names the files.
    pub(crate) takers: Vec<Taker<'m>>,
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

/// Where a cell of a table comes from in one file.
enum From<'c> {
    Column(usize),
    /// A text where one of these holds.
    Where(Vec<Bound<'c>>),
}

/// What one table takes of one file.
struct Cut<'c> {
    only: Vec<Bound<'c>>,
    cells: Vec<From<'c>>,
    /// Columns that every row needs.
    needed: Vec<usize>,
    amount: Option<usize>,
    currency: Option<usize>,
}

impl Source<'_> {
    /// Adds the rows of a file; gives the file as an input, and its headers that nothing reads. What keeps it from
    /// being read goes to `sink`, and then there is none.
    pub(crate) fn take(
        &mut self,
        loaded: &Loaded,
        sheet: &Sheet<'_>,
        number: u32,
        schema: &Schema,
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
            cuts.push(cut(taker, &headers.columns, sheet, &loaded.name, sink));
            unread = Some(match unread {
                None => headers.unread,
                Some(known) => known.into_iter().filter(|header| headers.unread.contains(header)).collect(),
            });
        }
        let totals: Vec<Bound<'_>> = layout.totals.iter().map(|c| c.bind(sheet, sink)).collect();
        let aside: Vec<Bound<'_>> = layout.set_aside.iter().map(|c| c.bind(sheet, sink)).collect();
        if sink.iter().skip(before).any(|d| d.severity == Severity::Error) {
            return None;
        }
        let mut rows: Vec<&mut TableRows> = self.takers.iter_mut().filter_map(|t| t.rows.as_mut()).collect();
        for rows in &mut rows {
            rows.files.push(FileOf { name: loaded.name.clone(), input: Some(number) });
        }
        let mut feed = Feed {
            header: sheet.header(),
            fill_down,
            above: BTreeMap::new(),
            totals,
            aside,
            why_aside: layout.set_aside.iter().map(ToString::to_string).collect(),
            cuts,
            rows,
            input: Input { file: loaded.name.clone(), sha256: loaded.sha256.clone(), ..Input::default() },
            aside_of: BTreeMap::new(),
        };
        feed.above_header(sheet);
        match sheet.each(&mut |record| feed.record(&record)) {
            Ok(empty) => feed.input.blank += empty,
            Err(TooLarge) => {
                let finding = Diagnostic::placeless(Code::TooLarge, format!("`{}` is larger than 4 GiB", loaded.name));
                sink.push(finding.help("split the book by credit groups"));
                return None;
            }
        }
        let mut input = feed.input;
        input.set_aside = feed.aside_of.into_iter().map(|(why, sums)| sums.finish(why)).collect();
        if input.rows == 0 {
            let message = format!("`{}` has a header and no rows", loaded.name);
            let finding = Diagnostic::error(Code::Nothing, message, sheet.header_place());
            sink.push(finding.as_warning().help("remove the file if there is nothing to say"));
        }
        Some((input, unread.unwrap_or_default()))
    }
}

/// Prepares a table for the rows of a file: its columns are those of the first.
fn cut<'c>(
    taker: &mut Taker<'c>,
    found: &[(String, String, usize)],
    sheet: &Sheet<'_>,
    file: &str,
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
    let cut = Cut {
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
                return reordered(cut, &first, &here);
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
fn reordered<'c>(mut cut: Cut<'c>, first: &[String], here: &[String]) -> Cut<'c> {
    let mut cells: Vec<Option<From<'c>>> = cut.cells.into_iter().map(Some).collect();
    let place = |name: &String| here.iter().position(|known| known == name);
    cut.cells = first.iter().filter_map(|name| cells.get_mut(place(name)?)?.take()).collect();
    cut.amount = first.iter().position(|name| name == "amount");
    cut
}

/// One file on its way into its tables.
struct Feed<'f, 'c> {
    header: &'f [String],
    fill_down: Vec<usize>,
    /// What stands above, in the columns that are filled down.
    above: BTreeMap<usize, String>,
    totals: Vec<Bound<'c>>,
    aside: Vec<Bound<'c>>,
    why_aside: Vec<String>,
    cuts: Vec<Cut<'c>>,
    rows: Vec<&'f mut TableRows>,
    input: Input,
    aside_of: BTreeMap<String, Sums>,
}

/// Rows set aside for one reason.
#[derive(Default)]
struct Sums {
    rows: usize,
    lines: Vec<usize>,
    by_currency: BTreeMap<String, ExactSum>,
    unread: usize,
}

impl Sums {
    fn note(&mut self, line: usize) {
        self.rows += 1;
        if self.lines.len() < NAMED {
            self.lines.push(line);
        }
    }

    fn finish(self, why: String) -> SetAside {
        let sums = self.by_currency.into_iter().filter_map(|(currency, sum)| Some((currency, sum.total()?)));
        SetAside { why, rows: self.rows, lines: self.lines, sums: sums.collect(), unread_amounts: self.unread }
    }
}

impl Feed<'_, '_> {
    /// Lines above the header count as rows of the file that are none of a table.
    fn above_header(&mut self, sheet: &Sheet<'_>) {
        let Sheet::Delimited(text) = sheet else { return };
        for (line, text) in (1..).zip(text.above().lines()) {
            if !text.contains(char::is_alphanumeric) {
                self.input.blank += 1;
            } else {
                self.set_aside("above the header", line);
            }
        }
    }

    fn set_aside(&mut self, why: &str, line: usize) {
        match self.aside_of.get_mut(why) {
            Some(sums) => sums.note(line),
            None => self.aside_of.entry(why.to_owned()).or_default().note(line),
        }
    }

    fn record(&mut self, record: &Record<'_>) -> Result<(), TooLarge> {
        let raw = |at: usize| record.cells.get(at).unwrap_or("");
        if record.cells.iter().all(|cell| cell.trim().is_empty()) {
            self.input.blank += 1;
            return Ok(());
        }
        if self.totals.iter().any(|total| total.holds(raw)) {
            // A row of totals ends its group: what follows without a heading of its own belongs to nobody above.
            self.above.retain(|at, _| raw(*at).trim().is_empty());
            self.set_aside("totals", record.line);
            return Ok(());
        }
        if is_ruled(record.cells) {
            self.set_aside("ruled lines", record.line);
            return Ok(());
        }
        if self.is_header(record.cells) {
            self.set_aside("the header again", record.line);
            return Ok(());
        }
        for at in &self.fill_down {
            let text = raw(*at).trim();
            if !text.is_empty() {
                self.above.insert(*at, text.to_owned());
            }
        }
        let in_group = |at: usize| self.fill_down.contains(&at);
        let full = |(at, text): (usize, &str)| (!text.trim().is_empty()).then_some(at);
        if !self.fill_down.is_empty() && record.cells.iter().enumerate().filter_map(full).all(in_group) {
            self.set_aside("headings of groups", record.line);
            return Ok(());
        }
        let above = std::mem::take(&mut self.above);
        let cell = |at: usize| match raw(at) {
            text if text.trim().is_empty() => above.get(&at).map_or(text, String::as_str),
            text => text,
        };
        let done = self.place(record, &cell);
        self.above = above;
        done
    }

    /// Puts a row where it belongs.
    fn place<'r>(&mut self, record: &Record<'_>, cell: &impl Fn(usize) -> &'r str) -> Result<(), TooLarge> {
        if let Some(at) = self.aside.iter().position(|aside| aside.holds(cell)) {
            let why = self.why_aside.get(at).cloned().unwrap_or_default();
            self.set_aside(&why, record.line);
            self.sum(&why, cell);
            return Ok(());
        }
        self.input.rows += 1;
        let takes = |cut: &Cut<'_>| cut.only.is_empty() || cut.only.iter().any(|only| only.holds(cell));
        let mut taken = false;
        let looks_like_totals = has_totals_word(record.cells);
        for (cut, rows) in self.cuts.iter().zip(&mut self.rows) {
            if !takes(cut) {
                continue;
            }
            taken = true;
            push(cut, rows, record.line, cell)?;
            let lacks = || cut.needed.iter().any(|at| cell(*at).trim().is_empty());
            if looks_like_totals && (record.broken.is_some() || lacks()) {
                let header = self.header.get(first_full(record.cells)).map_or("", String::as_str);
                let text = record.cells.get(first_full(record.cells)).unwrap_or("").trim();
                rows.break_last(format!(
                    "looks like a row of totals; if it is, declare `totals: {{ \"{header}\": \"{text}\" }}` for its table in book.yaml"
                ));
            } else if let Some(why) = &record.broken {
                rows.break_last(why.clone());
            }
        }
        if let (false, Some(cut), Some(rows)) = (taken, self.cuts.first(), self.rows.first_mut()) {
            push(cut, rows, record.line, cell)?;
            rows.break_last(record.broken.clone().unwrap_or_else(|| nobodys(&self.cuts, self.header, cell)));
        }
        Ok(())
    }

    /// Adds the amount of a row set aside.
    fn sum<'r>(&mut self, why: &str, cell: &impl Fn(usize) -> &'r str) {
        let Some((cut, rows)) = self.cuts.iter().zip(&self.rows).find(|(cut, _)| cut.amount.is_some()) else { return };
        let Some(column) = cut.amount else { return };
        let reader = CellReader {
            base: &Base::Money,
            column: "amount",
            format: &rows.format,
            values: rows.format.values_of("amount"),
            not_negative: false,
        };
        let signed = rows.signed.iter().find(|s| s.column == column);
        let text = |at: usize| cut.cells.get(at).map_or("", |from| text(from, cell)).trim();
        let minus = signed.and_then(|s| s.minus).map(|at| ("", text(at)));
        let negated = signed.is_some_and(|s| s.negated != s.flip.is_some_and(|at| !text(at).is_empty()));
        let amount = reader.read_signed(text(column), minus, negated, &mut Texts::default());
        let Some(sums) = self.aside_of.get_mut(why) else { return };
        match amount {
            Ok(Cell::Given(Value::Dec(amount))) => {
                let currency = cut.currency.map_or("", cell).trim();
                let values = rows.format.values_of("currency");
                let currency = values.iter().find(|(from, _)| from == currency).map_or(currency, |(_, to)| to);
                sums.by_currency.entry(currency.to_owned()).or_default().add(amount);
            }
            Ok(_) => {}
            Err(_) => sums.unread += 1,
        }
    }

    fn is_header(&self, cells: &csv::StringRecord) -> bool {
        let same = |(at, cell): (usize, &str)| {
            self.header.get(at).is_some_and(|header| *header == super::sheet::header_name(at, cell))
        };
        cells.len() > 1 && cells.iter().enumerate().all(same)
    }
}

fn text<'r>(from: &From<'_>, cell: &impl Fn(usize) -> &'r str) -> &'r str {
    match from {
        From::Column(at) => cell(*at),
        From::Where(any) => {
            if any.iter().any(|bound| bound.holds(cell)) {
                "-"
            } else {
                ""
            }
        }
    }
}

fn push<'r>(
    cut: &Cut<'_>,
    rows: &mut TableRows,
    line: usize,
    cell: &impl Fn(usize) -> &'r str,
) -> Result<(), TooLarge> {
    rows.push(line, cut.cells.iter().map(|from| text(from, cell)))
}

/// Why no table takes a row.
fn nobodys<'r>(cuts: &[Cut<'_>], header: &[String], cell: &impl Fn(usize) -> &'r str) -> String {
    let mut asked: Vec<usize> = cuts.iter().flat_map(|cut| &cut.only).flat_map(Bound::columns).collect();
    asked.sort_unstable();
    asked.dedup();
    let name = |at: usize| header.get(at).map_or("", String::as_str);
    let shown: Vec<String> = asked.iter().map(|at| format!("`{}` is `{}`", name(*at), cell(*at).trim())).collect();
    let shown = shown.join(" and ");
    format!(
        "no table takes a row of which {shown}; declare it under `set_aside`, or in the `where` of a table in book.yaml"
    )
}

fn first_full(cells: &csv::StringRecord) -> usize {
    cells.iter().position(|cell| !cell.trim().is_empty()).unwrap_or(0)
}

/// A line drawn with characters between rows.
fn is_ruled(cells: &csv::StringRecord) -> bool {
    let drawn = |cell: &str| cell.chars().all(|c| "-=_+|".contains(c));
    cells.iter().all(|cell| drawn(cell.trim())) && cells.iter().any(|cell| cell.trim().len() >= 3)
}

/// Whether a cell of a row has a word that rows of totals have.
pub(crate) fn has_totals_word(cells: &csv::StringRecord) -> bool {
    const WORDS: &[&str] =
        &["total", "grand total", "subtotal", "sub-total", "sum", "summe", "gesamt", "zwischensumme", "*"];
    const CHINESE: &[&str] = &["合计", "小计", "总计", "共计", "总额"];
    cells.iter().map(str::trim).any(|cell| {
        let lower = cell.get(..cell.len().min(24)).unwrap_or(cell).to_lowercase();
        let word = |word: &&str| {
            lower
                .strip_prefix(*word)
                .is_some_and(|rest| !rest.starts_with(char::is_alphabetic) || rest.starts_with('s'))
        };
        WORDS.iter().any(word) || CHINESE.iter().any(|w| cell.ends_with(w) || cell.starts_with(w))
    })
}
