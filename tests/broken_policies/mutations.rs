//! Whatever is done to the text of the shipped policy: it is read or refused, never with a panic, and a refusal says where.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use usance::diag::any_error;

use crate::case::compile;

fn pack() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies/sme-trade");
    let mut files = BTreeMap::new();
    for (folder, under) in [("", ""), ("tables", "tables/"), ("scripts", "scripts/"), ("calendars", "calendars/")] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = format!("{under}{}", path.file_name().unwrap().to_string_lossy());
                files.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    files
}

/// One change of a text; numbers are taken modulo what there is.
#[derive(Clone, Debug)]
enum Change {
    DeleteLine(usize),
    SwapLines(usize, usize),
    RepeatLine(usize),
    DeleteChar(usize),
    InsertChar(usize, char),
    SwapChars(usize),
}

fn change() -> impl Strategy<Value = Change> {
    let n = || 0..100_000usize;
    let odd = prop::sample::select("{}[]():,.\"'-+*/<>=&|!?#% \n0A_xé，（。\t@`~".chars().collect::<Vec<_>>());
    prop_oneof![
        n().prop_map(Change::DeleteLine),
        (n(), n()).prop_map(|(a, b)| Change::SwapLines(a, b)),
        n().prop_map(Change::RepeatLine),
        n().prop_map(Change::DeleteChar),
        (n(), odd).prop_map(|(at, c)| Change::InsertChar(at, c)),
        n().prop_map(Change::SwapChars),
    ]
}

fn apply(text: &str, change: &Change) -> String {
    let mut lines: Vec<&str> = text.split('\n').collect();
    let mut chars: Vec<char> = text.chars().collect();
    let (rows, length) = (lines.len().max(1), chars.len().max(1));
    match change {
        Change::DeleteLine(at) => {
            lines.remove(at % rows);
            lines.join("\n")
        }
        Change::SwapLines(a, b) => {
            lines.swap(a % rows, b % rows);
            lines.join("\n")
        }
        Change::RepeatLine(at) => {
            lines.insert(at % rows, lines[at % rows]);
            lines.join("\n")
        }
        Change::DeleteChar(at) => {
            if !chars.is_empty() {
                chars.remove(at % length);
            }
            chars.into_iter().collect()
        }
        Change::InsertChar(at, c) => {
            chars.insert(at % length, *c);
            chars.into_iter().collect()
        }
        Change::SwapChars(at) => {
            let at = at % length;
            if at + 1 < chars.len() {
                chars.swap(at, at + 1);
            }
            chars.into_iter().collect()
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_policy_is_read_or_refused_with_a_place(
        changes in prop::collection::vec((0..100usize, change()), 1..4),
    ) {
        let mut files = pack();
        for (file, change) in &changes {
            let name = files.keys().nth(file % files.len()).unwrap().clone();
            let changed = apply(&files[&name], change);
            files.insert(name, changed);
        }
        let (found, plan) = compile(files);
        prop_assert_eq!(plan.is_none(), any_error(&found));
        for d in &found {
            prop_assert!(d.place.is_some(), "{:?}", d);
            let place = d.place.as_ref().unwrap();
            prop_assert!(place.span.end as usize <= place.source.text.len(), "{:?}", d.message);
            prop_assert!(place.source.name != "prelude.yaml", "{:?}", d.message);
        }
    }
}
