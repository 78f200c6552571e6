//! Rows found by their texts.

mod numbered;

use std::hash::{Hash, Hasher};

use arrow_array::{Array, StringArray};
use rayon::prelude::*;

use super::texts::{Texts, front};
use numbered::Numbered;

/// How many rows or references a thread takes in one go.
const PART: usize = 1 << 16;
/// How many slots follow each other in a stretch.
const STRETCH: usize = 1 << 16;
/// How many slots are read before any is looked at.
const AT_ONCE: usize = 64;

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
    Numbered(Numbered),
    /// Where every text is its front.
    Short(Keyed<Front>),
    Long(Keyed<Part>),
}

/// What of a text stands in a slot.
trait Key: Copy + Default + PartialEq + Send + Sync {
    /// Whether texts of one key are equal.
    const IS_ALL: bool;

    /// The key of a text and its hash; `None` where no text with such a key stands in a slot.
    fn of(text: &[u8]) -> Option<(Self, u64)>;
}

/// A text of at most eight bytes, whole.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Front(u64);

impl Key for Front {
    const IS_ALL: bool = true;

    fn of(text: &[u8]) -> Option<(Self, u64)> {
        let is_whole = text.len() <= 8 && text.last() != Some(&0);
        is_whole.then(|| front(text)).map(|front| (Self(front), spread(front)))
    }
}

/// The lower half of a hash.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Part(u32);

impl Key for Part {
    const IS_ALL: bool = false;

    fn of(text: &[u8]) -> Option<(Self, u64)> {
        let hash = hash(text);
        Some((Self(hash as u32), hash))
    }
}

/// Keys with their rows, each at the place its hash names or the next that was free; a free one has [`NONE`].
#[derive(Clone, Debug)]
struct Keyed<K> {
    /// By how much a hash is shifted to be a place among the slots.
    shift: u32,
    /// A power of two, at least twice as many as there are rows.
    slots: Vec<(K, u32)>,
}

/// A row on its way to a slot.
#[derive(Clone, Copy)]
struct Entry<K> {
    key: K,
    /// The place its hash names.
    at: usize,
    row: u32,
}

/// Puts a row into the first of the slots that is free: true, or false where its text stands in one before. `None` where
/// no slot is free.
fn put<'s, K: Key + 's>(
    mut slots: impl Iterator<Item = &'s mut (K, u32)>,
    entry: &Entry<K>,
    texts: Texts<'_>,
) -> Option<bool> {
    let is_last = |slot: &&mut (K, u32)| {
        slot.1 == NONE || slot.0 == entry.key && (K::IS_ALL || texts.get(slot.1) == texts.get(entry.row))
    };
    let slot = slots.find(is_last)?;
    let is_new = slot.1 == NONE;
    if is_new {
        *slot = (entry.key, entry.row);
    }
    Some(is_new)
}

/// A reference on its way.
enum Met<'t, K> {
    /// As the one before: those that stand together often mean the same.
    Same,
    /// Blank, or no text that may stand in a slot.
    Nothing,
    Text {
        text: &'t [u8],
        key: K,
        hash: u64,
        /// What its hash names.
        first: (K, u32),
        /// The text of that row.
        stands: Option<&'t [u8]>,
    },
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

impl<K: Key> Keyed<K> {
    /// Of texts that all have a key, and whether no text stands twice.
    fn new(texts: Texts<'_>) -> (Self, bool) {
        let size = texts.len().saturating_mul(2).max(16).next_power_of_two();
        let mut keyed = Self { shift: u64::BITS - size.trailing_zeros(), slots: vec![(K::default(), NONE); size] };
        // A stretch of slots is small enough for a cache.
        let entry = |row| {
            let (key, hash) = K::of(texts.get(row)?)?;
            let at = keyed.place(hash);
            Some((at / STRETCH, Entry { key, at: at % STRETCH, row }))
        };
        let apart = apart(texts.len(), size.div_ceil(STRETCH), entry);
        let fill = |(stretch, slots): (usize, &mut [(K, u32)])| {
            let (mut differ, mut beyond) = (true, Vec::new());
            for entry in apart.iter().filter_map(|apart| apart.get(stretch)).flatten() {
                match put(slots.iter_mut().skip(entry.at), entry, texts) {
                    Some(is_new) => differ &= is_new,
                    None => beyond.push(Entry { at: stretch * STRETCH + entry.at, ..*entry }),
                }
            }
            (differ, beyond)
        };
        let filled: Vec<_> = keyed.slots.par_chunks_mut(STRETCH).enumerate().map(fill).collect();
        let mut differ = filled.iter().all(|(differ, _)| *differ);
        for entry in filled.iter().flat_map(|(_, beyond)| beyond) {
            let (before, slots) = keyed.slots.split_at_mut(entry.at);
            differ &= put(slots.iter_mut().chain(before), entry, texts).unwrap_or(true);
        }
        (keyed, differ)
    }

