//! Payments and credit notes, and the parts of them set against items.

use std::cmp::Ordering;

use arrow_array::{Array, StringArray};
use chrono::NaiveDate;
use rayon::iter::Either;
use rayon::prelude::*;
use rust_decimal::Decimal;

use super::Assembly;
use super::items::{Item, Items, spread};
use super::refs::Found;
use super::under::Named;
use crate::book::draft::{Draft, Made};
use crate::book::ids::{NONE, some};
use crate::book::order::grouped_rows;
use crate::book::rejects::Sift;
use crate::book::texts;
use crate::book::typed::Typed;
use crate::book::values::Values;
use crate::book::{Cell, Rows};
use crate::lang::digits::{push_day, push_decimal};
use crate::lang::{Value, day_number, day_of};
use crate::plan::RelationId;

/// What money comes from: `payment` or `credit_note`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum From {
    Payment,
    CreditNote,
}

impl From {
    const BOTH: [From; 2] = [From::Payment, From::CreditNote];

    fn name(self) -> &'static str {
        match self {
            From::Payment => "payment",
            From::CreditNote => "credit_note",
        }
    }

    fn table(self) -> &'static str {
        match self {
            From::Payment => "payments",
            From::CreditNote => "credit_notes",
        }
    }
}

/// A row of the allocations that can be used.
#[derive(Debug)]
struct Part {
    from: From,
    /// The row of the payment or credit note.
    source: u32,
    on: Option<NaiveDate>,
    /// The row of the invoice.
    invoice: u32,
    instalment: Option<i64>,
    amount: Decimal,
    /// What it takes of the payment or credit note, in the currency of that.
    taken: Decimal,
    row: u32,
    returned_on: Option<NaiveDate>,
}

/// A part of a row that goes to an item.
struct Placed<'p> {
    part: &'p Part,
    /// The row of the item.
    item: u32,
    amount: Decimal,
    /// What it takes of the payment or credit note.
    taken: Decimal,
}

/// What is asked of payments, or of credit notes.
struct Source {
    date: Values,
    returned_on: Values,
    currency: Values,
    amount: Values,
    ids: StringArray,
}

/// Money set against an item: on which date (none when it is not known), how much, and when it was returned.
pub(super) type Set = (Option<NaiveDate>, Decimal, Option<NaiveDate>);

/// The money set against items.
#[derive(Default)]
pub(super) struct Sets {
    /// For each item the number of the last one; [`NONE`] where there is none.
    last: Vec<u32>,
    /// Each with the number of the one before it, of the same item.
    sets: Vec<(Set, u32)>,
}

impl Sets {
    /// Notes money set against an item.
    pub(super) fn push(&mut self, item: u32, set: Set) {
        let at = item as usize;
        if self.last.len() <= at {
            self.last.resize(at + 1, NONE);
        }
        if let Some(last) = self.last.get_mut(at) {
            self.sets.push((set, *last));
            *last = u32::try_from(self.sets.len() - 1).unwrap_or(NONE);
        }
    }

    /// What was set against an item.
    pub(super) fn of(&self, item: u32) -> impl Iterator<Item = &Set> {
        let mut next = self.last.get(item as usize).copied().unwrap_or(NONE);
        std::iter::from_fn(move || {
            let (set, before) = self.sets.get(next as usize)?;
            next = *before;
            Some(set)
        })
    }

    /// Whether nothing was set against anything.
    fn are_none(&self) -> bool {
        self.sets.is_empty()
    }
}

/// What the rows of an allocation say, by which two of them are the same.
type Written<'t> = (Option<&'t str>, Option<&'t str>, &'t str, Option<i64>, Option<i32>, Decimal);

