//! The data of the benches: made here, the same on every machine, and written as the files a book is read from.

use std::fmt::Write as _;
use std::path::Path;

use chrono::{Days, NaiveDate};

pub(crate) const INDUSTRIES: [&str; 5] = ["manufacturing", "wholesale", "retail", "services", "construction"];

/// Columns of customers and invoices; money in cents, dates in days before the as-of date.
#[derive(Clone, Default, PartialEq, Debug)]
pub(crate) struct Data {
    pub(crate) industry: Vec<u8>,
    pub(crate) months_trading: Vec<u16>,
    pub(crate) turnover: Vec<i64>,
    pub(crate) score: Vec<u8>,
    pub(crate) lawsuits: Vec<u8>,
    pub(crate) dishonest: Vec<bool>,
    pub(crate) insured: Vec<bool>,
    pub(crate) insured_limit: Vec<i64>,
    /// Of each invoice the place of its customer.
    pub(crate) customer: Vec<u32>,
    pub(crate) outstanding: Vec<i64>,
    /// Days past due; negative before the due date.
    pub(crate) late: Vec<i32>,
    pub(crate) disputed: Vec<bool>,
    pub(crate) last_rung: Vec<u8>,
}

/// The date everything is as of.
pub(crate) fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 30).unwrap()
}

/// Whole numbers without end (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From `low` to `high`.
    fn from(&mut self, low: i64, high: i64) -> i64 {
        low + i64::try_from(self.next() % u64::try_from(high - low + 1).unwrap()).unwrap()
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }
}

impl Data {
    /// So many customers, with ten invoices each on average. The invoices are in no order of customers.
    pub(crate) fn new(customers: usize) -> Self {
        let mut numbers = Numbers(0xC0FF_EE00);
        let mut data = Data::default();
        for customer in 0..customers {
            let turnover = numbers.from(5_000, 40_000) * numbers.from(20, 900);
            data.industry.push(u8::try_from(numbers.from(0, 4)).unwrap());
            data.months_trading.push(u16::try_from(numbers.from(0, 90)).unwrap());
            data.turnover.push(turnover);
            data.score.push(u8::try_from(numbers.from(0, 100)).unwrap());
            data.lawsuits.push(if numbers.chance(90) { 0 } else { u8::try_from(numbers.from(1, 4)).unwrap() });
            data.dishonest.push(numbers.chance(2));
            data.insured.push(numbers.chance(35));
            data.insured_limit.push(turnover * numbers.from(10, 80) / 100);
            for _ in 0..numbers.from(0, 20) {
                data.customer.push(u32::try_from(customer).unwrap());
                data.outstanding.push(turnover * numbers.from(1, 70) / 1000 + numbers.from(1, 99));
                let most = [-1, 12, 50, 160][usize::try_from(numbers.from(0, 3)).unwrap()];
                data.late.push(i32::try_from(numbers.from(-70, most)).unwrap());
                data.disputed.push(numbers.chance(4));
                data.last_rung.push(u8::try_from(numbers.from(0, 5)).unwrap());
            }
        }
        data.shuffle(&mut numbers);
        data
    }

    fn shuffle(&mut self, numbers: &mut Numbers) {
        for at in (1..self.customer.len()).rev() {
            let other = usize::try_from(numbers.next() % (at as u64 + 1)).unwrap();
            self.customer.swap(at, other);
            self.outstanding.swap(at, other);
            self.late.swap(at, other);
            self.disputed.swap(at, other);
            self.last_rung.swap(at, other);
        }
    }

    pub(crate) fn customers(&self) -> usize {
        self.score.len()
    }

    pub(crate) fn invoices(&self) -> usize {
        self.late.len()
    }

    /// Writes `customers.csv` and `invoices.csv`, with the columns that the workload's `book.yaml` names.
    pub(crate) fn write(&self, dir: &Path) {
        let mut text = String::from(
            "id,industry,months_trading,monthly_turnover,score,lawsuits,dishonest_list,insured,insured_limit\n",
        );
        for at in 0..self.customers() {
            let industry = INDUSTRIES[usize::from(self.industry[at])];
            let _ = write!(text, "{},{industry},{},", at + 1, self.months_trading[at]);
            cents(&mut text, self.turnover[at]);
            let _ =
                write!(text, ",{},{},{},{},", self.score[at], self.lawsuits[at], self.dishonest[at], self.insured[at]);
            cents(&mut text, self.insured_limit[at]);
            text.push('\n');
        }
        std::fs::write(dir.join("customers.csv"), &text).unwrap();
        text.clear();
        text.push_str("id,customer_id,amount,outstanding,issue_date,due_date,disputed,last_rung\n");
        for at in 0..self.invoices() {
            let _ = write!(text, "{},{},", at + 1, self.customer[at] + 1);
            cents(&mut text, self.outstanding[at] + 100);
            text.push(',');
            cents(&mut text, self.outstanding[at]);
            let due = day(self.late[at]);
            let _ = writeln!(text, ",{},{due},{},{}", due - Days::new(30), self.disputed[at], self.last_rung[at]);
        }
        std::fs::write(dir.join("invoices.csv"), &text).unwrap();
    }
}

/// The day so many days before the as-of date.
fn day(before: i32) -> NaiveDate {
    let size = Days::new(u64::from(before.unsigned_abs()));
    if before < 0 { as_of() + size } else { as_of() - size }
}

/// Writes whole cents.
pub(crate) fn cents(text: &mut String, cents: i64) {
    let _ = write!(text, "{}.{:02}", cents / 100, cents % 100);
}
