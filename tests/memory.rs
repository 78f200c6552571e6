//! A run in bounded memory, share by share, writes the same bytes as a run that holds the whole book.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::string_slice,
    clippy::panic,
    missing_docs,
    unreachable_pub
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use usance::book::{self, Room, Shares};
use usance::engine::{Columns, Pace, Setting};
use usance::outcome::{self, Broken, Format};
use usance::plan::{self, Plan, on_a_deep_stack};
use usance::policy::folder::Folder;

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn plan(dir: &Path) -> Plan {
    let mut found = Vec::new();
    let folder = Folder::load(dir, &mut found).unwrap();
    plan::compile(&folder, &mut found).unwrap_or_else(|| panic!("{}: {found:#?}", dir.display()))
}

/// Every file of a folder, with its bytes.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<(String, Vec<u8>)> = entries
        .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

fn whole(plan: &Plan, book: &Path, as_of: NaiveDate, format: Format) -> (Vec<(String, Vec<u8>)>, usize) {
    let out = tempfile::tempdir().unwrap();
    let mut sink = Vec::new();
    let book = book::read(book, &plan.schema, &plan.money.currency, &mut sink).unwrap_or_else(|| panic!("{sink:#?}"));
    let pace = Pace { threads: 1, ..Pace::default() };
    let setting = Setting { plan, book: &book, as_of };
    on_a_deep_stack(|| outcome::write(&Columns::new(setting, pace), out.path(), format, &mut |_| {}).unwrap());
    (files(out.path()), sink.len())
}

fn in_shares(
    plan: &Plan,
    book: &Path,
    as_of: NaiveDate,
    format: Format,
    (shares, threads): (usize, usize),
) -> Result<(Vec<(String, Vec<u8>)>, usize), Broken> {
    let (out, aside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut sink = Vec::new();
    let room = (Room::Shares(shares), aside.path());
    let mut shares = Shares::open(book, &plan.schema, &plan.money.currency, room, &mut |_| {}, &mut sink)
        .unwrap_or_else(|| panic!("{sink:#?}"));
    let pace = Pace { threads, rows: 100 };
    on_a_deep_stack(|| outcome::write_shares(plan, &mut shares, as_of, pace, (out.path(), format), &mut |_| {}))?;
    assert_eq!(files(aside.path()), [], "nothing is left of what was put aside");
    Ok((files(out.path()), sink.len()))
}

fn same(plan: &Plan, book: &Path, as_of: NaiveDate) {
    let expected = whole(plan, book, as_of, Format::Csv);
    for pace in [(1, 1), (2, 2), (5, 1), (100_000, 1)] {
        let found = in_shares(plan, book, as_of, Format::Csv, pace).unwrap();
        assert_eq!(found.1, expected.1, "{pace:?}: findings");
        for ((name, found), (_, expected)) in found.0.iter().zip(&expected.0) {
            assert!(found == expected, "{pace:?} {name}\n{}", difference(found, expected));
        }
        assert_eq!(found.0.len(), expected.0.len());
    }
}

/// The first lines in which two files differ.
fn difference(found: &[u8], expected: &[u8]) -> String {
    let (found, expected) = (String::from_utf8_lossy(found), String::from_utf8_lossy(expected));
    let mut out = String::new();
    let lines = found.lines().map(Some).chain(std::iter::repeat(None)).zip(expected.lines().map(Some).chain(std::iter::repeat(None)));
    for (found, expected) in lines.take_while(|(a, b)| a.is_some() || b.is_some()).filter(|(a, b)| a != b).take(5) {
        writeln!(out, "  found {found:?}\n  not   {expected:?}").unwrap();
    }
    out
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A folder from a text in which `== name` begins a file.
fn folder(files: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in files.split("== ").skip(1) {
        let (name, text) = file.split_once('\n').unwrap();
        std::fs::write(dir.path().join(name.trim_end()), text).unwrap();
    }
    dir
}

#[test]
fn the_sample_book_of_every_pack() {
    let book = tempfile::tempdir().unwrap();
    usance::sample::write(book.path(), 60, 7, day("2026-06-30")).unwrap();
    for pack in std::fs::read_dir(root("policies")).unwrap().map(|entry| entry.unwrap().path()) {
        if pack.join("policy.yaml").is_file() {
            let plan = plan(&pack);
            if plan.money.currency == "CNY" {
                same(&plan, book.path(), day("2026-06-30"));
            }
        }
    }
}

#[test]
fn a_book_with_something_of_everything_and_rejects_of_every_kind() {
    let book = folder(include_str!("book_support/rich.txt"));
    for policy in ["policies/us-net-terms", "policies/sme-trade"] {
        let plan = plan(&root(policy));
        for as_of in ["2026-06-30", "2026-02-15"] {
            same(&plan, book.path(), day(as_of));
        }
    }
}

/// The shipped policy with a limit that reads what the whole portfolio owes.
#[test]
fn a_policy_that_reads_the_portfolio() {
    let dir = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(root("policies/sme-trade")).unwrap().map(|entry| entry.unwrap()) {
        if file.path().is_file() {
            std::fs::copy(file.path(), dir.path().join(file.file_name())).unwrap();
        }
    }
    let limits = dir.path().join("limits.yaml");
    let text = std::fs::read_to_string(&limits).unwrap();
    let text = text.replace("at_most: params.house_cap", "at_most: params.house_cap + portfolio.receivables");
    std::fs::write(limits, text).unwrap();
    let plan = plan(dir.path());
    let book = tempfile::tempdir().unwrap();
    usance::sample::write(book.path(), 60, 3, day("2026-06-30")).unwrap();
    same(&plan, book.path(), day("2026-06-30"));
}
