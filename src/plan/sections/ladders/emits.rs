//! What a ladder puts on the action list: its rungs, and the requests for the evidence they still need.

use super::letter::Letter;
use super::rung::{DETAILS, Rung, done_filter, evidence_rung};
use super::{Ladder, channel, evidence};
use crate::diag::Place;
use crate::lang::{Base, Expr, Kind, Type, Value, Words};
use crate::plan::lower::{Lowerer, Tally};
use crate::plan::node::{ACTIONS, Emit, Form, Take};

/// Adds an emit for each rung, and for the evidence a rung waits for.
pub(super) fn lower<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>) -> Option<()> {
    let letter = match ladder.letter {
        Some(tree) => Some(Letter::read(low, ladder, tree)?),
        None => None,
    };
    let mut ready = Vec::new();
    for rung in &ladder.rungs {
        ready.push(ready_rung(low, ladder, rung)?);
    }
    if let Some(letter) = &letter {
        letter.sums(low, ladder, &ready)?;
    }
    for (rank, (rung, ready)) in ladder.rungs.iter().zip(&ready).enumerate() {
        let letter = letter.as_ref().filter(|letter| letter.takes(rung.id));
        let (when, group) = match letter {
            Some(letter) => (format!("{ready}{}", letter.enough(ladder)), Some(letter.group(low, ladder)?)),
            None => (ready.clone(), None),
        };
        let rank_of = i64::try_from(rank).ok()?;
        let spec = Spec { name: rung.id.into(), rung: rung.id.into(), action: rung.action, rank: rank_of };
        emit(low, ladder, rung, spec, &when, group, letter)?;
        if !rung.needs_evidence.is_empty() {
            collect_evidence(low, ladder, rung, i64::try_from(rank).ok()?)?;
        }
    }
    Some(())
}

/// The name of a node that is true where the rung may go out: proposed, not held, rested, its evidence complete.
fn ready_rung<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>, rung: &Rung<'t>) -> Option<String> {
    let name = |part: &str| rung.name(ladder, part);
    evidence::lower(low, ladder, rung)?;
    let text = format!(
        "{} && !{} && {} && {}",
        name("proposed"),
        ladder.name("held"),
        ladder.name("rested"),
        name("evidence_complete")
    );
    let ready = name("ready");
    low.derive(&ready, ladder.home(), Some(Type::of(Base::Bool)), rung.place, &text)?;
    Some(ready)
}

/// A rung that waits for evidence asks for it, once.
fn collect_evidence<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>, rung: &Rung<'t>, rank: i64) -> Option<()> {
    let own = evidence_rung(rung.id);
    let asked = ladder.name(&format!("{own}.done"));
    let filter = done_filter(ladder, rung, &own);
    let tally = Tally { of: ladder.history, take: Take::Any, value: None, filter: Some(&filter) };
    low.tally(&asked, ladder.subject, rung.place, tally)?;
    let name = |part: &str| rung.name(ladder, part);
    let when =
        format!("{} && !{} && !{} && !{asked}", name("proposed"), ladder.name("held"), name("evidence_complete"));
    let spec = Spec { name: own.clone(), rung: own, action: "collect_evidence", rank };
    emit(low, ladder, rung, spec, &when, None, None)
}

/// What goes out for a rung.
struct Spec<'s> {
    name: String,
    rung: String,
    action: &'s str,
    rank: i64,
}

fn emit<'t>(
    low: &mut Lowerer<'t>,
    ladder: &Ladder<'t>,
    rung: &Rung<'t>,
    spec: Spec<'_>,
    when: &str,
    group: Option<Vec<Expr>>,
    letter: Option<&Letter<'t>>,
) -> Option<()> {
    let home = ladder.home();
    let place = rung.place;
    let when = low.text(when, place, home, Some(Type::of(Base::Bool)))?.expr;
    let episode = low.text(&rung.episode(ladder), place, home, None)?.expr;
    let key = vec![constant(ladder.id, place), constant(&spec.rung, place), episode.clone()];
    let mut payload = vec![
        ("action".to_string(), constant(spec.action, place)),
        ("ladder".to_string(), constant(ladder.id, place)),
        ("rung".to_string(), constant(&spec.rung, place)),
        ("episode".to_string(), episode),
    ];
    let day = low.text(&ladder.name(&format!("{}.day", rung.id)), place, home, None)?.expr;
    payload.push(("due_on".into(), day));
    if let Some(name) = amount_of(low, ladder) {
        let amount = low.text(&name, place, home, None)?.expr;
        payload.extend(in_currency(low, ladder, &name, &amount)?);
        payload.push(("amount".into(), amount));
    }
    let late = format!("{}.days_past_due", ladder.about);
    if low.knows(&late) {
        payload.push(("days_past_due".into(), low.text(&late, place, home, None)?.expr));
    }
    for key in DETAILS {
        let Some(entry) = rung.tree.get(key) else { continue };
        if key == "channel"
            && let Some(chosen) = channel::lower(low, ladder, rung, &entry.value)?
        {
            payload.push((key.into(), chosen));
            continue;
        }
        let base = if key == "approval" { Base::List(Box::new(Base::Text)) } else { Base::Text };
        payload.push((key.into(), low.value(&entry.value, home, &base, &[])?.expr));
    }
    if !rung.needs_evidence.is_empty() {
        let text = ladder.name(&format!("{}.evidence_missing", rung.id));
        payload.push(("evidence_missing".into(), low.text(&text, place, home, None)?.expr));
    }
    if let Some(letter) = letter {
        payload.extend(letter.shown(low, ladder)?);
    }
    let reason = match rung.tree.get("reason") {
        Some(entry) => low.words(&entry.value, home)?,
        None => Words::new(),
    };
    let emit = Emit { stream: ACTIONS.into(), when, key, group, rank: spec.rank, payload, reason };
    let node = low.add(&ladder.name(&spec.name), ladder.subject, Type::of(Base::Bool), place, Form::Emit(emit));
    if spec.rung == rung.id {
        low.label(Some(node), rung.tree.get("label").map(|entry| &entry.value));
    }
    Some(())
}

/// The sum an action is about.
pub(super) fn amount_of(low: &Lowerer<'_>, ladder: &Ladder<'_>) -> Option<String> {
    let of = &ladder.about;
    let names =
        ["at_stake", "undisputed_open", "amount"].map(|part| [format!("{of}.own_{part}"), format!("{of}.{part}")]);
    names.into_iter().flatten().find(|name| low.knows(name))
}

/// Where amounts differ in currency, the currency of this one and what it is in the policy's.
fn in_currency<'t>(
    low: &mut Lowerer<'t>,
    ladder: &Ladder<'t>,
    name: &str,
    amount: &Expr,
) -> Option<Vec<(String, Expr)>> {
    let Base::OwnMoney(document) = &amount.ty.base else { return Some(Vec::new()) };
    let mut currency = format!("{document}.currency");
    if low.text(&currency, ladder.place, ladder.home(), None)?.expr.ty.optional {
        currency = format!("{currency} ?? \"{}\"", low.plan.money.currency);
    }
    let parts = [("currency", currency), ("converted_amount", format!("convert({name})"))];
    let part =
        |(key, text): (&str, String)| Some((key.to_string(), low.text(&text, ladder.place, ladder.home(), None)?.expr));
    parts.into_iter().map(part).collect()
}

pub(super) fn constant(text: &str, place: &Place) -> Expr {
    Expr { kind: Kind::Lit(Value::text(text)), ty: Type::of(Base::Text), span: place.span }
}
