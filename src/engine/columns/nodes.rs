//! What nodes come to, frame by frame.

use std::collections::HashMap;
use std::rc::Rc;

use chrono::NaiveDate;

use super::block::Block;
use super::common::Common;
use super::frames::{Days, FrameId, Frames, Known, Lanes, Places};
use super::marks::{FAILED, MISSING};
use super::pieces::Cutting;
use super::row_engine::RowEngine;
use super::table::Ready;
use super::texts::Texts;
use super::vector::{Data, Vector};
use super::weight::Weights;
use crate::book::Book;
use crate::lang::{NodeRef, Value, day_number};
use crate::plan::{Form, PORTFOLIO, Plan, RelationId};

/// The evaluation of one block.
pub(super) struct Evaluation<'e, 'a> {
    pub(super) plan: &'a Plan,
    pub(super) book: &'a Book,
    pub(super) as_of: NaiveDate,
    pub(super) block: Block<'a>,
    pub(super) cutting: &'e Cutting,
    pub(super) common: &'e Common,
    pub(super) frames: Frames,
    pub(super) texts: &'e mut Texts,
    /// Decision tables made ready.
    pub(super) ready: &'e mut HashMap<NodeRef, Rc<Ready>>,
    /// What was found out of how much work things are.
    pub(super) weights: &'e mut Weights,
    /// The row engine: what the portfolio comes to, and why lanes fail.
    pub(super) rows: &'e mut RowEngine<'a>,
}

impl<'e, 'a> Evaluation<'e, 'a> {
    /// Every row of a relation in the block, as of the run's date.
    pub(super) fn all(&mut self, relation: RelationId) -> FrameId {
        let today = day_number(self.as_of);
        self.root(relation, today)
    }

    pub(super) fn root(&mut self, relation: RelationId, day: i32) -> FrameId {
        let len = if relation == PORTFOLIO { 1 } else { self.block.local(relation).len() };
        self.frames.root(relation, day, len)
    }

    pub(super) fn len(&self, frame: FrameId) -> usize {
        self.frames.get(frame).map_or(0, |frame| frame.len)
    }

    /// What a node comes to for the lanes of a frame of its subject, or of a relation below it.
    pub(super) fn node(&mut self, frame: FrameId, at: NodeRef) -> Known {
        let (Some(here), Some(node)) = (self.frames.get(frame), self.plan.node(at)) else {
            return Known::plain(Vector::none(FAILED, self.len(frame)));
        };
        if here.len == 0 {
            return Known::plain(Vector::none(MISSING, 0));
        }
        if let Some(known) = here.known.get(&at) {
            return known.clone();
        }
        let (relation, len) = (here.relation, here.len);
        let known = if node.subject == relation {
            self.own(frame, at)
        } else if node.subject == PORTFOLIO {
            self.of_portfolio(frame, at)
        } else {
            let (above, places) = self.above(frame, node.subject);
            places.take(self.node(above, at))
        };
        debug_assert_eq!(known.value.len(), len, "{}", node.name);
        if let Some(here) = self.frames.get_mut(frame) {
            here.known.insert(at, known.clone());
        }
        known
    }

    /// Of some lanes of a frame it may be known already, or be due, or be hardly more work for all of them.
    fn own(&mut self, frame: FrameId, at: NodeRef) -> Known {
        if let Some(Lanes::Part(of, lanes)) = self.frames.get(frame).map(|frame| &frame.lanes) {
            let (of, lanes) = (*of, Rc::clone(lanes));
            let is_due = self.frames.get_mut(of).is_some_and(|whole| whole.is_due(at, lanes.len()));
            if is_due || self.is_near(of, at) {
                return self.node(of, at).take(&lanes);
            }
        }
        self.compute(frame, at)
    }

    fn compute(&mut self, frame: FrameId, at: NodeRef) -> Known {
        let plan = self.plan;
        let Some(node) = plan.node(at) else { return Known::plain(Vector::none(FAILED, self.len(frame))) };
        match &node.form {
            Form::Fact(fact) => Known::plain(self.fact(frame, node, *fact)),
            Form::Expr(expr) => Known::plain(self.settled(frame, expr)),
            Form::Emit(emit) => Known::plain(self.settled(frame, &emit.when)),
            Form::Choice(choice) => self.choice(frame, at, choice),
            Form::Aggregate(aggregate) if node.subject != PORTFOLIO => {
                Known::plain(self.aggregate(frame, node, aggregate))
            }
            Form::Segments(segments) => self.cut(frame, node, segments),
            // It goes through the rows of other blocks, too.
            Form::Walk(walk) if walk.under == PORTFOLIO && node.form.goes_below() => self.by_rows(frame, at),
            Form::Walk(walk) => Known::plain(self.walk(frame, node, walk)),
            Form::Aggregate(_) => self.by_rows(frame, at),
        }
    }