impl Assembly<'_> {
    /// What was set against items: parts of payments and credit notes, write-offs, and what the invoices' own rows say
    /// was settled.
    pub(super) fn allocations(&mut self) -> Option<()> {
        let mut allocations = Draft::new(self.schema, "allocation")?;
        let mut applications =
            [Draft::new(self.schema, "application")?, Draft::new(self.schema, "credit_application")?];
        let mut sets = Sets::default();
        if let Some(table) = self.table("allocations") {
            let named_sources = self.sources(&table)?;
            let mut named = self.of_invoices(&table, self.payers(&named_sources))?;
            let rows = AllocationRows::of(self, &table, &named_sources)?;
            let parts = self.parts(&table, &rows, &mut named);
            let mut left = (None, (Decimal::ZERO, Decimal::ZERO));
            let mut placed = rows.place(&parts);
            for Placed { part, item, amount, taken } in &mut placed {
                sets.push(*item, (part.on, *amount, part.returned_on));
                if left.0 != Some(part.row) {
                    left = (Some(part.row), (part.amount, part.taken));
                }
                *taken = share(&mut left.1, *amount);
            }
            let writer = Writer::new(self, &table)?;
            let share = placed.len().div_ceil(rayon::current_num_threads()).max(1);
            let written: Vec<[Made; 3]> = placed.par_chunks(share).map(|placed| writer.write(placed)).collect();
            for [made, of_payments, of_credit_notes] in written {
                allocations.add(made);
                for (draft, made) in applications.iter_mut().zip([of_payments, of_credit_notes]) {
                    draft.add(made);
                }
            }
        }
        self.write_offs(&mut sets, &mut allocations)?;
        self.settled(&sets, &mut allocations)?;
        self.put(allocations);
        for draft in applications {
            self.put(draft);
        }
        Some(())
    }

    /// The payments and the credit notes that rows name.
    fn sources(&self, table: &Typed) -> Option<[Found; 2]> {
        let [payments, credit_notes] = From::BOTH.map(|from| {
            let relation = self.relation(from.name())?;
            Some(self.found(relation, from.table(), table.strings(from.name())))
        });
        Some([payments?, credit_notes?])
    }

    /// For each row the account its money comes from.
    fn payers(&self, sources: &[Found; 2]) -> impl Fn(u32) -> Option<u32> + use<> {
        let [payments, credit_notes] = sources;
        let [of_payments, of_credit_notes] = [payments, credit_notes].map(|found| self.accounts_of(found));
        let names = |found: &Found, row| found.text(row).is_some();
        let payer = |(row, (of_payment, of_credit_note))| match (names(payments, row), names(credit_notes, row)) {
            (true, false) => of_payment,
            (false, true) => of_credit_note,
            _ => NONE,
        };
        let payers: Vec<u32> = (0u32..).zip(of_payments.into_iter().zip(of_credit_notes)).map(payer).collect();
        move |row| payers.get(row as usize).copied().and_then(some)
    }

    /// The rows that can be used.
    fn parts(&mut self, table: &Typed, rows: &AllocationRows<'_>, named: &mut Named) -> Vec<Part> {
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

    /// What the invoices' own rows say: settled on a date, or so much open as the book is dated.
    fn settled(&mut self, sets: &Sets, allocations: &mut Draft) -> Option<()> {
        let Some(said) = self.said.take() else { return Some(()) };
        let (table, items, item_ids) = (&said.table, Items::new(self)?, self.relation("item")?);
        let (invoices, stages) = (self.relation("invoice")?, self.relation("stage")?);
        let some_wait = self.book.count(stages) > 0;
        let (settled, opens) = (table.values("settled_on"), table.values("open"));
        let kind = Value::Text(self.texts.share("payment"));
        let mut made = Made::new(&["on", "amount", "kind"]);
        let mut undated = Vec::new();
        let mut id = String::new();
        for (invoice, row) in (0u32..).zip(said.rows.iter().copied()) {
            let (settled_on, open) = (settled.date(row), opens.amount(row));
            if settled_on.is_none() && open.is_none() {
                continue;
            }
            let only = items.only(invoice);
            let several = if only.is_none() { items.of(invoice) } else { Vec::new() };
            let of = only.as_ref().map_or(several.as_slice(), std::slice::from_ref);
            let left = |item: &Item| {
                if sets.are_none() {
                    return item.amount;
                }
                let counts = |(on, _, returned): &&Set| match settled_on {
                    Some(day) => on.is_none_or(|on| on <= day) && returned.is_none_or(|back| back > day),
                    None => returned.is_none(),
                };
                sets.of(item.row).filter(counts).fold(item.amount, |left, (_, amount, _)| left - amount)
            };
            let parts: Vec<(Item, Decimal)> = match (settled_on, open) {
                (Some(_), _) => of.iter().map(|item| (*item, left(item))).collect(),
                (None, Some(open)) => {
                    undated.push(row);
                    // What still waits for its event is open too.
                    let mut left_of_all = of.iter().map(left).sum::<Decimal>();
                    if some_wait {
                        left_of_all += self.waiting(invoice).iter().map(|stage| stage.amount).sum::<Decimal>();
                    }
                    let paid = left_of_all - open;
                    if paid.is_zero() {
                        continue;
                    }
                    let why = if paid.is_sign_negative() {
                        let most = left_of_all.normalize();
                        Some(format!("is more than the {most} that its amount and its allocations leave"))
                    } else {
                        of.is_empty().then(|| "is less than its amount, and nothing of it is due yet".into())
                    };
                    if let Some(why) = why {
                        let account = self.book.parent(invoices, invoice);
                        self.ledger.reject(&table.rows, row, Some("open"), why, account);
                        continue;
                    }
                    spread(paid, of, left)
                }
                (None, None) => Vec::new(),
            };
            for (item, amount) in parts.iter().filter(|(_, amount)| amount.is_sign_positive() && !amount.is_zero()) {
                id.clear();
                id.push_str(self.book.id(item_ids, item.row));
                id.push_str(if settled_on.is_some() { "#settled" } else { "#open" });
                let on = settled_on.map_or(Value::Missing, Value::Date);
                made.push(&id, item.row, table.place(row), &[on, Value::Dec(*amount), kind.clone()]);
            }
        }
        allocations.add(made);
        self.undated("invoices.open", &said.table, undated.into_iter());
        self.said = Some(said);
        Some(())
    }

    pub(super) fn date(&self, relation: RelationId, fact: &str, row: u32) -> Option<NaiveDate> {
        match self.book.cell(relation, self.schema.fact(relation, fact)?, row, NaiveDate::MAX) {
            Cell::Given(Value::Date(date)) => Some(date),
            _ => None,
        }
    }
}

