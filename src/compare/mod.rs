//! How the decisions over a book differ: between two policies, or between two books.
//!
//! A [`Record`] keeps what a run decided, in a few bytes a value; a [`Difference`] sets two of them side by side.

mod difference;
mod json;
mod record;
mod words;

pub use difference::{ActionChange, ColumnChange, Difference, Move, Moved, Sums, TableChange};
pub use json::json;
pub use record::Record;
pub use words::text;
