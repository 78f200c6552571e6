//! The values of a column while they are read: in the form of its type, or in the general one.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::{BooleanArray, Date32Array, Int64Array, UInt32Array};
use arrow_buffer::{BooleanBufferBuilder, NullBufferBuilder};

use super::column::Spec;
use super::plain;
use super::series::Data;
use super::texts::Collected;
use super::words::Words;
use crate::lang::{Base, Value, day_number};

/// Values; a gap has one of its own, which means nothing.
pub(crate) enum Values {
    Bool(BooleanBufferBuilder),
    Int(Vec<i64>),
    Date(Vec<i32>),
    /// Units, and the places they have.
    Dec(Vec<i64>, u32),
    Text(Words),
    Utf8(Collected),
    Other(Vec<Value>),
}

impl Values {
    /// No values yet; `is_key` where texts differ from row to row.
    pub(crate) fn of(base: &Base, is_key: bool) -> Self {
        match base {
            Base::Bool => Self::Bool(BooleanBufferBuilder::new(0)),
            Base::Int | Base::Days | Base::Months => Self::Int(Vec::new()),
            Base::Date => Self::Date(Vec::new()),
            Base::Number | Base::Money | Base::OwnMoney(_) => Self::Dec(Vec::new(), 0),
            Base::Text if is_key => Self::Utf8(Collected::default()),
            Base::Text | Base::OneOf(_) => Self::Text(Words::default()),
            Base::List(_) => Self::Other(Vec::new()),
        }
    }

    /// No values yet, in the form of this one.
    pub(crate) fn like(value: &Value) -> Self {
        match value {
            Value::Bool(_) => Self::Bool(BooleanBufferBuilder::new(0)),
            Value::Int(_) => Self::Int(Vec::new()),
            Value::Date(_) => Self::Date(Vec::new()),
            Value::Dec(_) => Self::Dec(Vec::new(), 0),
            Value::Text(_) => Self::Text(Words::default()),
            Value::List(_) | Value::Missing => Self::Other(Vec::new()),
        }
    }

    /// No values yet, in the form of these.
    pub(crate) fn as_in(data: &Data) -> Self {
        match data {
            Data::Bool(_) => Self::Bool(BooleanBufferBuilder::new(0)),
            Data::Int(_) => Self::Int(Vec::new()),
            Data::Date(_) => Self::Date(Vec::new()),
            Data::Dec(_, scale) => Self::Dec(Vec::new(), *scale),
            Data::Text(..) => Self::Text(Words::default()),
            Data::Utf8(_) => Self::Utf8(Collected::default()),
            Data::Other(_) => Self::Other(Vec::new()),
        }
    }

    /// Makes room for so many rows more, so that what is there need not move.
    pub(crate) fn reserve(&mut self, rows: usize) {
        match self {
            Self::Bool(flags) => flags.reserve(rows),
            Self::Int(numbers) | Self::Dec(numbers, _) => numbers.reserve(rows),
            Self::Date(days) => days.reserve(rows),
            Self::Text(words) => words.codes.reserve(rows),
            Self::Utf8(texts) => texts.reserve(rows),
            Self::Other(values) => values.reserve(rows),
        }
    }

