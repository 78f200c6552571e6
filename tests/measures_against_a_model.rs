//! Measures held to plain loops over random books.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    clippy::string_slice,
    clippy::type_complexity,
    unreachable_pub
)]

mod model_support;

use chrono::{Datelike, NaiveDate};
use model_support::{Day, MANIFEST, Tables, cell, cents, compile, date, hold, money, value};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use rust_decimal::Decimal;
use usance::book::Book;
use usance::engine::Run;
use usance::lang::Value;
use usance::plan::Plan;

// ── what is generated ────────────────────────────────────────────────────────────────────────────────────────────

#[derive(Clone, Debug)]
struct Customer {
    /// The number of its group; none for one that stands alone.
    group: Option<usize>,
    since: Day,
}

#[derive(Clone, Debug)]
struct Invoice {
    customer: usize,
    issue: Day,
    due: Day,
    amount: i64,
    /// Paid on a day, so much, and perhaps returned on another.
    paid: Vec<(Day, i64, Option<Day>)>,
    disputed: Option<(Day, i64)>,
}

/// Ordered, confirmed, and lines: amount and how much of it is invoiced.
#[derive(Clone, Debug)]
struct Order {
    customer: usize,
    on: Day,
    confirmed: Option<Day>,
    lines: Vec<(i64, i64)>,
}

/// A payment of which nothing is set against an invoice.
#[derive(Clone, Debug)]
struct Loose {
    customer: usize,
    on: Day,
    amount: i64,
    returned: Option<Day>,
}

#[derive(Clone, Debug)]
struct Firm {
    customers: Vec<Customer>,
    invoices: Vec<Invoice>,
    orders: Vec<Order>,
    loose: Vec<Loose>,
}

/// The numbers in the policy.
#[derive(Clone, Copy, Debug)]
struct Numbers {
    days: i64,
    months: i64,
    late: i64,
    /// In cents.
    big: i64,
}

// ── the model ────────────────────────────────────────────────────────────────────────────────────────────────────

impl Invoice {
    fn open(&self, as_of: Day) -> i64 {
        let stands = |(on, _, back): &&(Day, i64, Option<Day>)| *on <= as_of && back.is_none_or(|back| back > as_of);
        self.amount - self.paid.iter().filter(stands).map(|(_, amount, _)| amount).sum::<i64>()
    }

    fn disputed_open(&self, as_of: Day) -> i64 {
        let disputed = self.disputed.filter(|(opened, _)| *opened <= as_of).map_or(0, |(_, amount)| amount);
        disputed.min(self.amount).min(self.open(as_of))
    }

    fn days_past_due(&self, as_of: Day) -> i64 {
        if self.open(as_of) > 0 { (as_of - self.due).max(0) } else { 0 }
    }

    /// The first day of those, up to the as-of date, on which nothing was open any more.
    fn settled(&self, as_of: Day) -> Option<Day> {
        (self.issue..=as_of).rev().take_while(|day| self.open(*day) <= 0).last()
    }
}

/// The day so many months earlier; the end of a shorter month where there is no such day.
fn months_before(day: Day, months: i64) -> Day {
    let from = date(day);
    let month = i64::from(from.year()) * 12 + i64::from(from.month0()) - months;
    let (year, month) =
        (i32::try_from(month.div_euclid(12)).unwrap(), u32::try_from(month.rem_euclid(12)).unwrap() + 1);
    let found = (1..=from.day()).rev().find_map(|day| NaiveDate::from_ymd_opt(year, month, day)).unwrap();
    (found - date(0)).num_days()
}

/// What one customer's measures come to.
struct Expected<'f> {
    firm: &'f Firm,
    numbers: Numbers,
    as_of: Day,
    customers: Vec<usize>,
}

