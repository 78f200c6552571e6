//! Operators, by how strongly they bind.

use super::Parser;
use super::{IN, strength};
use crate::diag::Code;
use crate::lang::expr::{ArithOp, CompareOp};
use crate::lang::syntax::MAX_DEPTH;
use crate::lang::syntax::ast::{Ast, At, Node};
use crate::lang::syntax::token::Token;

impl Parser<'_> {
    pub(crate) fn expression(&mut self) -> Node {
        self.binary(0)
    }

    /// An expression without comparisons, `&&` and `||`: what a cell compares with.
    pub(crate) fn arithmetic(&mut self) -> Node {
        self.binary(130)
    }

    pub(super) fn binary(&mut self, weakest: u8) -> Node {
        let mut left = self.unary();
        loop {
            let at = self.at();
            let (symbol, strength) = match self.peek() {
                Token::Word(word) if word == "in" => ("in", IN),
                Token::Sym(symbol) => match strength(symbol) {
                    Some(strength) => (*symbol, strength),
                    None => return left,
                },
                _ => return left,
            };
            if strength <= weakest {
                return left;
            }
            if symbol == "=" && weakest == 0 && self.assigns(&left) {
                return left;
            }
            self.bump();
            if self.too_deep {
                return left;
            }
            let right = self.binary(strength);
            if symbol == "in" && self.is("..") {
                let at = self.bump();
                self.range(at);
                self.recover();
                return self.broken(at);
            }
            left = self.combine(symbol, at, left, right);
        }
    }

    pub(super) fn combine(&mut self, symbol: &'static str, op: At, left: Node, right: Node) -> Node {
        use {ArithOp as A, CompareOp as C};
        let at = left.at.to(right.at);
        let depths = [left.depth, right.depth];
        let ends_in_brace = matches!(left.ast, Ast::If(..) | Ast::Switch(..) | Ast::Block(..))
            && self.source.text.get(..left.at.end).is_some_and(|t| t.ends_with('}'));
        if ends_in_brace {
            self.error(
                Code::OutsideSubset,
                op,
                format!("Rhai would not read `{symbol}` behind `}}` as an operator"),
                "put what stands before it in parentheses: `(if c { a } else { b }) + x`",
            );
        }
        let (left, right) = (Box::new(left), Box::new(right));
        let arith = |op| move |l, r| Ast::Arith(op, l, r);
        let compare = |op| move |l, r| Ast::Compare(op, l, r);
        let ast = match symbol {
            "+" => arith(A::Add)(left, right),
            "-" => arith(A::Subtract)(left, right),
            "*" => arith(A::Multiply)(left, right),
            "/" => arith(A::Divide)(left, right),
            "==" => compare(C::Equal)(left, right),
            "!=" => compare(C::NotEqual)(left, right),
            "<" => compare(C::Less)(left, right),
            "<=" => compare(C::LessOrEqual)(left, right),
            ">" => compare(C::Greater)(left, right),
            ">=" => compare(C::GreaterOrEqual)(left, right),
            "&&" => Ast::And(left, right),
            "||" => Ast::Or(left, right),
            "??" => Ast::Coalesce(left, right),
            "in" => Ast::In(left, right),
            other => self.not_ours(other, op, left, right),
        };
        self.node(ast, at, depths)
    }

    pub(super) fn unary(&mut self) -> Node {
        self.nesting += 1;
        let node = if self.nesting > MAX_DEPTH {
            let at = self.at();
            self.deep(at);
            self.broken(at)
        } else {
            self.unary_inner()
        };
        self.nesting -= 1;
        node
    }

    pub(super) fn unary_inner(&mut self) -> Node {
        let at = self.at();
        if self.eat("!") {
            let of = self.unary();
            let (whole, depth) = (at.to(of.at), of.depth);
            return self.node(Ast::Not(Box::new(of)), whole, [depth]);
        }
        if self.eat("-") {
            let of = self.unary();
            let (whole, depth) = (at.to(of.at), of.depth);
            let ast = match of.ast {
                Ast::Int(n) => Ast::Int(n.saturating_neg()),
                Ast::Dec(d) => Ast::Dec(-d),
                _ => return self.node(Ast::Negate(Box::new(of)), whole, [depth]),
            };
            return self.node(ast, whole, []);
        }
        if self.eat("+") {
            self.error(Code::OutsideSubset, at, "a `+` before a value does nothing", "take it out");
            return self.unary();
        }
        let primary = self.primary();
        self.postfix(primary)
    }
}
