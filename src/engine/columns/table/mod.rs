//! Decision tables by intervals: for each input its cut points in order, and for each interval between them the set of
//! rows that a value there allows. What hits is what all inputs allow.

mod asks;
mod cuts;
mod input;
mod spans;

use std::rc::Rc;

use super::frames::NO_HIT;
use super::texts::Texts;
use super::vector::Vector;
use crate::lang::{Base, Kind, NodeRef};
use crate::plan::Choice;
use asks::{Asks, ask, parts_of};
use input::{Input, NOWHERE, Runs};

/// How many rows a long table has.
const LONG: usize = 8;

/// A decision table made ready.
pub(super) struct Table {
    inputs: Vec<Input>,
    rows: usize,
}

impl Table {
    /// The index of a table; `None` where a row asks more than what single values are.
    fn of(choice: &Choice) -> Option<Self> {
        let rows = choice.rows.len();
        if rows >= usize::from(NO_HIT) {
            return None;
        }
        let mut asked: Vec<(NodeRef, Base, Vec<Option<Asks>>)> = Vec::new();
        for (number, row) in choice.rows.iter().enumerate() {
            let mut parts = Vec::new();
            if let Some(when) = &row.when {
                parts_of(when, &mut parts);
            }
            for part in parts {
                let (node, base, asks) = ask(part)?;
                let at = asked.iter().position(|(known, ..)| *known == node).unwrap_or_else(|| {
                    asked.push((node, base, Vec::new()));
                    asked.len() - 1
                });
                let of = &mut asked.get_mut(at)?.2;
                of.resize_with(of.len().max(number + 1), || None);
                let slot = of.get_mut(number)?;
                *slot = Some(match slot.take() {
                    Some(before) => Asks::And(Box::new(before), Box::new(asks)),
                    None => asks,
                });
            }
        }
        let inputs = asked.into_iter().map(|(node, base, asks)| Input::of(node, &base, &asks, rows));
        let mut inputs: Vec<Input> = inputs.collect::<Option<_>>()?;
        inputs.sort_by_key(Input::weight);
        Some(Self { inputs, rows })
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
        if self.rows > 64 || !self.inputs.iter().all(Input::is_exact) {
            let looked = self.look(values, len, texts);
            return ((0..len).map(|lane| looked.first(lane)).collect(), looked.others());
        }
        let all = u64::MAX.checked_shr(64 - u32::try_from(self.rows).unwrap_or(64)).unwrap_or(0);
        let mut left = vec![all; len];
        let mut missed: Vec<Runs> = Vec::new();
        for (input, vector) in self.inputs.iter().zip(values) {
            missed.extend(input.narrow(vector, texts, &mut left).filter(Runs::miss_some));
        }
        let first = |left: &u64| match u16::try_from(left.trailing_zeros()) {
            Ok(row) if row < 64 => row,
            _ => NO_HIT,
        };
        (left.iter().map(first).collect(), nowhere(&missed, len))
    }

    /// Looks up the values of all lanes.
    pub(super) fn look(&self, values: &[Vector], len: usize, texts: &mut Texts) -> Looked<'_> {
        let runs = self.inputs.iter().zip(values).map(|(input, vector)| input.runs(vector, len, texts));
        Looked { table: self, runs: runs.collect(), len }
    }
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

    fn first(&self, lane: usize) -> u16 {
        let mut first = NO_HIT;
        self.hits(lane, &mut |row| {
            first = row;
            true
        });
        first
    }

    /// Hands over the rows that a lane hits, in order, until `take` says that it has enough.
    pub(super) fn hits(&self, lane: usize, take: &mut dyn FnMut(u16) -> bool) {
        for word in 0..self.table.rows.div_ceil(64) {
            let mut left = u64::MAX;
            for (input, runs) in self.table.inputs.iter().zip(&self.runs) {
                left &= input.set(runs.of(lane), word);
                if left == 0 {
                    break;
                }
            }
            while left != 0 {
                let row = word * 64 + left.trailing_zeros() as usize;
                left &= left - 1;
                let mut inputs = self.table.inputs.iter().zip(&self.runs);
                let hits = inputs.all(|(input, runs)| input.allows(runs.of(lane), row));
                if hits && u16::try_from(row).is_ok_and(&mut *take) {
                    return;
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
