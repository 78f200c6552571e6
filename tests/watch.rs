//! `usance watch`: what it shows for each save, held against what `usance run` decides before and after.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs,
    unreachable_pub
)]

mod pack_support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use pack_support::{copy, root};
use rust_decimal::Decimal;
use serde_json::Value as Json;
use tempfile::TempDir;

/// Guards against hanging for ever; nothing waits for it.
const GUARD: Duration = Duration::from_secs(120);

struct Desk {
    dir: TempDir,
    watch: Child,
    lines: Receiver<String>,
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.watch.kill();
        let _ = self.watch.wait();
    }
}

impl Desk {
    /// Begins to watch a copy of the shipped policy and book, after an edit.
    fn begin(edit: impl Fn(&Path), more: &[&str]) -> Self {
        let dir = TempDir::new().unwrap();
        copy(&root("examples/book"), &dir.path().join("book"));
        copy(&root("policies/sme-trade"), &dir.path().join("policy"));
        edit(dir.path());
        let mut watch = Command::new(env!("CARGO_BIN_EXE_usance"))
            .args(["watch", "--policy", "policy", "--book", "book"])
            .args(more)
            .current_dir(dir.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (tell, lines) = channel();
        let out = BufReader::new(watch.stdout.take().unwrap());
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
        Self { dir, watch, lines }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn edit(&self, file: &str, from: &str, to: &str) {
        replace(&self.path(file), from, to);
    }

    fn line(&self) -> String {
        self.lines.recv_timeout(GUARD).expect("a line comes")
    }

    fn event(&self) -> Json {
        serde_json::from_str(&self.line()).unwrap()
    }

    /// The decisions of a run of its own: id, tier and limit.
    fn decisions(&self) -> BTreeMap<String, (String, Option<Decimal>)> {
        let run = Command::new(env!("CARGO_BIN_EXE_usance"))
            .args(["run", "--policy", "policy", "--book", "book"])
            .current_dir(self.dir.path())
            .output()
            .unwrap();
        assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
        let mut reader = csv::Reader::from_path(self.path("out/decisions.csv")).unwrap();
        let rows = reader.deserialize().map(|row| row.unwrap());
        rows.map(|row: BTreeMap<String, String>| {
            (row["id"].clone(), (row["tier"].clone(), row["limit_amount"].parse().ok()))
        })
        .collect()
    }
}

fn replace(path: &Path, from: &str, to: &str) {
    let before = fs::read_to_string(path).unwrap();
    assert!(before.contains(from), "{from}");
    fs::write(path, before.replace(from, to)).unwrap();
}

fn column<'j>(difference: &'j Json, table: &str, header: &str) -> Option<&'j Json> {
    let tables = difference["tables"].as_array().unwrap();
    let table = tables.iter().find(|t| t["table"] == table)?;
    table["changed"].as_array().unwrap().iter().find(|c| c["column"] == header)
}

fn amount(json: &Json) -> Decimal {
    json.as_str().unwrap().parse().unwrap()
}

const SHARE: &str = "first_order_share: { value: 20%";

