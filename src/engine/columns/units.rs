//! Decimals of a whole block at one scale: whole numbers of units, 64 bits wide while they fit, else 128.
//!
//! Each holds a bound of its size. It says before anything is computed how wide a result can become, so that the width
//! is chosen once a block and the loops need no checks. What may not fit the 96 bits of a decimal is not computed here.

use arrow_buffer::ScalarBuffer;
use rust_decimal::Decimal;

use super::vector::take;
use crate::lang::functions::{Rounding, RoundingMode};

/// The greatest size of a decimal's mantissa, and one more: what is computed stays below it.
const LIMIT: u128 = 1 << 96;
/// What is held stays below this: decimals of many digits next to each other at one scale have more units than one has.
const WIDEST: u128 = 1 << 126;
/// The most digits after the point.
const DEEPEST: u32 = 28;

/// Decimals at one scale.
#[derive(Clone, Debug)]
pub(super) struct Units {
    digits: Digits,
    scale: u32,
    /// Not less than the size of any of them.
    bound: u128,
}

/// Whole numbers of units.
#[derive(Clone, Debug)]
pub(super) enum Digits {
    One(i128),
    Small(ScalarBuffer<i64>),
    Wide(ScalarBuffer<i128>),
}

impl Units {
    /// One decimal, the same for every lane.
    pub(super) fn one(number: Decimal) -> Self {
        let number = number.normalize();
        let units = number.mantissa();
        Self { digits: Digits::One(units), scale: number.scale(), bound: units.unsigned_abs() }
    }

    /// Units that fit 64 bits.
    pub(super) fn small(units: ScalarBuffer<i64>, scale: u32) -> Self {
        let bound = size(&units).into();
        Self { digits: Digits::Small(units), scale, bound }
    }

    /// The same of decimals; `None` where they do not fit 128 bits at one scale.
    pub(super) fn of(numbers: impl Iterator<Item = Decimal>) -> Option<Self> {
        let numbers: Vec<Decimal> = numbers.map(|n| n.normalize()).collect();
        let scale = numbers.iter().map(Decimal::scale).max().unwrap_or(0);
        let units: Option<Vec<i128>> = numbers
            .iter()
            .map(|n| n.mantissa().checked_mul(power(scale - n.scale())?).filter(|n| n.unsigned_abs() < WIDEST))
            .collect();
        Some(Self::narrow(units?, scale))
    }

    /// Units as narrow as they fit.
    pub(super) fn narrow(units: Vec<i128>, scale: u32) -> Self {
        let bound = units.iter().map(|n| n.unsigned_abs()).max().unwrap_or(0);
        let small: Option<Vec<i64>> =
            (bound <= i64::MAX as u128).then(|| units.iter().map(|n| i64::try_from(*n).unwrap_or(0)).collect());
        let digits = small.map_or_else(|| Digits::Wide(units.into()), |small| Digits::Small(small.into()));
        Self { digits, scale, bound }
    }

    pub(super) fn digits(&self) -> &Digits {
        &self.digits
    }

    pub(super) fn scale(&self) -> u32 {
        self.scale
    }

    pub(super) fn bound(&self) -> u128 {
        self.bound
    }

    pub(super) fn get(&self, lane: usize) -> Option<Decimal> {
        let units = match &self.digits {
            Digits::One(one) => *one,
            Digits::Small(units) => i128::from(*units.get(lane)?),
            Digits::Wide(units) => *units.get(lane)?,
        };
        decimal(units, self.scale)
    }

    pub(super) fn take(&self, lanes: &[u32]) -> Self {
        let digits = match &self.digits {
            Digits::One(one) => Digits::One(*one),
            Digits::Small(units) => Digits::Small(take(units, lanes)),
            Digits::Wide(units) => Digits::Wide(take(units, lanes)),
        };
        Self { digits, scale: self.scale, bound: self.bound }
    }

