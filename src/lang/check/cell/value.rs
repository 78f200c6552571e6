//! Cells over numbers, dates and truth: comparisons, intervals, lists.

use super::{Asked, Test, short};
use crate::diag::{Code, Diagnostic, SourceText};
use crate::lang::check::checker::{Checker, article};
use crate::lang::check::{Missing, Names};
use crate::lang::expr::{ArithOp, CompareOp, Expr, Kind};
use crate::lang::functions;
use crate::lang::syntax::ast::{Ast, At, Node};
use crate::lang::syntax::parse::Parser;
use crate::lang::syntax::token::{self, Token};
use crate::lang::types::{Base, Type};
use crate::lang::value::Value;

pub(super) const OPERATORS: [(&str, CompareOp); 6] = [
    ("==", CompareOp::Equal),
    ("!=", CompareOp::NotEqual),
    ("<=", CompareOp::LessOrEqual),
    (">=", CompareOp::GreaterOrEqual),
    ("<", CompareOp::Less),
    (">", CompareOp::Greater),
];

/// A test as read, before types.
#[derive(Debug)]
pub(super) enum Read {
    Any,
    Missing(At),
    Is(Node),
    Compare(CompareOp, Node, At),
    /// Lower end and whether it counts, upper end and whether it counts.
    Interval((Node, bool), (Node, bool), At),
    List(Vec<Read>),
    Broken,
}

impl Asked<'_> {
    pub(super) fn read_value(&self, text: &SourceText, names: &mut dyn Names) -> Option<Test> {
        let (read, found) = match short::read(&text.text) {
            Some(read) => (read, Vec::new()),
            None => tokens(text),
        };
        let mut checker = Checker::new(text, names, Missing::Refused, found);
        let whole = At { start: 0, end: text.text.len() };
        if text.text.contains('%') && !matches!(self.base(), Base::Number) {
            let message = format!("`{}` is a share, and the value is {}", text.text, article(self.base()));
            checker.error(Code::WrongType, whole, message, "write the value without `%`");
        }
        let test = self.test(read, &mut checker);
        checker.finish(test)
    }

    fn test(&self, read: Read, checker: &mut Checker<'_>) -> Option<Test> {
        Some(match read {
            Read::Broken => return None,
            Read::Any => Test::Any,
            Read::Missing(_) if self.subject.ty.optional => Test::Missing,
            Read::Missing(at) => {
                let help = "take `missing` out, or declare the value `optional`";
                checker.error(Code::WrongType, at, "this value is never missing", help);
                return None;
            }
            Read::Is(node) => Test::Value(self.operand(&node, checker)?),
            Read::Compare(op, node, at) => {
                let value = self.operand(&node, checker)?;
                if !matches!(op, CompareOp::Equal | CompareOp::NotEqual) && !self.ordered(checker, at) {
                    return None;
                }
                Test::Holds(self.compare(op, value, checker, at))
            }
            Read::Interval(lower, upper, at) => return self.interval(lower, upper, at, checker),
            Read::List(all) => {
                let all: Vec<Option<Test>> = all.into_iter().map(|read| self.test(read, checker)).collect();
                Test::AnyOf(all.into_iter().collect::<Option<_>>()?)
            }
        })
    }

    fn interval(&self, lower: (Node, bool), upper: (Node, bool), at: At, checker: &mut Checker<'_>) -> Option<Test> {
        let (least, most) = (self.operand(&lower.0, checker), self.operand(&upper.0, checker));
        let (least, most) = (least?, most?);
        if !self.ordered(checker, at) {
            return None;
        }
        if let (Some(a), Some(b)) = (constant(&least), constant(&most))
            && functions::compare(&a, &b).is_none_or(std::cmp::Ordering::is_ge)
        {
            let message = format!("the interval `{}` holds nothing, or a single value", checker.written(at));
            checker.error(Code::WrongShape, at, message, "put the smaller end first; a single value is written alone");
            return None;
        }
        let from = if lower.1 { CompareOp::GreaterOrEqual } else { CompareOp::Greater };
        let to = if upper.1 { CompareOp::LessOrEqual } else { CompareOp::Less };
        let from = self.compare(from, least, checker, at);
        let to = self.compare(to, most, checker, at);
        let kind = Kind::And(Box::new(from), Box::new(to));
        Some(Test::Holds(checker.expr(kind, Type::of(Base::Bool), at)))
    }

    fn compare(&self, op: CompareOp, value: Expr, checker: &Checker<'_>, at: At) -> Expr {
        let kind = Kind::Compare(op, Box::new(self.there.clone()), Box::new(value));
        checker.expr(kind, Type::of(Base::Bool), at)
    }

    fn ordered(&self, checker: &mut Checker<'_>, at: At) -> bool {
        if self.base().is_ordered() {
            return true;
        }
        let message = format!("{} has no order: `{}`", article(self.base()), checker.written(at));
        checker.error(Code::WrongType, at, message, "write the value itself, or a list of values");
        false
    }

    fn operand(&self, node: &Node, checker: &mut Checker<'_>) -> Option<Expr> {
        if let Ast::Arith(ArithOp::Subtract, a, b) = &node.ast
            && let (Ast::Int(_), Ast::Int(_)) = (&a.ast, &b.ast)
        {
            let written = checker.written(node.at).to_owned();
            let (from, to) = (checker.written(a.at).to_owned(), checker.written(b.at).to_owned());
            let message = format!("`{written}` would be a subtraction, not an interval");
            checker.error(Code::Syntax, node.at, message, format!("write `[{from}..{to}]`"));
            return None;
        }
        let typed = checker.operand(node)?;
        Some(checker.coerce(typed, self.base(), node.at)?.expr)
    }
}

