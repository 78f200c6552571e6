//! `usance report`: the page says what the tables say, and nothing that a name in them wants it to say.
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
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json, json};
use tempfile::TempDir;
use usance::report::{Trouble, page};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A place to work in, with what a run of the example book wrote in `out`.
struct Desk {
    dir: TempDir,
}

impl Desk {
    fn empty() -> Self {
        Self { dir: TempDir::new().unwrap() }
    }

    fn with_a_run() -> Self {
        let desk = Self::empty();
        assert_eq!(desk.run().status.code(), Some(0));
        desk
    }

    fn run(&self) -> Output {
        self.run_as("csv")
    }

    fn run_as(&self, format: &str) -> Output {
        let root = Path::new(ROOT);
        let (policy, book) = (root.join("policies/sme-trade"), root.join("examples/book"));
        let inputs = ["--policy", policy.to_str().unwrap(), "--book", book.to_str().unwrap()];
        self.usance(&[&["run", "--out", "out", "--format", format], &inputs[..]].concat())
    }

    fn usance(&self, arguments: &[&str]) -> Output {
        let program = env!("CARGO_BIN_EXE_usance");
        Command::new(program).args(arguments).current_dir(self.dir.path()).output().unwrap()
    }

    fn out(&self) -> PathBuf {
        self.dir.path().join("out")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.out().join(name)
    }

    fn page(&self, language: &str) -> String {
        page(&self.out(), language).unwrap()
    }

    fn trouble(&self) -> Trouble {
        page(&self.out(), "en").unwrap_err()
    }

    fn manifest(&self) -> Json {
        serde_json::from_str(&fs::read_to_string(self.file("run.json")).unwrap()).unwrap()
    }

    fn rows(&self, table: &str) -> Vec<BTreeMap<String, String>> {
        csv::Reader::from_path(self.file(table)).unwrap().deserialize().map(Result::unwrap).collect()
    }

    /// Writes a folder as a run would: tables as CSV, their counts and sums in the manifest.
    fn write(&self, tables: &[(&str, &str)]) {
        fs::create_dir_all(self.out()).unwrap();
        let (mut counts, mut totals) = (Map::new(), Map::new());
        let mut own = BTreeMap::from([
            ("actions", "id,customer,ladder,rung,level,amount,owner,approval\n".to_string()),
            ("failures", "table,subject,id,decision,root,root_subject,root_id,reason,place\n".to_string()),
            ("rejects", "file,line,column,value,reason,account\n".to_string()),
        ]);
        for (name, text) in tables {
            match own.get_mut(name) {
                Some(table) => table.push_str(text),
                None => {
                    fs::write(self.file(&format!("{name}.csv")), text).unwrap();
                    let rows = self.rows(&format!("{name}.csv"));
                    let mut sums = Map::new();
                    for column in MONEY.iter().filter(|c| text.lines().next().unwrap().split(',').any(|h| h == **c)) {
                        sums.insert((*column).into(), sum(&rows, column).to_string().into());
                    }
                    counts.insert((*name).into(), rows.len().into());
                    totals.insert((*name).into(), sums.into());
                }
            }
        }
        for (name, text) in &own {
            fs::write(self.file(&format!("{name}.csv")), text).unwrap();
            counts.insert((*name).into(), (text.lines().count() - 1).into());
        }
        counts.insert("action_lines".into(), counts["actions"].clone());
        let manifest = json!({
            "usance": "0.1.0", "policy": { "id": "p", "version": "1", "digest": "abc" }, "as_of": "2026-06-30",
            "currency": "EUR", "book": { "as_of": null, "inputs": [] }, "counts": counts, "totals": totals, "exit": "done",
        });
        fs::write(self.file("run.json"), manifest.to_string()).unwrap();
    }
}

const MONEY: [&str; 6] = ["limit_amount", "exposure", "overdue", "open", "disputed_open", "provision"];

fn number(text: &str) -> Option<Decimal> {
    (!text.is_empty()).then(|| text.parse().unwrap())
}

fn sum(rows: &[BTreeMap<String, String>], column: &str) -> Decimal {
    rows.iter().filter_map(|row| number(&row[column])).sum()
}

/// `1234567.80` as the page writes it.
fn shown(number: Decimal) -> String {
    let text = number.to_string();
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), String::new()), |(w, r)| (w, format!(".{r}")));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out + rest.as_str()
}

