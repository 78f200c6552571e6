//! Whether bins, bands and windows with constant bounds overlap, or leave a gap.

use std::cmp::Ordering;

use rust_decimal::Decimal;

use crate::diag::{Code, Diagnostic, Place};
use crate::lang::expr::CompareOp;
use crate::lang::{Expr, Kind, Value};
use crate::plan::lower::Lowerer;

/// One end: a value, and whether it belongs.
type End = Option<(Decimal, bool)>;

/// The values between two ends; an end that is not there is open to infinity.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Interval {
    low: End,
    high: End,
}

/// Reports bands that share a value and, where every value must be covered, values that none covers. Bands whose
/// bounds are not constant are left to the run.
pub(super) fn check(low: &mut Lowerer<'_>, bands: &[(Expr, Place)], what: &str, total: Option<&Place>) {
    let mut known: Vec<(Interval, &Place)> = Vec::new();
    for (expr, place) in bands {
        let Some(intervals) = intervals(expr) else { return };
        for interval in intervals {
            if let Some((other, first)) = known.iter().find(|(other, _)| intersects(other, &interval)) {
                let shared = example(other, &interval);
                low.report(
                    Diagnostic::error(Code::Overlap, format!("two {what} cover {shared}"), place.clone())
                        .also((*first).clone(), "covered here already")
                        .help("let one end where the other begins: `[a..b)` leaves `b` out, `(a..b]` leaves `a` out"),
                );
            }
            known.push((interval, place));
        }
    }
    if let Some(place) = total {
        known.sort_by(|(a, _), (b, _)| order_low(a, b));
        let step = if bands.iter().any(|(expr, _)| of_whole(expr)) { Decimal::ONE } else { Decimal::ZERO };
        let gaps = gaps(&known.iter().map(|(i, _)| *i).collect::<Vec<_>>(), step);
        if !gaps.is_empty() {
            low.report(
                Diagnostic::error(Code::Gap, format!("no {what} cover {}", gaps.join(" or ")), place.clone())
                    .help("widen a neighbour, or add one for it"),
            );
        }
    }
}

/// The values for which a cell holds; `None` when its bounds are not constant, an empty list when it asks for a missing value.
fn intervals(expr: &Expr) -> Option<Vec<Interval>> {
    let all = Interval { low: None, high: None };
    match &expr.kind {
        Kind::And(a, b) => {
            let (a, b) = (intervals(a)?, intervals(b)?);
            Some(a.iter().flat_map(|x| b.iter().filter_map(|y| both(x, y))).collect())
        }
        Kind::Or(a, b) => Some([intervals(a)?, intervals(b)?].concat()),
        Kind::IsGiven(_) => Some(vec![all]),
        Kind::Not(inner) if matches!(inner.kind, Kind::IsGiven(_)) => Some(Vec::new()),
        Kind::Lit(Value::Bool(true)) => Some(vec![all]),
        Kind::Compare(op, value, bound) => {
            let at = constant(bound)?;
            let whole = value.ty.base.is_whole();
            let one = Decimal::ONE;
            Some(vec![match op {
                CompareOp::Equal => Interval { low: Some((at, true)), high: Some((at, true)) },
                CompareOp::Less if whole => Interval { low: None, high: Some((at - one, true)) },
                CompareOp::Less => Interval { low: None, high: Some((at, false)) },
                CompareOp::LessOrEqual => Interval { low: None, high: Some((at, true)) },
                CompareOp::Greater if whole => Interval { low: Some((at + one, true)), high: None },
                CompareOp::Greater => Interval { low: Some((at, false)), high: None },
                CompareOp::GreaterOrEqual => Interval { low: Some((at, true)), high: None },
                CompareOp::NotEqual => return None,
            }])
        }
        _ => None,
    }
}

pub(super) fn constant(expr: &Expr) -> Option<Decimal> {
    match &expr.kind {
        Kind::Lit(Value::Dec(d)) => Some(*d),
        Kind::Lit(Value::Int(n)) => Some(Decimal::from(*n)),
        Kind::ToDecimal(inner) => constant(inner),
        Kind::Negate(inner) => constant(inner).map(|d| -d),
        _ => None,
    }
}

fn order_low(a: &Interval, b: &Interval) -> Ordering {
    match (a.low, b.low) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some((x, closed_x)), Some((y, closed_y))) => x.cmp(&y).then(closed_y.cmp(&closed_x)),
    }
}

fn order_high(a: &Interval, b: &Interval) -> Ordering {
    match (a.high, b.high) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some((x, closed_x)), Some((y, closed_y))) => x.cmp(&y).then(closed_x.cmp(&closed_y)),
    }
}

