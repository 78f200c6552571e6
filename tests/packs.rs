//! Every policy of the repository checks without findings, passes its own tests, and proposes nothing twice.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::type_complexity,
    missing_docs,
    unreachable_pub
)]

use std::path::{Path, PathBuf};

use usance::book;
use usance::check::tests;
use usance::diag::{Diagnostic, Style, render_all};
use usance::engine::Run;
use usance::plan::{self, Plan};
use usance::policy::folder::Folder;

/// The folders under `policies/` and `tests/policies/vectors/`.
fn packs() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<PathBuf> = ["policies", "tests/policies/vectors"]
        .iter()
        .flat_map(|dir| std::fs::read_dir(root.join(dir)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("policy.yaml").is_file())
        .collect();
    found.sort();
    found
}

fn load(dir: &Path) -> (Folder, Plan) {
    let mut found: Vec<Diagnostic> = Vec::new();
    let folder = Folder::load(dir, &mut found);
    let plan = folder.as_ref().and_then(|folder| plan::compile(folder, &mut found));
    assert!(found.is_empty(), "{}: {}", dir.display(), render_all(&found, Style::Plain));
    (folder.unwrap(), plan.unwrap())
}

#[test]
fn every_policy_passes_its_own_tests() {
    let mut all = 0;
    for dir in packs() {
        let (folder, plan) = load(&dir);
        let report = tests::run(&folder, &plan);
        let findings = render_all(&report.findings, Style::Plain);
        assert!(report.is_green(), "{}\n{findings}{report}", dir.display());
        println!("{}: {}", dir.display(), report.to_string().trim_end());
        all += report.passed();
    }
    println!("{all} tests in all");
    assert!(all >= 77, "the packs have lost tests");
}

/// A rule that no test hits is a rule that nobody has seen work.
#[test]
fn the_tests_of_a_shipped_pack_hit_every_rule() {
    let mut told = String::new();
    for dir in packs().iter().filter(|dir| dir.parent().unwrap().ends_with("policies")) {
        let (folder, plan) = load(dir);
        let covered = tests::coverage(&folder, &plan);
        println!("{}: {} rules", dir.display(), covered.rules);
        for rule in covered.never {
            told += &format!("{}: {} `{}` at {}\n", dir.display(), rule.decision, rule.id, rule.place);
        }
    }
    assert!(told.is_empty(), "no test hits\n{told}");
}

/// Time-1: the same run again, what it proposed recorded as done, proposes nothing new.
#[test]
fn what_was_done_is_not_proposed_again_that_day() {
    let mut proposed = 0;
    for dir in packs() {
        let (folder, plan) = load(&dir);
        for replay in tests::replay(&folder, &plan) {
            proposed += replay.first.len();
            assert!(replay.second.is_empty(), "{}: {}: {:?}", dir.display(), replay.name, replay.second);
        }
    }
    assert!(proposed > 40, "the tests propose too little to show it: {proposed}");
}

/// The same over the example book.
#[test]
fn the_example_book_proposes_nothing_twice() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (_, plan) = load(&root.join("policies/sme-trade"));
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(root.join("examples/book")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    let first = actions(&plan, copy.path());
    assert!(first.len() > 20, "the example book proposes too little to show it: {}", first.len());
    let file = copy.path().join("actions.csv");
    let mut text = std::fs::read_to_string(&file).unwrap();
    text.extend(first.iter().map(|line| format!("{line}\n")));
    std::fs::write(&file, text).unwrap();
    let second = actions(&plan, copy.path());
    assert!(second.is_empty(), "proposed again: {second:#?}");
}

/// The proposals of a run, as rows of `actions.csv` that say they were done on its date.
fn actions(plan: &Plan, dir: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let book = book::read(dir, &plan.schema, &plan.money.currency, &mut found);
    let book = book.unwrap_or_else(|| panic!("{}", render_all(&found, Style::Plain)));
    let as_of = book.as_of.unwrap();
    plan::on_a_deep_stack(|| {
        let mut run = Run::new(plan, &book, as_of);
        let (lines, _) = run.emitted("actions");
        let row = |(number, line): (usize, &usance::engine::Emitted)| {
            let value = |key: &str| line.payload.iter().find(|(name, _)| name == key).unwrap().1.to_string();
            let (subject, id) = (&plan.schema.get(line.subject).unwrap().name, book.id(line.subject, line.row));
            let (ladder, rung, episode) = (value("ladder"), value("rung"), value("episode"));
            format!("again-{number},{ladder},{rung},{subject},{id},{episode},done,{as_of}")
        };
        lines.iter().enumerate().map(row).collect()
    })
}
