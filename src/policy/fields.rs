//! Checked reading of a mapping: what was asked for, what is missing, what nobody knows.

use super::tree::{Entry, Tree, TreeKind};
use crate::diag::{Code, Diagnostic, Place, nearest};

/// The keys of one mapping, and which of them were asked for.
///
/// ```
/// use usance::{diag::{Source, render_all, Style}, policy::{fields::Fields, read, yaml}};
/// let mut sink = Vec::new();
/// let tree = yaml::read(&Source::new("p.yaml", "{ id: house_cap, at_mots: 2000000 }"), &mut sink).unwrap();
///
/// let mut fields = Fields::of(&tree, "a limit step", &mut sink).unwrap();
/// let id = fields.need("id", &mut sink).and_then(|t| read::id(t, &mut sink));
/// let most = fields.take("at_most", &mut sink).and_then(|t| read::decimal(t, &mut sink));
/// fields.finish(&mut sink);
///
/// assert_eq!((id, most), (Some("house_cap"), None));
/// assert_eq!(sink[0].message, "a limit step does not know the key `at_mots`");
/// assert_eq!(sink[0].help.as_deref(), Some("did you mean `at_most`? the keys here are: `id`, `at_most`"));
/// ```
#[derive(Debug)]
pub struct Fields<'t> {
    what: String,
    place: &'t Place,
    entries: &'t [Entry],
    asked: Vec<&'static str>,
    reported: Vec<&'t str>,
}

impl<'t> Fields<'t> {
    /// Opens a mapping. `what` is what it describes, as people call it: `a tier`, `` `terms` ``.
    pub fn of(tree: &'t Tree, what: &str, sink: &mut Vec<Diagnostic>) -> Option<Self> {
        Self::like(tree, what, "{ id: …, … }", sink)
    }

    /// Opens a mapping whose keys people may not know: `example` shows them where something else stands.
    pub fn like(tree: &'t Tree, what: &str, example: &str, sink: &mut Vec<Diagnostic>) -> Option<Self> {
        if let TreeKind::Map(entries) = &tree.kind {
            return Some(Self {
                what: what.to_owned(),
                place: &tree.place,
                entries,
                asked: Vec::new(),
                reported: Vec::new(),
            });
        }
        sink.push(
            Diagnostic::error(Code::WrongShape, format!("{what} needs a mapping here"), tree.place.clone())
                .help(format!("write keys and values: `{example}`, or one `key: value` a line")),
        );
        None
    }

    /// The value of a key that may be left out. A key written with nothing behind it is an error.
    pub fn take(&mut self, key: &'static str, sink: &mut Vec<Diagnostic>) -> Option<&'t Tree> {
        let entry = self.entry(key)?;
        if entry.value.is_null() {
            sink.push(
                Diagnostic::error(Code::WrongShape, format!("`{key}` has no value"), entry.key_place.clone())
                    .help("write a value after the `:`, or leave the key out"),
            );
            return None;
        }
        Some(&entry.value)
    }

    /// The value of a key that must be there.
    pub fn need(&mut self, key: &'static str, sink: &mut Vec<Diagnostic>) -> Option<&'t Tree> {
        if self.entry(key).is_none() {
            let message = format!("{} needs the key `{key}`", self.what);
            let finding = Diagnostic::error(Code::MissingKey, message, self.place.clone());
            sink.push(match self.misspelt(key) {
                Some(written) => finding.help(format!("`{written}` looks like it: write `{key}`")),
                None => finding.help(format!("add `{key}: …`")),
            });
            return None;
        }
        self.take(key, sink)
    }

    /// Reports keys that belong to the language but not yet to this release.
    pub fn later(&mut self, keys: &[&str], sink: &mut Vec<Diagnostic>) {
        for entry in self.entries.iter().filter(|entry| keys.contains(&entry.key.as_str())) {
            let message = format!("the key `{}` belongs to a later release", entry.key);
            let finding = Diagnostic::error(Code::UnknownKey, message, entry.key_place.clone());
            sink.push(finding.help("take it out for now"));
            self.reported.push(&entry.key);
        }
    }

    /// Whether a key is written, whatever its value; counts as asking for it.
    pub fn has(&mut self, key: &'static str) -> bool {
        self.entry(key).is_some()
    }

    /// The whole mapping in its file.
    pub fn place(&self) -> &'t Place {
        self.place
    }

    /// The entries not asked for, in the order written: for mappings whose other keys are names.
    pub fn rest(self) -> impl Iterator<Item = &'t Entry> {
        self.entries.iter().filter(move |entry| !self.asked.contains(&entry.key.as_str()))
    }

    /// Reports every key that was not asked for.
    pub fn finish(self, sink: &mut Vec<Diagnostic>) {
        let known = self.asked.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
        let known_to_us = |key: &str| self.asked.contains(&key) || self.reported.contains(&key);
        let unknown = self.entries.iter().filter(|entry| !known_to_us(&entry.key));
        sink.extend(unknown.map(|entry| {
            let message = format!("{} does not know the key `{}`", self.what, entry.key);
            let list = format!("the keys here are: {known}");
            let help = match nearest(&entry.key, self.asked.iter().copied()) {
                Some(near) => format!("did you mean `{near}`? {list}"),
                None => list,
            };
            Diagnostic::error(Code::UnknownKey, message, entry.key_place.clone()).help(help)
        }));
    }

    fn entry(&mut self, key: &'static str) -> Option<&'t Entry> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        self.entries.iter().find(|entry| entry.key == key)
    }

    fn misspelt(&self, key: &str) -> Option<&'t str> {
        let unasked = self.entries.iter().map(|e| e.key.as_str()).filter(|written| !self.asked.contains(written));
        nearest(key, unasked)
    }
}
