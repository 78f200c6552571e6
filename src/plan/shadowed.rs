//! Rows that can never hit, because a row above them always does or asks the same.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::mem::discriminant;

use rust_decimal::Decimal;

use super::node::{Choice, ChoiceRow, Form, Hit, Plan};
use crate::diag::{Code, Diagnostic};
use crate::lang::{Expr, Kind, Value};

/// A warning for each row that can never hit; of those below a row that always hits, for the first.
pub(super) fn shadowed(plan: &Plan) -> Vec<Diagnostic> {
    let choices = plan.nodes.iter().filter_map(|node| match &node.form {
        Form::Choice(choice) if choice.hit == Hit::First => Some(choice),
        _ => None,
    });
    choices.flat_map(|choice| in_choice(plan, choice)).collect()
}

fn in_choice(plan: &Plan, choice: &Choice) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut asked: HashMap<u64, Vec<(&ChoiceRow, &Expr)>> = HashMap::new();
    for (number, row) in choice.rows.iter().enumerate() {
        let condition = row.when.as_ref().filter(|when| !matches!(when.kind, Kind::Lit(Value::Bool(true))));
        let Some(condition) = condition else {
            if let Some(below) = choice.rows.get(number + 1).filter(|below| below.place != row.place) {
                let message = format!("`{}` can never hit: `{}` above it always does", below.id, row.id);
                found.push(warning(message, below, row).help(format!("put `{}` last", row.id)));
            }
            break;
        };
        // What prints the same asks the same; few have so much in common that it is worth printing them.
        let alike = asked.entry(fingerprint(condition)).or_default();
        let same = |(_, other): &&(&ChoiceRow, &Expr)| plan.show(other) == plan.show(condition);
        match alike.iter().find(same) {
            Some((above, _)) if above.place != row.place => {
                let message = format!("`{}` can never hit: `{}` above it asks the same", row.id, above.id);
                found.push(warning(message, row, above).help("change what one of the two asks, or take one out"));
            }
            Some(_) => {}
            None => alike.push((row, condition)),
        }
    }
    found
}

/// The same for conditions that print the same, and for few others.
fn fingerprint(condition: &Expr) -> u64 {
    let mut hash = DefaultHasher::new();
    mix(condition, &mut hash);
    hash.finish()
}

fn mix(expr: &Expr, hash: &mut DefaultHasher) {
    match &expr.kind {
        Kind::Lit(value) => mix_value(value, hash),
        Kind::Node(node) => node.hash(hash),
        Kind::Compare(op, ..) => discriminant(op).hash(hash),
        _ => {}
    }
    expr.for_each_child(&mut |part| mix(part, hash));
}

/// A number counts without its sign, which may stand before it as an operator.
fn mix_value(value: &Value, hash: &mut DefaultHasher) {
    match value {
        Value::Text(text) => text.hash(hash),
        Value::Int(n) => Decimal::from(n.unsigned_abs()).hash(hash),
        Value::Dec(d) => d.abs().hash(hash),
        Value::Date(day) => day.hash(hash),
        Value::List(items) => items.iter().for_each(|item| mix_value(item, hash)),
        Value::Missing | Value::Bool(_) => {}
    }
}

fn warning(message: String, row: &ChoiceRow, above: &ChoiceRow) -> Diagnostic {
    Diagnostic::error(Code::Unreachable, message, row.place.clone())
        .as_warning()
        .also(above.place.clone(), "hits first")
}
