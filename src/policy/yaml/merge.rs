//! Merge keys: `<<: *defaults` and `<<: [*a, *b]`.

use std::collections::BTreeSet;

use super::super::tree::{Entry, Tree, TreeKind};
use crate::diag::{Code, Diagnostic};

/// Adds what `<<` brings to the entries written; a key written, or brought earlier, stays.
pub(super) fn merge(entries: &mut Vec<Entry>, from: Tree, sink: &mut Vec<Diagnostic>) {
    let mut keys: BTreeSet<String> = entries.iter().map(|entry| entry.key.clone()).collect();
    match from.kind {
        TreeKind::Map(more) => add(entries, &mut keys, more),
        TreeKind::List(items) => items.into_iter().for_each(|item| match item.kind {
            TreeKind::Map(more) => add(entries, &mut keys, more),
            _ => sink.push(wrong(&item)),
        }),
        TreeKind::Scalar(_) => sink.push(wrong(&from)),
    }
}

fn add(entries: &mut Vec<Entry>, keys: &mut BTreeSet<String>, more: Vec<Entry>) {
    for entry in more {
        if keys.insert(entry.key.clone()) {
            entries.push(entry);
        }
    }
}

fn wrong(tree: &Tree) -> Diagnostic {
    Diagnostic::error(Code::WrongShape, "`<<` takes a mapping or a list of mappings", tree.place.clone())
        .help("write the name of an anchored mapping: `<<: *defaults`")
}
