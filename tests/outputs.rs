//! `outputs:` from outside: what leaves, in which columns and rows, and that nothing else changes.
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

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rust_decimal::Decimal;
use serde_json::Value as Json;
use tempfile::TempDir;
use usance::book;
use usance::compare::{Difference, Record};
use usance::engine::Run;
use usance::plan::{self, Plan};
use usance::policy::folder::Folder;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A place to work in: a policy that extends the default pack, and the example book.
struct Desk {
    dir: TempDir,
}

/// A table: its header, and its rows as texts.
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    fn column(&self, name: &str) -> Vec<&str> {
        let at = self.header.iter().position(|header| header == name).unwrap_or_else(|| panic!("no {name}"));
        self.rows.iter().map(|row| row[at].as_str()).collect()
    }

    /// Some of its columns, of the rows for which `keep` says so.
    fn some(&self, columns: &[&str], keep: impl Fn(&dyn Fn(&str) -> String) -> bool) -> Vec<Vec<String>> {
        let at = |name: &str| self.header.iter().position(|header| header == name).unwrap();
        let kept = self.rows.iter().filter(|row| keep(&|name| row[at(name)].clone()));
        kept.map(|row| columns.iter().map(|name| row[at(name)].clone()).collect()).collect()
    }
}

impl Desk {
    /// With this after what extends the pack; an empty text leaves the pack as it is.
    fn new(sections: &str) -> Self {
        let desk = Self { dir: TempDir::new().unwrap() };
        desk.policy("own", "sme_trade", sections);
        desk
    }