/// The rows of the allocations while they are read.
struct AllocationRows<'a> {
    payments: &'a Found,
    credit_notes: &'a Found,
    of_sources: [Source; 2],
    items: Items,
    invoice_ids: StringArray,
    invoice_currency: Values,
    invoice: StringArray,
    instalment: Values,
    on: Values,
    amount: Values,
    payment_amount: Values,
}

impl<'a> AllocationRows<'a> {
    fn of(assembly: &Assembly<'_>, table: &Typed, [payments, credit_notes]: &'a [Found; 2]) -> Option<Self> {
        let ids = |relation| Some(assembly.book.rows(relation)?.ids.clone());
        let source = |from: From| {
            let relation = assembly.relation(from.name())?;
            let [date, returned_on, currency, amount] =
                ["date", "returned_on", "currency", "amount"].map(|name| assembly.fact(relation, name));
            Some(Source { date, returned_on, currency, amount, ids: ids(relation)? })
        };
        let invoices = assembly.relation("invoice")?;
        Some(Self {
            payments,
            credit_notes,
            of_sources: [source(From::Payment)?, source(From::CreditNote)?],
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

    fn source(&self, from: From) -> &Source {
        let [of_payments, of_credit_notes] = &self.of_sources;
        match from {
            From::Payment => of_payments,
            From::CreditNote => of_credit_notes,
        }
    }

    /// The order in which parts are taken, which no order of rows in a file changes.
    fn order(&self, a: &Part, b: &Part) -> Ordering {
        let source = |part: &Part| texts::text(&self.source(part.from).ids, part.source);
        let invoice = |part: &Part| texts::text(&self.invoice_ids, part.invoice);
        let says = |part: &Part| (part.instalment, part.amount, part.taken, part.row);
        (a.from.cmp(&b.from))
            .then_with(|| if a.source == b.source { Ordering::Equal } else { source(a).cmp(&source(b)) })
            .then_with(|| a.on.cmp(&b.on))
            .then_with(|| if a.invoice == b.invoice { Ordering::Equal } else { invoice(a).cmp(&invoice(b)) })
            .then_with(|| says(a).cmp(&says(b)))
    }

    /// Which items the parts go to: first what names an instalment, then the rest, the oldest due first.
    fn place<'p>(&self, parts: &'p [Part]) -> Vec<Placed<'p>> {
        let first = |part: &Part| (part.instalment.is_none(), part.on);
        let order = |a: &Part, b: &Part| first(a).cmp(&first(b)).then_with(|| self.order(a, b));
        by_row(parts, self.invoice_ids.len(), |part| part.invoice, order, |parts| place(parts, &self.items))
    }

    /// What a row says, where that is enough to be said again.
    fn written(&self, row: u32) -> Option<Written<'_>> {
        let [payment, credit_note] = [self.payments, self.credit_notes].map(|found| found.text(row));
        let invoice = texts::text(&self.invoice, row)?;
        Some((payment, credit_note, invoice, self.instalment.whole(row), self.on.day(row), self.amount.amount(row)?))
    }

