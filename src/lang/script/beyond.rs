//! Why a function cannot be lowered, and how it could be.

use crate::diag::{Code, Diagnostic, Place};

/// What in a function lies outside the subset.
#[derive(Clone, Debug, PartialEq)]
pub struct Beyond {
    /// What it is, in words.
    pub what: String,
    /// Where it stands.
    pub place: Place,
    /// What to write instead.
    pub instead: String,
}

/// What a function writes in place of what only a loop, a change of a value or a map could say, by the words found.
const INSTEAD: [(&[&str], &str); 4] = [
    (
        &["`for`", "`while`", "`loop`", "`do`", "`until`", "`break`", "`continue`"],
        "write each step as a `let`; sum what lies below with a measure, and go over dates with a `walk`",
    ),
    (&["assigned", "changes a value"], "give each step a name of its own: `let y = x + 1;`"),
    (&["a map"], "choose with `switch key { \"a\" => 1, _ => 2 }`"),
    (&["without a name"], "write another `fn`, declare it under `functions:` and call it"),
];

impl Beyond {
    /// The first thing that was found in a function; none where nothing was.
    pub(super) fn first(found: &[Diagnostic]) -> Option<Self> {
        let is_outside = |d: &&Diagnostic| d.code == Code::OutsideSubset;
        let start = |d: &&Diagnostic| d.place.as_ref().map(|place| place.span.start);
        let first = found.iter().filter(is_outside).min_by_key(start).or_else(|| found.iter().min_by_key(start))?;
        let known = INSTEAD.iter().find(|(words, _)| words.iter().any(|word| first.message.contains(word)));
        let instead = match known {
            Some((_, instead)) => (*instead).to_owned(),
            None => first.help.clone().unwrap_or_default(),
        };
        Some(Self { what: first.message.clone(), place: first.place.clone()?, instead })
    }
}
