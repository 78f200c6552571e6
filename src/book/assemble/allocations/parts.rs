//! The rows of the allocations: what each sets against which invoice, or why it cannot.

use std::cmp::Ordering;

use arrow_array::{Array, StringArray};
use chrono::NaiveDate;
use rayon::iter::Either;
use rayon::prelude::*;
use rust_decimal::Decimal;

use crate::book::assemble::Assembly;
use crate::book::assemble::items::Items;
use crate::book::assemble::refs::Found;
use crate::book::assemble::under::Named;
use crate::book::ids::NONE;
use crate::book::order::grouped_rows;
use crate::book::rejects::Sift;
use crate::book::texts;
use crate::book::typed::Typed;
use crate::book::values::Values;
use crate::lang::day_of;

/// What money comes from: `payment` or `credit_note`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum From {
    Payment,
    CreditNote,
}

impl From {
    pub(super) const BOTH: [From; 2] = [From::Payment, From::CreditNote];

    pub(super) fn name(self) -> &'static str {
        match self {
            From::Payment => "payment",
            From::CreditNote => "credit_note",
        }
    }

    pub(super) fn table(self) -> &'static str {
        match self {
            From::Payment => "payments",
            From::CreditNote => "credit_notes",
        }
    }
}

/// A row of the allocations that can be used.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) from: From,
    /// The row of the payment or credit note.
    pub(super) source: u32,
    pub(super) on: Option<NaiveDate>,
    /// The row of the invoice.
    pub(super) invoice: u32,
    pub(super) instalment: Option<i64>,
    pub(super) amount: Decimal,
    /// What it takes of the payment or credit note, in the currency of that.
    pub(super) taken: Decimal,
    pub(super) row: u32,
    pub(super) returned_on: Option<NaiveDate>,
}

/// What is asked of payments, or of credit notes.
pub(super) struct Source<'a> {
    /// Which of them the rows name.
    found: &'a Found,
    date: Values,
    returned_on: Values,
    currency: Values,
    amount: Values,
    pub(super) ids: StringArray,
}

/// What the rows of an allocation say, by which two of them are the same.
type Written<'t> = (Option<&'t str>, Option<&'t str>, &'t str, Option<i64>, Option<i32>, Decimal);

