//! Exports in the shapes that programs really write, read through their `book.yaml` alone. The numbers expected here were
//! counted in the files by hand, line by line; those of the ten thousand items are counted by the test, without the reader.
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

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use rust_decimal::Decimal;
use usance::book::{self, Book, Cell};
use usance::lang::Value;
use usance::plan::Schema;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/exports").join(name)
}

fn read(path: &Path, currency: &str) -> Book {
    let mut sink = Vec::new();
    let book = book::read(path, &Schema::standard(), currency, &mut sink);
    assert_eq!(sink, [], "{}: no findings", path.display());
    book.unwrap()
}

/// How many rows of a relation were read, and their sum.
fn count_and_sum(book: &Book, relation: &str) -> (usize, String) {
    let schema = Schema::standard();
    let relation = schema.relation(relation).unwrap();
    let amount = schema.fact(relation, "amount").unwrap();
    let rows = book.count(relation);
    let amounts = (0..u32::try_from(rows).unwrap()).map(|row| match book.cell(relation, amount, row, NaiveDate::MAX) {
        Cell::Given(Value::Dec(amount)) => amount,
        other => panic!("{other:?} is no amount"),
    });
    (rows, format!("{:.2}", amounts.sum::<Decimal>()))
}

/// Every line of every row that is in the book or among its rejects, by file.
fn lines_of(book: &Book) -> BTreeMap<String, BTreeSet<usize>> {
    let schema = Schema::standard();
    let mut lines: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for relation in ["invoice", "payment", "credit_note", "account"] {
        let derived = relation == "account" && book.inputs.iter().all(|input| !input.file.starts_with("customers"));
        if derived {
            continue;
        }
        for (input, line) in book.rows(schema.relation(relation).unwrap()).unwrap().origins.all() {
            lines.entry(book.inputs[input as usize].file.clone()).or_default().insert(line as usize);
        }
    }
    for reject in &book.rejects {
        lines.entry(reject.file.clone()).or_default().insert(reject.line);
    }
    lines
}

/// How many rows a text has, its header among them: line breaks that stand outside quotes.
fn records(text: &str) -> usize {
    let mut quoted = false;
    let breaks = text.chars().filter(|c| {
        quoted ^= *c == '"';
        *c == '\n' && !quoted
    });
    breaks.count()
}

/// No row is lost without a word: a file's rows are in the book, rejected, set aside, blank, or its header.
fn nothing_is_lost(book: &Book, texts: &[(&str, String)]) {
    let lines = lines_of(book);
    for input in book.inputs.iter().filter(|input| input.file != "book.yaml") {
        let (_, text) = texts.iter().find(|(file, _)| *file == input.file).unwrap_or_else(|| panic!("{}", input.file));
        let header = usize::from(!input.file.ends_with("jsonl"));
        let aside: usize = input.set_aside.iter().map(|aside| aside.rows).sum();
        assert_eq!(input.rows + input.blank + aside + header, records(text), "{}", input.file);
        assert_eq!(lines[&input.file].len(), input.rows, "{}: rows in the book or rejected", input.file);
    }
}

fn decoded(path: &Path, encoding: &'static encoding_rs::Encoding) -> String {
    encoding.decode(&fs::read(path).unwrap()).0.into_owned()
}

/// `file:line` of every reject.
fn rejected(book: &Book) -> Vec<String> {
    let lines: BTreeSet<(String, usize)> = book.rejects.iter().map(|r| (r.file.clone(), r.line)).collect();
    lines.into_iter().map(|(file, line)| format!("{file}:{line}")).collect()
}

/// What was set aside of a file, one line a reason.
fn aside(book: &Book, file: &str) -> Vec<String> {
    let input = book.inputs.iter().find(|input| input.file == file).unwrap();
    let sums = |sums: &[(String, Decimal)]| sums.iter().map(|(c, s)| format!(" {c} {s}")).collect::<String>();
    let lines = |lines: &[usize]| lines.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    input.set_aside.iter().map(|a| format!("{} at {}: {}{}", a.rows, lines(&a.lines), a.why, sums(&a.sums))).collect()
}

