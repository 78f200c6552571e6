//! The example policy over the published sample of late payments, held to a calculation from the file's own text.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    clippy::string_slice,
    clippy::type_complexity,
    unreachable_pub
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use usance::book::{self, Book};
use usance::diag::{Style, render_all};
use usance::engine::Run;
use usance::lang::Value;
use usance::plan::{self, Plan};
use usance::policy::folder::Folder;

/// A line of the file: dates as days of the common era, money in cents.
struct Invoice {
    id: String,
    customer: String,
    issued: i64,
    due: i64,
    settled: i64,
    amount: i64,
    disputed: bool,
}

/// A `M/D/YYYY` date as a number of days, by the rule of the calendar.
fn day(text: &str) -> i64 {
    let parts: Vec<i64> = text.split('/').map(|part| part.parse().unwrap()).collect();
    let (month, day, year) = (parts[0], parts[1], parts[2]);
    let leap = |y: i64| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    let lengths = [31, if leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let years: i64 = (1..year).map(|y| if leap(y) { 366 } else { 365 }).sum();
    years + lengths[..usize::try_from(month - 1).unwrap()].iter().sum::<i64>() + day
}

/// `55.94`, `61.7` or `61` in cents.
fn amount(text: &str) -> i64 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    assert!(part.len() <= 2, "{text}");
    whole.parse::<i64>().unwrap() * 100 + format!("{part:0<2}").parse::<i64>().unwrap()
}

impl Invoice {
    fn read(line: &str) -> Self {
        let cells: Vec<&str> = line.trim_end().split(',').collect();
        assert_eq!(cells.len(), 12, "{line}");
        Self {
            id: cells[3].into(),
            customer: cells[1].into(),
            issued: day(cells[4]),
            due: day(cells[5]),
            settled: day(cells[8]),
            amount: amount(cells[6]),
            disputed: match cells[7] {
                "Yes" => true,
                "No" => false,
                other => panic!("{other}"),
            },
        }
    }

    /// Open on a day: issued on or before it, not settled on or before it.
    fn is_open(&self, on: i64) -> bool {
        self.issued <= on && on < self.settled
    }

    fn open(&self, on: i64) -> i64 {
        if self.is_open(on) { self.amount } else { 0 }
    }

    fn days_past_due(&self, on: i64) -> i64 {
        if self.is_open(on) { (on - self.due).max(0) } else { 0 }
    }

    fn bucket(&self, on: i64) -> &'static str {
        match self.days_past_due(on) {
            0 => "current",
            1..=30 => "d1_30",
            31..=60 => "d31_60",
            61..=90 => "d61_90",
            _ => "over_90",
        }
    }

    /// The rung that is reached: three days before due, 7, 15, 30 days after; the highest, where something undisputed
    /// is open.
    fn rung(&self, on: i64) -> Option<&'static str> {
        if !self.is_open(on) || self.disputed {
            return None;
        }
        match on - self.due {
            ..-3 => None,
            -3..7 => Some("reminder"),
            7..15 => Some("first"),
            15..30 => Some("second"),
            30.. => Some("final"),
        }
    }

    /// 0.05 % for each of the first thirty days after due, 0.08 % for each later one, to the as-of date or the day of
    /// settlement, rounded half to even at the end; in cents.
    fn late_charge(&self, on: i64) -> i64 {
        if self.disputed || self.issued > on {
            return 0;
        }
        let days = on.min(self.settled) - self.due;
        let days = days.max(0);
        // In hundredths of a percent of a cent.
        let charge = self.amount * (5 * days.min(30) + 8 * (days - 30).max(0));
        let (whole, rest) = (charge / 10_000, charge % 10_000);
        whole + i64::from(rest > 5_000 || rest == 5_000 && whole % 2 == 1)
    }
}

struct Sample {
    invoices: Vec<Invoice>,
    plan: Plan,
    book: Book,
}

