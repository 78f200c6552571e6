//! Rows of a table as text: what every source of a book gives, whatever it is written in.

use super::cells::Format;
use super::tables::Table;

/// The rows of one table as text, each with its file and line: from files, or from the rows written into a test.
#[derive(Clone, Debug)]
pub struct TableRows {
    pub(crate) table: &'static Table,
    /// The files its rows come from.
    pub(crate) files: Vec<FileOf>,
    /// The name in the book and the header in the file.
    pub(crate) columns: Vec<(String, String)>,
    /// Columns whose amounts are not simply what their cells say.
    pub(crate) signed: Vec<Signed>,
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
    /// For each row its file, by its place in `files`, and its line.
    places: Vec<(u32, u32)>,
}

/// A file that rows come from.
#[derive(Clone, Debug)]
pub(crate) struct FileOf {
    /// As people know it.
    pub(crate) name: String,
    /// Its number among the inputs of the book; `None` where it is not one of them yet.
    pub(crate) input: Option<u32>,
}

/// An amount that is made of several cells, or counts the other way round.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    /// The column it stands in.
    pub(crate) column: usize,
    /// The column whose amount is taken off.
    pub(crate) minus: Option<usize>,
    /// The column that has a text where the amount counts the other way round.
    pub(crate) flip: Option<usize>,
    /// Whether it always does.
    pub(crate) negated: bool,
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
            files: vec![FileOf { name: file.to_owned(), input: None }],
            columns: columns.into_iter().map(named).collect(),
            signed: Vec::new(),
            format: Format::default(),
            fills: Vec::new(),
            broken: Vec::new(),
            text: String::new(),
            ends: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Adds a row: its line, from 1, and its cells in the order of the columns; cells not given are blank, and
    /// spaces around a cell do not count.
    pub fn push<'a>(&mut self, line: usize, cells: impl IntoIterator<Item = &'a str>) -> Result<(), TooLarge> {
        let file = u32::try_from(self.files.len().saturating_sub(1)).map_err(|_| TooLarge)?;
        self.push_at((file, u32::try_from(line).map_err(|_| TooLarge)?), cells)
    }

    /// Adds a row of a certain file, by its place in `files`.
    pub(crate) fn push_at<'a>(
        &mut self,
        place: (u32, u32),
        cells: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), TooLarge> {
        let mut cells = cells.into_iter();
        for _ in 0..self.columns.len() {
            self.text.push_str(cells.next().unwrap_or("").trim());
            self.ends.push(u32::try_from(self.text.len()).map_err(|_| TooLarge)?);
        }
        self.places.push(place);
        Ok(())
    }

    /// What a column says where the rows do not: `customer` in a test of one customer.
    pub fn fill(&mut self, column: &str, text: &str) {
        self.fills.push((column.to_owned(), text.to_owned()));
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// The text of a cell.
    pub(crate) fn cell(&self, row: u32, column: usize) -> &str {
        let at = row as usize * self.columns.len() + column;
        let end = self.ends.get(at).map_or(0, |e| *e as usize);
        let start = at.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |e| *e as usize);
        self.text.get(start..end).unwrap_or("")
    }

    /// The place of a column.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(known, _)| known == name)
    }

    /// Where a row stands: its file, by its place in `files`, and its line, from 1.
    pub(crate) fn place(&self, row: u32) -> (u32, u32) {
        self.places.get(row as usize).copied().unwrap_or((0, 0))
    }

    /// The line of a row, from 1.
    pub(crate) fn line(&self, row: u32) -> u32 {
        self.place(row).1
    }

    /// The file of a row.
    pub(crate) fn file(&self, row: u32) -> &str {
        self.files.get(self.place(row).0 as usize).map_or("", |file| file.name.as_str())
    }

    /// The number of the input a row comes from, and its line.
    pub(crate) fn origin(&self, row: u32) -> (u32, u32) {
        let (file, line) = self.place(row);
        (self.files.get(file as usize).and_then(|file| file.input).unwrap_or(0), line)
    }

    /// The file its first rows come from.
    pub(crate) fn source(&self) -> &str {
        self.files.first().map_or("", |file| file.name.as_str())
    }

    /// Whether a row cannot be used at all.
    pub(crate) fn is_broken(&self, row: u32) -> bool {
        self.broken.binary_search_by_key(&row, |(broken, _)| *broken).is_ok()
    }

    /// Marks the row added last as one that cannot be used at all.
    pub(crate) fn break_last(&mut self, why: String) {
        if let Some(last) = self.places.len().checked_sub(1).and_then(|n| u32::try_from(n).ok()) {
            self.broken.push((last, why));
        }
    }
}
