//! Invoices and the items that fall due: their instalments, or the whole invoice when it has none.

use std::collections::HashMap;
use std::sync::Arc;

use rust_decimal::Decimal;

use super::Assembly;
use crate::book::Cell;
use crate::book::draft::{Draft, Kept};
use crate::book::rejects::Sift;
use crate::book::typed::Typed;
use crate::lang::Value;
use crate::lang::sum::ExactSum;

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
            None => HashMap::new(),
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
    fn instalments(&mut self, invoices: &Typed, sift: &mut Sift, table: &Typed) -> HashMap<u32, Vec<u32>> {
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
            if let (Some(issued), Some(due)) = (invoices.date("issue_date", invoice), table.date("due_date", row))
                && due < issued
            {
                let why = format!("is before the issue date {issued} of its invoice");
                parts.reject(&mut self.ledger, table, row, Some("due_date"), why);
            }
        }
        for invoice in 0..invoices.len() {
            let Some(rows) = rows_of.get(&invoice) else { continue };
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
        rows_of
    }

    fn items(
        &mut self,
        table: &Typed,
        kept: &[Kept],
        instalments: Option<&Typed>,
        parts: &HashMap<u32, Vec<u32>>,
    ) -> Option<()> {
        let mut draft = Draft::new(self.schema, "item")?;
        let (mut whole, mut in_parts) = (Vec::with_capacity(kept.len()), Vec::new());
        for (parent, invoice) in (0u32..).zip(kept) {
            match (parts.get(&invoice.row), instalments) {
                (Some(rows), Some(instalments)) => in_parts.extend(rows.iter().filter_map(|row| {
                    let id = format!("{}/{}", invoice.id, instalments.whole("no", *row)?).into();
                    Some(Kept { id, parent, row: *row })
                })),
                _ => whole.push(Kept { id: Arc::clone(&invoice.id), parent, row: invoice.row }),
            }
        }
        let first = vec![Cell::Given(Value::Int(1)); whole.len()];
        draft.append(table, &whole, vec![("no", first)]);
        if let Some(instalments) = instalments {
            draft.append(instalments, &in_parts, Vec::new());
        }
        self.put(draft);
        Some(())
    }
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
