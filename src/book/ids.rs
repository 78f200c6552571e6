//! Texts side by side, and rows found by theirs.

use std::hash::{Hash, Hasher};

use arrow_array::{Array, StringArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use rayon::prelude::*;

/// How many references a thread looks up in one go.
const PART: usize = 1 << 16;
/// How many slots are read before any is looked at.
const AT_ONCE: usize = 64;

/// No row.
pub(crate) const NONE: u32 = u32::MAX;

/// The row of a number that may stand for none.
pub(crate) fn some(row: u32) -> Option<u32> {
    (row != NONE).then_some(row)
}

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
    fn len(&self) -> usize {
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

/// Whether the front of a text is all there is to say of it.
fn is_short(text: &[u8]) -> bool {
    text.len() <= 8 && text.last() != Some(&0)
}

/// Rows by text, of an array that does not change. Of equal texts the first row counts.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    /// By how much a hash is shifted to be a place among the slots.
    shift: u32,
    slots: Slots,
    /// Whether no text stands twice.
    pub(crate) differ: bool,
}

/// A key and its row; [`NONE`] where a slot is free.
#[derive(Clone, Debug)]
enum Slots {
    /// Every text is its front.
    Short(Vec<(u64, u32)>),
    /// The key is a part of the hash.
    Long(Vec<(u32, u32)>),
}

/// A reference on its way, and the slot where what it means most likely stands.
struct Met<'t> {
    reference: Option<&'t [u8]>,
    hash: u32,
    slot: (u32, u32),
}

impl Index {
    /// Of the texts of an array; blanks are left out.
    pub(crate) fn new(texts: Texts<'_>) -> Self {
        let rows = texts.len();
        let bits = usize::BITS - rows.saturating_mul(2).max(16).saturating_sub(1).leading_zeros();
        let (size, shift) = (1usize << bits, 64 - bits);
        let mut differ = true;
        let slots = if texts.iter().flatten().all(is_short) {
            let mut slots = vec![(0u64, NONE); size];
            for (row, text) in (0u32..).zip(texts.iter()) {
                let Some(key) = text.map(front) else { continue };
                let mut at = (spread(key) >> shift) as usize;
                while let Some(slot) = slots.get_mut(at & (size - 1)) {
                    if slot.1 == NONE {
                        *slot = (key, row);
                        break;
                    }
                    if slot.0 == key {
                        differ = false;
                        break;
                    }
                    at += 1;
                }
            }
            Slots::Short(slots)
        } else {
            let mut slots = vec![(0u32, NONE); size];
            for (row, text) in (0u32..).zip(texts.iter()) {
                let Some(text) = text else { continue };
                let hash = hash(text);
                let mut at = (hash >> shift) as usize;
                while let Some(slot) = slots.get_mut(at & (size - 1)) {
                    if slot.1 == NONE {
                        *slot = (hash as u32, row);
                        break;
                    }
                    if slot.0 == hash as u32 && texts.get(slot.1) == Some(text) {
                        differ = false;
                        break;
                    }
                    at += 1;
                }
            }
            Slots::Long(slots)
        };
        Self { shift, slots, differ }
    }

    /// The row with a text; `texts` are those it was made of.
    pub(crate) fn find(&self, texts: Texts<'_>, text: &[u8]) -> Option<u32> {
        match &self.slots {
            Slots::Short(slots) => {
                if !is_short(text) {
                    return None;
                }
                self.find_short(slots, front(text))
            }
            Slots::Long(slots) => {
                let hash = hash(text);
                let mut at = (hash >> self.shift) as usize;
                loop {
                    match slots.get(at & (slots.len() - 1))? {
                        (_, NONE) => return None,
                        (known, row) if *known == hash as u32 && texts.get(*row) == Some(text) => return Some(*row),
                        _ => at += 1,
                    }
                }
            }
        }
    }

    fn find_short(&self, slots: &[(u64, u32)], key: u64) -> Option<u32> {
        let mut at = (spread(key) >> self.shift) as usize;
        loop {
            match slots.get(at & (slots.len() - 1))? {
                (_, NONE) => return None,
                (known, row) if *known == key => return Some(*row),
                _ => at += 1,
            }
        }
    }

    /// The rows that references mean; [`NONE`] where a reference is blank or no row has the text.
    pub(crate) fn find_all(&self, texts: Texts<'_>, references: &StringArray) -> Vec<u32> {
        let begins: Vec<usize> = (0..references.len()).step_by(PART).collect();
        let found = |begin: &usize| {
            let part = references.slice(*begin, PART.min(references.len() - begin));
            self.find_each(texts, Texts::of(&part))
        };
        begins.par_iter().map(found).collect::<Vec<_>>().concat()
    }

