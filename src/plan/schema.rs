//! Subjects and what a book says of them: each subject is a relation with one parent and typed raw facts.
//!
//! What is *computed* of a subject is not here but in the prelude, as measures.

use chrono::NaiveDate;

use crate::lang::{Base, Type};

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
            let amounts = relation.facts.iter_mut().filter(|fact| fact.ty.base == Money);
            for (fact, own) in amounts.zip(std::iter::repeat(own)) {
                fact.ty.base = own.unwrap_or(Money);
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
            _ => Money,
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
        for (name, parent, exists_from, facts) in STANDARD {
            let facts: Vec<Fact> = facts
                .iter()
                .map(|(name, ty)| Fact { name: (*name).into(), ty: ty.build(), declared: false, pii: false })
                .collect();
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
            let fact =
                |(name, ty): &(&str, Shape)| Fact { name: (*name).into(), ty: ty.build(), declared: false, pii: false };
            let facts: Vec<Fact> = ACTION.iter().map(fact).collect();
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

enum Shape {
    Req(Base),
    Opt(Base),
    OneOf(&'static [&'static str]),
    OptOneOf(&'static [&'static str]),
}
use Base::{Bool, Date, Days, Int, Money, Number, Text};
use Shape::{OneOf, Opt, OptOneOf, Req};

impl Shape {
    fn build(&self) -> Type {
        match self {
            Req(base) => Type::of(base.clone()),
            Opt(base) => Type::maybe(base.clone()),
            OneOf(values) => Type::of(Type::one_of(*values)),
            OptOneOf(values) => Type::maybe(Type::one_of(*values)),
        }
    }
}

/// What became of an action.
pub const ACTION_STATUS: &[&str] = &["proposed", "sent", "done", "skipped", "failed", "cancelled"];

