//! Every value of every node, by columns and by rows.

use chrono::NaiveDate;
use usance::book::Book;
use usance::engine::{Columns, Outcome, Run};
use usance::lang::NodeRef;
use usance::plan::{PORTFOLIO, Plan};

/// The first value that the columns give otherwise than the rows, in words: its name first. Credit groups are taken so
/// many at a time.
pub(crate) fn differing(plan: &Plan, book: &Book, as_of: NaiveDate, block: u32) -> Option<String> {
    let mut rows = Run::new(plan, book, as_of);
    let mut columns = Columns::new(plan, book, as_of);
    let count = u32::try_from(plan.nodes.len()).unwrap();
    let nodes: Vec<NodeRef> = (0..count).map(NodeRef).collect();
    let group = plan.schema.relation("group").unwrap();
    let groups = u32::try_from(book.count(group)).unwrap();
    let mut first = 0;
    while first < groups {
        let units = (group, first..groups.min(first + block));
        for (node, outcomes) in nodes.iter().zip(columns.outcomes(&units, &nodes)) {
            let subject = plan.node(*node).unwrap().subject;
            if subject == PORTFOLIO {
                continue;
            }
            for (row, found) in outcomes {
                let wanted = rows.outcome(*node, row);
                let same = match (&found.value, &wanted.value) {
                    (Ok(value), Ok(other)) => value == other && found.hits == wanted.hits,
                    (found, wanted) => found.is_err() && wanted.is_err(),
                };
                if !same {
                    let (name, id) = (plan.name(*node), book.id(subject, row));
                    return Some(format!("{name}\n  of {id}:\n- {}\n+ {}", shown(&wanted), shown(&found)));
                }
            }
        }
        first += block;
    }
    None
}

fn shown(outcome: &Outcome) -> String {
    match &outcome.value {
        Ok(value) => format!("{value:?}, rows {:?}", outcome.hits),
        Err(fault) => format!("failed: {}", fault.reason),
    }
}
