//! Which rows know one another: whose an id is, and which credit groups are bound together.

use std::collections::BTreeMap;

use crate::book::ids::hash;

/// Credit groups that must be in one share: something of the one names something of the other.
#[derive(Default)]
pub(super) struct Links {
    /// For each one bound to another, another of its kind; the last of a chain stands for all.
    next: BTreeMap<u32, u32>,
}

impl Links {
    /// Binds two together.
    pub(super) fn bind(&mut self, one: u32, other: u32) {
        let (one, other) = (self.root(one), self.root(other));
        if one != other {
            self.next.insert(one.max(other), one.min(other));
        }
    }

    /// The one that stands for all that are bound to this one.
    pub(super) fn root(&mut self, of: u32) -> u32 {
        let mut root = of;
        while let Some(next) = self.next.get(&root) {
            root = *next;
        }
        let mut at = of;
        while at != root {
            at = self.next.insert(at, root).unwrap_or(root);
        }
        root
    }

    /// All that are bound together, sorted, by the one that stands for them.
    pub(super) fn bonds(&mut self) -> BTreeMap<u32, Vec<u32>> {
        let all: Vec<u32> = self.next.keys().copied().collect();
        let mut bonds: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for of in all {
            let root = self.root(of);
            bonds.entry(root).or_insert_with(|| vec![root]).push(of);
        }
        bonds
    }
}

/// The ids of a table, by their hashes: twelve bytes an id. Two ids of one hash bind their groups together, which changes
/// nothing but what is read together.
#[derive(Default)]
pub(super) struct Ids {
    whole: Owners,
    /// What stands before a `#` in an id: rows over several instalments have such ids.
    parts: Owners,
}

impl Ids {
    /// Notes an id and the group it belongs to.
    pub(super) fn push(&mut self, id: &str, of: u32) {
        self.whole.fresh.push(Owners::entry(id, of));
        self.parts.fresh.extend(fronts(id).map(|front| Owners::entry(front, of)));
    }

    /// Makes what was noted known; groups that share an id are bound together.
    pub(super) fn settle(&mut self, links: &mut Links) {
        self.whole.settle(|one, other| links.bind(one, other));
        self.parts.settle(|_, _| {});
        for [high, low, of] in &self.parts.known {
            if let Some(other) = self.whole.of([*high, *low]) {
                links.bind(*of, other);
            }
        }
    }

    /// How many bytes they take.
    pub(super) fn bytes(&self) -> u64 {
        (self.whole.known.len() + self.parts.known.len()) as u64 * size_of::<[u32; 3]>() as u64
    }

    /// The groups that a reference may mean.
    pub(super) fn find(&self, name: &str) -> impl Iterator<Item = u32> {
        let whole = std::iter::once(name).chain(fronts(name)).filter_map(|name| self.whole.find(name));
        whole.chain(self.parts.find(name))
    }
}

/// What stands before each `#`.
fn fronts(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('#').filter_map(|(at, _)| name.get(..at))
}

/// Whose something is, by the halves of its hash.
#[derive(Default)]
struct Owners {
    known: Vec<[u32; 3]>,
    fresh: Vec<[u32; 3]>,
}

impl Owners {
    fn entry(name: &str, of: u32) -> [u32; 3] {
        let [high, low] = halves(name);
        [high, low, of]
    }

    fn settle(&mut self, mut same: impl FnMut(u32, u32)) {
        self.known.append(&mut self.fresh);
        self.fresh = Vec::new();
        self.known.sort_unstable();
        self.known.dedup_by(|[high, low, of], [first_high, first_low, first]| {
            let is_same = (&*high, &*low) == (&*first_high, &*first_low);
            if is_same && of != first {
                same(*first, *of);
            }
            is_same
        });
    }

    fn find(&self, name: &str) -> Option<u32> {
        self.of(halves(name))
    }

    fn of(&self, [high, low]: [u32; 2]) -> Option<u32> {
        let at = self.known.binary_search_by(|[h, l, _]| (*h, *l).cmp(&(high, low))).ok()?;
        self.known.get(at).map(|[.., of]| *of)
    }
}

fn halves(name: &str) -> [u32; 2] {
    let hash = hash(name.as_bytes());
    let low = u32::try_from(hash & u64::from(u32::MAX)).unwrap_or_default();
    [u32::try_from(hash >> 32).unwrap_or_default(), low]
}
