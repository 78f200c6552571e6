//! Writing one tree over another: mappings key by key, lists of entries with ids entry by entry, everything else whole.

use super::overrides::{Override, Written};
use crate::diag::{Code, Diagnostic, Place, nearest};
use crate::policy::tree::{Entry, Tree, TreeKind};

/// The sections of a policy written over those of another; `by` is the name of the one that writes.
pub(super) fn sections(
    base: Vec<Entry>,
    over: Vec<Entry>,
    by: &str,
    overrides: &mut Vec<Override>,
    sink: &mut Vec<Diagnostic>,
) -> Vec<Entry> {
    if base.is_empty() {
        return over;
    }
    let mut merge = Merge { by, overrides, additions: 0, sink };
    let mut all = base;
    for entry in over {
        merge.section(&mut all, entry);
    }
    all
}

struct Merge<'m> {
    by: &'m str,
    overrides: &'m mut Vec<Override>,
    /// How many entries were added or moved: nothing is written over by them.
    additions: usize,
    sink: &'m mut Vec<Diagnostic>,
}

/// Where a value stands, which settles how it is written over.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Level {
    /// The whole of a section.
    Section,
    /// A parameter, which may be written as its bare value.
    Param,
    /// Anything below.
    Inside,
}

impl Merge<'_> {
    fn section(&mut self, all: &mut Vec<Entry>, over: Entry) {
        let path = over.key.clone();
        let Some(at) = all.iter().position(|entry| entry.key == over.key) else {
            if asks(&over.value, "remove") {
                let known = all.iter().map(|entry| entry.key.as_str());
                let near = nearest(&over.key, known);
                self.nothing_to_remove(&path, &over.key_place, near);
            } else {
                all.push(over);
            }
            return;
        };
        let Some(base) = all.get_mut(at) else { return };
        if asks(&over.value, "remove") {
            self.note(&path, Some(&base.value), None);
            all.remove(at);
        } else if over.key == "effective" {
            self.effective(base, &over.value);
        } else {
            let before = self.told();
            let old = std::mem::replace(&mut base.value, nothing(&over.value.place));
            base.value = self.value(&path, Level::Section, old, over.value);
            self.tell_if_idle(before, &path, &over.key_place);
        }
    }

    /// A policy is in force when all that it rests on is: the later beginning, the earlier end.
    fn effective(&mut self, base: &mut Entry, over: &Tree) {
        let (TreeKind::Map(old), TreeKind::Map(new)) = (&mut base.value.kind, &over.kind) else {
            base.value = over.clone();
            return;
        };
        base.value.place = over.place.clone();
        for entry in new {
            let path = format!("effective.{}", entry.key);
            let Some(there) = old.iter_mut().find(|there| there.key == entry.key) else {
                self.note(&path, None, Some(&entry.value));
                old.push(entry.clone());
                continue;
            };
            // Dates written YYYY-MM-DD are ordered as texts; others are refused when the section is read.
            let (was, now) = (there.value.text(), entry.value.text());
            let narrows = if entry.key == "before" { now < was } else { now > was };
            if narrows {
                self.note(&path, Some(&there.value), Some(&entry.value));
                there.value = entry.value.clone();
            } else if now != was {
                let message = format!("`{path}` cannot be wider than that of the policy it extends");
                let finding = Diagnostic::error(Code::Override, message, entry.value.place.clone()).as_warning();
                let label = format!("this stays: {}", was.unwrap_or_default());
                self.sink.push(
                    finding
                        .also(there.value.place.clone(), label)
                        .help("a policy is in force while all that it extends are"),
                );
            }
        }
    }

    fn value(&mut self, path: &str, level: Level, base: Tree, over: Tree) -> Tree {
        let (base, over) = if level == Level::Param { bare(base, over) } else { (base, over) };
        let is_whole = asks(&over, "replace");
        match (base.kind, over.kind) {
            (TreeKind::Map(old), TreeKind::Map(new)) if !is_whole => {
                let place = if level == Level::Section { base.place } else { over.place };
                self.map(path, level, old, new, place)
            }
            (TreeKind::List(old), TreeKind::List(new)) if by_id(&old, &new) => {
                Tree { kind: TreeKind::List(self.list(path, &base.place, old, new)), place: base.place }
            }
            (old, new) => {
                let (old, mut new) = (Tree { kind: old, place: base.place }, Tree { kind: new, place: over.place });
                take_word(&mut new, "replace");
                if !same(&old, &new) {
                    self.note(path, Some(&old), Some(&new));
                }
                new
            }
        }
    }

    fn map(&mut self, path: &str, level: Level, old: Vec<Entry>, new: Vec<Entry>, place: Place) -> Tree {
        let mut all = old;
        if level != Level::Section {
            for entry in &mut all {
                mark(&mut entry.value, &place);
            }
        }
        let inner = if level == Level::Section && path == "params" { Level::Param } else { Level::Inside };
        for entry in new {
            let path = format!("{path}.{}", entry.key);
            let at = all.iter().position(|known| known.key == entry.key);
            match at.and_then(|at| all.get_mut(at)) {
                Some(there) if asks(&entry.value, "remove") => {
                    self.note(&path, Some(&there.value), None);
                    all.retain(|known| known.key != entry.key);
                }
                Some(there) => {
                    let before = self.told();
                    let old = std::mem::replace(&mut there.value, nothing(&entry.value.place));
                    there.value = self.value(&path, inner, old, entry.value);
                    there.key_place = entry.key_place;
                    if level == Level::Section {
                        self.tell_if_idle(before, &path, &there.key_place);
                    }
                }
                None if asks(&entry.value, "remove") => {
                    let near = nearest(&entry.key, all.iter().map(|known| known.key.as_str()));
                    self.nothing_to_remove(&path, &entry.key_place, near);
                }
                None => {
                    if level == Level::Section {
                        self.maybe_misspelt(
                            &entry.key,
                            &entry.key_place,
                            &mut all.iter().map(|known| known.key.as_str()),
                            false,
                        );
                    } else {
                        self.note(&path, None, Some(&entry.value));
                    }
                    self.additions += 1;
                    all.push(entry);
                }
            }
        }
        Tree { kind: TreeKind::Map(all), place }
    }

    fn list(&mut self, path: &str, base: &Place, old: Vec<Tree>, new: Vec<Tree>) -> Vec<Tree> {
        let mut all = old;
        let mut seen: Vec<(String, Place)> = Vec::new();
        for mut entry in new {
            let Some(id) = id(&entry).map(str::to_owned) else {
                if asks(&entry, "replace") {
                    let whole = Tree { kind: TreeKind::List(Vec::new()), place: base.clone() };
                    self.note(path, Some(&whole), Some(&entry));
                    all.clear();
                } else {
                    self.additions += 1;
                    all.push(entry);
                }
                continue;
            };
            let path = format!("{path}.{id}");
            if let Some((_, first)) = seen.iter().find(|(known, _)| *known == id) {
                let message = format!("`{path}` is written twice");
                let finding = Diagnostic::error(Code::DuplicateId, message, entry.place.clone());
                self.sink.push(finding.also(first.clone(), "the first").help("put the two together"));
                continue;
            }
            seen.push((id.clone(), entry.place.clone()));
            let beside = [("before", 0), ("after", 1)].map(|(word, by)| (take_word(&mut entry, word), by));
            let at = all.iter().position(|known| self::id(known) == Some(&id));
            let ids = || all.iter().filter_map(self::id);
            let removes = asks(&entry, "remove");
            let (mut target, merged) = match at {
                Some(at) if removes => {
                    self.note(&path, all.get(at), None);
                    all.remove(at);
                    continue;
                }
                Some(at) => {
                    let before = self.told();
                    let place = entry.place.clone();
                    let moves = beside.iter().any(|(word, _)| word.is_some());
                    let base = all.remove(at);
                    let merged = self.value(&path, Level::Inside, base, entry);
                    if moves {
                        self.additions += 1;
                    } else {
                        self.tell_if_idle(before, &path, &place);
                    }
                    (at, merged)
                }
                None if removes => {
                    let near = nearest(&id, ids());
                    self.nothing_to_remove(&path, &entry.place, near);
                    continue;
                }
                None => {
                    if beside.iter().all(|(word, _)| word.is_none()) {
                        self.maybe_misspelt(&id, &entry.place, &mut ids(), true);
                    }
                    self.additions += 1;
                    (all.len(), entry)
                }
            };
            for (word, by) in beside {
                let Some(word) = word else { continue };
                let wanted = word.value.text().unwrap_or_default();
                match all.iter().position(|known| self::id(known) == Some(wanted)) {
                    Some(at) => target = at + by,
                    None => {
                        let message = format!("there is no `{wanted}` to put `{id}` {} it", word.key);
                        let finding = Diagnostic::error(Code::Override, message, word.value.place.clone());
                        let known: Vec<String> = all.iter().filter_map(self::id).map(|id| format!("`{id}`")).collect();
                        self.sink.push(finding.help(format!("there are {}", known.join(", "))));
                    }
                }
            }
            all.insert(target.min(all.len()), merged);
        }
        all
    }

    fn note(&mut self, path: &str, old: Option<&Tree>, new: Option<&Tree>) {
        let (old, new) = (old.map(Written::of), new.map(Written::of));
        self.overrides.push(Override { path: path.to_owned(), old, new, by: self.by.to_owned() });
    }

    /// How much has been said so far.
    fn told(&self) -> (usize, usize) {
        (self.overrides.len() + self.additions, self.sink.len())
    }

    fn tell_if_idle(&mut self, before: (usize, usize), path: &str, place: &Place) {
        if self.told() == before {
            let message = format!("`{path}` says what the policy it extends says already");
            let finding = Diagnostic::error(Code::Override, message, place.clone()).as_warning();
            self.sink.push(finding.help("take it out, or write what is to be different"));
        }
    }

    fn nothing_to_remove(&mut self, path: &str, place: &Place, near: Option<&str>) {
        let message = format!("there is no `{path}` to take out");
        let finding = Diagnostic::error(Code::Override, message, place.clone());
        self.sink.push(match near {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help("the policies it extends do not have it; take the entry out"),
        });
    }

    /// A new name so close to an old one that it may have been meant.
    fn maybe_misspelt(&mut self, name: &str, place: &Place, known: &mut dyn Iterator<Item = &str>, in_list: bool) {
        let Some(near) = nearest(name, known) else { return };
        // `over_60` beside `over_30` is no slip.
        let letters = |name: &str| name.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
        if letters(name) == letters(near) {
            return;
        }
        let message = format!("`{name}` is new here, and `{near}` of the policy it extends stays as it is");
        let finding = Diagnostic::error(Code::Override, message, place.clone()).as_warning();
        let place = if in_list { format!(", or say where it goes: `after: {near}`") } else { String::new() };
        self.sink
            .push(finding.help(format!("did you mean `{near}`? if it is new, give it a name less like it{place}")));
    }
}

