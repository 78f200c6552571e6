//! What could not be read of the book.

use std::io;
use std::path::Path;

use super::records::{Field, Format, Records};
use crate::book::Reject;

/// Writes the file. Lines come last in its order, so that the order of a book's rows shows in nothing but the lines.
pub(super) fn write(rejects: &[Reject], dir: &Path, format: Format) -> io::Result<()> {
    let mut rejects: Vec<&Reject> = rejects.iter().collect();
    rejects.sort_by_key(|r| (&r.file, &r.account, &r.column, &r.value, &r.reason, r.line));
    let headers = ["file", "line", "column", "value", "reason", "account"].map(String::from);
    let mut out = Records::create(dir, "rejects", format, headers.to_vec())?;
    for r in rejects {
        let account = r.account.as_deref().unwrap_or("");
        let [file, column, value, reason, account] =
            [&r.file, &r.column, &r.value, &r.reason, account].map(Field::text);
        out.write(&[file, Field::Bare(r.line.to_string()), column, value, reason, account])?;
    }
    out.finish()
}
