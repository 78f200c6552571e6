//! What lies below, counted, summed and compared, for every lane at once.

mod intervals;
mod sums;

use std::rc::Rc;

use self::sums::summed;
use crate::engine::columns::frames::FrameId;
use crate::engine::columns::marks::{FAILED, GIVEN, MISSING, Mark, Marks};
use crate::engine::columns::nodes::Evaluation;
use crate::engine::columns::source::units_of;
use crate::engine::columns::units::{Digits, Units};
use crate::engine::columns::vector::{Chosen, Data, Truth, Vector, take};
use crate::engine::gather::{self, Gathered};
use crate::lang::{Expr, Value, day_of};
use crate::plan::{Aggregate, Node, PORTFOLIO, RelationId, Take, Window};

/// The rows that count, each with the lane that it counts for.
#[derive(Clone)]
struct Rows {
    /// The frame of all that lie below.
    frame: FrameId,
    /// Which of its lanes count.
    chosen: Chosen,
    /// For each that counts its owner.
    owners: Rc<[u32]>,
    len: usize,
}

/// Rows that count, with their values.
struct Counted {
    /// The frame of what they count for, as of the day at which it looks.
    at: FrameId,
    rows: Rows,
    value: Vector,
}

impl Rows {
    fn count(&self) -> usize {
        self.owners.len()
    }

    /// Keeps those for which something is true.
    fn keep(&mut self, truth: &Truth) {
        let lanes: Rc<[u32]> = match truth.lanes(self.count()) {
            Chosen::All => return,
            Chosen::None => [].into(),
            Chosen::Some(lanes) => lanes,
        };
        self.owners = take(&self.owners, &lanes).iter().copied().collect();
        self.chosen = match &self.chosen {
            Chosen::All => Chosen::Some(lanes),
            Chosen::None => Chosen::None,
            Chosen::Some(chosen) => Chosen::Some(take(chosen, &lanes).iter().copied().collect()),
        };
    }

    /// Keeps those of lanes that have no mark but the one of a value.
    fn keep_known(&mut self, marks: &[Mark]) {
        if marks.iter().any(|mark| *mark != GIVEN) {
            let known = self.owners.iter().map(|owner| u8::from(marks.get(*owner as usize) == Some(&GIVEN)));
            let known = Truth::Each(known.collect());
            self.keep(&known);
        }
    }

    /// Keeps those that have a value, and their values.
    fn keep_given(&mut self, values: Vector) -> Vector {
        if values.marks().is_given() {
            return values;
        }
        let given = (0..self.count()).map(|lane| u8::from(values.marks().of(lane) == GIVEN));
        let given = Truth::Each(given.collect());
        let kept = match given.lanes(self.count()) {
            Chosen::All => values,
            Chosen::None => values.take(&[]),
            Chosen::Some(lanes) => values.take(&lanes),
        };
        self.keep(&given);
        kept
    }
}

