//! Until when an invoice is to be paid by these terms: so many days, or any rule of dates.

use super::super::table::Row;
use super::Table;
use crate::diag::Code;
use crate::lang::{Base, Expr, Type, Words};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::{ChoiceRow, Hit};
use crate::policy::read;

/// From which day the days count.
const BASES: [(&str, &str); 3] = [
    ("invoice", "invoice.issue_date"),
    ("delivery", "invoice.delivery_date"),
    ("acceptance", "invoice.acceptance_date"),
];

/// What happens to a day that is not worked, and the function that moves it.
const SHIFTS: [(&str, Option<&str>); 3] = [
    ("none", None),
    ("next_business_day", Some("business_day_on_or_after")),
    ("previous_business_day", Some("business_day_on_or_before")),
];

/// The day the terms of an invoice count from.
pub(super) const FROM: &str = "invoice.terms_from";
const WRITTEN: &str = "invoice.due_written";
const DUE: &str = "invoice.due_by_terms";
const BEYOND: &str = "item.days_beyond_terms";

/// What can be read besides the table's own outputs.
pub(super) const NAMES: [&str; 3] = [FROM, DUE, BEYOND];

/// A row says its due date in one way, and a rule of dates its own beginning.
pub(super) fn check(low: &mut Lowerer<'_>, row: &Row) -> Option<()> {
    for key in ["net_days", "counts_from"] {
        if let (Some(_), Some(other)) = (row.output("due"), row.output(key)) {
            let message = format!("`due` says the whole due date, and `{key}` stands beside it");
            low.report(wrong(other, Code::UnknownKey, message).help("keep one of the two"));
            return None;
        }
    }
    row.output("counts_from").map_or(Some(""), |tree| read::one_of(tree, &BASES, &mut low.sink))?;
    row.output("on_holiday").map_or(Some(None), |tree| read::one_of(tree, &SHIFTS, &mut low.sink))?;
    Some(())
}

/// Adds the day the terms count from, the due date by the terms, and how far the one in the book lies behind it.
pub(super) fn lower(low: &mut Lowerer<'_>, table: &Table<'_>) -> Option<()> {
    if !table.is_seen_from(low, Subjects::INVOICE) {
        return Some(());
    }
    let (mut from, mut written, mut shifted) = (Vec::new(), Vec::new(), Vec::new());
    for row in table.rows {
        let word = |key: &str| row.output(key).and_then(|tree| tree.text());
        let base = BASES.iter().find(|(name, _)| Some(*name) == word("counts_from")).unwrap_or(&BASES[0]).1;
        from.push(of_row(low, table, row, base, &[])?);
        if let Some(tree) = row.output("due") {
            let date = Some(Type::maybe(Base::Date));
            let day = low.expr_given(tree, Home::At(Subjects::INVOICE), date, row.given())?.expr;
            written.push(rule(low, table, row, day)?);
        }
        shifted.push((row, SHIFTS.iter().find(|(name, _)| Some(*name) == word("on_holiday")).and_then(|(_, f)| *f)));
    }
    choose(low, table, FROM, from);
    for row in table.rows.iter().filter(|row| row.output("net_days").is_some()) {
        let text = format!("if is_given({FROM}) {{ add_days({FROM}, terms.net_days ?? 0) }} else {{ {FROM} }}");
        written.push(of_row(low, table, row, &text, row.given())?);
    }
    choose(low, table, WRITTEN, written);
    let mut due = Vec::new();
    for (row, shift) in shifted {
        let text = match shift {
            Some(shift) => format!("if is_given({WRITTEN}) {{ {shift}({WRITTEN}) }} else {{ {WRITTEN} }}"),
            None => WRITTEN.to_string(),
        };
        due.push(of_row(low, table, row, &text, &[])?);
    }
    choose(low, table, DUE, due);
    let (when, days) = (format!("is_given({DUE})"), format!("item.due_date - {DUE}"));
    low.derive_where(BEYOND, Subjects::ITEM, Base::Days, table.place, &when, &days)?;
    Some(())
}

fn choose(low: &mut Lowerer<'_>, table: &Table<'_>, name: &str, rows: Vec<ChoiceRow>) {
    low.choose(name, Subjects::INVOICE, Type::maybe(Base::Date), table.place, Hit::First, rows);
}

/// A date for the invoices that have this row's terms.
fn of_row(low: &mut Lowerer<'_>, table: &Table<'_>, row: &Row, text: &str, given: &[Expr]) -> Option<ChoiceRow> {
    let (home, date) = (Home::At(Subjects::INVOICE), Some(Type::maybe(Base::Date)));
    let day = low.text_given(text, &row.tree.place, home, date, given)?.expr;
    rule(low, table, row, day)
}

fn rule(low: &mut Lowerer<'_>, table: &Table<'_>, row: &Row, gives: Expr) -> Option<ChoiceRow> {
    let when = table.is_row(low, row, Subjects::INVOICE)?;
    let place = row.tree.place.clone();
    Some(ChoiceRow { id: row.id.to_owned(), place, when: Some(when), gives, reason: Words::new() })
}
