//! From the rows of files to the rows of tables: each row goes where `book.yaml` sends it, and none is lost on the way.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::assemble::Derive;
use super::cells::{CellReader, Format, Texts};
use super::conditions::{Bound, Condition};
use super::files::Loaded;
use super::headers;
use super::layout::Layout;
use super::manifest::{TableEntry, Written};
use super::parts::{Part, Spelt};
use super::places::Places;
use super::reading::{FileText, Reading};
use super::rows::{FileOf, Signed, TableRows, TooLarge};
use super::sheet::{Cells, Record, Sheet, is_named};
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
    table: &'static Table,
    only: Vec<Bound<'c>>,
    cells: Vec<From<'c>>,
    /// The columns it reads itself, by name and type.
    types: Vec<Option<(String, Base)>>,
    format: Format,
    signed: Vec<Signed>,
    /// The place of the file among those of the table.
    file: u32,
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
        (sheet, text): (&Sheet<'_>, &Arc<String>),
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
            cuts.push(cut(taker, &headers.columns, sheet, &loaded.name, schema, sink));
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
        let ways = Ways {
            header: sheet.header(),
            text: match sheet {
                Sheet::Delimited(sheet) => Some(FileText { text: Arc::clone(text), delimiter: sheet.delimiter() }),
                Sheet::JsonLines(_) => None,
            },
            fill_down,
            totals,
            aside,
            why_aside: layout.set_aside.iter().map(ToString::to_string).collect(),
            cuts,
        };
        let mut rows: Vec<&mut TableRows> = self.takers.iter_mut().filter_map(|t| t.rows.as_mut()).collect();
        for rows in &mut rows {
            rows.files.push(FileOf { name: loaded.name.clone(), input: Some(number) });
        }
        let fed = ways.feed(sheet).and_then(|fed| {
            let mut input = Input { file: loaded.name.clone(), sha256: loaded.sha256.clone(), ..Input::default() };
            let mut aside_of: BTreeMap<String, Sums> = BTreeMap::new();
            for fed in fed {
                input.rows += fed.rows;
                input.blank += fed.blank;
                for (why, sums) in fed.aside_of {
                    aside_of.entry(why).or_default().merge(sums);
                }
                for (rows, harvest) in rows.iter_mut().zip(fed.harvests) {
                    rows.add(harvest.kept.finish(), &harvest.places, harvest.broken)?;
                }
            }
            input.set_aside = aside_of.into_iter().map(|(why, sums)| sums.finish(why)).collect();
            Ok(input)
        });
        let Ok(input) = fed else {
            let finding = Diagnostic::placeless(Code::TooLarge, format!("`{}` is larger than 4 GiB", loaded.name));
            sink.push(finding.help("split the book by credit groups"));
            return None;
        };
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
    cut.types = first.iter().filter_map(|name| cut.types.get(place(name)?).cloned()).collect();
    cut.amount = first.iter().position(|name| name == "amount");
    cut
}

/// Which ways the rows of one file go.
struct Ways<'f, 'c> {
    header: &'f [String],
    /// Its text, where cells are places in it.
    text: Option<FileText>,
    fill_down: Vec<usize>,
    totals: Vec<Bound<'c>>,
    aside: Vec<Bound<'c>>,
    why_aside: Vec<String>,
    cuts: Vec<Cut<'c>>,
}

impl Ways<'_, '_> {
    /// Sends every row its way: stretches of a file by themselves, in their order.
    fn feed(&self, sheet: &Sheet<'_>) -> Result<Vec<Feed<'_, '_>>, TooLarge> {
        let mut first = Feed::new(self);
        match sheet {
            Sheet::JsonLines(text) => {
                first.blank += text.each(&mut |record| first.record(&record))?;
                Ok(vec![first])
            }
            Sheet::Delimited(text) => {
                first.above_header(text.above());
                // What is filled down comes from the rows above.
                let threads = if self.fill_down.is_empty() { rayon::current_num_threads() } else { 1 };
                let stretches = text.stretches(threads)?;
                let one = |stretch| {
                    let mut feed = Feed::new(self);
                    feed.blank += text.each(stretch, &mut |record| feed.record(&record))?;
                    Ok(feed)
                };
                let rest: Result<Vec<_>, TooLarge> = match stretches.as_slice() {
                    [only] => one(*only).map(|feed| vec![feed]),
                    several => several.par_iter().map(|stretch| one(*stretch)).collect(),
                };
                rest.map(|rest| std::iter::once(first).chain(rest).collect())
            }
        }
    }
}

