//! An input of a table made ready: where each value of it stands.

use std::cell::RefCell;
use std::rc::Rc;

use rust_decimal::Decimal;

use super::asks::Asks;
use super::cuts::Cuts;
use super::spans::Spans;
use super::steps::{Steps, run};
use crate::engine::columns::marks::{GIVEN, MISSING, Mark, Marks};
use crate::engine::columns::texts::Texts;
use crate::engine::columns::units::{Digits, Units};
use crate::engine::columns::vector::{Data, Vector};
use crate::lang::{Base, NodeRef, Value};

/// Something that rows ask a value of. Every value stands in a run of positions; behind the last run is the one of a
/// missing value.
pub(super) struct Input {
    pub(super) node: NodeRef,
    cuts: Cuts,
    /// For each run, the position that it begins at.
    begins: Vec<usize>,
    /// Whether rows can do without a value.
    takes_missing: bool,
    /// Of whole numbers and days: the least value of each run but the first.
    starts: Option<Steps>,
    /// The same of decimals, in units of each scale that was met.
    by_scale: RefCell<Vec<(u32, Rc<Steps>)>>,
}

/// The run of each lane's value.
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
    /// The input, each position a run of its own, and for each row the runs that it allows. `None` where what is asked
    /// cannot be told of single values.
    pub(super) fn of(node: NodeRef, base: &Base, asks: &[Option<Asks>], rows: usize) -> Option<(Self, Vec<Spans>)> {
        let mut constants = Vec::new();
        asks.iter().flatten().for_each(|asks| asks.constants(&mut constants));
        let cuts = Cuts::of(base, &constants)?;
        let positions = cuts.positions();
        let asks = |row| asks.get(row).and_then(Option::as_ref);
        let missing: Option<Vec<bool>> =
            (0..rows).map(|row| asks(row).map_or(Some(true), Asks::holds_of_nothing)).collect();
        let allowed = |row| {
            let given = asks(row).map_or_else(|| Some(Spans::of([(0, positions)])), |asks| asks.spans(&cuts))?;
            let holds = missing.as_ref().and_then(|missing| missing.get(row)).is_some_and(|holds| *holds);
            Some(if holds { given.or(Spans::of([(positions, positions + 1)])) } else { given })
        };
        let allowed = (0..rows).map(allowed).collect::<Option<Vec<_>>>()?;
        let takes_missing = missing.is_some();
        let input = Self { node, cuts, begins: Vec::new(), takes_missing, starts: None, by_scale: RefCell::default() };
        Some((input.in_runs((0..positions).collect()), allowed))
    }

    /// With runs that begin at these positions.
    pub(super) fn in_runs(self, begins: Vec<usize>) -> Self {
        let starts = match &self.cuts {
            Cuts::Whole(cuts) | Cuts::Days(cuts) => Some(Steps::of(starts(&begins, cuts))),
            _ => None,
        };
        Self { begins, starts, ..self }
    }

    /// How many runs there are, that of a missing value not among them.
    pub(super) fn count(&self) -> usize {
        self.begins.len()
    }

    /// Of whole numbers and days: the least value of each run but the first.
    pub(super) fn starts(&self) -> Option<&Steps> {
        self.starts.as_ref()
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
        let missing = match self.takes_missing {
            true => u32::try_from(self.count()).unwrap_or(NOWHERE),
            false => NOWHERE,
        };
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
            (_, Some(starts), Data::Int(values)) => starts.runs(values),
            (_, Some(starts), Data::Date(days)) => starts.runs(days),
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
            (Cuts::Decimals(cuts, deepest), _, Data::Dec(units)) => {
                self.of_units(&units.at_scale(units.scale().max(*deepest))?, cuts)?
            }
            _ => return None,
        }))
    }

    fn of_units(&self, units: &Units, cuts: &[Decimal]) -> Option<Vec<u32>> {
        if let Digits::Small(values) = units.digits()
            && let Some(steps) = self.steps(units, cuts)
        {
            return Some(steps.runs(values));
        }
        let starts = self.starts_in_units(units, cuts)?;
        match units.digits() {
            Digits::Small(values) => Some(values.iter().map(|value| run(&starts, &i128::from(*value))).collect()),
            Digits::Wide(values) => Some(values.iter().map(|value| run(&starts, value)).collect()),
            Digits::One(_) => None,
        }
    }

    fn starts_in_units(&self, units: &Units, cuts: &[Decimal]) -> Option<Vec<i128>> {
        let cuts: Vec<i128> = cuts.iter().map(|cut| units.in_units(*cut)).collect::<Option<_>>()?;
        Some(starts(&self.begins, &cuts))
    }

    /// The same once for each scale; `None` where one is too large.
    fn steps(&self, units: &Units, cuts: &[Decimal]) -> Option<Rc<Steps>> {
        let scale = units.scale();
        if let Some((_, steps)) = self.by_scale.borrow().iter().find(|(known, _)| *known == scale) {
            return Some(Rc::clone(steps));
        }
        let wide = self.starts_in_units(units, cuts)?;
        let starts: Option<Vec<i64>> = wide.iter().map(|start| i64::try_from(*start).ok()).collect();
        let steps = Rc::new(Steps::of(starts?));
        self.by_scale.borrow_mut().push((scale, Rc::clone(&steps)));
        Some(steps)
    }

    fn run_of(&self, value: &Value) -> u32 {
        self.cuts.position(value).map_or(NOWHERE, |position| self.run_at(position))
    }

    fn run_at(&self, position: usize) -> u32 {
        run(&self.begins, &position).saturating_sub(1)
    }
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
