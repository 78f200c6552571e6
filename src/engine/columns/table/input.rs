//! An input of a table made ready: what each value of it leaves of the rows.

use super::asks::Asks;
use super::cuts::Cuts;
use super::spans::Spans;
use crate::engine::columns::marks::{GIVEN, MISSING, Mark, Marks};
use crate::engine::columns::texts::Texts;
use crate::engine::columns::units::{Digits, Units};
use crate::engine::columns::vector::{Data, Vector};
use crate::lang::{Base, NodeRef, Value};

/// How many words the sets of one input may take. Of an input with more, neighbouring positions share a set.
const MOST: usize = 1 << 17;
/// How far apart the first and the last cut point may lie for every value between them to be noted.
const NEAR: i64 = 1 << 12;
/// Of so few steps each is compared with.
const FEW: usize = 6;

/// Something that rows ask a value of. Positions side by side that allow the same rows are one run; where there are too
/// many for a set each, every position is a run, and so many of them share the set of what one of them allows.
pub(super) struct Input {
    pub(super) node: NodeRef,
    cuts: Cuts,
    /// For each run, the position that it begins at.
    begins: Vec<usize>,
    /// For each run, or so many, the rows that it allows; and last those that a missing value allows, if rows can do
    /// without one.
    sets: Vec<u64>,
    /// How many bits of a run's number its set does not depend on.
    shared: u32,
    /// Where sets are shared: for each row the positions that it allows.
    spans: Vec<Spans>,
    /// Whether they can.
    takes_missing: bool,
    /// How many words a set has.
    words: usize,
    /// Of whole numbers and days: the least value of each run but the first.
    starts: Option<Vec<i64>>,
    /// The same looked up at once, where a set is one word.
    near: Option<Near>,
}

/// The run of each lane's value, which numbers its set.
pub(super) enum Runs {
    One(u32),
    Each(Vec<u32>),
}

/// The run of a value that has to be gone through row by row.
pub(super) const NOWHERE: u32 = u32::MAX;

impl Runs {
    pub(super) fn of(&self, lane: usize) -> u32 {
        match self {
            Runs::One(run) => *run,
            Runs::Each(runs) => runs.get(lane).copied().unwrap_or(NOWHERE),
        }
    }

    /// Whether some lane has to be gone through row by row.
    pub(super) fn miss_some(&self) -> bool {
        match self {
            Runs::One(run) => *run == NOWHERE,
            Runs::Each(runs) => runs.contains(&NOWHERE),
        }
    }
}

impl Input {
    /// `None` where what is asked cannot be told of single values, or is too much.
    pub(super) fn of(node: NodeRef, base: &Base, asks: &[Option<Asks>], rows: usize) -> Option<Self> {
        let mut constants = Vec::new();
        asks.iter().flatten().for_each(|asks| asks.constants(&mut constants));
        let cuts = Cuts::of(base, &constants)?;
        let words = rows.div_ceil(64);
        let positions = cuts.positions();
        let spans: Vec<Spans> = (0..rows)
            .map(|row| match asks.get(row) {
                Some(Some(asks)) => asks.spans(&cuts),
                _ => Some(Spans::of([(0, positions)])),
            })
            .collect::<Option<_>>()?;
        let mut shared = 0;
        while ((positions >> shared) + 1) * words > MOST && positions >> shared > 1 {
            shared += 1;
        }
        let mut sets = vec![0u64; (((positions - 1) >> shared) + 1) * words];
        for (row, spans) in spans.iter().enumerate() {
            for (from, to) in spans.iter() {
                for set in from >> shared..=(to - 1) >> shared {
                    sets.get_mut(set * words + row / 64).into_iter().for_each(|word| *word |= 1 << (row % 64));
                }
            }
        }
        let begins = if shared > 0 { (0..positions).collect() } else { merged(&mut sets, words) };
        let missing: Option<Vec<bool>> = (0..rows)
            .map(|row| match asks.get(row) {
                Some(Some(asks)) => asks.holds_of_nothing(),
                _ => Some(true),
            })
            .collect();
        let takes_missing = missing.is_some();
        for rows in missing.iter().flat_map(|missing| missing.chunks(64)) {
            sets.push(rows.iter().enumerate().fold(0, |word, (bit, is_in)| word | u64::from(*is_in) << bit));
        }
        let spans = if shared > 0 { spans } else { Vec::new() };
        let starts = match &cuts {
            Cuts::Whole(cuts) | Cuts::Days(cuts) => Some(starts(&begins, cuts)),
            _ => None,
        };
        let near = starts.as_ref().filter(|_| words == 1 && shared == 0).and_then(|starts| Near::of(starts, &sets));
        Some(Self { node, cuts, begins, sets, shared, spans, takes_missing, words, starts, near })
    }

