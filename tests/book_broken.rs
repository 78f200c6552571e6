//! Broken books: what is rejected, what stops the whole, and what people are told.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::type_complexity,
    missing_docs,
    unreachable_pub
)]

use std::fmt::Write as _;
use std::fs;

use usance::book;
use usance::diag::Severity;
use usance::plan::Schema;

/// A folder as text: `== name` begins a file.
fn told(folder: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    for file in folder.split("== ").skip(1) {
        let (name, text) = file.split_once('\n').unwrap();
        fs::write(dir.path().join(name.trim_end()), text).unwrap();
    }
    told_of(dir.path())
}

fn told_of(path: &std::path::Path) -> String {
    let mut sink = Vec::new();
    let book = book::read(path, &Schema::standard(), "USD", &mut sink);
    let mut out = String::new();
    for d in &sink {
        let severity = if d.severity == Severity::Error { "error" } else { "warning" };
        let at = d.place.as_ref().map(|p| format!(" {p}")).unwrap_or_default();
        let help = d.help.as_deref().unwrap_or("");
        let line = format!("{severity}{at}: {} -> {help}", d.message);
        writeln!(out, "{}", line.replace(&path.display().to_string(), "BOOK")).unwrap();
    }
    assert_eq!(
        book.is_none(),
        sink.iter().any(|d| d.severity == Severity::Error),
        "no book exactly when there is an error"
    );
    for r in book.iter().flat_map(|b| &b.rejects) {
        let account = r.account.as_deref().map(|a| format!(" [{a}]")).unwrap_or_default();
        writeln!(out, "{}:{} {} `{}` {}{account}", r.file, r.line, r.column, r.value, r.reason).unwrap();
    }
    out
}

const CASES: &[(&str, &str, &str)] = &include!("book_broken/cases.rs");

#[test]
fn broken_books_say_what_is_wrong() {
    let mut wrong = String::new();
    for (name, folder, expected) in CASES {
        let told = told(folder);
        let expected = expected.trim_start_matches('\n');
        if told != expected {
            writeln!(wrong, "---- {name}\n{told}---- instead of\n{expected}").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_path_that_is_no_book_says_so() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(
        told_of(&dir.path().join("nowhere")),
        "error: there is no folder or file `BOOK` -> name a folder of CSV files, or a `book.yaml`\n"
    );
    let file = dir.path().join("customers.csv");
    fs::write(&file, "id\n").unwrap();
    assert_eq!(told_of(&file), "error: `BOOK` is no folder and no `book.yaml` -> name the folder its tables are in\n");
}

#[test]
fn text_that_is_not_utf8_is_named() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("customers.csv"), b"\xff\xfei\0d\0").unwrap();
    assert!(told_of(dir.path()).contains("`customers.csv` is not UTF-8 text; it looks like UTF-16"));
}
