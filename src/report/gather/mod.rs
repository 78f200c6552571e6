//! What the page says, taken from the tables while their rows go by: sums, counts and the few that matter most.

mod actions;
mod agree;
mod customers;
mod items;
mod kinds;
mod orders;

use std::collections::BTreeSet;
use std::path::Path;

pub(super) use actions::{Actions, Next, Work};
pub(super) use customers::{Customer, Customers, Tier};
pub(super) use items::{Band, Items};
pub(super) use kinds::{Kind, Kinds};
pub(super) use orders::{Order, Orders};

use super::manifest::Manifest;
use super::trouble::Trouble;
use agree::scan;
use rust_decimal::Decimal;

use crate::lang::sum::ExactSum;

/// Everything the page says.
pub(super) struct Picture {
    /// What `decisions` comes to; `None` where a policy makes no such table.
    pub(super) customers: Option<Customers>,
    /// What `invoices` comes to.
    pub(super) items: Option<Items>,
    /// What `orders` comes to.
    pub(super) orders: Option<Orders>,
    pub(super) actions: Actions,
    pub(super) failures: Kinds,
    pub(super) rejects: Kinds,
}

impl Picture {
    /// Reads every table of a run once and holds each against the manifest.
    pub(super) fn of(dir: &Path, manifest: &Manifest) -> Result<Self, Trouble> {
        let (mut customers, mut items, mut orders) = (None, None, None);
        for table in manifest.tables() {
            match table {
                "decisions" => {
                    let customers = customers.insert(Customers::new());
                    scan(dir, manifest, table, &mut |row| customers.add(row))?;
                }
                "invoices" => {
                    let items = items.insert(Items::default());
                    scan(dir, manifest, table, &mut |row| items.add(row))?;
                }
                "orders" => {
                    let orders = orders.insert(Orders::new());
                    scan(dir, manifest, table, &mut |row| orders.add(row))?;
                }
                _ => scan(dir, manifest, table, &mut |_| Ok(()))?,
            }
        }
        let listed: BTreeSet<String> = customers.iter().flat_map(Customers::listed).map(Into::into).collect();
        let actions = match manifest.has("actions") {
            true => Actions::read(dir, manifest, listed)?,
            false => Actions::default(),
        };
        let failures = Kinds::read(dir, manifest, "failures", &["table", "root"], &["id", "reason", "place"])?;
        let rejects = Kinds::read(dir, manifest, "rejects", &["file", "column", "reason"], &["line", "value"])?;
        // Of a table without the columns that a section is about nothing can be said.
        let items = items.filter(Items::can_be_aged);
        let orders = orders.filter(Orders::are_checked);
        Ok(Self { customers, items, orders, actions, failures, rejects })
    }

    /// Whether everything was read and decided.
    pub(super) fn is_whole(&self) -> bool {
        self.failures.count == 0 && self.rejects.count == 0
    }
}

/// A sum of one column: exact, and whether there was anything to add.
#[derive(Clone, Debug, Default)]
pub(super) struct Sum {
    exact: ExactSum,
    terms: u64,
}

impl Sum {
    fn add(&mut self, term: Option<Decimal>) {
        if let Some(term) = term {
            self.exact.add(term);
            self.terms += 1;
        }
    }

    /// The sum; `None` where no row had a value, or it is too large to hold.
    pub(super) fn total(&self) -> Option<Decimal> {
        self.exact.total().filter(|_| self.terms > 0)
    }

    /// The sum, nothing counting as zero.
    pub(super) fn or_zero(&self) -> Decimal {
        self.total().unwrap_or_default()
    }
}
