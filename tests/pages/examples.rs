//! The examples of a page: fenced blocks that say what they are.
//!
//! ```` ```yaml policy ```` are sections that compile together with the fill-in policy, whose sections of the same name they
//! replace; ```` ```yaml test ```` are tests that pass on the fill-in policy with the sections of the block before.

use std::collections::BTreeMap;

use usance::check::tests;
use usance::diag::{Style, any_error, render_all};
use usance::plan;
use usance::policy::folder::Folder;

use crate::text;

/// A block, what stands behind its fence, and its line in the page.
pub struct Block {
    pub kind: String,
    pub body: String,
    pub line: usize,
}

pub fn blocks(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for (number, line) in page.lines().enumerate() {
        if let Some(kind) = line.strip_prefix("```") {
            if !open {
                blocks.push(Block { kind: kind.to_owned(), body: String::new(), line: number + 1 });
            }
            open = !open;
        } else if let (true, Some(block)) = (open, blocks.last_mut()) {
            block.body.push_str(line);
            block.body.push('\n');
        }
    }
    assert!(!open, "a block is never closed");
    blocks
}

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

fn run(page: &str, block: &Block, files: BTreeMap<String, String>) {
    let mut found = Vec::new();
    let folder = Folder::from_memory(files, &mut found);
    let plan = folder.as_ref().and_then(|folder| plan::compile(folder, &mut found));
    let at = format!("{page}:{}", block.line);
    assert!(plan.is_some() && !any_error(&found), "{at}\n{}", render_all(&found, Style::Plain));
    let (Some(folder), Some(plan)) = (folder, plan) else { return };
    if !folder.tests.is_empty() {
        let report = tests::run(&folder, &plan);
        assert!(report.is_green(), "{at}\n{}{report}", render_all(&report.findings, Style::Plain));
    }
}

#[test]
fn every_example_of_a_page_works() {
    for page in ["docs/reference.md"] {
        let body = text(page);
        let mut before = String::new();
        let mut counted = 0;
        for block in blocks(&body) {
            match block.kind.as_str() {
                "yaml policy" => {
                    run(page, &block, filled(&block.body, ""));
                    before.clone_from(&block.body);
                    counted += 1;
                }
                "yaml test" => {
                    run(page, &block, filled(&before, &block.body));
                    counted += 1;
                }
                _ => {}
            }
        }
        assert!(counted > 0, "{page} has no examples");
    }
}
