//! The functions of a plan for people: which are lowered, and what those cost that are not.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::node::{Node, Plan};
use super::passes::each_read;
use crate::lang::expr::Body;
use crate::lang::script::Script;
use crate::lang::{Expr, Function, FunctionRef, Kind, NodeRef};

/// How many of the nodes that call a function are named.
const NAMED: usize = 4;

impl Plan {
    /// A function in a line; one that runs in Rhai with why, with what to write instead, and with what it costs.
    pub(super) fn show_function(&self, at: FunctionRef, function: &Function) -> String {
        let takes: Vec<String> = function.takes.iter().map(ToString::to_string).collect();
        let head = format!("function {}({}) -> {}", function.name, takes.join(", "), function.gives);
        match &function.body {
            Body::Lowered(_) => format!("{head}: lowered\n"),
            Body::Script(script) => format!("{head}: run in Rhai\n{}", self.show_cost(at, script)),
        }
    }

    fn show_cost(&self, at: FunctionRef, script: &Script) -> String {
        let (beyond, callers) = (script.beyond(), self.callers(at));
        let mut out = format!("    at {}\n    needs Rhai: {}, at {}\n", script.place(), beyond.what, beyond.place);
        if !beyond.instead.is_empty() {
            let _ = writeln!(out, "    instead: {}", beyond.instead);
        }
        if callers.is_empty() {
            out.push_str("    cost: none, nothing calls it\n");
            return out;
        }
        out.push_str("    cost: interpreted, one call for each row that reaches it, those with equal arguments shared within a\n");
        out.push_str("        block; a lowered function takes whole columns\n");
        let named = callers.iter().take(NAMED).filter_map(|at| self.node(*at)).map(|node| self.called_by(node));
        let more = callers.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let (count, rest) = (counted(callers.len()), counted(self.resting_on(&callers)));
        let _ =
            writeln!(out, "    called by {count}: {}{more}; {rest} rest on it", named.collect::<Vec<_>>().join(", "));
        out
    }

    fn called_by(&self, node: &Node) -> String {
        let subject = self.schema.get(node.subject).map_or("?", |relation| relation.name.as_str());
        format!("{} of {subject}", node.name)
    }

    /// The nodes that call a function themselves, or through functions that are lowered.
    fn callers(&self, of: FunctionRef) -> Vec<NodeRef> {
        let mut reaching = BTreeSet::from([of]);
        loop {
            let more = (0u32..).map(FunctionRef).zip(&self.functions).filter(|(at, function)| match &function.body {
                Body::Lowered(body) => !reaching.contains(at) && calls(body, &reaching),
                Body::Script(_) => false,
            });
            let more: Vec<FunctionRef> = more.map(|(at, _)| at).collect();
            if more.is_empty() {
                break;
            }
            reaching.extend(more);
        }
        let does = |node: &Node| {
            let mut found = false;
            let mut look = |expr: &Expr| found |= calls(expr, &reaching);
            node.form.for_each_expr(&mut look);
            node.form.for_each_word(&mut look);
            found
        };
        (0u32..).map(NodeRef).zip(&self.nodes).filter(|(_, node)| does(node)).map(|(at, _)| at).collect()
    }

    /// How many other nodes read some nodes, or read what reads them.
    fn resting_on(&self, first: &[NodeRef]) -> usize {
        let mut resting: BTreeSet<NodeRef> = first.iter().copied().collect();
        // A node reads only nodes before it.
        for (at, node) in (0u32..).map(NodeRef).zip(&self.nodes) {
            let mut rests = false;
            each_read(node, &mut |read| rests |= resting.contains(&read));
            if rests {
                resting.insert(at);
            }
        }
        resting.len() - first.len()
    }
}

fn calls(expr: &Expr, functions: &BTreeSet<FunctionRef>) -> bool {
    let mut found = matches!(&expr.kind, Kind::Function(function, _) if functions.contains(function));
    expr.for_each_child(&mut |child| found |= calls(child, functions));
    found
}

fn counted(nodes: usize) -> String {
    format!("{nodes} node{}", if nodes == 1 { "" } else { "s" })
}