#[test]
fn sap_open_items() {
    let book = read(&folder("sap"), "EUR");
    let text = decoded(&folder("sap/fbl5n.txt"), encoding_rs::WINDOWS_1252);
    nothing_is_lost(&book, &[("fbl5n.txt", text)]);
    assert_eq!(count_and_sum(&book, "invoice"), (3, "15210.35".into()));
    assert_eq!(count_and_sum(&book, "payment"), (3, "10575.50".into()));
    assert_eq!(count_and_sum(&book, "credit_note"), (1, "430.00".into()));
    assert_eq!(rejected(&book), [14, 15, 19, 20, 22].map(|line| format!("fbl5n.txt:{line}")));
    assert_eq!(
        aside(&book, "fbl5n.txt"),
        [
            "1 at 16: `Art` is `AB` EUR -15.00",
            "3 at 1,2,3: above the header",
            "1 at 6: ruled lines",
            "1 at 18: the header again",
            "5 at 12,17,23,26,27: totals",
        ]
    );
    let several: Vec<_> =
        book.differing.iter().map(|d| (d.customer.as_str(), d.taken.as_str(), d.others.join("; "))).collect();
    assert_eq!(several, [("10001", "Müller Maschinenbau GmbH", "Mueller Maschinenbau GmbH".to_owned())]);
    let schema = Schema::standard();
    assert_eq!(book.count(schema.relation("account").unwrap()), 4, "one of them has only paid");
}

#[test]
fn dynamics_customer_transactions() {
    let book = read(&folder("dynamics"), "USD");
    let text = |name: &str| fs::read_to_string(folder("dynamics").join(name)).unwrap();
    let files = ["customers.jsonl", "custtrans-2025-11.csv", "custtrans-2025-12.csv"];
    nothing_is_lost(&book, &files.map(|file| (file, text(file))));
    assert_eq!(count_and_sum(&book, "invoice"), (3, "17862.75".into()));
    assert_eq!(count_and_sum(&book, "payment"), (1, "2000.00".into()));
    let expected =
        ["11.csv:4", "11.csv:6", "12.csv:3", "12.csv:4", "12.csv:5"].map(|at| format!("custtrans-2025-{at}"));
    assert_eq!(rejected(&book), expected);
    assert_eq!(aside(&book, "custtrans-2025-12.csv"), ["1 at 6: `Transaction type` is `Interest` USD 12.40"]);
    let schema = Schema::standard();
    let account = schema.relation("account").unwrap();
    let limit = |id: &str| {
        let row = book.find(account, id).unwrap();
        book.cell(account, schema.fact(account, "limit").unwrap(), row, NaiveDate::MAX).clone()
    };
    assert_eq!(limit("C-000240"), Cell::Given(Value::Dec("4000.5".parse().unwrap())), "a number of JSON stays exact");
    assert_eq!(limit("C-000301"), Cell::Blank);
}

#[test]
fn kingdee_receivables() {
    let book = read(&folder("kingdee"), "CNY");
    let text = decoded(&folder("kingdee/应收单.csv"), encoding_rs::GB18030);
    nothing_is_lost(&book, &[("应收单.csv", text)]);
    assert_eq!(count_and_sum(&book, "invoice"), (3, "24339.68".into()));
    assert_eq!(count_and_sum(&book, "credit_note"), (1, "888.88".into()));
    assert_eq!(rejected(&book), [10, 12, 14, 15].map(|line| format!("应收单.csv:{line}")));
    assert_eq!(
        aside(&book, "应收单.csv"),
        [
            "2 at 8,13: `单据状态` is `暂存` or `审核中` CNY 8600.00",
            "1 at 1: above the header",
            "4 at 6,11,16,17: totals",
        ]
    );
}

#[test]
fn quickbooks_ageing_detail() {
    let book = read(&folder("quickbooks"), "USD");
    let text = decoded(&folder("quickbooks/ar-aging-detail.csv"), encoding_rs::WINDOWS_1252);
    nothing_is_lost(&book, &[("ar-aging-detail.csv", text)]);
    assert_eq!(count_and_sum(&book, "invoice"), (5, "9346.35".into()));
    assert_eq!(count_and_sum(&book, "payment"), (1, "250.00".into()));
    assert_eq!(count_and_sum(&book, "credit_note"), (1, "75.50".into()));
    assert_eq!(rejected(&book), ["ar-aging-detail.csv:15", "ar-aging-detail.csv:17"]);
    assert_eq!(
        aside(&book, "ar-aging-detail.csv"),
        [
            "1 at 22: `Type` is `General Journal`  12.00",
            "3 at 1,2,3: above the header",
            "3 at 6,12,20: headings of groups",
            "4 at 10,18,23,24: totals",
        ]
    );
    let schema = Schema::standard();
    let account = schema.relation("account").unwrap();
    let names = ["Beacon Street Cafe", "Pier 9 Fish, Inc.", "Total Eclipse Optics"];
    assert_eq!(book.rows(account).unwrap().ids.iter().flatten().collect::<Vec<_>>(), names);
}

