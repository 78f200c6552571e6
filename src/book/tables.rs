//! The tables a book may have: which columns each knows, and which every row needs.

use crate::lang::Base;
use crate::plan::Schema;

/// A table of the book: `customers`, `invoices` …
#[derive(Debug)]
pub struct Table {
    /// Its name; its standard file is this name and `.csv`.
    pub name: &'static str,
    /// The relations its rows become; their facts are its columns.
    pub(crate) relations: &'static [&'static str],
    /// Columns that are no facts of these relations: references and what exports carry.
    pub(crate) keys: &'static [(&'static str, Base)],
    /// Facts that are worked out, not read.
    hidden: &'static [&'static str],
    /// Columns the file must have and every row must fill.
    pub(crate) required: &'static [&'static str],
    /// Money that cannot be less than 0.
    pub(crate) not_negative: &'static [&'static str],
    /// Whether its rows are put under what they name and nothing else is made of them.
    pub(crate) plain: bool,
}

use Base::{Bool, Date, Int, Money, Text};

type Keys = &'static [(&'static str, Base)];
type Names = &'static [&'static str];

/// What a row lies under, by the columns that name it: those of its parent in the schema.
const OF_CUSTOMER: Keys = &[("customer", Text)];
const OF_INVOICE: Keys = &[("invoice", Text)];
const OF_ITEM: Keys = &[("invoice", Text), ("instalment", Int)];
const OF_ORDER: Keys = &[("order", Text)];
const OF_PLAN: Keys = &[("payment_plan", Text)];
const OF_COVER: Keys = &[("cover", Text)];

/// A table whose rows become the rows of one relation: all there is to say of a new object.
const fn plain(name: &'static str, relations: Names, keys: Keys, required: Names, not_negative: Names) -> Table {
    Table { name, relations, keys, hidden: &[], required, not_negative, plain: true }
}