impl<'a> Evaluation<'_, 'a> {
    pub(super) fn aggregate(&mut self, frame: FrameId, node: &Node, aggregate: &'a Aggregate) -> Vector {
        let len = self.len(frame);
        let mut marks: Vec<Mark> = vec![GIVEN; len];
        let Some(counted) = self.counted(frame, aggregate, &mut marks) else {
            return Vector::new(Data::One(Value::Missing), Marks::each(marks), len);
        };
        let result = self.taken(node, aggregate, &counted, &mut marks);
        let marks = Marks::each(marks).then(result.marks());
        result.with_marks(marks)
    }

    /// The rows that count, with their values; `None` where no lane has a date as of which to look.
    fn counted(&mut self, frame: FrameId, aggregate: &'a Aggregate, marks: &mut [Mark]) -> Option<Counted> {
        let at = match &aggregate.as_at {
            None => frame,
            Some(date) => self.looked_at(frame, date, marks)?,
        };
        let (below, owners) = self.below(at, aggregate.of);
        self.fail_uncut(at, aggregate.of, marks);
        let mut rows = Rows { frame: below, chosen: Chosen::All, len: owners.len(), owners };
        rows.keep_known(marks);
        if let Some(window) = &aggregate.window {
            self.within(at, window, &mut rows, marks);
        }
        if let Some(filter) = &aggregate.filter {
            let holds = self.at_rows(&rows, filter);
            fail_owners(&holds, &rows, marks);
            rows.keep(&holds.is_true());
        }
        let value = aggregate.value.as_ref().map(|value| {
            let value = self.at_rows(&rows, value);
            fail_owners(&value, &rows, marks);
            value
        });
        let value = match value {
            None => Vector::one(Value::Bool(true), rows.count()),
            Some(value) => rows.keep_given(value),
        };
        Some(Counted { at, rows, value })
    }

    /// What the rows of the block come to for the whole portfolio; `None` where one of them fails.
    pub(super) fn gathered(&mut self, aggregate: &'a Aggregate) -> Option<Gathered> {
        let frame = self.all(PORTFOLIO);
        let mut marks = vec![GIVEN];
        let mut gathered = Gathered::new(&aggregate.take);
        let Some(Counted { at, rows, value }) = self.counted(frame, aggregate, &mut marks) else {
            return (marks.first() != Some(&FAILED)).then_some(gathered);
        };
        let count = rows.count();
        match (&mut gathered, &aggregate.take) {
            (Gathered::Count(known), _) => *known += i64::try_from(count).unwrap_or(i64::MAX),
            (Gathered::Any(any), _) => *any |= count > 0,
            (Gathered::Sum(sum), _) => match units_of(&value).and_then(|units| summed(&units, &rows, 1)) {
                Some(units) => units.get(0).into_iter().for_each(|total| sum.add(total)),
                None => {
                    let values = (0..count).filter_map(|lane| value.get(lane, self.texts).ok());
                    values.for_each(|value| gather::add(sum, &value));
                }
            },
            (Gathered::Extreme(wanted, best), _) => {
                let found = self.extreme(&rows, &value, 1, wanted.is_gt());
                if let Ok(found) = found.get(0, self.texts) {
                    gather::better(best, found, *wanted);
                }
            }
            (Gathered::Mean { top, bottom }, _) => {
                for (above, below) in self.weighed(aggregate, &rows, &value, &mut marks) {
                    top.merge(above);
                    bottom.merge(below);
                }
            }
            (Gathered::Last(latest), Take::Last(on)) => {
                let found = self.latest(aggregate, on, &rows, &mut marks);
                if let Some(Some((day, row, lane))) = found.first()
                    && let (Some(day), Ok(value)) = (day_of(*day), value.get(*lane as usize, self.texts))
                {
                    *latest = Some((day, *row, value));
                }
            }
            (Gathered::Intervals(known), Take::Postpone { .. }) => {
                known.extend(self.intervals(at, aggregate, &rows, &value, &mut marks).into_iter().flatten());
            }
            (Gathered::Last(_) | Gathered::Intervals(_), _) => {}
        }
        (marks.first() == Some(&GIVEN)).then_some(gathered)
    }

    /// What cannot be cut has no pieces to take together.
    fn fail_uncut(&mut self, at: FrameId, of: RelationId, marks: &mut [Mark]) {
        let Some((maker, cut)) = self.cutting.maker(of) else { return };
        let (cut, owners) = self.cut_below(at, cut);
        let pieces = self.node(cut, maker).value;
        if !pieces.has_failed() {
            return;
        }
        for lane in (0u32..).take(pieces.len()).filter(|lane| pieces.marks().of(*lane as usize) == FAILED) {
            change(marks, owners.of(lane), |mark| *mark = FAILED);
        }
    }

    /// The lanes as of the date at which the aggregate looks; `None` where no lane has one.
    fn looked_at(&mut self, frame: FrameId, date: &Expr, marks: &mut [Mark]) -> Option<FrameId> {
        let date = self.settled(frame, date);
        for (lane, mark) in marks.iter_mut().enumerate() {
            *mark = date.marks().of(lane);
        }
        if marks.iter().all(|mark| *mark != GIVEN) {
            return None;
        }
        self.as_of_dates(frame, &date)
    }

    /// Values of an expression for the rows that count.
    fn at_rows(&mut self, rows: &Rows, expr: &Expr) -> Vector {
        match &rows.chosen {
            Chosen::All => self.settled(rows.frame, expr),
            Chosen::None => Vector::none(MISSING, 0),
            Chosen::Some(lanes) if lanes.len() * 2 >= rows.len || self.is_light(rows.frame, expr) => {
                self.settled(rows.frame, expr).take(lanes)
            }
            Chosen::Some(lanes) => {
                let part = self.frames.part(rows.frame, Rc::clone(lanes));
                self.settled(part, expr)
            }
        }
    }

    /// Keeps the rows whose dates lie in the window.
    fn within(&mut self, at: FrameId, window: &Window, rows: &mut Rows, marks: &mut [Mark]) {
        let after = self.settled(at, &window.after);
        let not_before = window.not_before.as_ref().map(|first| self.settled(at, first));
        for (lane, mark) in marks.iter_mut().enumerate().filter(|(_, mark)| **mark == GIVEN) {
            let needs = after.marks().of(lane) == GIVEN;
            let failed = |vector: &Vector| vector.marks().of(lane) == FAILED;
            if failed(&after) || (needs && not_before.as_ref().is_some_and(failed)) {
                *mark = FAILED;
            }
        }
        let begun = rows.owners.iter().map(|owner| u8::from(after.marks().of(*owner as usize) == GIVEN));
        rows.keep(&Truth::Each(begun.collect()));
        let on = self.at_rows(rows, &window.on);
        fail_owners(&on, rows, marks);
        let days = self.frames.days(at);
        let inside = rows.owners.iter().enumerate().map(|(lane, owner)| {
            let at = *owner as usize;
            let (Some(on), Some(after)) = (on.day(lane), after.day(at)) else { return 0 };
            let first = not_before.as_ref().and_then(|first| first.day(at));
            u8::from(after < on && on <= days.of(*owner) && first.is_none_or(|first| first <= on))
        });
        let inside = Truth::Each(inside.collect());
        rows.keep(&inside);
    }

    fn taken(
        &mut self,
        node: &Node,
        aggregate: &'a Aggregate,
        Counted { at, rows, value }: &Counted,
        marks: &mut [Mark],
    ) -> Vector {
        let len = marks.len();
        match &aggregate.take {
            Take::Count => {
                let mut counts = vec![0i64; len];
                rows.owners.iter().for_each(|owner| change(&mut counts, *owner, |count| *count += 1));
                Vector::new(Data::Int(counts.into()), Marks::Given, len)
            }
            Take::Any => {
                let mut any = vec![0u8; len];
                rows.owners.iter().for_each(|owner| change(&mut any, *owner, |any| *any = 1));
                Vector::bools(any, Marks::Given)
            }
            Take::Sum => self.sum(node, rows, value, len),
            Take::Min => self.extreme(rows, value, len, false),
            Take::Max => self.extreme(rows, value, len, true),
            Take::Mean => self.mean(aggregate, rows, value, marks),
            Take::Last(on) => self.last(aggregate, on, rows, value, marks),
            Take::Postpone { start, .. } => self.postponed(*at, aggregate, start, rows, value, marks),
        }
    }

    fn extreme(&mut self, rows: &Rows, value: &Vector, len: usize, greatest: bool) -> Vector {
        match value.data() {
            Data::Int(values) => {
                let (best, marks) = best(rows, values.iter().copied(), len, greatest);
                Vector::new(Data::Int(best.into()), marks, len)
            }
            Data::Date(values) => {
                let (best, marks) = best(rows, values.iter().copied(), len, greatest);
                Vector::new(Data::Date(best.into()), marks, len)
            }
            Data::Dec(units) if matches!(units.digits(), Digits::Small(_)) => {
                let Digits::Small(values) = units.digits() else { return Vector::none(FAILED, len) };
                let (best, marks) = best(rows, values.iter().copied(), len, greatest);
                Vector::new(Data::Dec(Units::small(best.into(), units.scale())), marks, len)
            }
            _ => {
                let wanted = if greatest { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less };
                let mut all = vec![Value::Missing; len];
                for (lane, owner) in rows.owners.iter().enumerate() {
                    if let Ok(value) = value.get(lane, self.texts) {
                        change(&mut all, *owner, |known| gather::better(known, value, wanted));
                    }
                }
                Vector::of_values(all.into_iter().map(Ok).collect(), self.texts)
            }
        }
    }

    /// For each lane its latest row, ties by id: the day, the row, and its place among those that count.
    fn latest(
        &mut self,
        aggregate: &'a Aggregate,
        on: &Expr,
        rows: &Rows,
        marks: &mut [Mark],
    ) -> Vec<Option<(i32, u32, u32)>> {
        let on = self.at_rows(rows, on);
        fail_owners(&on, rows, marks);
        let numbers = self.numbers(rows, aggregate.of);
        let is_cut = self.cutting.maker(aggregate.of).is_some();
        let mut latest: Vec<Option<(i32, u32, u32)>> = vec![None; marks.len()];
        for ((lane, owner), row) in (0u32..).zip(rows.owners.iter()).zip(&numbers) {
            let Some(day) = on.day(lane as usize) else { continue };
            let book = self.book;
            let id = |row: u32| book.id(aggregate.of, row);
            change(&mut latest, *owner, |latest| {
                let is_later = latest.is_none_or(|(known, before, _)| {
                    day > known || (day == known && (is_cut || id(*row) >= id(before)))
                });
                if is_later {
                    *latest = Some((day, *row, lane));
                }
            });
        }
        latest
    }

    fn last(&mut self, aggregate: &'a Aggregate, on: &Expr, rows: &Rows, value: &Vector, marks: &mut [Mark]) -> Vector {
        let latest = self.latest(aggregate, on, rows, marks);
        let values = latest.iter().map(|latest| match latest {
            Some((_, _, lane)) => value.get(*lane as usize, self.texts),
            None => Err(MISSING),
        });
        let values = values.collect();
        Vector::of_values(values, self.texts)
    }

    /// The numbers in the book of the rows that count.
    fn numbers(&mut self, rows: &Rows, of: RelationId) -> Vec<u32> {
        let local = self.block.local(of);
        let places = self.frames.places(rows.frame);
        let number = |lane: u32| local.row(places.of(lane));
        match &rows.chosen {
            Chosen::None => Vec::new(),
            Chosen::All => (0u32..).take(rows.len).map(number).collect(),
            Chosen::Some(lanes) => lanes.iter().map(|lane| number(*lane)).collect(),
        }
    }
}

