//! What is to be seen of something on disk without reading it, and which folders to watch for it to change.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use crate::policy::files::{Listing, Stamp};

/// Links that follow one another at most: more go in a circle.
const MAX_LINKS: usize = 40;

/// How files stand on disk. Equal sights: nothing has changed, as far as the file system's stamps can tell.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sight {
    listing: Option<Listing>,
    /// The folder of policies in which what is extended may lie.
    beside: Option<Listing>,
    /// Files looked at one by one, with their stamps; `None` where there is none.
    files: Vec<(PathBuf, Option<Stamp>)>,
    /// Every link on the way, and what it says.
    links: Vec<(PathBuf, PathBuf)>,
    /// Where things must be watched by name: a link, the folder itself, what is missing.
    pub(super) names: BTreeSet<PathBuf>,
    /// The folders in which any change matters.
    pub(super) below: BTreeSet<PathBuf>,
}

impl Sight {
    /// How a policy folder stands: its files, and the links that lead to it.
    pub fn of_policy(path: &Path) -> Self {
        let mut sight = Self { listing: Listing::of(path).ok(), ..Self::default() };
        sight.way_to(path);
        if let Some(listing) = &sight.listing {
            sight.below.extend(listing.folders.iter().cloned());
        }
        sight
    }

    /// The same together with a folder of policies that it may extend.
    pub fn of_policies(path: &Path, beside: Option<&Path>) -> Self {
        let mut sight = Self::of_policy(path);
        if let Some(beside) = beside {
            sight.beside = Listing::of(beside).ok();
            sight.way_to(beside);
            sight.below.extend(sight.beside.iter().flat_map(|listing| listing.folders.iter().cloned()));
        }
        sight
    }

    /// How single files stand, and what lies directly in folders: a book's tables.
    pub fn of_files(paths: &[PathBuf]) -> Self {
        let mut sight = Self::default();
        for path in paths {
            sight.way_to(path);
            let Ok(entries) = std::fs::read_dir(path) else {
                sight.files.push((path.clone(), Stamp::of(path)));
                continue;
            };
            sight.below.extend(std::fs::canonicalize(path));
            let mut inside: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
            inside.retain(|path| path.is_file());
            inside.sort();
            sight.files.extend(inside.into_iter().map(|path| (path.clone(), Stamp::of(&path))));
        }
        sight
    }

    /// The folders to watch, none twice.
    pub(super) fn folders(&self) -> BTreeSet<PathBuf> {
        let parents = self.names.iter().filter_map(|name| name.parent()).map(Path::to_owned);
        parents.chain(self.below.iter().cloned()).collect()
    }

    /// Whether a file that was there is gone.
    pub(super) fn has_lost(&self, before: &Self) -> bool {
        let lost = |now: &Option<Listing>, then: &Option<Listing>| {
            let has = |name: &str| now.as_ref().is_some_and(|now| now.files.iter().any(|file| file.name == name));
            then.iter().flat_map(|listing| &listing.files).any(|file| !has(&file.name))
        };
        lost(&self.listing, &before.listing) || lost(&self.beside, &before.beside)
    }

    /// Whether something that happened to a path may matter.
    pub(super) fn concerns(names: &BTreeSet<PathBuf>, below: &BTreeSet<PathBuf>, path: &Path) -> bool {
        names.contains(path) || below.contains(path) || path.parent().is_some_and(|parent| below.contains(parent))
    }

    /// Follows a path step by step: links are noted, and so is where it ends or breaks off.
    fn way_to(&mut self, path: &Path) {
        let mut rest: VecDeque<OsString> = VecDeque::new();
        let mut at = PathBuf::new();
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        put_before(&mut rest, &whole);
        let mut links = 0;
        while let Some(part) = rest.pop_front() {
            match Path::new(&part).components().next() {
                Some(Component::ParentDir) => {
                    at.pop();
                }
                Some(Component::Normal(_)) => {
                    let next = at.join(&part);
                    match std::fs::read_link(&next) {
                        Ok(target) if links < MAX_LINKS => {
                            links += 1;
                            self.names.insert(next.clone());
                            put_before(&mut rest, &target);
                            if target.is_absolute() {
                                at = PathBuf::new();
                            }
                            self.links.push((next, target));
                        }
                        _ if rest.is_empty() || !next.exists() => {
                            self.names.insert(next);
                            return;
                        }
                        _ => at = next,
                    }
                }
                Some(_) => at.push(&part),
                None => {}
            }
        }
    }
}

fn put_before(rest: &mut VecDeque<OsString>, path: &Path) {
    for part in path.components().rev().filter(|part| *part != Component::CurDir) {
        rest.push_front(part.as_os_str().to_owned());
    }
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn every_link_on_the_way_is_watched_where_it_stands() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        fs::create_dir_all(root.join("releases/7/policy")).unwrap();
        fs::write(root.join("releases/7/policy/policy.yaml"), "usance: 1").unwrap();
        symlink("releases/7", root.join("current")).unwrap();
        symlink(root.join("current/policy"), root.join("in_use")).unwrap();
        let before = Sight::of_policy(&root.join("in_use"));
        let names: Vec<_> = before.names.iter().map(|name| name.strip_prefix(&root).unwrap()).collect();
        assert_eq!(names, [Path::new("current"), Path::new("in_use"), Path::new("releases/7/policy")]);
        assert!(before.folders().contains(&root) && before.folders().contains(&root.join("releases/7/policy")));
        assert_eq!(before, Sight::of_policy(&root.join("in_use")));

        fs::create_dir_all(root.join("releases/8/policy")).unwrap();
        fs::remove_file(root.join("current")).unwrap();
        symlink("releases/8", root.join("current")).unwrap();
        assert_ne!(before, Sight::of_policy(&root.join("in_use")));
    }

    #[test]
    fn what_is_missing_is_watched_where_it_would_come() {
        let dir = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(dir.path()).unwrap();
        let sight = Sight::of_policy(&root.join("not/yet/here"));
        assert_eq!(sight.folders(), [root.clone()].into());
        fs::create_dir_all(root.join("not/yet/here")).unwrap();
        assert_ne!(sight, Sight::of_policy(&root.join("not/yet/here")));
    }
}
