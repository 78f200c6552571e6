//! `warnings:` levels, and rules that raise them; the highest wins.

use super::memory::{self, Memory, Move};
use super::referred;
use crate::diag::Code;
use crate::lang::{Base, Type, Words};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::{ChoiceRow, Form, Hit};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree};

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let Some(mut fields) = Fields::of(&section.value, "`warnings`", &mut low.sink) else { return };
    let levels = fields.need("levels", &mut low.sink);
    let rules = fields.need("rules", &mut low.sink);
    fields.finish(&mut low.sink);
    let (Some(levels), Some(rules)) = (levels, rules) else { return };
    let levels: Vec<&str> = read::ids(levels, &mut low.sink).into_iter().map(|(id, _)| id).collect();
    let rules = read::list(rules, &mut low.sink).unwrap_or(&[]);
    if rules.is_empty() {
        referred::needs_rules(low, &section.value, "`warnings`");
    }
    for rule in rules {
        let id = referred::declare_rule(low, "warnings", rule, Subjects::ACCOUNT, &["level", "until"]);
        if let (Some(id), Some(until)) = (id, rule.get("until")) {
            declare_lasting(low, id, rule, &until.value);
        }
    }
    low.head("warning.level", Type::maybe(Type::one_of(&levels)));
    let names = ["warning.level", "warnings"].map(String::from).to_vec();
    low.define(names, &section.key_place, move |low| lower(low, section, &levels, rules));
}

/// The name of what remembers whether a warning still stands.
fn stands(id: &str) -> String {
    format!("warnings.{id}.stands")
}

/// A warning that stays, once raised, until another condition holds.
fn declare_lasting<'t>(low: &mut Lowerer<'t>, id: &'t str, rule: &'t Tree, until: &'t Tree) {
    let name = stands(id);
    memory::head(low, &name, &[NO, YES]);
    low.result(Subjects::ACCOUNT, &name, false);
    low.define(vec![name.clone(), format!("{name}.before")], &rule.place, move |low| {
        let (raised, over) = (format!("warnings.{id}"), format!("warnings.{id}.over"));
        let Some(condition) = low.condition(until, Home::At(Subjects::ACCOUNT)) else { return };
        low.add(&over, Subjects::ACCOUNT, Type::of(Base::Bool), &until.place, Form::Expr(condition.expr));
        let (place, reason) = (&rule.place, Words::new());
        let ends = format!("!{raised} && {over}");
        let moves = vec![
            Move { id: "raised", place, from: vec![NO], to: YES, when: raised, reason: reason.clone() },
            Move { id: "over", place: &until.place, from: vec![YES], to: NO, when: ends, reason },
        ];
        memory::lower(low, Memory { name: &name, place, values: vec![NO, YES], first: NO, moves });
    });
}

const NO: &str = "no";
const YES: &str = "yes";

/// A row for each rule: it hits while its condition holds, or while the warning stands.
fn rows(low: &mut Lowerer<'_>, rules: &[Tree]) -> Vec<ChoiceRow> {
    let mut rows = referred::rows(low, "warnings", rules, Subjects::ACCOUNT);
    for rule in rules.iter().filter(|rule| rule.get("until").is_some()) {
        let Some(id) = rule.get("id").and_then(|entry| entry.value.text()) else { continue };
        let text = format!("{} == \"{YES}\"", stands(id));
        let Some(when) = low.text(&text, &rule.place, Home::At(Subjects::ACCOUNT), None) else { continue };
        if let Some(row) = rows.iter_mut().find(|row| row.id == id) {
            row.when = Some(when.expr);
        }
    }
    rows
}

fn lower<'t>(low: &mut Lowerer<'t>, section: &'t Entry, levels: &[&str], rules: &'t [Tree]) {
    let place = &section.key_place;
    let all = rows(low, rules);
    let base = Type::one_of(levels);
    let known: Vec<(&str, usize)> = levels.iter().enumerate().map(|(n, level)| (*level, n)).collect();
    let mut ranked: Vec<(usize, ChoiceRow)> = Vec::new();
    for rule in rules {
        let Some(level) = rule.get("level") else {
            low.report(wrong(rule, Code::MissingKey, "a warning has a level").help("add `level: …`"));
            continue;
        };
        let Some(rank) = read::one_of(&level.value, &known, &mut low.sink) else { continue };
        let id = rule.get("id").and_then(|entry| entry.value.text());
        let (Some(row), Some(name)) = (all.iter().find(|row| Some(row.id.as_str()) == id), levels.get(rank)) else {
            continue;
        };
        let gives = low.literal(name, base.clone(), &rule.place);
        ranked.push((rank, ChoiceRow { gives, ..row.clone() }));
    }
    ranked.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
    let rows = ranked.into_iter().map(|(_, row)| row).collect();
    low.choose("warning.level", Subjects::ACCOUNT, Type::maybe(base), place, Hit::First, rows);
    low.choose("warnings", Subjects::ACCOUNT, Type::of(Base::List(Box::new(Base::Text))), place, Hit::List, all);
}
