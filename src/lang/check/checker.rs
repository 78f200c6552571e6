//! Walks the syntax tree and makes the typed expression.

use super::choice::inner;
use super::typed::{Facts, Raw, Typed};
use super::{Expected, Missing, Names};
use crate::diag::{Code, Diagnostic, SourceText, any_error};
use crate::lang::expr::{ArithOp, CompareOp, Expr, Kind, NodeRef};
use crate::lang::syntax::ast::{Ast, At, Node, Word};
use crate::lang::types::{Base, Type, is_currency};
use crate::lang::value::Value;

/// A `let` binding or a parameter.
pub(crate) struct Local {
    pub(crate) name: String,
    pub(crate) slot: u32,
    pub(crate) ty: Type,
    pub(crate) raw: Raw,
    /// Its value was in error: reported already.
    pub(crate) broken: bool,
}

/// Checks one text.
pub(crate) struct Checker<'a> {
    pub(crate) text: &'a SourceText,
    pub(crate) names: &'a mut dyn Names,
    pub(crate) missing: Missing,
    pub(crate) found: Vec<Diagnostic>,
    /// Names known to be there at this point.
    pub(crate) given: Vec<String>,
    /// Nodes known to be there wherever the text stands.
    pub(crate) sure: Vec<NodeRef>,
    pub(crate) locals: Vec<Local>,
    pub(crate) slots: u32,
    /// Something was reported by whoever resolves names.
    pub(crate) poisoned: bool,
}

impl<'a> Checker<'a> {
    pub(crate) fn new(
        text: &'a SourceText,
        names: &'a mut dyn Names,
        missing: Missing,
        found: Vec<Diagnostic>,
    ) -> Self {
        let (given, sure, locals) = (Vec::new(), Vec::new(), Vec::new());
        Self { text, names, missing, found, given, sure, locals, slots: 0, poisoned: false }
    }

    /// A whole expression in its place.
    pub(crate) fn top(&mut self, node: &Node, expected: &Expected<'_>) -> Option<Expr> {
        let typed = self.check(node)?;
        let Some(ty) = &expected.ty else { return Some(typed.expr) };
        if typed.expr.ty.optional && !ty.optional && expected.missing == Missing::Refused {
            self.not_handled(&typed, inner(node));
            return None;
        }
        Some(self.coerce(typed, &ty.base, inner(node))?.expr)
    }

    /// Takes a name whose value stands in the next slot wherever the text is evaluated.
    pub(crate) fn hold(&mut self, name: &str, ty: &Type) {
        let (slot, raw) = (self.slots, Raw::of(&ty.base));
        self.slots += 1;
        self.locals.push(Local { name: name.into(), slot, ty: ty.clone(), raw, broken: false });
    }

    /// Hands the findings over, in the order of the text; nothing comes out of a text with an error in it.
    pub(crate) fn finish<T>(mut self, result: Option<T>) -> Option<T> {
        let failed = self.poisoned || any_error(&self.found);
        self.found.sort_by_key(|d| d.place.as_ref().map(|p| p.span));
        for diagnostic in std::mem::take(&mut self.found) {
            self.names.report(diagnostic);
        }
        result.filter(|_| !failed)
    }

    pub(crate) fn error(&mut self, code: Code, at: At, message: impl Into<String>, help: impl Into<String>) {
        let place = self.text.place(at.start, at.end);
        self.found.push(Diagnostic::error(code, message, place).help(help));
    }

    /// Whether something in this part of the text could not be read: what is missing there may be only unread.
    pub(crate) fn is_half_read(&self, at: At) -> bool {
        let part = self.text.span(at.start, self.text.text.len());
        let inside = |d: &Diagnostic| d.place.as_ref().is_some_and(|p| p.span.start >= part.start);
        self.found.iter().any(|d| d.code == Code::Syntax && inside(d))
    }

    pub(crate) fn written(&self, at: At) -> &str {
        self.text.text.get(at.start..at.end).unwrap_or("")
    }

    pub(crate) fn expr(&self, kind: Kind, ty: Type, at: At) -> Expr {
        Expr { kind, ty, span: self.text.span(at.start, at.end) }
    }

    pub(crate) fn literal(&self, value: Value, base: Base, at: At) -> Typed {
        let raw = match &value {
            Value::Int(n) => Raw::whole(u128::from(n.unsigned_abs())),
            _ => Raw::DECIMAL,
        };
        Typed { bare: true, raw, ..Typed::of(self.expr(Kind::Lit(value), Type::of(base), at)) }
    }

    /// An unhandled missing value.
    pub(crate) fn not_handled(&mut self, typed: &Typed, at: At) {
        let written = self.written(at).to_owned();
        let help = match &typed.key {
            Some(_) => format!("say what holds then: `{written} ?? ...`, or ask first: `is_given({written}) && ...`"),
            None => format!("say what holds then: `({written}) ?? ...`"),
        };
        self.error(
            Code::MissingNotHandled,
            at,
            format!("`{written}` may be missing, and nothing says what then"),
            help,
        );
    }

    /// An operand whose value must be there.
    pub(crate) fn operand(&mut self, node: &Node) -> Option<Typed> {
        let typed = self.check(node)?;
        self.there(typed, node.at)
    }

    pub(crate) fn there(&mut self, typed: Typed, at: At) -> Option<Typed> {
        if typed.expr.ty.optional && self.missing == Missing::Refused {
            self.not_handled(&typed, at);
            return None;
        }
        Some(typed)
    }

