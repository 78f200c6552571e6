//! The names a test may use: whatever the policy decides or reads.

use crate::diag::{Code, Diagnostic, Place, nearest};
use crate::lang::NodeRef;
use crate::plan::schema::fact_prefix;
use crate::plan::{Form, PRELUDE, Plan};

/// The node a name stands for.
pub(super) fn find(plan: &Plan, name: &str, place: &Place, sink: &mut Vec<Diagnostic>) -> Option<NodeRef> {
    let found = plan.find(name).filter(|node| has_value(plan, *node));
    if found.is_none() {
        sink.push(unknown(plan, name, place));
    }
    found
}

fn has_value(plan: &Plan, node: NodeRef) -> bool {
    plan.node(node).is_some_and(|node| !matches!(node.form, Form::Emit(_)))
}

fn unknown(plan: &Plan, name: &str, place: &Place) -> Diagnostic {
    if is_standard(plan, name) {
        let finding =
            Diagnostic::error(Code::Test, format!("`{name}` is a fact this policy never reads"), place.clone());
        return finding.help("only what the policy reads is computed; ask for what it decides from it");
    }
    let names = plan.nodes.iter().filter(|node| !matches!(node.form, Form::Emit(_))).map(|node| node.name.as_str());
    let finding = Diagnostic::error(Code::Test, format!("the policy has nothing called `{name}`"), place.clone());
    finding.help(match nearest(name, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`usance check --plan` lists every name".to_owned(),
    })
}

/// Whether a name is one of the standard facts, raw or computed.
fn is_standard(plan: &Plan, name: &str) -> bool {
    let raw = || {
        let (prefix, fact) = name.split_once('.')?;
        let relation = plan.schema.relations.iter().find(|relation| fact_prefix(&relation.name) == prefix)?;
        relation.facts.iter().find(|known| known.name == fact)
    };
    raw().is_some()
        || PRELUDE.lines().any(|line| line.trim_start().strip_prefix(name).is_some_and(|l| l.starts_with(':')))
}
