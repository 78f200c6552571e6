//! Amounts of several currencies: the whole is the sum of its parts, order is kept, and one currency is as before.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::type_complexity,
    missing_docs,
    unreachable_pub
)]

mod model_support;
mod pack_support;

use std::path::Path;
use std::process::Command;

use model_support::{MANIFEST, Tables, cents, compile, date, hold, money, value};
use pack_support::copy;
use proptest::collection::vec;
use usance::engine::Run;
use usance::plan::Plan;

const MONEY: &str = "money: { currency: CNY, round_to: 0.01, mode: half_even, others: convert }\n";

const RULES: &str = "
exposure:
  - { id: receivables, for: item, amount: item.undisputed_open }
  - { id: disputed, for: item, amount: item.disputed_open }
ageing: [0, 30]
decide:
  - { id: within, type: bool, gives: 'account.receivables <= (customer.limit ?? 0)' }
";

const CURRENCIES: [&str; 3] = ["CNY", "USD", "JPY"];

fn policy() -> Plan {
    compile(&format!("{MANIFEST}{MONEY}{RULES}"))
}

/// Cents of one currency in cents of another at a rate of so many ten-thousandths, a tie to the even neighbour.
fn converted(cents: i64, rate: i64) -> i64 {
    let exact = i128::from(cents) * i128::from(rate);
    let (whole, rest) = (exact.div_euclid(10_000), exact.rem_euclid(10_000));
    let up = rest > 5_000 || rest == 5_000 && whole % 2 != 0;
    i64::try_from(whole + i128::from(up)).unwrap()
}

fn rate_text(rate: i64) -> String {
    format!("{}.{:04}", rate / 10_000, rate % 10_000)
}

fn rates(tables: &mut Tables, usd: i64, jpy: i64) {
    let columns = ["currency", "valid_from", "rate"];
    for (currency, rate) in [("USD", usd), ("JPY", jpy)] {
        tables.row("fx_rates", &columns, &[currency, &date(0).to_string(), &rate_text(rate)]);
        tables.row("fx_rates", &columns, &[currency, &date(900).to_string(), "1"]);
    }
}

const INVOICE: [&str; 7] = ["id", "customer", "issue_date", "due_date", "amount", "currency", "disputed_amount"];

#[test]
fn the_whole_is_the_sum_of_its_converted_parts() {
    let plan = policy();
    // Amount, currency, paid and disputed share in tenths, days to due.
    let invoices = vec((1_i64..1_000_000, 0_usize..3, 0_i64..=10, 0_i64..=10, 0_i64..60), 1..12);
    hold(60, &(invoices, 1_i64..100_000, 1_i64..2_000), |(invoices, usd, jpy)| {
        let mut tables = Tables::default();
        tables.row("customers", &["id", "since"], &["C1", &date(0).to_string()]);
        rates(&mut tables, usd, jpy);
        let mut wanted = Vec::new();
        for (number, (amount, currency, paid, disputed, due)) in invoices.iter().enumerate() {
            let (id, code) = (format!("I{number:02}"), CURRENCIES[*currency]);
            let (paid, disputed) = (amount * paid / 10, amount * disputed / 10);
            let (issued, due) = (date(100).to_string(), date(100 + due).to_string());
            let disputed_text = if disputed == 0 { String::new() } else { money(disputed) };
            tables.row("invoices", &INVOICE, &[&id, "C1", &issued, &due, &money(*amount), code, &disputed_text]);
            if paid > 0 {
                let payment = format!("P{number:02}");
                let columns = ["id", "customer", "date", "amount", "currency"];
                tables.row("payments", &columns, &[&payment, "C1", &date(110).to_string(), &money(paid), code]);
                tables.row("allocations", &["payment", "invoice", "amount"], &[&payment, &id, &money(paid)]);
            }
            let rate = [10_000, usd, jpy][*currency];
            let open = amount - paid;
            wanted.push((id, open, converted(open, rate), converted(disputed.min(open).max(0), rate)));
        }
        let book = tables.book(&plan);
        let mut run = Run::new(&plan, &book, date(140));
        let mut all = (0, 0);
        for (id, own, open, disputed) in wanted {
            let mut item = |name: &str| cents(&value(&mut run, name, &id));
            assert_eq!(item("item.own_open"), own, "{id}");
            assert_eq!(item("item.open"), open, "{id}");
            assert_eq!(item("item.disputed_open"), disputed, "{id}");
            assert_eq!(item("item.undisputed_open"), open - disputed, "{id}");
            all = (all.0 + open, all.1 + disputed);
        }
        let mut account = |name: &str| cents(&value(&mut run, name, "C1"));
        assert_eq!(account("account.receivables"), all.0);
        assert_eq!(account("exposure.disputed"), all.1);
        assert_eq!(account("account.exposure"), all.0);
        let ages = ["current", "d1_30", "over_30"].map(|age| account(&format!("account.ageing.{age}")));
        assert_eq!(ages.iter().sum::<i64>(), all.0);
        assert_eq!(cents(&value(&mut run, "portfolio.receivables", "")), all.0);
    });
}

