//! Arithmetic on whole vectors.

use rust_decimal::Decimal;

use super::alike::Alike;
use super::marks::{FAILED, GIVEN, Mark, Marks};
use super::nodes::Evaluation;
use super::source::{Source, ints, units_of};
use super::units::{Units, size};
use super::vector::{Data, Vector};
use crate::lang::eval::arithmetic;
use crate::lang::expr::ArithOp;
use crate::lang::functions::Rounding;
use crate::lang::{Value, day_number};

impl Evaluation<'_, '_> {
    pub(super) fn arith(&mut self, op: ArithOp, a: &Vector, b: &Vector) -> Vector {
        let marks = a.marks().needed().then(&b.marks().needed());
        if let Marks::All(_) = marks {
            return Vector::new(Data::One(Value::Missing), marks, a.len());
        }
        if let (Data::One(x), Data::One(y)) = (a.data(), b.data()) {
            return match arithmetic(op, x, y) {
                Ok(value) => Vector::one(value, a.len()).with_marks(marks),
                Err(_) => self.unfit(a, marks),
            };
        }
        let done = match op {
            ArithOp::Add | ArithOp::Subtract | ArithOp::Multiply => decimals(op, a, b, &marks),
            ArithOp::Divide => None,
        };
        let done = done.or_else(|| days(op, a, b, &marks)).or_else(|| whole(op, a, b, &marks));
        done.unwrap_or_else(|| {
            self.each_lane(&[a, b], a.len(), |values| match values {
                [a, b] => arithmetic(op, a, b).map_err(|_| FAILED),
                _ => Err(FAILED),
            })
        })
    }

    /// A quotient that is rounded at once, so that it need not be a decimal in between; `None` where it has to be.
    pub(super) fn rounded_quotient(&mut self, a: &Vector, b: &Vector, places: Option<&Vector>) -> Option<Vector> {
        let money = self.plan.money.rounding;
        let rounding = match places.map(Vector::data) {
            None => money,
            Some(Data::One(Value::Int(places))) => {
                let places = u32::try_from(*places).ok().filter(|places| *places <= 28)?;
                Rounding { unit: Decimal::new(1, places), mode: money.mode }
            }
            Some(_) => return None,
        };
        let marks = a.marks().needed().then(&b.marks().needed());
        let units = units_of(a)?.divided(&units_of(b)?, rounding)?;
        Some(Vector::new(Data::Dec(units), marks, a.len()))
    }

    pub(super) fn negate(&mut self, of: &Vector) -> Vector {
        let marks = of.marks().needed();
        match of.data() {
            Data::Dec(units) => Vector::new(Data::Dec(units.negated()), marks, of.len()),
            _ => self.each_lane(&[of], of.len(), |values| match values {
                [Value::Int(n)] => n.checked_neg().map(Value::Int).ok_or(FAILED),
                [Value::Dec(d)] => Ok(Value::Dec(-*d)),
                _ => Err(FAILED),
            }),
        }
    }

    /// Whole numbers as decimals; a missing one stays missing.
    pub(super) fn as_decimals(&mut self, of: Vector) -> Vector {
        match of.data() {
            Data::Int(values) => Vector::new(Data::Dec(Units::small(values.clone(), 0)), of.marks().clone(), of.len()),
            Data::One(Value::Int(n)) => {
                Vector::one(Value::Dec(Decimal::from(*n)), of.len()).with_marks(of.marks().clone())
            }
            _ => of,
        }
    }

    /// A function of values, lane by lane, where all of them are there; the first that is not there stops it. It gives the
    /// same for the same values, and is asked once where lanes have the same.
    pub(super) fn each_lane(
        &mut self,
        of: &[&Vector],
        len: usize,
        mut function: impl FnMut(&[Value]) -> Result<Value, Mark>,
    ) -> Vector {
        let marks = of.iter().fold(Marks::Given, |marks, vector| marks.then(&vector.marks().needed()));
        let is_one = of.iter().all(|vector| matches!(vector.data(), Data::One(_)));
        if is_one && marks.is_given() {
            let values: Vec<Value> = of.iter().filter_map(|vector| vector.get(0, self.texts).ok()).collect();
            return match function(&values) {
                Ok(value) => Vector::one(value, len),
                Err(mark) => Vector::none(mark, len),
            };
        }
        let mut differing = of.iter().filter(|vector| !matches!(vector.data(), Data::One(_)));
        if let (Some(differing), None) = (differing.next(), differing.next())
            && let Some(Alike { values, places }) = Alike::of(differing)
        {
            let once = |vector: &&Vector| match vector.data() {
                Data::One(value) => Vector::one(value.clone(), values.len()),
                _ => values.clone(),
            };
            let once: Vec<Vector> = of.iter().map(once).collect();
            let made = self.each_lane(&once.iter().collect::<Vec<_>>(), values.len(), function).take(&places);
            let marks = marks.then(made.marks());
            return made.with_marks(marks);
        }
        let mut arguments = Vec::with_capacity(of.len());
        let mut results = Vec::with_capacity(len);
        for lane in 0..len {
            results.push(match marks.of(lane) {
                GIVEN => {
                    arguments.clear();
                    arguments.extend(of.iter().filter_map(|vector| vector.get(lane, self.texts).ok()));
                    function(&arguments)
                }
                mark => Err(mark),
            });
        }
        Vector::of_values(results, self.texts)
    }
}

