//! The rows of the book that come of allocations.

use arrow_array::StringArray;
use chrono::NaiveDate;

use super::parts::{AllocationRows, From};
use super::placed::Placed;
use crate::book::draft::Made;
use crate::book::texts;
use crate::book::typed::Typed;
use crate::lang::digits::{push_day, push_decimal};
use crate::lang::{Value, day_number};

/// Makes rows of what was placed.
pub(super) struct Writer<'a> {
    pub(super) table: &'a Typed,
    pub(super) rows: &'a AllocationRows<'a>,
    /// The ids of the items.
    pub(super) item_ids: &'a StringArray,
}

impl Writer<'_> {
    /// The allocations, and the applications of payments and of credit notes.
    pub(super) fn write(&self, placed: &[Placed<'_>]) -> [Made; 3] {
        let facts = ["on", "amount", "kind", "returned_on"];
        let mut made = [(); 3].map(|()| Made::new(&facts));
        let [allocations, of_payments, of_credit_notes] = &mut made;
        let date = |date: Option<NaiveDate>| date.map_or(Value::Missing, Value::Date);
        let [payment, credit_note] = From::BOTH.map(|from| Value::text(from.name()));
        let mut written = Vec::new();
        for Placed { part, item, amount, taken } in placed {
            let (kind, applications) = match part.from {
                From::Payment => (&payment, &mut *of_payments),
                From::CreditNote => (&credit_note, &mut *of_credit_notes),
            };
            let source = texts::text(&self.rows.source(part.from).ids, part.source).unwrap_or_default();
            let item_id = texts::text(self.item_ids, *item);
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
            if part.instalment.is_none() && item_id != texts::text(&self.rows.invoice_ids, part.invoice) {
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
