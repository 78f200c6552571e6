//! A rung: the day from which it is reached, and whether it was done.

use super::super::ids::Ids;
use super::{Ladder, recurring, when};
use crate::diag::{Code, Diagnostic, Place, nearest};
use crate::lang::{Base, Type};
use crate::plan::lower::{Lowerer, Tally, wrong};
use crate::plan::node::{Form, Take};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Tree, TreeKind};

/// A rung as read.
pub(super) struct Rung<'t> {
    pub(super) id: &'t str,
    pub(super) place: &'t Place,
    pub(super) tree: &'t Tree,
    /// So many days after the anchor (before it, when negative), where that is how its day is given.
    pub(super) from_day: Option<i64>,
    from: Option<&'t Tree>,
    pub(super) when: Option<&'t Tree>,
    pub(super) action: &'t str,
    pub(super) needs_evidence: Vec<Needed<'t>>,
    /// So many days after the anchor it is reached no more, where that is said.
    until_day: Option<i64>,
}

/// A paper that a rung needs.
pub(super) struct Needed<'t> {
    pub(super) kind: &'t str,
    place: &'t Place,
    /// Only one that is not older.
    pub(super) within_months: Option<i64>,
}

/// What a rung may say besides, passed on to whoever does it.
pub(super) const DETAILS: [&str; 6] = ["channel", "owner", "template", "approval", "tone", "legal_basis"];

/// How hard a step presses.
const TONES: [(&str, ()); 3] = [("remind", ()), ("negotiate", ()), ("press", ())];

impl<'t> Rung<'t> {
    pub(super) fn read(low: &mut Lowerer<'t>, tree: &'t Tree) -> Option<Self> {
        let sink = &mut low.sink;
        let mut fields = Fields::of(tree, "a rung", sink)?;
        let id = fields.need("id", sink).and_then(|t| read::id(t, sink));
        let from_day = fields.take("from_day", sink);
        let from = fields.take("from", sink);
        let when = fields.take("when", sink);
        let action = fields.need("action", sink).and_then(|t| read::text(t, sink));
        let needs = fields.take("needs_evidence", sink);
        let until = fields.take("until_day", sink);
        if let Some(tone) = fields.take("tone", sink) {
            read::one_of(tone, &TONES, sink);
        }
        for key in DETAILS.into_iter().chain(["label", "reason"]) {
            fields.take(key, sink);
        }
        fields.finish(sink);
        let from_day = match (from_day, from) {
            (Some(day), None) => Some(from_day_of(day, sink)?),
            (None, Some(_)) => None,
            _ => {
                let message = "a rung is reached `from_day:` so many days after the anchor, or `from:` a date or event";
                sink.push(wrong(tree, Code::MissingKey, message).help("add `from_day: 7`"));
                return None;
            }
        };
        let until_day = match (until, from_day) {
            (Some(until), Some(from)) => Some(read::whole(until, sink).filter(|day| {
                let sound = *day >= from;
                if !sound {
                    let message = format!("the rung would end on day {day}, before it begins on day {from}");
                    sink.push(wrong(until, Code::OutOfBounds, message).help("let `until_day` be `from_day` or later"));
                }
                sound
            })?),
            (Some(until), None) => {
                let message = "`until_day` goes with `from_day`";
                sink.push(wrong(until, Code::UnknownKey, message).help("say in `when:` how long the rung stands"));
                return None;
            }
            (None, _) => None,
        };
        let needs = needs.map(read::list_or_one).unwrap_or(&[]).iter();
        let needs_evidence = needs.map(|tree| Needed::read(tree, sink)).collect::<Option<_>>()?;
        let action = action?.text.as_str();
        Some(Self { id: id?, place: &tree.place, tree, from_day, from, when, action, needs_evidence, until_day })
    }

    /// The full name of one of its nodes.
    pub(super) fn name(&self, ladder: &Ladder<'_>, part: &str) -> String {
        ladder.name(&format!("{}.{part}", self.id))
    }

    /// The name of the node that says which return of its ladder the rung belongs to.
    pub(super) fn episode(&self, ladder: &Ladder<'_>) -> String {
        match ladder.every {
            Some(_) => self.name(ladder, "episode"),
            None => ladder.name("episode"),
        }
    }
}

impl<'t> Needed<'t> {
    /// `delivery_note`, or `{ kind: letters, within_months: 6 }`
    fn read(tree: &'t Tree, sink: &mut Vec<Diagnostic>) -> Option<Self> {
        let TreeKind::Map(_) = tree.kind else {
            return Some(Self { kind: read::id(tree, sink)?, place: &tree.place, within_months: None });
        };
        let mut fields = Fields::of(tree, "a paper", sink)?;
        let kind = fields.need("kind", sink).and_then(|t| read::id(t, sink));
        let months = fields.need("within_months", sink);
        fields.finish(sink);
        let months = months?;
        let within_months = read::whole(months, sink)?;
        if within_months < 1 {
            sink.push(
                wrong(months, Code::OutOfBounds, "a paper is of the last month at least").help("write 1 or more"),
            );
            return None;
        }
        Some(Self { kind: kind?, place: &tree.place, within_months: Some(within_months) })
    }
}

