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
    let part = |rung: &Rung<'_>, part: &str| rung.name(ladder, part);
    // A later rung that is passed passes those before it, under `highest`: so they are made from the top down.
    let mut above: Option<&Rung<'_>> = None;
    for (rank, rung) in ladder.rungs.iter().enumerate().rev() {
        let mut text = part(rung, "done");
        if let (CatchUp::Highest, Some(above)) = (ladder.catch_up, above) {
            text = format!("{text} || {}{}", part(above, "passed"), same_or_later(ladder, above, rung));
        }
        if ladder.re_enter_at.is_some_and(|first| rank < first) {
            text = format!("{text} || item.episode > 0");
        }
        low.derive(&part(rung, "passed"), ladder.home(), bool(), rung.place, &text)?;
        above = Some(rung);
    }
    outranked(low, ladder)?;
    for rung in &ladder.rungs {
        let own = format!("{} && !{}", part(rung, "reached"), part(rung, "passed"));
        let text = match ladder.catch_up {
            CatchUp::Every => own,
            CatchUp::Highest => format!("{own} && !{}", part(rung, "outranked")),
            CatchUp::OnePerRun => {
                format!("{own} && !{} && !{}", ladder.name("done_today"), part(rung, "outranked"))
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

/// Adds for each rung whether another goes out in its place: a later one that is reached, or under `one_per_run` an earlier
/// one that is still to be done. Each rung asks its neighbour, which answers for all beyond it; of a ladder that returns it
/// asks all of them, for what is left of one return says nothing of another.
fn outranked<'t>(low: &mut Lowerer<'t>, ladder: &Ladder<'t>) -> Option<()> {
    let part = |rung: &Rung<'_>, part: &str| rung.name(ladder, part);
    let stands = |rung: &Rung<'_>| match ladder.catch_up {
        CatchUp::Highest => part(rung, "reached"),
        CatchUp::Every | CatchUp::OnePerRun => format!("{} && !{}", part(rung, "reached"), part(rung, "passed")),
    };
    let mut rungs: Vec<&Rung<'_>> = ladder.rungs.iter().collect();
    match ladder.catch_up {
        CatchUp::Every => return Some(()),
        CatchUp::Highest => rungs.reverse(),
        CatchUp::OnePerRun => {}
    }
    for (at, rung) in rungs.iter().enumerate() {
        let (first, later) = (rungs.iter().take(at).rev(), rungs.iter().skip(at + 1));
        let ways: Vec<String> = match (ladder.every, ladder.catch_up) {
            (None, _) => {
                let nearest = first.take(1);
                nearest.flat_map(|next| [stands(next), part(next, "outranked")]).collect()
            }
            (Some(_), CatchUp::OnePerRun) => {
                let same = first.map(|below| format!("{}{}", stands(below), same_or_later(ladder, rung, below)));
                // What is left of the return before comes first.
                let before = |above: &&Rung<'_>| {
                    format!("{} && {} < {}", stands(above), above.episode(ladder), rung.episode(ladder))
                };
                same.chain(later.map(before)).collect()
            }
            (Some(_), _) => {
                first.map(|above| format!("{}{}", stands(above), same_or_later(ladder, above, rung))).collect()
            }
        };
        let text = if ways.is_empty() { "false".to_owned() } else { ways.join(" || ") };
        low.derive(&part(rung, "outranked"), ladder.home(), Some(Type::of(Base::Bool)), rung.place, &text)?;
    }
    Some(())
}

/// Of a ladder that returns, rungs of different returns may be reached at once: each return is climbed for itself.
fn same_or_later(ladder: &Ladder<'_>, one: &Rung<'_>, other: &Rung<'_>) -> String {
    match ladder.every {
        Some(_) => format!(" && {} >= {}", one.episode(ladder), other.episode(ladder)),
        None => String::new(),
    }
}
