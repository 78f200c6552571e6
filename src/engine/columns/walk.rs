//! Walks of many subjects, step by step together.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

use super::expr::Scope;
use super::frames::{FrameId, Lanes};
use super::marks::{FAILED, GIVEN, MISSING, Mark, Marks};
use super::nodes::Evaluation;
use super::vector::{Vector, take};
use crate::engine::gather;
use crate::engine::walk::MOST_DATES;
use crate::lang::{Expr, Value};
use crate::plan::{Node, Over, RelationId, SortKey, Walk};

/// The rows gone through: for each subject the lanes of its rows, in their order.
struct Course {
    /// The frame of the rows.
    frame: FrameId,
    /// For each subject, where its rows begin in `lanes`; one more at the end.
    starts: Vec<usize>,
    lanes: Vec<u32>,
    /// Subjects whose rows cannot be put in order.
    failed: Vec<bool>,
}

impl Course {
    fn of(&self, subject: usize) -> &[u32] {
        match (self.starts.get(subject), self.starts.get(subject + 1)) {
            (Some(start), Some(end)) => self.lanes.get(*start..*end).unwrap_or(&[]),
            _ => &[],
        }
    }

    fn longest(&self) -> usize {
        self.starts.iter().zip(self.starts.iter().skip(1)).map(|(start, end)| end - start).max().unwrap_or(0)
    }
}

/// The running values of all subjects, and which of them failed on the way.
struct Running {
    values: Vec<Vector>,
    failed: Vec<bool>,
}

impl Running {
    fn fail(&mut self, of: &[u32], vectors: &[Vector]) {
        for vector in vectors.iter().filter(|vector| vector.has_failed()) {
            for (at, subject) in of.iter().enumerate() {
                if let (FAILED, Some(failed)) = (vector.marks().of(at), self.failed.get_mut(*subject as usize)) {
                    *failed = true;
                }
            }
        }
    }
}

