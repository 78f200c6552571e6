//! The syntax tree, before names and types.

use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::lang::expr::{ArithOp, CompareOp};

/// A range of bytes in the decoded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl At {
    pub(crate) fn to(self, other: At) -> At {
        At { start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// A piece of syntax and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) ast: Ast,
    pub(crate) at: At,
    /// How high the tree below it is.
    pub(crate) depth: usize,
}

/// A word and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) at: At,
}

/// What a piece of syntax is.
#[derive(Clone, Debug)]
pub(crate) enum Ast {
    /// Already reported.
    Broken,
    Int(i64),
    Dec(Decimal),
    Text(Arc<str>),
    Bool(bool),
    Date(NaiveDate),
    /// A dotted name.
    Name(String),
    /// A dotted name with arguments.
    Call(Word, Vec<Node>),
    /// `value.name` on something that is not a name.
    Property(Box<Node>, Word),
    /// `value.name(…)` on something that is not a name.
    Method(Box<Node>, Word, Vec<Node>),
    Not(Box<Node>),
    Negate(Box<Node>),
    Arith(ArithOp, Box<Node>, Box<Node>),
    Compare(CompareOp, Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Coalesce(Box<Node>, Box<Node>),
    In(Box<Node>, Box<Node>),
    List(Vec<Node>),
    If(Box<Node>, Box<Node>, Box<Node>),
    Switch(Box<Node>, Vec<Case>),
    /// `{ let a = …; … value }`
    Block(Vec<(Word, Node)>, Box<Node>),
}

/// A case of a `switch`; without values it is `_`.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) values: Vec<Node>,
    pub(crate) gives: Node,
    pub(crate) at: At,
}

/// A function of a script.
#[derive(Clone, Debug)]
pub(crate) struct Fun {
    pub(crate) name: Word,
    pub(crate) parameters: Vec<Word>,
    pub(crate) body: Node,
}