/// Rows of one file on their way into its tables.
struct Feed<'f, 'c> {
    ways: &'f Ways<'f, 'c>,
    /// What stands above, in the columns that are filled down.
    above: BTreeMap<usize, String>,
    /// By table.
    harvests: Vec<Harvest>,
    rows: usize,
    blank: usize,
    aside_of: BTreeMap<String, Sums>,
}

/// What one table gets of one file.
struct Harvest {
    kept: Kept,
    places: Places,
    /// Rows that are no rows, and why.
    broken: Vec<(u32, String)>,
}

enum Kept {
    Spelt(Spelt),
    Reading(Reading),
}

impl Kept {
    fn finish(self) -> Part {
        match self {
            Self::Spelt(spelt) => Part::Spelt(spelt),
            Self::Reading(reading) => reading.finish(),
        }
    }
}

impl Harvest {
    fn new(ways: &Ways<'_, '_>, cut: &Cut<'_>) -> Self {
        let place = |from: &From<'_>| if let From::Column(at) = from { Some(*at) } else { None };
        let places: Option<Vec<usize>> = cut.cells.iter().map(place).collect();
        let is_plain = ways.fill_down.is_empty() && cut.signed.is_empty();
        let kept = match (&ways.text, places.filter(|_| is_plain)) {
            (Some(text), Some(places)) => {
                Kept::Reading(Reading::new(cut.table, text, &places, &cut.types, &cut.format))
            }
            _ => Kept::Spelt(Spelt::new(0, cut.cells.len())),
        };
        Self { kept, places: Places::default(), broken: Vec::new() }
    }

    fn push<'r>(
        &mut self,
        cut: &Cut<'_>,
        record: &Record<'_>,
        cell: &impl Fn(usize) -> &'r str,
    ) -> Result<(), TooLarge> {
        match &mut self.kept {
            Kept::Spelt(spelt) => spelt.push(cut.cells.iter().map(|from| text(from, cell)))?,
            Kept::Reading(reading) => reading.push(record)?,
        }
        self.places.push(cut.file, u32::try_from(record.line).map_err(|_| TooLarge)?)
    }

    /// Marks the row added last as one that cannot be used at all.
    fn break_last(&mut self, why: String) {
        self.broken.extend(self.places.len().checked_sub(1).map(|last| (last, why)));
    }
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

    /// Takes in those of rows further down.
    fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.lines.extend(other.lines);
        self.lines.truncate(NAMED);
        for (currency, sum) in other.by_currency {
            self.by_currency.entry(currency).or_default().merge(sum);
        }
        self.unread += other.unread;
    }

    fn finish(self, why: String) -> SetAside {
        let sums = self.by_currency.into_iter().filter_map(|(currency, sum)| Some((currency, sum.total()?)));
        SetAside { why, rows: self.rows, lines: self.lines, sums: sums.collect(), unread_amounts: self.unread }
    }
}

impl<'f, 'c> Feed<'f, 'c> {
    fn new(ways: &'f Ways<'f, 'c>) -> Self {
        let harvests = ways.cuts.iter().map(|cut| Harvest::new(ways, cut)).collect();
        let (above, aside_of) = (BTreeMap::new(), BTreeMap::new());
        Self { ways, above, harvests, rows: 0, blank: 0, aside_of }
    }

