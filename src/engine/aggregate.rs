//! What lies below a row, counted, summed, aged.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::fault::Fault;
use super::gather::{self, Gathered, Total};
use super::postpone::postponed;
use super::run::{Here, Run};
use crate::book::Book;
use crate::lang::sum::ExactSum;
use crate::lang::{Expr, Value};
use crate::plan::{Aggregate, PORTFOLIO, RelationId, Take, Window};

/// An aggregate while its rows go by.
pub(super) struct Gathering<'a> {
    here: Here<'a>,
    aggregate: &'a Aggregate,
    /// As of which the rows are looked at.
    date: NaiveDate,
    days: Days,
    gathered: Gathered,
}

impl Gathering<'_> {
    /// Takes in what rows elsewhere came to.
    pub(super) fn merge(&mut self, other: Gathered, book: &Book) {
        let of = self.aggregate.of;
        self.gathered.merge(other, |row, known| book.id(of, row) >= book.id(of, known));
    }

    /// What the rows so far come to.
    pub(super) fn gathered(self) -> Gathered {
        self.gathered
    }

    /// What the rows of a book come to, as what other books come to may be added to it.
    pub(super) fn total(self, book: &Book) -> Total {
        let last = match &self.gathered {
            Gathered::Last(Some((_, row, _))) => book.id(self.aggregate.of, *row).to_owned(),
            _ => String::new(),
        };
        Total { gathered: self.gathered, last }
    }

    /// Takes what several books came to as what the rows so far come to.
    pub(super) fn set(&mut self, total: Total) {
        self.gathered = total.gathered;
    }
}

/// The days on which a row counts.
enum Days {
    Any,
    /// After the first date, not before the second.
    Within(NaiveDate, Option<NaiveDate>),
    /// The window has no beginning.
    None,
}

impl Days {
    /// Whether a day, not after `last`, is one of them.
    fn hold(&self, day: NaiveDate, last: NaiveDate) -> bool {
        match self {
            Days::Any => true,
            Days::Within(after, not_before) => {
                *after < day && day <= last && not_before.is_none_or(|first| first <= day)
            }
            Days::None => false,
        }
    }
}

impl<'a> Run<'a> {
    pub(super) fn aggregate(&mut self, here: Here<'a>, aggregate: &'a Aggregate) -> Result<Value, Fault> {
        let Some(mut gathering) = self.open(here, aggregate)? else { return Ok(Value::Missing) };
        if here.node.subject == PORTFOLIO {
            self.book.ask_for_the_whole();
            self.walk(&mut |run, unit| run.add_below(&mut gathering, unit))?;
        } else {
            self.add_below(&mut gathering, (here.node.subject, here.row))?;
        }
        self.close(gathering)
    }

