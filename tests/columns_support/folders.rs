//! What a run writes, as bytes.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;
use tempfile::TempDir;
use usance::book::Book;
use usance::engine::{Columns, Pace, Run, Setting};
use usance::outcome::{self, Format, Report};
use usance::plan::Plan;

/// The files of a folder, by name.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Evaluates a policy over a book, and gives what it wrote.
pub(crate) fn written(write: impl FnOnce(&Path) -> std::io::Result<Report>) -> (Files, Report) {
    let dir = folder();
    let report = write(dir.path()).unwrap();
    let mut files = Files::new();
    for entry in std::fs::read_dir(dir.path()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        files.insert(name, std::fs::read(entry.path()).unwrap());
    }
    (files, report)
}

/// A folder in memory where there is one: a run sees to it that its files are on the disk.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    match tempfile::tempdir_in(memory) {
        Ok(dir) => dir,
        Err(_) => tempfile::tempdir().unwrap(),
    }
}

/// Row by row: the standard. What is known is forgotten beyond so many outcomes.
pub(crate) fn rows(plan: &Plan, book: &Book, as_of: NaiveDate, keep: Option<usize>) -> (Files, Report) {
    let mut run = Run::new(plan, book, as_of);
    if let Some(outcomes) = keep {
        run.keep(outcomes);
    }
    written(|dir| outcome::write_by_rows(&mut run, dir, Format::Csv, &mut |_| {}))
}

/// By columns.
pub(crate) fn columns(plan: &Plan, book: &Book, as_of: NaiveDate, pace: Pace) -> Files {
    let columns = Columns::new(Setting { plan, book, as_of }, pace);
    written(|dir| outcome::write(&columns, dir, Format::Csv, &mut |_| {})).0
}

/// Where two folders first differ, in words.
pub(crate) fn difference(standard: &Files, found: &Files) -> Option<String> {
    for (name, bytes) in standard {
        let Some(other) = found.get(name) else { return Some(format!("`{name}` is not there")) };
        if bytes == other {
            continue;
        }
        let (standard, found) = (String::from_utf8_lossy(bytes), String::from_utf8_lossy(other));
        let header = standard.lines().next().unwrap_or_default();
        let only = |one: &str, other: &str, mark: &str| {
            let other: Vec<&str> = other.lines().collect();
            let lines = one.lines().filter(|line| !other.contains(line)).take(5);
            lines.map(|line| format!("{mark} {line}\n")).collect::<String>()
        };
        let (gone, new) = (only(&standard, &found, "-"), only(&found, &standard, "+"));
        let order = if gone.is_empty() && new.is_empty() { "the same lines in another order" } else { "" };
        return Some(format!("`{name}`\n  {header}\n{gone}{new}{order}"));
    }
    found.keys().find(|name| !standard.contains_key(*name)).map(|name| format!("`{name}` should not be there"))
}
