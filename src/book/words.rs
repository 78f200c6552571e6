//! Texts that stand in many rows, each held once.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::UInt32Array;

use super::texts::Collected;

/// Texts, each of which stands in many rows.
#[derive(Default)]
pub(crate) struct Words {
    /// For each row its place in the list, or [`Words::NONE`].
    pub(crate) codes: Vec<u32>,
    /// The list, which holds no text twice.
    pub(crate) words: Vec<Arc<str>>,
    code_of: HashMap<Arc<str>, u32>,
    /// What was found last stands most likely in the next row too.
    last: u32,
}

impl Words {
    /// The code of a row without a text.
    pub(crate) const NONE: u32 = u32::MAX;
    /// Up to so many are compared one by one.
    const FEW: usize = 8;
    /// Up to so many are never too many.
    const MANY: usize = 4096;

    /// The place of a text that is known.
    pub(crate) fn code(&mut self, text: &str) -> Option<u32> {
        if self.words.get(self.last as usize).is_some_and(|last| **last == *text) {
            return Some(self.last);
        }
        let found = if self.words.len() <= Self::FEW {
            (0..).zip(&self.words).find(|(_, word)| ***word == *text).map(|(code, _)| code)
        } else {
            self.code_of.get(text).copied()
        };
        self.last = found.unwrap_or(self.last);
        found
    }

    /// Adds a row with a text that none had so far.
    pub(crate) fn add(&mut self, text: Arc<str>) {
        let code = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        self.code_of.insert(Arc::clone(&text), code);
        self.words.push(text);
        self.codes.push(code);
        self.last = code;
    }

    /// Adds rows that have other codes.
    pub(crate) fn append(&mut self, codes: &UInt32Array, texts: &[Arc<str>]) {
        let mut code = |text: &Arc<str>| match self.code(text) {
            Some(code) => code,
            None => {
                self.add(Arc::clone(text));
                self.codes.pop();
                self.last
            }
        };
        let now: Vec<u32> = texts.iter().map(&mut code).collect();
        let here = |code: Option<u32>| code.and_then(|code| now.get(code as usize).copied()).unwrap_or(Self::NONE);
        self.codes.extend(codes.iter().map(here));
    }

    /// Whether most rows have a text of their own.
    pub(crate) fn differ(&self) -> bool {
        self.words.len() > Self::MANY && self.words.len() > self.codes.len() / 2
    }

    /// The text of every row; `None` where they are too long for one array.
    pub(crate) fn spelt(&self) -> Option<Collected> {
        let mut texts = Collected::with_room(self.codes.len(), 0);
        let word = |code: &u32| self.words.get(*code as usize).map_or("", |word| word);
        self.codes.iter().all(|code| texts.push(word(code).as_bytes())).then_some(texts)
    }
}
