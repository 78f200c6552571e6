//! The lives of many items, cut into pieces within which nothing changes.

use std::collections::HashMap;
use std::rc::Rc;

use chrono::{Datelike, NaiveDate};

use super::block::Local;
use super::frames::{FrameId, Known, Lanes};
use super::marks::{FAILED, GIVEN, Mark, Marks};
use super::nodes::Evaluation;
use super::units::{Digits, Units};
use super::vector::{Data, Vector};
use crate::book::Cell;
use crate::lang::{Expr, NodeRef, Value, day_number, day_of};
use crate::plan::changes::{Changes, Days};
use crate::plan::{FactId, Form, Node, Plan, RelationId, Segments};

/// Which relations are made by cutting, by what node, and when a piece may end.
pub(super) struct Cutting {
    makers: HashMap<RelationId, (NodeRef, RelationId)>,
    changes: HashMap<RelationId, Changes>,
}

impl Cutting {
    pub(super) fn of(plan: &Plan) -> Self {
        let (mut makers, mut changes) = (HashMap::new(), HashMap::new());
        for (number, node) in (0u32..).zip(&plan.nodes) {
            if let Form::Segments(segments) = &node.form {
                makers.insert(segments.relation, (NodeRef(number), node.subject));
                let steady = segments.when_begun.iter().chain(&segments.on_the_day);
                changes.insert(segments.relation, Changes::of(plan, steady.chain([&segments.balance])));
            }
        }
        Self { makers, changes }
    }

    /// The node that cuts, and the relation of what it cuts.
    pub(super) fn maker(&self, relation: RelationId) -> Option<(NodeRef, RelationId)> {
        self.makers.get(&relation).copied()
    }
}

/// A day on which a piece may begin.
struct Begin {
    lane: u32,
    day: i32,
    /// The upper edge of a band: a piece ends here though nothing changes.
    is_edge: bool,
    /// Whether the row existed when the day began.
    is_born: bool,
}

/// A run of whole days of a lane.
struct Piece {
    lane: u32,
    first: i32,
    last: i32,
    number: i64,
    /// Which of the days on which it may begin it began on.
    begin: usize,
}

/// What is known of each day on which a piece may begin.
struct Steady {
    balance: Vector,
    /// Where the balance is nothing.
    empty: Vec<bool>,
    when_begun: Vec<Vector>,
    on_the_day: Vec<Vector>,
}

impl Evaluation<'_, '_> {
    /// Cuts; the frame of the pieces is known to the frame of what is cut.
    pub(super) fn cut(&mut self, frame: FrameId, node: &Node, segments: &Segments) -> Known {
        let len = self.len(frame);
        let (from, until) = (self.settled(frame, &segments.from), self.settled(frame, &segments.until));
        let mut marks: Vec<Mark> = vec![GIVEN; len];
        for (lane, mark) in marks.iter_mut().enumerate() {
            // Where the first day is missing the last is computed all the same.
            if from.marks().of(lane) == FAILED || until.marks().of(lane) == FAILED {
                *mark = FAILED;
            }
        }
        let begins = self.begins(frame, node, segments, (&from, &until), &marks);
        let steady = self.steady(frame, segments, &begins, &mut marks);
        let pieces = joined(&begins, &steady, segments, &from, &until, &marks);
        let mut counts = vec![0i64; len];
        for piece in &pieces {
            if let Some(count) = counts.get_mut(piece.lane as usize) {
                *count += 1;
            }
        }
        let lanes: Rc<[u32]> = pieces.iter().map(|piece| piece.lane).collect();
        let days = |of: fn(&Piece) -> i32| Data::Date(pieces.iter().map(of).collect());
        let whole = |of: fn(&Piece) -> i64| Data::Int(pieces.iter().map(of).collect());
        let begun: Vec<u32> = pieces.iter().filter_map(|piece| u32::try_from(piece.begin).ok()).collect();
        let facts = [
            days(|piece| piece.first),
            days(|piece| piece.last),
            whole(|piece| piece.number),
            whole(|piece| i64::from(piece.last) - i64::from(piece.first) + 1),
            steady.balance.take(&begun).data().clone(),
        ];
        let facts = facts.into_iter().map(|data| Vector::new(data, Marks::Given, pieces.len())).collect();
        let made = Lanes::Pieces { of: frame, lanes: Rc::clone(&lanes), facts };
        let made = self.frames.add(segments.relation, pieces.len(), made);
        if let Some(here) = self.frames.get_mut(frame) {
            here.below.insert(segments.relation, (made, lanes));
        }
        Known::plain(Vector::new(Data::Int(counts.into()), Marks::each(marks), len))
    }

