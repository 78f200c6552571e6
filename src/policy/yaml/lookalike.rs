//! Text that YAML reads, but not as it was meant.

use super::super::tree::Tree;
use crate::diag::Diagnostic;

/// Reports what was probably not meant.
pub(super) fn check(_tree: &Tree, _sink: &mut Vec<Diagnostic>) {}