impl Expected<'_> {
    fn invoices(&self, as_of: Day) -> impl Iterator<Item = (usize, &Invoice)> {
        let all = self.firm.invoices.iter().enumerate();
        all.filter(move |(_, i)| self.customers.contains(&i.customer) && i.issue <= as_of)
    }

    fn open(&self, as_of: Day) -> i64 {
        self.invoices(as_of).map(|(_, i)| i.open(as_of)).sum()
    }

    fn overdue(&self) -> i64 {
        self.invoices(self.as_of)
            .filter(|(_, i)| i.days_past_due(self.as_of) > 0)
            .map(|(_, i)| i.open(self.as_of))
            .sum()
    }

    fn sold(&self, after: Day, to: Day, not_before: Day) -> i64 {
        let within = |i: &Invoice| i.issue > after && i.issue <= to && i.issue >= not_before;
        self.invoices(to).filter(|(_, i)| within(i)).map(|(_, i)| i.amount).sum()
    }

    /// The measures of a single customer that `POLICY` declares, in its order.
    fn own(&self) -> Vec<(&'static str, Value)> {
        let Numbers { days, months, late, big } = self.numbers;
        let as_of = self.as_of;
        let since = self.firm.customers[self.customers[0]].since;
        let amount = |cents: i64| Value::Dec(Decimal::new(cents, 2));
        let now: Vec<(usize, &Invoice)> = self.invoices(as_of).collect();
        let bad: Vec<&&Invoice> =
            now.iter().map(|(_, i)| i).filter(|i| i.days_past_due(as_of) >= late && i.open(as_of) > big).collect();
        let big_due = now.iter().filter(|(_, i)| i.open(as_of) > big).map(|(_, i)| date(i.due)).min();
        let longest = now.iter().map(|(_, i)| i.days_past_due(as_of)).max();
        let settled: Vec<(i64, i64)> = now
            .iter()
            .filter_map(|(_, i)| Some((i.settled(as_of)?, i)))
            .filter(|(on, _)| *on > months_before(as_of, months))
            .map(|(on, i)| (on - i.due, i.amount))
            .collect();
        let mean = |weigh: fn(i64) -> i64| {
            let bottom: i64 = settled.iter().map(|(_, amount)| weigh(*amount)).sum();
            let top: i64 = settled.iter().map(|(late, amount)| late * weigh(*amount)).sum();
            if settled.is_empty() { Value::Missing } else { Value::Dec(Decimal::from(top) / Decimal::from(bottom)) }
        };
        let last = now.iter().max_by_key(|(number, i)| (i.issue, *number)).map(|(_, i)| i.amount);
        let (back, far_back) = (as_of - days, as_of - 2 * days);
        vec![
            ("bad", Value::Int(i64::try_from(bad.len()).unwrap())),
            ("bad_open", amount(bad.iter().map(|i| i.open(as_of)).sum())),
            ("any_bad", Value::Bool(!bad.is_empty())),
            ("oldest_big_due", big_due.map_or(Value::Missing, Value::Date)),
            ("longest", longest.map_or(Value::Missing, Value::Int)),
            ("sales_days", amount(self.sold(back, as_of, since))),
            ("sales_months", amount(self.sold(months_before(as_of, months), as_of, Day::MIN))),
            ("opening", amount(self.open(back))),
            ("sales_before", amount(self.sold(far_back, back, Day::MIN))),
            ("mean_late", mean(|_| 1)),
            ("weighted_late", mean(|amount| amount)),
            ("last_amount", last.map_or(Value::Missing, amount)),
        ]
    }

    fn exposure(&self) -> [i64; 4] {
        let as_of = self.as_of;
        let disputed: i64 = self.invoices(as_of).map(|(_, i)| i.disputed_open(as_of)).sum();
        let orders = self.firm.orders.iter().filter(|o| self.customers.contains(&o.customer) && o.on <= as_of);
        let confirmed = orders.filter(|o| o.confirmed.is_some_and(|day| day <= as_of));
        let to_deliver = confirmed.flat_map(|o| &o.lines).map(|(amount, invoiced)| amount - invoiced).sum();
        let loose = self.firm.loose.iter().filter(|p| self.customers.contains(&p.customer) && p.on <= as_of);
        let unapplied: i64 = loose.filter(|p| p.returned.is_none_or(|b| b > as_of)).map(|p| p.amount).sum();
        [self.open(as_of) - disputed, disputed, to_deliver, -unapplied]
    }
}

// ── the engine ───────────────────────────────────────────────────────────────────────────────────────────────────

