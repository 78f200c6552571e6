//! A limit beside the one in force: what keeps it from rising above that, and whether it rises at all.

use super::super::steps::{Amount, state_type};
use super::{Limit, NOTHING};
use crate::lang::{Base, Type};
use crate::plan::lower::Lowerer;

/// The steps that keep a limit from rising.
pub(super) const STEPS: [&str; 2] = ["held", "review"];

/// Missing knowledge never loosens credit: a limit that is held does not rise above the one in force; where none is in
/// force there is no first one until a person decides. Where rises wait for a review the first limit counts at once.
pub(super) fn lower(low: &mut Lowerer<'_>, limit: &Limit<'_>, amount: Amount) -> Option<Amount> {
    let (state, had) = (limit.part("in_force.state"), limit.part("in_force.amount"));
    let (was_state, was_amount) =
        (format!("previous.{}", limit.part("state")), format!("previous.{}", limit.part("amount")));
    // An amount without a word of its state is one; a word without its amount is nothing to go by.
    let text = format!(
        "if ({was_state} ?? \"amount\") == \"amount\" {{ if is_given({was_amount}) {{ \"amount\" }} else {{ \"none\" }} }} \
         else {{ {was_state} ?? \"none\" }}"
    );
    low.derive(&state, limit.home(), Some(Type::of(state_type())), limit.place, &text)?;
    let text = format!("if {state} == \"amount\" {{ {was_amount} }} else {{ {NOTHING} }}");
    low.derive(&had, limit.home(), Some(Type::maybe(Base::Money)), limit.place, &text)?;
    let [held, review] = STEPS;
    let amount = no_rise(low, limit, amount, held, "account.held")?;
    if !limit.waits {
        return Some(amount);
    }
    let before = amount.value.clone();
    let waits = format!("(is_given({was_state}) || is_given({was_amount})) && review.blocks");
    let amount = no_rise(low, limit, amount, review, &waits)?;
    let after = &amount.value;
    let risen = format!("is_given({before}) && is_given({after}) && {before} > {after}");
    let by = format!("{before} - {after}");
    low.derive_where(&limit.part("withheld"), limit.subject, Base::Money, limit.place, &risen, &by)?;
    Some(amount)
}

/// A step after which the amount is not above the one in force, while `waits` holds.
fn no_rise(low: &mut Lowerer<'_>, limit: &Limit<'_>, before: Amount, step: &str, waits: &str) -> Option<Amount> {
    let (state, value) = (before.state?, before.value);
    let (was, had) = (limit.part("in_force.state"), limit.part("in_force.amount"));
    let own = limit.part(&format!("steps.{step}"));
    let own_state = format!("{own}.state");
    let text = format!("if !({waits}) || {state} == \"none\" || {was} == \"unlimited\" {{ {state} }} else {{ {was} }}");
    let shown = low.derive(&own_state, limit.home(), Some(Type::of(state_type())), limit.place, &text)?;
    let text = format!(
        "if !({waits}) || {was} == \"unlimited\" {{ {value} }} \
         else if is_given({value}) && is_given({had}) {{ min({value}, {had}) }} \
         else {{ if {state} == \"unlimited\" {{ {had} }} else {{ {NOTHING} }} }}"
    );
    let node = low.derive(&own, limit.home(), Some(Type::maybe(Base::Money)), limit.place, &text)?;
    if let Some(node) = low.node_mut(node) {
        node.shown_when_missing = Some(shown);
    }
    Some(Amount { state: Some(own_state), value: own })
}

/// Whether the limit is the first, a rise, the same or a fall.
pub(super) fn change(low: &mut Lowerer<'_>, limit: &Limit<'_>) -> Option<()> {
    let (state, amount) = (limit.part("state"), limit.part("amount"));
    let (was, had) = (limit.part("in_force.state"), limit.part("in_force.amount"));
    let text = format!(
        "if !is_given(previous.{state}) && !is_given(previous.{amount}) {{ \"first\" }} \
         else if is_given({amount}) && is_given({had}) {{ \
            if {amount} > {had} {{ \"rise\" }} else if {amount} < {had} {{ \"fall\" }} else {{ \"same\" }} }} \
         else if {state} == {was} {{ \"same\" }} \
         else if {state} == \"none\" || {was} == \"unlimited\" {{ \"fall\" }} else {{ \"rise\" }}"
    );
    let ty = Type::of(Type::one_of(["first", "rise", "same", "fall"]));
    low.derive(&limit.part("change"), limit.home(), Some(ty), limit.place, &text)?;
    Some(())
}
