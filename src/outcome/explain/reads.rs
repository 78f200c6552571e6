//! Which nodes an expression reads, and which of them to show.

use crate::engine::Run;
use crate::lang::{Base, Expr, Kind, NodeRef, Value};
use crate::plan::{Choice, Form, Node, Plan};

/// The nodes an expression reads itself, each once, in the order written.
pub(super) fn read(expr: &Expr) -> Vec<NodeRef> {
    let mut found = Vec::new();
    collect(expr, &mut found);
    found
}

fn collect(expr: &Expr, found: &mut Vec<NodeRef>) {
    if let Kind::Node(node) = expr.kind
        && !found.contains(&node)
    {
        found.push(node);
    }
    expr.for_each_child(&mut |part| collect(part, found));
}

/// The values a condition rests on: what it reads, conditions that have a name of their own looked through.
pub(super) fn seen(plan: &Plan, expr: &Expr) -> Vec<NodeRef> {
    let mut found = Vec::new();
    look_through(plan, expr, 0, &mut found);
    found
}

fn look_through(plan: &Plan, expr: &Expr, depth: usize, found: &mut Vec<NodeRef>) {
    for node in read(expr) {
        let node = plan.source(node);
        let form = plan.node(node).map(|n| (&n.form, &n.ty.base));
        match form {
            Some((Form::Expr(inner), Base::Bool)) if depth < 4 && !is_literal(inner) => {
                look_through(plan, inner, depth + 1, found);
            }
            _ if !found.contains(&node) => found.push(node),
            _ => {}
        }
    }
}

/// What the rows that hit read; of a choice that no row hits, what all its conditions read.
pub(super) fn of_choice(plan: &Plan, choice: &Choice, hits: &[u16]) -> Vec<NodeRef> {
    let mut found: Vec<NodeRef> = Vec::new();
    let mut add = |nodes: Vec<NodeRef>| {
        nodes.into_iter().for_each(|n| {
            if !found.contains(&n) {
                found.push(n)
            }
        })
    };
    for (number, row) in (0u16..).zip(&choice.rows) {
        if hits.contains(&number) || hits.is_empty() {
            row.when.iter().for_each(|when| add(seen(plan, when)));
            add(read(&row.gives).into_iter().map(|n| plan.source(n)).collect());
        }
    }
    found
}

/// Whether a node is worth a line of its own where it is read: not a constant of the policy.
pub(super) fn is_constant(plan: &Plan, node: NodeRef) -> bool {
    matches!(plan.node(node).map(|n| &n.form), Some(Form::Expr(expr)) if is_literal(expr))
}

/// Whether a condition is true for a row of the node that holds it; `None` where it fails.
pub(super) fn holds(run: &mut Run<'_>, node: NodeRef, when: &Expr, row: u32) -> Option<bool> {
    run.demand(node, when, row).ok().map(|value| value == Value::Bool(true))
}

/// Whether an expression is a constant.
pub(super) fn is_literal(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Lit(_) => true,
        Kind::ToDecimal(of) => is_literal(of),
        _ => false,
    }
}

/// The nodes themselves; in the place of a formula that was written where the reader was, what that formula reads:
/// it is a part of the reader that nobody wrote down.
pub(super) fn written(plan: &Plan, reader: &Node, nodes: Vec<NodeRef>) -> Vec<NodeRef> {
    let mut found: Vec<NodeRef> = Vec::new();
    let mut open: Vec<NodeRef> = nodes.into_iter().rev().collect();
    while let Some(node) = open.pop() {
        match plan.node(node).map(|n| (&n.form, &n.place)) {
            Some((Form::Expr(expr), place)) if *place == reader.place && !is_literal(expr) => {
                open.extend(read(expr).into_iter().rev().map(|n| plan.source(n)));
            }
            _ if !found.contains(&node) => found.push(node),
            _ => {}
        }
    }
    found
}
