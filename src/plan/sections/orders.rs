//! `order_checks:` all rules that hit are listed; the strictest decides.

use super::referred;
use crate::diag::{Code, Place};
use crate::lang::{Base, Type, Words};
use crate::plan::lower::{Home, Lowerer, wrong};
use crate::plan::node::{ChoiceRow, Hit};
use crate::plan::schema::RelationId;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree};

const CHECKPOINTS: [(&str, &str); 2] = [("confirmation", "confirmation"), ("shipment", "shipment")];

/// What is passed over when nothing says so, and what an order comes to when a fact is missing.
const PASS: &str = "pass";
const REFER: &str = "refer";

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let Some(mut fields) = Fields::of(&section.value, "`order_checks`", &mut low.sink) else { return };
    let strictest = fields.need("strictest_first", &mut low.sink);
    let at = fields.need("at", &mut low.sink);
    let rules = fields.need("rules", &mut low.sink);
    let exceptions = fields.take("exceptions", &mut low.sink);
    fields.finish(&mut low.sink);
    let (Some(strictest), Some(at), Some(rules)) = (strictest, at, rules) else { return };
    let decisions: Vec<&str> = read::ids(strictest, &mut low.sink).into_iter().map(|(id, _)| id).collect();
    if decisions.last() != Some(&PASS) || !decisions.contains(&REFER) {
        low.report(
            wrong(strictest, Code::MissingKey, "the list ends with `pass` and has `refer` before it").help(
                "an order of an account with missing knowledge is referred: `[reject, hold, prepay, refer, pass]`",
            ),
        );
    }
    let Some(order) = low.subject_named("order") else { return };
    let checkpoints: Vec<&str> =
        read::list_or_one(at).iter().filter_map(|t| read::one_of(t, &CHECKPOINTS, &mut low.sink)).collect();
    if read::list_or_one(at).is_empty() {
        let finding = wrong(at, Code::Nothing, "orders are checked at no point");
        low.report(finding.help("write `at: [confirmation, shipment]`, or one of the two"));
    }
    let rules = read::list(rules, &mut low.sink).unwrap_or(&[]);
    if rules.is_empty() {
        referred::needs_rules(low, &section.value, "`order_checks`");
    }
    let exceptions = exceptions.and_then(|t| read::list(t, &mut low.sink)).unwrap_or(&[]);
    for rule in rules {
        referred::declare_rule(low, "order_checks", rule, order, &["decision"]);
    }
    let lifted: Vec<Lifted<'t>> = exceptions.iter().filter_map(|tree| exception(low, tree, rules, order)).collect();

    let base = Type::one_of(&decisions);
    low.head("order.decision", Type::maybe(base.clone()));
    let names = ["order.checked", "order.decision", "order.hits"].map(String::from).to_vec();
    low.define(names, &section.key_place, move |low| {
        let section = Section { place: &section.key_place, decisions, base, order, checkpoints, rules, lifted };
        lower(low, &section);
    });
}

/// An exception that lifts rules.
struct Lifted<'t> {
    id: &'t str,
    rules: Vec<&'t str>,
}

struct Section<'t> {
    place: &'t Place,
    decisions: Vec<&'t str>,
    base: Base,
    order: RelationId,
    checkpoints: Vec<&'t str>,
    rules: &'t [Tree],
    lifted: Vec<Lifted<'t>>,
}

fn exception<'t>(low: &mut Lowerer<'t>, tree: &'t Tree, rules: &[Tree], order: RelationId) -> Option<Lifted<'t>> {
    let lifts = tree.get("lifts");
    let id = referred::declare_rule(low, "order_exceptions", tree, order, &["lifts"])?;
    let Some(lifts) = lifts else {
        low.report(
            wrong(tree, Code::MissingKey, "an exception says which rules it lifts").help("add `lifts: [rule_id]`"),
        );
        return None;
    };
    let known: Vec<&str> = rules.iter().filter_map(|rule| rule.get("id")?.value.text()).collect();
    let choices: Vec<(&str, ())> = known.iter().map(|id| (*id, ())).collect();
    let mut lifted = Vec::new();
    for tree in read::list_or_one(&lifts.value) {
        read::one_of(tree, &choices, &mut low.sink)?;
        lifted.extend(tree.text());
    }
    Some(Lifted { id, rules: lifted })
}

