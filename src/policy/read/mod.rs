//! Single values: each function says what it takes, and reports anything else where it stands.

mod choice;
mod date;
mod id;
mod number;
mod words;

pub use choice::{boolean, one_of};
pub use date::date;
pub use id::{check_id, id, ids};
pub use number::{decimal, parse_decimal, whole};
pub use words::words;

use super::tree::{Scalar, Tree, TreeKind};
use crate::diag::{Code, Diagnostic, SourceText};

/// A list; a single value is not one.
pub fn list<'t>(tree: &'t Tree, sink: &mut Vec<Diagnostic>) -> Option<&'t [Tree]> {
    if let TreeKind::List(items) = &tree.kind {
        return Some(items);
    }
    let message = match shape(tree) {
        "nothing" => "nothing stands here, and a list is needed".to_owned(),
        shape => format!("a list is needed here, not {shape}"),
    };
    sink.push(
        Diagnostic::error(Code::WrongShape, message, tree.place.clone()).help("write `[ … ]`, or one `- …` a line"),
    );
    None
}

/// A list, or a single value as a list of one.
pub fn list_or_one(tree: &Tree) -> &[Tree] {
    match &tree.kind {
        TreeKind::List(items) => items,
        _ => std::slice::from_ref(tree),
    }
}

/// A text, quoted or not: a reason, a path, an expression, a cell.
pub fn text<'t>(tree: &'t Tree, sink: &mut Vec<Diagnostic>) -> Option<&'t SourceText> {
    scalar(tree, "a text", sink).map(|scalar| &scalar.text)
}

fn scalar<'t>(tree: &'t Tree, wanted: &str, sink: &mut Vec<Diagnostic>) -> Option<&'t Scalar> {
    if let (Some(scalar), false) = (tree.scalar(), tree.is_null()) {
        return Some(scalar);
    }
    let message = format!("{wanted} is needed here, not {}", shape(tree));
    sink.push(Diagnostic::error(Code::WrongShape, message, tree.place.clone()));
    None
}

fn shape(tree: &Tree) -> &'static str {
    match &tree.kind {
        TreeKind::List(_) => "a list",
        TreeKind::Map(_) => "a mapping",
        TreeKind::Scalar(_) if tree.is_null() => "nothing",
        TreeKind::Scalar(_) => "a single value",
    }
}
