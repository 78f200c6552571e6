//! The plan: every part of a policy as one list of named, typed nodes in dependency order.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::schema::{FactId, RelationId, Schema};
use crate::diag::Place;
use crate::lang::calendar::Calendar;
use crate::lang::functions::Rounding;
use crate::lang::{Base, Expr, Function, Kind, NodeRef, Type, Words};

/// A policy, lowered: what every evaluator, listing, diff and proof reads.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Who it is.
    pub header: Header,
    /// Every subject and its raw facts; relations that cutting an item's life makes come last.
    pub schema: Schema,
    /// In dependency order: a node reads only nodes before it.
    pub nodes: Vec<Node>,
    /// The functions of the scripts.
    pub functions: Vec<Function>,
    /// Every decision, by the table it belongs to: what is explained and compared.
    pub tables: Vec<Output>,
    /// What of these tables a run puts out.
    pub outputs: Vec<Output>,
    /// What goes out of what is proposed.
    pub actions: ActionList,
    /// Working days.
    pub calendar: Calendar,
    /// How money is rounded.
    pub money: MoneyRule,
}

/// The manifest of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// Its id.
    pub policy: String,
    /// Its version, as its owner names it.
    pub version: String,
    /// Its title by language; `""` stands for every language.
    pub title: BTreeMap<String, String>,
    /// In force from this day.
    pub from: Option<chrono::NaiveDate>,
    /// In force until the day before this one.
    pub before: Option<chrono::NaiveDate>,
    /// The policies it extends, those that others rest on first.
    pub bases: Vec<BaseHeader>,
    /// The name of all the texts it was read from.
    pub files: String,
}

/// The manifest of a policy that another extends.
#[derive(Clone, Debug, PartialEq)]
pub struct BaseHeader {
    /// Its id.
    pub policy: String,
    /// Its version.
    pub version: String,
    /// The name of the texts it was read from.
    pub files: String,
}

/// The policy's currency and its rounding.
#[derive(Clone, Debug, PartialEq)]
pub struct MoneyRule {
    /// ISO 4217 code.
    pub currency: String,
    /// Whether what is in another currency is converted at the book's rates; otherwise it is refused.
    pub converts: bool,
    /// Smallest unit and mode.
    pub rounding: Rounding,
}

impl MoneyRule {
    /// The other name of an amount where all are in one currency: `item.open` for `item.own_open`.
    pub fn same_as(&self, name: &str) -> Option<String> {
        let (subject, fact) = name.split_once('.').filter(|_| !self.converts)?;
        fact.strip_prefix("own_").map(|fact| format!("{subject}.{fact}"))
    }
}

/// A named value of a subject, or a thing emitted for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The name an auditor knows: `tier`, `limit.amount`, `ladder.collection.phone_call.reached`.
    pub name: String,
    /// What it is about.
    pub subject: RelationId,
    /// What it gives.
    pub ty: Type,
    /// Where it was written.
    pub place: Place,
    /// How it comes about.
    pub form: Form,
    /// A node whose value is shown where this one's is missing (`limit.state` for `limit.amount`).
    pub shown_when_missing: Option<NodeRef>,
    /// What people call it, by language.
    pub label: BTreeMap<String, String>,
}

/// How a node's value comes about.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// The book says so.
    Fact(FactId),
    /// An expression over nodes before it.
    Expr(Expr),
    /// A decision table: rows in order, a value, and which rows it came from.
    Choice(Choice),
    /// What lies below, counted, summed, aged.
    Aggregate(Box<Aggregate>),
    /// The bounds of the pieces an item's life is cut into; the rows of a relation of its own.
    Segments(Segments),
    /// Rows or dates gone through in order, with running values.
    Walk(Box<Walk>),
    /// A condition, a key and a payload.
    Emit(Emit),
}

impl Form {
    /// Whether it takes together rows that lie below its subject.
    pub fn goes_below(&self) -> bool {
        match self {
            Form::Aggregate(_) => true,
            Form::Walk(walk) => matches!(walk.over, Over::Rows { .. }),
            Form::Fact(_) | Form::Expr(_) | Form::Choice(_) | Form::Segments(_) | Form::Emit(_) => false,
        }
    }
}

/// A decision table.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What happens when several rows hit.
    pub hit: Hit,
    /// No hit is a failure (`complete: true`); otherwise it is a missing value, or an empty list under `collect`.
    pub complete: bool,
    /// In order.
    pub rows: Vec<ChoiceRow>,
}

/// What happens when several rows hit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// The first one decides.
    First,
    /// Two hits are a failure.
    Unique,
    /// All, as a list in row order.
    List,
    /// Their sum.
    Sum,
    /// The greatest.
    Max,
    /// The least.
    Min,
}

