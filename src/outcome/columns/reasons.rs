//! Reasons in words, for all rows that one rule decided.

use std::rc::Rc;

use super::texts::Texts;
use crate::engine::{Answer, Decided, Subjects, UNKNOWN, nothing, print_value};
use crate::lang::{Expr, Kind, Template, Value, Words, spoken};

/// Words in one language with all their values, for some rows.
pub(super) struct Said<'w> {
    template: &'w Template,
    /// Where nothing is filled in, it is the same for all.
    constant: Option<String>,
    language: &'static str,
    values: Vec<Filled>,
}

/// A value to fill in, and what is shown where it is missing.
struct Filled {
    answer: Answer,
    instead: Option<Answer>,
}

impl<'w> Said<'w> {
    /// What words say in a language; `None` where they say nothing.
    pub(super) fn of(
        decided: &mut Decided<'_, '_>,
        subjects: &Subjects,
        words: &'w Words,
        language: &'static str,
    ) -> Option<Self> {
        let template = spoken(words, language)?;
        let constant = template.constant();
        let values = template
            .values()
            .map(|expr| Filled { answer: decided.value_of(subjects, expr), instead: instead(decided, subjects, expr) });
        let values = values.collect();
        Some(Self { template, constant, language, values })
    }

    /// What is the same for all rows.
    pub(super) fn constant(&self) -> Option<&str> {
        self.constant.as_deref()
    }

    /// Appends what is said of a row.
    pub(super) fn fill(&self, decided: &Decided<'_, '_>, lane: usize, out: &mut Vec<u8>) {
        self.template.fill(out, |number, expr, out| {
            let Some(filled) = self.values.get(number) else { return };
            if filled.answer.has_failed(lane) {
                out.extend_from_slice(UNKNOWN.as_bytes());
                return;
            }
            let shown = match decided.value(&filled.answer, lane) {
                Value::Missing => match &filled.instead {
                    Some(instead) if !instead.has_failed(lane) => decided.value(instead, lane).to_string(),
                    _ => nothing(self.language).to_owned(),
                },
                value => print_value(&value, &expr.ty, &decided.plan().money),
            };
            out.extend_from_slice(shown.as_bytes());
        });
    }
}

/// What is shown where a value is missing.
fn instead(decided: &mut Decided<'_, '_>, subjects: &Subjects, expr: &Expr) -> Option<Answer> {
    let plan = decided.plan();
    let Kind::Node(node) = expr.kind else { return None };
    let node = plan.node(node)?;
    let instead = node.shown_when_missing?;
    Some(decided.node(subjects, instead))
}

/// Writes what rules say of the rows that they decided: for each row the rules that hit, `; ` between several.
pub(super) struct Reasons<'w> {
    /// For each rule what it says, and where each row stands among those of which it does.
    of_rules: Vec<Option<(Said<'w>, Vec<u32>)>>,
}

impl<'w> Reasons<'w> {
    /// For rules with words, each with the lanes that it decided.
    pub(super) fn of(
        decided: &mut Decided<'_, '_>,
        subjects: &Subjects,
        rules: impl Iterator<Item = (&'w Words, Rc<[u32]>)>,
        language: &'static str,
    ) -> Self {
        let rows = subjects.rows.len();
        let mut of_rules = Vec::new();
        for (words, lanes) in rules {
            if lanes.is_empty() {
                of_rules.push(None);
                continue;
            }
            let is_all = lanes.len() == rows;
            let some = if is_all { subjects.clone() } else { decided.some(subjects, Rc::clone(&lanes)) };
            let said = Said::of(decided, &some, words, language);
            of_rules.push(said.map(|said| {
                let mut places = Vec::new();
                if !is_all && said.constant.is_none() {
                    places = vec![0u32; rows];
                    for (at, lane) in (0u32..).zip(lanes.iter()) {
                        if let Some(place) = places.get_mut(*lane as usize) {
                            *place = at;
                        }
                    }
                }
                (said, places)
            }));
        }
        Self { of_rules }
    }

    /// What the rules that hit say of a row.
    pub(super) fn put(&self, decided: &Decided<'_, '_>, row: usize, hits: &[u16], texts: &mut Texts<u16>) {
        let said = |hit: &u16| self.of_rules.get(usize::from(*hit)).and_then(Option::as_ref);
        if let [hit] = hits
            && let Some((said, _)) = said(hit)
            && let Some(constant) = said.constant()
        {
            texts.set(row, *hit, |out| out.extend_from_slice(constant.as_bytes()));
            return;
        }
        texts.set_own(row, |out| {
            let start = out.len();
            for (said, places) in hits.iter().filter_map(said) {
                let before = out.len();
                if before > start {
                    out.extend_from_slice(b"; ");
                }
                let begun = out.len();
                let lane = places.get(row).map_or(row, |place| *place as usize);
                said.fill(decided, lane, out);
                if out.len() == begun {
                    out.truncate(before);
                }
            }
        });
    }
}
