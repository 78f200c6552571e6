//! Measures: formulas, what lies below taken together in every way, and walks.

use super::formulas::{Formulas, quoted};
use super::policies::{Draft, any_type};
use super::world::{Level, Ty};

/// The subjects that measures are written about.
const SUBJECTS: [Level; 8] = [
    Level::Account,
    Level::Item,
    Level::Group,
    Level::Invoice,
    Level::Portfolio,
    Level::Order,
    Level::Promise,
    Level::Payment,
];

/// Adds so many.
pub(crate) fn some(draft: &mut Draft<'_>, count: usize) {
    for _ in 0..count {
        let level = SUBJECTS[draft.dice.pick(SUBJECTS.len())];
        match draft.dice.pick(10) {
            0..=4 if !level.below().is_empty() => aggregate(draft, level),
            5 if !level.below().is_empty() => walk_of_rows(draft, level),
            6 => walk_of_dates(draft, level),
            7 => with_parameters(draft, level),
            _ => formula(draft, level),
        }
    }
}

fn declare(draft: &mut Draft<'_>, sort: &'static str, level: Level, ty: Ty, optional: bool, text: &str) {
    let name = format!("{}.{}", level.name(), draft.id("m"));
    draft.add("measures", sort, format!("{name}: {text}"));
    draft.show(&name, ty, optional, level);
    draft.know(&name, ty, optional, level);
}

/// The formula alone, where a condition holds, or as it was on another day.
fn formula(draft: &mut Draft<'_>, level: Level) {
    let ty = any_type(draft.dice);
    let value = draft.formula(level, ty);
    match draft.dice.pick(4) {
        0 => {
            let filter = draft.formula(level, Ty::Bool);
            declare(draft, "formula where", level, ty, true, &format!("{{ value: {value}, where: {filter} }}"));
        }
        1 => {
            let day = other_day(draft, level);
            declare(draft, "formula as at", level, ty, false, &format!("{{ value: {value}, as_at: {day} }}"));
        }
        _ => declare(draft, "formula", level, ty, false, &value),
    }
}

fn other_day(draft: &mut Draft<'_>, level: Level) -> String {
    let near = ["as_of - 30", "as_of - 1", "as_of", "'end_of_month(add_months(as_of, -2))'", "as_of + 10"];
    match draft.dice.chance(30) {
        true => draft.formula(level, Ty::Date),
        false => draft.dice.one(&near).to_owned(),
    }
}

fn aggregate(draft: &mut Draft<'_>, level: Level) {
    let below = level.below();
    let of = below[draft.dice.pick(below.len())];
    let mut ty = any_type(draft.dice);
    let filter = match draft.dice.chance(50) {
        true => format!(", where: {}", draft.formula(of, Ty::Bool)),
        false => String::new(),
    };
    let value = draft.maybe(of, ty);
    let (sort, optional, gives, take) = match draft.dice.pick(8) {
        0 => ("count", false, Ty::Int, "take: count".to_owned()),
        1 => ("any", false, Ty::Bool, "take: any".to_owned()),
        2 => {
            let by = draft.maybe(of, Ty::Date);
            ("last", true, ty, format!("take: last, value: {value}, by: {by}"))
        }
        3 if ty.is_ordered() => ("min", true, ty, format!("take: min, value: {value}")),
        4 if ty.is_ordered() => ("max", true, ty, format!("take: max, value: {value}")),
        5 if ty.is_summed() => {
            let weight = match draft.dice.chance(50) {
                true => format!(", weight: {}", draft.formula(of, Ty::Money)),
                false => String::new(),
            };
            let gives = if ty == Ty::Money { Ty::Money } else { Ty::Number };
            ("mean", true, gives, format!("take: mean, value: {value}{weight}"))
        }
        _ => {
            let value = if ty.is_summed() {
                value
            } else {
                ty = Ty::Money;
                draft.maybe(of, ty)
            };
            ("sum", false, ty, format!("take: sum, value: {value}"))
        }
    };
    let window = match draft.dice.pick(4) {
        0 => {
            let on = draft.maybe(of, Ty::Date);
            let since = match draft.dice.chance(30) {
                true => format!(", not_before: {}", draft.maybe(level, Ty::Date)),
                false => String::new(),
            };
            let length = draft.dice.one(&["days: 30", "days: 200", "months: 3", "days: params.late"]);
            format!(", during: {{ {length}, on: {on}{since} }}")
        }
        _ => String::new(),
    };
    let as_at = match draft.dice.pick(5) {
        0 => format!(", as_at: {}", other_day(draft, level)),
        _ => String::new(),
    };
    let text = format!("{{ of: {}, {take}{filter}{window}{as_at} }}", of.name());
    declare(draft, sort, level, gives, optional, &text);
}

/// A measure with a parameter, read with one and another argument.
fn with_parameters(draft: &mut Draft<'_>, level: Level) {
    let name = format!("{}.{}", level.name(), draft.id("with"));
    let below = level.below();
    let text = if below.is_empty() || draft.dice.chance(30) {
        "'as_of - n'".to_owned()
    } else {
        let of = below[draft.dice.pick(below.len())];
        let on = draft.maybe(of, Ty::Date);
        let ty = if draft.dice.chance(50) { Ty::Money } else { Ty::Days };
        let value = draft.maybe(of, ty);
        let text = format!("{{ of: {}, take: sum, value: {value}, during: {{ days: n, on: {on} }} }}", of.name());
        draft.add("measures", "with parameters", format!("'{name}(n: days)': {text}"));
        for argument in ["30", "params.late"] {
            let name = format!("{name}({argument})");
            draft.show(&name, ty, false, level);
            draft.know(&name, ty, false, level);
        }
        return;
    };
    draft.add("measures", "with parameters", format!("'{name}(n: days)': {text}"));
    let name = format!("{name}(30)");
    draft.show(&name, Ty::Date, false, level);
    draft.know(&name, Ty::Date, false, level);
}

