//! Where a row goes: to the credit group of what it names, and with it all groups that it binds together.

use std::borrow::Cow;
use std::collections::BTreeMap;

use arrow_array::{Array, RecordBatch};

use super::links::{Ids, Links};
use crate::book::arrays::text;
use crate::book::ids::hash;
use crate::book::numbers::read_whole;
use crate::book::rows::TableRows;
use crate::book::tables::Table;

/// The columns that name rows of other tables. Whose row it is says the first that is known.
const NAMES: [(&str, &str); 8] = [
    ("customer", "customers"),
    ("group", "groups"),
    ("invoice", "invoices"),
    ("order", "orders"),
    ("payment", "payments"),
    ("credit_note", "credit_notes"),
    ("payment_plan", "payment_plans"),
    ("cover", "covers"),
];

/// Rows of which nobody is known: so many kinds of them, each as if it were a group of its own.
pub(super) const NOBODIES: u32 = 64;

/// After the rows of how many other tables those of a table can be placed: the ids they name must be known.
pub(super) fn level(table: &Table) -> u8 {
    match table.name {
        "groups" | "customers" => 0,
        "orders" => 1,
        "plan_payments" | "actions" => 4,
        "instalments" | "milestones" | "write_offs" | "allocations" | "order_lines" | "disputes" | "promises"
        | "payment_plans" | "evidence" | "claims" => 3,
        _ => 2,
    }
}

/// The last of these levels.
pub(super) const LAST_LEVEL: u8 = 4;

/// Places rows.
#[derive(Default)]
pub(super) struct Router {
    /// By table.
    ids: BTreeMap<&'static str, Ids>,
    pub(super) links: Links,
    /// How many credit groups there are.
    groups: u32,
}

impl Router {
    /// One that knows the number of groups and nothing else.
    pub(super) fn new(groups: u32) -> Self {
        Self { groups, ..Self::default() }
    }

    /// Notes an id of a table and its group.
    pub(super) fn know(&mut self, table: &'static str, id: &str, of: u32) {
        self.ids.entry(table).or_default().push(id, of);
    }

    /// Makes what was noted since the last time known.
    pub(super) fn settle(&mut self) {
        for ids in self.ids.values_mut() {
            ids.settle(&mut self.links);
        }
    }

    /// How many bytes the ids take.
    pub(super) fn bytes(&self) -> u64 {
        self.ids.values().map(Ids::bytes).sum()
    }

    /// The group of each row of a table, which has these cells.
    pub(super) fn place(&mut self, rows: &TableRows, cells: &RecordBatch) -> Vec<u32> {
        let table = rows.table.name;
        let said = |column: &str| Said::of(rows, cells, column);
        let named: Vec<(&str, Said<'_>)> = match table {
            "customers" | "groups" => Vec::new(),
            _ => NAMES.iter().map(|(column, of)| (*of, said(column))).filter(|(_, said)| said.is_there()).collect(),
        };
        let (id, no) = (said("id"), said("no"));
        let (subject, subject_id, rung) = (said("subject"), said("subject_id"), said("rung"));
        let mut touched: Vec<u32> = Vec::new();
        let mut placed = Vec::with_capacity(cells.num_rows());
        for row in 0..cells.num_rows() {
            touched.clear();
            let mut first_name = None;
            for (of, said) in &named {
                if let Some(name) = said.text(row) {
                    self.find(of, &name, &mut touched);
                    first_name.get_or_insert(hash(name.as_bytes()));
                }
            }
            let own = id.text(row);
            match table {
                "customers" | "groups" => {
                    if let Some(own) = &own {
                        self.find(table, own, &mut touched);
                    }
                }
                // It makes an item, and an invoice may have the id of that.
                "instalments" => {
                    if let (Some(invoice), Some(no)) = (said("invoice").text(row), no.text(row))
                        && let Ok(no) = read_whole(&no, &rows.format.numbers)
                    {
                        self.find("invoices", &format!("{invoice}/{no}"), &mut touched);
                    }
                }
                // An order without lines is a line of its own id.
                "order_lines" => {
                    if let Some(own) = &own {
                        self.find("orders", own, &mut touched);
                    }
                }
                "actions" => {
                    if let (Some(subject), Some(of)) = (subject.text(row), subject_id.text(row)) {
                        self.find_subject(&subject, &of, &mut touched);
                    }
                }
                _ => {}
            }
            let name = first_name.or_else(|| own.as_ref().map(|id| hash(id.as_bytes()))).unwrap_or_default();
            let nobody = u32::try_from(name % u64::from(NOBODIES)).unwrap_or_default();
            let of = touched.first().copied().unwrap_or(self.groups + nobody);
            touched.iter().for_each(|other| self.links.bind(of, *other));
            match (table, own) {
                // Whoever names one of them names its customer or its invoice.
                ("customers" | "groups" | "milestones", _) => {}
                ("actions", Some(own)) => {
                    let [of_what, rung] = [&subject_id, &rung].map(|said| said.text(row).unwrap_or_default());
                    self.know("actions", &format!("{own}\u{1f}{of_what}\u{1f}{rung}"), of);
                }
                (_, Some(own)) if rows.table.needs("id") => self.know(table, &own, of),
                _ => {}
            }
            placed.push(of);
        }
        placed
    }

    fn find(&self, table: &str, name: &str, found: &mut Vec<u32>) {
        found.extend(self.ids.get(table).into_iter().flat_map(|ids| ids.find(name)));
    }

    /// What an action is about: a subject's table is known, or it is looked for in all.
    fn find_subject(&self, subject: &str, id: &str, found: &mut Vec<u32>) {
        let before_slash = id.rsplit_once('/').map(|(front, _)| front);
        match subject {
            "group" => self.find("groups", id, found),
            "account" => self.find("customers", id, found),
            "invoice" => self.find("invoices", id, found),
            "order" => self.find("orders", id, found),
            "item" | "stage" => {
                self.find("invoices", id, found);
                before_slash.into_iter().for_each(|front| self.find("invoices", front, found));
            }
            _ => {
                for table in self.ids.keys().filter(|table| **table != "actions") {
                    self.find(table, id, found);
                    before_slash.into_iter().for_each(|front| self.find(table, front, found));
                }
            }
        }
    }
}

/// What the rows of a table say in one column.
pub(super) struct Said<'a> {
    array: Option<&'a dyn Array>,
    fill: &'a str,
    values: &'a [(String, String)],
}

impl<'a> Said<'a> {
    pub(super) fn of(rows: &'a TableRows, cells: &'a RecordBatch, column: &str) -> Self {
        let array = rows.column(column).and_then(|at| cells.columns().get(at));
        let fill = rows.fills.iter().find(|(name, _)| name == column).map_or("", |(_, text)| text.as_str());
        Self { array: array.map(AsRef::as_ref), fill, values: rows.format.values_of(column) }
    }

    fn is_there(&self) -> bool {
        self.array.is_some() || !self.fill.is_empty()
    }

    /// The text of a row, as it is meant.
    pub(super) fn text(&self, row: usize) -> Option<Cow<'a, str>> {
        let text = match self.array.and_then(|array| text(array, row)).unwrap_or_default() {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
        let text = if text.is_empty() { Cow::Borrowed(self.fill) } else { text };
        let text = match self.values.iter().find(|(from, _)| *from == text) {
            Some((_, to)) => Cow::Borrowed(to.as_str()),
            None => text,
        };
        (!text.is_empty()).then_some(text)
    }
}
