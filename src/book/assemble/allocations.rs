//! Payments and credit notes, and the parts of them set against items.

use std::fmt::Write as _;

use chrono::NaiveDate;
use rayon::prelude::*;
use rust_decimal::Decimal;

use super::Assembly;
use super::items::{Item, Items, spread};
use super::refs::Found;
use super::under::Named;
use crate::book::draft::{Draft, Made};
use crate::book::ids::{NONE, some};
use crate::book::rejects::Sift;
use crate::book::texts;
use crate::book::typed::Typed;
use crate::book::values::Values;
use crate::book::{Cell, Rows};
use crate::lang::{Value, day_of};
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

/// A row of the allocations that can be used; they are taken in this order, which no file order changes.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    from: From,
    /// The place of the payment or credit note by id, and its row.
    source: (u32, u32),
    on: Option<NaiveDate>,
    /// The place of the invoice by id, and its row.
    invoice: (u32, u32),
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
    item: Item,
    amount: Decimal,
    /// What it takes of the payment or credit note.
    taken: Decimal,
}

/// What is asked of payments, or of credit notes.
struct Source {
    date: Values,
    returned_on: Values,
    currency: Values,
    /// For each its place by id.
    ranks: Vec<u32>,
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
            let parts = self.parts(&table, &named_sources, &mut named)?;
            let mut left = (None, (Decimal::ZERO, Decimal::ZERO));
            let mut placed = self.place(&parts)?;
            for Placed { part, item, amount, taken } in &mut placed {
                sets.push(item.row, (part.on, *amount, part.returned_on));
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

    /// The rows that can be used, in their order.
    fn parts(&mut self, table: &Typed, named_sources: &[Found; 2], named: &mut Named) -> Option<Vec<Part>> {
        let invoices = self.relation("invoice")?;
        let [payments, credit_notes] = named_sources;
        let (named_invoices, instalments) = (table.strings("invoice"), table.values("instalment"));
        let (dates, amounts, payment_amounts) =
            (table.values("on"), table.values("amount"), table.values("payment_amount"));
        let written = |row| -> Option<Written<'_>> {
            let [payment, credit_note] = [payments, credit_notes].map(|found| found.text(row));
            let invoice = texts::text(&named_invoices, row)?;
            Some((payment, credit_note, invoice, instalments.whole(row), dates.day(row), amounts.amount(row)?))
        };
        named.sift.unique(&mut self.ledger, table, None, written);
        let of_sources = From::BOTH.map(|from| {
            let relation = self.relation(from.name());
            relation.map(|relation| Source {
                date: self.fact(relation, "date"),
                returned_on: self.fact(relation, "returned_on"),
                currency: self.fact(relation, "currency"),
                ranks: self.book.rows(relation).map(Rows::ranks).unwrap_or_default(),
            })
        });
        let invoice_ranks = self.book.rows(invoices)?.ranks();
        let currencies = self.fact(invoices, "currency");
        let rank = |ranks: &[u32], row: u32| (ranks.get(row as usize).copied().unwrap_or(row), row);
        let mut parts = Vec::new();
        for row in named.sift.kept() {
            let Some((payment, credit_note, _, instalment, on, amount)) = written(row) else { continue };
            let sift = &mut named.sift;
            let [of_payments, of_credit_notes] = &of_sources;
            let (from, source, found) = match (payment, credit_note) {
                (Some(_), None) => (From::Payment, of_payments.as_ref()?, payments),
                (None, Some(_)) => (From::CreditNote, of_credit_notes.as_ref()?, credit_notes),
                (Some(_), Some(_)) => {
                    let why = "stands beside a payment; money comes from the one or the other".into();
                    sift.reject(&mut self.ledger, table, row, Some("credit_note"), why);
                    continue;
                }
                (None, None) => {
                    let why = "names no payment or credit note".into();
                    sift.reject(&mut self.ledger, table, row, Some("payment"), why);
                    continue;
                }
            };
            let Some(found) = found.row(row) else {
                let why = self.why_unknown(found, row);
                sift.reject(&mut self.ledger, table, row, Some(from.name()), why);
                continue;
            };
            let on = on.and_then(day_of).or(source.date.date(found));
            let returned_on = source.returned_on.date(found);
            let Some(invoice) = named.row(row) else { continue };
            let said = payment_amounts.amount(row);
            let (of, to) = (source.currency.text(found), currencies.text(invoice));
            let taken = match self.taken((from, of), to, amount, said) {
                Ok(taken) => taken,
                Err(why) => {
                    named.sift.reject(&mut self.ledger, table, row, Some("payment_amount"), why);
                    continue;
                }
            };
            let (source, invoice) = (rank(&source.ranks, found), rank(&invoice_ranks, invoice));
            parts.push(Part { from, source, on, invoice, instalment, amount, taken, row, returned_on });
        }
        self.within_their_invoices(table, &mut named.sift, &mut parts)?;
        parts.sort();
        self.within_their_sources(table, &mut named.sift, &mut parts)?;
        Some(parts)
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

    /// Refuses what names an instalment that is not there, or does not name one where it must.
    fn within_their_invoices(&mut self, table: &Typed, sift: &mut Sift, parts: &mut Vec<Part>) -> Option<()> {
        let items = Items::new(self)?;
        parts.retain(|part| {
            let why = match self.covered(&items, part.invoice.1, part.instalment) {
                Err(why) => why,
                Ok(of) if of.len() > 1 && part.amount.is_sign_negative() => {
                    "is blank, and what is taken back must name its instalment".into()
                }
                Ok(_) => return true,
            };
            sift.reject(&mut self.ledger, table, part.row, Some("instalment"), why);
            false
        });
        Some(())
    }

    /// Refuses what goes beyond the payment or credit note it comes from.
    fn within_their_sources(&mut self, table: &Typed, sift: &mut Sift, parts: &mut Vec<Part>) -> Option<()> {
        // What comes from one of them stands together.
        let mut left_of: Option<((From, u32), Decimal)> = None;
        let mut kept = Vec::with_capacity(parts.len());
        for part in std::mem::take(parts) {
            let relation = self.relation(part.from.name())?;
            let source = (part.from, part.source.1);
            let left = match left_of {
                Some((of, left)) if of == source => left,
                _ => self.amount(relation, part.source.1)?,
            };
            left_of = Some((source, left));
            match left.checked_sub(part.taken) {
                Some(rest) if !rest.is_sign_negative() || rest.is_zero() => {
                    left_of = Some((source, rest));
                    kept.push(part);
                }
                _ => {
                    let (of, id) = (part.from.name().replace('_', " "), self.book.id(relation, part.source.1));
                    let why = format!("is more than the {} left of {of} `{id}`", left.normalize());
                    if let Some(payer) = self.book.parent(relation, part.source.1) {
                        self.ledger.touch(payer);
                    }
                    let column = if part.taken == part.amount { "amount" } else { "payment_amount" };
                    sift.reject(&mut self.ledger, table, part.row, Some(column), why);
                }
            }
        }
        *parts = kept;
        Some(())
    }

    /// Which items the parts go to: first what names an instalment, then the rest, the oldest due first.
    fn place<'p>(&self, parts: &'p [Part]) -> Option<Vec<Placed<'p>>> {
        let items = Items::new(self)?;
        let mut taken = vec![Decimal::ZERO; self.book.count(self.relation("item")?)];
        let mut placed = Vec::with_capacity(parts.len());
        // Invoice by invoice; the parts stand in their order.
        let key = |(at, part): (usize, &Part)| ((part.invoice.1, part.instalment.is_none(), part.on), at);
        let mut in_turn: Vec<_> = parts.iter().enumerate().map(key).collect();
        in_turn.sort_unstable();
        let (mut invoice, mut all) = (None, Vec::new());
        for part in in_turn.into_iter().filter_map(|(_, at)| parts.get(at)) {
            if invoice != Some(part.invoice.1) {
                (invoice, all) = (Some(part.invoice.1), items.of(part.invoice.1));
            }
            let one = part.instalment.map(|no| all.iter().filter(|item| item.no == no).copied().collect::<Vec<_>>());
            let of = one.as_ref().unwrap_or(&all);
            let room = |item: &Item| item.amount - taken.get(item.row as usize).copied().unwrap_or_default();
            for (item, amount) in spread(part.amount, of, room) {
                // What was returned leaves its room to others.
                if let (None, Some(taken)) = (part.returned_on, taken.get_mut(item.row as usize)) {
                    *taken += amount;
                }
                placed.push(Placed { part, item, amount, taken: Decimal::ZERO });
            }
        }
        Some(placed)
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

