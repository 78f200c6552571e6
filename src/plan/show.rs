//! Expressions printed in the language they are written in: for the plan listing, the names of measures with
//! arguments, and the digest. Places never show, so the same rules print the same wherever they stand.

use std::fmt::Write as _;

use super::node::Plan;
use crate::lang::expr::{ArithOp, CompareOp, DatePart, TemplatePart};
use crate::lang::{Expr, Kind, NodeRef, Value, Words};

impl Plan {
    /// An expression, printed.
    pub fn show(&self, expr: &Expr) -> String {
        let mut out = String::new();
        self.print(expr, &mut out);
        out
    }

    /// Prints an expression behind what is printed already.
    pub(super) fn print(&self, expr: &Expr, out: &mut String) {
        match &expr.kind {
            Kind::Lit(value) => print_literal(value, out),
            Kind::Node(node) => out.push_str(self.node(*node).map_or("?", |n| n.name.as_str())),
            Kind::Local(slot) => print_slot(*slot, out),
            Kind::AsOf => out.push_str("as_of"),
            Kind::Part(part, of) => {
                self.print_inner(of, out);
                out.push('.');
                out.push_str(part_name(*part));
            }
            Kind::Not(of) => self.print_behind("!", of, out),
            Kind::Negate(of) => self.print_behind("-", of, out),
            Kind::Arith(op, a, b) => self.print_pair(a, arith_sign(*op), b, out),
            Kind::Compare(op, a, b) => self.print_pair(a, compare_sign(*op), b, out),
            Kind::And(a, b) => self.print_pair(a, "&&", b, out),
            Kind::Or(a, b) => self.print_pair(a, "||", b, out),
            Kind::Coalesce(a, b) => self.print_pair(a, "??", b, out),
            Kind::In(a, b) => self.print_pair(a, "in", b, out),
            Kind::AsAt(a, b) => self.print_pair(a, "as at", b, out),
            Kind::List(items) => self.print_list("[", items, "]", out),
            Kind::If(c, a, b) => {
                for (word, part) in [("if ", c), (" { ", a), (" } else { ", b)] {
                    out.push_str(word);
                    self.print(part, out);
                }
                out.push_str(" }");
            }
            Kind::Switch { subject, cases, default } => {
                self.print_behind("switch ", subject, out);
                out.push_str(" { ");
                let mut between = "";
                for (values, gives) in cases {
                    out.push_str(std::mem::replace(&mut between, ", "));
                    for (at, value) in values.iter().enumerate() {
                        out.push_str(if at > 0 { " | " } else { "" });
                        print_literal(value, out);
                    }
                    out.push_str(" => ");
                    self.print(gives, out);
                }
                if let Some(default) = default {
                    out.push_str(between);
                    out.push_str("_ => ");
                    self.print(default, out);
                }
                out.push_str(" }");
            }
            Kind::Let { slot, value, body } => {
                out.push_str("let ");
                print_slot(*slot, out);
                out.push_str(" = ");
                self.print(value, out);
                out.push_str("; ");
                self.print(body, out);
            }
            Kind::Call(function, arguments) => {
                out.push_str(function.name());
                self.print_list("(", arguments, ")", out);
            }
            Kind::Function(function, arguments) => {
                out.push_str(self.functions.get(function.0 as usize).map_or("?", |f| f.name.as_str()));
                self.print_list("(", arguments, ")", out);
            }
            Kind::ToDecimal(of) => self.print(of, out),
            Kind::IsGiven(of) => {
                out.push_str("is_given(");
                self.print(of, out);
                out.push(')');
            }
            Kind::OnMissing(of, otherwise) => {
                self.print_inner(of, out);
                out.push_str(" (missing: ");
                self.print(otherwise, out);
                out.push(')');
            }
        }
    }

    fn print_behind(&self, sign: &str, of: &Expr, out: &mut String) {
        out.push_str(sign);
        self.print_inner(of, out);
    }

    fn print_pair(&self, a: &Expr, sign: &str, b: &Expr, out: &mut String) {
        self.print_inner(a, out);
        out.push(' ');
        out.push_str(sign);
        out.push(' ');
        self.print_inner(b, out);
    }

    /// In parentheses, unless it holds together without.
    fn print_inner(&self, expr: &Expr, out: &mut String) {
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
        if bare {
            self.print(expr, out);
        } else {
            out.push('(');
            self.print(expr, out);
            out.push(')');
        }
    }

    fn print_list(&self, open: &str, items: &[Expr], close: &str, out: &mut String) {
        out.push_str(open);
        for (at, item) in items.iter().enumerate() {
            out.push_str(if at > 0 { ", " } else { "" });
            self.print(item, out);
        }
        out.push_str(close);
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
    let mut out = String::new();
    print_literal(value, &mut out);
    out
}

fn print_literal(value: &Value, out: &mut String) {
    match value {
        Value::Missing => out.push_str("missing"),
        Value::Text(text) => print_quoted(text, out),
        Value::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                print_literal(item, out);
            }
            out.push(']');
        }
        Value::Bool(_) | Value::Int(_) | Value::Dec(_) | Value::Date(_) => {
            let _ = write!(out, "{value}");
        }
    }
}

fn print_slot(slot: u32, out: &mut String) {
    let _ = write!(out, "${slot}");
}

/// A text in quotes, the same under every version of the tools: only what would end it or break the line is escaped.
fn print_quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            _ => out.push(c),
        }
    }
    out.push('"');
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    print_quoted(text, &mut out);
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
