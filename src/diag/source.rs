//! A source text and places in it.

use std::sync::Arc;

/// A half-open range of bytes in a source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// From byte offsets; offsets past 4 GiB saturate (no policy file is that large: the reader refuses it first).
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { start: clamp(start), end: clamp(end) }
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn to(self, other: Span) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A file as it was read. Its name is relative to the policy or book folder, with `/` between parts, so that
/// output does not depend on where the folder lies.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// The name shown to people.
    pub name: String,
    /// The whole text, decoded.
    pub text: String,
}

impl Source {
    /// A source ready to be shared by the places that point into it.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Arc<Self> {
        Arc::new(Self { name: name.into(), text: text.into() })
    }
}

/// A span together with the file it lies in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub source: Arc<Source>,
    /// The bytes.
    pub span: Span,
}

impl Place {
    /// A place in a file.
    pub fn new(source: &Arc<Source>, span: Span) -> Self {
        Self { source: Arc::clone(source), span }
    }

    /// Line and column, both from 1, the column in characters.
    pub fn line_column(&self) -> (usize, usize) {
        let end = (self.span.start as usize).min(self.source.text.len());
        let before = self.source.text.get(..end).unwrap_or("");
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }

    /// The text it covers.
    pub fn text(&self) -> &str {
        self.source.text.get(self.span.start as usize..self.span.end as usize).unwrap_or("")
    }
}

impl std::fmt::Display for Place {
    /// `file:line:column`
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (line, column) = self.line_column();
        write!(f, "{}:{line}:{column}", self.source.name)
    }
}

/// From byte offsets in a decoded text (quotes, escapes and folds undone) to byte offsets in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OffsetMap {
    /// The text stands in the file as it is, beginning at this byte.
    Straight(u32),
    /// For each byte of the decoded text, and one past its end, the byte in the file.
    Table(Arc<[u32]>),
    /// Every byte of the text stands for this one byte: a text that nobody wrote.
    Point(u32),
}

/// A piece of text taken from a file, with the way back to it: an expression, a cell, a reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    /// The file.
    pub source: Arc<Source>,
    /// The decoded text.
    pub text: String,
    /// Where each byte of `text` stands in the file.
    pub map: OffsetMap,
}

impl SourceText {
    /// A text that is a whole file.
    pub fn whole(source: &Arc<Source>) -> Self {
        Self { source: Arc::clone(source), text: source.text.clone(), map: OffsetMap::Straight(0) }
    }

    /// The span in the file of bytes `start..end` of the decoded text.
    pub fn span(&self, start: usize, end: usize) -> Span {
        match &self.map {
            OffsetMap::Straight(base) => Span::new(start + *base as usize, end + *base as usize),
            OffsetMap::Point(at) => Span { start: *at, end: *at },
            OffsetMap::Table(table) => {
                let at = |i: usize| table.get(i).or_else(|| table.last()).copied().unwrap_or(0);
                let first = at(start);
                let last = if end > start { at(end) } else { first };
                Span { start: first, end: last.max(first) }
            }
        }
    }

    /// The place in the file of bytes `start..end` of the decoded text.
    pub fn place(&self, start: usize, end: usize) -> Place {
        Place::new(&self.source, self.span(start, end))
    }
}
