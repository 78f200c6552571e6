//! Finding and reading the files below a folder, sorted by name.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::super::yaml::MAX_BYTES;
use super::{MAX_FILES, MAX_TOTAL_BYTES, is_read};
use crate::diag::{Code, Diagnostic};

/// How deep folders may nest.
const MAX_FOLDERS: usize = 16;

/// A file that was found.
pub(super) struct Found {
    /// Relative to the folder, `/` between parts.
    pub(super) name: String,
    pub(super) content: Content,
}

/// What reading it gave.
pub(super) enum Content {
    Bytes(Vec<u8>),
    Outside,
    Unreadable(String),
}

/// All files below a folder that a policy may use. Stops early once the bounds are passed.
pub(super) fn below(dir: &Path, sink: &mut Vec<Diagnostic>) -> Option<Vec<Found>> {
    let root = match fs::canonicalize(dir).and_then(|root| fs::read_dir(&root).map(|_| root)) {
        Ok(root) => root,
        Err(error) => {
            let message = format!("the folder `{}` cannot be opened: {}", dir.display(), plain(&error));
            sink.push(
                Diagnostic::placeless(Code::UnreadableFile, message)
                    .help("give the path of a folder with a `policy.yaml`"),
            );
            return None;
        }
    };
    let mut walk = Walk { root, found: Vec::new(), bytes: 0 };
    walk.folder(&PathBuf::new(), 0);
    walk.found.sort_by(|a, b| a.name.cmp(&b.name));
    Some(walk.found)
}

struct Walk {
    root: PathBuf,
    found: Vec<Found>,
    bytes: usize,
}

impl Walk {
    fn folder(&mut self, below: &Path, depth: usize) {
        let Ok(listing) = fs::read_dir(self.root.join(below)) else {
            self.keep(below, Content::Unreadable("the folder cannot be opened".to_owned()));
            return;
        };
        let mut names: Vec<_> = listing.filter_map(Result::ok).map(|entry| entry.file_name()).collect();
        names.sort();
        for name in names {
            if name.to_string_lossy().starts_with('.') || self.is_full() {
                continue;
            }
            self.entry(&below.join(name), depth);
        }
    }

    fn entry(&mut self, path: &Path, depth: usize) {
        let full = self.root.join(path);
        let Ok(kind) = fs::symlink_metadata(&full).map(|data| data.file_type()) else { return };
        if kind.is_dir() {
            if depth < MAX_FOLDERS {
                self.folder(path, depth + 1);
            }
            return;
        }
        if !is_read(&path.to_string_lossy()) {
            return;
        }
        let content = match fs::canonicalize(&full) {
            Ok(target) if !target.starts_with(&self.root) => Content::Outside,
            Ok(target) if target.is_file() => self.read(&target),
            Ok(_) => return,
            Err(error) => Content::Unreadable(plain(&error)),
        };
        self.keep(path, content);
    }

    /// One byte more than a file may have is enough to refuse it later.
    fn read(&mut self, path: &Path) -> Content {
        let mut bytes = Vec::new();
        let most = u64::try_from(MAX_BYTES).map_or(u64::MAX, |most| most.saturating_mul(4));
        match fs::File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)) {
            Ok(length) if length as u64 > most => Content::Unreadable("it is larger than 16 MiB".to_owned()),
            Ok(length) => {
                self.bytes = self.bytes.saturating_add(length);
                Content::Bytes(bytes)
            }
            Err(error) => Content::Unreadable(plain(&error)),
        }
    }

    fn keep(&mut self, path: &Path, content: Content) {
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        self.found.push(Found { name: parts.join("/"), content });
    }

    fn is_full(&self) -> bool {
        self.found.len() > MAX_FILES || self.bytes > MAX_TOTAL_BYTES
    }
}

/// The reason in words that are the same on every system.
fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "it does not exist".to_owned(),
        io::ErrorKind::PermissionDenied => "reading it is not allowed".to_owned(),
        io::ErrorKind::NotADirectory => "it is a file, not a folder".to_owned(),
        _ => "the system refuses".to_owned(),
    }
}
