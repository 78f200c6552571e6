//! Rows of a table as text: what every source of a book gives, whatever it is written in.

use super::cells::Format;
use super::tables::Table;

/// The rows of one table as text, each with its line: from a CSV file, or from the rows written into a test.
#[derive(Clone, Debug)]
pub struct TableRows {
    pub(crate) table: &'static Table,
    /// The file as people know it.
    pub(crate) file: String,
    /// SHA-256 of the file in hex; empty for rows that are no file of their own.
    pub(crate) sha256: String,
    /// The name in the book and the header in the file.
    pub(crate) columns: Vec<(String, String)>,
    /// How the values are written.
    pub(crate) format: Format,
    /// What stands in a column that is absent, or in its blank cells.
    pub(crate) fills: Vec<(String, String)>,
    /// Rows that are no rows: their number and why.
    pub(crate) broken: Vec<(u32, String)>,
    /// All cells, one after the other.
    text: String,
    /// Where each cell ends in `text`.
    ends: Vec<u32>,
    lines: Vec<u32>,
}

/// More text than one table may hold (4 GiB).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLarge;

impl TableRows {
    /// A table without rows: its name, the file its rows come from, and its columns, named as the book knows them.
    pub fn new<S: AsRef<str>>(table: &'static Table, file: &str, columns: impl IntoIterator<Item = S>) -> Self {
        let named = |name: S| (name.as_ref().to_owned(), name.as_ref().to_owned());
        Self {
            table,
            file: file.to_owned(),
            sha256: String::new(),
            columns: columns.into_iter().map(named).collect(),
            format: Format::default(),
            fills: Vec::new(),
            broken: Vec::new(),
            text: String::new(),
            ends: Vec::new(),
            lines: Vec::new(),
        }
    }

    /// Adds a row: its line, from 1, and its cells in the order of the columns; cells not given are blank, and
    /// spaces around a cell do not count.
    pub fn push<'a>(&mut self, line: usize, cells: impl IntoIterator<Item = &'a str>) -> Result<(), TooLarge> {
        let mut cells = cells.into_iter();
        for _ in 0..self.columns.len() {
            self.text.push_str(cells.next().unwrap_or("").trim());
            self.ends.push(u32::try_from(self.text.len()).map_err(|_| TooLarge)?);
        }
        self.lines.push(u32::try_from(line).map_err(|_| TooLarge)?);
        Ok(())
    }

    /// What a column says where the rows do not: `customer` in a test of one customer.
    pub fn fill(&mut self, column: &str, text: &str) {
        self.fills.push((column.to_owned(), text.to_owned()));
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The text of a cell.
    pub(crate) fn cell(&self, row: u32, column: usize) -> &str {
        let at = row as usize * self.columns.len() + column;
        let end = self.ends.get(at).map_or(0, |e| *e as usize);
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |e| *e as usize);
        self.text.get(start..end).unwrap_or("")
    }

    /// The line of a row, from 1.
    pub(crate) fn line(&self, row: u32) -> u32 {
        self.lines.get(row as usize).copied().unwrap_or(0)
    }

    /// Marks the row added last as one that cannot be used at all.
    pub(crate) fn break_last(&mut self, why: String) {
        if let Some(last) = self.lines.len().checked_sub(1).and_then(|n| u32::try_from(n).ok()) {
            self.broken.push((last, why));
        }
    }
}
