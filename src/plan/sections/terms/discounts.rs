//! Cash discounts: so much off for who pays within so many days, in one or several steps.

use rust_decimal::Decimal;

use super::super::table::Row;
use super::{Table, due, entries, share};
use crate::diag::Code;
use crate::lang::{Base, Type};
use crate::plan::lower::{Home, Lowerer, Subjects, Tally, wrong};
use crate::plan::node::Take;
use crate::policy::fields::Fields;
use crate::policy::read;

const KEY: &str = "discount";
const HOME: Home = Home::At(Subjects::INVOICE);

/// What a payment of a part earns: nothing, or the discount on what it covers.
const PARTIAL: [(&str, ()); 2] = [("none", ()), ("pro_rata", ())];

const UNTIL: &str = "invoice.discount_until";
const AVAILABLE: &str = "invoice.discount_available";
const EARNED: &str = "invoice.discount_earned";
const BY_PARTS: &str = "invoice.discount_by_parts";
const WHOLE: &str = "invoice.discount_is_whole";

/// The parts of the nth discount's terms; the first has no number.
fn part(n: usize, part: &str) -> String {
    if n == 1 { format!("terms.discount.{part}") } else { format!("terms.discount_{n}.{part}") }
}

fn of_invoice(n: usize, part: &str) -> String {
    format!("invoice.discount_{n}.{part}")
}

/// The names that so many steps make.
pub(super) fn names(most: usize) -> impl Iterator<Item = String> {
    let of_terms = (1..=most.max(1)).flat_map(|n| ["share", "within_days"].map(|name| part(n, name)));
    of_terms.chain([UNTIL, AVAILABLE, EARNED].map(String::from))
}

/// Later steps give less.
pub(super) fn check(low: &mut Lowerer<'_>, row: &Row) -> Option<()> {
    let mut before: Option<(Decimal, i64)> = None;
    for tree in entries(row, KEY) {
        let mut fields = Fields::of(tree, "a discount", &mut low.sink)?;
        let off = fields.need("share", &mut low.sink);
        let within = fields.need("within_days", &mut low.sink);
        let partial = fields.take("partial", &mut low.sink);
        fields.finish(&mut low.sink);
        let (off, within) = (off?, within?);
        share::check(low, off);
        partial.map_or(Some(()), |tree| read::one_of(tree, &PARTIAL, &mut low.sink))?;
        let written = |tree: &crate::policy::tree::Tree| read::parse_decimal(tree.text()?).ok();
        let step = written(off).zip(written(within).and_then(|days| i64::try_from(days).ok()));
        if let (Some((share, days)), Some((next, later))) = (before, step)
            && (next >= share || later <= days)
        {
            let message = "a later step of a discount gives less, for more days";
            low.report(
                wrong(tree, Code::OutOfBounds, message)
                    .help("as in `discount: [ { share: 3%, within_days: 10 }, { share: 2%, within_days: 20 } ]`"),
            );
            return None;
        }
        before = step;
    }
    Some(())
}

pub(super) fn lower(low: &mut Lowerer<'_>, table: &Table<'_>) -> Option<()> {
    let most = table.most(KEY);
    for n in 1..=most.max(1) {
        table.part(low, &part(n, "share"), Base::Number, (KEY, n, "share"))?;
        table.part(low, &part(n, "within_days"), Base::Days, (KEY, n, "within_days"))?;
        table.part(low, &part(n, "partial"), Base::Text, (KEY, n, "partial"))?;
    }
    if !table.is_seen_from(low, Subjects::INVOICE) {
        return Some(());
    }
    for n in 1..=most {
        step(low, table, n)?;
    }
    earned(low, table, most)?;
    available(low, table, most)
}

/// An amount in the invoice's own currency.
fn own(low: &Lowerer<'_>) -> Type {
    Type::of(low.plan.schema.amount(Subjects::INVOICE))
}