fn policy(numbers: Numbers) -> String {
    let Numbers { days, months, late, big } = numbers;
    let big = money(big);
    format!(
        "{MANIFEST}money: {{ currency: EUR, round_to: 0.01, mode: half_even, others: refuse }}
measures:
  account.bad:            {{ of: item, take: count, where: item.days_past_due >= {late} && item.open > {big} }}
  account.bad_open:       {{ of: item, take: sum, value: item.open, where: item.days_past_due >= {late} && item.open > {big} }}
  account.any_bad:        {{ of: item, take: any, where: item.days_past_due >= {late} && item.open > {big} }}
  account.oldest_big_due: {{ of: item, take: min, value: item.due_date, where: item.open > {big} }}
  account.longest:        {{ of: item, take: max, value: item.days_past_due }}
  account.sales_days:     {{ of: invoice, take: sum, value: invoice.amount, during: {{ days: {days}, on: invoice.issue_date, not_before: customer.since }} }}
  account.sales_months:   {{ of: invoice, take: sum, value: invoice.amount, during: {{ months: {months}, on: invoice.issue_date }} }}
  account.opening:        {{ of: item, take: sum, value: item.open, as_at: as_of - {days} }}
  account.sales_before:   {{ of: invoice, take: sum, value: invoice.amount, during: {{ days: {days}, on: invoice.issue_date }}, as_at: as_of - {days} }}
  account.mean_late:      {{ of: item, take: mean, value: item.days_late, where: is_given(item.settled_on), during: {{ months: {months}, on: item.settled_on }} }}
  account.weighted_late:  {{ of: item, take: mean, value: item.days_late, weight: item.amount, where: is_given(item.settled_on), during: {{ months: {months}, on: item.settled_on }} }}
  account.last_amount:    {{ of: invoice, take: last, value: invoice.amount, by: invoice.issue_date }}
  account.now:            {{ of: item, take: sum, value: item.open }}
  account.late_now:       {{ of: item, take: sum, value: item.open, where: item.days_past_due > 0 }}
  group.now:              {{ of: item, take: sum, value: item.open }}
  group.late_now:         {{ of: account, take: sum, value: account.late_now }}
  portfolio.now:          {{ of: group, take: sum, value: group.now }}
  portfolio.late_now:     {{ of: item, take: sum, value: item.open, where: item.days_past_due > 0 }}
exposure:
  - {{ id: receivables, for: item,       amount: item.undisputed_open }}
  - {{ id: disputed,    for: item,       amount: item.disputed_open }}
  - {{ id: to_deliver,  for: order_line, where: order.confirmed, amount: order_line.amount - order_line.invoiced }}
  - {{ id: unapplied,   for: payment,    amount: -payment.unapplied }}
"
    )
}

const PARTS: [&str; 4] = ["exposure.receivables", "exposure.disputed", "exposure.to_deliver", "exposure.unapplied"];

fn tables(firm: &Firm) -> Tables {
    let mut tables = Tables::default();
    for group in 0..2 {
        tables.row("groups", &["id"], &[&format!("G{group}")]);
    }
    for (number, customer) in firm.customers.iter().enumerate() {
        let group = customer.group.map(|group| format!("G{group}")).unwrap_or_default();
        let cells = [&format!("C{number}"), &group, &cell(Some(customer.since))];
        tables.row("customers", &["id", "group", "since"], &cells.map(String::as_str));
    }
    for (number, i) in firm.invoices.iter().enumerate() {
        let (id, customer) = (format!("I{number:02}"), format!("C{}", i.customer));
        let cells = [&id, &customer, &cell(Some(i.issue)), &cell(Some(i.due)), &money(i.amount)];
        let columns = ["id", "customer", "issue_date", "due_date", "amount"];
        tables.row("invoices", &columns, &cells.map(String::as_str));
        for (part, (on, amount, back)) in i.paid.iter().enumerate() {
            let (payment, amount) = (format!("P{number:02}.{part}"), money(*amount));
            let cells = [&payment, &customer, &cell(Some(*on)), &amount, &cell(*back)];
            let columns = ["id", "customer", "date", "amount", "returned_on"];
            tables.row("payments", &columns, &cells.map(String::as_str));
            tables.row("allocations", &["payment", "invoice", "amount"], &[&payment, &id, &amount]);
        }
        if let Some((opened, amount)) = i.disputed {
            let cells = [&format!("D{number:02}"), &id, &cell(Some(opened)), &money(amount)];
            tables.row("disputes", &["id", "invoice", "opened_on", "amount"], &cells.map(String::as_str));
        }
    }
    for (number, o) in firm.orders.iter().enumerate() {
        let (id, total) = (format!("O{number}"), o.lines.iter().map(|(amount, _)| amount).sum());
        let cells = [&id, &format!("C{}", o.customer), &cell(Some(o.on)), &money(total), &cell(o.confirmed)];
        let columns = ["id", "customer", "ordered_on", "amount", "confirmed_on"];
        tables.row("orders", &columns, &cells.map(String::as_str));
        for (part, (amount, invoiced)) in o.lines.iter().enumerate() {
            let cells = [&format!("{id}.{part}"), &id, &money(*amount), &money(*invoiced)];
            tables.row("order_lines", &["id", "order", "amount", "invoiced"], &cells.map(String::as_str));
        }
    }
    for (number, p) in firm.loose.iter().enumerate() {
        let cells = [&format!("U{number}"), &format!("C{}", p.customer), &cell(Some(p.on)), &money(p.amount)];
        let cells = cells.map(String::as_str);
        let returned = cell(p.returned);
        let cells = [cells[0], cells[1], cells[2], cells[3], &returned];
        tables.row("payments", &["id", "customer", "date", "amount", "returned_on"], &cells);
    }
    tables
}

