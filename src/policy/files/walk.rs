//! Finding the files below a folder, sorted by name: names and stamps, no contents.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use super::{MAX_FILES, MAX_TOTAL_BYTES, is_read};
use crate::diag::{Code, Diagnostic};

/// How deep folders may nest.
const MAX_FOLDERS: usize = 16;

/// What a folder holds, as its file system lists it. Two listings that are equal with a read between them: nothing
/// changed meanwhile, as far as the file system's stamps can tell.
#[derive(Debug, PartialEq, Eq)]
pub struct Listing {
    /// The folder itself, links resolved.
    pub root: PathBuf,
    /// Every folder below that was looked into, the root first, and the folders that linked files lie in.
    pub folders: BTreeSet<PathBuf>,
    /// The files a policy may use, by name.
    pub files: Vec<Listed>,
}

/// A file that was found.
#[derive(Debug, PartialEq, Eq)]
pub struct Listed {
    /// Relative to the folder, `/` between parts.
    pub name: String,
    /// What it is.
    pub kind: ListedKind,
}

/// What a name stands for.
#[derive(Debug, PartialEq, Eq)]
pub enum ListedKind {
    /// A file to read: where it really lies, and its stamp.
    File(PathBuf, Stamp),
    /// A link out of the folder.
    Outside,
    /// It cannot be opened; why, in words.
    Unreadable(String),
}

/// What a file system says of a file beside its contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device, number, and the time of the last change of either contents or name; where the system has them.
    identity: (u64, u64, i64, i64),
}

impl Stamp {
    /// The stamp of what a path leads to; `None` where it leads nowhere.
    pub fn of(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().map(|data| Self::from_metadata(&data))
    }

    fn from_metadata(data: &fs::Metadata) -> Self {
        Self { length: data.len(), modified: data.modified().ok(), identity: identity(data) }
    }
}

#[cfg(unix)]
fn identity(data: &fs::Metadata) -> (u64, u64, i64, i64) {
    use std::os::unix::fs::MetadataExt as _;
    (data.dev(), data.ino(), data.ctime(), data.ctime_nsec())
}

#[cfg(not(unix))]
fn identity(_: &fs::Metadata) -> (u64, u64, i64, i64) {
    (0, 0, 0, 0)
}

impl Listing {
    /// Lists the files below a folder that a policy may use. Stops early once the bounds are passed.
    ///
    /// # Errors
    ///
    /// When the folder cannot be opened.
    pub fn of(dir: &Path) -> Result<Self, Box<Diagnostic>> {
        let opened = fs::canonicalize(dir).and_then(|root| fs::read_dir(&root).map(|_| root));
        let root = opened.map_err(|error| {
            let message = format!("the folder `{}` cannot be opened: {}", dir.display(), plain(&error));
            Diagnostic::placeless(Code::UnreadableFile, message).help("give the path of a folder with a `policy.yaml`")
        })?;
        let listing = Self { root, folders: BTreeSet::new(), files: Vec::new() };
        let mut walk = Walk { listing, bytes: 0 };
        walk.folder(&PathBuf::new(), 0);
        walk.listing.files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(walk.listing)
    }
}

struct Walk {
    listing: Listing,
    bytes: u64,
}

impl Walk {
    fn folder(&mut self, below: &Path, depth: usize) {
        let full = self.listing.root.join(below);
        let Ok(entries) = fs::read_dir(&full) else {
            self.keep(below, ListedKind::Unreadable("the folder cannot be opened".to_owned()));
            return;
        };
        self.listing.folders.insert(fs::canonicalize(&full).unwrap_or(full));
        let mut names: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.file_name()).collect();
        names.sort();
        for name in names {
            if is_hidden(&name.to_string_lossy()) || self.is_full() {
                continue;
            }
            self.entry(&below.join(name), depth);
        }
    }

    fn entry(&mut self, path: &Path, depth: usize) {
        let full = self.listing.root.join(path);
        let Ok(kind) = fs::symlink_metadata(&full).map(|data| data.file_type()) else { return };
        if kind.is_dir() || kind.is_symlink() && depth == 0 && self.is_mounted(&full) {
            if depth < MAX_FOLDERS {
                self.folder(path, depth + 1);
            }
            return;
        }
        if !is_read(&path.to_string_lossy()) {
            return;
        }
        let target = fs::canonicalize(&full).and_then(|target| fs::metadata(&target).map(|data| (target, data)));
        let kind = match target {
            Ok((target, _)) if !target.starts_with(&self.listing.root) => ListedKind::Outside,
            Ok((target, data)) if data.is_file() => {
                self.bytes = self.bytes.saturating_add(data.len());
                self.listing.folders.extend(target.parent().map(Path::to_owned));
                ListedKind::File(target, Stamp::from_metadata(&data))
            }
            Ok(_) => return,
            Err(error) => ListedKind::Unreadable(plain(&error)),
        };
        self.keep(path, kind);
    }

    /// Whether a link stands for a folder that cannot be seen itself: `tests -> ..data/tests`, as Kubernetes mounts it. Any
    /// other folder is read where it lies, or not at all.
    fn is_mounted(&self, link: &Path) -> bool {
        let written = fs::read_link(link).unwrap_or_default();
        let through = written.components().find_map(|part| match part {
            Component::Normal(name) => Some(is_hidden(&name.to_string_lossy())),
            _ => None,
        });
        let inside = |target: PathBuf| target.starts_with(&self.listing.root) && target != self.listing.root;
        through == Some(true) && fs::canonicalize(link).is_ok_and(|target| target.is_dir() && inside(target))
    }

    fn keep(&mut self, path: &Path, kind: ListedKind) {
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        self.listing.files.push(Listed { name: parts.join("/"), kind });
    }

    fn is_full(&self) -> bool {
        self.listing.files.len() > MAX_FILES || self.bytes > MAX_TOTAL_BYTES as u64
    }
}

/// Hidden files and folders are nobody's policy.
pub(super) fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
}

/// The reason in words that are the same on every system.
pub(super) fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "reading it is not allowed".to_owned(),
        io::ErrorKind::NotADirectory => "it is a file, not a folder".to_owned(),
        _ => "the system refuses".to_owned(),
    }
}
