//! Why no page can be made of a folder.

use std::fmt;
use std::io;

/// Why no page can be made of a folder.
#[derive(Debug)]
pub enum Trouble {
    /// No run wrote it: there is no manifest of ours in it.
    NotARun,
    /// A file cannot be opened or read.
    Unreadable(String, io::Error),
    /// A file is not what a run writes there: file, line (0 where it is none), what is wrong.
    Malformed(String, u64, String),
    /// A table and the manifest do not agree: file, what differs.
    Changed(String, String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::NotARun => write!(out, "no run wrote this folder: it holds no `run.json` of a run"),
            Trouble::Unreadable(file, error) => write!(out, "`{file}` cannot be read: {error}"),
            Trouble::Malformed(file, 0, what) => write!(out, "`{file}` is not as a run writes it: {what}"),
            Trouble::Malformed(file, line, what) => {
                write!(out, "`{file}` is not as a run writes it, line {line}: {what}")
            }
            Trouble::Changed(file, what) => write!(out, "`{file}` was changed after the run: {what}"),
        }
    }
}