/// The last day of a step, what it takes off the whole invoice, and what was paid by then.
fn step(low: &mut Lowerer<'_>, table: &Table<'_>, n: usize) -> Option<()> {
    let (place, within, until) = (table.place, part(n, "within_days"), of_invoice(n, "last_day"));
    let when = format!("is_given({within}) && is_given({})", due::FROM);
    low.derive_where(
        &until,
        Subjects::INVOICE,
        Base::Date,
        place,
        &when,
        &format!("add_days({}, {within})", due::FROM),
    )?;
    let off = format!("round_money(invoice.own_amount * ({} ?? 0.0))", part(n, "share"));
    low.derive(&of_invoice(n, "amount"), HOME, Some(own(low)), place, &off)?;
    let of = low.plan.schema.relation("allocation")?;
    let paid = format!(
        "allocation.kind == \"payment\" && allocation.counts && is_given(allocation.on) && is_given({until}) && allocation.on <= {until}"
    );
    let tally = Tally { of, take: Take::Sum, value: Some("allocation.own_amount"), filter: Some(&paid) };
    low.tally(&of_invoice(n, "paid"), Subjects::INVOICE, place, tally)?;
    Some(())
}

/// What the payments so far earned: the whole of a step for who paid all the rest within its days; else, where parts
/// count, what each part covers less what it is.
fn earned(low: &mut Lowerer<'_>, table: &Table<'_>, most: usize) -> Option<()> {
    let (place, bool) = (table.place, Type::of(Base::Bool));
    let mut parts = "0".to_string();
    for n in 1..=most {
        let name = of_invoice(n, "by_parts");
        let before = if n > 1 { format!(" - {}", of_invoice(n - 1, "paid")) } else { String::new() };
        let (share, paid) = (part(n, "share"), of_invoice(n, "paid"));
        let by_parts = counts_parts(n);
        let text =
            format!("if {by_parts} {{ ({paid}{before}) * ({share} ?? 0.0) / (1 - ({share} ?? 0.0)) }} else {{ 0 }}");
        low.derive(&name, HOME, Some(own(low)), place, &text)?;
        parts = if n == 1 { name } else { format!("{parts} + {name}") };
    }
    low.derive(BY_PARTS, HOME, Some(own(low)), place, &parts)?;
    let whole = |n: usize| {
        let (paid, off) = (of_invoice(n, "paid"), of_invoice(n, "amount"));
        format!("{off} > 0 && {paid} >= invoice.own_amount - {off}")
    };
    let any = (1..=most).fold("false".to_string(), |any, n| format!("{any} || {}", whole(n)));
    low.derive(WHOLE, HOME, Some(bool), place, &any)?;
    let parts = match most {
        0 => BY_PARTS.to_string(),
        _ => format!("min(round_money({BY_PARTS}), {})", of_invoice(1, "amount")),
    };
    let text = (1..=most).rev().fold(parts, |otherwise, n| {
        format!("if {} {{ {} }} else {{ {otherwise} }}", whole(n), of_invoice(n, "amount"))
    });
    low.derive(EARNED, HOME, Some(own(low)), place, &text)?;
    Some(())
}

/// What paying the rest today would take off, and until when: nothing once the whole discount is earned or nothing is
/// open; where parts count, the discount on what they left.
fn available(low: &mut Lowerer<'_>, table: &Table<'_>, most: usize) -> Option<()> {
    let place = table.place;
    let runs = |n: usize| format!("{0} ?? add_days(as_of, -1)", of_invoice(n, "last_day"));
    let amount = (1..=most).rev().fold("0".to_string(), |otherwise, n| {
        let left = format!("max(0, invoice.own_amount - {} - {BY_PARTS})", of_invoice(most, "paid"));
        let of_rest = format!("round_money({left} * ({} ?? 0.0))", part(n, "share"));
        let off = format!("if {} {{ {of_rest} }} else {{ {} }}", counts_parts(n), of_invoice(n, "amount"));
        format!("if as_of <= ({}) {{ {off} }} else {{ {otherwise} }}", runs(n))
    });
    let amount = format!("if {WHOLE} || invoice.own_open <= 0 {{ 0 }} else {{ {amount} }}");
    low.derive(AVAILABLE, HOME, Some(own(low)), place, &amount)?;
    let days = (1..=most).rev().fold("add_days(as_of, -1)".to_string(), |otherwise, n| {
        format!("if as_of <= ({0}) {{ {0} }} else {{ {otherwise} }}", runs(n))
    });
    let last = "invoice.discount_last_day";
    low.derive(last, HOME, Some(Type::of(Base::Date)), place, &days)?;
    low.derive_where(UNTIL, Subjects::INVOICE, Base::Date, place, &format!("{last} >= as_of"), last)?;
    Some(())
}

/// Whether a part paid within the days of a step earns its part of it.
fn counts_parts(n: usize) -> String {
    format!("({} ?? \"none\") == \"pro_rata\"", part(n, "partial"))
}
