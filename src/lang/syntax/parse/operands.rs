//! Operands: literals, names, calls, lists, groups.

use super::Parser;
use super::outside;
use crate::diag::Code;
use crate::lang::syntax::ast::{Ast, At, Node, Word};
use crate::lang::syntax::token::Token;

impl Parser<'_> {
    pub(super) fn postfix(&mut self, mut node: Node) -> Node {
        loop {
            if self.is(".") {
                let dot = self.bump();
                let Some(name) = self.name_after_dot(dot) else { return self.broken(node.at) };
                let depth = node.depth;
                if self.is("(") {
                    let (arguments, close) = self.arguments();
                    let below: Vec<usize> = arguments.iter().map(|a| a.depth).chain([depth]).collect();
                    let at = node.at.to(close);
                    node = self.node(Ast::Method(Box::new(node), name, arguments), at, below);
                } else {
                    let at = node.at.to(name.at);
                    node = self.node(Ast::Property(Box::new(node), name), at, [depth]);
                }
            } else if self.is("[") || self.is("?[") {
                let at = self.bump();
                self.error(
                    Code::OutsideSubset,
                    at,
                    "an item of a list cannot be taken by its place",
                    "write a comparison or `x in [...]`",
                );
                self.recover();
                self.eat("]");
                node = self.broken(node.at);
            } else if self.is("(") && !matches!(node.ast, Ast::Broken) && self.before().end == self.at().start {
                let at = self.at();
                self.error(Code::Syntax, at, "only a function can be called", "put an operator before `(`");
                self.recover_group();
                node = self.broken(node.at);
            } else {
                return node;
            }
        }
    }

    pub(super) fn name_after_dot(&mut self, dot: At) -> Option<Word> {
        let at = self.at();
        match self.peek() {
            Token::Word(word) => {
                let text = word.clone();
                self.bump();
                self.may_be_a_name(&text, at).then_some(Word { text, at })
            }
            Token::Broken => {
                self.bump();
                None
            }
            _ => {
                self.error(Code::Syntax, dot, "a name is missing behind `.`", "write the name, or take the `.` out");
                None
            }
        }
    }

    pub(super) fn primary(&mut self) -> Node {
        let at = self.at();
        let ast = match self.peek().clone() {
            Token::Int(n) => Ast::Int(n),
            Token::Dec(d) => Ast::Dec(d),
            Token::Text(t) => Ast::Text(t),
            Token::Date(d) => Ast::Date(d),
            Token::Broken => Ast::Broken,
            Token::Word(word) => return self.word(&word, at),
            Token::Sym("(") => return self.group(at),
            Token::Sym("[") => return self.list(at),
            Token::Sym("{") => return self.block(),
            Token::Sym(symbol) => return self.misplaced(symbol, at),
            Token::End => {
                self.error(
                    Code::Syntax,
                    at,
                    "a value is missing at the end",
                    "write the value the expression ends with",
                );
                return self.broken(at);
            }
        };
        self.bump();
        self.node(ast, at, [])
    }

    pub(super) fn group(&mut self, open: At) -> Node {
        self.bump();
        if self.is(")") {
            let at = open.to(self.bump());
            self.error(
                Code::Syntax,
                at,
                "nothing stands between `(` and `)`",
                "write a value; a missing one is met with `x ?? y`",
            );
            return self.broken(at);
        }
        let inner = self.expression();
        self.close(")", open);
        let at = open.to(self.before());
        let depth = inner.depth;
        self.node(inner.ast, at, []).with_depth(depth)
    }

    /// The closing bracket, or an error and a place to go on from.
    pub(super) fn close(&mut self, symbol: &'static str, open: At) {
        if self.eat(symbol) {
            return;
        }
        if self.comma_in_number() {
            self.recover();
            self.eat(symbol);
            return;
        }
        if self.known_leftover() {
            // Reported.
        } else if matches!(self.peek(), Token::End) {
            let opened = self.source.text.get(open.start..open.end).unwrap_or("").to_owned();
            self.error(Code::Syntax, open, format!("`{opened}` is never closed"), format!("close it with `{symbol}`"));
        } else {
            let at = self.at();
            let shown = self.shown();
            self.error(
                Code::Syntax,
                at,
                format!("`{symbol}` or an operator is missing before {shown}"),
                format!("put an operator or `{symbol}` there"),
            );
        }
        self.recover();
        while symbol == "}" && (self.eat(";") || self.eat(",")) {
            self.recover();
        }
        self.eat(symbol);
    }

    pub(super) fn list(&mut self, open: At) -> Node {
        self.bump();
        let items = self.items("]", open);
        let at = open.to(self.before());
        let below: Vec<usize> = items.iter().map(|i| i.depth).collect();
        self.node(Ast::List(items), at, below)
    }

    pub(super) fn arguments(&mut self) -> (Vec<Node>, At) {
        let open = self.bump();
        let items = self.items(")", open);
        (items, self.before())
    }

    pub(super) fn items(&mut self, symbol: &'static str, open: At) -> Vec<Node> {
        let mut items = Vec::new();
        while !self.eat(symbol) {
            if matches!(self.peek(), Token::End) {
                self.close(symbol, open);
                break;
            }
            items.push(self.expression());
            if self.thousands(&items) {
                continue;
            }
            if !self.eat(",") {
                self.close(symbol, open);
                break;
            }
        }
        items
    }

    pub(super) fn word(&mut self, word: &str, at: At) -> Node {
        match word {
            "true" | "false" => {
                self.bump();
                self.node(Ast::Bool(word == "true"), at, [])
            }
            "if" => self.choice(at),
            "switch" => self.switch(at),
            "let" => {
                self.error(
                    Code::OutsideSubset,
                    at,
                    "`let` cannot stand inside an expression",
                    "put it first, or in braces: `{ let x = a; x + 1 }`",
                );
                self.recover();
                self.broken(at)
            }
            "else" | "in" => {
                self.error(
                    Code::Syntax,
                    at,
                    format!("`{word}` has nothing before it"),
                    "write what it belongs to before it",
                );
                self.bump();
                self.recover();
                self.broken(at)
            }
            _ => match outside(word) {
                Some(help) => {
                    self.error(Code::OutsideSubset, at, format!("`{word}` is not part of the policy language"), help);
                    self.bump();
                    self.recover();
                    self.broken(at)
                }
                None => self.dotted(at),
            },
        }
    }

    /// `a.b.c`, or `a.b(…)`.
    pub(super) fn dotted(&mut self, start: At) -> Node {
        let mut name = String::new();
        let mut whole = start;
        loop {
            let at = self.at();
            let Token::Word(word) = self.peek() else { break };
            let word = word.clone();
            self.bump();
            whole = whole.to(at);
            if !self.may_be_a_name(&word, at) {
                self.recover_name();
                return self.broken(whole);
            }
            name.push_str(&word);
            if !self.is(".") {
                break;
            }
            if !matches!(self.peek_after(), Token::Word(_)) {
                let dot = self.bump();
                self.name_after_dot(dot);
                self.recover_name();
                return self.broken(whole);
            }
            self.bump();
            name.push('.');
        }
        if self.is("(") {
            let (arguments, close) = self.arguments();
            let below: Vec<usize> = arguments.iter().map(|a| a.depth).collect();
            return self.node(Ast::Call(Word { text: name, at: whole }, arguments), whole.to(close), below);
        }
        self.node(Ast::Name(name), whole, [])
    }
}
