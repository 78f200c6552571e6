//! The examples of a page: fenced blocks that say what they are.
//!
//! ```` ```yaml policy ```` are sections that compile together with the fill-in policy, whose sections of the same name they
//! replace; ```` ```yaml test ```` are tests that pass on the fill-in policy with the sections of the block before.

use std::collections::BTreeMap;

use usance::check::tests;
use usance::diag::{Style, any_error, render_all};
use usance::plan;
use usance::policy::folder::Folder;

use crate::blocks::{Block, blocks};
use crate::{pages, text};

/// The names of the sections of a text: what stands at the start of a line.
fn sections(text: &str) -> Vec<&str> {
    let starts = text.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphabetic()));
    starts.filter_map(|line| Some(line.split_once(':')?.0)).collect()
}

/// The fill-in policy without the sections that an example brings.
fn filled(example: &str, tests: &str) -> BTreeMap<String, String> {
    let own = sections(example);
    let mut kept = String::new();
    let mut keep = true;
    let fill = text("tests/pages/fill.yaml");
    for line in fill.lines() {
        if line.starts_with(|c: char| c.is_ascii_alphabetic()) {
            keep = !own.iter().any(|section| line.starts_with(&format!("{section}:")));
        }
        if keep {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    let mut files = BTreeMap::new();
    files.insert("policy.yaml".to_owned(), kept);
    files.insert("example.yaml".to_owned(), example.to_owned());
    files.insert("scripts/seasonal.rhai".to_owned(), text("policies/sme-trade/scripts/seasonal.rhai"));
    files.insert("calendars/cn.csv".to_owned(), text("policies/sme-trade/calendars/cn.csv"));
    if !tests.is_empty() {
        files.insert("tests/example.yaml".to_owned(), tests.to_owned());
    }
    files
}

/// What is wrong with an example.
fn wrong(files: BTreeMap<String, String>) -> Option<String> {
    let mut found = Vec::new();
    let folder = Folder::from_memory(files, &mut found);
    let plan = folder.as_ref().and_then(|folder| plan::compile(folder, &mut found));
    let (Some(folder), Some(plan), false) = (folder, plan, any_error(&found)) else {
        return Some(render_all(&found, Style::Plain));
    };
    let report = tests::run(&folder, &plan);
    (!folder.tests.is_empty() && !report.is_green())
        .then(|| format!("{}{report}", render_all(&report.findings, Style::Plain)))
}

#[test]
fn every_example_of_a_page_works() {
    let mut told = Vec::new();
    for page in pages() {
        let mut before = String::new();
        for block in blocks(&text(&page)) {
            let files = match block.kind.as_str() {
                "yaml policy" => {
                    before.clone_from(&block.body);
                    filled(&block.body, "")
                }
                "yaml test" => filled(&before, &block.body),
                _ => continue,
            };
            told.extend(wrong(files).map(|wrong| format!("{page}:{}\n{wrong}", block.line)));
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}

#[test]
fn pages_that_teach_have_examples() {
    let is_example = |block: &Block| matches!(block.kind.as_str(), "yaml policy" | "yaml test" | "console");
    let teaches = |page: &String| page.starts_with("docs/guide/") || page == "docs/reference.md";
    for page in pages().into_iter().filter(teaches).filter(|page| !page.ends_with("README.md")) {
        assert!(blocks(&text(&page)).iter().any(is_example), "{page} has no examples");
    }
}