    /// Begins; `None` when no day is known as of which to look.
    pub(super) fn open(&mut self, here: Here<'a>, aggregate: &'a Aggregate) -> Result<Option<Gathering<'a>>, Fault> {
        let date = match &aggregate.as_at {
            Some(date) => match self.eval(here, date)? {
                Value::Date(date) => date.min(here.date),
                _ => return Ok(None),
            },
            None => here.date,
        };
        let days = match &aggregate.window {
            Some(window) => self.days(here, window, date)?,
            None => Days::Any,
        };
        Ok(Some(Gathering { here, aggregate, date, days, gathered: Gathered::new(&aggregate.take) }))
    }

    /// As at another date, the days are counted back from that date.
    fn days(&mut self, here: Here<'a>, window: &Window, date: NaiveDate) -> Result<Days, Fault> {
        let mut day = |expr| self.eval_at(here, here.node.subject, here.row, date, expr);
        let Value::Date(after) = day(&window.after)? else { return Ok(Days::None) };
        let not_before = window.not_before.as_ref().map(day).transpose()?;
        Ok(Days::Within(
            after,
            match not_before {
                Some(Value::Date(first)) => Some(first),
                _ => None,
            },
        ))
    }

    /// Adds the rows under a row that exist, pass the filter and lie in the window. A row without a value does not count.
    pub(super) fn add_below(&mut self, gathering: &mut Gathering<'a>, under: (RelationId, u32)) -> Result<(), Fault> {
        let (here, aggregate, date) = (gathering.here, gathering.aggregate, gathering.date);
        let mut rows = self.rows_below(aggregate.of, under, date)?;
        if matches!(gathering.days, Days::None) {
            rows.clear();
        }
        for row in rows {
            if let Some(window) = &aggregate.window {
                match self.eval_at(here, aggregate.of, row, date, &window.on)? {
                    Value::Date(on) if gathering.days.hold(on, date) => {}
                    _ => continue,
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
                self.add(gathering, row, value)?;
            }
        }
        if let Take::Postpone { also, .. } = &aggregate.take {
            for other in also {
                for row in self.rows_below(other.of, under, date)? {
                    let first = self.eval_at(here, other.of, row, date, &other.first)?;
                    self.add_interval(gathering, other.of, row, first, &other.until)?;
                }
            }
        }
        Ok(())
    }

    /// Adds a row that counts.
    fn add(&mut self, gathering: &mut Gathering<'a>, row: u32, value: Value) -> Result<(), Fault> {
        let (here, aggregate, date) = (gathering.here, gathering.aggregate, gathering.date);
        match (&mut gathering.gathered, &aggregate.take) {
            (Gathered::Count(count), _) => *count += 1,
            (Gathered::Any(any), _) => *any = true,
            (Gathered::Sum(sum), _) => gather::add(sum, &value),
            (Gathered::Extreme(wanted, best), _) => gather::better(best, value, *wanted),
            (Gathered::Mean { top, bottom }, _) => {
                let weight = match &aggregate.weight {
                    Some(weight) => gather::decimal(&self.eval_at(here, aggregate.of, row, date, weight)?),
                    None => Some(Decimal::ONE),
                };
                if let (Some(weight), Some(value)) = (weight, gather::decimal(&value)) {
                    top.add_product(value, weight);
                    bottom.add(weight);
                }
            }
            (Gathered::Last(latest), Take::Last(on)) => {
                let Value::Date(on) = self.eval_at(here, aggregate.of, row, date, on)? else { return Ok(()) };
                let is_later = |best: NaiveDate, known: u32| {
                    on > best || on == best && self.relations.by_id(aggregate.of, row, known).is_ge()
                };
                if latest.as_ref().is_none_or(|(best, known, _)| is_later(*best, *known)) {
                    *latest = Some((on, row, value));
                }
            }
            (Gathered::Intervals(_), Take::Postpone { until, .. }) => {
                self.add_interval(gathering, aggregate.of, row, value, until)?;
            }
            (Gathered::Last(_) | Gathered::Intervals(_), _) => {}
        }
        Ok(())
    }

    /// What the rows come to.
    pub(super) fn close(&mut self, gathering: Gathering<'a>) -> Result<Value, Fault> {
        let (here, aggregate) = (gathering.here, gathering.aggregate);
        match gathering.gathered {
            Gathered::Count(count) => Ok(Value::Int(count)),
            Gathered::Any(any) => Ok(Value::Bool(any)),
            Gathered::Sum(sum) => self.total(here, &sum),
            Gathered::Extreme(_, best) => Ok(best),
            Gathered::Mean { top, bottom } => self.mean(here, &top, &bottom),
            Gathered::Last(latest) => Ok(latest.map_or(Value::Missing, |(_, _, value)| value)),
            Gathered::Intervals(intervals) => match &aggregate.take {
                Take::Postpone { start, .. } => self.postpone(here, gathering.date, intervals, start),
                _ => Ok(Value::Missing),
            },
        }
    }

    /// The rows under a row that exist on a day; pieces are cut for it.
    pub(super) fn rows_below(
        &mut self,
        of: RelationId,
        under: (RelationId, u32),
        date: NaiveDate,
    ) -> Result<Vec<u32>, Fault> {
        if self.cuts.makes(of) {
            return self.pieces(of, under, date);
        }
        let rows = self.relations.below(of, under.0, under.1);
        Ok(rows.filter(|row| self.relations.exists(of, *row, date)).collect())
    }

    /// An exact sum as a value of the node's own type.
    pub(super) fn total(&self, here: Here<'a>, sum: &ExactSum) -> Result<Value, Fault> {
        gather::total(sum, here.node.ty.base.is_whole())
            .ok_or_else(|| self.root(here, gather::TOO_LARGE.into(), here.node.place.clone()))
    }

    fn mean(&self, here: Here<'a>, top: &ExactSum, bottom: &ExactSum) -> Result<Value, Fault> {
        gather::mean(top, bottom).map_err(|reason| self.root(here, reason.into(), here.node.place.clone()))
    }

    /// Adds the days of a row's interval, as far as they are past.
    fn add_interval(
        &mut self,
        gathering: &mut Gathering<'a>,
        of: RelationId,
        row: u32,
        first: Value,
        until: &Expr,
    ) -> Result<(), Fault> {
        let date = gathering.date;
        let Value::Date(first) = first else { return Ok(()) };
        let last = match self.eval_at(gathering.here, of, row, date, until)? {
            Value::Date(last) => last.min(date),
            _ => date,
        };
        if let Gathered::Intervals(intervals) = &mut gathering.gathered
            && first <= last
        {
            intervals.push((first, last));
        }
        Ok(())
    }

    fn postpone(
        &mut self,
        here: Here<'a>,
        date: NaiveDate,
        intervals: Vec<(NaiveDate, NaiveDate)>,
        start: &Expr,
    ) -> Result<Value, Fault> {
        let Value::Date(start) = self.eval(here, start)? else { return Ok(Value::Missing) };
        postponed(start, date, intervals)
            .map(|day| day.map_or(Value::Missing, Value::Date))
            .map_err(|reason| self.root(here, reason.into(), here.node.place.clone()))
    }
}
