//! Exact sums: the same whatever the order, rounded once at the end.

use num_bigint::BigInt;
use rust_decimal::Decimal;

/// A sum of decimals that never rounds while it adds.
#[derive(Clone, Debug, Default)]
pub struct ExactSum {
    /// For each scale, the sum of the mantissas.
    by_scale: std::collections::BTreeMap<u32, BigInt>,
}

impl ExactSum {
    /// Adds one term.
    pub fn add(&mut self, term: Decimal) {
        *self.by_scale.entry(term.scale()).or_default() += term.mantissa();
    }

    /// Adds so many units of 10 to the minus `scale`.
    pub fn add_units(&mut self, units: impl Into<BigInt>, scale: u32) {
        *self.by_scale.entry(scale).or_default() += units.into();
    }

    /// Adds what another sum came to.
    pub fn merge(&mut self, other: Self) {
        for (scale, part) in other.by_scale {
            *self.by_scale.entry(scale).or_default() += part;
        }
    }

    /// Takes away what another sum came to.
    pub fn less(&mut self, other: Self) {
        for (scale, part) in other.by_scale {
            *self.by_scale.entry(scale).or_default() -= part;
        }
    }

    /// The sum in digits, `12345e-2`: the same for equal sums, whatever they were put together from.
    pub fn exact(&self) -> String {
        let (mut mantissa, mut scale) = self.whole();
        let ten = BigInt::from(10);
        while scale > 0 && (&mantissa % &ten) == BigInt::ZERO {
            mantissa /= &ten;
            scale -= 1;
        }
        format!("{mantissa}e-{scale}")
    }

    /// The sum that is written so.
    pub fn from_exact(text: &str) -> Option<Self> {
        let (mantissa, scale) = text.split_once("e-")?;
        let mut sum = Self::default();
        sum.add_units(mantissa.parse::<BigInt>().ok()?, scale.parse().ok()?);
        Some(sum)
    }

    /// So many units, and their scale.
    fn whole(&self) -> (BigInt, u32) {
        let top = self.by_scale.keys().copied().max().unwrap_or(0);
        let mut mantissa = BigInt::ZERO;
        for (scale, part) in &self.by_scale {
            mantissa += part * BigInt::from(10).pow(top - scale);
        }
        (mantissa, top)
    }

    /// Adds the exact product of two factors.
    pub fn add_product(&mut self, a: Decimal, b: Decimal) {
        *self.by_scale.entry(a.scale() + b.scale()).or_default() += BigInt::from(a.mantissa()) * b.mantissa();
    }

    /// The sum, rounded half to even where it needs more than 28 digits; `None` when it is too large to hold.
    pub fn total(&self) -> Option<Decimal> {
        let (mantissa, scale) = self.whole();
        to_decimal(mantissa, scale)
    }
}

/// A big mantissa at a scale as a decimal of at most 28 digits after the point.
fn to_decimal(mut mantissa: BigInt, mut scale: u32) -> Option<Decimal> {
    let fits = |m: &BigInt, s: u32| s <= 28 && m.magnitude().bits() <= 96;
    if fits(&mantissa, scale) {
        return i128::try_from(mantissa).ok().map(|m| Decimal::from_i128_with_scale(m, scale));
    }
    // Drop digits in one step, so that rounding happens once.
    let exact = mantissa.clone();
    let mut dropped = 0;
    while !fits(&mantissa, scale) {
        if scale == 0 {
            return None;
        }
        dropped += 1;
        scale -= 1;
        mantissa = round_half_even(&exact, dropped);
    }
    i128::try_from(mantissa).ok().map(|m| Decimal::from_i128_with_scale(m, scale))
}

fn round_half_even(exact: &BigInt, digits: u32) -> BigInt {
    let unit = BigInt::from(10).pow(digits);
    let quotient = exact / &unit;
    let twice_rest = (exact - &quotient * &unit).magnitude() * 2u32;
    let odd = quotient.bit(0);
    match twice_rest.cmp(unit.magnitude()) {
        std::cmp::Ordering::Greater => away(quotient, exact),
        std::cmp::Ordering::Equal if odd => away(quotient, exact),
        _ => quotient,
    }
}

fn away(quotient: BigInt, exact: &BigInt) -> BigInt {
    if exact.sign() == num_bigint::Sign::Minus { quotient - 1 } else { quotient + 1 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn dec(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn order_does_not_change_a_sum() {
        let terms =
            ["79228162514264337593543950335", "0.0000000000000000000000000001", "-79228162514264337593543950335"];
        let mut forward = ExactSum::default();
        let mut backward = ExactSum::default();
        terms.iter().for_each(|t| forward.add(dec(t)));
        terms.iter().rev().for_each(|t| backward.add(dec(t)));
        assert_eq!(forward.total(), Some(dec("0.0000000000000000000000000001")));
        assert_eq!(forward.total(), backward.total());
    }

    #[test]
    fn a_sum_rounds_once_half_to_even() {
        let mut sum = ExactSum::default();
        sum.add(dec("7922816251426433759354395033"));
        sum.add(dec("0.25"));
        assert_eq!(sum.total(), Some(dec("7922816251426433759354395033.2")));
    }

    #[test]
    fn equal_sums_are_written_alike_and_read_back() {
        let mut sum = ExactSum::default();
        ["12.50", "-0.005", "1000", "0.000"].iter().for_each(|term| sum.add(dec(term)));
        assert_eq!(sum.exact(), "1012495e-3");
        let mut back = ExactSum::from_exact("1012495e-3").unwrap();
        assert_eq!(back.total(), sum.total());
        back.less(sum);
        assert_eq!((back.exact().as_str(), ExactSum::default().exact().as_str()), ("0e-0", "0e-0"));
    }

    #[test]
    fn a_sum_too_large_is_none() {
        let mut sum = ExactSum::default();
        sum.add(Decimal::MAX);
        sum.add(Decimal::MAX);
        assert_eq!(sum.total(), None);
    }
}
