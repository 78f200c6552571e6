//! The README begins with two commands, names folders that are there, and shows an error as it is shown.

use std::path::Path;

use usance::cli::Exit;
use usance::diag::{Style, render};
use usance::plan;
use usance::policy::folder::Folder;

use crate::{root, text};

#[test]
fn the_first_two_commands_are_the_run_and_the_tests() {
    let page = text("README.md");
    let commands: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("cargo "))
        .map(|line| line.split('#').next().unwrap_or_default().trim())
        .collect();
    assert_eq!(commands[..2], ["cargo run --release -- run", "cargo test"]);
    assert!(page.find("cargo run").is_some_and(|at| at < 400), "the commands come first");
}

#[test]
fn what_pages_link_to_is_there() {
    for page in ["README.md", "docs/reference.md", "docs/watch.md", "docs/book.md"] {
        let body = text(page);
        for link in body.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or_default();
            if path.is_empty() || path.starts_with("http") {
                continue;
            }
            let from = root(page);
            assert!(from.parent().unwrap_or(Path::new("")).join(path).exists(), "{page} links to {path}");
        }
    }
}

#[test]
fn the_error_it_shows_is_the_one_that_is_told() {
    let page = text("README.md");
    let shown = page.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let lines: Vec<&str> = shown.lines().map(str::trim).filter(|line| line.len() > 1).collect();
    let pack = tempfile::tempdir().unwrap();
    copy(&root("policies/sme-trade"), pack.path());
    let file = pack.path().join("limits.yaml");
    let limits = std::fs::read_to_string(&file).unwrap();
    let right = "customer.monthly_turnover";
    let slips = limits.match_indices(right).map(|(at, _)| {
        let mut slip = limits.clone();
        slip.replace_range(at..at + right.len(), "customer.montly_turnover");
        slip
    });
    let told: Vec<String> = slips
        .map(|slip| {
            std::fs::write(&file, slip).unwrap();
            let mut found = Vec::new();
            let folder = Folder::load(pack.path(), &mut found).unwrap();
            assert!(plan::compile(&folder, &mut found).is_none());
            assert_eq!(found.len(), 1, "one slip, one error");
            render(&found[0], Style::Plain)
        })
        .collect();
    let is_told = told.iter().any(|told| lines.iter().all(|line| told.contains(line)));
    assert!(is_told, "not told:\n{shown}\n{}", told.join("\n"));
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}

#[test]
fn the_exit_codes_of_the_reference_are_those_of_the_program() {
    let page = text("docs/reference.md");
    let codes = [
        Exit::Done,
        Exit::DoneWithFailures,
        Exit::Usage,
        Exit::PolicyError,
        Exit::BookError,
        Exit::TestFailed,
        Exit::OutputError,
    ];
    for exit in codes {
        assert!(page.contains(&format!("\n| {} | ", exit as u8)), "{exit:?}");
    }
}
