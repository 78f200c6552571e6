//! Steps of an amount: `add subtract multiply_by at_most at_least replace_with round_*`, each with an optional `when:`.

use super::ids::Ids;
use crate::diag::{Code, Diagnostic};
use crate::lang::expr::Kind;
use crate::lang::{Base, Expr, Type, Value};
use crate::plan::lower::{Home, Lowerer, wrong};
use crate::plan::node::{Choice, ChoiceRow, Form, Hit};
use crate::plan::schema::RelationId;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Tree, TreeKind};

/// What a step does with the amount `a` and its own value `by`.
struct Verb {
    name: &'static str,
    takes: Base,
    /// The formula, with `{a}` and `{by}` for the two.
    formula: &'static str,
    /// It also makes an amount out of an unlimited one.
    bounds_unlimited: bool,
    /// It also makes an amount out of none.
    replaces: bool,
}

fn verb(name: &'static str, takes: Base, formula: &'static str) -> Verb {
    Verb { name, takes, formula, bounds_unlimited: false, replaces: false }
}

fn verbs() -> [Verb; 9] {
    [
        verb("add", Base::Money, "{a} + {by}"),
        verb("subtract", Base::Money, "{a} - {by}"),
        verb("multiply_by", Base::Number, "{a} * {by}"),
        Verb { bounds_unlimited: true, ..verb("at_most", Base::Money, "min({a}, {by})") },
        verb("at_least", Base::Money, "max({a}, {by})"),
        Verb { bounds_unlimited: true, replaces: true, ..verb("replace_with", Base::Money, "{by}") },
        verb("round_down_to_multiple_of", Base::Money, "floor({a} / {by}) * {by}"),
        verb("round_up_to_multiple_of", Base::Money, "ceil({a} / {by}) * {by}"),
        verb("round_to_multiple_of", Base::Money, "round({a} / {by}) * {by}"),
    ]
}

/// An amount on its way through steps: the names of the nodes that hold its state and its value.
#[derive(Clone)]
pub(super) struct Amount {
    /// `none`, `amount` or `unlimited`; no node where it is always an amount.
    pub(super) state: Option<String>,
    /// The value; optional where there is a state.
    pub(super) value: String,
}

/// Where steps stand.
pub(super) struct Steps<'s> {
    pub(super) prefix: &'s str,
    pub(super) subject: RelationId,
}

/// Lowers steps in the order written; each is a node `prefix.id` that holds the amount after it.
pub(super) fn lower<'t>(
    low: &mut Lowerer<'t>,
    steps: &Steps<'_>,
    list: &'t Tree,
    mut amount: Amount,
) -> Option<Amount> {
    let mut ids = Ids::of("steps");
    let mut sound = true;
    for tree in read::list(list, &mut low.sink)? {
        let Some(id) = tree.get("id").and_then(|e| read::id(&e.value, &mut low.sink)) else {
            if tree.get("id").is_none() {
                low.report(wrong(tree, Code::MissingKey, "a step needs an id").help("add `id: …`"));
            }
            sound = false;
            continue;
        };
        if !ids.is_new(low, id, &tree.place) {
            sound = false;
            continue;
        }
        match step(low, steps, tree, id, amount.clone()) {
            Some(after) => amount = after,
            None => sound = false,
        }
    }
    sound.then_some(amount)
}

/// The names of the nodes that steps make, for whoever declares them.
pub(super) fn names(prefix: &str, list: Option<&Tree>) -> Vec<String> {
    let trees = list.and_then(|t| read::list(t, &mut Vec::new())).unwrap_or(&[]);
    trees.iter().filter_map(|t| t.get("id")?.value.text()).map(|id| format!("{prefix}.{id}")).collect()
}

fn step<'t>(low: &mut Lowerer<'t>, steps: &Steps<'_>, tree: &'t Tree, id: &str, before: Amount) -> Option<Amount> {
    let mut fields = Fields::of(tree, "a step", &mut low.sink)?;
    fields.take("id", &mut low.sink);
    let when = fields.take("when", &mut low.sink);
    if let Some(label) = fields.take("label", &mut low.sink) {
        read::words(label, &mut low.sink);
    }
    let mut found = None;
    for verb in verbs() {
        let key = verb.name;
        if let Some(value) = fields.take(key, &mut low.sink) {
            if found.is_some() {
                low.report(wrong(value, Code::UnknownKey, "a step does one thing").help("make two steps of it"));
                return None;
            }
            found = Some((verb, value));
        }
    }
    let before_finish = low.sink.len();
    fields.finish(&mut low.sink);
    if low.sink.len() > before_finish && found.is_none() {
        return None;
    }
    let Some((verb, value)) = found else {
        let verbs = verbs().map(|v| format!("`{}`", v.name)).join(", ");
        low.report(
            wrong(tree, Code::MissingKey, "the step does nothing")
                .help(format!("say what it does with one of {verbs}")),
        );
        return None;
    };
    let home = Home::At(steps.subject);
    let name = format!("{}.{id}", steps.prefix);
    let by = format!("{name}.by");
    let given = match when {
        Some(tree) => Some(low.condition(tree, home)?.expr),
        None => None,
    };
    let value_expr = match &value.kind {
        TreeKind::Map(_) => mapping(low, value, home, &verb.takes)?,
        _ => low.expr_given(value, home, Some(Type::of(verb.takes.clone())), given.as_slice())?.expr,
    };
    let ty = Type { base: verb.takes.clone(), optional: given.is_some() };
    let row = ChoiceRow {
        id: id.into(),
        place: tree.place.clone(),
        when: given,
        gives: value_expr,
        reason: Default::default(),
    };
    let choice = Choice { hit: Hit::First, complete: !ty.optional, rows: vec![row] };
    let by_is_optional = ty.optional;
    low.add(&by, steps.subject, ty, &value.place, Form::Choice(choice));
    after(low, steps, tree, &name, &by, by_is_optional, verb, before)
}