#[test]
fn the_figures_are_those_of_the_manifest_and_of_the_tables() {
    let desk = Desk::with_a_run();
    let (text, manifest) = (desk.page("en"), desk.manifest());
    let (decisions, invoices) = (desk.rows("decisions.csv"), desk.rows("invoices.csv"));
    let of = [
        ("invoices", "open", &invoices),
        ("invoices", "provision", &invoices),
        ("decisions", "overdue", &decisions),
        ("decisions", "exposure", &decisions),
        ("decisions", "limit_amount", &decisions),
    ];
    for (table, column, rows) in of {
        let total = sum(rows, column);
        assert_eq!(manifest["totals"][table][column].as_str().unwrap().parse::<Decimal>().unwrap(), total);
        let line = format!("<dd class=\"small\">{}</dd>", shown(total));
        assert!(text.contains(&line), "{table}.{column}: {line}");
    }
    // The rule of `limit.exceeded_by`, applied by hand.
    let over: Decimal = decisions
        .iter()
        .filter_map(|row| {
            let exposure = number(&row["exposure"])?;
            let over = match row["limit_state"].as_str() {
                "none" => exposure,
                "unlimited" => Decimal::ZERO,
                _ => exposure - number(&row["limit_amount"])?,
            };
            Some(over.max(Decimal::ZERO))
        })
        .sum();
    assert!(text.contains(&format!("<dd class=\"small\">{}</dd>", shown(over))), "over by {over}");
    let bands: Vec<Decimal> = ["current", "d1_30", "d31_60", "d61_90", "over_90"]
        .map(|band| {
            let of_band: Vec<_> = invoices.iter().filter(|row| row["ageing"] == band).cloned().collect();
            sum(&of_band, "open")
        })
        .into();
    assert_eq!(bands.iter().sum::<Decimal>(), sum(&invoices, "open"));
    for band in bands {
        assert!(text.contains(&format!("data-v=\"{}\"", band.normalize())), "an age of {band}");
    }
    let actions = manifest["counts"]["actions"].as_u64().unwrap();
    assert!(text.contains(&format!("<dd>{actions}</dd>")));
}

#[test]
fn two_pages_of_a_run_are_the_same_bytes_and_each_speaks_its_language() {
    let desk = Desk::with_a_run();
    let (en, zh) = (desk.page("en"), desk.page("zh"));
    assert_eq!(en, desk.page("en"));
    assert!(en.contains("<html lang=\"en\">") && zh.contains("<html lang=\"zh-Hans\">"));
    for (word, said) in
        [("Receivables by age", "应收账款账龄"), ("A \u{b7} Prime", "A \u{b7} 优质"), ("Formal demand", "催款函")]
    {
        assert!(en.contains(word) && !zh.contains(word), "{word}");
        assert!(zh.contains(said) && !en.contains(said), "{said}");
    }
    for section in ["ageing", "limits", "customers", "actions", "orders", "faults", "made-of"] {
        assert!(en.contains(&format!("<section id=\"{section}\"")), "{section}");
    }
}

#[test]
fn a_name_is_text_whatever_it_holds() {
    let desk = Desk::empty();
    let names =
        ["<script>alert(1)</script>", "\"\"><img src=x onerror=alert(1)>", "=1+1", "\u{202e}ltd", "</style><!--"];
    let mut text = "id,status,name,exposure,overdue\n".to_string();
    for (at, name) in names.iter().enumerate() {
        writeln!(text, "C{at},ok,\"{name}\",10.00,{at}1.00").unwrap();
    }
    desk.write(&[("decisions", &text)]);
    let text = desk.page("en");
    assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert_eq!(text.matches("<script").count(), 1, "only the page's own");
    assert!(!text.contains("<img") && text.matches("</style>").count() == 1 && !text.contains("<!--"));
    assert!(text.contains("<bdi>\u{202e}ltd</bdi>"), "a name does not turn what stands beside it");
    assert!(text.contains("default-src 'none'") && !text.contains("unsafe-inline"));
    assert!(!text.contains("http://") && !text.contains("https://") && !text.contains("url(http"));
}

#[test]
fn a_table_that_was_not_made_leaves_its_section_out() {
    let desk = Desk::empty();
    desk.write(&[]);
    let text = desk.page("en");
    for section in ["ageing", "limits", "customers", "orders"] {
        assert!(!text.contains(&format!("<section id=\"{section}\"")), "{section}");
    }
    assert!(text.contains("nothing is proposed") && text.contains("Every row was read and every decision was made."));

    let desk = Desk::empty();
    desk.write(&[("decisions", "id,status\nC1,ok\n"), ("invoices", "id,ageing,open\n"), ("orders", "id,decision\n")]);
    for language in ["en", "zh"] {
        let text = desk.page(language);
        assert!(!text.contains("<svg id=\"chart-limits\""), "there is no exposure to draw");
    }
}

