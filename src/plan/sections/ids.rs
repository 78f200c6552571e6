//! The ids of a list, each of which stands there once.

use std::collections::HashMap;

use crate::diag::{Code, Diagnostic, Place};
use crate::plan::lower::Lowerer;

/// The ids seen so far, with where each stood first.
pub(super) struct Ids<'t> {
    /// What they are of, in the plural: `steps`.
    of: &'static str,
    first: HashMap<&'t str, &'t Place>,
}

impl<'t> Ids<'t> {
    pub(super) fn of(things: &'static str) -> Self {
        Self { of: things, first: HashMap::new() }
    }

    /// Whether the id is a new one; reports it where it is not.
    pub(super) fn is_new(&mut self, low: &mut Lowerer<'_>, id: &'t str, place: &'t Place) -> bool {
        let Some(first) = self.first.get(id) else {
            self.first.insert(id, place);
            return true;
        };
        let message = format!("two {} are called `{id}`", self.of);
        let finding = Diagnostic::error(Code::DuplicateId, message, place.clone());
        low.report(finding.also((*first).clone(), "the first").help("give one of the two another id"));
        false
    }
}
