//! The rows of a dated series, read and checked: their dates rise, their rates say in which unit they are.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::diag::{Code, Diagnostic, Place};
use crate::plan::lower::{Lowerer, wrong};
use crate::policy::fields::Fields;
use crate::policy::tree::{Entry, Tree, TreeKind};
use crate::policy::{read, table};

/// A share as high as this is doubted without its `%`: `0.25` may be a quarter or a quarter of a percent.
const DOUBTED: Decimal = Decimal::from_parts(2, 0, 0, false, 1);

/// A rate and the day from which on it is in force.
pub(super) struct Dated {
    pub(super) from: NaiveDate,
    pub(super) rate: Decimal,
    pub(super) source: Option<String>,
    pub(super) place: Place,
}

/// A dated series; the rows oldest first.
pub(super) struct Series<'t> {
    pub(super) rows: Vec<Dated>,
    /// The last day for which it is known; without one the newest rate stays.
    pub(super) until: Option<NaiveDate>,
    pub(super) title: Option<&'t Tree>,
}

/// What a number without `%` means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Share,
    Percent,
    Number,
}

impl<'t> Series<'t> {
    /// Reads `{ series: …, title: …, unit: …, until: … }`, or the rows alone.
    pub(super) fn read(low: &mut Lowerer<'t>, entry: &'t Entry) -> Option<Self> {
        let sink = &mut low.sink;
        let (series, unit, until, title) = if let TreeKind::Map(_) = entry.value.kind {
            let mut fields = Fields::of(&entry.value, "a dated series", sink)?;
            let series = fields.need("series", sink);
            let unit = fields.take("unit", sink);
            let until = fields.take("until", sink);
            let title = fields.take("title", sink);
            fields.finish(sink);
            let until = match until {
                Some(tree) => Some((read::date(tree, sink)?, tree)),
                None => None,
            };
            (series?, unit, until, title)
        } else {
            (&entry.value, None, None, None)
        };
        let units = [("share", Unit::Share), ("percent", Unit::Percent), ("number", Unit::Number)];
        let unit = match unit {
            Some(tree) => read::one_of(tree, &units, sink)?,
            None => Unit::Share,
        };
        let written = table::rows_or_table(series, low.folder, sink)?;
        let before = sink.len();
        let rows: Vec<Dated> = written.iter().filter_map(|row| dated(row, unit, sink)).collect();
        if rows.is_empty() && sink.len() == before {
            let finding = wrong(series, Code::WrongShape, "a dated series without a row");
            sink.push(finding.help("write a row for each rate: `{ from: 2026-01-01, rate: 3.00%, source: … }`"));
        }
        one_way_of_writing(written, unit, sink);
        rising(&rows, sink);
        if let (Some((until, tree)), Some(last)) = (until, rows.last())
            && until < last.from
        {
            let message = format!("the series is known until {until}, and its last rate begins on {}", last.from);
            let finding = wrong(tree, Code::BadDate, message).also(last.place.clone(), "the last rate");
            sink.push(finding.help("`until` is the last day for which the series is known"));
        }
        (sink.len() == before).then_some(Self { rows, until: until.map(|(date, _)| date), title })
    }
}

fn dated(row: &Tree, unit: Unit, sink: &mut Vec<Diagnostic>) -> Option<Dated> {
    let mut fields = Fields::of(row, "a row of a dated series", sink)?;
    let from = fields.need("from", sink).and_then(|tree| read::date(tree, sink));
    let rate = fields.need("rate", sink).and_then(|tree| rate(tree, unit, sink));
    let source = fields.take("source", sink).and_then(|tree| read::text(tree, sink));
    fields.finish(sink);
    let source = source.map(|text| text.text.clone());
    Some(Dated { from: from?, rate: rate?, source, place: row.place.clone() })
}

/// `3.00%`, or `0.03`; under `unit: percent` also `3.00`.
fn rate(tree: &Tree, unit: Unit, sink: &mut Vec<Diagnostic>) -> Option<Decimal> {
    let rate = read::decimal(tree, sink)?;
    let written = tree.text().unwrap_or_default();
    if written.ends_with('%') {
        return Some(rate);
    }
    match unit {
        Unit::Number => Some(rate),
        Unit::Percent => rate.checked_div(Decimal::ONE_HUNDRED),
        Unit::Share if rate.abs() < DOUBTED => Some(rate),
        Unit::Share => {
            let percent = rate.checked_mul(Decimal::ONE_HUNDRED)?.normalize();
            let finding = wrong(tree, Code::OutOfBounds, format!("`{written}` without its `%` is {percent} %"));
            let help = format!(
                "write `{written}%`, or `{percent}%` if that is meant; a whole table of percents says `unit: percent`"
            );
            sink.push(finding.help(help));
            None
        }
    }
}

/// `3.00%` above `0.1` is one series written in two ways, of which one is mistaken.
fn one_way_of_writing(rows: &[Tree], unit: Unit, sink: &mut Vec<Diagnostic>) {
    let cells = || rows.iter().filter_map(|row| Some(&row.get("rate")?.value));
    let percent = |cell: &&Tree| cell.text().is_some_and(|text| text.ends_with('%'));
    let zero = |cell: &&Tree| cell.text().is_some_and(|text| text.chars().all(|c| matches!(c, '0' | '.' | '-')));
    let Some(first) = cells().find(percent).filter(|_| unit == Unit::Share) else { return };
    if let Some(bare) = cells().find(|cell| !percent(cell) && !zero(cell)) {
        let written = bare.text().unwrap_or_default();
        if read::parse_decimal(written).is_ok_and(|rate| rate.abs() < DOUBTED) {
            let finding =
                wrong(bare, Code::BadNumber, format!("`{written}` has no `%`, and other rates of the series have"));
            sink.push(
                finding.also(first.place.clone(), "with its `%`").help("write every rate of a series in one way"),
            );
        }
    }
}

fn rising(rows: &[Dated], sink: &mut Vec<Diagnostic>) {
    for (before, row) in rows.iter().zip(rows.iter().skip(1)) {
        if before.from < row.from {
            continue;
        }
        let (code, message, help) = if before.from == row.from {
            (Code::DuplicateId, format!("two rates begin on {}", row.from), "keep one of the two")
        } else {
            let message = format!("the rate of {} stands below that of {}", row.from, before.from);
            (Code::BadDate, message, "put the rows in the order of their dates, the oldest first")
        };
        let finding = Diagnostic::error(code, message, row.place.clone()).also(before.place.clone(), "the row before");
        sink.push(finding.help(help));
        return;
    }
}
