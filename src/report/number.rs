//! Numbers as people read them: thousands apart, millions shortened.

use rust_decimal::Decimal;

use crate::outcome::thousands;

/// A number as it is, thousands apart, with a minus that is not a hyphen.
pub(super) fn exact(number: Decimal) -> String {
    thousands(&number.to_string()).replace('-', "\u{2212}")
}

/// In whole units of the currency.
pub(super) fn whole(number: Decimal) -> String {
    exact(positive_zero(number.round()))
}

/// Shortened for charts and headlines: `65.0 m`, `6,499.5 万`; below that in whole units.
pub(super) fn short(number: Decimal, language: &str) -> String {
    let units: &[(u64, &str)] = match language {
        "zh" => &[(100_000_000, " 亿"), (10_000, " 万")],
        _ => &[(1_000_000_000, " bn"), (1_000_000, " m")],
    };
    for (unit, name) in units {
        let unit = Decimal::from(*unit);
        if number.abs() >= unit
            && let Some(part) = number.checked_div(unit)
        {
            let mut part = part.round_dp(if unit > Decimal::from(50_000_000) { 2 } else { 1 });
            part.rescale(if unit > Decimal::from(50_000_000) { 2 } else { 1 });
            return format!("{}{name}", exact(part));
        }
    }
    whole(number)
}

/// `35.3 %`; nothing where there is nothing to set it against.
pub(super) fn share(part: Decimal, of: Decimal) -> Option<String> {
    let mut share = hundredfold(part, of)?.round_dp(1);
    share.rescale(1);
    Some(format!("{} %", exact(positive_zero(share))))
}

/// A length of a chart in percent, two places, from 0 to 100.
pub(super) fn percent(part: Decimal, of: Decimal) -> Decimal {
    let length = if of > Decimal::ZERO { hundredfold(part, of) } else { None };
    length.unwrap_or_default().clamp(Decimal::ZERO, Decimal::ONE_HUNDRED).round_dp(2).normalize()
}

fn hundredfold(part: Decimal, of: Decimal) -> Option<Decimal> {
    part.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(of)
}

/// Nobody wants to read `−0`.
fn positive_zero(number: Decimal) -> Decimal {
    if number.is_zero() { number.abs() } else { number }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn millions_are_shortened_as_each_language_counts() {
        assert_eq!(short(dec("64995258.86"), "en"), "65.0 m");
        assert_eq!(short(dec("64995258.86"), "zh"), "6,499.5 万");
        assert_eq!(short(dec("126759154.95"), "zh"), "1.27 亿");
        assert_eq!(short(dec("1500000000"), "en"), "1.50 bn");
        assert_eq!(short(dec("317546.88"), "en"), "317,547");
        assert_eq!(short(dec("-2300000"), "en"), "\u{2212}2.3 m");
    }

    #[test]
    fn nothing_below_zero_is_drawn_and_nothing_beyond_the_end() {
        assert_eq!(percent(dec("-1"), dec("10")), Decimal::ZERO);
        assert_eq!(percent(dec("11"), dec("10")), Decimal::ONE_HUNDRED);
        assert_eq!(percent(dec("1"), dec("3")), dec("33.33"));
        assert_eq!(percent(dec("1"), Decimal::ZERO), Decimal::ZERO);
    }

    #[test]
    fn a_share_of_nothing_is_not_said() {
        assert_eq!(share(dec("1"), Decimal::ZERO), None);
        assert_eq!(share(dec("35447266.26"), dec("100442525.12")).unwrap(), "35.3 %");
        assert_eq!(share(dec("-0.0001"), dec("100")).unwrap(), "0.0 %");
    }
}
