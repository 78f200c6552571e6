//! `decisions`: exposure against limit by tier, warnings, and the customers that matter most.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::super::read::Row;
use super::super::top::Top;
use super::super::trouble::Trouble;
use super::Sum;

/// How many customers the page names of those that owe past due, and of those over their limit.
const OVERDUE: usize = 50;
const OVER: usize = 25;
/// How many make up the concentration.
const LARGEST: usize = 10;

/// What the customers come to.
#[derive(Debug)]
pub(in crate::report) struct Customers {
    /// By tier; all under the empty text where there are no tiers.
    pub(in crate::report) tiers: BTreeMap<String, Tier>,
    pub(in crate::report) all: Tier,
    /// By level of warning.
    pub(in crate::report) warnings: BTreeMap<String, Tier>,
    /// Largest overdue first.
    pub(in crate::report) overdue: Top<Customer>,
    /// Largest excess first.
    pub(in crate::report) over: Top<Customer>,
    /// The largest exposures.
    pub(in crate::report) largest: Top<()>,
    /// How many have something overdue.
    pub(in crate::report) with_overdue: u64,
    /// How many are over their limit, or have none and owe.
    pub(in crate::report) with_excess: u64,
    /// How many could not be decided in every column.
    pub(in crate::report) failed: u64,
    /// How many are decided on what could be read of them, something being unreadable.
    pub(in crate::report) incomplete: u64,
    /// How many wait for a person.
    pub(in crate::report) referred: u64,
    columns: BTreeSet<&'static str>,
}

/// Customers that have something in common.
#[derive(Clone, Debug, Default)]
pub(in crate::report) struct Tier {
    pub(in crate::report) customers: u64,
    pub(in crate::report) exposure: Sum,
    pub(in crate::report) limit: Sum,
    /// Exposure within limits.
    pub(in crate::report) within: Sum,
    /// Exposure beyond limits, or without any.
    pub(in crate::report) over: Sum,
    /// What limits have left.
    pub(in crate::report) free: Sum,
    pub(in crate::report) overdue: Sum,
}

/// A customer worth a line.
#[derive(Clone, Debug)]
pub(in crate::report) struct Customer {
    pub(in crate::report) name: String,
    pub(in crate::report) tier: String,
    pub(in crate::report) limit: Option<Decimal>,
    /// `unlimited`, `none`, or that there is an amount.
    pub(in crate::report) limit_state: String,
    pub(in crate::report) exposure: Option<Decimal>,
    pub(in crate::report) over: Option<Decimal>,
    pub(in crate::report) overdue: Option<Decimal>,
    pub(in crate::report) oldest: Option<Decimal>,
    pub(in crate::report) warning: String,
}

/// The columns the page has use for.
const COLUMNS: [&str; 7] = ["name", "tier", "limit_amount", "exposure", "overdue", "oldest_days_past_due", "warning"];

impl Customers {
    pub(super) fn new() -> Self {
        Self {
            tiers: BTreeMap::new(),
            all: Tier::default(),
            warnings: BTreeMap::new(),
            overdue: Top::new(OVERDUE),
            over: Top::new(OVER),
            largest: Top::new(LARGEST),
            with_overdue: 0,
            with_excess: 0,
            failed: 0,
            incomplete: 0,
            referred: 0,
            columns: BTreeSet::new(),
        }
    }

    pub(super) fn add(&mut self, row: Row<'_>) -> Result<(), Trouble> {
        if self.all.customers == 0 {
            self.columns = COLUMNS.into_iter().filter(|column| row.has(column)).collect();
        }
        let id = row.text("id");
        let customer = Customer {
            name: row.text("name").into(),
            tier: row.text("tier").into(),
            limit: row.number("limit_amount")?,
            limit_state: row.text("limit_state").into(),
            exposure: row.number("exposure")?,
            over: None,
            overdue: row.number("overdue")?,
            oldest: row.number("oldest_days_past_due")?,
            warning: row.text("warning").into(),
        };
        let customer = Customer { over: excess(&customer), ..customer };
        self.tiers.entry(customer.tier.clone()).or_default().add(&customer);
        self.warnings.entry(customer.warning.clone()).or_default().add(&customer);
        self.all.add(&customer);
        self.failed += u64::from(row.text("status") == "failed");
        self.incomplete += u64::from(row.text("status") == "incomplete" || row.text("incomplete") == "true");
        self.referred += u64::from(!row.text("referred").is_empty());

        let positive = |amount: Option<Decimal>| amount.filter(|amount| *amount > Decimal::ZERO);
        if let Some(exposure) = positive(customer.exposure) {
            self.largest.offer(exposure, id, || ());
        }
        if let Some(over) = positive(customer.over) {
            self.with_excess += 1;
            self.over.offer(over, id, || customer.clone());
        }
        if let Some(overdue) = positive(customer.overdue) {
            self.with_overdue += 1;
            self.overdue.offer(overdue, id, || customer);
        }
        Ok(())
    }

    /// Whether the table has a column.
    pub(in crate::report) fn has(&self, column: &str) -> bool {
        self.columns.contains(column)
    }

    /// The ids of the customers that are listed by name.
    pub(super) fn listed(&self) -> impl Iterator<Item = &str> {
        self.overdue.iter().chain(self.over.iter()).map(|(id, _)| id)
    }
}

impl Tier {
    fn add(&mut self, customer: &Customer) {
        self.customers += 1;
        self.exposure.add(customer.exposure);
        self.limit.add(customer.limit);
        self.over.add(customer.over);
        self.overdue.add(customer.overdue);
        self.within.add(customer.exposure.zip(customer.over).and_then(|(all, over)| all.checked_sub(over)));
        let free = customer.limit.zip(customer.exposure).and_then(|(limit, exposure)| limit.checked_sub(exposure));
        self.free.add(free.map(|free| free.max(Decimal::ZERO)));
    }
}

/// Exposure beyond the limit, by the rule of `limit.exceeded_by`: all of it where there is no limit, none of it where
/// there is no bound.
fn excess(customer: &Customer) -> Option<Decimal> {
    let exposure = customer.exposure?;
    let over = match (customer.limit_state.as_str(), customer.limit) {
        ("unlimited", _) => Decimal::ZERO,
        (_, Some(limit)) => exposure.checked_sub(limit)?,
        ("none", None) => exposure,
        // The limit failed: nobody knows.
        _ => return None,
    };
    Some(over.max(Decimal::ZERO))
}