/// Every value of every row that exists, by node and id, in the order of the plan.
fn everything(plan: &Plan, book: &Book, as_of: Day) -> Vec<(String, String, String)> {
    let mut run = Run::new(plan, book, date(as_of));
    let mut all = Vec::new();
    for (number, node) in (0u32..).zip(&plan.nodes) {
        for row in run.rows(node.subject) {
            let value = match run.outcome(usance::lang::NodeRef(number), row).value {
                Ok(value) => value.to_string(),
                Err(fault) => fault.reason.clone(),
            };
            all.push((node.name.clone(), book.id(node.subject, row).to_owned(), value));
        }
    }
    all
}

// ── random cases ─────────────────────────────────────────────────────────────────────────────────────────────────

fn some_firm() -> impl Strategy<Value = Firm> {
    let customer = (option::of(0..2usize), -60..60i64).prop_map(|(group, since)| Customer { group, since });
    let paid = vec((0..100i64, 1..101i64, option::weighted(0.3, 0..40i64)), 0..3);
    let disputed = option::weighted(0.3, (0..100i64, 1..150i64));
    let amount = prop_oneof![Just(26_000i64), 100..60_000i64];
    let invoice = (0..4usize, 0..140i64, 0..45i64, amount, paid, disputed).prop_map(
        |(customer, issue, days, amount, paid, disputed)| {
            let mut left = amount;
            let paid = paid.into_iter().filter_map(|(after, percent, back)| {
                let part = (amount * percent / 60).min(left);
                left -= part;
                (part > 0).then(|| (issue + after, part, back.map(|back| issue + after + back)))
            });
            let paid = paid.collect();
            let disputed = disputed.map(|(after, percent)| (issue + after, amount * percent / 100 + 1));
            Invoice { customer, issue, due: issue + days, amount, paid, disputed }
        },
    );
    let order = (0..4usize, 0..150i64, option::of(0..40i64), vec((1..5_000i64, 0..101i64), 1..4));
    let order = order.prop_map(|(customer, on, confirmed, lines)| {
        let lines = lines.into_iter().map(|(amount, percent)| (amount, amount * percent / 100)).collect();
        Order { customer, on, confirmed: confirmed.map(|n| on + n), lines }
    });
    let loose = (0..4usize, 0..150i64, 1..9_000i64, option::of(0..40i64));
    let loose = loose.prop_map(|(customer, on, amount, n)| Loose { customer, on, amount, returned: n.map(|n| on + n) });
    (vec(customer, 4), vec(invoice, 0..14), vec(order, 0..4), vec(loose, 0..4))
        .prop_map(|(customers, invoices, orders, loose)| Firm { customers, invoices, orders, loose })
}