#[test]
fn a_save_shows_how_limits_move_a_slip_what_is_wrong_and_the_way_back() {
    let desk = Desk::begin(|_| {}, &["--format", "json"]);
    let first = desk.event();
    assert_eq!((&first["event"], &first["n"], &first["difference"]), (&"loaded".into(), &1.into(), &Json::Null));
    assert!(first["tests"].as_u64().unwrap() > 0);
    let before = desk.decisions();
    assert_eq!(first["customers"], before.len());

    desk.edit("policy/policy.yaml", SHARE, "first_order_share: { value: 30%");
    // The pack's own tests hold limits of new customers fast: the edit is not used, and what it would do is shown.
    let held = desk.event();
    assert_eq!((&held["event"], &held["in_use"]), (&"refused".into(), &first["digest"]));
    assert!(!held["tests"]["failed"].as_array().unwrap().is_empty());
    fs::remove_dir_all(desk.path("policy/tests")).unwrap();
    let good = desk.event();
    assert_eq!(good["difference"], held["would_change"]);
    assert_eq!(good["event"], "loaded");
    assert_ne!(good["digest"], first["digest"]);
    let after = desk.decisions();
    let moved = column(&good["difference"], "decisions", "limit_amount").expect("limits move");
    let limit = |of: &BTreeMap<String, (String, Option<Decimal>)>, id: &str| of[id].1;
    let up: Vec<Decimal> = before
        .keys()
        .filter_map(|id| Some(limit(&after, id)? - limit(&before, id)?))
        .filter(|by| by.is_sign_positive() && !by.is_zero())
        .collect();
    assert!(!up.is_empty());
    assert_eq!(moved["up"], up.len());
    assert_eq!(amount(&moved["up_by"]), up.iter().sum::<Decimal>());
    assert_eq!(amount(&moved["before"]), before.values().filter_map(|(_, limit)| *limit).sum::<Decimal>());
    assert_eq!(amount(&moved["after"]), after.values().filter_map(|(_, limit)| *limit).sum::<Decimal>());
    for row in moved["largest"].as_array().unwrap() {
        let id = row["id"].as_str().unwrap();
        assert_eq!(
            (amount(&row["before"]), amount(&row["after"])),
            (limit(&before, id).unwrap(), limit(&after, id).unwrap())
        );
    }

    desk.edit(
        "policy/limits.yaml",
        "customer.monthly_turnover * params.proven_share",
        "customer.montly_turnover * params.proven_share",
    );
    let bad = desk.event();
    assert_eq!((&bad["event"], &bad["in_use"]), (&"refused".into(), &good["digest"]));
    assert_eq!(bad["findings"][0]["code"], "usance::unknown-name");
    assert_eq!(bad["findings"][0]["help"], "did you mean `customer.monthly_turnover`?");

    desk.edit("policy/limits.yaml", "customer.montly_turnover", "customer.monthly_turnover");
    let back = desk.event();
    assert_eq!((&back["event"], &back["digest"], &back["same"]), (&"loaded".into(), &good["digest"], &true.into()));
}

#[test]
fn a_changed_book_is_read_again_and_who_moved_tier_is_named() {
    let desk = Desk::begin(|_| {}, &["--format", "json"]);
    assert_eq!(desk.event()["event"], "loaded");
    let before = desk.decisions();
    // One customer becomes a dishonest debtor.
    let path = desk.path("book/customers.csv");
    let mut reader = csv::Reader::from_path(&path).unwrap();
    let headers = reader.headers().unwrap().clone();
    let at = headers.iter().position(|h| h == "dishonest_debtor").unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
    let best = before.iter().find(|(_, (tier, _))| tier == "A").unwrap().0.clone();
    let mut out = csv::Writer::from_path(&path).unwrap();
    out.write_record(&headers).unwrap();
    for row in &rows {
        let is_it = row.iter().any(|field| *field == best);
        out.write_record(row.iter().enumerate().map(|(n, field)| if is_it && n == at { "true" } else { field }))
            .unwrap();
    }
    out.flush().unwrap();
    let event = desk.event();
    assert_eq!(event["event"], "book");
    let after = desk.decisions();
    assert_ne!(before[&best].0, after[&best].0);
    let tier = column(&event["difference"], "decisions", "tier").unwrap();
    let moves = tier["moves"].as_array().unwrap();
    assert_eq!(moves.len(), 1);
    assert_eq!(
        (&moves[0]["from"], &moves[0]["to"]),
        (&before[&best].0.as_str().into(), &after[&best].0.as_str().into())
    );
    assert_eq!(moves[0]["ids"], serde_json::json!([best]));
}

#[test]
fn a_policy_that_is_bad_from_the_start_is_told_and_waited_for() {
    let slip = |dir: &Path| replace(&dir.join("policy/policy.yaml"), "usance: 1", "usance: [1");
    let desk = Desk::begin(slip, &[]);
    assert_eq!(desk.line(), "watching policy, book; ctrl-c ends");
    assert_eq!(desk.line(), "");
    assert!(desk.line().starts_with("[1] refused; nothing is in use yet"));
    desk.edit("policy/policy.yaml", "usance: [1", "usance: 1");
    let loaded = loop {
        let line = desk.line();
        if line.starts_with("[2]") {
            break line;
        }
    };
    assert!(loaded.starts_with("[2] loaded ") && loaded.ends_with(" tests passed"), "{loaded}");
}
