//! `if`, `switch`, `??` and blocks.

use super::checker::{Checker, Local, article};
use super::typed::Typed;
use crate::diag::Code;
use crate::lang::expr::Kind;
use crate::lang::syntax::ast::{Ast, At, Case, Node, Word};
use crate::lang::types::{Base, Type};
use crate::lang::value::Value;

impl Checker<'_> {
    #[inline(never)]
    pub(crate) fn choice(&mut self, c: &Node, a: &Node, b: &Node, at: At) -> Option<Typed> {
        let condition = self.condition(c);
        let facts = condition.as_ref().map(|c| c.facts.clone()).unwrap_or_default();
        let first = self.knowing(&facts.when_true, |this| this.check(a));
        let second = self.knowing(&facts.when_false, |this| this.check(b));
        self.chosen(condition?, vec![(first?, inner(a)), (second?, inner(b))], at)
    }

    #[inline(never)]
    fn chosen(&mut self, condition: Typed, branches: Vec<(Typed, At)>, at: At) -> Option<Typed> {
        let bare = branches.iter().all(|(branch, _)| branch.bare);
        let (pair, base) = self.unify(branches, "both sides of an `if`")?;
        let [first, second] = <[Typed; 2]>::try_from(pair).ok()?;
        let raw = first.raw.or(second.raw);
        let ty = Type { base, optional: first.expr.ty.optional || second.expr.ty.optional };
        let kind = Kind::If(Box::new(condition.expr), Box::new(first.expr), Box::new(second.expr));
        Some(Typed { bare, raw, ..Typed::of(self.expr(kind, ty, at)) })
    }

    #[inline(never)]
    pub(crate) fn coalesce(&mut self, a: &Node, b: &Node, at: At) -> Option<Typed> {
        let (first, second) = (self.check(a), self.check(b));
        let (first, second) = (first?, second?);
        let bare = first.bare && second.bare;
        let (pair, base) = self.unify(vec![(first, a.at), (second, b.at)], "both sides of `??`")?;
        let [first, second] = <[Typed; 2]>::try_from(pair).ok()?;
        let raw = first.raw.or(second.raw);
        let ty = Type { base, optional: first.expr.ty.optional && second.expr.ty.optional };
        let kind = Kind::Coalesce(Box::new(first.expr), Box::new(second.expr));
        Some(Typed { bare, raw, ..Typed::of(self.expr(kind, ty, at)) })
    }

    #[inline(never)]
    pub(crate) fn block(&mut self, lets: &[(Word, Node)], value: &Node, at: At) -> Option<Typed> {
        let before = self.locals.len();
        let known = self.given.len();
        let mut bound = Vec::new();
        let mut failed = false;
        for (name, node) in lets {
            match self.check(node) {
                Some(typed) if name.text == "as_of" => {
                    let help = "give it another name";
                    self.error(Code::BadId, name.at, "`as_of` is the date of the evaluation", help);
                    drop(typed);
                    failed = true;
                }
                Some(typed) => {
                    let slot = self.slots;
                    self.slots += 1;
                    let ty = typed.expr.ty.clone();
                    self.locals.push(Local { name: name.text.clone(), slot, ty, raw: typed.raw, broken: false });
                    bound.push((slot, name.at, typed.expr));
                }
                None => {
                    let ty = Type::of(Base::Bool);
                    let raw = super::typed::Raw::DECIMAL;
                    self.locals.push(Local { name: name.text.clone(), slot: 0, ty, raw, broken: true });
                    failed = true;
                }
            }
        }
        let value = self.check(value);
        self.locals.truncate(before);
        self.given.truncate(known);
        let value = value.filter(|_| !failed)?;
        let (raw, bare, ty) = (value.raw, value.bare, value.expr.ty.clone());
        let facts = if lets.is_empty() { value.facts } else { super::typed::Facts::default() };
        let expr = bound.into_iter().rev().fold(value.expr, |body, (slot, name, value)| {
            let kind = Kind::Let { slot, value: Box::new(value), body: Box::new(body) };
            self.expr(kind, ty.clone(), name.to(at))
        });
        Some(Typed { raw, bare, facts, ..Typed::of(expr) })
    }

    #[inline(never)]
    pub(crate) fn switch(&mut self, subject: &Node, cases: &[Case], at: At) -> Option<Typed> {
        let looked_at = self.operand(subject);
        let mut gives = Vec::new();
        let mut values: Vec<Vec<Value>> = Vec::new();
        let mut seen: Vec<Value> = Vec::new();
        let mut default = None;
        let mut failed = false;
        for case in cases {
            if default.is_some() {
                let help = "put `_` last";
                self.error(Code::Syntax, case.at, "a case behind `_` is never reached", help);
                failed = true;
            }
            let typed = self.check(&case.gives);
            failed |= typed.is_none();
            if case.values.is_empty() {
                default = typed.map(|t| (t, inner(&case.gives)));
                failed |= default.is_none();
                continue;
            }
            let Some(subject) = &looked_at else { continue };
            let base = subject.base().clone();
            let mut held = Vec::new();
            for node in &case.values {
                match self.case_value(node, &base) {
                    Some(value) if seen.contains(&value) => {
                        let message = format!("`{}` is a case twice", self.written(node.at));
                        self.error(Code::DuplicateId, node.at, message, "take one of the two out");
                        failed = true;
                    }
                    Some(value) => {
                        seen.push(value.clone());
                        held.push(value);
                    }
                    None => failed = true,
                }
            }
            if let Some(typed) = typed {
                gives.push((typed, inner(&case.gives)));
                values.push(held);
            }
        }
        let looked_at = looked_at?;
        failed |= !self.switchable(&looked_at, subject.at);
        let has_default = cases.iter().any(|c| c.values.is_empty());
        if !failed && !has_default && !self.exhausted(looked_at.base(), &seen, at) {
            failed = true;
        }
        if failed {
            return None;
        }
        let many = gives.len();
        gives.extend(default);
        if gives.is_empty() {
            self.error(Code::Syntax, at, "a `switch` needs cases", "write `switch x { \"A\" => 1, _ => 2 }`");
            return None;
        }
        let bare = gives.iter().all(|(t, _)| t.bare);
        let (mut gives, base) = self.unify(gives, "the cases of a `switch`")?;
        let optional = gives.iter().any(|t| t.expr.ty.optional);
        let raw = gives.iter().map(|t| t.raw).reduce(super::typed::Raw::or)?;
        let default = gives.split_off(many).pop().map(|t| Box::new(t.expr));
        let cases = values.into_iter().zip(gives.into_iter().map(|t| t.expr)).collect();
        let kind = Kind::Switch { subject: Box::new(looked_at.expr), cases, default };
        Some(Typed { bare, raw, ..Typed::of(self.expr(kind, Type { base, optional }, at)) })
    }

    /// Whether Rhai finds the cases of such a subject.
    fn switchable(&mut self, subject: &Typed, at: At) -> bool {
        match subject.base() {
            Base::Date | Base::List(_) => {
                let message = format!("a `switch` cannot look at {}", article(subject.base()));
                self.error(Code::WrongType, at, message, "write `if ... else if ... else`");
                false
            }
            base if base.is_decimal() && subject.raw.whole.is_some() => {
                let message =
                    format!("`{}` can be a whole number to Rhai, which no case with a point holds", self.written(at));
                self.error(Code::WrongType, at, message, "write the whole numbers in it with a point: `7.0`");
                false
            }
            _ => true,
        }
    }

    fn case_value(&mut self, node: &Node, subject: &Base) -> Option<Value> {
        let literal = match &node.ast {
            Ast::Broken => return None,
            Ast::Int(n) if subject.is_whole() => return Some(Value::Int(*n)),
            Ast::Dec(d) if subject.is_decimal() && !d.is_sign_negative() => return Some(Value::Dec(*d)),
            Ast::Bool(b) if *subject == Base::Bool => return Some(Value::Bool(*b)),
            Ast::Text(t) => match subject {
                Base::Text => return Some(Value::Text(t.clone())),
                Base::OneOf(values) if values.contains(t) => return Some(Value::Text(t.clone())),
                Base::OneOf(values) => {
                    let help = super::adopt::not_a_member_help(t, values);
                    let message = format!("`{t}` is none of the values this can have");
                    self.error(Code::UnknownValue, node.at, message, help);
                    return None;
                }
                _ => true,
            },
            Ast::Int(_) | Ast::Dec(_) | Ast::Bool(_) => true,
            _ => false,
        };
        let written = self.written(node.at).to_owned();
        let (code, message, help) = match &node.ast {
            Ast::Int(n) if subject.is_decimal() && *n >= 0 => (
                Code::WrongType,
                format!("`{written}` is a whole number, which a `switch` over {} never holds", article(subject)),
                format!("write `{written}.0`"),
            ),
            Ast::Int(_) | Ast::Dec(_) if subject.is_decimal() => (
                Code::OutsideSubset,
                format!("`{written}` cannot be a case: Rhai takes no negative decimal there"),
                "write `if ... else if ... else`".to_owned(),
            ),
            _ if literal => (
                Code::WrongType,
                format!("`{written}` is not {}, which the `switch` looks at", article(subject)),
                "write cases of the type the `switch` looks at".to_owned(),
            ),
            _ => (
                Code::OutsideSubset,
                format!("`{written}` cannot be a case"),
                "write a plain value, or `if ... else if ... else`".to_owned(),
            ),
        };
        self.error(code, node.at, message, help);
        None
    }

    fn exhausted(&mut self, base: &Base, seen: &[Value], at: At) -> bool {
        let all: Vec<Value> = match base {
            Base::Bool => vec![Value::Bool(true), Value::Bool(false)],
            Base::OneOf(values) => values.iter().map(|v| Value::Text(v.clone())).collect(),
            _ => Vec::new(),
        };
        let left: Vec<String> = all.iter().filter(|v| !seen.contains(v)).map(|v| format!("`{v}`")).collect();
        if !all.is_empty() && left.is_empty() {
            return true;
        }
        let message = if left.is_empty() {
            "the `switch` does not say what else it gives".to_owned()
        } else {
            format!("the `switch` has no case for {}", left.join(", "))
        };
        self.error(Code::Gap, at, message, "add `_ => ...` as its last case");
        false
    }
}

/// Where the value of a block stands: a message about `{ x }` speaks of `x`.
pub(super) fn inner(node: &Node) -> At {
    match &node.ast {
        Ast::Block(_, value) => inner(value),
        _ => node.at,
    }
}