fn some_numbers() -> impl Strategy<Value = Numbers> {
    (1..80i64, 1..6i64, 0..30i64, prop_oneof![Just(26_000i64), 0..40_000i64])
        .prop_map(|(days, months, late, big)| Numbers { days, months, late, big })
}

fn case() -> impl Strategy<Value = (Firm, Numbers, Day)> {
    (some_firm(), some_numbers(), 0..240i64)
}

// ── what is held ─────────────────────────────────────────────────────────────────────────────────────────────────

#[test]
fn every_measure_of_every_customer_is_what_a_loop_gives() {
    hold(400, &case(), |(firm, numbers, as_of)| {
        let plan = compile(&policy(numbers));
        let book = tables(&firm).book(&plan);
        let mut run = Run::new(&plan, &book, date(as_of));
        for customer in 0..firm.customers.len() {
            let expected = Expected { firm: &firm, numbers, as_of, customers: vec![customer] };
            for (name, expected) in expected.own() {
                let got = value(&mut run, &format!("account.{name}"), &format!("C{customer}"));
                let same = match (&got, &expected) {
                    // A quotient is the same to the last digit but one, whatever its scale.
                    (Value::Dec(got), Value::Dec(expected)) => got.round_dp(24) == expected.round_dp(24),
                    _ => got == expected,
                };
                assert!(same, "account.{name} of C{customer} on {}: {got:?}, not {expected:?}", date(as_of));
            }
        }
    });
}

#[test]
fn what_a_group_and_the_portfolio_owe_is_what_their_members_owe() {
    hold(200, &case(), |(firm, numbers, as_of)| {
        let plan = compile(&policy(numbers));
        let book = tables(&firm).book(&plan);
        let mut run = Run::new(&plan, &book, date(as_of));
        let everyone: Vec<usize> = (0..firm.customers.len()).collect();
        let members = |group| everyone.iter().copied().filter(|c| firm.customers[*c].group == Some(group)).collect();
        for group in 0..2 {
            let expected = Expected { firm: &firm, numbers, as_of, customers: members(group) };
            let id = format!("G{group}");
            assert_eq!(cents(&value(&mut run, "group.now", &id)), expected.open(as_of));
            assert_eq!(cents(&value(&mut run, "group.late_now", &id)), expected.overdue());
            assert_eq!(cents(&value(&mut run, "group.exposure", &id)), expected.exposure().iter().sum::<i64>());
        }
        let expected = Expected { firm: &firm, numbers, as_of, customers: everyone };
        assert_eq!(cents(&value(&mut run, "portfolio.now", "")), expected.open(as_of));
        assert_eq!(cents(&value(&mut run, "portfolio.late_now", "")), expected.overdue());
        assert_eq!(cents(&value(&mut run, "portfolio.exposure", "")), expected.exposure().iter().sum::<i64>());
    });
}

#[test]
fn the_parts_of_an_exposure_sum_to_it() {
    hold(200, &case(), |(firm, numbers, as_of)| {
        let plan = compile(&policy(numbers));
        let book = tables(&firm).book(&plan);
        let mut run = Run::new(&plan, &book, date(as_of));
        for customer in 0..firm.customers.len() {
            let expected = Expected { firm: &firm, numbers, as_of, customers: vec![customer] }.exposure();
            let id = format!("C{customer}");
            let got = PARTS.map(|part| cents(&value(&mut run, part, &id)));
            assert_eq!(got, expected, "{PARTS:?} of {id}");
            assert_eq!(cents(&value(&mut run, "account.exposure", &id)), expected.iter().sum::<i64>());
        }
    });
}

#[test]
fn the_order_of_the_rows_shows_in_nothing() {
    hold(60, &(case(), 0..9usize), |((firm, numbers, as_of), by)| {
        let plan = compile(&policy(numbers));
        let mut shuffled = tables(&firm);
        shuffled.shuffle(by);
        let (book, shuffled) = (tables(&firm).book(&plan), shuffled.book(&plan));
        assert_eq!(everything(&plan, &book, as_of), everything(&plan, &shuffled, as_of));
    });
}

