//! What a run came to, group by group: the same groups for people and for machines.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::{Failure, Group, Report};
use crate::book::Reject;
use crate::engine::print_value;
use crate::lang::{Base, Type, Value};
use crate::plan::MoneyRule;

/// A table of the summary: the rows of an output table by one of its columns, with sums of others. One that a policy
/// does not make is left out.
pub(super) struct View {
    pub(super) heading: &'static str,
    pub(super) table: &'static str,
    pub(super) by: &'static str,
    pub(super) count: &'static str,
    /// Rows are counted only where this sum is not zero.
    pub(super) only: Option<&'static str>,
    pub(super) sums: &'static [&'static str],
    /// Which of the sums to set against which: a share is shown.
    pub(super) used: Option<(usize, usize)>,
}

/// In the order in which they are shown.
pub(super) const VIEWS: &[View] = &[
    View {
        heading: "by_tier",
        table: "decisions",
        by: "tier",
        count: "customers",
        only: None,
        sums: &["exposure", "limit_amount", "overdue"],
        used: Some((0, 1)),
    },
    View {
        heading: "by_ageing",
        table: "invoices",
        by: "ageing",
        count: "items",
        only: Some("open"),
        sums: &["open", "disputed_open", "provision"],
        used: None,
    },
    View {
        heading: "by_decision",
        table: "orders",
        by: "decision",
        count: "orders_count",
        only: None,
        sums: &["amount"],
        used: None,
    },
    View {
        heading: "by_warning",
        table: "decisions",
        by: "warning",
        count: "customers",
        only: None,
        sums: &["exposure", "overdue"],
        used: None,
    },
];

/// Failures with one root and table.
pub(super) struct FailureKind<'r> {
    pub(super) times: usize,
    pub(super) table: &'r str,
    pub(super) root: &'r str,
    /// That of the first.
    pub(super) reason: &'r str,
}

/// Failures by table and root.
pub(super) fn kinds_of_failures(failures: &[Failure]) -> Vec<FailureKind<'_>> {
    let mut kinds: BTreeMap<(&str, &str), (usize, &str)> = BTreeMap::new();
    for alike in failures.chunk_by(|a, b| (&a.root, &a.table) == (&b.root, &b.table)) {
        let Some(first) = alike.first() else { continue };
        kinds.entry((&first.table, &first.root)).or_insert((0, &first.reason)).0 += alike.len();
    }
    let kind = |((table, root), (times, reason))| FailureKind { times, table, root, reason };
    kinds.into_iter().map(kind).collect()
}

/// Rejects of one column of a file for one reason.
pub(super) struct RejectKind<'r> {
    pub(super) times: usize,
    pub(super) file: &'r str,
    pub(super) column: &'r str,
    pub(super) reason: &'r str,
}

/// Rejects by file, column and reason.
pub(super) fn kinds_of_rejects(rejects: &[Reject]) -> Vec<RejectKind<'_>> {
    let mut kinds: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for reject in rejects {
        *kinds.entry((&reject.file, &reject.column, &reject.reason)).or_default() += 1;
    }
    let kind = |((file, column, reason), times)| RejectKind { times, file, column, reason };
    kinds.into_iter().map(kind).collect()
}

/// The groups as `run.json` holds them: amounts are texts, a sum that is too large to hold is `null`.
pub(super) fn json(report: &Report, rejects: &[Reject], money: &MoneyRule) -> Json {
    let amount = |sum: Option<Option<rust_decimal::Decimal>>| match sum.flatten() {
        Some(sum) => Json::String(print_value(&Value::Dec(sum), &Type::of(Base::Money), money)),
        None => Json::Null,
    };
    let mut all = Map::new();
    for view in VIEWS {
        let Some(groups) = report.tally.by(view.table, view.by, view.sums, view.only) else { continue };
        let group = |group: &Group| {
            let mut row = Map::new();
            row.insert(view.by.into(), group.key.first().map_or(Json::Null, |key| key.as_str().into()));
            row.insert(view.count.into(), group.rows.into());
            for (at, sum) in view.sums.iter().enumerate().filter(|(_, sum)| report.tally.has(view.table, sum)) {
                row.insert((*sum).into(), amount(group.sums.get(at).copied()));
            }
            Json::Object(row)
        };
        all.insert(view.heading.into(), groups.iter().map(group).collect());
    }
    let rung = |group: &Group| {
        let part = |at: usize| group.key.get(at).cloned().unwrap_or_default();
        let sum = amount(group.sums.first().copied());
        json!({ "ladder": part(0), "rung": part(1), "actions": group.rows, "amount": sum })
    };
    all.insert("by_rung".into(), report.by_rung.iter().map(rung).collect());
    let failures = kinds_of_failures(&report.failures);
    let failure =
        |k: &FailureKind<'_>| json!({ "times": k.times, "table": k.table, "decision": k.root, "reason": k.reason });
    all.insert("by_failure".into(), failures.iter().map(failure).collect());
    let reject =
        |k: &RejectKind<'_>| json!({ "rows": k.times, "file": k.file, "column": k.column, "reason": k.reason });
    all.insert("by_reject".into(), kinds_of_rejects(rejects).iter().map(reject).collect());
    Json::Object(all)
}