/// Both sides of a parameter in full, where one of them is a bare value.
fn bare(base: Tree, over: Tree) -> (Tree, Tree) {
    match (&base.kind, &over.kind) {
        (TreeKind::Map(_), TreeKind::Scalar(_)) => (base, in_full(over)),
        (TreeKind::Scalar(_), TreeKind::Map(_)) if !asks(&over, "replace") => (in_full(base), over),
        _ => (base, over),
    }
}

fn in_full(value: Tree) -> Tree {
    let place = value.place.clone();
    let entry = Entry { key: "value".to_owned(), key_place: place.clone(), value };
    Tree { kind: TreeKind::Map(vec![entry]), place }
}

/// Whether entries of a list are told apart by their ids.
fn by_id(old: &[Tree], new: &[Tree]) -> bool {
    let known = old.iter().all(|entry| id(entry).is_some());
    known && new.iter().any(|entry| id(entry).is_some() || asks(entry, "replace"))
}

fn id(entry: &Tree) -> Option<&str> {
    entry.get("id").and_then(|entry| entry.value.text())
}

/// Whether a mapping says `remove: true` or `replace: true`.
fn asks(tree: &Tree, word: &str) -> bool {
    tree.get(word).is_some_and(|entry| entry.value.text() == Some("true"))
}

