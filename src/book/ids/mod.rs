//! Rows found by their texts.

mod keyed;
mod numbered;

use std::hash::{Hash, Hasher};

use arrow_array::{Array, StringArray};
use rayon::prelude::*;

use super::texts::{Texts, front};
use keyed::{Front, Key as _, Keyed, Part};
use numbered::Numbered;

/// How many rows or references a thread takes in one go.
const PART: usize = 1 << 16;
/// How many slots follow each other in a stretch.
const STRETCH: usize = 1 << 16;

/// No row.
pub(crate) const NONE: u32 = u32::MAX;

/// The row of a number that may stand for none.
pub(crate) fn some(row: u32) -> Option<u32> {
    (row != NONE).then_some(row)
}

/// Rows by text, of an array that does not change. Of equal texts the first row counts.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    slots: Slots,
    /// Whether no text stands twice.
    pub(crate) differ: bool,
}

#[derive(Clone, Debug)]
enum Slots {
    /// Where ids are numbers.
    Numbered(Numbered),
    /// Where every text is its front.
    Short(Keyed<Front>),
    Long(Keyed<Part>),
}

impl Index {
    /// Of the texts of an array; blanks are left out.
    pub(crate) fn new(texts: Texts<'_>) -> Self {
        let (slots, differ) = if let Some((numbered, differ)) = Numbered::new(texts) {
            (Slots::Numbered(numbered), differ)
        } else if texts.iter().flatten().all(|text| Front::of(text).is_some()) {
            let (slots, differ) = Keyed::new(texts);
            (Slots::Short(slots), differ)
        } else {
            let (slots, differ) = Keyed::new(texts);
            (Slots::Long(slots), differ)
        };
        Self { slots, differ }
    }

    /// The row with a text; `texts` are those it was made of.
    pub(crate) fn find(&self, texts: Texts<'_>, text: &[u8]) -> Option<u32> {
        some(match &self.slots {
            Slots::Numbered(numbered) => numbered.find(text),
            Slots::Short(slots) => slots.find(texts, text),
            Slots::Long(slots) => slots.find(texts, text),
        })
    }

    /// The rows that references mean; [`NONE`] where a reference is blank or no row has the text.
    pub(crate) fn find_all(&self, texts: Texts<'_>, references: &StringArray) -> Vec<u32> {
        let begins: Vec<usize> = (0..references.len()).step_by(PART).collect();
        let found = |begin: &usize| {
            let part = references.slice(*begin, PART.min(references.len() - begin));
            match &self.slots {
                Slots::Numbered(numbered) => {
                    Texts::of(&part).iter().map(|text| text.map_or(NONE, |text| numbered.find(text))).collect()
                }
                Slots::Short(slots) => slots.find_each(texts, Texts::of(&part)),
                Slots::Long(slots) => slots.find_each(texts, Texts::of(&part)),
            }
        };
        begins.par_iter().map(found).collect::<Vec<_>>().concat()
    }
}

/// Whether the keys of so many rows are known to differ; a row may have none. Rarely they do and this is not seen.
pub(crate) fn differ<K: Hash>(rows: u32, key: &(impl Fn(u32) -> Option<K> + Sync)) -> bool {
    let hash = |row| {
        let mut hasher = Mixer::default();
        key(row)?.hash(&mut hasher);
        Some(hasher.finish())
    };
    let stretches = (rows as usize).div_ceil(STRETCH).next_power_of_two();
    let shift = u64::BITS - stretches.trailing_zeros();
    let apart = apart(rows as usize, stretches, |row| {
        hash(row).map(|hash| (hash.checked_shr(shift).unwrap_or(0) as usize, hash))
    });
    (0..stretches).into_par_iter().all(|stretch| {
        let mut hashes: Vec<u64> = apart.iter().filter_map(|apart| apart.get(stretch)).flatten().copied().collect();
        hashes.sort_unstable();
        hashes.is_sorted_by(|a, b| a < b)
    })
}

/// Things of rows told apart by the stretch each belongs to, in the order of the rows, part by part.
fn apart<T: Clone + Send>(
    rows: usize,
    stretches: usize,
    thing: impl Fn(u32) -> Option<(usize, T)> + Sync,
) -> Vec<Vec<Vec<T>>> {
    let begins: Vec<usize> = (0..rows).step_by(PART).collect();
    let part = |begin: &usize| {
        let mut apart: Vec<Vec<T>> = vec![Vec::new(); stretches];
        for row in (0u32..).take(rows).skip(*begin).take(PART) {
            if let Some((stretch, thing)) = thing(row)
                && let Some(of_stretch) = apart.get_mut(stretch)
            {
                of_stretch.push(thing);
            }
        }
        apart
    };
    begins.par_iter().map(part).collect()
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::cast_possible_truncation)]
    use proptest::prelude::*;

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

    proptest! {
        #[test]
        fn numbers_behind_letters_are_found_like_any_text(
            letters in prop_oneof![Just(""), Just("C-"), Just("I7")],
            ids in proptest::collection::vec((0u64..30, 0usize..4), 0..20),
            more in proptest::collection::vec("(C-|I7|)0{0,2}[0-9]{0,2}", 0..20),
            width in prop_oneof![Just(1usize), Just(2), Just(3)],
            is_odd in any::<bool>(),
        ) {
            let id = |(number, odd): &(u64, usize)| match (is_odd, odd) {
                (true, 0) => format!("{letters}{number:0>4}"),
                _ => format!("{letters}{number:0>width$}"),
            };
            let ids: Vec<String> = ids.iter().map(id).collect();
            let rows = |text: &String| ids.iter().position(|id| id == text).map(|row| row as u32);
            let asked: Vec<String> = ids.iter().cloned().chain(more).collect();
            let given: Vec<&str> = ids.iter().map(String::as_str).collect();
            let references: Vec<Option<&str>> = asked.iter().map(|text| Some(text.as_str())).collect();
            prop_assert_eq!(found(&given, &references), asked.iter().map(rows).collect::<Vec<_>>());
            let differ = ids.iter().collect::<std::collections::BTreeSet<_>>().len() == ids.len();
            prop_assert_eq!(Index::new(Texts::of(&StringArray::from(given))).differ, differ);
        }
    }

    #[test]
    fn every_one_of_many_ids_is_found() {
        let many = 240_000u32;
        for behind in ["", "-A", "-of-2026"] {
            let id = |n: u32| format!("N{}{behind}", u64::from(n) * 7919 % u64::from(many));
            let ids: StringArray = (0..many).map(|n| Some(id(n))).collect();
            let texts = Texts::of(&ids);
            let index = Index::new(texts);
            assert!(index.differ && !texts.plainly_differ());
            assert_eq!(matches!(index.slots, Slots::Numbered(_)), behind.is_empty());
            assert!(index.find_all(texts, &ids).into_iter().eq(0..many));
            let twice: StringArray = (0..many).map(|n| Some(id(n % (many / 2)))).collect();
            let texts = Texts::of(&twice);
            let index = Index::new(texts);
            assert!(!index.differ);
            assert!(index.find_all(texts, &twice).into_iter().eq((0..many).map(|n| n % (many / 2))));
        }
    }
}