/// Rounding may bring two amounts together, but never turns them round.
#[test]
fn converting_keeps_what_is_more_in_the_limits_currency() {
    let plan = policy();
    hold(120, &(1_i64..100_000, 1_i64..100_000, 0_usize..3, 1_i64..100_000), |(owed, limit, currency, rate)| {
        let mut tables = Tables::default();
        let code = CURRENCIES[currency];
        let columns = ["id", "since", "limit", "currency"];
        tables.row("customers", &columns, &["C1", &date(0).to_string(), &money(limit), code]);
        rates(&mut tables, rate, rate);
        let (issued, due) = (date(100).to_string(), date(150).to_string());
        tables.row("invoices", &INVOICE, &["I1", "C1", &issued, &due, &money(owed), code, ""]);
        let book = tables.book(&plan);
        let mut run = Run::new(&plan, &book, date(140));
        let rate = if currency == 0 { 10_000 } else { rate };
        let within = value(&mut run, "within", "C1") == usance::lang::Value::Bool(true);
        assert_eq!(cents(&value(&mut run, "customer.limit", "C1")), converted(limit, rate));
        if owed <= limit {
            assert!(within, "{owed} of {limit} at {rate}");
        } else if (owed - limit) * rate > 10_000 {
            assert!(!within, "{owed} of {limit} at {rate}");
        }
    });
}

fn replace(file: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains(from), "{}: {from}", file.display());
    std::fs::write(file, text.replace(from, to)).unwrap();
}

fn table(file: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(file).unwrap();
    reader.records().map(|record| record.unwrap().iter().map(ToOwned::to_owned).collect()).collect()
}

#[test]
fn a_book_in_the_policys_currency_comes_out_as_under_refuse() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = tempfile::tempdir().unwrap();
    let [refuse, convert] = ["refuse", "convert"].map(|name| dir.path().join(name));
    copy(&root.join("policies/sme-trade"), &refuse);
    copy(&refuse, &convert);
    replace(&convert.join("policy.yaml"), "others: refuse", "others: convert");
    let run = |policy: &Path| {
        let out = policy.join("out");
        let mut command = Command::new(env!("CARGO_BIN_EXE_usance"));
        let command = command.current_dir(root).arg("run").arg("--policy").arg(policy).arg("--out").arg(&out);
        let told = command.arg("--book").arg("examples/book").output().unwrap();
        assert!(told.status.code().is_some_and(|code| code <= 1), "{}", String::from_utf8_lossy(&told.stderr));
        out
    };
    let (before, after) = (run(&refuse), run(&convert));
    for name in ["decisions.csv", "invoices.csv", "orders.csv", "portfolio.csv", "actions.csv", "failures.csv"] {
        let (was, is) = (table(&before.join(name)), table(&after.join(name)));
        // A letter's total is left out where a fixed charge, which is in the policy's currency, is a part of it.
        let shared: Vec<&String> = was[0].iter().filter(|header| *header != "letter_total").collect();
        let of = |table: &[Vec<String>]| -> Vec<Vec<String>> {
            let place = |header: &&String| table[0].iter().position(|other| other == *header).unwrap();
            let at: Vec<usize> = shared.iter().map(place).collect();
            table.iter().map(|row| at.iter().map(|at| row[*at].clone()).collect()).collect()
        };
        assert!(of(&was) == of(&is), "{name}");
        let added: Vec<&str> = is[0].iter().filter(|h| !was[0].contains(h)).map(String::as_str).collect();
        let wanted: &[&str] = match name {
            "invoices.csv" => &["currency", "own_amount", "own_open"],
            "orders.csv" => &["currency", "own_amount"],
            "actions.csv" => &["converted_amount", "letter_amount"],
            _ => &[],
        };
        assert_eq!(added, wanted, "{name}");
    }
}
