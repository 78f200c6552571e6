//! Frames: lists of lanes, where a lane is a row of a relation as of a date.

use std::collections::HashMap;
use std::rc::Rc;

use super::common::CommonId;
use super::vector::{Vector, take};
use crate::lang::NodeRef;
use crate::plan::{FactId, RelationId};

/// A frame by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct FrameId(u32);

/// A list of lanes, and what is known of them so far.
pub(super) struct Frame {
    pub(super) relation: RelationId,
    pub(super) len: usize,
    pub(super) lanes: Lanes,
    pub(super) known: HashMap<NodeRef, Known>,
    /// What expressions that stand in several places came to.
    pub(super) common: HashMap<CommonId, Vector>,
    /// For how many lanes parts have asked for a node.
    in_parts: HashMap<NodeRef, usize>,
    /// The frames of the relations above, and where each lane stands there.
    pub(super) above: HashMap<RelationId, (FrameId, Places)>,
    /// The frames of what lies below, and for each lane there the one it lies under.
    pub(super) below: HashMap<RelationId, (FrameId, Rc<[u32]>)>,
}

impl Frame {
    /// Whether a node that a part asks for, for so many lanes, is to be computed for all lanes: when it is known, or when
    /// parts have asked for half as many lanes as there are. So no node is much more work than once for all.
    pub(super) fn is_due(&mut self, at: NodeRef, lanes: usize) -> bool {
        let asked = self.in_parts.entry(at).or_insert(0);
        *asked += lanes;
        *asked * 2 >= self.len || self.known.contains_key(&at)
    }
}

/// Which lanes.
pub(super) enum Lanes {
    /// Every row of the relation that lies in the block, in its order, as of one day.
    Root(i32),
    /// Some lanes of another frame.
    Part(FrameId, Rc<[u32]>),
    /// The lanes of another frame, each as of a day of its own.
    Dated(FrameId, Rc<[i32]>),
    /// Pieces that the rows of another frame are cut into: the lane of each there, and what the pieces say.
    Pieces { of: FrameId, lanes: Rc<[u32]>, facts: Vec<Vector> },
}

/// What a node came to for every lane of a frame.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) value: Vector,
    pub(super) hits: Hits,
}

/// The rows of a choice that made the values.
#[derive(Clone, Debug)]
pub(super) enum Hits {
    /// The node is no choice, or nothing hit.
    None,
    /// One a lane; [`NO_HIT`] where none hit.
    One(Rc<[u16]>),
    /// Several a lane.
    Many(Rc<[Rc<[u16]>]>),
}

/// No row hit.
pub(super) const NO_HIT: u16 = u16::MAX;

impl Hits {
    pub(super) fn take(&self, lanes: &[u32]) -> Self {
        match self {
            Hits::None => Hits::None,
            Hits::One(hits) => {
                Hits::One(lanes.iter().map(|at| hits.get(*at as usize).copied().unwrap_or(NO_HIT)).collect())
            }
            Hits::Many(hits) => {
                Hits::Many(lanes.iter().map(|at| hits.get(*at as usize).cloned().unwrap_or_default()).collect())
            }
        }
    }
}

impl Known {
    pub(super) fn plain(value: Vector) -> Self {
        Self { value, hits: Hits::None }
    }

    pub(super) fn take(&self, lanes: &[u32]) -> Self {
        Self { value: self.value.take(lanes), hits: self.hits.take(lanes) }
    }
}

/// Where lanes stand in another frame.
#[derive(Clone, Debug)]
pub(super) enum Places {
    /// Each at its own number.
    Same,
    /// Each where this says.
    At(Rc<[u32]>),
}

impl Places {
    /// The place of a lane.
    pub(super) fn of(&self, lane: u32) -> u32 {
        match self {
            Places::Same => lane,
            Places::At(places) => places.get(lane as usize).copied().unwrap_or(0),
        }
    }

    /// Values there, for each lane here.
    pub(super) fn take(&self, known: Known) -> Known {
        match self {
            Places::Same => known,
            Places::At(places) => known.take(places),
        }
    }