    /// Lines above the header count as rows of the file that are none of a table.
    fn above_header(&mut self, above: &str) {
        for (line, text) in (1..).zip(above.lines()) {
            if !text.contains(char::is_alphanumeric) {
                self.blank += 1;
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
        if record.cells.iter().all(is_blank) {
            self.blank += 1;
            return Ok(());
        }
        if self.ways.totals.iter().any(|total| total.holds(raw)) {
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
        for at in &self.ways.fill_down {
            let text = raw(*at).trim();
            if !text.is_empty() {
                self.above.insert(*at, text.to_owned());
            }
        }
        if self.ways.fill_down.is_empty() {
            return self.place(record, &raw);
        }
        let in_group = |at: usize| self.ways.fill_down.contains(&at);
        let full = |(at, text): (usize, &str)| (!text.trim().is_empty()).then_some(at);
        if record.cells.iter().enumerate().filter_map(full).all(in_group) {
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
        let ways = self.ways;
        if let Some(at) = ways.aside.iter().position(|aside| aside.holds(cell)) {
            let why = ways.why_aside.get(at).map_or("", String::as_str);
            self.set_aside(why, record.line);
            self.sum(why, cell);
            return Ok(());
        }
        self.rows += 1;
        let takes = |cut: &Cut<'_>| cut.only.is_empty() || cut.only.iter().any(|only| only.holds(cell));
        let mut taken = false;
        for (cut, harvest) in ways.cuts.iter().zip(&mut self.harvests) {
            if !takes(cut) {
                continue;
            }
            taken = true;
            harvest.push(cut, record, cell)?;
            let lacks = || cut.needed.iter().any(|at| is_blank(cell(*at)));
            if (record.broken.is_some() || lacks()) && has_totals_word(record.cells) {
                let header = ways.header.get(first_full(record.cells)).map_or("", String::as_str);
                let text = record.cells.get(first_full(record.cells)).unwrap_or("").trim();
                harvest.break_last(format!(
                    "looks like a row of totals; if it is, declare `totals: {{ \"{header}\": \"{text}\" }}` for its table in book.yaml"
                ));
            } else if let Some(why) = &record.broken {
                harvest.break_last(why.clone());
            }
        }
        if let (false, Some(cut), Some(harvest)) = (taken, ways.cuts.first(), self.harvests.first_mut()) {
            harvest.push(cut, record, cell)?;
            harvest.break_last(record.broken.clone().unwrap_or_else(|| nobodys(&ways.cuts, ways.header, cell)));
        }
        Ok(())
    }

    /// Adds the amount of a row set aside.
    fn sum<'r>(&mut self, why: &str, cell: &impl Fn(usize) -> &'r str) {
        let Some((cut, column)) = self.ways.cuts.iter().find_map(|cut| Some((cut, cut.amount?))) else { return };
        let reader = CellReader {
            base: &Base::Money,
            column: "amount",
            format: &cut.format,
            values: cut.format.values_of("amount"),
            not_negative: false,
        };
        let signed = cut.signed.iter().find(|s| s.column == column);
        let text = |at: usize| cut.cells.get(at).map_or("", |from| text(from, cell)).trim();
        let minus = signed.and_then(|s| s.minus).map(|at| ("", text(at)));
        let negated = signed.is_some_and(|s| s.negated != s.flip.is_some_and(|at| !text(at).is_empty()));
        let amount = reader.read_signed(text(column), minus, negated, &mut Texts::default());
        let Some(sums) = self.aside_of.get_mut(why) else { return };
        match amount {
            Ok(Cell::Given(Value::Dec(amount))) => {
                let currency = cut.currency.map_or("", cell).trim();
                let values = cut.format.values_of("currency");
                let currency = values.iter().find(|(from, _)| from == currency).map_or(currency, |(_, to)| to);
                sums.by_currency.entry(currency.to_owned()).or_default().add(amount);
            }
            Ok(_) => {}
            Err(_) => sums.unread += 1,
        }
    }

    /// Whether a row repeats the header.
    fn is_header(&self, cells: Cells<'_>) -> bool {
        let header = self.ways.header;
        let same = |(at, cell): (usize, &str)| header.get(at).is_some_and(|header| is_named(header, at, cell));
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

/// Whether a cell has no text. Nearly every one begins with a character that shows.
fn is_blank(cell: &str) -> bool {
    !cell.as_bytes().first().is_some_and(u8::is_ascii_graphic) && cell.trim().is_empty()
}

fn first_full(cells: Cells<'_>) -> usize {
    cells.iter().position(|cell| !cell.trim().is_empty()).unwrap_or(0)
}

/// A line drawn with characters between rows.
fn is_ruled(cells: Cells<'_>) -> bool {
    let drawn = |cell: &str| cell.chars().all(|c| "-=_+|".contains(c));
    cells.iter().all(|cell| drawn(cell.trim())) && cells.iter().any(|cell| cell.trim().len() >= 3)
}

/// Whether a cell of a row has a word that rows of totals have.
pub(crate) fn has_totals_word(cells: Cells<'_>) -> bool {
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
