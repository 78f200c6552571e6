//! `provisions:` expected loss by age.
//!
//! An item shows its part rounded; what is added up, by account and by age, adds the exact parts and is rounded once. The portfolio's provision is
//! the sum of its ages' (provision matrix, IFRS 9 B5.5.35).

use crate::diag::{Code, Diagnostic, Place};
use crate::lang::{Base, Expr, Type, Words};
use crate::plan::lower::{Home, Lowerer, Subjects, Tally, wrong};
use crate::plan::node::{ChoiceRow, Hit, Take};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree};

const ITEM: Home = Home::At(Subjects::ITEM);

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let names = ["provision.rate", "provision.exact", "provision.amount", "account.provision", "portfolio.provision"];
    low.define(names.map(String::from).to_vec(), &section.key_place, move |low| {
        lower(low, section);
    });
}

fn lower<'t>(low: &mut Lowerer<'t>, section: &'t Entry) -> Option<()> {
    let place = &section.key_place;
    let Some(ageing) = low.demand("item.ageing", place) else {
        let message = "provisions by age need the section `ageing`";
        low.report(Diagnostic::error(Code::MissingKey, message, place.clone()).help("add `ageing: [0, 30, 60, 90]`"));
        return None;
    };
    let ageing = low.read(ageing.ok()?, place);
    let Base::OneOf(ages) = ageing.ty.base.clone() else { return None };
    let rows = rows(low, &section.value, &ageing)?;
    let covered: Vec<&str> = rows.iter().flat_map(|(ages, _)| ages.iter().map(String::as_str)).collect();
    let left: Vec<&str> = ages.iter().map(AsRef::as_ref).filter(|age| !covered.contains(age)).collect();
    if !left.is_empty() {
        let message = format!(
            "no rate is given for {}",
            left.iter().map(|age| format!("`{age}`")).collect::<Vec<_>>().join(", ")
        );
        low.report(Diagnostic::error(Code::Gap, message, section.value.place.clone()).help("add a row for each age"));
        return None;
    }
    let rows = rows.into_iter().map(|(_, row)| row).collect();
    low.choose("provision.rate", Subjects::ITEM, Type::of(Base::Number), place, Hit::First, rows);
    let money = || Some(Type::of(Base::Money));
    low.derive("provision.exact", ITEM, money(), place, "max(0, item.open) * provision.rate")?;
    low.derive("provision.amount", ITEM, money(), place, "round_money(provision.exact)")?;
    total(low, "account.provision", Subjects::ACCOUNT, place, None)?;
    let mut parts = Vec::new();
    for age in ages.iter() {
        let name = format!("portfolio.provision.{age}");
        total(low, &name, Subjects::PORTFOLIO, place, Some(&format!("item.ageing == \"{age}\"")))?;
        parts.push(name);
    }
    low.derive("portfolio.provision", Home::At(Subjects::PORTFOLIO), money(), place, &parts.join(" + "))?;
    Some(())
}

/// The sum of items' parts, rounded once.
fn total(
    low: &mut Lowerer<'_>,
    name: &str,
    subject: crate::plan::RelationId,
    place: &Place,
    filter: Option<&str>,
) -> Option<()> {
    let exact = format!("{name}.exact");
    low.tally(
        &exact,
        subject,
        place,
        Tally { of: Subjects::ITEM, take: Take::Sum, value: Some("provision.exact"), filter },
    );
    low.derive(name, Home::At(subject), Some(Type::of(Base::Money)), place, &format!("round_money({exact})"))?;
    Some(())
}

fn rows<'t>(low: &mut Lowerer<'t>, tree: &'t Tree, ageing: &Expr) -> Option<Vec<Aged>> {
    let mut rows: Vec<Aged> = Vec::new();
    let mut sound = true;
    for tree in read::list(tree, &mut low.sink)? {
        match row(low, tree, ageing, &rows) {
            Some(row) => rows.push(row),
            None => sound = false,
        }
    }
    sound.then_some(rows)
}

/// The ages a row is about, and the row.
type Aged = (Vec<String>, ChoiceRow);

fn row<'t>(low: &mut Lowerer<'t>, tree: &'t Tree, ageing: &Expr, rows: &[Aged]) -> Option<Aged> {
    let mut fields = Fields::of(tree, "a provision", &mut low.sink)?;
    let age = fields.need("age", &mut low.sink);
    let rate = fields.need("rate", &mut low.sink);
    fields.finish(&mut low.sink);
    let (age, rate) = (age?, rate?);
    super::share::check(low, rate);
    let when = low.cell(age, ageing, ITEM);
    let gives = low.expr(rate, ITEM, Some(Type::of(Base::Number)));
    let (when, gives) = (when?.expr, gives?.expr);
    let ages: Vec<String> = read::list_or_one(age).iter().filter_map(|t| Some(t.text()?.to_string())).collect();
    if let Some((_, first)) = rows.iter().find(|(known, _)| known.iter().any(|age| ages.contains(age))) {
        let finding = wrong(age, Code::Overlap, "this age has a rate already").also(first.place.clone(), "here");
        low.report(finding.help("keep one row for each age"));
        return None;
    }
    let (id, place) = (ages.join("_"), tree.place.clone());
    Some((ages, ChoiceRow { id, place, when: Some(when), gives, reason: Words::new() }))
}
