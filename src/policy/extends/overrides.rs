//! What one policy wrote over another, to be shown: the value before and after, each with its place.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::diag::Place;
use crate::policy::folder::Folder;
use crate::policy::tree::Tree;

/// The longest value that is shown in full.
const LONGEST: usize = 60;

/// A value that one policy wrote over another's.
#[derive(Clone, Debug)]
pub struct Override {
    /// The way to it: `limit.steps.house_cap.at_most`.
    pub path: String,
    /// What stood there; `None` where an entry gained something.
    pub old: Option<Written>,
    /// What stands there now; `None` where it was taken out.
    pub new: Option<Written>,
    /// The policy that wrote it, by the name it is extended by; empty for the policy itself.
    pub by: String,
}

/// A value as it was written.
#[derive(Clone, Debug)]
pub struct Written {
    /// Its text, on one line; long ones cut short.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

impl Written {
    pub(super) fn of(tree: &Tree) -> Self {
        let line = tree.place.text().split_whitespace().collect::<Vec<_>>().join(" ");
        let text = match line.char_indices().nth(LONGEST) {
            Some((at, _)) => format!("{}…", line.get(..at).unwrap_or(&line)),
            None => line,
        };
        Self { text, place: tree.place.clone() }
    }
}

/// What a policy extends and what it writes over that, for people; nothing for one that stands alone.
pub fn listing(folder: &Folder) -> String {
    let mut out = String::new();
    for base in &folder.bases {
        let _ = writeln!(out, "extends {}: {} {}", base.name, base.policy, base.version);
    }
    for change in &folder.overrides {
        let _ = writeln!(out, "  {}", change.path);
        let shown = |written: &Option<Written>, nothing: &str| match written {
            Some(written) => (written.text.clone(), written.place.to_string()),
            None => (nothing.to_owned(), String::new()),
        };
        let (old, new) = (shown(&change.old, "(nothing)"), shown(&change.new, "(taken out)"));
        for (word, (text, place)) in [("was", old), ("now", new)] {
            let _ = writeln!(out, "    {}", format!("{word} {text:<30}  {place}").trim_end());
        }
    }
    out
}

/// The same as findings that are notes: objects of the shape that `check --format json` prints.
pub fn to_json(folder: &Folder) -> Vec<Json> {
    let note = |change: &Override| {
        let text = |written: &Option<Written>| written.as_ref().map(|w| w.text.clone());
        let place = |written: &Option<Written>| written.as_ref().map(|w| w.place.to_string());
        json!({
            "code": "usance::override", "severity": "note", "path": change.path, "by": change.by,
            "message": format!("`{}` is written over", change.path),
            "old": text(&change.old), "old_place": place(&change.old),
            "new": text(&change.new), "new_place": place(&change.new),
        })
    };
    folder.overrides.iter().map(note).collect()
}
