//! What an evaluation is of.

use chrono::NaiveDate;

use crate::book::Book;
use crate::plan::Plan;

/// A plan, a book that was read with the plan's schema, and a date.
#[derive(Clone, Copy, Debug)]
pub struct Setting<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The book.
    pub book: &'a Book,
    /// The as-of date.
    pub as_of: NaiveDate,
}
