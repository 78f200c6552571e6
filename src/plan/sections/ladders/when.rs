//! Days: intervals in which the clock stands still, holidays, and the rest between contacts.

use super::Ladder;
use super::rung::step_filter;
use crate::lang::{Base, Expr, Type};
use crate::plan::lower::{Home, Lowerer, Subjects, Tally};
use crate::plan::node::{Aggregate, Form, Intervals, Take};
use crate::plan::schema::RelationId;

/// What happens to a day that is not worked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shift {
    None,
    Next,
    Previous,
}

pub(super) const SHIFTS: [(&str, Shift); 3] =
    [("none", Shift::None), ("next_business_day", Shift::Next), ("previous_business_day", Shift::Previous)];

/// Days that no run of holidays reaches over.
const FAR: i64 = 31;

impl Shift {
    /// The formula that shifts the day `{}`, where it is given. Of a day whose year the calendar does not cover the shift is
    /// not known: far behind it no longer matters, ahead the day is missing until it does, and then it fails.
    pub(super) fn apply(self, low: &mut Lowerer<'_>, ladder: &Ladder<'_>, day: &str) -> String {
        let (function, ahead) = match self {
            Shift::None => return day.into(),
            Shift::Next => ("business_day_on_or_after", 0),
            Shift::Previous => ("business_day_on_or_before", FAR),
        };
        let shifted = format!("if is_given({day}) {{ {function}({day}) }} else {{ {day} }}");
        if low.plan.calendar.covers.is_none() {
            return shifted;
        }
        let unknown = "ladder.day_not_known";
        if low.demand_known(unknown).is_none() {
            let missing = Expr::missing(Base::Date, ladder.place.span);
            low.add(unknown, Subjects::PORTFOLIO, missing.ty.clone(), ladder.place, Form::Expr(missing));
        }
        format!(
            "if is_given({day}) && !calendar_covers({day}) && {day} < add_days(as_of, -{FAR}) {{ {day} }} \
             else if is_given({day}) && !calendar_covers({day}) && {day} > add_days(as_of, {ahead}) {{ {unknown} }} \
             else {{ {shifted} }}"
        )
    }
}

/// Dated intervals of an item in which its clock stands still.
pub(super) struct Interval {
    pub(super) name: &'static str,
    relation: &'static str,
    from: &'static str,
    until: &'static str,
}

pub(super) const INTERVALS: [Interval; 2] = [
    Interval {
        name: "plan_kept",
        relation: "payment_plan",
        from: "payment_plan.started_on",
        until: "if is_given(payment_plan.broke_on) { min(add_days(payment_plan.broke_on, -1), payment_plan.ends_on ?? as_of) } else { payment_plan.ends_on ?? as_of }",
    },
    Interval {
        name: "disputed",
        relation: "dispute",
        from: "dispute.opened_on",
        until: "if is_given(dispute.closed_on) && dispute.closed_on <= as_of { add_days(dispute.closed_on, -1) } else { as_of }",
    },
];

/// The interval of this name, by the name that lives as long as the program.
pub(super) fn interval_name(name: &str) -> Option<&'static str> {
    INTERVALS.iter().find(|interval| interval.name == name).map(|interval| interval.name)
}

/// Whether the intervals of this name are of what lies under a subject.
pub(super) fn lies_below(low: &Lowerer<'_>, name: &str, subject: RelationId) -> bool {
    let schema = &low.plan.schema;
    let of = INTERVALS.iter().find(|i| i.name == name).and_then(|i| schema.relation(i.relation));
    of.is_some_and(|of| schema.is_at_or_above(subject, of))
}

/// The day `before`, moved by the days of every interval that stops the clock after the day it is counted from.
pub(super) fn postponed<'t>(
    low: &mut Lowerer<'t>,
    ladder: &Ladder<'t>,
    before: String,
    rung: &str,
    origin: &str,
) -> Option<String> {
    let place = ladder.place;
    let date = || Some(Type::maybe(Base::Date));
    let mut intervals = Vec::new();
    for interval in INTERVALS.iter().filter(|i| ladder.stop_clock_while.contains(&i.name)) {
        let of = low.plan.schema.relation(interval.relation)?;
        let row = Home::At(of);
        // Days up to the anchor or the event do not count: the clock starts after it.
        let first = format!(
            "if is_given({from}) && is_given({origin}) {{ max({from}, {origin} + 1) }} else {{ {from} }}",
            from = interval.from
        );
        let first = low.text(&first, place, row, date())?.expr;
        let until = low.text(interval.until, place, row, date())?.expr;
        intervals.push(Intervals { of, first, until });
    }
    // All kinds together, as a day on which the clock stands still twice is one day.
    let mut intervals = intervals.into_iter();
    let Some(Intervals { of, first, until }) = intervals.next() else { return Some(before) };
    let start = low.text(&before, place, ladder.home(), date())?.expr;
    let take = Take::Postpone { start: Box::new(start), until: Box::new(until), also: intervals.collect() };
    let name = ladder.name(&format!("{rung}.after_stops"));
    let (value, filter, weight, window, as_at) = (Some(first), None, None, None, None);
    let form = Form::Aggregate(Box::new(Aggregate { of, take, value, filter, weight, window, as_at }));
    low.add(&name, ladder.subject, Type::maybe(Base::Date), place, form);
    Some(name)
}

/// `rested`: enough days since the last contact on an earlier day.
pub(super) fn contact<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>) -> Option<()> {
    let name = ladder.name("rested");
    let ty = Some(Type::of(Base::Bool));
    // One customer is left in peace, whichever of its items the contact was about.
    let below = low.plan.schema.is_at_or_above(Subjects::ACCOUNT, ladder.subject);
    let whom = if below { Subjects::ACCOUNT } else { ladder.subject };
    let Some(tree) = ladder.days_between_contacts else {
        low.derive(&name, Home::At(whom), ty, ladder.place, "true")?;
        return Some(());
    };
    let last = ladder.name("last_contact");
    let a = &ladder.actions;
    let filter = format!("{} && is_given({a}.done_on) && {a}.done_on < as_of", step_filter(ladder));
    let value = format!("{a}.done_on");
    let tally = Tally { of: ladder.history, take: Take::Max, value: Some(&value), filter: Some(&filter) };
    low.tally(&last, whom, ladder.place, tally)?;
    let days = ladder.name("days_between_contacts");
    let expr = low.expr(tree, Home::At(whom), Some(Type::of(Base::Days)))?.expr;
    low.add(&days, whom, Type::of(Base::Days), &tree.place, Form::Expr(expr));
    let text = format!("!is_given({last}) || as_of - {last} >= {days}");
    low.derive(&name, Home::At(whom), ty, ladder.place, &text)?;
    Some(())
}
