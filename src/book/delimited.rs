//! Rows of a CSV file, each with the line it begins in.

use std::sync::Arc;

use rayon::prelude::*;

use super::cut::{Cutter, breaks};
use super::quotes;
use super::rows::TooLarge;
use super::sheet::{Cells, Record, header_name};
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
    /// The line that the text begins in, where the header stands in an earlier piece.
    line: Option<usize>,
}

/// Rows that follow each other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    from: usize,
    to: usize,
    /// The line it begins in, from 1.
    line: usize,
    /// How many lines it has: at least as many as rows, but for a last one without an end.
    pub(crate) lines: usize,
}

/// The least size of a stretch, in bytes: less is not worth a thread.
const LEAST: usize = 1 << 16;

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
        Some(Self { text, delimiter, header, source, from, start, line: None })
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

    /// What separates the cells.
    pub(crate) fn delimiter(&self) -> u8 {
        self.delimiter
    }

    /// A further piece of the same file, which begins in this line.
    pub(crate) fn piece<'p>(&self, text: &'p str, line: usize) -> Delimited<'p> {
        let (header, source) = (self.header.clone(), Arc::clone(&self.source));
        Delimited { text, delimiter: self.delimiter, header, source, from: 0, start: 0, line: Some(line) }
    }

    /// The rows in up to so many stretches of about one size.
    pub(crate) fn stretches(&self, most: usize) -> Result<Vec<Stretch>, TooLarge> {
        if u32::try_from(self.text.len()).is_err() {
            return Err(TooLarge);
        }
        let bytes = self.text.as_bytes();
        let (mut from, mut line) = match self.line {
            Some(line) => (0, line),
            None => {
                let line = 1 + breaks(bytes.get(..self.from).unwrap_or(&[]));
                let mut cutter = Cutter::new(self.text, self.delimiter, self.from, line);
                cutter.next();
                (cutter.end(), cutter.line())
            }
        };
        let below = bytes.get(from..).unwrap_or(&[]);
        let count = most.min(below.len() / LEAST).max(1);
        let size = below.len().div_ceil(count).max(1);
        let mut ranges = Vec::new();
        let mut lines = quotes::lines(bytes, from, self.delimiter);
        while from < bytes.len() {
            let to = if count == 1 { bytes.len() } else { lines.next_from(from.saturating_add(size)) };
            ranges.push((from, to));
            from = to;
        }
        let lines: Vec<usize> =
            ranges.par_iter().map(|(from, to)| breaks(bytes.get(*from..*to).unwrap_or(&[]))).collect();
        let stretch = |((from, to), lines)| {
            let stretch = Stretch { from, to, line, lines };
            line += lines;
            stretch
        };
        Ok(ranges.iter().copied().zip(lines).map(stretch).collect())
    }

    /// Hands over every row of a stretch, and gives the number of empty lines between them.
    pub(crate) fn each(
        &self,
        stretch: Stretch,
        take: &mut dyn FnMut(Record<'_>) -> Result<(), TooLarge>,
    ) -> Result<usize, TooLarge> {
        let text = self.text.get(..stretch.to).unwrap_or(self.text);
        let mut cutter = Cutter::new(text, self.delimiter, stretch.from, stretch.line);
        let (mut blank, mut end) = (0, stretch.from);
        while let Some(row) = cutter.next() {
            if row.start > end {
                blank += empty_lines(text, end, row.start);
            }
            end = cutter.end();
            let cells = cutter.cells(&row);
            let broken = if row.unclosed {
                Some("a quote opens here and is never closed".into())
            } else {
                self.broken(cells, row.start, end)
            };
            take(Record { line: row.line, start: row.start, in_text: row.in_text, cells, broken })?;
        }
        Ok(blank + empty_lines(text, end, stretch.to))
    }

    /// Why a row is no row of this table.
    fn broken(&self, record: Cells<'_>, start: usize, end: usize) -> Option<String> {
        let (cells, columns) = (record.len(), self.header.len());
        if cells == columns {
            return None;
        }
        let extra = record.iter().skip(columns).any(|cell| !cell.trim().is_empty());
        if cells > columns && !extra {
            return None;
        }
        let lines = self.text.get(start..end).is_some_and(|raw| raw.trim_end().contains('\n'));
        let hint = if lines { "; perhaps a quote is not closed" } else { "" };
        Some(format!("the row has {cells} cells, the header {columns}{hint}"))
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

/// How many lines between two rows are empty.
fn empty_lines(text: &str, end: usize, start: usize) -> usize {
    let between = text.get(end..start).unwrap_or("");
    between.lines().filter(|line| line.trim_end_matches('\r').is_empty()).count()
}

/// Where a line begins, from 1; `None` where there are not so many.
pub(crate) fn line_begin(text: &str, line: usize) -> Option<usize> {
    let Some(before) = line.checked_sub(2) else { return Some(0) };
    text.match_indices('\n').nth(before).map(|(at, _)| at + 1)
}
