//! `usance run --since`: what did not change is taken over from a former run, and the same bytes come out as of a full run.
//!
//! A long run makes more policies, and others:
//!
//! ```text
//! SINCE_POLICIES=20000 MODEL_SEED=5 cargo test --release --test since -- --nocapture
//! ```
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

#[allow(dead_code, unused_imports, reason = "each test file uses its part")]
mod columns_support;
mod model_support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use chrono::NaiveDate;
use columns_support::{Compiled, Dice, Files, Stream, Tables, compile, difference, draft, tables};
use tempfile::TempDir;
use usance::engine::{Columns, Pace, Setting};
use usance::outcome::{Extent, Format, Unfit, write_since};
use usance::plan::on_a_deep_stack;

const POLICIES: u64 = 40;
const CHANGES: usize = 4;

/// What the cases came to together.
#[derive(Debug, Default)]
struct Seen {
    runs: usize,
    /// Runs that took something over, and how many groups they did not decide on again.
    taken: usize,
    kept: usize,
    again: usize,
    why: BTreeMap<String, usize>,
}

#[test]
fn a_run_since_a_former_one_writes_what_a_full_run_writes() {
    let number = |name| std::env::var(name).ok().and_then(|text: String| text.parse::<u64>().ok());
    let (policies, seed) = (number("SINCE_POLICIES").unwrap_or(POLICIES), number("MODEL_SEED").unwrap_or(3));
    let mut seen = Seen::default();
    on_a_deep_stack(|| (0..policies).for_each(|case| chain(Stream::new((seed << 40) + case), case, &mut seen)));
    println!("{seen:?}");
    assert!(seen.taken * 2 > seen.runs, "{seen:?}");
    assert!(seen.kept > seen.again && seen.again > seen.runs / 2, "{seen:?}");
}

/// A policy over a book that changes and changes again, each run from the one before.
fn chain(mut stream: Stream, case: u64, seen: &mut Seen) {
    let length = 60 + stream.pick(700);
    let bytes: Vec<u8> = (0..length).map(|_| stream.next().to_le_bytes()[0]).collect();
    let mut pieces = draft(&mut Dice::new(&bytes));
    if !case.is_multiple_of(6) {
        // What reads the whole book from below makes every run a full one.
        let is_whole = |text: &str| text.starts_with("portfolio.") || text.contains("for: portfolio");
        pieces.retain(|piece| !piece.text.contains("portfolio.") || is_whole(&piece.text));
    }
    let compiled = compile(pieces).unwrap_or_else(|why| panic!("{why}"));
    let as_of: NaiveDate = "2026-06-30".parse().unwrap();
    let format = [Format::Csv, Format::Jsonl, Format::Csv, Format::Parquet, Format::Arrow][stream.pick(5)];
    let mut book = tables(stream.next(), as_of, 12);
    let dir = TempDir::new().unwrap();
    let folder = |number: usize| dir.path().join(number.to_string());
    run(&compiled, &book, as_of, format, (1, 1000), &folder(0), None);
    for change in 1..=CHANGES {
        book = book.changed(&mut stream);
        let pace = [(1, 1), (2, 3), (7, 2), (1, 1000)][stream.pick(4)];
        let full = dir.path().join("full");
        let whole = run(&compiled, &book, as_of, format, (1, 1000), &full, None);
        let extent = run(&compiled, &book, as_of, format, pace, &folder(change), Some(&folder(change - 1)));
        let (Some(_), Some(extent)) = (&whole, &extent) else {
            assert_eq!(whole, extent, "case {case}, change {change}, {format:?}");
            continue;
        };
        if let Some(what) = difference(&files(&full), &files(&folder(change))) {
            panic!("case {case}, change {change}, {format:?}, {extent:?}: {what}\n{}\n{}", compiled.text, book.shown());
        }
        seen.runs += 1;
        match &extent.why {
            None => {
                seen.taken += 1;
                seen.kept += extent.groups - extent.again;
                seen.again += extent.again;
            }
            Some(why) => *seen.why.entry(format!("{why:?}")).or_default() += 1,
        }
    }
}

