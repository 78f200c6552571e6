//! YAML as a [`Tree`]: decoded text, quoting, and the exact bytes of every key and value.

mod align;
mod anchors;
mod build;
mod chars;
mod extent;
mod failure;
mod hunt;
mod lookalike;
mod merge;
mod slips;
mod trap;

use std::sync::Arc;

use super::tree::Tree;
use crate::diag::{Code, Diagnostic, Place, Source, Span};

/// The largest file that is read, in bytes.
pub const MAX_BYTES: usize = 4 * 1024 * 1024;
/// The deepest nesting of lists and mappings.
pub const MAX_DEPTH: usize = 64;
/// How many values all `*aliases` and `<<` of a file may add together.
pub const MAX_EXPANSION: usize = 100_000;
/// How many findings about its YAML one file may give.
const MAX_FINDINGS: usize = 100;

/// Reads one YAML file. Every error goes to `sink`; `None` when the file is empty or could not be read to its end.
///
/// ```
/// use usance::{diag::Source, policy::yaml};
/// let mut sink = Vec::new();
/// let tree = yaml::read(&Source::new("policy.yaml", "tier: 'A'"), &mut sink).unwrap();
/// let tier = &tree.get("tier").unwrap().value;
/// assert_eq!(tier.text(), Some("A"));
/// assert_eq!(tier.place.text(), "'A'");
/// assert!(sink.is_empty());
/// ```
pub fn read(source: &Arc<Source>, sink: &mut Vec<Diagnostic>) -> Option<Tree> {
    if source.text.len() > MAX_BYTES {
        let place = Place::new(source, Span::new(0, 0));
        sink.push(
            Diagnostic::error(Code::TooLarge, format!("`{}` is larger than 4 MiB", source.name), place)
                .help("split it into several files; the sections of all of them are put together"),
        );
        return None;
    }
    let mut found: Vec<Diagnostic> = failure::directives(source).collect();
    let is_plain = found.is_empty();
    let mut tree = if is_plain { build::Builder::new(source, &mut found).file() } else { None };
    if let Some(tree) = &mut tree {
        lookalike::check(tree, source, &mut found);
    }
    let more = found.len().saturating_sub(MAX_FINDINGS);
    sink.extend(found.into_iter().take(MAX_FINDINGS));
    if more > 0 {
        sink.push(Diagnostic::placeless(
            Code::Yaml,
            format!("`{}` has {more} more findings of this kind", source.name),
        ));
    }
    tree
}