#[test]
fn a_list_kept_by_hand() {
    let book = read(&folder("excel"), "USD");
    let text = decoded(&folder("excel/open bills.txt"), encoding_rs::UTF_16LE);
    nothing_is_lost(&book, &[("open bills.txt", text)]);
    assert_eq!(count_and_sum(&book, "invoice"), (3, "4728.83".into()));
    assert_eq!(rejected(&book), [9, 12, 13, 14, 15].map(|line| format!("open bills.txt:{line}")));
    assert_eq!(
        aside(&book, "open bills.txt"),
        [
            "1 at 19: `Bill No.` starts with `Remember`",
            "1 at 6: `Paid?` is `yes`  1250.00",
            "1 at 1: above the header",
            "1 at 18: totals",
        ]
    );
    let schema = Schema::standard();
    let invoice = schema.relation("invoice").unwrap();
    let row = book.find(invoice, "B-008").unwrap();
    let issued = book.cell(invoice, schema.fact(invoice, "issue_date").unwrap(), row, NaiveDate::MAX);
    // Day 45970 of a spreadsheet: 45658 is 2025-01-01, and 312 days later it is 2025-11-09.
    assert_eq!(issued, Cell::Given(Value::Date(NaiveDate::from_ymd_opt(2025, 11, 9).unwrap())));
}

#[test]
fn ten_thousand_items_in_two_currencies() {
    let book = read(&folder("b2b"), "USD");
    let mut text = String::new();
    let packed = fs::File::open(folder("b2b/open-items.csv.gz")).unwrap();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    let cents = |amount: &str| amount.replace('.', "").parse::<i64>().unwrap();
    let (mut read, mut sum, mut other, mut other_sum, mut refused) = (0usize, 0i64, 0usize, 0i64, Vec::new());
    let mut other_unread = 0;
    let mut names: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (line, row) in (1..).zip(text.lines()).skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let [customer, name, posted, due] = [1, 2, 6, 8].map(|at| cells[at]);
        let [currency, amount, invoice] = [9, 11, 13].map(|at| cells[at]);
        if currency != "USD" {
            other += 1;
            if amount.is_empty() {
                other_unread += 1
            } else {
                other_sum += cents(amount)
            }
            continue;
        }
        names.entry(customer).or_default().insert(name);
        if invoice.is_empty() || amount.is_empty() || due[..8] < *posted[..10].replace('-', "") {
            refused.push(format!("open-items.csv.gz:{line}"));
        } else {
            read += 1;
            sum += cents(amount);
        }
    }
    let money = |cents: i64| format!("{}.{:02}", cents / 100, cents % 100);
    assert!(read > 8_000 && other > 500 && refused.len() > 20 && other_unread < 5);
    assert_eq!(count_and_sum(&book, "invoice"), (read, money(sum)));
    assert_eq!(rejected(&book).len(), refused.len());
    assert_eq!(rejected(&book).into_iter().collect::<BTreeSet<_>>(), refused.into_iter().collect());
    let input = &book.inputs[1];
    assert_eq!(input.set_aside.len(), 1);
    assert_eq!(input.set_aside[0].why, "`invoice_currency` is not `USD`");
    assert_eq!(input.set_aside[0].rows, other);
    assert_eq!(input.set_aside[0].sums, [("CAD".to_owned(), money(other_sum).parse().unwrap())]);
    nothing_is_lost(&book, &[("open-items.csv.gz", text.clone())]);
    let several: Vec<&str> = names.iter().filter(|(_, names)| names.len() > 1).map(|(customer, _)| *customer).collect();
    assert!(several.len() > 100);
    assert_eq!(book.differing.iter().map(|d| d.customer.as_str()).collect::<Vec<_>>(), several);
    for differing in &book.differing {
        let all: BTreeSet<&str> =
            differing.others.iter().map(String::as_str).chain([differing.taken.as_str()]).collect();
        assert_eq!(all, names[differing.customer.as_str()]);
    }
}

