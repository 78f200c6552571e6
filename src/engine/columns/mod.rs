//! The column evaluator: the meaning of the row engine, for a whole block of credit groups at a time.
//!
//! A node is evaluated for all lanes of a *frame* at once: rows of a relation, each as of a date. What a node came to is
//! known to its frame, so that it is computed once; `as at`, pieces and what lies below make frames of their own. Where
//! a lane cannot be computed it is only marked: the row engine, which is the meaning, says why.

mod aggregate;
mod alike;
mod arith;
mod block;
mod calls;
mod choice;
mod common;
mod compare;
mod decided;
mod drive;
mod expr;
mod facts;
mod frames;
mod marks;
mod names;
mod nodes;
mod pick;
mod pieces;
mod row_engine;
mod rows;
mod source;
mod table;
mod texts;
mod units;
mod vector;
mod walk;
mod weight;

pub use decided::{Answer, Decided, Subjects, Units, Values};
pub use drive::{Columns, Pace, Portfolio};
