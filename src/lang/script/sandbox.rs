//! The one configuration of Rhai: what a script may say, and how much of it.

use std::any::TypeId;
use std::ops::{Range, RangeInclusive};

use chrono::{Datelike, NaiveDate};
use rhai::{Array, Dynamic, Engine, EvalAltResult, ImmutableString, NativeCallContext, OptimizationLevel};
use rust_decimal::Decimal;

use super::convert::{from_rhai, to_rhai};
use crate::lang::calendar::Calendar;
use crate::lang::eval::{arithmetic, compare};
use crate::lang::expr::{ArithOp, CompareOp};
use crate::lang::functions::{Builtin, Rounding, apply};
use crate::lang::value::Value;

const MAX_OPERATIONS: u64 = 200_000;
const MAX_CALLS: usize = 16;
const MAX_NESTING: usize = 48;
const MAX_TEXT: usize = 10_000;
const MAX_LIST: usize = 1_000;

type Raised<T> = Result<T, Box<EvalAltResult>>;

/// The engine that compiles and runs scripts; the same in every build.
pub(super) fn engine(calendar: &Calendar, rounding: Rounding) -> Engine {
    let mut engine = Engine::new_raw();
    engine.set_optimization_level(OptimizationLevel::None);
    engine.set_fast_operators(false);
    engine.set_strict_variables(true);
    engine.set_fail_on_invalid_map_property(true);
    engine.set_allow_anonymous_fn(false);
    engine.set_max_operations(MAX_OPERATIONS);
    engine.set_max_call_levels(MAX_CALLS);
    engine.set_max_expr_depths(MAX_NESTING, MAX_NESTING);
    engine.set_max_string_size(MAX_TEXT);
    engine.set_max_array_size(MAX_LIST);
    engine.set_max_map_size(1);
    engine.set_max_variables(200);
    engine.set_max_functions(200);
    for symbol in
        ["#{", "eval", "print", "debug", "Fn", "call", "curry", "is_def_fn", "is_def_var", "try", "this", "%", "**"]
    {
        engine.disable_symbol(symbol);
    }
    vocabulary(&mut engine, calendar, rounding);
    strict_operators(&mut engine);
    lists(&mut engine);
    engine
}

/// Teaches an engine our functions, and dates with all their operators.
pub fn vocabulary(engine: &mut Engine, calendar: &Calendar, rounding: Rounding) {
    for builtin in Builtin::ALL.iter().copied() {
        for count in builtin.arity() {
            let calendar = calendar.clone();
            let of = match builtin {
                // Leaves `contains` on lists, which is what `in` calls, to whoever registers lists.
                Builtin::Contains => TypeId::of::<ImmutableString>(),
                _ => TypeId::of::<Dynamic>(),
            };
            engine.register_raw_fn(
                builtin.name(),
                vec![of; count],
                move |_: NativeCallContext<'_>, held: &mut [&mut Dynamic]| {
                    let values: Vec<Value> = held.iter().map(|d| known(d)).collect::<Raised<_>>()?;
                    if builtin != Builtin::IsGiven && values.iter().any(|v| !v.is_given()) {
                        return Err(raised(format!("`{}` was given a missing value", builtin.name())));
                    }
                    apply(builtin, &values, &calendar, &rounding).map(|value| to_rhai(&value)).map_err(raised)
                },
            );
        }
    }
    engine.register_type_with_name::<NaiveDate>("date");
    engine.register_get("year", |date: &mut NaiveDate| i64::from(date.year()));
    engine.register_get("month", |date: &mut NaiveDate| i64::from(date.month()));
    engine.register_get("day", |date: &mut NaiveDate| i64::from(date.day()));
    let date = TypeId::of::<NaiveDate>();
    let whole = TypeId::of::<i64>();
    for (symbol, op) in COMPARISONS {
        engine.register_raw_fn(symbol, [date, date], move |_: NativeCallContext<'_>, held: &mut [&mut Dynamic]| {
            compared(op, held)
        });
    }
    for (symbol, op, other) in
        [("+", ArithOp::Add, whole), ("-", ArithOp::Subtract, whole), ("-", ArithOp::Subtract, date)]
    {
        engine.register_raw_fn(symbol, [date, other], move |_: NativeCallContext<'_>, held: &mut [&mut Dynamic]| {
            computed(op, held)
        });
    }
}

const COMPARISONS: [(&str, CompareOp); 6] = [
    ("==", CompareOp::Equal),
    ("!=", CompareOp::NotEqual),
    ("<", CompareOp::Less),
    ("<=", CompareOp::LessOrEqual),
    (">", CompareOp::Greater),
    (">=", CompareOp::GreaterOrEqual),
];

