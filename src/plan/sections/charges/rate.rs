//! The rate of a charge as it is written: of a day, a month or a year, how its time is counted, on which day it is read.

use rust_decimal::Decimal;

use super::super::bands;
use super::ITEM;
use super::day_count::{DayCount, MONTHLY, YEARLY};
use super::fixed_on::FixedOn;
use super::written::{Charge, RoundAt};
use crate::diag::{Code, Diagnostic, Place};
use crate::lang::expr::ArithOp;
use crate::lang::{Base, Expr, Kind, Type, Value};
use crate::plan::lower::{Lowerer, wrong};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Tree, TreeKind};

/// A rate.
pub(super) struct Rate<'t> {
    /// By the number of the day; one without a cell stands for every day.
    pub(super) rows: Vec<(Option<&'t Tree>, Expr, &'t Tree)>,
    /// The last days of bands, where each band applies to its own days.
    pub(super) edges: Vec<i64>,
    pub(super) to_whole_period: bool,
    pub(super) count: DayCount,
    pub(super) fixed: Option<FixedOn<'t>>,
    pub(super) place: &'t Place,
}

/// The rate's key and value, what it is of, and from which share on it needs its `%`.
struct Of<'t> {
    value: &'t Tree,
    time: &'static str,
    doubted: Decimal,
    counts: &'static [(&'static str, DayCount)],
}

impl<'t> Rate<'t> {
    pub(super) fn read(low: &mut Lowerer<'t>, charge: &Charge<'t>, tree: &'t Tree) -> Option<Self> {
        let sink = &mut low.sink;
        if let Some(written) = tree.text() {
            let message = "a rate says of which time it is: of a day, a month or a year";
            let help = format!("write `{{ daily: {written} }}`, or `{{ yearly: {written}, day_count: actual/365 }}`");
            sink.push(wrong(tree, Code::WrongShape, message).help(help));
            return None;
        }
        let mut fields = Fields::of(tree, "a rate", sink)?;
        let daily = fields.take("daily", sink);
        let monthly = fields.take("monthly", sink);
        let yearly = fields.take("yearly", sink);
        let day_count = fields.take("day_count", sink);
        let apply = fields.take("bands_apply", sink);
        let fixed = fields.take("fixed", sink);
        fields.finish(sink);
        let of = match (daily, monthly, yearly) {
            (Some(value), None, None) => Of { value, time: "day", doubted: Decimal::new(1, 2), counts: &[] },
            (None, Some(value), None) => Of { value, time: "month", doubted: Decimal::new(2, 1), counts: &MONTHLY },
            (None, None, Some(value)) => Of { value, time: "year", doubted: Decimal::ONE, counts: &YEARLY },
            _ => {
                let message = "a rate is one of `daily:`, `monthly:` or `yearly:`";
                sink.push(wrong(tree, Code::MissingKey, message).help("as in `{ daily: 0.05% }`"));
                return None;
            }
        };
        let count = counted(tree, &of, day_count, sink)?;
        if charge.round == RoundAt::EachDay && !count.has_days() {
            let message = "a charge by the month has no day to round";
            sink.push(wrong(tree, Code::UnknownValue, message).help("write `round: total`, or `day_count: actual/30`"));
            return None;
        }
        let written = bands_of(of.value, sink)?;
        let to_whole_period = bands_apply(of.value, apply, !matches!(of.value.kind, TreeKind::List(_)), sink)?;
        let fixed = match fixed {
            Some(tree) => Some(FixedOn::read(low, tree)?),
            None => None,
        };
        let mut rows = Vec::new();
        for (cell, is) in written {
            percent_sign(low, is, of.doubted, of.time);
            let expr = low.expr(is, ITEM, Some(Type::of(Base::Number)))?.expr;
            points_without_percent(low, is, &expr);
            if fixed.is_none() && low.reads_dated(&expr) {
                let message = "the rate changes with time, and the charge does not say on which day it is read";
                let help = "add `fixed: at_due`, `fixed: at_start`, `fixed: floating`, or a date such as `fixed: invoice.issue_date`";
                low.report(wrong(is, Code::MissingKey, message).help(help));
                return None;
            }
            rows.push((cell, expr, is));
        }
        let mut rate = Self { rows, edges: Vec::new(), to_whole_period, count, fixed, place: &charge.tree.place };
        rate.find_edges(low)?;
        Some(rate)
    }

    /// Reads the cells against a day's number, to see that they cover every day once and where they end.
    fn find_edges(&mut self, low: &mut Lowerer<'t>) -> Option<()> {
        let day = Expr { kind: Kind::Lit(Value::Int(1)), ty: Type::of(Base::Days), span: self.place.span };
        let mut cells = Vec::new();
        for (cell, ..) in &self.rows {
            let Some(cell) = cell else { continue };
            cells.push((low.cell(cell, &day, ITEM)?.expr, cell.place.clone()));
        }
        if cells.is_empty() {
            return Some(());
        }
        let Some(edges) = bands::edges_of_days(low, &cells, self.place) else {
            let finding = Diagnostic::error(Code::Gap, "bands of days need constant bounds", self.place.clone());
            low.report(finding.help("write them as in `\"[1..30]\"` and `\"> 30\"`"));
            return None;
        };
        if !self.to_whole_period {
            self.edges = edges;
        }
        Some(())
    }

