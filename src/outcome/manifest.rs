//! `run.json`: what the run was made of and what it came to. No clock, host or path shows in it.

use serde_json::{Map, Value as Json, json};

use super::Report;
use crate::engine::{Setting, print_value};
use crate::lang::{Base, Type, Value};
use crate::plan::BaseHeader;

/// The manifest of a run, as JSON: keys in a fixed order, a line each.
pub fn manifest(of: Setting<'_>, report: &Report) -> String {
    let (plan, book) = (of.plan, of.book);
    let inputs: Vec<Json> =
        book.inputs.iter().map(|i| json!({ "file": i.file, "sha256": i.sha256, "rows": i.rows })).collect();
    let mut counts = Map::new();
    for (table, rows) in &report.tables {
        counts.insert(table.clone(), json!(rows));
    }
    if plan.actions.is_put_out {
        counts.insert("actions".into(), json!(report.actions));
        counts.insert("action_lines".into(), json!(report.action_lines));
    }
    counts.insert("rejects".into(), json!(report.rejects));
    counts.insert("failures".into(), json!(report.failures.len()));
    let mut totals = Map::new();
    for (table, _) in &report.tables {
        let money = Type::of(Base::Money);
        let total = |(header, sum): (&str, Option<_>)| {
            let sum = sum.map_or(Json::Null, |s| Json::String(print_value(&Value::Dec(s), &money, &plan.money)));
            (header.to_string(), sum)
        };
        totals.insert(table.clone(), Json::Object(report.tally.totals(table).into_iter().map(total).collect()));
    }
    let exit = super::exit_name(report);
    let mut all = json!({
        "usance": env!("CARGO_PKG_VERSION"),
        "policy": { "id": plan.header.policy, "version": plan.header.version, "digest": plan.digest() },
        "as_of": of.as_of.to_string(),
        "currency": plan.money.currency,
        "format": report.format.name(),
        "book": { "as_of": book.as_of.map(|d| d.to_string()), "inputs": inputs },
        "counts": counts,
        "totals": totals,
        "labels": super::vocabulary::labels(plan),
        "summary": super::views::json(report, &book.rejects, &plan.money),
    });
    if let Some(Json::Object(policy)) = all.get_mut("policy")
        && !plan.header.bases.is_empty()
    {
        let base = |b: &BaseHeader| json!({ "id": b.policy, "version": b.version, "files": b.files });
        policy.insert("extends".into(), plan.header.bases.iter().map(base).collect());
        policy.insert("files".into(), plan.header.files.clone().into());
    }
    if let Json::Object(all) = &mut all {
        if !book.unread.is_empty() {
            let unread = book.unread.iter().map(|(file, columns)| json!({ "file": file, "columns": columns }));
            all.insert("unread_columns".into(), unread.collect());
        }
        let aside = book.inputs.iter().flat_map(|i| i.set_aside.iter().map(move |a| (i, a)));
        let aside: Vec<Json> = aside
            .map(|(i, a)| {
                let sums = a.sums.iter().map(|(c, sum)| json!({ "currency": c, "sum": sum.to_string() }));
                json!({ "file": i.file, "why": a.why, "rows": a.rows, "sums": sums.collect::<Vec<_>>() })
            })
            .collect();
        if !aside.is_empty() {
            all.insert("set_aside".into(), aside.into());
        }
        let limited = super::limited::json(plan, report);
        if !limited.is_empty() {
            all.insert("limited".into(), limited.into());
        }
        let hindsight = super::hindsight(of);
        if !hindsight.is_empty() {
            let undated = hindsight.iter().map(|(what, rows)| json!({ "column": what, "rows": rows }));
            all.insert("undated".into(), undated.collect());
        }
        all.insert("exit".into(), exit.into());
    }
    format!("{all:#}\n")
}
