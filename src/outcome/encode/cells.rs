//! The values of a column of a batch, one after the other, as text.

use std::slice::{Iter, Windows};

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Date32Type, Decimal128Type, Decimal256Type, Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, StringArray};
use arrow_buffer::bit_iterator::BitIterator;
use arrow_buffer::{NullBuffer, i256};
use arrow_schema::DataType;

use super::Dialect;
use crate::lang::digits::{push_day, push_decimal, push_whole};
use crate::outcome::schema::Shape;
use crate::outcome::wide::without_zeros;

/// What is left of a column.
pub(super) enum Cells<'b> {
    Bool(Valid<'b>, BitIterator<'b>),
    Whole(Valid<'b>, Iter<'b, i64>),
    Date(Valid<'b>, Iter<'b, i32>),
    Decimal {
        valid: Valid<'b>,
        units: Iter<'b, i128>,
        scale: u32,
        least: u32,
    },
    /// Decimals that no 128 bits hold at one scale.
    Wide {
        valid: Valid<'b>,
        units: Iter<'b, i256>,
        scale: u32,
        least: u32,
    },
    Text(Texts<'b>),
    /// Texts as places in a list.
    Word {
        valid: Valid<'b>,
        keys: Iter<'b, i32>,
        words: Words<'b>,
    },
    List {
        valid: Valid<'b>,
        offsets: Windows<'b, i32>,
        items: &'b StringArray,
    },
    Mixed {
        bare: Texts<'b>,
        text: Texts<'b>,
    },
}

/// Which values there are.
pub(super) struct Valid<'b>(Option<BitIterator<'b>>);

/// Texts of an array.
pub(super) struct Texts<'b> {
    valid: Valid<'b>,
    offsets: Windows<'b, i32>,
    bytes: &'b [u8],
}

/// The words of a dictionary.
pub(super) enum Words<'b> {
    /// As they are written: made ready once where there are no more of them than rows.
    Ready {
        bytes: Vec<u8>,
        ends: Vec<usize>,
    },
    Raw(&'b StringArray),
}

