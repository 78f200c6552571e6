//! The pages under `docs/` and the README say what is so: what can be made from the code is, and every example is run.
//! `USANCE_WRITE_DOCS=1` writes what is made, to be read before it is kept.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::type_complexity
)]

mod blocks;
mod book;
#[path = "../broken_policies/case.rs"]
mod case;
mod coverage;
mod diagnostics;
mod examples;
mod links;
mod readme;
mod reference;
mod sessions;

use std::fs;
use std::path::{Path, PathBuf};

pub fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub fn text(path: &str) -> String {
    fs::read_to_string(root(path)).unwrap_or_default()
}

/// The pages below `docs/`.
pub fn pages() -> Vec<String> {
    let mut pages = Vec::new();
    let mut folders = vec!["docs".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root(&folder)).unwrap().map(|entry| entry.unwrap()) {
            let path = format!("{folder}/{}", entry.file_name().into_string().unwrap());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path.ends_with(".md") {
                pages.push(path);
            }
        }
    }
    pages.sort();
    pages
}

/// A page is as the code makes it now; or it is written so.
pub fn is_current(path: &str, made: &str) {
    if std::env::var_os("USANCE_WRITE_DOCS").is_some() {
        fs::write(root(path), made).unwrap();
        return;
    }
    let page = text(path);
    if page != made {
        let line = page.lines().zip(made.lines()).position(|(a, b)| a != b).unwrap_or(0);
        let (is, should) = (page.lines().nth(line).unwrap_or(""), made.lines().nth(line).unwrap_or(""));
        panic!("{path}:{} is not current; run with USANCE_WRITE_DOCS=1\n  is     {is}\n  should {should}", line + 1);
    }
}
