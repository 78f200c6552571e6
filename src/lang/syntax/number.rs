//! Numbers from their text, exactly.

use std::borrow::Cow;

use rust_decimal::Decimal;

/// Why a number cannot be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberError {
    /// A whole number beyond 64 bits.
    TooLarge,
    /// More than 28 digits.
    TooManyDigits,
}

/// A number as written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Number {
    /// Without a point.
    Int(i64),
    /// With a point.
    Dec(Decimal),
}

/// A run of digits, `_` between them and at most one point.
pub(crate) fn number(text: &str) -> Result<Number, NumberError> {
    let plain = without_marks(text);
    if plain.contains('.') {
        return decimal(&plain).map(Number::Dec);
    }
    plain.parse().map(Number::Int).map_err(|_| decimal(&plain).err().unwrap_or(NumberError::TooLarge))
}

/// The digits without the `_` between them.
fn without_marks(text: &str) -> Cow<'_, str> {
    if text.contains('_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) }
}

/// A decimal of at most 28 digits.
pub(crate) fn decimal(plain: &str) -> Result<Decimal, NumberError> {
    let digits = plain.bytes().filter(u8::is_ascii_digit).skip_while(|b| *b == b'0').count();
    let places = plain.split_once('.').map_or(0, |(_, after)| after.len());
    if digits > 28 || places > 28 {
        return Err(NumberError::TooManyDigits);
    }
    plain.parse().map_err(|_| NumberError::TooManyDigits)
}

/// A share written as a percentage: the text before `%`, over a hundred, exactly.
pub(crate) fn percent(text: &str) -> Result<Decimal, NumberError> {
    let plain = without_marks(text);
    let mut share = decimal(&plain)?;
    share.set_scale(share.scale() + 2).map_err(|_| NumberError::TooManyDigits)?;
    Ok(share)
}
