//! A limit beside the one in force: what keeps it from rising above that, and whether it rises at all.

use super::super::steps::{Amount, state_type};
use super::{Limit, NOTHING};
use crate::lang::{Base, Type};
use crate::plan::lower::Lowerer;

/// The steps that keep a limit from rising.
pub(super) const STEPS: [&str; 2] = ["held", "review"];

/// A limit that may not rise above another: the names of their nodes.
struct NoRise<'n> {
    amount: Amount,
    /// What the result is called.
    own: String,
    /// The state and the amount that it does not rise above.
    bound: (&'n str, &'n str),
    /// When it may not.
    waits: &'n str,
}

/// Missing knowledge never loosens credit: a limit that is held does not rise above the one in force; where none is in
/// force there is no first one until a person decides. Where rises wait for a review the first limit counts at once.
///
/// What is for a time counts and ends at once, so where there is such a source its rest was looked at before.
pub(super) fn lower(low: &mut Lowerer<'_>, limit: &Limit<'_>, amount: Amount) -> Option<Amount> {
    let (state, had) = (limit.part("in_force.state"), limit.part("in_force.amount"));
    if limit.has_ordinary() && !limit.has_temporary() {
        return ordinary(low, limit, amount, &limit.part("steps"));
    }
    let own = limit.part(&format!("steps.{}", STEPS[0]));
    no_rise(low, limit, NoRise { amount, own, bound: (&state, &had), waits: "account.held" })
}

/// Adds `<limit>.in_force`.
pub(super) fn known(low: &mut Lowerer<'_>, limit: &Limit<'_>) -> Option<()> {
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
    Some(())
}

/// Keeps the ordinary limit, without what is for a time, at the ordinary one in force. A book that does not tell the
/// two apart has the whole one.
pub(super) fn ordinary(low: &mut Lowerer<'_>, limit: &Limit<'_>, amount: Amount, prefix: &str) -> Option<Amount> {
    let place = limit.place;
    let (whole_state, whole) = (limit.part("in_force.state"), limit.part("in_force.amount"));
    let (state, had) = (limit.part("in_force.ordinary.state"), limit.part("in_force.ordinary"));
    let (was_state, was) =
        (format!("previous.{}", limit.part("ordinary.state")), format!("previous.{}", limit.part("ordinary")));
    let text = format!(
        "if is_given({was}) {{ \"amount\" }} else if ({was_state} ?? \"none\") == \"amount\" {{ \"none\" }} \
         else {{ {was_state} ?? {whole_state} }}"
    );
    low.derive(&state, limit.home(), Some(Type::of(state_type())), place, &text)?;
    let text =
        format!("if {state} != \"amount\" {{ {NOTHING} }} else if is_given({was}) {{ {was} }} else {{ {whole} }}");
    low.derive(&had, limit.home(), Some(Type::maybe(Base::Money)), place, &text)?;

    let computed = amount.clone();
    let [held, review] = STEPS.map(|step| format!("{prefix}.{step}"));
    let bound = (state.as_str(), had.as_str());
    let mut amount = no_rise(low, limit, NoRise { amount, own: held, bound, waits: "account.held" })?;
    if limit.waits {
        let known: Vec<String> =
            [limit.part("state"), limit.part("amount"), limit.part("ordinary.state"), limit.part("ordinary")]
                .iter()
                .map(|name| format!("is_given(previous.{name})"))
                .collect();
        let waits = format!("({}) && review.blocks", known.join(" || "));
        let before = amount.value.clone();
        amount = no_rise(low, limit, NoRise { amount, own: review, bound, waits: &waits })?;
        let after = &amount.value;
        let risen = format!("is_given({before}) && is_given({after}) && {before} > {after}");
        let by = format!("{before} - {after}");
        low.derive_where(&limit.part("withheld"), limit.subject, Base::Money, place, &risen, &by)?;
    }
    let (state, value) = (amount.state?, amount.value);
    let (before_state, before) = (computed.state?, computed.value);
    let text = format!("{before_state} != {state} || is_given({before}) && is_given({value}) && {before} > {value}");
    low.derive(&limit.part("ordinary.kept_down"), limit.home(), Some(Type::of(Base::Bool)), place, &text)?;
    let own_state = limit.part("ordinary.state");
    let shown = low.derive(&own_state, limit.home(), Some(Type::of(state_type())), place, &state)?;
    let own = limit.part("ordinary");
    let rounded = format!("if is_given({value}) {{ round_money({value}) }} else {{ {value} }}");
    let node = low.derive(&own, limit.home(), Some(Type::maybe(Base::Money)), place, &rounded)?;
    low.show_instead(node, shown);
    Some(Amount { state: Some(state), value })
}

/// A step after which the amount is not above another, while it waits.
fn no_rise(low: &mut Lowerer<'_>, limit: &Limit<'_>, step: NoRise<'_>) -> Option<Amount> {
    let NoRise { amount, own, bound: (was, had), waits } = step;
    let (state, value) = (amount.state?, amount.value);
    let own_state = format!("{own}.state");
    let text = format!("if !({waits}) || {state} == \"none\" || {was} == \"unlimited\" {{ {state} }} else {{ {was} }}");
    let shown = low.derive(&own_state, limit.home(), Some(Type::of(state_type())), limit.place, &text)?;
    let text = not_above(waits, (&state, &value), (was, had));
    let node = low.derive(&own, limit.home(), Some(Type::maybe(Base::Money)), limit.place, &text)?;
    low.show_instead(node, shown);
    Some(Amount { state: Some(own_state), value: own })
}

/// The formula of an amount that is not above another while something holds; each with its state.
pub(super) fn not_above(while_: &str, (state, own): (&str, &str), (bound_state, bound): (&str, &str)) -> String {
    format!(
        "if !({while_}) || {bound_state} == \"unlimited\" {{ {own} }} \
         else if is_given({own}) && is_given({bound}) {{ min({own}, {bound}) }} \
         else {{ if {state} == \"unlimited\" {{ {bound} }} else {{ {NOTHING} }} }}"
    )
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