fn decimals(op: ArithOp, a: &Vector, b: &Vector, marks: &Marks) -> Option<Vector> {
    let (x, y) = (units_of(a)?, units_of(b)?);
    let units = match op {
        ArithOp::Add => x.add(&y, false),
        ArithOp::Subtract => x.add(&y, true),
        ArithOp::Multiply => x.multiply(&y),
        ArithOp::Divide => None,
    }?;
    Some(Vector::new(Data::Dec(units), marks.clone(), a.len()))
}

/// The days between two dates, and the date some days away.
fn days(op: ArithOp, a: &Vector, b: &Vector, marks: &Marks) -> Option<Vector> {
    let len = a.len();
    let day = |value: &Value| match value {
        Value::Date(day) => Some(day_number(*day)),
        _ => None,
    };
    let between = |days: arrow_buffer::ScalarBuffer<i64>| Some(Vector::new(Data::Int(days), marks.clone(), len));
    match (op, a.data(), b.data()) {
        (ArithOp::Subtract, Data::Date(a), Data::Date(b)) => {
            between(a.iter().zip(b.iter()).map(|(a, b)| i64::from(*a) - i64::from(*b)).collect())
        }
        (ArithOp::Subtract, Data::Date(a), Data::One(b @ Value::Date(_))) => {
            let b = i64::from(day(b)?);
            between(a.iter().map(|a| i64::from(*a) - b).collect())
        }
        (ArithOp::Subtract, Data::One(a), Data::Date(b)) => {
            let a = i64::from(day(a)?);
            between(b.iter().map(|b| a - i64::from(*b)).collect())
        }
        (ArithOp::Add | ArithOp::Subtract, Data::Date(from), Data::One(Value::Int(by))) => {
            let by = if op == ArithOp::Add { Some(*by) } else { by.checked_neg() };
            Some(moved(from.iter().map(|from| (*from, by)), marks, len))
        }
        (ArithOp::Add | ArithOp::Subtract, Data::Date(from), Data::Int(by)) => {
            let by = by.iter().map(|by| if op == ArithOp::Add { Some(*by) } else { by.checked_neg() });
            Some(moved(from.iter().copied().zip(by), marks, len))
        }
        (ArithOp::Add | ArithOp::Subtract, Data::One(from), Data::Int(by)) => {
            let from = day(from)?;
            let by = by.iter().map(|by| if op == ArithOp::Add { Some(*by) } else { by.checked_neg() });
            Some(moved(by.map(|by| (from, by)), marks, len))
        }
        _ => None,
    }
}

/// Days moved by days; one that leaves the calendar fails.
fn moved(pairs: impl Iterator<Item = (i32, Option<i64>)>, marks: &Marks, len: usize) -> Vector {
    let first = i64::from(day_number(chrono::NaiveDate::MIN));
    let last = i64::from(day_number(chrono::NaiveDate::MAX));
    let mut outside: Vec<u32> = Vec::new();
    let days: Vec<i32> = (0u32..)
        .zip(pairs)
        .map(|(lane, (from, by))| {
            let day = by.and_then(|by| i64::from(from).checked_add(by)).filter(|day| (first..=last).contains(day));
            day.and_then(|day| i32::try_from(day).ok()).unwrap_or_else(|| {
                outside.push(lane);
                0
            })
        })
        .collect();
    let marks = if outside.is_empty() {
        marks.clone()
    } else {
        let mut own = marks.to_vec(len);
        for lane in outside {
            if let Some(mark) = own.get_mut(lane as usize).filter(|mark| **mark == GIVEN) {
                *mark = FAILED;
            }
        }
        Marks::each(own)
    };
    Vector::new(Data::Date(days.into()), marks, len)
}

/// Whole numbers; `None` where one is too large, so that each is looked at.
fn whole(op: ArithOp, a: &Vector, b: &Vector, marks: &Marks) -> Option<Vector> {
    let (x, y) = (ints(a.data())?, ints(b.data())?);
    let reach = match op {
        ArithOp::Add | ArithOp::Subtract => largest(&x).checked_add(largest(&y)),
        ArithOp::Multiply => largest(&x).checked_mul(largest(&y)),
        ArithOp::Divide => None,
    };
    let lanes = 0..a.len();
    let values: Vec<i64> = match (op, reach.is_some_and(|reach| i64::try_from(reach).is_ok())) {
        (ArithOp::Add, true) => x.zip_with(&y, lanes, |_, a, b| a.wrapping_add(b)),
        (ArithOp::Subtract, true) => x.zip_with(&y, lanes, |_, a, b| a.wrapping_sub(b)),
        (ArithOp::Multiply, true) => x.zip_with(&y, lanes, |_, a, b| a.wrapping_mul(b)),
        (ArithOp::Add, false) => x.zip_with::<_, _, Option<_>>(&y, lanes, |_, a, b| a.checked_add(b))?,
        (ArithOp::Subtract, false) => x.zip_with::<_, _, Option<_>>(&y, lanes, |_, a, b| a.checked_sub(b))?,
        (ArithOp::Multiply, false) => x.zip_with::<_, _, Option<_>>(&y, lanes, |_, a, b| a.checked_mul(b))?,
        (ArithOp::Divide, _) => return None,
    };
    Some(Vector::new(Data::Int(values.into()), marks.clone(), a.len()))
}

/// The largest size of a number.
fn largest(of: &Source<'_, i64>) -> u64 {
    match of {
        Source::One(one) => one.unsigned_abs(),
        Source::Each(values) => size(values),
    }
}
