//! The index of a short table: for each run of each input the set of rows that it allows, as bits of a word.

use super::input::{Input, Runs};
use super::spans::Spans;
use super::steps::Steps;
use crate::engine::columns::marks::Marks;
use crate::engine::columns::texts::Texts;
use crate::engine::columns::vector::{Data, Vector};

/// How many rows can be in a set.
pub(super) const MOST: usize = 64;

/// How far apart the first and the last run may begin for every value between them to be noted.
const NEAR: i64 = 1 << 12;

/// What an input leaves of the rows.
pub(super) struct Sets {
    /// For each run, and that of a missing value last.
    sets: Vec<u64>,
    /// The same looked up at once.
    near: Option<Near>,
}

impl Sets {
    /// Of an input and what its rows allow; positions side by side that allow the same rows become one run.
    pub(super) fn of(input: Input, allowed: &[Spans]) -> (Input, Self) {
        let mut all = vec![0u64; input.count() + 1];
        for (row, spans) in allowed.iter().enumerate() {
            for (from, to) in spans.iter() {
                all.get_mut(from..to).unwrap_or_default().iter_mut().for_each(|set| *set |= 1 << row);
            }
        }
        let missing = all.pop();
        let (mut begins, mut sets) = (Vec::new(), Vec::new());
        for (position, set) in all.into_iter().enumerate() {
            if sets.last() != Some(&set) {
                begins.push(position);
                sets.push(set);
            }
        }
        let input = input.in_runs(begins);
        let near = input.starts().and_then(|starts| Near::of(starts, &sets));
        sets.extend(missing);
        (input, Self { sets, near })
    }

    /// The rows that a run allows.
    pub(super) fn set(&self, run: u32) -> u64 {
        self.sets.get(run as usize).copied().unwrap_or(0)
    }

    /// Leaves of the rows of each lane those that its value allows; gives the runs of the values where there may be some
    /// that have to be gone through row by row.
    pub(super) fn narrow(&self, input: &Input, vector: &Vector, texts: &mut Texts, left: &mut [u64]) -> Option<Runs> {
        if let (Some(near), Marks::Given) = (&self.near, vector.marks()) {
            match vector.data() {
                Data::Int(values) => return near.narrow(values, left),
                Data::Date(days) => return near.narrow(days, left),
                _ => {}
            }
        }
        let runs = input.runs(vector, left.len(), texts);
        match &runs {
            Runs::One(run) => {
                let set = self.set(*run);
                left.iter_mut().for_each(|left| *left &= set);
            }
            Runs::Each(runs) => {
                for (left, run) in left.iter_mut().zip(runs) {
                    *left &= self.set(*run);
                }
            }
        }
        Some(runs)
    }
}

/// Of whole numbers whose runs begin near one another: what each of them allows, from the one before the first run that
/// begins to the last. Those before it are like it, and those after the last like that.
struct Near {
    first: i64,
    last: i64,
    sets: Vec<u64>,
}

impl Near {
    fn of(starts: &Steps, sets: &[u64]) -> Option<Self> {
        let (first, last) = starts.first_and_last()?;
        let first = first.checked_sub(1)?;
        if last.checked_sub(first)? > NEAR {
            return None;
        }
        let set = |value: i64| sets.get(starts.run(value) as usize).copied();
        Some(Self { first, last, sets: (first..=last).map(set).collect::<Option<_>>()? })
    }

    fn narrow<T: Copy + Into<i64>>(&self, values: &[T], left: &mut [u64]) -> Option<Runs> {
        for (left, value) in left.iter_mut().zip(values) {
            let at = (*value).into().max(self.first).min(self.last).wrapping_sub(self.first);
            *left &= self.sets.get(at as usize).copied().unwrap_or(0);
        }
        None
    }
}
