//! How far the sign-offs of an account have got, and the next one asked for.

use super::{ACCOUNT, Chain, Process, hit};
use crate::lang::{Base, Expr, Kind, Type, Value, Words};
use crate::plan::lower::{Home, Lowerer, OverText, Subjects, Tally, WalkText};
use crate::plan::node::{ACTIONS, Emit, Form, Take};

/// What `<name>.signed` comes to where it ended before its time; else it is how many stages are signed.
pub(super) const REJECTED: &str = "-1";
pub(super) const SAME_PERSON: &str = "-2";
pub(super) const OUT_OF_ORDER: &str = "-3";

/// Adds `<name>.stages`, how many must sign, and `<name>.signed`: the sign-offs that count, gone through by date, those of
/// one day in the order asked for.
pub(super) fn lower<'t>(low: &mut Lowerer<'t>, process: &Process<'t>, chains: &[Chain]) -> Option<()> {
    let place = &process.entry.key_place;
    let sign_off = low.subject_named("sign_off")?;
    let row = Home::At(sign_off);
    let int = || Some(Type::of(Base::Int));

    let mut stages = String::new();
    let mut rank = String::new();
    for chain in chains.iter().filter(|chain| !chain.roles.is_empty()) {
        let hit = hit(process, std::iter::once(chain))?;
        stages.push_str(&format!("if {hit} {{ {} }} else ", chain.roles.len()));
        let roles: String = chain
            .roles
            .iter()
            .enumerate()
            .map(|(n, role)| format!("if sign_off.role == \"{role}\" {{ {} }} else ", n + 1))
            .collect();
        rank.push_str(&format!("if {hit} {{ {roles}{{ 0 }} }} else "));
    }
    low.derive(&process.part("stages"), ACCOUNT, int(), place, &format!("{stages}{{ 0 }}"))?;
    let (ranked, counts) = (process.part("rank"), process.part("counts"));
    low.derive(&ranked, row, int(), place, &format!("{rank}{{ 0 }}"))?;
    // Who agreed to an amount did not agree to more; who turned it down turned down more as well.
    let enough = enough(low, process)?;
    let text = format!(
        "(sign_off.subject ?? \"limit\") == \"{}\" && sign_off.on >= ({} ?? sign_off.on) && {ranked} > 0 \
         && (sign_off.decision == \"rejected\" || {enough})",
        process.about,
        process.part("since")
    );
    low.derive(&counts, row, Some(Type::of(Base::Bool)), place, &text)?;

    let longest = chains.iter().map(|chain| chain.roles.len()).max().unwrap_or(0);
    let people: Vec<String> = (1..=longest).map(|n| format!("person_{n}")).collect();
    let again = people.iter().map(|p| format!("same_name(sign_off.person, {p})")).collect::<Vec<_>>().join(" || ");
    let again = if again.is_empty() { "false".to_string() } else { again };
    let distinct = low.demand_known(&process.part("distinct_people")).and_then(|n| low.node(n)).map(|n| n.ty.optional);
    let distinct = match distinct {
        Some(true) => format!("({} ?? false)", process.part("distinct_people")),
        _ => process.part("distinct_people"),
    };
    let signs = format!(
        "if count < 0 || {ranked} <= count && sign_off.decision == \"approved\" {{ count }} \
         else if sign_off.decision == \"rejected\" {{ {REJECTED} }} \
         else if {ranked} > count + 1 {{ {OUT_OF_ORDER} }} \
         else if {distinct} && ({again}) {{ {SAME_PERSON} }} else {{ {ranked} }}"
    );
    let steps: Vec<(String, String)> = (1..=longest)
        .zip(&people)
        .map(|(n, person)| {
            let text = format!("if {ranked} == {n} && count == {} {{ sign_off.person }} else {{ {person} }}", n - 1);
            (person.clone(), text)
        })
        .collect();
    let mut running = vec![("count", Base::Int, "0", signs.as_str())];
    running.extend(steps.iter().map(|(person, text)| (person.as_str(), Base::Text, "\"\"", text.as_str())));
    let order = [("sign_off.on", false), (ranked.as_str(), false)];
    let walk = WalkText {
        under: Subjects::ACCOUNT,
        over: OverText::Rows { of: sign_off, order: &order, filter: Some(&counts) },
        running: &running,
        gives: ("count", Type::of(Base::Int)),
    };
    low.walk(&process.part("signed"), Subjects::ACCOUNT, place, walk)?;
    Some(())
}

