//! `knockouts tiers notches`: from a score to a tier.

use super::ids::Ids;
use super::{bands, referred};
use crate::diag::{Code, Diagnostic};
use crate::lang::{Base, Expr, Kind, Type, Value, Words};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::{ChoiceRow, Form, Hit};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree};

const ACCOUNT: Home = Home::At(Subjects::ACCOUNT);

/// `- { id, when, missing, tier, reason }`: the first hit decides, whatever the score says.
pub(super) fn knockouts<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    for rule in read::list(&section.value, &mut low.sink).unwrap_or(&[]) {
        referred::declare_rule(low, "knockouts", rule, Subjects::ACCOUNT, &["tier"]);
    }
}

/// `- { id, down: 1, when, missing, reason }`
pub(super) fn notches<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    for rule in read::list(&section.value, &mut low.sink).unwrap_or(&[]) {
        referred::declare_rule(low, "notches", rule, Subjects::ACCOUNT, &["down", "up"]);
    }
    let place = &section.key_place;
    low.define(vec!["notches".into()], place, move |low| referred::collect(low, "notches", section));
}

/// `- { id: A, score: ">= 80", label }`, best first; or `{ rises: at_review, rows: [ … ] }`.
pub(super) fn tiers<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let Some((list, waits)) = tier_rows(low, section) else { return };
    let mut ids = Ids::of("tiers");
    let mut rows = Vec::new();
    for tree in list {
        let Some(mut fields) = Fields::of(tree, "a tier", &mut low.sink) else { continue };
        let id = fields.need("id", &mut low.sink).and_then(|t| read::id(t, &mut low.sink));
        let score = fields.take("score", &mut low.sink);
        let when = fields.take("when", &mut low.sink);
        let label = fields.take("label", &mut low.sink);
        fields.finish(&mut low.sink);
        if let Some(id) = id {
            if !ids.is_new(low, id, &tree.place) {
                continue;
            }
            rows.push(TierRow { id, tree, score, when, label });
        }
    }
    if rows.len() < list.len() {
        return;
    }
    if rows.is_empty() {
        low.report(
            wrong(&section.value, Code::Nothing, "no tiers").help("add at least one: `{ id: A, score: \">= 80\" }`"),
        );
        return;
    }
    let base = Type::one_of(rows.iter().map(|row| row.id));
    low.head("tier", Type::of(base.clone()));
    let mut names = vec!["tier".into(), "tier.by_score".into()];
    names.extend(waits.then(|| PROPOSED.into()));
    low.define(names, &section.key_place, move |low| {
        lower_tiers(low, section, &rows, &base, waits);
    });
}

/// The tier before what keeps it from rising.
const PROPOSED: &str = "tier.proposed";

/// The tiers as written, and whether a better one waits for a review.
fn tier_rows<'t>(low: &mut Lowerer<'t>, section: &'t Entry) -> Option<(&'t [Tree], bool)> {
    if section.value.get("rows").is_none() && section.value.get("rises").is_none() {
        return Some((read::list(&section.value, &mut low.sink)?, false));
    }
    let mut fields = Fields::of(&section.value, "`tiers`", &mut low.sink)?;
    let rises = fields.take("rises", &mut low.sink);
    let rows = fields.need("rows", &mut low.sink);
    fields.finish(&mut low.sink);
    let waits = match rises {
        Some(tree) => read::one_of(tree, &[("at_once", false), ("at_review", true)], &mut low.sink)?,
        None => false,
    };
    Some((read::list(rows?, &mut low.sink)?, waits))
}

struct TierRow<'t> {
    id: &'t str,
    tree: &'t Tree,
    score: Option<&'t Tree>,
    when: Option<&'t Tree>,
    label: Option<&'t Tree>,
}