    /// A word of the set of a run.
    pub(super) fn set(&self, run: u32, word: usize) -> u64 {
        ((run >> self.shared) as usize * self.words)
            .checked_add(word)
            .and_then(|at| self.sets.get(at))
            .copied()
            .unwrap_or(0)
    }

    /// Whether the sets say all there is to say.
    pub(super) fn is_exact(&self) -> bool {
        self.shared == 0
    }

    /// Whether a run allows a row that its set allows.
    pub(super) fn allows(&self, run: u32, row: usize) -> bool {
        self.is_exact()
            || run as usize >= self.cuts.positions()
            || self.spans.get(row).is_some_and(|spans| spans.hold(run))
    }

    /// How many rows a set has on the average, times the number of sets; the fewer, the more an input leaves out.
    pub(super) fn weight(&self) -> u64 {
        let rows: u64 = self.sets.iter().map(|word| u64::from(word.count_ones())).sum();
        rows * 1024 * self.words as u64 / (self.sets.len() as u64).max(1)
    }

    /// The number of the set of a missing value.
    fn of_missing(&self) -> u32 {
        let sets = self.sets.len() / self.words.max(1);
        match self.takes_missing {
            true => u32::try_from((sets - 1) << self.shared).unwrap_or(NOWHERE),
            false => NOWHERE,
        }
    }

    /// Leaves of the rows of each lane those that its value allows, where a set is one word; gives the runs of the values
    /// where there may be some that have to be gone through row by row.
    pub(super) fn narrow(&self, vector: &Vector, texts: &mut Texts, left: &mut [u64]) -> Option<Runs> {
        if let (Some(near), Marks::Given) = (&self.near, vector.marks()) {
            match vector.data() {
                Data::Int(values) => return near.narrow(values, left),
                Data::Date(days) => return near.narrow(days, left),
                _ => {}
            }
        }
        let runs = self.runs(vector, left.len(), texts);
        match &runs {
            Runs::One(run) => {
                let set = self.set(*run, 0);
                left.iter_mut().for_each(|left| *left &= set);
            }
            Runs::Each(runs) => {
                for (left, run) in left.iter_mut().zip(runs) {
                    *left &= self.sets.get(*run as usize).copied().unwrap_or(0);
                }
            }
        }
        Some(runs)
    }

    /// The run of each lane's value.
    pub(super) fn runs(&self, vector: &Vector, len: usize, texts: &mut Texts) -> Runs {
        let given = match vector.data() {
            Data::One(value) => Runs::One(self.run_of(value)),
            data => self.of_each(data, texts).unwrap_or_else(|| {
                let run = |lane| vector.get(lane, texts).map_or(NOWHERE, |value| self.run_of(&value));
                Runs::Each((0..len).map(run).collect())
            }),
        };
        let missing = self.of_missing();
        let marked = |(lane, mark): (usize, &Mark)| match *mark {
            GIVEN => given.of(lane),
            MISSING => missing,
            _ => NOWHERE,
        };
        match vector.marks() {
            Marks::Given => given,
            Marks::All(mark) => Runs::One(if *mark == MISSING { missing } else { NOWHERE }),
            Marks::Each(marks) => Runs::Each(marks.iter().enumerate().map(marked).collect()),
        }
    }

