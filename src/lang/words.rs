//! Words in the languages people read.

use std::collections::BTreeMap;

/// The words of one language out of a map, falling back to the text that stands for every language, then to English,
/// then to the first.
pub fn spoken<'w, T>(words: &'w BTreeMap<String, T>, language: &str) -> Option<&'w T> {
    words.get(language).or_else(|| words.get("")).or_else(|| words.get("en")).or_else(|| words.values().next())
}

/// A map of plain texts in one language; the fallback when there is none.
pub fn plain<'w>(words: &'w BTreeMap<String, String>, language: &str, fallback: &'w str) -> &'w str {
    spoken(words, language).map_or(fallback, String::as_str)
}
