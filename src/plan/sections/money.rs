//! `money: { currency: CNY, round_to: 0.01, mode: half_even, others: refuse | convert }`

use rust_decimal::Decimal;

use crate::diag::Code;
use crate::lang::functions::{Rounding, RoundingMode};
use crate::lang::is_currency;
use crate::plan::lower::{Lowerer, wrong};
use crate::plan::node::MoneyRule;
use crate::policy::fields::Fields;
use crate::policy::folder::Folder;
use crate::policy::read;
use crate::policy::tree::Entry;

/// What becomes of amounts in another currency, and whether they are converted.
const OTHERS: [(&str, bool); 2] = [("refuse", false), ("convert", true)];

/// Whether the policy converts what is in another currency: the types of amounts depend on it, so it is asked first.
pub(crate) fn converts(folder: &Folder) -> bool {
    let others = folder.section("money").and_then(|section| section.value.get("others"));
    others.is_some_and(|entry| read::one_of(&entry.value, &OTHERS, &mut Vec::new()).unwrap_or(false))
}

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let Some(mut fields) = Fields::of(&section.value, "`money`", &mut low.sink) else { return };
    let currency = fields.need("currency", &mut low.sink);
    let unit = fields.need("round_to", &mut low.sink).and_then(|t| Some((t, read::decimal(t, &mut low.sink)?)));
    let mode = fields.need("mode", &mut low.sink).and_then(|t| read::one_of(t, RoundingMode::NAMES, &mut low.sink));
    if let Some(others) = fields.take("others", &mut low.sink) {
        read::one_of(others, &OTHERS, &mut low.sink);
    }
    fields.finish(&mut low.sink);
    let currency = currency.and_then(|tree| {
        let code = read::text(tree, &mut low.sink)?.text.clone();
        let known = is_currency(&code);
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
        let converts = low.plan.money.converts;
        low.plan.money = MoneyRule { currency, converts, rounding: Rounding { unit: unit.normalize(), mode } };
    }
}
