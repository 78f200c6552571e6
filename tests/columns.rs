//! The columns mean what the rows mean: every node of every policy here, for every row of a sample book.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

mod pack_support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use pack_support::{folders, plan, sample};
use usance::engine::{Columns, Decided, Leg, Pace, Run, Setting};
use usance::lang::NodeRef;
use usance::outcome::{self, Format};
use usance::plan;

fn policies() -> Vec<PathBuf> {
    [folders("policies"), folders("tests/policies/vectors")].concat()
}

#[test]
fn every_node_comes_to_the_same() {
    plan::on_a_deep_stack(|| {
        let told: Vec<String> = policies().iter().flat_map(|dir| differences(dir)).collect();
        assert!(told.is_empty(), "{}", told.join("\n"));
    });
}

/// Where the columns come to something else than the rows, one place a node.
fn differences(dir: &Path) -> Vec<String> {
    let mut told = Vec::new();
    let plan = plan(dir);
    let book = sample(&plan);
    let as_of = "2026-06-30".parse().unwrap();
    let setting = Setting { plan: &plan, book: &book, as_of };
    let columns = Columns::new(setting, Pace { threads: 2, rows: 300 });
    let nodes: Vec<NodeRef> = (0..plan.nodes.len() as u32).map(NodeRef).collect();
    let mut compared = 0;
    let mut differing = BTreeSet::new();
    let compare = |decided: &mut Decided<'_, '_>, leg: Leg| {
        let (mut compared, mut told) = (0, Vec::new());
        if leg == Leg::Before {
            return (compared, told);
        }
        for node in &nodes {
            let subject = plan.node(*node).unwrap().subject;
            let subjects = decided.subjects(subject);
            let answer = decided.node(&subjects, *node);
            for (lane, row) in subjects.rows.iter().enumerate() {
                let wanted = decided.rows().outcome(*node, *row);
                let (got, hits) = (decided.value(&answer, lane), answer.hits(lane).to_vec());
                let same = match &wanted.value {
                    Ok(value) => !answer.has_failed(lane) && got == *value && hits == wanted.hits[..],
                    Err(_) => answer.has_failed(lane),
                };
                compared += 1;
                if !same {
                    let (pack, name, id) = (dir.display(), plan.name(*node), book.id(subject, *row));
                    told.push((*node, format!("{pack}: {name} of {id}: {got:?} {hits:?}, and not {wanted:?}")));
                }
            }
        }
        (compared, told)
    };
    columns
        .sweep::<_, ()>(&compare, &mut |(count, found)| {
            compared += count;
            told.extend(found.into_iter().filter(|(node, _)| differing.insert(*node)).map(|(_, text)| text));
            Ok(())
        })
        .unwrap();
    assert!(compared > 100, "{}", dir.display());
    told
}

/// A policy of two tables with so many rows that not every interval has a set of its own, and one of a few.
fn with_long_tables() -> String {
    let mut text = String::from(
        "usance: 1\npolicy: long\nversion: \"1\"\ntitle: { en: Long tables }\neffective: { from: 2020-01-01 }\n\
         money: { currency: CNY, round_to: 0.01, mode: half_even, others: refuse }\ndecide:\n\
         \u{20} - { id: late, for: item, type: days, gives: as_of - item.due_date }\n",
    );
    let mut state = 1u64;
    let mut below = |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % most
    };
    for (id, rows, hit) in [
        ("first_row", 3_000, "hit: first"),
        ("every_row", 3_000, "hit: collect\n    collect: sum"),
        ("short", 40, "hit: first"),
    ] {
        text.push_str(&format!("  - id: {id}\n    for: item\n    type: int\n    {hit}\n    rows:\n"));
        for row in 0..rows {
            let (low, days) = (below(20_000_000), below(400));
            let amount = match row % 4 {
                0 => format!("item.amount: \">= {low}.{:02}\"", below(100)),
                1 => format!("item.amount: \"< {low}\""),
                _ => format!("item.amount: \"[{}..{}]\"", low / 100, low / 100 + 1 + below(60_000)),
            };
            let late = match row % 3 {
                0 => format!(", late: \"[{}..{}]\"", days as i64 - 200, days as i64 - 100),
                1 => format!(", item.due_date: \">= 2025-{:02}-{:02}\"", 1 + below(12), 1 + below(28)),
                _ => String::new(),
            };
            text.push_str(&format!("      - {{ id: r{row}, {amount}{late}, gives: {row} }}\n"));
        }
        text.push_str("      - { id: rest, gives: -1 }\n");
    }
    text
}

