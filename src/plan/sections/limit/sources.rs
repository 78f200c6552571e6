//! `sources:` other limits that may speak: each is silent, says `none`, an amount or `unlimited`. What the steps came to is
//! one of them, called `computed`.

mod heard;
mod ordinary;
mod says;

use super::super::steps::Amount;
use super::{Limit, NOTHING};
use crate::diag::{Code, Diagnostic, Place, nearest};
use crate::lang::{Base, NodeRef, Type};
use crate::plan::lower::{Lowerer, wrong};
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree};
use heard::{Voice, taken, which};
use says::{said_by_steps, says};

/// Which of several that speak is taken.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Take {
    Least,
    Greatest,
    Sum,
    First,
}

const TAKES: [(&str, Take); 4] =
    [("least", Take::Least), ("greatest", Take::Greatest), ("sum", Take::Sum), ("first", Take::First)];

/// What a source says whose amount is blank.
const BLANKS: [(&str, &str); 2] = [("silent", "silent"), ("none", "none")];

/// Each of the words means something else to the customer, so none is put forward.
fn said_of_blank(tree: &Tree, sink: &mut Vec<Diagnostic>) -> Option<&'static str> {
    let written = tree.text().unwrap_or_default();
    if tree.text().is_some() && !BLANKS.iter().any(|(word, _)| *word == written) {
        let message = format!("`{written}` does not say what a missing amount means");
        sink.push(
            wrong(tree, Code::UnknownValue, message)
                .help("write `silent` (the source has nothing to say) or `none` (there is no credit)"),
        );
        return None;
    }
    read::one_of(tree, &BLANKS, sink)
}

/// What the steps came to, among the sources.
const COMPUTED: &str = "computed";

/// The sources of a limit as read.
pub(super) struct Sources<'t> {
    take: Take,
    place: &'t Place,
    list: Vec<Source<'t>>,
}

struct Source<'t> {
    id: &'t str,
    place: &'t Place,
    tree: &'t Tree,
    amount: Option<&'t Tree>,
    when: Option<&'t Tree>,
    unlimited: Option<&'t Tree>,
    blank: Option<&'static str>,
    from: Option<&'t Tree>,
    until: Option<&'t Tree>,
    replaces: Replaces<'t>,
    label: Option<&'t Tree>,
}

enum Replaces<'t> {
    Nothing,
    /// Every other that does not itself replace all.
    All,
    These(Vec<&'t Tree>),
}

impl<'t> Sources<'t> {
    pub(super) fn read(low: &mut Lowerer<'t>, tree: &'t Tree, computed: bool) -> Option<Self> {
        if tree.kind_len().is_some() {
            let finding = wrong(tree, Code::WrongShape, "`sources` is a mapping: each source stands under its id");
            low.report(finding.help("as in `{ take: least, own: { amount: customer.limit, blank: silent } }`"));
            return None;
        }
        let mut fields = Fields::of(tree, "`sources`", &mut low.sink)?;
        let take = fields.need("take", &mut low.sink).and_then(|t| read::one_of(t, &TAKES, &mut low.sink));
        let mut list = Vec::new();
        let mut sound = true;
        for entry in fields.rest() {
            match Source::read(low, entry) {
                Some(source) => list.push(source),
                None => sound = false,
            }
        }
        if list.is_empty() && sound {
            low.report(
                wrong(tree, Code::Nothing, "no source is named")
                    .help("add at least one: `own: { amount: customer.limit, blank: silent }`"),
            );
            return None;
        }
        sound &= known_targets(low, &list, computed);
        sound.then_some(Self { take: take?, place: &tree.place, list })
    }

    /// The ids of the sources, in the order written.
    pub(super) fn ids(&self) -> impl Iterator<Item = &'t str> + '_ {
        self.list.iter().map(|source| source.id)
    }

    /// Whether one of them is for a time.
    pub(super) fn has_temporary(&self) -> bool {
        self.list.iter().any(Source::is_temporary)
    }
}