    fn policy(&self, name: &str, base: &str, sections: &str) {
        fs::create_dir_all(self.path(name)).unwrap();
        let head = "usance: 1\nversion: \"1\"\n";
        let base = if base == "sme_trade" { "sme-trade" } else { base };
        let text = format!("{head}policy: {name}\nextends: {base}\n{sections}");
        fs::write(self.path(name).join("policy.yaml"), text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn usance(&self, arguments: &[&str]) -> Output {
        let program = env!("CARGO_BIN_EXE_usance");
        Command::new(program).args(arguments).current_dir(self.dir.path()).output().unwrap()
    }

    /// A command about a policy of the desk and the example book.
    fn about(&self, command: &[&str], policy: &str) -> Output {
        let book = Path::new(ROOT).join("examples/book");
        let with = ["--policy", policy, "--policies", ".", "--book", book.to_str().unwrap()];
        self.usance(&[command, &with].concat())
    }

    fn run(&self, policy: &str, out: &str) -> Output {
        self.about(&["run", "--no-index", "--out", out], policy)
    }

    fn table(&self, out: &str, table: &str) -> Table {
        let mut reader = csv::Reader::from_path(self.path(out).join(format!("{table}.csv"))).unwrap();
        let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
        Table { header, rows }
    }

    fn manifest(&self, out: &str) -> Json {
        serde_json::from_str(&fs::read_to_string(self.path(out).join("run.json")).unwrap()).unwrap()
    }

    fn limited(&self, out: &str, table: &str) -> Json {
        let manifest = self.manifest(out);
        let all = manifest["limited"].as_array().unwrap_or_else(|| panic!("nothing is limited"));
        all.iter().find(|of| of["table"] == table).unwrap_or_else(|| panic!("{table} is not limited")).clone()
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn number(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap()
}

#[test]
fn a_section_that_limits_nothing_changes_no_byte() {
    let desk = Desk::new("");
    let out = desk.run("own", "whole");
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    desk.policy("own", "sme_trade", "outputs: { decisions: { reasons: full }, actions: { reasons: full } }\n");
    assert_eq!(desk.run("own", "limited").status.code(), Some(0));
    let [mut whole, mut limited] = ["whole", "limited"].map(|folder| files(&desk.path(folder)));
    // The texts of the policy differ, and with them the name of the texts; nothing else may.
    let [a, b] = [&mut whole, &mut limited].map(|files| {
        let mut manifest: Json = serde_json::from_slice(&files.remove("run.json").unwrap()).unwrap();
        manifest["policy"].as_object_mut().unwrap().remove("files");
        manifest
    });
    assert_eq!(a, b);
    assert_eq!(whole, limited);
    assert!(a.get("limited").is_none());
}

#[test]
fn the_named_columns_leave_in_their_order_and_no_others() {
    let desk = Desk::new("");
    desk.run("own", "whole");
    desk.policy(
        "own",
        "sme_trade",
        "outputs:\n  decisions: { columns: [net_days, tier, limit.amount, customer.segment, account.receivables], reasons: none }\n",
    );
    let out = desk.run("own", "out");
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    let (whole, limited) = (desk.table("whole", "decisions"), desk.table("out", "decisions"));
    assert_eq!(limited.header, ["id", "status", "net_days", "tier", "limit_amount", "segment", "receivables"]);
    for column in ["id", "status", "net_days", "tier", "limit_amount", "receivables"] {
        assert_eq!(limited.column(column), whole.column(column), "{column}");
    }
    // What the book says of each customer.
    let book = csv::Reader::from_path(Path::new(ROOT).join("examples/book/customers.csv"));
    let segments: BTreeMap<String, String> =
        book.unwrap().records().map(Result::unwrap).map(|row| (row[0].to_owned(), row[4].to_owned())).collect();
    for (id, segment) in limited.column("id").into_iter().zip(limited.column("segment")) {
        assert_eq!(segments[id], segment, "{id}");
    }
    let told = desk.limited("out", "decisions");
    assert_eq!((&told["rows"], &told["of_rows"]), (&Json::from(200), &Json::from(200)));
    assert_eq!(told["columns"], 5);
    assert_eq!(told["reasons"], "none");
    // Tables that are not named are as they were.
    for table in ["invoices.csv", "orders.csv", "portfolio.csv", "actions.csv"] {
        assert_eq!(files(&desk.path("whole"))[table], files(&desk.path("out"))[table], "{table}");
    }
}

#[test]
fn only_the_rows_of_the_condition_leave_and_it_is_said_how_many_of_how_many() {
    let desk = Desk::new("");
    desk.run("own", "whole");
    let limit = "outputs:\n  invoices: { columns: [days_past_due, open], where: item.days_past_due > 30 && item.open > 1000 }\n";
    desk.policy("own", "sme_trade", limit);
    let out = desk.run("own", "out");
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    let (whole, limited) = (desk.table("whole", "invoices"), desk.table("out", "invoices"));
    let expected = whole.some(&["id", "status", "days_past_due", "open"], |cell| {
        number(&cell("days_past_due")) > Decimal::from(30) && number(&cell("open")) > Decimal::from(1000)
    });
    assert!(expected.len() > 20 && expected.len() < whole.rows.len() / 2, "{} rows", expected.len());
    assert_eq!(limited.rows, expected);
    let (rows, all) = (expected.len(), whole.rows.len());
    assert_eq!(desk.manifest("out")["counts"]["invoices"], rows);
    let told = desk.limited("out", "invoices");
    assert_eq!((&told["rows"], &told["of_rows"]), (&Json::from(rows), &Json::from(all)));
    assert_eq!(told["place"], "policy.yaml:6");
    assert!(told["where"].as_str().unwrap().contains("item.days_past_due"), "{told}");
    // The sums are of what left.
    let open: Decimal = expected.iter().map(|row| number(&row[3])).sum();
    assert_eq!(number(desk.manifest("out")["totals"]["invoices"]["open"].as_str().unwrap()), open);
    let note = format!("Invoices: {rows} / {},{:03} rows put out", all / 1000, all % 1000);
    assert!(said(&out).contains(&note), "{note}\n{}", said(&out));
    // In Chinese too.
    let zh = said(&desk.about(&["run", "--out", "zh", "--lang", "zh"], "own"));
    assert!(zh.contains("行输出"), "{zh}");
}

#[test]
fn as_much_of_the_reasons_leaves_as_is_asked_for() {
    let desk = Desk::new("");
    desk.run("own", "whole");
    for (word, ends) in
        [("none", &[][..]), ("rules", &["_rule", "_place"]), ("full", &["_rule", "_place", "_reason_en", "_reason_zh"])]
    {
        let limit = format!(
            "outputs:\n  decisions: {{ columns: [exposure, terms], reasons: {word} }}\n  actions: {{ reasons: {word} }}\n"
        );
        desk.policy("own", "sme_trade", &limit);
        let out = desk.run("own", word);
        assert_eq!(out.status.code(), Some(0), "{}", said(&out));
        let decisions = desk.table(word, "decisions");
        let mut header: Vec<String> = ["id", "status", "exposure", "terms"].map(Into::into).into();
        header.extend(ends.iter().map(|end| format!("terms{end}")));
        assert_eq!(decisions.header, header);
        let names: Vec<&str> = header.iter().map(String::as_str).collect();
        assert_eq!(decisions.rows, desk.table("whole", "decisions").some(&names, |_| true));
        let (actions, whole) = (desk.table(word, "actions"), desk.table("whole", "actions"));
        let lacks: &[&str] = match word {
            "none" => &["reason_en", "reason_zh", "place"],
            "rules" => &["reason_en", "reason_zh"],
            _ => &[],
        };
        let kept: Vec<&str> = whole.header.iter().map(String::as_str).filter(|name| !lacks.contains(name)).collect();
        assert_eq!(actions.header, kept);
        assert_eq!(actions.rows, whole.some(&kept, |_| true));
    }
}

#[test]
fn a_table_that_is_off_is_no_file_and_its_rows_are_still_counted() {
    let desk = Desk::new("outputs: { orders: off, portfolio: off, actions: off }\n");
    let out = desk.run("own", "out");
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    let names: Vec<String> = files(&desk.path("out")).into_keys().collect();
    assert_eq!(names, ["decisions.csv", "failures.csv", "invoices.csv", "rejects.csv", "run.json"]);
    let manifest = desk.manifest("out");
    for gone in ["orders", "portfolio", "actions", "action_lines"] {
        assert!(manifest["counts"].get(gone).is_none(), "{gone} is counted");
    }
    let orders = desk.limited("out", "orders");
    assert_eq!((&orders["off"], &orders["rows"], &orders["of_rows"]), (&true.into(), &0.into(), &420.into()));
    assert_eq!(desk.limited("out", "actions")["off"], true);
    let text = said(&out);
    assert!(text.contains("Orders: not put out") && text.contains("Actions: not put out"), "{text}");
    assert!(!text.contains("nothing is proposed"), "{text}");
    // What a run left behind is replaced by another's.
    desk.policy("own", "sme_trade", "");
    assert_eq!(desk.run("own", "out").status.code(), Some(0));
    assert!(files(&desk.path("out")).contains_key("orders.csv"));
}

#[test]
fn a_row_of_which_nobody_knows_whether_it_leaves_leaves_and_says_so() {
    // A division by zero for whatever is settled.
    let limit = "outputs:\n  invoices: { columns: [amount, open], where: item.amount / item.open > 2 }\n";
    let desk = Desk::new("");
    desk.run("own", "whole");
    desk.policy("own", "sme_trade", limit);
    let out = desk.run("own", "out");
    assert_eq!(out.status.code(), Some(1), "{}", said(&out));
    let (whole, limited) = (desk.table("whole", "invoices"), desk.table("out", "invoices"));
    let settled = |cell: &dyn Fn(&str) -> String| number(&cell("open")).is_zero();
    let more = |cell: &dyn Fn(&str) -> String| number(&cell("amount")) > number(&cell("open")) * Decimal::TWO;
    let expected = whole.some(&["id", "amount", "open"], |cell| settled(cell) || more(cell));
    let found = limited.some(&["id", "amount", "open"], |_| true);
    assert_eq!(found, expected);
    let failed: Vec<String> = whole.some(&["id"], settled).concat();
    assert!(failed.len() > 500);
    assert_eq!(limited.some(&["id"], |cell| cell("status") == "failed").concat(), failed);
    let failures = desk.table("out", "failures");
    let mut told: Vec<&str> = failures.column("id");
    told.sort_unstable();
    let mut failed: Vec<&str> = failed.iter().map(String::as_str).collect();
    failed.sort_unstable();
    assert_eq!(told, failed);
    assert!(failures.column("table").iter().all(|table| *table == "invoices"));
    assert!(failures.column("decision").iter().all(|decision| *decision == "outputs.invoices"));
    assert!(failures.column("place").iter().all(|place| *place == "policy.yaml:6"));
    assert!(failures.column("reason").iter().all(|reason| reason.contains("zero")), "{:?}", failures.rows.first());
}

#[test]
fn what_nobody_asks_for_is_not_computed() {
    // It fails for every item, and only where it is asked for.
    let decide =
        "decide:\n  - { id: broken, for: item, type: number, gives: item.amount / (item.amount - item.amount) }\n";
    let desk = Desk::new(decide);
    assert_eq!(desk.run("own", "whole").status.code(), Some(1));
    assert_eq!(desk.table("whole", "failures").rows.len(), desk.table("whole", "invoices").rows.len());
    for limit in ["invoices: off", "invoices: { columns: [open] }", "invoices: { where: 'false' }"] {
        desk.policy("own", "sme_trade", &format!("{decide}outputs: {{ {limit} }}\n"));
        let out = desk.run("own", "out");
        assert_eq!(out.status.code(), Some(0), "{limit}: {}", said(&out));
        assert!(desk.table("out", "failures").rows.is_empty(), "{limit}");
    }
    assert!(desk.table("out", "invoices").rows.is_empty());
}

#[test]
fn every_format_holds_the_same_rows() {
    let limit = "outputs:\n  invoices: { columns: [open, ageing], where: item.days_past_due > 30 }\n  decisions: { columns: [tier], reasons: rules }\n  orders: off\n  actions: off\n";
    let desk = Desk::new(limit);
    desk.run("own", "csv");
    for format in ["jsonl", "parquet", "arrow"] {
        let out = desk.about(&["run", "--out", format, "--format", format], "own");
        assert_eq!(out.status.code(), Some(0), "{format}: {}", said(&out));
        assert_eq!(desk.manifest(format)["totals"], desk.manifest("csv")["totals"], "{format}");
        assert_eq!(desk.manifest(format)["limited"], desk.manifest("csv")["limited"], "{format}");
        assert!(!desk.path(format).join(format!("orders.{format}")).exists());
        // The page reads each and holds it against the manifest.
        let page = desk.usance(&["report", format]);
        assert_eq!(page.status.code(), Some(0), "{format}: {}", said(&page));
    }
}

#[test]
fn the_page_says_that_its_figures_are_of_a_part() {
    let desk = Desk::new("outputs:\n  invoices: { where: item.days_past_due > 30 }\n  orders: off\n  actions: off\n");
    desk.run("own", "out");
    let page = |lang: &str| {
        let made = desk.usance(&["report", "out", "--lang", lang]);
        assert_eq!(made.status.code(), Some(0), "{}", said(&made));
        fs::read_to_string(desk.path("out/report.html")).unwrap()
    };
    let (en, zh) = (page("en"), page("zh"));
    assert!(en.contains("only a part leave") && en.contains("Orders: left out") && en.contains("rows, those where"));
    assert!(zh.contains("仅输出部分内容"));
    // Neither that nothing is proposed nor how much is owed in all is known from these tables.
    assert!(!en.contains("Nothing is proposed") && !en.contains("is open, of which"));
    // A table without what a section is about makes no section of zeros.
    desk.policy("own", "sme_trade", "outputs: { invoices: { columns: [due_date] }, orders: { columns: [amount] } }\n");
    desk.run("own", "out");
    assert!(!page("en").contains("table-ageing"));
    // With everything put out there is nothing to say.
    desk.policy("own", "sme_trade", "");
    desk.run("own", "out");
    assert!(!page("en").contains("only a part leave"));
}

#[test]
fn an_explanation_says_everything_that_was_decided() {
    let desk = Desk::new("");
    let whole = desk.about(&["explain", "C000002"], "own");
    desk.policy(
        "own",
        "sme_trade",
        "outputs: { decisions: off, invoices: { columns: [open] }, orders: off, actions: off }\n",
    );
    let limited = desk.about(&["explain", "C000002"], "own");
    let [whole, told] = [&whole, &limited].map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    assert_eq!(whole, told);
    // The limit of the day before is read, and nobody will find it.
    assert!(said(&limited).contains("`previous.limit.amount`"), "{}", said(&limited));
    assert!(said(&limited).contains("Tier"), "{}", said(&limited));
    let json = desk.about(&["explain", "C000002", "--format", "json"], "own");
    assert!(said(&json).contains("\"limit.amount\""), "{}", said(&json));
}

#[test]
fn the_section_composes_like_every_other() {
    let desk = Desk::new(
        "outputs:\n  invoices: { columns: [open, ageing], where: item.open > 0, reasons: none }\n  orders: off\n",
    );
    desk.policy("country", "own", "outputs:\n  invoices: { columns: [ageing] }\n  orders: { columns: [amount] }\n");
    assert_eq!(desk.run("own", "of_own").status.code(), Some(0));
    let out = desk.run("country", "of_country");
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    let (own, country) = (desk.table("of_own", "invoices"), desk.table("of_country", "invoices"));
    assert_eq!(country.header, ["id", "status", "ageing"]);
    assert_eq!(country.rows, own.some(&["id", "status", "ageing"], |_| true));
    assert_eq!(desk.table("of_country", "orders").header, ["id", "status", "amount"]);
    // A condition of the base is taken out by its key.
    desk.policy("country", "own", "outputs:\n  invoices: { where: { remove: true } }\n");
    let out = desk.run("country", "of_country");
    assert_eq!(out.status.code(), Some(0), "{}", said(&out));
    assert_eq!(desk.table("of_country", "invoices").rows.len(), desk.limited("of_own", "invoices")["of_rows"]);
    assert!(
        said(&desk.usance(&["check", "--policy", "country", "--policies", "."])).contains("outputs.invoices.where")
    );
}

#[test]
fn two_policies_differ_by_what_they_decide_and_not_by_what_they_put_out() {
    let text = |tier: &str, outputs: &str| {
        format!(
            "usance: 1\npolicy: own\nversion: \"1\"\nmoney: {{ currency: CNY, round_to: 0.01, mode: half_even }}\n\
             decide:\n  - {{ id: grade, for: account, type: one_of, values: [A, B], rows: [ {{ id: all, gives: {tier} }} ] }}\n{outputs}"
        )
    };
    let plan = |text: String| -> Plan {
        let mut sink = Vec::new();
        let folder = Folder::from_memory([("policy.yaml".to_owned(), text)].into(), &mut sink).unwrap();
        plan::compile(&folder, &mut sink).unwrap_or_else(|| panic!("{sink:?}"))
    };
    let day = "2026-06-30".parse().unwrap();
    let record = |plan: &Plan| {
        let mut sink = Vec::new();
        let book = book::read(&Path::new(ROOT).join("examples/book"), &plan.schema, "CNY", &mut sink).unwrap();
        Record::of(&mut Run::new(plan, &book, day))
    };
    let off = "outputs: { decisions: off, invoices: off, orders: off, portfolio: off, actions: off }\n";
    let [whole, limited, other] = [text("A", ""), text("A", off), text("B", off)].map(|text| record(&plan(text)));
    assert!(Difference::between(&whole, &limited).is_empty());
    let difference = Difference::between(&limited, &other);
    let moved = difference.tables.iter().flat_map(|table| &table.changed).find(|change| change.header == "grade");
    assert_eq!(moved.unwrap().moves[0].ids.len(), 200);
}
