//! Values and reasons in words.

use super::run::Run;
use crate::lang::digits::{push_day, push_decimal, push_whole};
use crate::lang::{Base, Expr, Kind, Template, Type, Value, Words, day_number, spoken};
use crate::plan::{MoneyRule, RelationId};

/// What stands in words for a value that cannot be had.
pub const UNKNOWN: &str = "?";

/// What stands in words for a value that is missing.
pub fn nothing(language: &str) -> &'static str {
    if language == "zh" { "无" } else { "none" }
}

/// A value as people and files see it: money with the places of its currency's unit, everything else in its plain form.
pub fn print_value(value: &Value, ty: &Type, money: &MoneyRule) -> String {
    let mut out = Vec::new();
    push_value(&mut out, value, ty, money);
    String::from_utf8(out).unwrap_or_default()
}

/// Appends it.
pub fn push_value(out: &mut Vec<u8>, value: &Value, ty: &Type, money: &MoneyRule) {
    match (value, &ty.base) {
        (Value::Missing, _) => {}
        (Value::Dec(number), base) => {
            let least = if base.is_amount() { money.rounding.places() } else { 0 };
            push_decimal(out, number.mantissa(), number.scale(), least);
        }
        (Value::Int(number), _) => push_whole(out, *number),
        (Value::Date(day), _) => push_day(out, day_number(*day)),
        (Value::Text(text), _) => out.extend_from_slice(text.as_bytes()),
        (Value::List(items), Base::List(of)) => {
            let of = Type::of((**of).clone());
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.extend_from_slice(b"; ");
                }
                push_value(out, item, &of, money);
            }
        }
        (Value::Bool(_) | Value::List(_), _) => out.extend_from_slice(value.to_string().as_bytes()),
    }
}

impl Run<'_> {
    /// Words in a language, for a row, values filled in; a value that cannot be had is printed as `?`.
    pub fn say(&mut self, words: &Words, language: &str, subject: RelationId, row: u32) -> String {
        spoken(words, language).map(|template| self.fill(template, language, subject, row)).unwrap_or_default()
    }

    fn fill(&mut self, template: &Template, language: &str, subject: RelationId, row: u32) -> String {
        let mut out = Vec::new();
        template.fill(&mut out, |_, expr, out| {
            out.extend_from_slice(self.shown(expr, language, subject, row).as_bytes());
        });
        String::from_utf8(out).unwrap_or_default()
    }

    /// A value as words in a language show it, for a row.
    pub fn shown(&mut self, expr: &Expr, language: &str, subject: RelationId, row: u32) -> String {
        match self.value_of(expr, subject, row) {
            Some(Value::Missing) => self.instead_of_missing(&expr.kind, language, subject, row),
            Some(value) => print_value(&value, &expr.ty, &self.plan.money),
            None => UNKNOWN.into(),
        }
    }

    fn instead_of_missing(&mut self, kind: &Kind, language: &str, subject: RelationId, row: u32) -> String {
        let nothing = nothing(language);
        let Kind::Node(node) = kind else { return nothing.into() };
        let Some(node) = self.plan.node(*node) else { return nothing.into() };
        let shown = node.shown_when_missing.and_then(|instead| {
            let row = self.above(subject, row, node.subject)?;
            self.outcome(instead, row).value.ok()
        });
        shown.map_or_else(|| nothing.into(), |value| value.to_string())
    }
}
