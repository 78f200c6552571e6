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
    told_with(folder, &Schema::standard())
}

fn told_with(folder: &str, schema: &Schema) -> String {
    let dir = tempfile::tempdir().unwrap();
    for file in folder.split("== ").skip(1) {
        let (name, text) = file.split_once('\n').unwrap();
        fs::write(dir.path().join(name.trim_end()), text).unwrap();
    }
    told_by(dir.path(), schema)
}

fn told_of(path: &std::path::Path) -> String {
    told_by(path, &Schema::standard())
}

fn told_by(path: &std::path::Path, schema: &Schema) -> String {
    let mut sink = Vec::new();
    let book = book::read(path, schema, "USD", &mut sink);
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

/// Where the policy converts, other currencies are read, and what is missing to convert them is said.
#[test]
fn books_in_several_currencies_say_what_is_wrong() {
    let folder = "== book.yaml
usance_book: 1
currency: EUR
== customers.csv
id,since,limit,currency
C1,2024-01-01,100,EUR
C2,2024-01-01,100,euro
== invoices.csv
id,customer,issue_date,amount,currency
I1,C1,2026-01-05,100,
I2,C1,2026-01-05,100,€
I3,C1,2026-01-05,100,JPY
== payments.csv
id,customer,date,amount,currency
P1,C1,2026-02-01,100,USD
== allocations.csv
payment,invoice,amount,payment_amount
P1,I1,40,
P1,I1,50,-55
P1,I3,10,101
P1,I3,20,100
";
    let told = told_with(folder, &Schema::standard().in_own_currencies());
    let expected = "\
allocations.csv:2 payment_amount `` is blank, and the payment is in USD, the invoice in EUR: say how much of the payment it takes [C1]
allocations.csv:3 payment_amount `-55` does not go the same way as its `amount` [C1]
allocations.csv:4 payment_amount `101` is more than the 100 left of payment `P1` [C1]
customers.csv:3 currency `euro` is not a currency code: three capital letters, `USD` for one [C2]
invoices.csv:3 currency `€` is not a currency code: three capital letters, `USD` for one [C1]
";
    assert_eq!(told, expected);
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
fn text_in_another_encoding_is_read_or_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("customers.csv");
    let utf16: Vec<u8> = "\u{feff}id\nC1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(&file, &utf16).unwrap();
    assert_eq!(told_of(dir.path()), "", "the mark says what it is");
    fs::write(&file, &utf16[2..]).unwrap();
    let told = told_of(dir.path());
    assert!(told.contains("`customers.csv` is not UTF-8 text; it looks like utf-16le"), "{told}");
    // C3 FB is 名 in GBK.
    fs::write(&file, b"id,name\nC1,\xc3\xfb\n").unwrap();
    let told = told_of(dir.path());
    assert!(told.contains("it looks like gb18030 -> declare `encoding: gb18030` for its table in book.yaml"), "{told}");
    fs::write(dir.path().join("book.yaml"), "usance_book: 1\ntables: { customers: { encoding: gb18030 } }\n").unwrap();
    assert_eq!(told_of(dir.path()), "");
    fs::write(&file, b"id,name\nC1,\xff\xff\n").unwrap();
    let told = told_of(dir.path());
    assert!(told.contains("`customers.csv` is not gb18030 text: line 2 cannot be decoded"), "{told}");
    fs::write(&file, b"\xef\xbb\xbfid\nC1\n").unwrap();
    let told = told_of(dir.path());
    assert!(told.contains("begins with the mark of utf-8, and `book.yaml` says gb18030"), "{told}");
}

#[test]
fn the_files_of_an_archive_are_named() {
    use std::io::Write as _;
    let dir = tempfile::tempdir().unwrap();
    let zip = |names: &[&str]| {
        let mut archive = zip::ZipWriter::new(fs::File::create(dir.path().join("book.zip")).unwrap());
        for name in names {
            archive.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all(b"id\nC1\n").unwrap();
        }
        archive.finish().unwrap();
    };
    let yaml = |file: &str| {
        let text = format!("usance_book: 1\ntables: {{ customers: {{ file: \"{file}\" }} }}\n");
        fs::write(dir.path().join("book.yaml"), text).unwrap();
        told_of(dir.path())
    };
    zip(&["customers.csv"]);
    assert_eq!(yaml("book.zip"), "");
    zip(&["customers.csv", "notes.csv", "../up.csv"]);
    let told = yaml("book.zip");
    assert!(told.contains("`book.zip` holds 3 files: `../up.csv`, `customers.csv`, `notes.csv`"), "{told}");
    assert_eq!(yaml("book.zip/customers.csv"), "");
    assert!(yaml("book.zip/custmers.csv").contains("did you mean `book.zip/customers.csv`?"));
    zip(&["[Content_Types].xml", "xl/workbook.xml"]);
    assert!(yaml("book.zip").contains("`book.zip` is a spreadsheet, not a text"));
}