fn sample() -> Option<Sample> {
    const FILE: &str = "shared/data/late-payment-histories.csv";
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // A working copy may lie one folder deeper than the main one.
    let places = [root.join("..").join(FILE), root.join("../..").join(FILE)];
    let Some(file) = places.into_iter().find(|place| place.is_file()) else {
        println!("left out: {FILE} does not lie beside the project");
        return None;
    };
    let example = root.join("examples/late-payment-histories");
    let mut sink = Vec::new();
    let plan = Folder::load(&example.join("policy"), &mut sink).and_then(|folder| plan::compile(&folder, &mut sink));
    assert!(sink.is_empty(), "{}", render_all(&sink, Style::Plain));
    let plan = plan.unwrap();
    // The book as it stands, with the path of the file as it is here.
    let yaml = std::fs::read_to_string(example.join("book.yaml")).unwrap();
    assert!(yaml.contains("../../../shared/data/late-payment-histories.csv"));
    let here = yaml.replace("../../../shared/data/late-payment-histories.csv", file.to_str().unwrap());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("book.yaml"), here).unwrap();
    let book = book::read(folder.path(), &plan.schema, &plan.money.currency, &mut sink);
    assert!(sink.is_empty(), "{}", render_all(&sink, Style::Plain));
    let book = book.unwrap();
    assert_eq!(book.rejects, []);
    let text = std::fs::read_to_string(&file).unwrap();
    let mut invoices: Vec<Invoice> =
        text.lines().skip(1).filter(|line| !line.trim().is_empty()).map(Invoice::read).collect();
    invoices.sort_by(|a, b| a.id.cmp(&b.id));
    Some(Sample { invoices, plan, book })
}

/// Every day of four months, and every month's last, over two years.
fn days() -> BTreeSet<NaiveDate> {
    let first = NaiveDate::from_ymd_opt(2012, 1, 1).unwrap();
    let in_full = [(2012, 2), (2012, 11), (2013, 6), (2013, 12)];
    let wanted = |day: &NaiveDate| in_full.contains(&(day.year(), day.month())) || day.succ_opt().unwrap().day() == 1;
    let mut days: BTreeSet<NaiveDate> = first.iter_days().take_while(|day| day.year() < 2014).filter(wanted).collect();
    // After the last invoice was settled nothing is left.
    days.extend([NaiveDate::from_ymd_opt(2011, 12, 31), NaiveDate::from_ymd_opt(2014, 12, 31)].into_iter().flatten());
    days
}

fn cents(value: Value) -> i64 {
    let Value::Dec(amount) = value else { panic!("{value:?} is no amount") };
    let cents = amount * Decimal::from(100);
    assert!(cents.fract().is_zero(), "{amount}");
    i64::try_from(cents).unwrap()
}

struct Asked<'r, 'a> {
    run: &'r mut Run<'a>,
}

impl Asked<'_, '_> {
    fn of(&mut self, name: &str, row: u32) -> Value {
        let node = self.run.plan().find(name).unwrap_or_else(|| panic!("no node `{name}`"));
        self.run.outcome(node, row).value.unwrap_or_else(|fault| panic!("{name}: {}", fault.reason))
    }
}

#[test]
fn the_days_of_the_file_are_counted_as_the_calendar_counts_them() {
    for (text, date) in [("1/1/1", (1, 1, 1)), ("2/29/2012", (2012, 2, 29)), ("12/31/2013", (2013, 12, 31))] {
        let date = NaiveDate::from_ymd_opt(date.0, date.1, date.2).unwrap();
        assert_eq!(day(text), i64::from(date.num_days_from_ce()));
    }
}

