//! Which nodes need a further pass over the accounts: those that read what the whole portfolio comes to.

use super::node::{ACTIONS, Form, Node, Plan};
use super::schema::PORTFOLIO;
use crate::lang::{Expr, Kind, NodeRef};

impl Plan {
    /// For each node, the pass over the accounts in which it can be computed, from 1.
    pub fn passes(&self) -> Vec<u32> {
        let mut passes: Vec<u32> = Vec::with_capacity(self.nodes.len());
        let mut gathered: Vec<bool> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let (mut pass, mut gathers) = (1, node.form.goes_below());
            each_read(node, &mut |read| {
                let at = read.0 as usize;
                let of_portfolio = self.node(read).is_some_and(|n| n.subject == PORTFOLIO);
                let whole = of_portfolio && gathered.get(at).copied().unwrap_or(false);
                let known = passes.get(at).copied().unwrap_or(1);
                let goes_below = node.subject != PORTFOLIO || node.form.goes_below();
                pass = pass.max(if whole && goes_below { known + 1 } else { known });
                gathers |= whole;
            });
            passes.push(pass);
            gathered.push(gathers);
        }
        passes
    }
}

impl Plan {
    /// For each node, whether a run puts it out, or puts out what reads it.
    pub fn put_out(&self) -> Vec<bool> {
        let mut read = vec![false; self.nodes.len()];
        let mark = |read: &mut Vec<bool>, at: NodeRef| {
            if let Some(slot) = read.get_mut(at.0 as usize) {
                *slot = true;
            }
        };
        for output in &self.outputs {
            output.columns.iter().map(|column| column.node).chain(output.only).for_each(|at| mark(&mut read, at));
        }
        // A node reads only nodes before it.
        for (at, node) in (0u32..).map(NodeRef).zip(&self.nodes).collect::<Vec<_>>().into_iter().rev() {
            if matches!(&node.form, Form::Emit(emit) if self.actions.is_put_out || *emit.stream != *ACTIONS) {
                mark(&mut read, at);
            }
            if read.get(at.0 as usize).copied().unwrap_or(false) {
                each_read(node, &mut |at| mark(&mut read, at));
            }
        }
        read
    }
}

/// Every node that a node reads, for its value or in its words.
pub(super) fn each_read(node: &Node, visit: &mut dyn FnMut(NodeRef)) {
    fn expr(of: &Expr, visit: &mut dyn FnMut(NodeRef)) {
        if let Kind::Node(node) = of.kind {
            visit(node);
        }
        of.for_each_child(&mut |child| expr(child, visit));
    }
    node.form.for_each_expr(&mut |of| expr(of, visit));
    node.form.for_each_word(&mut |of| expr(of, visit));
}