impl Assembly<'_> {
    /// The rows that can be used.
    pub(super) fn parts(&mut self, table: &Typed, rows: &AllocationRows<'_>, named: &mut Named) -> Vec<Part> {
        named.sift.unique(&mut self.ledger, table, None, |row| rows.written(row));
        let read = |row| Some(rows.part(self, row, named.row(row)?)?.map_err(|(column, why)| (row, column, why)));
        let apart = |read| match read {
            Ok(part) => Either::Left(part),
            Err(refused) => Either::Right(refused),
        };
        let (mut parts, refused): (Vec<Part>, Vec<_>) =
            named.sift.kept().into_par_iter().filter_map(read).partition_map(apart);
        for (row, column, why) in refused {
            named.sift.reject(&mut self.ledger, table, row, Some(column), why);
        }
        self.within_their_sources(table, rows, &mut named.sift, &mut parts);
        parts
    }

    /// What an allocation takes of its payment or credit note, or why that is not known.
    fn taken(
        &self,
        (from, of): (From, Option<&str>),
        to: Option<&str>,
        amount: Decimal,
        said: Option<Decimal>,
    ) -> Result<Decimal, String> {
        if said.is_none() && !self.has_own_currencies {
            return Ok(amount);
        }
        let one = || from.name().replace('_', " ");
        match said {
            None if of == to => Ok(amount),
            Some(said) if of != to && said.is_sign_negative() == amount.is_sign_negative() => Ok(said),
            Some(said) if of == to && said == amount => Ok(said),
            Some(_) if of == to => Err(format!(
                "is not its `amount`, and the {} is in {} as the invoice is",
                one(),
                to.unwrap_or_default()
            )),
            Some(_) => Err("does not go the same way as its `amount`".to_owned()),
            None => {
                let (one, of, to) = (one(), of.unwrap_or_default(), to.unwrap_or_default());
                Err(format!(
                    "is blank, and the {one} is in {of}, the invoice in {to}: say how much of the {one} it takes"
                ))
            }
        }
    }

    /// Refuses what goes beyond the payment or credit note it comes from.
    fn within_their_sources(
        &mut self,
        table: &Typed,
        rows: &AllocationRows<'_>,
        sift: &mut Sift,
        parts: &mut Vec<Part>,
    ) {
        for from in From::BOTH {
            let source = rows.source(from);
            let of = |part: &Part| if part.from == from { part.source } else { NONE };
            let beyond = |parts: &[&Part]| {
                let mut left = parts.first().and_then(|part| source.amount.amount(part.source)).unwrap_or_default();
                let mut beyond = Vec::new();
                for part in parts {
                    match left.checked_sub(part.taken) {
                        Some(rest) if !rest.is_sign_negative() || rest.is_zero() => left = rest,
                        _ => beyond.push((part.row, part.source, part.taken == part.amount, left)),
                    }
                }
                beyond
            };
            let beyond = by_row(parts, source.ids.len(), of, |a, b| rows.order(a, b), beyond);
            for (row, source_row, in_its_currency, left) in &beyond {
                let (of, id) =
                    (from.name().replace('_', " "), texts::text(&source.ids, *source_row).unwrap_or_default());
                let why = format!("is more than the {} left of {of} `{id}`", left.normalize());
                let payer = self.relation(from.name()).and_then(|relation| self.book.parent(relation, *source_row));
                payer.into_iter().for_each(|payer| self.ledger.touch(payer));
                let column = if *in_its_currency { "amount" } else { "payment_amount" };
                sift.reject(&mut self.ledger, table, *row, Some(column), why);
            }
            if !beyond.is_empty() {
                parts.retain(|part| !sift.is_refused(part.row));
            }
        }
    }
}

/// The rows of the allocations while they are read.
pub(super) struct AllocationRows<'a> {
    payments: Source<'a>,
    credit_notes: Source<'a>,
    pub(super) items: Items,
    pub(super) invoice_ids: StringArray,
    invoice_currency: Values,
    invoice: StringArray,
    instalment: Values,
    on: Values,
    amount: Values,
    payment_amount: Values,
}

