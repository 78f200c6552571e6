//! One file: its encoding, its form, its header and its columns.

use std::collections::BTreeSet;
use std::path::Path;

use encoding_rs::Encoding;

use super::column::Texts;
use super::{FileLook, MOST_ROWS, aliases};
use crate::book::delimited::Delimited;
use crate::book::feed::has_totals_word;
use crate::book::files::{is_json_lines, load};
use crate::book::json_lines::JsonLines;
use crate::book::rows::TooLarge;
use crate::book::sheet::{Cells, OwnCells, Sheet};
use crate::book::{encodings, unpack};
use crate::diag::{Code, Diagnostic};

/// How many lines are looked at for the header.
const TOP: usize = 60;
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

pub(super) fn look(dir: &Path, name: &str, sink: &mut Vec<Diagnostic>) -> Option<FileLook> {
    let loaded = load(dir, name, unpack::MOST).map_err(|finding| sink.push(finding)).ok()?;
    let marked = Encoding::for_bom(&loaded.bytes).map(|(encoding, _)| encodings::shown(encoding));
    let other = if marked.is_some() { None } else { encodings::other(&loaded.bytes) };
    let text = encodings::decode(name, loaded.bytes, other.and_then(encodings::named))
        .map_err(|(message, help)| sink.push(Diagnostic::placeless(Code::UnreadableFile, message).help(help)))
        .ok()?;
    let (delimiter, header_row) = if is_json_lines(name) { (None, 1) } else { form(&text) };
    let sheet = match delimiter {
        None => JsonLines::open(name, &text, '.').map(Sheet::JsonLines),
        Some(delimiter) => Delimited::open(name, &text, delimiter, header_row).map(Sheet::Delimited),
    };
    let Some(sheet) = sheet else {
        sink.push(Diagnostic::placeless(Code::Nothing, format!("`{name}` has no header")).as_warning());
        return None;
    };
    let header = sheet.header();
    let width = header.len();
    let rows = sample(&sheet);
    let full = |row: &OwnCells| row.cells().iter().filter(|cell| !cell.trim().is_empty()).count();
    let alone: Vec<usize> =
        rows.iter().filter(|row| full(row) == 1).filter_map(|row| first_full(row.cells())).collect();
    // A heading stands where the rows below it are blank.
    let is_heading = |at: usize| {
        let blank = rows.iter().filter(|row| row.cells().get(at).is_none_or(|cell| cell.trim().is_empty())).count();
        alone.iter().filter(|column| **column == at).count() >= 2 && blank * 2 > rows.len()
    };
    let headings = (0..width).find(|at| is_heading(*at));
    let is_total = |row: &&OwnCells| has_totals_word(row.cells()) && full(row) * 2 <= width.max(full(row) + 1);
    let totals: BTreeSet<(usize, String)> = rows
        .iter()
        .filter(|row| full(row) > 1 || headings.is_none())
        .filter(is_total)
        .map(OwnCells::cells)
        .filter_map(|row| Some((first_full(row)?, total_word(row.get(first_full(row)?)?.trim()))))
        .collect();
    let is_item = |row: &&OwnCells| {
        let of = |at| totals.contains(&(at, total_word(row.cells().get(at).unwrap_or("").trim())));
        full(row) > 1 && !(is_total(row) && first_full(row.cells()).is_some_and(of))
    };
    let mut texts: Vec<Texts> = (0..width).map(|_| Texts::default()).collect();
    let mut count = 0;
    for row in rows.iter().filter(is_item) {
        count += 1;
        for (at, texts) in texts.iter_mut().enumerate() {
            texts.add(row.cells().get(at).unwrap_or(""));
        }
    }
    let columns = texts.into_iter().zip(header).map(|(texts, header)| texts.column(header)).collect();
    Some(FileLook {
        file: name.to_owned(),
        encoding: marked.clone().or(other.map(str::to_owned)).unwrap_or_else(|| "utf-8".to_owned()),
        encoding_shows: other.is_none(),
        delimiter: delimiter.map(char::from),
        header_row,
        rows: count,
        columns,
        table: None,
        totals: totals.into_iter().collect(),
        headings,
        kind: header.iter().position(|header| aliases::rank("kind", header).is_some()),
    })
}

/// The first rows; not those that repeat the header or are drawn.
fn sample(sheet: &Sheet<'_>) -> Vec<OwnCells> {
    let mut rows = Vec::new();
    // Stopping early is no error here.
    let _ = sheet.each(&mut |record| {
        let text = record.cells.iter().any(|cell| cell.contains(char::is_alphanumeric));
        let header = record
            .cells
            .iter()
            .zip(sheet.header())
            .all(|(cell, header)| cell.trim().is_empty() || crate::book::sheet::one_line(cell) == *header);
        if text && !header {
            rows.push(record.cells.to_own());
        }
        if rows.len() < MOST_ROWS { Ok(()) } else { Err(TooLarge) }
    });
    rows
}

fn first_full(row: Cells<'_>) -> Option<usize> {
    row.iter().position(|cell| !cell.trim().is_empty())
}

/// What rows of totals start with: a word, or the stars of a list.
fn total_word(text: &str) -> String {
    match text.chars().next() {
        Some('*') => "*".to_owned(),
        _ => text.split_whitespace().next().unwrap_or(text).to_owned(),
    }
}

/// The delimiter and the line of the header.
fn form(text: &str) -> (Option<u8>, usize) {
    let top: usize = text.split_inclusive('\n').take(TOP).map(str::len).sum();
    let top = text.get(..top).unwrap_or(text);
    let mut best = (0, b',', Vec::new());
    for delimiter in DELIMITERS {
        let rows = records(top, delimiter);
        let widths: BTreeSet<usize> =
            rows.iter().map(|(_, row)| row.cells().len()).filter(|width| *width > 1).collect();
        let fit = |width: &usize| rows.iter().filter(|(_, row)| row.cells().len() == *width).count() * (width - 1);
        let score = widths.iter().map(fit).max().unwrap_or(0);
        if score > best.0 {
            best = (score, delimiter, rows);
        }
    }
    let (_, delimiter, rows) = best;
    let points = |row: &OwnCells| {
        let full: Vec<&str> = row.cells().iter().map(str::trim).filter(|cell| !cell.is_empty()).collect();
        let named = full.iter().filter(|cell| known(cell)).count();
        let figures =
            full.iter().any(|cell| cell.chars().filter(char::is_ascii_digit).count() * 2 > cell.chars().count());
        if full.len() < 2 || figures { 0 } else { full.len() + 3 * named }
    };
    let most = rows.iter().map(|(_, row)| points(row)).max().unwrap_or(0);
    let line = rows.iter().find(|(_, row)| most > 0 && points(row) == most).map_or(1, |(line, _)| *line);
    (Some(delimiter), line)
}

fn known(header: &str) -> bool {
    ["invoices", "customers", "payments", "orders"].iter().any(|table| {
        super::guess::COLUMNS.iter().any(|column| aliases::rank(&format!("{table}.{column}"), header).is_some())
    })
}

/// Rows with the lines they begin in.
fn records(text: &str, delimiter: u8) -> Vec<(usize, OwnCells)> {
    let mut rows = Vec::new();
    if let Some(sheet) = Delimited::open("", text, delimiter, 1) {
        let mut header = OwnCells::default();
        sheet.header.iter().for_each(|name| header.push(name));
        rows.push((1, header));
        let _ = Sheet::Delimited(sheet).each(&mut |record| {
            rows.push((record.line, record.cells.to_own()));
            Ok(())
        });
    }
    rows
}