    /// With the bound their sizes really have.
    fn measured(&self) -> Self {
        let bound = match &self.digits {
            Digits::One(one) => one.unsigned_abs(),
            Digits::Small(units) => u128::from(units.iter().map(|n| n.unsigned_abs()).max().unwrap_or(0)),
            Digits::Wide(units) => units.iter().map(|n| n.unsigned_abs()).max().unwrap_or(0),
        };
        Self { digits: self.digits.clone(), scale: self.scale, bound }
    }

    /// The same numbers at a greater scale; `None` where they may not fit.
    pub(super) fn at_scale(&self, scale: u32) -> Option<Self> {
        if scale == self.scale {
            return Some(self.clone());
        }
        let up = power(scale.checked_sub(self.scale)?)?;
        let held = |bound: u128| bound.checked_mul(up.unsigned_abs()).filter(|bound| *bound < WIDEST);
        let bound = held(self.bound).or_else(|| held(self.measured().bound))?;
        Some(Self { scale, ..map(self, bound, |n| n.wrapping_mul(up as i64), |n| n * up) })
    }

    /// A number in units of this scale; `None` where it is no whole number of them.
    pub(super) fn in_units(&self, number: Decimal) -> Option<i128> {
        let number = number.normalize();
        number.mantissa().checked_mul(power(self.scale.checked_sub(number.scale())?)?)
    }