#[test]
fn long_tables_are_looked_up_as_they_are_gone_through() {
    plan::on_a_deep_stack(|| {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("policy.yaml"), with_long_tables()).unwrap();
        let told = differences(dir.path());
        assert!(told.is_empty(), "{}", told.join("\n"));
    });
}

/// What several places say in the same words: of other days, of what else a name is bound to, where one of them cannot be
/// computed for the lanes that the other leaves out.
const IN_THE_SAME_WORDS: &str = r#"
usance: 1
policy: same_words
version: "1"
title: { en: In the same words }
effective: { from: 2020-01-01 }
money: { currency: CNY, round_to: 0.01, mode: half_even, others: refuse }
measures:
  item.third: { value: round_money(item.open / 3) }
  item.third_before: { value: round_money(item.open / 3), as_at: as_of - 60 }
  account.thirds: { of: item, take: sum, value: round_money(item.open / 3), where: item.amount / (item.open + 1) > 1 }
decide:
  - { id: thirds, for: item, type: money, gives: item.third - item.third_before }
  - { id: twice, for: item, type: money, gives: '{ let v = item.open * 2; max(v - 500, 0) }' }
  - { id: thrice, for: item, type: money, gives: '{ let v = item.open * 3; max(v - 500, 0) }' }
  - { id: share, for: item, type: number, gives: 'if item.open > 0 { item.amount / item.open } else { 0.0 }' }
  - { id: same_share, for: item, type: int, gives: 'if item.amount / item.open > 1.5 { 1 } else { 2 }' }
  - { id: late, for: account, type: money, gives: account.thirds }
  - id: kind
    for: item
    type: int
    rows:
      - { id: low, when: 'round_money(item.open / 3) < 100 && as_of - item.due_date > 10', gives: as_of.month + 1 }
      - { id: high, when: 'as_of - item.due_date > 10', gives: as_of.month + 2 }
      - { id: rest, gives: as_of.month + 1 }
"#;

#[test]
fn what_several_places_say_in_the_same_words_comes_to_what_each_says() {
    plan::on_a_deep_stack(|| {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("policy.yaml"), IN_THE_SAME_WORDS).unwrap();
        let told = differences(dir.path());
        assert!(told.is_empty(), "{}", told.join("\n"));
    });
}

/// The files of a folder with their bytes.
fn files(dir: &Path) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    all.sort();
    all
}

#[test]
fn every_file_of_a_run_is_the_same() {
    plan::on_a_deep_stack(|| {
        for dir in policies() {
            let plan = plan(&dir);
            let book = sample(&plan);
            let as_of = "2026-06-30".parse().unwrap();
            let setting = Setting { plan: &plan, book: &book, as_of };
            let by_rows = tempfile::tempdir().unwrap();
            outcome::write_by_rows(&mut Run::new(&plan, &book, as_of), by_rows.path(), Format::Csv, &mut |_| {})
                .unwrap();
            let wanted = files(by_rows.path());
            for (threads, rows) in [(1, 1), (2, 1000), (7, 50)] {
                let out = tempfile::tempdir().unwrap();
                let columns = Columns::new(setting, Pace { threads, rows });
                outcome::write(&columns, out.path(), Format::Csv, &mut |_| {}).unwrap();
                for ((name, wanted), (other, got)) in wanted.iter().zip(files(out.path())) {
                    assert_eq!(*name, other);
                    let line = wanted.lines().zip(got.lines()).find(|(wanted, got)| wanted != got);
                    assert!(*wanted == got, "{}/{name} with {threads} threads: {line:#?}", dir.display());
                }
            }
        }
    });
}
