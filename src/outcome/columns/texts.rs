//! Texts on their way into a dictionary: each row names one that was written before, or writes its own.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use arrow_array::{ArrayRef, DictionaryArray, Int32Array, StringArray};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;

/// No text.
const NONE: i32 = -1;

/// The texts of a column.
pub(super) struct Texts<K> {
    bytes: Vec<u8>,
    ends: Vec<i32>,
    keys: Vec<i32>,
    known: HashMap<K, i32>,
}

impl<K: Eq + Hash> Texts<K> {
    /// So many rows without a text.
    pub(super) fn blank(rows: usize) -> Self {
        Self { bytes: Vec::new(), ends: vec![0], keys: vec![NONE; rows], known: HashMap::new() }
    }

    /// Gives a row the text of a key, which is written when it is first asked for.
    pub(super) fn set(&mut self, row: usize, key: K, write: impl FnOnce(&mut Vec<u8>)) {
        let at = match self.known.get(&key) {
            Some(at) => *at,
            None => {
                let at = self.write(write);
                self.known.insert(key, at);
                at
            }
        };
        if let Some(slot) = self.keys.get_mut(row) {
            *slot = at;
        }
    }

    /// Appends a text; an empty one is none.
    fn write(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> i32 {
        let before = self.bytes.len();
        write(&mut self.bytes);
        if self.bytes.len() == before {
            return NONE;
        }
        self.ends.push(i32::try_from(self.bytes.len()).unwrap_or(i32::MAX));
        i32::try_from(self.ends.len().saturating_sub(2)).unwrap_or(NONE)
    }

    /// The column.
    pub(super) fn finish(self) -> Result<ArrayRef, ArrowError> {
        let words = StringArray::try_new(OffsetBuffer::new(self.ends.into()), self.bytes.into(), None)?;
        let nulls = self.keys.contains(&NONE).then(|| self.keys.iter().map(|key| *key != NONE).collect::<NullBuffer>());
        let keys: ScalarBuffer<i32> = match nulls {
            Some(_) => self.keys.iter().map(|key| (*key).max(0)).collect(),
            None => self.keys.into(),
        };
        Ok(Arc::new(DictionaryArray::try_new(Int32Array::new(keys, nulls), Arc::new(words))?))
    }
}