    /// An operand that must be true or false.
    pub(crate) fn condition(&mut self, node: &Node) -> Option<Typed> {
        let typed = self.operand(node)?;
        if *typed.base() == Base::Bool {
            return Some(typed);
        }
        let message = format!("`{}` is {}, not true or false", self.written(node.at), article(typed.base()));
        self.error(Code::WrongType, node.at, message, "write a comparison, `x > 0` for example");
        None
    }

    /// Checks with some more names known to be there.
    pub(crate) fn knowing<T>(&mut self, names: &[String], check: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.given.len();
        self.given.extend_from_slice(names);
        let result = check(self);
        self.given.truncate(before);
        result
    }

    /// Each kind has a function of its own that is not made part of this one: what it keeps on the stack is kept once for each
    /// level of a deep expression.
    pub(crate) fn check(&mut self, node: &Node) -> Option<Typed> {
        let at = node.at;
        match &node.ast {
            Ast::Broken => None,
            Ast::Int(n) => self.constant(Value::Int(*n), Base::Int, at),
            Ast::Dec(d) => self.constant(Value::Dec(*d), Base::Number, at),
            Ast::Text(t) => self.constant(Value::Text(t.clone()), Base::Text, at),
            Ast::Bool(b) => self.constant(Value::Bool(*b), Base::Bool, at),
            Ast::Date(d) => self.constant(Value::Date(*d), Base::Date, at),
            Ast::Name(name) => self.name(name, at),
            Ast::Property(of, name) => self.property(of, name, at),
            Ast::Call(name, arguments) => self.call(name, arguments, at),
            Ast::Method(on, name, arguments) => self.method(on, name, arguments, at),
            Ast::Not(of) => self.not(of, at),
            Ast::Negate(of) => self.negate(of, at),
            Ast::Arith(op, a, b) => self.arithmetic(*op, a, b, at),
            Ast::Compare(op, a, b) => self.comparison(*op, a, b, at),
            Ast::In(a, b) => self.membership(a, b, at),
            Ast::And(a, b) => self.joined(false, a, b, at),
            Ast::Or(a, b) => self.joined(true, a, b, at),
            Ast::Coalesce(a, b) => self.coalesce(a, b, at),
            Ast::List(items) => self.list(items, at),
            Ast::If(c, a, b) => self.choice(c, a, b, at),
            Ast::Switch(subject, cases) => self.switch(subject, cases, at),
            Ast::Block(lets, value) => self.block(lets, value, at),
        }
    }

    #[inline(never)]
    fn constant(&mut self, value: Value, base: Base, at: At) -> Option<Typed> {
        Some(self.literal(value, base, at))
    }

    #[inline(never)]
    fn property(&mut self, of: &Node, name: &Word, at: At) -> Option<Typed> {
        let of_at = of.at;
        let of = self.operand(of)?;
        self.part(of, of_at, &name.text, name.at, at)
    }

    #[inline(never)]
    fn not(&mut self, of: &Node, at: At) -> Option<Typed> {
        let of = self.condition(of)?;
        let facts = of.facts.turned();
        let expr = self.expr(Kind::Not(Box::new(of.expr)), Type::of(Base::Bool), at);
        Some(Typed { facts, ..Typed::of(expr) })
    }

    #[inline(never)]
    fn arithmetic(&mut self, op: ArithOp, a: &Node, b: &Node, at: At) -> Option<Typed> {
        let (left, right) = (self.operand(a), self.operand(b));
        self.arith(op, left?, right?, (a.at, b.at), at)
    }

    #[inline(never)]
    fn comparison(&mut self, op: CompareOp, a: &Node, b: &Node, at: At) -> Option<Typed> {
        let (left, right) = (self.operand(a), self.operand(b));
        self.compare(op, left?, right?, (a, b), at)
    }

    #[inline(never)]
    fn membership(&mut self, a: &Node, b: &Node, at: At) -> Option<Typed> {
        let (left, right) = (self.operand(a), self.operand(b));
        self.within(left?, right?, (a.at, b.at), at)
    }

    /// Whether both hold, or with `or` whether one does: that is what is said of both when each is turned.
    #[inline(never)]
    fn joined(&mut self, or: bool, a: &Node, b: &Node, at: At) -> Option<Typed> {
        let turned = |facts: Facts| if or { facts.turned() } else { facts };
        let left = self.condition(a);
        let known = left.as_ref().map(|left| turned(left.facts.clone()).when_true).unwrap_or_default();
        let right = self.knowing(&known, |this| this.condition(b));
        let (left, right) = (left?, right?);
        let facts = turned(turned(left.facts).and(&turned(right.facts)));
        let (left, right) = (Box::new(left.expr), Box::new(right.expr));
        let kind = if or { Kind::Or(left, right) } else { Kind::And(left, right) };
        Some(Typed { facts, ..Typed::of(self.expr(kind, Type::of(Base::Bool), at)) })
    }
}

/// A type as people say it: `an int`, `a date`.
pub(crate) fn article(base: &Base) -> String {
    match base {
        Base::Bool => "true or false".to_owned(),
        Base::Int => "an `int`".to_owned(),
        Base::Money | Base::Days | Base::Months | Base::Text => format!("`{base}`"),
        Base::OneOf(_) => format!("`{base}`"),
        Base::OwnMoney(of) if is_currency(of) => format!("`money` in {of}"),
        Base::OwnMoney(of) => format!("`own_money` of the {}", of.replace('_', " ")),
        Base::Number | Base::Date | Base::List(_) => format!("a `{base}`"),
    }
}
