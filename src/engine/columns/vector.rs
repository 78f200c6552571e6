//! The values of something for every lane of a frame.

use std::rc::Rc;

use arrow_buffer::ScalarBuffer;
use rust_decimal::Decimal;

use super::marks::{FAILED, GIVEN, MISSING, Mark, Marks};
use super::names::Names;
use super::texts::Texts;
use super::units::{Digits, Units};
use crate::lang::{Value, day_number, day_of};

/// One value a lane, of one type, and a mark where there is none.
#[derive(Clone, Debug)]
pub(super) struct Vector {
    len: usize,
    data: Data,
    marks: Marks,
}

/// What the values are held as. Where a mark says that there is no value, what stands here means nothing.
#[derive(Clone, Debug)]
pub(super) enum Data {
    /// The same for every lane.
    One(Value),
    /// `bool`, 0 or 1.
    Bool(ScalarBuffer<u8>),
    /// `int`, `days`, `months`
    Int(ScalarBuffer<i64>),
    /// Decimals at one scale.
    Dec(Units),
    /// `date`, days after 1970-01-01.
    Date(ScalarBuffer<i32>),
    /// Texts, by their codes.
    Text(ScalarBuffer<u32>),
    /// Texts that differ from lane to lane.
    Utf8(Names),
    /// What has no form of its own: lists, decimals too large for 128 bits.
    Any(Rc<[Value]>),
}

impl Vector {
    /// The same value for every lane.
    pub(super) fn one(value: Value, len: usize) -> Self {
        let marks = if value.is_given() { Marks::Given } else { Marks::All(MISSING) };
        Self { len, data: Data::One(value), marks }
    }

    /// No value for any lane.
    pub(super) fn none(mark: Mark, len: usize) -> Self {
        Self { len, data: Data::One(Value::Missing), marks: Marks::All(mark) }
    }

    /// Values and marks of one length.
    pub(super) fn new(data: Data, marks: Marks, len: usize) -> Self {
        match (&marks, &data) {
            (Marks::All(mark), _) if *mark != GIVEN => Self::none(*mark, len),
            (_, Data::Dec(units)) if matches!(units.digits(), Digits::One(_)) => {
                let one = units.get(0).map_or(Value::Missing, Value::Dec);
                Self { len, data: Data::One(one), marks }
            }
            _ => Self { len, data, marks },
        }
    }

