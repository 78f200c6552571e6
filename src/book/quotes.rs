//! Where a CSV text may be cut: behind line breaks that do not stand in quotes.

use std::iter::Peekable;

use memchr::{memchr, memchr_iter};

/// Finds the ends of lines one after another.
pub(crate) struct Lines<'t, I: Iterator<Item = (usize, usize)>> {
    bytes: &'t [u8],
    quoted: Peekable<I>,
}

/// The ends of lines of a text whose rows begin at a place.
pub(crate) fn lines(bytes: &[u8], begin: usize, delimiter: u8) -> Lines<'_, impl Iterator<Item = (usize, usize)>> {
    Lines { bytes, quoted: quoted(bytes, begin, delimiter).peekable() }
}

impl<I: Iterator<Item = (usize, usize)>> Lines<'_, I> {
    /// Where the next line begins, from a place on, which does not come before the line given last.
    pub(crate) fn next_from(&mut self, at: usize) -> usize {
        let mut end = self.break_from(at);
        while let Some((_, close)) = self.quoted.next_if(|(open, _)| *open < end) {
            if close >= end {
                end = self.break_from(close);
            }
        }
        end
    }

    fn break_from(&self, at: usize) -> usize {
        let rest = self.bytes.get(at..).unwrap_or(&[]);
        memchr(b'\n', rest).map_or(self.bytes.len(), |found| at + found + 1)
    }
}

/// The cells in quotes: where each opens, and where what follows it begins.
fn quoted(bytes: &[u8], begin: usize, delimiter: u8) -> impl Iterator<Item = (usize, usize)> {
    let mut quotes = memchr_iter(b'"', bytes.get(begin..).unwrap_or(&[])).map(move |at| begin + at);
    std::iter::from_fn(move || {
        let before = |at: usize| at.checked_sub(1).and_then(|before| bytes.get(before));
        // A quote within a cell is a letter of it.
        let opens = |at: &usize| {
            *at == begin || before(*at).is_some_and(|byte| *byte == delimiter || matches!(byte, b'\n' | b'\r'))
        };
        let open = quotes.find(opens)?;
        while let Some(at) = quotes.next() {
            if bytes.get(at + 1) != Some(&b'"') {
                return Some((open, at + 1));
            }
            quotes.next();
        }
        Some((open, bytes.len()))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::book::cut::{Cutter, Row};

    fn rows(text: &str, from: usize) -> Vec<(Row, Vec<String>)> {
        let mut cutter = Cutter::new(text, b',', from, 1);
        let mut rows = Vec::new();
        while let Some(row) = cutter.next() {
            let cells = cutter.cells(&row).iter().map(str::to_owned).collect();
            rows.push((Row { line: 0, ..row }, cells));
        }
        rows
    }

    proptest! {
        #[test]
        fn rows_are_the_same_wherever_a_text_is_cut(text in "([a,\"\n]|\r\n|,\"|\",|\"\n){0,40}") {
            let all = rows(&text, 0);
            let (mut one_by_one, mut last) = (lines(text.as_bytes(), 0, b','), 0);
            for at in 0..=text.len() {
                let cut = lines(text.as_bytes(), 0, b',').next_from(at);
                if at >= last {
                    last = one_by_one.next_from(at);
                    prop_assert_eq!(last, cut);
                }
                let before = rows(text.get(..cut).unwrap_or(&text), 0);
                prop_assert_eq!([before, rows(&text, cut)].concat(), all.clone(), "{:?} at {}", text, cut);
            }
        }
    }
}
