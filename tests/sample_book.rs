//! The sample book: the same bytes every time, every situation of the pack in it, and the shipped example in step.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::expect_used,
    clippy::string_slice,
    clippy::panic,
    clippy::type_complexity,
    missing_docs,
    unreachable_pub,
    reason = "a test that cannot go on may stop"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use chrono::{Datelike, Months, NaiveDate};
use rust_decimal::Decimal;
use usance::sample;

type Row = BTreeMap<String, String>;

fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 6, 30).unwrap()
}

fn files(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap())
        .map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap()))
        .collect()
}

fn generate(customers: usize, seed: u64) -> BTreeMap<String, Vec<u8>> {
    let dir = tempfile::tempdir().unwrap();
    sample::write(dir.path(), customers, seed, as_of()).unwrap();
    files(dir.path())
}

fn rows(files: &BTreeMap<String, Vec<u8>>, table: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_reader(files[&format!("{table}.csv")].as_slice());
    let header = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|r| header.iter().map(str::to_owned).zip(r.unwrap().iter().map(str::to_owned)).collect())
        .collect()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_does_not() {
    assert_eq!(generate(50, 7), generate(50, 7));
    assert_ne!(generate(50, 7), generate(50, 8));
}

#[test]
fn a_customer_does_not_depend_on_how_many_others_there_are() {
    let (few, many) = (generate(60, 3), generate(120, 3));
    for (name, bytes) in &few {
        assert!(many[name].starts_with(bytes), "{name}");
    }
}

#[test]
fn the_shipped_example_is_what_seed_1_gives() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/book");
    if std::env::var_os("USANCE_WRITE_EXAMPLE").is_some() {
        sample::write(&shipped, 200, 1, as_of()).unwrap();
    }
    assert!(files(&shipped) == generate(200, 1), "write it again with USANCE_WRITE_EXAMPLE=1");
}

#[test]
fn rows_refer_to_rows_that_are_there_and_amounts_add_up() {
    let book = generate(200, 1);
    let amount = |r: &Row| r["amount"].parse::<Decimal>().unwrap();
    let ids = |table: &str| -> BTreeSet<String> {
        let all: Vec<String> = rows(&book, table).iter().map(|r| r["id"].clone()).collect();
        let distinct: BTreeSet<String> = all.iter().cloned().collect();
        assert_eq!(all.len(), distinct.len(), "an id of {table} stands twice");
        distinct
    };
    let (customers, groups, invoices, orders) = (ids("customers"), ids("groups"), ids("invoices"), ids("orders"));
    let (payments, credit_notes) = (ids("payments"), ids("credit_notes"));
    for table in ["covers", "actions", "disputes", "promises", "payment_plans", "order_lines"] {
        ids(table);
    }
    let refers = |table: &str, column: &str, known: &BTreeSet<String>| {
        for row in rows(&book, table) {
            assert!(row[column].is_empty() || known.contains(&row[column]), "{table}.{column}: {row:?}");
        }
    };
    refers("customers", "group", &groups);
    for table in ["invoices", "payments", "credit_notes", "orders", "covers", "decisions"] {
        refers(table, "customer", &customers);
    }
    for table in ["instalments", "allocations", "disputes", "promises", "payment_plans", "evidence"] {
        refers(table, "invoice", &invoices);
    }
    refers("invoices", "order", &orders);
    refers("order_lines", "order", &orders);
    refers("allocations", "payment", &payments);
    refers("allocations", "credit_note", &credit_notes);

    let mut parts: BTreeMap<String, Decimal> = BTreeMap::new();
    for row in rows(&book, "instalments") {
        *parts.entry(row["invoice"].clone()).or_default() += amount(&row);
    }
    let mut lines: BTreeMap<String, Decimal> = BTreeMap::new();
    for row in rows(&book, "order_lines") {
        *lines.entry(row["order"].clone()).or_default() += amount(&row);
    }
    for row in rows(&book, "orders") {
        assert_eq!(lines[&row["id"]], amount(&row), "{row:?}");
    }
    let mut applied: BTreeMap<String, Decimal> = BTreeMap::new();
    let mut spent: BTreeMap<String, Decimal> = BTreeMap::new();
    for row in rows(&book, "allocations") {
        *applied.entry(row["invoice"].clone()).or_default() += amount(&row);
        *spent.entry(format!("{}{}", row["payment"], row["credit_note"])).or_default() += amount(&row);
    }
    for row in rows(&book, "payments").iter().chain(&rows(&book, "credit_notes")) {
        assert!(spent.get(&row["id"]).is_none_or(|s| *s <= amount(row)), "{row:?}");
        assert!(date(&row["date"]) <= as_of());
    }
    for row in rows(&book, "invoices") {
        assert!(amount(&row) > Decimal::ZERO);
        assert!(parts.get(&row["id"]).is_none_or(|sum| *sum == amount(&row)), "{row:?}");
        assert!(applied.get(&row["id"]).is_none_or(|sum| *sum <= amount(&row)), "{row:?}");
        assert!(date(&row["issue_date"]) <= as_of() && date(&row["issue_date"]) <= date(&row["due_date"]), "{row:?}");
    }
    for row in rows(&book, "actions") {
        assert!(date(&row["done_on"]) < as_of(), "{row:?}");
    }
}

