//! What each function gives. The same code serves the evaluator and the sandbox.

use chrono::{Days, NaiveDate};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Builtin, Rounding, dates, discount, names};
use crate::lang::calendar::Calendar;
use crate::lang::value::Value;

/// Applies a function to values that are all there; the error is the reason in words.
pub(crate) fn apply(
    builtin: Builtin,
    arguments: &[Value],
    calendar: &Calendar,
    rounding: &Rounding,
) -> Result<Value, String> {
    use Value::{Date, Dec, Int, Text};
    let past = || "the day lies outside the calendar".to_owned();
    Ok(match (builtin, arguments) {
        (Builtin::IsGiven, [x]) => Value::Bool(x.is_given()),
        (Builtin::Min, all) => extreme(all, std::cmp::Ordering::Less)?,
        (Builtin::Max, all) => extreme(all, std::cmp::Ordering::Greater)?,
        (Builtin::Abs, [Int(n)]) => Int(n.checked_abs().ok_or("the result is too large to hold")?),
        (Builtin::Abs, [Dec(d)]) => Dec(d.abs()),
        (Builtin::Round | Builtin::Floor | Builtin::Ceil, [Int(n)]) => Int(*n),
        (Builtin::Round, [Dec(d)]) => Dec(rounding.mode.to_places(*d, 0)),
        (Builtin::Round, [x, Int(places)]) => {
            let places = u32::try_from(*places).ok().filter(|p| *p <= 28);
            let places = places.ok_or("the digits to round to must be from 0 to 28")?;
            match x {
                Int(n) => Int(*n),
                Dec(d) => Dec(rounding.mode.to_places(*d, places)),
                _ => return Err(unfit(builtin)),
            }
        }
        (Builtin::RoundMoney, [x]) => {
            let amount = decimal(x).ok_or_else(|| unfit(builtin))?;
            Dec(rounding.round(amount).ok_or("the result is too large to hold")?)
        }
        (Builtin::Convert, [x]) => Dec(decimal(x).ok_or_else(|| unfit(builtin))?),
        (Builtin::FxRate, [Text(_)]) => return Err("a script cannot read the rates of a book".to_owned()),
        (Builtin::Floor, [Dec(d)]) => Dec(d.floor()),
        (Builtin::Ceil, [Dec(d)]) => Dec(d.round_dp_with_strategy(0, RoundingStrategy::ToPositiveInfinity)),
        (Builtin::ToNumber, [x]) => Dec(decimal(x).ok_or_else(|| unfit(builtin))?),
        (Builtin::Whole, [x]) => {
            let floor = decimal(x).ok_or_else(|| unfit(builtin))?.floor();
            Int(i64::try_from(floor).map_err(|_| "the result is too large to hold")?)
        }
        (Builtin::Date, [Text(text)]) => Date(written_date(text).ok_or_else(|| format!("`{text}` is not a day"))?),
        (Builtin::AddDays, [Date(d), Int(n)]) => Date(add_days(*d, *n).ok_or_else(past)?),
        (Builtin::AddMonths, [Date(d), Int(n)]) => Date(dates::add_months(*d, *n).ok_or_else(past)?),
        (Builtin::EndOfMonth, [Date(d)]) => Date(dates::end_of_month(*d).ok_or_else(past)?),
        (Builtin::MonthsBetween, [Date(a), Date(b)]) => Int(dates::months_between(*a, *b).ok_or_else(past)?),
        (Builtin::DaysInYear, [Date(d)]) => Int(dates::days_in_year(*d)),
        (Builtin::Days360, [Date(a), Date(b)]) => Int(dates::days_360(*a, *b)),
        (Builtin::BusinessDaysBetween, [Date(a), Date(b)]) => Int(calendar.business_days_between(*a, *b)?),
        (Builtin::BusinessDayOnOrAfter, [Date(d)]) => Date(calendar.on_or_after(*d)?),
        (Builtin::BusinessDayOnOrBefore, [Date(d)]) => Date(calendar.on_or_before(*d)?),
        (Builtin::CalendarCovers, [Date(d)]) => Value::Bool(calendar.knows(*d)),
        (Builtin::YearlyCostOfDiscount, [share, Int(within), Int(net), Int(basis), Text(compounding)]) => {
            let share = decimal(share).ok_or_else(|| unfit(builtin))?;
            let compound = match compounding.as_ref() {
                "simple" => false,
                "compound" => true,
                other => return Err(format!("the compounding is `simple` or `compound`, not `{other}`")),
            };
            Dec(discount::yearly_cost(share, *within, *net, *basis, compound)?)
        }
        (Builtin::StartsWith, [Text(t), Text(start)]) => Value::Bool(t.starts_with(start.as_ref())),
        (Builtin::EndsWith, [Text(t), Text(end)]) => Value::Bool(t.ends_with(end.as_ref())),
        (Builtin::SameName, [Text(a), Text(b)]) => Value::Bool(names::same(a, b)),
        (Builtin::Contains, [Text(t), Text(part)]) => Value::Bool(t.contains(part.as_ref())),
        _ => return Err(unfit(builtin)),
    })
}

/// The day so many days later.
pub(crate) fn add_days(date: NaiveDate, days: i64) -> Option<NaiveDate> {
    let by = Days::new(days.unsigned_abs());
    if days < 0 { date.checked_sub_days(by) } else { date.checked_add_days(by) }
}

/// A day written `YYYY-MM-DD`.
pub(crate) fn written_date(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| if i == 4 || i == 7 { b == b'-' } else { b.is_ascii_digit() });
    if shape { NaiveDate::parse_from_str(text, "%Y-%m-%d").ok() } else { None }
}

/// Scripts outside the subset can hand over anything.
fn unfit(builtin: Builtin) -> String {
    format!("`{}` cannot take these values: {}", builtin.name(), builtin.signature())
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Int(n) => Some(Decimal::from(*n)),
        Value::Dec(d) => Some(*d),
        _ => None,
    }
}

fn extreme(all: &[Value], wanted: std::cmp::Ordering) -> Result<Value, String> {
    let mut all = all.iter();
    let mut best = all.next().ok_or("there is nothing to choose from")?;
    for value in all {
        let order = compare(value, best).ok_or("these values have no order among them")?;
        if order == wanted {
            best = value;
        }
    }
    Ok(best.clone())
}

/// The order of two values of one kind; none where they have no order.
pub(crate) fn compare(a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        _ => Some(decimal(a)?.cmp(&decimal(b)?)),
    }
}
