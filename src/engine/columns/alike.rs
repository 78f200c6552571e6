//! Lanes that have the same value: what is made of it is computed once.

use super::marks::{GIVEN, Marks};
use super::vector::{Data, Vector};

/// The values of a vector without repetition, and for each lane which of them is its own.
pub(super) struct Alike {
    pub(super) values: Vector,
    pub(super) places: Vec<u32>,
}

/// Fewer lanes are not worth looking at.
const FEW: usize = 16;
const NONE: u32 = u32::MAX;

impl Alike {
    /// Of dates, texts and whole numbers; `None` where most lanes differ, or lie too far apart to say.
    pub(super) fn of(vector: &Vector) -> Option<Self> {
        if vector.len() < FEW {
            return None;
        }
        match vector.data() {
            Data::Date(days) => Self::kept(days, vector.marks(), |days| Data::Date(days.into())),
            Data::Text(codes) => Self::kept(codes, vector.marks(), |codes| Data::Text(codes.into())),
            Data::Int(numbers) => Self::kept(numbers, vector.marks(), |numbers| Data::Int(numbers.into())),
            _ => None,
        }
    }

    /// In the order in which they are met.
    fn kept<T: Copy + Into<i64>>(values: &[T], marks: &Marks, held: impl Fn(Vec<T>) -> Data) -> Option<Self> {
        let given = || (0..).zip(values).filter(|(lane, _)| marks.of(*lane) == GIVEN).map(|(_, value)| (*value).into());
        let (least, greatest): (i64, i64) = (given().min()?, given().max()?);
        let span = usize::try_from(greatest.checked_sub(least)?).ok()?;
        if span > values.len().saturating_mul(4) {
            return None;
        }
        let mut place_of = vec![NONE; span + 1];
        let mut kept: Vec<T> = Vec::new();
        // A lane without a value is marked, whatever is made of it here.
        let mut places = vec![0; values.len()];
        for (lane, (value, place)) in values.iter().zip(&mut places).enumerate() {
            if marks.of(lane) != GIVEN {
                continue;
            }
            let known = usize::try_from((*value).into() - least).ok().and_then(|at| place_of.get_mut(at))?;
            if *known == NONE {
                *known = u32::try_from(kept.len()).ok()?;
                kept.push(*value);
            }
            *place = *known;
        }
        let len = kept.len();
        (len * 2 <= values.len()).then(|| Self { values: Vector::new(held(kept), Marks::Given, len), places })
    }
}