#[test]
fn every_situation_occurs_in_the_shipped_size() {
    let book = generate(200, 1);
    let has = |what: &str, table: &str, test: &dyn Fn(&Row) -> bool| {
        assert!(rows(&book, table).iter().any(test), "{what}");
    };
    let ahead = |text: &str| !text.is_empty() && date(text) >= as_of();
    let past = |text: &str| !text.is_empty() && date(text) < as_of();

    // what is known of customers
    for value in ["true", "false", ""] {
        has("dishonest debtor", "customers", &|r| r["dishonest_debtor"] == value);
    }
    has("many lawsuits", "customers", &|r| r["lawsuits"].parse::<i32>().is_ok_and(|n| n >= 5));
    has("lawsuits unknown", "customers", &|r| r["lawsuits"].is_empty());
    let half_a_year_ago = as_of().checked_sub_months(Months::new(6)).unwrap();
    has("new, from a 31st", "customers", &|r| date(&r["since"]) > half_a_year_ago && date(&r["since"]).day() == 31);
    has("old, from a 31st", "customers", &|r| date(&r["since"]) < half_a_year_ago && date(&r["since"]).day() == 31);
    has("not assessed", "customers", &|r| r["assessed_on"].is_empty());
    has("turnover unknown", "customers", &|r| r["monthly_turnover"].is_empty());
    has("a Chinese name", "customers", &|r| r["language"] == "zh" && r["name"].ends_with("有限公司"));
    has("an English name", "customers", &|r| r["language"] == "en" && r["name"].is_ascii());
    has("cyclical", "customers", &|r| r["cyclical"] == "true");
    has("a public body", "customers", &|r| r["segment"] == "public");
    for column in ["audited_years", "bank_statements", "debt_to_assets", "current_ratio", "reputation"] {
        has("unknown", "customers", &|r| r[column].is_empty());
        has("known", "customers", &|r| !r[column].is_empty());
    }
    // limits
    has("unlimited", "customers", &|r| r["limit_unlimited"] == "true");
    has("mandatory zero", "customers", &|r| r["limit_mandatory"] == "true" && r["limit"] == "0.00");
    has("zero, not mandatory", "customers", &|r| r["limit_mandatory"] == "false" && r["limit"] == "0.00");
    has("blank", "customers", &|r| r["limit"].is_empty());
    has("own limit", "customers", &|r| r["limit"].parse::<Decimal>().is_ok_and(|a| a > Decimal::ZERO));
    has("temporary, running", "customers", &|r| ahead(&r["temporary_until"]));
    has("temporary, over", "customers", &|r| past(&r["temporary_until"]));
    has("customer blocked", "customers", &|r| ahead(&r["dunning_blocked_until"]));
    has("customer blocked until lately", "customers", &|r| past(&r["dunning_blocked_until"]));
    has("group with limit", "groups", &|r| !r["limit"].is_empty());
    has("group without limit", "groups", &|r| r["limit"].is_empty());
    for status in ["approved", "reduced", "cancelled"] {
        has("cover", "covers", &|r| r["status"] == status);
    }
    has("cover running", "covers", &|r| r["status"] == "approved" && ahead(&r["valid_to"]));
    has("cover over", "covers", &|r| r["status"] == "approved" && past(&r["valid_to"]));
    for state in ["amount", "unlimited", "none"] {
        has("decided before", "decisions", &|r| r["limit.state"] == state);
    }
    for tier in ["A", "B", "C", "D"] {
        has("tier before", "decisions", &|r| r["tier"] == tier);
    }
    // invoices
    for days in [-30i64, -3, -2, -1, 0, 1, 30, 31, 60, 61, 90, 91] {
        has(&format!("{days} days past due"), "invoices", &|r| (as_of() - date(&r["due_date"])).num_days() == days);
    }
    has("invoice blocked", "invoices", &|r| ahead(&r["dunning_blocked_until"]));
    has("invoice blocked until lately", "invoices", &|r| past(&r["dunning_blocked_until"]));
    has("accepted after delivery", "invoices", &|r| r["acceptance_date"] > r["delivery_date"]);
    let buyers: BTreeSet<String> = rows(&book, "invoices").iter().map(|r| r["customer"].clone()).collect();
    has("never bought", "customers", &|r| !buyers.contains(&r["id"]));
    has("instalment ahead", "instalments", &|r| ahead(&r["due_date"]));
    has("instalment past", "instalments", &|r| past(&r["due_date"]));
    // money
    let allocations = rows(&book, "allocations");
    let sum = |column: &str, id: &str| -> Decimal {
        allocations.iter().filter(|a| a[column] == id).map(|a| a["amount"].parse::<Decimal>().unwrap()).sum()
    };
    let amount = |r: &Row| r["amount"].parse::<Decimal>().unwrap();
    let part = |r: &Row, s: Decimal| s > Decimal::ZERO && s < amount(r);
    has("partly paid", "invoices", &|r| part(r, sum("invoice", &r["id"])));
    has("too much paid", "payments", &|r| part(r, sum("payment", &r["id"])));
    has("money on account", "payments", &|r| sum("payment", &r["id"]).is_zero());
    has("payment returned", "payments", &|r| !r["returned_on"].is_empty());
    has("credit note applied", "credit_notes", &|r| sum("credit_note", &r["id"]) == amount(r));
    has("credit note partly applied", "credit_notes", &|r| part(r, sum("credit_note", &r["id"])));
    has("credit note standing alone", "credit_notes", &|r| sum("credit_note", &r["id"]).is_zero());
    has("dispute, part", "disputes", &|r| r["closed_on"].is_empty() && !r["amount"].is_empty());
    has("dispute, whole", "disputes", &|r| r["closed_on"].is_empty() && r["amount"].is_empty());
    has("dispute, closed", "disputes", &|r| !r["closed_on"].is_empty());
    let paid = |r: &Row| sum("invoice", &r["invoice"]) > Decimal::ZERO;
    has("promise running", "promises", &|r| ahead(&r["due_on"]) && r["withdrawn_on"].is_empty());
    has("promise kept", "promises", &|r| past(&r["due_on"]) && paid(r));
    has("promise broken", "promises", &|r| past(&r["due_on"]) && !paid(r));
    has("promise withdrawn", "promises", &|r| !r["withdrawn_on"].is_empty());
    has("plan running", "payment_plans", &|r| r["broken_on"].is_empty() && ahead(&r["ends_on"]));
    has("plan broken", "payment_plans", &|r| !r["broken_on"].is_empty());
    // actions
    for status in ["sent", "done", "skipped", "failed", "cancelled"] {
        has(status, "actions", &|r| r["status"] == status);
    }
    for rung in ["reminder", "phone_call", "formal_demand", "legal", "agency"] {
        has(rung, "actions", &|r| r["rung"] == rung);
    }
    has("episode again", "actions", &|r| r["episode"] == "1");
    has("on an instalment", "actions", &|r| r["subject_id"].contains('/'));
    let evidence = rows(&book, "evidence");
    let kinds = |id: &str| evidence.iter().filter(|e| e["invoice"] == id).count();
    let legal = |r: &Row| (31..=40).contains(&(as_of() - date(&r["due_date"])).num_days());
    has("evidence complete", "invoices", &|r| legal(r) && kinds(&r["id"]) == 3);
    has("evidence incomplete", "invoices", &|r| legal(r) && kinds(&r["id"]) < 3);
    let acted: BTreeSet<String> = rows(&book, "actions").iter().map(|r| r["subject_id"].clone()).collect();
    has("missed run", "invoices", &|r| {
        legal(r) && acted.contains(&r["id"]) && {
            rows(&book, "actions").iter().filter(|a| a["subject_id"] == r["id"]).all(|a| a["rung"] == "reminder")
        }
    });
    // orders
    let lines = rows(&book, "order_lines");
    let invoiced = |r: &Row| -> Decimal {
        lines.iter().filter(|l| l["order"] == r["id"]).map(|l| l["invoiced"].parse::<Decimal>().unwrap()).sum()
    };
    has("draft", "orders", &|r| r["confirmed_on"].is_empty());
    has("confirmed", "orders", &|r| !r["confirmed_on"].is_empty() && invoiced(r).is_zero());
    has("partly invoiced", "orders", &|r| part(r, invoiced(r)));
    has("shipped", "orders", &|r| !r["shipped_on"].is_empty() && r["closed_on"].is_empty());
    has("closed", "orders", &|r| !r["closed_on"].is_empty());
}
