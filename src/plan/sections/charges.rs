//! `late_charge:` a sum over the pieces of an item's life: balance × rate × days.
//!
//! A day bears the charge on what was open when it began; days run from the day after due to the as-of date or the day
//! of settlement, both counted.

use super::bands;
use rust_decimal::Decimal;

use crate::diag::{Code, Place};
use crate::lang::{Base, Expr, Kind, Type, Value, Words};
use crate::plan::lower::{Home, Lowerer, Subjects, Tally, wrong};
use crate::plan::node::{ChoiceRow, Form, Hit, PIECE_FACTS, Segments, Take};
use crate::plan::schema::{Fact, Relation, RelationId};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree, TreeKind};

const ITEM: Home = Home::At(Subjects::ITEM);

/// Where a charge is rounded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum RoundAt {
    Total,
    EachDay,
}

struct Charge<'t> {
    id: &'t str,
    tree: &'t Tree,
    base: Option<&'t Tree>,
    rate: Option<&'t Tree>,
    fixed: Option<&'t Tree>,
    from: Option<&'t Tree>,
    when: Option<&'t Tree>,
    round: RoundAt,
    at_most: Option<&'t Tree>,
    label: Option<&'t Tree>,
}

impl Charge<'_> {
    fn name(&self, part: &str) -> String {
        format!("late_charge.{}.{part}", self.id)
    }

    /// What a rate gives is in the currency of the invoice, as its base is; a fixed sum is in the policy's.
    fn due(&self, low: &Lowerer<'_>) -> Base {
        if self.fixed.is_some() { Base::Money } else { own(low) }
    }

    /// The relation of its pieces.
    fn pieces(&self) -> String {
        format!("piece_{}", self.id)
    }
}

/// An amount in the currency of an item's invoice.
fn own(low: &Lowerer<'_>) -> Base {
    low.plan.schema.amount(Subjects::ITEM)
}

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let mut names = Vec::new();
    for tree in read::list(&section.value, &mut low.sink).unwrap_or(&[]) {
        let Some(charge) = read_charge(low, tree) else { continue };
        let name = format!("late_charge.{}", charge.id);
        names.push(name.clone());
        low.define(vec![name], &tree.place, move |low| {
            lower(low, &charge);
        });
    }
    let place = &section.key_place;
    let totals = ["item.late_charges", "account.late_charges", "portfolio.late_charges"].map(String::from).to_vec();
    low.define(totals, place, move |low| {
        let names: Vec<String> = names.iter().map(|name| format!("convert({name})")).collect();
        let sum = if names.is_empty() { "0".into() } else { names.join(" + ") };
        if low.derive("item.late_charges", ITEM, Some(Type::of(Base::Money)), place, &sum).is_none() {
            return;
        }
        for (name, subject) in
            [("account.late_charges", Subjects::ACCOUNT), ("portfolio.late_charges", Subjects::PORTFOLIO)]
        {
            let value = Some("item.late_charges");
            low.tally(name, subject, place, Tally { of: Subjects::ITEM, take: Take::Sum, value, filter: None });
        }
    });
}

fn read_charge<'t>(low: &mut Lowerer<'t>, tree: &'t Tree) -> Option<Charge<'t>> {
    let sink = &mut low.sink;
    let mut fields = Fields::of(tree, "a late charge", sink)?;
    let id = fields.need("id", sink).and_then(|t| read::id(t, sink));
    let base = fields.take("base", sink);
    let rate = fields.take("rate", sink);
    let fixed = fields.take("fixed", sink);
    let from = fields.take("from", sink);
    let when = fields.take("when", sink);
    let at_most = fields.take("at_most", sink);
    let round = fields.take("round", sink);
    let label = fields.take("label", sink);
    fields.finish(sink);
    let round = match (round, rate) {
        (Some(tree), _) => read::one_of(tree, &[("total", RoundAt::Total), ("each_day", RoundAt::EachDay)], sink)?,
        (None, None) => RoundAt::Total,
        (None, Some(_)) => {
            sink.push(
                wrong(tree, Code::MissingKey, "the charge does not say where it is rounded")
                    .help("add `round: total`, or `round: each_day`"),
            );
            return None;
        }
    };
    if rate.is_some() == fixed.is_some() {
        let message = "a late charge has a `rate:`, or a `fixed:` sum";
        sink.push(wrong(tree, Code::MissingKey, message).help("as in `rate: { daily: 0.05% }`"));
        return None;
    }
    Some(Charge { id: id?, tree, base, rate, fixed, from, when, round, at_most, label })
}