impl<'t> Source<'t> {
    fn read(low: &mut Lowerer<'t>, entry: &'t Entry) -> Option<Self> {
        let id = entry.key.as_str();
        let refused = match read::check_id(id, &entry.key_place) {
            Err(finding) => Some(*finding),
            Ok(()) if id == COMPUTED => {
                let message = format!("`{COMPUTED}` is what `start` and `steps` come to");
                let finding = Diagnostic::error(Code::DuplicateId, message, entry.key_place.clone());
                Some(finding.help("give the source another id"))
            }
            Ok(()) => None,
        };
        if let Some(finding) = refused {
            low.report(finding);
            return None;
        }
        let sink = &mut low.sink;
        let mut fields = Fields::of(&entry.value, "a source", sink)?;
        let amount = fields.take("amount", sink);
        let when = fields.take("when", sink);
        let unlimited = fields.take("unlimited", sink);
        let blank = fields.take("blank", sink).map(|t| said_of_blank(t, sink));
        let from = fields.take("from", sink);
        let until = fields.take("until", sink);
        let replaces = fields.take("replaces", sink);
        let label = fields.take("label", sink);
        fields.finish(sink);
        let blank = match blank {
            Some(read) => Some(read?),
            None => None,
        };
        if amount.is_none() && unlimited.is_none() {
            sink.push(
                wrong(&entry.value, Code::MissingKey, format!("the source `{id}` says nothing"))
                    .help("add `amount: …`, or `unlimited: …` with the condition under which it is"),
            );
            return None;
        }
        let replaces = match replaces {
            None => Replaces::Nothing,
            Some(tree) if tree.text() == Some("all") => Replaces::All,
            Some(tree) => Replaces::These(read::list_or_one(tree).iter().collect()),
        };
        let (place, tree) = (&entry.key_place, &entry.value);
        Some(Self { id, place, tree, amount, when, unlimited, blank, from, until, replaces, label })
    }

    /// Whether people laid it down for a time, or in place of others: it counts at once and ends at once.
    fn is_temporary(&self) -> bool {
        self.from.is_some() || self.until.is_some() || !matches!(self.replaces, Replaces::Nothing)
    }

    /// Whether it silences another when it speaks.
    fn silences(&self, other: &str, others_replace: &Replaces<'_>) -> bool {
        match &self.replaces {
            Replaces::Nothing => false,
            Replaces::All => self.id != other && !matches!(others_replace, Replaces::All),
            Replaces::These(ids) => ids.iter().any(|tree| tree.text() == Some(other)),
        }
    }
}

/// Reports what `replaces:` names that is no other source.
fn known_targets(low: &mut Lowerer<'_>, list: &[Source<'_>], computed: bool) -> bool {
    let mut sound = true;
    for source in list {
        let Replaces::These(trees) = &source.replaces else { continue };
        for tree in trees {
            let known: Vec<&str> =
                list.iter().map(|s| s.id).filter(|id| *id != source.id).chain(computed.then_some(COMPUTED)).collect();
            let written = tree.text().unwrap_or_default();
            if known.contains(&written) {
                continue;
            }
            sound = false;
            let near = nearest(written, known.iter().copied());
            let finding = wrong(tree, Code::UnknownValue, format!("no other source is called `{written}`"));
            low.report(finding.help(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None if known.is_empty() => "take `replaces:` out: there is nothing else".into(),
                None => format!(
                    "write `replaces: all`, or any of {}",
                    known.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ")
                ),
            }));
        }
    }
    sound
}

/// A source whose nodes are there: its name, with `.state` one of four.
struct Speaker<'s, 't> {
    id: &'s str,
    place: &'s Place,
    name: String,
    source: Option<&'s Source<'t>>,
}

