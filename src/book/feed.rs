//! From the rows of files to the rows of tables: each row goes where `book.yaml` sends it, and none is lost on the way.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, RecordBatch, UInt32Array};
use arrow_schema::DataType;
use arrow_select::take::take;

use super::Cell;
use super::arrays::{self, is_text};
use super::aside::Sums;
use super::cells::{CellReader, Texts};
use super::columnar::{Columnar, Stop};
use super::from_arrays::{Given, ValueReading, marked};
use super::parts::{Part, Spelt};
use super::places::Places;
use super::reading::Reading;
use super::rows::TooLarge;
use super::shares::spill;
use super::sheet::{Cells, Record, is_named};
use super::ways::{Cut, From, Ways, nobodys, text};
use crate::lang::{Base, Value};

/// Room is made for no more rows than these before they are read: a file may say that it has any number.
const MOST_ROOM: usize = 1 << 24;

/// Rows of one file on their way into its tables.
pub(crate) struct Feed<'f, 'c> {
    pub(crate) ways: &'f Ways<'f, 'c>,
    /// What stands above, in the columns that are filled down.
    pub(crate) above: BTreeMap<usize, String>,
    /// By table.
    pub(crate) harvests: Vec<Harvest>,
    pub(crate) rows: usize,
    pub(crate) blank: usize,
    pub(crate) aside_of: BTreeMap<String, Sums>,
}

/// What one table gets of one file.
pub(crate) struct Harvest {
    pub(crate) kept: Kept,
    pub(crate) places: Places,
    /// Rows that are no rows, and why.
    pub(crate) broken: Vec<(u32, String)>,
}

pub(crate) enum Kept {
    Spelt(Spelt),
    Reading(Reading),
    Values(ValueReading),
    /// Typed columns as they stand in the file.
    Arrays(Vec<RecordBatch>),
}

impl Kept {
    /// The rows, in a form that a table keeps; `None` where they were to stay as they stand.
    pub(crate) fn finish(self) -> Option<Part> {
        match self {
            Self::Spelt(spelt) => Some(Part::Spelt(spelt)),
            Self::Reading(reading) => Some(reading.finish()),
            Self::Values(values) => Some(values.finish()),
            Self::Arrays(_) => None,
        }
    }
}

impl Harvest {
    /// Nothing yet, and room for so many rows where the table takes every row.
    pub(crate) fn new(ways: &Ways<'_, '_>, cut: &Cut<'_>, room: usize) -> Self {
        let room = if cut.only.is_empty() { room } else { 0 };
        let places: Option<Vec<usize>> = cut.cells.iter().map(From::column).collect();
        let is_plain = ways.fill_down.is_empty() && cut.signed.is_empty() && !ways.unread;
        let kept = match (&ways.text, places.filter(|_| is_plain)) {
            (Some(text), Some(places)) => {
                Kept::Reading(Reading::new(cut.table, text, &places, &cut.types, &cut.format, room))
            }
            _ if ways.types.is_empty() => Kept::Spelt(Spelt::new(0, cut.cells.len())),
            _ if ways.unread => Kept::Arrays(Vec::new()),
            _ => {
                let of = |from: &From<'_>| ways.types.get(from.column()?).cloned();
                let of: Vec<Option<DataType>> = cut.cells.iter().map(of).collect();
                Kept::Values(ValueReading::new(cut.table, &cut.types, &of, &cut.signed, &cut.format, room))
            }
        };
        Self { kept, places: Places::default(), broken: Vec::new() }
    }

