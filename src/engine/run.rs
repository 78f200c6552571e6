//! One evaluation: a plan, a book, a date, and every value asked for so far.

use std::collections::HashMap;
use std::rc::Rc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::cut::Cuts;
use super::fault::{Fault, Root};
use super::gather;
use super::memo::Memo;
use super::relations::Relations;
use super::setting::Setting;
use super::sweep::Mark;
use crate::book::{Book, Cell};
use crate::diag::{Place, Span};
use crate::lang::calendar::Calendar;
use crate::lang::functions::Rounding;
use crate::lang::sum::ExactSum;
use crate::lang::{Env, Expr, Failure, Function, FunctionRef, NodeRef, Stop, Value, evaluate};
use crate::plan::{Choice, FactId, Form, Hit, Node, PORTFOLIO, Plan, RelationId};

/// What a node came to for one row.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The value, or why there is none.
    pub value: Result<Value, Fault>,
    /// For a choice: the numbers of the rows that made the value.
    pub hits: Rc<[u16]>,
}

/// What is evaluated together: a row directly under the portfolio (a credit group) with all that lies under it, or the
/// portfolio itself.
pub type Unit = (RelationId, u32);

/// An evaluation under way. Ask it for any value of any row. What it computed it keeps for as long as there is room;
/// rows are best asked for unit by unit.
pub struct Run<'a> {
    pub(super) plan: &'a Plan,
    pub(super) book: &'a Book,
    pub(super) as_of: NaiveDate,
    pub(super) relations: Relations<'a>,
    pub(super) cuts: Cuts,
    pub(super) memo: Memo,
    given: HashMap<NodeRef, Value>,
    /// The credit group last asked about from outside.
    unit: Option<Unit>,
    /// How often everything was dropped.
    pub(super) age: u32,
    no_hits: Rc<[u16]>,
}

impl<'a> Run<'a> {
    /// An evaluation of a plan over a book that was read with the plan's schema.
    pub fn new(plan: &'a Plan, book: &'a Book, as_of: NaiveDate) -> Self {
        Self {
            plan,
            book,
            as_of,
            relations: Relations::new(&plan.schema, book),
            cuts: Cuts::new(plan),
            memo: Memo::new(plan, as_of),
            given: HashMap::new(),
            unit: None,
            age: 0,
            no_hits: Rc::from([]),
        }
    }

    /// Takes a node's value as made, for every row (a test's `given:`).
    pub fn give(&mut self, node: NodeRef, value: Value) {
        self.given.insert(node, value);
    }

    /// Says how many outcomes to keep at least, about 40 bytes each; beyond these, what is known of other units may be
    /// dropped and computed again when it is asked for again. No value depends on it.
    pub fn keep(&mut self, outcomes: usize) {
        self.memo.room = outcomes;
    }

    pub(super) fn is_given(&self, node: NodeRef) -> bool {
        self.given.contains_key(&node)
    }