#[test]
fn a_long_list_is_cut_and_says_so() {
    let desk = Desk::empty();
    let mut text = "id,status,name,overdue\n".to_string();
    for at in 1..=1200 {
        writeln!(text, "C{at:04},ok,,{at}.00").unwrap();
    }
    desk.write(&[("decisions", &text)]);
    let text = desk.page("en");
    assert!(text.contains(
        "50 of 1,200 customers with something past due, the largest first; all of them are in decisions.csv"
    ));
    assert!(text.contains("C1200") && text.contains("C1151") && !text.contains("C1150"));
    assert!(desk.page("zh").contains("逾期客户共 1,200 个，此处列出最大的 50 个；全部见 decisions.csv"));
}

#[test]
fn what_failed_is_in_plain_sight() {
    let desk = Desk::empty();
    let failures = "decisions,account,C1,limit.amount,tier,account,C1,divided by nothing,limits.yaml:7\n".repeat(3);
    let rejects = "invoices.csv,3,amount,1.2.3,is not a number,C1\n";
    desk.write(&[("failures", &failures), ("rejects", rejects)]);
    let text = desk.page("en");
    assert!(text.contains("3 decisions could not be made, and 1 rows or values of the book could not be read"));
    for said in
        ["divided by nothing", "limits.yaml:7", "invoices.csv:3", "1.2.3", "3 in all, each of them in failures.csv"]
    {
        assert!(text.contains(said), "{said}");
    }
    assert!(desk.page("zh").contains("3 项判定未能作出"));
}

#[test]
fn a_folder_that_was_changed_is_told() {
    let invoices = "id,ageing,open\nI1,current,10.00\nI2,current,20.00\n";
    let desk = Desk::empty();
    desk.write(&[("invoices", invoices)]);
    assert!(desk.page("en").contains("<dd class=\"small\">30.00</dd>"));

    fs::write(desk.file("invoices.csv"), invoices.replace("20.00", "21.00")).unwrap();
    let trouble = desk.trouble().to_string();
    assert_eq!(trouble, "`invoices.csv` was changed after the run: `open` sums to 31.00, `run.json` says 30.00");

    fs::write(desk.file("invoices.csv"), invoices.replace("I2,current,20.00\n", "")).unwrap();
    assert_eq!(
        desk.trouble().to_string(),
        "`invoices.csv` was changed after the run: it has 1 rows, `run.json` says 2"
    );

    fs::write(desk.file("invoices.csv"), invoices.replace("20.00", "20 EUR")).unwrap();
    let trouble = desk.trouble().to_string();
    assert_eq!(trouble, "`invoices.csv` is not as a run writes it, line 3: `20 EUR` in column `open` is no number");

    fs::remove_file(desk.file("invoices.csv")).unwrap();
    assert!(matches!(desk.trouble(), Trouble::Changed(file, _) if file == "invoices.csv"));

    fs::remove_file(desk.file("run.json")).unwrap();
    assert!(matches!(desk.trouble(), Trouble::NotARun));
}

#[test]
fn lines_of_json_make_the_same_page_as_csv() {
    let desk = Desk::with_a_run();
    let before = desk.page("en");
    assert_eq!(desk.run_as("jsonl").status.code(), Some(0));
    assert!(desk.file("decisions.jsonl").exists() && !desk.file("decisions.csv").exists());
    // The files that hold the rest are named as they are.
    let files = ["decisions", "orders", "failures", "rejects"];
    let expected =
        files.iter().fold(before, |text, f| text.replace(&format!("are in {f}.csv"), &format!("are in {f}.jsonl")));
    assert_eq!(desk.page("en"), expected);
}

#[test]
fn a_page_stands_beside_the_tables_until_the_next_run() {
    let desk = Desk::with_a_run();
    let output = desk.usance(&["report", "out"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "written to out/report.html\n");
    assert_eq!(fs::read_to_string(desk.file("report.html")).unwrap(), desk.page("en"));
    assert_eq!(desk.usance(&["report", "out", "--lang", "zh"]).status.code(), Some(0), "a page is replaced");

    assert_eq!(desk.run().status.code(), Some(0));
    assert!(!desk.file("report.html").exists(), "it was a page of the tables that are gone");

    fs::write(desk.file("report.html"), "mine").unwrap();
    let output = desk.usance(&["report", "out"]);
    assert_eq!(output.status.code(), Some(6));
    assert!(String::from_utf8(output.stderr).unwrap().contains("`out/report.html` is not replaced: it is no report"));
    assert_eq!(desk.run().status.code(), Some(6), "nor does a run take it away");
    assert_eq!(fs::read_to_string(desk.file("report.html")).unwrap(), "mine");

    assert_eq!(desk.usance(&["report", "out", "--to", "page.html"]).status.code(), Some(0));
    let output = desk.usance(&["report", "."]);
    assert_eq!(output.status.code(), Some(4));
    assert!(String::from_utf8(output.stderr).unwrap().contains("error[usance::outcome]: no report of `.`"));
}
