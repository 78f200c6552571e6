//! `ladders:` ordered rungs, each proposed once an item and episode.
//!
//! What a proposal depends on: the book's facts, the as-of date and the actions done. Never on when a run was last made.

mod channel;
mod emits;
mod evidence;
mod letter;
mod mode;
mod recurring;
mod rung;
mod when;

use super::ids::Ids;
use crate::diag::{Code, Place};
use crate::lang::{Base, Type};
use crate::plan::lower::{Home, Lowerer, wrong};
use crate::plan::schema::RelationId;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree};

use mode::CatchUp;
use rung::Rung;

/// A ladder as read.
struct Ladder<'t> {
    id: &'t str,
    place: &'t Place,
    subject: RelationId,
    /// `item`, `promise`, `account` …
    about: String,
    /// The relation of the actions done.
    history: RelationId,
    /// Its name, for the text of formulas.
    actions: String,
    applies: Option<&'t Tree>,
    /// What counts as open, where it is not what the fact of the subject says.
    open: Option<&'t Tree>,
    anchor: &'t Tree,
    every: Option<&'t Tree>,
    /// How often it began again, where that is counted otherwise than by what came back.
    episode: Option<&'t Tree>,
    /// The rung at which an item that came back begins, by its rank.
    re_enter_at: Option<usize>,
    hold_while: &'t [Tree],
    stop_clock_while: Vec<&'t str>,
    catch_up: CatchUp,
    on_holiday: Option<when::Shift>,
    days_between_contacts: Option<&'t Tree>,
    letter: Option<&'t Tree>,
    label: Option<&'t Tree>,
    rungs: Vec<Rung<'t>>,
}

impl Ladder<'_> {
    /// The full name of one of its nodes.
    fn name(&self, part: &str) -> String {
        format!("ladder.{}.{part}", self.id)
    }

    fn home(&self) -> Home {
        Home::At(self.subject)
    }
}

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let mut ids = Ids::of("ladders");
    let mut ladders = Vec::new();
    for tree in read::list(&section.value, &mut low.sink).unwrap_or(&[]) {
        let Some(ladder) = read_ladder(low, tree) else { continue };
        if ids.is_new(low, ladder.id, ladder.place) {
            ladders.push(ladder);
        }
    }
    rung::check_papers(low, &ladders);
    ladders.into_iter().for_each(|ladder| declare(low, ladder));
}

fn read_ladder<'t>(low: &mut Lowerer<'t>, tree: &'t Tree) -> Option<Ladder<'t>> {
    let mut fields = Fields::of(tree, "a ladder", &mut low.sink)?;
    let sink = &mut low.sink;
    let id = fields.need("id", sink).and_then(|t| read::id(t, sink));
    let about = fields.need("for", sink);
    let applies = fields.take("applies", sink);
    let open = fields.take("open", sink);
    let anchor = fields.take("anchor", sink);
    let deadline = fields.take("deadline", sink);
    let every = fields.take("every", sink);
    let episode = fields.take("episode", sink);
    let re_enter_at = fields.take("re_enter_at", sink);
    let hold_while = fields.take("hold_while", sink).and_then(|t| read::list(t, sink)).unwrap_or(&[]);
    let stop = fields.take("stop_clock_while", sink);
    let catch_up = fields.need("catch_up", sink).and_then(|t| read::one_of(t, &mode::MODES, sink));
    let on_holiday = fields.take("on_holiday", sink).and_then(|t| read::one_of(t, &when::SHIFTS, sink));
    let days_between_contacts = fields.take("days_between_contacts", sink);
    let letter = fields.take("letter", sink);
    let rungs = fields.need("rungs", sink).and_then(|t| read::list(t, sink));
    let label = fields.take("label", sink);
    fields.finish(sink);
    let (subject, history) = low.climbed_written(about?)?;
    let anchor = match (anchor, deadline) {
        (Some(anchor), None) => anchor,
        (None, Some(deadline)) => deadline,
        _ => {
            let message = "a ladder counts from an `anchor:`, or towards a `deadline:`";
            low.report(wrong(tree, Code::MissingKey, message).help("as in `anchor: item.due_date`"));
            return None;
        }
    };
    // A deadline is not missed for a holiday: what falls on one is done before it.
    let on_holiday = on_holiday.or(deadline.map(|_| when::Shift::Previous)).unwrap_or(when::Shift::None);
    let intervals: Vec<(&str, &str)> = when::INTERVALS.iter().map(|i| (i.name, i.name)).collect();
    let mut stop_clock_while = Vec::new();
    for kind in stop.map(read::list_or_one).unwrap_or(&[]) {
        let Some(name) = read::one_of(kind, &intervals, &mut low.sink) else { continue };
        if when::lies_below(low, name, subject) {
            stop_clock_while.push(name);
        } else {
            let about = low.subject_name(subject);
            let message = format!("`{name}` is about items, and this ladder is for the {about}");
            low.report(
                wrong(kind, Code::WrongShape, message).help("take it out, or hold the ladder with `hold_while:`"),
            );
        }
    }
    let (id, trees) = (id?, rungs?);
    if trees.is_empty() {
        low.report(
            wrong(tree, Code::Nothing, "a ladder without rungs")
                .help("add at least one: `{ id: reminder, from_day: 7, action: remind }`"),
        );
    }
    let rungs: Vec<Option<Rung<'t>>> = trees.iter().map(|t| Rung::read(low, t)).collect();
    let rungs = rungs.into_iter().collect::<Option<Vec<_>>>()?;
    rung::check_ids(low, &rungs);
    if let Some(CatchUp::Highest) = catch_up {
        rung::check_order(low, &rungs);
    }
    if let (Some(episode), Some(_)) = (episode, every) {
        let message = "`every` counts the returns, so `episode` cannot";
        low.report(wrong(episode, Code::UnknownKey, message).help("keep one of the two"));
        return None;
    }
    let re_enter_at = match re_enter_at {
        Some(tree) => Some(recurring::re_entry(low, tree, subject, every.is_some() || episode.is_some(), &rungs)?),
        None => None,
    };
    let stop_clock_while = stop_clock_while.into_iter().filter_map(when::interval_name).collect();
    Some(Ladder {
        id,
        place: &tree.place,
        subject,
        about: low.subject_name(subject),
        history,
        actions: low.subject_name(history),
        applies,
        open,
        anchor,
        every,
        episode,
        re_enter_at,
        hold_while,
        stop_clock_while,
        catch_up: catch_up?,
        on_holiday: Some(on_holiday).filter(|shift| *shift != when::Shift::None),
        days_between_contacts,
        letter,
        label,
        rungs,
    })
}