impl<'a> Evaluation<'_, 'a> {
    pub(super) fn walk(&mut self, frame: FrameId, node: &Node, walk: &'a Walk) -> Vector {
        match &walk.over {
            Over::Dates { first, next, while_ } => self.over_dates(frame, walk, (first, next, while_.as_ref())),
            Over::Rows { of, filter, order } if node.subject == walk.under => {
                let course = self.course(frame, *of, filter.as_ref(), order);
                self.at_the_end(frame, walk, &course)
            }
            Over::Rows { of, filter, order } => self.each_row(frame, walk, *of, filter.as_ref(), order),
        }
    }

    /// The running values before the first step.
    fn start(&mut self, frame: FrameId, walk: &'a Walk) -> Running {
        let values: Vec<Vector> = walk.start.iter().map(|start| self.settled(frame, start)).collect();
        let len = self.len(frame);
        let mut running = Running { values: Vec::new(), failed: vec![false; len] };
        let all: Vec<u32> = (0u32..).take(len).collect();
        running.fail(&all, &values);
        running.values = values;
        running
    }

    /// Takes a step for some subjects, each at a lane of a frame.
    fn step(&mut self, running: &mut Running, subjects: &Rc<[u32]>, at: FrameId, steps: &'a [Expr]) -> Vec<Vector> {
        let before: Vec<Vector> = running.values.iter().map(|value| value.take(subjects)).collect();
        let scope = Scope { frame: at, len: subjects.len(), locals: before.clone() };
        let after: Vec<Vector> = steps.iter().map(|step| self.settled_in(&scope, step)).collect();
        running.fail(subjects, &after);
        let len = running.failed.len();
        let is_all = subjects.len() == len;
        let rest: Rc<[u32]> = if is_all {
            [].into()
        } else {
            let mut moves = vec![false; len];
            subjects.iter().for_each(|at| moves.get_mut(*at as usize).into_iter().for_each(|moves| *moves = true));
            (0u32..).zip(moves).filter(|(_, moves)| !moves).map(|(at, _)| at).collect()
        };
        running.values = running
            .values
            .iter()
            .zip(&after)
            .map(|(known, now)| match is_all {
                true => now.clone(),
                false => {
                    let kept = known.take(&rest);
                    self.scatter(len, &[(Rc::clone(subjects), now.clone()), (Rc::clone(&rest), kept)], &Marks::Given)
                }
            })
            .collect();
        before
    }

    fn at_the_end(&mut self, frame: FrameId, walk: &'a Walk, course: &Course) -> Vector {
        let mut running = self.start(frame, walk);
        for (failed, uncertain) in running.failed.iter_mut().zip(&course.failed) {
            *failed |= uncertain;
        }
        for turn in 0..course.longest() {
            let (subjects, lanes) = in_turn(course, &running, turn);
            if subjects.is_empty() {
                break;
            }
            let at = self.frames.part(course.frame, lanes);
            self.step(&mut running, &subjects, at, &walk.step);
        }
        self.gives(frame, walk, running)
    }

    /// What the running values at the end come to.
    fn gives(&mut self, frame: FrameId, walk: &'a Walk, running: Running) -> Vector {
        let scope = Scope { frame, len: self.len(frame), locals: running.values };
        let value = self.settled_in(&scope, &walk.gives);
        if !running.failed.contains(&true) {
            return value;
        }
        let marks = running.failed.iter().map(|failed| if *failed { FAILED } else { GIVEN }).collect();
        let marks = Marks::each(marks).then(value.marks());
        value.with_marks(marks)
    }

    /// What each row comes to: all rows are gone through together with those beside them.
    fn each_row(
        &mut self,
        frame: FrameId,
        walk: &'a Walk,
        of: RelationId,
        filter: Option<&'a Expr>,
        order: &'a [SortKey],
    ) -> Vector {
        let (under, owners) = self.above(frame, walk.under);
        let course = self.course(under, of, filter, order);
        let count = self.len(course.frame);
        let mut running = self.start(under, walk);
        let mut parts: Vec<(Rc<[u32]>, Vector)> = Vec::new();
        let mut marks: Vec<Mark> = vec![MISSING; count];
        for turn in 0..course.longest() {
            let (subjects, lanes) = in_turn(&course, &running, turn);
            if subjects.is_empty() {
                break;
            }
            let at = self.frames.part(course.frame, Rc::clone(&lanes));
            let before = self.step(&mut running, &subjects, at, &walk.step);
            let mut locals: Vec<Vector> = running.values.iter().map(|value| value.take(&subjects)).collect();
            locals.extend(before);
            let scope = Scope { frame: at, len: subjects.len(), locals };
            let value = self.settled_in(&scope, &walk.gives);
            let stopped = subjects.iter().map(|at| match running.failed.get(*at as usize) {
                Some(false) => GIVEN,
                _ => FAILED,
            });
            let own = Marks::each(stopped.collect()).then(value.marks());
            parts.push((lanes, value.with_marks(own)));
        }
        for subject in 0..running.failed.len() {
            // A row that is not reached fails too; where nothing can be put in order, every row does.
            let lanes = course.of(subject);
            if running.failed.get(subject) == Some(&true) {
                lanes.iter().for_each(|lane| {
                    if let Some(mark) = marks.get_mut(*lane as usize) {
                        *mark = FAILED;
                    }
                });
            }
        }
        let all = self.scatter(count, &parts, &Marks::each(marks));
        let here = self.lanes_in(frame, course.frame);
        let values = all.take(&here.iter().map(|lane| lane.unwrap_or(u32::MAX)).collect::<Vec<u32>>());
        let own = (0u32..).zip(&here).map(|(lane, there)| match course.failed.get(owners.of(lane) as usize) {
            Some(true) => FAILED,
            _ => there.map_or(MISSING, |there| all.marks().of(there as usize)),
        });
        let own = Marks::each(own.collect());
        values.with_marks(own)
    }

    /// The lanes of a frame in another of the same relation; none where a row does not stand there.
    fn lanes_in(&self, frame: FrameId, other: FrameId) -> Vec<Option<u32>> {
        let len = self.len(frame);
        if matches!(self.frames.get(other).map(|other| &other.lanes), Some(Lanes::Root(_))) {
            let places = self.frames.places(frame);
            return (0u32..).take(len).map(|lane| Some(places.of(lane))).collect();
        }
        let key = |frame: FrameId| {
            let (places, days) = (self.frames.places(frame), self.frames.days(frame));
            move |lane: u32| (places.of(lane), days.of(lane))
        };
        let (here, there) = (key(frame), key(other));
        let known: HashMap<(u32, i32), u32> = (0u32..).take(self.len(other)).map(|lane| (there(lane), lane)).collect();
        (0u32..).take(len).map(|lane| known.get(&here(lane)).copied()).collect()
    }

    fn over_dates(
        &mut self,
        frame: FrameId,
        walk: &'a Walk,
        (first, next, while_): (&'a Expr, &'a Expr, Option<&'a Expr>),
    ) -> Vector {
        let len = self.len(frame);
        let mut running = self.start(frame, walk);
        let own = self.frames.days(frame);
        let first = self.settled(frame, first);
        running.fail(&(0u32..).take(len).collect::<Vec<u32>>(), std::slice::from_ref(&first));
        let mut dates: Vec<Option<i32>> = (0..len).map(|lane| first.day(lane)).collect();
        for turn in 1..=MOST_DATES {
            let goes = (0u32..).zip(&dates).zip(&running.failed).filter_map(|((lane, date), failed)| {
                let date = date.filter(|date| *date <= own.of(lane) && !failed)?;
                Some((lane, date))
            });
            let (subjects, days): (Vec<u32>, Vec<i32>) = goes.unzip();
            if subjects.is_empty() {
                break;
            }
            let (mut subjects, mut days): (Rc<[u32]>, Rc<[i32]>) = (subjects.into(), days.into());
            let mut at = self.on(frame, &subjects, &days);
            if let Some(while_) = while_ {
                let locals = running.values.iter().map(|value| value.take(&subjects)).collect();
                let scope = Scope { frame: at, len: subjects.len(), locals };
                let goes_on = self.settled_in(&scope, while_);
                running.fail(&subjects, std::slice::from_ref(&goes_on));
                let on = goes_on.is_true().lanes(subjects.len()).each(subjects.len());
                let mut ends = vec![true; subjects.len()];
                on.iter().for_each(|at| ends.get_mut(*at as usize).into_iter().for_each(|ends| *ends = false));
                for (subject, _) in subjects.iter().zip(ends).filter(|(_, ends)| *ends) {
                    dates.get_mut(*subject as usize).into_iter().for_each(|date| *date = None);
                }
                if on.is_empty() {
                    continue;
                }
                if on.len() < subjects.len() {
                    subjects = take(&subjects, &on).iter().copied().collect();
                    days = take(&days, &on).iter().copied().collect();
                    at = self.on(frame, &subjects, &days);
                }
            }
            self.step(&mut running, &subjects, at, &walk.step);
            let locals = running.values.iter().map(|value| value.take(&subjects)).collect();
            let scope = Scope { frame: at, len: subjects.len(), locals };
            let next = self.settled_in(&scope, next);
            running.fail(&subjects, std::slice::from_ref(&next));
            for (lane, (subject, known)) in subjects.iter().zip(days.iter()).enumerate() {
                let next = next.day(lane);
                let (Some(date), Some(failed)) =
                    (dates.get_mut(*subject as usize), running.failed.get_mut(*subject as usize))
                else {
                    continue;
                };
                *failed |= next == Some(*known) || turn == MOST_DATES;
                *date = next;
            }
        }
        self.gives(frame, walk, running)
    }

    fn on(&mut self, frame: FrameId, lanes: &Rc<[u32]>, days: &Rc<[i32]>) -> FrameId {
        let part = self.frames.part(frame, Rc::clone(lanes));
        self.dated(part, Rc::clone(days))
    }

    /// The rows below each lane that pass the filter, in their order.
    fn course(&mut self, frame: FrameId, of: RelationId, filter: Option<&'a Expr>, order: &'a [SortKey]) -> Course {
        let len = self.len(frame);
        let (below, owners) = self.below(frame, of);
        let count = owners.len();
        let mut failed = vec![false; len];
        if let Some((maker, cut)) = self.cutting.maker(of) {
            let (cut, places) = self.cut_below(frame, cut);
            let pieces = self.node(cut, maker).value;
            for lane in (0u32..).take(pieces.len()).filter(|lane| pieces.marks().of(*lane as usize) == FAILED) {
                failed.get_mut(places.of(lane) as usize).into_iter().for_each(|failed| *failed = true);
            }
        }
        let kept: Rc<[u32]> = match filter {
            None => (0u32..).take(count).collect(),
            Some(filter) => {
                let holds = self.settled(below, filter);
                fail(&holds, &owners, &mut failed);
                holds.is_true().lanes(count).each(count)
            }
        };
        let part = self.frames.part(below, Rc::clone(&kept));
        let keys: Vec<Vector> = order.iter().map(|key| self.settled(part, &key.by)).collect();
        let kept_for = take(&owners, &kept);
        keys.iter().for_each(|key| fail(key, &kept_for, &mut failed));
        let local = self.block.local(of);
        let places = self.frames.places(below);
        let is_cut = self.cutting.maker(of).is_some();
        let number = |lane: u32| match is_cut {
            true => lane,
            false => local.row(places.of(lane)),
        };
        let mut rows: Vec<(u32, u32, u32)> = (0u32..)
            .zip(kept.iter())
            .map(|(at, lane)| (owners.get(*lane as usize).copied().unwrap_or(0), at, *lane))
            .collect();
        let values: Vec<Vec<Value>> = keys
            .iter()
            .map(|key| (0..key.len()).map(|at| key.get(at, self.texts).unwrap_or(Value::Missing)).collect())
            .collect();
        let by_keys = |a: usize, b: usize| {
            let each = order.iter().zip(&values).map(|(key, values)| match (values.get(a), values.get(b)) {
                (Some(a), Some(b)) => gather::in_turn(a, b, key.descending),
                _ => Ordering::Equal,
            });
            each.fold(Ordering::Equal, Ordering::then)
        };
        let book = self.book;
        rows.sort_by(|(owner_a, a, lane_a), (owner_b, b, lane_b)| {
            let by_id = || match is_cut {
                true => lane_a.cmp(lane_b),
                false => book.id(of, number(*lane_a)).cmp(book.id(of, number(*lane_b))),
            };
            owner_a.cmp(owner_b).then_with(|| by_keys(*a as usize, *b as usize)).then_with(by_id)
        });
        let mut starts = vec![0; len + 1];
        for (owner, ..) in &rows {
            starts.get_mut(*owner as usize + 1).into_iter().for_each(|count| *count += 1);
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        Course { frame: below, starts, lanes: rows.into_iter().map(|(.., lane)| lane).collect(), failed }
    }
}

/// What fails at a row fails for its subject.
fn fail(vector: &Vector, owners: &[u32], failed: &mut [bool]) {
    for (_, owner) in owners.iter().enumerate().filter(|(at, _)| vector.marks().of(*at) == FAILED) {
        failed.get_mut(*owner as usize).into_iter().for_each(|failed| *failed = true);
    }
}

/// The subjects that have a row for this turn and go on, and these rows.
fn in_turn(course: &Course, running: &Running, turn: usize) -> (Rc<[u32]>, Rc<[u32]>) {
    let rows = (0u32..).zip(&running.failed).zip(&course.failed).filter_map(|((subject, failed), uncertain)| {
        let lane = course.of(subject as usize).get(turn).filter(|_| !failed && !uncertain)?;
        Some((subject, *lane))
    });
    let (subjects, lanes): (Vec<u32>, Vec<u32>) = rows.unzip();
    (subjects.into(), lanes.into())
}
