//! Decisions with a memory: what was in force, moved at most once a day by the first rule that fits.
//!
//! Days without a run are gone through one by one, from the day after the decision in force, each with what the book
//! says as of that day; so it does not matter when runs were made.

use crate::diag::Place;
use crate::lang::{Base, Expr, Kind, NodeRef, Type, Words};
use crate::plan::lower::{Home, Lowerer, OverText, Subjects, WalkText};
use crate::plan::node::{ChoiceRow, Form, Hit};

const ACCOUNT: Home = Home::At(Subjects::ACCOUNT);

/// A decision with a memory.
pub(super) struct Memory<'m> {
    pub(super) name: &'m str,
    /// The name of the value in force.
    pub(super) was: &'m str,
    pub(super) place: &'m Place,
    pub(super) values: Vec<&'m str>,
    pub(super) first: &'m str,
    pub(super) moves: Vec<Move<'m>>,
}

/// A way from one value to another.
pub(super) struct Move<'m> {
    pub(super) id: &'m str,
    pub(super) place: &'m Place,
    /// From these values; from any, when empty.
    pub(super) from: Vec<&'m str>,
    pub(super) to: &'m str,
    /// When, as a text.
    pub(super) when: String,
    pub(super) reason: Words,
}

impl Move<'_> {
    /// The condition under which it moves what stands under a name.
    fn moves(&self, from: &str) -> String {
        let stands = match self.from.as_slice() {
            [] => format!("{from} != \"{}\"", self.to),
            some => format!("({})", some.iter().map(|v| format!("{from} == \"{v}\"")).collect::<Vec<_>>().join(" || ")),
        };
        format!("{stands} && {}", self.when)
    }
}

/// Adds `<name>`, the value today, by the move that led to it; `<name>.before`, the one at the end of yesterday.
pub(super) fn lower(low: &mut Lowerer<'_>, memory: Memory<'_>) -> Option<NodeRef> {
    let Memory { name, was, place, .. } = &memory;
    let base = Type::one_of(&memory.values);
    let on = "previous.decided_on";
    let (from, replayed, before) =
        (format!("{name}.replay_from"), format!("{name}.replayed"), format!("{name}.before"));
    let in_force = format!("is_given({was}) && is_given({on})");
    low.derive_where(&from, Subjects::ACCOUNT, Base::Date, place, &in_force, &format!("{on} + 1"))?;
    let start = format!("{was} ?? \"{}\"", memory.first);
    let step: String =
        memory.moves.iter().map(|m| format!("if {} {{ \"{}\" }} else ", m.moves("state"), m.to)).collect();
    let walk = WalkText {
        under: Subjects::ACCOUNT,
        over: OverText::Dates { first: &from, next: "as_of + 1", while_: None },
        running: &[("state", base.clone(), &start, &format!("{step}{{ state }}"))],
        gives: ("state", Type::of(base.clone())),
    };
    let walked = low.walk(&replayed, Subjects::ACCOUNT, place, walk)?;
    let yesterday = low.text("as_of + (-1)", place, ACCOUNT, Some(Type::of(Base::Date)))?.expr;
    let kind = Kind::AsAt(Box::new(low.read(walked, place)), Box::new(yesterday));
    let as_at = Expr { kind, ty: Type::of(base.clone()), span: place.span };
    low.add(&before, Subjects::ACCOUNT, Type::of(base.clone()), place, Form::Expr(as_at));

    // What was decided today stands: a day moves once.
    let today = low.text(&format!("{in_force} && {on} == as_of"), place, ACCOUNT, Some(Type::of(Base::Bool)))?.expr;
    let gives = low.text_given(was, place, ACCOUNT, Some(Type::of(base.clone())), std::slice::from_ref(&today))?.expr;
    let row = |id: &str, place: &Place, when: Option<Expr>, gives: Expr, reason: Words| ChoiceRow {
        id: id.into(),
        place: place.clone(),
        when,
        gives,
        reason,
    };
    let mut rows = vec![row("decided_today", place, Some(today), gives, Words::new())];
    for m in &memory.moves {
        let when = low.text(&m.moves(&before), m.place, ACCOUNT, Some(Type::of(Base::Bool)))?.expr;
        let gives = low.literal(m.to, base.clone(), m.place);
        rows.push(row(m.id, m.place, Some(when), gives, m.reason.clone()));
    }
    let stays = low.text(&before, place, ACCOUNT, Some(Type::of(base.clone())))?.expr;
    rows.push(row("stays", place, None, stays, Words::new()));
    Some(low.choose(name, Subjects::ACCOUNT, Type::of(base), place, Hit::First, rows))
}
