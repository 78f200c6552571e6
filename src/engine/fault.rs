//! Why a value could not be computed.

use std::rc::Rc;

use crate::diag::Place;
use crate::lang::NodeRef;

/// The first thing that went wrong.
#[derive(Clone, Debug, PartialEq)]
pub struct Root {
    /// The node that could not run.
    pub node: NodeRef,
    /// The row of its subject.
    pub row: u32,
    /// The id of that row, where it is one of another share of the book.
    pub elsewhere: Option<String>,
    /// Why, in words.
    pub reason: String,
    /// The part of the policy that could not run.
    pub place: Place,
}

/// A failed value: every value that reads it carries the same root.
pub type Fault = Rc<Root>;
