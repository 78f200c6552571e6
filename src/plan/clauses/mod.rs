//! A condition, split into its clauses: what must hold together, and where one of several is enough.
//!
//! Negation is pushed inwards, so a clause is a comparison, a test of a list, a fact, a call. A condition that a section
//! made of its own (`ladder.x.reached`) is opened where it is read; one that somebody gave a name and read by it
//! (`good_record`) stays a clause, and says below itself why it is as it is.

mod list;
mod open;
mod text;

use std::sync::Arc;

use super::node::{Choice, ChoiceRow, Form, Plan};
use crate::diag::{Source, Span};
use crate::lang::expr::CompareOp;
use crate::lang::{Base, Expr, Kind, NodeRef, Type, Value};

use open::is_written;

/// How many clauses a condition is split into at most; what lies beyond stays whole.
const MOST: usize = 2000;
/// How far conditions that were given a name are followed.
const DEEPEST: usize = 3;

/// A condition, split.
#[derive(Clone, Debug)]
pub enum Clauses {
    /// Each must hold.
    All(Vec<Clauses>),
    /// One is enough.
    Any(Vec<Clauses>),
    /// The clauses; where they meet a missing value, this is what comes of it.
    OnMissing(Box<Clauses>, bool),
    /// A condition that a section made of its own, opened.
    Opened(NodeRef, Box<Clauses>),
    /// A condition that a section made of its own, and the one somebody wrote at its place.
    Meant {
        /// What decides.
        made: Box<Clauses>,
        /// What is told of where it does not hold either.
        written: Box<Clauses>,
    },
    /// A clause.
    One(Box<Clause>),
}

/// A part of a condition that is not split further.
#[derive(Clone, Debug)]
pub struct Clause {
    /// Comparisons have their negation in their operator.
    pub expr: Expr,
    /// What it must come to.
    pub wanted: bool,
    /// As written in the policy.
    pub text: String,
    /// Where it was written: the file, and its bytes.
    pub source: Arc<Source>,
    /// Where in it.
    pub span: Span,
    /// For a condition that has a name: its own clauses.
    pub because: Option<Clauses>,
}

impl Clauses {
    /// The alternatives of which one is enough.
    fn ways(self) -> Vec<Clauses> {
        match self {
            Clauses::Any(parts) => parts.into_iter().flat_map(Clauses::ways).collect(),
            Clauses::Opened(node, of) => {
                of.ways().into_iter().map(|way| Clauses::Opened(node, Box::new(way))).collect()
            }
            Clauses::OnMissing(of, otherwise) => {
                of.ways().into_iter().map(|way| Clauses::OnMissing(Box::new(way), otherwise)).collect()
            }
            other => vec![other],
        }
    }

    /// Whether any clause stands in the policy as somebody wrote it.
    fn any_written(&self) -> bool {
        match self {
            Clauses::All(parts) | Clauses::Any(parts) => parts.iter().any(Clauses::any_written),
            Clauses::OnMissing(of, _) | Clauses::Opened(_, of) => of.any_written(),
            Clauses::Meant { written, .. } => written.any_written(),
            Clauses::One(clause) => is_written(clause.span),
        }
    }
}

impl Plan {
    /// The clauses of a row of a decision table: all hold where it hits. None for a row that always hits.
    pub fn clauses_of_row(&self, row: &ChoiceRow) -> Option<Clauses> {
        let when = row.when.as_ref()?;
        let made = self.split(when, true, &row.place.source);
        if made.any_written() {
            return Some(made);
        }
        let rows = self.nodes.iter().filter_map(|node| match &node.form {
            Form::Choice(Choice { rows, .. }) => rows.iter().find(|r| r.id == row.id && r.place == row.place),
            _ => None,
        });
        let mut splits = rows.filter_map(|r| Some(self.split(r.when.as_ref()?, true, &r.place.source)));
        Some(match splits.find(Clauses::any_written) {
            Some(written) => Clauses::Meant { made: Box::new(made), written: Box::new(written) },
            None => made,
        })
    }

    /// The ways in which a row would no longer hit; where any was written by somebody, only those.
    pub fn clauses_against_row(&self, row: &ChoiceRow) -> Vec<Clauses> {
        let Some(when) = &row.when else { return Vec::new() };
        let at = At { source: &row.place.source, depth: 0, whole: None };
        let mut ways = Splitter { plan: self, left: MOST, opens_all: true }.split(when, false, at).ways();
        if ways.iter().any(Clauses::any_written) {
            ways.retain(Clauses::any_written);
        }
        ways
    }

    /// The clauses of a condition that was written in this file: all hold where it comes to `wanted`.
    pub fn split(&self, condition: &Expr, wanted: bool, source: &Arc<Source>) -> Clauses {
        Splitter { plan: self, left: MOST, opens_all: false }.split(
            condition,
            wanted,
            At { source, depth: 0, whole: None },
        )
    }
}

/// Where an expression stands.
#[derive(Clone, Copy)]
struct At<'s> {
    source: &'s Arc<Source>,
    /// How many named conditions lie above it.
    depth: usize,
    /// A `!x` that it is the `x` of.
    whole: Option<Span>,
}

struct Splitter<'p> {
    plan: &'p Plan,
    left: usize,
    /// Also what has several ways of not holding; otherwise that is one clause, by its name.
    opens_all: bool,
}

