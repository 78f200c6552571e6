//! `usance run` and `usance explain`, from outside: what a shell sees of them, and what is in their files.
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

mod pack_support;

use std::collections::BTreeMap;
use std::fs;
use std::process::Output;

use pack_support::Desk;

const TABLES: [&str; 7] =
    ["decisions.csv", "invoices.csv", "orders.csv", "actions.csv", "rejects.csv", "failures.csv", "run.json"];

impl Desk {
    /// Runs the copied policy on the copied book.
    fn run(&self, more: &[&str]) -> Output {
        self.usance(&[&["run", "--policy", "policy", "--book", "book"], more].concat())
    }

    fn edit(&self, file: &str, change: impl Fn(&str) -> String) {
        let path = self.path(file);
        let before = fs::read_to_string(&path).unwrap();
        let after = change(&before);
        assert_ne!(before, after, "the edit of {file} changes something");
        fs::write(path, after).unwrap();
    }

    fn files(&self, folder: &str) -> BTreeMap<String, String> {
        let entries = fs::read_dir(self.path(folder)).unwrap().map(|e| e.unwrap());
        entries.map(|e| (e.file_name().into_string().unwrap(), fs::read_to_string(e.path()).unwrap())).collect()
    }

    /// The rows of a table, by header.
    fn table(&self, file: &str) -> Vec<BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_path(self.path(file)).unwrap();
        reader.deserialize().map(|row| row.unwrap()).collect()
    }
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// `run.json` without what may differ when the rows of the inputs stand in another order.
fn without_hashes(json: &str) -> String {
    json.lines().filter(|line| !line.contains("\"sha256\"")).collect::<Vec<_>>().join("\n")
}

/// The rows of a CSV file in the reverse order, its header kept.
fn reversed(text: &str) -> String {
    let (header, rows) = text.split_once('\n').unwrap();
    let rows: Vec<&str> = rows.lines().rev().collect();
    format!("{header}\n{}\n", rows.join("\n"))
}

