//! What lies below a row, counted, summed, aged.

use std::cmp::Ordering;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::fault::Fault;
use super::run::{Here, Run};
use crate::lang::sum::ExactSum;
use crate::lang::{Expr, Value};
use crate::plan::{Aggregate, Take};

/// A row that counts.
struct Counted {
    row: u32,
    value: Value,
}

impl<'a> Run<'a> {
    pub(super) fn aggregate(&mut self, here: Here<'a>, aggregate: &'a Aggregate) -> Result<Value, Fault> {
        let date = match &aggregate.as_at {
            Some(date) => match self.eval(here, date)? {
                Value::Date(date) => date.min(here.date),
                _ => return Ok(Value::Missing),
            },
            None => here.date,
        };
        let counted = self.counted(here, aggregate, date)?;
        match &aggregate.take {
            Take::Count => Ok(Value::Int(i64::try_from(counted.len()).unwrap_or(i64::MAX))),
            Take::Any => Ok(Value::Bool(!counted.is_empty())),
            Take::Sum => self.sum(here, &counted.into_iter().map(|c| c.value).collect::<Vec<_>>()),
            Take::Min => Ok(extreme(counted.into_iter().map(|c| c.value).collect(), Ordering::Less)),
            Take::Max => Ok(extreme(counted.into_iter().map(|c| c.value).collect(), Ordering::Greater)),
            Take::Mean => self.mean(here, aggregate, date, &counted),
            Take::Last(on) => self.last(here, aggregate, date, counted, on),
            Take::Postpone { start, until, also } => {
                let mut intervals = Vec::new();
                for c in counted {
                    intervals.extend(self.interval(here, aggregate.of, c.row, date, c.value, until)?);
                }
                for other in also {
                    for row in self.rows_below(here, other.of, date)? {
                        let first = self.eval_at(here, other.of, row, date, &other.first)?;
                        intervals.extend(self.interval(here, other.of, row, date, first, &other.until)?);
                    }
                }
                self.postpone(here, date, intervals, start)
            }
        }
    }

    /// The rows that exist, pass the filter and lie in the window, with their values. A row without a value does not count.
    fn counted(&mut self, here: Here<'a>, aggregate: &'a Aggregate, date: NaiveDate) -> Result<Vec<Counted>, Fault> {
        let window = match &aggregate.window {
            Some(window) => {
                // As at another date, the days are counted back from that date.
                let own = here.node.subject;
                let Value::Date(after) = self.eval_at(here, own, here.row, date, &window.after)? else {
                    return Ok(Vec::new());
                };
                let not_before = match &window.not_before {
                    Some(first) => self.eval_at(here, own, here.row, date, first)?,
                    None => Value::Missing,
                };
                Some((after, not_before))
            }
            None => None,
        };
        let mut counted = Vec::new();
        for row in self.rows_below(here, aggregate.of, date)? {
            if let (Some(window), Some((after, not_before))) = (&aggregate.window, &window) {
                let Value::Date(on) = self.eval_at(here, aggregate.of, row, date, &window.on)? else { continue };
                let early = matches!(not_before, Value::Date(first) if on < *first);
                if on <= *after || on > date || early {
                    continue;
                }
            }
            if let Some(filter) = &aggregate.filter
                && self.eval_at(here, aggregate.of, row, date, filter)? != Value::Bool(true)
            {
                continue;
            }
            let value = match &aggregate.value {
                Some(value) => self.eval_at(here, aggregate.of, row, date, value)?,
                None => Value::Bool(true),
            };
            if value.is_given() {
                counted.push(Counted { row, value });
            }
        }
        Ok(counted)
    }

    fn rows_below(&mut self, here: Here<'a>, of: crate::plan::RelationId, date: NaiveDate) -> Result<Vec<u32>, Fault> {
        if self.cuts.makes(of) {
            return self.pieces(here, of, date);
        }
        let rows = self.relations.below(of, here.node.subject, here.row);
        Ok(rows.into_iter().filter(|row| self.relations.exists(of, *row, date)).collect())
    }

    /// The exact sum of values of the node's own type.
    pub(super) fn sum(&mut self, here: Here<'a>, values: &[Value]) -> Result<Value, Fault> {
        let mut sum = ExactSum::default();
        for value in values {
            match value {
                Value::Dec(d) => sum.add(*d),
                Value::Int(n) => sum.add(Decimal::from(*n)),
                _ => {}
            }
        }
        let total = sum.total();
        let value = if here.node.ty.base.is_whole() {
            total.and_then(|t| i64::try_from(t).ok()).map(Value::Int)
        } else {
            total.map(Value::Dec)
        };
        value.ok_or_else(|| self.root(here, "the sum is too large to hold".into(), here.node.place.clone()))
    }