/// So many days; a date stands under `from:`.
fn from_day_of(tree: &Tree, sink: &mut Vec<Diagnostic>) -> Option<i64> {
    let written = tree.text().filter(|text| text.starts_with(char::is_alphabetic));
    let Some(written) = written else { return read::whole(tree, sink) };
    let message = format!("`from_day` is a whole number of days after the anchor, not `{written}`");
    let help = "write `from_day: 7`; a date goes under `from:`, as in `from: business_day_on_or_after(item.due_date)`";
    sink.push(wrong(tree, Code::BadNumber, message).help(help));
    None
}

/// Under `catch_up: highest` a rung that is written later passes those before it: its day should not come first.
pub(super) fn check_order(low: &mut Lowerer<'_>, rungs: &[Rung<'_>]) {
    let mut latest: Option<(&Rung<'_>, i64)> = None;
    for rung in rungs.iter().filter(|rung| rung.when.is_none() && rung.until_day.is_none()) {
        let Some(day) = rung.from_day else { continue };
        match latest {
            Some((before, later)) if later > day => {
                let message = format!(
                    "`{}` is reached on day {later}, after `{}` on day {day}, which is written below it and passes it",
                    before.id, rung.id
                );
                let finding =
                    wrong(before.tree, Code::Unreachable, message).also(rung.place.clone(), "the rung that passes it");
                low.report(finding.help("write the rungs in the order of their days").as_warning());
            }
            _ => latest = Some((rung, day)),
        }
    }
}

/// Papers that are called so everywhere.
const PAPERS: [&str; 5] = ["contract", "delivery_note", "acceptance", "statement", "communications"];

/// A paper that one rung alone names, and whose name is nearly that of another, is told.
pub(super) fn check_papers<'t>(low: &mut Lowerer<'t>, ladders: &[Ladder<'t>]) {
    let papers: Vec<&Needed<'t>> =
        ladders.iter().flat_map(|l| &l.rungs).flat_map(|rung| &rung.needs_evidence).collect();
    let often = |kind: &str| papers.iter().filter(|paper| paper.kind == kind).count();
    let known: Vec<&str> = papers.iter().map(|paper| paper.kind).filter(|kind| often(kind) > 1).chain(PAPERS).collect();
    for paper in papers.iter().filter(|paper| often(paper.kind) == 1 && !known.contains(&paper.kind)) {
        let Some(near) = nearest(paper.kind, known.iter().copied()) else { continue };
        let message = format!("nothing else names the paper `{}`", paper.kind);
        let finding = Diagnostic::error(Code::UnknownValue, message, paper.place.clone()).as_warning();
        low.report(finding.help(format!("did you mean `{near}`? if not, leave it: papers are words of your own")));
    }
}

pub(super) fn check_ids(low: &mut Lowerer<'_>, rungs: &[Rung<'_>]) {
    let mut ids = Ids::of("rungs");
    for rung in rungs {
        ids.is_new(low, rung.id, rung.place);
    }
}

/// The condition under which an action in the book is one of this rung's, done and not undone.
pub(super) fn done_filter(ladder: &Ladder<'_>, rung: &Rung<'_>, called: &str) -> String {
    let a = &ladder.actions;
    format!(
        "{a}.ladder == \"{}\" && {a}.rung == \"{called}\" && {a}.episode == {} && {a}.status in [\"sent\", \"done\"]",
        ladder.id,
        rung.episode(ladder)
    )
}

/// The condition under which an action in the book is a step of the ladder that was done: not the evidence it asked for.
pub(super) fn step_filter(ladder: &Ladder<'_>) -> String {
    let a = &ladder.actions;
    let asked = ladder.rungs.iter().filter(|rung| !rung.needs_evidence.is_empty());
    let asked: String = asked.map(|rung| format!(" && {a}.rung != \"{}\"", evidence_rung(rung.id))).collect();
    format!("{a}.ladder == \"{}\" && {a}.status in [\"sent\", \"done\"]{asked}", ladder.id)
}

/// What the request for a rung's evidence is called in the history.
pub(super) fn evidence_rung(rung: &str) -> String {
    format!("{rung}_evidence")
}

/// What the ladder's actions say together: `attempts`, `last_done_on`.
pub(super) fn history<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>) -> Option<()> {
    let a = &ladder.actions;
    let filter = step_filter(ladder);
    let (of, value) = (ladder.history, format!("{a}.done_on"));
    let count = Tally { of, take: Take::Count, value: None, filter: Some(&filter) };
    low.tally(&ladder.name("attempts"), ladder.subject, ladder.place, count)?;
    let last = Tally { of, take: Take::Max, value: Some(&value), filter: Some(&filter) };
    low.tally(&ladder.name("last_done_on"), ladder.subject, ladder.place, last)?;
    let today = format!("{filter} && is_given({a}.done_on) && {a}.done_on == as_of");
    let any = Tally { of, take: Take::Any, value: None, filter: Some(&today) };
    low.tally(&ladder.name("done_today"), ladder.subject, ladder.place, any)?;
    Some(())
}

