//! The anchor and the episode of a ladder; a ladder with `every:` has an anchor and an episode for each return.

use super::Ladder;
use crate::diag::Code;
use crate::lang::{Base, Type};
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::plan::node::Form;
use crate::policy::fields::Fields;
use crate::policy::read;

/// Adds `anchor` (a date, perhaps missing) and `episode` (a whole number).
pub(super) fn anchor<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>) -> Option<()> {
    let home = ladder.home();
    let place = ladder.place;
    let (anchor, episode) = (ladder.name("anchor"), ladder.name("episode"));
    let written = low.expr(ladder.anchor, home, Some(Type::maybe(Base::Date)))?.expr;
    let int = Some(Type::of(Base::Int));
    let Some(every) = ladder.every else {
        low.add(&anchor, ladder.subject, written.ty.clone(), &ladder.anchor.place, Form::Expr(written));
        let text = if ladder.about == "item" { "item.episode" } else { "0" };
        low.derive(&episode, home, int, place, text)?;
        return Some(());
    };
    let mut fields = Fields::of(every, "`every`", &mut low.sink)?;
    let months = fields.take("months", &mut low.sink).map(|t| read::whole(t, &mut low.sink));
    let days = fields.take("days", &mut low.sink).map(|t| read::whole(t, &mut low.sink));
    fields.finish(&mut low.sink);
    let (n, unit) = match (months, days) {
        (Some(n), None) => (n?, "months"),
        (None, Some(n)) => (n?, "days"),
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
    let first = ladder.name("first_anchor");
    low.add(&first, ladder.subject, written.ty.clone(), &ladder.anchor.place, Form::Expr(written));
    // Rungs that come before the anchor look ahead to the next return.
    let ahead = ladder.rungs.iter().filter_map(|rung| rung.from_day).min().unwrap_or(0).min(0);
    let passed = match unit {
        "months" => format!("months_between({first}, as_of + {})", -ahead),
        _ => format!("as_of + {} - {first}", -ahead),
    };
    let text = format!("if is_given({first}) {{ whole(to_number({passed}) / {n}.0) }} else {{ 0 }}");
    low.derive(&episode, home, int, place, &text)?;
    let (period, base, function) = match unit {
        "months" => (ladder.name("period"), Base::Months, "add_months"),
        _ => (ladder.name("period"), Base::Days, "add_days"),
    };
    low.derive(&period, Home::At(Subjects::PORTFOLIO), Some(Type::of(base)), place, &n.to_string())?;
    let moved = format!("{function}({first}, {period} * {episode})");
    low.derive_where(
        &anchor,
        ladder.subject,
        Base::Date,
        place,
        &format!("is_given({first}) && {episode} >= 1"),
        &moved,
    )?;
    Some(())
}
