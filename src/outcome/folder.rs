//! A folder that appears complete or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file that says a folder was written by a run.
pub(super) const MANIFEST: &str = "run.json";

/// A folder being written, under another name beside its own. Dropped unfinished, it leaves nothing behind.
#[derive(Debug)]
pub struct Folder {
    target: PathBuf,
    working: PathBuf,
}

/// Why a folder cannot be written.
#[derive(Debug)]
pub enum Refused {
    /// It holds something that no run wrote.
    NotOurs(PathBuf),
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
        if !may_replace(&target) {
            return Err(Refused::NotOurs(target));
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

/// Nothing, an empty folder, or the folder of an earlier run.
fn may_replace(target: &Path) -> bool {
    if !target.exists() {
        return true;
    }
    let empty = fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
    empty || is_ours(target)
}

fn is_ours(target: &Path) -> bool {
    let Ok(text) = fs::read_to_string(target.join(MANIFEST)) else { return false };
    serde_json::from_str::<serde_json::Value>(&text).is_ok_and(|json| json.get("usance").is_some())
}

/// A hidden name beside the target that no other run uses at the same time.
fn beside(target: &Path, what: &str) -> PathBuf {
    let name = target.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    target.with_file_name(format!(".{name}.{what}-{}", std::process::id()))
}
