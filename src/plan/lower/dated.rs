//! Names whose value is of a date: `reference.LPR_1Y` now, `reference.LPR_1Y(invoice.issue_date)` on another day.

use std::collections::BTreeSet;

use super::Lowerer;
use crate::lang::{Expr, Kind, NodeRef};

impl Lowerer<'_> {
    /// Lets a name be read on another date.
    pub(crate) fn let_read_on_a_date(&mut self, name: &str) {
        self.dated.insert(name.into());
    }

    /// Whether a name can be read on another date.
    pub(crate) fn can_be_read_on_a_date(&self, name: &str) -> bool {
        self.dated.contains(name)
    }

    /// Whether an expression, with all it reads, reads such a name without saying on which date.
    pub(crate) fn reads_dated(&self, expr: &Expr) -> bool {
        self.reads(expr, &mut BTreeSet::new())
    }

    fn reads(&self, expr: &Expr, seen: &mut BTreeSet<NodeRef>) -> bool {
        let mut found = false;
        match &expr.kind {
            Kind::AsAt(..) => return false,
            Kind::Node(at) if seen.insert(*at) => {
                let Some(node) = self.node(*at) else { return false };
                found = self.dated.contains(&node.name);
                node.form.for_each_expr(&mut |part| found = found || self.reads(part, seen));
            }
            _ => {}
        }
        expr.for_each_child(&mut |part| found = found || self.reads(part, seen));
        found
    }
}
