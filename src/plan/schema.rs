//! Subjects and what a book says of them: each subject is a relation with one parent and typed raw facts.
//!
//! What is *computed* of a subject is not here but in the prelude, as measures.

mod standard;

use chrono::NaiveDate;

use crate::lang::{Base, Type};
pub use standard::{ACTION_STATUS, STAGE_EVENTS};

/// A relation, by its number in the schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RelationId(pub u16);

/// The portfolio stands first in every schema.
pub const PORTFOLIO: RelationId = RelationId(0);

/// A raw fact, by its number within its relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId(pub u16);

/// What a book may hold: the standard relations with their standard facts, and the facts the policy declares.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// Parents before children; the portfolio first.
    pub relations: Vec<Relation>,
}

/// One kind of subject.
#[derive(Clone, Debug, PartialEq)]
pub struct Relation {
    /// `portfolio`, `group`, `account`, `invoice`, `item` …
    pub name: String,
    /// What it lies under; only the portfolio has none.
    pub parent: Option<RelationId>,
    /// The raw fact that says since when a row exists; a row dated after the evaluation's date does not exist.
    /// A relation without one has undated rows, which always exist.
    pub exists_from: Option<FactId>,
    /// The raw facts, by number.
    pub facts: Vec<Fact>,
}

/// A raw fact: what the book itself says.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Its name without the subject: `since`, `amount`.
    pub name: String,
    /// Its type; a blank where the type is not optional fails what reads it.
    pub ty: Type,
    /// Declared by the policy, not standard.
    pub declared: bool,
    /// Personal data, to be masked where output leaves the house.
    pub pii: bool,
}

/// The names by which policies call the facts of a relation: `customer.x` for what the book says of an account.
pub fn fact_prefix(relation: &str) -> &str {
    if relation == "account" { "customer" } else { relation }
}

impl Schema {
    /// The relation with this name.
    pub fn relation(&self, name: &str) -> Option<RelationId> {
        let at = self.relations.iter().position(|r| r.name == name)?;
        u16::try_from(at).ok().map(RelationId)
    }

    /// A relation by its number.
    pub fn get(&self, id: RelationId) -> Option<&Relation> {
        self.relations.get(usize::from(id.0))
    }

    /// The raw fact with this name.
    pub fn fact(&self, relation: RelationId, name: &str) -> Option<FactId> {
        let at = self.get(relation)?.facts.iter().position(|f| f.name == name)?;
        u16::try_from(at).ok().map(FactId)
    }

    /// The relation above.
    pub fn parent(&self, id: RelationId) -> Option<RelationId> {
        self.get(id)?.parent
    }

    /// Whether `above` is `below` itself or lies above it.
    pub fn is_at_or_above(&self, above: RelationId, below: RelationId) -> bool {
        let mut at = Some(below);
        while let Some(id) = at {
            if id == above {
                return true;
            }
            at = self.parent(id);
        }
        false
    }

