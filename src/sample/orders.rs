//! A customer's orders, from a draft to one closed long ago.

use std::io;

use chrono::NaiveDate;

use super::customer::Customer;
use super::random::{Random, add};
use super::sales::Invoice;
use super::tables::{Cents, Tables};

/// Writes the orders; gives for each planned invoice the order it belongs to, or nothing.
pub(super) fn write(
    customer: &Customer,
    planned: &[Invoice],
    as_of: NaiveDate,
    random: &mut Random,
    out: &mut Tables,
) -> io::Result<Vec<String>> {
    let (number, id, since) = (customer.number, customer.id.as_str(), customer.since);
    let mut of_invoice = vec![String::new(); planned.len()];

    if let (Some(first), Some(slot)) = (planned.first(), of_invoice.first_mut()) {
        *slot = format!("O{number:06}-1");
        let ordered = add(first.delivered, -random.between(3, 20)).max(since);
        let (delivered, issued, amount) = (first.delivered, first.issued, first.amount);
        let closed = issued;
        out.orders.row(format_args!("{slot},{id},{ordered},{amount},CNY,{ordered},{delivered},{closed}"))?;
        line(out, slot, 1, amount, amount)?;
    }
    let last = planned.len().saturating_sub(1);
    if number % 4 == 1
        && last > 0
        && let (Some(invoice), Some(slot)) = (planned.get(last), of_invoice.get_mut(last))
    {
        // One line delivered and invoiced, one begun, one to come.
        *slot = format!("O{number:06}-2");
        let rest = Cents(invoice.amount.0 / 2);
        let begun = Cents(rest.0 / 4);
        let amount = Cents(invoice.amount.0 + rest.0);
        let ordered = add(invoice.delivered, -random.between(3, 20)).max(since);
        out.orders.row(format_args!("{slot},{id},{ordered},{amount},CNY,{ordered},,"))?;
        line(out, slot, 1, Cents(invoice.amount.0 - begun.0), Cents(invoice.amount.0 - begun.0))?;
        line(out, slot, 2, rest, begun)?;
        line(out, slot, 3, begun, Cents(0))?;
    }
    let mut open = |n: u32, share: i64, confirmed: bool, shipped: bool| {
        let order = format!("O{number:06}-{n}");
        let amount = Cents(customer.turnover.percent(share).0 + random.between(0, 99_999));
        let ordered = add(as_of, -random.between(4, 15)).max(since);
        let confirmed = if confirmed { add(ordered, 1).to_string() } else { String::new() };
        let shipped = if shipped { add(ordered, 3).to_string() } else { String::new() };
        out.orders.row(format_args!("{order},{id},{ordered},{amount},CNY,{confirmed},{shipped},"))?;
        let half = Cents(amount.0 / 2);
        line(out, &order, 1, half, Cents(0))?;
        line(out, &order, 2, Cents(amount.0 - half.0), Cents(0))
    };
    match number % 4 {
        0 => open(3, 8, false, false)?,
        2 => open(3, 12, true, false)?,
        3 => open(3, 6, true, true)?,
        _ => {}
    }
    // A draft too large for most limits.
    if number % 7 == 3 {
        open(4, 70, false, false)?;
    }
    Ok(of_invoice)
}

fn line(out: &mut Tables, order: &str, n: u32, amount: Cents, invoiced: Cents) -> io::Result<()> {
    out.order_lines.row(format_args!("{order}/{n},{order},{amount},{invoiced}"))
}
