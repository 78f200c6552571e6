//! Comparisons and `in`.

use super::checker::{Checker, article};
use super::typed::Typed;
use crate::diag::Code;
use crate::lang::expr::{CompareOp, Kind};
use crate::lang::is_currency;
use crate::lang::syntax::ast::{Ast, At, Node};
use crate::lang::types::{Base, Type};

impl Checker<'_> {
    pub(crate) fn compare(
        &mut self,
        op: CompareOp,
        a: Typed,
        b: Typed,
        nodes: (&Node, &Node),
        at: At,
    ) -> Option<Typed> {
        let ordered = !matches!(op, CompareOp::Equal | CompareOp::NotEqual);
        if ordered && matches!(nodes.0.ast, Ast::Compare(..)) {
            let middle = match &nodes.0.ast {
                Ast::Compare(_, _, middle) => self.written(middle.at).to_owned(),
                _ => String::new(),
            };
            let first = self.written(nodes.0.at).to_owned();
            let rest = self.text.text.get(nodes.0.at.end..at.end).unwrap_or("").trim().to_owned();
            let message = "comparisons cannot be chained".to_owned();
            self.error(Code::WrongType, at, message, format!("write `{first} && {middle} {rest}`"));
            return None;
        }
        self.no_currency(nodes.0, nodes.1);
        self.no_currency(nodes.1, nodes.0);
        let (pair, base) = self.unify(vec![(a, nodes.0.at), (b, nodes.1.at)], "both sides of a comparison")?;
        if ordered && !base.is_ordered() {
            let message = format!("{} has no order: `{}`", article(&base), self.written(at));
            self.error(Code::WrongType, at, message, "compare with `==`, `!=` or `in [...]`");
            return None;
        }
        if matches!(base, Base::List(_)) {
            let message = format!("lists cannot be compared: `{}`", self.written(at));
            self.error(Code::WrongType, at, message, "ask `x in list`");
            return None;
        }
        let [a, b] = <[Typed; 2]>::try_from(pair).ok()?;
        let kind = Kind::Compare(op, Box::new(a.expr), Box::new(b.expr));
        Some(Typed::of(self.expr(kind, Type::of(Base::Bool), at)))
    }

    /// `invoice.currency == "US$"` never holds: the book knows currencies by three capital letters.
    fn no_currency(&mut self, fact: &Node, text: &Node) {
        let Ast::Text(currency) = &text.ast else { return };
        if is_currency(currency) || !self.written(fact.at).ends_with(".currency") {
            return;
        }
        let code = match &**currency {
            "$" | "US$" | "USD$" => "USD".to_owned(),
            "€" => "EUR".to_owned(),
            "£" => "GBP".to_owned(),
            "¥" | "￥" | "RMB¥" | "元" | "人民币" => "CNY".to_owned(),
            other => other.trim().to_ascii_uppercase(),
        };
        let help = match is_currency(&code) {
            true => format!("write `\"{code}\"`"),
            false => "write its code, as in `\"USD\"`".to_owned(),
        };
        let message = format!("`{currency}` is no currency: they are written in three capital letters");
        self.error(Code::UnknownValue, text.at, message, help);
    }

    pub(crate) fn within(&mut self, item: Typed, list: Typed, ats: (At, At), at: At) -> Option<Typed> {
        let Base::List(of) = list.base().clone() else {
            let message = format!("`in` looks into a list, and `{}` is {}", self.written(ats.1), article(list.base()));
            self.error(Code::WrongType, ats.1, message, "write `x in [a, b]`");
            return None;
        };
        let (item, list) = if let Kind::List(items) = list.expr.kind {
            let mut all = vec![(item, ats.0)];
            for expr in items {
                let bare = matches!(expr.kind, Kind::Lit(_));
                all.push((Typed { bare, ..Typed::of(expr) }, ats.1));
            }
            let (mut all, base) = self.unify(all, "a value and the list it is looked for in")?;
            if all.is_empty() {
                return None;
            }
            let item = all.remove(0);
            let ty = Type::of(Base::List(Box::new(base)));
            let items = all.into_iter().map(|t| t.expr).collect();
            (item.expr, self.expr(Kind::List(items), ty, ats.1))
        } else {
            let item = self.coerce(item, &of, ats.0)?;
            (item.expr, list.expr)
        };
        let kind = Kind::In(Box::new(item), Box::new(list));
        Some(Typed::of(self.expr(kind, Type::of(Base::Bool), at)))
    }

    #[inline(never)]
    pub(crate) fn list(&mut self, items: &[Node], at: At) -> Option<Typed> {
        let checked: Vec<Option<(Typed, At)>> = items.iter().map(|i| self.operand(i).map(|t| (t, i.at))).collect();
        let all: Vec<(Typed, At)> = checked.into_iter().collect::<Option<_>>()?;
        if all.is_empty() {
            self.error(Code::WrongType, at, "a list needs at least one value", "write `[a, b]`");
            return None;
        }
        if all.iter().any(|(t, _)| matches!(t.base(), Base::List(_))) {
            self.error(Code::WrongType, at, "a list cannot hold lists", "write all values into one list");
            return None;
        }
        let (all, base) = self.unify(all, "the values of a list")?;
        let items = all.into_iter().map(|t| t.expr).collect();
        Some(Typed::of(self.expr(Kind::List(items), Type::of(Base::List(Box::new(base))), at)))
    }
}
