//! `scorecard`: what is known of a customer, as points, weighted, and what is done where something is not known.

mod given;
mod missing;

use self::missing::Rule;
use super::ids::Ids;
use super::{bands, referred};
use crate::diag::{Code, Place};
use crate::lang::{Base, Expr, Kind, Type, Value, Words};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::{ChoiceRow, Form, Hit};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree};

const ACCOUNT: Home = Home::At(Subjects::ACCOUNT);
const FACTORS: &str = "scorecard.factors";

/// `{ base: 20, missing: worst, characteristics: [ { id, value, weight, bins: [ { is, points } ] } ], factors: [ … ] }`
pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let Some(mut fields) = Fields::of(&section.value, "`scorecard`", &mut low.sink) else { return };
    let base = fields.take("base", &mut low.sink);
    let characteristics = fields.need("characteristics", &mut low.sink);
    let missing = fields.take("missing", &mut low.sink);
    let factors = fields.take("factors", &mut low.sink);
    fields.finish(&mut low.sink);
    let rule = Card { is_said: missing.is_some(), rule: missing.and_then(|tree| Rule::read(low, tree)) };
    let Some(list) = characteristics.and_then(|t| read::list(t, &mut low.sink)) else { return };
    let mut ids = Ids::of("characteristics");
    let mut parts: Vec<Part<'t>> = Vec::new();
    for tree in list {
        let id = tree.get("id").and_then(|entry| entry.value.text()).unwrap_or_default();
        if id.is_empty() || ids.is_new(low, id, &tree.place) {
            parts.extend(characteristic(low, tree, rule));
        }
    }
    if list.is_empty() {
        low.report(
            wrong(&section.value, Code::Nothing, "a scorecard without characteristics")
                .help("add at least one: `{ id, value, bins: [ { is, points } ] }`"),
        );
    }
    if parts.iter().any(|part| part.excluded) {
        for part in parts.iter().filter(|part| part.weight.is_none()) {
            let finding = wrong(part.tree, Code::MissingKey, format!("`{}` has no weight", part.id));
            low.report(finding.help(
                "where a missing characteristic is left out, the others bear its weight: give each a `weight:`, and points on one scale",
            ));
        }
    }
    let factors = factors.and_then(|t| read::list(t, &mut low.sink)).unwrap_or(&[]);
    for factor in factors {
        referred::declare_rule(low, FACTORS, factor, Subjects::ACCOUNT, &["multiply_by"]);
    }
    low.head("score", Type::of(Base::Number));
    low.define(vec!["score".into()], &section.key_place, move |low| {
        total(low, &section.key_place, base, &parts, factors);
    });
}

/// What a whole card says of missing values; a rule in error is said all the same.
#[derive(Clone, Copy)]
struct Card<'t> {
    is_said: bool,
    rule: Option<Rule<'t>>,
}

/// A characteristic, as far as the score needs to know it.
struct Part<'t> {
    id: &'t str,
    tree: &'t Tree,
    weight: Option<&'t Tree>,
    /// Whether it bears no weight where it is missing.
    excluded: bool,
}

/// The points with their weights, those left out made up for by the others, and then the factors.
fn total<'t>(
    low: &mut Lowerer<'t>,
    place: &Place,
    base: Option<&'t Tree>,
    parts: &[Part<'t>],
    factors: &'t [Tree],
) -> Option<()> {
    let number = || Some(Type::of(Base::Number));
    let mut weights = Vec::new();
    let mut sum: Vec<String> = Vec::new();
    for part in parts {
        let points = format!("scorecard.{}.points", part.id);
        let Some(tree) = part.weight else {
            sum.push(points);
            continue;
        };
        let weight = format!("scorecard.{}.weight", part.id);
        let found = low.expr(tree, ACCOUNT, number())?;
        if bands::constant(&found.expr).is_some_and(|weight| weight.is_sign_negative() || weight.is_zero()) {
            let finding = wrong(tree, Code::OutOfBounds, "a weight is above zero");
            low.report(finding.help("where more points speak against a customer, make the points negative"));
        }
        low.add(&weight, Subjects::ACCOUNT, Type::of(Base::Number), &tree.place, Form::Expr(found.expr));
        sum.push(format!("{points} * {weight}"));
        weights.push((part, weight));
    }
    let mut text = if sum.is_empty() { "0.0".to_owned() } else { sum.join(" + ") };
    if parts.iter().any(|part| part.excluded) {
        let present = |(part, weight): &(&Part<'_>, String)| match part.excluded {
            true => format!("(if is_given(scorecard.{}.value) {{ {weight} }} else {{ 0.0 }})", part.id),
            false => weight.clone(),
        };
        let present = weights.iter().map(present).collect::<Vec<_>>().join(" + ");
        let whole = weights.iter().map(|(_, weight)| weight.clone()).collect::<Vec<_>>().join(" + ");
        low.derive("scorecard.weight_present", ACCOUNT, number(), place, &present)?;
        text = format!(
            "(if scorecard.weight_present > 0 {{ ({text}) * ({whole}) / scorecard.weight_present }} else {{ 0.0 }})"
        );
    }
    if let Some(tree) = base {
        let base = low.expr(tree, ACCOUNT, number())?;
        low.add("scorecard.base", Subjects::ACCOUNT, Type::of(Base::Number), &tree.place, Form::Expr(base.expr));
        text = format!("scorecard.base + {text}");
    }
    if !factors.is_empty() {
        text = format!("({text})");
    }
    for factor in factors {
        let id = factor.get("id").and_then(|entry| entry.value.text())?;
        let name = format!("{FACTORS}.{id}.by");
        let Some(by) = factor.get("multiply_by") else {
            let finding = wrong(factor, Code::MissingKey, "a factor of a scorecard needs what to multiply by");
            low.report(finding.help("add `multiply_by: 0.9`"));
            continue;
        };
        let found = low.expr(&by.value, ACCOUNT, number())?;
        low.add(&name, Subjects::ACCOUNT, Type::of(Base::Number), &by.value.place, Form::Expr(found.expr));
        text = format!("{text} * (if {FACTORS}.{id} {{ {name} }} else {{ 1.0 }})");
    }
    low.derive("score", ACCOUNT, number(), place, &text).map(|_| ())
}

