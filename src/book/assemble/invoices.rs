//! Invoices and the items that fall due: their instalments, or the whole invoice when it has none.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::Assembly;
use super::stages::Wait;
use crate::book::Cell;
use crate::book::draft::{Draft, Kept};
use crate::book::rejects::Sift;
use crate::book::typed::Typed;
use crate::lang::Value;
use crate::lang::sum::ExactSum;

/// The instalments of the invoices.
#[derive(Default)]
struct Parts {
    /// Their rows, by the row of their invoice.
    rows_of: HashMap<u32, Vec<u32>>,
    /// By their rows, those that wait for an event.
    waits: HashMap<u32, Wait>,
}

/// What an invoice's own row says of its settlement and disputes; kept until its items are known.
pub(super) struct Said {
    /// The invoices' table.
    pub(super) table: Typed,
    /// For each row kept in the book: row of the relation and row of the table.
    pub(super) rows: Vec<(u32, u32)>,
}

impl Assembly<'_> {
    /// Invoices and items.
    pub(super) fn invoices(&mut self, table: Typed) -> Option<()> {
        let mut sift = self.of_customers(&table);
        sift.unique(&mut self.ledger, &table, Some("id"), |row| table.text("id", row));
        for row in 0..table.len() {
            self.contradictions(&table, &mut sift, row);
        }
        let mut instalments = self.table("instalments");
        let parts = match &mut instalments {
            Some(instalments) => self.instalments(&table, &mut sift, instalments),
            None => Parts::default(),
        };
        self.remember_refused("invoices", &table, &sift);
        let keep = |row| Some(Kept { id: Arc::clone(table.text("id", row)?), parent: sift.account(row)?, row });
        let mut kept: Vec<Kept> = sift.kept().into_iter().filter_map(keep).collect();
        kept.sort_by(|a, b| a.id.cmp(&b.id));
        let mut draft = Draft::new(self.schema, "invoice")?;
        draft.append(&table, &kept, Vec::new());
        self.put(draft);
        self.items(&table, &kept, instalments.as_ref(), &parts)?;
        if self.derive.since_first_invoice {
            self.since_first_invoice()?;
        }
        let rows = (0u32..).zip(&kept).map(|(invoice, k)| (invoice, k.row)).collect();
        self.said = Some(Said { table, rows });
        Some(())
    }

    fn contradictions(&mut self, table: &Typed, sift: &mut Sift, row: u32) {
        let date = |column| table.date(column, row);
        if let (Some(issued), Some(due)) = (date("issue_date"), date("due_date"))
            && due < issued
        {
            sift.reject(&mut self.ledger, table, row, Some("due_date"), format!("is before its issue date {issued}"));
        }
        if let (Some(settled), Some(open)) = (date("settled_on"), table.amount("open", row))
            && !open.is_zero()
        {
            let why = format!("is not 0, and yet the invoice was settled on {settled}");
            sift.reject(&mut self.ledger, table, row, Some("open"), why);
        }
        if let (Some(false), Some(disputed)) = (table.flag("disputed", row), table.amount("disputed_amount", row))
            && !disputed.is_zero()
        {
            let why = "is not 0, and yet the invoice is not disputed".into();
            sift.reject(&mut self.ledger, table, row, Some("disputed_amount"), why);
        }
        if let (Some(true), Some(disputed)) = (table.flag("disputed", row), table.amount("disputed_amount", row))
            && disputed.is_zero()
        {
            let why = "is 0, and yet the invoice is disputed; leave it blank where the whole is disputed".into();
            sift.reject(&mut self.ledger, table, row, Some("disputed_amount"), why);
        }
    }

    /// The rows of the instalments of each invoice row; an invoice whose instalments do not fit it is refused.
    fn instalments(&mut self, invoices: &Typed, sift: &mut Sift, table: &Typed) -> Parts {
        let milestones = self.milestones(invoices);
        let ids = invoices.texts("id");
        let mut by_id: HashMap<&Arc<str>, u32> = HashMap::new();
        for row in (0..invoices.len()).rev() {
            if let Some(id) = ids.get(row) {
                by_id.insert(id, row);
            }
        }
        let of: Vec<Option<u32>> =
            (0..table.len()).map(|row| by_id.get(table.text("invoice", row)?).copied()).collect();
        let invoice_of = |row: u32| of.get(row as usize).copied().flatten();
        let accounts: Vec<_> = (0..table.len()).map(|row| sift.account(invoice_of(row)?)).collect();
        let mut parts = Sift::strict(table, &mut self.ledger, |row| accounts.get(row as usize).copied().flatten());
        parts.unique(&mut self.ledger, table, Some("no"), |row| {
            Some((table.text("invoice", row)?, table.whole("no", row)?))
        });
        let mut rows_of: HashMap<u32, Vec<u32>> = HashMap::new();
        let mut waits = HashMap::new();
        for row in 0..table.len() {
            let Some(named) = table.text("invoice", row) else { continue };
            let Some(invoice) = invoice_of(row) else {
                parts.reject(&mut self.ledger, table, row, Some("invoice"), "no invoice has this id".into());
                continue;
            };
            rows_of.entry(invoice).or_default().push(row);
            if let Some(no) = table.whole("no", row) {
                let item: Arc<str> = format!("{named}/{no}").into();
                if no < 1 {
                    parts.reject(&mut self.ledger, table, row, Some("no"), "is less than 1".into());
                } else if by_id.contains_key(&item) {
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
            if let (Some(issued), Some(due)) = (invoices.date("issue_date", invoice), table.date("due_date", row))
                && due < issued
            {
                let why = format!("is before the issue date {issued} of its invoice");
                parts.reject(&mut self.ledger, table, row, Some("due_date"), why);
            }
        }
        for invoice in 0..invoices.len() {
            let Some(rows) = rows_of.get(&invoice) else { continue };
            let waits = |row: &&u32| waits.get(*row).is_some_and(|wait: &Wait| wait.reached_on.is_none());
            if let (Some(_), Some(row)) = (invoices.date("settled_on", invoice), rows.iter().find(waits)) {
                let no = table.whole("no", *row).unwrap_or_default();
                let why = format!("the invoice was settled, and yet its instalment {no} waits for its event");
                sift.reject(&mut self.ledger, invoices, invoice, Some("settled_on"), why);
            }
            if rows.iter().any(|row| parts.is_refused(*row)) {
                let why = "a row of its instalments was refused".into();
                sift.reject(&mut self.ledger, invoices, invoice, Some("id"), why);
            } else if let (Some(amount), false) = (invoices.amount("amount", invoice), sift.is_refused(invoice))
                && let Some(why) = difference(amount, rows.iter().filter_map(|row| table.amount("amount", *row)))
            {
                sift.reject(&mut self.ledger, invoices, invoice, Some("amount"), why);
            }
        }
        for row in 0..table.len() {
            if invoice_of(row).is_some_and(|invoice| sift.is_refused(invoice)) && !parts.is_refused(row) {
                let why = "the invoice with this id was refused itself".into();
                parts.reject(&mut self.ledger, table, row, Some("invoice"), why);
            }
        }
        Parts { rows_of, waits }
    }

    fn items(&mut self, table: &Typed, kept: &[Kept], instalments: Option<&Typed>, parts: &Parts) -> Option<()> {
        let (mut items, mut stages) = (Draft::new(self.schema, "item")?, Draft::new(self.schema, "stage")?);
        let (mut whole, mut dated, mut staged) = (Vec::with_capacity(kept.len()), Vec::new(), Vec::new());
        for (parent, invoice) in (0u32..).zip(kept) {
            let (Some(rows), Some(instalments)) = (parts.rows_of.get(&invoice.row), instalments) else {
                whole.push(Kept { id: Arc::clone(&invoice.id), parent, row: invoice.row });
                continue;
            };
            for row in rows {
                let id = format!("{}/{}", invoice.id, instalments.whole("no", *row)?).into();
                let part = Kept { id, parent, row: *row };
                if parts.waits.contains_key(row) { staged.push(part) } else { dated.push(part) }
            }
        }
        let first = vec![Cell::Given(Value::Int(1)); whole.len()];
        items.append(table, &whole, vec![("no", first)]);
        if let Some(instalments) = instalments {
            items.append(instalments, &dated, Vec::new());
            stages_of(parts, instalments, staged, &mut stages, &mut items);
        }
        self.put(items);
        self.put(stages);
        Some(())
    }
}

/// Every part that waits for an event is a stage; once the event has come it is an item too.
fn stages_of(parts: &Parts, instalments: &Typed, staged: Vec<Kept>, stages: &mut Draft, items: &mut Draft) {
    let wait = |part: &Kept| parts.waits.get(&part.row);
    let day = |day: Option<NaiveDate>| day.map_or(Cell::Blank, |day| Cell::Given(Value::Date(day)));
    let reached_on = |part: &Kept| day(wait(part).and_then(|wait| wait.reached_on));
    let due_date = |part: &Kept| day(wait(part).and_then(|wait| wait.due_date));
    let plus_days = |part: &Kept| Cell::Given(Value::Int(wait(part).map_or(0, |wait| wait.plus_days)));
    let own = vec![
        ("reached_on", staged.iter().map(reached_on).collect()),
        ("due_date", staged.iter().map(due_date).collect()),
        ("plus_days", staged.iter().map(plus_days).collect()),
    ];
    stages.append(instalments, &staged, own);
    let begun: Vec<Kept> =
        staged.into_iter().filter(|part| wait(part).is_some_and(|wait| wait.reached_on.is_some())).collect();
    let own =
        vec![("since", begun.iter().map(reached_on).collect()), ("due_date", begun.iter().map(due_date).collect())];
    items.append(instalments, &begun, own);
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
