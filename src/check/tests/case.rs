//! A test as it is written.

use chrono::NaiveDate;

use super::expect::Expect;
use super::rows::{Tables, decision_of_customer};
use super::{names, value};
use crate::diag::{Code, Diagnostic, Place};
use crate::lang::{NodeRef, Value};
use crate::plan::Plan;
use crate::policy::fields::Fields;
use crate::policy::folder::Folder;
use crate::policy::read;
use crate::policy::tree::{Tree, TreeKind};

/// A test that can be run.
pub(super) struct Case<'t> {
    pub(super) name: &'t str,
    pub(super) place: Place,
    pub(super) as_of: NaiveDate,
    pub(super) tables: Tables<'t>,
    pub(super) given: Vec<(NodeRef, Value)>,
    pub(super) expect: Expect<'t>,
}

impl<'t> Case<'t> {
    /// Every test of a policy that can be run, and how many others there are; why they cannot goes to `sink`.
    pub(super) fn all(folder: &'t Folder, plan: &Plan, sink: &mut Vec<Diagnostic>) -> (Vec<Self>, usize) {
        let (mut cases, mut unusable): (Vec<Self>, usize) = (Vec::new(), 0);
        for file in &folder.tests {
            for tree in read::list(file, sink).unwrap_or(&[]) {
                let Some(case) = Self::read(tree, plan, sink) else {
                    unusable += 1;
                    continue;
                };
                if let Some(first) = cases.iter().find(|known| known.name == case.name) {
                    let message = format!("two tests are called `{}`", case.name);
                    let finding = Diagnostic::error(Code::Test, message, case.place.clone());
                    sink.push(finding.also(first.place.clone(), "the first").help("say in the name what differs"));
                    unusable += 1;
                    continue;
                }
                cases.push(case);
            }
        }
        (cases, unusable)
    }

    fn read(tree: &'t Tree, plan: &Plan, sink: &mut Vec<Diagnostic>) -> Option<Self> {
        let before = sink.len();
        let mut fields = Fields::of(tree, "a test", sink)?;
        let name_tree = fields.need("name", sink);
        let as_of = fields.need("as_of", sink).and_then(|tree| read::date(tree, sink));
        let tables = Tables::read(&mut fields, plan, sink);
        let written = fields.take("given", sink);
        let expect = fields.need("expect", sink).and_then(|tree| Expect::read(tree, plan, sink));
        fields.finish(sink);
        let tables = tables?;
        let mut given = Vec::new();
        for entry in &tables.decided {
            let name = decision_of_customer(plan, &entry.key)?;
            given.extend(take(plan, &name, &entry.key_place, &entry.value, sink));
        }
        if let Some(tree) = written {
            for entry in Fields::of(tree, "`given`", sink)?.rest() {
                given.extend(take(plan, &entry.key, &entry.key_place, &entry.value, sink));
            }
        }
        let name_tree = name_tree?;
        let name = read::text(name_tree, sink)?.text.as_str();
        if sink.len() > before {
            return None;
        }
        Some(Self { name, place: name_tree.place.clone(), as_of: as_of?, tables, given, expect: expect? })
    }
}

/// A decision taken as made.
fn take(plan: &Plan, name: &str, place: &Place, tree: &Tree, sink: &mut Vec<Diagnostic>) -> Option<(NodeRef, Value)> {
    let at = names::find(plan, name, place, sink)?;
    let node = plan.node(at)?;
    let value = value::value(tree, &node.ty.base, sink)?;
    if !value.is_given() && !node.ty.optional {
        let finding = Diagnostic::error(Code::Test, format!("`{name}` is never missing"), tree.place.clone());
        sink.push(finding.help(format!("give a value of type {}", node.ty.base)));
        return None;
    }
    if let TreeKind::Map(_) = tree.kind {
        return None;
    }
    Some((at, value))
}
