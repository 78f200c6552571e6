//! An item's life, cut into pieces within which nothing changes.

use std::collections::{BTreeSet, HashMap};

use chrono::{Datelike, Days, NaiveDate};
use rust_decimal::Decimal;

use super::fault::Fault;
use super::run::{Here, Run};
use crate::book::Cell;
use crate::lang::{NodeRef, Value};
use crate::plan::{FactId, Form, Plan, RelationId, Segments, changes::Changes};

/// A run of whole days, from `first` to `last`, both counted.
#[derive(Clone, Debug, PartialEq)]
struct Piece {
    parent: u32,
    first: NaiveDate,
    last: NaiveDate,
    /// The number of the first day, counted from 1 at the start of the whole.
    number: i64,
    balance: Decimal,
    /// What is the same on every day of it; none where it cannot be known and need not be.
    steady: Vec<Option<Value>>,
}

impl Piece {
    fn days(&self) -> i64 {
        (self.last - self.first).num_days() + 1
    }

    /// In the order of [`PIECE_FACTS`](crate::plan::PIECE_FACTS).
    fn fact(&self, fact: FactId) -> Value {
        match fact.0 {
            0 => Value::Date(self.first),
            1 => Value::Date(self.last),
            2 => Value::Int(self.number),
            3 => Value::Int(self.days()),
            _ => Value::Dec(self.balance),
        }
    }
}

/// The relations that cutting makes, and the pieces made so far.
pub(super) struct Cuts {
    /// Relations that cutting makes have the last numbers of a schema.
    first: RelationId,
    makers: HashMap<RelationId, Maker>,
    pieces: HashMap<RelationId, Vec<Piece>>,
    made: HashMap<(RelationId, u32, NaiveDate), Vec<u32>>,
}

/// How many pieces of each relation there were at some time.
#[derive(Clone, Default)]
pub(super) struct Mark(HashMap<RelationId, usize>);

struct Maker {
    node: NodeRef,
    parent: RelationId,
    changes: Changes,
}

impl Cuts {
    pub(super) fn new(plan: &Plan) -> Self {
        let mut makers = HashMap::new();
        for (number, node) in (0u32..).zip(&plan.nodes) {
            if let Form::Segments(segments) = &node.form {
                let steady = segments.when_begun.iter().chain(&segments.on_the_day);
                let changes = Changes::of(plan, steady.chain([&segments.balance]));
                makers.insert(segments.relation, Maker { node: NodeRef(number), parent: node.subject, changes });
            }
        }
        let first = makers.keys().copied().min().unwrap_or(RelationId(u16::MAX));
        Self { first, makers, pieces: HashMap::new(), made: HashMap::new() }
    }

    /// Whether a relation's rows are pieces.
    pub(super) fn makes(&self, relation: RelationId) -> bool {
        self.makers.contains_key(&relation)
    }

    /// A fact of a piece; `None` when the relation's rows stand in the book.
    pub(super) fn fact(&self, relation: RelationId, row: u32, fact: FactId) -> Option<Value> {
        if relation < self.first {
            return None;
        }
        self.pieces.get(&relation)?.get(row as usize).map(|piece| piece.fact(fact))
    }

    /// How many pieces there are.
    pub(super) fn mark(&self) -> Mark {
        Mark(self.pieces.iter().map(|(relation, pieces)| (*relation, pieces.len())).collect())
    }

    /// Drops the pieces made since.
    pub(super) fn drop_since(&mut self, mark: &Mark) {
        let known = |relation: &RelationId| mark.0.get(relation).copied().unwrap_or(0);
        self.pieces.iter_mut().for_each(|(relation, pieces)| pieces.truncate(known(relation)));
        self.made.retain(|(relation, ..), rows| rows.last().is_some_and(|row| (*row as usize) < known(relation)));
    }

    /// What a piece lies under.
    pub(super) fn parent(&self, relation: RelationId, row: u32) -> Option<(RelationId, u32)> {
        if relation < self.first {
            return None;
        }
        let maker = self.makers.get(&relation)?;
        Some((maker.parent, self.pieces.get(&relation)?.get(row as usize)?.parent))
    }
}

impl<'a> Run<'a> {
    /// The pieces that what was asked so far has cut; none of a relation whose rows stand in the book.
    pub fn pieces_made(&self, relation: RelationId) -> std::ops::Range<u32> {
        let known = self.cuts.pieces.get(&relation).map_or(0, Vec::len);
        0..u32::try_from(known).unwrap_or(u32::MAX)
    }

    /// Cuts, and gives the number of pieces.
    pub(super) fn cut(&mut self, here: Here<'a>, segments: &'a Segments) -> Result<Value, Fault> {
        let pieces = self.cut_up(here, segments)?;
        let known = self.cuts.pieces.entry(segments.relation).or_default();
        let first = u32::try_from(known.len()).unwrap_or(u32::MAX);
        let rows: Vec<u32> = (first..).take(pieces.len()).collect();
        let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        known.extend(pieces);
        self.cuts.made.insert((segments.relation, here.row, here.date), rows);
        Ok(Value::Int(count))
    }

    /// The pieces that a row is cut into on the run's date; none where they cannot be known.
    pub fn pieces_of(&mut self, relation: RelationId, of: (RelationId, u32)) -> Vec<u32> {
        self.pieces(relation, of, self.as_of).unwrap_or_default()
    }

