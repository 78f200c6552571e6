//! Bare literals take the unit their place asks for; branches and operands come to one type.

use std::sync::Arc;

use super::checker::{Checker, article};
use super::name::Resolved;
use super::typed::Typed;
use crate::diag::{Code, Diagnostic, nearest};
use crate::lang::expr::{Expr, Kind};
use crate::lang::syntax::ast::At;
use crate::lang::types::{Base, Type};
use crate::lang::value::Value;

impl Checker<'_> {
    /// The value as the type its place asks for.
    pub(crate) fn coerce(&mut self, typed: Typed, want: &Base, at: At) -> Option<Typed> {
        if typed.base() == want {
            return Some(typed);
        }
        if typed.bare && *typed.base() == Base::Number && want.is_amount() {
            self.thousands_point(at);
        }
        if typed.bare
            && let Some(adopted) = self.adopt(&typed, want)
        {
            return adopted;
        }
        match (typed.base(), want) {
            (Base::Int, Base::Number) => return Some(decimal(typed, want)),
            (Base::OneOf(_), Base::Text) => return Some(relabelled(typed, want)),
            (Base::OneOf(have), Base::OneOf(all)) if have.iter().all(|v| all.contains(v)) => {
                return Some(relabelled(typed, want));
            }
            (Base::List(_), Base::List(item)) if matches!(typed.expr.kind, Kind::List(_)) => {
                return self.coerce_list(typed, item, at);
            }
            _ => {}
        }
        let got = article(typed.base());
        let message = format!("{} is asked for here, and `{}` is {got}", article(want), self.written(at));
        let help = match (typed.base(), want) {
            (Base::Number, Base::Int | Base::Days | Base::Months) if typed.bare => "write a whole number".to_owned(),
            (Base::Days | Base::Months, Base::Number) => format!("write `to_number({})`", self.written(at)),
            (Base::Int, Base::Days | Base::Months) => format!("declare `{}` as {want}", self.written(at)),
            (Base::Text, Base::OneOf(_)) => "declare what it reads as `one_of` with the same values".to_owned(),
            (Base::Text, _) if is_quoted_number(&typed.expr) => "take the quotes away".to_owned(),
            (Base::OwnMoney(_), Base::Money) => format!("write `convert({})`", self.written(at)),
            (Base::Money, Base::OwnMoney(_)) => self.own_instead(at),
            (_, Base::Bool) => "write a comparison, `x > 0` for example".to_owned(),
            _ => format!("write something that gives {}", article(want)),
        };
        self.error(Code::WrongType, at, message, help);
        None
    }

    /// Warns of `100.000` where money is asked for that has no thousandths: many write a hundred thousand so.
    fn thousands_point(&mut self, at: At) {
        let written = self.written(at).to_owned();
        let Some((whole, rest)) = written.trim_start_matches(['-', ' ']).split_once('.') else { return };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let looks_so = digits(whole) && whole.len() <= 3 && !whole.starts_with('0') && digits(rest) && rest.len() == 3;
        if !looks_so || !self.names.no_thousandths() {
            return;
        }
        let plain = rest.trim_end_matches('0');
        let read = if plain.is_empty() { whole.to_owned() } else { format!("{whole}.{plain}") };
        let place = self.text.place(at.start, at.end);
        let message = format!("`{written}` is {read}: the point stands before the cents");
        let finding = Diagnostic::error(Code::BadNumber, message, place).as_warning();
        self.found.push(finding.help(format!("write `{whole}{rest}` if thousands are meant, else `{read}`")));
    }

    /// What to write for an amount in the policy's currency where one in its document's own is asked for.
    fn own_instead(&mut self, at: At) -> String {
        let own = match self.written(at).split_once('.') {
            Some((subject, fact)) => format!("{subject}.own_{fact}"),
            None => String::new(),
        };
        match self.resolve(&own, at) {
            Resolved::Is(_) => format!("write `{own}`"),
            _ => "write an amount in the currency of the document: its name begins with `own_`".to_owned(),
        }
    }

    fn coerce_list(&mut self, typed: Typed, item: &Base, at: At) -> Option<Typed> {
        let Kind::List(items) = typed.expr.kind else { return None };
        let mut all = Vec::new();
        for expr in items {
            let bare = matches!(expr.kind, Kind::Lit(_));
            all.push(self.coerce(Typed { bare, ..Typed::of(expr) }, item, at)?.expr);
        }
        let ty = Type { base: Base::List(Box::new(item.clone())), optional: typed.expr.ty.optional };
        Some(Typed::of(Expr { kind: Kind::List(all), ty, span: typed.expr.span }))
    }

    /// A literal in another unit. The outer option is empty when the unit is none a literal could have; the inner one
    /// when an error was reported.
    pub(crate) fn adopt(&mut self, typed: &Typed, want: &Base) -> Option<Option<Typed>> {
        match (typed.base(), want) {
            (Base::Int, want) if want.is_decimal() => Some(Some(decimal(typed.clone(), want))),
            (Base::Int, Base::Days | Base::Months) | (Base::Number, Base::Money | Base::OwnMoney(_)) => {
                Some(Some(relabelled(typed.clone(), want)))
            }
            (Base::Text, Base::OneOf(values)) => {
                Some(self.members(&typed.expr, values).then(|| relabelled(typed.clone(), want)))
            }
            _ => None,
        }
    }

    /// Whether every text the expression can give is one of the values.
    fn members(&mut self, expr: &Expr, values: &[Arc<str>]) -> bool {
        match &expr.kind {
            Kind::Lit(Value::Text(text)) => self.member(text, values, expr),
            Kind::If(_, a, b) | Kind::Coalesce(a, b) => {
                let (a, b) = (self.members(a, values), self.members(b, values));
                a && b
            }
            Kind::Let { body, .. } => self.members(body, values),
            Kind::Switch { cases, default, .. } => {
                let gives = cases.iter().map(|(_, gives)| gives).chain(default.as_deref());
                let all: Vec<bool> = gives.map(|gives| self.members(gives, values)).collect();
                !all.contains(&false)
            }
            _ => true,
        }
    }

    fn member(&mut self, text: &str, values: &[Arc<str>], expr: &Expr) -> bool {
        if values.iter().any(|v| v.as_ref() == text) {
            return true;
        }
        let place = crate::diag::Place::new(&self.text.source, expr.span);
        let help = not_a_member_help(text, values);
        let message = format!("`{text}` is none of the values this can have");
        self.found.push(crate::diag::Diagnostic::error(Code::UnknownValue, message, place).help(help));
        false
    }

    /// Several values as one type, each with where it stands.
    pub(crate) fn unify(&mut self, all: Vec<(Typed, At)>, of: &str) -> Option<(Vec<Typed>, Base)> {
        let target = self.target(&all, of)?;
        let mut unified = Vec::new();
        let mut failed = false;
        for (typed, at) in all {
            match self.coerce(typed, &target, at) {
                Some(typed) => unified.push(typed),
                None => failed = true,
            }
        }
        (!failed).then_some((unified, target))
    }

    /// The type all of them can have.
    fn target(&mut self, all: &[(Typed, At)], of: &str) -> Option<Base> {
        let named = || all.iter().filter(|(t, _)| !t.bare);
        let first = named().next().or_else(|| all.iter().find(|(t, _)| *t.base() == Base::Number)).or(all.first())?;
        let mut target = first.0.base().clone();
        for (typed, at) in named() {
            let base = typed.base();
            target = match (&target, base) {
                (a, b) if a == b => continue,
                (Base::Int, Base::Number) | (Base::Number, Base::Int) => Base::Number,
                (Base::Text, Base::OneOf(_)) | (Base::OneOf(_), Base::Text) => Base::Text,
                (a, b) => {
                    let message = format!(
                        "`{}` is {} and `{}` is {}: {of} need one type",
                        self.written(first.1),
                        article(a),
                        self.written(*at),
                        article(b)
                    );
                    let help = mixing_help(a, b, self.written(first.1), self.written(*at));
                    self.error(Code::WrongType, *at, message, help);
                    return None;
                }
            };
        }
        // A literal with a point makes a whole number beside it a number.
        if target == Base::Int && all.iter().any(|(t, _)| *t.base() == Base::Number) {
            target = Base::Number;
        }
        Some(target)
    }
}

