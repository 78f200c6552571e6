//! A policy of many files and long tables is read like a short one, and a slip in it is told like one in a short one.
//!
//! `USANCE_LARGE_POLICY=DIR cargo test --test large_policy` writes one of 100 files and 50,000 rows, to measure the
//! beginning of a run with: `usance check --policy DIR --timings`.
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
use std::path::Path;

use usance::diag::{Diagnostic, Style, render_all};
use usance::plan::{self, Choice, Form, Plan};
use usance::policy::folder::Folder;

const POLICY: &str = "usance: 1
policy: large
version: \"1\"
title: { en: Long tables }
effective: { from: 2020-01-01 }
money: { currency: USD, round_to: 0.01, mode: half_even, others: refuse }
";

const FACTS: &str = "facts:
  customer.industry: { type: text }
  customer.region: { type: one_of, values: [north, south, east, west, centre] }
  customer.score: { type: number }
  customer.years: { type: int, optional: true }
  customer.turnover: { type: money }
";

/// Numbers that look like chance, the same ones every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn one_of<'c>(&mut self, choices: &[&'c str]) -> &'c str {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// A policy of so many files, all but three of them tables, with so many rows together.
fn large(files: usize, rows: usize) -> BTreeMap<String, String> {
    let tables = files - 3;
    let mut chance = Chance(1);
    let mut decide = String::from("decide:\n");
    let mut texts = BTreeMap::new();
    for table in 0..tables {
        let hit = ["first", "unique", "collect"][table % 3];
        let collect = if hit == "collect" { "    collect: sum\n" } else { "" };
        let file = format!("tables/t{table:03}.csv");
        writeln!(decide, "  - id: table_{table:03}\n    for: account\n    type: number\n    hit: {hit}").unwrap();
        writeln!(decide, "{collect}    rows: {file}").unwrap();
        let own = rows / tables + usize::from(table < rows % tables);
        texts.insert(file, rows_of(table, own, &mut chance));
    }
    for (file, text) in [("policy.yaml", POLICY), ("facts.yaml", FACTS), ("decide.yaml", &decide)] {
        texts.insert(file.into(), text.into());
    }
    texts
}

fn rows_of(table: usize, rows: usize, chance: &mut Chance) -> String {
    let mut csv = String::from("id,industry,customer.region,customer.score,customer.years,customer.turnover,gives\n");
    for row in 0..rows {
        let industry = chance.below(400);
        let region = chance.one_of(&["north", "south", "east", "west", "centre", "\"north, south\""]);
        let (from, to) = (chance.below(50), 50 + chance.below(50));
        let years = chance.one_of(&[">= 3", "< 10", "", "[1..5]", "7"]);
        let bound = chance.below(1000) * 1000;
        // Under `hit: unique` no two rows share a turnover.
        let turnover = match table % 3 {
            1 => format!("[{}..{})", row * 1000, (row + 1) * 1000),
            _ => format!(">= {bound}"),
        };
        let gives = chance.below(1000);
        writeln!(csv, "row_{row},industry_{industry},{region},[{from}..{to}),{years},{turnover},0.{gives:03}").unwrap();
    }
    csv
}

fn load(texts: BTreeMap<String, String>) -> (Option<Plan>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let folder = Folder::from_memory(texts, &mut found);
    let plan = folder.and_then(|folder| plan::compile(&folder, &mut found));
    (plan, found)
}

#[test]
fn every_row_of_every_table_is_there() {
    let (plan, found) = load(large(23, 2_000));
    assert!(found.is_empty(), "{}", render_all(&found, Style::Plain));
    let plan = plan.unwrap();
    let mut all = 0;
    for table in 0..20 {
        let node = plan.node(plan.find(&format!("table_{table:03}")).unwrap()).unwrap();
        let Form::Choice(Choice { rows, .. }) = &node.form else { panic!("`{}` is no table", node.name) };
        let ids: Vec<String> = (0..rows.len()).map(|row| format!("row_{row}")).collect();
        assert!(rows.iter().map(|row| &row.id).eq(&ids));
        assert_eq!(rows[9].place.line_column(), (11, 1), "row 9 stands on line 11, behind the header");
        all += rows.len();
    }
    assert_eq!(all, 2_000);
}

#[test]
fn a_wrong_header_is_one_slip() {
    let mut texts = large(4, 500);
    let table = texts.get_mut("tables/t000.csv").unwrap();
    *table = table.replacen("customer.score", "customer.scor", 1);
    let (plan, found) = load(texts);
    assert!(plan.is_none());
    let found = render_all(&found, Style::Plain);
    assert_eq!(found.matches("`customer.scor` is neither an output of this table nor a fact or decision").count(), 1);
    assert!(found.contains("--> tables/t000.csv:1:29") && found.contains("did you mean `customer.score`?"), "{found}");
}

#[test]
fn an_id_that_stands_twice_is_told_beside_the_first() {
    let mut texts = large(4, 500);
    let table = texts.get_mut("tables/t000.csv").unwrap();
    *table = table.replacen("\nrow_499,", "\nrow_7,", 1);
    let (plan, found) = load(texts);
    assert!(plan.is_none());
    assert_eq!(found.len(), 1, "{}", render_all(&found, Style::Plain));
    assert_eq!(found[0].message, "two rows are called `row_7`");
    assert_eq!(found[0].place.as_ref().unwrap().to_string(), "tables/t000.csv:501:1");
    assert_eq!(found[0].also[0].0.to_string(), "tables/t000.csv:9:1");
    let shown = render_all(&found, Style::Plain);
    assert!(shown.contains("\n  9 | row_7,") && shown.contains("\n501 | row_7,"), "{shown}");
}

#[test]
fn a_large_one_is_written_to_measure_with() {
    let Some(dir) = std::env::var_os("USANCE_LARGE_POLICY") else { return };
    for (file, text) in large(100, 50_000) {
        let path = Path::new(&dir).join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}
