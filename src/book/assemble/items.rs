//! The items of an invoice, and amounts spread over them.

use arrow_buffer::ScalarBuffer;
use rust_decimal::Decimal;

use super::Assembly;
use crate::book::Column;
use crate::book::values::Values;
use crate::plan::RelationId;

/// An item as what refers to it needs it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    /// Its row.
    pub(super) row: u32,
    /// Its number within the invoice.
    pub(super) no: i64,
    /// The number of the day on which it falls due.
    due: Option<i32>,
    /// What it amounts to.
    pub(super) amount: Decimal,
}

/// Reads the items of invoices.
pub(super) struct Items {
    starts: ScalarBuffer<u32>,
    no: Values,
    due_date: Values,
    amount: Values,
}

impl Items {
    /// `None` only where the schema has no items.
    pub(super) fn new(assembly: &Assembly<'_>) -> Option<Self> {
        let relation = assembly.relation("item")?;
        let fact = |name| assembly.fact(relation, name);
        let starts = assembly.book.rows(relation)?.child_starts.clone();
        Some(Self { starts, no: fact("no"), due_date: fact("due_date"), amount: fact("amount") })
    }

    /// The items of an invoice, the oldest due first, those without a due date last.
    pub(super) fn of(&self, invoice: u32) -> Vec<Item> {
        let mut items: Vec<Item> = self.rows(invoice).filter_map(|row| self.item(row)).collect();
        items.sort_by_key(|item| (item.due.is_none(), item.due, item.no));
        items
    }

    /// The item of an invoice that has one.
    pub(super) fn only(&self, invoice: u32) -> Option<Item> {
        let rows = self.rows(invoice);
        if rows.len() == 1 { self.item(rows.start) } else { None }
    }

    fn rows(&self, invoice: u32) -> std::ops::Range<u32> {
        let at = invoice as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(first), Some(end)) => *first..*end,
            _ => 0..0,
        }
    }

    fn item(&self, row: u32) -> Option<Item> {
        Some(Item { row, no: self.no.whole(row)?, due: self.due_date.day(row), amount: self.amount.amount(row)? })
    }
}

impl Assembly<'_> {
    /// The values of a fact of the book.
    pub(super) fn fact(&self, relation: RelationId, name: &str) -> Values {
        let fact = self.schema.fact(relation, name).map(|fact| usize::from(fact.0));
        let column = fact.and_then(|fact| self.book.rows(relation)?.columns.get(fact));
        Values::of(match column {
            Some(Column::Plain(series)) => Some(series),
            _ => None,
        })
    }
}

impl Assembly<'_> {
    /// The items of an invoice, or the one with this number; or why there is none.
    pub(super) fn covered(&self, items: &Items, invoice: u32, no: Option<i64>) -> Result<Vec<Item>, String> {
        let mut of = items.of(invoice);
        if let Some(no) = no {
            of.retain(|item| item.no == no);
        }
        if !of.is_empty() {
            return Ok(of);
        }
        let waiting = self.waiting(invoice);
        Err(match no {
            Some(no) if waiting.iter().any(|stage| stage.no == no) => {
                "this instalment waits for its event, and nothing of it is due yet".into()
            }
            Some(_) => "the invoice has no instalment of this number".into(),
            None => "every instalment of the invoice waits for its event, and nothing of it is due yet".into(),
        })
    }
}

/// The parts of an amount by item; without an amount the whole of each.
pub(super) fn parts(amount: Option<Decimal>, items: &[Item]) -> Vec<(Item, Option<Decimal>)> {
    match amount {
        None => items.iter().map(|item| (*item, None)).collect(),
        Some(amount) => spread(amount, items, |item| item.amount).into_iter().map(|(i, a)| (i, Some(a))).collect(),
    }
}

/// Spreads an amount over items, each taking up to what it has room for, the last one the rest.
pub(super) fn spread(amount: Decimal, items: &[Item], room: impl Fn(&Item) -> Decimal) -> Vec<(Item, Decimal)> {
    let mut parts = Vec::new();
    let mut rest = amount;
    for (at, item) in items.iter().enumerate() {
        let last = at + 1 == items.len();
        let part = if last { rest } else { rest.min(room(item).max(Decimal::ZERO)) };
        if !part.is_zero() {
            parts.push((*item, part));
            rest -= part;
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_item_is_filled_first_and_the_last_takes_the_rest() {
        let item = |row, amount| Item { row, no: i64::from(row), due: None, amount: Decimal::from(amount) };
        let items = [item(1, 30), item(2, 30), item(3, 30)];
        let parts = |amount: i64| -> Vec<(u32, String)> {
            let parts = spread(Decimal::from(amount), &items, |i| i.amount);
            parts.iter().map(|(item, part)| (item.row, part.to_string())).collect()
        };
        assert_eq!(parts(20), [(1, "20".into())]);
        assert_eq!(parts(40), [(1, "30".into()), (2, "10".into())]);
        assert_eq!(parts(100), [(1, "30".into()), (2, "30".into()), (3, "40".into())]);
        assert_eq!(parts(0), []);
    }
}
