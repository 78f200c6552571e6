//! A policy folder: the sections of all its YAML files put together, its tests, and its other files.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

use super::extends::{self, Base, Override};
use super::files::{Files, Snapshot, is_table};
use super::tree::{Entry, Tree, TreeKind};
use super::yaml;
use crate::diag::{Code, Diagnostic, Place, Source};
use crate::hex::hex;

/// The file every policy has.
const MANIFEST: &str = "policy.yaml";

/// What the names of its tests begin with.
const TESTS: &str = "tests/";

/// The folder within a policy in which the policies it extends may lie.
const OWN_BASES: &str = "extends";

/// A policy folder as it was read, together with the policies it extends. Errors found on the way are in the sink: check
/// [`crate::diag::any_error`] before using it.
#[derive(Debug)]
pub struct Folder {
    /// The sections: what is extended, with what this policy writes over it; none twice.
    pub sections: Vec<Entry>,
    /// The files of `tests/`, in the order of their names; empty ones left out.
    pub tests: Vec<Tree>,
    /// All files of the folder itself, for scripts and tables.
    pub files: Files,
    /// The policies it extends, those that others rest on first.
    pub bases: Vec<Base>,
    /// What was written over them.
    pub overrides: Vec<Override>,
}

impl Folder {
    /// Reads a folder from disk; `None` when it, or a YAML file outside `tests/`, could not be read to its end.
    pub fn load(dir: &Path, sink: &mut Vec<Diagnostic>) -> Option<Self> {
        Self::load_beside(dir, None, sink)
    }

    /// The same, where what it extends may lie in a folder of policies.
    pub fn load_beside(dir: &Path, policies: Option<&Path>, sink: &mut Vec<Diagnostic>) -> Option<Self> {
        Self::of(Snapshot::read_beside(dir, policies), sink)
    }

    /// The same from files that were read already: nothing is read from disk again.
    pub fn of(mut snapshot: Snapshot, sink: &mut Vec<Diagnostic>) -> Option<Self> {
        let called = snapshot.called().to_owned();
        let beside = snapshot.take_beside();
        let files = Files::of(snapshot, sink)?;
        extends::compose(Layer::read(files, &called, sink)?, beside, sink)
    }

    /// The same from texts in memory, by name.
    ///
    /// ```
    /// use usance::policy::folder::Folder;
    /// let texts = [("policy.yaml", "usance: 1"), ("tiers.yaml", "tiers: []")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    /// let mut sink = Vec::new();
    /// let folder = Folder::from_memory(texts.into(), &mut sink).unwrap();
    /// assert_eq!(folder.section("usance").unwrap().value.text(), Some("1"));
    /// assert_eq!(folder.section("tiers").unwrap().key_place.to_string(), "tiers.yaml:1:1");
    /// ```
    pub fn from_memory(texts: BTreeMap<String, String>, sink: &mut Vec<Diagnostic>) -> Option<Self> {
        Self::of(Snapshot::from_memory(texts), sink)
    }

    /// A section by its name.
    pub fn section(&self, name: &str) -> Option<&Entry> {
        self.sections.iter().find(|entry| entry.key == name)
    }

    /// The text of `policy.yaml`.
    pub fn manifest(&self) -> Option<&Arc<Source>> {
        self.files.get(MANIFEST, &mut Vec::new())
    }

    /// The file whose path is written in a policy: a script or a table. It lies in the folder of the policy that names it.
    pub fn file(&self, path: &Tree, sink: &mut Vec<Diagnostic>) -> Option<&Arc<Source>> {
        self.files_beside(path).named(path, sink)
    }

    /// The rows of the table whose path is written in a policy.
    pub(super) fn rows(&self, path: &Tree, sink: &mut Vec<Diagnostic>) -> Option<&[Tree]> {
        self.files_beside(path).rows(path, sink)
    }

    /// The files of the policy in which something is written.
    fn files_beside(&self, written: &Tree) -> &Files {
        let base = self.bases.iter().find(|base| base.files.holds(&written.place.source));
        base.map_or(&self.files, |base| &base.files)
    }

    /// The name of all the texts it was read from, those of what it extends included.
    pub fn digest(&self) -> String {
        let all = self.bases.iter().map(|base| base.digest.as_str()).chain([self.files.digest().as_str()]).fold(
            Sha256::new(),
            |mut hash, digest| {
                hash.update(digest);
                hash
            },
        );
        hex(&all.finalize())
    }
}