fn lower<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>) -> Option<()> {
    let place = &charge.tree.place;
    base_and_from(low, charge)?;
    let bands = charge.rate.map(|rate| Bands::read(low, charge, rate));
    let bands = match bands {
        Some(bands) => Some(bands?),
        None => None,
    };
    let relation = cut(low, charge, bands.as_ref().map(|b| b.edges.clone()).unwrap_or_default())?;
    let due = match (&bands, charge.fixed) {
        (Some(bands), _) => accrued(low, charge, bands, relation)?,
        (None, Some(fixed)) => fixed_sum(low, charge, fixed)?,
        (None, None) => return None,
    };
    let due = capped(low, charge, due)?;
    let name = format!("late_charge.{}", charge.id);
    let amount = Type::of(charge.due(low));
    let node = low.derive(&name, ITEM, Some(amount), place, &format!("round_money({due})"));
    low.label(node, charge.label);
    Some(())
}

/// Adds `base` (what bears the charge, never below zero), `from` (its first day).
fn base_and_from<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>) -> Option<()> {
    let place = &charge.tree.place;
    let amount = Type::of(own(low));
    let written = match charge.base {
        Some(tree) => low.expr(tree, ITEM, Some(amount.clone()))?.expr,
        None => low.text("item.own_undisputed_open", place, ITEM, None)?.expr,
    };
    low.add(&charge.name("written_base"), Subjects::ITEM, amount.clone(), place, Form::Expr(written));
    let text = format!("max(0, {})", charge.name("written_base"));
    low.derive(&charge.name("base"), ITEM, Some(amount), place, &text)?;
    let from = match charge.from {
        Some(tree) => low.expr(tree, ITEM, Some(Type::maybe(Base::Date)))?.expr,
        None => low.text("item.first_late_day", place, ITEM, None)?.expr,
    };
    let from = match charge.when {
        Some(tree) => {
            let when = low.condition(tree, ITEM)?.expr;
            let (span, ty) = (from.span, Type::maybe(Base::Date));
            let missing = Expr { kind: Kind::Lit(Value::Missing), ty: ty.clone(), span };
            Expr { kind: Kind::If(Box::new(when), Box::new(from), Box::new(missing)), ty, span }
        }
        None => from,
    };
    low.add(&charge.name("from"), Subjects::ITEM, Type::maybe(Base::Date), place, Form::Expr(from));
    Some(())
}

/// Adds the relation of pieces and the node that cuts them.
fn cut<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>, after_days: Vec<i64>) -> Option<RelationId> {
    let place = &charge.tree.place;
    let own = own(low);
    let facts = PIECE_FACTS.map(|(name, base)| {
        let base = if base == Base::Money { own.clone() } else { base };
        Fact { name: name.into(), ty: Type::of(base), declared: false, pii: false }
    });
    let relation = RelationId(u16::try_from(low.plan.schema.relations.len()).ok()?);
    low.plan.schema.relations.push(Relation {
        name: charge.pieces(),
        parent: Some(Subjects::ITEM),
        exists_from: None,
        facts: facts.to_vec(),
    });
    let from = low.text(&charge.name("from"), place, ITEM, None)?.expr;
    let until = low.text("as_of", place, ITEM, None)?.expr;
    let balance = low.text(&charge.name("base"), place, ITEM, None)?.expr;
    let segments = Segments { relation, from, until, balance, after_days };
    let int = Type::of(Base::Int);
    low.add(&charge.name("pieces"), Subjects::ITEM, int, place, Form::Segments(segments));
    Some(relation)
}

