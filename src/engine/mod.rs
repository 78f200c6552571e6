//! The row engine: the plain meaning of a plan over a book as of a date.
//!
//! It knows the forms of the plan and nothing of the sections they came from. Values are computed when they are
//! asked for and remembered while there is room, so a node that reads the portfolio needs no order of its own; a
//! sweep over the whole book gathers what the portfolio comes to on its way.

mod aggregate;
mod clauses;
mod columns;
mod cut;
mod emit;
mod fault;
mod gather;
mod memo;
mod postpone;
mod relations;
mod run;
mod setting;
mod sweep;
mod walk;
mod words;

pub use clauses::{Finding, Judged, Verdict};
pub use columns::{Answer, Columns, Decided, Pace, Portfolio, Subjects, Units, Values};
pub use emit::{Emitted, Proposal, Unmade};
pub use fault::{Fault, Root};
pub use run::{Outcome, Run, Unit};
pub use setting::Setting;
pub use sweep::Leg;
pub use words::{UNKNOWN, nothing, print_value, push_value};