    /// Sums or differences; `None` where one may not fit.
    pub(super) fn add(&self, other: &Self, subtract: bool) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let reach = |a: &Self, b: &Self| {
            let a = a.bound.checked_mul(power(scale - a.scale)?.unsigned_abs())?;
            let b = b.bound.checked_mul(power(scale - b.scale)?.unsigned_abs())?;
            fitting(a.checked_add(b))
        };
        let bound = reach(self, other).or_else(|| reach(&self.measured(), &other.measured()))?;
        let (a, b) = (power(scale - self.scale)?, power(scale - other.scale)?);
        let b = if subtract { -b } else { b };
        let wide = |x: i128, y: i128| x * a + y * b;
        // A sum that fits 64 bits has parts that do.
        let sums = match (a as i64, b as i64) {
            (1, 1) => zip(self, other, bound, i64::wrapping_add, wide),
            (1, -1) => zip(self, other, bound, i64::wrapping_sub, wide),
            (a, b) => zip(self, other, bound, |x, y| x.wrapping_mul(a).wrapping_add(y.wrapping_mul(b)), wide),
        };
        Some(Self { scale, ..sums })
    }

    /// Products; `None` where one may not fit.
    pub(super) fn multiply(&self, other: &Self) -> Option<Self> {
        let scale = self.scale + other.scale;
        if scale > DEEPEST {
            return None;
        }
        let bound = fitting(self.bound.checked_mul(other.bound))
            .or_else(|| fitting(self.measured().bound.checked_mul(other.measured().bound)))?;
        Some(Self { scale, ..zip(self, other, bound, i64::wrapping_mul, |x, y| x * y) })
    }

    pub(super) fn negated(&self) -> Self {
        Self { scale: self.scale, ..map(self, self.bound, i64::wrapping_neg, |n| -n) }
    }

    pub(super) fn absolute(&self) -> Self {
        Self { scale: self.scale, ..map(self, self.bound, i64::wrapping_abs, i128::abs) }
    }

    /// The lesser or the greater of two; `None` where they cannot stand at one scale.
    pub(super) fn extreme(&self, other: &Self, greatest: bool) -> Option<Self> {
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.at_scale(scale)?, other.at_scale(scale)?);
        let bound = a.bound.max(b.bound);
        Some(Self {
            scale,
            ..if greatest { zip(&a, &b, bound, i64::max, i128::max) } else { zip(&a, &b, bound, i64::min, i128::min) }
        })
    }

    /// A truth for each lane from the order of two numbers; `None` where they cannot stand at one scale.
    pub(super) fn compare(&self, other: &Self, len: usize, holds: Holds) -> Option<Vec<u8>> {
        let scale = self.scale.max(other.scale);
        let (a, b) = (self.at_scale(scale)?, other.at_scale(scale)?);
        Some(match (a.digits, b.digits) {
            (Digits::Small(a), Digits::Small(b)) => holds.zip(a.iter().zip(b.iter())),
            (Digits::Small(a), Digits::One(b)) => match i64::try_from(b) {
                Ok(b) => holds.against(&a, b),
                Err(_) => holds.zip_wide(a.iter().map(|n| (i128::from(*n), b))),
            },
            (Digits::One(a), Digits::Small(b)) => match i64::try_from(a) {
                Ok(a) => holds.turned().against(&b, a),
                Err(_) => holds.zip_wide(b.iter().map(|n| (a, i128::from(*n)))),
            },
            (a, b) => holds.zip_wide(wide(&a, len).iter().copied().zip(wide(&b, len).iter().copied())),
        })
    }

    /// Quotients by one number, each rounded to the places of the unit, in the mode; `None` where they may differ from a
    /// quotient of 28 digits that is rounded afterwards.
    ///
    /// They cannot differ where a quotient that is no tie is farther from one than the 28 digits reach: by at least one
    /// part in twice the divisor.
    pub(super) fn divided(&self, by: &Self, rounding: Rounding) -> Option<Self> {
        let unit = rounding.unit.normalize();
        let (Digits::One(divisor), 1) = (&by.digits, unit.mantissa()) else { return None };
        let up = power((unit.scale() + by.scale).saturating_sub(self.scale))?;
        let down = power(self.scale.saturating_sub(unit.scale() + by.scale))?;
        let divisor = divisor.checked_mul(down)?;
        let reach = self.bound.checked_mul(up.unsigned_abs())?;
        if !(1..1_000_000_000).contains(&divisor) {
            return None;
        }
        let bound = reach / divisor.unsigned_abs() + 1;
        if reach > i64::MAX as u128 || bound >= 1_000_000_000_000_000 {
            return None;
        }
        let (small, mode) = (i64::try_from(divisor).ok()?, rounding.mode);
        let up_small = i64::try_from(up).ok()?;
        let wide = |n: i128| mode.quotient(n * up, divisor);
        let quotient = map(self, bound, |n| divide_small(n.wrapping_mul(up_small), small, mode), wide);
        Some(Self { scale: unit.scale(), ..quotient })
    }

    /// Rounded to a multiple of the unit, in the mode; `None` where it is not done in whole numbers.
    pub(super) fn round(&self, rounding: Rounding) -> Option<Self> {
        let unit = rounding.unit.normalize();
        let (unit, places) = (unit.mantissa(), unit.scale());
        if places >= self.scale && unit == 1 {
            return Some(self.clone());
        }
        if unit < 1 {
            return None;
        }
        let at = if places > self.scale { self.at_scale(places)? } else { self.clone() };
        let divisor = unit.checked_mul(power(at.scale - places)?)?;
        let bound = fitting((at.bound / divisor.unsigned_abs() + 1).checked_mul(unit.unsigned_abs()))?;
        let mode = rounding.mode;
        let rounded = match i64::try_from(divisor) {
            Ok(small) => {
                let unit = i64::try_from(unit).ok()?;
                let wide = |n: i128| mode.quotient(n, divisor) * i128::from(unit);
                match mode {
                    RoundingMode::HalfEven if unit == 1 => half_even(&at, bound, small)?,
                    _ => map(&at, bound, |n| divide_small(n, small, mode).wrapping_mul(unit), wide),
                }
            }
            Err(_) => map(
                &at,
                bound,
                |n| (mode.quotient(i128::from(n), divisor) * unit) as i64,
                |n| mode.quotient(n, divisor) * unit,
            ),
        };
        Some(Self { scale: places, ..rounded })
    }
}

/// What makes a comparison true.
#[derive(Clone, Copy, Debug)]
pub(super) struct Holds {
    pub(super) less: bool,
    pub(super) equal: bool,
    pub(super) greater: bool,
}

impl Holds {
    /// For the two sides exchanged.
    pub(super) fn turned(self) -> Self {
        Self { less: self.greater, equal: self.equal, greater: self.less }
    }