/// The rate of a day.
struct Bands<'t> {
    /// Rates by the number of the day; one without a cell stands for every day.
    rows: Vec<(Option<&'t Tree>, &'t Tree)>,
    /// The last days of bands, where each band applies to its own days.
    edges: Vec<i64>,
    to_whole_period: bool,
    /// Days a year for a yearly rate.
    year: Option<u32>,
    place: &'t Place,
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
    fn read(low: &mut Lowerer<'t>, charge: &Charge<'t>, tree: &'t Tree) -> Option<Self> {
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

/// Adds the charge of each piece and their sum; gives the name of the sum.
fn accrued<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>, bands: &Bands<'t>, of: RelationId) -> Option<String> {
    let place = &charge.tree.place;
    let piece = charge.pieces();
    let (subject, home, day) = if bands.to_whole_period {
        let days = charge.name("days");
        let text = format!("(item.settled_on ?? as_of) - {} + 1", charge.name("from"));
        low.derive_where(
            &days,
            Subjects::ITEM,
            Base::Days,
            place,
            &format!("is_given({})", charge.name("from")),
            &text,
        )?;
        (Subjects::ITEM, ITEM, format!("({days} ?? 1)"))
    } else {
        (of, Home::At(of), format!("{piece}.first_number"))
    };
    let day_name = charge.name("day_number");
    low.derive(&day_name, home, Some(Type::of(Base::Days)), place, &day)?;
    let day = low.text(&day_name, place, home, None)?.expr;
    let mut rows = Vec::new();
    for (cell, is) in &bands.rows {
        let when = match cell {
            Some(cell) => Some(low.cell(cell, &day, home)?.expr),
            None => None,
        };
        let gives = low.expr(is, home, Some(Type::of(Base::Number)))?.expr;
        let id = cell.and_then(|c| c.text()).unwrap_or("every_day").to_string();
        rows.push(ChoiceRow { id, place: is.place.clone(), when, gives, reason: Words::new() });
    }
    let rate = charge.name("rate");
    low.choose(&rate, subject, Type::of(Base::Number), bands.place, Hit::First, rows);
    let (over, days) =
        (bands.year.map(|n| format!(" / {n}.0")).unwrap_or_default(), format!("to_number({piece}.days)"));
    let own = Type::of(own(low));
    let amount = || Some(own.clone());
    let accrued = charge.name("accrued");
    // The quotient of a year may have no end: what is rounded once is divided once, after the exact sum.
    let (each, text, sum) = match (charge.round, bands.year) {
        (RoundAt::Total, Some(_)) => {
            ("piece_of_a_year", format!("{piece}.own_balance * {rate} * {days}"), charge.name("accrued_of_a_year"))
        }
        (RoundAt::Total, None) => ("piece_charge", format!("{piece}.own_balance * {rate} * {days}"), accrued.clone()),
        (RoundAt::EachDay, _) => {
            ("piece_charge", format!("round_money({piece}.own_balance * {rate}{over}) * {days}"), accrued.clone())
        }
    };
    let each = charge.name(each);
    low.derive(&each, Home::At(of), amount(), place, &text)?;
    low.tally(&sum, Subjects::ITEM, place, Tally { of, take: Take::Sum, value: Some(&each), filter: None })?;
    if sum != accrued {
        low.derive(&accrued, ITEM, amount(), place, &format!("{sum}{over}"))?;
    }
    Some(accrued)
}

