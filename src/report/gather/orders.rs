//! `orders`: what the checks said, and the largest that are stopped.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use super::super::read::Row;
use super::super::top::Top;
use super::super::trouble::Trouble;
use super::Sum;

/// How many stopped orders are listed.
const LISTED: usize = 20;
/// The decisions that stop an order.
const STOPPING: [&str; 2] = ["hold", "reject"];

/// What the orders come to.
#[derive(Debug)]
pub(in crate::report) struct Orders {
    /// By decision: how many, and of what amount; orders that no check looks at stand under the empty text.
    pub(in crate::report) decisions: BTreeMap<String, (u64, Sum)>,
    /// The largest that are stopped.
    pub(in crate::report) largest: Top<Order>,
    /// Those that are stopped.
    pub(in crate::report) stopped: (u64, Sum),
    /// Whose they are: at most every customer of the book.
    pub(in crate::report) customers: BTreeSet<String>,
    lacks_columns: bool,
}

/// An order worth a line.
#[derive(Debug)]
pub(in crate::report) struct Order {
    pub(in crate::report) customer: String,
    pub(in crate::report) amount: Decimal,
    pub(in crate::report) decision: String,
    pub(in crate::report) reason_en: String,
    pub(in crate::report) reason_zh: String,
}

impl Orders {
    pub(super) fn new() -> Self {
        let (decisions, customers) = (BTreeMap::new(), BTreeSet::new());
        let (largest, stopped) = (Top::new(LISTED), Default::default());
        Self { decisions, largest, stopped, customers, lacks_columns: false }
    }

    /// Whether the table says what was decided, and on how much.
    pub(super) fn are_checked(&self) -> bool {
        !self.lacks_columns
    }

    pub(super) fn add(&mut self, row: Row<'_>) -> Result<(), Trouble> {
        self.lacks_columns |= !row.has("amount");
        let (decision, amount) = (row.text("decision"), row.number("amount")?);
        let (count, sum) = self.decisions.entry(decision.into()).or_default();
        *count += 1;
        sum.add(amount);
        if STOPPING.contains(&decision) {
            self.stopped.0 += 1;
            self.stopped.1.add(amount);
            let customer = row.text("customer");
            if !self.customers.contains(customer) {
                self.customers.insert(customer.into());
            }
            let amount = amount.unwrap_or_default();
            self.largest.offer(amount, row.text("id"), || Order {
                customer: customer.into(),
                amount,
                decision: decision.into(),
                reason_en: row.text("decision_reason_en").into(),
                reason_zh: row.text("decision_reason_zh").into(),
            });
        }
        Ok(())
    }
}
