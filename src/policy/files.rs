//! The files of a folder, all read in one pass, from disk or from memory.

mod beside;
mod snapshot;
mod walk;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

pub(super) use beside::Beside;
pub use snapshot::Snapshot;
pub use walk::{Listed, ListedKind, Listing, Stamp};

use super::encoding;
use super::read;
use super::table::Table;
use super::tree::Tree;
use crate::diag::{Code, Diagnostic, Source, nearest};
use crate::hex::hex;
use snapshot::{Content, Found};

/// The most files a folder may hold.
pub const MAX_FILES: usize = 2_000;
/// The most bytes all of its files may have together.
pub const MAX_TOTAL_BYTES: usize = 64 * 1024 * 1024;
/// The endings of the files that are read.
const ENDINGS: &[&str] = &["yaml", "yml", "csv", "tsv", "rhai"];

/// Every YAML, CSV and script file below a folder, by its name relative to it, with `/` between parts.
#[derive(Clone, Debug, Default)]
pub struct Files {
    files: BTreeMap<String, File>,
}

#[derive(Clone, Debug)]
enum File {
    /// Its text; and as a table, once it was read as one.
    Text(Arc<Source>, Arc<OnceLock<Table>>),
    /// It is there and cannot be used: code, message and help.
    Unusable(Code, String, String),
}

impl Files {
    /// The files of a folder that was read. Hidden files and files of other kinds are left alone; links out of the folder are
    /// not followed. `None` when the folder cannot be read or is beyond the bounds.
    pub fn of(snapshot: Snapshot, sink: &mut Vec<Diagnostic>) -> Option<Self> {
        let found = match snapshot.files {
            Ok(found) => found,
            Err(finding) => {
                sink.push(*finding);
                return None;
            }
        };
        Self::below("", found).within_bounds(&snapshot.called, sink)
    }

    /// Files that were found, under names that are shown with `prefix` before them.
    fn below(prefix: &str, found: Vec<Found>) -> Self {
        let files = found.into_iter().map(|found| {
            let shown = format!("{prefix}{}", found.name);
            let file = match found.content {
                Content::Bytes(bytes) => File::from_bytes(&shown, bytes),
                Content::Outside => File::Unusable(
                    Code::OutsideFolder,
                    format!("`{shown}` is a link that leads out of the folder"),
                    "put a copy of the file into the folder".to_owned(),
                ),
                Content::Unreadable(error) => File::Unusable(
                    Code::UnreadableFile,
                    format!("`{shown}` cannot be read: {error}"),
                    "check that the file may be read and that its disk is in order".to_owned(),
                ),
            };
            (found.name, file)
        });
        Self { files: files.collect() }
    }

    /// The files of a policy that ships with the program, shown below its name.
    pub(super) fn shipped(name: &str, texts: &[(&str, &str)]) -> Self {
        let used = texts.iter().filter(|(name, _)| is_policy_file(name));
        let files = used.map(|(file, text)| {
            let source = Source::new(format!("{name}/{file}"), (*text).to_owned());
            ((*file).to_owned(), File::of(source))
        });
        Self { files: files.collect() }
    }

    /// Takes out the files below a folder of this one, by the names of its folders; they keep the names they are shown by.
    pub(super) fn take_below(&mut self, folder: &str) -> BTreeMap<String, Self> {
        let mut taken: BTreeMap<String, Self> = BTreeMap::new();
        let prefix = format!("{folder}/");
        let names: Vec<String> = self.files.keys().filter(|name| name.starts_with(&prefix)).cloned().collect();
        for name in names {
            let Some((first, rest)) = name.strip_prefix(&prefix).and_then(|rest| rest.split_once('/')) else {
                continue;
            };
            if let Some(file) = self.files.remove(&name) {
                taken.entry(first.to_owned()).or_default().files.insert(rest.to_owned(), file);
            }
        }
        taken
    }

    /// Whether a text was read from one of these files.
    pub(super) fn holds(&self, source: &Arc<Source>) -> bool {
        self.sources().any(|known| Arc::ptr_eq(known, source))
    }

