//! Anchors and what their aliases add, within bounds.

use std::collections::BTreeMap;

use super::super::tree::{Tree, TreeKind};
use super::{MAX_DEPTH, MAX_EXPANSION};

/// What an alias stands for.
pub(super) enum Alias {
    /// A copy of the anchored value.
    Value(Tree),
    /// The anchor is not finished: the alias stands inside what it names.
    Circular,
    /// The copy would be too deep, or all copies together too large.
    TooLarge,
}

/// The anchored values of a file.
#[derive(Default)]
pub(super) struct Anchors {
    /// `None` for those kept no more, because all together were too many.
    finished: BTreeMap<usize, Option<Anchored>>,
    kept: usize,
    added: usize,
}

struct Anchored {
    tree: Tree,
    values: usize,
    height: usize,
}

impl Anchors {
    /// Keeps a finished value under its anchor; 0 is no anchor.
    pub(super) fn keep(&mut self, id: usize, tree: &Tree) {
        if id > 0 {
            let (values, height) = measure(tree);
            self.kept = self.kept.saturating_add(values);
            let anchored = (self.kept <= MAX_EXPANSION).then(|| Anchored { tree: tree.clone(), values, height });
            self.finished.insert(id, anchored);
        }
    }

    /// A copy for an alias that stands this deep.
    pub(super) fn expand(&mut self, id: usize, depth: usize) -> Alias {
        let Some(anchored) = self.finished.get(&id) else { return Alias::Circular };
        let Some(anchored) = anchored else { return Alias::TooLarge };
        self.added = self.added.saturating_add(anchored.values);
        if self.added > MAX_EXPANSION || depth + anchored.height > MAX_DEPTH {
            return Alias::TooLarge;
        }
        Alias::Value(anchored.tree.clone())
    }
}

/// How many values there are, and how deep they nest.
fn measure(tree: &Tree) -> (usize, usize) {
    let children: Vec<&Tree> = match &tree.kind {
        TreeKind::Scalar(_) => Vec::new(),
        TreeKind::List(items) => items.iter().collect(),
        TreeKind::Map(entries) => entries.iter().map(|e| &e.value).collect(),
    };
    children
        .into_iter()
        .map(measure)
        .fold((1, 1), |(values, height), (v, h)| (values.saturating_add(v), height.max(h + 1)))
}
