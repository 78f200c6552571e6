//! Decision tables for every lane at once.

use std::cmp::Ordering;
use std::rc::Rc;

use super::expr::Scope;
use super::frames::{FrameId, Hits, Known};
use super::marks::{FAILED, GIVEN, MISSING, Mark, Marks};
use super::nodes::Evaluation;
use super::pick::Branches;
use super::table::{Ready, Table};
use super::vector::{Chosen, Vector};
use crate::engine::gather;
use crate::lang::sum::ExactSum;
use crate::lang::{Expr, Kind, NodeRef, Value};
use crate::plan::{Choice, Hit};

impl Evaluation<'_, '_> {
    pub(super) fn choice(&mut self, frame: FrameId, at: NodeRef, choice: &Choice) -> Known {
        let ready = self.ready(at, choice);
        match choice.hit {
            Hit::First => self.first(frame, choice, &ready),
            Hit::Unique | Hit::List | Hit::Sum | Hit::Max | Hit::Min => {
                let whole = self.plan.node(at).is_some_and(|node| node.ty.base.is_whole());
                self.all_hits(frame, choice, &ready, whole)
            }
        }
    }

    fn ready(&mut self, at: NodeRef, choice: &Choice) -> Rc<Ready> {
        let (known, texts) = (&mut *self.ready, &mut *self.texts);
        Rc::clone(known.entry(at).or_insert_with(|| Ready::of(choice, texts)))
    }

    fn first(&mut self, frame: FrameId, choice: &Choice, ready: &Ready) -> Known {
        let scope = self.scope(frame);
        let mut branches = match &ready.table {
            Some(table) if self.is_worth(frame, table) => self.by_intervals(&scope, choice, table),
            _ => self.by_turns(&scope, choice),
        };
        let hits = Hits::One(branches.taken().into());
        branches.mark_rest(if choice.complete { FAILED } else { MISSING });
        let value = match &ready.gives {
            Some(constants) => branches.choose(constants),
            None => {
                let gives: Vec<&Expr> = choice.rows.iter().map(|row| &row.gives).collect();
                self.pick(&scope, branches, &gives)
            }
        };
        let marks = value.marks().settled();
        Known { hits: without_failed(hits, &marks), value: value.with_marks(marks) }
    }

    /// Whether to look rows up: in a short table not where that needs inputs for every lane which only some may need.
    fn is_worth(&mut self, frame: FrameId, table: &Table) -> bool {
        table.is_long() || table.inputs().all(|input| self.is_near(frame, input))
    }

    /// What a table looks at.
    fn inputs(&mut self, scope: &Scope, table: &Table) -> Vec<Vector> {
        table.inputs().map(|input| self.node(scope.frame, input).value).collect()
    }

    /// The first row that hits each lane, looked up.
    fn by_intervals(&mut self, scope: &Scope, choice: &Choice, table: &Table) -> Branches {
        let values = self.inputs(scope, table);
        let (first, others) = table.first(&values, scope.len, self.texts);
        let mut branches = Branches::new(first);
        let others: Rc<[u32]> = others.into();
        if !others.is_empty() {
            let part = self.part(scope, &others);
            let found = self.by_turns(&part, choice);
            branches.set_some(&others, &found);
        }
        branches
    }

    /// The first row that hits each lane, row by row.
    fn by_turns(&mut self, scope: &Scope, choice: &Choice) -> Branches {
        let frame = scope.frame;
        let mut branches = Branches::none(scope.len, &Marks::Given);
        for (number, row) in (0u16..).zip(&choice.rows) {
            let Some(when) = &row.when else {
                branches.rest(number);
                break;
            };
            if self.is_light(frame, when) {
                let hit = self.settled_in(scope, when);
                branches.stop(&unless_missing(hit.marks()));
                branches.hit(&hit.is_true(), number);
            } else {
                let open: Rc<[u32]> = branches.open().into();
                if open.is_empty() {
                    break;
                }
                let part = self.part(scope, &open);
                let hit = self.settled_in(&part, when);
                let hit = self.scatter(scope.len, &[(open, hit)], &Marks::All(MISSING));
                branches.stop(&unless_missing(hit.marks()));
                branches.hit(&hit.is_true(), number);
            }
            if !branches.is_open() {
                break;
            }
        }
        branches
    }

    /// Everything that hits, gathered lane by lane.
    fn all_hits(&mut self, frame: FrameId, choice: &Choice, ready: &Ready, whole: bool) -> Known {
        let scope = self.scope(frame);
        let mut gathered = Gathered::new(scope.len, choice.hit == Hit::Unique);
        match (&ready.table, &ready.gives) {
            (Some(table), Some(constants)) if self.is_worth(frame, table) => {
                let others = self.all_by_intervals(&scope, table, constants, &mut gathered);
                if !others.is_empty() {
                    let part = self.part(&scope, &others);
                    self.all_by_turns(&part, choice, Some(&others), &mut gathered);
                }
            }
            _ => self.all_by_turns(&scope, choice, None, &mut gathered),
        }
        let Gathered { hits, values, marks, .. } = gathered;
        let mut results = Vec::with_capacity(scope.len);
        for ((mut values, hits), mark) in values.into_iter().zip(&hits).zip(&marks) {
            results.push(if *mark != GIVEN || (hits.is_empty() && choice.complete) {
                Err(FAILED)
            } else {
                match choice.hit {
                    Hit::First | Hit::Unique => Ok(values.pop().unwrap_or(Value::Missing)),
                    Hit::List => Ok(Value::List(values.into())),
                    Hit::Sum => {
                        let mut sum = ExactSum::default();
                        values.iter().for_each(|value| gather::add(&mut sum, value));
                        gather::total(&sum, whole).ok_or(FAILED)
                    }
                    Hit::Max => Ok(gather::extreme(values, Ordering::Greater)),
                    Hit::Min => Ok(gather::extreme(values, Ordering::Less)),
                }
            });
        }
        let failed: Vec<Mark> = results.iter().map(|result| if result.is_err() { FAILED } else { GIVEN }).collect();
        let value = Vector::of_values(results, self.texts);
        let hits = Hits::Many(hits.into_iter().map(Rc::from).collect());
        Known { hits: without_failed(hits, &Marks::each(failed)), value }
    }