    /// Each against one.
    pub(super) fn against<T: Ord + Copy>(self, values: &[T], one: T) -> Vec<u8> {
        match (self.less, self.equal, self.greater) {
            (false, true, false) => values.iter().map(|v| u8::from(*v == one)).collect(),
            (true, false, true) => values.iter().map(|v| u8::from(*v != one)).collect(),
            (true, false, false) => values.iter().map(|v| u8::from(*v < one)).collect(),
            (true, true, false) => values.iter().map(|v| u8::from(*v <= one)).collect(),
            (false, false, true) => values.iter().map(|v| u8::from(*v > one)).collect(),
            (false, true, true) => values.iter().map(|v| u8::from(*v >= one)).collect(),
            (all, _, _) => vec![u8::from(all); values.len()],
        }
    }

    /// Each against its own.
    pub(super) fn zip<'v, T: Ord + Copy + 'v>(self, pairs: impl Iterator<Item = (&'v T, &'v T)>) -> Vec<u8> {
        match (self.less, self.equal, self.greater) {
            (false, true, false) => pairs.map(|(a, b)| u8::from(a == b)).collect(),
            (true, false, true) => pairs.map(|(a, b)| u8::from(a != b)).collect(),
            (true, false, false) => pairs.map(|(a, b)| u8::from(a < b)).collect(),
            (true, true, false) => pairs.map(|(a, b)| u8::from(a <= b)).collect(),
            (false, false, true) => pairs.map(|(a, b)| u8::from(a > b)).collect(),
            (false, true, true) => pairs.map(|(a, b)| u8::from(a >= b)).collect(),
            (all, _, _) => pairs.map(|_| u8::from(all)).collect(),
        }
    }

    fn zip_wide(self, pairs: impl Iterator<Item = (i128, i128)>) -> Vec<u8> {
        let holds = |(a, b): (i128, i128)| match a.cmp(&b) {
            std::cmp::Ordering::Less => self.less,
            std::cmp::Ordering::Equal => self.equal,
            std::cmp::Ordering::Greater => self.greater,
        };
        pairs.map(|pair| u8::from(holds(pair))).collect()
    }
}

/// Units of a scale as the decimal they are.
fn decimal(mut units: i128, mut scale: u32) -> Option<Decimal> {
    while units.unsigned_abs() >= LIMIT && scale > 0 && units % 10 == 0 {
        (units, scale) = (units / 10, scale - 1);
    }
    Decimal::try_from_i128_with_scale(units, scale).ok()
}

fn fitting(bound: Option<u128>) -> Option<u128> {
    bound.filter(|bound| *bound < LIMIT)
}

/// Not less than the size of any of some numbers, and hardly more than twice the greatest: found without a comparison.
pub(super) fn size(numbers: &[i64]) -> u64 {
    numbers.iter().fold(0, |all, n| all | (n ^ (n >> 63)).unsigned_abs()) + 1
}

