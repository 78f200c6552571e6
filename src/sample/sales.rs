//! What a customer bought and how it paid: invoices, payments, and all that can go wrong with them.

use std::io;

use chrono::NaiveDate;

use super::customer::Customer;
use super::random::{Random, add};
use super::tables::{Cents, Maybe, Tables};
use super::workdays::next_worked;

/// The rungs of the pack's collection ladder and their days.
const RUNGS: [(&str, i64); 5] =
    [("reminder", -3), ("phone_call", 7), ("formal_demand", 15), ("legal", 30), ("agency", 60)];

/// An invoice that was written.
pub(super) struct Invoice {
    pub(super) id: String,
    pub(super) issued: NaiveDate,
    pub(super) delivered: NaiveDate,
    pub(super) amount: Cents,
}

/// Writes one customer's invoices with their fates.
pub(super) struct Sales<'a> {
    pub(super) customer: &'a Customer,
    pub(super) as_of: NaiveDate,
    pub(super) random: &'a mut Random,
    pub(super) out: &'a mut Tables,
    invoices: usize,
    payments: u64,
}

/// What was done about an item: the ladder's rungs, as daily runs would have done them.
struct Done<'a> {
    item: &'a str,
    due: NaiveDate,
    /// The day nothing more was done.
    until: NaiveDate,
    episode: u8,
    /// The evidence a court would ask for was at hand.
    evidence: bool,
}

impl<'a> Sales<'a> {
    /// Begins with a customer's first invoice.
    pub(super) fn new(customer: &'a Customer, as_of: NaiveDate, random: &'a mut Random, out: &'a mut Tables) -> Self {
        Sales { customer, as_of, random, out, invoices: 0, payments: 0 }
    }

    /// The same with the numbers of so many invoices given out already.
    pub(super) fn numbered_from(mut self, planned: usize) -> Self {
        self.invoices = planned;
        self
    }

    /// Everything, in the order it is written; the invoices that orders may refer to are planned before.
    pub(super) fn write(&mut self, planned: &[Invoice], orders: &[String]) -> io::Result<()> {
        for (invoice, order) in planned.iter().zip(orders) {
            self.ordinary(invoice, order)?;
        }
        if let Some(days) = self.customer.edge {
            self.edge(days)?;
        }
        if let Some(event) = self.customer.event {
            self.event(event)?;
        }
        Ok(())
    }

    /// The ordinary invoices of the last thirteen months, oldest first.
    pub(super) fn plan(&mut self) -> Vec<Invoice> {
        let count = self.random.between(5, 14);
        let span = (self.as_of - self.customer.since).num_days().clamp(1, 395);
        (0..count)
            .map(|n| {
                let issued = add(self.as_of, -(span * (count - n) / count) + self.random.between(0, span / count));
                self.draft(issued.min(self.as_of))
            })
            .collect()
    }

    fn draft(&mut self, issued: NaiveDate) -> Invoice {
        self.invoices += 1;
        let share = self.random.between(2, 13);
        let amount = Cents(self.customer.turnover.percent(share).0 + self.random.between(0, 99_999));
        let id = format!("I{:06}-{:02}", self.customer.number, self.invoices);
        Invoice { id, issued, delivered: add(issued, -self.random.between(0, 5)).max(self.customer.since), amount }
    }

    /// An invoice that fell due so many days ago; none when the customer did not buy yet.
    fn overdue(&mut self, days: i64) -> Option<(Invoice, NaiveDate)> {
        let due = add(self.as_of, -days);
        let issued = add(due, -self.customer.net_days).max(self.customer.since);
        (add(issued, 7) <= due && issued <= self.as_of).then(|| (self.draft(issued), due))
    }

    fn invoice(&mut self, invoice: &Invoice, due: NaiveDate, order: &str, block: Option<NaiveDate>) -> io::Result<()> {
        let Invoice { id, issued, delivered, amount } = invoice;
        let accepted = self.random.percent(60).then(|| add(*delivered, self.random.between(0, 10)));
        let reason = if block.is_some() { "delivery being checked" } else { "" };
        self.out.invoices.row(format_args!(
            "{id},{},{order},{issued},{due},{amount},CNY,{delivered},{},{},{reason}",
            self.customer.id,
            Maybe(accepted),
            Maybe(block)
        ))?;
        self.out.evidence.row(format_args!("{id},delivery_note,{delivered}"))
    }

    /// Contract and statement, which with the delivery note make the evidence complete.
    fn evidence(&mut self, invoice: &Invoice, due: NaiveDate) -> io::Result<()> {
        self.out.evidence.row(format_args!("{},contract,{}", invoice.id, invoice.issued))?;
        self.out.evidence.row(format_args!("{},statement,{}", invoice.id, add(due, 10).min(self.as_of)))
    }