    fn amount(&self, relation: RelationId, row: u32) -> Option<Decimal> {
        match self.book.cell(relation, self.schema.fact(relation, "amount")?, row, NaiveDate::MAX) {
            Cell::Given(Value::Dec(amount)) => Some(amount),
            _ => None,
        }
    }
}

/// Makes rows of what was placed.
struct Writer<'a> {
    table: &'a Typed,
    items: &'a Rows,
    invoices: &'a Rows,
    /// Payments and credit notes, where the book has them, each with what they are called.
    sources: [(Option<&'a Rows>, Value); 2],
}

impl<'a> Writer<'a> {
    fn new(assembly: &'a Assembly<'_>, table: &'a Typed) -> Option<Self> {
        let rows = |name| assembly.book.rows(assembly.relation(name)?);
        let sources = From::BOTH.map(|from| (rows(from.name()), Value::text(from.name())));
        Some(Self { table, items: rows("item")?, invoices: rows("invoice")?, sources })
    }

    /// The allocations, and the applications of payments and of credit notes.
    fn write(&self, placed: &[Placed<'_>]) -> [Made; 3] {
        let facts = ["on", "amount", "kind", "returned_on"];
        let mut made = [(); 3].map(|()| Made::new(&facts));
        let [allocations, of_payments, of_credit_notes] = &mut made;
        let date = |date: Option<NaiveDate>| date.map_or(Value::Missing, Value::Date);
        let mut id = String::new();
        for Placed { part, item, amount, taken } in placed {
            let [payments, credit_notes] = &self.sources;
            let ((sources, kind), applications) = match part.from {
                From::Payment => (payments, &mut *of_payments),
                From::CreditNote => (credit_notes, &mut *of_credit_notes),
            };
            let source = sources.and_then(|rows| texts::text(&rows.ids, part.source.1)).unwrap_or_default();
            let item_id = texts::text(&self.items.ids, item.row);
            id.clear();
            let _ = write!(id, "{source}#{}", item_id.unwrap_or_default());
            if let Some(on) = part.on {
                let _ = write!(id, "#{on}");
            }
            let _ = write!(id, "#{}", part.amount.normalize());
            // Two rows for one item, one naming its instalment and one not, stay apart.
            if part.instalment.is_none() && item_id != texts::text(&self.invoices.ids, part.invoice.1) {
                id.push_str("#spread");
            }
            let place = self.table.place(part.row);
            let mut values = [date(part.on), Value::Dec(*amount), kind.clone(), date(part.returned_on)];
            allocations.push(&id, item.row, place, &values);
            if let Some(of_source) = values.get_mut(1) {
                *of_source = Value::Dec(*taken);
            }
            applications.push(&id, part.source.1, place, &values);
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
