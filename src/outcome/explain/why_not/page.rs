//! What did not happen, on the page: the rule, its place, and below it each clause that stands in its way.

use crate::plan::Hit;

use super::super::Why;
use super::told::Told;
use super::words::say;
use super::{Missed, Misses, WhyNot};

/// How many other results are told of where not all are asked for.
const FEW: usize = 3;

impl Why<'_> {
    /// The rules that did not hit: of each other result the nearest, or all.
    pub(in super::super) fn say_why_not(&mut self, found: &WhyNot, hit: Hit) {
        let shown: Vec<&Missed> = match self.misses {
            Misses::All => found.missed.iter().collect(),
            Misses::Nearest => {
                let mut results: Vec<&Option<String>> = Vec::new();
                let mut others: Vec<&Missed> = Vec::new();
                for missed in found.missed.iter().filter(|m| !m.same) {
                    if !results.contains(&&missed.gives) {
                        results.push(&missed.gives);
                        others.push(missed);
                    }
                }
                // In a list every rule is a result of its own.
                others.truncate(if matches!(hit, Hit::First | Hit::Unique) { FEW } else { 1 });
                others
            }
        };
        shown.into_iter().for_each(|missed| self.say_missed(missed, &missed.rule, 4));
    }

    /// What would have to change for the rules that hit not to: the nearest way, or all.
    pub(in super::super) fn say_to_lift(&mut self, found: &WhyNot) {
        for lift in &found.to_lift {
            let head = say("to_lift", self.language, &[("rule", &lift.rule)]);
            self.page.formula(4, &head, "", &lift.place);
            let shown = if self.misses == Misses::All { lift.ways.len() } else { 1 };
            lift.ways.iter().take(shown).for_each(|way| self.say_clauses(way, 6));
        }
    }

    /// A rule that did not hit, by the name people know it by.
    pub(in super::super) fn say_missed(&mut self, missed: &Missed, name: &str, indent: usize) {
        let head = say("why_not", self.language, &[("rule", name)]);
        self.page.formula(indent, &head, "", &missed.place);
        self.say_clauses(&missed.clauses, indent + 2);
    }

    fn say_clauses(&mut self, clauses: &[Told], indent: usize) {
        for clause in clauses.iter().filter(|clause| clause.counts) {
            let between = if self.language == "zh" { "：" } else { " — " };
            self.page.words(indent, &format!("{}{between}{}", clause.text, clause.says));
            self.say_clauses(&clause.because, indent + 2);
        }
    }
}
