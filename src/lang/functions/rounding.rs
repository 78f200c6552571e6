//! Rounding, as the policy declares it.

use rust_decimal::{Decimal, RoundingStrategy};

/// How an amount is rounded: to a multiple of a smallest unit, in a mode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rounding {
    /// The smallest unit, above zero: `0.01`, `1`, `1000`.
    pub unit: Decimal,
    /// The mode.
    pub mode: RoundingMode,
}

/// What happens to the part that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoundingMode {
    /// `half_even`: to the nearest, a tie to the even neighbour.
    HalfEven,
    /// `half_up`: to the nearest, a tie away from zero.
    HalfUp,
    /// `half_down`: to the nearest, a tie towards zero.
    HalfDown,
    /// `up`: away from zero.
    Up,
    /// `down`: towards zero.
    Down,
    /// `ceiling`: towards plus infinity.
    Ceiling,
    /// `floor`: towards minus infinity.
    Floor,
}

impl RoundingMode {
    /// Every mode with its name in a policy.
    pub const NAMES: &'static [(&'static str, RoundingMode)] = &[
        ("half_even", RoundingMode::HalfEven),
        ("half_up", RoundingMode::HalfUp),
        ("half_down", RoundingMode::HalfDown),
        ("up", RoundingMode::Up),
        ("down", RoundingMode::Down),
        ("ceiling", RoundingMode::Ceiling),
        ("floor", RoundingMode::Floor),
    ];

    /// The mode of this name in a policy.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, mode)| *mode)
    }

    /// Its name in a policy.
    pub fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, mode)| *mode == self).map_or("", |(name, _)| name)
    }

    /// A quotient of whole numbers as a whole number; the divisor is above zero.
    pub(crate) fn quotient(self, n: i128, by: i128) -> i128 {
        let (quotient, rest) = (n / by, n % by);
        if rest == 0 {
            return quotient;
        }
        let step = self.step(rest.unsigned_abs(), by.unsigned_abs(), n < 0, quotient & 1 != 0);
        quotient + i128::from(step)
    }

    /// What is added to a quotient cut off towards zero, of which a rest is left.
    pub(crate) fn step(self, rest: u128, by: u128, negative: bool, odd: bool) -> i64 {
        // The rest is less than the divisor, so that the difference is what twice the rest has more or less.
        let more = rest > by - rest;
        let half = rest == by - rest;
        let away = match self {
            RoundingMode::HalfEven => more || (half && odd),
            RoundingMode::HalfUp => more || half,
            RoundingMode::HalfDown => more,
            RoundingMode::Up => true,
            RoundingMode::Down => false,
            RoundingMode::Ceiling => !negative,
            RoundingMode::Floor => negative,
        };
        match (away, negative) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => -1,
        }
    }

    /// Rounds to so many digits after the point.
    pub(crate) fn to_places(self, amount: Decimal, places: u32) -> Decimal {
        amount.round_dp_with_strategy(places, self.strategy())
    }

    fn strategy(self) -> RoundingStrategy {
        match self {
            RoundingMode::HalfEven => RoundingStrategy::MidpointNearestEven,
            RoundingMode::HalfUp => RoundingStrategy::MidpointAwayFromZero,
            RoundingMode::HalfDown => RoundingStrategy::MidpointTowardZero,
            RoundingMode::Up => RoundingStrategy::AwayFromZero,
            RoundingMode::Down => RoundingStrategy::ToZero,
            RoundingMode::Ceiling => RoundingStrategy::ToPositiveInfinity,
            RoundingMode::Floor => RoundingStrategy::ToNegativeInfinity,
        }
    }
}

impl Rounding {
    /// How many places a multiple of the unit may have.
    pub fn places(&self) -> u32 {
        self.unit.normalize().scale()
    }

    /// The amount as a multiple of the unit, rounded once; `None` where it cannot be held.
    pub fn round(&self, amount: Decimal) -> Option<Decimal> {
        let unit = self.unit;
        if unit.mantissa() == 1 {
            return Some(amount.round_dp_with_strategy(unit.scale(), self.mode.strategy()));
        }
        let up = |by: u32| 10_i128.checked_pow(unit.scale().max(amount.scale()) - by);
        let amount = amount.mantissa().checked_mul(up(amount.scale())?)?;
        // A unit too large for this is more than twice every amount, and so is the greatest number.
        let unit = unit.mantissa().saturating_mul(up(unit.scale())?);
        Decimal::try_from_i128_with_scale(self.mode.quotient(amount, unit), 0).ok()?.checked_mul(self.unit)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn an_amount_is_rounded_once_however_small_it_is() {
        for (amount, unit, mode, rounded) in [
            ("0.0000000000000000000000000001", "1000", RoundingMode::Up, "1000"),
            ("-0.0000000000000000000000000001", "1000", RoundingMode::Floor, "-1000"),
            ("0.0000000000000000000000000001", "0.05", RoundingMode::Ceiling, "0.05"),
            ("125.0000000000000000000000001", "250", RoundingMode::HalfDown, "250"),
            ("125", "250", RoundingMode::HalfEven, "0"),
            ("375", "250", RoundingMode::HalfEven, "500"),
            ("79228162514264337593543950335", "5", RoundingMode::Down, "79228162514264337593543950335"),
            ("1", "79228162514264337593543950335", RoundingMode::HalfUp, "0"),
        ] {
            let rounding = Rounding { unit: unit.parse().unwrap(), mode };
            assert_eq!(rounding.round(amount.parse().unwrap()), Some(rounded.parse().unwrap()), "{amount} to {unit}");
        }
    }
}
