//! Texts side by side.

use arrow_array::{Array, StringArray};
use arrow_buffer::{NullBuffer, NullBufferBuilder, OffsetBuffer};
use rayon::prelude::*;

/// The bytes of the texts of an array; a blank has none.
#[derive(Clone, Copy)]
pub(crate) struct Texts<'a> {
    ends: &'a [i32],
    bytes: &'a [u8],
    nulls: Option<&'a NullBuffer>,
}

impl<'a> Texts<'a> {
    /// The texts of an array.
    pub(crate) fn of(array: &'a StringArray) -> Self {
        Self { ends: array.value_offsets(), bytes: array.value_data(), nulls: array.nulls() }
    }

    /// The text of a row, where there is one.
    pub(crate) fn get(&self, row: u32) -> Option<&'a [u8]> {
        let at = row as usize;
        let (start, end) = (*self.ends.get(at)?, *self.ends.get(at + 1)?);
        if self.nulls.is_some_and(|nulls| nulls.is_null(at)) {
            return None;
        }
        self.bytes.get(start as usize..end as usize)
    }

    /// How many rows.
    pub(crate) fn len(&self) -> usize {
        self.ends.len().saturating_sub(1)
    }

    /// Every row.
    pub(crate) fn iter(self) -> impl Iterator<Item = Option<&'a [u8]>> {
        let ends = self.ends.iter().zip(self.ends.iter().skip(1));
        (0usize..).zip(ends).map(move |(at, (start, end))| match self.nulls.is_some_and(|nulls| nulls.is_null(at)) {
            true => None,
            false => self.bytes.get(*start as usize..*end as usize),
        })
    }

    /// Whether every row has a text, each after the one before.
    pub(crate) fn ascend(self) -> bool {
        self.rise(|before, text| before < text)
    }

    /// Whether every row has a text and no two are equal, as far as their order shows it: each after the one before in
    /// the alphabet, or longer, as numbers are.
    pub(crate) fn plainly_differ(self) -> bool {
        self.ascend() || self.rise(|before, text| (before.len(), before) < (text.len(), text))
    }

    /// With how many bytes all of them begin, as far as eight.
    pub(crate) fn shared_front(self) -> usize {
        let front = |row| front(self.get(row).unwrap_or_default());
        let first = front(0);
        let rows = (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).into_par_iter();
        let differing = rows.map(|row| front(row) ^ first).reduce(|| 0, |a, b| a | b);
        (differing.leading_zeros() / u8::BITS) as usize
    }

    fn rise(self, after: impl Fn(&[u8], &[u8]) -> bool) -> bool {
        let mut before: Option<&[u8]> = None;
        self.iter().all(|text| {
            let rises = text.is_some_and(|text| before.is_none_or(|before| after(before, text)));
            before = text;
            rises
        })
    }
}

/// The first eight bytes of a text as a number that orders as they do.
pub(crate) fn front(text: &[u8]) -> u64 {
    u64::from_be_bytes(match *text {
        [] => [0; 8],
        [a] => [a, 0, 0, 0, 0, 0, 0, 0],
        [a, b] => [a, b, 0, 0, 0, 0, 0, 0],
        [a, b, c] => [a, b, c, 0, 0, 0, 0, 0],
        [a, b, c, d] => [a, b, c, d, 0, 0, 0, 0],
        [a, b, c, d, e] => [a, b, c, d, e, 0, 0, 0],
        [a, b, c, d, e, f] => [a, b, c, d, e, f, 0, 0],
        [a, b, c, d, e, f, g] => [a, b, c, d, e, f, g, 0],
        [a, b, c, d, e, f, g, h, ..] => [a, b, c, d, e, f, g, h],
    })
}

/// The text of a row of an array, where there is one.
pub(crate) fn text(of: &StringArray, row: u32) -> Option<&str> {
    let at = row as usize;
    (at < of.len() && of.is_valid(at)).then(|| of.value(at))
}

/// The texts of rows; blank where there is no such row.
pub(crate) fn take_texts(of: &StringArray, rows: &[u32]) -> StringArray {
    if rows.len() == of.len() && (0u32..).zip(rows).all(|(at, row)| at == *row) {
        return of.clone();
    }
    let texts = Texts::of(of);
    let share = of.value_data().len() / of.len().max(1) * rows.len();
    let mut taken = Collected::with_room(rows.len(), share + share / 8);
    let mut given = NullBufferBuilder::new(rows.len());
    for text in rows.iter().map(|row| texts.get(*row)) {
        given.append(text.is_some());
        taken.push(text.unwrap_or_default());
    }
    taken.finish(given.finish())
}

/// Texts while they are collected.
pub(crate) struct Collected {
    bytes: Vec<u8>,
    /// Where each ends, behind where the first begins.
    ends: Vec<i32>,
}

impl Default for Collected {
    fn default() -> Self {
        Self::with_room(0, 0)
    }
}

impl Collected {
    /// None yet; so many will not need more memory.
    pub(crate) fn with_room(rows: usize, bytes: usize) -> Self {
        let mut ends = Vec::with_capacity(rows + 1);
        ends.push(0);
        Self { bytes: Vec::with_capacity(bytes), ends }
    }

    /// Adds a text, an empty one for a blank; false where one array cannot hold so much.
    pub(crate) fn push(&mut self, text: &[u8]) -> bool {
        self.push_with(|bytes| bytes.extend_from_slice(text))
    }

    /// The same of a text that is written behind those before it.
    pub(crate) fn push_with(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> bool {
        let before = self.bytes.len();
        write(&mut self.bytes);
        let Ok(end) = i32::try_from(self.bytes.len()) else {
            self.bytes.truncate(before);
            return false;
        };
        self.ends.push(end);
        true
    }

    /// Whether one array can hold so many bytes more.
    pub(crate) fn has_room(&self, more: usize) -> bool {
        i32::try_from(self.bytes.len() + more).is_ok()
    }

    /// Adds the texts of an array; false where one array cannot hold so much.
    pub(crate) fn append(&mut self, texts: &StringArray) -> bool {
        let (ends, before) = (texts.value_offsets(), self.bytes.len());
        let (Some(first), Some(last)) = (ends.first(), ends.last()) else { return true };
        let more = texts.value_data().get(*first as usize..*last as usize).unwrap_or_default();
        let (Ok(shift), true) = (i32::try_from(before), self.has_room(more.len())) else { return false };
        self.bytes.extend_from_slice(more);
        self.ends.extend(ends.iter().skip(1).map(|end| end - first + shift));
        true
    }

    /// An array of them; `nulls` are the blanks.
    pub(crate) fn finish(self, nulls: Option<NullBuffer>) -> StringArray {
        let rows = self.ends.len() - 1;
        let array = StringArray::try_new(OffsetBuffer::new(self.ends.into()), self.bytes.into(), nulls);
        array.unwrap_or_else(|_| StringArray::new_null(rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fronts_order_as_their_texts() {
        let texts = ["", "1", "10", "2", "A", "a", "abcdefg", "abcdefgh"];
        assert!(texts.iter().map(|text| front(text.as_bytes())).is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn numbers_that_count_up_differ_plainly() {
        let differ = |texts: &[&str]| Texts::of(&StringArray::from_iter_values(texts)).plainly_differ();
        assert!(differ(&["8", "9", "10", "11"]));
        assert!(differ(&["10", "11", "8", "9"]));
        assert!(!differ(&["8", "8"]));
        assert!(!differ(&["8", "10", "9"]));
    }
}
