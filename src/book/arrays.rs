//! The values of Arrow arrays as cells: as they are where the types agree, else as the texts they would be written in.

use std::borrow::Cow;
use std::iter::once;

use arrow_array::cast::AsArray;
use arrow_array::types::*;
use arrow_array::{Array, ArrowPrimitiveType};
use arrow_schema::{DataType, TimeUnit};
use chrono::DateTime;

use super::column::ColumnReader;
use crate::lang::{Base, day_of};

/// Why a column of a file cannot be read as what the book has under its name, and what to write instead.
pub(crate) fn refusal(of: &DataType, base: &Base) -> Option<(String, &'static str)> {
    match of {
        DataType::Float16 | DataType::Float32 | DataType::Float64 if base.is_amount() => Some((
            "holds binary fractions, and money is exact".into(),
            "write it as decimals: `decimal(18, 2)` for one",
        )),
        DataType::Timestamp(_, Some(zone)) if *base == Base::Date && !is_utc(zone) => Some((
            format!("holds instants shown in `{zone}`, and which day they are depends on the place"),
            "write dates: `date32`",
        )),
        of if is_readable(of) => None,
        of => Some((format!("holds values of the type {of}, which are no cells"), "write texts, numbers or dates")),
    }
}

fn is_utc(zone: &str) -> bool {
    ["UTC", "utc", "Z", "+00:00", "Etc/UTC"].contains(&zone)
}

/// Whether values of a type are cells.
pub(crate) fn is_readable(of: &DataType) -> bool {
    match of {
        DataType::Dictionary(_, of) => is_readable(of),
        DataType::List(of) | DataType::LargeList(of) => is_readable(of.data_type()) && !of.data_type().is_nested(),
        DataType::Timestamp(..) | DataType::Date32 | DataType::Date64 | DataType::Boolean | DataType::Null => true,
        DataType::Float16 => false,
        of => is_text(of) || of.is_numeric(),
    }
}

/// Whether its values are written as texts in the file itself, in the way of its table.
pub(crate) fn is_text(of: &DataType) -> bool {
    match of {
        DataType::Dictionary(_, of) => is_text(of),
        DataType::List(of) | DataType::LargeList(of) => is_text(of.data_type()),
        of => is_plain_text(of),
    }
}

fn is_plain_text(of: &DataType) -> bool {
    matches!(of, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
}

/// A value as it would be written in a CSV file: days as `2026-06-30`, numbers with a point.
pub(crate) fn text(array: &dyn Array, row: usize) -> Option<Cow<'_, str>> {
    if row >= array.len() || array.is_null(row) {
        return None;
    }
    if let Some(text) = plain_text(array, row) {
        return Some(Cow::Borrowed(text));
    }
    Some(Cow::Owned(match array.data_type() {
        DataType::Boolean => array.as_boolean_opt()?.value(row).to_string(),
        DataType::Date32 => day_of(*array.as_primitive_opt::<Date32Type>()?.values().get(row)?)?.to_string(),
        DataType::Float32 => float(f64::from(*array.as_primitive_opt::<Float32Type>()?.values().get(row)?)),
        DataType::Float64 => float(*array.as_primitive_opt::<Float64Type>()?.values().get(row)?),
        DataType::Decimal256(_, scale) => {
            let digits = array.as_primitive_opt::<Decimal256Type>()?.values().get(row)?.to_string();
            with_point(&digits, *scale)
        }
        DataType::List(_) => joined(array.as_list_opt::<i32>()?.value(row).as_ref()),
        DataType::LargeList(_) => joined(array.as_list_opt::<i64>()?.value(row).as_ref()),
        DataType::Dictionary(..) => {
            let dictionary = array.as_any_dictionary_opt()?;
            let key = usize::try_from(units(dictionary.keys(), row)?.0).ok()?;
            return text(dictionary.values().as_ref(), key);
        }
        _ => match (units(array, row), instant(array, row)) {
            (Some((number, 0)), _) => number.to_string(),
            (Some((number, scale)), _) => with_point(&number.to_string(), scale),
            (None, Some(micros)) => {
                let at = DateTime::from_timestamp_micros(micros)?.naive_utc();
                if micros.rem_euclid(DAY_OF_MICROS) == 0 { at.date().to_string() } else { at.to_string() }
            }
            (None, None) => return None,
        },
    }))
}