    /// Truths, 0 or 1.
    pub(super) fn bools(values: Vec<u8>, marks: Marks) -> Self {
        let len = values.len();
        Self::new(Data::Bool(values.into()), marks, len)
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn data(&self) -> &Data {
        &self.data
    }

    pub(super) fn marks(&self) -> &Marks {
        &self.marks
    }

    pub(super) fn with_marks(self, marks: Marks) -> Self {
        Self::new(self.data, marks, self.len)
    }

    /// What stands in a lane, or the mark that says why nothing does.
    pub(super) fn get(&self, lane: usize, texts: &Texts) -> Result<Value, Mark> {
        match self.marks.of(lane) {
            GIVEN => Ok(self.value(lane, texts)),
            mark => Err(mark),
        }
    }

    fn value(&self, lane: usize, texts: &Texts) -> Value {
        match &self.data {
            Data::One(value) => value.clone(),
            Data::Bool(values) => values.get(lane).map_or(Value::Missing, |b| Value::Bool(*b != 0)),
            Data::Int(values) => values.get(lane).map_or(Value::Missing, |n| Value::Int(*n)),
            Data::Dec(units) => units.get(lane).map_or(Value::Missing, Value::Dec),
            Data::Date(values) => values.get(lane).and_then(|d| day_of(*d)).map_or(Value::Missing, Value::Date),
            Data::Text(codes) => codes.get(lane).map_or(Value::Missing, |c| Value::Text(texts.word(*c))),
            Data::Utf8(names) => names.get(lane).map_or(Value::Missing, Value::text),
            Data::Any(values) => values.get(lane).cloned().unwrap_or(Value::Missing),
        }
    }

    /// The date of a lane, where there is one, as its number.
    pub(super) fn day(&self, lane: usize) -> Option<i32> {
        match &self.data {
            _ if self.marks.of(lane) != GIVEN => None,
            Data::Date(days) => days.get(lane).copied(),
            Data::One(Value::Date(day)) => Some(day_number(*day)),
            _ => None,
        }
    }

    /// Values, in the form their type has; a missing one is marked.
    pub(super) fn of_values(values: Vec<Result<Value, Mark>>, texts: &mut Texts) -> Self {
        let len = values.len();
        let mark = |value: &Result<Value, Mark>| match value {
            Ok(Value::Missing) => MISSING,
            Ok(_) => GIVEN,
            Err(mark) => *mark,
        };
        let marks = Marks::each(values.iter().map(mark).collect());
        let given = || values.iter().map(|v| v.as_ref().ok().filter(|v| v.is_given()));
        let data = match given().flatten().next() {
            None => return Self::new(Data::One(Value::Missing), marks, len),
            Some(Value::Bool(_)) => {
                Data::Bool(given().map(|v| u8::from(matches!(v, Some(Value::Bool(true))))).collect())
            }
            Some(Value::Int(_)) => Data::Int(
                given()
                    .map(|v| match v {
                        Some(Value::Int(n)) => *n,
                        _ => 0,
                    })
                    .collect(),
            ),
            Some(Value::Date(_)) => Data::Date(
                given()
                    .map(|v| match v {
                        Some(Value::Date(day)) => day_number(*day),
                        _ => 0,
                    })
                    .collect(),
            ),
            Some(Value::Dec(_)) => {
                let decimals = given().map(|v| match v {
                    Some(Value::Dec(number)) => *number,
                    _ => Decimal::ZERO,
                });
                match Units::of(decimals) {
                    Some(units) => Data::Dec(units),
                    None => any(values),
                }
            }
            Some(Value::Text(_)) => {
                let codes: Vec<u32> = given()
                    .map(|v| match v {
                        Some(Value::Text(text)) => texts.code(text),
                        _ => 0,
                    })
                    .collect();
                Data::Text(codes.into())
            }
            Some(Value::List(_) | Value::Missing) => any(values),
        };
        Self::new(data, marks, len)
    }

    /// One truth for all lanes, of which some are marked, as a truth a lane.
    pub(super) fn one_by_one(self) -> Self {
        match (&self.data, &self.marks) {
            (Data::One(Value::Bool(value)), Marks::Each(_)) => {
                let values = vec![u8::from(*value); self.len];
                Self::bools(values, self.marks)
            }
            _ => self,
        }
    }

    /// The lanes named, in the order named.
    pub(super) fn take(&self, lanes: &[u32]) -> Self {
        let data = match &self.data {
            Data::One(value) => Data::One(value.clone()),
            Data::Bool(values) => Data::Bool(take(values, lanes)),
            Data::Int(values) => Data::Int(take(values, lanes)),
            Data::Dec(units) => Data::Dec(units.take(lanes)),
            Data::Date(values) => Data::Date(take(values, lanes)),
            Data::Text(codes) => Data::Text(take(codes, lanes)),
            Data::Utf8(names) => Data::Utf8(names.take(lanes)),
            Data::Any(values) => {
                Data::Any(lanes.iter().map(|at| values.get(*at as usize).cloned().unwrap_or(Value::Missing)).collect())
            }
        };
        Self::new(data, self.marks.take(lanes), lanes.len())
    }

    /// A truth for each lane: whether there is a value and it is `true`.
    pub(super) fn is_true(&self) -> Truth {
        match (&self.data, &self.marks) {
            (_, Marks::All(mark)) if *mark != GIVEN => Truth::All(false),
            (Data::One(value), Marks::Given | Marks::All(_)) => Truth::All(*value == Value::Bool(true)),
            (Data::Bool(values), Marks::Given | Marks::All(_)) => Truth::Each(values.clone()),
            (Data::Bool(values), Marks::Each(marks)) => {
                Truth::Each(values.iter().zip(marks.iter()).map(|(b, m)| b & u8::from(*m == GIVEN)).collect())
            }
            (Data::One(value), Marks::Each(marks)) => {
                let holds = *value == Value::Bool(true);
                Truth::Each(marks.iter().map(|m| u8::from(holds && *m == GIVEN)).collect())
            }
            _ => Truth::All(false),
        }
    }

    /// A lane that fails, if there is one.
    pub(super) fn has_failed(&self) -> bool {
        self.marks.has(FAILED)
    }
}

fn any(values: Vec<Result<Value, Mark>>) -> Data {
    Data::Any(values.into_iter().map(|value| value.unwrap_or(Value::Missing)).collect())
}

/// What is true for which lanes.
#[derive(Clone, Debug)]
pub(super) enum Truth {
    All(bool),
    Each(ScalarBuffer<u8>),
}

impl Truth {
    /// The lanes for which it is true.
    pub(super) fn lanes(&self, len: usize) -> Chosen {
        match self {
            Truth::All(true) => Chosen::All,
            Truth::All(false) => Chosen::None,
            Truth::Each(each) => Chosen::of(each.iter().map(|b| *b != 0), len),
        }
    }
}

/// Some lanes of a frame.
#[derive(Clone, Debug)]
pub(super) enum Chosen {
    All,
    None,
    Some(Rc<[u32]>),
}

impl Chosen {
    /// The lanes one by one, of so many.
    pub(super) fn each(self, len: usize) -> Rc<[u32]> {
        match self {
            Chosen::All => (0u32..).take(len).collect(),
            Chosen::None => [].into(),
            Chosen::Some(lanes) => lanes,
        }
    }

    pub(super) fn of(each: impl Iterator<Item = bool>, len: usize) -> Self {
        let lanes: Vec<u32> = (0u32..).zip(each).filter(|(_, is)| *is).map(|(lane, _)| lane).collect();
        match lanes.len() {
            0 => Chosen::None,
            all if all == len => Chosen::All,
            _ => Chosen::Some(lanes.into()),
        }
    }
}

/// The values at places of a buffer.
pub(super) fn take<T: arrow_buffer::ArrowNativeType>(values: &[T], lanes: &[u32]) -> ScalarBuffer<T> {
    lanes.iter().map(|at| values.get(*at as usize).copied().unwrap_or_default()).collect()
}
