//! A block as it is decided: what goes out of it is computed as it is asked for.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use arrow_array::StringArray;

use super::block::Block;
use super::common::Common;
use super::frames::{FrameId, Frames, Hits, Known, NO_HIT};
use super::marks::{GIVEN, MISSING, Mark};
use super::nodes::Evaluation;
use super::pieces::Cutting;
use super::row_engine::RowEngine;
use super::table::Ready;
use super::texts::Texts;
use super::vector::Data;
use super::weight::Weights;
use crate::book::Book;
use crate::engine::fault::Fault;
use crate::lang::{Expr, NodeRef, Value, day_number};
use crate::plan::{Form, PORTFOLIO, Plan, RelationId};

/// Some rows directly under the portfolio, credit groups, that follow one another.
pub type Units = (RelationId, Range<u32>);

/// Rows of one subject in a block, each of them in a lane.
#[derive(Clone, Debug)]
pub struct Subjects {
    frame: FrameId,
    /// The relation.
    pub relation: RelationId,
    /// Their numbers in the book; of the portfolio 0.
    pub rows: Rc<[u32]>,
}

/// What something comes to for the rows of a subject.
#[derive(Clone, Debug)]
pub struct Answer(Known);

/// The values of an answer, in the form that the evaluation has them in.
pub enum Values<'v> {
    /// One for all.
    One(&'v Value),
    /// `bool`, 0 or 1.
    Bools(&'v [u8]),
    /// `int`, `days`, `months`
    Whole(&'v [i64]),
    /// Decimals: units of 10 to the minus the scale.
    Units(&'v [i64], u32),
    /// The same, too large for 64 bits.
    Wide(&'v [i128], u32),
    /// Days after 1970-01-01.
    Days(&'v [i32]),
    /// Texts by their codes, which [`Decided::word`] knows.
    Codes(&'v [u32]),
    /// Texts that differ from row to row.
    Texts(StringArray),
    /// Of any type.
    Any(&'v [Value]),
}

impl Answer {
    /// Whether every row has a value.
    pub fn is_given(&self) -> bool {
        self.0.value.marks().is_given()
    }

    /// Whether a row has a value; otherwise it is missing, or cannot be computed.
    pub fn has_value(&self, lane: usize) -> bool {
        self.mark(lane) == GIVEN
    }

    /// Whether what a row comes to cannot be computed.
    pub fn has_failed(&self, lane: usize) -> bool {
        !matches!(self.mark(lane), GIVEN | MISSING)
    }

    /// Whether some row's cannot.
    pub fn some_failed(&self) -> bool {
        !self.is_given() && (0..self.0.value.len()).any(|lane| self.has_failed(lane))
    }

    /// The same for some of the rows, by their lanes.
    pub fn some(&self, lanes: &[u32]) -> Self {
        Self(self.0.take(lanes))
    }

    fn mark(&self, lane: usize) -> Mark {
        self.0.value.marks().of(lane)
    }

    /// The values; where a row has none, what stands here means nothing.
    pub fn values(&self) -> Values<'_> {
        use super::units::Digits;
        match self.0.value.data() {
            Data::One(value) => Values::One(value),
            Data::Bool(values) => Values::Bools(values),
            Data::Int(values) => Values::Whole(values),
            Data::Dec(units) => match units.digits() {
                Digits::Small(values) => Values::Units(values, units.scale()),
                Digits::Wide(values) => Values::Wide(values, units.scale()),
                Digits::One(one) => Values::Wide(std::slice::from_ref(one), units.scale()),
            },
            Data::Date(values) => Values::Days(values),
            Data::Text(values) => Values::Codes(values),
            Data::Utf8(names) => Values::Texts(names.array()),
            Data::Any(values) => Values::Any(values),
        }
    }

    /// The row of a choice that made each row's value, or [`u16::MAX`]; `None` where several may have.
    pub fn single_hits(&self) -> Option<&[u16]> {
        match &self.0.hits {
            Hits::One(hits) => Some(hits),
            Hits::None | Hits::Many(_) => None,
        }
    }

    /// The rows of a choice that made a row's value.
    pub fn hits(&self, lane: usize) -> &[u16] {
        match &self.0.hits {
            Hits::None => &[],
            Hits::One(hits) => hits.get(lane..lane + 1).filter(|hit| *hit != [NO_HIT]).unwrap_or(&[]),
            Hits::Many(hits) => hits.get(lane).map_or(&[], |hits| hits),
        }
    }
}

/// What a thread keeps from block to block.
pub(super) struct Own<'a> {
    pub(super) texts: Texts,
    pub(super) ready: HashMap<NodeRef, Rc<Ready>>,
    pub(super) weights: Weights,
    pub(super) rows: RowEngine<'a>,
}

/// A block, and what is known of it so far.
pub struct Decided<'e, 'a> {
    evaluation: Evaluation<'e, 'a>,
    today: i32,
    units: Units,
    /// Whether this is the portfolio itself and nothing below it.
    is_whole: bool,
    known: HashMap<RelationId, Subjects>,
}

impl<'e, 'a> Decided<'e, 'a> {
    pub(super) fn new(
        (plan, book, as_of): (&'a Plan, &'a Book, chrono::NaiveDate),
        units: &Units,
        (cutting, common): (&'e Cutting, &'e Common),
        own: &'e mut Own<'a>,
    ) -> Self {
        let Own { texts, ready, weights, rows } = own;
        let block = Block::new(&plan.schema, book, units.clone());
        let evaluation = Evaluation {
            plan,
            book,
            as_of,
            block,
            cutting,
            common,
            frames: Frames::default(),
            texts,
            ready,
            weights,
            rows,
        };
        let (today, is_whole) = (day_number(as_of), units.0 == PORTFOLIO);
        Self { evaluation, today, units: units.clone(), is_whole, known: HashMap::new() }
    }

    /// The plan.
    pub fn plan(&self) -> &'a Plan {
        self.evaluation.plan
    }

    /// The book.
    pub fn book(&self) -> &'a Book {
        self.evaluation.book
    }

    /// The credit groups of the block; the portfolio itself at the end of a sweep.
    pub fn all_units(&self) -> &Units {
        &self.units
    }

    /// The rows of a subject that exist on the run's date, by what they lie under and by id.
    pub fn subjects(&mut self, relation: RelationId) -> Subjects {
        if let Some(known) = self.known.get(&relation) {
            return known.clone();
        }
        let root = self.evaluation.all(relation);
        let subjects = if relation == PORTFOLIO {
            let rows: Rc<[u32]> = if self.is_whole { [0].into() } else { [].into() };
            let frame = if self.is_whole { root } else { self.evaluation.frames.part(root, [].into()) };
            Subjects { frame, relation, rows }
        } else {
            let local = self.evaluation.block.local(relation);
            if local.all_exist(self.today) {
                Subjects { frame: root, relation, rows: local.rows.clone().collect() }
            } else {
                let lanes: Rc<[u32]> =
                    (0u32..).take(local.len()).filter(|place| local.exists(*place, self.today)).collect();
                let rows = lanes.iter().map(|place| local.row(*place)).collect();
                Subjects { frame: self.evaluation.frames.part(root, lanes), relation, rows }
            }
        };
        self.known.insert(relation, subjects.clone());
        subjects
    }

    /// How many rows of a relation lie in the block, whether they exist yet or not.
    pub fn count(&mut self, relation: RelationId) -> usize {
        match relation {
            PORTFOLIO => usize::from(self.is_whole),
            _ => self.evaluation.block.local(relation).len(),
        }
    }

    /// Some of them, by their lanes.
    pub fn some(&mut self, of: &Subjects, lanes: Rc<[u32]>) -> Subjects {
        let rows = lanes.iter().filter_map(|lane| of.rows.get(*lane as usize).copied()).collect();
        Subjects { frame: self.evaluation.frames.part(of.frame, lanes), relation: of.relation, rows }
    }

    /// What a node about these rows, or about what they lie under, comes to.
    pub fn node(&mut self, of: &Subjects, node: NodeRef) -> Answer {
        Answer(self.evaluation.node(of.frame, node))
    }

    /// What an expression comes to for them; a missing value that it needs makes it fail.
    pub fn demand(&mut self, of: &Subjects, expr: &Expr) -> Answer {
        Answer(Known::plain(self.evaluation.settled(of.frame, expr)))
    }

    /// What a loose expression comes to for them; it is missing where a missing value is needed.
    pub fn value_of(&mut self, of: &Subjects, expr: &Expr) -> Answer {
        let scope = self.evaluation.scope(of.frame);
        let vector = self.evaluation.eval(&scope, expr);
        let marks = vector.marks().map(|mark| if mark == super::marks::STOPPED { MISSING } else { mark });
        Answer(Known::plain(vector.with_marks(marks)))
    }

    /// The lanes for which a condition holds.
    pub fn holding(&self, of: &Subjects, answer: &Answer) -> Rc<[u32]> {
        answer.0.value.is_true().lanes(of.rows.len()).each(of.rows.len())
    }

    /// The value of a lane; missing where it has none.
    pub fn value(&self, answer: &Answer, lane: usize) -> Value {
        answer.0.value.get(lane, self.evaluation.texts).unwrap_or(Value::Missing)
    }

    /// The text of a code.
    pub fn word(&self, code: u32) -> std::sync::Arc<str> {
        self.evaluation.texts.word(code)
    }

    /// The row above each of these rows.
    pub fn above(&mut self, of: &Subjects, relation: RelationId) -> Vec<Option<u32>> {
        if !self.evaluation.plan.schema.is_at_or_above(relation, of.relation) {
            return vec![None; of.rows.len()];
        }
        if relation == PORTFOLIO {
            return vec![Some(0); of.rows.len()];
        }
        let (frame, places) = self.evaluation.above(of.frame, relation);
        let (local, there) = (self.evaluation.block.local(relation), self.evaluation.frames.places(frame));
        let row = |lane: u32| Some(local.row(there.of(places.of(lane))));
        (0u32..).take(of.rows.len()).map(row).collect()
    }

    /// The unit that each of these rows lies in, by its row in the book.
    pub fn units(&mut self, of: &Subjects) -> Vec<u32> {
        let mut at = of.relation;
        while let Some(parent) = self.evaluation.plan.schema.parent(at).filter(|parent| *parent != PORTFOLIO) {
            at = parent;
        }
        self.above(of, at).into_iter().map(|unit| unit.unwrap_or(0)).collect()
    }

    /// Why a node cannot be computed for a row; `None` where it can.
    pub fn fault(&mut self, node: NodeRef, row: u32) -> Option<Fault> {
        self.evaluation.rows.run().outcome(node, row).value.err()
    }

    /// Why an expression of a node cannot.
    pub fn fault_of(&mut self, node: NodeRef, expr: &Expr, row: u32) -> Option<Fault> {
        self.evaluation.rows.run().demand(node, expr, row).err()
    }

    /// The row engine.
    pub fn rows(&mut self) -> &mut crate::engine::Run<'a> {
        self.evaluation.rows.run()
    }

    /// What the rows of the block come to for a value of the portfolio.
    pub(super) fn gather(&mut self, node: NodeRef) -> Option<crate::engine::gather::Gathered> {
        match self.evaluation.plan.node(node).map(|node| &node.form) {
            Some(Form::Aggregate(aggregate)) => self.evaluation.gathered(aggregate),
            _ => None,
        }
    }
}