/// `fixed: { by: invoice.amount, rows: [ { is, gives } ] }`: owed once the item is late.
fn fixed_sum<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>, tree: &'t Tree) -> Option<String> {
    let place = &charge.tree.place;
    let sum = charge.name("sum");
    if tree.scalar().is_some() {
        let expr = low.expr(tree, ITEM, Some(Type::of(Base::Money)))?.expr;
        low.add(&sum, Subjects::ITEM, Type::of(Base::Money), &tree.place, Form::Expr(expr));
    } else {
        let mut fields = Fields::of(tree, "a fixed sum", &mut low.sink)?;
        let by = fields.need("by", &mut low.sink);
        let list = fields.need("rows", &mut low.sink);
        fields.finish(&mut low.sink);
        let (by, list) = (by?, list?);
        let of = low.expr(by, ITEM, None)?.expr;
        let of_name = charge.name("by");
        low.add(&of_name, Subjects::ITEM, of.ty.clone(), &by.place, Form::Expr(of));
        let of = low.text(&of_name, &by.place, ITEM, None)?.expr;
        let (mut rows, mut cells) = (Vec::new(), Vec::new());
        for row in read::list(list, &mut low.sink)? {
            let mut fields = Fields::of(row, "a row", &mut low.sink)?;
            let is = fields.need("is", &mut low.sink)?;
            let gives = fields.need("gives", &mut low.sink)?;
            fields.finish(&mut low.sink);
            let cell = low.cell(is, &of, ITEM)?.expr;
            cells.push((cell.clone(), is.place.clone()));
            let gives = low.expr(gives, ITEM, Some(Type::of(Base::Money)))?.expr;
            let (id, place) = (is.text().unwrap_or("row").to_string(), row.place.clone());
            rows.push(ChoiceRow { id, place, when: Some(cell), gives, reason: Words::new() });
        }
        bands::check(low, &cells, "rows", Some(&list.place));
        low.choose(&sum, Subjects::ITEM, Type::of(Base::Money), &tree.place, Hit::First, rows);
    }
    let owed = charge.name("owed");
    let text = format!("if {} > 0 {{ {sum} }} else {{ 0 }}", charge.name("pieces"));
    low.derive(&owed, ITEM, Some(Type::of(Base::Money)), place, &text)?;
    Some(owed)
}

/// `at_most: { share_of_base: 30% }` (of the base on the first day), or an amount.
fn capped<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>, due: String) -> Option<String> {
    let Some(tree) = charge.at_most else { return Some(due) };
    let place = &charge.tree.place;
    let due_in = Type::of(charge.due(low));
    let amount = || Some(due_in.clone());
    let cap = charge.name("at_most");
    if let TreeKind::Map(_) = tree.kind {
        let mut fields = Fields::of(tree, "`at_most`", &mut low.sink)?;
        let share = fields.need("share_of_base", &mut low.sink);
        fields.finish(&mut low.sink);
        super::share::check(low, share?);
        let share = low.expr(share?, ITEM, Some(Type::of(Base::Number)))?.expr;
        let share_name = charge.name("share_of_base");
        low.add(&share_name, Subjects::ITEM, Type::of(Base::Number), &tree.place, Form::Expr(share));
        let first = charge.name("first_base");
        base_on_first_day(low, charge, &first)?;
        let convert = if charge.fixed.is_some() { "convert" } else { "" };
        low.derive(&cap, ITEM, amount(), &tree.place, &format!("{convert}({first} ?? 0) * {share_name}"))?;
    } else {
        let expr = low.expr(tree, ITEM, amount())?.expr;
        low.add(&cap, Subjects::ITEM, due_in.clone(), &tree.place, Form::Expr(expr));
    }
    let name = charge.name("capped");
    low.derive(&name, ITEM, amount(), place, &format!("min({due}, {cap})"))?;
    Some(name)
}

/// The base with which the first day began; missing where no day bears the charge yet.
fn base_on_first_day<'t>(low: &mut Lowerer<'t>, charge: &Charge<'t>, name: &str) -> Option<()> {
    let place = &charge.tree.place;
    let from = charge.name("from");
    let when = low.text(&format!("is_given({from}) && {from} <= as_of"), place, ITEM, None)?.expr;
    let given = std::slice::from_ref(&when);
    let date = low.text_given(&format!("{from} + (-1)"), place, ITEM, Some(Type::of(Base::Date)), given)?.expr;
    let base = low.text(&charge.name("base"), place, ITEM, None)?.expr;
    let (ty, span) = (base.ty.clone(), place.span);
    let gives = Expr { kind: Kind::AsAt(Box::new(base), Box::new(date)), ty, span };
    let row = ChoiceRow { id: "given".into(), place: place.clone(), when: Some(when), gives, reason: Words::new() };
    low.choose(name, Subjects::ITEM, Type::maybe(own(low)), place, Hit::First, vec![row]);
    Some(())
}
