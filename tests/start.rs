//! What somebody begins with: `usance new`, completions, the manual.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, missing_docs)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use usance::plan;
use usance::policy::folder::Folder;
use usance::start;

fn usance(dir: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_usance")).args(arguments).current_dir(dir).output().unwrap()
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn below(dir: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap()) {
        let name = format!("{prefix}{}", entry.file_name().into_string().unwrap());
        match entry.file_type().unwrap().is_dir() {
            true => below(&entry.path(), &format!("{name}/"), files),
            false => drop(files.insert(name, fs::read_to_string(entry.path()).unwrap())),
        }
    }
}

fn files(dir: &Path) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    below(dir, "", &mut files);
    files
}

#[test]
fn every_new_policy_is_checked_tested_and_runs_over_a_sample_book() {
    let desk = tempfile::tempdir().unwrap();
    let dir = desk.path();
    let sample = ["sample", "book", "--customers", "40", "--seed", "1", "--as-of", "2026-06-30"];
    assert!(usance(dir, &sample).status.success());
    for more in [&["--lang", "en"][..], &["--lang", "zh"], &["--from", "sme-trade"]] {
        let name = more[1];
        let new = usance(dir, &[&["new", name], more].concat());
        assert!(new.status.success(), "{}", said(&new));
        for command in [&["check", "--policy", name][..], &["test", "--policy", name]] {
            let output = usance(dir, command);
            assert!(output.status.success(), "{}", said(&output));
            assert!(output.stderr.is_empty(), "no warnings: {}", said(&output));
        }
        let run = usance(dir, &["run", "--policy", name, "--book", "book", "--out", &format!("out-{name}")]);
        assert!(run.status.success(), "{}", said(&run));
    }
}

#[test]
fn the_short_policy_says_the_same_in_both_languages() {
    let listing = |language: &str| {
        let dir = tempfile::tempdir().unwrap();
        start::write(start::starter(language), dir.path()).unwrap();
        let mut found = Vec::new();
        let folder = Folder::load(dir.path(), &mut found).unwrap();
        let plan = plan::compile(&folder, &mut found).unwrap();
        let nodes: Vec<String> =
            plan.nodes.iter().map(|node| format!("{} {:?} {}", node.name, node.ty, node.place)).collect();
        nodes
    };
    assert_eq!(listing("en"), listing("zh"));
}

#[test]
fn a_pack_is_written_as_it_ships() {
    for pack in start::PACKS {
        let dir = tempfile::tempdir().unwrap();
        start::write(pack.files, dir.path()).unwrap();
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("policies").join(pack.name);
        assert_eq!(files(dir.path()), files(&shipped), "{}", pack.name);
    }
    let shipped = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("policies")).unwrap();
    for name in shipped.map(|entry| entry.unwrap().file_name().into_string().unwrap()) {
        assert!(start::pack(&name).is_some(), "`usance new --from {name}`");
    }
}

#[test]
fn nothing_is_overwritten_and_a_misspelt_pack_is_named() {
    let desk = tempfile::tempdir().unwrap();
    fs::create_dir(desk.path().join("mine")).unwrap();
    fs::write(desk.path().join("mine/limits.yaml"), "mine").unwrap();
    let output = usance(desk.path(), &["new", "mine"]);
    assert_eq!(output.status.code(), Some(6));
    assert!(said(&output).contains("`mine` holds something already"), "{}", said(&output));
    assert_eq!(fs::read_to_string(desk.path().join("mine/limits.yaml")).unwrap(), "mine");
    let output = usance(desk.path(), &["new", "other", "--from", "sme-trad"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).contains("did you mean `sme-trade`?"), "{}", said(&output));
    assert!(!desk.path().join("other").exists());
}

/// The commands as `--help` lists them.
fn commands(dir: &Path) -> Vec<String> {
    let help = said(&usance(dir, &["--help"]));
    let list = help.split("Commands:").nth(1).unwrap().split("Options:").next().unwrap();
    let name = |line: &str| line.strip_prefix("  ")?.split_whitespace().next().map(str::to_owned);
    list.lines().filter(|line| !line.starts_with("   ")).filter_map(name).collect()
}

#[test]
fn completions_and_the_manual_know_every_command() {
    let desk = tempfile::tempdir().unwrap();
    let commands = commands(desk.path());
    assert!(commands.contains(&"run".to_owned()) && commands.len() > 5, "{commands:?}");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let file = said(&usance(desk.path(), &["completions", shell]));
        for command in &commands {
            assert!(file.contains(command.as_str()), "{shell}: {command}");
        }
    }
    let manual = said(&usance(desk.path(), &["man"]));
    for command in &commands {
        assert!(manual.contains(command.as_str()), "{command}");
        let page = usance(desk.path(), &["man", command]);
        assert!(page.status.success() && said(&page).contains(".SH SYNOPSIS"), "{command}");
    }
}
