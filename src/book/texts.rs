//! Texts side by side.

use arrow_array::{Array, StringArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};

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

    /// With how many bytes all of them begin.
    pub(crate) fn shared_front(self) -> usize {
        let mut texts = self.iter().flatten();
        let Some(first) = texts.next() else { return 0 };
        texts.fold(first.len(), |shared, text| {
            let front = first.get(..shared).unwrap_or_default();
            if text.starts_with(front) { shared } else { front.iter().zip(text).take_while(|(a, b)| a == b).count() }
        })
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
    let (mut bytes, mut ends) = (Vec::with_capacity(share + share / 8), Vec::with_capacity(rows.len() + 1));
    ends.push(0i32);
    let mut blanks: Vec<usize> = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        match texts.get(*row) {
            Some(text) => bytes.extend_from_slice(text),
            None => blanks.push(at),
        }
        ends.push(i32::try_from(bytes.len()).unwrap_or(i32::MAX));
    }
    let nulls = (!blanks.is_empty()).then(|| {
        let mut given = vec![true; rows.len()];
        for at in blanks {
            if let Some(slot) = given.get_mut(at) {
                *slot = false;
            }
        }
        NullBuffer::from(given)
    });
    let taken = StringArray::try_new(OffsetBuffer::new(ends.into()), bytes.into(), nulls);
    taken.unwrap_or_else(|_| StringArray::new_null(rows.len()))
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
