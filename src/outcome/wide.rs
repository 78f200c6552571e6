//! Decimals that no 128 bits hold at the scale of their column.

use arrow_buffer::i256;

/// The same number without the zeros at its end.
pub(super) fn without_zeros(mut units: i256, mut scale: u32) -> (i256, u32) {
    while scale > 0
        && let Some((fewer, i256::ZERO)) = units.checked_div_rem(i256::from_i128(10))
    {
        (units, scale) = (fewer, scale - 1);
    }
    (units, scale)
}
