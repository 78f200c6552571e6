//! `let` bindings, blocks and names.

use super::Parser;
use crate::diag::Code;
use crate::lang::syntax::ast::{Ast, At, Node, Word};
use crate::lang::syntax::token::Token;
use crate::lang::syntax::words::is_reserved;

impl Parser<'_> {
    /// `let a = …; … value`, up to `}` when inside a block, else up to the end.
    pub(super) fn statements(&mut self, start: At, inside: bool) -> Node {
        let mut lets = Vec::new();
        let mut value = None;
        let mut failed = false;
        loop {
            if matches!(self.peek(), Token::End) || inside && self.is("}") {
                break;
            }
            if self.is_word("let") {
                match self.binding() {
                    Some(binding) => lets.push(binding),
                    None => {
                        failed = true;
                        self.recover();
                    }
                }
                if self.eat(";") {
                    continue;
                }
                if !failed {
                    let at = self.at();
                    let found = self.shown();
                    let message = format!("`;` is missing before {found}");
                    self.error(Code::Syntax, at, message, "end a `let` with `;`");
                    failed = true;
                }
                break;
            }
            let node = self.expression();
            let at = node.at;
            value = Some(node);
            if self.is("=") {
                let place = self.bump();
                self.error(Code::OutsideSubset, place, "a value cannot be assigned", "to compare, write `==`");
                self.expression();
                failed = true;
            }
            if !self.eat(";") {
                break;
            }
            if matches!(self.peek(), Token::End) || inside && self.is("}") {
                self.error(
                    Code::Syntax,
                    at.to(self.before()),
                    "a `;` behind the last value makes nothing of it",
                    "take the `;` out",
                );
            } else if !failed {
                let help = "give it a name with `let x = ...;`, or take it out";
                self.error(Code::OutsideSubset, at, "this value is not used", help);
            }
        }
        let at = start.to(self.before());
        let value = match value {
            Some(value) if lets.is_empty() && !failed => return value,
            Some(value) if !failed => value,
            _ if failed => self.broken(at),
            _ => {
                self.error(Code::Syntax, at, "a value is missing at the end", "end with the value: `let x = a; x + 1`");
                self.broken(at)
            }
        };
        let height = |lets: &[(Word, Node)], value: &Node| {
            lets.iter().map(|(_, n)| n.depth).chain([value.depth]).max().unwrap_or(0) + lets.len()
        };
        let depth = height(&lets, &value);
        self.node(Ast::Block(lets, Box::new(value)), at, [depth])
    }

    pub(super) fn binding(&mut self) -> Option<(Word, Node)> {
        self.bump();
        let name = self.name("a `let`")?;
        if self.is("==") {
            let at = self.bump();
            self.error(Code::Syntax, at, "`let` takes a single `=`", "write `let x = ...;`");
        } else {
            self.expect("=")?;
        }
        let value = self.expression();
        Some((name, value))
    }

    pub(super) fn name(&mut self, of: &str) -> Option<Word> {
        let at = self.at();
        let Token::Word(word) = self.peek() else {
            let found = self.shown();
            self.error(Code::Syntax, at, format!("the name of {of} is missing before {found}"), "write a name");
            return None;
        };
        let text = word.clone();
        self.bump();
        self.may_be_a_name(&text, at).then_some(Word { text, at })
    }

    pub(super) fn may_be_a_name(&mut self, word: &str, at: At) -> bool {
        let help = if is_reserved(word) {
            self.error(
                Code::BadId,
                at,
                format!("`{word}` is a word of Rhai and cannot be a name"),
                format!("write another name, `{}_` for example", word.trim_matches('_')),
            );
            return false;
        } else if word.starts_with('_') {
            "begin it with a letter"
        } else {
            return true;
        };
        self.error(Code::BadId, at, format!("`{word}` is not a name"), help);
        false
    }

    pub(super) fn block(&mut self) -> Node {
        let open = self.bump();
        let node = self.statements(open, true);
        let depth = node.depth;
        self.close("}", open);
        let at = open.to(self.before());
        match node.ast {
            Ast::Block(..) => self.node(node.ast, at, []).with_depth(depth),
            _ => self.node(Ast::Block(Vec::new(), Box::new(node)), at, [depth]),
        }
    }

    pub(super) fn body(&mut self, of: &str) -> Node {
        if self.is("{") {
            return self.block();
        }
        let at = self.at();
        let shown = self.shown();
        self.error(
            Code::Syntax,
            at,
            format!("`{{` is missing before {shown}"),
            format!("put what {of} gives in braces: `{{ ... }}`"),
        );
        self.recover();
        self.broken(at)
    }
}
