//! Tokens → syntax tree, with Rhai's own precedence. All errors are found: what cannot be read becomes [`Ast::Broken`].

use super::MAX_DEPTH;
use super::ast::{Ast, At, Case, Fun, Node, Word};
use super::token::{Lexeme, Token};
use super::words::is_reserved;
use crate::diag::{Code, Diagnostic, SourceText};
use crate::lang::expr::{ArithOp, CompareOp};

/// Reads tokens.
pub(crate) struct Parser<'a> {
    source: &'a SourceText,
    tokens: Vec<Lexeme>,
    next: usize,
    nesting: usize,
    too_deep: bool,
    pub(crate) found: Vec<Diagnostic>,
}

/// How strongly an operator binds, as in Rhai; all bind to the left.
fn strength(symbol: &str) -> Option<u8> {
    Some(match symbol {
        "||" | "|" | "^" => 30,
        "&&" | "&" => 60,
        "==" | "!=" | "=" => 90,
        "<" | "<=" | ">" | ">=" | "=>" => 130,
        "??" => 135,
        "+" | "-" => 150,
        "*" | "/" | "%" => 180,
        "**" => 190,
        "<<" | ">>" => 210,
        _ => return None,
    })
}

const IN: u8 = 110;

impl<'a> Parser<'a> {
    pub(crate) fn new(source: &'a SourceText, tokens: Vec<Lexeme>, found: Vec<Diagnostic>) -> Self {
        Self { source, tokens, next: 0, nesting: 0, too_deep: false, found }
    }

    /// A whole text as one expression.
    pub(crate) fn whole(&mut self) -> Node {
        let start = self.at();
        if matches!(self.peek(), Token::End) {
            if self.found.is_empty() {
                self.error(Code::Syntax, start, "an expression is missing", "write a value, a name or a comparison");
            }
            return self.broken(start);
        }
        let node = self.statements(start, false);
        self.end();
        node
    }

    /// `fn name(a, b) { … }`
    pub(crate) fn function(&mut self) -> Option<Fun> {
        self.bump();
        let name = self.name("a function")?;
        self.expect("(")?;
        let mut parameters = Vec::new();
        while !self.is("}") && !self.eat(")") {
            parameters.push(self.name("a parameter")?);
            if !self.eat(",") && !self.is(")") {
                self.expect(")")?;
            }
        }
        if !self.is("{") {
            self.expect("{")?;
        }
        let body = self.block();
        Some(Fun { name, parameters, body })
    }

    // ---- tokens

    pub(crate) fn peek(&self) -> &Token {
        self.tokens.get(self.next).map_or(&Token::End, |l| &l.token)
    }

    pub(crate) fn peek_after(&self) -> &Token {
        self.tokens.get(self.next + 1).map_or(&Token::End, |l| &l.token)
    }

    pub(crate) fn at(&self) -> At {
        let end = self.source.text.len();
        self.tokens.get(self.next).map_or(At { start: end, end }, |l| l.at)
    }

    fn before(&self) -> At {
        self.next.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(At { start: 0, end: 0 }, |l| l.at)
    }

    pub(crate) fn bump(&mut self) -> At {
        let at = self.at();
        if self.next < self.tokens.len() {
            self.next += 1;
        }
        at
    }