impl<'b> Cells<'b> {
    /// Those of a column; none where its type is not of its shape.
    pub(super) fn of<D: Dialect>(shape: &Shape, array: &'b ArrayRef) -> Option<Self> {
        let valid = Valid::of(array.nulls());
        Some(match (shape, array.data_type()) {
            (Shape::Bool, DataType::Boolean) => Cells::Bool(valid, array.as_boolean_opt()?.values().iter()),
            (Shape::Whole, DataType::Int64) => {
                Cells::Whole(valid, array.as_primitive_opt::<Int64Type>()?.values().iter())
            }
            (Shape::Date, DataType::Date32) => {
                Cells::Date(valid, array.as_primitive_opt::<Date32Type>()?.values().iter())
            }
            (Shape::Decimal { least, .. }, DataType::Decimal128(_, scale)) => Cells::Decimal {
                valid,
                units: array.as_primitive_opt::<Decimal128Type>()?.values().iter(),
                scale: u32::try_from(*scale).ok()?,
                least: *least,
            },
            (Shape::Decimal { least, .. }, DataType::Decimal256(_, scale)) => Cells::Wide {
                valid,
                units: array.as_primitive_opt::<Decimal256Type>()?.values().iter(),
                scale: u32::try_from(*scale).ok()?,
                least: *least,
            },
            (Shape::Text | Shape::Word(_), DataType::Utf8) => Cells::Text(Texts::of(array.as_string_opt()?)),
            (Shape::Text | Shape::Word(_), DataType::Dictionary(..)) => {
                let dictionary = array.as_dictionary_opt::<Int32Type>()?;
                let words = Words::of::<D>(dictionary.values().as_string_opt()?, array.len());
                Cells::Word { valid, keys: dictionary.keys().values().iter(), words }
            }
            (Shape::List, DataType::List(_)) => {
                let lists = array.as_list_opt::<i32>()?;
                Cells::List { valid, offsets: lists.value_offsets().windows(2), items: lists.values().as_string_opt()? }
            }
            (Shape::Mixed, DataType::Struct(_)) => match array.as_struct_opt()?.columns() {
                [bare, text] => {
                    Cells::Mixed { bare: Texts::of(bare.as_string_opt()?), text: Texts::of(text.as_string_opt()?) }
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Appends the next value.
    #[inline]
    pub(super) fn next<D: Dialect>(&mut self, out: &mut Vec<u8>) {
        match self {
            Cells::Bool(valid, values) => match (valid.next(), values.next()) {
                (true, Some(true)) => out.extend_from_slice(b"true"),
                (true, Some(false)) => out.extend_from_slice(b"false"),
                _ => out.extend_from_slice(D::NULL),
            },
            Cells::Whole(valid, values) => match (valid.next(), values.next()) {
                (true, Some(number)) => push_whole(out, *number),
                _ => out.extend_from_slice(D::NULL),
            },
            Cells::Date(valid, days) => match (valid.next(), days.next()) {
                (true, Some(day)) => quoted::<D>(out, |out| push_day(out, *day)),
                _ => out.extend_from_slice(D::NULL),
            },
            Cells::Decimal { valid, units, scale, least } => match (valid.next(), units.next()) {
                (true, Some(units)) => quoted::<D>(out, |out| push_decimal(out, *units, *scale, *least)),
                _ => out.extend_from_slice(D::NULL),
            },
            Cells::Wide { valid, units, scale, least } => match (valid.next(), units.next()) {
                (true, Some(units)) => quoted::<D>(out, |out| push_wide(out, *units, *scale, *least)),
                _ => out.extend_from_slice(D::NULL),
            },
            Cells::Text(texts) => text::<D>(out, texts.next()),
            Cells::Word { valid, keys, words } => match (valid.next(), keys.next()) {
                (true, Some(key)) => words.push::<D>(out, *key),
                _ => out.extend_from_slice(D::NULL),
            },
            Cells::List { valid, offsets, items } => match (valid.next(), offsets.next()) {
                (true, Some([first, end])) => {
                    let items = *items;
                    let of = |at: i32| items.value(usize::try_from(at).unwrap_or(usize::MAX)).as_bytes();
                    D::list(out, (*first..*end).map(of));
                }
                _ => out.extend_from_slice(D::NULL),
            },
            Cells::Mixed { bare, text: texts } => match (bare.next(), texts.next()) {
                (Some(bare), _) => out.extend_from_slice(bare),
                (None, given) => text::<D>(out, given),
            },
        }
    }
}

fn quoted<D: Dialect>(out: &mut Vec<u8>, push: impl FnOnce(&mut Vec<u8>)) {
    out.extend_from_slice(D::QUOTE);
    push(out);
    out.extend_from_slice(D::QUOTE);
}

fn text<D: Dialect>(out: &mut Vec<u8>, text: Option<&[u8]>) {
    match text {
        Some(text) => D::text(out, text),
        None => out.extend_from_slice(D::NULL),
    }
}

/// A decimal of ours has 96 bits at most, so without the zeros at its end it has room.
fn push_wide(out: &mut Vec<u8>, units: i256, scale: u32, least: u32) {
    let (units, scale) = without_zeros(units, scale);
    match units.to_i128() {
        Some(units) => push_decimal(out, units, scale, least),
        None => out.extend_from_slice(format!("{units}e-{scale}").as_bytes()),
    }
}

impl<'b> Valid<'b> {
    pub(super) fn of(nulls: Option<&'b NullBuffer>) -> Self {
        Self(nulls.map(NullBuffer::iter))
    }

    #[inline]
    pub(super) fn next(&mut self) -> bool {
        self.0.as_mut().is_none_or(|bits| bits.next().unwrap_or(false))
    }
}

impl<'b> Texts<'b> {
    fn of(array: &'b StringArray) -> Self {
        Self { valid: Valid::of(array.nulls()), offsets: array.value_offsets().windows(2), bytes: array.value_data() }
    }

    /// The next one; none where there is none or it is empty.
    #[inline]
    fn next(&mut self) -> Option<&'b [u8]> {
        let valid = self.valid.next();
        let Some([first, end]) = self.offsets.next() else { return None };
        let text = self.bytes.get(usize::try_from(*first).ok()?..usize::try_from(*end).ok()?)?;
        (valid && !text.is_empty()).then_some(text)
    }
}

impl<'b> Words<'b> {
    fn of<D: Dialect>(array: &'b StringArray, rows: usize) -> Self {
        if array.len() > rows {
            return Words::Raw(array);
        }
        let (mut bytes, mut ends) = (Vec::new(), vec![0]);
        let mut texts = Texts::of(array);
        for _ in 0..array.len() {
            text::<D>(&mut bytes, texts.next());
            ends.push(bytes.len());
        }
        Words::Ready { bytes, ends }
    }

    #[inline]
    fn push<D: Dialect>(&self, out: &mut Vec<u8>, key: i32) {
        let key = usize::try_from(key).unwrap_or(usize::MAX);
        match self {
            Words::Ready { bytes, ends } => {
                if let Some([first, end]) = ends.get(key..).and_then(|ends| ends.first_chunk())
                    && let Some(word) = bytes.get(*first..*end)
                {
                    out.extend_from_slice(word);
                }
            }
            Words::Raw(array) => {
                let word = (key < array.len() && array.is_valid(key)).then(|| array.value(key).as_bytes());
                text::<D>(out, word.filter(|word| !word.is_empty()));
            }
        }
    }
}