    /// What must not change within a piece.
    pub(super) fn steady(&self, low: &mut Lowerer<'t>) -> Option<Vec<Expr>> {
        let mut steady = Vec::new();
        if let Some(FixedOn::Floating) = self.fixed {
            let moving = self.rows.iter().map(|(_, expr, _)| expr).filter(|expr| !matches!(expr.kind, Kind::Lit(_)));
            steady.extend(moving.cloned());
        }
        if self.count == DayCount::ActualActual {
            steady.push(low.text("as_of.year", self.place, ITEM, None)?.expr);
        }
        Some(steady)
    }
}

/// How the time is counted.
fn counted(tree: &Tree, of: &Of<'_>, day_count: Option<&Tree>, sink: &mut Vec<Diagnostic>) -> Option<DayCount> {
    match (of.counts, day_count) {
        ([], None) => Some(DayCount::Days),
        ([], Some(tree)) => {
            sink.push(
                wrong(tree, Code::UnknownKey, "`day_count` goes with a yearly or monthly rate")
                    .help("take it out, or write `yearly:` for `daily:`"),
            );
            None
        }
        (counts, Some(tree)) => read::one_of(tree, counts, sink),
        (counts, None) => {
            let first = counts.first().map_or("", |(name, _)| name);
            let others: Vec<String> = counts.iter().skip(1).map(|(name, _)| format!("`{name}`")).collect();
            let message = format!("a {}ly rate needs `day_count:`", of.time);
            let help = format!("add `day_count: {first}`, or {}", others.join(", "));
            sink.push(wrong(tree, Code::MissingKey, message).help(help));
            None
        }
    }
}

type Band<'t> = (Option<&'t Tree>, &'t Tree);

fn bands_of<'t>(value: &'t Tree, sink: &mut Vec<Diagnostic>) -> Option<Vec<Band<'t>>> {
    let TreeKind::List(list) = &value.kind else { return Some(vec![(None, value)]) };
    let mut rows = Vec::new();
    for band in list {
        let mut fields = Fields::of(band, "a band", sink)?;
        let days = fields.need("days", sink)?;
        let is = fields.need("is", sink)?;
        fields.finish(sink);
        rows.push((Some(days), is));
    }
    Some(rows)
}

/// Whether the band of the last day is the band of all.
fn bands_apply(value: &Tree, apply: Option<&Tree>, flat: bool, sink: &mut Vec<Diagnostic>) -> Option<bool> {
    match (apply, flat) {
        (Some(tree), false) => read::one_of(tree, &[("to_their_days", false), ("to_the_whole_period", true)], sink),
        (None, true) => Some(false),
        (None, false) => {
            let help = "add `bands_apply: to_their_days`, or `to_the_whole_period`";
            sink.push(wrong(value, Code::MissingKey, "the bands do not say which days they apply to").help(help));
            None
        }
        (Some(tree), true) => {
            sink.push(
                wrong(tree, Code::UnknownKey, "`bands_apply` goes with bands")
                    .help("take it out, or write a list of bands: `[ { days: \"[1..30]\", is: 0.05% }, … ]`"),
            );
            None
        }
    }
}

/// A rate as high as this needs its `%`: `0.04` a day is hardly meant.
fn percent_sign(low: &mut Lowerer<'_>, tree: &Tree, most: Decimal, of: &str) {
    let Some(text) = tree.text().filter(|text| !text.ends_with('%')) else { return };
    let Some(rate) = read::parse_decimal(text).ok().filter(|rate| *rate >= most) else { return };
    let Some(percent) = rate.checked_mul(Decimal::ONE_HUNDRED).map(|p| p.normalize()) else { return };
    let finding = wrong(tree, Code::OutOfBounds, format!("`{text}` is {percent} % a {of}"));
    low.report(finding.help(format!("write `{text}%`, or `{percent}%` if that is meant")));
}

/// `reference.LPR_1Y + 8` adds 800 points in a hundred.
fn points_without_percent(low: &mut Lowerer<'_>, tree: &Tree, expr: &Expr) {
    let Kind::Arith(ArithOp::Add | ArithOp::Subtract, a, b) = &expr.kind else { return };
    for side in [a, b] {
        let points = match &side.kind {
            Kind::Lit(Value::Dec(points)) => *points,
            Kind::ToDecimal(inner) => match inner.kind {
                Kind::Lit(Value::Int(points)) => Decimal::from(points),
                _ => continue,
            },
            _ => continue,
        };
        if points >= Decimal::ONE {
            let percent = (points * Decimal::ONE_HUNDRED).normalize();
            let meant = points.checked_div(Decimal::ONE_HUNDRED).unwrap_or_default().normalize();
            let finding = wrong(tree, Code::OutOfBounds, format!("`{points}` added to a rate is {percent} %"));
            low.report(
                finding.help(format!("write `{meant}` for {points} points: inside an expression there is no `%`")),
            );
            return;
        }
        points_without_percent(low, tree, side);
    }
}