    pub(crate) fn push<'r>(
        &mut self,
        cut: &Cut<'_>,
        record: &Record<'_>,
        cell: &impl Fn(usize) -> &'r str,
    ) -> Result<(), TooLarge> {
        match &mut self.kept {
            Kept::Spelt(spelt) => spelt.push(cut.cells.iter().map(|from| text(from, cell)))?,
            Kept::Reading(reading) => reading.push(record)?,
            // Their rows come in batches.
            Kept::Values(_) | Kept::Arrays(_) => {}
        }
        self.at(cut, record.line)
    }

    /// Notes where the next row stands.
    pub(crate) fn at(&mut self, cut: &Cut<'_>, line: usize) -> Result<(), TooLarge> {
        self.places.push(cut.file, u32::try_from(line).map_err(|_| TooLarge)?)
    }

    /// Marks the row added last as one that cannot be used at all.
    pub(crate) fn break_last(&mut self, why: String) {
        self.broken.extend(self.places.len().checked_sub(1).map(|last| (last, why)));
    }
}

impl<'f, 'c> Feed<'f, 'c> {
    /// Nothing yet, and room for about so many rows.
    pub(crate) fn new(ways: &'f Ways<'f, 'c>, room: usize) -> Self {
        let harvests = ways.cuts.iter().map(|cut| Harvest::new(ways, cut, room.min(MOST_ROOM))).collect();
        let (above, aside_of) = (BTreeMap::new(), BTreeMap::new());
        Self { ways, above, harvests, rows: 0, blank: 0, aside_of }
    }

    /// One that goes on below these texts.
    pub(crate) fn below(ways: &'f Ways<'f, 'c>, above: &BTreeMap<usize, String>, room: usize) -> Self {
        Self { above: above.clone(), ..Self::new(ways, room) }
    }

    /// Lines above the header count as rows of the file that are none of a table.
    pub(crate) fn above_header(&mut self, above: &str) {
        for (line, text) in (1..).zip(above.lines()) {
            if !text.contains(char::is_alphanumeric) {
                self.blank += 1;
            } else {
                self.set_aside("above the header", line);
            }
        }
    }

    pub(crate) fn set_aside(&mut self, why: &str, line: usize) {
        match self.aside_of.get_mut(why) {
            Some(sums) => sums.note(line),
            None => self.aside_of.entry(why.to_owned()).or_default().note(line),
        }
    }

    pub(crate) fn record(&mut self, record: &Record<'_>) -> Result<(), TooLarge> {
        let raw = |at: usize| record.cells.get(at).unwrap_or("");
        let may_be_none = self.may_be_none(record.cells);
        if may_be_none && record.cells.iter().all(is_blank) {
            self.blank += 1;
            return Ok(());
        }
        if self.ways.totals.iter().any(|total| total.holds(raw)) {
            // A row of totals ends its group: what follows without a heading of its own belongs to nobody above.
            self.above.retain(|at, _| raw(*at).trim().is_empty());
            self.set_aside("totals", record.line);
            return Ok(());
        }
        if may_be_none && is_ruled(record.cells) {
            self.set_aside("ruled lines", record.line);
            return Ok(());
        }
        if may_be_none && self.is_header(record.cells) {
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

    /// Whether a row may be blank, ruled or the header again. By its first character most show that they are not.
    fn may_be_none(&self, cells: Cells<'_>) -> bool {
        let first = |text: Option<&str>| text.and_then(|text| text.as_bytes().first().copied());
        let begins = first(cells.get(0));
        !begins.is_some_and(|byte| byte.is_ascii_alphanumeric())
            || begins == first(self.ways.header.first().map(String::as_str))
    }

    /// Puts a row of a text where it belongs.
    pub(crate) fn place<'r>(&mut self, record: &Record<'_>, cell: &impl Fn(usize) -> &'r str) -> Result<(), TooLarge> {
        let header = self.ways.header;
        let broken = |cut: Option<&Cut<'_>>| {
            let lacks = |cut: &Cut<'_>| cut.needed.iter().any(|at| is_blank(cell(*at)));
            if cut.is_some_and(|cut| record.broken.is_some() || lacks(cut)) && has_totals_word(record.cells) {
                let header = header.get(first_full(record.cells)).map_or("", String::as_str);
                let text = record.cells.get(first_full(record.cells)).unwrap_or("").trim();
                return Some(format!(
                    "looks like a row of totals; if it is, declare `totals: {{ \"{header}\": \"{text}\" }}` for its table in book.yaml"
                ));
            }
            record.broken.clone()
        };
        self.send(record.line, cell, broken, |_, cut, harvest| harvest.push(cut, record, cell))
    }

