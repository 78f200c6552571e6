//! Rows or dates gone through in a declared order, where each step knows what the steps before it came to.

use std::cmp::Ordering;

use chrono::NaiveDate;

use super::fault::Fault;
use super::gather;
use super::run::{Here, Run};
use crate::lang::{Expr, Value};
use crate::plan::{Over, RelationId, SortKey, Walk};

/// A hundred years of days.
pub(super) const MOST_DATES: usize = 36_600;

impl<'a> Run<'a> {
    pub(super) fn walk_through(&mut self, here: Here<'a>, walk: &'a Walk) -> Result<Value, Fault> {
        let relation = here.node.subject;
        let under = self.row_above(relation, here.row, walk.under);
        match &walk.over {
            Over::Dates { first, next, while_ } => self.over_dates(here, walk, (first, next, while_.as_ref())),
            Over::Rows { of, filter, order } => {
                let rows = self.in_turn(here, walk, under, *of, filter.as_ref(), order);
                if relation == walk.under {
                    return self.at_the_end(here, walk, &rows?, *of);
                }
                self.each_row(here, walk, under, rows)
            }
        }
    }

    /// The running values before the first step.
    fn start(&mut self, here: Here<'a>, walk: &'a Walk, under: u32) -> Result<Vec<Value>, Fault> {
        let at = (walk.under, under);
        walk.start.iter().map(|start| self.eval_with(here, at, here.date, start, &mut Vec::new())).collect()
    }

    /// The running values after a step.
    fn step(
        &mut self,
        here: Here<'a>,
        walk: &'a Walk,
        at: (RelationId, u32),
        date: NaiveDate,
        running: &[Value],
    ) -> Result<Vec<Value>, Fault> {
        walk.step.iter().map(|step| self.eval_with(here, at, date, step, &mut running.to_vec())).collect()
    }

    fn at_the_end(&mut self, here: Here<'a>, walk: &'a Walk, rows: &[u32], of: RelationId) -> Result<Value, Fault> {
        let mut running = self.start(here, walk, here.row)?;
        for row in rows {
            running = self.step(here, walk, (of, *row), here.date, &running)?;
        }
        self.eval_with(here, (walk.under, here.row), here.date, &walk.gives, &mut running)
    }

    /// Goes through the rows for all of them at once, and gives what the row asked for comes to. What fails at one row
    /// fails there and after it.
    fn each_row(
        &mut self,
        here: Here<'a>,
        walk: &'a Walk,
        under: u32,
        rows: Result<Vec<u32>, Fault>,
    ) -> Result<Value, Fault> {
        let of = here.node.subject;
        let rows = rows?;
        let Some(first) = rows.first() else { return Ok(Value::Missing) };
        let mut running = self.start(Here { row: *first, ..here }, walk, under);
        let mut own = Ok(Value::Missing);
        for row in rows {
            let here_now = Here { row, ..here };
            let before = running;
            running = match &before {
                Ok(values) => self.step(here_now, walk, (of, row), here.date, values),
                Err(fault) => Err(fault.clone()),
            };
            let value = match (&before, &running) {
                (Ok(before), Ok(after)) => {
                    let mut locals = [after.as_slice(), before.as_slice()].concat();
                    self.eval_with(here_now, (of, row), here.date, &walk.gives, &mut locals)
                }
                (_, Err(fault)) | (Err(fault), _) => Err(fault.clone()),
            };
            let outcome = self.plain(value);
            if row == here.row {
                own = outcome.value.clone();
            }
            self.memo.set(here.at, of, row, here.date, outcome);
        }
        own
    }

    fn over_dates(
        &mut self,
        here: Here<'a>,
        walk: &'a Walk,
        (first, next, while_): (&'a Expr, &'a Expr, Option<&'a Expr>),
    ) -> Result<Value, Fault> {
        let at = (walk.under, here.row);
        let mut running = self.start(here, walk, here.row)?;
        let mut date = self.eval(here, first)?;
        let mut steps = 0;
        while let Value::Date(day) = date {
            if day > here.date {
                break;
            }
            if let Some(goes_on) = while_
                && self.eval_with(here, at, day, goes_on, &mut running.clone())? != Value::Bool(true)
            {
                break;
            }
            running = self.step(here, walk, at, day, &running)?;
            date = self.eval_with(here, at, day, next, &mut running.clone())?;
            steps += 1;
            if date == Value::Date(day) || steps == MOST_DATES {
                let reason = format!("the dates gone through do not end: the last was {day}");
                return Err(self.root(here, reason, here.node.place.clone()));
            }
        }
        self.eval_with(here, at, here.date, &walk.gives, &mut running)
    }

    /// The rows gone through, in their order.
    fn in_turn(
        &mut self,
        here: Here<'a>,
        walk: &'a Walk,
        under: u32,
        of: RelationId,
        filter: Option<&'a Expr>,
        order: &'a [SortKey],
    ) -> Result<Vec<u32>, Fault> {
        let mut keyed = Vec::new();
        for row in self.rows_below(of, (walk.under, under), here.date)? {
            // A fault stands at the row at which it happened, whichever row was asked for.
            let here = if here.node.subject == of { Here { row, ..here } } else { here };
            let mut at_row = |expr| self.eval_with(here, (of, row), here.date, expr, &mut Vec::new());
            if let Some(filter) = filter
                && at_row(filter)? != Value::Bool(true)
            {
                continue;
            }
            let keys = order.iter().map(|key| at_row(&key.by)).collect::<Result<Vec<_>, _>>()?;
            keyed.push((keys, row));
        }
        keyed.sort_by(|(a, row_a), (b, row_b)| {
            let by_keys = order.iter().zip(a.iter().zip(b)).map(|(key, (a, b))| gather::in_turn(a, b, key.descending));
            by_keys.fold(Ordering::Equal, Ordering::then).then_with(|| self.relations.by_id(of, *row_a, *row_b))
        });
        Ok(keyed.into_iter().map(|(_, row)| row).collect())
    }
}