    /// What it is of.
    pub fn setting(&self) -> Setting<'a> {
        Setting { plan: self.plan, book: self.book, as_of: self.as_of }
    }

    /// The plan.
    pub fn plan(&self) -> &'a Plan {
        self.plan
    }

    /// The book.
    pub fn book(&self) -> &'a Book {
        self.book
    }

    /// The as-of date.
    pub fn as_of(&self) -> NaiveDate {
        self.as_of
    }

    /// The rows of a subject that exist on the as-of date, unit by unit and by id.
    pub fn rows(&self, subject: RelationId) -> Vec<u32> {
        self.relations.in_order(subject).filter(|row| self.exists(subject, *row)).collect()
    }

    /// The rows of a subject in a unit that exist on the as-of date, by what they lie under and by id.
    pub fn rows_in(&self, unit: Unit, subject: RelationId) -> Vec<u32> {
        if unit.0 == PORTFOLIO && subject != PORTFOLIO {
            return Vec::new();
        }
        self.relations.below(subject, unit.0, unit.1).filter(|row| self.exists(subject, *row)).collect()
    }

    /// How many rows of a subject exist on the as-of date.
    pub fn count(&self, subject: RelationId) -> usize {
        let rows = (0u32..).take(self.book.count(subject));
        rows.filter(|row| self.exists(subject, *row)).count()
    }

    /// Whether a row exists on the as-of date.
    pub fn exists(&self, subject: RelationId, row: u32) -> bool {
        self.relations.exists(subject, row, self.as_of)
    }

    /// The row of a subject above.
    pub fn above(&self, subject: RelationId, row: u32, above: RelationId) -> Option<u32> {
        self.relations.climb(subject, row, above)
    }

    /// What a node came to for a row of its subject, as of the run's date.
    pub fn outcome(&mut self, node: NodeRef, row: u32) -> Outcome {
        self.make_room(node, row);
        self.outcome_at(node, row, self.as_of)
    }

    /// Drops what is known of other units when too much is.
    fn make_room(&mut self, node: NodeRef, row: u32) {
        let start = Mark::default();
        if !self.full_since(&start) {
            return;
        }
        let subject = self.plan.node(node).map_or(PORTFOLIO, |n| n.subject);
        let unit = self.relations.unit(subject, row);
        if unit != self.unit {
            self.unit = unit;
            self.drop_all();
        }
    }

    /// The same as of another date, not after the run's.
    pub(super) fn outcome_as_of(&mut self, node: NodeRef, row: u32, date: NaiveDate) -> Outcome {
        self.make_room(node, row);
        self.outcome_at(node, row, date)
    }

    pub(super) fn outcome_at(&mut self, node: NodeRef, row: u32, date: NaiveDate) -> Outcome {
        let found = self.plan.node(node);
        let subject = found.map_or(PORTFOLIO, |n| n.subject);
        if let Some(known) = self.memo.get(node, subject, row, date) {
            return known;
        }
        let outcome = self.compute(node, row, date);
        // The book holds its facts already.
        if matches!(found.map(|n| &n.form), Some(Form::Fact(_))) && outcome.value.is_ok() {
            return outcome;
        }
        self.memo.set(node, subject, row, date, outcome.clone());
        outcome
    }

    /// An outcome that no row of a choice made.
    pub(super) fn plain(&self, value: Result<Value, Fault>) -> Outcome {
        Outcome { value, hits: Rc::clone(&self.no_hits) }
    }

    pub(super) fn compute(&mut self, at: NodeRef, row: u32, date: NaiveDate) -> Outcome {
        if let Some(value) = self.given.get(&at) {
            return self.plain(Ok(value.clone()));
        }
        let plan = self.plan;
        let Some(node) = plan.node(at) else {
            return self.plain(Ok(Value::Missing));
        };
        let here = Here { at, node, row, date };
        let value = match &node.form {
            Form::Choice(choice) => return self.choice(here, choice),
            Form::Fact(fact) => self.fact(here, *fact),
            Form::Expr(expr) => self.eval(here, expr),
            Form::Aggregate(aggregate) => self.aggregate(here, aggregate),
            Form::Segments(segments) => self.cut(here, segments),
            Form::Walk(walk) => self.walk_through(here, walk),
            Form::Emit(emit) => self.eval(here, &emit.when),
        };
        self.plain(value)
    }

    fn fact(&mut self, here: Here<'a>, fact: FactId) -> Result<Value, Fault> {
        if let Some(value) = self.cuts.fact(here.node.subject, here.row, fact) {
            return Ok(value);
        }
        let book = self.book;
        match book.cell(here.node.subject, fact, here.row, here.date) {
            Cell::Given(value) => Ok(value),
            Cell::Blank if here.node.ty.optional => Ok(Value::Missing),
            Cell::Blank => {
                // No line: the reason is the same wherever in its file the row stands.
                Err(self.root(here, format!("`{}` is blank in the book", here.node.name), here.node.place.clone()))
            }
            Cell::Unreadable(number) => {
                let reason = match book.rejects.get(number as usize) {
                    Some(r) => {
                        format!("`{}` could not be read: `{}` in `{}` {}", here.node.name, r.value, r.file, r.reason)
                    }
                    None => format!("`{}` could not be read", here.node.name),
                };
                Err(self.root(here, reason, here.node.place.clone()))
            }
        }
    }

    fn choice(&mut self, here: Here<'a>, choice: &'a Choice) -> Outcome {
        match self.choose(here, choice) {
            Ok((value, hits)) => Outcome { value: Ok(value), hits: Rc::from(hits) },
            Err(fault) => self.plain(Err(fault)),
        }
    }

    fn choose(&mut self, here: Here<'a>, choice: &'a Choice) -> Result<(Value, Vec<u16>), Fault> {
        let mut hits = Vec::new();
        let mut values = Vec::new();
        for (number, row) in (0u16..).zip(&choice.rows) {
            let hit = match &row.when {
                Some(when) => self.eval(here, when)? == Value::Bool(true),
                None => true,
            };
            if !hit {
                continue;
            }
            if choice.hit == Hit::Unique
                && let Some(first) = hits.first().and_then(|n: &u16| choice.rows.get(usize::from(*n)))
            {
                let reason = format!("both `{}` and `{}` hit, and only one may", first.id, row.id);
                return Err(self.root(here, reason, row.place.clone()));
            }
            hits.push(number);
            values.push(self.eval(here, &row.gives)?);
            if choice.hit == Hit::First {
                break;
            }
        }
        if hits.is_empty() && choice.complete {
            let reason = format!("no row of `{}` hits on {}", here.node.name, here.date);
            return Err(self.root(here, reason, here.node.place.clone()));
        }
        let value = match choice.hit {
            Hit::First | Hit::Unique => values.pop().unwrap_or(Value::Missing),
            Hit::List => Value::List(values.into()),
            Hit::Sum => {
                let mut sum = ExactSum::default();
                values.iter().for_each(|value| gather::add(&mut sum, value));
                self.total(here, &sum)?
            }
            Hit::Max => gather::extreme(values, std::cmp::Ordering::Greater),
            Hit::Min => gather::extreme(values, std::cmp::Ordering::Less),
        };
        Ok((value, hits))
    }

    /// Evaluates an expression of a node at its own row and date.
    pub(super) fn eval(&mut self, here: Here<'a>, expr: &Expr) -> Result<Value, Fault> {
        self.eval_at(here, here.node.subject, here.row, here.date, expr)
    }

    /// Evaluates an expression of a node at another row or date.
    pub(super) fn eval_at(
        &mut self,
        here: Here<'a>,
        relation: RelationId,
        row: u32,
        date: NaiveDate,
        expr: &Expr,
    ) -> Result<Value, Fault> {
        self.eval_with(here, (relation, row), date, expr, &mut Vec::new())
    }

    /// The same where values stand in the first slots.
    pub(super) fn eval_with(
        &mut self,
        here: Here<'a>,
        (relation, row): (RelationId, u32),
        date: NaiveDate,
        expr: &Expr,
        locals: &mut Vec<Value>,
    ) -> Result<Value, Fault> {
        let mut env = At { run: self, relation, row, date, cause: None };
        let result = evaluate(expr, &mut env, locals);
        let cause = env.cause.take();
        result.map_err(|stop| match stop {
            Stop::Failed(Failure::Because(_)) => {
                cause.unwrap_or_else(|| self.root(here, "what it reads failed".into(), here.node.place.clone()))
            }
            Stop::Failed(Failure::Here { reason, span }) => self.root(here, reason, here.place_of(span)),
            Stop::Missing => self.root(here, "a value that is missing was needed".into(), here.place_of(expr.span)),
        })
    }

    /// Evaluates an expression of a node for a row of its subject, as of the run's date: a rule's condition, say.
    ///
    /// # Errors
    ///
    /// When it cannot be computed for the row.
    pub fn demand(&mut self, at: NodeRef, expr: &Expr, row: u32) -> Result<Value, Fault> {
        let plan = self.plan;
        match plan.node(at) {
            Some(node) => self.eval(Here { at, node, row, date: self.as_of }, expr),
            None => Ok(Value::Missing),
        }
    }

    /// The value of a loose expression for a row; `None` when it has none.
    pub fn value_of(&mut self, expr: &Expr, subject: RelationId, row: u32) -> Option<Value> {
        let date = self.as_of;
        let mut env = At { run: self, relation: subject, row, date, cause: None };
        match evaluate(expr, &mut env, &mut Vec::new()) {
            Ok(value) => Some(value),
            Err(Stop::Missing) => Some(Value::Missing),
            Err(Stop::Failed(_)) => None,
        }
    }

    pub(super) fn root(&self, here: Here<'a>, reason: String, place: Place) -> Fault {
        Rc::new(Root { node: here.at, row: here.row, elsewhere: None, reason, place })
    }
}