/// What to write instead of a text that is none of the values.
pub(crate) fn not_a_member_help(text: &str, values: &[Arc<str>]) -> String {
    match nearest(text, values.iter().map(AsRef::as_ref)) {
        Some(near) => format!("write `{near}`"),
        None => format!("the values are {}", listed(values)),
    }
}

/// Values as people read them.
fn listed(values: &[Arc<str>]) -> String {
    values.iter().map(|v| format!("`{v}`")).collect::<Vec<_>>().join(", ")
}

/// What to write instead of two units mixed.
pub(crate) fn mixing_help(a: &Base, b: &Base, left: &str, right: &str) -> String {
    let count = |base: &Base| matches!(base, Base::Days | Base::Months);
    match (a, b) {
        (Base::Number, other) if count(other) => format!("write `to_number({right})`"),
        (other, Base::Number) if count(other) => format!("write `to_number({left})`"),
        (Base::Int, other) if count(other) => format!("declare `{left}` as {other}"),
        (other, Base::Int) if count(other) => format!("declare `{right}` as {other}"),
        (Base::Text | Base::OneOf(_), Base::Text | Base::OneOf(_)) => "declare both with the same values".to_owned(),
        (Base::Text | Base::OneOf(_), other) | (other, Base::Text | Base::OneOf(_)) => {
            format!("write {} without quotes, or compare a text", article(other))
        }
        (Base::Date, _) | (_, Base::Date) => "subtract two dates to get days, or add days to a date".to_owned(),
        (Base::OwnMoney(_), Base::OwnMoney(_)) => format!("write `convert({left})` and `convert({right})`"),
        (Base::OwnMoney(_), Base::Money) => format!("write `convert({left})`"),
        (Base::Money, Base::OwnMoney(_)) => format!("write `convert({right})`"),
        (a, Base::Number | Base::Int) | (Base::Number | Base::Int, a) if a.is_amount() => {
            "declare both as `money`, or divide the money by money first".to_owned()
        }
        _ => "bring both to one unit first".to_owned(),
    }
}

