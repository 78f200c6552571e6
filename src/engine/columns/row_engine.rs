//! The row engine beside the columns: made when something is first left to it.

use std::collections::BTreeMap;
use std::rc::Rc;

use chrono::NaiveDate;

use crate::book::Book;
use crate::engine::fault::Root;
use crate::engine::run::Run;
use crate::lang::{NodeRef, Value};
use crate::plan::Plan;

/// What the portfolio comes to, as far as it is known.
pub(super) type Whole = BTreeMap<NodeRef, Result<Value, Root>>;

/// The row engine of one thread.
pub(super) struct RowEngine<'a> {
    plan: &'a Plan,
    book: &'a Book,
    as_of: NaiveDate,
    whole: Whole,
    run: Option<Run<'a>>,
}

impl<'a> RowEngine<'a> {
    pub(super) fn new(plan: &'a Plan, book: &'a Book, as_of: NaiveDate, whole: Whole) -> Self {
        Self { plan, book, as_of, whole, run: None }
    }

    /// What a node of the portfolio comes to, where that was gathered.
    pub(super) fn known(&self, node: NodeRef) -> Option<&Result<Value, Root>> {
        self.whole.get(&node)
    }

    pub(super) fn run(&mut self) -> &mut Run<'a> {
        let (plan, book, as_of, whole) = (self.plan, self.book, self.as_of, &self.whole);
        self.run.get_or_insert_with(|| {
            let mut run = Run::new(plan, book, as_of);
            for (node, value) in whole {
                run.know(*node, value.clone().map_err(Rc::new));
            }
            run
        })
    }
}
