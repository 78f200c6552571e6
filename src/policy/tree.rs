//! One tree for everything a policy is written in: YAML files, CSV tables, `book.yaml`, tests.

use crate::diag::{Place, SourceText};

/// A value where it was written.
#[derive(Clone, Debug)]
pub struct Tree {
    /// What it is.
    pub kind: TreeKind,
    /// The whole of it in its file.
    pub place: Place,
}

/// What a tree can be. Everything that is not a list or a mapping is text as written; what it means is settled by
/// whoever asks for a number, a date, an id or an expression.
#[derive(Clone, Debug)]
pub enum TreeKind {
    /// A scalar.
    Scalar(Scalar),
    /// A list.
    List(Vec<Tree>),
    /// Keys in the order written; no key twice.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key, decoded.
    pub key: String,
    /// Where the key stands.
    pub key_place: Place,
    /// The value.
    pub value: Tree,
}

/// A scalar: its text with quotes, escapes and folds undone, and the way back to the file.
#[derive(Clone, Debug)]
pub struct Scalar {
    /// The decoded text and where each byte of it stands.
    pub text: SourceText,
    /// Whether it was quoted or a block: then `true`, `5%` and `null` are plain text.
    pub quoted: bool,
    /// Whether it stands in another file than what it belongs to: an entry that two policies wrote together.
    pub elsewhere: bool,
}

impl Tree {
    /// The entry under a key, when this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Entry> {
        match &self.kind {
            TreeKind::Map(entries) => entries.iter().find(|e| e.key == key),
            _ => None,
        }
    }

    /// The scalar, when this is one.
    pub fn scalar(&self) -> Option<&Scalar> {
        match &self.kind {
            TreeKind::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// How many members a list has; `None` when this is no list.
    pub fn kind_len(&self) -> Option<usize> {
        match &self.kind {
            TreeKind::List(items) => Some(items.len()),
            _ => None,
        }
    }

    /// The text, when this is a scalar.
    pub fn text(&self) -> Option<&str> {
        self.scalar().map(|s| s.text.text.as_str())
    }

    /// Whether this is nothing: an empty unquoted scalar, `null` or `~`.
    pub fn is_null(&self) -> bool {
        self.scalar().is_some_and(|s| !s.quoted && matches!(s.text.text.as_str(), "" | "~" | "null"))
    }
}
