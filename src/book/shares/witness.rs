//! Rows that show how the dates of their file are written: with day and month the other way round. What they show holds for
//! every row of the file, so every share needs them.

use std::collections::BTreeSet;

use super::kept::Rows;
use crate::book::arrays::{is_text, text};
use crate::book::columnar::Stop;
use crate::book::rows::TableRows;
use crate::lang::Base;
use crate::plan::Schema;

/// The files and columns of which such a row was found: by table, column and file.
#[derive(Default)]
pub(super) struct Witnesses(BTreeSet<(&'static str, usize, u32)>);

impl Witnesses {
    /// The rows among these that are the first to show it of their file.
    pub(super) fn among(&mut self, table: &TableRows, rows: &Rows, schema: &Schema) -> Result<Vec<u32>, Stop> {
        let mut found = BTreeSet::new();
        let cells = rows.cells()?;
        let known = table.table.columns(schema);
        for (at, ((name, _), cells)) in table.columns.iter().zip(cells.columns()).enumerate() {
            let is_date = known.iter().any(|(known, base)| known == name && *base == Base::Date);
            if !is_date || !is_text(cells.data_type()) {
                continue;
            }
            let dates = table.format.dates_of(name);
            let fill = table.fills.iter().find(|(column, _)| column == name).map_or("", |(_, text)| text.as_str());
            for (row, number) in (0..rows.len()).zip(0u32..) {
                let written = text(cells, row).unwrap_or_default();
                let written = if written.trim().is_empty() { fill } else { written.trim() };
                if dates.swapped(written).is_some() && dates.read(written).is_err() && rows.why_broken(row).is_none() {
                    let file = rows.place(row).0;
                    if self.0.insert((table.table.name, at, file)) {
                        found.insert(number);
                    }
                }
            }
        }
        Ok(found.into_iter().collect())
    }
}