    fn mean(
        &mut self,
        here: Here<'a>,
        aggregate: &'a Aggregate,
        date: NaiveDate,
        counted: &[Counted],
    ) -> Result<Value, Fault> {
        let (mut top, mut bottom) = (ExactSum::default(), ExactSum::default());
        for c in counted {
            let weight = match &aggregate.weight {
                Some(weight) => decimal(&self.eval_at(here, aggregate.of, c.row, date, weight)?),
                None => Some(Decimal::ONE),
            };
            if let (Some(weight), Some(value)) = (weight, decimal(&c.value)) {
                top.add_product(value, weight);
                bottom.add(weight);
            }
        }
        let (Some(top), Some(bottom)) = (top.total(), bottom.total()) else {
            return Err(self.root(here, "the sum is too large to hold".into(), here.node.place.clone()));
        };
        if counted.is_empty() || bottom.is_zero() {
            return Ok(Value::Missing);
        }
        let mean = top.checked_div(bottom);
        mean.map(Value::Dec)
            .ok_or_else(|| self.root(here, "the mean is too large to hold".into(), here.node.place.clone()))
    }

    fn last(
        &mut self,
        here: Here<'a>,
        aggregate: &'a Aggregate,
        date: NaiveDate,
        counted: Vec<Counted>,
        on: &Expr,
    ) -> Result<Value, Fault> {
        let mut latest: Option<(NaiveDate, Value)> = None;
        for c in counted {
            let Value::Date(on) = self.eval_at(here, aggregate.of, c.row, date, on)? else { continue };
            if latest.as_ref().is_none_or(|(best, _)| on >= *best) {
                latest = Some((on, c.value));
            }
        }
        Ok(latest.map_or(Value::Missing, |(_, value)| value))
    }

    /// The days of a row's interval, as far as they are past; none when it has none.
    fn interval(
        &mut self,
        here: Here<'a>,
        of: crate::plan::RelationId,
        row: u32,
        date: NaiveDate,
        first: Value,
        until: &Expr,
    ) -> Result<Option<(NaiveDate, NaiveDate)>, Fault> {
        let Value::Date(first) = first else { return Ok(None) };
        let last = match self.eval_at(here, of, row, date, until)? {
            Value::Date(last) => last.min(date),
            _ => date,
        };
        Ok((first <= last).then_some((first, last)))
    }

    /// The start date, moved by the days of the intervals it meets; days that several intervals share count once.
    /// Missing while an interval that moves it still runs: nobody knows the day then.
    fn postpone(
        &mut self,
        here: Here<'a>,
        date: NaiveDate,
        mut intervals: Vec<(NaiveDate, NaiveDate)>,
        start: &Expr,
    ) -> Result<Value, Fault> {
        let Value::Date(start) = self.eval(here, start)? else { return Ok(Value::Missing) };
        intervals.sort_unstable();
        let day = postponed(start, &intervals)
            .ok_or_else(|| self.root(here, "the date is too late to hold".into(), here.node.place.clone()))?;
        let runs = |(first, last): &(NaiveDate, NaiveDate)| *first <= day && *last >= date;
        Ok(if day > date && intervals.iter().any(runs) { Value::Missing } else { Value::Date(day) })
    }
}

/// Moves a date past the days of intervals (sorted by their first day, both ends counted) that begin on or before it.
fn postponed(start: NaiveDate, intervals: &[(NaiveDate, NaiveDate)]) -> Option<NaiveDate> {
    let mut day = start;
    let mut counted_to: Option<NaiveDate> = None;
    for (first, last) in intervals {
        let first = match counted_to {
            Some(done) if done >= *first => done.succ_opt()?,
            _ => *first,
        };
        if first > day {
            break;
        }
        if first > *last {
            continue;
        }
        let days = u64::try_from((*last - first).num_days() + 1).ok()?;
        day = day.checked_add_days(Days::new(days))?;
        counted_to = Some(*last);
    }
    Some(day)
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Dec(d) => Some(*d),
        Value::Int(n) => Some(Decimal::from(*n)),
        _ => None,
    }
}

/// The least or greatest of values of one ordered type; missing when there is none.
pub(super) fn extreme(values: Vec<Value>, wanted: Ordering) -> Value {
    let mut best = Value::Missing;
    for value in values {
        if !best.is_given() || order(&value, &best) == wanted {
            best = value;
        }
    }
    best
}

fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Date(a), Value::Date(b)) => a.cmp(b),
        (Value::Int(a), Value::Int(b)) => a.cmp(b),
        _ => decimal(a).cmp(&decimal(b)),
    }
}
