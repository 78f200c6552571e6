//! The typed expression: what the checker makes and every evaluator reads.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::functions::Builtin;
use super::types::{Base, Type};
use super::value::Value;
use crate::diag::{Source, Span};

/// Another node of the plan, by its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeRef(pub u32);

/// A function of the policy's scripts, by its number in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FunctionRef(pub u32);

/// A typed expression. Its span points into the file the expression was written in.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it does.
    pub kind: Kind,
    /// What it gives.
    pub ty: Type,
    /// Where it was written.
    pub span: Span,
}

impl Expr {
    /// No value.
    pub fn missing(base: Base, span: Span) -> Self {
        Self { kind: Kind::Lit(Value::Missing), ty: Type::maybe(base), span }
    }
}

/// What an expression does. Operands have been checked: every operator meets only types it is defined on.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// A constant.
    Lit(Value),
    /// The value of another node for the subject at hand, or for the one above it that the node is about.
    Node(NodeRef),
    /// A `let` binding or a function's parameter, by its slot.
    Local(u32),
    /// The as-of date of the evaluation.
    AsOf,
    /// Year, month or day of a date, as an `int`.
    Part(DatePart, Box<Expr>),
    /// `!`
    Not(Box<Expr>),
    /// Unary `-`
    Negate(Box<Expr>),
    /// `+ - * /` on numbers of one kind, on a date and days, and on two dates.
    Arith(ArithOp, Box<Expr>, Box<Expr>),
    /// `== != < <= > >=`
    Compare(CompareOp, Box<Expr>, Box<Expr>),
    /// `&&`, the right side only when the left is true.
    And(Box<Expr>, Box<Expr>),
    /// `||`, the right side only when the left is false.
    Or(Box<Expr>, Box<Expr>),
    /// `??`, the right side only when the left is missing.
    Coalesce(Box<Expr>, Box<Expr>),
    /// `in` a list, by `==` with each item.
    In(Box<Expr>, Box<Expr>),
    /// A list of values.
    List(Vec<Expr>),
    /// `if c { a } else { b }`
    If(Box<Expr>, Box<Expr>, Box<Expr>),
    /// `switch`: the first case that holds the subject's value, else the default. Without a default the cases are all there are.
    Switch {
        /// What is looked at.
        subject: Box<Expr>,
        /// Values and what they give.
        cases: Vec<(Vec<Value>, Expr)>,
        /// `_`
        default: Option<Box<Expr>>,
    },
    /// `let x = value; body`
    Let {
        /// The slot of `x`.
        slot: u32,
        /// Its value.
        value: Box<Expr>,
        /// Where it is known.
        body: Box<Expr>,
    },
    /// A built-in function.
    Call(Builtin, Vec<Expr>),
    /// A function of the policy's scripts.
    Function(FunctionRef, Vec<Expr>),
    /// A whole number as the exact decimal its place asks for.
    ToDecimal(Box<Expr>),
    /// `is_given(x)`
    IsGiven(Box<Expr>),
    /// The first; where it meets a missing value that nothing in it handles, the second (`missing:` of a rule).
    OnMissing(Box<Expr>, Box<Expr>),
    /// The first, as of the date that the second gives.
    AsAt(Box<Expr>, Box<Expr>),
}

/// A part of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DatePart {
    /// `.year`
    Year,
    /// `.month`, from 1
    Month,
    /// `.day`, from 1
    Day,
}

/// Arithmetic operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum ArithOp {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// Comparison operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum CompareOp {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl CompareOp {
    /// The same comparison with its sides exchanged.
    pub fn turned(self) -> Self {
        match self {
            CompareOp::Less => CompareOp::Greater,
            CompareOp::LessOrEqual => CompareOp::GreaterOrEqual,
            CompareOp::Greater => CompareOp::Less,
            CompareOp::GreaterOrEqual => CompareOp::LessOrEqual,
            CompareOp::Equal | CompareOp::NotEqual => self,
        }
    }
}

/// Text with values in it: `"Exposure {account.exposure} is over the limit"`.
#[derive(Clone, Debug, PartialEq)]
pub struct Template(pub Vec<TemplatePart>);

/// A piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplatePart {
    /// As written.
    Text(Arc<str>),
    /// A value, printed; it may be missing.
    Value(Expr),
}

/// Words for people, by language (`en`, `zh`); a plain text stands for every language under the key `""`.
pub type Words = BTreeMap<String, Template>;

/// A function of the policy's scripts, with the signature it was declared with.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What it takes.
    pub takes: Vec<Type>,
    /// What it gives.
    pub gives: Type,
    /// How it runs.
    pub body: Body,
    /// The script it stands in; the spans of its body point there.
    pub source: Arc<Source>,
}

/// How a function runs.
#[derive(Clone, Debug)]
pub enum Body {
    /// Inside the subset: typed and lowered; parameters are the first slots.
    Lowered(Arc<Expr>),
    /// Outside it: run in sandboxed Rhai.
    Script(Arc<super::script::Script>),
}
