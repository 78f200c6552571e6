//! `params:` the numbers a manager tunes, in one place, typed and bounded.

use rust_decimal::Decimal;

use super::facts::{TYPES, type_number};
use crate::diag::{Code, Diagnostic};
use crate::lang::{Base, Expr, Kind, NodeRef, Type, Value};
use crate::plan::lower::{Lowerer, Subjects, wrong};
use crate::plan::node::Form;
use crate::policy::fields::Fields;
use crate::policy::read;
use crate::policy::tree::{Entry, Tree, TreeKind};

pub(super) fn read<'t>(low: &mut Lowerer<'t>, section: &'t Entry) {
    let TreeKind::Map(entries) = &section.value.kind else {
        low.report(
            wrong(&section.value, Code::WrongShape, "`params` is a mapping of names to values")
                .help("as in `proven_share: { value: 50%, min: 0, max: 1 }`"),
        );
        return;
    };
    for entry in entries {
        if let Err(finding) = read::check_id(&entry.key, &entry.key_place) {
            low.report(*finding);
            continue;
        }
        let name = format!("params.{}", entry.key);
        low.define(vec![name.clone()], &entry.key_place, move |low| param(low, &name, entry));
    }
}

fn param<'t>(low: &mut Lowerer<'t>, name: &str, entry: &'t Entry) {
    if entry.value.scalar().is_some() {
        if let Some((value, base)) = constant(low, &entry.value, None) {
            add(low, name, entry, &entry.value, value, base);
        }
        return;
    }
    let Some(mut fields) = Fields::of(&entry.value, "a parameter", &mut low.sink) else { return };
    let value = fields.need("value", &mut low.sink);
    let ty = fields.take("type", &mut low.sink);
    let bounds = [("min", fields.take("min", &mut low.sink)), ("max", fields.take("max", &mut low.sink))];
    let label = fields.take("label", &mut low.sink);
    fields.finish(&mut low.sink);
    let bases: Vec<(&str, usize)> =
        TYPES.iter().enumerate().filter(|(_, (_, b))| b.is_some()).map(|(n, (name, _))| (*name, n)).collect();
    let base = match ty {
        Some(ty) => match type_number(low, ty, &bases) {
            Some(n) => TYPES.get(n).and_then(|(_, base)| base.clone()),
            None => return,
        },
        None => None,
    };
    let Some(tree) = value else { return };
    let Some((value, base)) = constant(low, tree, base) else { return };
    for (key, bound) in bounds {
        let Some(bound) = bound else { continue };
        let Some(limit) = read::decimal(bound, &mut low.sink) else { continue };
        let Some(amount) = decimal(&value) else {
            low.report(
                wrong(bound, Code::WrongType, format!("`{key}` goes with a number, and this is a {base}"))
                    .help("take it out"),
            );
            continue;
        };
        if (key == "min" && amount < limit) || (key == "max" && amount > limit) {
            let written = |tree: &Tree| tree.text().unwrap_or_default().to_string();
            let message = format!("`{}` is outside what `{key}: {}` allows", written(tree), written(bound));
            low.report(
                Diagnostic::error(Code::OutOfBounds, message, tree.place.clone())
                    .also(bound.place.clone(), "the bound")
                    .help("write a value within the bounds, or change the bound"),
            );
        }
    }
    let node = add(low, name, entry, tree, value, base);
    low.label(Some(node), label);
}

/// `written` is the constant itself, where it stands among bounds and a label.
fn add(low: &mut Lowerer<'_>, name: &str, entry: &Entry, written: &Tree, value: Value, base: Base) -> NodeRef {
    let ty = Type::of(base);
    let expr = Expr { kind: Kind::Lit(value), ty: ty.clone(), span: written.place.span };
    low.add(name, Subjects::PORTFOLIO, ty, &entry.value.place, Form::Expr(expr))
}

/// A constant of the type asked for; without one, what it looks like: a date, true or false, a number, else text.
fn constant(low: &mut Lowerer<'_>, tree: &Tree, base: Option<Base>) -> Option<(Value, Base)> {
    let scalar = tree.scalar();
    let base = base.unwrap_or_else(|| match scalar {
        Some(s) if s.quoted => Base::Text,
        Some(s) if matches!(s.text.text.as_str(), "true" | "false") => Base::Bool,
        Some(s) if s.text.text.parse::<chrono::NaiveDate>().is_ok() => Base::Date,
        Some(s) if s.text.text.starts_with(char::is_alphabetic) => Base::Text,
        _ => Base::Number,
    });
    let sink = &mut low.sink;
    let value = match &base {
        Base::Bool => Value::Bool(read::boolean(tree, sink)?),
        Base::Int | Base::Days | Base::Months => Value::Int(read::whole(tree, sink)?),
        Base::Number | Base::Money | Base::OwnMoney(_) => Value::Dec(read::decimal(tree, sink)?),
        Base::Date => Value::Date(read::date(tree, sink)?),
        Base::Text | Base::OneOf(_) | Base::List(_) => Value::text(&read::text(tree, sink)?.text),
    };
    Some((value, base))
}

fn decimal(value: &Value) -> Option<Decimal> {
    match value {
        Value::Dec(d) => Some(*d),
        Value::Int(n) => Some(Decimal::from(*n)),
        _ => None,
    }
}
