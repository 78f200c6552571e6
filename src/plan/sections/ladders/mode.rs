//! What is proposed when several rungs are reached: `highest`, `every`, `one_per_run`.

use super::Ladder;
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
    let part = |rung: &str, part: &str| ladder.name(&format!("{rung}.{part}"));
    // A later rung that is passed passes those before it, under `highest`: so they are made from the top down.
    let mut above: Option<&str> = None;
    for rung in ladder.rungs.iter().rev() {
        let done = part(rung.id, "done");
        let text = match (ladder.catch_up, above) {
            (CatchUp::Highest, Some(above)) => format!("{done} || {}", part(above, "passed")),
            _ => done,
        };
        low.derive(&part(rung.id, "passed"), ladder.home(), bool(), rung.place, &text)?;
        above = Some(rung.id);
    }
    for (rank, rung) in ladder.rungs.iter().enumerate() {
        let own = format!("{} && !{}", part(rung.id, "reached"), part(rung.id, "passed"));
        let text = match ladder.catch_up {
            CatchUp::Every => own,
            CatchUp::Highest => {
                let higher = ladder.rungs.iter().skip(rank + 1);
                higher.fold(own, |text, above| format!("{text} && !{}", part(above.id, "reached")))
            }
            CatchUp::OnePerRun => {
                let own = format!("{own} && !{}", ladder.name("done_today"));
                let lower = ladder.rungs.iter().take(rank);
                lower.fold(own, |text, below| {
                    format!("{text} && !({} && !{})", part(below.id, "reached"), part(below.id, "passed"))
                })
            }
        };
        low.derive(&part(rung.id, "proposed"), ladder.home(), bool(), rung.place, &text)?;
    }
    let mut level = "0".to_string();
    for (rank, rung) in ladder.rungs.iter().enumerate() {
        level = format!("if {} {{ {} }} else {{ {level} }}", part(rung.id, "done"), rank + 1);
    }
    low.derive(&ladder.name("level"), ladder.home(), Some(Type::of(Base::Int)), ladder.place, &level)?;
    Some(())
}
