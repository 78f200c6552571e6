//! Stages: parts of an order or an invoice, each due after an event of its own.

use rust_decimal::Decimal;

use super::super::table::Row;
use super::Table;
use crate::diag::Code;
use crate::lang::{Base, Type, Words};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::{ChoiceRow, Hit};
use crate::plan::schema::{RelationId, STAGE_EVENTS};
use crate::policy::fields::Fields;
use crate::policy::read;

/// On which day an event was, of an order and of an invoice; the others have no day that these know.
const OF_ORDER: [(&str, &str); 2] = [("order", "order.ordered_on"), ("delivery", "order.shipped_on")];
const OF_INVOICE: [(&str, &str); 3] = [
    ("invoice", "invoice.issue_date"),
    ("delivery", "invoice.delivery_date"),
    ("acceptance", "invoice.acceptance_date"),
];

const PARTS: [(&str, Base); 5] = [
    ("share", Base::Number),
    ("at", Base::Text),
    ("plus_days", Base::Days),
    ("plus_months", Base::Months),
    ("milestone", Base::Text),
];

/// The names that so many stages make.
pub(super) fn names(most: usize) -> impl Iterator<Item = String> {
    (1..=most).flat_map(|n| {
        let of_terms = PARTS.iter().map(move |(part, _)| format!("terms.stage_{n}.{part}"));
        let parts = ["order", "invoice"]
            .into_iter()
            .flat_map(move |of| ["amount", "due_on"].map(|part| format!("{of}.stage_{n}.{part}")));
        of_terms.chain(parts)
    })
}

/// Each stage is `{ share, at, … }` or `{ rest: true, at, … }`; constant shares make up the whole.
pub(super) fn check(low: &mut Lowerer<'_>, row: &Row) -> Option<()> {
    let stages = match row.output("stages") {
        Some(tree) => read::list(tree, &mut low.sink)?,
        None => return Some(()),
    };
    let mut sum = Some(Decimal::ZERO);
    let mut rest = false;
    for (number, stage) in stages.iter().enumerate() {
        let mut fields = Fields::of(stage, "a stage", &mut low.sink)?;
        let share = fields.take("share", &mut low.sink);
        let takes_rest = fields.take("rest", &mut low.sink).and_then(|t| read::boolean(t, &mut low.sink));
        let at = fields.need("at", &mut low.sink)?;
        let milestone = fields.take("milestone", &mut low.sink);
        fields.take("plus_days", &mut low.sink);
        fields.take("plus_months", &mut low.sink);
        fields.finish(&mut low.sink);
        let events: Vec<(&str, ())> = STAGE_EVENTS.iter().map(|event| (*event, ())).collect();
        read::one_of(at, &events, &mut low.sink)?;
        if let Some(milestone) = milestone.filter(|_| at.text() != Some("milestone")) {
            let finding = wrong(milestone, Code::UnknownKey, "`milestone` goes with `at: milestone`");
            low.report(finding.help("take it out, or write `at: milestone`"));
            return None;
        }
        match (share, takes_rest) {
            (Some(share), None) => {
                super::share::check(low, share);
                let part = share.text().and_then(|text| read::parse_decimal(text).ok());
                sum = sum.zip(part).and_then(|(sum, part)| sum.checked_add(part));
            }
            (None, Some(true)) if number + 1 == stages.len() => rest = true,
            _ => {
                low.report(
                    wrong(stage, Code::MissingKey, "a stage takes a `share`, and only the last may take the `rest`")
                        .help("write `{ share: 30%, at: order }`, and `{ rest: true, at: delivery }` last"),
                );
                return None;
            }
        }
    }
    if let (false, Some(sum)) = (rest, sum)
        && sum != Decimal::ONE
        && let Some(tree) = row.output("stages")
    {
        let message = format!("the shares make {} %, not 100 %", (sum * Decimal::ONE_HUNDRED).normalize());
        low.report(wrong(tree, Code::Gap, message).help("let the last stage be `{ rest: true, … }`"));
        return None;
    }
    Some(())
}

/// What each stage asks for, and its amount and day of each order and each invoice.
pub(super) fn lower(low: &mut Lowerer<'_>, table: &Table<'_>) -> Option<()> {
    let most = table.most("stages");
    for n in 1..=most {
        for (part, base) in PARTS {
            table.part(low, &format!("terms.stage_{n}.{part}"), base, ("stages", n, part))?;
        }
    }
    let order = low.subject_named("order")?;
    for (of, subject, events) in [("order", order, &OF_ORDER[..]), ("invoice", Subjects::INVOICE, &OF_INVOICE[..])] {
        if table.is_seen_from(low, subject) {
            amounts(low, table, of, subject, most)?;
            days(low, table, of, subject, events, most)?;
        }
    }
    Some(())
}

/// The last stage of the row takes what rounding leaves, so the parts always make the whole.
fn amounts(low: &mut Lowerer<'_>, table: &Table<'_>, of: &str, subject: RelationId, most: usize) -> Option<()> {
    let (mut left, own) = (format!("{of}.own_amount"), low.plan.schema.amount(subject));
    for n in 1..=most {
        let name = format!("{of}.stage_{n}.amount");
        let next = if n < most { format!("is_given(terms.stage_{}.at)", n + 1) } else { "false".into() };
        let text =
            format!("if {next} {{ round_money({of}.own_amount * (terms.stage_{n}.share ?? 0.0)) }} else {{ {left} }}");
        let when = format!("is_given(terms.stage_{n}.at)");
        low.derive_where(&name, subject, own.clone(), table.place, &when, &text)?;
        left = format!("{left} - ({name} ?? 0)");
    }
    Some(())
}

/// The day of the event, moved; missing until it has happened.
fn days(
    low: &mut Lowerer<'_>,
    table: &Table<'_>,
    of: &str,
    subject: RelationId,
    events: &[(&str, &str)],
    most: usize,
) -> Option<()> {
    let place = table.place;
    for n in 1..=most {
        let event = format!("{of}.stage_{n}.event_on");
        let mut rules = Vec::new();
        for (point, date) in events {
            let when = format!("(terms.stage_{n}.at ?? \"\") == \"{point}\" && is_given({date}) && {date} <= as_of");
            let when = low.text(&when, place, Home::At(subject), Some(Type::of(Base::Bool)))?.expr;
            let given = std::slice::from_ref(&when);
            let gives = low.text_given(date, place, Home::At(subject), Some(Type::maybe(Base::Date)), given)?.expr;
            let (id, place) = ((*point).to_string(), place.clone());
            rules.push(ChoiceRow { id, place, when: Some(when), gives, reason: Words::new() });
        }
        low.choose(&event, subject, Type::maybe(Base::Date), place, Hit::First, rules);
        let moved =
            format!("add_days(add_months({event}, terms.stage_{n}.plus_months ?? 0), terms.stage_{n}.plus_days ?? 0)");
        low.derive_where(
            &format!("{of}.stage_{n}.due_on"),
            subject,
            Base::Date,
            place,
            &format!("is_given({event})"),
            &moved,
        )?;
    }
    Some(())
}