    /// What the portfolio comes to is the same for every lane of a day.
    fn of_portfolio(&mut self, frame: FrameId, at: NodeRef) -> Known {
        let len = self.len(frame);
        match self.frames.days(frame) {
            Days::One(day) => {
                let whole = self.root(PORTFOLIO, day);
                self.spread(whole, at, len)
            }
            Days::Each(_) if self.is_timeless(at) => {
                let whole = self.all(PORTFOLIO);
                self.spread(whole, at, len)
            }
            Days::Each(days) => {
                let values = days.iter().map(|day| {
                    let whole = self.root(PORTFOLIO, *day);
                    let value = self.node(whole, at).value;
                    value.get(0, self.texts)
                });
                let values = values.collect();
                Known::plain(Vector::of_values(values, self.texts))
            }
        }
    }

    fn spread(&mut self, whole: FrameId, at: NodeRef, len: usize) -> Known {
        let value = match self.node(whole, at).value.get(0, self.texts) {
            Ok(value) => Vector::one(value, len),
            Err(mark) => Vector::none(mark, len),
        };
        Known::plain(value)
    }

    /// The frame of the rows above, and where each lane stands there.
    pub(super) fn above(&mut self, frame: FrameId, relation: RelationId) -> (FrameId, Places) {
        let Some(here) = self.frames.get(frame) else { return (frame, Places::Same) };
        if here.relation == relation {
            return (frame, Places::Same);
        }
        if let Some(known) = here.above.get(&relation) {
            return known.clone();
        }
        let own = here.relation;
        let found = match &here.lanes {
            Lanes::Root(day) => {
                let day = *day;
                let places = self.climb(own, relation);
                (self.root(relation, day), Places::At(places))
            }
            Lanes::Part(of, lanes) | Lanes::Pieces { of, lanes, .. } => {
                let (of, lanes) = (*of, Places::At(Rc::clone(lanes)));
                let (above, places) = self.above(of, relation);
                (above, lanes.then(&places))
            }
            Lanes::Dated(of, days) => {
                let (of, days) = (*of, Rc::clone(days));
                let (above, places) = self.above(of, relation);
                self.dated_above(above, &places, &days)
            }
        };
        if let Some(here) = self.frames.get_mut(frame) {
            here.above.insert(relation, found.clone());
        }
        found
    }

    /// The rows above, each as of the days of what lies below it; neighbours of one row and day share a lane.
    fn dated_above(&mut self, above: FrameId, places: &Places, days: &[i32]) -> (FrameId, Places) {
        let mut lanes: Vec<u32> = Vec::new();
        let mut own: Vec<i32> = Vec::new();
        let mut at = Vec::with_capacity(days.len());
        for (lane, day) in (0u32..).zip(days) {
            let place = places.of(lane);
            if lanes.last() != Some(&place) || own.last() != Some(day) {
                lanes.push(place);
                own.push(*day);
            }
            at.push(u32::try_from(lanes.len() - 1).unwrap_or(0));
        }
        let part = self.frames.part(above, lanes.into());
        (self.dated(part, own.into()), Places::At(at.into()))
    }

    /// The lanes of a frame as of other days.
    pub(super) fn dated(&mut self, frame: FrameId, days: Rc<[i32]>) -> FrameId {
        let Some(here) = self.frames.get(frame) else { return frame };
        let (relation, len) = (here.relation, here.len);
        self.frames.add(relation, len, Lanes::Dated(frame, days))
    }

    /// The lanes of a frame as of one other day.
    pub(super) fn as_of_day(&mut self, frame: FrameId, day: i32) -> FrameId {
        match self.frames.get(frame).map(|frame| (&frame.lanes, frame.relation, frame.len)) {
            Some((Lanes::Root(_), relation, _)) => self.root(relation, day),
            Some((Lanes::Part(of, lanes), relation, _))
                if matches!(self.frames.get(*of).map(|of| &of.lanes), Some(Lanes::Root(_))) =>
            {
                let lanes = Rc::clone(lanes);
                let root = self.root(relation, day);
                self.frames.part(root, lanes)
            }
            Some((_, _, len)) => self.dated(frame, vec![day; len].into()),
            None => frame,
        }
    }

