//! The standard relations and what a book says of them.

use super::Fact;
use crate::lang::{Base, Type};
use Base::{Bool, Date, Days, Int, Money, Number, Text};
use Shape::{OneOf, Opt, OptOneOf, Req};

/// The type of a standard fact.
pub(super) enum Shape {
    Req(Base),
    Opt(Base),
    OneOf(&'static [&'static str]),
    OptOneOf(&'static [&'static str]),
}

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

/// Facts as a schema holds them.
pub(super) fn facts(said: &[Said]) -> Vec<Fact> {
    said.iter().map(|(name, ty)| Fact { name: (*name).into(), ty: ty.build(), declared: false, pii: false }).collect()
}

/// What became of an action.
pub const ACTION_STATUS: &[&str] = &["proposed", "sent", "done", "skipped", "failed", "cancelled"];

type Row = (&'static str, &'static str, &'static str, &'static [Said]);

/// A fact: its name and its type.
type Said = (&'static str, Shape);

/// Name, parent, the fact since when a row exists, raw facts.
pub(super) const RELATIONS: &[Row] = &[
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

const LIMIT: &[Said] = &[
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

/// What a history says of an action.
pub(super) const ACTION: &[Said] = &[
    ("id", Req(Text)),
    ("ladder", Req(Text)),
    ("rung", Req(Text)),
    ("episode", Req(Int)),
    ("status", OneOf(ACTION_STATUS)),
    ("done_on", Opt(Date)),
];