    fn pay(&mut self, on: NaiveDate, amount: Cents, returned: Option<NaiveDate>) -> io::Result<String> {
        self.payments += 1;
        let id = format!("P{:06}-{:02}", self.customer.number, self.payments);
        self.out.payments.row(format_args!("{id},{},{on},{amount},CNY,{}", self.customer.id, Maybe(returned)))?;
        Ok(id)
    }

    fn allocate(&mut self, payment: &str, invoice: &str, part: &str, on: NaiveDate, amount: Cents) -> io::Result<()> {
        self.out.allocations.row(format_args!("{payment},,{invoice},{part},{on},{amount}"))
    }

    fn credit(&mut self, invoice: &Invoice, on: NaiveDate, amount: Cents, applied: Option<Cents>) -> io::Result<()> {
        let id = format!("N{}", invoice.id.trim_start_matches('I'));
        self.out.credit_notes.row(format_args!("{id},{},{on},{amount},CNY", self.customer.id))?;
        match applied {
            Some(part) => self.out.allocations.row(format_args!(",{id},{},,{on},{part}", invoice.id)),
            None => Ok(()),
        }
    }

    /// Pays the whole on a day.
    fn settle(&mut self, invoice: &Invoice, on: NaiveDate) -> io::Result<()> {
        let payment = self.pay(on, invoice.amount, None)?;
        self.allocate(&payment, &invoice.id, "", on, invoice.amount)
    }

    fn act(&mut self, rung: &str, item: &str, episode: u8, status: &str, on: NaiveDate) -> io::Result<()> {
        // One id an item, rung and episode: what was done about it is looked up by these.
        self.out
            .actions
            .row(format_args!("A-{item}-{rung}-{episode},collection,{rung},item,{item},{episode},{status},{on}"))
    }

    fn done(&mut self, what: &Done<'_>) -> io::Result<()> {
        for (rung, day) in RUNGS {
            let on = next_worked(add(what.due, day));
            let allowed = day < 30 || what.evidence;
            if allowed && on < what.until && on < self.as_of {
                let status = if matches!(rung, "reminder" | "formal_demand") { "sent" } else { "done" };
                self.act(rung, what.item, what.episode, status, on)?;
            }
        }
        Ok(())
    }

    /// Days after the due date on which such a customer pays.
    fn delay(&mut self) -> i64 {
        match self.customer.quality {
            70.. => self.random.between(-14, 3),
            45..70 => self.random.between(-6, 16),
            25..45 => self.random.between(0, 45),
            _ => self.random.between(8, 95),
        }
    }

    fn ordinary(&mut self, invoice: &Invoice, order: &str) -> io::Result<()> {
        let due = add(invoice.issued, self.customer.net_days);
        self.invoice(invoice, due, order, None)?;
        let paid = add(due, self.delay()).max(add(invoice.issued, 1));
        let evidence = self.random.percent(80);
        let settled = paid <= self.as_of;
        let until = if settled { paid } else { self.as_of };
        if (until - due).num_days() >= 15 && evidence {
            self.evidence(invoice, due)?;
        }
        self.done(&Done { item: &invoice.id, due, until, episode: 0, evidence })?;
        if settled {
            self.settle(invoice, paid)?;
        }
        Ok(())
    }

    fn edge(&mut self, days: i64) -> io::Result<()> {
        let Some((invoice, due)) = self.overdue(days) else { return Ok(()) };
        self.invoice(&invoice, due, "", None)?;
        if days >= 15 {
            self.evidence(&invoice, due)?;
        }
        self.done(&Done { item: &invoice.id, due, until: self.as_of, episode: 0, evidence: true })
    }

