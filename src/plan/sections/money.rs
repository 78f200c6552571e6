//! `money: { currency: CNY, round_to: 0.01, mode: half_even, others: refuse }`

use rust_decimal::Decimal;

use crate::diag::Code;
use crate::lang::functions::{Rounding, RoundingMode};
use crate::plan::lower::{Lowerer, wrong};
use crate::plan::node::MoneyRule;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::Entry;

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let Some(mut fields) = Fields::of(&section.value, "`money`", &mut low.sink) else { return };
    let currency = fields.need("currency", &mut low.sink);
    let unit = fields.need("round_to", &mut low.sink).and_then(|t| Some((t, read::decimal(t, &mut low.sink)?)));
    let mode = fields.need("mode", &mut low.sink).and_then(|t| read::one_of(t, RoundingMode::NAMES, &mut low.sink));
    if let Some(others) = fields.take("others", &mut low.sink) {
        read::one_of(others, &[("refuse", ())], &mut low.sink);
    }
    fields.finish(&mut low.sink);
    let currency = currency.and_then(|tree| {
        let code = read::text(tree, &mut low.sink)?.text.clone();
        let known = code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
        if !known {
            let message = format!("`{code}` is not a currency code");
            low.report(wrong(tree, Code::UnknownValue, message).help("write the ISO 4217 code: CNY, EUR, USD …"));
        }
        known.then_some(code)
    });
    if let Some((tree, unit)) = unit
        && unit <= Decimal::ZERO
    {
        low.report(wrong(tree, Code::OutOfBounds, "amounts are rounded to a multiple of something above zero"));
        return;
    }
    if let (Some(currency), Some((_, unit)), Some(mode)) = (currency, unit, mode) {
        low.plan.money = MoneyRule { currency, rounding: Rounding { unit: unit.normalize(), mode } };
    }
}
