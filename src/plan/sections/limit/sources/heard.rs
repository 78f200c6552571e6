//! What several sources that speak come to together, and which of them it is.

use super::{Sources, Speaker, Take};
use crate::diag::Place;
use crate::lang::{Base, Type, Words};
use crate::plan::lower::Lowerer;
use crate::plan::node::{ChoiceRow, Hit};
use crate::plan::sections::limit::{Limit, NOTHING};
use crate::plan::sections::steps::{Amount, state_type};

/// One that is heard among several: its name, with `.state` one of four.
#[derive(Clone)]
pub(super) struct Voice<'s> {
    pub(super) id: &'s str,
    pub(super) place: &'s Place,
    pub(super) name: String,
}

impl<'s> Voice<'s> {
    pub(super) fn of(speaker: &Speaker<'s, '_>) -> Self {
        Self { id: speaker.id, place: speaker.place, name: speaker.name.clone() }
    }
}

/// Adds what the sources together come to, and which of them it is. `none` is the least, `unlimited` the greatest; where
/// nobody speaks there is no limit.
pub(super) fn taken(
    low: &mut Lowerer<'_>,
    limit: &Limit<'_>,
    sources: &Sources<'_>,
    own: &str,
    speakers: &[Voice<'_>],
) -> Option<Amount> {
    let (home, place) = (limit.home(), sources.place);
    let any = |kind: &str| {
        let parts: Vec<String> = speakers.iter().map(|s| format!("{}.state == \"{kind}\"", s.name)).collect();
        parts.join(" || ")
    };
    let by_rank = |first: &str, second: &str, third: &str, otherwise: &str| {
        format!(
            "if {} {{ \"{first}\" }} else if {} {{ \"{second}\" }} else if {} {{ \"{third}\" }} else {{ \"{otherwise}\" }}",
            any(first),
            any(second),
            any(third)
        )
    };
    let text = match sources.take {
        Take::Least => by_rank("none", "amount", "unlimited", "none"),
        Take::Greatest | Take::Sum => by_rank("unlimited", "amount", "none", "none"),
        Take::First => {
            let mut text = String::new();
            for speaker in speakers {
                for kind in ["none", "amount", "unlimited"] {
                    text.push_str(&format!("if {}.state == \"{kind}\" {{ \"{kind}\" }} else ", speaker.name));
                }
            }
            text + "{ \"none\" }"
        }
    };
    let (state, value) = (format!("{own}.state"), format!("{own}.amount"));
    let shown = low.derive(&state, home, Some(Type::of(state_type())), place, &text)?;

    let mut rows = Vec::new();
    for speaker in speakers {
        let name = &speaker.name;
        let text = format!("{state} == \"amount\" && is_given({name})");
        let when = low.text(&text, speaker.place, home, Some(Type::of(Base::Bool)))?.expr;
        let money = Some(Type::of(Base::Money));
        let gives = low.text_given(name, speaker.place, home, money, std::slice::from_ref(&when))?.expr;
        let (id, place) = (speaker.id.into(), speaker.place.clone());
        rows.push(ChoiceRow { id, place, when: Some(when), gives, reason: Words::new() });
    }
    let hit = match sources.take {
        Take::Least => Hit::Min,
        Take::Greatest => Hit::Max,
        Take::Sum => Hit::Sum,
        Take::First => Hit::First,
    };
    let node = if hit == Hit::Sum {
        let sum = format!("{own}.sum");
        low.choose(&sum, limit.subject, Type::of(Base::Money), place, hit, rows);
        let text = format!("if {state} == \"amount\" {{ {sum} }} else {{ {NOTHING} }}");
        low.derive(&value, home, Some(Type::maybe(Base::Money)), place, &text)?
    } else {
        low.choose(&value, limit.subject, Type::maybe(Base::Money), place, hit, rows)
    };
    low.show_instead(node, shown);
    Some(Amount { state: Some(state), value })
}

/// `<limit>.source`: the one that is taken, the first of several that say the same; of a sum, all that make it.
pub(super) fn which(
    low: &mut Lowerer<'_>,
    limit: &Limit<'_>,
    sources: &Sources<'_>,
    speakers: &[Speaker<'_, '_>],
    voices: &[Voice<'_>],
    amount: &Amount,
) -> Option<()> {
    let (state, value) = (amount.state.as_ref()?, &amount.value);
    let home = limit.home();
    let sum = sources.take == Take::Sum;
    let base = Type::one_of(speakers.iter().map(|s| s.id));
    let mut rows = Vec::new();
    for speaker in speakers {
        // Of a sum the parts are shown as they were said.
        let voice = voices.iter().find(|voice| voice.id == speaker.id).map(|voice| &voice.name);
        let name = voice.unwrap_or(&speaker.name);
        let same = if sum { String::new() } else { format!(" && {name} == {value}") };
        let text = format!(
            "{state} == \"none\" && {name}.state == \"none\" || {state} == \"unlimited\" && {name}.state == \"unlimited\" \
             || is_given({value}) && is_given({name}){same}"
        );
        let when = Some(low.text(&text, speaker.place, home, Some(Type::of(Base::Bool)))?.expr);
        let gives = low.literal(speaker.id, if sum { Base::Text } else { base.clone() }, speaker.place);
        let label = speaker.source.and_then(|source| source.label);
        let reason = label.and_then(|label| low.words(label, home)).unwrap_or_default();
        rows.push(ChoiceRow { id: speaker.id.into(), place: speaker.place.clone(), when, gives, reason });
    }
    let (ty, hit) = match sum {
        true => (Type::of(Base::List(Box::new(Base::Text))), Hit::List),
        false => (Type::maybe(base), Hit::First),
    };
    low.choose(&limit.part("source"), limit.subject, ty, sources.place, hit, rows);
    Some(())
}
