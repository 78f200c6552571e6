//! A number that a file of one scale cannot hold.

use std::fmt;

/// A number that a file of one scale cannot hold exactly; it is never rounded to fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// The table.
    pub table: String,
    /// Its column.
    pub column: String,
    /// The id of the row.
    pub id: String,
    /// The number, as CSV has it.
    pub value: String,
    /// How many places the column has.
    pub places: u8,
}

impl fmt::Display for Unfit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { table, column, id, value, places } = self;
        write!(out, "`{column}` of `{id}` in `{table}` is `{value}`, and a column of 38 digits and {places} places ")?;
        write!(out, "cannot hold it exactly")
    }
}

impl std::error::Error for Unfit {}

impl Unfit {
    /// What to do about it.
    pub fn help() -> &'static str {
        "write `--format csv` or `jsonl`, which hold every number, or round it in the policy"
    }
}
