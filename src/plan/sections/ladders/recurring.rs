//! The anchor and the episode of a ladder; a ladder with `every:` has an anchor and an episode for each return.

use super::Ladder;
use super::rung::Rung;
use crate::diag::{Code, Place};
use crate::lang::{Base, Type};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::Form;
use crate::plan::schema::RelationId;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::Tree;

/// Adds `anchor` (a date, perhaps missing) and `episode` (a whole number).
pub(super) fn anchor<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>) -> Option<()> {
    let home = ladder.home();
    let place = ladder.place;
    let (anchor, episode) = (ladder.name("anchor"), ladder.name("episode"));
    let written = low.expr(ladder.anchor, home, Some(Type::maybe(Base::Date)))?.expr;
    let int = Some(Type::of(Base::Int));
    let Some(every) = ladder.every else {
        low.add(&anchor, ladder.subject, written.ty.clone(), &ladder.anchor.place, Form::Expr(written));
        if let Some(tree) = ladder.episode {
            let expr = low.expr(tree, home, int)?.expr;
            low.add(&episode, ladder.subject, Type::of(Base::Int), &tree.place, Form::Expr(expr));
            return Some(());
        }
        let text = if ladder.about == "item" { "item.episode" } else { "0" };
        low.derive(&episode, home, int, place, text)?;
        return Some(());
    };
    let (n, unit) = unit(low, every)?;
    let first = ladder.name("first_anchor");
    low.add(&first, ladder.subject, written.ty.clone(), &ladder.anchor.place, Form::Expr(written));
    let (base, _) = unit.of();
    low.derive(&ladder.name("period"), Home::At(Subjects::PORTFOLIO), Some(Type::of(base)), place, &n.to_string())?;
    // Rungs that come before the anchor look ahead to the next return.
    let ahead = ladder.rungs.iter().filter_map(|rung| rung.from_day).min().unwrap_or(0);
    counted(low, ladder, place, (n, unit), ahead, (&episode, &anchor))
}

/// Adds the return that a rung belongs to: a rung before the anchor looks ahead to the next one, and the others go on
/// with the last until that comes.
pub(super) fn return_of<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>, rung: &Rung<'t>) -> Option<()> {
    let Some(every) = ladder.every else { return Some(()) };
    let unit = unit(low, every)?;
    let (episode, anchor) = (rung.episode(ladder), anchor_of(ladder, rung));
    counted(low, ladder, rung.place, unit, rung.from_day.unwrap_or(0), (&episode, &anchor))
}

/// The name of the day a rung is counted from.
pub(super) fn anchor_of(ladder: &Ladder<'_>, rung: &Rung<'_>) -> String {
    match ladder.every {
        Some(_) => ladder.name(&format!("{}.anchor", rung.id)),
        None => ladder.name("anchor"),
    }
}

/// Adds how many returns have begun for what lies `offset` days from its anchor, and the anchor of the last of them.
fn counted(
    low: &mut Lowerer<'_>,
    ladder: &Ladder<'_>,
    place: &Place,
    (n, unit): (i64, Unit),
    offset: i64,
    (episode, anchor): (&str, &str),
) -> Option<()> {
    let (home, first, ahead) = (ladder.home(), ladder.name("first_anchor"), -offset.min(0));
    let passed = match unit {
        Unit::Months => format!("months_between({first}, as_of + {ahead})"),
        Unit::Days => format!("as_of + {ahead} - {first}"),
    };
    let text = format!("if is_given({first}) {{ whole(to_number({passed}) / {n}.0) }} else {{ 0 }}");
    low.derive(episode, home, Some(Type::of(Base::Int)), place, &text)?;
    let (_, function) = unit.of();
    let moved = format!("{function}({first}, {} * {episode})", ladder.name("period"));
    let given = format!("is_given({first}) && {episode} >= 1");
    low.derive_where(anchor, ladder.subject, Base::Date, place, &given, &moved)?;
    Some(())
}

#[derive(Clone, Copy)]
enum Unit {
    Months,
    Days,
}

impl Unit {
    /// Its type and the function that moves a day by it.
    fn of(self) -> (Base, &'static str) {
        match self {
            Unit::Months => (Base::Months, "add_months"),
            Unit::Days => (Base::Days, "add_days"),
        }
    }
}

/// `every: { months: 3 }`
fn unit(low: &mut Lowerer<'_>, every: &Tree) -> Option<(i64, Unit)> {
    let mut fields = Fields::of(every, "`every`", &mut low.sink)?;
    let months = fields.take("months", &mut low.sink).map(|t| read::whole(t, &mut low.sink));
    let days = fields.take("days", &mut low.sink).map(|t| read::whole(t, &mut low.sink));
    fields.finish(&mut low.sink);
    let (n, unit) = match (months, days) {
        (Some(n), None) => (n?, Unit::Months),
        (None, Some(n)) => (n?, Unit::Days),
        _ => {
            let message = "a ladder returns every so many `months:` or `days:`";
            low.report(wrong(every, Code::MissingKey, message).help("as in `every: { months: 3 }`"));
            return None;
        }
    };
    if n < 1 {
        low.report(wrong(every, Code::OutOfBounds, "a ladder returns after one or more"));
        return None;
    }
    Some((n, unit))
}

/// `re_enter_at: formal_demand`: the rank of the rung at which an item that came back begins.
pub(super) fn re_entry(
    low: &mut Lowerer<'_>,
    tree: &Tree,
    subject: RelationId,
    counted: bool,
    rungs: &[Rung<'_>],
) -> Option<usize> {
    if subject != Subjects::ITEM || counted {
        let message =
            "only an item comes back by a broken plan or a returned payment, and not beside `every:` or `episode:`";
        low.report(wrong(tree, Code::WrongShape, message).help("take `re_enter_at:` out"));
        return None;
    }
    let ranks: Vec<(&str, usize)> = rungs.iter().enumerate().map(|(rank, rung)| (rung.id, rank)).collect();
    read::one_of(tree, &ranks, &mut low.sink)
}
