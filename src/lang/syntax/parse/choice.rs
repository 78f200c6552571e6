//! `if` and `switch`.

use super::Parser;
use crate::diag::Code;
use crate::lang::syntax::MAX_DEPTH;
use crate::lang::syntax::ast::{Ast, At, Case, Node};
use crate::lang::syntax::token::Token;

impl Parser<'_> {
    pub(super) fn choice(&mut self, start: At) -> Node {
        let mut branches = Vec::new();
        let last = loop {
            let at = self.bump();
            if self.is("{") {
                let brace = self.at();
                let help = "put the block in parentheses: `if ({ ... }) { a } else { b }`";
                self.error(Code::OutsideSubset, brace, "to Rhai a block is not a condition", help);
            }
            let condition = self.expression();
            let body = self.body("`if`");
            branches.push((at, condition, body));
            if !self.is_word("else") {
                let place = start.to(self.before());
                self.error(
                    Code::Syntax,
                    place,
                    "an `if` without `else` gives nothing when it does not hold",
                    "say what it gives then: `if c { a } else { b }`",
                );
                break self.broken(place);
            }
            self.bump();
            if !self.is_word("if") {
                break self.body("`else`");
            }
            if branches.len() > MAX_DEPTH {
                self.deep(start);
                break self.broken(start);
            }
        };
        branches.into_iter().rev().fold(last, |other, (at, condition, body)| {
            let whole = at.to(other.at).to(body.at);
            let below = [condition.depth, body.depth, other.depth];
            self.node(Ast::If(Box::new(condition), Box::new(body), Box::new(other)), whole, below)
        })
    }

    pub(super) fn switch(&mut self, start: At) -> Node {
        self.bump();
        let subject = self.expression();
        let open = self.at();
        if !self.is("{") {
            return self.body("`switch`");
        }
        self.bump();
        let mut cases = Vec::new();
        while !self.eat("}") {
            if matches!(self.peek(), Token::End) {
                self.close("}", open);
                break;
            }
            let Some(case) = self.case() else {
                self.recover();
                if !self.eat(",") && !self.is("}") {
                    self.bump();
                }
                continue;
            };
            let braced = matches!(case.gives.ast, Ast::If(..) | Ast::Switch(..) | Ast::Block(..));
            cases.push(case);
            if !self.eat(",") && !self.is("}") && !braced {
                let at = self.at();
                let shown = self.shown();
                self.error(Code::Syntax, at, format!("`,` is missing before {shown}"), "put `,` between the cases");
                self.recover();
                self.eat(",");
            }
        }
        let at = start.to(self.before());
        let below: Vec<usize> = cases
            .iter()
            .flat_map(|c| c.values.iter().map(|v| v.depth).chain([c.gives.depth]))
            .chain([subject.depth])
            .collect();
        self.node(Ast::Switch(Box::new(subject), cases), at, below)
    }

    pub(super) fn case(&mut self) -> Option<Case> {
        let start = self.at();
        let mut values = Vec::new();
        if self.is_word("_") {
            self.bump();
        } else {
            loop {
                values.push(self.unary());
                if !self.eat("|") {
                    break;
                }
            }
        }
        if self.is_word("if") {
            let at = self.at();
            self.error(
                Code::OutsideSubset,
                at,
                "a condition in a case is not part of the policy language",
                "write `if ... else if ... else`",
            );
            return None;
        }
        if matches!(self.peek(), Token::Sym(".." | "..=")) {
            let at = self.at();
            self.error(
                Code::OutsideSubset,
                at,
                "a range cannot be a case",
                "write `if a <= x && x < b { ... } else { ... }`",
            );
            return None;
        }
        self.expect("=>")?;
        let gives = self.expression();
        Some(Case { values, at: start.to(gives.at), gives })
    }
}
