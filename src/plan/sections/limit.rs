//! `limit:` an amount made step by step, that also knows `none` and `unlimited`.

use super::steps::{self, Amount, Steps, state_type};
use super::table;
use crate::diag::Code;
use crate::lang::{Base, Expr, Kind, Type, Value, Words};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::{ChoiceRow, Hit};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree};

const ACCOUNT: Home = Home::At(Subjects::ACCOUNT);
const LATER: [&str; 2] = ["sources", "rises"];

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let Some(mut fields) = Fields::of(&section.value, "`limit`", &mut low.sink) else { return };
    let start = fields.need("start", &mut low.sink);
    let list = fields.take("steps", &mut low.sink);
    fields.later(&LATER, &mut low.sink);
    fields.finish(&mut low.sink);
    let Some(start) = start else { return };
    low.head("limit.state", Type::of(state_type()));
    low.head("limit.amount", Type::maybe(Base::Money));
    let mut names: Vec<String> = ["limit.state", "limit.amount", "limit.start"].map(Into::into).to_vec();
    names.extend(steps::names("limit.steps", list));
    low.define(names, &section.key_place, move |low| {
        lower(low, section, start, list);
    });
}

fn lower<'t>(low: &mut Lowerer<'t>, section: &'t Entry, start: &'t Tree, list: Option<&'t Tree>) -> Option<()> {
    let place = &section.key_place;
    let mut amount = starts(low, start)?;
    if let Some(list) = list {
        amount = steps::lower(low, &Steps { prefix: "limit.steps", subject: Subjects::ACCOUNT }, list, amount)?;
    }
    let amount = hold(low, section, amount)?;
    let state = amount.state?;
    let state_node = low.derive("limit.state", ACCOUNT, Some(Type::of(state_type())), place, &state)?;
    let rounded = format!("if is_given({0}) {{ round_money({0}) }} else {{ {0} }}", amount.value);
    let value = low.derive("limit.amount", ACCOUNT, Some(Type::maybe(Base::Money)), place, &rounded)?;
    if let Some(node) = low.node_mut(value) {
        node.shown_when_missing = Some(state_node);
    }
    Some(())
}

/// The first row that hits says what the limit starts from; none hits: no limit.
fn starts<'t>(low: &mut Lowerer<'t>, tree: &'t Tree) -> Option<Amount> {
    const OUTPUTS: [&str; 3] = ["amount", "none", "unlimited"];
    let rows = table::rows(low, tree, &OUTPUTS, ACCOUNT);
    let start = table::choice_of_row(low, "limit.start", &tree.place, Subjects::ACCOUNT, &rows, Hit::First, false);
    let mut states = Vec::new();
    let mut sound = true;
    for row in &rows {
        let flag = |low: &mut Lowerer<'t>, key: &str| match row.output(key) {
            Some(tree) => read::boolean(tree, &mut low.sink),
            None => Some(false),
        };
        let (Some(none), Some(unlimited)) = (flag(low, "none"), flag(low, "unlimited")) else {
            sound = false;
            continue;
        };
        let state = match (row.output("amount"), none, unlimited) {
            (Some(_), false, false) => "amount",
            (None, true, false) => "none",
            (None, false, true) => "unlimited",
            (amount, ..) => {
                let message = match amount {
                    Some(_) => "the row says more than one thing that the limit starts from",
                    None => "the row does not say what the limit starts from",
                };
                low.report(
                    wrong(&row.tree, Code::MissingKey, message)
                        .help("write one of `amount: …`, `none: true`, `unlimited: true`"),
                );
                sound = false;
                continue;
            }
        };
        states.push((row, state));
    }
    if !sound {
        return None;
    }
    let mut choices = Vec::new();
    for (row, state) in states {
        let tree = &row.tree;
        let text = format!("is_given(limit.start) && limit.start == \"{}\"", row.id);
        let when = Some(low.text(&text, &tree.place, ACCOUNT, None)?.expr);
        let gives = low.literal(state, state_type(), &tree.place);
        choices.push(ChoiceRow { id: row.id.clone(), place: tree.place.clone(), when, gives, reason: Words::new() });
    }
    let gives = low.literal("none", state_type(), &tree.place);
    choices.push(ChoiceRow { id: "no_row".into(), place: tree.place.clone(), when: None, gives, reason: Words::new() });
    let ty = Type::of(state_type());
    let state = low.choose("limit.start.state", Subjects::ACCOUNT, ty, &tree.place, Hit::First, choices);
    let value = table::output_of_row(
        low,
        "limit.start.amount",
        start,
        &tree.place,
        Subjects::ACCOUNT,
        Base::Money,
        &rows,
        |row| row.output("amount").cloned(),
    )?;
    if let Some(node) = low.node_mut(value) {
        node.shown_when_missing = Some(state);
        node.ty.optional = true;
    }
    Some(Amount { state: Some("limit.start.state".into()), value: "limit.start.amount".into() })
}

/// Missing knowledge never loosens credit: a limit that is held does not rise above the one in force; where none is in
/// force there is no first one until a person decides.
fn hold(low: &mut Lowerer<'_>, section: &Entry, before: Amount) -> Option<Amount> {
    let place = &section.key_place;
    let (state, value) = (before.state?, before.value);
    let was = "(previous.limit.state ?? \"none\")";
    let held_state = format!(
        "if !account.held || {state} == \"none\" {{ {state} }} else if {was} == \"unlimited\" {{ {state} }} else {{ previous.limit.state ?? \"none\" }}"
    );
    low.derive("limit.steps.held.state", ACCOUNT, Some(Type::of(state_type())), place, &held_state)?;
    let held = format!(
        "if !account.held || {was} == \"unlimited\" {{ {value} }} \
         else if is_given({value}) && is_given(previous.limit.amount) {{ min({value}, previous.limit.amount) }} \
         else {{ if {state} == \"unlimited\" {{ previous.limit.amount }} else {{ {nothing} }} }}",
        nothing = "limit.nothing"
    );
    nothing(low, place);
    let node = low.derive("limit.steps.held", ACCOUNT, Some(Type::maybe(Base::Money)), place, &held)?;
    let shown = low.demand_known("limit.steps.held.state");
    if let Some(node) = low.node_mut(node) {
        node.shown_when_missing = shown;
    }
    Some(Amount { state: Some("limit.steps.held.state".into()), value: "limit.steps.held".into() })
}

/// An amount that is not there.
fn nothing(low: &mut Lowerer<'_>, place: &crate::diag::Place) {
    let ty = Type::maybe(Base::Money);
    let expr = Expr { kind: Kind::Lit(Value::Missing), ty: ty.clone(), span: place.span };
    low.add("limit.nothing", Subjects::PORTFOLIO, ty, place, crate::plan::node::Form::Expr(expr));
}
