//! The column evaluator: the meaning of the row engine, for a whole block of credit groups at a time.
//!
//! A node is evaluated for all lanes of a *frame* at once: rows of a relation, each as of a date. What a node came to is
//! known to its frame, so that it is computed once; `as at`, pieces and what lies below make frames of their own. Where
//! a lane cannot be computed it is only marked: the row engine, which is the meaning, says why.

mod aggregate;
mod arith;
mod block;
mod calls;
mod choice;
mod compare;
mod expr;
mod facts;
mod frames;
mod marks;
mod nodes;
mod pick;
mod pieces;
mod rows;
mod texts;
mod units;
mod vector;
mod walk;
mod weight;

use std::ops::Range;
use std::rc::Rc;

use chrono::NaiveDate;

use super::run::{Outcome, Run};
use crate::book::Book;
use crate::lang::{NodeRef, day_number};
use crate::plan::{PORTFOLIO, Plan, RelationId};

use block::Block;
use frames::{Frames, Hits, NO_HIT};
use nodes::Evaluation;
use pieces::Cutting;
use texts::Texts;

/// Some rows directly under the portfolio, credit groups, that follow one another.
pub type Units = (RelationId, Range<u32>);

/// A plan evaluated over a book as of a date, block by block.
pub struct Columns<'a> {
    plan: &'a Plan,
    book: &'a Book,
    as_of: NaiveDate,
    texts: Texts,
    cutting: Cutting,
    rows: Run<'a>,
}

impl<'a> Columns<'a> {
    /// An evaluation of a plan over a book that was read with the plan's schema.
    pub fn new(plan: &'a Plan, book: &'a Book, as_of: NaiveDate) -> Self {
        Self {
            plan,
            book,
            as_of,
            texts: Texts::default(),
            cutting: Cutting::of(plan),
            rows: Run::new(plan, book, as_of),
        }
    }

    /// What nodes come to for the rows of their subjects in a block that exist; with each its row.
    pub fn outcomes(&mut self, units: &Units, nodes: &[NodeRef]) -> Vec<Vec<(u32, Outcome)>> {
        let today = day_number(self.as_of);
        let block = Block::new(&self.plan.schema, self.book, units.clone());
        let mut evaluation = Evaluation {
            plan: self.plan,
            book: self.book,
            as_of: self.as_of,
            block,
            cutting: &self.cutting,
            frames: Frames::default(),
            texts: &mut self.texts,
            rows: &mut self.rows,
        };
        let mut all = Vec::with_capacity(nodes.len());
        for at in nodes {
            let Some(node) = self.plan.node(*at).filter(|node| node.subject != PORTFOLIO) else {
                all.push(Vec::new());
                continue;
            };
            let frame = evaluation.all(node.subject);
            let known = evaluation.node(frame, *at);
            let local = evaluation.block.local(node.subject);
            let mut outcomes = Vec::with_capacity(local.len());
            for (place, row) in (0u32..).zip(local.rows.iter()).filter(|(place, _)| local.exists(*place, today)) {
                let lane = place as usize;
                let hits: Rc<[u16]> = match &known.hits {
                    Hits::None => [].into(),
                    Hits::One(hits) => hits.get(lane).copied().into_iter().filter(|hit| *hit != NO_HIT).collect(),
                    Hits::Many(hits) => hits.get(lane).cloned().unwrap_or_default(),
                };
                outcomes.push((
                    *row,
                    match known.value.get(lane, evaluation.texts) {
                        Ok(value) => Outcome { value: Ok(value), hits },
                        Err(marks::FAILED) => {
                            let outcome = evaluation.rows.outcome(*at, *row);
                            debug_assert!(outcome.value.is_err(), "{} of {row}: {outcome:?}", node.name);
                            outcome
                        }
                        Err(_) => Outcome { value: Ok(crate::lang::Value::Missing), hits },
                    },
                ));
            }
            all.push(outcomes);
        }
        all
    }
}
