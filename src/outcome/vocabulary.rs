//! `labels` of the manifest: what the policy calls its values, each list in the policy's own order, so that whoever
//! reads the tables needs no policy beside them.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::actions::{constant, emits, family};
use super::labels::{given_to_family, given_to_rung};
use crate::lang::{Base, Kind, Template, Value, Words};
use crate::plan::{Column, Form, Plan};

/// Labels by kind: `policy`, `ladder`, `rung` (`ladder.rung`), and a kind for each column with a fixed list of values.
pub(super) fn labels(plan: &Plan) -> Json {
    let mut kinds = Map::new();
    kinds.insert("policy".into(), texts(&plan.header.title));
    for column in plan.outputs.iter().flat_map(|output| &output.columns) {
        if let Some(values) = values(plan, column)
            && !kinds.contains_key(&column.header)
        {
            kinds.insert(column.header.clone(), values);
        }
    }
    let (mut ladders, mut rungs) = (Map::new(), Map::new());
    for emit in emits(plan) {
        let (ladder, rung) = (constant(emit, "ladder"), constant(emit, "rung"));
        rungs.insert(format!("{ladder}.{rung}"), texts(&given_to_rung(plan, &ladder, &rung)));
        if !ladders.contains_key(&ladder) {
            let given = family(plan, &ladder).and_then(|family| given_to_family(plan, family));
            ladders.insert(ladder, given.map_or_else(nameless, texts));
        }
    }
    kinds.insert("ladder".into(), Json::Object(ladders));
    kinds.insert("rung".into(), Json::Object(rungs));
    Json::Object(kinds)
}

/// The values a column can have; a row of a decision table that is called like its value says what people call it.
fn values(plan: &Plan, column: &Column) -> Option<Json> {
    let node = plan.node(plan.source(column.node))?;
    let Base::OneOf(values) = &node.ty.base else { return None };
    let rows = match &node.form {
        Form::Choice(choice) => choice.rows.as_slice(),
        _ => &[],
    };
    let named = |value: &str| {
        let gives = |kind: &Kind| matches!(kind, Kind::Lit(Value::Text(text)) if **text == *value);
        let row = rows.iter().find(|row| row.id == value && gives(&row.gives.kind));
        row.map_or_else(nameless, |row| fixed(&row.reason))
    };
    Some(Json::Object(values.iter().map(|value| (value.to_string(), named(value))).collect()))
}

/// Words in which no value is filled in.
fn fixed(words: &Words) -> Json {
    let one = |(language, template): (&String, &Template)| {
        template.constant().map(|text| (language.clone(), Json::String(text)))
    };
    Json::Object(words.iter().filter_map(one).collect())
}

fn nameless() -> Json {
    Json::Object(Map::new())
}

fn texts(words: &BTreeMap<String, String>) -> Json {
    Json::Object(words.iter().map(|(language, text)| (language.clone(), Json::String(text.clone()))).collect())
}