impl Splitter<'_> {
    fn split(&mut self, expr: &Expr, wanted: bool, at: At<'_>) -> Clauses {
        let part = At { whole: None, ..at };
        match &expr.kind {
            _ if self.left == 0 => self.one(expr, wanted, at, None),
            Kind::Lit(Value::Bool(value)) if *value == wanted => Clauses::All(Vec::new()),
            Kind::Not(of) => self.split(of, !wanted, At { whole: Some(at.whole.unwrap_or(expr.span)), ..at }),
            Kind::Or(..) if let Some(listed) = list::of(expr) => self.split(&listed, wanted, at),
            Kind::And(a, b) | Kind::Or(a, b) => {
                let all = matches!(expr.kind, Kind::And(..)) == wanted;
                let parts = [self.split(a, wanted, part), self.split(b, wanted, part)];
                joined(all, parts)
            }
            Kind::If(c, a, b) => {
                let first = [self.split(c, true, part), self.split(a, wanted, part)];
                let second = [self.split(c, false, part), self.split(b, wanted, part)];
                joined(false, [joined(true, first), joined(true, second)])
            }
            // It asks whether anything in a condition is missing, whatever comes of it.
            Kind::OnMissing(of, _) if asks_only_whether_missing(of) => self.one(expr, wanted, at, None),
            Kind::OnMissing(of, otherwise) => match &otherwise.kind {
                Kind::Lit(Value::Bool(value)) => {
                    Clauses::OnMissing(Box::new(self.split(of, wanted, at)), *value == wanted)
                }
                _ => self.one(expr, wanted, at, None),
            },
            Kind::Node(node) => self.node(expr, *node, wanted, at),
            _ => self.one(expr, wanted, at, None),
        }
    }

    fn node(&mut self, expr: &Expr, node: NodeRef, wanted: bool, at: At<'_>) -> Clauses {
        let plan = self.plan;
        let Some(found) = plan.node(node) else { return self.one(expr, wanted, at, None) };
        let source = &found.place.source;
        let written = is_written(expr.span);
        let depth = at.depth + usize::from(written);
        if depth > DEEPEST {
            return self.one(expr, wanted, at, None);
        }
        let inside = At { source, depth, whole: None };
        match &found.form {
            Form::Expr(inner) if !matches!(inner.kind, Kind::Lit(_)) => {
                let opened = self.split(inner, wanted, inside);
                if written {
                    return self.one(expr, wanted, at, Some(opened));
                }
                match opened {
                    Clauses::Any(ways) if !wanted && ways.len() > 1 && !self.opens_all => {
                        let because = is_written(inner.span).then_some(Clauses::Any(ways));
                        self.one(expr, wanted, at, because)
                    }
                    opened => Clauses::Opened(node, Box::new(opened)),
                }
            }
            Form::Choice(choice) => {
                let because = self.choice(choice, wanted, inside);
                self.one(expr, wanted, at, because)
            }
            _ => self.one(expr, wanted, at, None),
        }
    }

    /// A clause; one that no person wrote and that cannot be opened says which conditions it rests on.
    fn one(&mut self, expr: &Expr, wanted: bool, at: At<'_>, because: Option<Clauses>) -> Clauses {
        self.left = self.left.saturating_sub(1);
        let span = at.whole.unwrap_or(expr.span);
        let (expr, wanted) = upright(expr, wanted);
        let text = text::of(self.plan, &expr, wanted, span, at.source);
        let because = match because {
            None if !is_written(span) && at.depth < DEEPEST => self.conditions_behind(&expr, at),
            because => because,
        };
        Clauses::One(Box::new(Clause { expr, wanted, text, source: Arc::clone(at.source), span, because }))
    }
}

/// Parts that must all hold, or of which one is enough, those of the same kind taken in.
fn joined(all: bool, parts: [Clauses; 2]) -> Clauses {
    let mut flat = Vec::new();
    for part in parts {
        match part {
            Clauses::All(inner) if all => flat.extend(inner),
            Clauses::Any(inner) if !all => flat.extend(inner),
            other => flat.push(other),
        }
    }
    if all { Clauses::All(flat) } else { Clauses::Any(flat) }
}

/// A comparison that must not hold is the contrary comparison that must.
fn upright(expr: &Expr, wanted: bool) -> (Expr, bool) {
    let Kind::Compare(op, a, b) = &expr.kind else { return (expr.clone(), wanted) };
    if wanted {
        return (expr.clone(), true);
    }
    let contrary = match op {
        CompareOp::Equal => CompareOp::NotEqual,
        CompareOp::NotEqual => CompareOp::Equal,
        CompareOp::Less => CompareOp::GreaterOrEqual,
        CompareOp::LessOrEqual => CompareOp::Greater,
        CompareOp::Greater => CompareOp::LessOrEqual,
        CompareOp::GreaterOrEqual => CompareOp::Less,
    };
    let kind = Kind::Compare(contrary, a.clone(), b.clone());
    (Expr { kind, ty: Type::of(Base::Bool), span: expr.span }, true)
}

fn asks_only_whether_missing(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::If(_, a, b) => matches!((&a.kind, &b.kind), (Kind::Lit(a), Kind::Lit(b)) if a == b),
        _ => false,
    }
}