fn both(a: &Interval, b: &Interval) -> Option<Interval> {
    let low = if order_low(a, b) == Ordering::Less { b.low } else { a.low };
    let high = if order_high(a, b) == Ordering::Less { a.high } else { b.high };
    let found = Interval { low, high };
    (!is_empty(&found)).then_some(found)
}

fn intersects(a: &Interval, b: &Interval) -> bool {
    both(a, b).is_some()
}

fn is_empty(interval: &Interval) -> bool {
    match (interval.low, interval.high) {
        (Some((low, low_in)), Some((high, high_in))) => low > high || low == high && !(low_in && high_in),
        _ => false,
    }
}

/// A value both cover, in words.
fn example(a: &Interval, b: &Interval) -> String {
    match both(a, b) {
        Some(Interval { low: Some((low, true)), .. }) => format!("{}", low.normalize()),
        Some(Interval { high: Some((high, true)), .. }) => format!("{}", high.normalize()),
        Some(Interval { low: Some((low, false)), .. }) => format!("values just above {}", low.normalize()),
        Some(Interval { high: Some((high, false)), .. }) => format!("values just below {}", high.normalize()),
        _ => "the same values".into(),
    }
}

/// Whether a cell asks a whole number.
fn of_whole(expr: &Expr) -> bool {
    match &expr.kind {
        Kind::Compare(_, value, _) => value.ty.base.is_whole(),
        Kind::And(a, b) | Kind::Or(a, b) => of_whole(a) || of_whole(b),
        _ => false,
    }
}

/// The values that sorted intervals leave out, in words; neighbours may lie a `step` apart.
fn gaps(sorted: &[Interval], step: Decimal) -> Vec<String> {
    let mut gaps = Vec::new();
    let Some(first) = sorted.first() else { return gaps };
    if let Some((low, closed)) = first.low {
        gaps.push(if closed { format!("values below {}", low.normalize()) } else { up_to("below", low) });
    }
    let mut reach = first.high;
    for next in sorted.iter().skip(1) {
        let (Some((end, end_in)), Some((start, start_in))) = (reach, next.low) else { break };
        if start == end && !end_in && !start_in {
            gaps.push(end.normalize().to_string());
        } else if start > end + step {
            gaps.push(between(end, start, step));
        }
        if order_high(&Interval { low: None, high: reach }, next) == Ordering::Less {
            reach = next.high;
        }
    }
    if let Some((end, closed)) = reach
        && sorted.iter().all(|interval| interval.high.is_some())
    {
        gaps.push(if closed { format!("values above {}", end.normalize()) } else { up_to("above", end) });
    }
    gaps
}

/// `5 and values above it`
fn up_to(side: &str, edge: Decimal) -> String {
    format!("{} and values {side} it", edge.normalize())
}

/// The values between two neighbours; a whole number alone by itself.
fn between(end: Decimal, start: Decimal, step: Decimal) -> String {
    if step == Decimal::ONE && start == end + step + step {
        return (end + step).normalize().to_string();
    }
    format!("values between {} and {}", end.normalize(), start.normalize())
}

/// The last days of bands that cover every day from 1 once; `None` when their bounds are not constant.
pub(super) fn edges_of_days(low: &mut Lowerer<'_>, bands: &[(Expr, Place)], place: &Place) -> Option<Vec<i64>> {
    let mut known: Vec<(Interval, &Place)> = Vec::new();
    for (expr, place) in bands {
        known.extend(intervals(expr)?.into_iter().map(|interval| (interval, place)));
    }
    known.sort_by(|(a, _), (b, _)| order_low(a, b));
    let mut next = Decimal::ONE;
    let mut edges = Vec::new();
    for (number, (interval, at)) in known.iter().enumerate() {
        let first = interval.low.map_or(Decimal::ONE, |(low, _)| low.max(Decimal::ONE));
        if first != next {
            let (code, message) = if first > next {
                (Code::Gap, format!("no band covers day {next}"))
            } else {
                (Code::Overlap, format!("two bands cover day {first}"))
            };
            low.report(
                Diagnostic::error(code, message, (*at).clone())
                    .help("let each band begin on the day after the one before ends"),
            );
            return Some(Vec::new());
        }
        match interval.high {
            Some((last, _)) => {
                edges.extend(i64::try_from(last));
                next = last + Decimal::ONE;
                if number + 1 == known.len() {
                    let message = format!("no band covers day {next}");
                    low.report(
                        Diagnostic::error(Code::Gap, message, place.clone())
                            .help("let the last band be open: `\"> 30\"`"),
                    );
                }
            }
            None if number + 1 < known.len() => {
                let message = "a band begins after one that never ends";
                low.report(Diagnostic::error(Code::Overlap, message, (*at).clone()));
                return Some(Vec::new());
            }
            None => {}
        }
    }
    Some(edges)
}
