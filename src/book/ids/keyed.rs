//! Rows by the hashes of their ids.

use rayon::prelude::*;

use super::{NONE, STRETCH, apart, hash, spread};
use crate::book::texts::{Texts, front};

/// How many slots are read before any is looked at.
const AT_ONCE: usize = 64;

/// What of a text stands in a slot.
pub(super) trait Key: Copy + Default + PartialEq + Send + Sync {
    /// Whether texts of one key are equal.
    const IS_ALL: bool;

    /// The key of a text and its hash; `None` where no text with such a key stands in a slot.
    fn of(text: &[u8]) -> Option<(Self, u64)>;
}

/// A text of at most eight bytes, whole.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Front(u64);

impl Key for Front {
    const IS_ALL: bool = true;

    fn of(text: &[u8]) -> Option<(Self, u64)> {
        let is_whole = text.len() <= 8 && text.last() != Some(&0);
        is_whole.then(|| front(text)).map(|front| (Self(front), spread(front)))
    }
}

/// The lower half of a hash.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Part(u32);

impl Key for Part {
    const IS_ALL: bool = false;

    fn of(text: &[u8]) -> Option<(Self, u64)> {
        let hash = hash(text);
        Some((Self(hash as u32), hash))
    }
}

/// Keys with their rows, each at the place its hash names or the next that was free; a free one has [`NONE`].
#[derive(Clone, Debug)]
pub(super) struct Keyed<K> {
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

impl<K: Key> Keyed<K> {
    /// Of texts that all have a key, and whether no text stands twice.
    pub(super) fn new(texts: Texts<'_>) -> (Self, bool) {
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

    pub(super) fn find(&self, texts: Texts<'_>, text: &[u8]) -> u32 {
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
    pub(super) fn find_each(&self, texts: Texts<'_>, references: Texts<'_>) -> Vec<u32> {
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
