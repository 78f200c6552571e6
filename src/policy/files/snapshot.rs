//! The files of a folder, their bytes in memory: what is checked is what is used, whatever happens on disk meanwhile.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::super::yaml::MAX_BYTES;
use super::beside::Beside;
use super::walk::{ListedKind, Listing, plain};
use super::{MAX_TOTAL_BYTES, is_policy_file};
use crate::diag::Diagnostic;
use crate::hex::hex;

/// The files of a policy folder as they were read.
#[derive(Debug)]
pub struct Snapshot {
    /// What the folder is called.
    pub(super) called: String,
    /// Its files; or why it cannot be opened.
    pub(super) files: Result<Vec<Found>, Box<Diagnostic>>,
    /// The policies beside it that it extends.
    pub(super) beside: Beside,
}

/// A file that was found.
#[derive(Debug)]
pub(super) struct Found {
    /// Relative to the folder, `/` between parts.
    pub(super) name: String,
    pub(super) content: Content,
}

/// What reading it gave.
#[derive(Debug)]
pub(super) enum Content {
    Bytes(Vec<u8>),
    Outside,
    Unreadable(String),
}

impl Snapshot {
    /// Reads a folder once, file after file. Whether it changed meanwhile is for the caller to know.
    pub fn read(dir: &Path) -> Self {
        Self::read_beside(dir, None)
    }

    /// The same, together with the policies of another folder that it extends, by the names of their folders.
    pub fn read_beside(dir: &Path, policies: Option<&Path>) -> Self {
        let files = read_files(dir);
        let beside = match (&files, policies) {
            (Ok(files), Some(policies)) => Beside::read(files, policies),
            _ => Beside::default(),
        };
        Self::new(dir.display().to_string(), files, beside)
    }

    /// The same from texts in memory, by name; for tests and for programs that keep policies elsewhere.
    pub fn from_memory(texts: BTreeMap<String, String>) -> Self {
        let used = texts.into_iter().filter(|(name, _)| is_policy_file(name));
        let files = used.map(|(name, text)| Found { name, content: Content::Bytes(text.into_bytes()) });
        Self::new("the policy".to_owned(), Ok(files.collect()), Beside::default())
    }

    fn new(called: String, files: Result<Vec<Found>, Box<Diagnostic>>, beside: Beside) -> Self {
        Self { called, files, beside }
    }

    /// The policies beside it, for whoever reads on.
    pub(in crate::policy) fn take_beside(&mut self) -> Beside {
        std::mem::take(&mut self.beside)
    }

    /// What the folder is called in messages.
    pub fn called(&self) -> &str {
        &self.called
    }

    /// The name of these bytes under these file names: equal for equal folders, wherever they lie.
    ///
    /// ```
    /// use usance::policy::files::Snapshot;
    /// let of = |text: &str| Snapshot::from_memory([("policy.yaml".to_owned(), text.to_owned())].into());
    /// assert_eq!(of("usance: 1").id(), of("usance: 1").id());
    /// assert_ne!(of("usance: 1").id(), of("usance: 1\n").id());
    /// ```
    pub fn id(&self) -> String {
        id(&self.files, &self.beside)
    }
}

fn id(files: &Result<Vec<Found>, Box<Diagnostic>>, beside: &Beside) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        // Lengths keep one part from running into the next.
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    let mut whole = |files: &Result<Vec<Found>, Box<Diagnostic>>| match files {
        Ok(files) => {
            for found in files {
                part(found.name.as_bytes());
                match &found.content {
                    Content::Bytes(bytes) => part(bytes),
                    Content::Outside => part(b"outside the folder"),
                    Content::Unreadable(why) => part(format!("unreadable: {why}").as_bytes()),
                }
            }
        }
        Err(finding) => part(finding.message.as_bytes()),
    };
    whole(files);
    beside.policies.values().for_each(whole);
    hex(&hash.finalize())
}

/// Every file of a folder that a policy may use; or why the folder cannot be opened.
pub(super) fn read_files(dir: &Path) -> Result<Vec<Found>, Box<Diagnostic>> {
    let listing = Listing::of(dir)?;
    let mut total = 0;
    let mut files = Vec::with_capacity(listing.files.len());
    for listed in listing.files {
        let content = match listed.kind {
            ListedKind::File(path, _) => read(&path),
            ListedKind::Outside => Content::Outside,
            ListedKind::Unreadable(why) => Content::Unreadable(why),
        };
        if let Content::Bytes(bytes) = &content {
            total += bytes.len();
        }
        files.push(Found { name: listed.name, content });
        if total > MAX_TOTAL_BYTES {
            break;
        }
    }
    Ok(files)
}

/// One byte more than a file may have is enough to refuse it later.
fn read(path: &Path) -> Content {
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_BYTES).map_or(u64::MAX, |most| most.saturating_mul(4));
    match fs::File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)) {
        Ok(length) if length as u64 > most => Content::Unreadable("it is larger than 16 MiB".to_owned()),
        Ok(_) => Content::Bytes(bytes),
        Err(error) => Content::Unreadable(plain(&error)),
    }
}
