//! `limit:` and `limits:` amounts made step by step, that also know `none` and `unlimited`.
//!
//! The policy's one `limit:` and each of its `limits:` are the same thing under another name.

mod in_force;
mod room;
mod sources;
mod start;

use super::ids::Ids;
use super::steps::{self, Amount, Steps, state_type};
use crate::diag::{Code, Place};
use crate::lang::{Base, Expr, Type};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::Form;
use crate::plan::schema::RelationId;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree, TreeKind};
use sources::Sources;

/// A limit as read.
struct Limit<'t> {
    /// `limit`, `limits.<id>`
    name: String,
    subject: RelationId,
    place: &'t Place,
    start: Option<&'t Tree>,
    steps: Option<&'t Tree>,
    sources: Option<Sources<'t>>,
    then: Option<&'t Tree>,
    /// Whether a rise waits for a review.
    waits: bool,
    label: Option<&'t Tree>,
}

impl Limit<'_> {
    /// The full name of one of its nodes.
    fn part(&self, part: &str) -> String {
        format!("{}.{part}", self.name)
    }

    fn home(&self) -> Home {
        Home::At(self.subject)
    }

    /// Decisions in force are the accounts'.
    fn remembers(&self) -> bool {
        self.subject == Subjects::ACCOUNT
    }

    /// Some of its sources are for a time, or take the place of others.
    fn has_temporary(&self) -> bool {
        self.sources.as_ref().is_some_and(Sources::has_temporary)
    }

    /// What it comes to without those is a decision of its own.
    fn has_ordinary(&self) -> bool {
        self.remembers() && (self.waits || self.has_temporary())
    }
}

/// `limit:` of the account.
pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    room::declare_excess(low, "limit", &section.key_place);
    let Some(mut fields) = Fields::of(&section.value, "`limit`", &mut low.sink) else { return };
    let exposure = fields.take("exposure", &mut low.sink);
    let limit = written(low, &mut fields, "limit".into(), Subjects::ACCOUNT, &section.key_place);
    fields.finish(&mut low.sink);
    let Some(limit) = limit else { return };
    room::declare(low, &limit, exposure, low.has_section("exposure").then_some("account.exposure"));
    declare(low, limit);
}

/// `limits: - { id, for, exposure, … }`
pub(super) fn read_named<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let mut ids = Ids::of("limits");
    for tree in read::list(&section.value, &mut low.sink).unwrap_or(&[]) {
        let Some(mut fields) = Fields::of(tree, "a limit", &mut low.sink) else { continue };
        let id = fields.need("id", &mut low.sink).and_then(|t| read::id(t, &mut low.sink));
        let about = fields.take("for", &mut low.sink);
        let exposure = fields.take("exposure", &mut low.sink);
        let label = fields.take("label", &mut low.sink);
        let subject = match about {
            Some(tree) => low.subject_written(tree),
            None => Some(Subjects::ACCOUNT),
        };
        let name = format!("limits.{}", id.unwrap_or_default());
        room::declare_excess(low, &name, &tree.place);
        let limit = written(low, &mut fields, name, subject.unwrap_or(Subjects::ACCOUNT), &tree.place);
        fields.finish(&mut low.sink);
        let (Some(id), Some(_), Some(limit)) = (id, subject, limit) else { continue };
        if !ids.is_new(low, id, &tree.place) {
            continue;
        }
        room::declare(low, &limit, exposure, None);
        // What is above an account is shown beside each.
        let above = low.plan.schema.is_at_or_above(limit.subject, Subjects::ACCOUNT);
        let subject = if above { Subjects::ACCOUNT } else { limit.subject };
        for part in ["state", "amount"] {
            low.result(subject, &limit.part(part), false);
        }
        low.result(subject, &limit.part("source"), true);
        let ordinary: &[&str] = if limit.has_ordinary() { &["ordinary", "ordinary.state"] } else { &[] };
        for part in ["left", "used_share"].iter().chain(ordinary) {
            low.result(subject, &limit.part(part), false);
        }
        declare(low, Limit { label, ..limit });
    }
}

