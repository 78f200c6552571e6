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
    /// The amount as a multiple of the unit; `None` when the quotient cannot be held.
    pub fn round(&self, amount: Decimal) -> Option<Decimal> {
        if self.unit.mantissa() == 1 {
            return Some(amount.round_dp_with_strategy(self.unit.scale(), self.mode.strategy()));
        }
        let units = amount.checked_div(self.unit)?.round_dp_with_strategy(0, self.mode.strategy());
        units.checked_mul(self.unit)
    }
}
