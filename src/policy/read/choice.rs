//! `true` and `false`, and words from a fixed list.

use super::super::tree::Tree;
use super::scalar;
use crate::diag::{Code, Diagnostic, nearest};

/// `true` or `false`, unquoted.
pub fn boolean(tree: &Tree, sink: &mut Vec<Diagnostic>) -> Option<bool> {
    let scalar = scalar(tree, "`true` or `false`", sink)?;
    let written = scalar.text.text.as_str();
    let meant = match written.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "y" => Some("true"),
        "false" | "no" | "off" | "n" => Some("false"),
        _ => None,
    };
    match (written, scalar.quoted) {
        ("true", false) => return Some(true),
        ("false", false) => return Some(false),
        _ => {}
    }
    let message = format!("`{written}` is not `true` or `false`");
    let message =
        if scalar.quoted { format!("`{written}` in quotes is a text, not `true` or `false`") } else { message };
    let finding = Diagnostic::error(Code::WrongShape, message, tree.place.clone());
    sink.push(
        finding.help(format!("write {}", meant.map_or("`true` or `false`".to_owned(), |word| format!("`{word}`")))),
    );
    None
}

/// One of the words given, as what it stands for.
pub fn one_of<T: Copy>(tree: &Tree, choices: &[(&str, T)], sink: &mut Vec<Diagnostic>) -> Option<T> {
    let words = || choices.iter().map(|(word, _)| *word);
    let list = words().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    let written = scalar(tree, &format!("one of {list}"), sink)?.text.text.as_str();
    if let Some((_, value)) = choices.iter().find(|(word, _)| *word == written) {
        return Some(*value);
    }
    let known = if choices.len() == 1 { format!("write {list}") } else { format!("write one of {list}") };
    let help = match nearest(written, words()) {
        Some(near) => format!("did you mean `{near}`? {known}"),
        None => known,
    };
    let message = format!("`{written}` is not one of the words this place knows");
    sink.push(Diagnostic::error(Code::UnknownValue, message, tree.place.clone()).help(help));
    None
}
