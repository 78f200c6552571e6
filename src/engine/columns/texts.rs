//! Texts as numbers: equal texts have equal numbers.

use std::collections::HashMap;
use std::sync::Arc;

/// Every text met so far.
#[derive(Default)]
pub(super) struct Texts {
    known: HashMap<Arc<str>, u32>,
    words: Vec<Arc<str>>,
}

impl Texts {
    /// The number of a text.
    pub(super) fn code(&mut self, text: &Arc<str>) -> u32 {
        if let Some(code) = self.known.get(text) {
            return *code;
        }
        let code = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.words.push(Arc::clone(text));
        self.known.insert(Arc::clone(text), code);
        code
    }

    /// The text of a number.
    pub(super) fn word(&self, code: u32) -> Arc<str> {
        self.words.get(code as usize).cloned().unwrap_or_else(|| "".into())
    }
}
