//! `calendar: { weekend: [sat, sun], holidays: calendars/cn.csv, covers: [2025, 2026] }`

use std::collections::BTreeSet;

use chrono::{Datelike, Weekday};

use crate::diag::{Code, Diagnostic};
use crate::plan::lower::{Lowerer, wrong};
use crate::policy::fields::Fields;
use crate::policy::tree::{Entry, Tree};
use crate::policy::{read, table};

const DAYS: [(&str, Weekday); 7] = [
    ("mon", Weekday::Mon),
    ("tue", Weekday::Tue),
    ("wed", Weekday::Wed),
    ("thu", Weekday::Thu),
    ("fri", Weekday::Fri),
    ("sat", Weekday::Sat),
    ("sun", Weekday::Sun),
];

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let Some(mut fields) = Fields::of(&section.value, "`calendar`", &mut low.sink) else { return };
    let weekend = fields.take("weekend", &mut low.sink);
    let holidays = fields.take("holidays", &mut low.sink);
    let covers = fields.take("covers", &mut low.sink);
    fields.finish(&mut low.sink);
    for day in weekend.map(read::list_or_one).unwrap_or(&[]) {
        low.plan.calendar.weekend.extend(read::one_of(day, &DAYS, &mut low.sink));
    }
    if low.plan.calendar.weekend.len() >= DAYS.len() {
        low.report(
            wrong(&section.value, Code::OutOfBounds, "a week without a working day")
                .help("leave at least one day out of `weekend`"),
        );
        low.plan.calendar.weekend.clear();
    }
    if let Some(holidays) = holidays {
        let Some(rows) = table::rows_or_table(holidays, low.folder, &mut low.sink) else { return };
        for row in rows {
            holiday(low, row);
        }
    }
    if let Some(covers) = covers {
        low.plan.calendar.covers = Some(years(low, covers));
    }
}

/// The years whose holidays the calendar has. One of which it has no day at all is a slip: no country works them all.
fn years(low: &mut Lowerer<'_>, covers: &Tree) -> BTreeSet<i32> {
    let mut years = BTreeSet::new();
    for tree in read::list_or_one(covers) {
        let Some(year) = read::whole(tree, &mut low.sink).and_then(|year| i32::try_from(year).ok()) else { continue };
        let calendar = &low.plan.calendar;
        let has_days = calendar.holidays.iter().chain(&calendar.working).any(|day| day.year() == year);
        if !has_days {
            let message = format!("the calendar has no day of {year}");
            low.report(
                wrong(tree, Code::UnknownValue, message).help("add the year's holidays to `holidays`, or take it out"),
            );
        } else if !years.insert(year) {
            low.report(wrong(tree, Code::DuplicateId, format!("{year} stands twice")).help("keep one of the two"));
        }
    }
    years
}

/// A row `date, name, working`: a day off, or with `working: true` a weekend day that is worked.
fn holiday(low: &mut Lowerer<'_>, row: &Tree) {
    if row.scalar().is_some() {
        low.plan.calendar.holidays.extend(read::date(row, &mut low.sink));
        return;
    }
    let Some(mut fields) = Fields::of(row, "a holiday", &mut low.sink) else { return };
    let date = fields.need("date", &mut low.sink).and_then(|t| read::date(t, &mut low.sink));
    let working = fields.take("working", &mut low.sink).and_then(|t| read::boolean(t, &mut low.sink)).unwrap_or(false);
    fields.take("name", &mut low.sink);
    fields.finish(&mut low.sink);
    let Some(date) = date else { return };
    let calendar = &mut low.plan.calendar;
    let new = if working { calendar.working.insert(date) } else { calendar.holidays.insert(date) };
    if !new || calendar.working.contains(&date) && calendar.holidays.contains(&date) {
        let message = format!("{date} stands twice in the calendar");
        low.report(Diagnostic::error(Code::DuplicateId, message, row.place.clone()).help("keep one of the two rows"));
    }
}