fn take_word(tree: &mut Tree, word: &str) -> Option<Entry> {
    let TreeKind::Map(entries) = &mut tree.kind else { return None };
    let at = entries.iter().position(|entry| entry.key == word)?;
    Some(entries.remove(at))
}

/// Values kept in an entry that another file begins stand elsewhere than the entry; entries of lists are whole in themselves.
fn mark(tree: &mut Tree, of: &Place) {
    if tree.place.source == of.source {
        return;
    }
    match &mut tree.kind {
        TreeKind::Scalar(scalar) => scalar.elsewhere = true,
        TreeKind::Map(entries) => entries.iter_mut().for_each(|entry| mark(&mut entry.value, of)),
        TreeKind::List(items) => {
            items.iter_mut().filter(|item| !matches!(item.kind, TreeKind::Map(_))).for_each(|item| mark(item, of));
        }
    }
}

fn same(a: &Tree, b: &Tree) -> bool {
    match (&a.kind, &b.kind) {
        (TreeKind::Scalar(a), TreeKind::Scalar(b)) => a.text.text == b.text.text && a.quoted == b.quoted,
        (TreeKind::List(a), TreeKind::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (TreeKind::Map(a), TreeKind::Map(b)) => {
            a.len() == b.len() && a.iter().all(|x| b.iter().any(|y| x.key == y.key && same(&x.value, &y.value)))
        }
        _ => false,
    }
}

fn nothing(place: &Place) -> Tree {
    Tree { kind: TreeKind::List(Vec::new()), place: place.clone() }
}
