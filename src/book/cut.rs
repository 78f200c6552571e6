//! Cuts a CSV text into rows and cells, without copying any.

use memchr::{memchr, memchr_iter};

use super::sheet::{Bound, Cells};

/// Cuts row after row.
pub(crate) struct Cutter<'t> {
    text: &'t str,
    delimiter: u8,
    marks: Marks<'t>,
    /// Where the row ended that was cut last, its line break included.
    at: usize,
    /// The line that begins there, from 1.
    line: usize,
    /// The cells of the row.
    bounds: Vec<Bound>,
    /// The cells of a row that has a quote within quotes: they do not stand in the text as they are.
    spelt: String,
}

/// A row that was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    /// Where it begins.
    pub(crate) start: usize,
    /// The line it begins in, from 1.
    pub(crate) line: usize,
    /// Whether its cells stand in the text as they are.
    pub(crate) in_text: bool,
    /// Whether a quote opens in it and is never closed.
    pub(crate) unclosed: bool,
}

impl<'t> Cutter<'t> {
    /// Cuts a text from a place on, which is the beginning of this line.
    pub(crate) fn new(text: &'t str, delimiter: u8, at: usize, line: usize) -> Self {
        let mut marks = Marks::new(text.as_bytes(), delimiter);
        marks.seek(at);
        Self { text, delimiter, marks, at, line, bounds: Vec::new(), spelt: String::new() }
    }

    /// Where the row ended that was cut last.
    pub(crate) fn end(&self) -> usize {
        self.at
    }

    /// The line that begins there, from 1.
    pub(crate) fn line(&self) -> usize {
        self.line
    }

