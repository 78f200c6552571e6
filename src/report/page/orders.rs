//! What the order checks said, the largest orders that are stopped, and the warnings.

use maud::{Markup, html};

use super::Page;
use crate::report::gather::{Customers, Order, Orders};
use crate::report::html::{Cell, Head, table};

pub(super) fn section(page: Page<'_>) -> Option<Markup> {
    let orders = page.picture.orders.as_ref().filter(|orders| !orders.decisions.is_empty());
    let warned = page.picture.customers.as_ref().filter(|customers| customers.has("warning"));
    if orders.is_none() && warned.is_none() {
        return None;
    }
    Some(html! {
        div.pair {
            @if let Some(orders) = orders { div { h3 { (page.say("by_decision")) } (by_decision(page, orders)) } }
            @if let Some(warned) = warned { div { h3 { (page.say("by_warning")) } (by_warning(page, warned)) } }
        }
        @if let Some(orders) = orders.filter(|orders| orders.stopped.0 > 0) { (stopped(page, orders)) }
    })
}

fn by_decision(page: Page<'_>, orders: &Orders) -> Markup {
    let keys = page.in_order("decision", orders.decisions.keys());
    let rows: Vec<_> = keys
        .into_iter()
        .enumerate()
        .filter_map(|(rank, key)| {
            let (count, amount) = orders.decisions.get(key)?;
            let name = if key.is_empty() { page.say("not_checked") } else { page.words.value("decision", key) };
            Some(vec![Cell::ranked(name, rank), Cell::count(*count), page.amount(amount.total())])
        })
        .collect();
    let heads =
        [Head::text(page.say("decision")), Head::number(page.say("orders_count")), Head::number(page.say("amount"))];
    table("table-orders", &page.say("by_decision"), &heads, &rows, None)
}

fn by_warning(page: Page<'_>, of: &Customers) -> Markup {
    let keys = page.in_order("warning", of.warnings.keys());
    let rows: Vec<_> = keys
        .into_iter()
        .enumerate()
        .filter_map(|(rank, key)| {
            let group = of.warnings.get(key)?;
            let name = if key.is_empty() { page.say("no_warning") } else { page.words.value("warning", key) };
            Some(vec![
                Cell::ranked(name, rank),
                Cell::count(group.customers),
                page.amount(group.exposure.total()),
                page.amount(group.overdue.total()),
            ])
        })
        .collect();
    let heads = [
        Head::text(page.say("warning")),
        Head::number(page.say("customers")),
        Head::number(page.say("exposure")),
        Head::number(page.say("overdue")),
    ];
    table("table-warnings", &page.say("by_warning"), &heads, &rows, None)
}

fn stopped(page: Page<'_>, orders: &Orders) -> Markup {
    let row = |(id, order): (&str, &Order)| {
        let reason = page.words.pick(&order.reason_en, &order.reason_zh);
        vec![
            Cell::text(id),
            Cell::text(&order.customer),
            Cell::ranked(
                page.words.value("decision", &order.decision),
                page.manifest.order("decision", &order.decision).min(99),
            ),
            page.amount(Some(order.amount)),
            Cell::text(reason),
        ]
    };
    let rows: Vec<_> = orders.largest.iter().map(row).collect();
    let heads = [
        Head::text(page.say("order")),
        Head::text(page.say("customer")),
        Head::text(page.say("decision")),
        Head::number(page.say("amount")),
        Head::text(page.say("reason")),
    ];
    let note = page.listed(rows.len(), orders.stopped.0, ("orders that are stopped", "未放行订单"), "orders");
    html! {
        h3 { (page.say("largest_stopped")) }
        (table("table-stopped", &page.say("largest_stopped"), &heads, &rows, None))
        @if let Some(note) = note { p.note { (note) } }
    }
}
