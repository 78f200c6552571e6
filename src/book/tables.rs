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
}

use Base::{Bool, Date, Int, Money, Text};

/// Every table, in the order in which they are read.
pub static TABLES: &[Table] = &[
    Table {
        name: "groups",
        relations: &["group"],
        keys: &[],
        hidden: &[],
        required: &["id"],
        not_negative: &["limit"],
    },
    Table {
        name: "customers",
        relations: &["account"],
        keys: &[("group", Text), ("valid_from", Date)],
        hidden: &["incomplete"],
        required: &["id"],
        not_negative: &["limit", "temporary_limit"],
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
        hidden: &["no"],
        required: &["id", "customer", "issue_date", "amount", "currency"],
        not_negative: &["amount", "open", "disputed_amount"],
    },
    Table {
        name: "instalments",
        relations: &["item"],
        keys: &[("invoice", Text)],
        hidden: &["id"],
        required: &["invoice", "no", "amount"],
        not_negative: &["amount"],
    },
    Table {
        name: "payments",
        relations: &["payment"],
        keys: &[("customer", Text)],
        hidden: &[],
        required: &["id", "customer", "date", "amount", "currency"],
        not_negative: &["amount"],
    },
    Table {
        name: "credit_notes",
        relations: &["credit_note"],
        keys: &[("customer", Text)],
        hidden: &[],
        required: &["id", "customer", "date", "amount", "currency"],
        not_negative: &["amount"],
    },
    Table {
        name: "allocations",
        relations: &["allocation", "application", "credit_application"],
        keys: &[("payment", Text), ("credit_note", Text), ("invoice", Text), ("instalment", Int)],
        hidden: &["id", "kind", "returned_on"],
        required: &["invoice", "amount"],
        not_negative: &[],
    },
    Table {
        name: "orders",
        relations: &["order"],
        keys: &[("customer", Text)],
        hidden: &[],
        required: &["id", "customer", "amount", "currency"],
        not_negative: &["amount"],
    },
    Table {
        name: "order_lines",
        relations: &["order_line"],
        keys: &[("order", Text)],
        hidden: &[],
        required: &["id", "order", "amount"],
        not_negative: &[],
    },
    Table {
        name: "disputes",
        relations: &["dispute"],
        keys: &[("invoice", Text), ("instalment", Int)],
        hidden: &[],
        required: &["id", "invoice"],
        not_negative: &["amount"],
    },
    Table {
        name: "promises",
        relations: &["promise"],
        keys: &[("invoice", Text), ("instalment", Int)],
        hidden: &[],
        required: &["id", "invoice", "due_on"],
        not_negative: &["amount"],
    },
    Table {
        name: "payment_plans",
        relations: &["payment_plan"],
        keys: &[("invoice", Text), ("instalment", Int)],
        hidden: &[],
        required: &["id", "invoice"],
        not_negative: &[],
    },
    Table {
        name: "evidence",
        relations: &["evidence"],
        keys: &[("invoice", Text)],
        hidden: &["id"],
        required: &["invoice", "kind"],
        not_negative: &[],
    },
    Table {
        name: "covers",
        relations: &["cover"],
        keys: &[("customer", Text)],
        hidden: &[],
        required: &["id", "customer"],
        not_negative: &["limit"],
    },
    Table {
        name: "actions",
        relations: &["action", "invoice_action", "account_action", "order_action"],
        keys: &[("subject", Text), ("subject_id", Text)],
        hidden: &[],
        required: &["id", "ladder", "rung", "subject", "subject_id", "episode", "status"],
        not_negative: &[],
    },
    Table {
        name: "decisions",
        relations: &["decision"],
        keys: &[("customer", Text)],
        hidden: &["id"],
        required: &["customer", "decided_on"],
        not_negative: &[],
    },
    Table {
        name: "credit_limits",
        relations: &["credit_limit", "group_credit_limit"],
        keys: &[("customer", Text), ("group", Text)],
        hidden: &[],
        required: &["id", "kind"],
        not_negative: &["amount"],
    },
    Table {
        name: "sign_offs",
        relations: &["sign_off"],
        keys: &[("customer", Text)],
        hidden: &[],
        required: &["id", "customer", "role", "person", "decision", "on"],
        not_negative: &[],
    },
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
            if !known && !self.hidden.contains(&fact.name.as_str()) {
                columns.push((fact.name.clone(), fact.ty.base.clone()));
            }
        }
        columns
    }
}
