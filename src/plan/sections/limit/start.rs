//! What a limit starts from: the first row that hits says an amount, `none` or `unlimited`; none hits: no limit.

use super::super::steps::{Amount, state_type};
use super::super::table;
use super::Limit;
use crate::diag::Code;
use crate::lang::{Base, Type, Words};
use crate::plan::lower::{Lowerer, wrong};
use crate::plan::node::{ChoiceRow, Hit};
use crate::policy::read;
use crate::policy::tree::Tree;

pub(super) fn lower<'t>(low: &mut Lowerer<'t>, limit: &Limit<'t>, tree: &'t Tree) -> Option<Amount> {
    const OUTPUTS: [&str; 3] = ["amount", "none", "unlimited"];
    let (home, own) = (limit.home(), limit.part("start"));
    let rows = table::rows(low, tree, &OUTPUTS, home);
    let start = table::choice_of_row(low, &own, &tree.place, limit.subject, &rows, Hit::First, false);
    let mut states = Vec::new();
    let mut sound = true;
    for row in &rows {
        let flag = |low: &mut Lowerer<'t>, key: &str| match row.output(key) {
            Some(tree) => read::boolean(tree, &mut low.sink),
            None => Some(false),
        };
        let (Some(none), Some(unlimited)) = (flag(low, "none"), flag(low, "unlimited")) else {
            sound = false;
            continue;
        };
        let state = match (row.output("amount"), none, unlimited) {
            (Some(_), false, false) => "amount",
            (None, true, false) => "none",
            (None, false, true) => "unlimited",
            (amount, ..) => {
                let message = match amount {
                    Some(_) => "the row says more than one thing that the limit starts from",
                    None => "the row does not say what the limit starts from",
                };
                low.report(
                    wrong(row.tree, Code::MissingKey, message)
                        .help("write one of `amount: …`, `none: true`, `unlimited: true`"),
                );
                sound = false;
                continue;
            }
        };
        states.push((row, state));
    }
    if !sound {
        return None;
    }
    let mut choices = Vec::new();
    for (row, state) in states {
        let tree = &row.tree;
        let when = Some(table::is_row(low, &own, row.id, &tree.place, home)?);
        let gives = low.literal(state, state_type(), &tree.place);
        choices.push(ChoiceRow { id: row.id.to_owned(), place: tree.place.clone(), when, gives, reason: Words::new() });
    }
    let gives = low.literal("none", state_type(), &tree.place);
    choices.push(ChoiceRow { id: "no_row".into(), place: tree.place.clone(), when: None, gives, reason: Words::new() });
    let (state_name, amount_name) = (format!("{own}.state"), format!("{own}.amount"));
    let state = low.choose(&state_name, limit.subject, Type::of(state_type()), &tree.place, Hit::First, choices);
    let value =
        table::output_of_row(low, &amount_name, start, &tree.place, limit.subject, Base::Money, &rows, |row| {
            row.output("amount").cloned()
        })?;
    low.show_instead(value, state);
    if let Some(node) = low.node_mut(value) {
        node.ty.optional = true;
    }
    Some(Amount { state: Some(state_name), value: amount_name })
}
