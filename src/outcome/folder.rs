//! A folder that appears complete or not at all.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use super::Format;

/// The file that says a folder was written by a run.
pub const MANIFEST: &str = "run.json";
/// The file that a later run begins from, with `--since`.
pub const INDEX: &str = "run.index";
/// The page that `usance report` puts beside the tables.
pub const REPORT: &str = "report.html";
/// What every such page has near its beginning.
pub const REPORT_MARK: &str = "<meta name=\"generator\" content=\"usance report\">";

/// A folder being written, under another name beside its own. Dropped unfinished, it leaves nothing behind.
#[derive(Debug)]
pub struct Folder {
    target: PathBuf,
    working: PathBuf,
}

/// Why a folder cannot be written.
#[derive(Debug)]
pub enum Refused {
    /// It holds something that no run wrote, or is no folder.
    NotOurs(String),
    /// The file system says no.
    Io(PathBuf, io::Error),
}

impl Folder {
    /// Begins a folder. What stands there is kept until the new one is complete.
    ///
    /// # Errors
    ///
    /// When something else stands there, or nothing can be written beside it.
    pub fn begin(target: &Path) -> Result<Self, Refused> {
        let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
        if let Some(name) = in_the_way(&target) {
            return Err(Refused::NotOurs(name));
        }
        let working = beside(&target, "partial");
        let begin = || {
            if let Some(parent) = target.parent().filter(|p| !p.as_os_str().is_empty()) {
                fs::create_dir_all(parent)?;
            }
            if working.exists() {
                fs::remove_dir_all(&working)?;
            }
            fs::create_dir(&working)
        };
        begin().map_err(|error| Refused::Io(target.clone(), error))?;
        Ok(Self { target, working })
    }

    /// Where to write meanwhile.
    pub fn path(&self) -> &Path {
        &self.working
    }

    /// Where files may lie meanwhile that are none of the folder's.
    pub fn aside(&self) -> &Path {
        self.working.parent().filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// Puts the folder in its place, and what stood there away.
    ///
    /// # Errors
    ///
    /// When it cannot be moved; then what stood there stands there still.
    pub fn finish(self) -> Result<(), Refused> {
        self.put().map_err(|error| Refused::Io(self.target.clone(), error))
    }

    fn put(&self) -> io::Result<()> {
        fs::File::open(&self.working)?.sync_all()?;
        if !self.target.exists() {
            return fs::rename(&self.working, &self.target);
        }
        let old = beside(&self.target, "old");
        if old.exists() {
            fs::remove_dir_all(&old)?;
        }
        fs::rename(&self.target, &old)?;
        if let Err(error) = fs::rename(&self.working, &self.target) {
            fs::rename(&old, &self.target)?;
            return Err(error);
        }
        fs::remove_dir_all(&old)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Gone already when it was put in its place.
        let _ = fs::remove_dir_all(&self.working);
    }
}

/// What keeps a folder from being replaced: something in it that no run wrote.
fn in_the_way(target: &Path) -> Option<String> {
    let shown = || target.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    if !target.exists() {
        return None;
    }
    let Ok(entries) = fs::read_dir(target) else { return Some(shown()) };
    let written = written(target);
    let names = entries.filter_map(Result::ok).map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| !name.starts_with('.') && !written.contains(name)).min()
}

/// The files that the run that wrote a folder put into it; none where no run did.
fn written(target: &Path) -> Vec<String> {
    let text = fs::read_to_string(target.join(MANIFEST)).unwrap_or_default();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    if json.get("usance").is_none() {
        return Vec::new();
    }
    let tables = json.get("counts").and_then(|counts| counts.as_object()).into_iter().flatten();
    let report = is_report(&target.join(REPORT)).then(|| REPORT.to_string());
    // Before there was a choice, every run wrote CSV.
    let format = json.get("format").and_then(|format| format.as_str()).unwrap_or(Format::Csv.name());
    tables.map(|(table, _)| format!("{table}.{format}")).chain([MANIFEST.into(), INDEX.into()]).chain(report).collect()
}

/// Whether a file is a page that `usance report` wrote.
pub fn is_report(path: &Path) -> bool {
    let mut head = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(1024).read_to_end(&mut head));
    read.is_ok() && String::from_utf8_lossy(&head).contains(REPORT_MARK)
}

/// A hidden name beside the target that no other run uses at the same time.
fn beside(target: &Path, what: &str) -> PathBuf {
    let name = target.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    target.with_file_name(format!(".{name}.{what}-{}", std::process::id()))
}