fn characteristic<'t>(low: &mut Lowerer<'t>, tree: &'t Tree, card: Card<'t>) -> Option<Part<'t>> {
    let mut fields = Fields::of(tree, "a characteristic", &mut low.sink)?;
    let id = fields.need("id", &mut low.sink).and_then(|t| read::id(t, &mut low.sink));
    let value = fields.need("value", &mut low.sink);
    let weight = fields.take("weight", &mut low.sink);
    let bins = fields.need("bins", &mut low.sink);
    let missing = fields.take("missing", &mut low.sink);
    let max_age = fields.take("max_age", &mut low.sink);
    let label = fields.take("label", &mut low.sink);
    fields.finish(&mut low.sink);
    let (id, value, bins) = (id?, value?, bins?);
    let own = missing.and_then(|tree| Rule::read(low, tree));
    let has_bin = missing_bin(bins);
    if let (Some(bin), Some(missing)) = (has_bin, missing) {
        let finding = wrong(missing, Code::DuplicateKey, format!("`{id}` says twice what a missing value gives"));
        low.report(finding.also(bin.place.clone(), "a bin says it too").help("take one of the two out"));
        return None;
    }
    let rule = if has_bin.is_some() { None } else { own.or(card.rule) };
    let is_said = missing.is_some() || card.is_said;
    let (of, points) = (format!("scorecard.{id}.value"), format!("scorecard.{id}.points"));
    given::declare(low, id, value, max_age);
    low.define(vec![points.clone()], &tree.place, move |low| {
        let Some(Ok(of)) = low.demand(&of, &value.place) else { return };
        let of = low.read(of, &value.place);
        let Some((mut rows, cells)) = read_bins(low, bins, &of, is_said) else { return };
        let total = (of.ty.base.is_ordered() && of.ty.base != Base::Date).then_some(&bins.place);
        let whole = bins.kind_len() == Some(cells.len());
        if of.ty.base.is_ordered() && whole {
            bands::check(low, &cells, "bins", total);
        }
        if let Some(rule) = rule.filter(|_| of.ty.optional) {
            let Some(row) = rule.row(low, &of, &rows, &tree.place) else { return };
            rows.push(row);
        }
        let node = low.choose(&points, Subjects::ACCOUNT, Type::of(Base::Number), &tree.place, Hit::First, rows);
        low.label(Some(node), label);
    });
    Some(Part { id, tree, weight, excluded: matches!(rule, Some(Rule::Exclude(_))) })
}

/// The bin that asks for a missing value.
fn missing_bin(bins: &Tree) -> Option<&Tree> {
    let bins = read::list(bins, &mut Vec::new())?;
    bins.iter().find(|bin| bin.get("is").is_some_and(|is| is.value.text() == Some("missing")))
}

type Bins = (Vec<ChoiceRow>, Vec<(Expr, Place)>);

fn read_bins(low: &mut Lowerer<'_>, bins: &Tree, of: &Expr, has_rule: bool) -> Option<Bins> {
    let (mut rows, mut cells) = (Vec::new(), Vec::new());
    for bin in read::list(bins, &mut low.sink)? {
        let Some(mut fields) = Fields::of(bin, "a bin", &mut low.sink) else { continue };
        let is = fields.need("is", &mut low.sink);
        let points = fields.need("points", &mut low.sink);
        let reason = fields.take("reason", &mut low.sink);
        fields.finish(&mut low.sink);
        let (Some(is), Some(points)) = (is, points) else { continue };
        let cell = low.cell(is, of, ACCOUNT);
        let gives = low.expr(points, ACCOUNT, Some(Type::of(Base::Number)));
        let reason = reason.and_then(|t| low.words(t, ACCOUNT)).unwrap_or_default();
        let (Some(cell), Some(gives)) = (cell, gives) else { continue };
        cells.push((cell.expr.clone(), is.place.clone()));
        let id = is.text().unwrap_or("list").to_string();
        rows.push(ChoiceRow { id, place: bin.place.clone(), when: Some(cell.expr), gives: gives.expr, reason });
    }
    if of.ty.optional && missing_bin(bins).is_none() && !has_rule {
        low.report(
            wrong(bins, Code::MissingNotHandled, "the value may be missing, and no bin says what then").help(
                "add a bin `{ is: missing, points: … }`, or `missing: worst` beside the bins or for the whole card",
            ),
        );
    }
    Some((rows, cells))
}

/// A row that always gives this number.
fn fixed(id: &str, when: Expr, points: rust_decimal::Decimal, place: &Place) -> ChoiceRow {
    let gives = Expr { kind: Kind::Lit(Value::Dec(points)), ty: Type::of(Base::Number), span: place.span };
    ChoiceRow { id: id.into(), place: place.clone(), when: Some(when), gives, reason: Words::new() }
}
