//! Values between us and Rhai, by what they are and never through text or floats.

use chrono::NaiveDate;
use rhai::{Array, Dynamic, ImmutableString};
use rust_decimal::Decimal;

use crate::lang::types::{Base, Type};
use crate::lang::value::Value;

/// A value as Rhai holds it: whole numbers as its integers, decimals as its decimals, dates as a type of ours.
pub fn to_rhai(value: &Value) -> Dynamic {
    match value {
        Value::Missing => Dynamic::UNIT,
        Value::Bool(b) => Dynamic::from_bool(*b),
        Value::Int(n) => Dynamic::from_int(*n),
        Value::Dec(d) => Dynamic::from_decimal(*d),
        Value::Date(d) => Dynamic::from(*d),
        Value::Text(t) => Dynamic::from(ImmutableString::from(t.as_ref())),
        Value::List(items) => Dynamic::from_array(items.iter().map(to_rhai).collect()),
    }
}

/// What Rhai holds as a value; none for what the language does not know (maps, characters, functions).
pub fn from_rhai(held: &Dynamic) -> Option<Value> {
    if held.is_unit() {
        return Some(Value::Missing);
    }
    if let Ok(b) = held.as_bool() {
        return Some(Value::Bool(b));
    }
    if let Ok(n) = held.as_int() {
        return Some(Value::Int(n));
    }
    if let Ok(d) = held.as_decimal() {
        return Some(Value::Dec(d));
    }
    if let Some(date) = held.read_lock::<NaiveDate>() {
        return Some(Value::Date(*date));
    }
    if let Some(text) = held.read_lock::<ImmutableString>() {
        return Some(Value::text(text.as_str()));
    }
    let items = held.read_lock::<Array>()?;
    Some(Value::List(items.iter().map(from_rhai).collect::<Option<Vec<_>>>()?.into()))
}

/// The value in the type it was declared with; none when it is of another.
pub(super) fn fit(value: Value, ty: &Type) -> Option<Value> {
    match (value, &ty.base) {
        (Value::Missing, _) => ty.optional.then_some(Value::Missing),
        (value, base) => fit_base(value, base),
    }
}

fn fit_base(value: Value, base: &Base) -> Option<Value> {
    Some(match (value, base) {
        (Value::Bool(b), Base::Bool) => Value::Bool(b),
        (Value::Int(n), base) if base.is_whole() => Value::Int(n),
        (Value::Int(n), base) if base.is_decimal() => Value::Dec(Decimal::from(n)),
        (Value::Dec(d), base) if base.is_decimal() => Value::Dec(d),
        (Value::Date(d), Base::Date) => Value::Date(d),
        (Value::Text(t), Base::Text) => Value::Text(t),
        (Value::Text(t), Base::OneOf(values)) if values.contains(&t) => Value::Text(t),
        (Value::List(items), Base::List(of)) => {
            let items = items.iter().map(|item| fit_base(item.clone(), of)).collect::<Option<Vec<_>>>()?;
            Value::List(items.into())
        }
        _ => return None,
    })
}
