//! Texts side by side.

use arrow_array::{Array, StringArray};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use rayon::prelude::*;

use super::threads::shares;

/// How many rows a thread looks at in one go.
const PART: usize = 1 << 14;
/// About how many bytes an id has.
const USUAL: usize = 8;

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

    /// What [`front`] says of the text of a row without its first bytes; 0 where there is none.
    pub(crate) fn front(&self, row: u32, without: usize) -> u64 {
        let text = self.get(row).and_then(|text| text.get(without..)).unwrap_or_default();
        // Eight bytes at once are fewer steps than so many as there are.
        let ahead = self.ends.get(row as usize).and_then(|start| self.bytes.get(*start as usize + without..));
        match ahead.and_then(<[u8]>::first_chunk) {
            Some(eight) if text.len() < 8 => u64::from_be_bytes(*eight) & !(u64::MAX >> (8 * text.len())),
            _ => front(text),
        }
    }

    /// The sixteen bytes that begin where the text of a row does, where there are so many.
    fn ahead(&self, row: u32) -> Option<&'a [u8; 16]> {
        self.bytes.get(*self.ends.get(row as usize)? as usize..)?.first_chunk()
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
        let front = |row| self.front(row, 0);
        let first = front(0);
        let rows = (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).into_par_iter();
        let differing = rows.map(|row| front(row) ^ first).reduce(|| 0, |a, b| a | b);
        (differing.leading_zeros() / u8::BITS) as usize
    }

    fn rise(self, after: impl Fn(&[u8], &[u8]) -> bool + Sync) -> bool {
        let follows = |row: u32, text| row.checked_sub(1).is_none_or(|at| self.get(at).is_some_and(|b| after(b, text)));
        let rows = (0..u32::try_from(self.len()).unwrap_or(u32::MAX)).into_par_iter().with_min_len(PART);
        rows.all(|row| self.get(row).is_some_and(|text| follows(row, text)))
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
    let usual = of.value_data().len() / of.len().max(1);
    let part = |rows: &[u32]| {
        let mut taken = Collected::with_room(rows.len(), rows.len() * (usual + 1));
        for row in rows {
            let text = texts.get(*row).unwrap_or_default();
            match texts.ahead(*row) {
                Some(sixteen) if text.len() <= sixteen.len() => taken.push_front(sixteen, text.len()),
                _ => taken.push(text),
            };
        }
        taken
    };
    let share = rows.len().div_ceil(shares()).max(PART);
    let mut parts = rows.par_chunks(share).map(part).collect::<Vec<_>>().into_iter();
    let mut taken = parts.next().unwrap_or_default();
    taken.make_room(rows.len() - taken.len(), parts.as_slice().iter().map(|part| part.bytes.len()).sum());
    for part in parts {
        taken.extend(&part.ends, &part.bytes);
    }
    taken.finish(taken_nulls(of, rows))
}

/// Which of these rows of an array have a value; `None` where all have one.
pub(crate) fn taken_nulls(array: &dyn Array, rows: &[u32]) -> Option<NullBuffer> {
    let len = array.len();
    if array.nulls().is_none() && rows.iter().all(|row| (*row as usize) < len) {
        return None;
    }
    let valid: BooleanBuffer = rows.iter().map(|row| (*row as usize) < len && array.is_valid(*row as usize)).collect();
    Some(NullBuffer::new(valid)).filter(|nulls| nulls.null_count() > 0)
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

    /// Makes room for so many texts more, those of ids.
    pub(crate) fn reserve(&mut self, rows: usize) {
        self.make_room(rows, rows * USUAL);
    }

    fn make_room(&mut self, rows: usize, bytes: usize) {
        self.ends.reserve(rows);
        self.bytes.reserve(bytes);
    }

    fn len(&self) -> usize {
        self.ends.len() - 1
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

    /// The same of the first of sixteen bytes: to copy all and drop the rest is fewer steps.
    fn push_front(&mut self, sixteen: &[u8; 16], length: usize) -> bool {
        self.push_with(|bytes| {
            let end = bytes.len() + length;
            bytes.extend_from_slice(sixteen);
            bytes.truncate(end);
        })
    }

    /// Whether one array can hold so many bytes more.
    pub(crate) fn has_room(&self, more: usize) -> bool {
        i32::try_from(self.bytes.len() + more).is_ok()
    }

    /// Adds the texts of an array; false where one array cannot hold so much.
    pub(crate) fn append(&mut self, texts: &StringArray) -> bool {
        let ends = texts.value_offsets();
        let (Some(first), Some(last)) = (ends.first(), ends.last()) else { return true };
        let more = texts.value_data().get(*first as usize..*last as usize).unwrap_or_default();
        self.has_room(more.len()) && self.extend(ends, more)
    }

    /// Adds texts that lie side by side, the first from the first of these ends on.
    fn extend(&mut self, ends: &[i32], texts: &[u8]) -> bool {
        let (Ok(shift), Some(first)) = (i32::try_from(self.bytes.len()), ends.first()) else { return false };
        self.bytes.extend_from_slice(texts);
        self.ends.extend(ends.iter().skip(1).map(|end| end - first + shift));
        true
    }

    /// An array of them; `nulls` are the blanks.
    pub(crate) fn finish(self, nulls: Option<NullBuffer>) -> StringArray {
        let rows = self.len();
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
    fn the_front_of_a_row_is_that_of_its_text() {
        let all = ["1", "", "12345678", "abcdefgh-long", "a\0", "zz"];
        let (array, blank) = (StringArray::from_iter_values(all), StringArray::from(vec![None, Some("ab")]));
        let texts = Texts::of(&array);
        for (row, text) in (0u32..).zip(all) {
            for without in 0..3 {
                let rest = text.as_bytes().get(without..).unwrap_or_default();
                assert_eq!(texts.front(row, without), front(rest), "{text} without {without}");
            }
        }
        assert_eq!((Texts::of(&blank).front(0, 0), Texts::of(&blank).front(2, 0)), (0, 0));
    }

    #[test]
    fn texts_taken_are_those_of_the_rows() {
        let of = ["1", "", "seventeen letters", "sixteen letters!", "22", "last"];
        let array: StringArray = of.iter().map(|text| (!text.is_empty()).then_some(*text)).collect();
        let rows = [5, 4, 3, 2, 1, 0, 9, 3];
        let taken = take_texts(&array, &rows);
        let expected = rows.iter().map(|row| of.get(*row as usize).filter(|text| !text.is_empty()).copied());
        assert!(taken.iter().eq(expected));
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
