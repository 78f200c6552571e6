//! Reasons in words, for all rows that one rule decided.

use std::rc::Rc;

use crate::engine::{Answer, Decided, Subjects, UNKNOWN, nothing, push_value};
use crate::lang::{Expr, Kind, Template, Value, Words, spoken};
use crate::outcome::because::Asked;
use crate::plan::Choice;

/// A value to fill in, and what is shown where it is missing.
struct Filled {
    answer: Answer,
    instead: Option<Answer>,
}

impl Filled {
    fn of(decided: &mut Decided<'_, '_>, subjects: &Subjects, expr: &Expr) -> Self {
        Self { answer: decided.value_of(subjects, expr), instead: instead(decided, subjects, expr) }
    }

    /// Appends the value of a row.
    fn push(&self, decided: &Decided<'_, '_>, lane: usize, expr: &Expr, language: &str, out: &mut Vec<u8>) {
        if self.answer.has_failed(lane) {
            out.extend_from_slice(UNKNOWN.as_bytes());
            return;
        }
        match decided.value(&self.answer, lane) {
            Value::Missing => match &self.instead {
                Some(instead) if !instead.has_failed(lane) => {
                    out.extend_from_slice(decided.value(instead, lane).to_string().as_bytes());
                }
                _ => out.extend_from_slice(nothing(language).as_bytes()),
            },
            value => push_value(out, &value, &expr.ty, &decided.plan().money),
        }
    }
}

/// What is shown where a value is missing.
fn instead(decided: &mut Decided<'_, '_>, subjects: &Subjects, expr: &Expr) -> Option<Answer> {
    let plan = decided.plan();
    let Kind::Node(node) = expr.kind else { return None };
    let instead = plan.node(node)?.shown_when_missing?;
    Some(decided.node(subjects, instead))
}

/// Words in one language with all their values, for some rows.
pub(super) struct Said<'w> {
    template: &'w Template,
    language: &'static str,
    values: Vec<Filled>,
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
        let values = template.values().map(|expr| Filled::of(decided, subjects, expr)).collect();
        Some(Self { template, language, values })
    }

    /// Appends what is said of a row.
    pub(super) fn fill(&self, decided: &Decided<'_, '_>, lane: usize, out: &mut Vec<u8>) {
        self.template.fill(out, |number, expr, out| {
            if let Some(filled) = self.values.get(number) {
                filled.push(decided, lane, expr, self.language, out);
            }
        });
    }
}

/// The values that the reasons of a choice show, each for the rows that its rule decided.
pub(super) struct Reasons {
    /// For each rule its values, and where each row stands among those that it decided.
    of_rules: Vec<(Vec<Filled>, Vec<u32>)>,
}

impl Reasons {
    /// Those in a language; `hits` gives the rules that decided a row.
    pub(super) fn of<'h>(
        decided: &mut Decided<'_, '_>,
        subjects: &Subjects,
        choice: &Choice,
        language: &str,
        hits: impl Fn(usize) -> &'h [u16],
    ) -> Self {
        let rows = subjects.rows.len();
        let templates = choice.rows.iter().map(|row| spoken(&row.reason, language));
        let shows = templates.clone().map(|words| words.is_some_and(|words| words.values().next().is_some()));
        let shows: Vec<bool> = shows.collect();
        let mut lanes: Vec<Vec<u32>> = vec![Vec::new(); choice.rows.len()];
        for lane in (0u32..).take(if shows.contains(&true) { rows } else { 0 }) {
            for hit in hits(lane as usize).iter().filter(|hit| shows.get(usize::from(**hit)) == Some(&true)) {
                lanes.get_mut(usize::from(*hit)).into_iter().for_each(|lanes| lanes.push(lane));
            }
        }
        let mut of_rules = Vec::with_capacity(choice.rows.len());
        for (words, lanes) in templates.zip(lanes) {
            let Some(words) = words.filter(|_| !lanes.is_empty()) else {
                of_rules.push((Vec::new(), Vec::new()));
                continue;
            };
            let mut places = vec![0u32; rows];
            for (at, lane) in (0u32..).zip(&lanes) {
                places.get_mut(*lane as usize).into_iter().for_each(|place| *place = at);
            }
            let some = if lanes.len() == rows { subjects.clone() } else { decided.some(subjects, Rc::from(lanes)) };
            of_rules.push((words.values().map(|expr| Filled::of(decided, &some, expr)).collect(), places));
        }
        Self { of_rules }
    }

    /// Appends a value that a reason shows.
    pub(super) fn push(&self, decided: &Decided<'_, '_>, asked: Asked<'_>, out: &mut Vec<u8>) {
        let Some((values, places)) = self.of_rules.get(asked.rule) else { return };
        if let (Some(filled), Some(place)) = (values.get(asked.number), places.get(asked.lane)) {
            filled.push(decided, *place as usize, asked.expr, asked.language, out);
        }
    }
}