    /// Adds the values of texts in plain form, a gap for each blank, up to the first that has none: it is given back.
    pub(crate) fn plain<'t>(
        &mut self,
        texts: &mut impl Iterator<Item = &'t str>,
        spec: &Spec,
        given: &mut NullBufferBuilder,
    ) -> Option<&'t str> {
        match self {
            Self::Bool(flags) => each(texts, given, |text| {
                match text {
                    "true" => flags.append(true),
                    "false" | "" => flags.append(false),
                    _ => return None,
                }
                Some(())
            }),
            Self::Int(numbers) => each(texts, given, |text| {
                numbers.push(if text.is_empty() { 0 } else { plain::whole(text.as_bytes())? });
                Some(())
            }),
            Self::Date(days) if spec.iso => each(texts, given, |text| {
                days.push(if text.is_empty() { 0 } else { plain::day(text.as_bytes())? });
                Some(())
            }),
            Self::Dec(units, scale) => each(texts, given, |text| {
                let (number, places) = match text.is_empty() {
                    true => (0, *scale),
                    false => plain::decimal(text.as_bytes(), spec.mark)?,
                };
                if number < 0 && spec.not_negative {
                    return None;
                }
                add(units, scale, number, places)
            }),
            Self::Text(words) => {
                let odd = each(texts, given, |text| {
                    if text.is_empty() {
                        words.codes.push(Words::NONE);
                        return Some(());
                    }
                    match words.code(text) {
                        Some(code) => words.codes.push(code),
                        None if spec.base == Base::Text && !words.differ() => words.add(Arc::from(text)),
                        None => return None,
                    }
                    Some(())
                });
                if odd.is_some()
                    && words.differ()
                    && let Some(texts) = words.spelt()
                {
                    *self = Self::Utf8(texts);
                }
                odd
            }
            Self::Utf8(all) => each(texts, given, |text| all.push(text.as_bytes()).then_some(())),
            Self::Date(days) => each(texts, given, |text| text.is_empty().then(|| days.push(0))),
            Self::Other(values) => each(texts, given, |text| text.is_empty().then(|| values.push(Value::Missing))),
        }
    }

    /// Adds a value, or gives it back where this form does not hold it.
    pub(crate) fn put(&mut self, value: Value) -> Result<(), Value> {
        match (self, value) {
            (Self::Bool(flags), Value::Bool(flag)) => flags.append(flag),
            (Self::Int(numbers), Value::Int(number)) => numbers.push(number),
            (Self::Date(days), Value::Date(day)) => days.push(day_number(day)),
            (Self::Dec(units, scale), Value::Dec(number)) => {
                let added = i64::try_from(number.mantissa()).ok();
                return added.and_then(|added| add(units, scale, added, number.scale())).ok_or(Value::Dec(number));
            }
            (Self::Text(words), Value::Text(text)) => match words.code(&text) {
                Some(code) => words.codes.push(code),
                None => words.add(text),
            },
            (Self::Utf8(texts), Value::Text(text)) => {
                return if texts.push(text.as_bytes()) { Ok(()) } else { Err(Value::Text(text)) };
            }
            (Self::Other(values), value) => values.push(value),
            (_, value) => return Err(value),
        }
        Ok(())
    }

    /// Adds values of the same form; false where they have another.
    pub(crate) fn append(&mut self, data: &Data) -> bool {
        match (&mut *self, data) {
            (Self::Bool(flags), Data::Bool(array)) => array.values().iter().for_each(|flag| flags.append(flag)),
            (Self::Int(numbers), Data::Int(array)) => numbers.extend_from_slice(array.values()),
            (Self::Date(days), Data::Date(array)) => days.extend_from_slice(array.values()),
            (Self::Dec(units, scale), Data::Dec(array, of)) => {
                let places = if units.is_empty() { *of } else { (*scale).max(*of) };
                let Some(more) = raised(array.values(), places - *of) else { return false };
                if places > *scale && !units.is_empty() {
                    let Some(raised) = raised(units, places - *scale) else { return false };
                    *units = raised.into_owned();
                }
                units.extend_from_slice(&more);
                *scale = places;
            }
            (Self::Text(words), Data::Text(codes, texts)) => words.append(codes, texts),
            (Self::Utf8(texts), Data::Utf8(array)) => return texts.append(array),
            (Self::Text(words), Data::Utf8(array)) => {
                let Some(mut texts) = words.spelt().filter(|texts| texts.has_room(array.value_data().len())) else {
                    return false;
                };
                texts.append(array);
                *self = Self::Utf8(texts);
            }
            (Self::Utf8(texts), Data::Text(codes, words)) => {
                let word = |code: u32| words.get(code as usize).map_or("", |word| word);
                let all = || codes.iter().map(|code| code.map_or("", word));
                return texts.has_room(all().map(str::len).sum()) && all().all(|text| texts.push(text.as_bytes()));
            }
            _ => return false,
        }
        true
    }

    /// Adds what was added last so many times more; false where that goes only one by one.
    pub(crate) fn repeat(&mut self, times: usize) -> bool {
        fn again<T: Clone>(values: &mut Vec<T>, times: usize) {
            if let Some(last) = values.last().cloned() {
                values.resize(values.len() + times, last);
            }
        }
        match self {
            Self::Bool(flags) => {
                if let Some(last) = flags.len().checked_sub(1).map(|last| flags.get_bit(last)) {
                    flags.append_n(times, last);
                }
            }
            Self::Int(numbers) | Self::Dec(numbers, _) => again(numbers, times),
            Self::Date(days) => again(days, times),
            Self::Text(words) => again(&mut words.codes, times),
            // Its texts may become too long for one array.
            Self::Utf8(_) => return false,
            Self::Other(values) => again(values, times),
        }
        true
    }

    /// Adds a row without a value.
    pub(crate) fn gap(&mut self) {
        match self {
            Self::Bool(flags) => flags.append(false),
            Self::Int(numbers) | Self::Dec(numbers, _) => numbers.push(0),
            Self::Date(days) => days.push(0),
            Self::Text(words) => words.codes.push(Words::NONE),
            // A text of no bytes always fits.
            Self::Utf8(texts) => {
                texts.push(&[]);
            }
            Self::Other(values) => values.push(Value::Missing),
        }
    }

    pub(crate) fn finish(self, mut given: NullBufferBuilder) -> Data {
        let nulls = given.finish();
        match self {
            Self::Bool(mut flags) => Data::Bool(BooleanArray::new(flags.finish(), nulls)),
            Self::Int(numbers) => Data::Int(Int64Array::new(numbers.into(), nulls)),
            Self::Date(days) => Data::Date(Date32Array::new(days.into(), nulls)),
            Self::Dec(units, scale) => Data::Dec(Int64Array::new(units.into(), nulls), scale),
            Self::Text(words)
                if words.differ()
                    && let Some(texts) = words.spelt() =>
            {
                Data::Utf8(texts.finish(nulls))
            }
            Self::Text(mut words) => {
                words.codes.iter_mut().filter(|code| **code == Words::NONE).for_each(|code| *code = 0);
                Data::Text(UInt32Array::new(words.codes.into(), nulls), words.words.into())
            }
            Self::Utf8(texts) => Data::Utf8(texts.finish(nulls)),
            Self::Other(values) => Data::Other(values.into()),
        }
    }
}