    /// The cells of the row that was cut last.
    pub(crate) fn cells(&self, row: &Row) -> Cells<'_> {
        Cells { text: if row.in_text { self.text } else { &self.spelt }, bounds: &self.bounds }
    }

    /// Cuts the next row; lines without a character are none.
    pub(crate) fn next(&mut self) -> Option<Row> {
        self.skip_breaks();
        if self.at >= self.text.len() {
            return None;
        }
        self.bounds.clear();
        let (start, line, mut unclosed) = (self.at, self.line, false);
        let mut cell = start;
        // Where a cell in quotes stands, once its end was found.
        let mut quoted: Option<(usize, usize)> = None;
        loop {
            let mark = match quoted {
                None => self.plain_cells(&mut cell),
                Some(_) => self.marks.next(),
            };
            let Some((at, byte)) = mark else {
                let (from, to) = quoted.unwrap_or((cell, self.text.len()));
                self.bounds.push(Bound::new(from, to));
                self.at = self.text.len();
                break;
            };
            if byte == self.delimiter {
                let (from, to) = quoted.take().unwrap_or((cell, at));
                self.bounds.push(Bound::new(from, to));
                cell = at + 1;
            } else if byte == b'\n' || byte == b'\r' {
                let (from, to) = quoted.unwrap_or((cell, at));
                self.bounds.push(Bound::new(from, to));
                self.at = at + 1;
                if byte == b'\r' && self.byte(self.at) == Some(b'\n') {
                    self.marks.next();
                    self.at += 1;
                }
                self.line += 1;
                break;
            } else if byte == b'"' && at == cell {
                let Some(end) = self.closing() else {
                    unclosed = true;
                    quoted = Some((at + 1, self.text.len()));
                    continue;
                };
                let after = self.byte(end + 1);
                if after.is_some_and(|byte| byte != self.delimiter && byte != b'\n' && byte != b'\r') {
                    self.line = line;
                    let unclosed = self.spell(start);
                    return Some(Row { start, line, in_text: false, unclosed });
                }
                quoted = Some((at + 1, end));
            }
        }
        Some(Row { start, line, in_text: true, unclosed })
    }

    /// Takes the cells up to the first mark that does not only end one, and gives that mark; `cell` is where one begins.
    fn plain_cells(&mut self, cell: &mut usize) -> Option<(usize, u8)> {
        loop {
            let (at, byte) = self.marks.next()?;
            if byte != self.delimiter {
                return Some((at, byte));
            }
            self.bounds.push(Bound::new(*cell, at));
            *cell = at + 1;
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.as_bytes().get(at).copied()
    }

    fn skip_breaks(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or(&[]);
        let length = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        if length > 0 {
            self.line += breaks(rest.get(..length).unwrap_or(&[]));
            self.at += length;
            self.marks.seek(self.at);
        }
    }

    /// The next quote; `None` where there is none any more. Counts the lines up to it.
    fn closing(&mut self) -> Option<usize> {
        while let Some((at, byte)) = self.marks.next() {
            match byte {
                b'"' => return Some(at),
                b'\n' => self.line += 1,
                b'\r' if self.byte(at + 1) != Some(b'\n') => self.line += 1,
                _ => {}
            }
        }
        None
    }

    /// Cuts a row byte by byte, spelling its cells; gives whether a quote is never closed.
    fn spell(&mut self, start: usize) -> bool {
        #[derive(Clone, Copy, PartialEq)]
        enum State {
            Fresh,
            Plain,
            Quoted,
            /// Behind a quote that closes, unless another follows.
            Closed,
        }
        self.bounds.clear();
        self.spelt.clear();
        let bytes = self.text.as_bytes();
        let (mut state, mut from, mut cell) = (State::Fresh, start, 0);
        let mut end = None;
        for (at, byte) in bytes.iter().enumerate().skip(start) {
            match (state, *byte) {
                (State::Fresh, b'"') => (state, from) = (State::Quoted, at + 1),
                (State::Quoted, b'"') => {
                    self.spelt.push_str(self.text.get(from..at).unwrap_or(""));
                    (state, from) = (State::Closed, at + 1);
                }
                (State::Quoted, b'\n') => self.line += 1,
                (State::Quoted, b'\r') if bytes.get(at + 1) != Some(&b'\n') => self.line += 1,
                (State::Quoted, _) => {}
                // Of two quotes the second stands for itself.
                (State::Closed, b'"') => (state, from) = (State::Quoted, at),
                (_, byte) if byte == self.delimiter || byte == b'\n' || byte == b'\r' => {
                    self.spelt.push_str(self.text.get(from..at).unwrap_or(""));
                    self.bounds.push(Bound::new(cell, self.spelt.len()));
                    (state, from, cell) = (State::Fresh, at + 1, self.spelt.len());
                    if byte != self.delimiter {
                        self.line += 1;
                        let two = byte == b'\r' && bytes.get(at + 1) == Some(&b'\n');
                        end = Some(at + 1 + usize::from(two));
                        break;
                    }
                }
                (State::Fresh | State::Closed | State::Plain, _) => state = State::Plain,
            }
        }
        if end.is_none() {
            self.spelt.push_str(self.text.get(from..).unwrap_or(""));
            self.bounds.push(Bound::new(cell, self.spelt.len()));
        }
        self.at = end.unwrap_or(bytes.len());
        self.marks.seek(self.at);
        end.is_none() && state == State::Quoted
    }
}

/// How many lines end in these bytes: with a line feed, a carriage return or both.
pub(crate) fn breaks(bytes: &[u8]) -> usize {
    let feeds = memchr_iter(b'\n', bytes).count();
    if memchr(b'\r', bytes).is_none() {
        return feeds;
    }
    let lone = |pair: &&[u8]| matches!(pair, [b'\r', other] if *other != b'\n');
    feeds + bytes.windows(2).filter(lone).count() + usize::from(bytes.last() == Some(&b'\r'))
}

/// Finds the bytes that may end a cell, sixty-four bytes at a time.
struct Marks<'t> {
    bytes: &'t [u8],
    blocks: &'t [[u8; BLOCK]],
    /// The last bytes, and behind them some that are no marks.
    last: [u8; BLOCK],
    /// The delimiter in every byte, where it is none of the low ones.
    delimiter: Option<u64>,
    /// The block that was looked at last.
    block: usize,
    /// A bit for each byte of that block that is a mark and was not given yet.
    found: u64,
}

