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

mod book_support;
mod pack_support;

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Int64Array, RecordBatch, StringArray,
};
use book_support::folder;
use chrono::NaiveDate;
use pack_support::{copy, folders, plan, reading_the_portfolio, root};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;
use usance::book::{self, Room, Shares};
use usance::engine::{Columns, Pace, Setting};
use usance::outcome::{self, Broken, Format};
use usance::plan::{Plan, on_a_deep_stack};

/// Every file of a folder, with its bytes.
fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<(String, Vec<u8>)> =
        entries.map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap())).collect();
    files.sort();
    files
}

/// Files by name, and how many findings there were.
type Written = (Vec<(String, Vec<u8>)>, usize);

fn whole(plan: &Plan, book: &Path, as_of: NaiveDate, format: Format) -> Written {
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
) -> Result<Written, Broken> {
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
    same_at(plan, book, as_of, &[(1, 1), (2, 2), (5, 1), (100_000, 1)]);
}

/// The same in so many shares and on so many threads.
fn same_at(plan: &Plan, book: &Path, as_of: NaiveDate, paces: &[(usize, usize)]) {
    let expected = whole(plan, book, as_of, Format::Csv);
    for pace in paces.iter().copied() {
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
    let lines = found
        .lines()
        .map(Some)
        .chain(std::iter::repeat(None))
        .zip(expected.lines().map(Some).chain(std::iter::repeat(None)));
    for (found, expected) in lines.take_while(|(a, b)| a.is_some() || b.is_some()).filter(|(a, b)| a != b).take(5) {
        writeln!(out, "  found {found:?}\n  not   {expected:?}").unwrap();
    }
    out
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

#[test]
fn the_sample_book_of_every_pack() {
    let book = tempfile::tempdir().unwrap();
    usance::sample::write(book.path(), 25, 7, day("2026-06-30")).unwrap();
    for plan in folders("policies").iter().map(|pack| plan(pack)).filter(|plan| plan.money.currency == "CNY") {
        same_at(&plan, book.path(), day("2026-06-30"), &[(7, 2)]);
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

#[test]
fn a_policy_that_reads_the_portfolio() {
    let dir = tempfile::tempdir().unwrap();
    reading_the_portfolio(dir.path());
    let plan = plan(dir.path());
    let book = tempfile::tempdir().unwrap();
    usance::sample::write(book.path(), 40, 3, day("2026-06-30")).unwrap();
    same(&plan, book.path(), day("2026-06-30"));
}

#[test]
fn tables_that_are_off_have_as_many_rows_as_in_a_whole_run() {
    let dir = tempfile::tempdir().unwrap();
    copy(&root("policies/sme-trade"), dir.path());
    let limits = "outputs:\n  orders: off\n  portfolio: off\n  invoices: { columns: [open], where: item.open > 0 }\n";
    std::fs::write(dir.path().join("leaving.yaml"), limits).unwrap();
    let plan = plan(dir.path());
    let book = tempfile::tempdir().unwrap();
    usance::sample::write(book.path(), 40, 3, day("2026-06-30")).unwrap();
    for as_of in ["2026-06-30", "2026-03-31"] {
        same(&plan, book.path(), day(as_of));
        let (files, _) = whole(&plan, book.path(), day(as_of), Format::Csv);
        let (_, manifest) = files.iter().find(|(name, _)| name == "run.json").unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(manifest).unwrap();
        let limited = manifest["limited"].as_array().unwrap();
        let orders = limited.iter().find(|of| of["table"] == "orders").unwrap();
        assert!(orders["of_rows"].as_u64().unwrap() > 10, "{orders}");
    }
}

/// Every policy that the engines are tried on, over the sample book: those that read the portfolio are gone over several
/// times, and those that need all rows at once say so.
#[test]
fn policies_of_every_kind() {
    let book = tempfile::tempdir().unwrap();
    usance::sample::write(book.path(), 12, 5, day("2026-06-30")).unwrap();
    let mut tried = 0;
    for dir in folders("tests/policies/vectors") {
        let plan = plan(&dir);
        if plan.money.currency != "CNY" {
            continue;
        }
        tried += 1;
        let expected = whole(&plan, book.path(), day("2026-06-30"), Format::Csv);
        match in_shares(&plan, book.path(), day("2026-06-30"), Format::Csv, (4, 1)) {
            Ok(found) => assert!(found == expected, "{}", dir.display()),
            Err(Broken::NeedsTheWhole) => println!("needs the whole: {}", dir.display()),
            Err(Broken::Io(error)) => panic!("{}: {error}", dir.display()),
        }
    }
    assert!(tried > 0);
}

/// Groups that have to do with one another: ids that stand twice, money of one customer set against invoices of another,
/// orders, items and actions named across, in files of every form, in any order.
#[test]
fn groups_that_are_bound_together() {
    let mut customers = "id,group,since\n".to_owned();
    let (mut invoices, mut payments, mut allocations) = (
        "id,customer,issue_date,due_date,amount,currency,order,settled_on,disputed\n".to_owned(),
        "id,customer,date,amount,currency\n".to_owned(),
        "payment,invoice,instalment,on,amount\n".to_owned(),
    );
    let (mut orders, mut lines) = ("id,customer,amount,currency\n".to_owned(), "id,order,amount,invoiced\n".to_owned());
    let (mut instalments, mut promises) =
        ("invoice,no,due_date,amount\n".to_owned(), "id,invoice,due_on,amount\n".to_owned());
    let mut actions = "id,ladder,rung,subject,subject_id,episode,status\n".to_owned();
    let mut plans = "id,invoice\n".to_owned();
    let mut plan_payments = "payment_plan,due_on,amount\n".to_owned();
    for at in 0..60_u32 {
        // Read in an order of its own.
        let at = at * 37 % 60;
        let (other, far) = ((at + 1) % 60, (at * 7 + 13) % 60);
        let group = if at % 4 == 0 { format!("G{}", at / 8) } else { String::new() };
        writeln!(customers, "C{at},{group},2024-0{}-01", at % 9 + 1).unwrap();
        let amount = 100 + at;
        writeln!(invoices, "I{at},C{at},2026-01-{:02},2026-02-{:02},{amount},USD,O{other},,", at % 28 + 1, at % 27 + 1)
            .unwrap();
        if at % 10 == 3 {
            writeln!(invoices, "I{far},C{at},2026-01-01,2026-02-01,50,USD,,,").unwrap();
            writeln!(invoices, "I{at}/1,C{far},2026-01-01,2026-02-01,50,USD,,,").unwrap();
        }
        if at % 6 == 0 {
            writeln!(instalments, "I{at},1,2026-03-01,60\nI{at},2,2026-04-01,{}", amount - 60).unwrap();
        }
        writeln!(payments, "P{at},C{far},2026-03-{:02},80,USD", at % 28 + 1).unwrap();
        writeln!(
            allocations,
            "P{at},I{at},,2026-03-15,30\nP{at},I{},,2026-03-16,60",
            if at % 3 == 0 { far } else { at }
        )
        .unwrap();
        writeln!(orders, "O{at},C{at},500,USD").unwrap();
        writeln!(lines, "L{at},O{at},100,0\nO{far},O{at},50,0").unwrap();
        writeln!(promises, "R{},I{at},2026-05-01,10", at / 2).unwrap();
        writeln!(plans, "N{at}#x,I{at}\nN{far},I{at}").unwrap();
        writeln!(plan_payments, "N{at},2026-05-01,10\nN{at}#x,2026-05-02,10\nX{at},2026-05-02,1").unwrap();
        writeln!(actions, "A{},late,letter,item,I{at},2026-02-01,sent", at / 2).unwrap();
        writeln!(
            actions,
            "B{at},late,letter,invoice,I{far}/1,2026-02-01,sent\nB{at},late,letter,account,C{at},2026-02-01,sent"
        )
        .unwrap();
    }
    let text = format!(
        "== customers.csv\n{customers}== invoices.csv\n{invoices}== payments.csv\n{payments}== allocations.csv\n\
         {allocations}== orders.csv\n{orders}== order_lines.csv\n{lines}== instalments.csv\n{instalments}== promises.csv\n\
         {promises}== actions.csv\n{actions}== payment_plans.csv\n{plans}== plan_payments.csv\n{plan_payments}"
    );
    let plan = plan(&root("policies/us-net-terms"));
    same(&plan, folder(&text).path(), day("2026-06-30"));
}

/// Files whose rows go several ways, and what a file says of itself as a whole.
#[test]
fn exports() {
    for export in std::fs::read_dir(root("examples/exports")).unwrap().map(|entry| entry.unwrap().path()) {
        if !export.join("book.yaml").is_file() {
            continue;
        }
        let text = std::fs::read_to_string(export.join("book.yaml")).unwrap();
        let currency = text.lines().find_map(|line| line.strip_prefix("currency:")).unwrap_or("CNY").trim().to_owned();
        let policy = match currency.as_str() {
            "USD" => "policies/us-net-terms",
            "EUR" => "policies/eu-late-payment",
            "GBP" => "policies/uk-late-payment",
            _ => "policies/sme-trade",
        };
        println!("{} {currency}", export.display());
        same(&plan(&root(policy)), &export, day("2026-06-30"));
    }
}

/// A date that shows how its file is written makes other rows of that file doubtful, whosever they are.
#[test]
fn a_date_the_other_way_round() {
    let text = "== customers.csv\nid,since\nC1,1/13/2024\nC2,2/3/2024\nC3,25/3/2024\n\
        == invoices.csv\nid,customer,issue_date,due_date,amount,currency\n\
        I1,C1,1/2/2026,2/20/2026,10,USD\nI2,C2,3/4/2026,4/30/2026,10,USD\nI3,C9,25/3/2026,4/3/2026,10,USD\n\
        I4,C3,26/3/2026,4/4/2026,10,USD\nI5,C3,3/26/2026,4/4/2026,x,USD\n\
        == book.yaml\nusance_book: 1\ntables:\n  customers: { dates: M/D/YYYY }\n  invoices: { dates: M/D/YYYY }\n";
    same(&plan(&root("policies/us-net-terms")), folder(text).path(), day("2026-06-30"));
}

/// Customers that exist because their invoices name them.
#[test]
fn customers_that_are_derived() {
    let mut invoices = "no,customer,name,date,amount\n".to_owned();
    let mut payments = "id,customer,date,amount\n".to_owned();
    for at in 0..200_u32 {
        writeln!(invoices, "{},K{},Firm {},2026-0{}-11,{}", at / 2 * 3, at * 7 % 41, at % 90, at % 5 + 1, at + 1)
            .unwrap();
        writeln!(payments, "P{at},K{},2026-0{}-12,{}", at * 5 % 60, at % 5 + 1, at % 7).unwrap();
    }
    let text = format!(
        "== invoices.csv\n{invoices}== payments.csv\n{payments}== book.yaml\nusance_book: 1\ncurrency: USD\ntables:\n  \
         invoices: {{ columns: {{ id: no, issue_date: date }} }}\n  payments: {{}}\n  \
         customers: {{ derive_from: [invoices, payments], columns: {{ name: name }}, since: first_invoice }}\n"
    );
    same(&plan(&root("policies/us-net-terms")), folder(&text).path(), day("2026-06-30"));
}

/// Typed columns, compressed files, JSON Lines, quotes: read piece by piece, and back.
#[test]
fn files_of_every_form() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let rows = 0..300_i64;
    let column = |name: &'static str, array: ArrayRef| (name, array, true);
    let customer: DictionaryArray<Int32Type> = rows.clone().map(|row| Some(CUSTOMERS[row as usize * 7 % 13])).collect();
    let cents = |of: &dyn Fn(i64) -> Option<i128>| -> ArrayRef {
        Arc::new(rows.clone().map(of).collect::<Decimal128Array>().with_precision_and_scale(18, 2).unwrap())
    };
    let invoices = RecordBatch::try_from_iter_with_nullable([
        // Some stand twice, some are of nobody.
        column(
            "id",
            Arc::new(Int64Array::from_iter(rows.clone().map(|row| (row % 40 != 9).then_some(row - row % 17 / 16)))),
        ),
        column("customer", Arc::new(customer)),
        column("issue_date", Arc::new(Date32Array::from_iter_values(rows.clone().map(|row| 20_400 + row as i32 % 90)))),
        column(
            "due_date",
            Arc::new(
                rows.clone().map(|row| (row % 5 != 0).then_some(20_430 + row as i32 % 90)).collect::<Date32Array>(),
            ),
        ),
        column("amount", cents(&|row| (row % 50 != 3).then_some(i128::from(row) * 101))),
        column("disputed", Arc::new(rows.clone().map(|row| Some(row % 9 == 0)).collect::<BooleanArray>())),
    ])
    .unwrap();
    let groups = WriterProperties::builder().set_max_row_group_row_count(Some(64)).build();
    let mut writer =
        ArrowWriter::try_new(File::create(at("invoices.parquet")).unwrap(), invoices.schema(), Some(groups)).unwrap();
    writer.write(&invoices).unwrap();
    writer.close().unwrap();
    // Money in and money back in one file: which is which stands in a column.
    let payments = RecordBatch::try_from_iter_with_nullable([
        column("id", Arc::new(rows.clone().map(|row| Some(format!("P{row}"))).collect::<StringArray>())),
        column(
            "customer",
            Arc::new(rows.clone().map(|row| Some(CUSTOMERS[row as usize * 3 % 12])).collect::<StringArray>()),
        ),
        column(
            "date",
            Arc::new(
                rows.clone()
                    .map(|row| Some(format!("{}/{}/2026", row % 12 + 1, row % 14 + 1)))
                    .collect::<StringArray>(),
            ),
        ),
        column("amount", cents(&|row| Some(i128::from(row) * 50))),
        column(
            "side",
            Arc::new(rows.clone().map(|row| Some(if row % 20 == 0 { "H" } else { "S" })).collect::<StringArray>()),
        ),
    ])
    .unwrap();
    let mut writer =
        arrow_ipc::writer::FileWriter::try_new(File::create(at("payments.arrow")).unwrap(), &payments.schema())
            .unwrap();
    writer.write(&payments).unwrap();
    writer.finish().unwrap();
    let (mut customers, mut allocations, mut promises) =
        ("id,since,name\n".to_owned(), String::new(), "id,invoice,due_on,amount\n".to_owned());
    for name in CUSTOMERS.iter().take(12) {
        writeln!(customers, "{name},2024-01-01,\"Firm \"\"{name}\"\",\nof two lines\"").unwrap();
    }
    for row in 0..280 {
        writeln!(
            allocations,
            r#"{{"payment": "P{row}", "invoice": {}, "amount": {}.5, "set": {{"on": "2026-04-01"}}}}"#,
            row * 11 % 310,
            row % 40
        )
        .unwrap();
        writeln!(promises, "R{row},{},2026-05-0{},\"{}\"", row * 3 % 305, row % 9 + 1, row % 30).unwrap();
    }
    let mut packed =
        flate2::write::GzEncoder::new(File::create(at("customers.csv.gz")).unwrap(), flate2::Compression::fast());
    packed.write_all(customers.as_bytes()).unwrap();
    packed.finish().unwrap();
    let frame =
        |text: &str| ruzstd::encoding::compress_to_vec(text.as_bytes(), ruzstd::encoding::CompressionLevel::Fastest);
    let (first, second) = promises.split_at(promises.match_indices('\n').nth(100).unwrap().0 + 1);
    std::fs::write(at("promises.csv.zst"), [frame(first), frame(second)].concat()).unwrap();
    std::fs::write(at("allocations.jsonl"), allocations).unwrap();
    let manifest = "usance_book: 1\ncurrency: USD\ntables:\n  invoices: {}\n  allocations:\n    columns: { on: set.on }\n  \
        payments:\n    dates: D/M/YYYY\n    columns: { amount: { plus: amount, minus_where: { side: H } } }\n  promises: {}\n";
    std::fs::write(at("book.yaml"), manifest).unwrap();
    same(&plan(&root("policies/us-net-terms")), dir.path(), day("2026-06-30"));
}

const CUSTOMERS: [&str; 13] = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "nobody"];

/// What the whole portfolio comes to as of another day is not gathered share by share: that is said, not guessed.
#[test]
fn what_no_share_knows_is_said() {
    let dir = tempfile::tempdir().unwrap();
    copy(&root("policies/sme-trade"), dir.path());
    let edit = |file: &str, from: &str, to: &str| {
        let path = dir.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from));
        std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    };
    edit(
        "measures.yaml",
        "measures:\n",
        "measures:\n  account.house_before: { value: portfolio.receivables, as_at: as_of - 30 }\n",
    );
    edit("limits.yaml", "at_most: params.house_cap", "at_most: params.house_cap + account.house_before");
    let plan = plan(dir.path());
    let book = tempfile::tempdir().unwrap();
    usance::sample::write(book.path(), 40, 3, day("2026-06-30")).unwrap();
    assert!(matches!(
        in_shares(&plan, book.path(), day("2026-06-30"), Format::Csv, (4, 1)),
        Err(Broken::NeedsTheWhole)
    ));
}

