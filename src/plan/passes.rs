//! Which nodes need a further pass over the accounts: those that read what the whole portfolio comes to.

use super::node::{Form, Node, Plan};
use super::schema::RelationId;
use crate::lang::{Expr, Kind, NodeRef};

/// The portfolio stands first in every schema.
const PORTFOLIO: RelationId = RelationId(0);

impl Plan {
    /// For each node, the pass over the accounts in which it can be computed, from 1.
    pub fn passes(&self) -> Vec<u32> {
        let mut passes: Vec<u32> = Vec::with_capacity(self.nodes.len());
        let mut gathered: Vec<bool> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let (mut pass, mut gathers) = (1, matches!(node.form, Form::Aggregate(_)));
            each_read(node, &mut |read| {
                let at = read.0 as usize;
                let of_portfolio = self.node(read).is_some_and(|n| n.subject == PORTFOLIO);
                let whole = of_portfolio && gathered.get(at).copied().unwrap_or(false);
                let known = passes.get(at).copied().unwrap_or(1);
                pass = pass.max(if whole && node.subject != PORTFOLIO { known + 1 } else { known });
                gathers |= whole;
            });
            passes.push(pass);
            gathered.push(gathers);
        }
        passes
    }
}

/// Every node that a node reads.
fn each_read(node: &Node, visit: &mut dyn FnMut(NodeRef)) {
    fn expr(of: &Expr, visit: &mut dyn FnMut(NodeRef)) {
        if let Kind::Node(node) = of.kind {
            visit(node);
        }
        of.for_each_child(&mut |child| expr(child, visit));
    }
    node.form.for_each_expr(&mut |of| expr(of, visit));
}
