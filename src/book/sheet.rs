//! A file as rows under headers, whatever form it has.

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
}

/// A row.
pub(crate) struct Record<'r> {
    /// The line it begins in, from 1.
    pub(crate) line: usize,
    /// Its cells, as the file has them.
    pub(crate) cells: &'r csv::StringRecord,
    /// Why it is no row, where it is none.
    pub(crate) broken: Option<String>,
}

impl Sheet<'_> {
    /// The headers: spaces and line breaks in them are one space, and one without a text is `column 3`.
    pub(crate) fn header(&self) -> &[String] {
        match self {
            Self::Delimited(text) => &text.header,
            Self::JsonLines(text) => &text.header,
        }
    }

    /// Where a header stands.
    pub(crate) fn place(&self, column: usize) -> Place {
        match self {
            Self::Delimited(text) => text.place(column),
            Self::JsonLines(text) => text.header_place(),
        }
    }

    /// The whole header.
    pub(crate) fn header_place(&self) -> Place {
        match self {
            Self::Delimited(text) => text.header_place(),
            Self::JsonLines(text) => text.header_place(),
        }
    }

    /// Hands over every row, and gives the number of lines between them that are empty.
    pub(crate) fn each(&self, take: &mut dyn FnMut(Record<'_>) -> Result<(), TooLarge>) -> Result<usize, TooLarge> {
        match self {
            Self::Delimited(text) => text.each(take),
            Self::JsonLines(text) => text.each(take),
        }
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
