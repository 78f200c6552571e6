//! Invoices and the items that fall due: their instalments, or the whole invoice when it has none.

use std::collections::HashMap;

use arrow_array::{Date32Array, Int64Array};
use arrow_buffer::ScalarBuffer;
use chrono::NaiveDate;
use rayon::prelude::*;
use rust_decimal::Decimal;

use super::Assembly;
use super::stages::Wait;
use crate::book::draft::{Draft, Keeping, Kept};
use crate::book::ids::{Index, NONE, some};
use crate::book::order;
use crate::book::rejects::Sift;
use crate::book::texts::{self, Texts, take_texts};
use crate::book::threads::let_go;
use crate::book::typed::Typed;
use crate::book::{Column, Data, Series};
use crate::lang::day_number;
use crate::lang::sum::ExactSum;
use crate::plan::Fact;

/// The instalments of the invoices.
#[derive(Default)]
struct Parts {
    /// For each row of the invoices where its rows begin in `rows`, and where the last one's end.
    starts: Vec<u32>,
    rows: Vec<u32>,
    /// By their rows, those that wait for an event.
    waits: HashMap<u32, Wait>,
}

impl Parts {
    /// The rows of the instalments of an invoice's row.
    fn of(&self, invoice: u32) -> &[u32] {
        let at = invoice as usize;
        let find = || self.rows.get(*self.starts.get(at)? as usize..*self.starts.get(at + 1)? as usize);
        find().unwrap_or_default()
    }
}

/// What the invoices' own rows say of their settlement and disputes; kept until their items are known.
pub(super) struct Said {
    /// The invoices' table.
    pub(super) table: Typed,
    /// For each row of the relation the row of the table.
    pub(super) rows: ScalarBuffer<u32>,
}

