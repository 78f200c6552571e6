//! Which rules of a policy its tests hit: every row of a table and everything that can be proposed, by where it was written.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::case::Case;
use crate::diag::Place;
use crate::engine::Run;
use crate::lang::NodeRef;
use crate::plan::{self, Form, Plan};
use crate::policy::folder::Folder;

/// The stream of what must not happen: a policy is sound when nothing of it does.
const INVARIANTS: &str = "invariants";

/// How much of a policy its tests hit.
#[derive(Debug, Default)]
pub struct Coverage {
    /// How many rules there are.
    pub rules: usize,
    /// Those that no test hits, in the order of their places.
    pub never: Vec<Unhit>,
}

/// A rule that no test hits.
#[derive(Debug)]
pub struct Unhit {
    /// The decision it belongs to.
    pub decision: String,
    /// Its id.
    pub id: String,
    /// Where it was written.
    pub place: Place,
}

/// A rule: its place as people see it, where it begins, and its id.
type Key = (String, u32, String);

/// Runs every test of a policy and says which rules hit in none.
pub fn coverage(folder: &Folder, plan: &Plan) -> Coverage {
    plan::on_a_deep_stack(|| {
        let all = rules(plan);
        let mut hit = BTreeSet::new();
        let (cases, _) = Case::all(folder, plan, &mut Vec::new());
        for case in &cases {
            hits(case, plan, &mut hit);
        }
        let rules = all.len();
        let never = all.into_iter().filter(|(key, _)| !hit.contains(key)).map(|(_, rule)| rule).collect();
        Coverage { rules, never }
    })
}

fn key(place: &Place, id: &str) -> Key {
    (place.source.name.clone(), place.span.start, id.to_owned())
}

fn numbered(plan: &Plan) -> impl Iterator<Item = (NodeRef, &plan::Node)> {
    (0u32..).map(NodeRef).zip(&plan.nodes)
}

fn rules(plan: &Plan) -> BTreeMap<Key, Unhit> {
    let mut all = BTreeMap::new();
    let mut add = |decision: &str, id: &str, place: &Place| {
        let rule = || Unhit { decision: decision.to_owned(), id: id.to_owned(), place: place.clone() };
        if place.source.text != plan::PRELUDE {
            all.entry(key(place, id)).or_insert_with(rule);
        }
    };
    for node in &plan.nodes {
        match &node.form {
            // What a section makes of its own stands at a place that does not say its id.
            Form::Choice(choice) => {
                let written = choice.rows.iter().filter(|row| row.place.text().contains(row.id.as_str()));
                // A rate of a series stands under its day: it is data, and no rule.
                let written = written.filter(|row| row.id.parse::<NaiveDate>().is_err());
                written.for_each(|row| add(&node.name, &row.id, &row.place));
            }
            Form::Emit(emit) if &*emit.stream != INVARIANTS => add(&node.name, &node.name, &node.place),
            _ => {}
        }
    }
    all
}

fn rows_hit(run: &mut Run<'_>, (at, choice): (NodeRef, &plan::Choice), row: u32) -> Vec<Key> {
    let outcome = run.outcome(at, row);
    let rows = outcome.hits.iter().filter_map(|number| choice.rows.get(usize::from(*number)));
    rows.map(|row| key(&row.place, &row.id)).collect()
}

fn hits(case: &Case<'_>, plan: &Plan, hit: &mut BTreeSet<Key>) {
    let book = case.tables.book(plan, &[]);
    let mut run = Run::new(plan, &book, case.as_of);
    for (node, value) in &case.given {
        run.give(*node, value.clone());
    }
    let mut streams: BTreeSet<&str> = BTreeSet::new();
    for (at, node) in numbered(plan) {
        match &node.form {
            Form::Choice(choice) => {
                for row in run.rows(node.subject) {
                    hit.extend(rows_hit(&mut run, (at, choice), row));
                }
            }
            Form::Emit(emit) => drop(streams.insert(&emit.stream)),
            _ => {}
        }
    }
    // Pieces are there once what reads them was asked for.
    for (at, node) in numbered(plan) {
        if let Form::Choice(choice) = &node.form {
            for row in run.pieces_made(node.subject) {
                hit.extend(rows_hit(&mut run, (at, choice), row));
            }
            continue;
        }
        for row in run.rows(node.subject) {
            run.outcome(at, row);
        }
    }
    for stream in streams {
        let (lines, _) = run.emitted(stream);
        let nodes = lines.iter().filter_map(|line| plan.node(line.node));
        hit.extend(nodes.map(|node| key(&node.place, &node.name)));
    }
}