/// Adds `day`, `done`, `done_on` and `reached`.
pub(super) fn lower<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>, rung: &Rung<'t>) -> Option<()> {
    let name = |part: &str| rung.name(ladder, part);
    let place = rung.place;
    let date = || Some(Type::maybe(Base::Date));
    recurring::return_of(low, ladder, rung)?;
    let filter = done_filter(ladder, rung, rung.id);
    let done_on = format!("{}.done_on", ladder.actions);
    let of = ladder.history;
    low.tally(&name("done"), ladder.subject, place, Tally { of, take: Take::Any, value: None, filter: Some(&filter) })?;
    let last = Tally { of, take: Take::Max, value: Some(&done_on), filter: Some(&filter) };
    low.tally(&name("done_on"), ladder.subject, place, last)?;

    let (written, event) = written_day(low, ladder, rung)?;
    let origin = event.clone().unwrap_or_else(|| recurring::anchor_of(ladder, rung));
    let moved = when::postponed(low, ladder, written, rung.id, &origin)?;
    let day = match ladder.on_holiday {
        Some(shift) => shift.apply(low, ladder, &moved),
        None => moved,
    };
    // An item that came back begins at its rung on the day it came back.
    let re_enters = ladder.re_enter_at.and_then(|rank| ladder.rungs.get(rank)).is_some_and(|first| first.id == rung.id);
    let day = match re_enters {
        true => format!("if item.episode > 0 {{ item.came_back_on }} else {{ {day} }}"),
        false => day,
    };
    low.derive(&name("day"), ladder.home(), date(), place, &day)?;
    let when = match rung.when {
        Some(tree) => {
            let expr = low.condition(tree, ladder.home())?.expr;
            low.add(&name("when"), ladder.subject, Type::of(Base::Bool), &tree.place, Form::Expr(expr));
            format!(" && {}", name("when"))
        }
        None => String::new(),
    };
    // What is counted from an event comes after the event's day: the same run again proposes nothing.
    let after = event.map(|event| format!(" && is_given({event}) && {event} < as_of")).unwrap_or_default();
    let mut text = format!("{}{when}{after} && is_given({1}) && {1} <= as_of", ladder.name("applies"), name("day"));
    if let (Some(until), Some(from)) = (rung.until_day, rung.from_day) {
        text = format!("{text} && as_of <= add_days({}, {})", name("day"), until - from);
    }
    low.derive(&name("reached"), ladder.home(), Some(Type::of(Base::Bool)), place, &text)?;
    Some(())
}

/// The name of the node that holds the rung's day before stops and holidays, and that of the event it is counted from,
/// when it is one.
fn written_day<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>, rung: &Rung<'t>) -> Option<(String, Option<String>)> {
    let name = ladder.name(&format!("{}.base_day", rung.id));
    let home = ladder.home();
    let date = || Some(Type::maybe(Base::Date));
    if let Some(days) = rung.from_day {
        let anchor = recurring::anchor_of(ladder, rung);
        let text = format!("if is_given({anchor}) {{ add_days({anchor}, {days}) }} else {{ {anchor} }}");
        low.derive(&name, home, date(), rung.place, &text)?;
        return Some((name, None));
    }
    let from = rung.from?;
    let TreeKind::Map(_) = from.kind else {
        let expr = low.expr(from, home, date())?.expr;
        low.add(&name, ladder.subject, Type::maybe(Base::Date), &from.place, Form::Expr(expr));
        return Some((name, None));
    };
    let mut fields = Fields::of(from, "`from`", &mut low.sink)?;
    let other = fields.need("rung", &mut low.sink);
    let event = fields.need("event", &mut low.sink);
    let plus = fields.take("plus_days", &mut low.sink).map(|t| read::whole(t, &mut low.sink));
    fields.finish(&mut low.sink);
    let before = ladder.rungs.iter().take_while(|r| r.id != rung.id).map(|r| (r.id, ())).collect::<Vec<_>>();
    let other = other?;
    read::one_of(other, &before, &mut low.sink)?;
    read::one_of(event?, &[("done", ())], &mut low.sink)?;
    let days = plus.unwrap_or(Some(0))?;
    let done_on = ladder.name(&format!("{}.done_on", other.text()?));
    let text = format!("if is_given({done_on}) {{ add_days({done_on}, {days}) }} else {{ {done_on} }}");
    low.derive(&name, home, date(), &from.place, &text)?;
    Some((name, Some(done_on)))
}