/// Running values: name, type, and what they begin with.
fn running(draft: &mut Draft<'_>, level: Level) -> (Vec<(String, Ty)>, String) {
    let mut locals = Vec::new();
    let mut start = Vec::new();
    for name in ["left", "seen"].into_iter().take(1 + draft.dice.pick(2)) {
        let ty = [Ty::Money, Ty::Int, Ty::Number, Ty::Days, Ty::Bool, Ty::Date][draft.dice.pick(6)];
        let value = draft.formula(level, ty);
        start.push(format!("{name}: {{ type: {}, value: {value} }}", ty.word()));
        locals.push((name.to_owned(), ty));
    }
    (locals, start.join(", "))
}

/// What a step makes of them.
fn steps(draft: &mut Draft<'_>, level: Level, locals: &[(String, Ty)]) -> String {
    let mut steps = Vec::new();
    for (name, ty) in locals {
        steps.push(format!("{name}: {}", held(draft, level, *ty, locals)));
    }
    steps.join(", ")
}

/// A formula that may read the running values.
fn held(draft: &mut Draft<'_>, level: Level, ty: Ty, locals: &[(String, Ty)]) -> String {
    let depth = 1 + draft.dice.pick(2);
    let mut formulas = Formulas::of(draft.dice, &draft.names, &mut draft.said, level);
    formulas.locals = locals.to_vec();
    let text = formulas.expr(ty, depth);
    let name = locals.iter().find(|(_, of)| *of == ty).map(|(name, _)| name);
    // What came before counts more often than not.
    match (name, ty) {
        (Some(name), Ty::Money | Ty::Int | Ty::Number | Ty::Days) if draft.dice.chance(60) => {
            quoted(&format!("{name} + ({text})"))
        }
        _ => quoted(&text),
    }
}

fn walk_of_rows(draft: &mut Draft<'_>, under: Level) {
    let below = under.below();
    let of = below[draft.dice.pick(below.len())];
    let per_row = draft.dice.chance(50);
    let (locals, start) = running(draft, under);
    let steps = steps(draft, of, &locals);
    let filter = match draft.dice.chance(50) {
        true => format!(", where: {}", draft.formula(of, Ty::Bool)),
        false => String::new(),
    };
    let mut order = Vec::new();
    for _ in 0..1 + draft.dice.pick(2) {
        let ty = [Ty::Date, Ty::Money, Ty::Text, Ty::Int, Ty::Bool][draft.dice.pick(5)];
        let by = draft.maybe(of, ty);
        order.push(if draft.dice.chance(40) { format!("{{ by: {by}, descending: true }}") } else { by });
    }
    let (level, ty) = (if per_row { of } else { under }, locals[0].1);
    let mut known = locals.clone();
    if per_row {
        known.extend(locals.iter().map(|(name, ty)| (format!("{name}_before"), *ty)));
    }
    let gives = held(draft, level, ty, &known);
    let (gives, optional) = match draft.dice.chance(25) {
        true => (format!("{{ value: {gives}, where: {} }}", held(draft, level, Ty::Bool, &known)), true),
        false => (gives, per_row),
    };
    let under = if per_row { format!(", under: {}", under.name()) } else { String::new() };
    let through = format!("{{ of: {}{under}{filter}, in_order: [ {} ] }}", of.name(), order.join(", "));
    let text = format!("{{ go_through: {through}, start: {{ {start} }}, step: {{ {steps} }}, gives: {gives} }}");
    let sort = if per_row { "walk of each row" } else { "walk of rows" };
    declare(draft, sort, level, ty, optional, &text);
}

fn walk_of_dates(draft: &mut Draft<'_>, level: Level) {
    let (mut locals, start) = running(draft, level);
    let steps = steps(draft, level, &locals);
    locals.push(("turns".to_owned(), Ty::Int));
    let first = draft.dice.one(&["as_of", "as_of - 30", "end_of_month(add_months(as_of, -1))"]);
    let then = draft.dice.one(&["as_of - 10", "end_of_month(add_months(as_of, -1))", "add_months(as_of, -2)"]);
    let most = 1 + draft.dice.pick(4);
    let ty = locals[0].1;
    let gives = held(draft, level, ty, &locals);
    let while_ = match draft.dice.chance(40) {
        true => format!("turns < {most} && {}", held(draft, level, Ty::Bool, &locals).trim_matches('\'')),
        false => format!("turns < {most}"),
    };
    let text = format!(
        "{{ go_through: {{ dates_from: '{first}', then: '{then}', while: '{while_}' }}, \
         start: {{ {start}, turns: {{ type: int, value: 0 }} }}, step: {{ {steps}, turns: turns + 1 }}, gives: {gives} }}"
    );
    declare(draft, "walk of dates", level, ty, false, &text);
}
