//! Reading a policy for a command, and showing what was found.

use std::io::IsTerminal as _;
use std::path::Path;

use crate::diag::{Diagnostic, Style, render_all};
use crate::plan::{self, Plan};
use crate::policy::folder::Folder;

/// A policy read and lowered; `None` when it cannot be used. Findings go to `sink`.
pub(super) fn policy(dir: &Path, sink: &mut Vec<Diagnostic>) -> Option<(Folder, Plan)> {
    let folder = Folder::load(dir, sink)?;
    let plan = plan::compile(&folder, sink)?;
    Some((folder, plan))
}

/// Shows findings on the error stream; in colour where a person looks.
pub(super) fn show(found: &[Diagnostic]) {
    let style = if std::io::stderr().is_terminal() { Style::Coloured } else { Style::Plain };
    eprint!("{}", render_all(found, style));
}