/// The text that is true where the amount a sign-off names is not less than what is agreed to.
fn enough<'t>(low: &mut Lowerer<'t>, process: &Process<'t>) -> Option<String> {
    let covers =
        |amount: &str| format!("!is_given(sign_off.amount) || is_given({amount}) && sign_off.amount >= {amount}");
    if let Some(tree) = process.amount {
        let name = process.part("amount");
        let expr = low.expr(tree, ACCOUNT, Some(Type::maybe(Base::Money)))?.expr;
        low.add(&name, Subjects::ACCOUNT, Type::maybe(Base::Money), &tree.place, Form::Expr(expr));
        return Some(format!("({})", covers(&name)));
    }
    let of_limit = process.about == super::LIMIT && low.knows("limit.amount");
    Some(if of_limit { format!("({} || limit.state == \"none\")", covers("limit.amount")) } else { "true".into() })
}

/// Puts the sign-off whose turn it is on the action list, once a role and decision in force.
pub(super) fn ask(low: &mut Lowerer<'_>, process: &Process<'_>, chains: &[Chain], action: &str) -> Option<()> {
    let place = &process.entry.key_place;
    let history = low.subject_named("account_action")?;
    let mut roles: Vec<&str> = Vec::new();
    for role in chains.iter().flat_map(|chain| &chain.roles) {
        if !roles.contains(&role.as_str()) {
            roles.push(role);
        }
    }
    let amount = match process.amount {
        Some(_) => Some(low.text(&process.part("amount"), place, ACCOUNT, None)?.expr),
        None if process.about == super::LIMIT && low.knows("limit.amount") => {
            Some(low.text("limit.amount", place, ACCOUNT, None)?.expr)
        }
        None => None,
    };
    let text = |text: &str| Expr { kind: Kind::Lit(Value::text(text)), ty: Type::of(Base::Text), span: place.span };
    let since = low.text(&process.part("since"), place, ACCOUNT, None)?.expr;
    for role in roles {
        let (name, asked) = (process.part(&format!("by_{role}")), process.part(&format!("by_{role}.asked")));
        let filter = format!(
            "account_action.ladder == \"{}\" && account_action.rung == \"{role}\" && account_action.status in [\"sent\", \"done\"] \
             && (account_action.done_on ?? as_of) >= ({} ?? account_action.done_on ?? as_of)",
            process.name,
            process.part("since")
        );
        low.tally(
            &asked,
            Subjects::ACCOUNT,
            place,
            Tally { of: history, take: Take::Any, value: None, filter: Some(&filter) },
        )?;
        let next = process.part("next");
        let when = format!("is_given({next}) && {next} == \"{role}\" && !{asked}");
        let when = low.text(&when, place, ACCOUNT, Some(Type::of(Base::Bool)))?.expr;
        let who = Value::List(vec![Value::text(role)].into());
        let who_ty = Type::of(Base::List(Box::new(Base::Text)));
        let mut payload = vec![
            ("action".to_string(), text(action)),
            ("ladder".to_string(), text(&process.name)),
            ("rung".to_string(), text(role)),
            ("episode".to_string(), Expr { kind: Kind::Lit(Value::Int(0)), ty: Type::of(Base::Int), span: place.span }),
            ("approval".to_string(), Expr { kind: Kind::Lit(who), ty: who_ty, span: place.span }),
        ];
        payload.extend(amount.clone().map(|amount| ("amount".to_string(), amount)));
        let key = vec![text(&process.name), text(role), since.clone()];
        let (stream, reason) = (ACTIONS.into(), Words::new());
        let emit = Emit { stream, when, key, group: None, rank: 0, payload, reason };
        low.add(&name, Subjects::ACCOUNT, Type::of(Base::Bool), place, Form::Emit(emit));
    }
    Some(())
}
