//! The cells of a CSV text, with their bytes.

use std::sync::Arc;

use super::super::tree::{Scalar, Tree, TreeKind};
use super::mangled::mangled;
use crate::diag::{Code, Diagnostic, OffsetMap, Place, Source, SourceText, Span};

/// Whether nothing is written in a cell.
pub(super) fn is_blank(cell: &Tree) -> bool {
    cell.text().is_some_and(|text| text.trim().is_empty())
}

/// Every line as cells; a quoted cell may hold line breaks. `None` when a quote is never closed.
pub(super) fn lines(source: &Arc<Source>, sink: &mut Vec<Diagnostic>) -> Option<Vec<Vec<Tree>>> {
    let mut reader = Reader { source, at: 0, separator: separator(&source.text), sink };
    if source.text.starts_with('\u{FEFF}') {
        reader.at = '\u{FEFF}'.len_utf8();
    }
    let mut lines: Vec<Vec<Tree>> = Vec::new();
    while reader.at < source.text.len() {
        let like_the_last = lines.last().map_or(0, Vec::len);
        lines.push(reader.line(like_the_last)?);
    }
    Some(lines)
}

/// The mark that the first line holds most of, quoted parts left out.
fn separator(text: &str) -> char {
    let mut quoted = false;
    let mut counts = [(',', 0), (';', 0), ('\t', 0)];
    for c in text.trim_start().chars().take_while(|c| !matches!(c, '\n' | '\r')) {
        quoted ^= c == '"';
        if let Some((_, count)) = counts.iter_mut().find(|(mark, _)| *mark == c && !quoted) {
            *count += 1;
        }
    }
    counts.into_iter().rev().max_by_key(|(_, count)| *count).map_or(',', |(mark, _)| mark)
}

struct Reader<'a> {
    source: &'a Arc<Source>,
    at: usize,
    separator: char,
    sink: &'a mut Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.source.text.get(self.at..).unwrap_or("")
    }

    /// The cells of a line; probably so many.
    fn line(&mut self, many: usize) -> Option<Vec<Tree>> {
        let mut cells = Vec::with_capacity(many);
        loop {
            let cell = self.cell()?;
            self.look_for_mangling(&cell);
            cells.push(cell);
            if self.rest().starts_with(self.separator) {
                self.at += 1;
                continue;
            }
            let rest = self.rest();
            self.at += if rest.starts_with("\r\n") { 2 } else { usize::from(!rest.is_empty()) };
            return Some(cells);
        }
    }

    fn cell(&mut self) -> Option<Tree> {
        let rest = self.rest();
        let blank = rest.len() - rest.trim_start_matches(|c| c == ' ' || (c == '\t' && self.separator != '\t')).len();
        self.at += blank;
        if self.rest().starts_with('"') {
            return self.quoted();
        }
        let cell = self.until_the_end();
        let (start, text) = (self.at, cell.trim_end());
        self.at += cell.len();
        Some(self.tree(text.to_owned(), straight(start), Span::new(start, start + text.len()), false))
    }

    /// What is left of the cell.
    fn until_the_end(&self) -> &'a str {
        let rest = self.rest();
        let ends = |byte: &u8| char::from(*byte) == self.separator || matches!(byte, b'\n' | b'\r');
        rest.get(..rest.as_bytes().iter().position(ends).unwrap_or(rest.len())).unwrap_or(rest)
    }

    fn quoted(&mut self) -> Option<Tree> {
        let start = self.at;
        let mut text = String::new();
        let mut table = Vec::new();
        let mut chars = self.rest().char_indices().skip(1).peekable();
        let mut close = None;
        while let Some((at, c)) = chars.next() {
            if c == '"' && chars.next_if(|(_, next)| *next == '"').is_none() {
                close = Some(start + at);
                break;
            }
            table.extend((0..c.len_utf8()).map(|byte| offset(start + at + byte)));
            text.push(c);
        }
        let Some(close) = close else {
            let place = Place::new(self.source, Span::new(start, start + 1));
            let finding = Diagnostic::error(Code::WrongShape, "this `\"` is never closed", place);
            self.sink.push(
                finding
                    .help("write `\"` at the end of the cell as well; a quote inside a cell is written twice: `\"\"`"),
            );
            return None;
        };
        table.push(offset(close));
        self.at = close + 1;
        let is_straight = self.source.text.get(start + 1..close) == Some(text.as_str());
        let map = if is_straight { straight(start + 1) } else { OffsetMap::Table(table.into()) };
        let cell = self.tree(text, map, Span::new(start, close + 1), true);
        self.after_quote();
        Some(cell)
    }

    /// Between a closing quote and the next separator only spaces may stand.
    fn after_quote(&mut self) {
        let after = self.until_the_end();
        if !after.trim().is_empty() {
            let place = Place::new(self.source, Span::new(self.at, self.at + after.trim_end().len()));
            let finding = Diagnostic::error(Code::WrongShape, "the cell goes on after its closing quote", place);
            self.sink
                .push(finding.help("put the whole cell in quotes; a quote inside a cell is written twice: `\"\"`"));
        }
        self.at += after.len();
    }

    fn tree(&self, text: String, map: OffsetMap, span: Span, quoted: bool) -> Tree {
        let text = SourceText { source: Arc::clone(self.source), text, map };
        Tree { kind: TreeKind::Scalar(Scalar { text, quoted, elsewhere: false }), place: Place::new(self.source, span) }
    }

    fn look_for_mangling(&mut self, cell: &Tree) {
        if let Some(what) = cell.text().and_then(mangled) {
            let message = format!("a spreadsheet has probably changed this cell: {what}");
            let finding = Diagnostic::error(Code::BadNumber, message, cell.place.clone());
            self.sink
                .push(finding.help("give the column the format `Text` in the spreadsheet and type the cell again"));
        }
    }
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

fn straight(at: usize) -> OffsetMap {
    OffsetMap::Straight(offset(at))
}
