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
use crate::book::sheet::Sheet;
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
    let full = |row: &csv::StringRecord| row.iter().filter(|cell| !cell.trim().is_empty()).count();
    let alone: Vec<usize> = rows.iter().filter(|row| full(row) == 1).filter_map(first_full).collect();
    // A heading stands where the rows below it are blank.
    let is_heading = |at: usize| {
        let blank = rows.iter().filter(|row| row.get(at).is_none_or(|cell| cell.trim().is_empty())).count();
        alone.iter().filter(|column| **column == at).count() >= 2 && blank * 2 > rows.len()
    };
    let headings = (0..width).find(|at| is_heading(*at));
    let is_total = |row: &&csv::StringRecord| has_totals_word(row) && full(row) * 2 <= width.max(full(row) + 1);
    let totals: BTreeSet<(usize, String)> = rows
        .iter()
        .filter(|row| full(row) > 1 || headings.is_none())
        .filter(is_total)
        .filter_map(|row| Some((first_full(row)?, total_word(row.get(first_full(row)?)?.trim()))))
        .collect();
    let is_item = |row: &&csv::StringRecord| {
        let total = is_total(row)
            && first_full(row)
                .is_some_and(|at| row.get(at).is_some_and(|text| totals.contains(&(at, total_word(text.trim())))));
        full(row) > 1 && !total
    };
    let mut texts: Vec<Texts> = (0..width).map(|_| Texts::default()).collect();
    let mut count = 0;
    for row in rows.iter().filter(is_item) {
        count += 1;
        for (at, texts) in texts.iter_mut().enumerate() {
            texts.add(row.get(at).unwrap_or(""));
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
fn sample(sheet: &Sheet<'_>) -> Vec<csv::StringRecord> {
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
            rows.push(record.cells.clone());
        }
        if rows.len() < MOST_ROWS { Ok(()) } else { Err(TooLarge) }
    });
    rows
}

fn first_full(row: &csv::StringRecord) -> Option<usize> {
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
        let widths: BTreeSet<usize> = rows.iter().map(|(_, row)| row.len()).filter(|width| *width > 1).collect();
        let fit = |width: &usize| rows.iter().filter(|(_, row)| row.len() == *width).count() * (width - 1);
        let score = widths.iter().map(fit).max().unwrap_or(0);
        if score > best.0 {
            best = (score, delimiter, rows);
        }
    }
    let (_, delimiter, rows) = best;
    let points = |row: &csv::StringRecord| {
        let full: Vec<&str> = row.iter().map(str::trim).filter(|cell| !cell.is_empty()).collect();
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
fn records(text: &str, delimiter: u8) -> Vec<(usize, csv::StringRecord)> {
    let mut rows = Vec::new();
    if let Some(sheet) = Delimited::open("", text, delimiter, 1) {
        let _ = sheet.each(&mut |record| {
            rows.push((record.line, record.cells.clone()));
            Ok(())
        });
        rows.insert(0, (1, csv::StringRecord::from(sheet.header.clone())));
    }
    rows
}