    /// Sends a row to the tables that take it.
    pub(crate) fn send<'r>(
        &mut self,
        line: usize,
        cell: &impl Fn(usize) -> &'r str,
        broken: impl Fn(Option<&Cut<'_>>) -> Option<String>,
        mut add: impl FnMut(usize, &Cut<'_>, &mut Harvest) -> Result<(), TooLarge>,
    ) -> Result<(), TooLarge> {
        let ways = self.ways;
        if let Some(at) = ways.aside.iter().position(|aside| aside.holds(cell)) {
            let why = ways.why_aside.get(at).map_or("", String::as_str);
            self.set_aside(why, line);
            self.sum(why, cell);
            return Ok(());
        }
        self.rows += 1;
        let takes = |cut: &Cut<'_>| cut.only.is_empty() || cut.only.iter().any(|only| only.holds(cell));
        let mut taken = false;
        for (at, (cut, harvest)) in ways.cuts.iter().zip(&mut self.harvests).enumerate() {
            if takes(cut) {
                taken = true;
                add(at, cut, harvest)?;
                if let Some(why) = broken(Some(cut)) {
                    harvest.break_last(why);
                }
            }
        }
        if let (false, Some(cut), Some(harvest)) = (taken, ways.cuts.first(), self.harvests.first_mut()) {
            add(0, cut, harvest)?;
            harvest.break_last(broken(None).unwrap_or_else(|| nobodys(&ways.cuts, ways.header, cell)));
        }
        Ok(())
    }

    /// Takes rows of typed columns: those that are read, of which some are asked where a row goes.
    pub(crate) fn batch(
        &mut self,
        batch: &RecordBatch,
        read: &[usize],
        asked: &[usize],
        first: usize,
    ) -> Result<(), Stop> {
        let ways = self.ways;
        let array = |at: usize| read.binary_search(&at).ok().and_then(|at| batch.columns().get(at));
        let mut chosen: Vec<Vec<u32>> = vec![Vec::new(); ways.cuts.len()];
        let mut holds: Vec<Vec<Vec<bool>>> = ways.cuts.iter().map(|cut| vec![Vec::new(); cut.cells.len()]).collect();
        let mut texts = vec![String::new(); ways.header.len()];
        let rows = match ways.all_to_one(asked) && batch.columns().iter().any(|array| has_no_gap(array.as_ref())) {
            true => self.whole_batch(batch.num_rows(), first, &mut chosen)?,
            false => 0..batch.num_rows(),
        };
        for (row, number) in rows.zip(first..) {
            if batch.columns().iter().all(|array| is_gap(array.as_ref(), row)) {
                self.blank += 1;
                continue;
            }
            for at in asked {
                if let (Some(text), Some(array), Some(cut)) = (texts.get_mut(*at), array(*at), ways.cuts.first()) {
                    text.clear();
                    text.push_str(&marked(array, row, &cut.format));
                }
            }
            let cell = |at: usize| texts.get(at).map_or("", String::as_str);
            if ways.totals.iter().any(|total| total.holds(cell)) {
                self.set_aside("totals", number);
                continue;
            }
            let row = u32::try_from(row).map_err(|_| TooLarge)?;
            self.send(
                number,
                &cell,
                |_| None,
                |table, cut, harvest| {
                    chosen.get_mut(table).into_iter().for_each(|chosen| chosen.push(row));
                    for (from, holds) in cut.cells.iter().zip(holds.get_mut(table).into_iter().flatten()) {
                        if let From::Where(any) = from {
                            holds.push(any.iter().any(|bound| bound.holds(cell)));
                        }
                    }
                    harvest.at(cut, number)
                },
            )?;
        }
        for (((cut, harvest), chosen), holds) in ways.cuts.iter().zip(&mut self.harvests).zip(&chosen).zip(&holds) {
            let given = |(from, holds): (&From<'_>, _)| match from {
                From::Column(at) => array(*at).map_or(Given::Holds(&[]), |array| Given::Array(array.as_ref())),
                From::Where(_) => Given::Holds(holds),
            };
            let given: Vec<Given<'_>> = cut.cells.iter().zip(holds.iter().map(Vec::as_slice)).map(given).collect();
            match &mut harvest.kept {
                Kept::Values(values) => values.push(&given, chosen, &cut.signed),
                Kept::Arrays(batches) => batches.push(as_given(&given, chosen)?),
                Kept::Spelt(_) | Kept::Reading(_) => {}
            }
        }
        Ok(())
    }

    /// Takes every row of a file for the only table, column by column; `at` are the columns it takes.
    pub(crate) fn columns(&mut self, file: &Columnar, at: &[usize], rows: usize) -> Result<(), Stop> {
        for (cut, harvest) in self.ways.cuts.iter().zip(&mut self.harvests) {
            if let Kept::Values(values) = &mut harvest.kept {
                values.whole(file, at, rows)?;
                (1..=rows).try_for_each(|number| harvest.at(cut, number))?;
            }
        }
        self.rows += rows;
        Ok(())
    }

    /// Takes every row of a batch for the only table; no row is left to be looked at.
    fn whole_batch(&mut self, rows: usize, first: usize, chosen: &mut [Vec<u32>]) -> Result<Range<usize>, TooLarge> {
        let count = u32::try_from(rows).map_err(|_| TooLarge)?;
        for ((cut, harvest), chosen) in self.ways.cuts.iter().zip(&mut self.harvests).zip(chosen) {
            (first..first + rows).try_for_each(|number| harvest.at(cut, number))?;
            chosen.extend(0..count);
        }
        self.rows += rows;
        Ok(rows..rows)
    }

    /// Adds the amount of a row set aside.
    pub(crate) fn sum<'r>(&mut self, why: &str, cell: &impl Fn(usize) -> &'r str) {
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
    pub(crate) fn is_header(&self, cells: Cells<'_>) -> bool {
        let header = self.ways.header;
        let same = |(at, cell): (usize, &str)| header.get(at).is_some_and(|header| is_named(header, at, cell));
        cells.len() > 1 && cells.iter().enumerate().all(same)
    }
}

/// The chosen rows of what a table is given.
fn as_given(given: &[Given<'_>], chosen: &[u32]) -> Result<RecordBatch, Stop> {
    let rows = UInt32Array::from_iter_values(chosen.iter().copied());
    let column = |given: &Given<'_>| -> Result<ArrayRef, Stop> {
        match given {
            Given::Array(array) if chosen.len() == array.len() => Ok(array.slice(0, array.len())),
            Given::Array(array) => take(*array, &rows, None).map_err(|error| Stop::Unreadable(error.to_string())),
            Given::Holds([]) => Ok(Arc::new(BooleanArray::new_null(chosen.len()))),
            Given::Holds(holds) => Ok(Arc::new(BooleanArray::from(holds.to_vec()))),
        }
    };
    let columns = given.iter().map(column).collect::<Result<Vec<_>, _>>()?;
    spill::batch(columns, chosen.len()).map_err(|error| Stop::Unreadable(error.to_string()))
}

/// Whether every cell of a typed column has a text.
fn has_no_gap(array: &dyn Array) -> bool {
    array.null_count() == 0 && !is_text(array.data_type())
}

/// Whether a typed cell has no text.
fn is_gap(array: &dyn Array, row: usize) -> bool {
    array.is_null(row) || is_text(array.data_type()) && arrays::text(array, row).is_none_or(|text| is_blank(&text))
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