/// Copies an export without its `book.yaml`, has a first one written, fills in what it says is to fill in, and reads it.
fn guessed(name: &str, filled: &[(&str, &str)]) -> (String, Book) {
    let copy = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(folder(name)).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|n| n != "book.yaml") {
            fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
        }
    }
    let mut sink = Vec::new();
    let looked = book::inspect(copy.path(), &Schema::standard(), &mut sink).unwrap();
    assert_eq!(sink, [], "{name}");
    let mut yaml = looked.yaml;
    for (from, to) in filled {
        assert!(yaml.contains(from), "{name}: no {from} in\n{yaml}");
        yaml = yaml.replace(from, to);
    }
    fs::write(copy.path().join("book.yaml"), &yaml).unwrap();
    let currency = book::currency(copy.path(), &Schema::standard()).unwrap();
    let book = read(copy.path(), &currency);
    (yaml, book)
}

#[test]
fn a_first_book_yaml_reads_what_it_can() {
    // Where a guess reads more or less than the book.yaml of the example, the comment says which rows differ.
    let (_, book) = guessed("sap", &[]);
    assert_eq!(count_and_sum(&book, "invoice"), (3, "15210.35".into()));
    assert_eq!(count_and_sum(&book, "payment"), (3, "10575.50".into()));
    assert_eq!(rejected(&book), [14, 15, 16, 19, 20, 22].map(|l| format!("fbl5n.txt:{l}")), "16: AB is not set aside");
    let (_, book) = guessed("dynamics", &[]);
    assert_eq!(count_and_sum(&book, "invoice"), (3, "17862.75".into()));
    assert_eq!(count_and_sum(&book, "payment"), (1, "2000.00".into()));
    let (_, book) = guessed("kingdee", &[]);
    // The rows not yet approved are read too: 1,000.00 and 7,600.00.
    assert_eq!(count_and_sum(&book, "invoice"), (5, "32939.68".into()));
    let (_, book) = guessed("quickbooks", &[("# currency: USD", "currency: USD")]);
    assert_eq!(count_and_sum(&book, "invoice"), (5, "9346.35".into()));
    assert_eq!(count_and_sum(&book, "credit_note"), (1, "75.50".into()));
    let (yaml, book) = guessed("excel", &[("# currency: USD", "currency: USD")]);
    // Due dates that are no day numbers are rejected, B-003 is doubled, and B-001, paid, is read: 1,250.00 more.
    assert_eq!(count_and_sum(&book, "invoice"), (4, "5978.83".into()));
    assert!(yaml.contains("# to fill in: `due_date` is written as 45931, 45945, 2025-10-31"), "{yaml}");
    let (yaml, book) = guessed("b2b", &[]);
    assert!(yaml.contains("set_aside: { \"invoice_currency\": { not: \"USD\" } } # guessed"), "{yaml}");
    assert!(count_and_sum(&book, "invoice").0 > 9_000);
}

#[test]
fn a_first_book_yaml_never_goes_over_another() {
    let copy = tempfile::tempdir().unwrap();
    fs::write(copy.path().join("invoices.csv"), "id,customer,issue_date,amount\nI1,C1,2026-01-05,5\n").unwrap();
    fs::write(copy.path().join("book.yaml"), "mine\n").unwrap();
    let run = |more: &[&str]| {
        let program = env!("CARGO_BIN_EXE_usance");
        let done = std::process::Command::new(program).arg("book").arg(copy.path()).args(more).output().unwrap();
        (done.status.code().unwrap(), String::from_utf8(done.stderr).unwrap())
    };
    let mine = || fs::read_to_string(copy.path().join("book.yaml")).unwrap();
    let (code, told) = run(&[]);
    assert!(code == 6 && told.contains("stands already, and was left as it is"), "{code} {told}");
    assert_eq!(mine(), "mine\n");
    assert_eq!(run(&["--replace"]).0, 0);
    assert!(mine().contains("derive_from: invoices"));
    assert_eq!(run(&["--check"]), (4, run(&["--check"]).1));
    fs::write(copy.path().join("book.yaml"), mine().replace("# currency: USD", "currency: USD")).unwrap();
    assert_eq!(run(&["--check"]), (0, String::new()));
    assert_eq!(run(&["--check", "--format", "json", "--lang", "zh"]).0, 0);
}

