//! Positions of an input that a row allows.

/// Stretches of positions, each from one to before another, in order and apart.
#[derive(Clone)]
pub(super) struct Spans(Vec<(u32, u32)>);

impl Spans {
    /// Of stretches in any order.
    pub(super) fn of(all: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let mut all: Vec<(u32, u32)> = all.into_iter().map(|(from, to)| (number(from), number(to))).collect();
        all.retain(|(from, to)| from < to);
        all.sort_unstable();
        let mut apart: Vec<(u32, u32)> = Vec::with_capacity(all.len());
        for (from, to) in all {
            match apart.last_mut() {
                Some((_, end)) if from <= *end => *end = to.max(*end),
                _ => apart.push((from, to)),
            }
        }
        Self(apart)
    }

    /// Positions in either.
    pub(super) fn or(self, other: Self) -> Self {
        let all = self.0.into_iter().chain(other.0);
        Self::of(all.map(|(from, to)| (from as usize, to as usize)))
    }

    /// Positions in both.
    pub(super) fn and(&self, other: &Self) -> Self {
        let both = self.0.iter().flat_map(|a| other.0.iter().map(|b| (a.0.max(b.0), a.1.min(b.1))));
        Self::of(both.map(|(from, to)| (from as usize, to as usize)))
    }

    /// The first position, and the one after the last; the same where there are none.
    pub(super) fn reach(&self) -> (u32, u32) {
        let (first, last) = (self.0.first(), self.0.last());
        first.zip(last).map_or((0, 0), |((from, _), (_, to))| (*from, *to))
    }

    /// How many positions there are.
    pub(super) fn count(&self) -> usize {
        self.iter().map(|(from, to)| to - from).sum()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.0.iter().map(|(from, to)| (*from as usize, *to as usize))
    }

    pub(super) fn hold(&self, position: u32) -> bool {
        self.0.iter().any(|(from, to)| (*from..*to).contains(&position))
    }
}
