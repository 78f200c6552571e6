//! Rows of a CSV file, each with the line it begins in.

use std::sync::Arc;

use super::rows::TooLarge;
use super::sheet::{Record, header_name};
use crate::diag::{Place, Source, Span};

/// A CSV text, its header read.
pub(crate) struct Delimited<'t> {
    text: &'t str,
    delimiter: u8,
    /// The headers, each on one line.
    pub(crate) header: Vec<String>,
    /// The text up to the end of the header, to point into.
    source: Arc<Source>,
    /// Where the lines above the header end.
    from: usize,
    /// Where the header's line begins.
    start: usize,
}

impl<'t> Delimited<'t> {
    /// Reads the header, which stands in the line `header_row`, from 1, or below it; `None` when there is none.
    pub(crate) fn open(name: &str, text: &'t str, delimiter: u8, header_row: usize) -> Option<Self> {
        let from = line_begin(text, header_row)?;
        let below = text.get(from..)?;
        let mut reader = reader(below, delimiter);
        let mut record = csv::StringRecord::new();
        let read = reader.read_record(&mut record).ok()?;
        if !read || record.iter().all(|cell| cell.trim().is_empty()) {
            return None;
        }
        let header = record.iter().enumerate().map(|(at, cell)| header_name(at, cell)).collect();
        let end = from + usize::try_from(reader.position().byte()).unwrap_or(below.len());
        let start = from + begin(below, record.position());
        let source = Source::new(name, text.get(..end).unwrap_or(text).trim_end_matches(['\r', '\n']));
        Some(Self { text, delimiter, header, source, from, start })
    }

    /// The lines above the header.
    pub(crate) fn above(&self) -> &'t str {
        self.text.get(..self.from).unwrap_or("")
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

    /// Hands over every row, and gives the number of empty lines between them.
    pub(crate) fn each(&self, take: &mut dyn FnMut(Record<'_>) -> Result<(), TooLarge>) -> Result<usize, TooLarge> {
        let below = self.text.get(self.from..).unwrap_or("");
        let mut reader = reader(below, self.delimiter);
        let mut record = csv::StringRecord::new();
        let mut lines = Lines { text: self.text, at: 0, line: 1 };
        let mut blank = 0;
        let at = |reader: &csv::Reader<&[u8]>| usize::try_from(reader.position().byte()).unwrap_or(below.len());
        // Reading text that is valid cannot fail.
        let _ = reader.read_record(&mut record);
        let mut end = at(&reader);
        while reader.read_record(&mut record).is_ok_and(|read| read) {
            let start = begin(below, record.position());
            blank += empty_lines(below, end, start);
            end = at(&reader);
            let line = lines.of(self.from + start);
            let broken = self.broken(&record, self.from + start, self.from + end);
            take(Record { line, cells: &record, broken })?;
        }
        Ok(blank + empty_lines(below, end, below.len()))
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

/// How many lines between two rows are empty. The break that ends a row may be read in two steps.
fn empty_lines(text: &str, end: usize, start: usize) -> usize {
    let between = text.get(end..start).unwrap_or("");
    let rest_of_break = text.get(..end).is_some_and(|before| before.ends_with('\r')) && between.starts_with('\n');
    let between = if rest_of_break { between.get(1..).unwrap_or("") } else { between };
    between.lines().filter(|line| line.trim_end_matches('\r').is_empty()).count()
}

/// Where a line begins, from 1; `None` where there are not so many.
fn line_begin(text: &str, line: usize) -> Option<usize> {
    let Some(before) = line.checked_sub(2) else { return Some(0) };
    text.match_indices('\n').nth(before).map(|(at, _)| at + 1)
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
