//! The sources that are not for a time: what they come to together is the ordinary limit, which rises as the limit does
//! (held, at a review). Beside those for a time they then speak no louder than that.

use super::heard::{Voice, taken};
use super::{Sources, Speaker, Take, said, said_type};
use crate::lang::{Base, Type};
use crate::plan::lower::Lowerer;
use crate::plan::sections::limit::{Limit, NOTHING, in_force};
use crate::plan::sections::steps::{Amount, state_type};

/// What the parts of a sum are together, among the voices.
const TOGETHER: &str = "ordinary";

/// Adds `<limit>.ordinary`, and gives the voices that are heard together with it.
pub(super) fn beside<'s>(
    low: &mut Lowerer<'_>,
    limit: &Limit<'_>,
    sources: &'s Sources<'_>,
    speakers: &[Speaker<'s, '_>],
    voices: Vec<Voice<'s>>,
) -> Option<Vec<Voice<'s>>> {
    let lasting = |speaker: &Speaker<'_, '_>| speaker.source.is_none_or(|source| !source.is_temporary());
    // By their own words: none of these replaces another.
    let mut own = Vec::new();
    for speaker in speakers.iter().filter(|speaker| lasting(speaker)) {
        let name = limit.part(&format!("ordinary.sources.{}", speaker.id));
        said(low, limit, speaker, &name, &format!("{}.says", speaker.name))?;
        own.push(Voice { name, ..Voice::of(speaker) });
    }
    let together = if own.is_empty() {
        let state = limit.part("ordinary.taken.state");
        let expr = "\"none\"";
        low.derive(&state, limit.home(), Some(Type::of(state_type())), sources.place, expr)?;
        Amount { state: Some(state), value: NOTHING.into() }
    } else {
        taken(low, limit, sources, &limit.part("ordinary.taken"), &own)?
    };
    let bound = in_force::ordinary(low, limit, together, &limit.part("ordinary"))?;
    if sources.take == Take::Sum {
        return parts_of_sum(low, limit, sources, speakers, voices, &bound);
    }
    let mut heard = Vec::new();
    for (speaker, voice) in speakers.iter().zip(voices) {
        if !lasting(speaker) {
            heard.push(voice);
            continue;
        }
        let name = format!("{}.kept", voice.name);
        kept(low, limit, &voice, &name, &bound)?;
        heard.push(Voice { name, ..voice });
    }
    Some(heard)
}

/// The parts of a sum that are not for a time are kept down together.
fn parts_of_sum<'s>(
    low: &mut Lowerer<'_>,
    limit: &Limit<'_>,
    sources: &'s Sources<'_>,
    speakers: &[Speaker<'s, '_>],
    voices: Vec<Voice<'s>>,
    bound: &Amount,
) -> Option<Vec<Voice<'s>>> {
    let is_temporary = |speaker: &Speaker<'_, '_>| speaker.source.is_some_and(super::Source::is_temporary);
    let (temporary, parts): (Vec<_>, Vec<_>) =
        speakers.iter().zip(voices).partition(|(speaker, _)| is_temporary(speaker));
    let [mut heard, parts] =
        [temporary, parts].map(|pairs| pairs.into_iter().map(|(_, voice)| voice).collect::<Vec<_>>());
    if parts.is_empty() {
        return Some(heard);
    }
    let (home, place) = (limit.home(), sources.place);
    let sum = taken(low, limit, sources, &limit.part("ordinary.left"), &parts)?;
    let (sum_state, name) = (sum.state?, limit.part("ordinary.together"));
    let silent: Vec<String> = parts.iter().map(|part| format!("{}.state == \"silent\"", part.name)).collect();
    let text = format!(
        "if {} {{ \"silent\" }} else if {sum_state} == \"none\" {{ \"none\" }} else if {sum_state} == \"amount\" {{ \"amount\" }} else {{ \"unlimited\" }}",
        silent.join(" && ")
    );
    low.derive(&format!("{name}.state"), home, Some(Type::of(said_type())), place, &text)?;
    low.derive(&name, home, Some(Type::maybe(Base::Money)), place, &sum.value)?;
    let voice = Voice { id: TOGETHER, place, name };
    let name = format!("{}.kept", voice.name);
    kept(low, limit, &voice, &name, bound)?;
    heard.push(Voice { name, ..voice });
    Some(heard)
}

/// A voice that is not above the ordinary limit while that is kept down.
fn kept(low: &mut Lowerer<'_>, limit: &Limit<'_>, voice: &Voice<'_>, name: &str, bound: &Amount) -> Option<()> {
    let (home, place, own) = (limit.home(), voice.place, &voice.name);
    let (bound_state, bound) = (bound.state.as_ref()?, &bound.value);
    let down = limit.part("ordinary.kept_down");
    let state = format!("{own}.state");
    let text = format!(
        "if !{down} || {state} in [\"silent\", \"none\"] || {bound_state} == \"unlimited\" {{ {state} }} \
         else if {bound_state} == \"none\" {{ \"none\" }} else {{ \"amount\" }}"
    );
    let shown = low.derive(&format!("{name}.state"), home, Some(Type::of(said_type())), place, &text)?;
    let text = in_force::not_above(&down, (&state, own), (bound_state, bound));
    let node = low.derive(name, home, Some(Type::maybe(Base::Money)), place, &text)?;
    low.show_instead(node, shown);
    Some(())
}
