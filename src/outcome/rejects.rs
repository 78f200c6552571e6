//! What could not be read of the book.

use std::io;
use std::path::Path;

use super::Format;
use super::build::Cell;
use super::files;
use super::schema::TableSchema;
use crate::book::Reject;

const HEADERS: [&str; 6] = ["file", "line", "column", "value", "reason", "account"];

/// Writes the file. Lines come last in its order, so that the order of a book's rows shows in nothing but the lines.
pub(super) fn write(rejects: &[Reject], dir: &Path, format: Format) -> io::Result<()> {
    let mut rejects: Vec<&Reject> = rejects.iter().collect();
    rejects.sort_by_key(|r| (&r.file, &r.account, &r.column, &r.value, &r.reason, r.line));
    let rows = rejects.into_iter().map(|r| {
        let account = r.account.as_deref().unwrap_or("");
        let line = Cell::Whole(i64::try_from(r.line).unwrap_or(i64::MAX));
        let [file, column, value, reason, account] = [&r.file, &r.column, &r.value, &r.reason, account].map(Cell::Text);
        [file, line, column, value, reason, account]
    });
    files::write(dir, TableSchema::of_texts("rejects", HEADERS, &["line"]), format, rows)
}