fn lower_tiers<'t>(
    low: &mut Lowerer<'t>,
    section: &'t Entry,
    tiers: &[TierRow<'t>],
    base: &Base,
    waits: bool,
) -> Option<()> {
    let place = &section.value.place;
    let ty = Type::of(base.clone());
    let score = score(low, tiers);
    let mut sound = score.is_some() || tiers.iter().all(|tier| tier.score.is_none());
    let mut rows = Vec::new();
    let mut cells = Vec::new();
    for tier in tiers {
        let mut when: Option<Expr> = None;
        if let (Some(tree), Some(score)) = (tier.score, &score) {
            match low.cell(tree, score, ACCOUNT) {
                Some(cell) => {
                    cells.push((cell.expr.clone(), tree.place.clone()));
                    when = Some(cell.expr);
                }
                None => sound = false,
            }
        }
        if let Some(tree) = tier.when {
            match low.condition(tree, ACCOUNT) {
                Some(more) => {
                    when = Some(match when {
                        Some(cell) => and(cell, more.expr),
                        None => more.expr,
                    });
                }
                None => sound = false,
            }
        }
        let gives = low.literal(tier.id, base.clone(), &tier.tree.place);
        rows.push(ChoiceRow { id: tier.id.into(), place: tier.tree.place.clone(), when, gives, reason: Words::new() });
    }
    if tiers.iter().all(|tier| tier.when.is_none()) && cells.len() == tiers.len() {
        bands::check(low, &cells, "tiers", Some(place));
    }
    let knockouts = low.folder.section("knockouts").map(|section| knockout_rows(low, section, base));
    if !sound {
        return None;
    }
    let by_score = low.choose("tier.by_score", Subjects::ACCOUNT, ty.clone(), place, Hit::First, rows);
    let notched = notched(low, place, tiers, base, by_score)?;

    let mut rows = knockouts.unwrap_or_default();
    for tier in tiers {
        let gives = low.literal(tier.id, base.clone(), &tier.tree.place);
        let text = format!("{notched} == \"{}\"", tier.id);
        let when = Some(low.text(&text, &tier.tree.place, ACCOUNT, None)?.expr);
        // What people call a tier is the reason in words that it is this one.
        let reason = tier.label.and_then(|label| low.words(label, ACCOUNT)).unwrap_or_default();
        rows.push(ChoiceRow { id: tier.id.into(), place: tier.tree.place.clone(), when, gives, reason });
    }
    if waits {
        low.choose(PROPOSED, Subjects::ACCOUNT, ty.clone(), place, Hit::First, rows.clone());
        rows.insert(0, waiting(low, section, tiers, base)?);
    }
    low.choose("tier", Subjects::ACCOUNT, ty, place, Hit::First, rows);
    Some(())
}

/// A better tier than the one in force waits for a review.
fn waiting(low: &mut Lowerer<'_>, section: &Entry, tiers: &[TierRow<'_>], base: &Base) -> Option<ChoiceRow> {
    let place = &section.key_place;
    let cases: Vec<String> = tiers.iter().enumerate().map(|(n, tier)| format!("\"{}\" => {n}", tier.id)).collect();
    let position = |of: &str| format!("(switch {of} {{ {} }})", cases.join(", "));
    let text =
        format!("is_given(previous.tier) && {} > {} && !review.held", position("previous.tier"), position(PROPOSED));
    let when = low.text(&text, place, ACCOUNT, Some(Type::of(Base::Bool)))?.expr;
    let tier = Some(Type::of(base.clone()));
    let gives = low.text_given("previous.tier", place, ACCOUNT, tier, std::slice::from_ref(&when))?.expr;
    let (id, place) = ("waits_for_review".into(), place.clone());
    Some(ChoiceRow { id, place, when: Some(when), gives, reason: Words::new() })
}

/// The score that tiers ask for, if any does; `None` also when there is none to ask.
fn score(low: &mut Lowerer<'_>, tiers: &[TierRow<'_>]) -> Option<Expr> {
    let tree = tiers.iter().find_map(|tier| tier.score)?;
    let Some(score) = low.demand("score", &tree.place) else {
        low.report(
            wrong(tree, Code::UnknownName, "there is no `scorecard` to give a score")
                .help("add a `scorecard:` section, or write `when:` instead"),
        );
        return None;
    };
    Some(low.read(score.ok()?, &tree.place))
}