const BLOCK: usize = 64;
const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;
/// Line breaks, quote and comma lie below the digits; so do a few others, which are no marks and stand in few cells.
const LOW: u8 = b',' + 1;

impl<'t> Marks<'t> {
    fn new(bytes: &'t [u8], delimiter: u8) -> Self {
        let delimiter = (delimiter >= LOW).then(|| ONES.wrapping_mul(u64::from(delimiter)));
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        let mut last = [u8::MAX; BLOCK];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        Self { bytes, blocks, last, delimiter, block: 0, found: 0 }
    }

    /// Goes on from a place.
    fn seek(&mut self, at: usize) {
        self.block = at / BLOCK;
        self.found = self.marks() & (u64::MAX << (at % BLOCK));
    }

    /// The next byte that may be a mark.
    #[inline]
    fn next(&mut self) -> Option<(usize, u8)> {
        while self.found == 0 {
            self.block += 1;
            // The last block holds what is less than a whole one.
            if self.block > self.blocks.len() {
                return None;
            }
            self.found = self.marks();
        }
        let at = self.block * BLOCK + self.found.trailing_zeros() as usize;
        self.found &= self.found.wrapping_sub(1);
        Some((at, *self.bytes.get(at)?))
    }

    /// The marks of the block, eight bytes at a time.
    fn marks(&self) -> u64 {
        let (words, _) = self.blocks.get(self.block).unwrap_or(&self.last).as_chunks::<8>();
        let mut marks = 0;
        for word in words.iter().rev() {
            let word = u64::from_le_bytes(*word);
            let not_low = (word | HIGHS).wrapping_sub(ONES.wrapping_mul(u64::from(LOW)));
            let mut found = !not_low & !word & HIGHS;
            if let Some(delimiter) = self.delimiter {
                let other = word ^ delimiter;
                found |= !(((other & !HIGHS).wrapping_add(!HIGHS)) | other) & HIGHS;
            }
            // The highest bits of the eight bytes, side by side.
            marks = (marks << 8) | ((found >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56);
        }
        marks
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice)]
    use proptest::prelude::*;

    use super::*;

    /// Rows with the lines they begin in, as the crate `csv` reads them.
    fn expected(text: &str, delimiter: u8) -> Vec<(usize, Vec<String>)> {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        let mut rows = Vec::new();
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).unwrap() {
            let at = usize::try_from(record.position().unwrap().byte()).unwrap();
            let start = at + text[at..].bytes().take_while(|b| matches!(b, b'\r' | b'\n')).count();
            rows.push((1 + breaks(&text.as_bytes()[..start]), record.iter().map(str::to_owned).collect()));
        }
        rows
    }

    fn cut(text: &str, delimiter: u8) -> Vec<(usize, Vec<String>)> {
        let mut cutter = Cutter::new(text, delimiter, 0, 1);
        let mut rows = Vec::new();
        while let Some(row) = cutter.next() {
            rows.push((row.line, cutter.cells(&row).iter().map(str::to_owned).collect()));
        }
        assert_eq!(cutter.end(), text.len());
        rows
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn rows_are_cut_as_csv_is_read(text in "([ab,;\"\n\r\t é#]|[0-9]{1,9}|\r\n|\",\"|\"\"){0,40}") {
            for delimiter in [b',', b';', b'\t', b'|'] {
                prop_assert_eq!(cut(&text, delimiter), expected(&text, delimiter));
            }
        }
    }

    #[test]
    fn a_quote_that_is_never_closed_is_told() {
        for (text, unclosed) in [("a,\"b\nc", true), ("a,\"b\"\"", true), ("a,\"b\"", false), ("a,b\"", false)] {
            assert_eq!(Cutter::new(text, b',', 0, 1).next().map(|row| row.unclosed), Some(unclosed), "{text}");
        }
    }
}
