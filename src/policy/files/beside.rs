//! The policies of a folder that the caller names, as far as a policy extends them.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::snapshot::{Content, Found, read_files};
use super::{Files, is_policy_file};
use crate::diag::{Code, Diagnostic, Source};
use crate::policy::{encoding, read, yaml};

/// Policies that lie side by side, by the names of their folders.
#[derive(Debug, Default)]
pub(in crate::policy) struct Beside {
    /// Those that are needed; or why one cannot be read.
    pub(super) policies: BTreeMap<String, Result<Vec<Found>, Box<Diagnostic>>>,
    /// Everything that could be asked for.
    offered: Vec<String>,
    /// Why the folder of policies cannot be opened.
    trouble: Option<Box<Diagnostic>>,
}

impl Beside {
    /// Reads what these files extend, and what that extends in turn.
    pub(super) fn read(own: &[Found], folder: &Path) -> Self {
        let Ok(entries) = fs::read_dir(folder) else {
            let message = format!("the folder of policies `{}` cannot be opened", folder.display());
            let finding = Diagnostic::placeless(Code::UnreadableFile, message);
            return Self {
                trouble: Some(Box::new(finding.help("give a folder of policy folders"))),
                ..Self::default()
            };
        };
        let is_policy = |name: &String| folder.join(name).join("policy.yaml").is_file();
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut offered: Vec<String> = names.filter(is_policy).collect();
        offered.sort();
        let mut beside = Self { offered, ..Self::default() };
        let mut wanted = extended_by(own);
        while let Some(name) = wanted.pop() {
            if beside.policies.contains_key(&name) || !beside.offered.contains(&name) {
                continue;
            }
            let files = read_inside(folder, &name);
            wanted.extend(files.iter().flat_map(|files| extended_by(files)));
            beside.policies.insert(name, files);
        }
        beside
    }

    /// The names of the policies there are.
    pub(in crate::policy) fn offered(&self) -> impl Iterator<Item = &str> {
        self.offered.iter().map(String::as_str)
    }

    /// Why the folder of policies cannot be opened.
    pub(in crate::policy) fn trouble(&mut self) -> Option<Diagnostic> {
        self.trouble.take().map(|finding| *finding)
    }

    /// The policies themselves, each shown below its name.
    pub(in crate::policy) fn into_files(self) -> BTreeMap<String, Result<Files, Box<Diagnostic>>> {
        let shown = |name: &str, found| Files::below(&format!("{name}/"), found);
        self.policies.into_iter().map(|(name, found)| (name.clone(), found.map(|found| shown(&name, found)))).collect()
    }
}

/// A folder of a folder; a link that leads out of it is refused.
fn read_inside(folder: &Path, name: &str) -> Result<Vec<Found>, Box<Diagnostic>> {
    let dir = folder.join(name);
    if let (Ok(root), Ok(target)) = (fs::canonicalize(folder), fs::canonicalize(&dir))
        && !target.starts_with(&root)
    {
        let message = format!("`{name}` is a link that leads out of the folder of policies");
        let finding = Diagnostic::placeless(Code::OutsideFolder, message);
        return Err(Box::new(finding.help("put a copy of the policy into the folder")));
    }
    read_files(&dir)
}

/// The names that the policies among these files extend; what is wrong with them is found when they are read.
fn extended_by(files: &[Found]) -> Vec<String> {
    let manifests = files.iter().filter(|found| found.name == "policy.yaml" || found.name.ends_with("/policy.yaml"));
    let mut names = Vec::new();
    for found in manifests.filter(|found| is_policy_file(&found.name)) {
        let Content::Bytes(bytes) = &found.content else { continue };
        let Ok(text) = encoding::decode(&found.name, bytes.clone()) else { continue };
        // Most extend nothing, and need not be read twice; a key may be written with escapes.
        if !text.contains("extends") && !text.contains('\\') {
            continue;
        }
        let tree = yaml::read(&Source::new(&found.name, text), &mut Vec::new());
        let entry = tree.as_ref().and_then(|tree| tree.get("extends"));
        let written = entry.map_or(&[][..], |entry| read::list_or_one(&entry.value));
        names.extend(written.iter().filter_map(|name| name.text().map(str::to_owned)));
    }
    names
}