    fn place(&self, hash: u64) -> usize {
        (hash >> self.shift) as usize
    }

    fn find(&self, texts: Texts<'_>, text: &[u8]) -> u32 {
        K::of(text).map_or(NONE, |(key, hash)| self.find_key(texts, text, key, hash))
    }

    fn find_key(&self, texts: Texts<'_>, text: &[u8], key: K, hash: u64) -> u32 {
        let mut at = self.place(hash);
        loop {
            match self.slots.get(at & (self.slots.len() - 1)) {
                None | Some((_, NONE)) => return NONE,
                Some((known, row)) if *known == key && (K::IS_ALL || texts.get(*row) == Some(text)) => return *row,
                _ => at += 1,
            }
        }
    }

    /// Some references at once: first the slots of all of them are read, then what they hold is compared. So the waits for
    /// the memory run side by side.
    fn find_each(&self, texts: Texts<'_>, references: Texts<'_>) -> Vec<u32> {
        let mut rows = Vec::with_capacity(references.len());
        let mut all = references.iter().peekable();
        let mut met: Vec<Met<'_, K>> = Vec::with_capacity(AT_ONCE);
        let (mut before, mut row) = (None, NONE);
        while all.peek().is_some() {
            met.clear();
            met.extend(all.by_ref().take(AT_ONCE).map(|reference| {
                let is_same = reference == before;
                before = reference;
                if is_same { Met::Same } else { self.meet(reference) }
            }));
            if !K::IS_ALL {
                for met in &mut met {
                    if let Met::Text { first: (_, row), stands, .. } = met {
                        *stands = texts.get(*row);
                    }
                }
            }
            rows.extend(met.iter().map(|met| {
                row = match met {
                    Met::Same => row,
                    Met::Nothing => NONE,
                    Met::Text { text, key, first, stands, .. }
                        if first.1 == NONE || first.0 == *key && (K::IS_ALL || *stands == Some(text)) =>
                    {
                        first.1
                    }
                    Met::Text { text, key, hash, .. } => self.find_key(texts, text, *key, *hash),
                };
                row
            }));
        }
        rows
    }

    fn meet<'t>(&self, reference: Option<&'t [u8]>) -> Met<'t, K> {
        match reference.and_then(|text| Some((text, K::of(text)?))) {
            None => Met::Nothing,
            Some((text, (key, hash))) => {
                let first = self.slots.get(self.place(hash)).copied().unwrap_or((key, NONE));
                Met::Text { text, key, hash, first, stands: None }
            }
        }
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
        let id = |n: u32| format!("INV-{}", u64::from(n) * 7919 % u64::from(many));
        let ids: StringArray = (0..many).map(|n| Some(id(n))).collect();
        let texts = Texts::of(&ids);
        let index = Index::new(texts);
        assert!(index.differ && !texts.plainly_differ());
        assert!(index.find_all(texts, &ids).into_iter().eq(0..many));
        let twice: StringArray = (0..many).map(|n| Some(id(n % (many / 2)))).collect();
        let texts = Texts::of(&twice);
        let index = Index::new(texts);
        assert!(!index.differ);
        assert!(index.find_all(texts, &twice).into_iter().eq((0..many).map(|n| n % (many / 2))));
    }
}
