//! What a test expects.

use super::actions::{self, Listed};
use super::{names, value};
use crate::diag::{Code, Diagnostic, Place};
use crate::lang::{NodeRef, Value};
use crate::plan::schema::fact_prefix;
use crate::plan::{Form, Plan, RelationId};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree};

/// The streams of a run whose whole content a test may list.
const STREAMS: [&str; 2] = ["actions", "invariants"];

/// What must be so.
pub(super) struct Expect<'t> {
    pub(super) values: Vec<Asked<'t>>,
    pub(super) lists: Vec<Listed<'t>>,
}

/// A value that must come out.
pub(super) struct Asked<'t> {
    pub(super) name: &'t str,
    pub(super) place: Place,
    pub(super) node: NodeRef,
    /// The row it is asked of, as `items: { I1: … }` says; the only one where nothing is said.
    pub(super) row: Option<Named<'t>>,
    pub(super) wanted: Wanted,
}

/// A row by its id.
#[derive(Clone)]
pub(super) struct Named<'t> {
    pub(super) subject: RelationId,
    pub(super) id: &'t str,
    pub(super) place: Place,
}

/// What a value must be.
pub(super) enum Wanted {
    /// This value; a missing one for `null`.
    Value(Value),
    /// The decision fails.
    Failed,
    /// Made by these rows of its table, in their order.
    Rules(Vec<String>),
}

impl<'t> Expect<'t> {
    pub(super) fn read(tree: &'t Tree, plan: &Plan, sink: &mut Vec<Diagnostic>) -> Option<Self> {
        let mut expect = Self { values: Vec::new(), lists: Vec::new() };
        let before = sink.len();
        for entry in Fields::of(tree, "`expect`", sink)?.rest() {
            if let Some(stream) = STREAMS.into_iter().find(|stream| *stream == entry.key) {
                expect.lists.extend(actions::read(stream, entry, plan, sink));
            } else if let (None, Some(subject)) = (plan.find(&entry.key), rows_called(plan, &entry.key)) {
                expect.of_rows(subject, entry, plan, sink);
            } else {
                expect.values.extend(asked(entry, None, plan, sink));
            }
        }
        if sink.len() > before {
            return None;
        }
        if expect.values.is_empty() && expect.lists.is_empty() {
            let finding = Diagnostic::error(Code::Test, "the test expects nothing", tree.place.clone());
            sink.push(finding.help("name what must come out: `expect: { tier: B }`"));
            return None;
        }
        Some(expect)
    }

    /// `items: { I1: { item.ageing: d1_30 } }`
    fn of_rows(&mut self, subject: RelationId, entry: &'t Entry, plan: &Plan, sink: &mut Vec<Diagnostic>) {
        let Some(rows) = Fields::of(&entry.value, &format!("`{}`", entry.key), sink) else { return };
        for row in rows.rest() {
            let named = Named { subject, id: &row.key, place: row.key_place.clone() };
            let Some(values) = Fields::of(&row.value, &format!("`{}`", row.key), sink) else { continue };
            for value in values.rest() {
                self.values.extend(asked(value, Some(named.clone()), plan, sink));
            }
        }
    }
}

/// The subject whose rows a key lists: `items`, `invoices`, `customers`, `securities`.
pub(super) fn rows_called(plan: &Plan, key: &str) -> Option<RelationId> {
    let singular = match key.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => key.strip_suffix('s')?.to_owned(),
    };
    let relation = plan.schema.relations.iter().find(|relation| fact_prefix(&relation.name) == singular)?;
    plan.schema.relation(&relation.name)
}

fn asked<'t>(entry: &'t Entry, row: Option<Named<'t>>, plan: &Plan, sink: &mut Vec<Diagnostic>) -> Option<Asked<'t>> {
    let (name, place) = (entry.key.as_str(), entry.key_place.clone());
    if let Some(node) = table_of_rules(plan, name) {
        let rules = rules(&entry.value, node, plan, sink)?;
        return Some(Asked { name, place, node, row, wanted: Wanted::Rules(rules) });
    }
    let node = names::find(plan, name, &place, sink)?;
    let is_failed = entry.value.scalar().is_some_and(|scalar| !scalar.quoted && scalar.text.text == "failed");
    let wanted = if is_failed {
        Wanted::Failed
    } else {
        Wanted::Value(value::value(&entry.value, &plan.node(node)?.ty.base, sink)?)
    };
    Some(Asked { name, place, node, row, wanted })
}

/// `tier.rule` asks which row of its table made `tier`.
fn table_of_rules(plan: &Plan, name: &str) -> Option<NodeRef> {
    let decision = name.strip_suffix(".rule").or_else(|| name.strip_suffix(".rules"))?;
    let node = if plan.find(name).is_some() { None } else { plan.find(decision) };
    node.filter(|node| plan.node(*node).is_some_and(|node| matches!(node.form, Form::Choice(_))))
}

fn rules(tree: &Tree, node: NodeRef, plan: &Plan, sink: &mut Vec<Diagnostic>) -> Option<Vec<String>> {
    let node = plan.node(node)?;
    let Form::Choice(choice) = &node.form else { return None };
    let known: Vec<(&str, &str)> = choice.rows.iter().map(|row| (row.id.as_str(), row.id.as_str())).collect();
    if tree.is_null() {
        return Some(Vec::new());
    }
    read::list_or_one(tree).iter().map(|rule| read::one_of(rule, &known, sink).map(str::to_owned)).collect()
}