#[test]
fn what_is_dated_after_the_as_of_date_shows_in_nothing() {
    hold(100, &case(), |(firm, numbers, as_of)| {
        let plan = compile(&policy(numbers));
        let known = |day: &Option<Day>| day.filter(|day| *day <= as_of);
        let mut then = firm.clone();
        then.invoices.retain(|i| i.issue <= as_of);
        for i in &mut then.invoices {
            i.paid.retain(|(on, ..)| *on <= as_of);
            i.paid.iter_mut().for_each(|(.., back)| *back = known(back));
            i.disputed = i.disputed.filter(|(opened, _)| *opened <= as_of);
        }
        then.orders.retain(|o| o.on <= as_of);
        then.orders.iter_mut().for_each(|o| o.confirmed = known(&o.confirmed));
        then.loose.retain(|p| p.on <= as_of);
        then.loose.iter_mut().for_each(|p| p.returned = known(&p.returned));
        // What was not known then may make no difference to what was found then. Raw dates are shown as they stand.
        let computed = |firm: &Firm| {
            let book = tables(firm).book(&plan);
            let mut run = Run::new(&plan, &book, date(as_of));
            let mut all = Vec::new();
            for customer in 0..firm.customers.len() {
                let id = format!("C{customer}");
                let expected = Expected { firm, numbers, as_of, customers: vec![customer] };
                let names = expected.own().into_iter().map(|(name, _)| format!("account.{name}"));
                let names = names.chain(PARTS.map(String::from)).chain(["account.exposure".into()]);
                all.extend(names.map(|name| value(&mut run, &name, &id)));
            }
            all
        };
        assert_eq!(computed(&firm), computed(&then));
    });
}

#[test]
fn a_later_date_never_lowers_the_days_past_due_of_what_is_unpaid() {
    hold(100, &(case(), 1..60i64), |((firm, numbers, as_of), later)| {
        let plan = compile(&policy(numbers));
        let book = tables(&firm).book(&plan);
        let (mut now, mut then) = (Run::new(&plan, &book, date(as_of)), Run::new(&plan, &book, date(as_of + later)));
        for (number, invoice) in firm.invoices.iter().enumerate() {
            let unpaid = (as_of..=as_of + later).all(|day| invoice.issue <= day && invoice.open(day) > 0);
            let id = format!("I{number:02}");
            if unpaid {
                let [before, after] = [&mut now, &mut then].map(|run| match value(run, "item.days_past_due", &id) {
                    Value::Int(days) => days,
                    other => panic!("{other:?}"),
                });
                assert!(after >= before && before == invoice.days_past_due(as_of), "{id}: {before} then {after}");
            }
        }
    });
}

#[test]
fn a_month_ends_with_its_last_day() {
    // On 31 March a month reaches back to 29 February, left out; a relationship since 31 August is half a year old then.
    let days = [("2024-02-28", 1), ("2024-02-29", 2), ("2024-03-01", 4), ("2024-03-31", 8), ("2024-04-01", 16)];
    let text = format!(
        "{MANIFEST}money: {{ currency: EUR, round_to: 0.01, mode: half_even, others: refuse }}
measures:
  account.month: {{ of: invoice, take: sum, value: invoice.amount, during: {{ months: 1, on: invoice.issue_date }} }}
  account.known: account.months_trading
"
    );
    let plan = compile(&text);
    let mut tables = Tables::default();
    tables.row("customers", &["id", "since"], &["C", "2023-08-31"]);
    for (day, euros) in days {
        let columns = ["id", "customer", "issue_date", "due_date", "amount"];
        tables.row("invoices", &columns, &[day, "C", day, day, &euros.to_string()]);
    }
    let book = tables.book(&plan);
    let on = |day: &str| {
        let mut run = Run::new(&plan, &book, day.parse().unwrap());
        (cents(&value(&mut run, "account.month", "C")) / 100, value(&mut run, "account.known", "C"))
    };
    assert_eq!(on("2024-02-28"), (1, Value::Int(5)));
    assert_eq!(on("2024-02-29"), (1 + 2, Value::Int(6)));
    assert_eq!(on("2024-03-30"), (4, Value::Int(6)));
    assert_eq!(on("2024-03-31"), (4 + 8, Value::Int(7)));
    // From 30 April a month reaches back to 30 March.
    assert_eq!(on("2024-04-30"), (8 + 16, Value::Int(8)));
    assert_eq!(on("2024-05-01"), (0, Value::Int(8)));
}