    /// The lowest relation that lies at or above both.
    pub fn lowest_above_both(&self, a: RelationId, b: RelationId) -> RelationId {
        let mut at = a;
        while !self.is_at_or_above(at, b) {
            match self.parent(at) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        at
    }

    /// The name, as policies begin it, of what an amount of a relation takes its currency from: the relation itself, or the
    /// nearest above that names a currency.
    pub fn currency_of(&self, relation: RelationId) -> Option<&str> {
        let mut at = Some(relation);
        while let Some(id) = at {
            if self.fact(id, "currency").is_some() {
                return self.get(id).map(|r| fact_prefix(&r.name));
            }
            at = self.parent(id);
        }
        None
    }

    /// From now on amounts are in the currency of their document. Decisions in force stay in the policy's.
    pub fn in_own_currencies(mut self) -> Self {
        let owners: Vec<Option<Base>> = (0u16..)
            .map(RelationId)
            .zip(&self.relations)
            .map(|(id, r)| Some(Base::OwnMoney(self.currency_of(id).filter(|_| r.name != "decision")?.into())))
            .collect();
        for (relation, own) in self.relations.iter_mut().zip(owners) {
            let amounts = relation.facts.iter_mut().filter(|fact| fact.ty.base == Base::Money);
            for (fact, own) in amounts.zip(std::iter::repeat(own)) {
                fact.ty.base = own.unwrap_or(Base::Money);
            }
        }
        self
    }

    /// Whether amounts are in the currency of their document, or all in one.
    pub fn has_own_currencies(&self) -> bool {
        self.relations.iter().flat_map(|r| &r.facts).any(|fact| matches!(fact.ty.base, Base::OwnMoney(_)))
    }

    /// The type of an amount that a relation's rows hold.
    pub fn amount(&self, relation: RelationId) -> Base {
        match self.currency_of(relation) {
            Some(owner) if self.has_own_currencies() => Base::OwnMoney(owner.into()),
            _ => Base::Money,
        }
    }

    /// Adds a fact to a relation and gives its number.
    pub fn declare(&mut self, relation: RelationId, fact: Fact) -> Option<FactId> {
        let facts = &mut self.relations.get_mut(usize::from(relation.0))?.facts;
        facts.push(fact);
        u16::try_from(facts.len() - 1).ok().map(FactId)
    }

    /// The standard relations and facts.
    pub fn standard() -> Self {
        let mut schema = Schema { relations: Vec::new() };
        for (name, parent, exists_from, facts) in standard::RELATIONS {
            let facts = standard::facts(facts);
            let parent = (!parent.is_empty()).then(|| schema.relation(parent)).flatten();
            let exists_from =
                facts.iter().position(|f| f.name == *exists_from).and_then(|n| u16::try_from(n).ok()).map(FactId);
            schema.relations.push(Relation { name: (*name).into(), parent, exists_from, facts });
        }
        schema.remember_actions();
        schema
    }

    /// Adds the history of each subject that a ladder may climb: the actions done for it.
    fn remember_actions(&mut self) {
        let climbed: Vec<RelationId> = self.climbed().map(|(id, _)| id).collect();
        for id in climbed {
            let Some(name) = self.get(id).map(|subject| history_name(&subject.name)) else { continue };
            let facts = standard::facts(standard::ACTION);
            let done_on = facts.iter().position(|f| f.name == "done_on").and_then(|n| u16::try_from(n).ok());
            self.relations.push(Relation { name, parent: Some(id), exists_from: done_on.map(FactId), facts });
        }
    }

    /// The subjects that a ladder may climb, with their names.
    pub fn climbed(&self) -> impl Iterator<Item = (RelationId, &str)> {
        self.subjects().filter(|(_, name)| !NOT_CLIMBED.contains(name))
    }

    /// What a rule may be about: every relation but the histories of ladders and decisions, and the pieces of an item's life.
    pub fn subjects(&self) -> impl Iterator<Item = (RelationId, &str)> {
        let own =
            |(_, name): &(RelationId, &str)| !is_history(name) && *name != "decision" && !name.starts_with("piece_");
        (0u16..).map(RelationId).zip(self.relations.iter().map(|r| r.name.as_str())).filter(own)
    }

    /// The history of a subject: the actions done for it.
    pub fn history(&self, subject: RelationId) -> Option<RelationId> {
        self.relation(&history_name(&self.get(subject)?.name))
    }
}

/// The relation of the actions done for a subject; those for items are plainly actions.
fn history_name(subject: &str) -> String {
    if subject == "item" { "action".into() } else { format!("{subject}_action") }
}

/// Whether a relation holds the actions done for another.
pub fn is_history(relation: &str) -> bool {
    relation == "action" || relation.ends_with("_action")
}

/// Parts of something else, of which nothing is to be done.
const NOT_CLIMBED: [&str; 6] = ["fx_rate", "allocation", "application", "credit_application", "evidence", "sign_off"];

/// A date before every date a book may hold.
pub const EARLIEST: NaiveDate = NaiveDate::MIN;