/// A text, where the array holds texts.
fn plain_text(array: &dyn Array, row: usize) -> Option<&str> {
    match array.data_type() {
        DataType::Utf8 => Some(array.as_string_opt::<i32>()?.value(row)),
        DataType::LargeUtf8 => Some(array.as_string_opt::<i64>()?.value(row)),
        DataType::Utf8View => Some(array.as_string_view_opt()?.value(row)),
        _ => None,
    }
}

/// A number as whole units and the places they have.
fn units(array: &dyn Array, row: usize) -> Option<(i128, i8)> {
    fn of<T: ArrowPrimitiveType>(array: &dyn Array, row: usize) -> Option<T::Native> {
        array.as_primitive_opt::<T>()?.values().get(row).copied()
    }
    Some(match array.data_type() {
        DataType::Int8 => (of::<Int8Type>(array, row)?.into(), 0),
        DataType::Int16 => (of::<Int16Type>(array, row)?.into(), 0),
        DataType::Int32 => (of::<Int32Type>(array, row)?.into(), 0),
        DataType::Int64 => (of::<Int64Type>(array, row)?.into(), 0),
        DataType::UInt8 => (of::<UInt8Type>(array, row)?.into(), 0),
        DataType::UInt16 => (of::<UInt16Type>(array, row)?.into(), 0),
        DataType::UInt32 => (of::<UInt32Type>(array, row)?.into(), 0),
        DataType::UInt64 => (of::<UInt64Type>(array, row)?.into(), 0),
        DataType::Decimal32(_, scale) => (of::<Decimal32Type>(array, row)?.into(), *scale),
        DataType::Decimal64(_, scale) => (of::<Decimal64Type>(array, row)?.into(), *scale),
        DataType::Decimal128(_, scale) => (of::<Decimal128Type>(array, row)?, *scale),
        _ => return None,
    })
}

const DAY_OF_MICROS: i64 = 86_400_000_000;

/// Microseconds from 1970; what is finer is part of no day and is kept as one.
fn instant(array: &dyn Array, row: usize) -> Option<i64> {
    fn of<T: ArrowPrimitiveType<Native = i64>>(array: &dyn Array, row: usize) -> Option<i64> {
        array.as_primitive_opt::<T>()?.values().get(row).copied()
    }
    match array.data_type() {
        DataType::Date64 => of::<Date64Type>(array, row)?.checked_mul(1_000),
        DataType::Timestamp(TimeUnit::Second, _) => of::<TimestampSecondType>(array, row)?.checked_mul(1_000_000),
        DataType::Timestamp(TimeUnit::Millisecond, _) => of::<TimestampMillisecondType>(array, row)?.checked_mul(1_000),
        DataType::Timestamp(TimeUnit::Microsecond, _) => of::<TimestampMicrosecondType>(array, row),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            let nanos = of::<TimestampNanosecondType>(array, row)?;
            Some(nanos.div_euclid(1_000) + i64::from(nanos.rem_euclid(1_000) != 0))
        }
        _ => None,
    }
}

/// A binary fraction: its digits alone where it is whole, for then it is what was meant.
fn float(number: f64) -> String {
    const MOST: f64 = 9_007_199_254_740_992.0;
    match number {
        number if number.abs() > MOST => format!("{number:e}"),
        number => number.to_string(),
    }
}

fn with_point(digits: &str, scale: i8) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |rest| ("-", rest));
    let Ok(places) = usize::try_from(scale) else {
        return format!("{sign}{digits}{}", "0".repeat(usize::from(scale.unsigned_abs())));
    };
    let digits = format!("{digits:0>width$}", width = places + 1);
    match digits.split_at_checked(digits.len() - places) {
        Some((whole, fraction)) if places > 0 => format!("{sign}{whole}.{fraction}"),
        _ => format!("{sign}{digits}"),
    }
}

fn joined(values: &dyn Array) -> String {
    let texts: Vec<Cow<'_, str>> = (0..values.len()).filter_map(|row| text(values, row)).collect();
    texts.join(";")
}

