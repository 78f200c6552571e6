//! Which table a file is, and which of its columns is which.

use super::{FileLook, Looks, aliases};
use crate::book::files::stem;
use crate::book::tables::Table;
use crate::lang::Base;
use crate::plan::Schema;

/// Tables that files are taken for, the likeliest first.
const TABLES: &[&str] = &["invoices", "customers", "payments", "credit_notes", "orders"];

/// Columns that have other names.
pub(super) const COLUMNS: &[&str] = &[
    "id",
    "customer",
    "issue_date",
    "due_date",
    "settled_on",
    "amount",
    "open",
    "currency",
    "disputed",
    "date",
    "name",
    "country",
    "limit",
    "group",
    "since",
    "ordered_on",
];

/// Says which table a file is, where enough of its columns are known, and marks its columns.
pub(super) fn table(look: &mut FileLook, schema: &Schema) {
    let named = stem(&look.file).and_then(Table::named);
    let score = |name: &str| {
        let table = Table::named(name);
        let found = table.map(|table| columns(look, table, schema)).unwrap_or_default();
        let needed =
            found.iter().filter(|(name, _)| table.is_some_and(|t| t.needs(name) && name != "currency")).count();
        let all = table.map_or(0, |t| t.required.iter().filter(|name| **name != "currency").count());
        (needed * 100 / all.max(1), found.len())
    };
    let best = TABLES.iter().rev().max_by_key(|name| score(name)).filter(|name| score(name).0 >= 50);
    let table = named.or_else(|| best.and_then(|name| Table::named(name)));
    let Some(table) = table else { return };
    for (name, at) in columns(look, table, schema) {
        if let Some(column) = look.columns.get_mut(at) {
            column.taken_for = Some(name);
        }
    }
    look.table = Some(table.name);
}

/// The columns of a table that a file seems to have, and where.
pub(super) fn columns(look: &FileLook, table: &Table, schema: &Schema) -> Vec<(String, usize)> {
    let mut found: Vec<(String, usize)> = Vec::new();
    for (name, base) in table.columns(schema) {
        let key = format!("{}.{name}", table.name);
        let rank = |header: &str| if header == name { Some(0) } else { aliases::rank(&key, header) };
        let fits = |at: usize| {
            let is_taken = found.iter().any(|(_, taken)| *taken == at);
            let looks = look.columns.get(at).map(|column| &column.looks);
            let type_fits = match (&base, looks) {
                (Base::Date, Some(Looks::Number { .. })) => look.columns.get(at).is_some_and(is_serial),
                (Base::Date, Some(looks)) => !matches!(looks, Looks::YesNo),
                _ => true,
            };
            // A column without a text is no amount and no date.
            let has_text = name == "settled_on" || looks.is_some_and(|looks| *looks != Looks::Blank);
            !is_taken && type_fits && has_text && Some(at) != look.kind
        };
        let ranked = look.columns.iter().enumerate().filter_map(|(at, column)| Some((rank(&column.header)?, at)));
        if let Some((_, at)) = ranked.filter(|(_, at)| fits(*at)).min() {
            found.push((name, at));
        }
    }
    let customer = found.iter().any(|(name, _)| name == "customer");
    if let (false, Some(at)) = (customer, look.headings) {
        found.push(("customer".to_owned(), at));
    }
    found
}

/// Whether numbers may be the days of a spreadsheet: 1982 to 2064.
pub(super) fn is_serial(column: &super::Column) -> bool {
    let day = |text: &str| {
        text.split('.').next().is_some_and(|day| day.parse().is_ok_and(|day: u32| (30_000..60_000).contains(&day)))
    };
    column.range.as_ref().is_some_and(|(least, most)| day(least) && day(most))
}