/// A row of a decision table.
#[derive(Clone, Debug, PartialEq)]
pub struct ChoiceRow {
    /// The auditor's handle.
    pub id: String,
    /// Where it was written.
    pub place: Place,
    /// When it hits; always, when absent.
    pub when: Option<Expr>,
    /// What it gives.
    pub gives: Expr,
    /// Why, in words.
    pub reason: Words,
}

/// What lies below a subject, taken together.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// The relation below.
    pub of: RelationId,
    /// How rows become one value.
    pub take: Take,
    /// The value of a row; none only for `count`.
    pub value: Option<Expr>,
    /// Which rows count.
    pub filter: Option<Expr>,
    /// The weight of a row, for a mean.
    pub weight: Option<Expr>,
    /// The dates a row must lie in.
    pub window: Option<Window>,
    /// The date as of which the rows are looked at, when not the evaluation's own; evaluated at the aggregate's subject.
    pub as_at: Option<Expr>,
}

/// How rows become one value.
#[derive(Clone, Debug, PartialEq)]
pub enum Take {
    /// How many; 0 when none.
    Count,
    /// Exact sum; 0 when none.
    Sum,
    /// The least; missing when none.
    Min,
    /// The greatest; missing when none.
    Max,
    /// The exact sum over the number (or weight) of rows, one division; missing when none.
    Mean,
    /// The value of the row with the latest date, ties by id; missing when none. The date is evaluated at the row.
    Last(Expr),
    /// Whether any row counts.
    Any,
    /// A date, moved by the days of the intervals it meets: `value` is an interval's first day, `until` its last
    /// (the evaluation's own date where missing), `start` the date to move, evaluated at the aggregate's subject.
    /// Missing while an interval that moves it still runs.
    Postpone {
        /// The date to move.
        start: Box<Expr>,
        /// The last day of a row's interval.
        until: Box<Expr>,
        /// Intervals of other relations; a day that several share counts once.
        also: Vec<Intervals>,
    },
}

/// Rows that stand for intervals of days.
#[derive(Clone, Debug, PartialEq)]
pub struct Intervals {
    /// The relation below.
    pub of: RelationId,
    /// The first day of a row's interval.
    pub first: Expr,
    /// The last, the evaluation's own date where missing.
    pub until: Expr,
}

impl Take {
    /// The type it gives for values of this type.
    pub fn gives(&self, value: &Base) -> Type {
        match self {
            Take::Count => Type::of(Base::Int),
            Take::Any => Type::of(Base::Bool),
            Take::Sum => Type::of(value.clone()),
            Take::Min | Take::Max | Take::Last(_) => Type::maybe(value.clone()),
            Take::Mean => Type::maybe(if value.is_amount() { value.clone() } else { Base::Number }),
            Take::Postpone { .. } => Type::maybe(Base::Date),
        }
    }
}

/// Dates a row must lie in: after `after`, not after the evaluation's date, and not before `not_before`.
#[derive(Clone, Debug, PartialEq)]
pub struct Window {
    /// The row's date.
    pub on: Expr,
    /// The day before the first that counts, evaluated at the aggregate's subject.
    pub after: Expr,
    /// The earliest that counts, evaluated at the aggregate's subject.
    pub not_before: Option<Expr>,
}

/// An item's life, cut into pieces of whole days within which neither the balance nor the band nor a rate changes.
///
/// The node itself is the number of pieces; their facts (`first last first_number days balance`) are read through
/// [`Form::Fact`] nodes of the relation it makes. Pieces without a balance are left out unless `keep_empty`.
#[derive(Clone, Debug, PartialEq)]
pub struct Segments {
    /// The relation whose rows are the pieces (its parent is the relation that is cut).
    pub relation: RelationId,
    /// The first day of the first piece, evaluated at the parent; no pieces where missing.
    pub from: Expr,
    /// The last day of the last piece, evaluated at the parent; no pieces where missing or before `from`.
    pub until: Expr,
    /// The balance, evaluated at the parent as of the day before each day: a day bears the charge on what was open when it began.
    pub balance: Expr,
    /// Day numbers (from 1) after which to cut besides: the upper edges of bands.
    pub after_days: Vec<i64>,
    /// What else must be the same when each day of a piece began, evaluated as the balance is.
    pub when_begun: Vec<Expr>,
    /// What must be the same on each day of a piece, evaluated at the parent as of that day: a rate, the year.
    pub on_the_day: Vec<Expr>,
    /// Pieces without a balance are kept; what `on_the_day` cannot be computed there is no failure.
    pub keep_empty: bool,
}

/// Rows or dates gone through in a declared order, where each step knows what the steps before it came to.
///
/// The running values stand in the first slots of its expressions ([`Kind::Local`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Walk {
    /// The subject that starts it. The node is about this subject, or about the rows that are gone through.
    pub under: RelationId,
    /// What is gone through.
    pub over: Over,
    /// The running values before the first step, evaluated at `under`.
    pub start: Vec<Expr>,
    /// The running values after a step, evaluated at the row, or at `under` as of the date; all see those before it.
    pub step: Vec<Expr>,
    /// What it gives: of `under`, from the running values at the end; of a row, from those after its step, and, in the
    /// slots behind these, those before it. A row that is not gone through has no value.
    pub gives: Expr,
}