/// Every table, in the order in which they are read.
pub static TABLES: &[Table] = &[
    Table {
        name: "groups",
        relations: &["group"],
        keys: &[],
        hidden: &[],
        required: &["id"],
        not_negative: &["limit"],
        plain: false,
    },
    Table {
        name: "customers",
        relations: &["account"],
        keys: &[("group", Text), ("valid_from", Date)],
        hidden: &["incomplete"],
        required: &["id"],
        not_negative: &["limit", "temporary_limit"],
        plain: false,
    },
    Table {
        name: "invoices",
        relations: &["invoice", "item"],
        keys: &[
            ("customer", Text),
            ("due_date", Date),
            ("settled_on", Date),
            ("open", Money),
            ("disputed", Bool),
            ("disputed_amount", Money),
        ],
        hidden: &["no", "since"],
        required: &["id", "customer", "issue_date", "amount", "currency"],
        not_negative: &["amount", "open", "disputed_amount"],
        plain: false,
    },
    Table {
        name: "instalments",
        relations: &["item", "stage"],
        keys: OF_INVOICE,
        hidden: &["since", "reached_on"],
        required: &["invoice", "no", "amount"],
        not_negative: &["amount"],
        plain: false,
    },
    Table {
        name: "milestones",
        relations: &[],
        keys: &[("invoice", Text), ("order", Text), ("id", Text), ("reached_on", Date)],
        hidden: &[],
        required: &["id"],
        not_negative: &[],
        plain: false,
    },
    plain("payments", &["payment"], OF_CUSTOMER, &["id", "customer", "date", "amount", "currency"], &["amount"]),
    plain(
        "credit_notes",
        &["credit_note"],
        OF_CUSTOMER,
        &["id", "customer", "date", "amount", "currency"],
        &["amount"],
    ),
    Table {
        name: "write_offs",
        relations: &["allocation"],
        keys: OF_ITEM,
        hidden: &["kind", "returned_on"],
        required: &["id", "invoice", "amount"],
        not_negative: &["amount"],
        plain: false,
    },
    Table {
        name: "allocations",
        relations: &["allocation", "application", "credit_application"],
        keys: &[
            ("payment", Text),
            ("credit_note", Text),
            ("invoice", Text),
            ("instalment", Int),
            // what it takes of the payment or credit note, in the currency of that
            ("payment_amount", Money),
        ],
        hidden: &["kind", "returned_on"],
        required: &["invoice", "amount"],
        not_negative: &[],
        plain: false,
    },
    plain("orders", &["order"], OF_CUSTOMER, &["id", "customer", "amount", "currency"], &["amount"]),
    Table {
        name: "order_lines",
        relations: &["order_line"],
        keys: OF_ORDER,
        hidden: &[],
        required: &["id", "order", "amount"],
        not_negative: &[],
        plain: false,
    },
    Table {
        name: "disputes",
        relations: &["dispute"],
        keys: OF_ITEM,
        hidden: &[],
        required: &["id", "invoice"],
        not_negative: &["amount"],
        plain: false,
    },
    plain("promises", &["promise"], OF_ITEM, &["id", "invoice", "due_on"], &["amount"]),
    plain("payment_plans", &["payment_plan"], OF_ITEM, &["id", "invoice"], &[]),
    plain("plan_payments", &["plan_payment"], OF_PLAN, &["payment_plan", "due_on", "amount"], &["amount"]),
    plain("evidence", &["evidence"], OF_INVOICE, &["invoice", "kind"], &[]),
    plain("covers", &["cover"], OF_CUSTOMER, &["id", "customer"], &["limit"]),
    Table {
        name: "actions",
        relations: &["action"],
        keys: &[("subject", Text), ("subject_id", Text)],
        hidden: &[],
        required: &["id", "ladder", "rung", "subject", "subject_id", "episode", "status"],
        not_negative: &[],
        plain: false,
    },
    plain("decisions", &["decision"], OF_CUSTOMER, &["customer", "decided_on"], &[]),
    plain(
        "contracts",
        &["contract"],
        OF_CUSTOMER,
        &["id", "customer"],
        &["price", "paid", "overdue_unpaid", "late_rate"],
    ),
    plain("signals", &["signal"], OF_CUSTOMER, &["id", "customer", "kind"], &["probability"]),
    plain("documents", &["document"], OF_CUSTOMER, &["customer", "kind"], &[]),
    plain("securities", &["security"], OF_CUSTOMER, &["id", "customer", "kind", "amount"], &["amount", "haircut"]),
    plain("statements", &["statement"], OF_CUSTOMER, &["customer", "period_end"], &[]),
    plain("claims", &["claim"], OF_COVER, &["id", "cover", "loss"], &["loss", "paid"]),
    Table {
        name: "fx_rates",
        relations: &["fx_rate"],
        keys: &[],
        hidden: &["id"],
        required: &["currency", "valid_from", "rate"],
        not_negative: &[],
        plain: false,
    },
    Table {
        name: "credit_limits",
        relations: &["credit_limit", "group_credit_limit"],
        keys: &[("customer", Text), ("group", Text)],
        hidden: &[],
        required: &["id", "kind"],
        not_negative: &["amount"],
        plain: false,
    },
    plain(
        "sign_offs",
        &["sign_off"],
        OF_CUSTOMER,
        &["id", "customer", "role", "person", "decision", "on"],
        &["amount"],
    ),
];

impl Table {
    /// The table with this name.
    pub fn named(name: &str) -> Option<&'static Table> {
        TABLES.iter().find(|t| t.name == name)
    }

    /// Whether the file must have a column and every row must fill it.
    pub fn needs(&self, column: &str) -> bool {
        self.required.contains(&column)
    }

    /// The file it is read from when nothing else is said.
    pub fn standard_file(&self) -> String {
        format!("{}.csv", self.name)
    }

    /// The table whose rows become those of a relation.
    pub(crate) fn of_relation(relation: &str) -> Option<&'static Table> {
        TABLES.iter().find(|t| t.relations.first() == Some(&relation))
    }

    /// Whether its rows name a currency.
    pub(crate) fn in_currency(&self) -> bool {
        ["invoices", "payments", "credit_notes", "orders"].contains(&self.name)
    }

    /// The columns it knows, with their types: keys, the standard facts and those the policy declares.
    pub fn columns(&self, schema: &Schema) -> Vec<(String, Base)> {
        let mut columns: Vec<(String, Base)> = self.keys.iter().map(|(n, b)| ((*n).to_owned(), b.clone())).collect();
        let relations = self.relations.iter().filter_map(|name| schema.get(schema.relation(name)?));
        for fact in relations.flat_map(|r| &r.facts) {
            let known = columns.iter().any(|(name, _)| *name == fact.name);
            // Without an id of its own a row is known by what it must say.
            let hidden = fact.name == "id" && !self.needs("id") || self.hidden.contains(&fact.name.as_str());
            if !known && !hidden {
                columns.push((fact.name.clone(), fact.ty.base.clone()));
            }
        }
        columns
    }
}
