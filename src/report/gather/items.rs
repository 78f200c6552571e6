//! `invoices`: receivables by age.

use std::collections::BTreeMap;

use super::super::read::Row;
use super::super::trouble::Trouble;
use super::Sum;

/// What the items come to.
#[derive(Debug, Default)]
pub(in crate::report) struct Items {
    /// By age.
    pub(in crate::report) bands: BTreeMap<String, Band>,
    pub(in crate::report) all: Band,
    lacks_columns: bool,
}

/// Items of one age.
#[derive(Debug, Default)]
pub(in crate::report) struct Band {
    /// How many have something open.
    pub(in crate::report) items: u64,
    pub(in crate::report) open: Sum,
    pub(in crate::report) disputed: Sum,
    pub(in crate::report) provision: Sum,
}

impl Items {
    /// Whether the table says what is open.
    pub(super) fn can_be_aged(&self) -> bool {
        !self.lacks_columns
    }

    pub(super) fn add(&mut self, row: Row<'_>) -> Result<(), Trouble> {
        self.lacks_columns |= !row.has("open");
        let band = self.bands.entry(row.text("ageing").into()).or_default();
        for band in [band, &mut self.all] {
            let open = row.number("open")?;
            band.items += u64::from(open.is_some_and(|open| !open.is_zero()));
            band.open.add(open);
            band.disputed.add(row.number("disputed_open")?);
            band.provision.add(row.number("provision")?);
        }
        Ok(())
    }
}
