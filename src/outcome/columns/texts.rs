//! Texts on their way into a dictionary: each row names one that was written before, or writes its own.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, DictionaryArray, Int32Array, StringArray};
use arrow_buffer::{NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow_schema::ArrowError;

/// No text.
const NONE: i32 = -1;

/// Not written yet.
const UNKNOWN: i32 = -2;
/// Keys below are looked up in a list.
const LOW: u32 = 1 << 12;

/// The texts of a column.
pub(super) struct Texts {
    bytes: Vec<u8>,
    ends: Vec<i32>,
    keys: Vec<i32>,
    low: Vec<i32>,
    high: HashMap<u32, i32>,
}

impl Texts {
    /// So many rows without a text.
    pub(super) fn blank(rows: usize) -> Self {
        let (bytes, ends, keys) = (Vec::new(), vec![0], vec![NONE; rows]);
        Self { bytes, ends, keys, low: Vec::new(), high: HashMap::new() }
    }

    /// Gives a row the text of a key, which is written when it is first asked for.
    pub(super) fn set(&mut self, row: usize, key: u32, write: impl FnOnce(&mut Vec<u8>)) {
        let known = match key < LOW {
            true => self.low.get(key as usize).copied().filter(|at| *at != UNKNOWN),
            false => self.high.get(&key).copied(),
        };
        let at = known.unwrap_or_else(|| {
            let at = self.write(write);
            if key < LOW {
                let wanted = self.low.len().max(key as usize + 1);
                self.low.resize(wanted, UNKNOWN);
                self.low.get_mut(key as usize).into_iter().for_each(|slot| *slot = at);
            } else {
                self.high.insert(key, at);
            }
            at
        });
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