fn declare<'t>(low: &mut Lowerer<'t>, ladder: Ladder<'t>) {
    let mut names: Vec<String> =
        ["applies", "episode", "held", "level", "last_done_on", "attempts"].map(|part| ladder.name(part)).to_vec();
    for rung in &ladder.rungs {
        names.extend(["day", "done", "reached", "passed", "outranked", "proposed"].map(|p| rung.name(&ladder, p)));
        if ladder.every.is_some() {
            names.push(rung.episode(&ladder));
        }
        if ladder.catch_up != CatchUp::Every {
            names.push(rung.name(&ladder, "outranked"));
        }
    }
    low.define(names, ladder.place, move |low| {
        lower(low, &ladder);
    });
}

fn lower<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>) -> Option<()> {
    applies(low, ladder)?;
    recurring::anchor(low, ladder)?;
    held(low, ladder)?;
    when::contact(low, ladder)?;
    rung::history(low, ladder)?;
    let mut sound = true;
    for rung in &ladder.rungs {
        sound &= rung::lower(low, ladder, rung).is_some();
    }
    if !sound {
        return None;
    }
    mode::lower(low, ladder)?;
    emits::lower(low, ladder)?;
    low.label(low.demand_known(&ladder.name("level")), ladder.label);
    Some(())
}

/// Whether the ladder is climbed at all: only while what it is for is open, where that means something.
fn applies<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>) -> Option<()> {
    let is_open = format!("{}.is_open", ladder.about);
    let open = match ladder.open {
        Some(tree) => condition(low, ladder, tree, "open_while")?,
        None if low.knows(&is_open) => is_open,
        None => "true".to_owned(),
    };
    let (text, place) = match ladder.applies {
        Some(tree) => (format!("{open} && {}", condition(low, ladder, tree, "applies_when")?), &tree.place),
        None => (open, ladder.place),
    };
    low.derive(&ladder.name("applies"), ladder.home(), Some(Type::of(Base::Bool)), place, &text)?;
    Some(())
}

/// Adds a condition as it is written; gives its name.
fn condition<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>, tree: &'t Tree, part: &str) -> Option<String> {
    let name = ladder.name(part);
    let expr = low.condition(tree, ladder.home())?.expr;
    low.add(&name, ladder.subject, Type::of(Base::Bool), &tree.place, crate::plan::node::Form::Expr(expr));
    Some(name)
}

/// Nothing is sent while a reason to hold stands; the days go on.
fn held<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>) -> Option<()> {
    let mut reasons = vec!["false".to_string()];
    for tree in ladder.hold_while {
        let mut fields = Fields::of(tree, "a reason to hold", &mut low.sink)?;
        let id = fields.need("id", &mut low.sink).and_then(|t| read::id(t, &mut low.sink));
        let when = fields.need("when", &mut low.sink);
        fields.take("reason", &mut low.sink);
        fields.finish(&mut low.sink);
        let (id, when) = (id?, when?);
        let name = ladder.name(&format!("hold.{id}"));
        let expr = low.condition(when, ladder.home())?.expr;
        low.add(&name, ladder.subject, Type::of(Base::Bool), &tree.place, crate::plan::node::Form::Expr(expr));
        reasons.push(name);
    }
    let text = reasons.join(" || ");
    low.derive(&ladder.name("held"), ladder.home(), Some(Type::of(Base::Bool)), ladder.place, &text)?;
    Some(())
}
