//! Decision tables by intervals: for each input its cut points in order, so that a value is a number of an interval, and an
//! index from these numbers to the rows that all inputs allow.

mod asks;
mod cuts;
mod input;
mod sets;
mod spans;
mod steps;
mod tree;

use std::rc::Rc;

use super::frames::NO_HIT;
use super::texts::Texts;
use super::vector::Vector;
use crate::lang::{Base, Kind, NodeRef};
use crate::plan::Choice;
use asks::{Asks, ask, parts_of};
use input::{Input, NOWHERE, Runs};
use sets::Sets;
use spans::Spans;
use tree::Tree;

/// How many rows a long table has.
const LONG: usize = 8;

/// A decision table made ready.
pub(super) struct Table {
    inputs: Vec<Input>,
    rows: usize,
    index: Index,
}

/// Where the rows are found that the values of all inputs allow.
enum Index {
    /// Of few rows, input by input.
    Sets(Vec<Sets>),
    Tree(Tree),
}

impl Table {
    /// The index of a table; `None` where a row asks more than what single values are.
    fn of(choice: &Choice) -> Option<Self> {
        let rows = choice.rows.len();
        if rows >= usize::from(NO_HIT) {
            return None;
        }
        let asked = asked(choice)?;
        let inputs = asked.iter().map(|asked| Input::of(asked.node, &asked.base, &asked.rows, rows));
        let mut inputs: Vec<(Input, Vec<Spans>)> = inputs.collect::<Option<_>>()?;
        inputs.sort_by_cached_key(|(input, allowed)| breadth(input, allowed));
        if rows <= sets::MOST {
            let (inputs, sets) = inputs.into_iter().map(|(input, allowed)| Sets::of(input, &allowed)).unzip();
            return Some(Self { inputs, rows, index: Index::Sets(sets) });
        }
        let (inputs, allowed): (Vec<Input>, Vec<_>) = inputs.into_iter().unzip();
        let allowed: Vec<_> = inputs.iter().map(|input| input.count() + 1).zip(allowed).collect();
        Some(Self { inputs, rows, index: Index::Tree(Tree::of(&allowed, rows)) })
    }

    /// Whether going through its rows is more work than whatever it asks about.
    pub(super) fn is_long(&self) -> bool {
        self.rows >= LONG
    }

    /// What is asked about.
    pub(super) fn inputs(&self) -> impl Iterator<Item = NodeRef> + '_ {
        self.inputs.iter().map(|input| input.node)
    }

    /// The first row that each lane hits, and the lanes of which it says nothing: they have to be gone through row by row.
    pub(super) fn first(&self, values: &[Vector], len: usize, texts: &mut Texts) -> (Vec<u16>, Vec<u32>) {
        let Index::Sets(sets) = &self.index else {
            let looked = self.look(values, len, texts);
            let mut runs = Vec::with_capacity(self.inputs.len());
            return ((0..len).map(|lane| looked.first(lane, &mut runs)).collect(), looked.others());
        };
        let mut left = vec![self.all(); len];
        let mut missed: Vec<Runs> = Vec::new();
        for ((input, sets), vector) in self.inputs.iter().zip(sets).zip(values) {
            missed.extend(sets.narrow(input, vector, texts, &mut left).filter(Runs::miss_some));
        }
        let first = |left: &u64| match u16::try_from(left.trailing_zeros()) {
            Ok(row) if row < 64 => row,
            _ => NO_HIT,
        };
        (left.iter().map(first).collect(), nowhere(&missed, len))
    }

    /// The set of all rows of a short table.
    fn all(&self) -> u64 {
        u64::MAX.checked_shr(64 - u32::try_from(self.rows).unwrap_or(64)).unwrap_or(0)
    }

    /// Looks up the values of all lanes.
    pub(super) fn look(&self, values: &[Vector], len: usize, texts: &mut Texts) -> Looked<'_> {
        let runs = self.inputs.iter().zip(values).map(|(input, vector)| input.runs(vector, len, texts));
        Looked { table: self, runs: runs.collect(), len }
    }
}