#[expect(clippy::too_many_arguments, reason = "a step is a verb with a value, applied to an amount")]
fn after(
    low: &mut Lowerer<'_>,
    steps: &Steps<'_>,
    tree: &Tree,
    name: &str,
    by: &str,
    by_is_optional: bool,
    verb: Verb,
    before: Amount,
) -> Option<Amount> {
    let home = Home::At(steps.subject);
    let place = &tree.place;
    let applies = if by_is_optional { format!("is_given({by})") } else { "true".into() };
    let formula = verb.formula.replace("{a}", &before.value).replace("{by}", by);
    let Some(state) = before.state else {
        let text =
            if by_is_optional { format!("if {applies} {{ {formula} }} else {{ {} }}", before.value) } else { formula };
        low.derive(name, home, Some(Type::of(Base::Money)), place, &text)?;
        return Some(Amount { state: None, value: name.into() });
    };
    let a = &before.value;
    let instead = match (verb.replaces, verb.bounds_unlimited) {
        (true, _) => format!("if {applies} {{ {by} }} else {{ {a} }}"),
        (false, true) => format!(
            "if {applies} && {state} == \"unlimited\" {{ {by} }} else if {applies} && is_given({a}) {{ {formula} }} else {{ {a} }}"
        ),
        (false, false) => format!("if {applies} && is_given({a}) {{ {formula} }} else {{ {a} }}"),
    };
    let value = low.derive(name, home, Some(Type::maybe(Base::Money)), place, &instead)?;
    if !verb.bounds_unlimited {
        return Some(show_state(low, value, state, name));
    }
    let after_state = format!("{name}.state");
    let turned = if verb.replaces { applies } else { format!("{applies} && {state} == \"unlimited\"") };
    let text = format!("if {turned} {{ \"amount\" }} else {{ {state} }}");
    low.derive(&after_state, home, Some(Type::of(state_type())), place, &text)?;
    Some(show_state(low, value, after_state, name))
}

fn show_state(low: &mut Lowerer<'_>, value: crate::lang::NodeRef, state: String, name: &str) -> Amount {
    if let Some(shown) = low.demand_known(&state) {
        low.show_instead(value, shown);
    }
    Amount { state: Some(state), value: name.into() }
}

/// The states of a limit.
pub(super) fn state_type() -> Base {
    Type::one_of(["none", "amount", "unlimited"])
}

/// `A`, `B`, `C`
fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// `{ tier: { A: 1.5, B: 1.0 } }`: a value for each value of a decision or fact.
fn mapping(low: &mut Lowerer<'_>, tree: &Tree, home: Home, base: &Base) -> Option<Expr> {
    let TreeKind::Map(entries) = &tree.kind else { return None };
    let [entry] = entries.as_slice() else {
        low.report(
            wrong(tree, Code::WrongShape, "a mapping here is about one fact or decision")
                .help("as in `{ tier: { A: 1.5, B: 1.0 } }`"),
        );
        return None;
    };
    let subject = low.text(&entry.key, &entry.key_place, home, None)?.expr;
    let (Base::OneOf(values), false) = (&subject.ty.base, subject.ty.optional) else {
        let message = format!("`{}` is not one of a fixed list of values", entry.key);
        low.report(
            Diagnostic::error(Code::WrongType, message, entry.key_place.clone())
                .help("write a step for each case, with `when:`"),
        );
        return None;
    };
    let TreeKind::Map(arms) = &entry.value.kind else {
        low.report(
            wrong(&entry.value, Code::WrongShape, "a value for each is needed here").help("as in `{ A: 1.5, B: 1.0 }`"),
        );
        return None;
    };
    let values = values.clone();
    let mut cases = Vec::new();
    for arm in arms {
        if !values.iter().any(|value| **value == *arm.key) {
            let near = crate::diag::nearest(&arm.key, values.iter().map(AsRef::as_ref));
            let message = format!("`{}` is not a value of `{}`", arm.key, entry.key);
            let finding = Diagnostic::error(Code::UnknownValue, message, arm.key_place.clone());
            low.report(finding.help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("its values are {}", quoted(values.iter().map(AsRef::as_ref))),
            }));
            return None;
        }
        let gives = low.expr(&arm.value, home, Some(Type::of(base.clone())))?.expr;
        cases.push((vec![Value::text(&arm.key)], gives));
    }
    let missing: Vec<&str> =
        values.iter().map(AsRef::as_ref).filter(|v| !arms.iter().any(|arm| arm.key == *v)).collect();
    if !missing.is_empty() {
        let message = format!("nothing is said for {}", quoted(missing.iter().copied()));
        low.report(wrong(&entry.value, Code::Gap, message).help("add a value for each"));
        return None;
    }
    let kind = Kind::Switch { subject: Box::new(subject), cases, default: None };
    Some(Expr { kind, ty: Type::of(base.clone()), span: tree.place.span })
}
