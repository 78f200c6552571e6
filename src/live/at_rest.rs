//! Who is still at work on a folder although its files keep still for a moment.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Whether git holds the lock of the checkout a folder lies in: it replaces files one by one until it lets go.
pub(super) fn is_git_at_work(folders: &BTreeSet<PathBuf>) -> bool {
    let Some(above) = folders.first().and_then(|first| first.ancestors().find(|above| above.join(".git").exists()))
    else {
        return false;
    };
    git_dir(above).join("index.lock").exists()
}

/// Where git keeps what it knows: `.git` itself, or where the file `.git` of a second worktree points.
fn git_dir(above: &Path) -> PathBuf {
    let git = above.join(".git");
    let pointer = fs::read_to_string(&git).unwrap_or_default();
    pointer.strip_prefix("gitdir:").map_or(git, |path| above.join(path.trim()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn git_is_at_work_while_its_lock_stands() {
        let dir = tempfile::tempdir().unwrap();
        let policy = dir.path().join("policies/a");
        fs::create_dir_all(&policy).unwrap();
        fs::create_dir(dir.path().join("kept")).unwrap();
        let folders = [policy].into();
        assert!(!is_git_at_work(&folders));
        fs::write(dir.path().join(".git"), "gitdir: kept\n").unwrap();
        assert!(!is_git_at_work(&folders));
        fs::write(dir.path().join("kept/index.lock"), "").unwrap();
        assert!(is_git_at_work(&folders));
    }
}
