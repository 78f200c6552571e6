//! Rows of a CSV file, each with the line it begins in.

use std::sync::Arc;

use super::rows::{TableRows, TooLarge};
use crate::diag::{Place, Source, Span};

/// A CSV text, its header read.
pub(crate) struct Delimited<'t> {
    text: &'t str,
    delimiter: u8,
    /// The headers, trimmed.
    pub(crate) header: Vec<String>,
    /// The text up to the end of the header, to point into.
    source: Arc<Source>,
    /// Where the header's line begins.
    start: usize,
}

impl<'t> Delimited<'t> {
    /// Reads the header; `None` when there is none.
    pub(crate) fn open(name: &str, text: &'t str, delimiter: u8) -> Option<Self> {
        let mut reader = reader(text, delimiter);
        let mut record = csv::StringRecord::new();
        let read = reader.read_record(&mut record).ok()?;
        if !read || record.iter().all(|cell| cell.trim().is_empty()) {
            return None;
        }
        let header = record.iter().map(|cell| cell.trim().to_owned()).collect();
        let end = usize::try_from(reader.position().byte()).unwrap_or(text.len());
        let start = begin(text, record.position());
        let source = Source::new(name, text.get(..end).unwrap_or(text).trim_end_matches(['\r', '\n']));
        Some(Self { text, delimiter, header, source, start })
    }

    /// Where a header stands.
    pub(crate) fn place(&self, column: usize) -> Place {
        let (mut quoted, mut at, mut start, mut end) = (false, 0, self.start, self.source.text.len());
        for (offset, byte) in self.source.text.bytes().enumerate().skip(self.start) {
            match byte {
                b'"' => quoted = !quoted,
                byte if byte == self.delimiter && !quoted => {
                    if at == column {
                        end = offset;
                        break;
                    }
                    at += 1;
                    start = offset + 1;
                }
                _ => {}
            }
        }
        Place::new(&self.source, Span::new(start, end))
    }

    /// The whole header.
    pub(crate) fn header_place(&self) -> Place {
        Place::new(&self.source, Span::new(self.start, self.source.text.len()))
    }

    /// Adds every row to a table; `columns` are the numbers of the file's columns, in the table's order.
    /// Rows without any text are no rows.
    pub(crate) fn rows(&self, columns: &[usize], into: &mut TableRows) -> Result<(), TooLarge> {
        let mut reader = reader(self.text, self.delimiter);
        let mut record = csv::StringRecord::new();
        let mut lines = Lines { text: self.text, at: 0, line: 1 };
        // Reading text that is valid cannot fail.
        let _ = reader.read_record(&mut record);
        while reader.read_record(&mut record).is_ok_and(|read| read) {
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            let start = begin(self.text, record.position());
            let line = lines.of(start);
            into.push(line, columns.iter().map(|column| record.get(*column).unwrap_or("")))?;
            let end = usize::try_from(reader.position().byte()).unwrap_or(self.text.len());
            if let Some(why) = self.broken(&record, start, end) {
                into.break_last(why);
            }
        }
        Ok(())
    }

    /// Why a record is no row of this table.
    fn broken(&self, record: &csv::StringRecord, start: usize, end: usize) -> Option<String> {
        if end >= self.text.len() && self.ends_quoted(start) {
            return Some("a quote opens here and is never closed".into());
        }
        let (cells, columns) = (record.len(), self.header.len());
        let extra = record.iter().skip(columns).any(|cell| !cell.trim().is_empty());
        if cells >= columns && !extra {
            return None;
        }
        let lines = self.text.get(start..end).is_some_and(|raw| raw.trim_end().contains('\n'));
        let hint = if lines { "; perhaps a quote is not closed" } else { "" };
        Some(format!("the row has {cells} cells, the header {columns}{hint}"))
    }

    fn ends_quoted(&self, start: usize) -> bool {
        let (mut quoted, mut fresh) = (false, true);
        for byte in self.text.bytes().skip(start) {
            match byte {
                b'"' if quoted || fresh => quoted = !quoted,
                _ => {}
            }
            // A quote opens only at the beginning of a cell; one after a closing quote stands for itself.
            fresh = byte == b'"' || byte == self.delimiter || byte == b'\n' || byte == b'\r';
        }
        quoted
    }
}

fn reader(text: &str, delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes())
}

/// Where a record really begins: the reader's position lies before the line breaks it skips.
fn begin(text: &str, position: Option<&csv::Position>) -> usize {
    let at = position.map_or(0, |p| usize::try_from(p.byte()).unwrap_or(text.len()));
    let skipped = text.as_bytes().get(at..).unwrap_or(&[]).iter().take_while(|b| matches!(b, b'\r' | b'\n')).count();
    at + skipped
}

/// Counts lines while moving forward.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: usize,
}

impl Lines<'_> {
    fn of(&mut self, byte: usize) -> usize {
        let passed = self.text.as_bytes().get(self.at..byte).unwrap_or(&[]);
        let mut breaks = passed.iter().filter(|b| **b == b'\n').count();
        let lone = |pair: &&[u8]| matches!(pair, [b'\r', other] if *other != b'\n');
        if passed.contains(&b'\r') {
            breaks += passed.windows(2).filter(lone).count() + usize::from(passed.last() == Some(&b'\r'));
        }
        self.line += breaks;
        self.at = byte;
        self.line
    }
}