/// Reads a cell token by token, and what is wrong with it.
pub(super) fn tokens(text: &SourceText) -> (Read, Vec<Diagnostic>) {
    let (tokens, found) = token::cell_tokens(text);
    let mut parser = Parser::new(text, tokens, found);
    let read = parser.tests();
    (read, parser.found)
}

/// The value, where it is known at load.
fn constant(expr: &Expr) -> Option<Value> {
    match &expr.kind {
        Kind::Lit(value) => Some(value.clone()),
        Kind::ToDecimal(of) => constant(of),
        _ => None,
    }
}

impl Parser<'_> {
    /// The tests of a cell; several mean any of them.
    fn tests(&mut self) -> Read {
        let mut all = vec![self.test()];
        while !self.comma_in_number() && self.eat(",") {
            all.push(self.test());
        }
        self.cell_end();
        if all.len() > 1 { Read::List(all) } else { all.pop().unwrap_or(Read::Broken) }
    }

    fn test(&mut self) -> Read {
        let start = self.at();
        for (word, read) in [("any", Read::Any), ("missing", Read::Missing(start))] {
            if self.is_word(word) && !matches!(self.peek_after(), Token::Sym("." | "(")) {
                self.bump();
                return read;
            }
        }
        if self.is("=") {
            self.bump();
            self.error(Code::Syntax, start, "a single `=` does not compare", "write the value alone, or `==`");
            return Read::Is(self.arithmetic());
        }
        if self.is("=>") {
            self.bump();
            self.error(Code::Syntax, start, "`=>` is not a comparison", "write `>=`");
            return Read::Compare(CompareOp::GreaterOrEqual, self.arithmetic(), start);
        }
        if let Some((_, op)) = OPERATORS.iter().find(|(symbol, _)| self.is(symbol)) {
            self.bump();
            let node = self.arithmetic();
            let at = start.to(node.at);
            return Read::Compare(*op, node, at);
        }
        if self.is("[") || self.is("(") {
            let interval = self.interval_or_list(start);
            if let Some(read) = interval {
                return read;
            }
        }
        if self.is("]") {
            self.error(
                Code::Syntax,
                start,
                "an interval begins with `[` or `(`",
                "write `(a..b)` where an end does not count",
            );
            return Read::Broken;
        }
        let node = self.arithmetic();
        Read::Is(node)
    }

    /// `[a..b)` or `[a, b]`; none when the bracket only groups.
    fn interval_or_list(&mut self, start: At) -> Option<Read> {
        let mark = self.mark();
        let closed = self.is("[");
        self.bump();
        if self.is("..") {
            let at = self.bump();
            self.error(Code::Syntax, at, "an interval has two ends", "write `<= b` or `< b` for one end only");
            self.drain();
            return Some(Read::Broken);
        }
        let lower = self.arithmetic();
        if self.is("..") || self.is("..=") || self.is("...") {
            let dots = self.at();
            if !self.is("..") {
                self.error(Code::Syntax, dots, "the ends of an interval stand around `..`", "write `[a..b]`");
            }
            self.bump();
            if self.is(")") || self.is("]") {
                self.error(Code::Syntax, dots, "an interval has two ends", "write `>= a` or `> a` for one end only");
                self.bump();
                return Some(Read::Broken);
            }
            let upper = self.arithmetic();
            let inclusive = self.is("]");
            if !inclusive && !self.is(")") {
                let at = start.to(self.at());
                self.error(
                    Code::Syntax,
                    at,
                    "the interval is never closed",
                    "close it with `)`, or with `]` to count its end",
                );
                self.drain();
                return Some(Read::Broken);
            }
            let at = start.to(self.bump());
            return Some(Read::Interval((lower, closed), (upper, inclusive), at));
        }
        self.reset(mark);
        if !closed {
            return None;
        }
        let open = self.bump();
        let mut all = Vec::new();
        while !self.eat("]") {
            if matches!(self.peek(), Token::End) {
                self.error(Code::Syntax, open, "`[` is never closed", "close it with `]`");
                return Some(Read::Broken);
            }
            all.push(self.test());
            if !self.eat(",") && !self.is("]") && !matches!(self.peek(), Token::End) {
                self.cell_end();
                self.drain();
                return Some(Read::Broken);
            }
        }
        if all.is_empty() {
            self.error(Code::Syntax, open, "the list holds nothing", "write `any`, or leave the column out of the row");
            return Some(Read::Broken);
        }
        Some(Read::List(all))
    }

    fn cell_end(&mut self) {
        let at = self.at();
        let (message, help) = match self.peek() {
            Token::Sym("..") => {
                ("an interval stands in brackets", "write `[a..b]`, or `[a..b)` where the end does not count")
            }
            Token::Sym("~") => ("`~` does not make an interval", "write `[a..b]`"),
            Token::Sym("&&" | "&") => ("a cell cannot hold `&&`", "write an interval `[a..b)`, or use `when:`"),
            Token::Sym("||" | "|") => ("a cell cannot hold `||`", "write a list `[a, b]`, or use `when:`"),
            Token::Sym("<" | "<=" | ">" | ">=" | "==" | "!=") => (
                "the comparison begins the cell: the value it is asked of is not written",
                "write `> 30`, or use `when:`",
            ),
            _ => {
                self.end();
                return;
            }
        };
        self.error(Code::Syntax, at, message, help);
    }
}