pub(super) fn lower<'t>(
    low: &mut Lowerer<'t>,
    limit: &Limit<'t>,
    sources: &Sources<'t>,
    computed: Option<Amount>,
) -> Option<Amount> {
    let named = |id: &str| limit.part(&format!("sources.{id}"));
    let mut speakers: Vec<Speaker<'_, 't>> =
        sources.list.iter().map(|s| Speaker { id: s.id, place: s.place, name: named(s.id), source: Some(s) }).collect();
    let mut sound = true;
    for source in &sources.list {
        sound &= says(low, limit, source, &named(source.id)).is_some();
    }
    if let Some(computed) = computed {
        let name = named(COMPUTED);
        said_by_steps(low, limit, sources.place, &computed, &name)?;
        // Of several that could be first, what people laid down comes before what was computed.
        speakers.push(Speaker { id: COMPUTED, place: limit.place, name, source: None });
    }
    if !sound {
        return None;
    }
    for at in in_order(low, &speakers)? {
        let speaker = speakers.get(at)?;
        speaks(low, limit, speaker, &speakers)?;
    }
    let voices: Vec<Voice<'_>> = speakers.iter().map(Voice::of).collect();
    let voices = if limit.remembers() && sources.has_temporary() {
        ordinary::beside(low, limit, sources, &speakers, voices)?
    } else {
        voices
    };
    let amount = taken(low, limit, sources, &limit.part("sourced"), &voices)?;
    which(low, limit, sources, &speakers, &voices, &amount)?;
    Some(amount)
}

/// The base of what a source says.
fn said_type() -> Base {
    Type::one_of(["silent", "none", "amount", "unlimited"])
}

/// The speakers, each after those that may silence it.
fn in_order(low: &mut Lowerer<'_>, speakers: &[Speaker<'_, '_>]) -> Option<Vec<usize>> {
    let mut order: Vec<usize> = Vec::new();
    while order.len() < speakers.len() {
        let ready = |at: usize| {
            let silenced_by = speakers.iter().enumerate().filter(|(_, other)| silences(other, speakers.get(at)));
            !order.contains(&at) && silenced_by.into_iter().all(|(n, _)| order.contains(&n))
        };
        let Some(next) = (0..speakers.len()).find(|at| ready(*at)) else {
            let rest: Vec<&Speaker<'_, '_>> =
                speakers.iter().enumerate().filter(|(n, _)| !order.contains(n)).map(|(_, s)| s).collect();
            let ids = rest.iter().map(|s| format!("`{}`", s.id)).collect::<Vec<_>>().join(" and ");
            if let Some(first) = rest.first() {
                low.report(
                    Diagnostic::error(Code::Circle, format!("{ids} replace one another"), first.place.clone())
                        .help("take one of them out of `replaces:`"),
                );
            }
            return None;
        };
        order.push(next);
    }
    Some(order)
}

fn silences(one: &Speaker<'_, '_>, other: Option<&Speaker<'_, '_>>) -> bool {
    let (Some(source), Some(other)) = (one.source, other) else { return false };
    let theirs = other.source.map_or(&Replaces::Nothing, |source| &source.replaces);
    source.silences(other.id, theirs)
}

/// Adds `<source>.state`, silent where another replaces it, and the amount it speaks with.
fn speaks(low: &mut Lowerer<'_>, limit: &Limit<'_>, speaker: &Speaker<'_, '_>, all: &[Speaker<'_, '_>]) -> Option<()> {
    let name = &speaker.name;
    let others: Vec<String> = all
        .iter()
        .filter(|other| silences(other, Some(speaker)))
        .map(|other| format!("{}.state != \"silent\"", other.name))
        .collect();
    let text = match others.as_slice() {
        [] => format!("{name}.says"),
        others => format!("if {} {{ \"silent\" }} else {{ {name}.says }}", others.join(" || ")),
    };
    let (state, value) = said(low, limit, speaker, name, &text)?;
    low.show_instead(value, state);
    low.label(Some(value), speaker.source.and_then(|source| source.label));
    Some(())
}

/// Adds a state under a name, and the amount the source speaks with in it.
fn said(
    low: &mut Lowerer<'_>,
    limit: &Limit<'_>,
    speaker: &Speaker<'_, '_>,
    name: &str,
    text: &str,
) -> Option<(NodeRef, NodeRef)> {
    let (home, place, own) = (limit.home(), speaker.place, &speaker.name);
    let in_words = format!("{name}.state");
    let state = low.derive(&in_words, home, Some(Type::of(said_type())), place, text)?;
    let has_amount = speaker.source.is_none_or(|source| source.amount.is_some());
    let amount = if has_amount { format!("{own}.amount") } else { NOTHING.into() };
    let text = format!("if {in_words} == \"amount\" {{ {amount} }} else {{ {NOTHING} }}");
    let value = low.derive(name, home, Some(Type::maybe(Base::Money)), place, &text)?;
    Some((state, value))
}