#[test]
fn a_run_writes_every_table_and_says_what_it_came_to() {
    let desk = Desk::new();
    let output = desk.run(&[]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let files = desk.files("out");
    for table in TABLES {
        assert!(files.contains_key(table), "{table} is there");
    }
    let said = stdout(&output);
    for word in ["Customers by tier", "Receivables by age", "Actions proposed", "written to out"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(!said.contains('\u{1b}') && !stderr(&output).contains('\u{1b}'), "no colour where there is no terminal");
    let beside: Vec<_> = fs::read_dir(desk.dir.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(beside.iter().all(|name| !name.to_string_lossy().starts_with('.')), "nothing is left behind: {beside:?}");
}

#[test]
fn rows_stand_by_credit_group_customer_and_id() {
    let desk = Desk::new();
    desk.run(&[]);
    // A customer without a group is a group of its own, by its id.
    let groups: BTreeMap<String, String> = desk
        .table("book/customers.csv")
        .iter()
        .map(|row| (row["id"].clone(), if row["group"].is_empty() { &row["id"] } else { &row["group"] }.clone()))
        .collect();
    for (table, customer) in
        [("decisions", "id"), ("invoices", "customer"), ("orders", "customer"), ("actions", "customer")]
    {
        let rows = desk.table(&format!("out/{table}.csv"));
        let key =
            |row: &BTreeMap<String, String>| (groups[&row[customer]].clone(), row[customer].clone(), row["id"].clone());
        assert!(!rows.is_empty() && rows.iter().map(key).is_sorted(), "{table}");
    }
}

#[test]
fn json_lines_say_what_the_tables_say() {
    let desk = Desk::new();
    desk.run(&[]);
    let output = desk.run(&["--format", "jsonl", "--out", "lines"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    for table in ["decisions", "invoices", "orders", "actions", "failures", "rejects"] {
        let rows = desk.table(&format!("out/{table}.csv"));
        let lines = fs::read_to_string(desk.path(&format!("lines/{table}.jsonl"))).unwrap();
        let lines: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows.len(), lines.len(), "{table}");
        for (row, line) in rows.iter().zip(&lines) {
            for (column, text) in row {
                let said = match &line[column] {
                    serde_json::Value::Null => String::new(),
                    serde_json::Value::String(text) => text.clone(),
                    serde_json::Value::Array(items) => {
                        items.iter().map(|item| item.as_str().unwrap()).collect::<Vec<_>>().join("; ")
                    }
                    other => other.to_string(),
                };
                assert_eq!(said, *text, "{table}, {column}");
            }
        }
    }
    let row = &fs::read_to_string(desk.path("lines/invoices.jsonl")).unwrap();
    assert!(
        row.lines().all(|line| line.contains("\"open\":\"") && !line.contains("\"days_past_due\":\"")),
        "amounts are texts, days numbers"
    );
    // The next run replaces the folder, whatever its tables were written as.
    assert_eq!(code(&desk.run(&["--out", "lines"])), 0);
}

#[test]
fn the_summary_for_machines_is_the_manifest_and_its_groups_add_up() {
    let desk = Desk::new();
    let output = desk.run(&["--json"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(stdout(&output), fs::read_to_string(desk.path("out/run.json")).unwrap());
    let run: serde_json::Value = serde_json::from_str(&stdout(&output)).unwrap();
    let cents = |text: &serde_json::Value| text.as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
    let tiers = run["summary"]["by_tier"].as_array().unwrap();
    assert_eq!(tiers.iter().map(|tier| tier["customers"].as_u64().unwrap()).sum::<u64>(), run["counts"]["decisions"]);
    assert_eq!(
        tiers.iter().map(|tier| cents(&tier["exposure"])).sum::<i64>(),
        cents(&run["totals"]["decisions"]["exposure"])
    );
    let rungs = run["summary"]["by_rung"].as_array().unwrap();
    assert_eq!(rungs.iter().map(|rung| rung["actions"].as_u64().unwrap()).sum::<u64>(), run["counts"]["actions"]);
}

#[test]
fn decisions_name_their_rules() {
    let desk = Desk::new();
    desk.run(&[]);
    for row in desk.table("out/decisions.csv") {
        assert_eq!(row["status"], "ok", "{row:?}");
        assert!(row["tier_place"].starts_with("scoring.yaml:"), "{row:?}");
        assert!(!row["terms_rule"].is_empty());
    }
    let held = desk.table("out/orders.csv").into_iter().find(|row| row["decision_rule"] == "over_limit").unwrap();
    assert!(held["decision_reason_en"].contains("is over the limit"));
    assert!(held["decision_reason_zh"].contains("超过额度"));
}

#[test]
fn two_runs_write_the_same_bytes() {
    let desk = Desk::new();
    desk.run(&["--out", "one"]);
    desk.run(&["--out", "two/deep"]);
    assert!(desk.files("one") == desk.files("two/deep"));
    desk.run(&["--out", "one"]);
    assert!(desk.files("one") == desk.files("two/deep"), "a folder of an earlier run is replaced");
}

#[test]
fn timings_are_for_the_error_stream_alone() {
    let desk = Desk::new();
    let plain = desk.run(&["--out", "plain"]);
    let timed = desk.run(&["--out", "timed", "--timings"]);
    assert!(desk.files("plain") == desk.files("timed"));
    assert_eq!(stdout(&plain).replace("plain", "timed"), stdout(&timed));
    let said = stderr(&timed);
    let phases: Vec<&str> = said.lines().filter_map(|line| line.split("  ").next()).collect();
    assert_eq!(phases, ["read", "type", "plan", "compile", "evaluate", "write", "in all"]);
    assert!(said.lines().all(|line| line.ends_with(" ms")), "{said}");

    let checked = desk.usance(&["check", "--policy", "policy", "--timings"]);
    let said = stderr(&checked);
    let phases: Vec<&str> = said.lines().filter_map(|line| line.split("  ").next()).collect();
    assert_eq!(phases, ["read", "type", "plan", "write", "in all"]);
    assert_eq!(code(&checked), 0);
}

#[test]
fn the_order_of_the_rows_of_a_book_shows_only_in_the_hashes() {
    let desk = Desk::new();
    desk.edit("book/customers.csv", |text| text.replacen("1340000.00", "lots", 1).replacen("1484000.00", "much", 1));
    let first = desk.run(&["--out", "one"]);
    assert_eq!(code(&first), 1, "{}", stderr(&first));
    for entry in fs::read_dir(desk.path("book")).unwrap().map(|e| e.unwrap()) {
        if entry.path().extension().is_some_and(|e| e == "csv") {
            let text = fs::read_to_string(entry.path()).unwrap();
            fs::write(entry.path(), reversed(&text)).unwrap();
        }
    }
    desk.run(&["--out", "two"]);
    let (mut one, mut two) = (desk.files("one"), desk.files("two"));
    for files in [&mut one, &mut two] {
        let json = without_hashes(&files["run.json"]);
        files.insert("run.json".into(), json);
        files.remove("rejects.csv").unwrap();
    }
    for (name, text) in &one {
        assert!(text == &two[name], "{name} is the same");
    }
    let without_lines = |folder: &str| {
        let mut rows = desk.table(&format!("{folder}/rejects.csv"));
        rows.iter_mut().for_each(|row| drop(row.remove("line")));
        rows
    };
    assert_eq!(without_lines("one"), without_lines("two"));
    assert_eq!(without_lines("one").len(), 2);
}

#[test]
fn what_cannot_be_read_is_rejected_and_loosens_nothing() {
    let desk = Desk::new();
    desk.run(&["--out", "before"]);
    desk.edit("book/invoices.csv", |text| text.replacen(",160872.08,CNY", ",1e5,CNY", 1));
    let output = desk.run(&[]);
    assert_eq!(code(&output), 1);
    assert!(stdout(&output).contains("Not read"));
    let rejects = desk.table("out/rejects.csv");
    let invoice = rejects.iter().find(|row| row["file"] == "invoices.csv").unwrap();
    assert_eq!((invoice["column"].as_str(), invoice["account"].as_str()), ("amount", "C000001"));
    let status = |folder: &str| {
        let rows = desk.table(&format!("{folder}/decisions.csv"));
        rows.into_iter().find(|row| row["id"] == "C000001").unwrap()["status"].clone()
    };
    assert_eq!((status("before").as_str(), status("out").as_str()), ("ok", "incomplete"));
    for order in desk.table("out/orders.csv").iter().filter(|row| row["customer"] == "C000001") {
        assert_ne!(order["decision"], "pass");
    }
    let json: serde_json::Value = serde_json::from_str(&desk.files("out")["run.json"]).unwrap();
    assert_eq!(json["exit"], "done_with_failures");
    assert_eq!(json["counts"]["rejects"], serde_json::json!(rejects.len()));
}

#[test]
fn a_strict_run_refuses_a_book_with_rejects() {
    let desk = Desk::new();
    assert_eq!(code(&desk.run(&["--strict", "--out", "whole"])), 0);
    desk.edit("book/customers.csv", |text| text.replacen("1340000.00", "lots", 1));
    let output = desk.run(&["--strict"]);
    assert_eq!(code(&output), 4);
    assert!(stderr(&output).contains("customers.csv:2"), "{}", stderr(&output));
    assert!(!desk.path("out").exists());
}

#[test]
fn a_decision_that_fails_fails_alone() {
    let desk = Desk::new();
    desk.edit("book/customers.csv", |text| text.replacen("1340000.00,,0,true", "1340000.00,,0,", 1));
    let output = desk.run(&[]);
    assert_eq!(code(&output), 1);
    assert!(stdout(&output).contains("Not decided"));
    let decisions = desk.table("out/decisions.csv");
    let failed: Vec<&str> =
        decisions.iter().filter(|row| row["status"] == "failed").map(|row| row["id"].as_str()).collect();
    assert_eq!(failed, ["C000001"]);
    assert_eq!(decisions[0]["tier"], "");
    assert_eq!(decisions[0]["overdue"], "43435.47", "what does not read it is there");
    let tier = desk.table("out/failures.csv").into_iter().find(|row| row["decision"] == "tier").unwrap();
    assert_eq!(tier["root"], "customer.cyclical");
    assert_eq!(tier["root_id"], "C000001");
    assert_eq!(tier["reason"], "`customer.cyclical` is blank in the book");
}

#[test]
fn without_any_as_of_date_there_is_no_run() {
    let desk = Desk::new();
    desk.edit("book/book.yaml", |text| text.replace("as_of: 2026-06-30\n", ""));
    let output = desk.run(&[]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("--as-of 2026-06-30"), "{}", stderr(&output));
    assert_eq!(code(&desk.run(&["--as-of", "2026-06-30"])), 0);
}

#[test]
fn exit_codes_say_what_is_wrong() {
    let desk = Desk::new();
    assert_eq!(code(&desk.run(&["--as-of", "30.6.2026"])), 2);
    let not_yet = desk.run(&["--as-of", "2025-12-31"]);
    assert_eq!(code(&not_yet), 3);
    assert!(stderr(&not_yet).contains("usance::not-in-force"), "{}", stderr(&not_yet));
    assert_eq!(code(&desk.usance(&["run", "--policy", "nowhere", "--book", "book"])), 3);
    assert_eq!(code(&desk.usance(&["run", "--policy", "policy", "--book", "nowhere"])), 4);
    fs::create_dir(desk.path("mine")).unwrap();
    fs::write(desk.path("mine/letter.txt"), "do not lose me").unwrap();
    let output = desk.run(&["--out", "mine"]);
    assert_eq!(code(&output), 6);
    assert_eq!(desk.files("mine").len(), 1);
    desk.edit("policy/limits.yaml", |text| text.replace("house_cap,", "house_cap, surprise: 1,"));
    assert_eq!(code(&desk.run(&[])), 3);
    assert!(!desk.path("out").exists());
}

#[test]
fn what_somebody_put_into_the_folder_of_a_run_is_not_lost() {
    let desk = Desk::new();
    desk.run(&[]);
    fs::write(desk.path("out/notes.txt"), "called him, pays on Friday").unwrap();
    let output = desk.run(&[]);
    assert_eq!(code(&output), 6);
    assert!(stderr(&output).contains("`notes.txt`"), "{}", stderr(&output));
    assert!(desk.path("out/notes.txt").exists());
}

#[test]
fn a_book_without_customers_is_told_so() {
    let desk = Desk::new();
    desk.edit("book/customers.csv", |text| format!("{}\n", text.lines().next().unwrap()));
    let output = desk.run(&[]);
    assert_eq!(code(&output), 4);
    assert!(stderr(&output).contains("no customer"), "{}", stderr(&output));
}

#[test]
fn a_number_edited_in_the_policy_changes_the_outcome() {
    let desk = Desk::new();
    desk.run(&["--out", "before"]);
    desk.edit("policy/policy.yaml", |text| {
        text.replace("house_cap:         { value: 2000000", "house_cap:         { value: 300000")
    });
    desk.run(&["--out", "after"]);
    let greatest = |folder: &str| {
        let limits = desk.table(&format!("{folder}/decisions.csv"));
        let amount =
            |row: &BTreeMap<String, String>| row["limit_steps_house_cap"].parse::<rust_decimal::Decimal>().ok();
        limits.iter().filter_map(amount).max().unwrap().to_string()
    };
    assert_ne!(greatest("before"), "300000.00");
    assert_eq!(greatest("after"), "300000.00");
    let digest = |folder: &str| {
        let json: serde_json::Value = serde_json::from_str(&desk.files(folder)["run.json"]).unwrap();
        json["policy"]["digest"].as_str().unwrap().to_owned()
    };
    assert_ne!(digest("before"), digest("after"));
}

#[test]
fn the_same_proposal_has_the_same_id_on_another_day() {
    let desk = Desk::new();
    desk.run(&["--out", "today"]);
    desk.run(&["--out", "tomorrow", "--as-of", "2026-07-01"]);
    let ids = |folder: &str| -> std::collections::BTreeSet<String> {
        desk.table(&format!("{folder}/actions.csv")).iter().map(|row| row["id"].clone()).collect()
    };
    let (today, tomorrow) = (ids("today"), ids("tomorrow"));
    assert!(today.intersection(&tomorrow).count() * 2 > today.len(), "what was not done is proposed again");
}

#[test]
fn what_was_done_is_not_proposed_again() {
    let desk = Desk::new();
    desk.run(&["--out", "first"]);
    let mut proposed = csv::Reader::from_path(desk.path("first/actions.csv")).unwrap();
    let headers = proposed.headers().unwrap().clone();
    let at = |name: &str| headers.iter().position(|h| h == name).unwrap();
    let known = fs::read_to_string(desk.path("book/actions.csv")).unwrap();
    let columns: Vec<&str> = known.lines().next().unwrap().split(',').collect();
    let mut history = known.clone();
    for row in proposed.records().map(|r| r.unwrap()) {
        let cell = |name: &&str| match *name {
            "status" => "sent".to_owned(),
            "done_on" => "2026-06-30".to_owned(),
            name => row[at(name)].to_owned(),
        };
        history.push_str(&columns.iter().map(cell).collect::<Vec<_>>().join(","));
        history.push('\n');
    }
    fs::write(desk.path("book/actions.csv"), history).unwrap();
    let output = desk.run(&["--out", "second"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(!desk.table("first/actions.csv").is_empty());
    assert_eq!(desk.table("second/actions.csv"), Vec::<BTreeMap<String, String>>::new());
}

#[test]
fn the_action_list_itself_is_a_history() {
    let desk = Desk::new();
    fs::remove_file(desk.path("book/actions.csv")).unwrap();
    desk.run(&["--out", "first"]);
    let list = desk.files("first")["actions.csv"].clone();
    let mut reader = csv::Reader::from_reader(list.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let mut writer = csv::Writer::from_path(desk.path("book/actions.csv")).unwrap();
    writer.write_record(&headers).unwrap();
    for row in reader.records().map(|r| r.unwrap()) {
        let cell = |(header, cell): (&str, &str)| match header {
            "status" => "done".to_owned(),
            "done_on" => "2026-06-30".to_owned(),
            _ => cell.to_owned(),
        };
        writer.write_record(headers.iter().zip(row.iter()).map(cell)).unwrap();
    }
    writer.flush().unwrap();
    let output = desk.run(&["--out", "second"]);
    assert_eq!(code(&output), 0, "{}{}", stderr(&output), stdout(&output));
    assert!(desk.table("second/actions.csv").is_empty());
}

#[test]
fn an_explanation_names_rules_values_steps_and_rungs() {
    let desk = Desk::new();
    let explain = |more: &[&str]| desk.usance(&[&["explain", "--policy", "policy", "--book", "book"], more].concat());
    let said = stdout(&explain(&["C000001"]));
    for word in [
        "Tier",
        "many_lawsuits",
        "account.oldest_days_past_due = 20",
        "house cap",
        "account.days_late = -7.9744",
        "limits.yaml:",
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    let said = stdout(&explain(&["C000001", "--invoice", "I000001-16"]));
    for word in ["formal demand", "2026-07-10", "letter is enough no", "Late charges"] {
        assert!(said.contains(word), "{word}: {said}");
    }
    let said = stdout(&explain(&["C000001", "--order", "O000001-2", "--lang", "zh"]));
    assert!(said.contains("超过额度"), "{said}");
    let unknown = explain(&["C00001"]);
    assert_eq!(code(&unknown), 2);
    assert!(stderr(&unknown).contains("did you mean `C"), "{}", stderr(&unknown));
    let of_another = explain(&["C000002", "--invoice", "I000001-16"]);
    assert!(stderr(&of_another).contains("it is of customer `C000001`"), "{}", stderr(&of_another));
}

#[test]
fn a_sample_book_runs() {
    let desk = Desk::new();
    let made = desk.usance(&["sample", "made", "--customers", "30", "--seed", "3", "--as-of", "2026-06-30"]);
    assert_eq!(code(&made), 0);
    let output = desk.usance(&["run", "--policy", "policy", "--book", "made", "--lang", "zh"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).contains("客户等级分布"));
}
