//! Currencies: which a book may name, and the rates between them.

use rust_decimal::Decimal;

use super::Assembly;
use crate::book::draft::{Draft, Keeping};
use crate::book::ids::NONE;
use crate::book::rejects::Sift;
use crate::book::series::Builder;
use crate::lang::{Value, is_currency};

impl Assembly<'_> {
    /// Why a row in a currency is refused; none where it is not.
    pub(super) fn refuses(&self, currency: &str) -> Option<String> {
        if currency == self.currency {
            return None;
        }
        if !self.has_own_currencies {
            return Some(format!("is not the policy's currency `{}`, and others are refused", self.currency));
        }
        (!is_currency(currency)).then(|| NO_CODE.to_owned())
    }

    /// What one unit of a currency is in the policy's, from a day on. A rate that was refused stands in its place and
    /// cannot be read: an older one must not be taken for it.
    pub(super) fn fx_rates(&mut self) -> Option<()> {
        let Some(table) = self.table("fx_rates") else { return Some(()) };
        let mut sift = Sift::strict(&table, &mut self.ledger, vec![NONE; table.len() as usize]);
        let key = |row| Some((table.text("currency", row)?, table.date("valid_from", row)?));
        for row in 0..table.len() {
            let why = match table.text("currency", row) {
                Some(code) if **code == *self.currency => {
                    Some(("currency", "is the policy's own, which needs no rate".to_owned()))
                }
                Some(code) if !is_currency(code) => Some(("currency", NO_CODE.to_owned())),
                _ => None,
            };
            let not_above = table.amount("rate", row).is_some_and(|rate| rate <= Decimal::ZERO);
            let why = why.or_else(|| not_above.then(|| ("rate", "is not above 0".to_owned())));
            if let Some((column, why)) = why {
                sift.reject(&mut self.ledger, &table, row, Some(column), why);
            }
        }
        sift.unique(&mut self.ledger, &table, None, key);
        let mut dated: Vec<(String, u32)> = Vec::new();
        for row in (0..table.len()).filter(|row| !table.is_broken(*row)) {
            let Some((currency, from)) = key(row) else { continue };
            dated.push((format!("{currency}#{from}"), row));
        }
        dated.sort();
        dated.dedup_by(|later, first| later.0 == first.0);
        let (mut kept, mut rates, mut refused) = (Keeping::default(), Builder::default(), Vec::new());
        for (at, (id, row)) in (0u32..).zip(&dated) {
            kept.push(id, 0, *row);
            rates.push(&table.amount("rate", *row).map_or(Value::Missing, Value::Dec));
            refused.extend(sift.refusal(*row).map(|reject| (at, reject)));
        }
        let rates = rates.finish().refused(refused);
        let mut draft = Draft::new(self.schema, "fx_rate")?;
        draft.append(&table, kept.done(), vec![("rate", rates)]);
        self.put(draft);
        Some(())
    }
}

const NO_CODE: &str = "is not a currency code: three capital letters, `USD` for one";
