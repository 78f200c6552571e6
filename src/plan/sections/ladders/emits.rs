//! What a ladder puts on the action list: its rungs, the evidence they still need, and letters.

use super::Ladder;
use super::rung::{DETAILS, Rung, done_filter, evidence_rung};
use crate::diag::{Code, Place};
use crate::lang::{Base, Expr, Kind, Type, Value, Words};
use crate::plan::lower::{Home, Lowerer, Subjects, Tally, wrong};
use crate::plan::node::{ChoiceRow, Emit, Form, Hit, Take};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::Tree;

/// The stream of the action list.
const STREAM: &str = "actions";

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
    let enough = match &letter {
        Some(letter) => letter.enough(low, ladder, &ready)?,
        None => None,
    };
    let enough = enough.map(|name| format!(" && {name}")).unwrap_or_default();
    for (rank, (rung, ready)) in ladder.rungs.iter().zip(&ready).enumerate() {
        let when = format!("{ready}{enough}");
        let group = match &letter {
            Some(letter) => Some(letter.group(low, ladder)?),
            None => None,
        };
        let spec =
            Spec { name: rung.id.into(), rung: rung.id.into(), action: rung.action, rank: i64::try_from(rank).ok()? };
        emit(low, ladder, rung, spec, &when, group, letter.as_ref())?;
        if !rung.needs_evidence.is_empty() {
            collect_evidence(low, ladder, rung, i64::try_from(rank).ok()?)?;
        }
    }
    Some(())
}

/// The name of a node that is true where the rung may go out: proposed, not held, rested, its evidence complete.
fn ready_rung<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>, rung: &Rung<'t>) -> Option<String> {
    let name = |part: &str| ladder.name(&format!("{}.{part}", rung.id));
    evidence(low, ladder, rung)?;
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

/// Adds `evidence_complete` and, where evidence is needed, the list of what is missing.
fn evidence<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>, rung: &Rung<'t>) -> Option<()> {
    let name = |part: &str| ladder.name(&format!("{}.{part}", rung.id));
    let bool = || Some(Type::of(Base::Bool));
    let mut all = vec!["true".to_string()];
    let mut missing = Vec::new();
    for kind in &rung.needs_evidence {
        let has = format!("invoice.has_evidence.{kind}");
        if low.demand_known(&has).is_none() {
            let of = low.plan.schema.relation("evidence")?;
            let filter = format!("evidence.kind == \"{kind}\"");
            let tally = Tally { of, take: Take::Any, value: None, filter: Some(&filter) };
            low.tally(&has, Subjects::INVOICE, rung.place, tally)?;
        }
        let when = Some(low.text(&format!("!{has}"), rung.place, ladder.home(), bool())?.expr);
        let gives = low.literal(kind, Base::Text, rung.place);
        let (id, place) = ((*kind).to_string(), rung.place.clone());
        missing.push(ChoiceRow { id, place, when, gives, reason: Words::new() });
        all.push(has);
    }
    low.derive(&name("evidence_complete"), ladder.home(), bool(), rung.place, &all.join(" && "))?;
    if !rung.needs_evidence.is_empty() {
        let ty = Type::of(Base::List(Box::new(Base::Text)));
        low.choose(&name("evidence_missing"), ladder.subject, ty, rung.place, Hit::List, missing);
    }
    Some(())
}

/// A rung that waits for evidence asks for it, once.
fn collect_evidence<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>, rung: &Rung<'t>, rank: i64) -> Option<()> {
    let own = evidence_rung(rung.id);
    let asked = ladder.name(&format!("{own}.done"));
    let filter = done_filter(ladder, &own);
    let tally = Tally { of: ladder.history, take: Take::Any, value: None, filter: Some(&filter) };
    low.tally(&asked, ladder.subject, rung.place, tally)?;
    let name = |part: &str| ladder.name(&format!("{}.{part}", rung.id));
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
    let episode = low.text(&ladder.name("episode"), place, home, None)?.expr;
    let key = vec![constant(ladder.id, place), constant(&spec.rung, place), episode.clone()];
    let mut payload = vec![
        ("action".to_string(), constant(spec.action, place)),
        ("ladder".to_string(), constant(ladder.id, place)),
        ("rung".to_string(), constant(&spec.rung, place)),
        ("episode".to_string(), episode),
    ];
    let day = low.text(&ladder.name(&format!("{}.day", rung.id)), place, home, None)?.expr;
    payload.push(("due_on".into(), day));
    if let Some(name) = amount_of(ladder) {
        payload.push(("amount".into(), low.text(name, place, home, None)?.expr));
        payload.extend(in_currency(low, ladder, name)?);
    }
    if ladder.about == "item" || ladder.about == "invoice" {
        let text = format!("{}.days_past_due", ladder.about);
        payload.push(("days_past_due".into(), low.text(&text, place, home, None)?.expr));
    }
    for key in DETAILS {
        let Some(entry) = rung.tree.get(key) else { continue };
        let base = if key == "approval" { Base::List(Box::new(Base::Text)) } else { Base::Text };
        payload.push((key.into(), low.value(&entry.value, home, &base, &[])?));
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
    let emit = Emit { stream: STREAM.into(), when, key, group, rank: spec.rank, payload, reason };
    let node = low.add(&ladder.name(&spec.name), ladder.subject, Type::of(Base::Bool), place, Form::Emit(emit));
    if spec.rung == rung.id {
        low.label(Some(node), rung.tree.get("label").map(|entry| &entry.value));
    }
    Some(())
}

