//! What a page links to is there, down to the heading.

use std::path::Path;

use crate::{pages, root, text};

/// The anchors of a page: its headings as they stand in an address.
fn anchors(page: &str) -> Vec<String> {
    let kept = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | ' ');
    let anchor = |title: &str| title.trim().to_lowercase().replace(|c| !kept(c), "").replace(' ', "-");
    page.lines().filter(|line| line.starts_with('#')).map(|line| anchor(line.trim_start_matches('#'))).collect()
}

#[test]
fn what_pages_link_to_is_there() {
    let mut broken = Vec::new();
    for page in pages().into_iter().chain(["README.md".to_owned()]) {
        let body = text(&page);
        for link in body.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            if path.starts_with("http") {
                continue;
            }
            let from = root(&page);
            let target = match path {
                "" => from,
                path => from.parent().unwrap_or(Path::new("")).join(path),
            };
            let has_anchor = || anchors(&std::fs::read_to_string(&target).unwrap()).iter().any(|a| a == anchor);
            if !target.exists() || (!anchor.is_empty() && !has_anchor()) {
                broken.push(format!("{page} links to {link}"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}
