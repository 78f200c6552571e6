//! A book in memory: the rows a policy's tests are written with.

use super::Book;
use super::assemble::{Derive, assemble};
use super::manifest::unknown_column;
use super::rows::TableRows;
use super::tables::Table;
use crate::diag::{Code, Diagnostic};
use crate::plan::Schema;
use crate::policy::fields::Fields;
use crate::policy::tree::{Tree, TreeKind};

/// A book of tables in memory, read by the same rules as files. Rows that name no currency are in the policy's.
///
/// ```
/// use usance::{book::{self, Table, TableRows}, plan::Schema};
/// let schema = Schema::standard();
/// let mut customers = TableRows::new(Table::named("customers").unwrap(), "tests/basic.yaml", ["id", "since"]);
/// customers.push(4, ["C1", "2024-01-01"]).unwrap();
/// let mut invoices = TableRows::new(Table::named("invoices").unwrap(), "tests/basic.yaml", ["id", "amount", "issue_date"]);
/// invoices.fill("customer", "C1");
/// invoices.push(5, ["I1", "1e5", "2026-04-02"]).unwrap();
/// let book = book::from_rows(vec![customers, invoices], &schema, "CNY");
/// assert_eq!(book.rejects[0].reason, "is written with an exponent; write all its digits");
/// assert_eq!(book.rejects[0].account.as_deref(), Some("C1"));
/// ```
pub fn from_rows(mut tables: Vec<TableRows>, schema: &Schema, currency: &str) -> Book {
    for rows in tables.iter_mut().filter(|rows| rows.table.in_currency()) {
        rows.fill("currency", currency);
    }
    assemble(tables, Vec::new(), schema, currency, Derive::default())
}

impl TableRows {
    /// The rows of a table written as a list of mappings, or as one mapping: `invoices: [{ id: I1, amount: 100 }]`.
    /// Keys the table does not know and cells that are no single values go to `sink`.
    pub fn from_tree(table: &'static Table, tree: &Tree, schema: &Schema, sink: &mut Vec<Diagnostic>) -> Option<Self> {
        let written = match &tree.kind {
            TreeKind::List(rows) => rows.as_slice(),
            _ => std::slice::from_ref(tree),
        };
        let known = table.columns(schema);
        let mut used: Vec<&str> = Vec::new();
        let mut rows = Vec::with_capacity(written.len());
        for row in written {
            let entries: Vec<_> = Fields::of(row, &format!("a row of `{}`", table.name), sink)?.rest().collect();
            for entry in &entries {
                match known.iter().find(|(name, _)| *name == entry.key) {
                    Some((name, _)) if !used.contains(&name.as_str()) => used.push(name),
                    Some(_) => {}
                    None => sink.push(unknown_column(&entry.key, &entry.key_place, &known)),
                }
                if entry.value.text().is_none() {
                    let finding =
                        Diagnostic::error(Code::WrongShape, "a cell needs one value", entry.value.place.clone());
                    sink.push(finding.help("write several values as a text with `;` between: `\"a; b\"`"));
                }
            }
            rows.push((row.place.line_column().0, entries));
        }
        let mut table_rows = TableRows::new(table, &tree.place.source.name, &used);
        for (line, entries) in rows {
            let cell = |name: &&str| {
                let entry = entries.iter().find(|entry| entry.key == *name).map(|entry| &entry.value);
                entry.filter(|value| !value.is_null()).and_then(Tree::text).unwrap_or("")
            };
            table_rows.push(line, used.iter().map(cell)).ok()?;
        }
        Some(table_rows)
    }
}
