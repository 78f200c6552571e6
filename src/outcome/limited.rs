//! What of a run's tables was left out: an auditor must see that rows are missing, how many, and on whose word.

use serde_json::{Map, Value as Json, json};

use super::Report;
use super::labels::label;
use super::tables::place;
use crate::outcome::{ACTIONS, thousands};
use crate::plan::{ActionList, Column, Form, Limited, Output, Plan};

/// How many rows of a table left, and how many there were.
fn rows(report: &Report, table: &str) -> (usize, usize) {
    match report.off.iter().find(|(off, _)| off == table) {
        Some((_, all)) => (0, *all),
        None => (report.tally.rows(table), report.tally.all_rows(table)),
    }
}

/// The condition that settles which rows leave, as a text, and where it stands.
fn condition(plan: &Plan, output: &Output) -> Option<(String, String)> {
    let node = plan.node(output.only?)?;
    match &node.form {
        Form::Expr(expr) => Some((plan.show(expr), place(&node.place))),
        _ => None,
    }
}

/// How much of the why leaves, where some is left out.
fn reasons(table: &Output, output: &Output) -> Option<&'static str> {
    let any = |of: &Output, has: fn(&Column) -> bool| of.columns.iter().any(has);
    let is_less = any(table, |column| column.with_reasons) && !any(output, |column| column.with_reasons);
    is_less.then(|| if any(output, |column| column.with_rule) { "rules" } else { "none" })
}

/// The tables that did not leave whole, as `run.json` holds them.
pub(super) fn json(plan: &Plan, report: &Report) -> Vec<Json> {
    let table = |limited: Limited<'_>| {
        let (rows, all) = rows(report, &limited.table.table);
        let mut told = Map::new();
        told.insert("table".into(), json!(limited.table.table));
        told.insert("rows".into(), json!(rows));
        told.insert("of_rows".into(), json!(all));
        match limited.output {
            None => drop(told.insert("off".into(), json!(true))),
            Some(output) => {
                told.insert("columns".into(), json!(output.columns.len()));
                told.insert("of_columns".into(), json!(limited.table.columns.len()));
                if let Some((text, place)) = condition(plan, output) {
                    told.insert("where".into(), json!(text));
                    told.insert("place".into(), json!(place));
                }
                if let Some(word) = reasons(limited.table, output) {
                    told.insert("reasons".into(), json!(word));
                }
            }
        }
        Json::Object(told)
    };
    let mut all: Vec<Json> = plan.limited().map(table).collect();
    all.extend(match plan.actions {
        ActionList::WHOLE => None,
        ActionList { is_put_out: false, .. } => Some(json!({ "table": ACTIONS, "off": true })),
        ActionList { with_places: true, .. } => Some(json!({ "table": ACTIONS, "reasons": "rules" })),
        ActionList { .. } => Some(json!({ "table": ACTIONS, "reasons": "none" })),
    });
    all
}

/// The same for people, a line a table of which rows are left out.
pub(super) fn notes(plan: &Plan, report: &Report, language: &str) -> Vec<String> {
    let off = |table: &str| format!("{}: {}", label(table, language), label("table_off", language));
    let note = |limited: Limited<'_>| {
        let Some(output) = limited.output else { return Some(off(&limited.table.table)) };
        let (text, _) = condition(plan, output)?;
        let (rows, all) = rows(report, &output.table);
        let [rows, all] = [rows, all].map(|count| thousands(&count.to_string()));
        let (table, put_out) = (label(&output.table, language), label("rows_put_out", language));
        Some(format!("{table}: {rows} / {all} {put_out}: {text}"))
    };
    let mut notes: Vec<String> = plan.limited().filter_map(note).collect();
    notes.extend((!plan.actions.is_put_out).then(|| off(ACTIONS)));
    notes
}