    /// The part of an invoice that a row sets money against, or the column that is wrong and why.
    fn part(&self, assembly: &Assembly<'_>, row: u32, invoice: u32) -> Option<Result<Part, (&'static str, String)>> {
        let (payment, credit_note, _, instalment, on, amount) = self.written(row)?;
        let (from, found) = match (payment, credit_note) {
            (Some(_), None) => (From::Payment, self.payments),
            (None, Some(_)) => (From::CreditNote, self.credit_notes),
            (Some(_), Some(_)) => {
                let why = "stands beside a payment; money comes from the one or the other";
                return Some(Err(("credit_note", why.into())));
            }
            (None, None) => return Some(Err(("payment", "names no payment or credit note".into()))),
        };
        let Some(found) = found.row(row) else { return Some(Err((from.name(), assembly.why_unknown(found, row)))) };
        let source = self.source(from);
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
fn by_row<'p, T: Send>(
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

/// Which items of one invoice the parts set against it go to.
fn place<'p>(parts: &[&'p Part], items: &Items) -> Vec<Placed<'p>> {
    let mut left = parts.first().map_or_else(Vec::new, |part| items.of(part.invoice));
    let mut placed = Vec::with_capacity(parts.len());
    for part in parts {
        let is_named = |item: &&Item| part.instalment.is_none_or(|no| item.no == no);
        let of: Vec<Item> = left.iter().filter(is_named).copied().collect();
        for (item, amount) in spread(part.amount, &of, |item| item.amount) {
            // What was returned leaves its room to others.
            if part.returned_on.is_none() {
                let item = left.iter_mut().find(|left| left.row == item.row);
                item.into_iter().for_each(|item| item.amount -= amount);
            }
            placed.push(Placed { part, item: item.row, amount, taken: Decimal::ZERO });
        }
    }
    placed
}

/// Makes rows of what was placed.
struct Writer<'a> {
    table: &'a Typed,
    items: &'a Rows,
    invoices: &'a Rows,
    /// Payments and credit notes, where the book has them.
    sources: [Option<&'a Rows>; 2],
}

impl<'a> Writer<'a> {
    fn new(assembly: &'a Assembly<'_>, table: &'a Typed) -> Option<Self> {
        let rows = |name| assembly.book.rows(assembly.relation(name)?);
        let sources = From::BOTH.map(|from| rows(from.name()));
        Some(Self { table, items: rows("item")?, invoices: rows("invoice")?, sources })
    }

    /// The allocations, and the applications of payments and of credit notes.
    fn write(&self, placed: &[Placed<'_>]) -> [Made; 3] {
        let facts = ["on", "amount", "kind", "returned_on"];
        let mut made = [(); 3].map(|()| Made::new(&facts));
        let [allocations, of_payments, of_credit_notes] = &mut made;
        let date = |date: Option<NaiveDate>| date.map_or(Value::Missing, Value::Date);
        let ([payments, credit_notes], [payment, credit_note]) =
            (self.sources, From::BOTH.map(|from| Value::text(from.name())));
        let mut written = Vec::new();
        for Placed { part, item, amount, taken } in placed {
            let (sources, kind, applications) = match part.from {
                From::Payment => (payments, &payment, &mut *of_payments),
                From::CreditNote => (credit_notes, &credit_note, &mut *of_credit_notes),
            };
            let source = sources.and_then(|rows| texts::text(&rows.ids, part.source)).unwrap_or_default();
            let item_id = texts::text(&self.items.ids, *item);
            written.clear();
            [source, "#", item_id.unwrap_or_default()]
                .into_iter()
                .for_each(|text| written.extend_from_slice(text.as_bytes()));
            if let Some(on) = part.on {
                written.push(b'#');
                push_day(&mut written, day_number(on));
            }
            written.push(b'#');
            push_decimal(&mut written, part.amount.mantissa(), part.amount.scale(), 0);
            // Two rows for one item, one naming its instalment and one not, stay apart.
            if part.instalment.is_none() && item_id != texts::text(&self.invoices.ids, part.invoice) {
                written.extend_from_slice(b"#spread");
            }
            let id = str::from_utf8(&written).unwrap_or_default();
            let place = self.table.place(part.row);
            let mut values = [date(part.on), Value::Dec(*amount), kind.clone(), date(part.returned_on)];
            allocations.push(id, *item, place, &values);
            if let Some(of_source) = values.get_mut(1) {
                *of_source = Value::Dec(*taken);
            }
            applications.push(id, part.source, place, &values);
        }
        made
    }
}

/// The share of what is taken that falls to a part of the amount; the last part takes the rest.
fn share((amount_left, taken_left): &mut (Decimal, Decimal), amount: Decimal) -> Decimal {
    let share = match taken_left.checked_mul(amount).and_then(|product| product.checked_div(*amount_left)) {
        _ if *taken_left == *amount_left => amount,
        Some(share) if amount != *amount_left => share.round_dp(taken_left.scale().max(amount.scale())),
        _ => *taken_left,
    };
    *amount_left -= amount;
    *taken_left -= share;
    share
}