fn run(
    compiled: &Compiled,
    tables: &Tables,
    as_of: NaiveDate,
    format: Format,
    (threads, rows): (usize, usize),
    dir: &Path,
    since: Option<&Path>,
) -> Option<Extent> {
    let _ = fs::remove_dir_all(dir);
    fs::create_dir(dir).unwrap();
    let plan = &compiled.plan;
    let book = tables.book(plan);
    let columns = Columns::new(Setting { plan, book: &book, as_of }, Pace { threads, rows });
    match write_since(&columns, dir, format, since, &mut |_| {}) {
        Ok((_, extent)) => Some(extent),
        // A number that no column of the format holds: the program leaves nothing of such a run.
        Err(error) => {
            assert!(error.get_ref().is_some_and(|cause| cause.is::<Unfit>()), "{error}");
            fs::remove_dir_all(dir).unwrap();
            None
        }
    }
}

fn files(dir: &Path) -> Files {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

const POLICY: &str = "\
usance: 1
policy: small
version: \"1\"
title: { en: Small }
effective: { from: 2000-01-01 }
money: { currency: EUR, round_to: 0.01, mode: half_even, others: refuse }
decide:
  - { id: owed, for: account, type: money, gives: account.receivables }
  - { id: left, for: item, type: money, gives: item.open }
  - { id: all, for: portfolio, type: money, gives: portfolio.receivables }
";

const CUSTOMERS: &str =
    "id,group,since,limit\nA,,2020-01-01,5\nB,G,2020-01-01,5\nC,G,2020-01-01,5\nD,,2020-01-01,5\nE,,2020-01-01,5\n";

const INVOICES: &str = "\
id,customer,issue_date,due_date,amount,currency
1,A,2026-05-01,2026-06-01,100.00,EUR
2,B,2026-05-02,2026-06-02,200.00,EUR
3,C,2026-05-03,2026-06-03,300.00,EUR
4,D,2026-05-04,2026-06-04,400.00,EUR
5,E,2026-05-05,2026-06-05,500.00,EUR
6,E,2026-05-06,2026-06-06,600.00,EUR
";

/// A place to work in: a small policy and a small book of four credit groups.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(TempDir::new().unwrap());
        for (file, text) in [
            ("policy/policy.yaml", POLICY),
            ("book/customers.csv", CUSTOMERS),
            ("book/groups.csv", "id\nG\n"),
            ("book/invoices.csv", INVOICES),
        ] {
            fs::create_dir_all(desk.path(file).parent().unwrap()).unwrap();
            fs::write(desk.path(file), text).unwrap();
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs into a folder, and gives what was said on the error stream.
    fn run(&self, out: &str, more: &[&str]) -> String {
        let all = ["run", "--policy", "policy", "--book", "book", "--out", out];
        let date: &[&str] = if more.contains(&"--as-of") { &[] } else { &["--as-of", "2026-06-30"] };
        let mut program = Command::new(env!("CARGO_BIN_EXE_usance"));
        let output: Output = program.args(all).args(date).args(more).current_dir(self.0.path()).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code().unwrap() <= 1, "{said}");
        said
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        let before = fs::read_to_string(self.path(file)).unwrap();
        let after = before.replacen(from, to, 1);
        assert_ne!(before, after, "the edit of {file} changes something");
        fs::write(self.path(file), after).unwrap();
    }

    /// The folder holds what a full run writes.
    fn is_whole(&self, out: &str, more: &[&str]) {
        assert_eq!(self.run("full", more), "", "a full run has nothing to say");
        assert_eq!(difference(&files(&self.path("full")), &files(&self.path(out))), None);
    }
}

#[test]
fn only_credit_groups_that_changed_are_evaluated_again() {
    let edits: [(&str, &str, &str, &str); 9] = [
        // One amount; then of a customer in a group of two.
        ("book/invoices.csv", "100.00", "150.00", "1 of 4"),
        ("book/invoices.csv", "200.00", "250.00", "1 of 4"),
        // An invoice moves from one customer to another.
        ("book/invoices.csv", "5,E,", "5,D,", "2 of 4"),
        // A customer leaves a group and stands alone.
        ("book/customers.csv", "C,G,", "C,,", "2 of 5"),
        ("book/customers.csv", "D,,2020-01-01,5\n", "", "0 of 4"),
        ("book/customers.csv", "A,,", "A0,,2020-01-01,5\nA,,", "1 of 5"),
        // What cannot be read is something else than a blank.
        ("book/customers.csv", "A,,2020-01-01,5", "A,,2020-01-01,x", "1 of 5"),
        ("book/customers.csv", "A,,2020-01-01,x", "A,,2020-01-01,", "1 of 5"),
        // A row in another place, and an amount written in another way.
        (
            "book/invoices.csv",
            "6,E,2026-05-06,2026-06-06,600.00,EUR",
            "\n\n6,E,2026-05-06,2026-06-06,600,EUR",
            "0 of 5",
        ),
    ];
    let desk = Desk::new();
    desk.run("out", &[]);
    let none = desk.run("out", &["--since", "out"]);
    assert_eq!(none, "0 of 4 credit groups were evaluated again, the others taken over from `out`\n");
    desk.is_whole("out", &[]);
    for (file, from, to, counts) in edits {
        desk.edit(file, from, to);
        let said = desk.run("out", &["--since", "out"]);
        assert!(said.starts_with(&format!("{counts} credit groups")), "{from} → {to}: {said}");
        desk.is_whole("out", &[]);
    }
}

