//! Rows of a table as text: what every source of a book gives, whatever it is written in.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::cells::Format;
use super::origins::TableOrigins;
use super::parts::{Part, Spelt};
use super::places::Places;
use super::tables::Table;
use super::threads::let_go;

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
    /// Its rows, as each file keeps them.
    pub(crate) parts: Vec<Part>,
    /// Rows of another share of the book, which speaks of them.
    pub(crate) guests: BTreeSet<u32>,
    /// For each row its file, by its place in `files`, and its line.
    places: Places,
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

/// More text than one file may hold (4 GiB), or more rows than can be counted.
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
            parts: Vec::new(),
            guests: BTreeSet::new(),
            places: Places::default(),
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
        if !matches!(self.parts.last(), Some(Part::Spelt(_))) {
            self.parts.push(Part::Spelt(Spelt::new(self.len32(), self.columns.len())));
        }
        let Some(Part::Spelt(spelt)) = self.parts.last_mut() else { return Err(TooLarge) };
        spelt.push(cells)?;
        self.places.push(place.0, place.1)
    }

    /// Adds rows that a file gave.
    pub(crate) fn add(&mut self, part: Part, places: &Places, broken: Vec<(u32, String)>) -> Result<(), TooLarge> {
        if places.len() == 0 {
            return Ok(());
        }
        let first = self.len32();
        self.broken.extend(broken.into_iter().map(|(row, why)| (first + row, why)));
        self.parts.push(part.beginning_at(first));
        self.places.append(places)
    }

    /// What a column says where the rows do not: `customer` in a test of one customer.
    pub fn fill(&mut self, column: &str, text: &str) {
        self.fills.push((column.to_owned(), text.to_owned()));
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.places.len() as usize
    }

    fn len32(&self) -> u32 {
        self.places.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text of a cell, without spaces around it.
    pub(crate) fn cell(&self, row: u32, column: usize) -> Cow<'_, str> {
        let after = self.parts.partition_point(|part| part.first() <= row);
        let part = after.checked_sub(1).and_then(|at| self.parts.get(at));
        part.map_or(Cow::Borrowed(""), |part| part.cell(row - part.first(), column))
    }

    /// Lets go of the texts, which no reject will name any more.
    pub(crate) fn forget_texts(&mut self) {
        let_go(std::mem::take(&mut self.parts));
    }

    /// The place of a column.
    pub(crate) fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|(known, _)| known == name)
    }

    /// Where a row stands: its file, by its place in `files`, and its line, from 1.
    pub(crate) fn place(&self, row: u32) -> (u32, u32) {
        self.places.get(row)
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

    /// Where its rows were read.
    pub(crate) fn origins(&self) -> TableOrigins {
        let inputs = self.files.iter().map(|file| file.input.unwrap_or(0)).collect();
        TableOrigins { inputs, places: self.places.clone() }
    }

    /// The file its first rows come from.
    pub(crate) fn source(&self) -> &str {
        self.files.first().map_or("", |file| file.name.as_str())
    }

    /// Whether a row is of another share of the book, which speaks of it.
    pub(crate) fn is_guest(&self, row: u32) -> bool {
        self.guests.contains(&row)
    }

    /// Whether a row cannot be used at all.
    pub(crate) fn is_broken(&self, row: u32) -> bool {
        self.broken.binary_search_by_key(&row, |(broken, _)| *broken).is_ok()
    }
}