/// What the rows of a table ask of an input; behind those listed no row asks anything.
struct Asked {
    node: NodeRef,
    base: Base,
    rows: Vec<Option<Asks>>,
}

/// What is asked, input by input; `None` where a row asks more than what single values are.
fn asked(choice: &Choice) -> Option<Vec<Asked>> {
    let mut asked: Vec<Asked> = Vec::new();
    for (number, row) in choice.rows.iter().enumerate() {
        let mut parts = Vec::new();
        if let Some(when) = &row.when {
            parts_of(when, &mut parts);
        }
        for part in parts {
            let (node, base, asks) = ask(part)?;
            let at = asked.iter().position(|known| known.node == node).unwrap_or_else(|| {
                asked.push(Asked { node, base, rows: Vec::new() });
                asked.len() - 1
            });
            let of = &mut asked.get_mut(at)?.rows;
            of.resize_with(of.len().max(number + 1), || None);
            let slot = of.get_mut(number)?;
            *slot = Some(match slot.take() {
                Some(before) => Asks::And(Box::new(before), Box::new(asks)),
                None => asks,
            });
        }
    }
    Some(asked)
}

/// How much of an input rows allow, in parts of a million; the less, the more it leaves out.
fn breadth(input: &Input, allowed: &[Spans]) -> usize {
    let runs: usize = allowed.iter().map(Spans::count).sum();
    runs.saturating_mul(1_000_000) / (input.count() * allowed.len()).max(1)
}

/// What the values of each lane allow, input by input.
pub(super) struct Looked<'t> {
    table: &'t Table,
    runs: Vec<Runs>,
    len: usize,
}

impl Looked<'_> {
    /// The lanes that have to be gone through row by row.
    pub(super) fn others(&self) -> Vec<u32> {
        nowhere(&self.runs, self.len)
    }

    fn first(&self, lane: usize, runs: &mut Vec<u32>) -> u16 {
        let mut first = NO_HIT;
        self.hits(lane, runs, &mut |row| {
            first = row;
            true
        });
        first
    }

    /// Hands over the rows that a lane hits, in order, until `take` says that it has enough. `runs` is room to work in.
    pub(super) fn hits(&self, lane: usize, runs: &mut Vec<u32>, take: &mut dyn FnMut(u16) -> bool) {
        runs.clear();
        runs.extend(self.runs.iter().map(|runs| runs.of(lane)));
        if runs.contains(&NOWHERE) {
            return;
        }
        match &self.table.index {
            Index::Tree(tree) => tree.hits(runs, take),
            Index::Sets(sets) => {
                let sets = sets.iter().zip(&*runs).map(|(sets, run)| sets.set(*run));
                let mut left = sets.fold(self.table.all(), |left, set| left & set);
                while left != 0 {
                    if u16::try_from(left.trailing_zeros()).is_ok_and(&mut *take) {
                        return;
                    }
                    left &= left - 1;
                }
            }
        }
    }
}

/// The lanes of which the value of an input cannot be looked up.
fn nowhere(runs: &[Runs], len: usize) -> Vec<u32> {
    if !runs.iter().any(Runs::miss_some) {
        return Vec::new();
    }
    (0u32..).take(len).filter(|lane| runs.iter().any(|runs| runs.of(*lane as usize) == NOWHERE)).collect()
}

/// What is looked up once a thread for a decision table.
pub(super) struct Ready {
    pub(super) table: Option<Table>,
    /// What the rows give, where every one gives a constant.
    pub(super) gives: Option<Vector>,
}

impl Ready {
    pub(super) fn of(choice: &Choice, texts: &mut Texts) -> Rc<Self> {
        let constant = |row: &crate::plan::ChoiceRow| match &row.gives.kind {
            Kind::Lit(value) => Some(Ok(value.clone())),
            _ => None,
        };
        let constants: Option<Vec<_>> = choice.rows.iter().map(constant).collect();
        Rc::new(Self { table: Table::of(choice), gives: constants.map(|all| Vector::of_values(all, texts)) })
    }
}