    /// One thing out of the ordinary.
    fn event(&mut self, event: u64) -> io::Result<()> {
        let late = match event {
            0 | 1 | 5 => 20,
            2 | 9 | 10 => 12,
            3 | 4 => 16,
            6 => 45,
            7 | 8 | 15 | 16 => 40,
            11..=14 | 17 => 22,
            18 | 19 => 33,
            20 => 40,
            21 => 18,
            22 => 9,
            _ => 66,
        };
        let Some((invoice, due)) = self.overdue(late) else { return Ok(()) };
        let day = |n: i64| add(due, n);
        let (as_of, id, amount) = (self.as_of, invoice.id.as_str(), invoice.amount);
        let again = (self.customer.number / 36).is_multiple_of(2);
        let block = (event == 22).then(|| if again { add(as_of, 10) } else { add(as_of, -3) });
        self.invoice(&invoice, due, "", block)?;
        let mut done = Done { item: id, due, until: as_of, episode: 0, evidence: false };
        match event {
            // part of it paid
            0 => {
                let part = amount.percent(self.random.between(20, 80));
                let payment = self.pay(day(5), part, None)?;
                self.allocate(&payment, id, "", day(5), part)?;
            }
            // too much paid
            1 => {
                let payment = self.pay(day(9), Cents(amount.0 + 50_000), None)?;
                self.allocate(&payment, id, "", day(9), amount)?;
                done.until = day(9);
            }
            // money on account, set against nothing
            2 => {
                self.pay(day(6), amount.percent(60), None)?;
            }
            // credit notes: for the whole; standing alone; for a part
            3 => {
                self.credit(&invoice, day(8), amount, Some(amount))?;
                done.until = day(8);
            }
            4 => self.credit(&invoice, day(8), amount.percent(30), None)?,
            5 => self.credit(&invoice, day(8), amount.percent(50), Some(amount.percent(40)))?,
            // paid, and the money went back: the item begins again
            6 => {
                let payment = self.pay(day(10), amount, Some(day(25)))?;
                self.allocate(&payment, id, "", day(10), amount)?;
                self.done(&Done { until: day(10), ..done })?;
                self.act("formal_demand", id, 1, "sent", next_worked(day(27)))?;
                done.until = day(-30);
            }
            // three instalments
            7 | 8 => {
                done.until = day(-30);
                self.instalments(&invoice, due, event == 8)?;
            }
            // disputes: a part, the whole, and over
            9 => {
                let part = amount.percent(self.random.between(10, 40));
                self.out.disputes.row(format_args!("D-{id},{id},,{},,{part},short delivery", day(3)))?;
            }
            10 => self.out.disputes.row(format_args!("D-{id},{id},,{},,,quality", day(3)))?,
            11 => {
                let part = amount.percent(25);
                self.out.disputes.row(format_args!("D-{id},{id},,{},{},{part},price", day(3), day(12)))?;
            }
            // promises: running, kept, broken, withdrawn
            12 => {
                let promised = add(as_of, self.random.between(0, 9));
                self.promise(id, day(8), promised, None)?;
            }
            13 => {
                self.promise(id, day(8), day(14), None)?;
                self.settle(&invoice, day(13))?;
                done.until = day(13);
            }
            14 => self.promise(id, day(8), day(12), None)?,
            17 => self.promise(id, day(8), add(as_of, 5), Some(day(11)))?,
            // payment plans: kept, broken
            15 => self.out.payment_plans.row(format_args!("L-{id},{id},,{},{},", day(9), add(as_of, 50)))?,
            16 => {
                self.out.payment_plans.row(format_args!("L-{id},{id},,{},{},{}", day(9), day(70), day(24)))?;
                self.act("formal_demand", id, 1, "sent", next_worked(day(25)))?;
            }
            // at the legal rung, with evidence; without, nothing more is written
            18 => self.evidence(&invoice, due)?,
            // nobody looked for weeks
            20 => done.until = day(5),
            // tried, and nothing came of it
            21 => {
                self.act("reminder", id, 0, "skipped", next_worked(day(-3)))?;
                self.act("phone_call", id, 0, "failed", next_worked(day(7)))?;
                self.act("formal_demand", id, 0, "cancelled", next_worked(day(15)))?;
                done.until = day(-30);
            }
            // the end of the ladder
            23 => {
                self.evidence(&invoice, due)?;
                done.evidence = true;
            }
            _ => {}
        }
        if matches!(event, 15 | 16) {
            done.until = day(10);
        }
        self.done(&done)
    }

    fn promise(&mut self, id: &str, made: NaiveDate, due: NaiveDate, withdrawn: Option<NaiveDate>) -> io::Result<()> {
        self.out.promises.row(format_args!("M-{id},{id},,{made},{due},3,,{}", Maybe(withdrawn)))
    }

    /// A third each, thirty days apart, the last taking the rest; the first paid, or all of them.
    fn instalments(&mut self, invoice: &Invoice, due: NaiveDate, all_paid: bool) -> io::Result<()> {
        let third = Cents(invoice.amount.0 / 3);
        let parts = [third, third, Cents(invoice.amount.0 - 2 * third.0)];
        for (n, part) in (1i64..).zip(parts) {
            let falls_due = add(due, 30 * (n - 1));
            let item = format!("{}/{n}", invoice.id);
            self.out.instalments.row(format_args!("{},{n},{falls_due},{part}", invoice.id))?;
            let paid = add(due, if all_paid { 2 * n } else { 4 });
            let settled = all_paid || n == 1;
            let until = if settled { paid } else { self.as_of };
            self.done(&Done { item: &item, due: falls_due, until, episode: 0, evidence: false })?;
            if settled {
                let payment = self.pay(paid, part, None)?;
                self.allocate(&payment, &invoice.id, &n.to_string(), paid, part)?;
            }
        }
        Ok(())
    }
}