#[test]
fn a_full_run_says_why() {
    let reasons: [(&str, &[(&str, &str, &str)], &[&str], &str); 10] = [
        ("", &[], &["--as-of", "2026-06-29"], "it is as of 2026-06-30"),
        ("", &[], &["--format", "jsonl"], "its tables are `csv`"),
        ("", &[("policy/policy.yaml", "account.receivables", "account.receivables + 1")], &[], "the policy is another"),
        ("", &[("policy/policy.yaml", "decide:", "# a remark\ndecide:")], &[], "the files of the policy are others"),
        ("", &[("former/decisions.csv", "100.00", "900.00")], &[], "its `decisions.csv` is not what the run wrote"),
        ("", &[("former/portfolio.csv", "2100.00", "2100.01")], &[], "its `portfolio.csv` is not what the run wrote"),
        ("", &[("former/run.index", "\"A\"", "\"B\"")], &[], "its `run.index` is not what the run wrote"),
        ("", &[("former/run.index", "\"usance\":\"", "\"usance\":\"0.0.")], &[], "usance 0.0."),
        ("former/run.index", &[], &[], "it holds no `run.index` of a run to begin from"),
        ("former/invoices.csv", &[], &[], "its `invoices.csv` is not what the run wrote"),
    ];
    for (gone, edits, more, why) in reasons {
        let desk = Desk::new();
        desk.run("former", &[]);
        edits.iter().for_each(|(file, from, to)| desk.edit(file, from, to));
        if !gone.is_empty() {
            fs::remove_file(desk.path(gone)).unwrap();
        }
        let said = desk.run("out", &[&["--since", "former"], more].concat());
        let begins = format!("all 4 credit groups were evaluated, nothing was taken over from `former`: {why}");
        assert!(said.starts_with(&begins) && said.lines().count() == 1, "{said}");
        desk.is_whole("out", more);
    }
}

#[test]
fn what_reads_the_whole_book_makes_it_a_full_run() {
    let desk = Desk::new();
    desk.edit("policy/policy.yaml", "gives: account.receivables", "gives: portfolio.receivables - account.receivables");
    desk.run("out", &[]);
    desk.edit("book/invoices.csv", "100.00", "150.00");
    let said = desk.run("out", &["--since", "out"]);
    assert!(said.contains(": a rule about customers reads what the whole portfolio comes to"), "{said}");
    desk.is_whole("out", &[]);
}

#[test]
fn other_exchange_rates_make_it_a_full_run() {
    let desk = Desk::new();
    desk.edit("policy/policy.yaml", "others: refuse", "others: convert");
    desk.edit("book/invoices.csv", "100.00,EUR", "100.00,USD");
    let rate = |rate: &str| {
        fs::write(desk.path("book/fx_rates.csv"), format!("currency,valid_from,rate\nUSD,2026-01-01,{rate}\n"))
            .unwrap();
    };
    rate("0.9");
    desk.run("out", &[]);
    for other in ["0.95", "unknown"] {
        rate(other);
        let said = desk.run("out", &["--since", "out"]);
        assert!(said.contains(": the exchange rates of the book are others"), "{said}");
        desk.is_whole("out", &[]);
    }
    assert!(desk.run("out", &["--since", "out"]).starts_with("0 of 4 "));
}