/// The sum an action is about.
fn amount_of(ladder: &Ladder<'_>) -> Option<&'static str> {
    match ladder.about {
        "item" => Some("item.own_undisputed_open"),
        "invoice" => Some("invoice.own_undisputed_open"),
        "order" => Some("order.own_amount"),
        _ => None,
    }
}

/// Where amounts differ in currency, the currency of this one and what it is in the policy's.
fn in_currency<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>, name: &str) -> Option<Vec<(String, Expr)>> {
    if !low.plan.money.converts {
        return Some(Vec::new());
    }
    let document = if ladder.about == "order" { "order" } else { "invoice" };
    let parts = [("currency", format!("{document}.currency")), ("converted_amount", format!("convert({name})"))];
    let part =
        |(key, text): (&str, String)| Some((key.to_string(), low.text(&text, ladder.place, ladder.home(), None)?.expr));
    parts.into_iter().map(part).collect()
}

fn constant(text: &str, place: &Place) -> Expr {
    Expr { kind: Kind::Lit(Value::text(text)), ty: Type::of(Base::Text), span: place.span }
}

/// `letter: { per: [customer, currency], level: highest_of_lines, shows: [unapplied_credit], at_least: 75 }`
struct Letter<'t> {
    per: Vec<&'static str>,
    shows: Vec<(&'static str, &'static str)>,
    at_least: Option<&'t Tree>,
}

/// What one letter may be for, and the name to read.
const PER: [(&str, &str); 3] = [("customer", "customer.id"), ("currency", "invoice.currency"), ("group", "group.id")];

/// Those of them that a letter can be addressed to.
const ADDRESSEES: [&str; 2] = ["customer.id", "group.id"];

/// What a letter may show beside its lines.
const SHOWS: [(&str, &str); 2] =
    [("unapplied_credit", "account.unapplied_credit"), ("unapplied_cash", "account.unapplied_cash")];

impl<'t> Letter<'t> {
    fn read(low: &mut Lowerer<'t>, ladder: &Ladder<'t>, tree: &'t Tree) -> Option<Self> {
        if ladder.about != "item" && ladder.about != "invoice" {
            let message = format!("a letter lists items or invoices, and this ladder is for the {}", ladder.about);
            low.report(wrong(tree, Code::WrongShape, message).help("take `letter:` out"));
            return None;
        }
        let sink = &mut low.sink;
        let mut fields = Fields::of(tree, "a letter", sink)?;
        let per = fields.need("per", sink);
        if let Some(level) = fields.take("level", sink) {
            read::one_of(level, &[("highest_of_lines", ())], sink);
        }
        let shows = fields.take("shows", sink);
        let at_least = fields.take("at_least", sink);
        fields.finish(sink);
        let per_tree = per?;
        let per =
            read::list_or_one(per_tree).iter().map(|t| read::one_of(t, &PER, sink)).collect::<Option<Vec<_>>>()?;
        if !per.iter().any(|name| ADDRESSEES.contains(name)) {
            let message = "a letter goes to one customer or one group";
            sink.push(wrong(per_tree, Code::MissingKey, message).help("write `per: [customer, currency]`"));
            return None;
        }
        if low.plan.money.converts && !per.contains(&"invoice.currency") {
            let message = "a letter is in one currency, and this one may list several";
            low.report(wrong(per_tree, Code::MissingKey, message).help("write `per: [customer, currency]`"));
            return None;
        }
        let sink = &mut low.sink;
        let named: Vec<(&str, (&str, &str))> = SHOWS.iter().map(|pair| (pair.0, *pair)).collect();
        let shows = shows.map(read::list_or_one).unwrap_or(&[]).iter();
        let shows = shows.map(|t| read::one_of(t, &named, sink)).collect::<Option<Vec<_>>>()?;
        Some(Self { per, shows, at_least })
    }

    /// The name of a node of the account that is true where the letter is worth sending.
    fn enough(&self, low: &mut Lowerer<'t>, ladder: &Ladder<'t>, ready: &[String]) -> Option<Option<String>> {
        let Some(tree) = self.at_least else { return Some(None) };
        let (total, least, enough) =
            (ladder.name("letter_total"), ladder.name("letter_at_least"), ladder.name("letter_is_enough"));
        let any = ready.join(" || ");
        let amount = amount_of(ladder).map(|name| format!("convert({name})"));
        let tally = Tally { of: ladder.subject, take: Take::Sum, value: amount.as_deref(), filter: Some(&any) };
        low.tally(&total, Subjects::ACCOUNT, ladder.place, tally)?;
        let account = Home::At(Subjects::ACCOUNT);
        let expr = low.expr(tree, account, Some(Type::of(Base::Money)))?.expr;
        low.add(&least, Subjects::ACCOUNT, Type::of(Base::Money), &tree.place, Form::Expr(expr));
        low.derive(&enough, account, Some(Type::of(Base::Bool)), ladder.place, &format!("{total} >= {least}"))?;
        Some(Some(enough))
    }

    fn group(&self, low: &mut Lowerer<'t>, ladder: &Ladder<'t>) -> Option<Vec<Expr>> {
        let mut group = vec![constant(ladder.id, ladder.place)];
        for name in &self.per {
            group.push(low.text(name, ladder.place, ladder.home(), None)?.expr);
        }
        Some(group)
    }

    fn shown(&self, low: &mut Lowerer<'t>, ladder: &Ladder<'t>) -> Option<Vec<(String, Expr)>> {
        let one = |(key, name): &(&str, &str)| {
            Some(((*key).to_string(), low.text(name, ladder.place, ladder.home(), None)?.expr))
        };
        self.shows.iter().map(one).collect()
    }
}
