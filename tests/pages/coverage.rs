//! The page of what credit policies ask names every row once, and the tests it names are there.

use std::collections::BTreeSet;

use crate::{root, text};

const PAGE: &str = "docs/coverage.md";

/// The rows the sources make, and how many of each.
const ROWS: [(char, usize); 6] = [('A', 14), ('L', 9), ('T', 12), ('D', 11), ('M', 10), ('I', 6)];

#[test]
fn every_row_is_there_once_and_says_where_or_why_not() {
    let page = text(PAGE);
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| ") && line.as_bytes().get(3) == Some(&b'-') && !line.starts_with("| Row"))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    let ids: BTreeSet<&str> = rows.iter().map(|row| row[0]).collect();
    let asked = ROWS.iter().flat_map(|(letter, count)| (1..=*count).map(move |n| format!("{letter}-{n:02}")));
    let asked: BTreeSet<String> = asked.collect();
    assert_eq!(ids.len(), rows.len(), "a row stands twice");
    assert_eq!(ids, asked.iter().map(String::as_str).collect::<BTreeSet<_>>());
    for row in rows {
        assert_eq!(row.len(), 4, "{row:?}");
        let said_and_shown = row[2].contains("](") && row[3].contains("](");
        assert!(said_and_shown || row[3].len() > 20, "{} says neither where nor why not", row[0]);
    }
}

#[test]
fn the_tests_it_names_are_there() {
    let page = text(PAGE);
    let (mut seen, mut missing) = (0, Vec::new());
    for part in page.split("](../").skip(1) {
        let (path, rest) = part.split_once(')').unwrap();
        let tests = std::fs::read_to_string(root(path)).unwrap();
        let until_next = rest.split(" [").next().unwrap().split('\n').next().unwrap();
        for name in until_next.split('“').skip(1).filter_map(|rest| rest.split('”').next()) {
            seen += 1;
            let named = |line: &str| line.starts_with("- name:") && line.contains(name);
            if !tests.lines().any(named) {
                missing.push(format!("{path} has no test “{name}”"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
    assert!(seen > 60, "only {seen} tests are named");
}
