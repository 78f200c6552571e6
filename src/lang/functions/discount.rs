//! What letting a cash discount go costs a year.

use num_bigint::BigUint;
use rust_decimal::Decimal;

/// The yearly cost as a share: `share / (1 - share)` paid for `net - within` days, on a year of `basis` days.
///
/// Simple: times the periods a year. Compound: `(1 + share / (1 - share)) ^ periods - 1`, by an exact integer root,
/// cut after twenty digits.
pub(super) fn yearly_cost(
    share: Decimal,
    within: i64,
    net: i64,
    basis: i64,
    compound: bool,
) -> Result<Decimal, String> {
    if share < Decimal::ZERO || share >= Decimal::ONE {
        return Err("the discount's share must be from 0 to below 1".to_owned());
    }
    let days = net.checked_sub(within).filter(|days| (1..=3660).contains(days) && within >= 0);
    let Some(days) = days else {
        return Err("the net days must be more than the days of the discount".to_owned());
    };
    if basis != 365 && basis != 360 {
        return Err("the basis of a year must be 365 or 360 days".to_owned());
    }
    let overflow = || "the result is too large to hold".to_owned();
    if compound {
        return compounded(share, days.unsigned_abs(), basis.unsigned_abs()).ok_or_else(overflow);
    }
    let cost = share.checked_mul(Decimal::from(basis)).ok_or_else(overflow)?;
    let held = (Decimal::ONE - share).checked_mul(Decimal::from(days)).ok_or_else(overflow)?;
    cost.checked_div(held).ok_or_else(overflow)
}

const PLACES: u32 = 20;

/// `(1 / (1 - share)) ^ (basis / days) - 1`
fn compounded(share: Decimal, days: u64, basis: u64) -> Option<Decimal> {
    let common = gcd(basis, days);
    let (power, root) = (u32::try_from(basis / common).ok()?, u32::try_from(days / common).ok()?);
    let rest = Decimal::ONE.checked_sub(share)?.normalize();
    let below = BigUint::from(u128::try_from(rest.mantissa()).ok()?);
    let above = BigUint::from(10u32).pow(rest.scale());
    // floor(root(above^power / below^power) * 10^PLACES)
    let scaled = above.pow(power) * BigUint::from(10u32).pow(PLACES.checked_mul(root)?) / below.pow(power);
    let grown = i128::try_from(scaled.nth_root(root)).ok()?;
    Decimal::try_from_i128_with_scale(grown, PLACES).ok()?.checked_sub(Decimal::ONE)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn two_ten_net_thirty() {
        let share = "0.02".parse().unwrap();
        let cost = |basis, compound| yearly_cost(share, 10, 30, basis, compound).unwrap().round_dp(4).to_string();
        assert_eq!(cost(365, false), "0.3724");
        assert_eq!(cost(360, false), "0.3673");
        assert_eq!(cost(365, true), "0.4459");
        assert_eq!(cost(360, true), "0.4386");
    }
}
