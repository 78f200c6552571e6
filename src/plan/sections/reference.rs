//! `reference:` dated series, rates that somebody else sets, as data.
//!
//! ```yaml
//! reference:
//!   LPR_1Y: { series: rates/lpr_1y.csv, until: 2026-06-19 }
//!   HOUSE:  [ { from: 2026-01-01, rate: 4.00%, source: board minutes of 2025-12-12 } ]
//! ```
//!
//! A series is a decision table over the date: a row from its own day to the day before the next, the newest first.

mod series;

use chrono::NaiveDate;

use crate::diag::Code;
use crate::lang::expr::{Template, TemplatePart};
use crate::lang::{Base, Expr, Kind, Type, Value, Words};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::{ChoiceRow, Hit};
use crate::policy::read;
use crate::policy::tree::{Entry, TreeKind};
use series::{Dated, Series};

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let TreeKind::Map(entries) = &section.value.kind else {
        low.report(
            wrong(&section.value, Code::WrongShape, "`reference` is a mapping of names to dated series")
                .help("as in `LPR_1Y: { series: rates/lpr_1y.csv }`"),
        );
        low.give_up("reference");
        return;
    };
    for entry in entries {
        let name = format!("reference.{}", entry.key);
        let series = match read::check_id(&entry.key, &entry.key_place) {
            Ok(_) => Series::read(low, entry),
            Err(finding) => {
                low.report(*finding);
                None
            }
        };
        let Some(series) = series else {
            low.give_up(name);
            continue;
        };
        low.let_read_on_a_date(&name);
        low.define(vec![name.clone()], &entry.key_place, move |low| {
            lower(low, &name, entry, &series);
        });
    }
}

fn lower<'t>(low: &mut Lowerer<'t>, name: &str, entry: &'t Entry, series: &Series<'t>) -> Option<()> {
    let mut rows = Vec::new();
    let mut next: Option<NaiveDate> = None;
    for dated in series.rows.iter().rev() {
        let last = match (next, series.until) {
            (Some(next), _) => format!(" && as_of < date(\"{next}\")"),
            (None, Some(until)) => format!(" && as_of <= date(\"{until}\")"),
            (None, None) => String::new(),
        };
        let text = format!("as_of >= date(\"{}\"){last}", dated.from);
        let home = Home::At(Subjects::PORTFOLIO);
        let when = low.text(&text, &dated.place, home, Some(Type::of(Base::Bool)))?.expr;
        rows.push(row(dated, when));
        next = Some(dated.from);
    }
    let node = low.choose(name, Subjects::PORTFOLIO, Type::of(Base::Number), &entry.key_place, Hit::First, rows);
    low.label(Some(node), series.title);
    Some(())
}

fn row(dated: &Dated, when: Expr) -> ChoiceRow {
    let (kind, ty, span) = (Kind::Lit(Value::Dec(dated.rate)), Type::of(Base::Number), dated.place.span);
    let source =
        dated.source.iter().map(|text| (String::new(), Template(vec![TemplatePart::Text(text.as_str().into())])));
    ChoiceRow {
        id: dated.from.to_string(),
        place: dated.place.clone(),
        when: Some(when),
        gives: Expr { kind, ty, span },
        reason: source.collect::<Words>(),
    }
}