/// Whether it is a number that somebody put in quotes.
fn is_quoted_number(expr: &Expr) -> bool {
    matches!(&expr.kind, Kind::Lit(Value::Text(text))
        if text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_ascii_digit() || c == '.'))
}

/// The same value, its unit written over.
pub(crate) fn relabelled(mut typed: Typed, base: &Base) -> Typed {
    relabel(&mut typed.expr, base);
    typed
}

fn relabel(expr: &mut Expr, base: &Base) {
    expr.ty.base = base.clone();
    each_result(expr, &mut |e| relabel(e, base));
}

/// A whole number as a decimal, at the leaves of its branches.
pub(crate) fn decimal(mut typed: Typed, base: &Base) -> Typed {
    to_decimal(&mut typed.expr, base);
    typed
}

fn to_decimal(expr: &mut Expr, base: &Base) {
    if each_result(expr, &mut |e| to_decimal(e, base)) {
        expr.ty.base = base.clone();
        return;
    }
    let ty = Type { base: base.clone(), optional: expr.ty.optional };
    let span = expr.span;
    let hole = Expr { kind: Kind::AsOf, ty: ty.clone(), span };
    let inner = std::mem::replace(expr, hole);
    expr.kind = Kind::ToDecimal(Box::new(inner));
}

/// Visits what the expression gives, when that is the value of one of its parts.
fn each_result(expr: &mut Expr, visit: &mut dyn FnMut(&mut Expr)) -> bool {
    match &mut expr.kind {
        Kind::If(_, a, b) | Kind::Coalesce(a, b) => {
            visit(a);
            visit(b);
        }
        Kind::Switch { cases, default, .. } => {
            cases.iter_mut().for_each(|(_, gives)| visit(gives));
            default.iter_mut().for_each(|gives| visit(gives));
        }
        Kind::Let { body, .. } => visit(body),
        _ => return false,
    }
    true
}
