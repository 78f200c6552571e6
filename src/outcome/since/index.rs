//! `run.index`: what a later run must know of this one to take over what did not change.
//!
//! A line says what the run was made of, then one a credit group what the book said of it and how much of each table is
//! its own, then one what all groups came to, and the last is the hash of all others.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::Why;
use crate::engine::Setting;
use crate::outcome::files::{Sum, Summing};
use crate::outcome::folder::INDEX;
use crate::outcome::proposed::Proposed;
use crate::outcome::tally::Tally;
use crate::outcome::{Failure, Format};

/// The form of the file.
const VERSION: u32 = 1;

/// What a run is made of, credit groups apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    index: u32,
    usance: String,
    policy: String,
    files: Vec<String>,
    as_of: String,
    format: String,
    /// What the book says beside its credit groups.
    rest: String,
}

/// What all credit groups came to, and the files of their tables.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(in crate::outcome) struct Totals {
    pub(super) tally: Vec<String>,
    pub(super) lines: usize,
    pub(super) proposed: Vec<(String, String, usize, String)>,
    /// Whether what a group came to can be read off its rows.
    pub(super) is_told: bool,
    pub(super) files: Vec<Sum>,
}

/// What is known of a credit group: its relation and id, the digest of what the book says of it, how many rows and bytes
/// of each table are its own, and how many rows with those that are not put out, and what could not be decided.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Entry(
    pub(super) u16,
    pub(super) String,
    pub(super) String,
    pub(super) Vec<(usize, usize, usize)>,
    pub(super) Vec<Failure>,
);

impl Head {
    pub(super) fn of(setting: Setting<'_>, format: Format, rest: u128) -> Self {
        let header = &setting.plan.header;
        let bases = header.bases.iter().map(|base| base.files.clone());
        Self {
            index: VERSION,
            usance: env!("CARGO_PKG_VERSION").into(),
            policy: setting.plan.digest(),
            files: bases.chain([header.files.clone()]).collect(),
            as_of: setting.as_of.to_string(),
            format: format.name().into(),
            rest: digits(rest),
        }
    }

    /// Why nothing can be taken over from a run that was made of something else.
    pub(super) fn differs(&self, former: &Self) -> Result<(), Why> {
        if self.as_of != former.as_of {
            return Err(Why::Date(former.as_of.clone()));
        }
        if self.policy != former.policy {
            return Err(Why::Policy);
        }
        if self.files != former.files {
            return Err(Why::Texts);
        }
        if self.format != former.format {
            return Err(Why::Format(former.format.clone()));
        }
        if self.rest != former.rest { Err(Why::Rates) } else { Ok(()) }
    }
}

impl Totals {
    pub(in crate::outcome) fn of(tally: &mut Tally, proposed: &Proposed) -> Self {
        let (tally, proposed, lines) = (tally.digits(), proposed.digits(), proposed.lines);
        Self { tally, lines, proposed, is_told: true, files: Vec::new() }
    }
}

impl Entry {
    pub(super) fn key(&self) -> (u16, &str) {
        (self.0, &self.1)
    }
}

/// A digest as it is written.
pub(super) fn digits(digest: u128) -> String {
    format!("{digest:032x}")
}

/// Appends a line.
pub(super) fn push_line(out: &mut Vec<u8>, value: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.push(b'\n');
    Ok(())
}

/// The file on its way.
pub(in crate::outcome) struct IndexFile {
    out: BufWriter<File>,
    summing: Summing,
    is_told: bool,
    totals: Option<Totals>,
}

impl IndexFile {
    pub(super) fn create(dir: &Path, head: &Head) -> io::Result<Self> {
        let out = BufWriter::new(File::create(dir.join(INDEX))?);
        let mut file = Self { out, summing: Summing::default(), is_told: true, totals: None };
        file.line(head)?;
        Ok(file)
    }

    /// Appends the lines of some groups, and whether they tell all.
    pub(in crate::outcome) fn append(&mut self, lines: &[u8], is_told: bool) -> io::Result<()> {
        self.is_told &= is_told;
        self.summing.add(lines);
        self.out.write_all(lines)
    }

    /// Appends what is known of a group.
    pub(super) fn entry(&mut self, entry: &Entry) -> io::Result<()> {
        self.line(entry)
    }

    /// Says what all groups came to.
    pub(in crate::outcome) fn end(&mut self, totals: Totals) {
        self.totals = Some(totals);
    }

    /// Ends the file, of a run that wrote these.
    pub(in crate::outcome) fn finish(mut self, files: Vec<Sum>) -> io::Result<()> {
        let is_told = self.is_told;
        let totals = self.totals.take().map(|totals| Totals { files, is_told, ..totals });
        self.line(&totals)?;
        let hash = self.summing.sum().hash;
        self.line(&hash)?;
        self.out.into_inner().map_err(|error| io::Error::other(error.error().to_string()))?.sync_all()
    }

    fn line(&mut self, value: &impl Serialize) -> io::Result<()> {
        let mut line = Vec::new();
        push_line(&mut line, value)?;
        self.append(&line, true)
    }
}

/// What a former run left: its groups in their order, and what they came to.
pub(super) struct Index {
    pub(super) entries: Vec<Entry>,
    pub(super) totals: Totals,
}

impl Index {
    /// Reads the file of a run made of the same, credit groups apart.
    pub(super) fn read(dir: &Path, head: &Head) -> Result<Self, Why> {
        let text = std::fs::read(dir.join(INDEX)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => Why::None,
            _ => Why::Damaged(INDEX.into()),
        })?;
        let damaged = || Why::Damaged(INDEX.into());
        let text = String::from_utf8(text).map_err(|_| damaged())?;
        let first = text.lines().next().unwrap_or_default();
        version(first).ok_or_else(damaged)??;
        let (known, hash) = text.trim_end_matches('\n').rsplit_once('\n').ok_or_else(damaged)?;
        let mut summing = Summing::default();
        summing.add(known.as_bytes());
        summing.add(b"\n");
        if serde_json::from_str::<String>(hash).ok() != Some(summing.sum().hash) {
            return Err(damaged());
        }
        let former: Head = serde_json::from_str(first).map_err(|_| damaged())?;
        head.differs(&former)?;
        let mut lines = known.lines();
        lines.next();
        let totals = lines.next_back().and_then(|line| serde_json::from_str::<Option<Totals>>(line).ok());
        let totals = totals.flatten().ok_or_else(damaged)?;
        if !totals.is_told {
            return Err(Why::Untold);
        }
        let lines: Vec<&str> = lines.collect();
        let entries = lines.par_iter().map(|line| serde_json::from_str(line)).collect::<Result<_, _>>();
        let entries = entries.map_err(|_| damaged())?;
        Ok(Self { entries, totals })
    }
}

/// Whether this version wrote a file that begins so; `None` where none did.
fn version(first: &str) -> Option<Result<(), Why>> {
    let head: BTreeMap<String, serde_json::Value> = serde_json::from_str(first).ok()?;
    let index = head.get("index")?.as_u64()?;
    let usance = head.get("usance")?.as_str()?;
    let same = index == u64::from(VERSION) && usance == env!("CARGO_PKG_VERSION");
    Some(if same { Ok(()) } else { Err(Why::Version(usance.into())) })
}
