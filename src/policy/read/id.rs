//! Ids: the auditor's handle, usable in expressions.

use super::super::tree::Tree;
use super::{list_or_one, scalar};
use crate::diag::{Code, Diagnostic, Place};
use crate::lang::syntax::is_reserved;

/// An id: a letter, then letters, digits and `_`, all ASCII; no keyword of the expression language.
pub fn id<'t>(tree: &'t Tree, sink: &mut Vec<Diagnostic>) -> Option<&'t str> {
    let written = scalar(tree, "an id", sink)?.text.text.as_str();
    match check_id(written, &tree.place) {
        Ok(()) => Some(written),
        Err(finding) => {
            sink.push(*finding);
            None
        }
    }
}

/// A list of ids, or one id; each with its place. Those that are none are reported and left out.
pub fn ids<'t>(tree: &'t Tree, sink: &mut Vec<Diagnostic>) -> Vec<(&'t str, &'t Place)> {
    list_or_one(tree).iter().filter_map(|item| id(item, sink).map(|name| (name, &item.place))).collect()
}

/// Whether a name that stands elsewhere (a key, a header) can be an id.
pub fn check_id(name: &str, place: &Place) -> Result<(), Box<Diagnostic>> {
    let refuse = |message: String, help: String| {
        Err(Box::new(Diagnostic::error(Code::BadId, message, place.clone()).help(help)))
    };
    if is_reserved(name) {
        let message = format!("`{name}` is a word of the expression language and cannot be an id");
        return refuse(message, format!("choose another: `{name}_1`, or a word of your own"));
    }
    if name.is_empty() {
        return refuse("an id is empty".to_owned(), "write a name of letters, digits and `_`".to_owned());
    }
    if !name.is_ascii() {
        let help = "write a plain name such as `key_account`; put the other one under `label`";
        return refuse(format!("`{name}` is not an id: an id is ASCII"), help.to_owned());
    }
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts_well && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Ok(());
    }
    let mut better: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    if !starts_well {
        better = format!("x{better}");
    }
    refuse(
        format!("`{name}` is not an id"),
        format!("an id is a letter, then letters, digits and `_`: write `{better}`"),
    )
}
