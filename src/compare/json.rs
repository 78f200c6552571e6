//! A difference for machines.

use rust_decimal::Decimal;
use serde_json::{Value, json as object};

use super::difference::{ColumnChange, Difference, TableChange};

/// One object: `tables actions failures`, and `currencies` where they differ. Amounts are texts, exact.
pub fn json(difference: &Difference) -> Value {
    let actions = difference.actions.iter().map(|change| {
        object!({
            "ladder": change.ladder, "rung": change.rung,
            "added": change.added.0, "added_amount": amount(change.added.1),
            "gone": change.gone.0, "gone_amount": amount(change.gone.1),
            "now": change.now,
        })
    });
    let failures = difference.failures.iter().map(
        |(table, decision, was, is)| object!({ "table": table, "decision": decision, "before": was, "after": is }),
    );
    let mut all = object!({
        "tables": difference.tables.iter().map(table).collect::<Value>(),
        "actions": actions.collect::<Value>(),
        "failures": failures.collect::<Value>(),
    });
    if let (Some((was, is)), Value::Object(all)) = (&difference.currencies, &mut all) {
        all.insert("currencies".into(), object!({ "before": was, "after": is }));
    }
    all
}

fn table(change: &TableChange) -> Value {
    object!({
        "table": change.table, "subject": change.subject,
        "columns_new": change.columns.0, "columns_gone": change.columns.1,
        "rows_new": change.rows.0, "rows_gone": change.rows.1,
        "changed": change.changed.iter().map(column).collect::<Value>(),
    })
}

fn column(change: &ColumnChange) -> Value {
    let Some(money) = &change.money else {
        let moves = change.moves.iter().map(|to| object!({ "from": to.from, "to": to.to, "ids": ids(&to.ids) }));
        return object!({ "column": change.header, "moves": moves.collect::<Value>() });
    };
    let largest = money
        .largest
        .iter()
        .map(|(id, was, is)| object!({ "id": &**id, "before": amount(*was), "after": amount(*is) }));
    object!({
        "column": change.header,
        "up": money.up.0, "up_by": amount(money.up.1),
        "down": money.down.0, "down_by": amount(money.down.1),
        "given": money.given_and_taken.0, "taken": money.given_and_taken.1,
        "before": amount(money.sums.0), "after": amount(money.sums.1),
        "largest": largest.collect::<Value>(),
    })
}

fn ids(ids: &[std::sync::Arc<str>]) -> Vec<&str> {
    ids.iter().map(|id| &**id).collect()
}

fn amount(amount: Option<Decimal>) -> Value {
    amount.map_or(Value::Null, |amount| Value::String(amount.normalize().to_string()))
}
