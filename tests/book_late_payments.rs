//! The published sample of late payments, read unedited where it lies beside the project.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    clippy::string_slice,
    clippy::type_complexity,
    missing_docs,
    unreachable_pub
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use usance::book::{self, Book, Cell};
use usance::lang::Value;
use usance::plan::Schema;

const FILE: &str = "../shared/data/late-payment-histories.csv";

fn sample() -> Option<(Schema, Book, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // A worktree lies one folder deeper than the main one.
    let found = [root.join(FILE), root.join("..").join(FILE)].into_iter().find(|p| p.is_file());
    let Some(file) = found else {
        println!("skipped: {FILE} is not there");
        return None;
    };
    let text = std::fs::read_to_string(&file).unwrap();
    let yaml = std::fs::read_to_string(root.join("examples/late-payment-histories/book.yaml")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let here = yaml.replace("../../../shared/data/late-payment-histories.csv", file.to_str().unwrap());
    std::fs::write(folder.path().join("book.yaml"), here).unwrap();
    let (schema, mut sink) = (Schema::standard(), Vec::new());
    let book = book::read(folder.path(), &schema, "USD", &mut sink);
    assert_eq!(sink, [], "no findings");
    Some((schema, book.unwrap(), text))
}

fn values(schema: &Schema, book: &Book, relation: &str, fact: &str) -> Vec<Cell> {
    let relation = schema.relation(relation).unwrap();
    let fact = schema.fact(relation, fact).unwrap();
    let rows = u32::try_from(book.count(relation)).unwrap();
    (0..rows).map(|row| book.cell(relation, fact, row, NaiveDate::MAX).clone()).collect()
}

fn sum(cells: &[Cell]) -> Decimal {
    let amount = |cell: &Cell| match cell {
        Cell::Given(Value::Dec(amount)) => *amount,
        other => panic!("{other:?} is no amount"),
    };
    cells.iter().map(amount).sum()
}

#[test]
fn every_row_is_read() {
    let Some((schema, book, _)) = sample() else { return };
    let count = |name| book.count(schema.relation(name).unwrap());
    assert_eq!(book.rejects, []);
    assert_eq!(book.unread, []);
    assert_eq!((count("account"), count("group"), count("invoice"), count("item")), (100, 100, 2466, 2466));
    assert_eq!((count("allocation"), count("dispute")), (2466, 561));
    assert_eq!(book.undated, [("invoices.disputed".to_owned(), 561)]);
    assert_eq!(book.inputs[1].rows, 2466);
}

#[test]
fn the_amounts_are_those_of_the_file() {
    let Some((schema, book, text)) = sample() else { return };
    // Counted in whole cents, by another reader than the book's.
    let cents = |line: &str| {
        let (whole, rest) = line.split(',').nth(6).unwrap().split_once('.').map_or_else(
            || (line.split(',').nth(6).unwrap(), String::from("00")),
            |(whole, rest)| (whole, format!("{rest:0<2}")),
        );
        whole.parse::<i64>().unwrap() * 100 + rest.parse::<i64>().unwrap()
    };
    let total = Decimal::new(text.lines().skip(1).filter(|l| !l.is_empty()).map(cents).sum(), 2);
    assert_eq!(total.to_string(), "147703.18");
    for relation in ["invoice", "item", "allocation"] {
        assert_eq!(sum(&values(&schema, &book, relation, "amount")), total, "{relation}");
    }
}

#[test]
fn a_customer_is_there_since_its_first_invoice() {
    let Some((schema, book, text)) = sample() else { return };
    let mut first: BTreeMap<&str, NaiveDate> = BTreeMap::new();
    for line in text.lines().skip(1).filter(|l| !l.is_empty()) {
        let cells: Vec<&str> = line.split(',').collect();
        let day = NaiveDate::parse_from_str(cells[4], "%m/%d/%Y").unwrap();
        first.entry(cells[1]).and_modify(|known| *known = day.min(*known)).or_insert(day);
    }
    let expected: Vec<Cell> = first.values().map(|day| Cell::Given(Value::Date(*day))).collect();
    assert_eq!(values(&schema, &book, "account", "since"), expected);
    let ids: BTreeSet<String> = values(&schema, &book, "account", "id").iter().map(|c| format!("{c:?}")).collect();
    assert_eq!(ids.len(), 100);
    assert!(values(&schema, &book, "account", "incomplete").iter().all(|c| *c == Cell::Given(Value::Bool(false))));
}