    pub(crate) fn is(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Sym(s) if *s == symbol)
    }

    pub(crate) fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Word(w) if w == word)
    }

    pub(crate) fn eat(&mut self, symbol: &str) -> bool {
        let found = self.is(symbol);
        if found {
            self.bump();
        }
        found
    }

    fn expect(&mut self, symbol: &'static str) -> Option<At> {
        if self.is(symbol) {
            return Some(self.bump());
        }
        if self.comma_in_number() {
            return None;
        }
        let at = self.at();
        let found = self.shown();
        self.error(
            Code::Syntax,
            at,
            format!("`{symbol}` is missing before {found}"),
            format!("put `{symbol}` where this expression should go on"),
        );
        None
    }

    /// The next token as people would name it.
    fn shown(&self) -> String {
        let at = self.at();
        match self.source.text.get(at.start..at.end) {
            Some(text) if !text.is_empty() => format!("`{text}`"),
            _ => "the end".to_owned(),
        }
    }

    pub(crate) fn error(&mut self, code: Code, at: At, message: impl Into<String>, help: impl Into<String>) {
        let place = self.source.place(at.start, at.end);
        if self.found.iter().any(|d| d.place.as_ref() == Some(&place)) {
            return;
        }
        self.found.push(Diagnostic::error(code, message, place).help(help));
    }

    pub(crate) fn broken(&self, at: At) -> Node {
        Node { ast: Ast::Broken, at, depth: 0 }
    }

    fn node(&mut self, ast: Ast, at: At, below: impl IntoIterator<Item = usize>) -> Node {
        let depth = below.into_iter().max().map_or(0, |d| d + 1);
        if depth > MAX_DEPTH {
            self.deep(at);
            return self.broken(at);
        }
        Node { ast, at, depth }
    }

    fn deep(&mut self, at: At) {
        if !self.too_deep {
            self.too_deep = true;
            self.error(
                Code::TooLarge,
                at,
                format!("the expression is more than {MAX_DEPTH} operators, parentheses or `else if` deep"),
                "give parts of it a name of their own, or make a table of it",
            );
        }
        self.next = self.tokens.len();
    }

    /// What is left at the end does not belong.
    pub(crate) fn end(&mut self) {
        if matches!(self.peek(), Token::End) || self.comma_in_number() || self.known_leftover() {
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
    fn known_leftover(&mut self) -> bool {
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

    fn range(&mut self, at: At) {
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
        self.error(
            Code::Syntax,
            start.to(end),
            format!("`{written}` has commas between its thousands"),
            format!("write `{}`", written.replace([',', '，'], "")),
        );
        true
    }

    /// Skips to where reading can go on: a closing bracket, a comma or a semicolon of this level.
    fn recover(&mut self) {
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

    // ---- statements

    /// `let a = …; … value`, up to `}` when inside a block, else up to the end.
    fn statements(&mut self, start: At, inside: bool) -> Node {
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

    fn binding(&mut self) -> Option<(Word, Node)> {
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

    fn name(&mut self, of: &str) -> Option<Word> {
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

    fn may_be_a_name(&mut self, word: &str, at: At) -> bool {
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

    // ---- expressions

    pub(crate) fn expression(&mut self) -> Node {
        self.binary(0)
    }

    /// An expression without comparisons, `&&` and `||`: what a cell compares with.
    pub(crate) fn arithmetic(&mut self) -> Node {
        self.binary(130)
    }

    /// Where reading stands, to come back to.
    pub(crate) fn mark(&self) -> (usize, usize) {
        (self.next, self.found.len())
    }

    /// Back to a mark, as if nothing had been read since.
    pub(crate) fn reset(&mut self, (next, found): (usize, usize)) {
        self.next = next;
        self.found.truncate(found);
    }

    /// Leaves the rest unread.
    pub(crate) fn drain(&mut self) {
        self.next = self.tokens.len();
    }

    fn binary(&mut self, weakest: u8) -> Node {
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

    /// Whether `name =` begins a statement rather than a slip for `==`.
    fn assigns(&self, left: &Node) -> bool {
        matches!(left.ast, Ast::Name(_))
            && self.tokens.get(self.next..).unwrap_or(&[]).iter().any(|l| l.token == Token::Sym(";"))
    }

    fn combine(&mut self, symbol: &'static str, op: At, left: Node, right: Node) -> Node {
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

    /// Operators of Rhai or of other languages: reported, and read as what was meant where that is clear.
    fn not_ours(&mut self, symbol: &str, at: At, left: Box<Node>, right: Box<Node>) -> Ast {
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

    fn unary(&mut self) -> Node {
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

    fn unary_inner(&mut self) -> Node {
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

    fn postfix(&mut self, mut node: Node) -> Node {
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

    fn recover_group(&mut self) {
        self.bump();
        loop {
            self.recover();
            if !(self.eat(",") || self.eat(";")) {
                break;
            }
        }
        self.bump();
    }

    fn name_after_dot(&mut self, dot: At) -> Option<Word> {
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

    fn primary(&mut self) -> Node {
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

    fn group(&mut self, open: At) -> Node {
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
    fn close(&mut self, symbol: &'static str, open: At) {
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

    fn list(&mut self, open: At) -> Node {
        self.bump();
        let items = self.items("]", open);
        let at = open.to(self.before());
        let below: Vec<usize> = items.iter().map(|i| i.depth).collect();
        self.node(Ast::List(items), at, below)
    }

    fn arguments(&mut self) -> (Vec<Node>, At) {
        let open = self.bump();
        let items = self.items(")", open);
        (items, self.before())
    }

    fn items(&mut self, symbol: &'static str, open: At) -> Vec<Node> {
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

    /// `max(1,000, x)`: a group `000` is never a value of its own.
    pub(crate) fn thousands(&mut self, items: &[Node]) -> bool {
        let zeros =
            self.tokens.get(self.next + 1).is_some_and(|l| self.source.text.get(l.at.start..l.at.end) == Some("000"));
        zeros && matches!(items.last(), Some(Node { ast: Ast::Int(_), .. })) && self.comma_in_number() && {
            self.eat(",");
            true
        }
    }

    fn block(&mut self) -> Node {
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

    fn body(&mut self, of: &str) -> Node {
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

    fn word(&mut self, word: &str, at: At) -> Node {
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
    fn dotted(&mut self, start: At) -> Node {
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

    /// Skips the rest of a dotted name and its arguments.
    fn recover_name(&mut self) {
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

    fn choice(&mut self, start: At) -> Node {
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

    fn switch(&mut self, start: At) -> Node {
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

    fn case(&mut self) -> Option<Case> {
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

    fn misplaced(&mut self, symbol: &'static str, at: At) -> Node {
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
}

impl Node {
    fn with_depth(mut self, depth: usize) -> Self {
        self.depth = self.depth.max(depth);
        self
    }
}

/// Words of Rhai that begin what an expression cannot do, and what to do instead.
fn outside(word: &str) -> Option<&'static str> {
    Some(match word {
        "for" | "while" | "loop" | "do" | "until" | "break" | "continue" => {
            "count and sum with a measure; a loop belongs into a script's function"
        }
        "return" => "end with the value itself: `let x = a; x + 1`",
        "throw" | "try" | "catch" => "say what holds instead with `if c { a } else { b }`",
        "const" => "write `let`",
        "fn" | "Fn" | "private" => "write the function in a script and name it under `functions:`",
        "import" | "export" | "eval" | "print" | "debug" => "an expression sees only facts, parameters and functions",
        "null" | "nil" | "void" => "ask `is_given(x)`, or give a value for a missing one with `x ?? y`",
        _ => return None,
    })
}