    fn of_each(&self, data: &Data, texts: &mut Texts) -> Option<Runs> {
        Some(Runs::Each(match (&self.cuts, &self.starts, data) {
            (_, Some(starts), Data::Int(values)) => runs_of(starts, values),
            (_, Some(starts), Data::Date(days)) => runs_of(starts, days),
            (Cuts::Bools, _, Data::Bool(values)) => {
                let runs = [self.run_of(&Value::Bool(false)), self.run_of(&Value::Bool(true))];
                values.iter().map(|value| runs.get(usize::from(*value)).copied().unwrap_or(NOWHERE)).collect()
            }
            (Cuts::Texts(words), _, Data::Text(codes)) => {
                let other = self.run_at(words.len());
                let mut of_code: Vec<u32> = Vec::new();
                for (word, at) in words {
                    let code = texts.code(word) as usize;
                    of_code.resize(of_code.len().max(code + 1), other);
                    of_code.get_mut(code).into_iter().for_each(|run| *run = self.run_at(*at));
                }
                codes.iter().map(|code| of_code.get(*code as usize).copied().unwrap_or(other)).collect()
            }
            (Cuts::Decimals(cuts), _, Data::Dec(units)) => {
                let deepest = cuts.iter().map(|cut| cut.normalize().scale()).max().unwrap_or(0);
                self.of_units(&units.at_scale(units.scale().max(deepest))?, cuts)?
            }
            _ => return None,
        }))
    }

    fn of_units(&self, units: &Units, cuts: &[rust_decimal::Decimal]) -> Option<Vec<u32>> {
        let cuts: Vec<i128> = cuts.iter().map(|cut| units.in_units(*cut)).collect::<Option<_>>()?;
        let starts = starts(&self.begins, &cuts);
        let small: Option<Vec<i64>> = starts.iter().map(|start| i64::try_from(*start).ok()).collect();
        Some(match (units.digits(), small) {
            (Digits::Small(values), Some(starts)) => runs_of(&starts, values),
            (Digits::Small(values), None) => values.iter().map(|value| run(&starts, &i128::from(*value))).collect(),
            (Digits::Wide(values), _) => values.iter().map(|value| run(&starts, value)).collect(),
            (Digits::One(_), _) => return None,
        })
    }

    fn run_of(&self, value: &Value) -> u32 {
        self.cuts.position(value).map_or(NOWHERE, |position| self.run_at(position))
    }

    fn run_at(&self, position: usize) -> u32 {
        run(&self.begins, &position).saturating_sub(1)
    }
}

/// Puts sets side by side that are equal into one; gives the position at which each of those left begins.
fn merged(sets: &mut Vec<u64>, words: usize) -> Vec<usize> {
    let mut begins = Vec::new();
    let mut kept: Vec<u64> = Vec::with_capacity(sets.len());
    for (position, set) in sets.chunks(words.max(1)).enumerate() {
        if !kept.ends_with(set) || kept.is_empty() {
            begins.push(position);
            kept.extend_from_slice(set);
        }
    }
    *sets = kept;
    begins
}

/// How many begin at or before a value.
fn run<T: Ord>(starts: &[T], value: &T) -> u32 {
    u32::try_from(starts.partition_point(|start| start <= value)).unwrap_or(NOWHERE)
}

/// The least value of each run but the first: a cut point or, of a run that begins after one, the next number.
fn starts<T: Copy + Next>(begins: &[usize], cuts: &[T]) -> Vec<T> {
    let start = |position: &usize| {
        let cut = cuts.get(position.checked_sub(1)? / 2)?;
        if position % 2 == 1 { Some(*cut) } else { cut.next() }
    };
    begins.iter().skip(1).map_while(start).collect()
}

/// The number that follows.
trait Next: Sized {
    /// `None` after the last.
    fn next(self) -> Option<Self>;
}

impl Next for i64 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

impl Next for i128 {
    fn next(self) -> Option<Self> {
        self.checked_add(1)
    }
}

/// The run of each number: how many begin at or before it.
fn runs_of<T: Copy + Into<i64>>(starts: &[i64], values: &[T]) -> Vec<u32> {
    let values = values.iter().map(|value| (*value).into());
    match starts.len() {
        0..=FEW => values.map(|value| starts.iter().map(|start| u32::from(*start <= value)).sum()).collect(),
        _ => values.map(|value| run(starts, &value)).collect(),
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
    fn of(starts: &[i64], sets: &[u64]) -> Option<Self> {
        let (first, last) = (starts.first()?.checked_sub(1)?, *starts.last()?);
        if last.checked_sub(first)? > NEAR {
            return None;
        }
        let set = |value: i64| sets.get(run(starts, &value) as usize).copied();
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
