//! A policy that extends others: which ones, where they are found, and what is written over them.

mod merge;
mod overrides;

use std::collections::BTreeMap;
use std::fmt::Write as _;

pub use overrides::{Override, Written, listing, to_json};

use super::files::{Beside, Files};
use super::folder::{Folder, Layer};
use super::read;
use super::tree::{Entry, Tree};
use crate::diag::{Code, Diagnostic, nearest};
use crate::start;

/// How many policies may follow one another.
const DEEPEST: usize = 8;
/// How many policies one may rest on in all.
const MOST: usize = 32;
/// What every policy says of itself alone.
const OWN: [&str; 5] = ["usance", "policy", "version", "title", "extends"];

/// A policy that is extended.
#[derive(Debug)]
pub struct Base {
    /// The name it is asked for by.
    pub name: String,
    /// Its id.
    pub policy: String,
    /// Its version.
    pub version: String,
    /// Where it was found.
    pub origin: Origin,
    /// The name of the texts it was read from.
    pub digest: String,
    /// Its tests.
    pub tests: Vec<Tree>,
    pub(super) files: Files,
}

/// Where a policy to extend was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In `extends/` of a policy that extends it.
    Within,
    /// In the folder of policies that the caller named.
    Beside,
    /// It ships with the program.
    Shipped,
}

/// Puts a policy and all that it extends together.
pub(super) fn compose(own: Layer, mut beside: Beside, sink: &mut Vec<Diagnostic>) -> Option<Folder> {
    let before = sink.len();
    sink.extend(beside.trouble());
    let offered: Vec<String> = beside.offered().map(str::to_owned).collect();
    let mut search = Search { beside: beside.into_files(), offered, path: Vec::new(), found: Vec::new(), sink };
    search.all_of(&own);
    let found = search.found;
    if sink.len() > before {
        return None;
    }
    for name in own.inner.keys().filter(|name| found.iter().all(|(known, ..)| known != *name)) {
        let message = format!("nothing extends `{name}`, which lies in `extends/`");
        let help = format!("write `extends: {name}` in `policy.yaml`, or take the folder out");
        sink.push(Diagnostic::placeless(Code::NoBase, message).as_warning().help(help));
    }
    let Layer { mut sections, tests, files, .. } = own;
    if found.is_empty() {
        return Some(Folder { sections, tests, files, bases: Vec::new(), overrides: Vec::new() });
    }
    let mut header: Vec<Entry> = Vec::new();
    sections.retain(|entry| {
        let is_own = OWN.contains(&entry.key.as_str());
        header.extend(is_own.then(|| entry.clone()));
        !is_own
    });
    let (mut merged, mut overrides, mut bases) = (Vec::new(), Vec::new(), Vec::new());
    let language = |sections: &[Entry]| sections.iter().find(|entry| entry.key == "usance").map(|e| e.value.clone());
    let spoken = language(&header);
    for (name, origin, layer) in found {
        if let (Some(own), Some(base)) = (&spoken, language(&layer.sections))
            && own.text() != base.text()
        {
            let message = format!("`{name}` is written in another version of the language");
            let finding = Diagnostic::error(Code::UnknownValue, message, base.place);
            sink.push(finding.also(own.place.clone(), "the policy that extends it"));
        }
        let said = |key: &str| {
            let entry = layer.sections.iter().find(|entry| entry.key == key);
            entry.and_then(|entry| entry.value.text()).unwrap_or_default().to_owned()
        };
        let base = Base {
            policy: said("policy"),
            version: said("version"),
            origin,
            digest: layer.files.digest(),
            tests: layer.tests,
            files: layer.files,
            name,
        };
        let sections = layer.sections.into_iter().filter(|entry| !OWN.contains(&entry.key.as_str())).collect();
        merged = merge::sections(merged, sections, &base.name, &mut overrides, sink);
        bases.push(base);
    }
    merged = merge::sections(merged, sections, "", &mut overrides, sink);
    header.retain(|entry| entry.key != "extends");
    header.extend(merged);
    Some(Folder { sections: header, tests, files, bases, overrides })
}

/// The way down from a policy to what it extends.
struct Search<'s> {
    beside: BTreeMap<String, Result<Files, Box<Diagnostic>>>,
    offered: Vec<String>,
    /// The policies on the way: which one each is, and what lies within it.
    path: Vec<Step>,
    /// What was found, those that others rest on first, each once.
    found: Vec<(String, Origin, Layer)>,
    sink: &'s mut Vec<Diagnostic>,
}

