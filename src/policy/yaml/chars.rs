//! From counts of characters, as the YAML scanner gives them, to bytes.

/// Where each character of a text begins.
pub(super) struct Chars {
    /// Empty when every character is one byte.
    starts: Vec<u32>,
    length: usize,
}

impl Chars {
    pub(super) fn of(text: &str) -> Self {
        let starts = if text.is_ascii() {
            Vec::new()
        } else {
            text.char_indices().map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX)).collect()
        };
        Self { starts, length: text.len() }
    }

    /// The byte at which this character begins; the end of the text when there is none.
    pub(super) fn byte(&self, index: usize) -> usize {
        if self.starts.is_empty() {
            return index.min(self.length);
        }
        self.starts.get(index).map_or(self.length, |at| *at as usize)
    }
}