/// What a walk goes through.
#[derive(Clone, Debug, PartialEq)]
pub enum Over {
    /// Rows below.
    Rows {
        /// Their relation.
        of: RelationId,
        /// Which of them.
        filter: Option<Expr>,
        /// In which order; equal rows by id, and a row without a value for it last.
        order: Vec<SortKey>,
    },
    /// Dates, none after the evaluation's own.
    Dates {
        /// The first; none are gone through where it is missing.
        first: Expr,
        /// The next one, evaluated as of a date.
        next: Expr,
        /// Goes on with a date while this holds, as of that date; it sees the running values.
        while_: Option<Expr>,
    },
}

/// What rows are put in order by.
#[derive(Clone, Debug, PartialEq)]
pub struct SortKey {
    /// Evaluated at the row.
    pub by: Expr,
    /// The greatest first.
    pub descending: bool,
}

/// The facts of a piece, by number.
pub const PIECE_FACTS: [(&str, Base); 5] = [
    ("first", Base::Date),
    ("last", Base::Date),
    // the number of its first day, counted from 1 at the start of the whole
    ("first_number", Base::Days),
    ("days", Base::Days),
    ("balance", Base::Money),
];

/// Something a run proposes.
#[derive(Clone, Debug, PartialEq)]
pub struct Emit {
    /// `actions`, `invariants`.
    pub stream: Arc<str>,
    /// Whether it is emitted.
    pub when: Expr,
    /// What its id is made of besides the policy and the subject's id.
    pub key: Vec<Expr>,
    /// Emits of one stream with equal groups become one thing with several lines; none: each stands alone.
    pub group: Option<Vec<Expr>>,
    /// Among the lines of a group the greatest rank names the whole.
    pub rank: i64,
    /// Named values that go out with it.
    pub payload: Vec<(String, Expr)>,
    /// Why, in words.
    pub reason: Words,
}

/// A table a run puts out: one row a subject, one column a node.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// `decisions`, `invoices`, `orders`.
    pub table: String,
    /// What a row is about.
    pub subject: RelationId,
    /// In order.
    pub columns: Vec<Column>,
    /// The condition under which a row is put out; one for which it cannot be computed is put out too.
    pub only: Option<NodeRef>,
}

/// The stream of things to do.
pub const ACTIONS: &str = "actions";

/// The action list of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionList {
    /// Whether there is one.
    pub is_put_out: bool,
    /// Whether it says where each line was written.
    pub with_places: bool,
    /// Whether it says in words why.
    pub with_reasons: bool,
}

impl ActionList {
    /// With everything it can say.
    pub const WHOLE: Self = Self { is_put_out: true, with_places: true, with_reasons: true };
}

/// A column of an output table.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its header.
    pub header: String,
    /// What it shows.
    pub node: NodeRef,
    /// Besides the value: the rule that made it, and its place.
    pub with_rule: bool,
    /// Besides the rule: its reasons, in words.
    pub with_reasons: bool,
}

/// A table that does not leave whole.
#[derive(Clone, Copy, Debug)]
pub struct Limited<'p> {
    /// All of it.
    pub table: &'p Output,
    /// What of it leaves; nothing, when absent.
    pub output: Option<&'p Output>,
}

impl Plan {
    /// The tables of which rows, columns or reasons are left out.
    pub fn limited(&self) -> impl Iterator<Item = Limited<'_>> {
        let limited = |table| Limited { table, output: self.outputs.iter().find(|output| output.table == table.table) };
        self.tables.iter().map(limited).filter(|of: &Limited<'_>| of.output != Some(of.table))
    }

    /// The tables that do not leave at all.
    pub fn off(&self) -> impl Iterator<Item = &Output> {
        self.limited().filter(|of| of.output.is_none()).map(|of| of.table)
    }

    /// A node by its number.
    pub fn node(&self, at: NodeRef) -> Option<&Node> {
        self.nodes.get(at.0 as usize)
    }

    /// Where a node only hands on another, that other one.
    pub fn source(&self, mut node: NodeRef) -> NodeRef {
        while let Some(Form::Expr(expr)) = self.node(node).map(|n| &n.form) {
            match expr.kind {
                Kind::Node(next) if next < node => node = next,
                _ => break,
            }
        }
        node
    }

    /// A node by its name, or by another name of it.
    pub fn find(&self, name: &str) -> Option<NodeRef> {
        let find = |name: &str| self.nodes.iter().position(|n| n.name == name);
        let at = find(name).or_else(|| find(&self.money.same_as(name)?))?;
        u32::try_from(at).ok().map(NodeRef)
    }
}