/// The node, row and date at hand.
#[derive(Clone, Copy)]
pub(super) struct Here<'a> {
    pub(super) at: NodeRef,
    pub(super) node: &'a Node,
    pub(super) row: u32,
    pub(super) date: NaiveDate,
}

impl Here<'_> {
    fn place_of(&self, span: Span) -> Place {
        if span == Span::default() {
            return self.node.place.clone();
        }
        Place::new(&self.node.place.source, span)
    }
}

/// Where an expression is evaluated.
struct At<'r, 'a> {
    run: &'r mut Run<'a>,
    relation: RelationId,
    row: u32,
    date: NaiveDate,
    cause: Option<Fault>,
}

impl Env for At<'_, '_> {
    fn node(&mut self, node: NodeRef) -> Result<Value, Failure> {
        let subject = self.run.plan.node(node).map_or(self.relation, |n| n.subject);
        let row = self.run.row_above(self.relation, self.row, subject);
        self.run.outcome_at(node, row, self.date).value.map_err(|fault| {
            self.cause = Some(fault);
            Failure::Because(node)
        })
    }

    fn as_of(&self) -> NaiveDate {
        self.date
    }

    fn as_at(&mut self, date: NaiveDate, expr: &Expr, locals: &mut Vec<Value>) -> Result<Value, Stop> {
        // What is dated after the evaluation's own date does not exist, whatever date is asked for.
        let before = self.date;
        self.date = date.min(before);
        let result = evaluate(expr, self, locals);
        self.date = before;
        result
    }

    fn calendar(&self) -> &Calendar {
        &self.run.plan.calendar
    }

    fn rounding(&self) -> Rounding {
        self.run.plan.money.rounding
    }

    fn fx_rate(&self, currency: &str) -> Result<Decimal, String> {
        let plan = self.run.plan;
        if currency.is_empty() || currency == plan.money.currency {
            return Ok(Decimal::ONE);
        }
        self.run.book.fx_rate(&plan.schema, currency, self.date)
    }

    fn function(&self, function: FunctionRef) -> Option<&Function> {
        self.run.plan.functions.get(function.0 as usize)
    }
}

impl Run<'_> {
    pub(super) fn row_above(&self, relation: RelationId, row: u32, above: RelationId) -> u32 {
        let (mut at, mut row) = (relation, row);
        while let Some((parent, parent_row)) = self.cuts.parent(at, row) {
            if at == above {
                return row;
            }
            (at, row) = (parent, parent_row);
        }
        self.relations.climb(at, row, above).unwrap_or(row)
    }
}
