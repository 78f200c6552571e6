//! Merge keys: `<<: *defaults` and `<<: [*a, *b]`.

use super::super::tree::{Entry, Tree, TreeKind};
use crate::diag::{Code, Diagnostic};

/// Adds what `<<` brings to the entries written; a key written, or brought earlier, stays.
pub(super) fn merge(entries: &mut Vec<Entry>, from: Tree, sink: &mut Vec<Diagnostic>) {
    match from.kind {
        TreeKind::Map(more) => add(entries, more),
        TreeKind::List(items) => items.into_iter().for_each(|item| match item.kind {
            TreeKind::Map(more) => add(entries, more),
            _ => sink.push(wrong(&item)),
        }),
        TreeKind::Scalar(_) => sink.push(wrong(&from)),
    }
}

fn add(entries: &mut Vec<Entry>, more: Vec<Entry>) {
    for entry in more {
        if entries.iter().all(|e| e.key != entry.key) {
            entries.push(entry);
        }
    }
}

fn wrong(tree: &Tree) -> Diagnostic {
    Diagnostic::error(Code::WrongShape, "`<<` takes a mapping or a list of mappings", tree.place.clone())
        .help("write the name of an anchored mapping: `<<: *defaults`")
}