/// 10 to a power.
pub(super) fn power(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

fn is_small(bound: u128) -> bool {
    bound <= i64::MAX as u128
}

fn wide(digits: &Digits, len: usize) -> Vec<i128> {
    match digits {
        Digits::One(one) => vec![*one; len],
        Digits::Small(units) => units.iter().map(|n| i128::from(*n)).collect(),
        Digits::Wide(units) => units.to_vec(),
    }
}

/// Each number turned into another, in the width that the bound asks for.
fn map(of: &Units, bound: u128, small: impl Fn(i64) -> i64, wide: impl Fn(i128) -> i128) -> Units {
    let digits = match &of.digits {
        Digits::One(one) => Digits::One(wide(*one)),
        Digits::Small(units) if is_small(bound) => Digits::Small(units.iter().map(|n| small(*n)).collect()),
        Digits::Small(units) => Digits::Wide(units.iter().map(|n| wide(i128::from(*n))).collect()),
        Digits::Wide(units) if is_small(bound) => {
            Digits::Small(units.iter().map(|n| i64::try_from(wide(*n)).unwrap_or(0)).collect())
        }
        Digits::Wide(units) => Digits::Wide(units.iter().map(|n| wide(*n)).collect()),
    };
    Units { digits, scale: of.scale, bound }
}

/// Two numbers turned into one, in the width that the bound asks for; whoever asks knows the scale.
fn zip(a: &Units, b: &Units, bound: u128, small: impl Fn(i64, i64) -> i64, wide: impl Fn(i128, i128) -> i128) -> Units {
    let fits = |n: &i128| i64::try_from(*n).ok();
    let digits = match (&a.digits, &b.digits) {
        (Digits::One(a), Digits::One(b)) => Digits::One(wide(*a, *b)),
        (Digits::Small(a), Digits::Small(b)) if is_small(bound) => {
            Digits::Small(a.iter().zip(b.iter()).map(|(a, b)| small(*a, *b)).collect())
        }
        (Digits::Small(a), Digits::One(one)) if is_small(bound) && fits(one).is_some() => {
            let one = fits(one).unwrap_or(0);
            Digits::Small(a.iter().map(|a| small(*a, one)).collect())
        }
        (Digits::One(one), Digits::Small(b)) if is_small(bound) && fits(one).is_some() => {
            let one = fits(one).unwrap_or(0);
            Digits::Small(b.iter().map(|b| small(one, *b)).collect())
        }
        (a, b) => {
            let len = a.len().max(b.len());
            let all = self::wide(a, len).iter().zip(&self::wide(b, len)).map(|(a, b)| wide(*a, *b)).collect();
            return Units::narrow(all, 0);
        }
    };
    Units { digits, scale: a.scale, bound }
}

impl Digits {
    fn len(&self) -> usize {
        match self {
            Digits::One(_) => 1,
            Digits::Small(units) => units.len(),
            Digits::Wide(units) => units.len(),
        }
    }
}

/// Divided by a power of ten, halves to the even neighbour. The divisors met most are known to the compiler, which then
/// needs no division.
fn half_even(of: &Units, bound: u128, divisor: i64) -> Option<Units> {
    fn even<const BY: i64>(n: i64) -> i64 {
        let (quotient, rest) = (n / BY, n % BY);
        let twice = rest.unsigned_abs() * 2;
        let by = BY.unsigned_abs();
        let away = twice > by || (twice == by && quotient & 1 == 1);
        quotient + if away { rest.signum() } else { 0 }
    }
    let wide = |n: i128| RoundingMode::HalfEven.quotient(n, i128::from(divisor));
    Some(match divisor {
        10 => map(of, bound, even::<10>, wide),
        100 => map(of, bound, even::<100>, wide),
        1_000 => map(of, bound, even::<1_000>, wide),
        10_000 => map(of, bound, even::<10_000>, wide),
        100_000 => map(of, bound, even::<100_000>, wide),
        1_000_000 => map(of, bound, even::<1_000_000>, wide),
        _ => map(of, bound, |n| divide_small(n, divisor, RoundingMode::HalfEven), wide),
    })
}

/// Divided by a number that is not 0.
fn divide_small(n: i64, by: i64, mode: RoundingMode) -> i64 {
    let (quotient, rest) = (n / by, n % by);
    if rest == 0 {
        quotient
    } else {
        quotient + mode.step(rest.unsigned_abs().into(), by.unsigned_abs().into(), n < 0, quotient & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

    use proptest::prelude::*;

    use super::*;

    /// Whole numbers at and near the edges of every width.
    fn mantissas() -> impl Strategy<Value = i128> {
        let edges = [0, 1 << 31, 1 << 32, 1 << 62, 1 << 63, (1 << 63) - 1, 1 << 64, 1 << 94, (1 << 96) - 1];
        let near = (0..edges.len(), -2i128..=2, any::<bool>()).prop_map(move |(at, off, negative)| {
            let number = (edges[at] + off).clamp(0, (1 << 96) - 1);
            if negative { -number } else { number }
        });
        prop_oneof![near, -1_000_000i128..1_000_000, any::<i64>().prop_map(i128::from)]
    }

    fn decimals() -> impl Strategy<Value = Vec<Decimal>> {
        let one = (mantissas(), prop_oneof![3 => 0u32..=10, 1 => 11u32..=28])
            .prop_map(|(n, scale)| Decimal::try_from_i128_with_scale(n, scale).unwrap());
        prop::collection::vec(one, 1..5)
    }

    fn all(units: &Units, len: usize) -> Vec<Decimal> {
        (0..len).map(|lane| units.get(lane).unwrap()).collect()
    }

    fn modes() -> impl Strategy<Value = RoundingMode> {
        (0..RoundingMode::NAMES.len()).prop_map(|at| RoundingMode::NAMES[at].1)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn what_is_computed_is_what_decimals_come_to(a in decimals(), b in decimals()) {
            let len = a.len().min(b.len());
            let (a, b) = (&a[..len], &b[..len]);
            let (Some(x), Some(y)) = (Units::of(a.iter().copied()), Units::of(b.iter().copied())) else { return Ok(()) };
            let pairs = || a.iter().zip(b);
            if let Some(sums) = x.add(&y, false) {
                prop_assert_eq!(all(&sums, len), pairs().map(|(a, b)| a.checked_add(*b).unwrap()).collect::<Vec<_>>());
            }
            if let Some(rests) = x.add(&y, true) {
                prop_assert_eq!(all(&rests, len), pairs().map(|(a, b)| a.checked_sub(*b).unwrap()).collect::<Vec<_>>());
            }
            if let Some(products) = x.multiply(&y) {
                prop_assert_eq!(all(&products, len), pairs().map(|(a, b)| a.checked_mul(*b).unwrap()).collect::<Vec<_>>());
            }
            if let Some(most) = x.extreme(&y, true) {
                prop_assert_eq!(all(&most, len), pairs().map(|(a, b)| *a.max(b)).collect::<Vec<_>>());
            }
            let less = Holds { less: true, equal: false, greater: false };
            if let Some(truths) = x.compare(&y, len, less) {
                prop_assert_eq!(truths, pairs().map(|(a, b)| u8::from(a < b)).collect::<Vec<_>>());
            }
            prop_assert_eq!(all(&x.negated(), len), a.iter().map(|a| -a).collect::<Vec<_>>());
            prop_assert_eq!(all(&x.absolute(), len), a.iter().map(Decimal::abs).collect::<Vec<_>>());
        }

        #[test]
        fn rounding_is_that_of_decimals(a in decimals(), mode in modes(), unit in 0usize..6) {
            let unit: Decimal = ["0.01", "1", "1000", "0.05", "0.000001", "250"][unit].parse().unwrap();
            let rounding = Rounding { unit, mode };
            let Some(x) = Units::of(a.iter().copied()) else { return Ok(()) };
            if let Some(rounded) = x.round(rounding) {
                let wanted: Vec<Decimal> = a.iter().map(|a| rounding.round(*a).unwrap()).collect();
                prop_assert_eq!(all(&rounded, a.len()), wanted);
            }
        }

        #[test]
        fn a_quotient_rounded_at_once_is_one_rounded_afterwards(
            a in prop::collection::vec((any::<i32>(), 0u32..4), 1..5),
            by in 1i64..2_000,
            scale in 0u32..4,
            mode in modes(),
            places in 0u32..4,
        ) {
            let a: Vec<Decimal> = a.iter().map(|(n, scale)| Decimal::new(i64::from(*n), *scale)).collect();
            let (by, rounding) = (Decimal::new(by, scale), Rounding { unit: Decimal::new(1, places), mode });
            let x = Units::of(a.iter().copied()).unwrap();
            if let Some(quotients) = x.divided(&Units::one(by), rounding) {
                let wanted: Vec<Decimal> = a.iter().map(|a| rounding.round(a / by).unwrap()).collect();
                prop_assert_eq!(all(&quotients, a.len()), wanted);
            }
        }
    }
}