/// One policy of those that make up another: its own sections, tests and files.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) sections: Vec<Entry>,
    pub(super) tests: Vec<Tree>,
    pub(super) files: Files,
    /// The policies that lie within its folder for it to extend.
    pub(super) inner: BTreeMap<String, Files>,
}

impl Layer {
    /// Reads the sections of all YAML files, those of `policy.yaml` first, then file by file in the order of their names.
    pub(super) fn read(mut files: Files, called: &str, sink: &mut Vec<Diagnostic>) -> Option<Self> {
        let inner = files.take_below(OWN_BASES);
        let names: Vec<String> = files.names().filter(|name| is_yaml(name)).map(str::to_owned).collect();
        if !names.iter().any(|name| name == MANIFEST) {
            sink.push(no_manifest(called, &names));
            return None;
        }
        let (tests, others): (Vec<_>, Vec<_>) = names.iter().partition(|name| name.starts_with(TESTS));
        let (manifest, others): (Vec<_>, Vec<_>) = others.into_iter().partition(|name| *name == MANIFEST);
        let in_order: Vec<&String> = [manifest, others, tests].concat();
        let read: Vec<_> = in_order.par_iter().map(|name| tree_of(&files, name)).collect();
        let mut layer = Self { sections: Vec::new(), tests: Vec::new(), files, inner };
        let mut first_of = BTreeMap::new();
        let mut whole = true;
        for (name, (tree, found)) in in_order.into_iter().zip(read) {
            sink.extend(found);
            match (tree, name.starts_with(TESTS)) {
                (Ok(Some(tree)), false) => layer.add(tree, &mut first_of, sink),
                (Ok(Some(tree)), true) => layer.tests.push(tree),
                (Ok(None), _) | (Err(Unread), true) => {}
                (Err(Unread), false) => whole = false,
            }
        }
        let mut tables = Vec::new();
        layer.sections.iter().for_each(|section| tables_named(&section.value, &mut tables));
        layer.files.read_tables(&tables);
        whole.then_some(layer)
    }

    fn add(&mut self, tree: Tree, first_of: &mut BTreeMap<String, Place>, sink: &mut Vec<Diagnostic>) {
        let TreeKind::Map(entries) = tree.kind else {
            sink.push(
                Diagnostic::error(Code::WrongShape, "a policy file needs sections here", tree.place)
                    .help("write section names and what is in them: `tiers:` and its list"),
            );
            return;
        };
        for entry in entries {
            match first_of.get(&entry.key) {
                None => {
                    first_of.insert(entry.key.clone(), entry.key_place.clone());
                    self.sections.push(entry);
                }
                Some(first) => {
                    let message = format!("the section `{}` stands in two files", entry.key);
                    sink.push(
                        Diagnostic::error(Code::DuplicateKey, message, entry.key_place)
                            .label("again here")
                            .also(first.clone(), "first here")
                            .help("keep each section in one file"),
                    );
                }
            }
        }
    }
}

/// What is written like the name of a table.
fn tables_named<'t>(tree: &'t Tree, found: &mut Vec<&'t str>) {
    match &tree.kind {
        TreeKind::Scalar(scalar) => found.extend(Some(scalar.text.text.as_str()).filter(|text| is_table(text))),
        TreeKind::List(items) => items.iter().for_each(|item| tables_named(item, found)),
        TreeKind::Map(entries) => entries.iter().for_each(|entry| tables_named(&entry.value, found)),
    }
}

/// A file could not be read to its end; why is among the findings.
struct Unread;

/// What a YAML file holds, when it holds anything; and what is wrong with it.
fn tree_of(files: &Files, name: &str) -> (Result<Option<Tree>, Unread>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let tree = files.get(name, &mut found).and_then(|source| yaml::read(source, &mut found));
    let tree = match tree {
        Some(tree) => Ok(Some(tree).filter(|tree| !tree.is_null())),
        None if found.is_empty() => Ok(None),
        None => Err(Unread),
    };
    (tree, found)
}

fn is_yaml(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| ["yaml", "yml"].contains(&ending.to_ascii_lowercase().as_str()))
}

fn no_manifest(called: &str, names: &[String]) -> Diagnostic {
    let near = names.iter().find(|name| name.to_ascii_lowercase().ends_with("policy.yml") || name.ends_with(MANIFEST));
    let help = match near {
        Some(near) => format!("`{near}` is there: the file must be called `{MANIFEST}` and lie in the folder given"),
        None => format!("write a file `{MANIFEST}` that begins with `usance: 1`"),
    };
    Diagnostic::placeless(Code::UnreadableFile, format!("`{called}` has no file `{MANIFEST}`")).help(help)
}
