//! `states:` decisions with a memory, moved by rule.

use super::memory::{self, Memory, Move};
use super::referred;
use crate::diag::Code;
use crate::lang::Type;
use crate::plan::lower::{Home, Lowerer, Subjects, wrong};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree};

/// A state as read.
struct State<'t> {
    id: &'t str,
    tree: &'t Tree,
    first: &'t str,
    moves: Vec<Written<'t>>,
    label: Option<&'t Tree>,
}

struct Written<'t> {
    id: &'t str,
    tree: &'t Tree,
    from: Vec<&'t str>,
    to: &'t str,
    at_review: bool,
}

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    for tree in read::list(&section.value, &mut low.sink).unwrap_or(&[]) {
        let Some(state) = read_state(low, tree) else { continue };
        let values = state.values();
        low.head(state.id, Type::of(Type::one_of(&values)));
        low.result(Subjects::ACCOUNT, state.id, true);
        let names = vec![state.id.to_string(), format!("{}.before", state.id)];
        low.define(names, &tree.place, move |low| {
            lower(low, &state);
        });
    }
}

impl<'t> State<'t> {
    /// The first, then the others in the order in which moves lead to them.
    fn values(&self) -> Vec<&'t str> {
        let mut values = vec![self.first];
        for to in self.moves.iter().map(|m| m.to) {
            if !values.contains(&to) {
                values.push(to);
            }
        }
        values
    }
}

fn read_state<'t>(low: &mut Lowerer<'t>, tree: &'t Tree) -> Option<State<'t>> {
    let sink = &mut low.sink;
    let mut fields = Fields::of(tree, "a state", sink)?;
    let id = fields.need("id", sink).and_then(|t| read::id(t, sink));
    let about = fields.take("for", sink);
    let first = fields.need("first", sink).and_then(|t| read::id(t, sink));
    let moves = fields.need("moves", sink).and_then(|t| read::list(t, sink));
    let label = fields.take("label", sink);
    fields.finish(sink);
    if let Some(about) = about
        && low.subject_written(about)? != Subjects::ACCOUNT
    {
        let message = "a state is of an account: decisions in force are the accounts'";
        low.report(wrong(about, Code::WrongShape, message).help("write `for: account`, or leave it out"));
        return None;
    }
    let (id, first, moves) = (id?, first?, moves?);
    if moves.is_empty() {
        low.report(
            wrong(tree, Code::Nothing, format!("nothing moves the state `{id}`"))
                .help("add at least one move: `{ id: worsen, to: watch, when: …, apply: now }`"),
        );
        return None;
    }
    let written: Vec<Option<Written<'t>>> = moves.iter().map(|tree| read_move(low, id, tree)).collect();
    let state = State { id, tree, first, moves: written.into_iter().collect::<Option<_>>()?, label };
    known_values(low, &state)?;
    Some(state)
}

fn read_move<'t>(low: &mut Lowerer<'t>, state: &str, tree: &'t Tree) -> Option<Written<'t>> {
    const APPLY: [(&str, bool); 2] = [("now", false), ("at_review", true)];
    let id =
        referred::declare_rule(low, &format!("states.{state}"), tree, Subjects::ACCOUNT, &["from", "to", "apply"])?;
    let Some(to) = tree.get("to") else {
        low.report(wrong(tree, Code::MissingKey, "a move says where it leads").help("add `to: …`"));
        return None;
    };
    let Some(apply) = tree.get("apply") else {
        let help = "add `apply: now`, or `apply: at_review` to wait for a day on which the account is reviewed";
        low.report(wrong(tree, Code::MissingKey, "a move says when it applies").help(help));
        return None;
    };
    let at_review = read::one_of(&apply.value, &APPLY, &mut low.sink)?;
    let to = read::id(&to.value, &mut low.sink)?;
    let from = tree.get("from").map(|entry| read::list_or_one(&entry.value)).unwrap_or(&[]);
    let from = from.iter().map(|t| read::id(t, &mut low.sink)).collect::<Option<Vec<_>>>()?;
    Some(Written { id, tree, from, to, at_review })
}

/// A move begins where the state can be.
fn known_values(low: &mut Lowerer<'_>, state: &State<'_>) -> Option<()> {
    let values = state.values();
    let known: Vec<(&str, ())> = values.iter().map(|value| (*value, ())).collect();
    let mut sound = true;
    for m in &state.moves {
        let Some(from) = m.tree.get("from") else { continue };
        for tree in read::list_or_one(&from.value) {
            sound &= read::one_of(tree, &known, &mut low.sink).is_some();
        }
        if m.from.contains(&m.to) {
            let message = format!("the move `{}` leads from `{}` to itself", m.id, m.to);
            low.report(wrong(&from.value, Code::OutOfBounds, message).help("leave it out of `from:`"));
            sound = false;
        }
    }
    sound.then_some(())
}

fn lower<'t>(low: &mut Lowerer<'t>, state: &State<'t>) -> Option<()> {
    let mut moves = Vec::new();
    for m in &state.moves {
        let own = format!("states.{}.{}", state.id, m.id);
        let when = if m.at_review { format!("{own} && review.held_today") } else { own };
        let reason = referred::reason(low, m.tree, Home::At(Subjects::ACCOUNT));
        moves.push(Move { id: m.id, place: &m.tree.place, from: m.from.clone(), to: m.to, when, reason });
    }
    let (name, place, first) = (state.id, &state.tree.place, state.first);
    let was = format!("previous.{name}");
    let node = memory::lower(low, Memory { name, was: &was, place, values: state.values(), first, moves })?;
    low.label(Some(node), state.label);
    Some(())
}