/// The keys that every limit has.
fn written<'t>(
    low: &mut Lowerer<'t>,
    fields: &mut Fields<'t>,
    name: String,
    subject: RelationId,
    place: &'t Place,
) -> Option<Limit<'t>> {
    const RISES: [(&str, bool); 2] = [("at_once", false), ("at_review", true)];
    let sink = &mut low.sink;
    let start = if fields.has("sources") { fields.take("start", sink) } else { fields.need("start", sink) };
    let steps = fields.take("steps", sink);
    let sources = fields.take("sources", sink);
    let then = fields.take("then", sink);
    let rises = fields.take("rises", sink);
    let waits = match rises {
        Some(tree) => read::one_of(tree, &RISES, sink)?,
        None => false,
    };
    if let (true, Some(tree)) = (waits && subject != Subjects::ACCOUNT, rises) {
        let message = "only the limits of an account wait for its review";
        low.report(wrong(tree, Code::WrongShape, message).help("take `rises:` out, or write `for: account`"));
        return None;
    }
    if let (None, Some(steps)) = (start, steps) {
        low.report(
            wrong(steps, Code::WrongShape, "steps change what `start` gives, and there is no `start`")
                .help("write the steps that follow the sources under `then:`"),
        );
        return None;
    }
    if let (None, Some(then)) = (sources, then) {
        low.report(
            wrong(then, Code::UnknownKey, "`then:` holds the steps that follow the sources, and there are none")
                .help("write them under `steps:`"),
        );
        return None;
    }
    let sources = match sources {
        Some(tree) => Some(Sources::read(low, tree, start.is_some())?),
        None => None,
    };
    if start.is_none() && sources.is_none() {
        return None;
    }
    Some(Limit { name, subject, place, start, steps, sources, then, waits, label: None })
}

fn declare<'t>(low: &mut Lowerer<'t>, limit: Limit<'t>) {
    if limit.remembers() {
        low.head(&limit.part("state"), Type::of(state_type()));
        low.head(&limit.part("amount"), Type::maybe(Base::Money));
    }
    if limit.has_ordinary() {
        low.head(&limit.part("ordinary.state"), Type::of(state_type()));
        low.head(&limit.part("ordinary"), Type::maybe(Base::Money));
    }
    let mut names = vec![limit.part("state"), limit.part("amount")];
    if limit.start.is_some() {
        names.push(limit.part("start"));
    }
    names.extend(steps::names(&limit.part("steps"), limit.steps));
    names.extend(steps::names(&limit.part("then"), limit.then));
    if let Some(sources) = &limit.sources {
        names.push(limit.part("source"));
        names.extend(sources.ids().map(|id| limit.part(&format!("sources.{id}"))));
        names.extend(sources.ids().map(|id| limit.part(&format!("sources.{id}.state"))));
    }
    if limit.remembers() {
        names.extend(["in_force.state", "in_force.amount", "change"].map(|part| limit.part(part)));
        if limit.waits {
            names.push(limit.part("withheld"));
        }
        if limit.has_ordinary() {
            names.extend(["ordinary", "ordinary.state"].map(|part| limit.part(part)));
        }
    }
    low.define(names, limit.place, move |low| {
        lower(low, &limit);
    });
}

fn lower<'t>(low: &mut Lowerer<'t>, limit: &Limit<'t>) -> Option<()> {
    nothing(low, limit.place);
    if limit.remembers() {
        in_force::known(low, limit)?;
    }
    let mut amount = match limit.start {
        Some(tree) => Some(start::lower(low, limit, tree)?),
        None => None,
    };
    if let (Some(before), Some(list)) = (&amount, limit.steps) {
        amount = Some(stepped(low, limit, "steps", list, before.clone())?);
    }
    if let Some(sources) = &limit.sources {
        amount = Some(sources::lower(low, limit, sources, amount)?);
    }
    let mut amount = amount?;
    if let Some(list) = limit.then {
        amount = stepped(low, limit, "then", list, amount)?;
    }
    if limit.remembers() {
        amount = in_force::lower(low, limit, amount)?;
    }
    let state = amount.state?;
    let own = limit.part("state");
    let state = low.derive(&own, limit.home(), Some(Type::of(state_type())), limit.place, &state)?;
    let rounded = format!("if is_given({0}) {{ round_money({0}) }} else {{ {0} }}", amount.value);
    let own = limit.part("amount");
    let value = low.derive(&own, limit.home(), Some(Type::maybe(Base::Money)), limit.place, &rounded)?;
    low.show_instead(value, state);
    low.label(Some(value), limit.label);
    if limit.remembers() {
        in_force::change(low, limit)?;
    }
    Some(())
}

/// Steps under one of the limit's keys. Some names are steps of every limit.
fn stepped<'t>(low: &mut Lowerer<'t>, limit: &Limit<'t>, key: &str, list: &'t Tree, before: Amount) -> Option<Amount> {
    if let TreeKind::List(items) = &list.kind {
        for id in items.iter().filter_map(|item| item.get("id")) {
            if id.value.text().is_some_and(|id| in_force::STEPS.contains(&id)) {
                let message = format!("every limit has a step `{}` of its own", id.value.text().unwrap_or_default());
                low.report(wrong(&id.value, Code::DuplicateId, message).help("give this one another id"));
                return None;
            }
        }
    }
    steps::lower(low, &Steps { prefix: &limit.part(key), subject: limit.subject }, list, before)
}

/// The name of an amount that is not there.
const NOTHING: &str = "limit.nothing";

fn nothing(low: &mut Lowerer<'_>, place: &Place) {
    if low.demand_known(NOTHING).is_none() {
        let nothing = Expr::missing(Base::Money, place.span);
        low.add(NOTHING, Subjects::PORTFOLIO, nothing.ty.clone(), place, Form::Expr(nothing));
    }
}
