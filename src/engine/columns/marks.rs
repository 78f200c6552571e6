//! Why a lane has no value.

use arrow_buffer::ScalarBuffer;

/// What is to be said of a lane besides its value.
pub(super) type Mark = u8;

/// There is a value.
pub(super) const GIVEN: Mark = 0;
/// The value is missing.
pub(super) const MISSING: Mark = 1;
/// A missing value was needed on the way, and nothing has handled it yet.
pub(super) const STOPPED: Mark = 2;
/// It cannot be computed; the row engine knows why.
pub(super) const FAILED: Mark = 3;

/// The marks of all lanes.
#[derive(Clone, Debug)]
pub(super) enum Marks {
    /// Every lane has a value.
    Given,
    /// The same for every lane.
    All(Mark),
    /// One a lane.
    Each(ScalarBuffer<u8>),
}

impl Marks {
    /// One a lane, held as one where they are all the same.
    pub(super) fn each(marks: Vec<Mark>) -> Self {
        match marks.first() {
            None => Marks::Given,
            Some(first) if marks.iter().all(|mark| mark == first) => Self::all(*first),
            Some(_) => Marks::Each(marks.into()),
        }
    }

    fn all(mark: Mark) -> Self {
        if mark == GIVEN { Marks::Given } else { Marks::All(mark) }
    }

    pub(super) fn of(&self, lane: usize) -> Mark {
        match self {
            Marks::Given => GIVEN,
            Marks::All(mark) => *mark,
            Marks::Each(marks) => marks.get(lane).copied().unwrap_or(FAILED),
        }
    }

    /// Whether every lane has a value.
    pub(super) fn is_given(&self) -> bool {
        matches!(self, Marks::Given)
    }

    /// Whether a lane is marked so.
    pub(super) fn has(&self, wanted: Mark) -> bool {
        match self {
            Marks::Given => wanted == GIVEN,
            Marks::All(mark) => *mark == wanted,
            Marks::Each(marks) => marks.contains(&wanted),
        }
    }

    pub(super) fn take(&self, lanes: &[u32]) -> Self {
        match self {
            Marks::Given => Marks::Given,
            Marks::All(mark) => Marks::All(*mark),
            Marks::Each(marks) => {
                Self::each(lanes.iter().map(|at| marks.get(*at as usize).copied().unwrap_or(FAILED)).collect())
            }
        }
    }

    /// Each mark turned into another.
    pub(super) fn map(&self, turn: impl Fn(Mark) -> Mark) -> Self {
        match self {
            Marks::Given => Self::all(turn(GIVEN)),
            Marks::All(mark) => Self::all(turn(*mark)),
            Marks::Each(marks) => Self::each(marks.iter().map(|mark| turn(*mark)).collect()),
        }
    }

    /// Of a value that must be there: one that is missing stops what needs it.
    pub(super) fn needed(&self) -> Self {
        match self {
            Marks::Given => Marks::Given,
            _ => self.map(|mark| if mark == MISSING { STOPPED } else { mark }),
        }
    }

    /// What keeps a value from being computed, and so all that is made of it; a missing one does not.
    pub(super) fn stopping(&self) -> Self {
        match self {
            Marks::Given => Marks::Given,
            _ => self.map(|mark| if mark == MISSING { GIVEN } else { mark }),
        }
    }

    /// Of a whole expression: nothing is left that could handle a missing value.
    pub(super) fn settled(&self) -> Self {
        match self {
            Marks::Given => Marks::Given,
            _ => self.map(|mark| if mark == STOPPED { FAILED } else { mark }),
        }
    }

    /// These, and where they say nothing those.
    pub(super) fn then(&self, others: &Marks) -> Self {
        match (self, others) {
            (Marks::Given, others) => others.clone(),
            (own, Marks::Given) => own.clone(),
            (Marks::All(mark), _) => Marks::All(*mark),
            (Marks::Each(own), Marks::All(other)) => {
                Self::each(own.iter().map(|mark| if *mark == GIVEN { *other } else { *mark }).collect())
            }
            (Marks::Each(own), Marks::Each(others)) => {
                let first = |(own, other): (&u8, &u8)| if *own == GIVEN { *other } else { *own };
                Self::each(own.iter().zip(others.iter()).map(first).collect())
            }
        }
    }

    /// All of them, one a lane.
    pub(super) fn to_vec(&self, len: usize) -> Vec<Mark> {
        match self {
            Marks::Given => vec![GIVEN; len],
            Marks::All(mark) => vec![*mark; len],
            Marks::Each(marks) => marks.to_vec(),
        }
    }
}
