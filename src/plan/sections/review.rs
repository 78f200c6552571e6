//! `review:` how often an account is looked at again, and whether it was since the decision in force.

use super::table;
use crate::diag::Code;
use crate::lang::{Base, Type};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::{Form, Hit};
use crate::policy::fields::Fields;
use crate::policy::tree::{Entry, Tree, TreeKind};

const ACCOUNT: Home = Home::At(Subjects::ACCOUNT);

/// The units of an interval, and the names of the nodes that hold it.
const UNITS: [(&str, Base, &str); 2] =
    [("months", Base::Months, "review.every_months"), ("days", Base::Days, "review.every_days")];

/// `review: { every: { months: 3 } }`, or a table of rows with `months` or `days`.
pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let Some(mut fields) = Fields::of(&section.value, "`review`", &mut low.sink) else { return };
    let every = fields.need("every", &mut low.sink);
    fields.finish(&mut low.sink);
    let Some(every) = every else { return };
    if every.text().is_some_and(|text| !text.contains('.')) {
        return no_interval(low, every);
    }
    let mut names = ["review.due_on", "review.due", "review.overdue"].map(String::from).to_vec();
    let is_table = !matches!(every.kind, TreeKind::Map(_));
    if is_table {
        names.push("review.every".into());
    }
    low.define(names, &section.key_place, move |low| {
        lower(low, section, every, is_table);
    });
}

fn lower<'t>(low: &mut Lowerer<'t>, section: &'t Entry, every: &'t Tree, is_table: bool) -> Option<()> {
    let place = &section.key_place;
    let unit = if is_table { by_row(low, every)? } else { always(low, every)? };
    low.derive("review.from", ACCOUNT, Some(Type::of(Base::Date)), place, "review.last ?? customer.since")?;
    let (by_months, by_days) =
        ("add_months(review.from, review.every_months)", "add_days(review.from, review.every_days)");
    let text = match unit {
        Unit::Months => by_months.to_string(),
        Unit::Days => by_days.to_string(),
        Unit::Either => format!(
            "if is_given(review.every_months) {{ {by_months} }} else {{ add_days(review.from, review.every_days ?? 0) }}"
        ),
    };
    low.derive("review.due_on", ACCOUNT, Some(Type::of(Base::Date)), place, &text)?;
    low.derive("review.due", ACCOUNT, Some(Type::of(Base::Bool)), place, "review.due_on <= as_of")?;
    low.derive("review.overdue", ACCOUNT, Some(Type::of(Base::Bool)), place, "review.due_on < as_of")?;
    Some(())
}

/// What an interval is counted in.
#[derive(Clone, Copy)]
enum Unit {
    Months,
    Days,
    Either,
}

/// One interval for every account.
fn always<'t>(low: &mut Lowerer<'t>, every: &'t Tree) -> Option<Unit> {
    let mut fields = Fields::of(every, "`every`", &mut low.sink)?;
    let months = fields.take("months", &mut low.sink);
    let days = fields.take("days", &mut low.sink);
    fields.finish(&mut low.sink);
    let (tree, unit, (_, base, name)) = match (months, days, UNITS) {
        (Some(tree), None, [months, _]) => (tree, Unit::Months, months),
        (None, Some(tree), [_, days]) => (tree, Unit::Days, days),
        _ => {
            no_interval(low, every);
            return None;
        }
    };
    one_or_more(low, tree)?;
    let expr = low.expr(tree, ACCOUNT, Some(Type::of(base.clone())))?.expr;
    low.add(name, Subjects::ACCOUNT, Type::of(base), &tree.place, Form::Expr(expr));
    Some(unit)
}

fn no_interval(low: &mut Lowerer<'_>, every: &Tree) {
    let message = "a review is due every so many `months:` or `days:`";
    let help = "as in `every: { months: 3 }`, or a row for each case: `every: [ { id: weak, tier: C, months: 1 }, … ]`";
    low.report(wrong(every, Code::MissingKey, message).help(help));
}

/// An interval for each case: the first row that hits.
fn by_row<'t>(low: &mut Lowerer<'t>, every: &'t Tree) -> Option<Unit> {
    let outputs = UNITS.map(|(key, ..)| key);
    let rows = table::rows(low, every, &outputs, ACCOUNT);
    let mut sound = !rows.is_empty();
    for row in &rows {
        let written: Vec<&Tree> = outputs.iter().filter_map(|key| row.output(key)).collect();
        match written.as_slice() {
            [one] => sound &= one_or_more(low, one).is_some(),
            _ => {
                low.report(
                    wrong(row.tree, Code::MissingKey, "a row says after how many `months:` or `days:` a review is due")
                        .help("add `months: 3`"),
                );
                sound = false;
            }
        }
    }
    if !sound {
        return None;
    }
    let all = |key: &str| rows.iter().all(|row| row.output(key).is_some());
    let unit = if all("months") {
        Unit::Months
    } else if all("days") {
        Unit::Days
    } else {
        Unit::Either
    };
    let subject = Subjects::ACCOUNT;
    let choice = table::choice_of_row(low, "review.every", &every.place, subject, &rows, Hit::First, true);
    for (key, base, name) in UNITS {
        let find = |row: &table::Row| row.output(key).cloned();
        table::output_of_row(low, name, choice, &every.place, subject, base, &rows, find)?;
    }
    Some(unit)
}

fn one_or_more(low: &mut Lowerer<'_>, tree: &Tree) -> Option<()> {
    if tree.text().and_then(|text| text.parse::<i64>().ok()).is_some_and(|n| n < 1) {
        low.report(wrong(tree, Code::OutOfBounds, "a review is due after one or more").help("write `months: 3`"));
        return None;
    }
    Some(())
}

/// What every policy may read: `review.last`, `review.held` since the decision in force, and whether that keeps limits
/// from rising.
pub(super) fn declare(low: &mut Lowerer<'_>) {
    let Some(place) = low.folder.sections.first().map(|section| &section.key_place) else { return };
    let due = low.knows("review.overdue");
    low.define(
        ["review.last", "review.number", "review.held_today", "review.held"].map(String::from).to_vec(),
        place,
        move |low| {
            // What is dated after the as-of date has not happened.
            let happened = "is_given(customer.last_review) && customer.last_review <= as_of";
            let last = "customer.last_review";
            low.derive_where("review.last", Subjects::ACCOUNT, Base::Date, place, happened, last);
            // Tells one review from the next, for what is proposed once a review.
            let text = "if is_given(review.last) { whole(to_number(review.last - customer.since)) } else { 0 }";
            low.derive("review.number", ACCOUNT, Some(Type::of(Base::Int)), place, text);
            let text = "is_given(review.last) && review.last == as_of";
            low.derive("review.held_today", ACCOUNT, Some(Type::of(Base::Bool)), place, text);
            let text = "is_given(review.last) && (review.last == as_of || !is_given(previous.decided_on) \
                    || is_given(previous.decided_on) && review.last > previous.decided_on)";
            low.derive("review.held", ACCOUNT, Some(Type::of(Base::Bool)), place, text);
        },
    );
    low.define(vec!["review.blocks".into()], place, move |low| {
        let text = if due { "!review.held || review.overdue" } else { "!review.held" };
        low.derive("review.blocks", ACCOUNT, Some(Type::of(Base::Bool)), place, text);
    });
}
