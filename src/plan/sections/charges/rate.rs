//! The rate of a day.

use rust_decimal::Decimal;

use super::super::bands;
use super::ITEM;
use super::written::Charge;
use crate::diag::{Code, Place};
use crate::lang::{Base, Expr, Kind, Type, Value};
use crate::plan::lower::{Lowerer, wrong};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Tree, TreeKind};

/// The rate of a day.
pub(super) struct Bands<'t> {
    /// Rates by the number of the day; one without a cell stands for every day.
    pub(super) rows: Vec<(Option<&'t Tree>, &'t Tree)>,
    /// The last days of bands, where each band applies to its own days.
    pub(super) edges: Vec<i64>,
    pub(super) to_whole_period: bool,
    /// Days a year for a yearly rate.
    pub(super) year: Option<u32>,
    pub(super) place: &'t Place,
}

/// A rate as high as this needs its `%`: `0.04` a day is hardly meant.
fn percent_sign(low: &mut Lowerer<'_>, tree: &Tree, most: Decimal, of: &str) {
    let Some(text) = tree.text().filter(|text| !text.ends_with('%')) else { return };
    let Some(rate) = read::parse_decimal(text).ok().filter(|rate| *rate >= most) else { return };
    let Some(percent) = rate.checked_mul(Decimal::ONE_HUNDRED).map(|p| p.normalize()) else { return };
    let finding = wrong(tree, Code::OutOfBounds, format!("`{text}` is {percent} % a {of}"));
    low.report(finding.help(format!("write `{text}%`, or `{percent}%` if that is meant")));
}

impl<'t> Bands<'t> {
    pub(super) fn read(low: &mut Lowerer<'t>, charge: &Charge<'t>, tree: &'t Tree) -> Option<Self> {
        let sink = &mut low.sink;
        if let Some(written) = tree.text() {
            let message = "a rate says of which time it is: of a day or of a year";
            let help = format!("write `{{ daily: {written} }}`, or `{{ yearly: {written}, day_count: actual/365 }}`");
            sink.push(wrong(tree, Code::WrongShape, message).help(help));
            return None;
        }
        let mut fields = Fields::of(tree, "a rate", sink)?;
        let daily = fields.take("daily", sink);
        let yearly = fields.take("yearly", sink);
        let day_count = fields.take("day_count", sink);
        let apply = fields.take("bands_apply", sink);
        fields.later(&["fixed"], sink);
        fields.finish(sink);
        let year = match (yearly, day_count) {
            (Some(_), Some(tree)) => Some(read::one_of(tree, &[("actual/365", 365), ("actual/360", 360)], sink)?),
            (Some(_), None) => {
                sink.push(
                    wrong(tree, Code::MissingKey, "a yearly rate needs `day_count:`")
                        .help("add `day_count: actual/365`"),
                );
                return None;
            }
            (None, Some(tree)) => {
                sink.push(
                    wrong(tree, Code::UnknownKey, "`day_count` goes with a yearly rate")
                        .help("take it out, or write `yearly:` for `daily:`"),
                );
                return None;
            }
            (None, None) => None,
        };
        let value = match (daily, yearly) {
            (Some(value), None) | (None, Some(value)) => value,
            _ => {
                sink.push(
                    wrong(tree, Code::MissingKey, "a rate is `daily:` or `yearly:`").help("as in `{ daily: 0.05% }`"),
                );
                return None;
            }
        };
        let mut rows = Vec::new();
        let banded = matches!(value.kind, TreeKind::List(_));
        if let TreeKind::List(list) = &value.kind {
            for band in list {
                let mut fields = Fields::of(band, "a band", sink)?;
                let days = fields.need("days", sink)?;
                let is = fields.need("is", sink)?;
                fields.finish(sink);
                rows.push((Some(days), is));
            }
        } else {
            rows.push((None, value));
        }
        let choices = [("to_their_days", false), ("to_the_whole_period", true)];
        let to_whole_period = match (apply, banded) {
            (Some(tree), true) => read::one_of(tree, &choices, sink)?,
            (None, true) => {
                let help = "add `bands_apply: to_their_days`, or `to_the_whole_period`";
                sink.push(wrong(tree, Code::MissingKey, "the bands do not say which days they apply to").help(help));
                return None;
            }
            (Some(tree), false) => {
                sink.push(
                    wrong(tree, Code::UnknownKey, "`bands_apply` goes with bands")
                        .help("take it out, or write a list of bands: `[ { days: \"[1..30]\", is: 0.05% }, … ]`"),
                );
                return None;
            }
            (None, false) => false,
        };
        let (most, of) = if year.is_some() { (Decimal::ONE, "year") } else { (Decimal::new(1, 2), "day") };
        rows.iter().for_each(|(_, is)| percent_sign(low, is, most, of));
        let mut bands = Self { rows, edges: Vec::new(), to_whole_period, year, place: &charge.tree.place };
        bands.find_edges(low, charge)?;
        Some(bands)
    }

    /// Reads the cells against a day's number, to see that they cover every day once and where they end.
    fn find_edges(&mut self, low: &mut Lowerer<'t>, charge: &Charge<'t>) -> Option<()> {
        let span = charge.tree.place.span;
        let day = Expr { kind: Kind::Lit(Value::Int(1)), ty: Type::of(Base::Days), span };
        let mut cells = Vec::new();
        for (cell, _) in &self.rows {
            let Some(cell) = cell else { continue };
            cells.push((low.cell(cell, &day, ITEM)?.expr, cell.place.clone()));
        }
        if !cells.is_empty() {
            let Some(edges) = bands::edges_of_days(low, &cells, self.place) else {
                let at = self.place.clone();
                let finding = crate::diag::Diagnostic::error(Code::Gap, "bands of days need constant bounds", at);
                low.report(finding.help("write them as in `\"[1..30]\"` and `\"> 30\"`"));
                return None;
            };
            if !self.to_whole_period {
                self.edges = edges;
            }
        }
        Some(())
    }
}
