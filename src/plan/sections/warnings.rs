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
        match rule.get("until") {
            Some(until) => lasting(low, rule, &until.value),
            None => drop(referred::declare_rule(low, "warnings", rule, Subjects::ACCOUNT, &["level"])),
        }
    }
    low.head("warnings", Type::maybe(referred::list_type().base));
    low.head("warning.level", Type::maybe(Type::one_of(&levels)));
    let names = ["warning.level", "warnings"].map(String::from).to_vec();
    low.define(names, &section.key_place, move |low| lower(low, section, &levels, rules));
}

/// A warning that, once raised, stays until a condition of its own holds: what was in force before says whether it was.
fn lasting<'t>(low: &mut Lowerer<'t>, rule: &'t Tree, until: &'t Tree) {
    let keys = &["level", "until"];
    let Some(id) = referred::declare_rule(low, "warnings.raised", rule, Subjects::ACCOUNT, keys) else { return };
    let (name, ends) = (format!("warnings.{id}"), format!("warnings.ends.{id}"));
    low.define(vec![name.clone(), ends.clone()], &rule.place, move |low| {
        let (home, truth) = (Home::At(Subjects::ACCOUNT), Type::of(Base::Bool));
        let Some(found) = low.condition(until, home) else { return };
        low.add(&ends, Subjects::ACCOUNT, truth.clone(), &until.place, Form::Expr(found.expr));
        let (was, stands) = (format!("{name}.was"), format!("{name}.stands"));
        let (known, in_force) = ("is_given(previous.warnings)", format!("\"{id}\" in previous.warnings"));
        let text = format!("if {in_force} {{ \"{YES}\" }} else {{ \"{NO}\" }}");
        let place = &rule.place;
        let base = Type::one_of([NO, YES]);
        if low.derive_where(&was, Subjects::ACCOUNT, base, place, known, &text).is_none() {
            return;
        }
        let (raised, reason) = (format!("warnings.raised.{id}"), Words::new());
        let over = format!("!{raised} && {ends}");
        let moves = vec![
            Move { id: "raised", place, from: vec![NO], to: YES, when: raised, reason: reason.clone() },
            Move { id: "over", place: &until.place, from: vec![YES], to: NO, when: over, reason },
        ];
        let memory = Memory { name: &stands, was: &was, place, values: vec![NO, YES], first: NO, moves };
        if memory::lower(low, memory).is_some() {
            low.derive(&name, home, Some(truth), place, &format!("{stands} == \"{YES}\""));
        }
    });
}

/// Whether a warning stands.
const NO: &str = "no";
const YES: &str = "yes";

fn lower<'t>(low: &mut Lowerer<'t>, section: &'t Entry, levels: &[&str], rules: &'t [Tree]) {
    let place = &section.key_place;
    let all = referred::rows(low, "warnings", rules, Subjects::ACCOUNT);
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
