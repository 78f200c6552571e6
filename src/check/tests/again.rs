//! The same run again, with what it proposed recorded as done: it proposes nothing.

use chrono::NaiveDate;

use super::case::Case;
use crate::book::Book;
use crate::engine::{Proposal, Run};
use crate::lang::Value;
use crate::plan::{self, Plan};
use crate::policy::folder::Folder;

/// A line of something proposed, as the book would hold it once done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposed {
    /// The ladder.
    pub ladder: String,
    /// The rung.
    pub rung: String,
    /// `item`, `invoice`, `account`, `order`
    pub subject: String,
    /// The id of the subject.
    pub subject_id: String,
    /// How often the subject came back.
    pub episode: i64,
    /// The day it is done.
    pub done_on: NaiveDate,
}

/// What a test's run proposes, and what the same run proposes once that is done.
#[derive(Clone, Debug)]
pub struct Replay {
    /// The test's name.
    pub name: String,
    /// The first run.
    pub first: Vec<Proposed>,
    /// The second.
    pub second: Vec<Proposed>,
}

/// Runs the book of every test of a policy twice, the second time with what the first proposed done on its date.
pub fn replay(folder: &Folder, plan: &Plan) -> Vec<Replay> {
    plan::on_a_deep_stack(|| {
        let (cases, _) = Case::all(folder, plan, &mut Vec::new());
        let replay = |case: &Case<'_>| {
            let first = proposed(case, plan, &case.tables.book(plan, &[]));
            let second = proposed(case, plan, &case.tables.book(plan, &first));
            Replay { name: case.name.to_owned(), first, second }
        };
        cases.iter().map(replay).collect()
    })
}

fn proposed(case: &Case<'_>, plan: &Plan, book: &Book) -> Vec<Proposed> {
    let mut run = Run::new(plan, book, case.as_of);
    for (node, value) in &case.given {
        run.give(*node, value.clone());
    }
    let (things, _) = run.proposals("actions");
    things.iter().flat_map(|thing| lines(thing, plan, book, case.as_of)).collect()
}

fn lines(thing: &Proposal, plan: &Plan, book: &Book, done_on: NaiveDate) -> Vec<Proposed> {
    let line = |line: &crate::engine::Emitted| {
        let value = |key: &str| line.payload.iter().find(|(name, _)| name == key).map(|(_, value)| value);
        Some(Proposed {
            ladder: value("ladder")?.to_string(),
            rung: value("rung")?.to_string(),
            subject: plan.schema.get(line.subject)?.name.clone(),
            subject_id: book.id(line.subject, line.row).to_owned(),
            episode: match value("episode")? {
                Value::Int(episode) => *episode,
                _ => 0,
            },
            done_on,
        })
    };
    thing.lines.iter().filter_map(line).collect()
}