    /// The pieces that the lanes of a frame are cut into, and for each its lane.
    pub(super) fn pieces(&mut self, frame: FrameId, relation: RelationId) -> (FrameId, Rc<[u32]>) {
        let Some((maker, _)) = self.cutting.maker(relation) else { return (frame, [].into()) };
        self.node(frame, maker);
        let Some(here) = self.frames.get(frame) else { return (frame, [].into()) };
        if let Some(known) = here.below.get(&relation) {
            return known.clone();
        }
        // They were cut for a frame of which this one is a part.
        let Lanes::Part(of, lanes) = &here.lanes else { return (frame, [].into()) };
        let (of, lanes) = (*of, Rc::clone(lanes));
        let mut lane_of: HashMap<u32, u32> = HashMap::new();
        for (lane, outer) in (0u32..).zip(lanes.iter()) {
            lane_of.insert(*outer, lane);
        }
        let (whole, owners) = self.pieces(of, relation);
        let (mut chosen, mut own) = (Vec::new(), Vec::new());
        for (piece, owner) in (0u32..).zip(owners.iter()) {
            if let Some(lane) = lane_of.get(owner) {
                chosen.push(piece);
                own.push(*lane);
            }
        }
        (self.frames.part(whole, chosen.into()), own.into())
    }

    /// The days on which pieces may begin, lane by lane and in order.
    fn begins(
        &mut self,
        frame: FrameId,
        node: &Node,
        segments: &Segments,
        (from, until): (&Vector, &Vector),
        marks: &[Mark],
    ) -> Vec<Begin> {
        let changes = self.cutting.changes.get(&segments.relation).cloned().unwrap_or(Changes::Daily);
        let sources = match &changes {
            Changes::On(days) => self.sources(days, node.subject),
            Changes::Daily => Vec::new(),
        };
        let local = self.block.local(node.subject);
        let places = self.frames.places(frame);
        let soonest = i32::from(segments.on_the_day.is_empty());
        let mut begins = Vec::new();
        let (mut days, mut edges): (Vec<i32>, Vec<i32>) = (Vec::new(), Vec::new());
        for (lane, mark) in (0u32..).zip(marks) {
            let at = lane as usize;
            let (Some(first), Some(last)) = (from.day(at), until.day(at)) else { continue };
            if *mark != GIVEN || last < first {
                continue;
            }
            days.clear();
            edges.clear();
            edges.extend(segments.after_days.iter().filter_map(|days| {
                let day = first.checked_add(i32::try_from(*days).ok().filter(|days| *days >= 0)?)?;
                (day <= last).then_some(day)
            }));
            let mut may_change = |day: i32| {
                days.extend(
                    (soonest..=2).filter_map(|n| day.checked_add(n)).filter(|day| first < *day && *day <= last),
                );
            };
            let place = places.of(lane);
            match &changes {
                Changes::Daily => days.extend(first..=last),
                Changes::On(known) => {
                    known.named.iter().for_each(|day| may_change(day_number(*day)));
                    if known.years
                        && let (Some(first), Some(last)) = (day_of(first), day_of(last))
                    {
                        let new_years =
                            (first.year()..=last.year()).filter_map(|year| NaiveDate::from_ymd_opt(year, 1, 1));
                        new_years.for_each(|day| may_change(day_number(day)));
                    }
                    sources.iter().for_each(|source| source.each(place, &mut may_change));
                }
            }
            days.extend_from_slice(&edges);
            days.push(first);
            let born = local.born(place);
            days.extend(born.checked_add(1).filter(|day| first < *day && *day <= last));
            days.sort_unstable();
            days.dedup();
            begins.extend(days.iter().map(|day| Begin {
                lane,
                day: *day,
                is_edge: edges.contains(day),
                is_born: local.exists(place, day - 1),
            }));
        }
        begins
    }

    /// The dates of the facts on which something may change, by the rows under which they lie.
    fn sources(&mut self, days: &Days, subject: RelationId) -> Vec<Source> {
        let mut sources = Vec::new();
        for (relation, fact) in &days.facts {
            let shared = self.plan.schema.lowest_above_both(*relation, subject);
            let local = self.block.local(*relation);
            let book = self.book;
            let day = |row: &u32| match book.cell(*relation, *fact, *row, NaiveDate::MAX) {
                Cell::Given(Value::Date(day)) => Some(day_number(day)),
                _ => None,
            };
            let days: Vec<Option<i32>> = self
                .known_days(*relation, *fact, &local)
                .unwrap_or_else(|| local.rows.clone().map(|row| day(&row)).collect());
            if days.iter().all(Option::is_none) {
                continue;
            }
            let up = if subject == shared { None } else { Some(self.climb(subject, shared)) };
            let path = self.path(shared, *relation);
            sources.push(Source { up, path, days });
        }
        sources
    }

