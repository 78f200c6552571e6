//! Expressions printed in the language they are written in: for the plan listing, the names of measures with
//! arguments, and the digest. Places never show, so the same rules print the same wherever they stand.

use super::node::Plan;
use crate::lang::expr::{ArithOp, CompareOp, DatePart, TemplatePart};
use crate::lang::{Expr, Kind, NodeRef, Value, Words};

impl Plan {
    /// An expression, printed.
    pub fn show(&self, expr: &Expr) -> String {
        match &expr.kind {
            Kind::Lit(value) => literal(value),
            Kind::Node(node) => self.name(*node),
            Kind::Local(slot) => format!("${slot}"),
            Kind::AsOf => "as_of".into(),
            Kind::Part(part, of) => format!("{}.{}", self.inner(of), part_name(*part)),
            Kind::Not(of) => format!("!{}", self.inner(of)),
            Kind::Negate(of) => format!("-{}", self.inner(of)),
            Kind::Arith(op, a, b) => format!("{} {} {}", self.inner(a), arith_sign(*op), self.inner(b)),
            Kind::Compare(op, a, b) => format!("{} {} {}", self.inner(a), compare_sign(*op), self.inner(b)),
            Kind::And(a, b) => format!("{} && {}", self.inner(a), self.inner(b)),
            Kind::Or(a, b) => format!("{} || {}", self.inner(a), self.inner(b)),
            Kind::Coalesce(a, b) => format!("{} ?? {}", self.inner(a), self.inner(b)),
            Kind::In(a, b) => format!("{} in {}", self.inner(a), self.inner(b)),
            Kind::List(items) => format!("[{}]", self.list(items)),
            Kind::If(c, a, b) => format!("if {} {{ {} }} else {{ {} }}", self.show(c), self.show(a), self.show(b)),
            Kind::Switch { subject, cases, default } => {
                let mut arms: Vec<String> = cases
                    .iter()
                    .map(|(values, gives)| {
                        let values: Vec<String> = values.iter().map(literal).collect();
                        format!("{} => {}", values.join(" | "), self.show(gives))
                    })
                    .collect();
                arms.extend(default.iter().map(|d| format!("_ => {}", self.show(d))));
                format!("switch {} {{ {} }}", self.inner(subject), arms.join(", "))
            }
            Kind::Let { slot, value, body } => format!("let ${slot} = {}; {}", self.show(value), self.show(body)),
            Kind::Call(function, arguments) => format!("{}({})", function.name(), self.list(arguments)),
            Kind::Function(function, arguments) => {
                let name = self.functions.get(function.0 as usize).map_or("?", |f| f.name.as_str());
                format!("{name}({})", self.list(arguments))
            }
            Kind::ToDecimal(of) => self.show(of),
            Kind::IsGiven(of) => format!("is_given({})", self.show(of)),
            Kind::OnMissing(of, otherwise) => format!("{} (missing: {})", self.inner(of), self.show(otherwise)),
            Kind::AsAt(of, date) => format!("{} as at {}", self.inner(of), self.inner(date)),
        }
    }

    fn inner(&self, expr: &Expr) -> String {
        let bare = matches!(
            expr.kind,
            Kind::Lit(_)
                | Kind::Node(_)
                | Kind::Local(_)
                | Kind::AsOf
                | Kind::Part(..)
                | Kind::Call(..)
                | Kind::Function(..)
                | Kind::List(_)
                | Kind::IsGiven(_)
                | Kind::ToDecimal(_)
        );
        if bare { self.show(expr) } else { format!("({})", self.show(expr)) }
    }

    fn list(&self, items: &[Expr]) -> String {
        items.iter().map(|item| self.show(item)).collect::<Vec<_>>().join(", ")
    }

    /// The name of a node.
    pub fn name(&self, node: NodeRef) -> String {
        self.node(node).map_or_else(|| "?".into(), |n| n.name.clone())
    }

    /// Words, printed: `en: "…"; zh: "…"`.
    pub fn show_words(&self, words: &Words) -> String {
        let one = |(language, template): (&String, &crate::lang::Template)| {
            let text: String = template
                .0
                .iter()
                .map(|part| match part {
                    TemplatePart::Text(text) => text.to_string(),
                    TemplatePart::Value(expr) => format!("{{{}}}", self.show(expr)),
                })
                .collect();
            if language.is_empty() { quoted(&text) } else { format!("{language}: {}", quoted(&text)) }
        };
        words.iter().map(one).collect::<Vec<_>>().join("; ")
    }
}

/// A constant as it is written in an expression.
pub fn literal(value: &Value) -> String {
    match value {
        Value::Missing => "missing".into(),
        Value::Text(text) => quoted(text),
        Value::List(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        _ => value.to_string(),
    }
}

/// A text in quotes, the same under every version of the tools: only what would end it or break the line is escaped.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

fn part_name(part: DatePart) -> &'static str {
    match part {
        DatePart::Year => "year",
        DatePart::Month => "month",
        DatePart::Day => "day",
    }
}

fn arith_sign(op: ArithOp) -> &'static str {
    match op {
        ArithOp::Add => "+",
        ArithOp::Subtract => "-",
        ArithOp::Multiply => "*",
        ArithOp::Divide => "/",
    }
}

fn compare_sign(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Equal => "==",
        CompareOp::NotEqual => "!=",
        CompareOp::Less => "<",
        CompareOp::LessOrEqual => "<=",
        CompareOp::Greater => ">",
        CompareOp::GreaterOrEqual => ">=",
    }
}