    /// Some references at once: first the slots of all of them are read, then what they hold is compared. So the waits for
    /// the memory run side by side.
    fn find_each(&self, texts: Texts<'_>, references: Texts<'_>) -> Vec<u32> {
        let mut rows = Vec::with_capacity(references.len());
        let mut all = references.iter().peekable();
        match &self.slots {
            Slots::Short(slots) => {
                let slot = |key: u64| slots.get((spread(key) >> self.shift) as usize).copied().unwrap_or((0, NONE));
                let mut met: Vec<(Option<u64>, (u64, u32))> = Vec::with_capacity(AT_ONCE);
                while all.peek().is_some() {
                    met.clear();
                    for reference in all.by_ref().take(AT_ONCE) {
                        let key = reference.filter(|text| is_short(text)).map(front);
                        met.push((key, slot(key.unwrap_or(0))));
                    }
                    rows.extend(met.iter().map(|(key, slot)| match key {
                        None => NONE,
                        Some(key) if slot.1 == NONE || slot.0 == *key => slot.1,
                        Some(key) => self.find_short(slots, *key).unwrap_or(NONE),
                    }));
                }
            }
            Slots::Long(slots) => {
                let slot = |hash: u64| slots.get((hash >> self.shift) as usize).copied().unwrap_or((0, NONE));
                let mut met: Vec<Met<'_>> = Vec::with_capacity(AT_ONCE);
                let (mut before, mut row) = (None, NONE);
                while all.peek().is_some() {
                    met.clear();
                    for reference in all.by_ref().take(AT_ONCE) {
                        let hash = reference.map_or(0, hash);
                        met.push(Met { reference, hash: hash as u32, slot: slot(hash) });
                    }
                    // Where the texts of these rows stand is read before any of them is compared.
                    let known: Vec<Option<&[u8]>> = met.iter().map(|met| texts.get(met.slot.1)).collect();
                    for (Met { reference, hash, slot }, known) in met.iter().zip(known) {
                        if *reference != before {
                            before = *reference;
                            row = match reference {
                                None => NONE,
                                Some(_) if slot.1 == NONE || (slot.0 == *hash && known == *reference) => slot.1,
                                Some(text) => self.find(texts, text).unwrap_or(NONE),
                            };
                        }
                        rows.push(row);
                    }
                }
            }
        }
        rows
    }
}

/// Whether the keys of so many rows are known to differ; a row may have none. Rarely they do and this is not seen.
pub(crate) fn differ<K: Hash>(rows: u32, key: &(impl Fn(u32) -> Option<K> + Sync)) -> bool {
    let hash = |row| {
        let mut hasher = Mixer::default();
        key(row)?.hash(&mut hasher);
        Some(hasher.finish().max(1))
    };
    let hashes: Vec<u64> = (0..rows).into_par_iter().map(|row| hash(row).unwrap_or(0)).collect();
    let size = hashes.len().saturating_mul(2).max(16).next_power_of_two();
    let mut seen = vec![0u64; size];
    for hash in hashes.into_iter().filter(|hash| *hash != 0) {
        let mut at = hash as usize;
        while let Some(slot) = seen.get_mut(at & (size - 1)) {
            if *slot == hash {
                return false;
            }
            if *slot == 0 {
                *slot = hash;
                break;
            }
            at += 1;
        }
    }
    true
}

/// Hashes keys of several parts.
#[derive(Default)]
struct Mixer(u64);

impl Hasher for Mixer {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = spread(self.0.rotate_left(5) ^ hash(bytes));
    }

    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 32
    }
}

/// A hash that is the same on every machine.
pub(crate) fn hash(text: &[u8]) -> u64 {
    let (eights, rest) = text.as_chunks::<8>();
    let mut hash = text.len() as u64;
    for eight in eights {
        hash = spread(hash.rotate_left(5) ^ u64::from_le_bytes(*eight));
    }
    spread(hash.rotate_left(5) ^ front(rest))
}

/// Lets every bit of a number show in the upper ones.
fn spread(number: u64) -> u64 {
    let mixed = (number ^ number >> 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9)
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
    #![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]
    use super::*;

    fn found(ids: &[&str], references: &[Option<&str>]) -> Vec<Option<u32>> {
        let (ids, references) = (StringArray::from_iter_values(ids), references.iter().collect::<StringArray>());
        let texts = Texts::of(&ids);
        Index::new(texts).find_all(texts, &references).into_iter().map(some).collect()
    }

    #[test]
    fn a_reference_means_the_first_row_of_its_text() {
        let long = "a text of more than eight bytes";
        let references = [Some("b"), None, Some("a"), Some("c"), Some(""), Some("a\0"), Some(long)];
        assert_eq!(found(&["a", "b", "a"], &references), [Some(1), None, Some(0), None, None, None, None]);
        assert_eq!(found(&["a", long, long], &references), [None, None, Some(0), None, None, None, Some(1)]);
        assert_eq!(found(&["a\0", "a"], &references), [None, None, Some(1), None, None, Some(0), None]);
        assert_eq!(found(&[], &references), [None; 7]);
    }

    #[test]
    fn every_one_of_many_ids_is_found() {
        let ids: StringArray = (0..5000u32).map(|n| Some(format!("INV-{}", n * 7919 % 5000))).collect();
        let texts = Texts::of(&ids);
        let index = Index::new(texts);
        assert!(index.differ && !texts.plainly_differ());
        assert!(index.find_all(texts, &ids).into_iter().eq(0..5000));
    }

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