    /// The name of these texts under these file names.
    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for (name, file) in &self.files {
            let File::Text(source, _) = file else { continue };
            for part in [name, &source.text] {
                hash.update((part.len() as u64).to_be_bytes());
                hash.update(part);
            }
        }
        hex(&hash.finalize())
    }

    fn within_bounds(self, called: &str, sink: &mut Vec<Diagnostic>) -> Option<Self> {
        let bytes = self.sources().map(|source| source.text.len()).fold(0, usize::saturating_add);
        if bytes <= MAX_TOTAL_BYTES && self.files.len() <= MAX_FILES {
            return Some(self);
        }
        sink.push(
            Diagnostic::placeless(Code::TooLarge, format!("`{called}` holds more than a policy may"))
                .help("at most 2000 files and 64 MiB are read; point at the policy's own folder"),
        );
        None
    }

    /// The names of all files, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Every file that could be read, by name; for a fingerprint of the whole.
    pub fn sources(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.files.values().filter_map(|file| match file {
            File::Text(source, _) => Some(source),
            File::Unusable(..) => None,
        })
    }

    /// A file by its exact name. Why one that is there cannot be used goes to `sink`, without a place.
    pub fn get(&self, name: &str, sink: &mut Vec<Diagnostic>) -> Option<&Arc<Source>> {
        match self.files.get(name)? {
            File::Text(source, _) => Some(source),
            File::Unusable(code, message, help) => {
                sink.push(Diagnostic::placeless(*code, message.clone()).help(help.clone()));
                None
            }
        }
    }

    /// The file that a policy names, such as `tables/terms.csv`; names are relative to the folder, wherever they are written.
    pub fn named(&self, path: &Tree, sink: &mut Vec<Diagnostic>) -> Option<&Arc<Source>> {
        self.text_named(path, sink).map(|(source, _)| source)
    }

    /// The rows of the table that a policy names. What is wrong with it is told wherever it is named.
    pub(super) fn rows(&self, path: &Tree, sink: &mut Vec<Diagnostic>) -> Option<&[Tree]> {
        let (source, table) = self.text_named(path, sink)?;
        let table = table.get_or_init(|| Table::read(source));
        sink.extend(table.found.iter().cloned());
        table.rows.as_deref()
    }

    /// Reads the tables of these names, those that are there, side by side.
    pub(super) fn read_tables(&self, names: &[&str]) {
        let named: Vec<&File> = names.iter().filter_map(|name| self.files.get(*name)).collect();
        named.into_par_iter().for_each(|file| {
            if let File::Text(source, table) = file {
                table.get_or_init(|| Table::read(source));
            }
        });
    }

    fn text_named(&self, path: &Tree, sink: &mut Vec<Diagnostic>) -> Option<(&Arc<Source>, &OnceLock<Table>)> {
        let written = read::text(path, sink)?.text.as_str();
        let report = |code, message: String| Diagnostic::error(code, message, path.place.clone());
        if leads_outside(written) {
            let finding = report(Code::OutsideFolder, format!("`{written}` leads out of the policy folder"));
            sink.push(finding.help("write a path inside the folder, relative to it: `tables/terms.csv`"));
            return None;
        }
        let plain = written.replace('\\', "/");
        let name = plain.split('/').filter(|part| !part.is_empty() && *part != ".").collect::<Vec<_>>().join("/");
        match self.files.get(&name) {
            Some(File::Text(source, table)) if !written.contains('\\') => return Some((source, table)),
            Some(File::Text(..)) => {
                let finding = report(Code::UnreadableFile, format!("`{written}` has a `\\` between its parts"));
                sink.push(finding.help(format!("write `{name}`")));
            }
            Some(File::Unusable(code, message, help)) => sink.push(report(*code, message.clone()).help(help.clone())),
            None => {
                let finding = report(Code::UnreadableFile, format!("there is no file `{name}` in this folder"));
                sink.push(finding.help(self.instead_of(&name)));
            }
        }
        None
    }

    fn instead_of(&self, name: &str) -> String {
        let last = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
        let same_end = self.names().find(|known| last(known).eq_ignore_ascii_case(&last(name)));
        if let Some(near) = same_end.or_else(|| nearest(name, self.names())) {
            return format!("did you mean `{near}`?");
        }
        if !is_read(name) {
            return "only `.csv`, `.tsv`, `.rhai` and `.yaml` files are read; save a spreadsheet as `CSV UTF-8`"
                .to_owned();
        }
        "put it there, or correct the name".to_owned()
    }
}

impl File {
    fn of(source: Arc<Source>) -> Self {
        Self::Text(source, Arc::default())
    }

    fn from_bytes(name: &str, bytes: Vec<u8>) -> Self {
        match encoding::decode(name, bytes) {
            Ok(text) => Self::of(Source::new(name, text)),
            Err((message, help)) => Self::Unusable(Code::UnreadableFile, message, help),
        }
    }
}

fn is_read(name: &str) -> bool {
    ends_in(name, ENDINGS)
}

/// Whether a text is written like the name of a table.
pub(super) fn is_table(name: &str) -> bool {
    ends_in(name, &["csv", "tsv"])
}

fn ends_in(name: &str, endings: &[&str]) -> bool {
    name.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending.to_ascii_lowercase().as_str()))
}

/// Whether a file of this name, relative to a policy's folder, is read: of a kind a policy may use, and not hidden.
pub fn is_policy_file(name: &str) -> bool {
    is_read(name) && !name.split('/').any(walk::is_hidden)
}

/// Absolute on any system, or with a step up.
fn leads_outside(path: &str) -> bool {
    let drive = path.as_bytes().get(1) == Some(&b':');
    drive || path.starts_with(['/', '\\', '~']) || path.split(['/', '\\']).any(|part| part == "..")
}