/// Rates are known to every share, and what is wrong with them is said once.
#[test]
fn a_book_in_several_currencies() {
    let plan = plan(&root("tests/policies/vectors/currencies"));
    let own = &plan.money.currency;
    let (mut customers, mut invoices) =
        ("id,since\n".to_owned(), "id,customer,issue_date,amount,currency\n".to_owned());
    for at in 0..30 {
        writeln!(customers, "C{at},2024-01-01").unwrap();
        let currency = ["GBP", "JPY", own.as_str(), "XXX", "usd"][at % 5];
        writeln!(invoices, "I{at},C{at},2026-0{}-01,1{at}.50,{currency}", at % 6 + 1).unwrap();
    }
    let rates = format!(
        "currency,valid_from,rate\nGBP,2025-01-01,1.25\nGBP,2026-03-01,x\nJPY,2026-01-01,0.008\nJPY,2026-01-01,0.009\n{own},2026-01-01,1\n"
    );
    let text = format!("== customers.csv\n{customers}== invoices.csv\n{invoices}== fx_rates.csv\n{rates}");
    same(&plan, folder(&text).path(), day("2026-06-30"));
}

/// As a user has it: a limit far below what the book needs, and one that it fits in.
#[test]
fn the_command_keeps_a_limit() {
    let dir = tempfile::tempdir().unwrap();
    let book = dir.path().join("book");
    usance::sample::write(&book, 30, 9, day("2026-06-30")).unwrap();
    let run = |out: &str, more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_usance"));
        command.args(["run", "--policy"]).arg(root("policies/sme-trade")).arg("--book").arg(&book);
        command.arg("--out").arg(dir.path().join(out)).args(more).output().unwrap()
    };
    let plain = run("plain", &["--no-index"]);
    for (out, size) in [("small", "1M"), ("large", "4G")] {
        let limited = run(out, &["--memory", size, "--no-index"]);
        assert_eq!(limited.status, plain.status, "{}", String::from_utf8_lossy(&limited.stderr));
        assert!(files(&dir.path().join(out)) == files(&dir.path().join("plain")), "{size}");
        // A limit that cannot be kept is said, with one that can.
        assert_eq!(String::from_utf8_lossy(&limited.stderr).contains("give `--memory "), out == "small");
    }
    let since = dir.path().join("plain");
    let limited = run("small", &["--memory", "1M", "--since", since.to_str().unwrap()]);
    assert!(String::from_utf8_lossy(&limited.stderr).contains("nothing was taken over"));
    assert!(files(&dir.path().join("small")) == files(&since));
    let left = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut left: Vec<String> = left.collect();
    left.sort();
    assert_eq!(left, ["book", "large", "plain", "small"]);
    for wrong in ["2", "G", "0M", "2T", "-1G"] {
        assert_eq!(run("wrong", &["--memory", wrong]).status.code(), Some(2), "{wrong}");
    }
}
