//! What is left over, and how reading goes on behind it.

use super::Parser;
use crate::diag::{Code, Place};
use crate::lang::expr::CompareOp;
use crate::lang::is_currency;
use crate::lang::syntax::ast::{Ast, At, Node};
use crate::lang::syntax::token::Token;

impl Parser<'_> {
    /// What is left at the end does not belong.
    pub(crate) fn end(&mut self) {
        if matches!(self.peek(), Token::End)
            || self.comma_in_number()
            || self.comma_for_point()
            || self.unit_written_out()
            || self.known_leftover()
        {
            return;
        }
        let at = self.at();
        let shown = self.shown();
        match self.peek() {
            Token::Sym(s @ (")" | "]" | "}")) => {
                let message = format!("`{s}` closes nothing");
                self.error(Code::Syntax, at, message, "take it out, or open it before");
            }
            Token::Sym(_) => {
                let help = "take it out, or finish what stands before it";
                self.error(Code::Syntax, at, format!("{shown} is not expected here"), help);
            }
            _ => self.error(
                Code::Syntax,
                at,
                format!("an operator is missing before {shown}"),
                "put an operator between the two, or quote a text: `\"...\"`",
            ),
        }
    }

    /// What Rhai or another language would let stand behind a value, and ours does not.
    pub(super) fn known_leftover(&mut self) -> bool {
        let at = self.at();
        let shown = self.shown();
        let (message, help) = match self.peek() {
            Token::Sym(".." | "..=" | "...") => {
                self.range(at);
                return true;
            }
            Token::Sym(":" | "::") => {
                ("`:` is not part of an expression".to_owned(), "write `if c { a } else { b }` for a choice of two")
            }
            Token::Sym("?") => (
                "`?` is not an operator".to_owned(),
                "write `if c { a } else { b }` for a choice of two, or `x ?? y` for a missing value",
            ),
            Token::Sym("+=" | "-=" | "*=" | "/=" | "%=" | "**=" | "<<=" | ">>=" | "++" | "--") => (
                format!("{shown} changes a value, which an expression cannot do"),
                "write `let y = x + 1;` and use `y`",
            ),
            _ => return false,
        };
        self.error(Code::OutsideSubset, at, message, help);
        true
    }

    pub(super) fn range(&mut self, at: At) {
        self.error(
            Code::OutsideSubset,
            at,
            "a range cannot stand in an expression",
            "write `a <= x && x < b`; in the cell of a table `[a..b)`",
        );
    }

    /// `1,000`, where no comma can be.
    pub(crate) fn comma_in_number(&mut self) -> bool {
        let start = self.before();
        let mut end = start;
        let mut at = self.next;
        let group = |this: &Self, at: usize, end: usize| {
            let comma = this.tokens.get(at).filter(|l| l.token == Token::Sym(",") && l.at.start == end)?;
            let digits = this.tokens.get(at + 1).filter(|l| l.at.start == comma.at.end)?;
            let text = this.source.text.get(digits.at.start..digits.at.end)?;
            let first = text.split('.').next().unwrap_or("");
            (first.len() == 3 && text.bytes().all(|b| b.is_ascii_digit() || b == b'.')).then_some(digits.at)
        };
        let number = self.source.text.get(start.start..start.end).unwrap_or("");
        if number.is_empty() || number.len() > 3 || !number.bytes().all(|b| b.is_ascii_digit()) {
            return false;
        }
        while let Some(digits) = group(self, at, end.end) {
            end = digits;
            at += 2;
        }
        if at == self.next {
            return false;
        }
        self.next = at;
        let written = self.source.text.get(start.start..end.end).unwrap_or("").to_owned();
        self.forget_inside(start.to(end));
        self.error(
            Code::Syntax,
            start.to(end),
            format!("`{written}` has commas between its thousands"),
            format!("write `{}`", written.replace([',', '，'], "")),
        );
        true
    }

    /// `15,00` and `5.000,00`, where no comma can be.
    fn comma_for_point(&mut self) -> bool {
        let (before, text) = (self.before(), self.source.text.as_str());
        let is_number = |c: char| c.is_ascii_digit() || ".,，".contains(c);
        let rest = text.get(before.start..).unwrap_or("");
        let written = rest.split(|c| !is_number(c)).next().unwrap_or("").trim_end_matches(['.', ',', '，']);
        let plain = written.replace('，', ",");
        let sign = if rest.get(written.len()..).unwrap_or("").starts_with('%') { "%" } else { "" };
        let at = At { start: before.start, end: before.start + written.len() + sign.len() };
        if at.end <= before.end || !plain.starts_with(|c: char| c.is_ascii_digit()) || !plain.contains(',') {
            return false;
        }
        let number = match plain.rsplit_once(',') {
            Some((whole, cents)) if !whole.contains(',') && !cents.contains('.') => {
                format!("{}.{cents}", whole.replace('.', ""))
            }
            _ => plain.replace(',', ""),
        };
        self.forget_inside(at);
        self.error(Code::Syntax, at, format!("`{written}{sign}` has a comma in it"), format!("write `{number}{sign}`"));
        while self.at().start < at.end && !matches!(self.peek(), Token::End) {
            self.bump();
        }
        true
    }

    /// What was told of parts of a number, such as its full-width comma: the number as a whole says more.
    fn forget_inside(&mut self, at: At) {
        let whole = self.source.place(at.start, at.end).span;
        let inside = |place: &Place| whole.start <= place.span.start && place.span.end <= whole.end;
        self.found.retain(|told| !told.place.as_ref().is_some_and(inside));
    }

    /// `5.00 EUR`, `EUR 5.00`, `10 days`: a unit beside a number, where the place says it.
    fn unit_written_out(&mut self) -> bool {
        let (before, at) = (self.before(), self.at());
        let source = self.source;
        let of = |at: At| source.text.get(at.start..at.end).unwrap_or("");
        let is_number = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        let (number, unit) = match (of(before), of(at)) {
            (number, unit) if is_number(number) => (number, unit),
            (unit, number) if is_number(number) => (number, unit),
            _ => return false,
        };
        let (what, help) = if is_currency(unit) {
            ("currency", "amounts are in the policy's currency")
        } else if ["day", "days", "month", "months", "天", "日", "个月"].contains(&unit) {
            ("unit", "the place says what it counts")
        } else {
            return false;
        };
        let message = format!("`{}` names its {what}", of(before.to(at)));
        self.error(Code::Syntax, before.to(at), message, format!("leave `{unit}` out and write `{number}`: {help}"));
        true
    }

    /// Skips to where reading can go on: a closing bracket, a comma or a semicolon of this level.
    pub(super) fn recover(&mut self) {
        let mut open = 0usize;
        loop {
            match self.peek() {
                Token::End => return,
                Token::Sym("(" | "[" | "{" | "#{" | "?[") => open += 1,
                Token::Sym(")" | "]" | "}") if open == 0 => return,
                Token::Sym(")" | "]" | "}") => open -= 1,
                Token::Sym("," | ";") if open == 0 => return,
                _ => {}
            }
            self.bump();
        }
    }

    pub(super) fn recover_group(&mut self) {
        self.bump();
        loop {
            self.recover();
            if !(self.eat(",") || self.eat(";")) {
                break;
            }
        }
        self.bump();
    }

    /// Skips the rest of a dotted name and its arguments.
    pub(super) fn recover_name(&mut self) {
        while self.is(".") {
            self.bump();
            if matches!(self.peek(), Token::Word(_)) {
                self.bump();
            }
        }
        if self.is("(") {
            self.arguments();
        }
    }

    pub(super) fn misplaced(&mut self, symbol: &'static str, at: At) -> Node {
        match symbol {
            ")" | "]" | "}" | "," | ";" => {
                let message = format!("a value is missing before `{symbol}`");
                self.error(Code::Syntax, at, message, "write the value, or take out what waits for it");
                return self.broken(at);
            }
            "#{" => {
                self.error(
                    Code::OutsideSubset,
                    at,
                    "a map is not part of the policy language",
                    "write the values as facts or parameters with names of their own",
                );
                self.recover_group();
                return self.broken(at);
            }
            "|" | "||" => self.error(
                Code::OutsideSubset,
                at,
                "a function without a name is not part of the policy language",
                "write a `fn` in a script and name it under `functions:`",
            ),
            ".." | "..=" | "..." => self.range(at),
            "." if matches!(self.peek_after(), Token::Int(_)) => {
                self.error(Code::Syntax, at, "a number begins with a digit", "write `0.5`, not `.5`");
                self.bump();
                let whole = at.to(self.bump());
                return self.broken(whole);
            }
            "=>" => {
                self.error(Code::Syntax, at, "`=>` is not a comparison", "write `>=`, with a value before it");
            }
            _ => {
                let message = format!("a value is missing before `{symbol}`");
                self.error(Code::Syntax, at, message, "write the value it works on");
                self.bump();
                return self.unary();
            }
        }
        self.bump();
        self.recover();
        self.broken(at)
    }

    /// Operators of Rhai or of other languages: reported, and read as what was meant where that is clear.
    pub(super) fn not_ours(&mut self, symbol: &str, at: At, left: Box<Node>, right: Box<Node>) -> Ast {
        let (code, message, help, meant) = match symbol {
            "=" => (
                Code::Syntax,
                "a single `=` does not compare",
                "write `==`",
                Ast::Compare(CompareOp::Equal, left, right),
            ),
            "=>" => (
                Code::Syntax,
                "`=>` is not a comparison",
                "write `>=`",
                Ast::Compare(CompareOp::GreaterOrEqual, left, right),
            ),
            "&" => (Code::Syntax, "a single `&` is not an operator", "write `&&`", Ast::And(left, right)),
            "|" => (Code::Syntax, "a single `|` is not an operator", "write `||`", Ast::Or(left, right)),
            "**" => (
                Code::OutsideSubset,
                "`**` is not part of the policy language: to Rhai `-2 ** 2` is 4",
                "multiply instead: `x * x`",
                Ast::Broken,
            ),
            "%" => (
                Code::OutsideSubset,
                "`%` is not an operator of the policy language",
                "write a percentage as a decimal: 5% is `0.05`",
                Ast::Broken,
            ),
            _ => (
                Code::OutsideSubset,
                "this operator works on bits and is not part of the policy language",
                "write `+ - * /`, a comparison, `&&` or `||`",
                Ast::Broken,
            ),
        };
        self.error(code, at, message, help);
        meant
    }

    /// `max(1,000, x)`: a group `000` is never a value of its own.
    pub(crate) fn thousands(&mut self, items: &[Node]) -> bool {
        let zeros =
            self.tokens.get(self.next + 1).is_some_and(|l| self.source.text.get(l.at.start..l.at.end) == Some("000"));
        zeros && matches!(items.last(), Some(Node { ast: Ast::Int(_), .. })) && self.comma_in_number() && {
            self.eat(",");
            true
        }
    }

    /// Whether `name =` begins a statement rather than a slip for `==`.
    pub(super) fn assigns(&self, left: &Node) -> bool {
        matches!(left.ast, Ast::Name(_))
            && self.tokens.get(self.next..).unwrap_or(&[]).iter().any(|l| l.token == Token::Sym(";"))
    }
}
