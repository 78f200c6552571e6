//! A case: what is wrong, the files of a policy, and what is said about it.
//!
//! ```text
//! one line about it
//! --- rules.yaml
//! …
//! --- expected
//! …
//! ```
//!
//! A case that brings no `policy.yaml` gets the shortest there is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use usance::check::tests;
use usance::diag::{Diagnostic, Style, render_all};
use usance::plan::{self, Plan};
use usance::policy::folder::Folder;

/// What every policy must say of itself.
pub const MINIMAL: &str =
    "usance: 1\npolicy: minimal\nversion: \"1\"\nmoney: { currency: CNY, round_to: 0.01, mode: half_even }\n";

const EXPECTED: &str = "--- expected\n";

/// A case as it stands in its file.
#[derive(Debug)]
pub struct Case {
    pub path: PathBuf,
    pub given: String,
    pub expected: String,
}

impl Case {
    /// The name of its file, without the ending.
    pub fn name(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap();
        let (given, expected) = text.split_once(EXPECTED).unwrap_or((&text, ""));
        Self { path, given: given.to_string(), expected: expected.to_string() }
    }

    /// The parts of the policy, by the names of their files.
    pub fn files(&self) -> BTreeMap<String, String> {
        let mut files = BTreeMap::new();
        for part in self.given.split("\n--- ").skip(1) {
            let (name, text) = part.split_once('\n').unwrap_or((part, ""));
            let text = if text.is_empty() || text.ends_with('\n') { text.to_string() } else { format!("{text}\n") };
            files.insert(name.to_string(), text);
        }
        if !files.keys().any(|name| name.starts_with("polic")) {
            files.insert("policy.yaml".into(), MINIMAL.into());
        }
        files
    }

    /// What is said about it now.
    pub fn said(&self) -> String {
        let (found, _) = compile(self.files());
        render_all(&found, Style::Plain)
    }

    /// Writes what is said now as what is expected.
    pub fn bless(&self) {
        fs::write(&self.path, format!("{}{EXPECTED}{}", self.given, self.said())).unwrap();
    }
}

/// Every case, by name.
pub fn all() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken_policies/cases");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.into_iter().map(Case::read).collect()
}

/// Reads and lowers a policy in memory, and runs its tests.
pub fn compile(files: BTreeMap<String, String>) -> (Vec<Diagnostic>, Option<Plan>) {
    let mut sink = Vec::new();
    let folder = Folder::from_memory(files, &mut sink);
    let plan = folder.as_ref().and_then(|folder| plan::compile(folder, &mut sink));
    if let (Some(folder), Some(plan)) = (&folder, &plan)
        && !folder.tests.is_empty()
    {
        sink.extend(tests::run(folder, plan).findings);
    }
    (sink, plan)
}
