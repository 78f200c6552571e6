//! The customers that matter most, each with the next thing to do.

use maud::{Markup, html};
use rust_decimal::Decimal;

use super::Page;
use crate::report::gather::{Customer, Customers, Next};
use crate::report::html::{Cell, Head, table};
use crate::report::top::Top;

pub(super) fn section(page: Page<'_>) -> Option<Markup> {
    let of = page.picture.customers.as_ref().filter(|of| of.has("overdue"))?;
    if of.with_overdue == 0 {
        let text = page.words.pick("Nobody owes anything past due.", "无逾期客户。");
        return Some(html! { p.note { (text) } });
    }
    let note =
        page.listed(of.overdue.len(), of.with_overdue, ("customers with something past due", "逾期客户"), "decisions");
    Some(html! {
        (table_of(page, of, &of.overdue, "table-overdue", "most_overdue"))
        @if let Some(note) = note { p.note { (note) } }
    })
}

/// Customers in a table, the columns that the policy has.
pub(super) fn table_of(page: Page<'_>, of: &Customers, top: &Top<Customer>, id: &str, caption: &str) -> Markup {
    let limited = of.has("limit_amount");
    let columns = [
        ("customer", false, true),
        ("tier", false, of.has("tier")),
        ("overdue", true, of.has("overdue")),
        ("oldest", true, of.has("oldest_days_past_due")),
        ("exposure", true, of.has("exposure")),
        ("limit_amount", true, limited),
        ("over_by", true, limited && of.has("exposure")),
        ("warning", false, of.has("warning")),
        ("next_action", false, page.picture.actions.all.count > 0),
    ];
    let heads: Vec<Head> = columns
        .iter()
        .filter(|(.., there)| *there)
        .map(|(name, number, _)| if *number { Head::number(page.say(name)) } else { Head::text(page.say(name)) })
        .collect();
    let row = |(id, customer): (&str, &Customer)| {
        let cells = cells(page, id, customer);
        let there = columns.iter().map(|(.., there)| *there);
        cells.into_iter().zip(there).filter(|(_, there)| *there).map(|(cell, _)| cell).collect()
    };
    let rows: Vec<Vec<Cell>> = top.iter().map(row).collect();
    table(id, &page.say(caption), &heads, &rows, None)
}

fn cells(page: Page<'_>, id: &str, customer: &Customer) -> [Cell; 9] {
    let who = if customer.name.is_empty() { Cell::text(id) } else { Cell::text(&customer.name).below(id) };
    let order = |kind: &str, value: &str| page.manifest.order(kind, value).min(usize::from(u16::MAX));
    let tier = Cell::ranked(page.words.tier(&customer.tier), order("tier", &customer.tier));
    let limit = match (customer.limit, customer.limit_state.as_str()) {
        (None, "unlimited") => Cell::text(page.say("unlimited")),
        (None, "none") => Cell::text(page.say("no_limit")),
        (limit, _) => page.amount(limit),
    };
    let warning = match customer.warning.as_str() {
        "" => Cell::default(),
        level => Cell::ranked(page.words.value("warning", level), order("warning", level)),
    };
    [
        who,
        tier,
        page.amount(customer.overdue),
        Cell::amount(customer.oldest, true),
        page.amount(customer.exposure),
        limit,
        page.amount(customer.over.filter(|over| *over > Decimal::ZERO)),
        warning,
        page.picture.actions.next.get(id).map_or_else(Cell::default, |next| next_of(page, next)),
    ]
}

fn next_of(page: Page<'_>, next: &Next) -> Cell {
    let ladder = page.words.value("ladder", &next.ladder);
    let others = next.count.saturating_sub(1);
    let below = match others {
        0 => ladder,
        _ => page.words.pick(format!("{ladder}, {others} more"), format!("{ladder}，另有 {others} 项")),
    };
    Cell::text(page.rung(&next.ladder, &next.rung)).below(below)
}
