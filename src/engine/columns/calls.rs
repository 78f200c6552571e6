//! Built-in functions and scripts on whole vectors.

use std::collections::HashMap;

use arrow_buffer::ScalarBuffer;

use super::expr::{Scope, stopping};
use super::frames::Days;
use super::marks::{FAILED, GIVEN, Marks};
use super::nodes::Evaluation;
use super::source::units_of;
use super::units::Units;
use super::vector::{Data, Vector};
use crate::lang::expr::ArithOp;
use crate::lang::functions::{Builtin, Rounding, apply};
use crate::lang::script::Script;
use crate::lang::{Value, day_number, day_of};

impl Evaluation<'_, '_> {
    pub(super) fn call(&mut self, scope: &Scope, builtin: Builtin, arguments: &[Vector]) -> Vector {
        if let Some(done) = self.in_columns(builtin, arguments) {
            return done;
        }
        if builtin == Builtin::FxRate {
            return self.fx_rate(scope, arguments);
        }
        let (calendar, rounding) = (&self.plan.calendar, self.plan.money.rounding);
        let all: Vec<&Vector> = arguments.iter().collect();
        self.each_lane(&all, scope.len, |values| apply(builtin, values, calendar, &rounding).map_err(|_| FAILED))
    }

    /// The functions that have a form for whole columns, where their arguments are in it.
    fn in_columns(&mut self, builtin: Builtin, arguments: &[Vector]) -> Option<Vector> {
        let marks = arguments.iter().fold(Marks::Given, |marks, vector| marks.then(&vector.marks().needed()));
        if arguments.iter().all(|vector| matches!(vector.data(), Data::One(_))) {
            return None;
        }
        let rounding = self.plan.money.rounding;
        let of_units = |units: Option<Units>, len| Some(Vector::new(Data::Dec(units?), marks.clone(), len));
        match (builtin, arguments) {
            (Builtin::Min | Builtin::Max, [first, rest @ ..]) => {
                let greatest = builtin == Builtin::Max;
                let best = rest.iter().try_fold(first.clone(), |best, next| extreme(&best, next, greatest))?;
                Some(best.with_marks(marks))
            }
            (Builtin::Abs, [x]) => of_units(Some(units_of(x)?.absolute()), x.len()),
            (Builtin::RoundMoney, [x]) => of_units(units_of(x)?.round(rounding), x.len()),
            (Builtin::Round, [x, places]) => {
                let Data::One(Value::Int(places)) = places.data() else { return None };
                let unit = rust_decimal::Decimal::new(1, u32::try_from(*places).ok().filter(|p| *p <= 28)?);
                of_units(units_of(x)?.round(Rounding { unit, mode: rounding.mode }), x.len())
            }
            (Builtin::Convert | Builtin::ToNumber, [x]) => match x.data() {
                Data::Int(_) | Data::Dec(_) => Some(self.as_decimals(x.clone()).with_marks(marks)),
                _ => None,
            },
            (Builtin::AddDays, [date, days]) => Some(self.arith(ArithOp::Add, date, days)),
            _ => None,
        }
    }

    /// The rate of each lane's day; what is the same is looked up once.
    fn fx_rate(&mut self, scope: &Scope, arguments: &[Vector]) -> Vector {
        let Some(currency) = arguments.first() else { return Vector::none(FAILED, scope.len) };
        let days = match self.frames.days(scope.frame) {
            Days::One(day) => Vector::one(day_of(day).map_or(Value::Missing, Value::Date), scope.len),
            Days::Each(days) => Vector::new(Data::Date(ScalarBuffer::from(days.to_vec())), Marks::Given, scope.len),
        };
        let (plan, book) = (self.plan, self.book);
        let mut known: HashMap<(std::sync::Arc<str>, i32), Result<Value, u8>> = HashMap::new();
        self.each_lane(&[currency, &days], scope.len, |values| {
            let [Value::Text(currency), Value::Date(day)] = values else { return Err(FAILED) };
            if currency.is_empty() || **currency == *plan.money.currency {
                return Ok(Value::Dec(rust_decimal::Decimal::ONE));
            }
            let rate = || book.fx_rate(&plan.schema, currency, *day).map(Value::Dec).map_err(|_| FAILED);
            known.entry((std::sync::Arc::clone(currency), day_number(*day))).or_insert_with(rate).clone()
        })
    }

    /// A function outside the subset: called for the lanes that reach it, once for equal arguments.
    pub(super) fn script(&mut self, scope: &Scope, script: &Script, arguments: &[Vector]) -> Vector {
        let marks = stopping(arguments);
        let mut known: HashMap<String, Result<Value, u8>> = HashMap::new();
        let mut results = Vec::with_capacity(scope.len);
        for lane in 0..scope.len {
            let mark = marks.of(lane);
            if mark != GIVEN {
                results.push(Err(mark));
                continue;
            }
            let values: Vec<Value> =
                arguments.iter().map(|argument| argument.get(lane, self.texts).unwrap_or(Value::Missing)).collect();
            let call = || script.call(&values).map_err(|_| FAILED);
            results.push(known.entry(format!("{values:?}")).or_insert_with(call).clone());
        }
        Vector::of_values(results, self.texts)
    }
}

/// The lesser or the greater of two, their marks left aside.
fn extreme(a: &Vector, b: &Vector, greatest: bool) -> Option<Vector> {
    let of = |data| Some(Vector::new(data, Marks::Given, a.len()));
    let whole = |a: i64, b: i64| if greatest { a.max(b) } else { a.min(b) };
    match (a.data(), b.data()) {
        (Data::Int(x), Data::Int(y)) => of(Data::Int(x.iter().zip(y.iter()).map(|(x, y)| whole(*x, *y)).collect())),
        (Data::Int(x), Data::One(Value::Int(y))) | (Data::One(Value::Int(y)), Data::Int(x)) => {
            of(Data::Int(x.iter().map(|x| whole(*x, *y)).collect()))
        }
        (Data::Date(x), Data::Date(y)) => {
            let day = |x: i32, y: i32| if greatest { x.max(y) } else { x.min(y) };
            of(Data::Date(x.iter().zip(y.iter()).map(|(x, y)| day(*x, *y)).collect()))
        }
        (Data::Date(x), Data::One(Value::Date(y))) | (Data::One(Value::Date(y)), Data::Date(x)) => {
            let y = day_number(*y);
            let day = |x: i32| if greatest { x.max(y) } else { x.min(y) };
            of(Data::Date(x.iter().map(|x| day(*x)).collect()))
        }
        (Data::One(x), Data::One(y)) => {
            let order = crate::lang::functions::compare(y, x)?;
            let other = if greatest { order.is_gt() } else { order.is_lt() };
            of(Data::One(if other { y.clone() } else { x.clone() }))
        }
        _ => of(Data::Dec(units_of(a)?.extreme(&units_of(b)?, greatest)?)),
    }
}
