//! From what an evaluation has to the Arrow array that a column of a table asks for.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int64Array, StringArray};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::ArrowError;

use super::texts::Texts;
use crate::engine::{Answer, Decided, Values, print_value};
use crate::lang::{Type, Value, day_number};
use crate::outcome::build::{Cell, Filling};
use crate::outcome::schema::Shape;
use crate::plan::RelationId;

/// The most digits of a `Decimal128`.
const PRECISION: u8 = 38;

/// The values of a column.
pub(super) fn array(
    decided: &Decided<'_, '_>,
    answer: &Answer,
    rows: usize,
    shape: &Shape,
    ty: &Type,
) -> Result<ArrayRef, ArrowError> {
    let nulls = || -> Option<NullBuffer> {
        (!answer.is_given()).then(|| (0..rows).map(|lane| answer.has_value(lane)).collect())
    };
    Ok(match (shape, answer.values()) {
        (Shape::Bool, Values::Bools(values)) => {
            let bits: BooleanBuffer = values.iter().map(|bit| *bit != 0).collect();
            Arc::new(BooleanArray::new(bits, nulls()))
        }
        (Shape::Whole, Values::Whole(values)) => Arc::new(Int64Array::new(values.to_vec().into(), nulls())),
        (Shape::Whole, Values::One(Value::Int(one))) => Arc::new(Int64Array::new(vec![*one; rows].into(), nulls())),
        (Shape::Date, Values::Days(days)) => Arc::new(Date32Array::new(days.to_vec().into(), nulls())),
        (Shape::Date, Values::One(Value::Date(day))) => {
            Arc::new(Date32Array::new(vec![day_number(*day); rows].into(), nulls()))
        }
        (Shape::Decimal { .. }, Values::Units(units, scale)) => {
            decimals(units.iter().map(|units| i128::from(*units)).collect(), scale, nulls())?
        }
        (Shape::Decimal { .. }, Values::One(Value::Dec(one))) => {
            let one = one.normalize();
            decimals(vec![one.mantissa(); rows], one.scale(), nulls())?
        }
        (Shape::Text | Shape::Word(_), Values::Codes(codes)) => {
            let mut texts = Texts::blank(rows);
            for (lane, code) in codes.iter().enumerate().filter(|(lane, _)| answer.has_value(*lane)) {
                texts.set(lane, *code, |out| out.extend_from_slice(decided.word(*code).as_bytes()));
            }
            texts.finish()?
        }
        (Shape::Text | Shape::Word(_), Values::One(Value::Text(text))) => {
            let mut texts = Texts::blank(rows);
            for lane in (0..rows).filter(|lane| answer.has_value(*lane)) {
                texts.set(lane, 0, |out| out.extend_from_slice(text.as_bytes()));
            }
            texts.finish()?
        }
        (Shape::Text | Shape::Word(_), Values::Texts(texts)) if !texts.is_empty() => match nulls() {
            None => Arc::new(texts),
            Some(nulls) => {
                let (offsets, bytes, _) = texts.into_parts();
                Arc::new(StringArray::try_new(offsets, bytes, Some(nulls))?)
            }
        },
        _ => {
            let mut filling = Filling::new(shape);
            let money = &decided.plan().money;
            for lane in 0..rows {
                let value = decided.value(answer, lane);
                if !filling.push(Cell::Value(&value, ty, money)) {
                    let what = print_value(&value, ty, money);
                    return Err(ArrowError::InvalidArgumentError(format!("`{what}` has no place in its column")));
                }
            }
            filling.finish()?
        }
    })
}

fn decimals(units: Vec<i128>, scale: u32, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
    // No scale of a decimal is beyond 28.
    let scale = i8::try_from(scale).unwrap_or(i8::MAX);
    let array = Decimal128Array::new(units.into(), nulls);
    Ok(Arc::new(array.with_precision_and_scale(PRECISION, scale)?))
}

/// The ids of rows.
pub(super) fn ids(decided: &Decided<'_, '_>, relation: RelationId, rows: &[u32]) -> ArrayRef {
    let book = decided.book();
    if let (Some(first), Some(last), Some(all)) = (rows.first(), rows.last(), book.rows(relation))
        && (last - first) as usize + 1 == rows.len()
    {
        return Arc::new(all.ids.slice(*first as usize, rows.len()));
    }
    let ids: StringArray = rows.iter().map(|row| Some(book.id(relation, *row)).filter(|id| !id.is_empty())).collect();
    debug_assert_eq!(ids.len(), rows.len());
    Arc::new(ids)
}
