//! Going over a whole book unit by unit, in bounded memory.

use std::ops::Range;

use super::aggregate::Gathering;
use super::fault::{Fault, Root};
use super::gather::Gathered;
use super::run::{Here, Run, Unit};
use super::{cut, memo};
use crate::lang::{NodeRef, Value};
use crate::plan::{Form, PORTFOLIO, Plan, RelationId};

/// How much was known at some time.
#[derive(Clone, Default)]
pub(super) struct Mark {
    memo: memo::Mark,
    pieces: cut::Mark,
    /// How often everything had been dropped by then.
    age: u32,
}

/// Which way a unit is met on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leg {
    /// On the way to what the whole portfolio comes to, which something below reads.
    Before,
    /// On the last way: everything it reads is known.
    Last,
}

/// What the portfolio comes to, while the units go by.
struct Whole<'a> {
    here: Here<'a>,
    gathering: Result<Gathering<'a>, Fault>,
}

impl<'a> Run<'a> {
    /// How often a sweep goes over the book.
    pub fn legs(&self) -> u32 {
        Route::of(self.plan).legs
    }

    /// Goes over the book unit by unit, and meets the portfolio itself at the end. What the portfolio comes to is
    /// gathered on the way, so that no unit need be computed once for each number that reads it all.
    ///
    /// # Errors
    ///
    /// What `visit` returns.
    pub fn sweep<E>(&mut self, visit: &mut dyn FnMut(&mut Self, Unit, Leg) -> Result<(), E>) -> Result<(), E> {
        let Route { legs, wholes } = Route::of(self.plan);
        for pass in 1..=legs {
            let leg = if pass == legs { Leg::Last } else { Leg::Before };
            let nodes = wholes.iter().filter(|(of, _)| *of == pass).map(|(_, node)| *node);
            let mut wholes: Vec<Whole<'a>> = nodes.filter_map(|node| self.begin(node)).collect();
            self.walk(&mut |run, unit| {
                for whole in &mut wholes {
                    if let Ok(gathering) = &mut whole.gathering
                        && let Err(fault) = run.add_below(gathering, unit)
                    {
                        whole.gathering = Err(fault);
                    }
                }
                visit(run, unit, leg)
            })?;
            for whole in wholes {
                let value = whole.gathering.and_then(|gathering| self.close(gathering));
                let outcome = self.plain(value);
                self.memo.set(whole.here.at, PORTFOLIO, 0, self.as_of, outcome);
            }
        }
        visit(self, (PORTFOLIO, 0), Leg::Last)
    }

    /// Begins to gather a value of the portfolio; `None` when it is known already.
    fn begin(&mut self, at: NodeRef) -> Option<Whole<'a>> {
        if self.is_given(at) || self.memo.get(at, PORTFOLIO, 0, self.as_of).is_some() {
            return None;
        }
        self.begin_anew(at)
    }

    /// The same, whether it is known or not.
    fn begin_anew(&mut self, at: NodeRef) -> Option<Whole<'a>> {
        let node = self.plan.node(at)?;
        let Form::Aggregate(aggregate) = &node.form else { return None };
        let here = Here { at, node, row: 0, date: self.as_of };
        let gathering = self.open(here, aggregate).transpose()?;
        Some(Whole { here, gathering })
    }

    /// Begins to gather a value of the portfolio that others add to; `None` when it is known already.
    pub(super) fn begin_whole(&mut self, at: NodeRef) -> Option<Result<Gathering<'a>, Root>> {
        Some(self.begin(at)?.gathering.map_err(|fault| (*fault).clone()))
    }

    /// What some units come to for a value of the portfolio.
    pub(super) fn gather_units(
        &mut self,
        at: NodeRef,
        (relation, rows): &(RelationId, Range<u32>),
    ) -> Result<Gathered, Root> {
        // The whole may be known already: of these units alone it says nothing.
        let Some(mut whole) = self.begin_anew(at) else { return Ok(Gathered::Count(0)) };
        let gathering = whole.gathering.as_mut().map_err(|fault| (**fault).clone())?;
        for row in rows.clone() {
            self.add_below(gathering, (*relation, row)).map_err(|fault| (*fault).clone())?;
        }
        whole.gathering.map(Gathering::gathered).map_err(|fault| (*fault).clone())
    }

    /// Takes a value of the portfolio as known.
    pub(super) fn know(&mut self, at: NodeRef, value: Result<Value, Fault>) {
        let outcome = self.plain(value);
        self.memo.set(at, PORTFOLIO, 0, self.as_of, outcome);
    }

    /// Visits every unit. What comes to be known of one is dropped when it is over, as soon as too much is known.
    pub(super) fn walk<E>(&mut self, visit: &mut dyn FnMut(&mut Self, Unit) -> Result<(), E>) -> Result<(), E> {
        let mark = Mark { memo: self.memo.mark(), pieces: self.cuts.mark(), age: self.age };
        for unit in self.relations.units() {
            if self.full_since(&mark) {
                self.drop_since(&mark);
            }
            visit(self, unit)?;
        }
        Ok(())
    }

    /// Whether so much came to be known that rows which are over should go.
    pub(super) fn full_since(&self, mark: &Mark) -> bool {
        self.memo.full_since(self.still(mark).memo)
    }

    /// A mark, or that of the beginning where all that had been known at the mark was dropped since: what came in its place
    /// has its numbers.
    fn still(&self, mark: &Mark) -> Mark {
        if mark.age == self.age { mark.clone() } else { Mark::default() }
    }

    /// Forgets everything but what the portfolio comes to.
    pub(super) fn drop_all(&mut self) {
        self.drop_since(&Mark::default());
        self.age += 1;
    }

    /// Forgets what came to be known.
    pub(super) fn drop_since(&mut self, mark: &Mark) {
        let mark = self.still(mark);
        self.memo.drop_since(mark.memo);
        self.cuts.drop_since(&mark.pieces);
    }
}

/// How often a sweep goes over the book, and what it gathers on the way.
#[derive(Clone)]
pub(super) struct Route {
    pub(super) legs: u32,
    /// What the portfolio comes to, of what a run puts out, each with the pass it needs.
    pub(super) wholes: Vec<(u32, NodeRef)>,
}

impl Route {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut route = Self { legs: 1, wholes: Vec::new() };
        let nodes = (0u32..).map(NodeRef).zip(&plan.nodes).zip(plan.passes()).zip(plan.put_out());
        for (((at, node), pass), put_out) in nodes {
            if !put_out {
                continue;
            }
            route.legs = route.legs.max(pass);
            if node.subject == PORTFOLIO && matches!(&node.form, Form::Aggregate(_)) {
                route.wholes.push((pass, at));
            }
        }
        route
    }
}
