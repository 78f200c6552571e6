//! What is known of rows that are set aside.

use std::collections::BTreeMap;

use super::SetAside;
use crate::lang::sum::ExactSum;

/// How many lines a note names.
const NAMED: usize = 5;

/// Rows set aside for one reason.
#[derive(Default)]
pub(crate) struct Sums {
    pub(crate) rows: usize,
    pub(crate) lines: Vec<usize>,
    pub(crate) by_currency: BTreeMap<String, ExactSum>,
    pub(crate) unread: usize,
}

impl Sums {
    pub(crate) fn note(&mut self, line: usize) {
        self.rows += 1;
        if self.lines.len() < NAMED {
            self.lines.push(line);
        }
    }

    /// Takes in those of rows further down.
    pub(crate) fn merge(&mut self, other: Self) {
        self.rows += other.rows;
        self.lines.extend(other.lines);
        self.lines.truncate(NAMED);
        for (currency, sum) in other.by_currency {
            self.by_currency.entry(currency).or_default().merge(sum);
        }
        self.unread += other.unread;
    }

    pub(crate) fn finish(self, why: String) -> SetAside {
        let sums = self.by_currency.into_iter().filter_map(|(currency, sum)| Some((currency, sum.total()?)));
        SetAside { why, rows: self.rows, lines: self.lines, sums: sums.collect(), unread_amounts: self.unread }
    }
}