/// Every item: what is open, how old, and what it costs.
fn items(sample: &Sample, on: i64, run: &mut Run<'_>) {
    let item = sample.plan.schema.relation("item").unwrap();
    let mut rows = run.rows(item);
    rows.sort_by_key(|row| sample.book.id(item, *row));
    let issued: Vec<&Invoice> = sample.invoices.iter().filter(|i| i.issued <= on).collect();
    assert_eq!(rows.len(), issued.len());
    let mut asked = Asked { run };
    for (row, invoice) in rows.into_iter().zip(issued) {
        assert_eq!(sample.book.id(item, row), invoice.id);
        let disputed = if invoice.disputed { invoice.open(on) } else { 0 };
        let got = (
            cents(asked.of("item.open", row)),
            cents(asked.of("item.disputed_open", row)),
            cents(asked.of("item.undisputed_open", row)),
            asked.of("item.days_past_due", row),
            asked.of("item.ageing", row),
            cents(asked.of("late_charge.interest", row)),
        );
        let expected = (
            invoice.open(on),
            disputed,
            invoice.open(on) - disputed,
            Value::Int(invoice.days_past_due(on)),
            Value::text(invoice.bucket(on)),
            invoice.late_charge(on),
        );
        assert_eq!(got, expected, "{} on {}", invoice.id, asked.run.as_of());
    }
}

/// Every account and the portfolio: the sums of their items.
fn sums(sample: &Sample, on: i64, run: &mut Run<'_>) {
    let account = sample.plan.schema.relation("account").unwrap();
    let mut asked = Asked { run };
    let mut all: BTreeMap<String, i64> = BTreeMap::new();
    for row in asked.run.rows(account) {
        let id = sample.book.id(account, row);
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for invoice in sample.invoices.iter().filter(|i| i.customer == id) {
            let open = invoice.open(on);
            let disputed = if invoice.disputed { open } else { 0 };
            let mut add = |name: &str, cents: i64| *sums.entry(name.to_owned()).or_default() += cents;
            add("receivables", open);
            add("overdue", if invoice.days_past_due(on) > 0 { open } else { 0 });
            add("exposure", open);
            add("exposure.receivables", open - disputed);
            add("exposure.disputed", disputed);
            add("late_charges", invoice.late_charge(on));
            for bucket in ["current", "d1_30", "d31_60", "d61_90", "over_90"] {
                add(&format!("ageing.{bucket}"), if invoice.bucket(on) == bucket { open } else { 0 });
            }
        }
        for (name, sum) in sums {
            let full = if name.starts_with("exposure.") { name.clone() } else { format!("account.{name}") };
            assert_eq!(cents(asked.of(&full, row)), sum, "{full} of {id} on {}", asked.run.as_of());
            *all.entry(name).or_default() += sum;
        }
    }
    for name in ["receivables", "overdue", "late_charges", "exposure"] {
        assert_eq!(cents(asked.of(&format!("portfolio.{name}"), 0)), all[name], "{name}");
    }
    for bucket in ["current", "d1_30", "d31_60", "d61_90", "over_90"] {
        let name = format!("ageing.{bucket}");
        assert_eq!(cents(asked.of(&format!("portfolio.{name}"), 0)), all[&name], "{name}");
    }
}

/// What is proposed: the highest rung of every item.
fn proposals(sample: &Sample, on: i64, run: &mut Run<'_>) {
    let (lines, faults) = run.emitted("actions");
    assert!(faults.is_empty());
    let proposed: BTreeSet<(String, String)> = lines
        .iter()
        .map(|line| {
            let Value::Text(rung) = &line.key[1] else { panic!("{:?}", line.key) };
            (sample.book.id(line.subject, line.row).to_owned(), rung.to_string())
        })
        .collect();
    assert_eq!(proposed.len(), lines.len());
    let expected: BTreeSet<(String, String)> =
        sample.invoices.iter().filter_map(|i| Some((i.id.clone(), i.rung(on)?.to_owned()))).collect();
    assert_eq!(proposed, expected, "on {}", run.as_of());
}

#[test]
fn two_years_are_what_the_file_says_to_the_cent() {
    let Some(sample) = sample() else { return };
    plan::on_a_deep_stack(|| {
        for date in days() {
            let mut run = Run::new(&sample.plan, &sample.book, date);
            let on = i64::from(date.num_days_from_ce());
            items(&sample, on, &mut run);
            sums(&sample, on, &mut run);
            proposals(&sample, on, &mut run);
        }
    });
}
