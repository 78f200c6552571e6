//! Whether a table is still the one the manifest speaks of.

use std::path::Path;

use rust_decimal::Decimal;

use super::super::manifest::Manifest;
use super::super::read::{Row, Table};
use super::super::trouble::Trouble;
use crate::lang::sum::ExactSum;

/// Hands on every row of an output table; then its number of rows and the sum of each money column must be what the
/// manifest says.
pub(super) fn scan(
    dir: &Path,
    manifest: &Manifest,
    name: &str,
    each: &mut dyn FnMut(Row<'_>) -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let mut table = Table::open(dir, manifest, name)?;
    let totals = manifest.totals(name);
    let mut sums: Vec<(&String, &Option<String>, ExactSum)> =
        totals.iter().map(|(column, total)| (column, total, ExactSum::default())).collect();
    let mut rows = 0;
    while let Some(row) = table.next()? {
        rows += 1;
        for (column, _, sum) in &mut sums {
            if let Some(amount) = row.number(column)? {
                sum.add(amount);
            }
        }
        each(row)?;
    }
    counted(&table.file, "rows", rows, manifest.count(name))?;
    for (column, said, sum) in sums {
        let said = said.as_ref().and_then(|text| Decimal::from_str_exact(text).ok());
        if sum.total() != said {
            let shown = |sum: Option<Decimal>| sum.map_or_else(|| "no number".to_string(), |sum| sum.to_string());
            let what = format!("`{column}` sums to {}, `run.json` says {}", shown(sum.total()), shown(said));
            return Err(Trouble::Changed(table.file, what));
        }
    }
    Ok(())
}

/// Whether there are as many as the manifest says.
pub(super) fn counted(file: &str, what: &str, found: u64, said: u64) -> Result<(), Trouble> {
    if found == said {
        return Ok(());
    }
    Err(Trouble::Changed(file.into(), format!("it has {found} {what}, `run.json` says {said}")))
}
