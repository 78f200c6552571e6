//! An input of a table made ready: what each value of it leaves of the rows.

use super::asks::Asks;
use super::cuts::Cuts;
use crate::engine::columns::marks::{GIVEN, MISSING, Mark, Marks};
use crate::engine::columns::texts::Texts;
use crate::engine::columns::units::{Digits, Units};
use crate::engine::columns::vector::{Data, Vector};
use crate::lang::{Base, NodeRef, Value};

/// How many words the sets of one input may take; an input with more is no input of an index.
const MOST: usize = 1 << 20;
/// How far apart the first and the last cut point may lie for every value between them to be noted.
const NEAR: i64 = 1 << 12;
/// Of so few steps each is compared with.
const FEW: usize = 6;

/// Something that rows ask a value of. Positions side by side that allow the same rows are one run.
pub(super) struct Input {
    pub(super) node: NodeRef,
    cuts: Cuts,
    /// For each run, the position that it begins at.
    begins: Vec<usize>,
    /// For each run, the rows that it allows; and last those that a missing value allows, if rows can do without one.
    sets: Vec<u64>,
    /// Whether they can.
    takes_missing: bool,
    /// How many words a set has.
    words: usize,
    /// Of whole numbers and days.
    steps: Option<Steps>,
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
    pub(super) fn of(node: NodeRef, base: &Base, asks: &[Option<Asks<'_>>], rows: usize) -> Option<Self> {
        let mut constants = Vec::new();
        asks.iter().flatten().for_each(|asks| asks.constants(&mut constants));
        let cuts = Cuts::of(base, &constants)?;
        let words = rows.div_ceil(64);
        if cuts.positions().checked_mul(words)? > MOST {
            return None;
        }
        let set = |holds: &dyn Fn(&Asks<'_>) -> Option<bool>| -> Option<Vec<u64>> {
            let mut set = vec![0u64; words];
            for row in 0..rows {
                let is_in = match asks.get(row) {
                    Some(Some(asks)) => holds(asks)?,
                    _ => true,
                };
                if is_in && let Some(word) = set.get_mut(row / 64) {
                    *word |= 1 << (row % 64);
                }
            }
            Some(set)
        };
        let (mut begins, mut sets) = (Vec::new(), Vec::new());
        let mut before: Option<Vec<u64>> = None;
        for position in 0..cuts.positions() {
            let own = set(&|asks| asks.holds(&cuts, position))?;
            if before.as_ref() != Some(&own) {
                begins.push(position);
                sets.extend_from_slice(&own);
            }
            before = Some(own);
        }
        let missing = set(&|asks| asks.holds_of_nothing());
        let takes_missing = missing.is_some();
        sets.extend(missing.into_iter().flatten());
        let steps = match &cuts {
            Cuts::Whole(cuts) | Cuts::Days(cuts) => Some(Steps::of(starts(&begins, cuts))),
            _ => None,
        };
        Some(Self { node, cuts, begins, sets, takes_missing, words, steps })
    }

    /// A word of the set of a run.
    pub(super) fn set(&self, run: u32, word: usize) -> u64 {
        (run as usize).checked_mul(self.words).and_then(|at| self.sets.get(at + word)).copied().unwrap_or(0)
    }

    /// Leaves of the rows of each lane those that its value allows, where a set is one word.
    pub(super) fn narrow(&self, runs: &Runs, left: &mut [u64]) {
        match runs {
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
        let missing = if self.takes_missing { u32::try_from(self.begins.len()).unwrap_or(NOWHERE) } else { NOWHERE };
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
        Some(Runs::Each(match (&self.cuts, &self.steps, data) {
            (_, Some(steps), Data::Int(values)) => steps.runs(values),
            (_, Some(steps), Data::Date(days)) => steps.runs(days),
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
            (Digits::Small(values), Some(starts)) => Steps { starts, near: None }.runs(values),
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

/// Where the runs of whole numbers begin.
struct Steps {
    /// The least value of each run but the first.
    starts: Vec<i64>,
    /// Where they lie near one another: the number before the first, and from it on the run of each.
    near: Option<(i64, Vec<u32>)>,
}

impl Steps {
    fn of(starts: Vec<i64>) -> Self {
        let near = || {
            let (first, last) = (starts.first()?.checked_sub(1)?, *starts.last()?);
            let is_near = last.checked_sub(first).is_some_and(|apart| apart <= NEAR);
            is_near.then(|| (first, (first..=last).map(|value| run(&starts, &value)).collect()))
        };
        Self { near: near(), starts }
    }

    fn runs<T: Copy + Into<i64>>(&self, values: &[T]) -> Vec<u32> {
        let values = values.iter().map(|value| (*value).into());
        match (&self.near, self.starts.as_slice()) {
            (Some((first, runs)), _) => {
                let last = first.wrapping_add_unsigned(runs.len() as u64 - 1);
                let at = |value: i64| value.max(*first).min(last).wrapping_sub(*first) as usize;
                values.map(|value| runs.get(at(value)).copied().unwrap_or(NOWHERE)).collect()
            }
            (None, few) if few.len() <= FEW => {
                values.map(|value| few.iter().map(|start| u32::from(*start <= value)).sum()).collect()
            }
            (None, many) => values.map(|value| run(many, &value)).collect(),
        }
    }
}
