//! A share of a whole: `20%` or `0.2`, and never `20`.

use rust_decimal::Decimal;

use crate::diag::Code;
use crate::plan::lower::{Lowerer, wrong};
use crate::policy::read;
use crate::policy::tree::Tree;

/// Reports a constant that is no share of a whole.
pub(super) fn check(low: &mut Lowerer<'_>, tree: &Tree) {
    let Some(text) = tree.text() else { return };
    let Ok(share) = read::parse_decimal(text) else { return };
    if (Decimal::ZERO..=Decimal::ONE).contains(&share) {
        return;
    }
    let is_percent = share > Decimal::ONE && share <= Decimal::ONE_HUNDRED && !text.ends_with('%');
    let help = if is_percent { format!("write `{text}%`") } else { "write a share, `20%` or `0.2`".to_owned() };
    low.report(wrong(tree, Code::OutOfBounds, format!("`{text}` is no share of a whole")).help(help));
}