/// A row that fails makes the lane that it counts for fail.
fn fail_owners(of: &Vector, rows: &Rows, marks: &mut [Mark]) {
    if !of.has_failed() {
        return;
    }
    for (lane, owner) in rows.owners.iter().enumerate() {
        if of.marks().of(lane) == FAILED {
            change(marks, *owner, |mark| *mark = FAILED);
        }
    }
}

fn change<T>(all: &mut [T], at: u32, how: impl FnOnce(&mut T)) {
    if let Some(slot) = all.get_mut(at as usize) {
        how(slot);
    }
}

/// The best of each lane's rows; missing where it has none.
fn best<T: Ord + Copy + Default>(
    rows: &Rows,
    values: impl Iterator<Item = T>,
    len: usize,
    greatest: bool,
) -> (Vec<T>, Marks) {
    let mut best = vec![T::default(); len];
    let mut marks = vec![MISSING; len];
    for (owner, value) in rows.owners.iter().zip(values) {
        if let (Some(known), Some(mark)) = (best.get_mut(*owner as usize), marks.get_mut(*owner as usize)) {
            let is_better = if greatest { value > *known } else { value < *known };
            if *mark == MISSING || is_better {
                *known = value;
                *mark = GIVEN;
            }
        }
    }
    (best, Marks::each(marks))
}