fn and(a: Expr, b: Expr) -> Expr {
    let span = a.span.to(b.span);
    Expr { kind: Kind::And(Box::new(a), Box::new(b)), ty: Type::of(Base::Bool), span }
}

fn knockout_rows<'t>(low: &mut Lowerer<'t>, section: &'t Entry, base: &Base) -> Vec<ChoiceRow> {
    let mut rows = Vec::new();
    for rule in read::list(&section.value, &mut Vec::new()).unwrap_or(&[]) {
        let Some(id) = rule.get("id").and_then(|e| e.value.text()) else { continue };
        let Some(tier) = rule.get("tier") else {
            low.report(wrong(rule, Code::MissingKey, "a knock-out needs the tier it leads to").help("add `tier: D`"));
            continue;
        };
        let Some(gives) = low.value(&tier.value, ACCOUNT, base, &[]) else { continue };
        let gives = gives.expr;
        let text = format!("knockouts.{id}");
        let Some(when) = low.text(&text, &rule.place, ACCOUNT, None) else { continue };
        let reason = referred::reason(low, rule, ACCOUNT);
        rows.push(ChoiceRow { id: id.into(), place: rule.place.clone(), when: Some(when.expr), gives, reason });
    }
    rows
}

/// The tier after the notches that hit: so many steps down the list of tiers, never off its ends. Gives the name to read.
fn notched<'t>(
    low: &mut Lowerer<'t>,
    place: &crate::diag::Place,
    tiers: &[TierRow<'t>],
    base: &Base,
    by_score: crate::lang::NodeRef,
) -> Option<&'static str> {
    let Some(section) = low.folder.section("notches") else { return Some("tier.by_score") };
    let mut steps = Vec::new();
    for rule in read::list(&section.value, &mut Vec::new())? {
        let id = rule.get("id").and_then(|e| e.value.text())?;
        let number =
            |low: &mut Lowerer<'t>, key: &str| rule.get(key).and_then(|entry| read::whole(&entry.value, &mut low.sink));
        let (down, up) = (number(low, "down"), number(low, "up"));
        let by = match (down, up) {
            (Some(down), None) => down,
            (None, Some(up)) => -up,
            _ => {
                let finding = Diagnostic::error(Code::MissingKey, "a notch moves `down:` or `up:`", rule.place.clone());
                low.report(finding.help("add `down: 1`"));
                return None;
            }
        };
        steps.push(format!("(if notches.{id} {{ {by} }} else {{ 0 }})"));
    }
    let steps = if steps.is_empty() { "0".into() } else { steps.join(" + ") };
    low.derive("notches.steps", ACCOUNT, Some(Type::of(Base::Int)), place, &steps)?;
    let span = place.span;
    let cases = (0i64..)
        .zip(tiers)
        .map(|(n, tier)| {
            let kind = Kind::Lit(Value::Int(n));
            (vec![Value::text(tier.id)], Expr { kind, ty: Type::of(Base::Int), span })
        })
        .collect();
    let subject = Box::new(low.read(by_score, place));
    let position = Expr { kind: Kind::Switch { subject, cases, default: None }, ty: Type::of(Base::Int), span };
    low.add("tier.position", Subjects::ACCOUNT, Type::of(Base::Int), place, Form::Expr(position));
    let last = tiers.len().saturating_sub(1);
    let text = format!("max(0, min({last}, tier.position + notches.steps))");
    low.derive("tier.notched_position", ACCOUNT, Some(Type::of(Base::Int)), place, &text)?;
    let mut rows = Vec::new();
    for (n, tier) in tiers.iter().enumerate() {
        let gives = low.literal(tier.id, base.clone(), place);
        let when = Some(low.text(&format!("tier.notched_position == {n}"), place, ACCOUNT, None)?.expr);
        rows.push(ChoiceRow { id: tier.id.into(), place: tier.tree.place.clone(), when, gives, reason: Words::new() });
    }
    low.choose("tier.notched", Subjects::ACCOUNT, Type::of(base.clone()), place, Hit::First, rows);
    Some("tier.notched")
}