fn lower(low: &mut Lowerer<'_>, section: &Section<'_>) -> Option<()> {
    if section.checkpoints.is_empty() {
        return None;
    }
    let home = Home::At(section.order);
    let points = section.checkpoints.iter().map(|p| format!("\"{p}\"")).collect::<Vec<_>>().join(", ");
    let text = format!("is_given(order.checkpoint) && order.checkpoint in [{points}]");
    low.derive("order.checked", home, Some(Type::of(Base::Bool)), section.place, &text)?;

    let mut hits = Vec::new();
    let mut rows: Vec<(usize, ChoiceRow)> = Vec::new();
    for rule in section.rules {
        let Some((level, row)) = rule_row(low, section, rule) else { continue };
        let mut hit = row.clone();
        hit.gives = low.literal(&row.id, Base::Text, &row.place);
        hits.push(hit);
        rows.push((level, row));
    }
    let refer = section.decisions.iter().position(|d| *d == REFER)?;
    rows.extend(referral_rows(low, section).into_iter().map(|row| (refer, row)));
    rows.sort_by_key(|(level, _)| *level);

    let mut decision: Vec<ChoiceRow> = rows.into_iter().map(|(_, row)| row).collect();
    let gives = low.literal(PASS, section.base.clone(), section.place);
    let when = Some(low.text("order.checked", section.place, home, None)?.expr);
    let place = section.place.clone();
    decision.push(ChoiceRow { id: PASS.into(), place, when, gives, reason: Words::new() });
    low.choose("order.decision", section.order, Type::maybe(section.base.clone()), section.place, Hit::First, decision);
    low.choose("order.hits", section.order, referred::list_type(), section.place, Hit::List, hits);
    Some(())
}

/// A rule as a row: it hits when the order is checked, the rule holds and no exception lifts it.
fn rule_row(low: &mut Lowerer<'_>, section: &Section<'_>, rule: &Tree) -> Option<(usize, ChoiceRow)> {
    let home = Home::At(section.order);
    let id = rule.get("id")?.value.text()?;
    let Some(decision) = rule.get("decision") else {
        low.report(wrong(rule, Code::MissingKey, "a rule says what it decides").help("add `decision: hold`"));
        return None;
    };
    let levels: Vec<(&str, usize)> = section.decisions.iter().enumerate().map(|(n, d)| (*d, n)).collect();
    let level = read::one_of(&decision.value, &levels, &mut low.sink)?;
    let lifted = section.lifted.iter().filter(|e| e.rules.contains(&id));
    let lifted: String = lifted.map(|e| format!(" && !order_exceptions.{}", e.id)).collect();
    let when = low.text(&format!("order.checked && order_checks.{id}{lifted}"), &rule.place, home, None)?.expr;
    let gives = low.literal(section.decisions.get(level)?, section.base.clone(), &rule.place);
    let reason = referred::reason(low, rule, home);
    Some((level, ChoiceRow { id: id.into(), place: rule.place.clone(), when: Some(when), gives, reason }))
}

/// Missing knowledge never lets an order pass: rules that met a missing fact, and accounts that are held, are referred.
fn referral_rows(low: &mut Lowerer<'_>, section: &Section<'_>) -> Vec<ChoiceRow> {
    let own: Vec<(String, String, Place)> = low
        .referrals
        .iter()
        .filter(|r| r.subject == section.order)
        .map(|r| (r.node.clone(), format!("{}_unknown", r.id), r.place.clone()))
        .collect();
    let held = ("account.held".to_string(), "account_held".to_string(), section.place.clone());
    let mut rows = Vec::new();
    for (node, id, place) in own.into_iter().chain([held]) {
        let text = format!("order.checked && {node}");
        let Some(when) = low.text(&text, &place, Home::At(section.order), None) else { continue };
        let gives = low.literal(REFER, section.base.clone(), &place);
        rows.push(ChoiceRow { id, place, when: Some(when.expr), gives, reason: Words::new() });
    }
    rows
}
