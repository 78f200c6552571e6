//! What the models share: days as numbers, books written as cells, and random cases that are the same every time.
#![allow(dead_code, reason = "each test file uses its part")]

use std::collections::BTreeMap;
use std::fmt::Debug;

use chrono::{Days, NaiveDate};
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use rust_decimal::Decimal;
use usance::book::{self, Book, Table, TableRows};
use usance::diag::{Style, render_all};
use usance::engine::Run;
use usance::lang::Value;
use usance::plan::{self, Plan};
use usance::policy::folder::Folder;

/// A day, counted from 1 January 2024 (a Monday).
pub(crate) type Day = i64;

/// The date of a day.
pub(crate) fn date(day: Day) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap();
    match u64::try_from(day) {
        Ok(after) => first + Days::new(after),
        Err(_) => first - Days::new(day.unsigned_abs()),
    }
}

/// A date as a cell; nothing for none.
pub(crate) fn cell(day: Option<Day>) -> String {
    day.map(|day| date(day).to_string()).unwrap_or_default()
}

/// Whole cents as an amount.
pub(crate) fn money(cents: i64) -> String {
    format!("{}{}.{:02}", if cents < 0 { "-" } else { "" }, cents.abs() / 100, cents.abs() % 100)
}

/// An amount in whole cents.
pub(crate) fn cents(value: &Value) -> i64 {
    let Value::Dec(amount) = value else { panic!("{value:?} is no amount") };
    let cents = amount * Decimal::from(100);
    assert!(cents.fract().is_zero(), "{amount} is no whole number of cents");
    i64::try_from(cents).unwrap()
}

/// Lowers a policy of one file.
pub(crate) fn compile(text: &str) -> Plan {
    compile_files([("policy.yaml", text)])
}

/// Lowers a policy.
pub(crate) fn compile_files<'t>(files: impl IntoIterator<Item = (&'t str, &'t str)>) -> Plan {
    let files: BTreeMap<String, String> = files.into_iter().map(|(n, t)| (n.to_owned(), t.to_owned())).collect();
    let mut sink = Vec::new();
    let plan = Folder::from_memory(files, &mut sink).and_then(|folder| plan::compile(&folder, &mut sink));
    plan.unwrap_or_else(|| panic!("{}", render_all(&sink, Style::Plain)))
}

/// The manifest every policy begins with.
pub(crate) const MANIFEST: &str = "\
usance: 1
policy: held_to_a_model
version: \"1\"
title: { en: Held to a model }
effective: { from: 2000-01-01 }
";

/// The tables of a book, row by row.
#[derive(Default)]
pub(crate) struct Tables(BTreeMap<&'static str, (Vec<&'static str>, Vec<Vec<String>>)>);

impl Tables {
    /// Adds a row: `columns` names its cells, the same for every row of a table.
    pub(crate) fn row(&mut self, table: &'static str, columns: &[&'static str], cells: &[&str]) {
        assert_eq!(columns.len(), cells.len(), "{table}");
        let rows = self.0.entry(table).or_insert_with(|| (columns.to_vec(), Vec::new()));
        rows.1.push(cells.iter().map(|cell| (*cell).to_owned()).collect());
    }

    /// Turns the rows of every table round, from an offset on.
    pub(crate) fn shuffle(&mut self, by: usize) {
        for (_, rows) in self.0.values_mut() {
            let by = by % rows.len();
            rows.rotate_left(by);
            rows.reverse();
        }
    }

    /// The book; every row of it can be read.
    pub(crate) fn book(&self, plan: &Plan) -> Book {
        let tables = self.0.iter().map(|(name, (columns, rows))| {
            let mut table = TableRows::new(Table::named(name).unwrap(), &format!("{name}.csv"), columns);
            for (number, row) in rows.iter().enumerate() {
                table.push(number + 2, row.iter().map(String::as_str)).unwrap();
            }
            table
        });
        let book = book::from_rows(tables.collect(), &plan.schema, &plan.money.currency);
        assert_eq!(book.rejects, [], "every row can be read");
        book
    }
}

/// The value of a node for a row named by its id.
pub(crate) fn value(run: &mut Run<'_>, name: &str, id: &str) -> Value {
    let node = run.plan().find(name).unwrap_or_else(|| panic!("no node `{name}`"));
    let subject = run.plan().node(node).unwrap().subject;
    let row = if id.is_empty() { 0 } else { run.book().find(subject, id).unwrap_or_else(|| panic!("no row `{id}`")) };
    match run.outcome(node, row).value {
        Ok(value) => value,
        Err(fault) => panic!("`{name}` of {id}: {}", fault.reason),
    }
}

/// Runs a property over so many random cases, the same ones every time. `MODEL_CASES` multiplies their number, and
/// `MODEL_SEED` takes others.
pub(crate) fn hold<S>(cases: u32, strategy: &S, property: impl Fn(S::Value) + Sync)
where
    S: Strategy + Sync,
    S::Value: Debug,
{
    let number = |name| std::env::var(name).ok().and_then(|text: String| text.parse::<u32>().ok());
    let cases = cases * number("MODEL_CASES").unwrap_or(1);
    let mut seed = [7; 32];
    seed[..4].copy_from_slice(&number("MODEL_SEED").unwrap_or(1).to_le_bytes());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 1500, ..Config::default() };
    plan::on_a_deep_stack(|| {
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &seed));
        let result = runner.run(strategy, |case| {
            property(case);
            Ok::<(), TestCaseError>(())
        });
        if let Err(error) = result {
            panic!("{error}");
        }
    });
}
