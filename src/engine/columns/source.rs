//! The values of a vector in the form in which they lie: one for all lanes, or each lane its own.

use super::texts::Texts;
use super::units::{Digits, Units};
use super::vector::{Data, Vector};
use crate::lang::{Value, day_number};

/// The decimals of a vector.
pub(super) fn units_of(vector: &Vector) -> Option<Units> {
    decimals(vector.data())
}

pub(super) fn decimals(data: &Data) -> Option<Units> {
    match data {
        Data::Dec(units) => Some(units.clone()),
        Data::One(Value::Dec(number)) => Some(Units::one(*number)),
        _ => None,
    }
}

/// In what form values lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Bool,
    Int,
    Dec,
    Date,
    Text,
    Any,
}

pub(super) fn form(data: &Data) -> Form {
    match data {
        Data::Bool(_) | Data::One(Value::Bool(_)) => Form::Bool,
        Data::Int(_) | Data::One(Value::Int(_)) => Form::Int,
        Data::Dec(_) | Data::One(Value::Dec(_)) => Form::Dec,
        Data::Date(_) | Data::One(Value::Date(_)) => Form::Date,
        Data::Text(_) | Data::One(Value::Text(_)) => Form::Text,
        Data::Utf8(_) | Data::Any(_) | Data::One(_) => Form::Any,
    }
}

/// Values of one type: one for all lanes, or each its own.
pub(super) enum Source<'s, T> {
    One(T),
    Each(&'s [T]),
}

pub(super) fn bools(data: &Data) -> Option<Source<'_, u8>> {
    match data {
        Data::Bool(values) => Some(Source::Each(values)),
        Data::One(Value::Bool(value)) => Some(Source::One(u8::from(*value))),
        _ => None,
    }
}

pub(super) fn ints(data: &Data) -> Option<Source<'_, i64>> {
    match data {
        Data::Int(values) => Some(Source::Each(values)),
        Data::One(Value::Int(value)) => Some(Source::One(*value)),
        _ => None,
    }
}

pub(super) fn dates(data: &Data) -> Option<Source<'_, i32>> {
    match data {
        Data::Date(values) => Some(Source::Each(values)),
        Data::One(Value::Date(value)) => Some(Source::One(day_number(*value))),
        _ => None,
    }
}

pub(super) fn codes<'d>(data: &'d Data, texts: &mut Texts) -> Option<Source<'d, u32>> {
    match data {
        Data::Text(values) => Some(Source::Each(values)),
        Data::One(Value::Text(value)) => Some(Source::One(texts.code(value))),
        _ => None,
    }
}

pub(super) fn small(units: &Units) -> Option<Source<'_, i64>> {
    match units.digits() {
        Digits::One(one) => i64::try_from(*one).ok().map(Source::One),
        Digits::Small(values) => Some(Source::Each(values)),
        Digits::Wide(_) => None,
    }
}

impl<T: Copy> Source<'_, T> {
    /// What two values come to, lane by lane, each with something of its own lane.
    pub(super) fn zip_with<L, R, C: FromIterator<R>>(
        &self,
        other: &Self,
        lanes: impl IntoIterator<Item = L>,
        apply: impl Fn(L, T, T) -> R,
    ) -> C {
        let lanes = lanes.into_iter();
        match (self, other) {
            (Source::One(a), Source::One(b)) => lanes.map(|lane| apply(lane, *a, *b)).collect(),
            (Source::Each(a), Source::One(b)) => lanes.zip(*a).map(|(lane, a)| apply(lane, *a, *b)).collect(),
            (Source::One(a), Source::Each(b)) => lanes.zip(*b).map(|(lane, b)| apply(lane, *a, *b)).collect(),
            (Source::Each(a), Source::Each(b)) => {
                lanes.zip(a.iter().zip(*b)).map(|(lane, (a, b))| apply(lane, *a, *b)).collect()
            }
        }
    }
}

/// Values put where their lanes are.
pub(super) fn put<'l, T: Copy + Default>(
    len: usize,
    lanes: impl Iterator<Item = &'l [u32]>,
    sources: &[Source<'_, T>],
) -> Vec<T> {
    let mut all = vec![T::default(); len];
    let mut set = |lane: u32, value: T| {
        if let Some(slot) = all.get_mut(lane as usize) {
            *slot = value;
        }
    };
    for (lanes, source) in lanes.zip(sources) {
        match source {
            Source::One(one) => lanes.iter().for_each(|lane| set(*lane, *one)),
            Source::Each(values) => lanes.iter().zip(*values).for_each(|(lane, value)| set(*lane, *value)),
        }
    }
    all
}
