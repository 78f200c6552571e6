//! What rows are put in order by, as it is written.

use super::{Lowerer, wrong};
use crate::diag::Code;
use crate::lang::{Base, Expr};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Tree, TreeKind};

/// A value of the rows, and whether the greatest comes first.
pub(crate) type Key<'x> = (&'x Tree, bool);

impl Lowerer<'_> {
    /// `item.due_date`, or `{ by: item.due_date, descending: true }`
    pub(crate) fn sort_key<'x>(&mut self, tree: &'x Tree) -> Option<Key<'x>> {
        let TreeKind::Map(_) = tree.kind else { return Some((tree, false)) };
        let mut fields = Fields::of(tree, "a key of the order", &mut self.sink)?;
        let by = fields.need("by", &mut self.sink);
        let descending = fields.take("descending", &mut self.sink);
        fields.finish(&mut self.sink);
        let descending = match descending {
            Some(tree) => read::boolean(tree, &mut self.sink)?,
            None => false,
        };
        Some((by?, descending))
    }

    /// Reports a value that rows cannot be put in order by.
    pub(crate) fn has_an_order(&mut self, by: &Expr, written: &Tree) -> Option<()> {
        if by.ty.base.is_ordered() || matches!(by.ty.base, Base::Text | Base::Bool) {
            return Some(());
        }
        let message = format!("values of type `{}` have no order", by.ty.base);
        self.report(wrong(written, Code::WrongType, message).help("order by a date, a number, an amount or a text"));
        None
    }
}