    /// Looks up what hits; gives the lanes that have to be gone through row by row.
    fn all_by_intervals(
        &mut self,
        scope: &Scope,
        table: &Table,
        constants: &Vector,
        gathered: &mut Gathered,
    ) -> Rc<[u32]> {
        let values = self.inputs(scope, table);
        let looked = table.look(&values, scope.len, self.texts);
        let others = looked.others();
        let (mut next, mut room) = (others.iter().peekable(), Vec::new());
        for (lane, at) in (0u32..).zip(0..scope.len) {
            if next.next_if(|other| **other == lane).is_none() {
                looked.hits(at, &mut room, &mut |row| {
                    !gathered.add(at, row, constants.get(usize::from(row), self.texts))
                });
            }
        }
        others.into()
    }

    /// Asks every row; `lanes` says where those of the scope stand among all.
    fn all_by_turns(&mut self, scope: &Scope, choice: &Choice, lanes: Option<&Rc<[u32]>>, gathered: &mut Gathered) {
        let of = |at: u32| lanes.and_then(|lanes| lanes.get(at as usize)).copied().unwrap_or(at) as usize;
        for (number, row) in (0u16..).zip(&choice.rows) {
            let chosen = match &row.when {
                None => Chosen::All,
                Some(when) => {
                    let hit = self.settled_in(scope, when);
                    for at in (0u32..).take(scope.len).filter(|at| hit.marks().of(*at as usize) == FAILED) {
                        let mark = gathered.marks.get_mut(of(at)).filter(|mark| **mark == GIVEN);
                        mark.into_iter().for_each(|mark| *mark = FAILED);
                    }
                    hit.is_true().lanes(scope.len)
                }
            };
            let (given, hit): (Vector, Rc<[u32]>) = match &chosen {
                Chosen::None => continue,
                Chosen::All => (self.settled_in(scope, &row.gives), (0u32..).take(scope.len).collect()),
                Chosen::Some(hit) if matches!(row.gives.kind, Kind::Lit(_)) => {
                    (self.settled_in(scope, &row.gives).take(hit), Rc::clone(hit))
                }
                Chosen::Some(hit) => {
                    let part = self.part(scope, hit);
                    (self.settled_in(&part, &row.gives), Rc::clone(hit))
                }
            };
            for (at, lane) in hit.iter().enumerate() {
                gathered.add(of(*lane), number, given.get(at, self.texts));
            }
        }
    }
}

/// What hits each lane so far.
struct Gathered {
    hits: Vec<Vec<u16>>,
    values: Vec<Vec<Value>>,
    marks: Vec<Mark>,
    /// A second hit is a failure.
    only_one: bool,
}

impl Gathered {
    fn new(len: usize, only_one: bool) -> Self {
        Self { hits: vec![Vec::new(); len], values: vec![Vec::new(); len], marks: vec![GIVEN; len], only_one }
    }

    /// A row hits a lane and gives something; `false` when the lane has failed by it, or had before.
    fn add(&mut self, lane: usize, row: u16, value: Result<Value, Mark>) -> bool {
        let (Some(hits), Some(values), Some(mark)) =
            (self.hits.get_mut(lane), self.values.get_mut(lane), self.marks.get_mut(lane))
        else {
            return false;
        };
        if *mark != GIVEN {
            return false;
        }
        if self.only_one && !hits.is_empty() {
            *mark = FAILED;
            return false;
        }
        hits.push(row);
        match value {
            Ok(value) => values.push(value),
            Err(MISSING) => values.push(Value::Missing),
            Err(failed) => *mark = failed,
        }
        *mark == GIVEN
    }
}

/// A condition that is missing does not hold; only one that fails stops its lane.
fn unless_missing(marks: &Marks) -> Marks {
    match marks {
        Marks::Given => Marks::Given,
        _ => marks.map(|mark| if mark == FAILED { FAILED } else { GIVEN }),
    }
}

/// A lane that fails was made by no row.
fn without_failed(hits: Hits, marks: &Marks) -> Hits {
    if !marks.has(FAILED) {
        return hits;
    }
    match hits {
        Hits::None => Hits::None,
        Hits::One(hits) => {
            let kept = |(lane, hit): (usize, &u16)| if marks.of(lane) == FAILED { super::frames::NO_HIT } else { *hit };
            Hits::One(hits.iter().enumerate().map(kept).collect())
        }
        Hits::Many(hits) => {
            let kept = |(lane, hits): (usize, &Rc<[u16]>)| {
                if marks.of(lane) == FAILED { Rc::default() } else { Rc::clone(hits) }
            };
            Hits::Many(hits.iter().enumerate().map(kept).collect())
        }
    }
}
