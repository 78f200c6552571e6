//! What could not be read of the book.

use std::io;

use crate::book::Reject;

/// Writes the file. Lines come last in its order, so that the order of a book's rows shows in nothing but the lines.
pub(super) fn write<W: io::Write>(rejects: &[Reject], out: &mut csv::Writer<W>) -> io::Result<()> {
    let mut rejects: Vec<&Reject> = rejects.iter().collect();
    rejects.sort_by_key(|r| (&r.file, &r.account, &r.column, &r.value, &r.reason, r.line));
    out.write_record(["file", "line", "column", "value", "reason", "account"])?;
    for r in rejects {
        let account = r.account.as_deref().unwrap_or("");
        out.write_record([&r.file, &r.line.to_string(), &r.column, &r.value, &r.reason, account])?;
    }
    Ok(())
}