impl Assembly<'_> {
    /// Invoices and items.
    pub(super) fn invoices(&mut self, mut table: Typed) -> Option<()> {
        let mut sift = self.of_customers(&table);
        let texts = table.strings("id");
        sift.unique_texts(&mut self.ledger, &table, "id", &texts);
        self.contradictions(&table, &mut sift);
        let mut instalments = self.table("instalments");
        let parts = match &mut instalments {
            Some(instalments) => self.instalments(&table, &mut sift, instalments),
            None => Parts::default(),
        };
        self.remember_refused("invoices", &table, &sift);
        let (rows, parents) = sift.under_accounts(&texts);
        // Of what is looked at later only what is open may still be refused.
        if !table.values("open").are_there() {
            table.rows.forget_texts();
        }
        let mut draft = Draft::new(self.schema, "invoice")?;
        draft.append(&table, Kept { ids: take_texts(&texts, &rows), parents, rows }, Vec::new());
        let rows = self.put(draft);
        self.items(&table, &rows, instalments.as_ref(), &parts)?;
        if self.derive.since_first_invoice {
            self.since_first_invoice()?;
        }
        let says = ["settled_on", "open", "disputed", "disputed_amount"];
        if says.iter().any(|column| table.values(column).are_there()) {
            self.said = Some(Said { table, rows });
        } else {
            let_go(table);
        }
        Some(())
    }

    fn contradictions(&mut self, table: &Typed, sift: &mut Sift) {
        let [issued, due, settled, open, disputed, amount] =
            ["issue_date", "due_date", "settled_on", "open", "disputed", "disputed_amount"].map(|c| table.values(c));
        let rows = 0..table.len();
        for row in due.days_before(&issued) {
            if let Some(issued) = issued.date(row) {
                let why = format!("is before its issue date {issued}");
                sift.reject(&mut self.ledger, table, row, Some("due_date"), why);
            }
        }
        if settled.are_there() && open.are_there() {
            for row in rows.clone() {
                if let (Some(settled), Some(open)) = (settled.date(row), open.amount(row))
                    && !open.is_zero()
                {
                    let why = format!("is not 0, and yet the invoice was settled on {settled}");
                    sift.reject(&mut self.ledger, table, row, Some("open"), why);
                }
            }
        }
        if disputed.are_there() && amount.are_there() {
            for row in rows {
                let why = match (disputed.flag(row), amount.amount(row)) {
                    (Some(false), Some(amount)) if !amount.is_zero() => "is not 0, and yet the invoice is not disputed",
                    (Some(true), Some(amount)) if amount.is_zero() => {
                        "is 0, and yet the invoice is disputed; leave it blank where the whole is disputed"
                    }
                    _ => continue,
                };
                sift.reject(&mut self.ledger, table, row, Some("disputed_amount"), why.into());
            }
        }
    }

    /// The rows of the instalments of each invoice row; an invoice whose instalments do not fit it is refused.
    fn instalments(&mut self, invoices: &Typed, sift: &mut Sift, table: &Typed) -> Parts {
        let milestones = self.milestones(invoices);
        let texts = invoices.strings("id");
        let index = Index::new(Texts::of(&texts));
        let named = table.strings("invoice");
        let of = index.find_all(Texts::of(&texts), &named);
        let accounts = of.iter().map(|of| some(*of).and_then(|of| sift.account(of)).unwrap_or(NONE)).collect();
        let mut parts = Sift::strict(table, &mut self.ledger, accounts);
        let numbers = table.values("no");
        parts.unique(&mut self.ledger, table, Some("no"), |row| Some((texts::text(&named, row)?, numbers.whole(row)?)));
        let (issued, due) = (invoices.values("issue_date"), table.values("due_date"));
        let mut waits = HashMap::new();
        for (row, invoice) in (0u32..).zip(&of) {
            let Some(named) = texts::text(&named, row) else { continue };
            let Some(invoice) = some(*invoice) else {
                parts.reject(&mut self.ledger, table, row, Some("invoice"), "no invoice has this id".into());
                continue;
            };
            if let Some(no) = numbers.whole(row) {
                let item = format!("{named}/{no}");
                if no < 1 {
                    parts.reject(&mut self.ledger, table, row, Some("no"), "is less than 1".into());
                } else if index.find(Texts::of(&texts), item.as_bytes()).is_some() {
                    let why = format!("would make the item `{item}`, and an invoice has that id");
                    parts.reject(&mut self.ledger, table, row, Some("no"), why);
                }
            }
            let faulty = parts.is_refused(row);
            match self.wait((invoices, invoice), (table, row), &milestones) {
                Ok(Some(wait)) => drop(waits.insert(row, wait)),
                Ok(None) => {}
                // What its event is cannot be told from a cell that cannot be read.
                Err(_) if faulty => {}
                Err((column, why)) => parts.reject(&mut self.ledger, table, row, Some(column), why),
            }
            if let (Some(issued), Some(due)) = (issued.date(invoice), due.date(row))
                && due < issued
            {
                let why = format!("is before the issue date {issued} of its invoice");
                parts.reject(&mut self.ledger, table, row, Some("due_date"), why);
            }
        }
        let (starts, rows) = order::grouped_rows(&of, invoices.len() as usize);
        let found = Parts { starts, rows, waits };
        let (settled_on, whole, amounts) =
            (invoices.values("settled_on"), invoices.values("amount"), table.values("amount"));
        for invoice in 0..invoices.len() {
            let rows = found.of(invoice);
            if rows.is_empty() {
                continue;
            }
            let waits = |row: &&u32| found.waits.get(*row).is_some_and(|wait| wait.reached_on.is_none());
            if let (true, Some(row)) = (settled_on.is_given(invoice), rows.iter().find(waits)) {
                let no = numbers.whole(*row).unwrap_or_default();
                let why = format!("the invoice was settled, and yet its instalment {no} waits for its event");
                sift.reject(&mut self.ledger, invoices, invoice, Some("settled_on"), why);
            }
            if rows.iter().any(|row| parts.is_refused(*row)) {
                let why = "a row of its instalments was refused".into();
                sift.reject(&mut self.ledger, invoices, invoice, Some("id"), why);
            } else if let (Some(amount), false) = (whole.amount(invoice), sift.is_refused(invoice))
                && let Some(why) = difference(amount, rows.iter().filter_map(|row| amounts.amount(*row)))
            {
                sift.reject(&mut self.ledger, invoices, invoice, Some("amount"), why);
            }
        }
        for (row, invoice) in (0u32..).zip(&of) {
            if some(*invoice).is_some_and(|invoice| sift.is_refused(invoice)) && !parts.is_refused(row) {
                let why = "the invoice with this id was refused itself".into();
                parts.reject(&mut self.ledger, table, row, Some("invoice"), why);
            }
        }
        found
    }

    /// The items of the invoices; `taken` are the rows of their table.
    fn items(&mut self, table: &Typed, taken: &[u32], instalments: Option<&Typed>, parts: &Parts) -> Option<()> {
        let (mut items, mut stages) = (Draft::new(self.schema, "item")?, Draft::new(self.schema, "stage")?);
        match instalments.filter(|_| !parts.rows.is_empty()) {
            None => self.whole_invoices(table, taken, &mut items)?,
            Some(instalments) => {
                let mut whole = Keeping::default();
                let (mut dated, mut staged) = (Keeping::default(), Keeping::default());
                let (numbers, invoices) = (instalments.values("no"), self.relation("invoice")?);
                for (parent, invoice) in (0u32..).zip(taken) {
                    let (rows, invoice_id) = (parts.of(*invoice), self.book.id(invoices, parent));
                    if rows.is_empty() {
                        whole.push(invoice_id, parent, *invoice);
                    }
                    for row in rows {
                        let id = format!("{invoice_id}/{}", numbers.whole(*row)?);
                        let part = if parts.waits.contains_key(row) { &mut staged } else { &mut dated };
                        part.push(&id, parent, *row);
                    }
                }
                let first = Series::whole(1, whole.rows.len());
                items.append(table, whole.done(), vec![("no", first)]);
                items.append(instalments, dated.done(), Vec::new());
                stages_of(parts, instalments, staged.done(), &mut stages, &mut items);
            }
        }
        self.put(items);
        self.put(stages);
        Some(())
    }

    /// Every invoice is one item. What both have in common they share.
    fn whole_invoices(&self, table: &Typed, taken: &[u32], items: &mut Draft) -> Option<()> {
        let (invoice, item) = (self.relation("invoice")?, self.relation("item")?);
        let rows = self.book.rows(invoice)?;
        let mut columns = vec![("no", Series::whole(1, rows.len()))];
        let schema = self.schema;
        let series = |fact: &Fact| match schema.fact(invoice, &fact.name).map(|of| rows.columns.get(usize::from(of.0)))
        {
            Some(Some(Column::Plain(series))) => Some(series.clone()),
            Some(Some(_)) => None,
            Some(None) | None => table.series(&fact.name).map(|series| series.take(taken)),
        };
        let others = self.schema.get(item)?.facts.par_iter().filter(|fact| !["id", "no"].contains(&fact.name.as_str()));
        let others: Vec<_> = others.filter_map(|fact| Some((fact.name.as_str(), series(fact)?))).collect();
        columns.extend(others);
        let parents = (0u32..).take(rows.len()).collect();
        items.share(rows.ids.clone(), parents, rows.origins.clone(), columns);
        Some(())
    }
}