    /// The lanes of a frame as of dates of theirs, none later than before; `None` where these are no dates.
    pub(super) fn as_of_dates(&mut self, frame: FrameId, dates: &Vector) -> Option<FrameId> {
        let own = self.frames.days(frame);
        Some(match (dates.data(), &own) {
            (Data::One(Value::Date(day)), Days::One(own)) => self.as_of_day(frame, day_number(*day).min(*own)),
            (Data::One(Value::Date(day)), Days::Each(own)) => {
                let day = day_number(*day);
                self.dated(frame, own.iter().map(|own| day.min(*own)).collect())
            }
            (Data::Date(days), own) => {
                let days = (0u32..).zip(days.iter()).map(|(lane, day)| own.of(lane).min(*day)).collect();
                self.dated(frame, days)
            }
            _ => return None,
        })
    }

    /// For each row of a relation the place of the row above it.
    pub(super) fn climb(&mut self, from: RelationId, to: RelationId) -> Rc<[u32]> {
        let local = self.block.local(from);
        match self.plan.schema.parent(from) {
            Some(parent) if parent != to && parent != PORTFOLIO => {
                let above = self.climb(parent, to);
                local.parents.iter().map(|at| above.get(*at as usize).copied().unwrap_or(0)).collect()
            }
            _ => Rc::clone(&local.parents),
        }
    }

    /// The rows below that exist on the day of the lane they lie under, and for each that lane.
    pub(super) fn below(&mut self, frame: FrameId, relation: RelationId) -> (FrameId, Rc<[u32]>) {
        let Some(here) = self.frames.get(frame) else { return (frame, [].into()) };
        if let Some(known) = here.below.get(&relation) {
            return known.clone();
        }
        let found = self.find_below(frame, relation);
        if let Some(here) = self.frames.get_mut(frame) {
            here.below.insert(relation, found.clone());
        }
        found
    }

    fn find_below(&mut self, frame: FrameId, relation: RelationId) -> (FrameId, Rc<[u32]>) {
        if let Some((_, cut)) = self.cutting.maker(relation) {
            let (of, outer) = self.cut_below(frame, cut);
            let (pieces, owners) = self.pieces(of, relation);
            return (pieces, owners.iter().map(|at| outer.of(*at)).collect());
        }
        let Some(here) = self.frames.get(frame) else { return (frame, [].into()) };
        let own = here.relation;
        let days = self.frames.days(frame);
        let local = self.block.local(relation);
        if let (Lanes::Root(_), Days::One(day)) = (&here.lanes, &days) {
            let owners = if own == relation { (0u32..).take(local.len()).collect() } else { self.climb(relation, own) };
            let root = self.root(relation, *day);
            if local.all_exist(*day) {
                return (root, owners);
            }
            let lanes: Rc<[u32]> = (0u32..).take(local.len()).filter(|place| local.exists(*place, *day)).collect();
            let owners = lanes.iter().map(|at| owners.get(*at as usize).copied().unwrap_or(0)).collect();
            return (self.frames.part(root, lanes), owners);
        }
        let len = here.len;
        let path = self.path(own, relation);
        let places = self.frames.places(frame);
        let (mut lanes, mut owners, mut each) = (Vec::new(), Vec::new(), Vec::new());
        for lane in (0u32..).take(len) {
            let (place, day) = (places.of(lane), days.of(lane));
            let mut range = place..place + 1;
            for step in &path {
                range = step.under(range);
            }
            for below in range.filter(|below| local.exists(*below, day)) {
                lanes.push(below);
                owners.push(lane);
                each.push(day);
            }
        }
        let root = match &days {
            Days::One(day) => self.root(relation, *day),
            Days::Each(_) => self.all(relation),
        };
        let part = self.frames.part(root, lanes.into());
        let found = if matches!(days, Days::Each(_)) { self.dated(part, each.into()) } else { part };
        (found, owners.into())
    }

    /// The frame of what is cut, and where its lanes belong.
    pub(super) fn cut_below(&mut self, frame: FrameId, cut: RelationId) -> (FrameId, Places) {
        if self.frames.get(frame).is_some_and(|here| here.relation == cut) {
            return (frame, Places::Same);
        }
        let (of, owners) = self.below(frame, cut);
        (of, Places::At(owners))
    }

    /// The relations on the way down, the first under `from`.
    pub(super) fn path(&mut self, from: RelationId, to: RelationId) -> Vec<Rc<super::block::Local>> {
        let mut path = Vec::new();
        let mut at = to;
        while at != from {
            path.push(self.block.local(at));
            match self.plan.schema.parent(at) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        path.reverse();
        path
    }
}