/// Puts texts one by one and notes which are given, up to the first that is not put.
fn each<'t>(
    texts: &mut impl Iterator<Item = &'t str>,
    given: &mut NullBufferBuilder,
    mut put: impl FnMut(&'t str) -> Option<()>,
) -> Option<&'t str> {
    for text in texts {
        if put(text).is_none() {
            return Some(text);
        }
        if text.is_empty() {
            given.append_null();
        } else {
            given.append_non_null();
        }
    }
    None
}

/// Adds a decimal at the scale of all; `None` where 64 bits do not hold it, or the others at its scale.
fn add(units: &mut Vec<i64>, scale: &mut u32, number: i64, places: u32) -> Option<()> {
    if places > *scale {
        *units = raised(units, places - *scale)?.into_owned();
        *scale = places;
    }
    let number = if places == *scale { number } else { number.checked_mul(10_i64.checked_pow(*scale - places)?)? };
    units.push(number);
    Some(())
}

/// Units with so many more places; `None` where 64 bits do not hold one.
fn raised(units: &[i64], places: u32) -> Option<Cow<'_, [i64]>> {
    if places == 0 {
        return Some(Cow::Borrowed(units));
    }
    let up = 10_i64.checked_pow(places)?;
    units.iter().map(|units| units.checked_mul(up)).collect::<Option<Vec<i64>>>().map(Cow::Owned)
}
