//! What is proposed when several rungs are reached: `highest`, `every`, `one_per_run`.

use super::Ladder;
use super::rung::Rung;
use crate::lang::{Base, Type};
use crate::plan::lower::Lowerer;

/// How a ladder catches up with rungs that were reached and not done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum CatchUp {
    /// The highest reached rung, if it is not passed.
    Highest,
    /// Each reached rung not passed.
    Every,
    /// The lowest reached rung not passed, one an item and date.
    OnePerRun,
}

pub(super) const MODES: [(&str, CatchUp); 3] =
    [("highest", CatchUp::Highest), ("every", CatchUp::Every), ("one_per_run", CatchUp::OnePerRun)];

/// Adds `passed` and `proposed` for each rung, and the ladder's `level`: the rank of the highest rung done, 0 for none.
pub(super) fn lower<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>) -> Option<()> {
    let bool = || Some(Type::of(Base::Bool));
    let part = |rung: &Rung<'_>, part: &str| ladder.name(&format!("{}.{part}", rung.id));
    // Of a ladder that returns, rungs of different returns may be reached at once: each return is climbed for itself.
    let same_or_later = |one: &Rung<'_>, other: &Rung<'_>| match ladder.every {
        Some(_) => format!(" && {} >= {}", part(one, "episode"), part(other, "episode")),
        None => String::new(),
    };
    // A later rung that is passed passes those before it, under `highest`: so they are made from the top down.
    let mut above: Option<&Rung<'_>> = None;
    for (rank, rung) in ladder.rungs.iter().enumerate().rev() {
        let mut text = part(rung, "done");
        if let (CatchUp::Highest, Some(above)) = (ladder.catch_up, above) {
            text = format!("{text} || {}{}", part(above, "passed"), same_or_later(above, rung));
        }
        if ladder.re_enter_at.is_some_and(|first| rank < first) {
            text = format!("{text} || item.episode > 0");
        }
        low.derive(&part(rung, "passed"), ladder.home(), bool(), rung.place, &text)?;
        above = Some(rung);
    }
    for (rank, rung) in ladder.rungs.iter().enumerate() {
        let own = format!("{} && !{}", part(rung, "reached"), part(rung, "passed"));
        let higher = ladder.rungs.iter().skip(rank + 1);
        let text = match ladder.catch_up {
            CatchUp::Every => own,
            CatchUp::Highest => higher.fold(own, |text, above| {
                format!("{text} && !({}{})", part(above, "reached"), same_or_later(above, rung))
            }),
            CatchUp::OnePerRun => {
                let own = format!("{own} && !{}", ladder.name("done_today"));
                let waits = |text: String, other: &Rung<'_>, also: String| {
                    format!("{text} && !({} && !{}{also})", part(other, "reached"), part(other, "passed"))
                };
                let lower = ladder.rungs.iter().take(rank);
                let text = lower.fold(own, |text, below| waits(text, below, same_or_later(rung, below)));
                // What is left of the return before comes first.
                let earlier = higher.filter(|_| ladder.every.is_some());
                earlier.fold(text, |text, above| {
                    let before = format!(" && {} < {}", part(above, "episode"), part(rung, "episode"));
                    waits(text, above, before)
                })
            }
        };
        low.derive(&part(rung, "proposed"), ladder.home(), bool(), rung.place, &text)?;
    }
    let mut level = "0".to_string();
    for (rank, rung) in ladder.rungs.iter().enumerate() {
        level = format!("if {} {{ {} }} else {{ {level} }}", part(rung, "done"), rank + 1);
    }
    low.derive(&ladder.name("level"), ladder.home(), Some(Type::of(Base::Int)), ladder.place, &level)?;
    Some(())
}
