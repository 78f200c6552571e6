//! Every value of every node, by columns and by rows.

use chrono::NaiveDate;
use usance::book::Book;
use usance::engine::{Columns, Decided, Leg, Outcome, Pace, Run, Setting};
use usance::lang::{NodeRef, Value};
use usance::plan::Plan;

/// What the columns say of a row: nothing where it cannot be computed, and the rows of the table that made it.
struct Said {
    node: NodeRef,
    row: u32,
    value: Option<Value>,
    hits: Vec<u16>,
}

/// The first value that the columns give otherwise than the rows, in words: its name first.
pub(crate) fn differing(plan: &Plan, book: &Book, as_of: NaiveDate, pace: Pace) -> Option<String> {
    let count = u32::try_from(plan.nodes.len()).unwrap();
    let nodes: Vec<NodeRef> = (0..count).map(NodeRef).collect();
    let of_block = |decided: &mut Decided<'_, '_>, leg: Leg| {
        let mut said = Vec::new();
        for node in nodes.iter().filter(|_| leg == Leg::Last) {
            let subjects = decided.subjects(plan.node(*node).unwrap().subject);
            let answer = decided.node(&subjects, *node);
            for (lane, row) in subjects.rows.iter().enumerate() {
                let value = (!answer.has_failed(lane)).then(|| decided.value(&answer, lane));
                said.push(Said { node: *node, row: *row, value, hits: answer.hits(lane).to_vec() });
            }
        }
        said
    };
    let mut rows = Run::new(plan, book, as_of);
    let compared = Columns::new(Setting { plan, book, as_of }, pace).sweep(&of_block, &mut |said| {
        for said in said {
            let wanted = rows.outcome(said.node, said.row);
            let same = match &wanted.value {
                Ok(value) => said.value.as_ref() == Some(value) && said.hits == *wanted.hits,
                Err(_) => said.value.is_none(),
            };
            if !same {
                let subject = plan.node(said.node).unwrap().subject;
                let (name, id) = (plan.name(said.node), book.id(subject, said.row));
                let found = said.value.map_or("failed".to_owned(), |value| format!("{value:?}, rows {:?}", said.hits));
                return Err(format!("{name}\n  of {id}:\n- {}\n+ {found}", shown(&wanted)));
            }
        }
        Ok(())
    });
    compared.err()
}

fn shown(outcome: &Outcome) -> String {
    match &outcome.value {
        Ok(value) => format!("{value:?}, rows {:?}", outcome.hits),
        Err(fault) => format!("failed: {}", fault.reason),
    }
}
