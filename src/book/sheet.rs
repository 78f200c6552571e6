//! A file as rows under headers, whatever form it has.

use super::arrays;
use super::columnar::{Columnar, Stop};
use super::delimited::Delimited;
use super::json_lines::JsonLines;
use super::manifest::Written;
use super::rows::TooLarge;
use crate::diag::{Code, Diagnostic, Place, nearest};

/// A text whose header was read.
pub(crate) enum Sheet<'t> {
    /// Cells between marks.
    Delimited(Delimited<'t>),
    /// One JSON object a line.
    JsonLines(JsonLines<'t>),
    /// Typed columns.
    Columnar(Columnar),
}

/// A row.
pub(crate) struct Record<'r> {
    /// The line it begins in, from 1.
    pub(crate) line: usize,
    /// Where it begins in the text of its file.
    pub(crate) start: usize,
    /// Whether its cells stand there as they are.
    pub(crate) in_text: bool,
    /// Its cells, as the file has them.
    pub(crate) cells: Cells<'r>,
    /// Why it is no row, where it is none.
    pub(crate) broken: Option<String>,
}

/// A place in a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bound {
    start: u32,
    end: u32,
}

impl Bound {
    /// A place in a text of at most 4 GiB.
    #[inline]
    pub(crate) fn new(start: usize, end: usize) -> Self {
        let within = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: within(start), end: within(end) }
    }

    /// What stands there.
    #[inline]
    pub(crate) fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }
}

/// The cells of a row: places in a text.
#[derive(Clone, Copy)]
pub(crate) struct Cells<'r> {
    /// The text.
    pub(crate) text: &'r str,
    /// The places.
    pub(crate) bounds: &'r [Bound],
}

impl<'r> Cells<'r> {
    /// A cell, where the row has so many.
    pub(crate) fn get(&self, at: usize) -> Option<&'r str> {
        self.bounds.get(at).map(|bound| bound.of(self.text))
    }

    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.bounds.len()
    }

    /// The same, in a text of their own.
    pub(crate) fn copied(&self) -> OwnCells {
        let mut own = OwnCells::default();
        self.iter().for_each(|cell| own.push(cell));
        own
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'r str> + use<'r> {
        let text = self.text;
        self.bounds.iter().map(move |bound| bound.of(text))
    }
}

/// Cells that stand in no text yet.
#[derive(Default)]
pub(crate) struct OwnCells {
    text: String,
    bounds: Vec<Bound>,
}

impl OwnCells {
    /// Adds a cell.
    pub(crate) fn push(&mut self, cell: &str) {
        let start = self.text.len();
        self.text.push_str(cell);
        self.bounds.push(Bound::new(start, self.text.len()));
    }

    /// Forgets them.
    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.bounds.clear();
    }

    /// As the cells of a row.
    pub(crate) fn cells(&self) -> Cells<'_> {
        Cells { text: &self.text, bounds: &self.bounds }
    }
}

impl Sheet<'_> {
    /// The headers: spaces and line breaks in them are one space, and one without a text is `column 3`.
    pub(crate) fn header(&self) -> &[String] {
        match self {
            Self::Delimited(text) => &text.header,
            Self::JsonLines(text) => &text.header,
            Self::Columnar(file) => &file.header,
        }
    }

    /// The bytes of a file of typed columns, where they are not left on the disk.
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Delimited(_) | Self::JsonLines(_) => None,
            Self::Columnar(file) => file.bytes(),
        }
    }

    /// Where a header stands.
    pub(crate) fn place(&self, column: usize) -> Place {
        match self {
            Self::Delimited(text) => text.place(column),
            Self::JsonLines(text) => text.header_place(),
            Self::Columnar(file) => file.place(column),
        }
    }

    /// The whole header.
    pub(crate) fn header_place(&self) -> Place {
        match self {
            Self::Delimited(text) => text.header_place(),
            Self::JsonLines(text) => text.header_place(),
            Self::Columnar(file) => file.header_place(),
        }
    }

    /// A further piece of the same file, which begins in this line; typed columns have none.
    pub(crate) fn piece<'p>(&self, text: &'p str, line: usize) -> Option<Sheet<'p>> {
        match self {
            Self::Delimited(first) => Some(Sheet::Delimited(first.piece(text, line))),
            Self::JsonLines(first) => Some(Sheet::JsonLines(first.piece(text, line))),
            Self::Columnar(_) => None,
        }
    }

    /// Hands over every row with its cells as texts.
    pub(crate) fn each(&self, take: &mut dyn FnMut(Record<'_>) -> Result<(), TooLarge>) -> Result<(), Stop> {
        match self {
            Self::Delimited(text) => {
                for stretch in text.stretches(1)? {
                    text.each(stretch, take)?;
                }
            }
            Self::JsonLines(text) => {
                text.each(take)?;
            }
            Self::Columnar(file) => {
                let all: Vec<usize> = (0..file.header.len()).filter(|at| file.is_readable(*at)).collect();
                let mut own = OwnCells::default();
                for group in file.groups() {
                    let mut line = group.first;
                    file.each(group, &all, &mut |batch| {
                        for row in 0..batch.num_rows() {
                            own.clear();
                            for at in 0..file.header.len() {
                                let array = all.binary_search(&at).ok().and_then(|at| batch.columns().get(at));
                                own.push(&array.and_then(|array| arrays::text(array, row)).unwrap_or_default());
                            }
                            take(Record { line, start: 0, in_text: false, cells: own.cells(), broken: None })?;
                            line += 1;
                        }
                        Ok(())
                    })?;
                }
            }
        }
        Ok(())
    }

    /// The column with a header that `book.yaml` names; that there is none goes to `sink`.
    pub(crate) fn find(&self, header: &Written, sink: &mut Vec<Diagnostic>) -> Option<usize> {
        let (name, place) = header;
        let found = self.header().iter().position(|known| *known == one_line(name));
        if found.is_none() {
            let message = format!("the file has no column `{name}`");
            let finding =
                Diagnostic::error(Code::UnknownName, message, place.clone()).also(self.header_place(), "its header");
            sink.push(match nearest(name, self.header().iter().map(String::as_str)) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => {
                    let all = self.header().iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
                    finding.help(format!("it has: {all}"))
                }
            });
        }
        found
    }
}

/// A text without line breaks and runs of spaces.
pub(crate) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A header as it is called.
pub(crate) fn header_name(at: usize, text: &str) -> String {
    if text.trim().is_empty() { format!("column {}", at + 1) } else { one_line(text) }
}

/// Whether a text, which stands in this column, is this header.
pub(crate) fn is_named(header: &str, at: usize, text: &str) -> bool {
    match (header.as_bytes().first(), text.as_bytes().first()) {
        // Most rows are told from the header by one byte.
        (Some(first), Some(other)) if other.is_ascii_graphic() && first != other => false,
        _ => *header == header_name(at, text),
    }
}
