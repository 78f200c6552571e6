//! The row engine: the plain meaning of a plan over a book as of a date.
//!
//! It knows the forms of the plan and nothing of the sections they came from. Values are computed when they are
//! asked for and remembered, so a node that reads the portfolio needs no order of its own.

mod aggregate;
mod clauses;
mod cut;
mod emit;
mod fault;
mod relations;
mod run;
mod words;

pub use clauses::{Finding, Judged, Verdict};
pub use emit::{Emitted, Proposal, Unmade};
pub use fault::{Fault, Root};
pub use run::{Outcome, Run};
pub use words::print_value;