    /// From a further frame: where these lanes stand there.
    pub(super) fn then(&self, next: &Places) -> Places {
        match (self, next) {
            (own, Places::Same) => own.clone(),
            (Places::Same, next) => next.clone(),
            (Places::At(own), Places::At(next)) => Places::At(take(next, own).iter().copied().collect()),
        }
    }
}

/// The frames of a block.
#[derive(Default)]
pub(super) struct Frames {
    all: Vec<Frame>,
    roots: HashMap<(RelationId, i32), FrameId>,
}

impl Frames {
    pub(super) fn get(&self, id: FrameId) -> Option<&Frame> {
        self.all.get(id.0 as usize)
    }

    pub(super) fn get_mut(&mut self, id: FrameId) -> Option<&mut Frame> {
        self.all.get_mut(id.0 as usize)
    }

    /// Every row of a relation in the block as of a day.
    pub(super) fn root(&mut self, relation: RelationId, day: i32, len: usize) -> FrameId {
        if let Some(known) = self.roots.get(&(relation, day)) {
            return *known;
        }
        let id = self.add(relation, len, Lanes::Root(day));
        self.roots.insert((relation, day), id);
        id
    }

    /// Some lanes of a frame.
    pub(super) fn part(&mut self, of: FrameId, lanes: Rc<[u32]>) -> FrameId {
        let Some(frame) = self.get(of) else { return of };
        let relation = frame.relation;
        let (of, lanes) = match &frame.lanes {
            Lanes::Part(whole, outer) => (*whole, take(outer, &lanes).iter().copied().collect()),
            _ => (of, lanes),
        };
        self.add(relation, lanes.len(), Lanes::Part(of, lanes))
    }

    pub(super) fn add(&mut self, relation: RelationId, len: usize, lanes: Lanes) -> FrameId {
        let id = FrameId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.all.push(Frame {
            relation,
            len,
            lanes,
            known: HashMap::new(),
            common: HashMap::new(),
            in_parts: HashMap::new(),
            above: HashMap::new(),
            below: HashMap::new(),
        });
        id
    }

    /// As of which day each lane is.
    pub(super) fn days(&self, id: FrameId) -> Days {
        match self.get(id).map(|frame| &frame.lanes) {
            None => Days::One(i32::MIN),
            Some(Lanes::Root(day)) => Days::One(*day),
            Some(Lanes::Dated(_, days)) => Days::Each(Rc::clone(days)),
            Some(Lanes::Part(of, lanes) | Lanes::Pieces { of, lanes, .. }) => self.days(*of).take(lanes),
        }
    }

    /// The places in the block of the rows of a frame.
    pub(super) fn places(&self, id: FrameId) -> Places {
        match self.get(id).map(|frame| &frame.lanes) {
            None | Some(Lanes::Root(_) | Lanes::Pieces { .. }) => Places::Same,
            Some(Lanes::Dated(of, _)) => self.places(*of),
            Some(Lanes::Part(of, lanes)) => Places::At(Rc::clone(lanes)).then(&self.places(*of)),
        }
    }

    /// A fact of pieces; `None` where the frame's rows stand in the book.
    pub(super) fn piece_fact(&self, id: FrameId, fact: FactId) -> Option<Vector> {
        match &self.get(id)?.lanes {
            Lanes::Pieces { facts, .. } => facts.get(usize::from(fact.0)).cloned(),
            Lanes::Part(of, lanes) => self.piece_fact(*of, fact).map(|vector| vector.take(lanes)),
            Lanes::Dated(of, _) => self.piece_fact(*of, fact),
            Lanes::Root(_) => None,
        }
    }
}

/// As of which days lanes are.
#[derive(Clone, Debug)]
pub(super) enum Days {
    /// All as of one.
    One(i32),
    /// Each as of its own.
    Each(Rc<[i32]>),
}

impl Days {
    pub(super) fn of(&self, lane: u32) -> i32 {
        match self {
            Days::One(day) => *day,
            Days::Each(days) => days.get(lane as usize).copied().unwrap_or(i32::MIN),
        }
    }

    pub(super) fn take(&self, lanes: &[u32]) -> Self {
        match self {
            Days::One(day) => Days::One(*day),
            Days::Each(_) => Days::Each(lanes.iter().map(|lane| self.of(*lane)).collect()),
        }
    }
}