impl<'a> AllocationRows<'a> {
    pub(super) fn of(assembly: &Assembly<'_>, table: &Typed, [payments, credit_notes]: &'a [Found; 2]) -> Option<Self> {
        let ids = |relation| Some(assembly.book.rows(relation)?.ids.clone());
        let source = |from: From, found: &'a Found| {
            let relation = assembly.relation(from.name())?;
            let [date, returned_on, currency, amount] =
                ["date", "returned_on", "currency", "amount"].map(|name| assembly.fact(relation, name));
            Some(Source { found, date, returned_on, currency, amount, ids: ids(relation)? })
        };
        let invoices = assembly.relation("invoice")?;
        Some(Self {
            payments: source(From::Payment, payments)?,
            credit_notes: source(From::CreditNote, credit_notes)?,
            items: Items::new(assembly)?,
            invoice_ids: ids(invoices)?,
            invoice_currency: assembly.fact(invoices, "currency"),
            invoice: table.strings("invoice"),
            instalment: table.values("instalment"),
            on: table.values("on"),
            amount: table.values("amount"),
            payment_amount: table.values("payment_amount"),
        })
    }

    pub(super) fn source(&self, from: From) -> &Source<'a> {
        match from {
            From::Payment => &self.payments,
            From::CreditNote => &self.credit_notes,
        }
    }

    /// The order in which parts are taken, which no order of rows in a file changes.
    pub(super) fn order(&self, a: &Part, b: &Part) -> Ordering {
        let source = |part: &Part| texts::text(&self.source(part.from).ids, part.source);
        let invoice = |part: &Part| texts::text(&self.invoice_ids, part.invoice);
        let says = |part: &Part| (part.instalment, part.amount, part.taken, part.row);
        (a.from.cmp(&b.from))
            .then_with(|| if a.source == b.source { Ordering::Equal } else { source(a).cmp(&source(b)) })
            .then_with(|| a.on.cmp(&b.on))
            .then_with(|| if a.invoice == b.invoice { Ordering::Equal } else { invoice(a).cmp(&invoice(b)) })
            .then_with(|| says(a).cmp(&says(b)))
    }

    /// What a row says, where that is enough to be said again.
    fn written(&self, row: u32) -> Option<Written<'_>> {
        let [payment, credit_note] = From::BOTH.map(|from| self.source(from).found.text(row));
        let invoice = texts::text(&self.invoice, row)?;
        Some((payment, credit_note, invoice, self.instalment.whole(row), self.on.day(row), self.amount.amount(row)?))
    }

    /// The part of an invoice that a row sets money against, or the column that is wrong and why.
    fn part(&self, assembly: &Assembly<'_>, row: u32, invoice: u32) -> Option<Result<Part, (&'static str, String)>> {
        let (payment, credit_note, _, instalment, on, amount) = self.written(row)?;
        let from = match (payment, credit_note) {
            (Some(_), None) => From::Payment,
            (None, Some(_)) => From::CreditNote,
            (Some(_), Some(_)) => {
                let why = "stands beside a payment; money comes from the one or the other";
                return Some(Err(("credit_note", why.into())));
            }
            (None, None) => return Some(Err(("payment", "names no payment or credit note".into()))),
        };
        let source = self.source(from);
        let Some(found) = source.found.row(row) else {
            return Some(Err((from.name(), assembly.why_unknown(source.found, row))));
        };
        let (of, to) = (source.currency.text(found), self.invoice_currency.text(invoice));
        let taken = match assembly.taken((from, of), to, amount, self.payment_amount.amount(row)) {
            Ok(taken) => taken,
            Err(why) => return Some(Err(("payment_amount", why))),
        };
        match assembly.covered(&self.items, invoice, instalment) {
            Err(why) => return Some(Err(("instalment", why))),
            Ok(of) if of.len() > 1 && amount.is_sign_negative() => {
                let why = "is blank, and what is taken back must name its instalment";
                return Some(Err(("instalment", why.into())));
            }
            Ok(_) => {}
        }
        Some(Ok(Part {
            from,
            source: found,
            on: on.and_then(day_of).or(source.date.date(found)),
            invoice,
            instalment,
            amount,
            taken,
            row,
            returned_on: source.returned_on.date(found),
        }))
    }
}

/// What comes of the parts of each of so many rows, taken in an order; [`NONE`] where a part is of no row.
pub(super) fn by_row<'p, T: Send>(
    parts: &'p [Part],
    rows: usize,
    of: impl Fn(&Part) -> u32 + Sync,
    order: impl Fn(&Part, &Part) -> Ordering + Sync,
    comes: impl Fn(&[&'p Part]) -> Vec<T> + Sync,
) -> Vec<T> {
    let of: Vec<u32> = parts.par_iter().map(&of).collect();
    let (starts, grouped) = grouped_rows(&of, rows);
    let of_row = |ends: &[u32]| {
        let [start, end] = *ends else { return Vec::new() };
        let grouped = grouped.get(start as usize..end as usize).unwrap_or_default();
        let mut parts: Vec<&Part> = grouped.iter().filter_map(|at| parts.get(*at as usize)).collect();
        parts.sort_unstable_by(|a, b| order(a, b));
        comes(&parts)
    };
    starts.par_windows(2).flat_map_iter(of_row).collect()
}