type Row = (&'static str, &'static str, &'static str, &'static [(&'static str, Shape)]);

/// name, parent, the fact since when a row exists, raw facts
const STANDARD: &[Row] = &[
    ("portfolio", "", "", &[]),
    (
        "group",
        "portfolio",
        "",
        &[("id", Req(Text)), ("name", Opt(Text)), ("currency", Opt(Text)), ("limit", Opt(Money))],
    ),
    (
        "account",
        "group",
        "",
        &[
            ("id", Req(Text)),
            ("name", Opt(Text)),
            ("since", Req(Date)),
            ("segment", Opt(Text)),
            ("country", Opt(Text)),
            ("language", Opt(Text)),
            // of the amounts of its own row; the policy's where blank
            ("currency", Opt(Text)),
            ("limit", Opt(Money)),
            ("limit_mandatory", Req(Bool)),
            ("limit_unlimited", Req(Bool)),
            ("temporary_limit", Opt(Money)),
            ("temporary_until", Opt(Date)),
            ("assessed_on", Opt(Date)),
            ("last_review", Opt(Date)),
            ("dunning_blocked_until", Opt(Date)),
            ("dunning_block_reason", Opt(Text)),
            // true when a row of this account, or of anything under it, could not be read
            ("incomplete", Req(Bool)),
        ],
    ),
    (
        "invoice",
        "account",
        "issue_date",
        &[
            ("id", Req(Text)),
            ("issue_date", Req(Date)),
            ("amount", Req(Money)),
            ("currency", Req(Text)),
            ("order", Opt(Text)),
            ("delivery_date", Opt(Date)),
            ("acceptance_date", Opt(Date)),
            ("dunning_blocked_until", Opt(Date)),
            ("dunning_block_reason", Opt(Text)),
        ],
    ),
    // an instalment; the whole invoice when it has none. Its id is the invoice's, with `/no` for an instalment.
    // One that waited for an event exists since that day.
    (
        "item",
        "invoice",
        "since",
        &[("id", Req(Text)), ("no", Req(Int)), ("due_date", Req(Date)), ("amount", Req(Money)), ("since", Opt(Date))],
    ),
    // amount blank: the whole item is disputed
    (
        "dispute",
        "item",
        "opened_on",
        &[
            ("id", Req(Text)),
            ("opened_on", Opt(Date)),
            ("closed_on", Opt(Date)),
            ("amount", Opt(Money)),
            ("reason", Opt(Text)),
        ],
    ),
    (
        "promise",
        "item",
        "created_on",
        &[
            ("id", Req(Text)),
            ("created_on", Opt(Date)),
            ("due_on", Req(Date)),
            ("tolerance", Req(Days)),
            ("amount", Opt(Money)),
            ("withdrawn_on", Opt(Date)),
        ],
    ),
    // a part of a payment or credit note, set against one item
    (
        "allocation",
        "item",
        "on",
        &[
            ("id", Req(Text)),
            ("on", Opt(Date)),
            ("amount", Req(Money)),
            ("kind", OneOf(&["payment", "credit_note", "write_off"])),
            ("returned_on", Opt(Date)),
        ],
    ),
    (
        "payment_plan",
        "item",
        "started_on",
        &[("id", Req(Text)), ("started_on", Opt(Date)), ("ends_on", Opt(Date)), ("broken_on", Opt(Date))],
    ),
    ("evidence", "invoice", "on", &[("id", Req(Text)), ("kind", Req(Text)), ("on", Opt(Date))]),
    (
        "order",
        "account",
        "ordered_on",
        &[
            ("id", Req(Text)),
            ("ordered_on", Opt(Date)),
            ("amount", Req(Money)),
            ("currency", Req(Text)),
            ("confirmed_on", Opt(Date)),
            ("shipped_on", Opt(Date)),
            ("closed_on", Opt(Date)),
            // what came in for it in advance
            ("prepaid", Opt(Money)),
        ],
    ),
    (
        "order_line",
        "order",
        "",
        &[("id", Req(Text)), ("amount", Req(Money)), ("invoiced", Req(Money)), ("delivered", Opt(Money))],
    ),
    (
        "payment",
        "account",
        "date",
        &[
            ("id", Req(Text)),
            ("date", Req(Date)),
            ("amount", Req(Money)),
            ("currency", Req(Text)),
            ("returned_on", Opt(Date)),
        ],
    ),
    // the same parts as `allocation`, seen from the payment
    ("application", "payment", "on", &[("id", Req(Text)), ("on", Opt(Date)), ("amount", Req(Money))]),
    (
        "credit_note",
        "account",
        "date",
        &[("id", Req(Text)), ("date", Req(Date)), ("amount", Req(Money)), ("currency", Req(Text))],
    ),
    ("credit_application", "credit_note", "on", &[("id", Req(Text)), ("on", Opt(Date)), ("amount", Req(Money))]),
    (
        "cover",
        "account",
        "valid_from",
        &[
            ("id", Req(Text)),
            ("insurer", Opt(Text)),
            ("currency", Opt(Text)),
            ("limit", Req(Money)),
            ("share", Req(Number)),
            ("valid_from", Opt(Date)),
            ("valid_to", Opt(Date)),
            ("status", OneOf(&["approved", "reduced", "cancelled"])),
            ("status_since", Opt(Date)),
            ("discretionary_limit", Opt(Money)),
            // `insolvency; protracted_default`
            ("perils", Opt(Text)),
            ("max_credit_days", Opt(Days)),
            ("max_extension_days", Opt(Days)),
            ("extension_from", OptOneOf(&["issue_date", "due_date"])),
            ("notification_days", Opt(Days)),
            ("claim_waiting_days", Opt(Days)),
            ("stop_shipment_after", Opt(Days)),
            ("deductible", Opt(Money)),
            ("deductible_order", OptOneOf(&["before_share", "after_share"])),
            ("dispute_threshold", Opt(Number)),
            ("loss_payee", Opt(Text)),
        ],
    ),
    // a decision in force; its other columns are declared by the policies that read `previous.*`
    ("decision", "account", "decided_on", &[("id", Req(Text)), ("decided_on", Req(Date))]),
    // a part of an invoice that falls due only after an event; an item too, once the event has come
    (
        "stage",
        "invoice",
        "",
        &[
            ("id", Req(Text)),
            ("no", Req(Int)),
            ("amount", Req(Money)),
            ("at", OneOf(STAGE_EVENTS)),
            ("milestone", Opt(Text)),
            ("plus_days", Req(Days)),
            ("reached_on", Opt(Date)),
            ("due_date", Opt(Date)),
        ],
    ),
    // what a plan asks for on a day
    ("plan_payment", "payment_plan", "", &[("id", Req(Text)), ("due_on", Req(Date)), ("amount", Req(Money))]),
    (
        "contract",
        "account",
        "signed_on",
        &[
            ("id", Req(Text)),
            ("signed_on", Opt(Date)),
            ("starts_on", Opt(Date)),
            ("ends_on", Opt(Date)),
            ("terms", Opt(Text)),
            ("net_days", Opt(Days)),
            ("late_rate", Opt(Number)),
            ("price", Opt(Money)),
            ("paid", Opt(Money)),
            ("overdue_unpaid", Opt(Money)),
            ("instalment_count", Opt(Int)),
            ("demanded_on", Opt(Date)),
            ("retention_of_title", Opt(Bool)),
            ("governing_law", Opt(Text)),
            ("jurisdiction_clause", Opt(Bool)),
            ("dispute_clause", Opt(Bool)),
        ],
    ),
    // something seen outside the house: a lawsuit, a rating, a predicted default
    (
        "signal",
        "account",
        "observed_on",
        &[
            ("id", Req(Text)),
            ("kind", Req(Text)),
            ("value", Opt(Number)),
            ("severity", OptOneOf(&["low", "medium", "high"])),
            ("horizon", Opt(Days)),
            ("probability", Opt(Number)),
            ("observed_on", Opt(Date)),
            ("expires_on", Opt(Date)),
            ("source", Opt(Text)),
        ],
    ),
    // a paper about a customer as a whole
    (
        "document",
        "account",
        "issued_on",
        &[
            ("id", Req(Text)),
            ("kind", Req(Text)),
            ("issued_on", Opt(Date)),
            ("valid_to", Opt(Date)),
            ("covers_years", Opt(Int)),
            ("audited", Opt(Bool)),
        ],
    ),
    (
        "security",
        "account",
        "valid_from",
        &[
            ("id", Req(Text)),
            ("kind", OneOf(&["guarantee", "surety", "pledge", "mortgage", "letter_of_credit", "deposit"])),
            ("provider", Opt(Text)),
            ("amount", Req(Money)),
            ("haircut", Opt(Number)),
            ("valid_from", Opt(Date)),
            ("valid_to", Opt(Date)),
        ],
    ),
    // known since the day it was received
    (
        "statement",
        "account",
        "received_on",
        &[
            ("id", Req(Text)),
            ("period_end", Req(Date)),
            ("received_on", Opt(Date)),
            ("audited", Opt(Bool)),
            ("total_assets", Opt(Money)),
            ("total_liabilities", Opt(Money)),
            ("current_assets", Opt(Money)),
            ("current_liabilities", Opt(Money)),
            ("operating_cash_flow", Opt(Money)),
            ("revenue", Opt(Money)),
        ],
    ),
    // a loss for which an insurer is asked to pay
    (
        "claim",
        "cover",
        "occurred_on",
        &[
            ("id", Req(Text)),
            ("invoice", Opt(Text)),
            ("loss", Req(Money)),
            ("peril", Opt(Text)),
            ("occurred_on", Opt(Date)),
            ("notified_on", Opt(Date)),
            ("filed_on", Opt(Date)),
            ("decided_on", Opt(Date)),
            ("paid_on", Opt(Date)),
            ("paid", Opt(Money)),
        ],
    ),
    // what one unit of a currency is in the policy's, from a day on; `Book::fx_rate` reads it
    (
        "fx_rate",
        "portfolio",
        "valid_from",
        &[("id", Req(Text)), ("currency", Req(Text)), ("valid_from", Req(Date)), ("rate", Req(Number))],
    ),
    // what people laid down for a customer, and for its group
    ("credit_limit", "account", "valid_from", LIMIT),
    ("group_credit_limit", "group", "valid_from", LIMIT),
    // who agreed to what, or did not; to the limit where nothing else is said
    (
        "sign_off",
        "account",
        "on",
        &[
            ("id", Req(Text)),
            ("subject", Opt(Text)),
            ("role", Req(Text)),
            ("person", Req(Text)),
            ("decision", OneOf(&["approved", "rejected"])),
            ("on", Req(Date)),
            // up to which it was agreed to; blank: whatever it comes to
            ("amount", Opt(Money)),
        ],
    ),
];

const LIMIT: &[(&str, Shape)] = &[
    ("id", Req(Text)),
    ("kind", Req(Text)),
    ("amount", Opt(Money)),
    ("unlimited", Req(Bool)),
    ("valid_from", Opt(Date)),
    ("valid_to", Opt(Date)),
    ("approved_by", Opt(Text)),
    ("reason", Opt(Text)),
];

/// What a part of an invoice may wait for.
pub const STAGE_EVENTS: &[&str] = &["order", "delivery", "invoice", "acceptance", "milestone"];

const ACTION: &[(&str, Shape)] = &[
    ("id", Req(Text)),
    ("ladder", Req(Text)),
    ("rung", Req(Text)),
    ("episode", Req(Int)),
    ("status", OneOf(ACTION_STATUS)),
    ("done_on", Opt(Date)),
];
