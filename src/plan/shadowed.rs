//! Rows that can never hit, because a row above them always does or asks the same.

use std::collections::HashMap;

use super::node::{Choice, ChoiceRow, Form, Hit, Plan};
use crate::diag::{Code, Diagnostic};
use crate::lang::{Kind, Value};

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
    let mut asked: HashMap<String, &ChoiceRow> = HashMap::new();
    for (number, row) in choice.rows.iter().enumerate() {
        let condition = row.when.as_ref().filter(|when| !matches!(when.kind, Kind::Lit(Value::Bool(true))));
        let Some(condition) = condition else {
            if let Some(below) = choice.rows.get(number + 1).filter(|below| below.place != row.place) {
                let message = format!("`{}` can never hit: `{}` above it always does", below.id, row.id);
                found.push(warning(message, below, row).help(format!("put `{}` last", row.id)));
            }
            break;
        };
        match asked.entry(plan.show(condition)) {
            std::collections::hash_map::Entry::Occupied(above) if above.get().place != row.place => {
                let message = format!("`{}` can never hit: `{}` above it asks the same", row.id, above.get().id);
                found.push(warning(message, row, above.get()).help("change what one of the two asks, or take one out"));
            }
            std::collections::hash_map::Entry::Occupied(_) => {}
            std::collections::hash_map::Entry::Vacant(free) => {
                free.insert(row);
            }
        }
    }
    found
}

fn warning(message: String, row: &ChoiceRow, above: &ChoiceRow) -> Diagnostic {
    Diagnostic::error(Code::Unreachable, message, row.place.clone())
        .as_warning()
        .also(above.place.clone(), "hits first")
}
