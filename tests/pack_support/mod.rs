//! Shipped and other policies, the book they are tried on, and a place to work on copies of both.
#![allow(dead_code, reason = "each test file uses its part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;
use usance::book::{self, Book};
use usance::plan::{self, Plan};
use usance::policy::folder::Folder;

/// Something of the project.
pub(crate) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The folders in a folder of the project, by name.
pub(crate) fn folders(path: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root(path)).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    all.sort();
    all
}

/// A policy without any error.
pub(crate) fn plan(dir: &Path) -> Plan {
    let mut found = Vec::new();
    let folder = Folder::load(dir, &mut found).unwrap();
    plan::compile(&folder, &mut found).unwrap_or_else(|| panic!("{}: {found:#?}", dir.display()))
}

/// A sample book in the money of a policy.
pub(crate) fn sample(plan: &Plan) -> Book {
    let dir = tempfile::tempdir().unwrap();
    usance::sample::write(dir.path(), 12, 3, "2026-06-30".parse().unwrap()).unwrap();
    for file in std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()) {
        let text = std::fs::read_to_string(&file).unwrap().replace("CNY", &plan.money.currency);
        std::fs::write(file, text).unwrap();
    }
    let mut found = Vec::new();
    book::read(dir.path(), &plan.schema, &plan.money.currency, &mut found).unwrap_or_else(|| panic!("{found:#?}"))
}

/// Writes the shipped policy with a limit that reads what the whole portfolio owes.
pub(crate) fn reading_the_portfolio(dir: &Path) {
    copy(&root("policies/sme-trade"), dir);
    let file = dir.join("limits.yaml");
    let (before, cap) = (std::fs::read_to_string(&file).unwrap(), "at_most: params.house_cap");
    assert!(before.contains(cap));
    std::fs::write(file, before.replace(cap, "at_most: params.house_cap + portfolio.receivables")).unwrap();
}

/// Copies a folder with all that is in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

/// A place to work in: a copy of the example book and of the default pack.
pub(crate) struct Desk {
    pub(crate) dir: TempDir,
}

impl Desk {
    pub(crate) fn new() -> Self {
        let desk = Self { dir: TempDir::new().unwrap() };
        copy(&root("examples/book"), &desk.path("book"));
        copy(&root("policies/sme-trade"), &desk.path("policy"));
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Runs the program here.
    pub(crate) fn usance(&self, arguments: &[&str]) -> Output {
        let program = env!("CARGO_BIN_EXE_usance");
        Command::new(program).args(arguments).current_dir(self.dir.path()).output().unwrap()
    }
}
