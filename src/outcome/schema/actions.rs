//! The columns of the action list: the fixed ones, and what a policy's emits send along.

use std::collections::BTreeMap;

use super::places::Places;
use super::{Head, LANGUAGES, Part, Shape, TableSchema};
use crate::lang::NodeRef;
use crate::outcome::ACTIONS;
use crate::plan::{Emit, Form, Plan};

/// The columns of the file, before what else a policy sends along. The book's `actions.csv` reads them back:
/// `status` set to what became of it, and `done_on` filled.
const HEADERS: [&str; 19] = [
    "id",
    "action",
    "level",
    "status",
    "customer",
    "currency",
    "ladder",
    "rung",
    "subject",
    "subject_id",
    "episode",
    "due_on",
    "done_on",
    "amount",
    "days_past_due",
    "channel",
    "owner",
    "template",
    "approval",
];

/// What a payload of the same name never replaces.
const OWN: [&str; 8] = ["id", "action", "level", "status", "customer", "subject", "subject_id", "place"];

/// The fixed columns and what the policy's emits send along, so that the header does not depend on the book.
pub(super) fn of_actions(plan: &Plan, places: &Places<'_>) -> TableSchema {
    let mut headers: Vec<String> = HEADERS.iter().map(ToString::to_string).collect();
    for (_, emit) in emits(plan) {
        for (name, _) in &emit.payload {
            if !headers.contains(name) {
                headers.push(name.clone());
            }
        }
    }
    let reasons = LANGUAGES.iter().filter(|_| plan.actions.with_reasons);
    headers.extend(reasons.map(|language| format!("reason_{language}")));
    headers.extend(plan.actions.with_places.then(|| "place".into()));
    let head = |name: String| Head { shape: shape(plan, places, &name), of: Part::Own, name };
    TableSchema { table: ACTIONS.into(), heads: headers.into_iter().map(head).collect() }
}

/// What the values of a column are: the same for all that send it along, or one of several.
fn shape(plan: &Plan, places: &Places<'_>, name: &str) -> Shape {
    let mut found: Option<Shape> = OWN.contains(&name).then_some(Shape::Text);
    if found.is_none() {
        let sent = emits(plan).flat_map(|(_, emit)| &emit.payload).filter(|(known, _)| known == name);
        for (_, expr) in sent {
            let shape = Shape::of(&expr.ty.base, places.of_expr(expr), &plan.money);
            found = Some(match found {
                None => shape,
                Some(known) => both(known, shape),
            });
        }
    }
    // The policy's own currency stands where none is sent along.
    match found {
        Some(shape) if name == "currency" => both(shape, Shape::Text),
        Some(shape) => shape,
        None => match name {
            "due_on" | "done_on" => Shape::Date,
            "days_past_due" => Shape::Whole,
            "amount" => Shape::of(&crate::lang::Base::Money, Some(0), &plan.money),
            "approval" => Shape::List,
            _ => Shape::Text,
        },
    }
}

/// What holds the values of both.
fn both(a: Shape, b: Shape) -> Shape {
    match (a, b) {
        (a, b) if a == b => a,
        (Shape::Decimal { least, scale }, Shape::Decimal { least: other, scale: wider }) if least == other => {
            Shape::Decimal { least, scale: scale.max(wider) }
        }
        (Shape::Text | Shape::Word(_), Shape::Text | Shape::Word(_)) => Shape::Text,
        _ => Shape::Mixed,
    }
}

fn emits(plan: &Plan) -> impl Iterator<Item = (NodeRef, &Emit)> {
    (0u32..).map(NodeRef).zip(&plan.nodes).filter_map(|(at, node)| match &node.form {
        Form::Emit(emit) if &*emit.stream == ACTIONS => Some((at, emit)),
        _ => None,
    })
}

/// The columns into which the payload of each emit goes, in its order; none where a column of our own stands before it.
#[derive(Clone, Debug, Default)]
pub(in crate::outcome) struct Payloads(BTreeMap<NodeRef, Vec<Option<usize>>>);

impl Payloads {
    /// Those of a plan.
    pub(in crate::outcome) fn of(plan: &Plan, schema: &TableSchema) -> Self {
        let column = |name: &str| schema.position(name).filter(|_| !OWN.contains(&name));
        let columns = |emit: &Emit| emit.payload.iter().map(|(name, _)| column(name)).collect();
        Self(emits(plan).map(|(at, emit)| (at, columns(emit))).collect())
    }

    /// The column of each part of an emit's payload.
    pub(in crate::outcome) fn columns(&self, emit: NodeRef) -> &[Option<usize>] {
        self.0.get(&emit).map_or(&[], Vec::as_slice)
    }
}