    /// The days of a fact that is held as days.
    fn known_days(&self, relation: RelationId, fact: FactId, local: &Local) -> Option<Vec<Option<i32>>> {
        use arrow_array::Array as _;
        match self.book.rows(relation)?.columns.get(usize::from(fact.0))? {
            crate::book::Column::Plain(series) => match series.data() {
                crate::book::Data::Date(days) => {
                    let day = |row: &u32| {
                        let at = *row as usize;
                        (at < days.len() && days.is_valid(at)).then(|| days.values().get(at).copied()).flatten()
                    };
                    Some(local.rows.clone().map(|row| day(&row)).collect())
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// What is the same throughout a piece, as it is on each day on which one may begin.
    fn steady(&mut self, frame: FrameId, segments: &Segments, begins: &[Begin], marks: &mut [Mark]) -> Steady {
        let len = begins.len();
        let born: Rc<[u32]> = (0u32..).zip(begins).filter(|(_, begin)| begin.is_born).map(|(at, _)| at).collect();
        let before = self.on_days(frame, begins, &born, -1);
        let mut at_begin = |evaluation: &mut Self, expr: &Expr| {
            let vector = evaluation.settled(before, expr);
            fail(&vector, &born, begins, marks);
            vector
        };
        let balance = at_begin(self, &segments.balance);
        let when_begun: Vec<Vector> = segments.when_begun.iter().map(|expr| at_begin(self, expr)).collect();
        // On the day it was issued nothing was open yet when the day began.
        let unborn: Rc<[u32]> = (0u32..).zip(begins).filter(|(_, begin)| !begin.is_born).map(|(at, _)| at).collect();
        let nothing = Vector::one(Value::Dec(rust_decimal::Decimal::ZERO), unborn.len());
        let balance = self.scatter(len, &[(Rc::clone(&born), balance), (unborn, nothing)], &Marks::Given);
        let when_begun = when_begun
            .into_iter()
            .map(|vector| self.scatter(len, &[(Rc::clone(&born), vector)], &Marks::All(super::marks::MISSING)))
            .collect();
        let empty = empty(&balance);
        let asked: Rc<[u32]> = (0u32..)
            .zip(empty.iter().zip(begins))
            .filter(|(at, (empty, _))| (!**empty || segments.keep_empty) && balance.marks().of(*at as usize) == GIVEN)
            .map(|(at, _)| at)
            .collect();
        let on_day = self.on_days(frame, begins, &asked, 0);
        let mut on_the_day = Vec::new();
        for expr in &segments.on_the_day {
            let vector = self.settled(on_day, expr);
            // An old item that bears nothing any more is not asked for a rate of today.
            for (at, begin) in asked.iter().enumerate() {
                let is_empty = empty.get(*begin as usize).copied().unwrap_or(false);
                if let (FAILED, false, Some(begin)) = (vector.marks().of(at), is_empty, begins.get(*begin as usize))
                    && let Some(mark) = marks.get_mut(begin.lane as usize)
                {
                    *mark = FAILED;
                }
            }
            on_the_day.push(self.scatter(len, &[(Rc::clone(&asked), vector)], &Marks::All(super::marks::MISSING)));
        }
        Steady { balance, empty, when_begun, on_the_day }
    }

    /// The rows of some of these days, as of the day or so many days after it.
    fn on_days(&mut self, frame: FrameId, begins: &[Begin], chosen: &[u32], after: i32) -> FrameId {
        let of = || chosen.iter().filter_map(|at| begins.get(*at as usize));
        let lanes = of().map(|begin| begin.lane).collect();
        let days = of().map(|begin| begin.day + after).collect();
        let part = self.frames.part(frame, lanes);
        self.dated(part, days)
    }
}

/// Dates that lie around an item, and on which something of it may change.
struct Source {
    /// The place of the row that the item and the dates have in common; its own where there is none above.
    up: Option<Rc<[u32]>>,
    /// From there down to the rows that hold the dates.
    path: Vec<Rc<Local>>,
    days: Vec<Option<i32>>,
}

impl Source {
    fn each(&self, place: u32, tell: &mut dyn FnMut(i32)) {
        let place = self.up.as_ref().map_or(Some(place), |up| up.get(place as usize).copied());
        let Some(place) = place else { return };
        let mut range = place..place + 1;
        for step in &self.path {
            range = step.under(range);
        }
        let days = self.days.get(range.start as usize..range.end as usize).unwrap_or(&[]);
        days.iter().flatten().for_each(|day| tell(*day));
    }
}

/// What fails on a day makes its item fail.
fn fail(vector: &Vector, chosen: &[u32], begins: &[Begin], marks: &mut [Mark]) {
    if !vector.has_failed() {
        return;
    }
    for (at, begin) in chosen.iter().enumerate() {
        if let (FAILED, Some(begin)) = (vector.marks().of(at), begins.get(*begin as usize))
            && let Some(mark) = marks.get_mut(begin.lane as usize)
        {
            *mark = FAILED;
        }
    }
}

fn empty(balance: &Vector) -> Vec<bool> {
    match balance.data() {
        Data::Dec(units) => match units.digits() {
            Digits::Small(units) => units.iter().map(|units| *units == 0).collect(),
            Digits::Wide(units) => units.iter().map(|units| *units == 0).collect(),
            Digits::One(one) => vec![*one == 0; balance.len()],
        },
        Data::One(Value::Dec(one)) => vec![one.is_zero(); balance.len()],
        Data::Any(values) => values.iter().map(|v| matches!(v, Value::Dec(d) if d.is_zero())).collect(),
        _ => vec![false; balance.len()],
    }
}

/// Pieces: days that follow one another belong together where nothing changes between them.
fn joined(
    begins: &[Begin],
    steady: &Steady,
    segments: &Segments,
    from: &Vector,
    until: &Vector,
    marks: &[Mark],
) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut at = 0;
    for of_lane in begins.chunk_by(|a, b| a.lane == b.lane) {
        let start = at;
        at += of_lane.len();
        let Some(lane) = of_lane.first().map(|begin| begin.lane) else { continue };
        let (Some(first), Some(until)) = (from.day(lane as usize), until.day(lane as usize)) else { continue };
        if marks.get(lane as usize) != Some(&GIVEN) {
            continue;
        }
        let before = pieces.len();
        let lasts = of_lane.iter().skip(1).map(|next| next.day - 1).chain([until]);
        for ((begin, last), number) in of_lane.iter().zip(lasts).zip(start..) {
            if steady.balance.marks().of(number) != GIVEN {
                continue;
            }
            let open = pieces.len() > before;
            match pieces.last_mut().filter(|_| open) {
                Some(piece) if !begin.is_edge && steady.is_same(piece.begin, number, segments) => piece.last = last,
                _ => {
                    let piece_number = i64::from(begin.day) - i64::from(first) + 1;
                    pieces.push(Piece { lane, first: begin.day, last, number: piece_number, begin: number });
                }
            }
        }
    }
    let is_empty = |piece: &Piece| steady.empty.get(piece.begin).copied().unwrap_or(false);
    pieces.retain(|piece| segments.keep_empty || !is_empty(piece));
    pieces
}

impl Steady {
    /// Whether nothing differs between two days.
    fn is_same(&self, a: usize, b: usize, segments: &Segments) -> bool {
        let is_asked = |at: usize| !self.empty.get(at).copied().unwrap_or(false) || segments.keep_empty;
        same(&self.balance, a, b)
            && self.when_begun.iter().all(|vector| same(vector, a, b))
            && is_asked(a) == is_asked(b)
            && self.on_the_day.iter().all(|vector| same(vector, a, b))
    }
}

/// Whether two lanes hold the same.
fn same(of: &Vector, a: usize, b: usize) -> bool {
    let known = |mark: Mark| if mark == FAILED { super::marks::MISSING } else { mark };
    let (one, other) = (known(of.marks().of(a)), known(of.marks().of(b)));
    if one != other || one != GIVEN {
        return one == other;
    }
    match of.data() {
        Data::One(_) => true,
        Data::Bool(values) => values.get(a) == values.get(b),
        Data::Int(values) => values.get(a) == values.get(b),
        Data::Date(values) => values.get(a) == values.get(b),
        Data::Text(values) => values.get(a) == values.get(b),
        Data::Dec(units) => Units::get(units, a) == Units::get(units, b),
        Data::Utf8(names) => names.get(a) == names.get(b),
        Data::Any(values) => values.get(a) == values.get(b),
    }
}