/// Hands the values of these rows to what reads their column.
pub(crate) fn fill(reader: &mut ColumnReader, array: &dyn Array, rows: &[u32]) {
    if !reader.takes_values() {
        return by_text(reader, array, rows);
    }
    match (reader.base(), array.data_type()) {
        (Base::Date, DataType::Date32) => reader.days(values::<Date32Type>(array, rows)),
        (Base::Date, DataType::Date64 | DataType::Timestamp(..)) => {
            for row in rows.iter().map(|row| *row as usize) {
                match instant(array, row).filter(|_| array.is_valid(row)) {
                    None if array.is_null(row) => reader.push(""),
                    None => reader.take(Err("is no day of the calendar".into())),
                    Some(micros) if micros.rem_euclid(DAY_OF_MICROS) != 0 => {
                        reader.take(Err("has a time of day, and a date has none".into()));
                    }
                    Some(micros) => match i32::try_from(micros.div_euclid(DAY_OF_MICROS)) {
                        Ok(day) => reader.days(once(Some(day))),
                        Err(_) => reader.take(Err("is no day of the calendar".into())),
                    },
                }
            }
        }
        (Base::Money | Base::OwnMoney(_) | Base::Number, DataType::Decimal128(_, scale)) => {
            reader.units(values::<Decimal128Type>(array, rows), *scale);
        }
        (Base::Money | Base::OwnMoney(_) | Base::Number, DataType::Int64) => {
            reader.units(values::<Int64Type>(array, rows).map(|units| units.map(i128::from)), 0);
        }
        (Base::Int | Base::Days | Base::Months, DataType::Int64) => reader.whole(values::<Int64Type>(array, rows)),
        (Base::Int | Base::Days | Base::Months, DataType::Int32) => {
            reader.whole(values::<Int32Type>(array, rows).map(|number| number.map(i64::from)));
        }
        (Base::Bool, DataType::Boolean) => {
            let flags = array.as_boolean_opt();
            let flag = |row: &u32| flags.filter(|flags| flags.is_valid(*row as usize));
            reader.flags(rows.iter().map(|row| flag(row).map(|flags| flags.value(*row as usize))));
        }
        (Base::Number | Base::Int | Base::Days | Base::Months, DataType::Float32 | DataType::Float64) => {
            for row in rows {
                let text = text(array, *row as usize).unwrap_or_default();
                if text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
                    reader.push(&text);
                } else {
                    reader.take(Err("is a binary fraction; write the column as decimals".into()));
                }
            }
        }
        // Ids are often whole numbers.
        (Base::Text, DataType::Int64) => reader.digits(values::<Int64Type>(array, rows)),
        _ => by_text(reader, array, rows),
    }
}

/// The values of these rows, where they have one; none at all of an array of another type.
fn values<'a, T: ArrowPrimitiveType>(
    array: &'a dyn Array,
    rows: &'a [u32],
) -> impl Iterator<Item = Option<T::Native>> + use<'a, T> {
    let array = array.as_primitive_opt::<T>();
    let (all, nulls) = (array.map(|array| array.values().as_ref()), array.and_then(|array| array.nulls()));
    let is_given = move |row: usize| nulls.is_none_or(|nulls| nulls.is_valid(row));
    rows.iter().map(move |row| {
        let row = *row as usize;
        all.and_then(|all: &[T::Native]| all.get(row)).copied().filter(|_| is_given(row))
    })
}

fn by_text(reader: &mut ColumnReader, array: &dyn Array, rows: &[u32]) {
    if is_plain_text(array.data_type()) {
        let text = |row: &u32| plain_text(array, *row as usize).filter(|_| array.is_valid(*row as usize));
        return reader.push_all(rows.iter().map(|row| text(row).unwrap_or_default().trim()));
    }
    for row in rows {
        reader.push(text(array, *row as usize).unwrap_or_default().trim());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_written_with_their_places() {
        for (digits, scale, text) in [
            ("5", 2, "0.05"),
            ("-5", 2, "-0.05"),
            ("12345", 2, "123.45"),
            ("7", 0, "7"),
            ("-7", -2, "-700"),
            ("0", 1, "0.0"),
        ] {
            assert_eq!(with_point(digits, scale), text);
        }
    }
}
