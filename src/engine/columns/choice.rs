//! Decision tables for every lane at once.

use std::cmp::Ordering;
use std::rc::Rc;

use super::frames::{FrameId, Hits, Known};
use super::marks::{FAILED, GIVEN, MISSING, Mark, Marks};
use super::nodes::Evaluation;
use super::pick::Branches;
use super::vector::{Chosen, Vector};
use crate::engine::gather;
use crate::lang::sum::ExactSum;
use crate::lang::{Expr, Kind, Value};
use crate::plan::{Choice, Hit};

impl Evaluation<'_, '_> {
    pub(super) fn choice(&mut self, frame: FrameId, choice: &Choice) -> Known {
        match choice.hit {
            Hit::First => self.first(frame, choice),
            Hit::Unique | Hit::List | Hit::Sum | Hit::Max | Hit::Min => self.all_hits(frame, choice),
        }
    }

    fn first(&mut self, frame: FrameId, choice: &Choice) -> Known {
        let scope = self.scope(frame);
        let mut branches = Branches::none(scope.len, &Marks::Given);
        for (number, row) in (0u16..).zip(&choice.rows) {
            let Some(when) = &row.when else {
                branches.rest(number);
                break;
            };
            if self.is_light(frame, when) {
                let hit = self.settled_in(&scope, when);
                branches.stop(&unless_missing(hit.marks()));
                branches.hit(&hit.is_true(), number);
            } else {
                let open: Rc<[u32]> = branches.open().into();
                if open.is_empty() {
                    break;
                }
                let part = self.part(&scope, &open);
                let hit = self.settled_in(&part, when);
                let hit = self.scatter(scope.len, &[(open, hit)], &Marks::All(MISSING));
                branches.stop(&unless_missing(hit.marks()));
                branches.hit(&hit.is_true(), number);
            }
            if !branches.is_open() {
                break;
            }
        }
        let hits = Hits::One(branches.taken().into());
        let mark = if choice.complete { FAILED } else { MISSING };
        branches.stop(&Marks::All(mark));
        let gives: Vec<&Expr> = choice.rows.iter().map(|row| &row.gives).collect();
        let value = self.pick(&scope, branches, &gives);
        let marks = value.marks().settled();
        Known { hits: without_failed(hits, &marks), value: value.with_marks(marks) }
    }

    /// Every row is asked; what hits is gathered lane by lane.
    fn all_hits(&mut self, frame: FrameId, choice: &Choice) -> Known {
        let scope = self.scope(frame);
        let mut hits: Vec<Vec<u16>> = vec![Vec::new(); scope.len];
        let mut values: Vec<Vec<Value>> = vec![Vec::new(); scope.len];
        let mut marks: Vec<Mark> = vec![GIVEN; scope.len];
        for (number, row) in (0u16..).zip(&choice.rows) {
            let chosen = match &row.when {
                None => Chosen::All,
                Some(when) => {
                    let hit = self.settled_in(&scope, when);
                    for (lane, mark) in marks.iter_mut().enumerate().filter(|(_, mark)| **mark == GIVEN) {
                        if hit.marks().of(lane) == FAILED {
                            *mark = FAILED;
                        }
                    }
                    hit.is_true().lanes(scope.len)
                }
            };
            let (given, lanes): (Vector, Rc<[u32]>) = match &chosen {
                Chosen::None => continue,
                Chosen::All => (self.settled_in(&scope, &row.gives), (0u32..).take(scope.len).collect()),
                Chosen::Some(lanes) if matches!(row.gives.kind, Kind::Lit(_)) => {
                    (self.settled_in(&scope, &row.gives).take(lanes), Rc::clone(lanes))
                }
                Chosen::Some(lanes) => {
                    let part = self.part(&scope, lanes);
                    (self.settled_in(&part, &row.gives), Rc::clone(lanes))
                }
            };
            for (at, lane) in lanes.iter().enumerate() {
                let lane = *lane as usize;
                let (Some(hits), Some(values), Some(mark)) =
                    (hits.get_mut(lane), values.get_mut(lane), marks.get_mut(lane))
                else {
                    continue;
                };
                if *mark != GIVEN {
                    continue;
                }
                if choice.hit == Hit::Unique && !hits.is_empty() {
                    *mark = FAILED;
                    continue;
                }
                hits.push(number);
                match given.get(at, self.texts) {
                    Ok(value) => values.push(value),
                    Err(MISSING) => values.push(Value::Missing),
                    Err(failed) => *mark = failed,
                }
            }
        }
        let whole = scope_is_whole(choice);
        let mut results = Vec::with_capacity(scope.len);
        for ((mut values, hits), mark) in values.into_iter().zip(&hits).zip(&marks) {
            results.push(if *mark != GIVEN || (hits.is_empty() && choice.complete) {
                Err(FAILED)
            } else {
                match choice.hit {
                    Hit::First | Hit::Unique => Ok(values.pop().unwrap_or(Value::Missing)),
                    Hit::List => Ok(Value::List(values.into())),
                    Hit::Sum => total(&values, whole),
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

fn scope_is_whole(choice: &Choice) -> bool {
    choice.rows.first().is_some_and(|row| row.gives.ty.base.is_whole())
}

fn total(values: &[Value], whole: bool) -> Result<Value, Mark> {
    let mut sum = ExactSum::default();
    values.iter().for_each(|value| gather::add(&mut sum, value));
    let total = sum.total().ok_or(FAILED)?;
    if whole { i64::try_from(total).map(Value::Int).map_err(|_| FAILED) } else { Ok(Value::Dec(total)) }
}