/// Every part that waits for an event is a stage; once the event has come it is an item too.
fn stages_of(parts: &Parts, instalments: &Typed, staged: Kept, stages: &mut Draft, items: &mut Draft) {
    let wait = |row: &u32| parts.waits.get(row);
    let days = |rows: &[u32], day: &dyn Fn(&Wait) -> Option<NaiveDate>| {
        let number = |row: &u32| wait(row).and_then(day).map(day_number);
        Series::new(Data::Date(rows.iter().map(number).collect::<Date32Array>()))
    };
    let reached_on = |rows: &[u32]| days(rows, &|wait| wait.reached_on);
    let due_date = |rows: &[u32]| days(rows, &|wait| wait.due_date);
    let plus_days = staged.rows.iter().map(|row| wait(row).map_or(0, |wait| wait.plus_days));
    let plus_days = Series::new(Data::Int(Int64Array::from_iter_values(plus_days)));
    let mut begun = Keeping::default();
    for ((id, parent), row) in staged.ids.iter().zip(&staged.parents).zip(&staged.rows) {
        if let Some(id) = id
            && wait(row).is_some_and(|wait| wait.reached_on.is_some())
        {
            begun.push(id, *parent, *row);
        }
    }
    let (reached, due) = (reached_on(&staged.rows), due_date(&staged.rows));
    let own = vec![("reached_on", reached), ("due_date", due), ("plus_days", plus_days)];
    stages.append(instalments, staged, own);
    let own = vec![("since", reached_on(&begun.rows)), ("due_date", due_date(&begun.rows))];
    items.append(instalments, begun.done(), own);
}

/// Why instalments do not make up the amount of their invoice; `None` when they do.
fn difference(amount: Decimal, parts: impl Iterator<Item = Decimal>) -> Option<String> {
    let mut rest = ExactSum::default();
    let mut sum = ExactSum::default();
    rest.add(amount);
    for part in parts {
        sum.add(part);
        rest.add(-part);
    }
    let (sum, rest) = (sum.total()?.normalize(), rest.total()?.normalize());
    if rest.is_zero() {
        return None;
    }
    let side = if rest.is_sign_negative() { "more" } else { "less" };
    Some(format!("its instalments sum to {sum}, {} {side} than its amount", rest.abs()))
}