struct Step {
    name: String,
    inner: BTreeMap<String, Files>,
}

impl Search<'_> {
    fn all_of(&mut self, layer: &Layer) {
        let Some(entry) = layer.sections.iter().find(|entry| entry.key == "extends") else { return };
        if !entry.key_place.source.name.ends_with("policy.yaml") {
            let message = "`extends` stands outside `policy.yaml`";
            let finding = Diagnostic::error(Code::WrongShape, message, entry.key_place.clone());
            self.sink.push(finding.help("write it in `policy.yaml`, beside `policy:` and `version:`"));
            return;
        }
        let inner = layer.inner.clone();
        self.path.push(Step { name: String::new(), inner });
        for written in read::list_or_one(&entry.value) {
            self.one(written);
        }
        self.path.pop();
    }

    fn one(&mut self, written: &Tree) {
        let Some(name) = read::text(written, self.sink).map(|text| text.text.clone()) else { return };
        let report = |code, message: String| Diagnostic::error(code, message, written.place.clone());
        let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        if name.starts_with('.') || !name.chars().all(is_plain) {
            let finding =
                report(Code::OutsideFolder, format!("`{name}` is a path, and a policy is extended by its name"));
            let help = "write the name of its folder alone; a folder of your own goes into `extends/` here, or beside \
                        the others in the folder that `--policies` names";
            self.sink.push(finding.help(help));
            return;
        }
        if let Some(from) = self.path.iter().position(|step| step.name == name) {
            let names = self.path.iter().skip(from).map(|step| step.name.as_str());
            let circle: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
            let message = format!("`{name}` extends itself: {} → {name}", circle.join(" → "));
            self.sink.push(report(Code::Circle, message).help("take one of the `extends:` on the way out"));
            return;
        }
        if self.path.len() > DEEPEST || self.found.len() >= MOST {
            let message =
                format!("`{name}` is the end of a chain of more than {DEEPEST} policies that extend one another");
            let message =
                if self.path.len() > DEEPEST { message } else { format!("a policy rests on more than {MOST}") };
            self.sink.push(report(Code::TooLarge, message).help("extend fewer policies"));
            return;
        }
        if self.found.iter().any(|(known, ..)| *known == name) {
            return;
        }
        let Some((origin, files)) = self.files(&name, written) else { return };
        let Some(layer) = Layer::read(files, &name, self.sink) else { return };
        // Its own bases stand before it; what lies within it is looked through first.
        if let Some(step) = self.path.last_mut() {
            step.name.clone_from(&name);
        }
        self.all_of(&layer);
        if let Some(step) = self.path.last_mut() {
            step.name.clear();
        }
        self.found.push((name, origin, layer));
    }

    fn files(&mut self, name: &str, written: &Tree) -> Option<(Origin, Files)> {
        if let Some(files) = self.path.iter().rev().find_map(|step| step.inner.get(name)) {
            return Some((Origin::Within, files.clone()));
        }
        match self.beside.get(name) {
            Some(Ok(files)) => return Some((Origin::Beside, files.clone())),
            Some(Err(finding)) => {
                let mut finding = (**finding).clone();
                finding.place.get_or_insert_with(|| written.place.clone());
                self.sink.push(finding);
                return None;
            }
            None => {}
        }
        if let Some(pack) = start::pack(name) {
            return Some((Origin::Shipped, Files::shipped(name, pack.files)));
        }
        self.sink.push(self.unknown(name, written));
        None
    }

    fn unknown(&self, name: &str, written: &Tree) -> Diagnostic {
        let within: Vec<&str> = self.path.iter().flat_map(|step| step.inner.keys()).map(String::as_str).collect();
        let beside: Vec<&str> = self.offered.iter().map(String::as_str).collect();
        let shipped: Vec<&str> = start::PACKS.iter().map(|pack| pack.name).collect();
        let mut help = String::new();
        if let Some(near) = nearest(name, within.iter().chain(&beside).chain(&shipped).copied()) {
            let _ = write!(help, "did you mean `{near}`? ");
        }
        let mut parts = Vec::new();
        for (where_to, names) in [("`extends/`", within), ("the folder of policies", beside), ("what ships", shipped)] {
            if !names.is_empty() {
                parts.push(format!(
                    "{where_to} has {}",
                    names.iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
                ));
            }
        }
        let _ = write!(help, "{}", parts.join("; "));
        let message = format!("there is no policy `{name}` to extend");
        Diagnostic::error(Code::NoBase, message, written.place.clone()).help(help)
    }
}