    /// The pieces of every row that lies under a row.
    pub(super) fn pieces(
        &mut self,
        of: RelationId,
        under: (RelationId, u32),
        date: NaiveDate,
    ) -> Result<Vec<u32>, Fault> {
        let Some((node, parent)) = self.cuts.makers.get(&of).map(|m| (m.node, m.parent)) else { return Ok(Vec::new()) };
        let mut rows = Vec::new();
        for row in self.relations.below(parent, under.0, under.1) {
            if !self.relations.exists(parent, row, date) {
                continue;
            }
            let key = (of, row, date);
            if !self.cuts.made.contains_key(&key) {
                // The number of pieces may still be known when the pieces are not.
                self.compute(node, row, date).value?;
            }
            rows.extend(self.cuts.made.get(&key).into_iter().flatten());
        }
        Ok(rows)
    }

    fn cut_up(&mut self, here: Here<'a>, segments: &'a Segments) -> Result<Vec<Piece>, Fault> {
        let (Value::Date(from), Value::Date(until)) =
            (self.eval(here, &segments.from)?, self.eval(here, &segments.until)?)
        else {
            return Ok(Vec::new());
        };
        if until < from {
            return Ok(Vec::new());
        }
        let edges: BTreeSet<NaiveDate> = segments
            .after_days
            .iter()
            .filter_map(|days| from.checked_add_days(Days::new(u64::try_from(*days).ok()?)))
            .filter(|day| *day <= until)
            .collect();
        let mut firsts = self.days_of_change(here, segments, from, until);
        firsts.extend(&edges);
        firsts.insert(from);
        let born = self.relations.born(here.node.subject, here.row);
        firsts.extend(born.succ_opt().filter(|day| from < *day && *day <= until));

        let mut pieces: Vec<Piece> = Vec::new();
        let lasts = firsts.iter().skip(1).filter_map(|next| next.pred_opt()).chain([until]);
        for (first, last) in firsts.iter().zip(lasts) {
            let Some(before) = first.pred_opt() else { continue };
            // On the day it was issued nothing was open yet when the day began.
            let balance = match self.relations.exists(here.node.subject, here.row, before) {
                true => self.eval_at(here, here.node.subject, here.row, before, &segments.balance)?,
                false => Value::Dec(Decimal::ZERO),
            };
            let Value::Dec(balance) = balance else { continue };
            let steady = self.steady(here, segments, *first, before, balance.is_zero())?;
            match pieces.last_mut() {
                Some(piece) if piece.balance == balance && piece.steady == steady && !edges.contains(first) => {
                    piece.last = last;
                }
                _ => {
                    let number = (*first - from).num_days() + 1;
                    pieces.push(Piece { parent: here.row, first: *first, last, number, balance, steady });
                }
            }
        }
        pieces.retain(|piece| segments.keep_empty || !piece.balance.is_zero());
        Ok(pieces)
    }

    /// What must be the same on every day of a piece, as it is on a day. An old item that bears nothing any more is not
    /// asked for a rate of today.
    fn steady(
        &mut self,
        here: Here<'a>,
        segments: &'a Segments,
        day: NaiveDate,
        before: NaiveDate,
        empty: bool,
    ) -> Result<Vec<Option<Value>>, Fault> {
        let (subject, row) = (here.node.subject, here.row);
        let mut values = Vec::new();
        for expr in &segments.when_begun {
            let born = self.relations.exists(subject, row, before);
            values.push(if born { Some(self.eval_at(here, subject, row, before, expr)?) } else { None });
        }
        if !empty || segments.keep_empty {
            for expr in &segments.on_the_day {
                let value = self.eval_at(here, subject, row, day, expr);
                values.push(if empty { value.ok() } else { Some(value?) });
            }
        }
        Ok(values)
    }

    /// The days on which the balance with which a day begins may differ from the day before.
    fn days_of_change(
        &mut self,
        here: Here<'a>,
        segments: &Segments,
        from: NaiveDate,
        until: NaiveDate,
    ) -> BTreeSet<NaiveDate> {
        let Some(changes) = self.cuts.makers.get(&segments.relation).map(|m| m.changes.clone()) else {
            return BTreeSet::new();
        };
        let Changes::On(changes) = changes else {
            return from.iter_days().take_while(|day| *day <= until).collect();
        };
        let mut days = BTreeSet::new();
        // `<=` with the date changes on it, `<` on the day after; what a day began with differs one day later.
        let soonest = u64::from(segments.on_the_day.is_empty());
        let mut may_change = |day: NaiveDate| {
            let after = (soonest..=2).filter_map(|n| day.checked_add_days(Days::new(n)));
            days.extend(after.filter(|day| from < *day && *day <= until));
        };
        changes.named.iter().for_each(|day| may_change(*day));
        if changes.years {
            let new_years = (from.year()..=until.year()).filter_map(|year| NaiveDate::from_ymd_opt(year, 1, 1));
            new_years.for_each(&mut may_change);
        }
        for (relation, fact) in changes.facts {
            let shared = self.plan.schema.lowest_above_both(relation, here.node.subject);
            let Some(shared_row) = self.relations.climb(here.node.subject, here.row, shared) else { continue };
            for row in self.relations.below(relation, shared, shared_row) {
                if let Cell::Given(Value::Date(day)) = self.book.cell(relation, fact, row, NaiveDate::MAX) {
                    may_change(day);
                }
            }
        }
        days
    }
}
