//! Payments and credit notes, and the parts of them set against items.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Assembly;
use super::items::{Item, Items, spread};
use crate::book::Cell;
use crate::book::draft::Draft;
use crate::book::rejects::Sift;
use crate::book::typed::Typed;
use crate::lang::Value;
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
    source: u32,
    on: Option<NaiveDate>,
    invoice: u32,
    instalment: Option<i64>,
    amount: Decimal,
    /// What it takes of the payment or credit note, in the currency of that.
    taken: Decimal,
    row: u32,
    returned_on: Option<NaiveDate>,
}

/// Money set against an item: on which date (none when it is not known), how much, and when it was returned.
pub(super) type Set = (Option<NaiveDate>, Decimal, Option<NaiveDate>);

impl Assembly<'_> {
    /// What was set against items: parts of payments and credit notes, write-offs, and what the invoices' own rows say
    /// was settled.
    pub(super) fn allocations(&mut self) -> Option<()> {
        let mut allocations = Draft::new(self.schema, "allocation")?;
        let mut applications =
            [Draft::new(self.schema, "application")?, Draft::new(self.schema, "credit_application")?];
        let mut set: HashMap<u32, Vec<Set>> = HashMap::new();
        if let Some(table) = self.table("allocations") {
            let payers = self.payers(&table)?;
            let mut sift = self.of_invoices(&table, |row| payers.get(row as usize).copied().flatten())?;
            let parts = self.parts(&table, &mut sift)?;
            let mut left: HashMap<u32, (Decimal, Decimal)> = HashMap::new();
            for (part, item, amount) in self.place(&parts)? {
                set.entry(item.row).or_default().push((part.on, amount, part.returned_on));
                let left = left.entry(part.row).or_insert((part.amount, part.taken));
                let taken = share(left, amount);
                let [of_payments, of_credit_notes] = &mut applications;
                let application = if part.from == From::Payment { of_payments } else { of_credit_notes };
                self.write(&table, part, item, (amount, taken), &mut allocations, application)?;
            }
        }
        self.write_offs(&mut set, &mut allocations)?;
        self.settled(&set, &mut allocations)?;
        self.put(allocations);
        for draft in applications {
            self.put(draft);
        }
        Some(())
    }

    /// For each row the account its money comes from.
    fn payers(&self, table: &Typed) -> Option<Vec<Option<u32>>> {
        let [payment, credit_note] = From::BOTH.map(|from| self.relation(from.name()));
        let (payment, credit_note) = (payment?, credit_note?);
        let payer = |row| match (table.text("payment", row), table.text("credit_note", row)) {
            (Some(id), None) => self.account_of(payment, "payments", id),
            (None, Some(id)) => self.account_of(credit_note, "credit_notes", id),
            _ => None,
        };
        Some((0..table.len()).map(payer).collect())
    }

    /// The rows that can be used, in their order.
    fn parts(&mut self, table: &Typed, sift: &mut Sift) -> Option<Vec<Part>> {
        let invoices = self.relation("invoice")?;
        let written = |row| {
            let [payment, credit_note] = From::BOTH.map(|from| table.text(from.name(), row));
            let date = table.date("on", row);
            let instalment = table.whole("instalment", row);
            Some((payment, credit_note, table.text("invoice", row)?, instalment, date, table.amount("amount", row)?))
        };
        sift.unique(&mut self.ledger, table, None, written);
        let mut parts = Vec::new();
        for row in sift.kept() {
            let Some((payment, credit_note, invoice, instalment, on, amount)) = written(row) else { continue };
            let (from, id) = match (payment, credit_note) {
                (Some(id), None) => (From::Payment, id),
                (None, Some(id)) => (From::CreditNote, id),
                (Some(_), Some(_)) => {
                    let why = "stands beside a payment; money comes from the one or the other".into();
                    sift.reject(&mut self.ledger, table, row, Some("credit_note"), why);
                    continue;
                }
                (None, None) => {
                    sift.reject(
                        &mut self.ledger,
                        table,
                        row,
                        Some("payment"),
                        "names no payment or credit note".into(),
                    );
                    continue;
                }
            };
            let relation = self.relation(from.name())?;
            let source = match self.refer(relation, from.table(), id) {
                Ok(source) => source,
                Err(why) => {
                    sift.reject(&mut self.ledger, table, row, Some(from.name()), why);
                    continue;
                }
            };
            let on = on.or(self.date(relation, "date", source));
            let returned_on = self.date(relation, "returned_on", source);
            let Some(invoice) = self.book.find(invoices, invoice) else { continue };
            let taken =
                match self.taken(relation, source, invoices, invoice, amount, table.amount("payment_amount", row)) {
                    Ok(taken) => taken,
                    Err(why) => {
                        sift.reject(&mut self.ledger, table, row, Some("payment_amount"), why);
                        continue;
                    }
                };
            parts.push(Part { from, source, on, invoice, instalment, amount, taken, row, returned_on });
        }
        self.within_their_invoices(table, sift, &mut parts)?;
        parts.sort();
        self.within_their_sources(table, sift, &mut parts)?;
        Some(parts)
    }

    /// What an allocation takes of its payment or credit note, or why that is not known.
    fn taken(
        &self,
        sources: RelationId,
        source: u32,
        invoices: RelationId,
        invoice: u32,
        amount: Decimal,
        said: Option<Decimal>,
    ) -> Result<Decimal, String> {
        let (of, to) = (self.currency_of(sources, source), self.currency_of(invoices, invoice));
        let one = self.schema.get(sources).map_or("payment", |r| r.name.as_str()).replace('_', " ");
        match said {
            None if of == to => Ok(amount),
            Some(said) if of != to && said.is_sign_negative() == amount.is_sign_negative() => Ok(said),
            Some(said) if of == to && said == amount => Ok(said),
            Some(_) if of == to => Err(format!(
                "is not its `amount`, and the {one} is in {} as the invoice is",
                to.as_deref().unwrap_or_default()
            )),
            Some(_) => Err("does not go the same way as its `amount`".to_owned()),
            None => {
                let (of, to) = (of.as_deref().unwrap_or_default(), to.as_deref().unwrap_or_default());
                Err(format!(
                    "is blank, and the {one} is in {of}, the invoice in {to}: say how much of the {one} it takes"
                ))
            }
        }
    }

    fn currency_of(&self, relation: RelationId, row: u32) -> Option<Arc<str>> {
        match self.book.cell(relation, self.schema.fact(relation, "currency")?, row, NaiveDate::MAX) {
            Cell::Given(Value::Text(currency)) => Some(currency),
            _ => None,
        }
    }

    /// Refuses what names an instalment that is not there, or does not name one where it must.
    fn within_their_invoices(&mut self, table: &Typed, sift: &mut Sift, parts: &mut Vec<Part>) -> Option<()> {
        let items = Items::new(self)?;
        parts.retain(|part| {
            let why = match self.covered(&items, part.invoice, part.instalment) {
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
        let mut left: HashMap<(From, u32), Decimal> = HashMap::new();
        let mut kept = Vec::with_capacity(parts.len());
        for part in std::mem::take(parts) {
            let relation = self.relation(part.from.name())?;
            let whole = self.amount(relation, part.source)?;
            let left = left.entry((part.from, part.source)).or_insert(whole);
            match left.checked_sub(part.taken) {
                Some(rest) if !rest.is_sign_negative() || rest.is_zero() => {
                    *left = rest;
                    kept.push(part);
                }
                _ => {
                    let (of, id) = (part.from.name().replace('_', " "), self.book.id(relation, part.source));
                    let why = format!("is more than the {} left of {of} `{id}`", left.normalize());
                    if let Some(payer) = self.book.parent(relation, part.source) {
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
    fn place<'p>(&self, parts: &'p [Part]) -> Option<Vec<(&'p Part, Item, Decimal)>> {
        let items = Items::new(self)?;
        let mut taken: HashMap<u32, Decimal> = HashMap::new();
        let mut placed = Vec::new();
        let mut by_date: Vec<&Part> = parts.iter().collect();
        by_date.sort_by_key(|part| (part.instalment.is_none(), part.on, *part));
        for part in by_date {
            let mut of = items.of(self, part.invoice);
            if let Some(no) = part.instalment {
                of.retain(|item| item.no == no);
            }
            let room = |item: &Item| item.amount - taken.get(&item.row).copied().unwrap_or_default();
            for (item, amount) in spread(part.amount, &of, room) {
                // What was returned leaves its room to others.
                if part.returned_on.is_none() {
                    *taken.entry(item.row).or_default() += amount;
                }
                placed.push((part, item, amount));
            }
        }
        Some(placed)
    }

    fn write(
        &self,
        table: &Typed,
        part: &Part,
        item: Item,
        (amount, taken): (Decimal, Decimal),
        allocations: &mut Draft,
        applications: &mut Draft,
    ) -> Option<()> {
        let (items, sources) = (self.relation("item")?, self.relation(part.from.name())?);
        let date = |date: Option<NaiveDate>| date.map_or(Value::Missing, Value::Date);
        let on = part.on.map(|on| format!("#{on}")).unwrap_or_default();
        let (source, item_id) = (self.book.id(sources, part.source), self.book.id(items, item.row));
        // Two rows for one item, one naming its instalment and one not, stay apart.
        let spread =
            if part.instalment.is_none() && item_id != self.invoice_id(part.invoice)? { "#spread" } else { "" };
        let id: Arc<str> = format!("{source}#{item_id}{on}#{}{spread}", part.amount.normalize()).into();
        let place = table.place(part.row);
        let values = [
            ("on", date(part.on)),
            ("amount", Value::Dec(amount)),
            ("kind", Value::text(part.from.name())),
            ("returned_on", date(part.returned_on)),
        ];
        allocations.push(Arc::clone(&id), item.row, place, &values);
        let values =
            values.map(|(name, value)| if name == "amount" { (name, Value::Dec(taken)) } else { (name, value) });
        applications.push(id, part.source, place, &values);
        Some(())
    }

    fn invoice_id(&self, row: u32) -> Option<&str> {
        Some(self.book.id(self.relation("invoice")?, row))
    }

    /// What the invoices' own rows say: settled on a date, or so much open as the book is dated.
    fn settled(&mut self, set: &HashMap<u32, Vec<Set>>, allocations: &mut Draft) -> Option<()> {
        let Some(said) = self.said.take() else { return Some(()) };
        let (table, items, item_ids) = (&said.table, Items::new(self)?, self.relation("item")?);
        let kind = Value::Text(self.texts.share("payment"));
        let mut undated = 0;
        for (invoice, row) in &said.rows {
            let settled_on = table.date("settled_on", *row);
            let open = table.amount("open", *row);
            if settled_on.is_none() && open.is_none() {
                continue;
            }
            let of = items.of(self, *invoice);
            let left = |item: &Item| {
                let counts = |(on, _, returned): &&Set| match settled_on {
                    Some(day) => on.is_none_or(|on| on <= day) && returned.is_none_or(|back| back > day),
                    None => returned.is_none(),
                };
                let set = set.get(&item.row).into_iter().flatten().filter(counts);
                set.fold(item.amount, |left, (_, amount, _)| left - amount)
            };
            let parts: Vec<(Item, Decimal)> = match (settled_on, open) {
                (Some(_), _) => of.iter().map(|item| (*item, left(item))).collect(),
                (None, Some(open)) => {
                    undated += 1;
                    // What still waits for its event is open too.
                    let waiting: Decimal = self.waiting(*invoice).iter().map(|stage| stage.amount).sum();
                    let left_of_all = of.iter().map(left).sum::<Decimal>() + waiting;
                    let paid = left_of_all - open;
                    if paid.is_sign_negative() && !paid.is_zero() {
                        let most = left_of_all.normalize();
                        let why = format!("is more than the {most} that its amount and its allocations leave");
                        let account = self.book.parent(self.relation("invoice")?, *invoice);
                        self.ledger.reject(&table.rows, *row, Some("open"), why, account);
                        continue;
                    }
                    if of.is_empty() && !paid.is_zero() {
                        let why = "is less than its amount, and nothing of it is due yet".into();
                        let account = self.book.parent(self.relation("invoice")?, *invoice);
                        self.ledger.reject(&table.rows, *row, Some("open"), why, account);
                        continue;
                    }
                    spread(paid, &of, left)
                }
                (None, None) => Vec::new(),
            };
            for (item, amount) in parts.iter().filter(|(_, amount)| amount.is_sign_positive() && !amount.is_zero()) {
                let how = if settled_on.is_some() { "settled" } else { "open" };
                let id = format!("{}#{how}", self.book.id(item_ids, item.row)).into();
                let on = settled_on.map_or(Value::Missing, Value::Date);
                let values = [("on", on), ("amount", Value::Dec(*amount)), ("kind", kind.clone())];
                allocations.push(id, item.row, table.place(*row), &values);
            }
        }
        self.said = Some(said);
        self.undated("invoices.open", undated);
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