#[test]
fn there_need_be_no_former_run_and_one_that_fails_leaves_what_stands() {
    let desk = Desk::new();
    let said = desk.run("out", &["--since", "out"]);
    assert!(said.contains("from `out`: it holds no `run.index` of a run to begin from"), "{said}");
    let before = files(&desk.path("out"));
    desk.run("plain", &["--no-index"]);
    assert!(!desk.path("plain/run.index").exists());
    let said = desk.run("plain", &["--since", "plain"]);
    assert!(said.contains("it holds no `run.index`"), "{said}");
    // No such policy: nothing is written.
    let mut program = Command::new(env!("CARGO_BIN_EXE_usance"));
    let failed = program.args(["run", "--policy", "nowhere", "--book", "book", "--since", "out", "--out", "out"]);
    assert_eq!(failed.current_dir(desk.0.path()).output().unwrap().status.code(), Some(3));
    assert_eq!(files(&desk.path("out")), before);
}

#[test]
fn groups_between_many_that_changed_go_with_them() {
    let desk = Desk::new();
    let book = |change: &dyn Fn(usize) -> bool| {
        let (mut customers, mut invoices) =
            ("id,since\n".to_owned(), INVOICES.lines().next().unwrap().to_owned() + "\n");
        for n in 0..400 {
            customers += &format!("C{n:03},2020-01-01\n");
            let amount = if change(n) { "17.25" } else { "100" };
            invoices += &format!("I{n:03},C{n:03},2026-05-01,2026-06-01,{amount},EUR\n");
        }
        fs::write(desk.path("book/customers.csv"), customers).unwrap();
        fs::write(desk.path("book/invoices.csv"), invoices).unwrap();
        fs::remove_file(desk.path("book/groups.csv")).unwrap_or_default();
    };
    book(&|_| false);
    desk.run("out", &[]);
    let former = |n: usize| n.is_multiple_of(10);
    // A few stretches, each by itself: 64 at most.
    book(&former);
    assert!(desk.run("out", &["--since", "out"]).starts_with("40 of 400 "));
    desk.is_whole("out", &[]);
    // A hundred stretches up to customer 297; the 102 groups after it are far more rows than to begin anew is worth.
    book(&|n| former(n) != (n < 300 && n.is_multiple_of(3)));
    assert!(desk.run("out", &["--since", "out"]).starts_with("298 of 400 "));
    desk.is_whole("out", &[]);
}

#[test]
fn rows_that_are_not_put_out_are_counted_all_the_same() {
    for outputs in [
        "{ invoices: { columns: [left], where: item.days_past_due > 25, reasons: none }, actions: off }",
        "{ decisions: off, invoices: { where: item.open > 0 && item.days_past_due < 28 } }",
    ] {
        let desk = Desk::new();
        desk.edit("policy/policy.yaml", "decide:", &format!("outputs: {outputs}\ndecide:"));
        desk.run("out", &[]);
        for (from, to, counts) in [("100.00", "150.00", "1 of 4"), ("2026-06-05", "2026-06-01", "1 of 4")] {
            desk.edit("book/invoices.csv", from, to);
            let said = desk.run("out", &["--since", "out"]);
            assert!(said.starts_with(counts), "{said}");
            desk.is_whole("out", &[]);
        }
        desk.edit("book/customers.csv", "D,,2020-01-01,5\n", "");
        assert!(desk.run("out", &["--since", "out"]).starts_with("0 of 3"));
        desk.is_whole("out", &[]);
    }
}

#[test]
fn the_index_does_not_show_how_many_threads_read_the_book() {
    let desk = Desk::new();
    desk.edit(
        "policy/policy.yaml",
        "decide:\n",
        "decide:\n  - { id: called, for: account, type: text, gives: account.name }\n",
    );
    // So many names that all of them are held as texts, and those of a stretch read by one of several threads as words.
    let mut customers = "id,since,name\n".to_owned();
    for n in 0..12_000 {
        customers += &format!("C{n},2020-01-01,Customer number {n} and sons of the town of {n}\n");
    }
    fs::write(desk.path("book/customers.csv"), customers).unwrap();
    desk.run("out", &["--threads", "1"]);
    for threads in ["2", "7"] {
        desk.run("other", &["--threads", threads]);
        assert_eq!(difference(&files(&desk.path("out")), &files(&desk.path("other"))), None, "{threads} threads");
        let said = desk.run("other", &["--since", "out", "--threads", threads]);
        assert!(said.starts_with("0 of "), "{said}");
    }
}