/// Operators that fail where Rhai's own would be silent: kinds mixed, missing values compared, remainders dropped.
fn strict_operators(engine: &mut Engine) {
    let any = TypeId::of::<Dynamic>();
    let arith = [("+", ArithOp::Add), ("-", ArithOp::Subtract), ("*", ArithOp::Multiply), ("/", ArithOp::Divide)];
    for (symbol, op) in arith {
        engine.register_raw_fn(symbol, [any, any], move |_: NativeCallContext<'_>, held: &mut [&mut Dynamic]| {
            computed(op, held)
        });
    }
    let assigning =
        [("+=", ArithOp::Add), ("-=", ArithOp::Subtract), ("*=", ArithOp::Multiply), ("/=", ArithOp::Divide)];
    for (assign, op) in assigning {
        engine.register_raw_fn(assign, [any, any], move |_: NativeCallContext<'_>, held: &mut [&mut Dynamic]| {
            let result = computed(op, held)?;
            if let Some(target) = held.first_mut() {
                **target = result;
            }
            Ok(Dynamic::UNIT)
        });
    }
    for (symbol, op) in COMPARISONS {
        engine.register_raw_fn(symbol, [any, any], move |_: NativeCallContext<'_>, held: &mut [&mut Dynamic]| {
            compared(op, held)
        });
    }
    engine.register_fn("!", |b: bool| !b);
    engine.register_fn("-", |n: i64| n.checked_neg().ok_or_else(|| raised("the result is too large to hold")));
    engine.register_fn("-", |d: Decimal| -d);
}

fn lists(engine: &mut Engine) {
    engine.register_iterator::<Array>();
    engine.register_iterator::<Range<i64>>();
    engine.register_iterator::<RangeInclusive<i64>>();
    engine.register_fn("len", |list: &mut Array| i64::try_from(list.len()).unwrap_or(i64::MAX));
    engine.register_fn("push", |list: &mut Array, item: Dynamic| {
        if list.len() >= MAX_LIST {
            return Err(raised(format!("a list holds at most {MAX_LIST} values")));
        }
        list.push(item);
        Ok(())
    });
    engine.register_fn("contains", |list: &mut Array, item: Dynamic| -> Raised<bool> {
        let item = known(&item)?;
        for held in list.iter() {
            let held = known(held)?;
            if same_kind(&held, &item) && held == item {
                return Ok(true);
            }
        }
        Ok(false)
    });
}

fn compared(op: CompareOp, held: &mut [&mut Dynamic]) -> Raised<Dynamic> {
    let (a, b) = pair(held)?;
    if !same_kind(&a, &b) {
        return Err(raised("two values of different kinds are compared"));
    }
    compare(op, &a, &b).map(Dynamic::from_bool).ok_or_else(|| raised("these values have no order among them"))
}

fn computed(op: ArithOp, held: &mut [&mut Dynamic]) -> Raised<Dynamic> {
    let (a, b) = pair(held)?;
    let (a, b) = match (a, b) {
        (Value::Int(_), Value::Int(_)) if op == ArithOp::Divide => {
            return Err(raised("a whole number divided by a whole number would drop its remainder"));
        }
        (Value::Int(a), b @ Value::Dec(_)) => (Value::Dec(Decimal::from(a)), b),
        (a @ Value::Dec(_), Value::Int(b)) => (a, Value::Dec(Decimal::from(b))),
        pair => pair,
    };
    arithmetic(op, &a, &b).map(|value| to_rhai(&value)).map_err(raised)
}

fn pair(held: &mut [&mut Dynamic]) -> Raised<(Value, Value)> {
    match held {
        [a, b] => Ok((known(a)?, known(b)?)),
        _ => Err(raised("an operator needs two values")),
    }
}

fn known(held: &Dynamic) -> Raised<Value> {
    from_rhai(held).ok_or_else(|| raised("a value of a kind that a policy does not know"))
}

fn same_kind(a: &Value, b: &Value) -> bool {
    let number = |v: &Value| matches!(v, Value::Int(_) | Value::Dec(_));
    std::mem::discriminant(a) == std::mem::discriminant(b) || number(a) && number(b)
}

fn raised(reason: impl Into<String>) -> Box<EvalAltResult> {
    EvalAltResult::ErrorRuntime(Dynamic::from(reason.into()), rhai::Position::NONE).into()
}