/// The same file under a policy that converts: every item counts, each converted once and rounded to the cent, and a
/// letter is in one currency.
#[test]
fn both_currencies_under_a_policy_that_converts() {
    const POLICY: &str = r#"
usance: 1
policy: two_currencies
version: "1"
money: { currency: USD, round_to: 0.01, mode: half_up, others: convert }
facts: { invoice.terms_code: { type: text, optional: true } }
decide:
  - { id: late_by_code, for: item, type: bool, gives: 'starts_with(invoice.terms_code ?? "", "NA") && item.days_past_due > 0' }
ladders:
  - id: dunning
    for: item
    anchor: item.due_date
    catch_up: highest
    letter: { per: [customer, currency], level: highest_of_lines }
    rungs: [ { id: reminder, from_day: 1, action: remind } ]
"#;
    let rate: Decimal = "0.7312".parse().unwrap();
    let dir = tempfile::tempdir().unwrap();
    fs::copy(folder("b2b/open-items.csv.gz"), dir.path().join("open-items.csv.gz")).unwrap();
    let yaml = fs::read_to_string(folder("b2b/book.yaml")).unwrap();
    let yaml = yaml.replace("    set_aside: { invoice_currency: { not: USD } }\n", "");
    let yaml = yaml.replace(
        "      currency: invoice_currency\n",
        "      currency: invoice_currency\n      terms_code: cust_payment_terms\n",
    );
    let yaml = yaml.replace("cust_payment_terms, isOpen]", "isOpen]");
    fs::write(dir.path().join("book.yaml"), yaml).unwrap();
    fs::write(dir.path().join("fx_rates.csv"), format!("currency,valid_from,rate\nCAD,2025-01-01,{rate}\n")).unwrap();

    let mut sink = Vec::new();
    let policy = usance::policy::folder::Folder::from_memory([("policy.yaml".into(), POLICY.into())].into(), &mut sink);
    let plan = usance::plan::compile(&policy.unwrap(), &mut sink).unwrap();
    let book = book::read(dir.path(), &plan.schema, "USD", &mut sink).unwrap();
    assert_eq!(sink, []);

    let mut text = String::new();
    let packed = fs::File::open(folder("b2b/open-items.csv.gz")).unwrap();
    flate2::read::GzDecoder::new(packed).read_to_string(&mut text).unwrap();
    let (mut items, mut sum, mut late) = (0, Decimal::ZERO, 0);
    let mut letters: BTreeMap<(&str, &str), Decimal> = BTreeMap::new();
    for row in text.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let (posted, due) = (cells[6][..10].replace('-', ""), &cells[8][..8]);
        if cells[13].is_empty() || cells[11].is_empty() || *due < *posted {
            continue;
        }
        let own: Decimal = cells[11].parse().unwrap();
        items += 1;
        sum += match cells[9] {
            "USD" => own,
            _ => (own * rate).round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero),
        };
        late += usize::from(cells[12].starts_with("NA") && due < "20251231");
        if due < "20251231" {
            *letters.entry((cells[1], cells[9])).or_default() += own;
        }
    }
    let as_of = NaiveDate::from_ymd_opt(2025, 12, 31).unwrap();
    let mut run = usance::engine::Run::new(&plan, &book, as_of);
    assert_eq!(run.count(plan.schema.relation("item").unwrap()), items);
    let total = run.outcome(plan.find("portfolio.receivables").unwrap(), 0).value.unwrap();
    assert_eq!(total, Value::Dec(sum));
    let late_by_code = plan.find("late_by_code").unwrap();
    let rows = run.rows(plan.schema.relation("item").unwrap());
    let found = rows.iter().filter(|row| run.outcome(late_by_code, **row).value.unwrap() == Value::Bool(true)).count();
    assert_eq!((found, late > 100), (late, true));
    let (proposals, unmade) = run.proposals("actions");
    assert!(unmade.is_empty());
    let of_line = |line: &usance::engine::Emitted, name: &str| {
        line.payload.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    };
    let mut made: BTreeMap<(String, String), Decimal> = BTreeMap::new();
    for proposal in &proposals {
        for line in &proposal.lines {
            let group: Vec<String> = line.group.as_ref().unwrap().iter().map(ToString::to_string).collect();
            let Some(Value::Dec(amount)) = of_line(line, "amount") else { panic!("a line without an amount") };
            let customer = group.iter().find(|part| letters.keys().any(|(customer, _)| customer == part)).unwrap();
            let currency = group.iter().find(|part| ["USD", "CAD"].contains(&part.as_str())).unwrap();
            *made.entry((customer.clone(), currency.clone())).or_default() += amount;
        }
    }
    assert_eq!(proposals.len(), letters.len());
    let expected: BTreeMap<(String, String), Decimal> =
        letters.into_iter().map(|((customer, currency), sum)| ((customer.into(), currency.into()), sum)).collect();
    assert_eq!(made, expected);
}
