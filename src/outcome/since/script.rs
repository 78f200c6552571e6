//! Which credit groups are decided on again, and what of a former run is taken over or left behind, in the order of its rows.

use std::ops::Range;

use super::index::{Entry, digits};
use crate::book::Book;
use crate::engine::Units;
use crate::plan::RelationId;

/// After every group.
pub(super) const END: (u16, u32) = (u16::MAX, u32::MAX);

/// After every group but before [`END`].
const LAST: (u16, u32) = (u16::MAX, 0);

/// A step through the rows of a former run.
pub(super) struct Step {
    /// It is taken before what comes of this group or a later one is written.
    pub(super) before: (u16, u32),
    /// Whether the rows are taken over.
    pub(super) keeps: bool,
    /// Whose rows.
    pub(super) entries: Range<usize>,
}

/// What there is to do.
pub(super) struct Script {
    pub(super) steps: Vec<Step>,
    /// Every credit group, and whether it is decided on again.
    pub(super) parts: Vec<(Units, bool)>,
}

/// So many stretches of groups are decided on as they lie.
const STRETCHES: usize = 64;
/// Beyond that, groups between them that have fewer rows together than this are decided on as well, which is less work
/// than to begin anew.
const GAP: usize = 256;

impl Script {
    /// What there is to do to come from former groups to those of a book; both stand by relation and id.
    pub(super) fn of(entries: &[Entry], book: &Book, all: &[(Units, bool)], digests: &[Vec<u128>]) -> Self {
        let mut kept = same(entries, book, all, digests);
        join(&mut kept, entries);
        let (mut steps, mut parts): (Vec<Step>, Vec<(Units, bool)>) = (Vec::new(), Vec::new());
        let (mut gone_by, mut kept) = (0, kept.into_iter());
        for ((relation, rows), _) in all {
            for (row, same) in rows.clone().zip(&mut kept) {
                match parts.last_mut() {
                    Some(((of, part), is_new)) if *of == *relation && part.end == row && *is_new == same.is_none() => {
                        part.end += 1;
                    }
                    _ => parts.push(((*relation, row..row + 1), same.is_none())),
                }
                let Some(entry) = same else { continue };
                push(&mut steps, (relation.0, row), false, gone_by..entry);
                let follows = matches!(parts.last(), Some(((_, part), _)) if part.start < row);
                match steps.last_mut() {
                    Some(step) if step.keeps && follows && step.entries.end == entry => step.entries.end += 1,
                    _ => push(&mut steps, (relation.0, row), true, entry..entry + 1),
                }
                gone_by = entry + 1;
            }
        }
        push(&mut steps, LAST, false, gone_by..entries.len());
        Self { steps, parts }
    }

    /// How many rows of a relation are decided on again.
    pub(super) fn again(&self, relation: RelationId) -> usize {
        let new = self.parts.iter().filter(|((of, _), is_new)| *of == relation && *is_new);
        new.map(|((_, rows), _)| rows.len()).sum()
    }
}

fn push(steps: &mut Vec<Step>, before: (u16, u32), keeps: bool, entries: Range<usize>) {
    if !entries.is_empty() {
        steps.push(Step { before, keeps, entries });
    }
}

/// For each credit group its former entry, where the book says the same of it.
fn same(entries: &[Entry], book: &Book, all: &[(Units, bool)], digests: &[Vec<u128>]) -> Vec<Option<usize>> {
    let mut former = entries.iter().enumerate().peekable();
    let mut same = Vec::new();
    for ((relation, rows), _) in all {
        let digests = digests.get(usize::from(relation.0)).map(Vec::as_slice).unwrap_or_default();
        for (row, digest) in rows.clone().zip(digests) {
            let key = (relation.0, book.id(*relation, row));
            while former.next_if(|(_, entry)| entry.key() < key).is_some() {}
            let found = former.next_if(|(_, entry)| entry.key() == key);
            same.push(found.filter(|(_, entry)| entry.2 == digits(*digest)).map(|(at, _)| at));
        }
    }
    same
}

/// Lets short gaps between groups that are decided on go with them, where there are many.
fn join(kept: &mut [Option<usize>], entries: &[Entry]) {
    let stretches = kept.chunk_by(|a, b| a.is_some() == b.is_some()).filter(|of| matches!(of, [None, ..])).count();
    if stretches <= STRETCHES {
        return;
    }
    let rows = |entry: &Option<usize>| {
        let entry = entry.and_then(|at| entries.get(at));
        1 + entry.map_or(0, |entry| entry.3.iter().map(|(rows, ..)| rows).sum::<usize>())
    };
    for gap in kept.chunk_by_mut(|a, b| a.is_some() == b.is_some()) {
        if gap.iter().map(rows).sum::<usize>() < GAP {
            gap.iter_mut().for_each(|entry| *entry = None);
        }
    }
}
