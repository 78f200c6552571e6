//! Cuts a book into shares that fit into the memory given.

use std::ops::Range;
use std::path::Path;

use arrow_array::{Array as _, StringArray};

use super::Room;
use super::route::NOBODIES;
use crate::book::folder::Folder;
use crate::book::{files, texts};
use crate::diag::{Code, Diagnostic};
use crate::plan::Schema;

/// About how many bytes of memory a byte put aside takes when it is read and decided on.
const GROWTH: u64 = 5;

/// What the program takes without any row.
const ALONE: u64 = 80 << 20;

/// About how many bytes a byte of a compressed file, or one of typed columns, is as text.
const PACKED: u64 = 8;

/// About how many bytes of memory a book takes as a whole.
pub(super) fn needed(path: &Path, schema: &Schema) -> u64 {
    let size = || {
        let folder = Folder::open(path, &mut Vec::new())?;
        let (manifest, _) = folder.manifest(schema, &mut Vec::new())?;
        let sources = folder.sources(&manifest, &mut Vec::new());
        let sizes = sources.iter().flat_map(|source| &source.files).map(|file| match files::size(&folder.dir, file) {
            (bytes, true) => bytes.saturating_mul(PACKED),
            (bytes, false) => bytes,
        });
        Some(sizes.sum::<u64>().saturating_mul(GROWTH).saturating_add(ALONE))
    };
    size().unwrap_or(0)
}

/// What the groups of a book weigh: the bytes their rows take where they are put aside.
pub(super) struct Cutting<'a> {
    /// Their ids.
    pub(super) groups: &'a StringArray,
    /// Groups that must be read together.
    pub(super) bonds: &'a [Vec<u32>],
    /// Of each group, and behind them of the rows of nobody.
    pub(super) weights: &'a [u64],
}

impl Cutting<'_> {
    /// The shares, each of groups that follow one another, given how many bytes the ids alone take.
    pub(super) fn shares(&self, room: Room, ids: u64, sink: &mut Vec<Diagnostic>) -> Vec<Range<u32>> {
        match room {
            Room::Shares(count) => evenly(u32::try_from(self.groups.len()).unwrap_or(u32::MAX), count),
            Room::Bytes(bytes) => {
                let most = bytes.saturating_sub(ALONE + ids).max(bytes / 4) / GROWTH;
                let shares = self.by_weight(most.max(1));
                sink.extend(self.too_large(&shares, most));
                sink.extend(too_small(bytes, ids));
                shares
            }
        }
    }

    /// Shares of groups that weigh no more than this together, unless one alone does.
    fn by_weight(&self, most: u64) -> Vec<Range<u32>> {
        let mut shares = Vec::new();
        let (mut start, mut weight) = (0, 0);
        for (group, own) in (0u32..).zip(self.weights) {
            if weight + own > most && group > start {
                shares.push(start..group);
                (start, weight) = (group, 0);
            }
            weight += own;
        }
        shares.push(start..u32::try_from(self.weights.len()).unwrap_or(u32::MAX));
        shares
    }

    /// Says which groups cannot be read in the memory given, for what they are and for what they are bound to.
    fn too_large(&self, shares: &[Range<u32>], most: u64) -> Option<Diagnostic> {
        let weight = |group: &u32| self.weights.get(*group as usize).copied().unwrap_or_default();
        let of_share = |share: &Range<u32>| -> u64 {
            let own: u64 = share.clone().map(|group| weight(&group)).sum();
            let bound = self.bonds.iter().filter(|bond| bond.iter().any(|group| share.contains(group))).flatten();
            own + bound.filter(|group| !share.contains(group)).map(weight).sum::<u64>()
        };
        let (share, largest) = shares.iter().map(|share| (share, of_share(share))).max_by_key(|(_, weight)| *weight)?;
        if largest <= most {
            return None;
        }
        let id = texts::text(self.groups, share.start).unwrap_or("rows of no customer");
        let needed = (largest * GROWTH + ALONE).div_ceil(1 << 20);
        let what = if share.len() == 1 { "credit group" } else { "credit groups from" };
        let finding = Diagnostic::placeless(
            Code::TooLarge,
            format!("the {what} `{id}`, with all that is bound to it, takes more memory than is given"),
        );
        Some(finding.as_warning().help(format!("it is read nevertheless; give `--memory {needed}M`")))
    }
}

/// So many shares of about as many groups; the rows of nobody are in the last.
fn evenly(groups: u32, count: usize) -> Vec<Range<u32>> {
    let count = u32::try_from(count).unwrap_or(u32::MAX).clamp(1, groups.max(1));
    let start = |at: u32| u32::try_from(u64::from(groups) * u64::from(at) / u64::from(count)).unwrap_or(groups);
    let end = |at: u32| if at + 1 == count { groups + NOBODIES } else { start(at + 1) };
    (0..count).map(|at| start(at)..end(at)).collect()
}

/// Says how much memory the ids of a book need, where that alone is more than is given.
fn too_small(given: u64, ids: u64) -> Option<Diagnostic> {
    let needed = ids + ALONE;
    if needed <= given {
        return None;
    }
    let finding = Diagnostic::placeless(
        Code::TooLarge,
        "the program and the ids of the book alone take more memory than is given",
    );
    let help = format!("they were read nevertheless; give `--memory {}M`", needed.div_ceil(1 << 20));
    Some(finding.as_warning().help(help))
}
